"""Plant: the cryostat behind the board's connectors; waveforms in, echoes out, truth inside.

It knows generators, readouts and DC sources by their index or output, never by what a pulse was called. Between two
readouts it follows the joint state of the qubits and the occupation of each line; both together while couplers are on.
"""

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field, replace

import numpy as np
from numpy.typing import NDArray

from ...sequences.errors import ModelError
from .board.output import Repetition, Window
from .cycle import Cycle, forgotten
from .distribution import Distribution
from .dynamics import Dynamics
from .followed import FollowedRun
from .trial import trials
from .truth import Truth

State = NDArray[np.complex128]


@dataclass
class LinkPlant:
    """The physics of `truth`. rng: All of its randomness. biases: Volts at each DC source's output.

    error: Estimated largest error of any population in the last repetition.
    """

    truth: Truth
    rng: np.random.Generator
    biases: dict[str, float] = field(default_factory=dict)
    error: float = 0.0

    def __post_init__(self) -> None:
        self.dynamics = Dynamics(self.truth)

    def set_bias(self, source: str, volts: float) -> None:
        """Set the output of a DC source (V); ModelError if no line hangs on it."""
        if source not in self.truth.sources:
            raise ModelError(f"bias {source}", volts, f"no line hangs on it; known are {sorted(self.truth.sources)}")
        self.biases[source] = volts

    @property
    def line_temperature(self) -> float:
        """Of the lines' bath (K)."""
        return self.dynamics.line_temperature

    @line_temperature.setter
    def line_temperature(self, kelvin: float) -> None:
        self.dynamics.warm(kelvin)

    def drift(self, time: float) -> None:
        """Let everything but the line's temperature drift to where it is at `time` (s since 1970)."""
        self.dynamics.drift(self.truth.drifted(time))

    def measure(self, repetition: Repetition, shots: int) -> State:
        """Accumulated echoes of each window, shape (shots, windows), in a repetition that has gone on for long.

        ModelError if it remembers at its end how its qubits were read: then a run has to be followed, see `follow`.
        """
        return np.hstack([np.empty((shots, 0), complex), *self._heard(repetition, shots)])

    def traces(self, repetition: Repetition, windows: Sequence[Window]) -> list[State]:
        """Decimated echoes of one shot in these windows, which are in order of time; each of shape (samples,)."""
        asked = replace(repetition, windows=tuple(windows))
        return [samples[0] for samples in self._heard(asked, 1, sampled=True)]

    def _heard(self, repetition: Repetition, shots: int, *, sampled: bool = False) -> list[State]:
        """Of each window, shape (shots, parts)."""
        cycle = self.cycle(repetition)
        _check_rest(cycle)
        spread = Distribution(cycle, repetition.played, shots, self.rng)
        found = [spread.echoes(number, mean, sampled=sampled) for number, mean in enumerate(cycle.means())]
        self.error = min(1.0, cycle.error + spread.error)
        return [window for trial in found for window in trial]

    @contextmanager
    def follow(self) -> Iterator[FollowedRun]:
        """Begin a run in which every shot is answered by itself; see `FeedbackPlant`."""
        run = FollowedRun(self.dynamics, self._volts, self.rng)
        yield run
        self.error = run.error

    def remembers(self, repetition: Repetition) -> bool:
        """The first readout of a repetition finds what the last one of the repetition before has left."""
        read = trials(repetition, self.truth)
        if not read:
            return False
        rest = read[0].start + repetition.period - read[-1].start
        return not forgotten(self.dynamics.rest(self._volts).rates, rest)

    def cycle(self, repetition: Repetition) -> Cycle:
        """How the qubits and the line go through `repetition` with the biases as they are."""
        return Cycle(self.dynamics, repetition, self._volts)

    @property
    def _volts(self) -> dict[str, float]:
        return {line: self.biases.get(source, 0.0) for source, line in self.truth.sources.items()}


def _check_rest(cycle: Cycle) -> None:
    """ModelError if the first readout of a repetition would remember the last one of the repetition before."""
    if cycle.trials and not cycle.forgotten(len(cycle.trials) - 1):
        rest = cycle.trials[0].start + cycle.period - cycle.trials[-1].start
        slowest = int(np.argmin(cycle.rates.relaxation))
        why = f"qubit {slowest} remembers its last readout; rest {7 / cycle.rates.relaxation[slowest]:.3g} s or more"
        raise ModelError("time between the readouts of two repetitions (s)", rest, why)
