"""Radiometry: occupation of the line from a qubit's contact with it, by a thermal Lindblad model of the trace."""

from dataclasses import dataclass
from typing import Final

import numpy as np
from numpy.typing import NDArray

from ..sequences.errors import FitRejected
from .bootstrap import Measured
from .confusion import ReadoutErrors
from .contacts import Contacts, lasting
from .least_squares import Guess, fitted
from .node_model import NodeModel
from .read_fraction import as_read, read_fraction

Array = NDArray[np.float64]
_FINE: Final = 100


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


def fit_radiometry(
    contacts: Contacts,
    counts: NDArray[np.generic],
    model: NodeModel,
    readout: ReadoutErrors,
    start: Measured,
    heating: float,
) -> Radiometry:
    """Fit `counts` (contacts, outcomes 0 and 1) of a qubit with the excited population `start` that met the line.

    heating: Relative error with which the model's is known. Free are the occupation at the end of the cooling, and
    within what is known of them the heating and an offset; coupling and resonance are known. FitRejected if the model
    does not describe the trace or does not tell the occupation.
    """
    lengths = np.array(contacts.lengths)
    read, error = read_fraction(counts)

    def expected(at: Array, **values: float) -> Array:
        waveform = model.arriving(contacts.waveform([lasting(contacts.swap, float(length)) for length in at]))
        population = model.with_(values).populations(waveform, np.full(len(at), start.value))
        return as_read(population, readout) + values["offset"]

    def with_priors(at: Array, **values: float) -> Array:
        return np.append(expected(at, **values), [values["offset"], values["heating"] / model.heating])

    # What is known of offset and heating beforehand are two data more.
    data, errors = np.append(read, [0.0, 1.0]), np.append(error, [np.hypot(readout.p10.error, start.error), heating])
    guesses = {
        "occupation": Guess(value=max(model.occupation, 0.02), low=-0.05, high=30.0),
        "heating": Guess(value=model.heating, low=0.0, high=20 * model.heating),
        "offset": Guess(value=0.0, low=-0.1, high=0.1),
    }
    hint = "check the swap's resonance and the readout calibration, or take more shots"
    fit = fitted(with_priors, lengths, data, errors, guesses, "radiometry", hint=hint)
    occupation = fit["occupation"]
    if occupation.error > max(0.5 * occupation.value, 0.05):
        raise FitRejected(f"the line's occupation is {occupation}: the trace cannot tell", "take more shots")
    fine = np.linspace(lengths.min(), lengths.max(), _FINE)
    return Radiometry(
        occupation=occupation,
        heating=fit["heating"],
        contacts=lengths,
        read=read,
        error=error,
        model=expected(lengths, **fit.numbers),
        fine_contacts=fine,
        fine_model=expected(fine, **fit.numbers),
        chi2=fit.chi2,
    )
