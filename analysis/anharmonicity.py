"""Anharmonicity fit: the frequency at which a pulse takes a qubit from e to f."""

from dataclasses import dataclass
from typing import Final

import numpy as np
from numpy.typing import NDArray

from ..sequences.errors import FitRejected
from .bootstrap import Measured
from .least_squares import Guess, fitted
from .linear import weights
from .trace import Trace

Array = NDArray[np.float64]
HINT: Final = "scan a wider range, take more shots, or tune the pi pulse first"
FAINTEST: Final = 8.0
"""Height over its error: what a search among noise does not find."""
TURNS: Final = (0.6, 1.5)
"""What the pulse's area over that of a pi pulse may be."""
BEYOND: Final = 20e3
"""By how much the transition from g to e, driven too, moves the one from e to f (Hz)."""
_STEPS: Final = 48


@dataclass(frozen=True, kw_only=True)
class AnharmonicityFit:
    """frequency: From e to f (Hz). anharmonicity: That less the one from g to e (Hz). chi2: Per degree of freedom."""

    frequency: Measured
    anharmonicity: Measured
    chi2: float
    traces: tuple[Trace, ...]


def fit_anharmonicity(frequencies: Array, read: Array, error: Array, duration: float, first: float) -> AnharmonicityFit:
    """Fit the line that a raised cosine of `duration` (s) makes in `read` (ADC) at `frequencies` (Hz).

    first: From g to e (Hz). FitRejected if there is no line, or not all of it.
    """

    def model(x: Array, centre: float, turn: float, floor: float, height: float) -> Array:
        return floor + height * transferred(x - centre, duration, turn)

    shapes = [np.stack([np.ones_like(read), transferred(frequencies - f, duration, 1.0)]) for f in frequencies]
    best = int(np.argmin([weights(shape, read, error)[1] for shape in shapes]))
    (floor, height), _ = weights(shapes[best], read, error)
    low, high = float(frequencies.min()) + 1 / duration, float(frequencies.max()) - 1 / duration
    if not low < frequencies[best] < high:
        raise FitRejected(f"anharmonicity: no whole line between {low / 1e9:.6g} and {high / 1e9:.6g} GHz", HINT)
    guesses = {
        "centre": Guess(value=float(frequencies[best]), low=low, high=high),
        "turn": Guess(value=1.0, low=TURNS[0], high=TURNS[1]),
        "floor": Guess(value=float(floor)),
        "height": Guess(value=float(height)),
    }
    found = fitted(model, frequencies, read, error, guesses, "anharmonicity", hint=HINT)
    if abs(found["height"].value) < FAINTEST * found["height"].error:
        raise FitRejected(f"anharmonicity: a line of {found['height']} ADC is no more than noise", HINT)
    trace = Trace.through(
        lambda fine: model(fine, **found.numbers),
        x=frequencies,
        read=read,
        error=error,
        title="From e to f",
        x_name="drive frequency",
        x_unit="Hz",
        y_name="mean echo",
        y_unit="ADC",
    )
    centre = Measured(found["centre"].value, float(np.hypot(found["centre"].error, BEYOND)))
    return AnharmonicityFit(
        frequency=centre,
        anharmonicity=Measured(centre.value - first, centre.error),
        chi2=found.chi2,
        traces=(trace,),
    )


def transferred(detuning: Array, duration: float, turn: float) -> Array:
    """What a raised cosine of `duration` (s) moves between two levels, `detuning` (Hz) off; shape as `detuning`.

    turn: Its area over that of a pi pulse. Exact rotations on equal steps of a spinor (u, d):
    H = pi detuning s_z + (angle'/2) s_x, angle' = 2 pi turn sin^2(pi t/duration)/duration.
    """
    step = duration / _STEPS
    up, down = np.ones_like(detuning, dtype=complex), np.zeros_like(detuning, dtype=complex)
    along = np.pi * detuning * step
    for middle in (np.arange(_STEPS) + 0.5) / _STEPS:
        across = np.pi * turn / _STEPS * np.sin(np.pi * middle) ** 2
        angle = np.hypot(along, across)
        cosine, sine = np.cos(angle), np.sinc(angle / np.pi)
        up, down = (
            (cosine - 1j * sine * along) * up - 1j * sine * across * down,
            (cosine + 1j * sine * along) * down - 1j * sine * across * up,
        )
    return np.asarray(np.abs(down) ** 2)
