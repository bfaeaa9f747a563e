"""Coupler search: the bias at which a coupler stops heating its qubit, from the readout tone alone."""

from dataclasses import dataclass
from functools import partial
from itertools import product
from typing import Final

import numpy as np
from numpy.typing import NDArray

from ..physics.coupler import InductiveCoupler
from ..physics.lines import FluxLine
from ..sequences.errors import FitRejected
from ..sequences.units import MHz
from .bootstrap import Measured
from .echo_fit import EchoModel, fitted_echo, robust_start
from .heated_echo import HeatedEcho
from .trace import Trace

Array = NDArray[np.float64]
Echo = NDArray[np.complex128]
_OFFSETS: Final = np.linspace(-0.4, 0.4, 81)
_SCALES: Final = np.linspace(0.94, 1.06, 7)
_WARMTHS: Final = (0.4, 1.0)
"""From which the fit starts: roots of the heat that `HeatedEcho.excited` explains."""
_COLD: Final = 0.05
"""Warmth below which no population changes by 1e-3, and which no data determine."""
_RANGES: Final = {
    "offset": (-0.5, 0.5),
    "scale": (0.85, 1.15),
    "bare": (-np.inf, np.inf),
    "real": (-np.inf, np.inf),
    "imag": (-np.inf, np.inf),
    "warmth": (-np.inf, np.inf),
    "qubit": (-150.0, 150.0),
}
"""Of each parameter; see `_Curve.echo`."""
_LEFT_OUT: Final = 0.04
"""Of the echo: what the rule for the heat leaves out where it holds."""
_LEANING: Final = 2e-3
"""Of the zero (Phi0): what it makes of the fit."""
_BEFORE: Final = {"scale": Measured(1.0, 0.03), "qubit": Measured(0.0, 30.0)}
"""What a designer promises of the source's scale, and the flux curve of the qubit's frequency (MHz)."""
_SEEN: Final = 12.0
"""Standard errors of all points together by which the coupler must move the echo."""
_WORST: Final = 0.015
"""Error of the zero (Phi0) beyond which it is of no use."""
_HINT: Final = "look for the resonator again, or scan more of a period while the line is hot"
_WHAT: Final = "the coupler's zero"


@dataclass(frozen=True, kw_only=True)
class CouplerZero:
    """bias: Of zero coupling, where a pulse up increases g (V). offset (Phi0), per_volt (Phi0/V): Of the coupler's
    source. chi2: Per degree of freedom.
    """

    bias: Measured
    offset: Measured
    per_volt: Measured
    traces: tuple[Trace, ...]
    chi2: float


@dataclass(frozen=True, kw_only=True)
class Coupled:
    """What is believed. line: The coupler's. qubit: Frequency at zero coupling (Hz). mode: Nearest mode (Hz)."""

    coupler: InductiveCoupler
    line: FluxLine
    heated: HeatedEcho
    qubit: float
    mode: float


def fit_coupler_zero(volts: Array, echo: Echo, error: Array, *, tone: float, believed: Coupled) -> CouplerZero:
    """Zero from `echo` (ADC) of a tone at `tone` (Hz) at static biases `volts` (V) of the coupler, shape (N,).

    A hot line heats the qubit by g^2; any coupling moves the qubit, which pulls the resonator. FitRejected if the data
    show neither.
    """
    if not (np.isfinite(echo).all() and np.isfinite(error).all()):
        raise FitRejected(f"{_WHAT}: the data hold numbers that are not finite", "repeat the measurement")
    curve = _Curve(tone, believed)
    usual = np.hypot(error, _LEFT_OUT * float(np.median(np.abs(echo))))
    starts = [curve.start(warmth, volts, echo, usual) for warmth in _WARMTHS]
    guesses, widened = robust_start(curve.echo, volts, echo, usual, starts, _RANGES, _BEFORE)
    model: EchoModel = curve.echo
    if abs(guesses["warmth"].value) < _COLD:
        del guesses["warmth"]
        model = partial(curve.echo, warmth=0.0)
    fit = fitted_echo(model, volts, echo, widened, guesses, _WHAT, hint=_HINT, before=_BEFORE)
    moved = model(volts, **fit.numbers)
    if not np.linalg.norm((moved - moved.mean()) / error) > _SEEN:
        raise FitRejected(f"{_WHAT}: the coupler neither heats nor moves the qubit", _HINT)
    zero, per_volt = float(believed.coupler.zero_flux), fit["scale"].value * believed.line.bias
    bias = (zero - fit["offset"].value) / per_volt
    slopes = np.array([1.0, bias * believed.line.bias]) / per_volt
    spread = float(np.hypot(np.sqrt(slopes @ fit.covariance[:2, :2] @ slopes), _LEANING / per_volt))
    if spread * per_volt > _WORST:
        raise FitRejected(f"{_WHAT}: {bias:.4g} V has an error of {spread:.2g} V", _HINT)
    if not volts.min() < bias < volts.max():
        raise FitRejected(f"{_WHAT}: it lies at {bias:.4g} V, outside of the scan", _HINT)
    trace = Trace.through(
        lambda fine: np.abs(model(fine, **fit.numbers)),
        x=volts,
        read=np.abs(echo),
        error=error,
        title="readout against the coupler's bias",
        x_name="bias",
        x_unit="V",
        y_name="echo",
        y_unit="ADC",
    )
    return CouplerZero(
        bias=Measured(bias, spread),
        offset=Measured(fit["offset"].value, float(np.hypot(fit["offset"].error, _LEANING))),
        per_volt=Measured(per_volt, believed.line.bias * float(np.hypot(fit["scale"].error, _LEANING))),
        traces=(trace,),
        chi2=fit.chi2,
    )


@dataclass(frozen=True)
class _Curve:
    tone: float
    believed: Coupled

    def echo(
        self,
        volts: Array,
        *,
        offset: float,
        scale: float,
        bare: float,
        real: float,
        imag: float,
        warmth: float,
        qubit: float,
    ) -> Echo:
        """Of the tone. bare: Of the resonator above the tone (MHz). warmth: Root of the heat at zero flux.

        qubit: Above its believed frequency (MHz).
        """
        flux = offset + self.believed.line.bias * scale * volts
        coupler, zero, mode = self.believed.coupler, self.believed.qubit + qubit * MHz, self.believed.mode
        g, usual = coupler.g(flux, zero, mode), float(coupler.g(0.0, zero, mode))
        moved = zero + coupler.qubit_shift(g, zero, mode)
        return np.asarray((real + 1j * imag) * self.believed.heated(-bare * MHz, moved, (warmth * g / usual) ** 2))

    def start(self, warmth: float, volts: Array, echo: Echo, error: Array) -> dict[str, float]:
        """The best of many offsets and scales at this `warmth`, the tone answered best at zero coupling."""
        bare = -self.believed.heated.pull(self.believed.qubit) / MHz
        best: tuple[float, dict[str, float]] = (np.inf, {})
        for offset, scale in product(_OFFSETS, _SCALES):
            numbers = {"offset": float(offset), "scale": float(scale), "bare": bare, "warmth": warmth, "qubit": 1.0}
            shape = self.echo(volts, **numbers, real=1.0, imag=0.0) / error
            norm = float(np.sum(np.abs(shape) ** 2))
            height = complex(shape.conj() @ (echo / error)) / norm
            left = -(abs(height) ** 2) * norm
            if left < best[0]:
                best = left, {**numbers, "real": height.real, "imag": height.imag}
        return best[1]
