"""Stretches of events with the same words are found by comparing words, not only their hashes."""

import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays

from coldlink.instruments.simulated.board.repetitions.alike import alike

COLUMNS = np.array([1, 2])


@settings(deadline=None)  # The first example compiles.
@given(st.data())
def test_two_stretches_are_alike_only_if_all_their_words_are(data: st.DataObject) -> None:
    words = data.draw(arrays(np.int64, (40, 3), elements=st.integers(0, 1)))
    stop = np.array(sorted(data.draw(st.sets(st.integers(0, 40), min_size=1))))
    first = np.concatenate([[0], stop[:-1]])
    origins = data.draw(arrays(np.int64, stop.size, elements=st.integers(0, 3)))
    rows = []
    for begin, end, origin in zip(first, stop, origins, strict=True):
        own = words[begin:end, COLUMNS] - [origin, 0]
        rows.append((own.shape, own.tobytes()))
    index, kinds = alike(words, COLUMNS, 1, first, stop, origins)
    distinct = list(dict.fromkeys(rows))
    assert kinds.tolist() == [distinct.index(row) for row in rows]
    assert index.tolist() == [rows.index(row) for row in distinct]


def test_words_of_the_same_hash_are_told_apart() -> None:
    # One bit at the top of the first word is lost in a product modulo 2^64 with an even factor, and none may be lost.
    words = np.array([[0, 1 << 62, 0], [0, -(1 << 62), 0], [0, 1 << 62, 0]], np.int64)
    first = np.arange(3)
    index, kinds = alike(words, COLUMNS, 0, first, first + 1, first)
    assert (index.tolist(), kinds.tolist()) == ([0, 1], [0, 1, 0])
