"""The nearest of the words that would have been right."""

from collections.abc import Iterable
from difflib import get_close_matches


def nearest(word: str, words: Iterable[str]) -> str | None:
    """The word a person most likely meant, or None when nothing is close."""
    close = get_close_matches(word.casefold(), spelled := {w.casefold(): w for w in words}, n=1, cutoff=0.5)
    return spelled[close[0]] if close else None


def suggestion(word: str, words: Iterable[str]) -> str:
    """A hint for an unknown word: the nearest one, then all of them."""
    known = sorted(words)
    meant = nearest(word, known)
    return (f"did you mean {meant!r}? " if meant else "") + f"known: {', '.join(known) or 'none'}"
