"""True preparation: what a twin's pi pulse leaves behind when it is tuned exactly."""

from typing import Final

import numpy as np

from ..instruments.simulated.contact import LEVELS
from ..instruments.simulated.qubit_drive import drive_map
from ..physics.controls import Rates
from ..physics.lines import DriveLine
from ..sequences.pulse import Pulse
from ..sequences.sweep import resolved

_SAMPLES: Final = 400
"""Of a pi pulse."""


def preparation_error(line: DriveLine, rates: Rates, qubit: int, pulse: Pulse) -> float:
    """What is missing in e after `pulse` on g, on resonance. rates: Of the resting qubits, among them this one."""
    duration = resolved(pulse.duration)
    time = (np.arange(_SAMPLES) + 0.5) * duration / _SAMPLES
    played = resolved(pulse.amplitude) * pulse.envelope(time, duration)
    driven = drive_map(
        rates,
        qubit,
        LEVELS,
        duration=np.full(_SAMPLES, duration / _SAMPLES),
        amplitude=np.asarray(np.pi * line.rabi_rate * np.conj(played), complex),
        detuning=np.zeros(_SAMPLES),
        offset=0.0,
    )
    return 1 - float(driven.reshape((LEVELS,) * 4)[1, 1, 0, 0].real)
