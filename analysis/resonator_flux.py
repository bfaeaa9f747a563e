"""Resonator against flux: where a qubit stands on its flux curve, from how far it pulls its readout resonator."""

from dataclasses import dataclass, replace
from functools import partial
from itertools import product
from typing import Final

import numpy as np
from numpy.typing import NDArray

from ..physics.lines import FluxLine
from ..physics.transmon import Transmon
from ..sequences.errors import FitRejected
from ..sequences.units import GHz, MHz
from .bootstrap import Measured
from .echo_fit import EchoModel, fitted_echo, robust_start
from .heated_echo import HeatedEcho
from .trace import Trace

Array = NDArray[np.float64]
Echo = NDArray[np.complex128]
_OFFSETS: Final = np.linspace(-0.45, 0.45, 91)
_SCALES: Final = np.linspace(0.92, 1.08, 9)
_MAXIMA: Final = (-0.1, -0.05, 0.0, 0.05, 0.1)
"""From which the fit starts, from the believed maximum (GHz)."""
_WARMTHS: Final = (0.3, 1.0)
"""From which the fit starts: roots of the heat that `HeatedEcho.excited` explains."""
_COLD: Final = 0.05
"""Warmth below which no population changes by 1e-3, and which no data determine."""
_RANGES: Final = {
    "offset": (-0.5, 0.5),
    "scale": (0.85, 1.15),
    "maximum": (-0.2, 0.2),
    "bare": (-np.inf, np.inf),
    "real": (-np.inf, np.inf),
    "imag": (-np.inf, np.inf),
    "warmth": (-np.inf, np.inf),
}
"""Of each parameter; see `_Curve.echo`."""
_LEFT_OUT: Final = 0.03
"""Of the echo: what the rule for the heat leaves out where it holds."""
_BEND: Final = 6.0
"""Swing of the echo over its standard error below which a tone does not see the qubit move."""
_LEANING: Final = np.diag([1.5e-3, 2e-3, 15 * MHz]) ** 2
"""Of offset (Phi0), scale and maximum (Hz): found to be what a resting coupler, which moves the qubit by some MHz and
more next to a mode, makes of them at 4 K.
"""
_HINT: Final = "look for the resonator again, or scan more of a period"
_WHAT: Final = "the resonator's flux curve"


@dataclass(frozen=True, kw_only=True)
class FluxCurve:
    """offset (Phi0), per_volt (Phi0/V): Of the qubit's source. maximum_frequency: Of the qubit (Hz).

    bare_frequency: Of the resonator (Hz). covariance: Of offset, per_volt and maximum_frequency, in this order.
    chi2: Per degree of freedom.
    """

    offset: Measured
    per_volt: Measured
    maximum_frequency: Measured
    bare_frequency: Measured
    covariance: Array
    traces: tuple[Trace, ...]
    chi2: float


