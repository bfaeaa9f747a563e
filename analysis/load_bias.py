"""Load bias: where the load is open and where it is closed, from a qubit that feels how the line is damped."""

from collections.abc import Mapping
from dataclasses import dataclass, replace
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
_HINT: Final = "take more shots, or bias the coupler further from its zero"
_WIDER: Final = "scan a wider range"
_LEAST: Final = 8.0
"""Depth of the dip at half a flux quantum, in standard errors, below which noise may look like one."""


@dataclass(frozen=True, kw_only=True)
class LoadLine:
    """What is known before the fit. qubit: That feels the line. qubit_flux: Of it (Phi0). coupler: From its zero
    (Phi0). per_volt: Of the load's source (Phi0/V). open_flux: At which kappa_L is as wanted (Phi0).
    """

    qubit: RestingQubit
    qubit_flux: float
    coupler: float
    per_volt: float
    open_flux: float


@dataclass(frozen=True, kw_only=True)
class LoadBiasFit:
    """open_bias: (V). per_volt: (Phi0/V). chi2: Per degree of freedom."""

    open_bias: Measured
    per_volt: Measured
    chi2: float
    traces: tuple[Trace, ...]


def fit_load_bias(volts: Array, read: Array, error: Array, known: LoadLine) -> LoadBiasFit:
    """Fit `read`, shape (N, 2): echoes of a qubit prepared in g and in e, 0 as of g and 1 as of e, at `volts` (N,).

    An open load takes a photon from the qubit through the line, most at half a flux quantum: e decays sooner the nearer
    the bias is to it. Where the load is closed, on both sides, the line is hot and excites g. Free are both numbers of
    the load's source, the coupling, the line's loss and its modes' places, offset and contrast of the readout.
    FitRejected if the data do not show the dip, or the model does not describe them.
    """
    half = _dip(volts, read, error)
    fit = fitted(
        lambda at, **parameters: _model(at, known, parameters),
        volts,
        read.ravel(),
        error.ravel(),
        {
            "open_bias": Guess(value=half + (known.open_flux - 0.5) / known.per_volt),
            "per_volt": Guess(value=known.per_volt, low=0.8 * known.per_volt, high=1.2 * known.per_volt),
            "coupler": Guess(value=known.coupler, low=1.7 * known.coupler, high=0.4 * known.coupler),
            "loss": Guess(value=1.0, low=0.4, high=2.5),
            "spacing": Guess(value=1.0, low=0.99, high=1.01),
            "offset": Guess(value=0.0, low=-0.5, high=0.5),
            "contrast": Guess(value=0.95, low=0.5, high=1.3),
        },
        "bias of the load",
        hint=_HINT,
    )
    traces = tuple(
        Trace.through(
            lambda fine, state=state: _model(fine, known, fit.numbers)[state::2],  # type: ignore[misc]
            x=volts,
            read=read[:, state],
            error=error[:, state],
            title=f"Qubit prepared in {letter}, left in contact with the line",
            x_name="Bias of the load",
            x_unit="V",
            y_name="Echo, from that of g to that of e",
        )
        for state, letter in enumerate("ge")
    )
    return LoadBiasFit(open_bias=fit["open_bias"], per_volt=fit["per_volt"], chi2=fit.chi2, traces=traces)


def _model(volts: Array, known: LoadLine, parameters: Mapping[str, float]) -> Array:
    flux = known.open_flux + parameters["per_volt"] * (volts - parameters["open_bias"])
    qubit, device = known.qubit, known.qubit.device
    coupler = float(device.qubits[qubit.qubit].coupler.zero_flux) + parameters["coupler"]
    line = replace(
        device.line,
        quality=device.line.quality / parameters["loss"],
        free_spectral_range=device.line.free_spectral_range * parameters["spacing"],
    )
    seen = qubit.excited(replace(device, line=line), known.qubit_flux, coupler, flux)
    return np.asarray(parameters["offset"] + parameters["contrast"] * seen).ravel()


def _dip(volts: Array, read: Array, error: Array) -> float:
    """Bias (V) near half a flux quantum: where both preparations are read as g most often."""
    if not (np.isfinite(read).all() and np.isfinite(error).all()):
        raise FitRejected("bias of the load: the data hold numbers that are not finite", "repeat the measurement")
    smooth = gaussian_filter1d(read.sum(axis=1), 1.0)
    lowest = int(np.argmin(smooth))
    if float(np.median(smooth) - smooth[lowest]) < _LEAST * float(np.hypot(*np.median(error, axis=0))):
        raise FitRejected("bias of the load: nowhere does the qubit decay much faster than elsewhere", _HINT)
    if not 2 < lowest < len(volts) - 3:
        raise FitRejected(f"bias of the load: the fastest decay lies at the edge, at {volts[lowest]:.4g} V", _WIDER)
    return float(volts[lowest])
