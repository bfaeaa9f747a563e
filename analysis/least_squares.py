"""Least squares: a model fitted to points with known errors, and refused where it does not describe them."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any, Final

import lmfit
import numpy as np
from numpy.typing import NDArray
from scipy.stats import chi2

from ..sequences.errors import FitRejected
from .bootstrap import Measured

Array = NDArray[np.float64]
Model = Callable[..., Array]
WORST_CHI2: Final = 3.0
"""Per degree of freedom; above it a model does not describe its data, however many they are."""
CHANCE: Final = 1e-4
"""How often a right model may be refused because it has few data."""


@dataclass(frozen=True, kw_only=True)
class Guess:
    """Where a parameter starts, and the range that makes sense for it."""

    value: float
    low: float = -np.inf
    high: float = np.inf


@dataclass(frozen=True, kw_only=True)
class Fitted:
    """values: Of each parameter. chi2: Per degree of freedom. covariance: In the order of `values`."""

    values: Mapping[str, Measured]
    chi2: float
    covariance: Array

    def __getitem__(self, name: str) -> Measured:
        return self.values[name]

    @property
    def numbers(self) -> dict[str, float]:
        """Values without their errors, as arguments for the model."""
        return {name: measured.value for name, measured in self.values.items()}


def fitted(
    model: Model, x: Array, read: Array, error: Array, guesses: Mapping[str, Guess], what: str, *, hint: str
) -> Fitted:
    """Fit `model(x, **parameters)` to `read` (real or complex, errors per quadrature) with standard errors `error`.

    what, hint: What the fit is of, and what to do if it is refused. FitRejected if the model does not describe the
    data, a parameter ends on the edge of its range, or the data do not determine it. Errors grow by sqrt(chi2) above 1:
    what the model leaves out widens them.
    """
    if not (np.isfinite(read).all() and np.isfinite(error).all() and (error > 0).all()):
        raise FitRejected(f"{what}: the data hold numbers that are not finite", "repeat the measurement")

    def residual(parameters: lmfit.Parameters) -> Array:
        miss = (model(x, **parameters.valuesdict()) - read) / error
        return np.concatenate([miss.real, miss.imag]) if np.iscomplexobj(miss) else np.asarray(miss)

    parameters = lmfit.Parameters()
    for name, guess in guesses.items():
        parameters.add(name, guess.value, min=guess.low, max=guess.high)
    result = lmfit.minimize(residual, parameters, scale_covar=False)
    _check(result, guesses, what, hint)
    growth = np.sqrt(max(1.0, float(result.redchi)))
    values = {name: Measured(float(p.value), float(p.stderr) * growth) for name, p in result.params.items()}
    return Fitted(values=values, chi2=float(result.redchi), covariance=np.asarray(result.covar) * growth**2)


def _check(result: Any, guesses: Mapping[str, Guess], what: str, hint: str) -> None:
    if not result.success or not result.errorbars:
        raise FitRejected(f"{what}: the data do not determine the fit", hint)
    worst = max(WORST_CHI2, float(chi2.isf(CHANCE, result.nfree)) / result.nfree)
    if result.redchi > worst:
        left = f"{result.redchi:.3g} per degree of freedom, limit {worst:.3g}"
        raise FitRejected(f"{what}: the model leaves chi^2 = {left}", hint)
    for name, guess in guesses.items():
        value, error = float(result.params[name].value), float(result.params[name].stderr)
        span = guess.high - guess.low
        if np.isfinite(span) and min(value - guess.low, guess.high - value) < 1e-6 * span:
            edges = f"[{guess.low:.6g}, {guess.high:.6g}]"
            raise FitRejected(f"{what}: {name} = {value:.6g} lies on the edge of {edges}", hint)
        if not np.isfinite(error):
            raise FitRejected(f"{what}: {name} has no finite error", hint)
