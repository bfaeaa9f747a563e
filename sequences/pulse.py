"""Pulse: an envelope with duration, amplitude, carrier and phase."""

from dataclasses import dataclass

from .envelope import Envelope
from .sweep import Number


@dataclass(frozen=True, kw_only=True)
class Pulse:
    """What one line plays once.

    duration: Start to end (s).
    amplitude: Fraction of the converter's range, -1 to 1.
    envelope: Shape between start and end.
    frequency: Carrier (Hz); 0 on a flux line.
    phase: Of the carrier, at the reference of the schedule (rad); 0 on a flux line.
    """

    duration: Number
    amplitude: Number
    envelope: Envelope
    frequency: Number = 0.0
    phase: Number = 0.0


@dataclass(frozen=True, kw_only=True)
class ReadoutPulse:
    """A tone and the window in which its echo is integrated.

    duration: Of the tone (s). amplitude: Fraction of the converter's range. frequency: (Hz).
    delay: From the tone's start to the window's (s). window: Length of the integration (s).
    """

    duration: float
    amplitude: float
    frequency: float
    delay: float
    window: float
