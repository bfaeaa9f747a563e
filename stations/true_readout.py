"""True readout: how often a twin's readout is wrong, by drawing many of its echoes."""

from dataclasses import replace
from typing import Final

import numpy as np
from numpy.typing import NDArray

from ..instruments.simulated.board.output import Played, Window
from ..instruments.simulated.dispersive import echoes
from ..physics.controls import Rates
from ..physics.lines import Resonator
from ..sequences.pulse import ReadoutPulse
from ..sequences.target import Clock

_SHOTS: Final = 300_000
"""Of each state: an error of less than 1e-3, half of what a readout calibration tells."""
_NEVER: Final = 1e-9
"""Part of its rates with which a qubit stays where it is."""


def readout_errors(
    resonator: Resonator, resonances: NDArray[np.float64], rates: Rates, qubit: int, tone: ReadoutPulse, clock: Clock
) -> tuple[float, float]:
    """P(1|0) and P(0|1) of a tone halfway between the resonances, with the threshold halfway between the echoes.

    resonances: Of each level (Hz). clock: Of the window.
    """
    frequency = float(resonances[:2].mean())
    played = Played(
        generator=0,
        start=0.0,
        sample_rate=1 / tone.duration,
        envelope=np.array([tone.amplitude], complex),
        oscillator=0.0,
        frequency=frequency,
        phase=0.0,
    )
    window = Window(
        readout=0,
        start=resonator.delay,
        length=tone.window,
        samples=round(tone.window * clock.frequency),
        frequency=frequency,
        phase=0.0,
    )

    def heard(levels: list[int], shots: int, noise: float, jumping: float) -> NDArray[np.complex128]:
        return echoes(
            np.repeat(levels, shots),
            rates=replace(rates, relaxation=jumping * rates.relaxation),
            qubit=qubit,
            resonator=replace(resonator, noise=noise * resonator.noise),
            resonances=resonances,
            window=window,
            tones=[played],
            rng=np.random.default_rng(0),
        )[0][:, 0]

    ground, excited = heard([0, 1], 1, 0.0, _NEVER)
    axis = np.conj(excited - ground)
    read = ((heard([0, 1], _SHOTS, 1.0, 1.0) - (ground + excited) / 2) * axis).real > 0
    return float(read[:_SHOTS].mean()), float(1 - read[_SHOTS:].mean())
