"""Node: a transmon and the transfer resonator through which the f0-g1 drive lets its excitation out."""

import math
from dataclasses import dataclass

from ...sequences.errors import ModelError
from ..scale import FREQUENCY, RATE
from .qutrit import Qutrit


@dataclass(frozen=True, kw_only=True)
class TransferResonator:
    """The resonator between a transmon and the line.

    frequency: With the transmon in g (Hz). kappa: Linewidth into the line (rad/s).
    internal: Linewidth into a bath of its own (rad/s). internal_occupation: Of that bath.
    pull_e, pull_f: Frequency with the transmon in e, in f, minus that in g (rad/s): 2 chi and about 4 chi, negative.
    """

    frequency: float
    kappa: float
    internal: float = 0.0
    internal_occupation: float = 0.0
    pull_e: float = 0.0
    pull_f: float = 0.0

    def __post_init__(self) -> None:
        for name in ("frequency", "kappa"):
            if not 0 < getattr(self, name) < math.inf:
                raise ModelError(f"resonator {name}", getattr(self, name), "must be positive and finite")
        FREQUENCY.one("resonator frequency (Hz)", self.frequency)
        RATE.one("resonator kappa (rad/s)", self.kappa)
        for name in ("internal", "internal_occupation"):
            if not 0 <= getattr(self, name) < math.inf:
                why = "must not be negative, and finite; 0 turns it off"
                raise ModelError(f"resonator {name}", getattr(self, name), why)
        for name in ("pull_e", "pull_f"):
            if not math.isfinite(getattr(self, name)):
                raise ModelError(f"resonator {name}", getattr(self, name), "must be a number of rad/s")


@dataclass(frozen=True, kw_only=True)
class Node:
    """One end of the link.

    stark: The drive's ac Stark shift of f is stark |g~|^2 (rad/s) (Zeytinoglu et al., PRA 91, 043846, 2015); (s).
    swap: Duration of the pulse that exchanges e and f before sending or after catching (s); 0 is a perfect exchange.
    """

    qutrit: Qutrit
    resonator: TransferResonator
    stark: float = 0.0
    swap: float = 0.0

    def __post_init__(self) -> None:
        if not math.isfinite(self.stark):
            raise ModelError("node stark", self.stark, "must be a number of seconds: shift (rad/s) over |g~|^2")
        shortest = 1 / abs(self.qutrit.anharmonicity)
        if not (self.swap == 0 or shortest <= self.swap < math.inf):
            why = f"a pulse shorter than 1/|anharmonicity| = {shortest:.3g} s turns g and e too; lengthen it, or give 0"
            raise ModelError("node swap (s)", self.swap, why)

    @property
    def drive_frequency(self) -> float:
        """Of the f0-g1 tone at small amplitude (Hz): 2 f_ge + anharmonicity - f_resonator."""
        return 2 * self.qutrit.frequency + self.qutrit.anharmonicity - self.resonator.frequency
