"""True preparation: what a twin's pi pulse leaves behind when it is tuned exactly."""

from typing import Final

import numpy as np

from ..instruments.simulated.board.output import Played
from ..instruments.simulated.dynamics import LEVELS, Dynamics
from ..physics.controls import Rates
from ..sequences.pulse import Pulse
from ..sequences.sweep import resolved

_SAMPLES: Final = 400
"""Of a pi pulse."""


def preparation_error(dynamics: Dynamics, rates: Rates, qubit: int, pulse: Pulse, frequency: float) -> float:
    """What is missing in e after `pulse` on g. rates: Of the resting qubits. frequency: Of this one (Hz)."""
    duration = resolved(pulse.duration)
    time = (np.arange(_SAMPLES) + 0.5) * duration / _SAMPLES
    wave = Played(
        generator=0,
        start=0.0,
        sample_rate=_SAMPLES / duration,
        envelope=resolved(pulse.amplitude) * pulse.envelope(time, duration),
        oscillator=0.0,
        frequency=frequency,
        phase=0.0,
    )
    played = dynamics.drive(rates, qubit, wave, np.zeros(_SAMPLES), frequency)
    return 1 - float(played.reshape((LEVELS,) * 4)[1, 1, 0, 0].real)
