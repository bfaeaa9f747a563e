"""Trial: one readout of some qubits, the windows that are open at the same time."""

from collections.abc import Iterable
from dataclasses import dataclass

from ...sequences.errors import ModelError
from .board.output import Played, Repetition, Window
from .truth import Truth


@dataclass(frozen=True)
class Trial:
    """windows: In order of time. starts, ends: Of what each of them hears, at the qubit (s): earlier than the window by
    the delay of the echo, but not before there is a tone. qubits: That are read.
    """

    windows: tuple[Window, ...]
    starts: tuple[float, ...]
    ends: tuple[float, ...]
    qubits: frozenset[int]

    @property
    def start(self) -> float:
        """When the first qubit begins to be read (s)."""
        return min(self.starts)

    @property
    def end(self) -> float:
        """When the last qubit is done (s)."""
        return max(self.ends)


def trials(repetition: Repetition, truth: Truth) -> list[Trial]:
    """Group the windows of `repetition` into trials, in order of time."""
    groups: list[list[Window]] = []
    for window in repetition.windows:
        if not groups or window.start >= groups[-1][0].start + groups[-1][0].length:
            groups.append([])
        groups[-1].append(window)
    tones = [wave for wave in repetition.played if truth.generators.get(wave.generator) == "tones"]
    return [_trial(group, tones, truth) for group in groups]


def heard(tones: Iterable[Played], window: Window, delay: float) -> list[Played]:
    """Tones whose echo, `delay` (s) later, overlaps with `window`."""
    return [
        tone
        for tone in tones
        if tone.start + delay < window.start + window.length and window.start < tone.start + tone.duration + delay
    ]


def _trial(group: list[Window], tones: list[Played], truth: Truth) -> Trial:
    qubits = [_qubit(window, truth) for window in group]
    delays = [truth.resonators[qubit].delay for qubit in qubits]
    starts = [_begin(window, heard(tones, window, delay), delay) for window, delay in zip(group, delays, strict=True)]
    ends = [window.start - delay + window.length for window, delay in zip(group, delays, strict=True)]
    return Trial(tuple(group), tuple(starts), tuple(ends), frozenset(qubits))


def _qubit(window: Window, truth: Truth) -> int:
    """That a window reads; ModelError if nothing is wired to its readout."""
    if window.readout not in truth.readouts:
        why = f"no resonator is wired to it; trigger one of {sorted(truth.readouts)}"
        raise ModelError("readout", window.readout, why)
    return truth.readouts[window.readout]


def _begin(window: Window, tones: list[Played], delay: float) -> float:
    """When what `window` hears first was at the qubit (s)."""
    return max(window.start - delay, min((tone.start for tone in tones), default=window.start - delay))
