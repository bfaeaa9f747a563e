"""Coupler zero: the bias at which a qubit does not feel the line, from its decay through the open load."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final

import numpy as np
from numpy.typing import NDArray
from scipy.ndimage import gaussian_filter1d

from ..sequences.errors import FitRejected
from .bootstrap import Measured
from .least_squares import Guess, fitted
from .resting_qubit import RestingQubit
from .trace import Trace

Array = NDArray[np.float64]
_WHAT: Final = "zero of the coupler"
_HINT: Final = "take more shots, or look for the coupler's coarse zero again"
_LEAST: Final = 8.0
"""Height of the peak, in standard errors, below which noise may look like one."""


@dataclass(frozen=True, kw_only=True)
class CouplerLine:
    """What is known before the fit. qubit: That decays. qubit_flux, load_flux: At which (Phi0). per_volt: Of the
    coupler's source (Phi0/V). systematic: Of the zero, from what is not known of the modes (Phi0).
    """

    qubit: RestingQubit
    qubit_flux: float
    load_flux: float
    per_volt: float
    systematic: float


@dataclass(frozen=True, kw_only=True)
class CouplerZeroFit:
    """zero_bias: (V). chi2: Per degree of freedom."""

    zero_bias: Measured
    chi2: float
    traces: tuple[Trace, ...]


def fit_coupler_zero(volts: Array, read: Array, error: Array, known: CouplerLine) -> CouplerZeroFit:
    """Fit `read`, shape (N, 2): echoes of a qubit prepared in g and in e, 0 as of g and 1 as of e, at `volts` (N,).

    Free are the zero, the coupling for a volt, offset and contrast of the readout. FitRejected if there is no peak
    of what is left of e, or the model does not describe it.
    """
    fit = fitted(
        lambda at, **parameters: _model(at, known, parameters),
        volts,
        read.ravel(),
        error.ravel(),
        {
            "zero": Guess(value=_peak(volts, read, error), low=float(volts.min()), high=float(volts.max())),
            "scale": Guess(value=1.0, low=0.4, high=2.5),
            "offset": Guess(value=0.0, low=-0.5, high=0.5),
            "contrast": Guess(value=0.95, low=0.5, high=1.3),
        },
        _WHAT,
        hint=_HINT,
    )
    zero = fit["zero"]
    trace = Trace.through(
        lambda fine: _model(fine, known, fit.numbers)[1::2],
        x=volts,
        read=read[:, 1],
        error=error[:, 1],
        title="Excited qubit, left alone while the load is open",
        x_name="Bias of the coupler",
        x_unit="V",
        y_name="Echo, from that of g to that of e",
    )
    whole = float(np.hypot(zero.error, known.systematic / known.per_volt))
    return CouplerZeroFit(zero_bias=Measured(zero.value, whole), chi2=fit.chi2, traces=(trace,))


def _model(volts: Array, known: CouplerLine, parameters: Mapping[str, float]) -> Array:
    qubit = known.qubit
    zero = float(qubit.device.qubits[qubit.qubit].coupler.zero_flux)
    flux = zero + parameters["scale"] * known.per_volt * (volts - parameters["zero"])
    seen = qubit.excited(qubit.device, known.qubit_flux, flux, known.load_flux)
    return np.asarray(parameters["offset"] + parameters["contrast"] * seen).ravel()


def _peak(volts: Array, read: Array, error: Array) -> float:
    """Bias (V) at which most of e is left."""
    if not (np.isfinite(read).all() and np.isfinite(error).all()):
        raise FitRejected(f"{_WHAT}: the data hold numbers that are not finite", "repeat the measurement")
    smooth = gaussian_filter1d(read[:, 1] - read[:, 0], 1.5)
    highest = int(np.argmax(smooth))
    if float(smooth[highest] - smooth.min()) < _LEAST * float(np.hypot(*np.median(error, axis=0))):
        raise FitRejected(f"{_WHAT}: e decays at every bias alike", _HINT)
    if not 1 < highest < len(volts) - 2:
        raise FitRejected(f"{_WHAT}: the slowest decay lies at the edge, at {volts[highest]:.4g} V", _HINT)
    return float(volts[highest])