def fit_flux_curve(
    volts: Array,
    echo: Echo,
    error: Array,
    *,
    tone: float,
    rest: float,
    line: FluxLine,
    transmon: Transmon,
    heated: HeatedEcho,
) -> FluxCurve:
    """Flux curve from `echo` (ADC) of a tone at `tone` (Hz) at static biases `volts` (V), shape (N,).

    The resonator answers `tone` best at the bias `rest` (V). line, transmon, heated: As believed; found are the line's
    offset and scale, the transmon's maximum and the resonator's bare frequency. FitRejected if the echo does not move.
    """
    _check(echo, error)
    curve = _Curve(tone, rest, line, transmon, heated)
    usual = np.hypot(error, _LEFT_OUT * float(np.median(np.abs(echo))))
    starts = [
        {**curve.start(maximum, volts, echo, usual), "warmth": warmth} for maximum, warmth in product(_MAXIMA, _WARMTHS)
    ]
    guesses, widened = robust_start(curve.echo, volts, echo, usual, starts, _RANGES)
    model: EchoModel = curve.echo
    if abs(guesses["warmth"].value) < _COLD:
        del guesses["warmth"]
        model = partial(curve.echo, warmth=0.0)
    fit = fitted_echo(model, volts, echo, widened, guesses, _WHAT, hint=_HINT)
    # Covariances stand in the order of the parameters: offset, scale, maximum come first.
    units = np.array([1.0, line.bias, GHz])
    covariance = fit.covariance[:3, :3] * np.outer(units, units) + _LEANING * np.array([1.0, line.bias**2, 1.0])
    errors = np.sqrt(np.diag(covariance))
    trace = Trace.through(
        lambda fine: np.angle(model(fine, **fit.numbers)),
        x=volts,
        read=np.angle(echo),
        error=error / np.abs(echo),
        title="readout resonator against the qubit's bias",
        x_name="bias",
        x_unit="V",
        y_name="phase of the echo",
        y_unit="rad",
    )
    maximum = transmon.maximum_frequency + fit["maximum"].value * GHz
    bare = tone + fit["bare"].value * MHz
    return FluxCurve(
        offset=Measured(fit["offset"].value, float(errors[0])),
        per_volt=Measured(fit["scale"].value * line.bias, float(errors[1])),
        maximum_frequency=Measured(maximum, float(errors[2])),
        bare_frequency=Measured(bare, fit["bare"].error * MHz),
        covariance=covariance,
        traces=(trace,),
        chi2=fit.chi2,
    )


@dataclass(frozen=True)
class _Curve:
    tone: float
    rest: float
    line: FluxLine
    transmon: Transmon
    heated: HeatedEcho

    def echo(
        self,
        volts: Array,
        *,
        offset: float,
        scale: float,
        maximum: float,
        bare: float,
        real: float,
        imag: float,
        warmth: float,
    ) -> Echo:
        """Of the tone. maximum: Above the believed one (GHz). bare: Above the tone (MHz). warmth: Root of the heat."""
        qubit = self._frequency(volts, offset, scale, maximum)
        return np.asarray((real + 1j * imag) * self.heated(-bare * MHz, qubit, warmth**2))

    def start(self, maximum: float, volts: Array, echo: Echo, error: Array) -> dict[str, float]:
        """The best of many offsets and scales at this `maximum` (GHz), the tone answered best at rest."""
        best: tuple[float, dict[str, float]] = (np.inf, {})
        for offset, scale in product(_OFFSETS, _SCALES):
            rest = float(self._frequency(np.array([self.rest]), offset, scale, maximum)[0])
            bare = -self.heated.pull(rest)
            shape = self.heated(-bare, self._frequency(volts, offset, scale, maximum), 0.0) / error
            norm = float(np.sum(np.abs(shape) ** 2))
            height = complex(shape.conj() @ (echo / error)) / norm
            left = -(abs(height) ** 2) * norm
            if left < best[0]:
                numbers = (offset, scale, maximum, bare / MHz, height.real, height.imag)
                best = (left, dict(zip(_RANGES, map(float, numbers), strict=False)))
        return best[1]

    def _frequency(self, volts: Array, offset: float, scale: float, maximum: float) -> Array:
        """Of the qubit (Hz)."""
        transmon = replace(self.transmon, maximum_frequency=self.transmon.maximum_frequency + maximum * GHz)
        return transmon.frequency(offset + self.line.bias * scale * volts)


def _check(echo: Echo, error: Array) -> None:
    if not (np.isfinite(echo).all() and np.isfinite(error).all()):
        raise FitRejected(f"{_WHAT}: the data hold numbers that are not finite", "repeat the measurement")
    swing = np.sqrt(np.mean(np.abs(echo - echo.mean()) ** 2) / 2)
    if not swing > _BEND * np.median(error):
        why = f"the echo moves by {swing / np.median(error):.3g} standard errors, {_BEND:g} is least"
        raise FitRejected(f"{_WHAT}: {why}", _HINT)
