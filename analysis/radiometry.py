"""Radiometry: occupation of the line from a qubit's contact with it, by a thermal Lindblad model of the trace."""

from dataclasses import dataclass
from typing import Any, Final

import lmfit
import numpy as np
from numpy.typing import NDArray

from ..physics.vacuum_rabi import excited_population
from ..sequences.errors import FitRejected
from .bootstrap import Measured
from .confusion import ReadoutErrors

Array = NDArray[np.float64]
_CUTOFF: Final = 12
_FINE: Final = 200
_WORST_CHI2: Final = 3.0


@dataclass(frozen=True, kw_only=True)
class Contact:
    """What is known before the fit.

    coupling: g (rad/s). dead_time: Part of a pulse's length that its edges take away (s). internal_rate: kappa_i (1/s).
    exposure: For how long the line has in effect been warming up when the contact begins (s).
    relaxation, dephasing: Of the qubit (1/s). excited: Its residual population. heating: kappa_i n_h expected (1/s).
    """

    coupling: float
    dead_time: float
    internal_rate: float
    exposure: float
    relaxation: float
    dephasing: float
    excited: float
    heating: float


@dataclass(frozen=True, kw_only=True)
class Radiometry:
    """A fitted trace.

    occupation: Of the line at the end of the cooling, load open. heating: kappa_i n_h (photons/s).
    contacts, read, error, model: The trace: lengths (s), fraction read as 1, its error, and the model's.
    fine_contacts, fine_model: The model between them, for a figure.
    chi2: Per degree of freedom.
    """

    occupation: Measured
    heating: Measured
    contacts: Array
    read: Array
    error: Array
    model: Array
    fine_contacts: Array
    fine_model: Array
    chi2: float


def fit_radiometry(contacts: Array, counts: NDArray[np.generic], known: Contact, readout: ReadoutErrors) -> Radiometry:
    """Fit `counts` (contacts, outcomes 0 and 1) of a qubit that met the line for `contacts` (s).

    Free are the occupation at the end of the cooling, the heating, the coupling and an offset; the readout's errors
    are known. FitRejected if the model does not describe the trace or does not tell the occupation.
    """
    numbers = np.asarray(counts, dtype=float)
    shots = numbers.sum(axis=1)
    # One more shot of each outcome: a setting without a single 1 has an error too.
    read, shrunk = numbers[:, 1] / shots, (numbers[:, 1] + 1) / (shots + 2)
    error = np.sqrt(shrunk * (1 - shrunk) / shots)

    def model(parameters: lmfit.Parameters, at: Array = contacts) -> Array:
        values = parameters.valuesdict()
        population = _trace(at, known, values["occupation"], values["heating"], values["coupling"])
        return np.asarray(readout.p10.value + readout.visibility * population + values["offset"])

    parameters = lmfit.Parameters()
    parameters.add("occupation", 0.1, min=0.0, max=30.0)
    parameters.add("heating", known.heating, min=0.0)
    parameters.add("coupling", known.coupling, min=0.8 * known.coupling, max=1.2 * known.coupling)
    parameters.add("offset", 0.0, min=-0.1, max=0.1)
    result = lmfit.minimize(lambda p: (model(p) - read) / error, parameters, scale_covar=False)
    _check(result)
    found = {name: Measured(float(p.value), float(p.stderr)) for name, p in result.params.items()}
    if found["occupation"].error > max(0.5 * found["occupation"].value, 0.05):
        raise FitRejected(f"the line's occupation is {found['occupation']}: the trace cannot tell", "take more shots")
    fine = np.linspace(contacts.min(), contacts.max(), _FINE)
    return Radiometry(
        occupation=found["occupation"],
        heating=found["heating"],
        contacts=contacts,
        read=read,
        error=error,
        model=model(result.params),
        fine_contacts=fine,
        fine_model=model(result.params, fine),
        chi2=float(result.redchi),
    )


def _trace(contacts: Array, known: Contact, occupation: float, heating: float, coupling: float) -> Array:
    """P_e behind contacts of these lengths. Half of what the edges take away passes before the exchange begins."""
    warming = known.exposure + known.dead_time / 2
    return excited_population(
        np.maximum(contacts - known.dead_time, 0.0),
        coupling=coupling,
        occupation=occupation + warming * (heating - known.internal_rate * occupation),
        heating=heating,
        loss=known.internal_rate,
        relaxation=known.relaxation,
        excited=known.excited,
        dephasing=known.dephasing,
        cutoff=_CUTOFF,
    )


def _check(result: Any) -> None:
    if not result.success or not result.errorbars:
        raise FitRejected(
            "the radiometry trace does not determine the line's occupation", "take more shots or contacts"
        )
    if result.redchi > _WORST_CHI2:
        raise FitRejected(
            f"the thermal model leaves chi^2 = {result.redchi:.2f} per degree of freedom (limit {_WORST_CHI2})",
            "check the swap's resonance and the readout calibration",
        )
