"""Plant: the cryostat behind the board's connectors; waveforms in, echoes out, truth inside.

It knows generators, readouts and DC sources by their index or output, never by what a pulse was called. Between two
readouts it follows the joint state of the qubits and the occupation of the line; both together while a coupler is on.
"""

from dataclasses import dataclass, field, replace

import numpy as np
from numpy.typing import NDArray

from ...sequences.errors import ModelError
from .board.boards import BOARD
from .board.output import Repetition
from .cycle import Cycle
from .dispersive import echoes
from .dynamics import LEVELS, Dynamics
from .trial import heard
from .truth import Truth

State = NDArray[np.complex128]
Trace = NDArray[np.float64]


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
        """Of the line's bath (K)."""
        return self.dynamics.line_temperature

    @line_temperature.setter
    def line_temperature(self, kelvin: float) -> None:
        self.dynamics.warm(kelvin)

    def drift(self, time: float) -> None:
        """Let everything but the line's temperature drift to where it is at `time` (s since 1970)."""
        self.dynamics.drift(self.truth.drifted(time))

    def measure(self, repetition: Repetition, shots: int) -> State:
        """Accumulated echoes of each window, shape (shots, windows), in a repetition that has gone on for long."""
        cycle, drifted = self.cycle(repetition), self.dynamics.drifted
        tones = [wave for wave in repetition.played if self.truth.generators.get(wave.generator) == "tones"]
        tones = [replace(tone, phase=tone.phase + drifted.board_phase[tone.generator // BOARD]) for tone in tones]
        result, column = np.empty((shots, len(repetition.windows)), complex), 0
        for trial, joint in zip(cycle.trials, cycle.populations(), strict=True):
            levels = self._draw(joint, shots)
            for window, start in zip(trial.windows, trial.starts, strict=True):
                qubit = self.truth.readouts[window.readout]
                resonator, model = self.truth.resonators[qubit], self.truth.device.qubits[qubit].transmon
                ahead = drifted.readout_phase[qubit] - drifted.board_phase[window.readout // BOARD]
                result[:, column] = echoes(
                    levels[qubit],
                    rates=cycle.rates,
                    qubit=qubit,
                    resonator=replace(resonator, phase=resonator.phase + ahead),
                    resonances=resonator.resonances(cycle.frequency(qubit), model.anharmonicity, LEVELS),
                    window=window,
                    tones=heard(tones, window, resonator.delay),
                    rng=self.rng,
                    lead=start - trial.start,
                )
                column += 1
        self.error = cycle.error
        return result

    def cycle(self, repetition: Repetition) -> Cycle:
        """How the qubits and the line go through `repetition` with the biases as they are."""
        volts = {line: self.biases.get(source, 0.0) for source, line in self.truth.sources.items()}
        return Cycle(self.dynamics, repetition, volts)

    def _draw(self, joint: Trace, shots: int) -> list[NDArray[np.int64]]:
        """Levels of each qubit in each shot. joint: Populations, shape (levels,) * Q."""
        edges = np.cumsum(np.clip(joint, 0, None).ravel())
        drawn = np.searchsorted(edges / edges[-1], self.rng.random(shots), side="right")
        return [np.asarray(axis) for axis in np.unravel_index(np.minimum(drawn, joint.size - 1), joint.shape)]
