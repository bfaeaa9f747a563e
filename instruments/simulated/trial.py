"""Trial: one readout of some qubits, the windows that are open at the same time."""

from collections.abc import Iterable
from dataclasses import dataclass

from .board.output import Window
from .truth import Truth


@dataclass(frozen=True)
class Trial:
    """windows: In order of time. starts, ends: Of what each of them hears, at the qubit (s): earlier than the window by
    the delay of the echo. qubits: That are read.
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

    @property
    def delay(self) -> float:
        """From the first qubit's start to the last one's (s)."""
        return max(self.starts) - min(self.starts)


def trials(windows: Iterable[Window], truth: Truth) -> list[Trial]:
    """Group `windows` into trials, in order of time."""
    groups: list[list[Window]] = []
    for window in windows:
        if not groups or window.start >= groups[-1][0].start + groups[-1][0].length:
            groups.append([])
        groups[-1].append(window)
    return [_trial(group, truth) for group in groups]


def _trial(group: list[Window], truth: Truth) -> Trial:
    qubits = [truth.readouts[window.readout] for window in group]
    starts = [window.start - truth.resonators[qubit].delay for window, qubit in zip(group, qubits, strict=True)]
    ends = [start + window.length for start, window in zip(starts, group, strict=True)]
    return Trial(tuple(group), tuple(starts), tuple(ends), frozenset(qubits))
