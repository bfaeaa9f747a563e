"""Echo fit: models of complex echoes, fitted as real numbers; and a first fit in which outliers count little."""

from collections.abc import Callable, Iterable, Mapping
from typing import Final

import numpy as np
from numpy.typing import NDArray
from scipy.optimize import least_squares

from .bootstrap import Measured
from .least_squares import Array, Fitted, Guess, fitted

Echo = NDArray[np.complex128]
EchoModel = Callable[..., Echo]
NOTHING: Final[Mapping[str, Measured]] = {}
_FAR: Final = 1.0
"""Standard errors from where a point begins to count less."""
_CALLS: Final = 60


def fitted_echo(
    model: EchoModel,
    x: Array,
    echo: Echo,
    error: Array,
    guesses: Mapping[str, Guess],
    what: str,
    *,
    hint: str,
    before: Mapping[str, Measured] = NOTHING,
) -> Fitted:
    """`fitted` for a complex `echo` with errors of each quadrature, shape (N,).

    before: What was known of some parameters beforehand; it counts as further data.
    """

    def parts(at: Array, **parameters: float) -> Array:
        return np.concatenate([_parts(model(at, **parameters)), [parameters[name] for name in before]])

    read = np.concatenate([_parts(echo), [known.value for known in before.values()]])
    errors = np.concatenate([np.tile(error, 2), [known.error for known in before.values()]])
    return fitted(parts, x, read, errors, guesses, what, hint=hint)


def robust_start(
    model: EchoModel,
    x: Array,
    read: Echo,
    error: Array,
    starts: Iterable[Mapping[str, float]],
    ranges: Mapping[str, tuple[float, float]],
    before: Mapping[str, Measured] = NOTHING,
) -> tuple[dict[str, Guess], Array]:
    """Guesses for `fitted_echo`, from the best of `starts`, and errors as wide as the model misses single points.

    For models that are known to fail at some places, which the data must show. `before`: See `fitted_echo`.
    """
    names = list(ranges)

    def miss(values: Array) -> Array:
        parameters = dict(zip(names, map(float, values), strict=True))
        away = [(parameters[name] - known.value) / known.error for name, known in before.items()]
        return np.concatenate([_parts((model(x, **parameters) - read) / error), away])

    bounds = ([low for low, _ in ranges.values()], [high for _, high in ranges.values()])
    found = [
        least_squares(
            miss, [start[name] for name in names], bounds=bounds, loss="soft_l1", f_scale=_FAR, max_nfev=_CALLS
        )
        for start in starts
    ]
    best = min(found, key=lambda result: float(result.cost))
    squared = (miss(best.x)[: 2 * len(x)] ** 2).reshape(2, -1).sum(axis=0) / 2
    guesses = {
        name: Guess(value=float(value), low=ranges[name][0], high=ranges[name][1])
        for name, value in zip(names, best.x, strict=True)
    }
    return guesses, error * (1 + squared / _FAR**2) ** 0.25


def _parts(echo: Echo) -> Array:
    """Real parts, then imaginary ones."""
    return np.concatenate([echo.real, echo.imag])
