"""Vacuum Rabi: coupling and resonance of an excited node that meets the cooled line, by a thermal Lindblad model."""

from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import Final

import numpy as np
from numpy.typing import NDArray

from ..sequences.errors import FitRejected
from ..sequences.link import Transfer
from ..sequences.sweep import resolved
from ..sequences.units import MHz
from .bootstrap import Measured
from .confusion import ReadoutErrors
from .contacts import Contacts, lasting
from .least_squares import Fitted, Guess, fitted
from .node_model import NodeModel
from .read_fraction import as_read, read_fraction
from .trace import Trace

Array = NDArray[np.float64]
_FINE: Final = 60
_REACH: Final = 8 * MHz
_WORST_COUPLING: Final = 0.05
_WORST_RESONANCE: Final = 0.5 * MHz
LEAKAGE: Final = 0.01
"""What the third level and the readout's own error may add to what is read."""
UNCOOLED: Final = 0.02
"""By how much the line's occupation may differ from what is believed of it."""


@dataclass(frozen=True, kw_only=True)
class VacuumRabi:
    """coupling: g/2pi at the swap's amplitude (Hz). coupler_pulse: Reduced flux of full scale that gives it.

    mode_offset: Of the mode from where the model had it (Hz). model: As fitted. chi2: Per degree of freedom.
    """

    coupling: Measured
    coupler_pulse: Measured
    mode_offset: Measured
    model: NodeModel
    traces: tuple[Trace, ...]
    chi2: float


def fit_vacuum_rabi(
    contacts: Contacts, counts: NDArray[np.generic], model: NodeModel, readout: ReadoutErrors, start: float
) -> VacuumRabi:
    """Fit `counts` (contacts, outcomes 0 and 1) of a qubit that met the line with the excited population `start`.

    Free are the coupler's pulse, the mode's frequency and the line's occupation; FitRejected if the model does not
    describe the data or they do not tell the coupling to 5 % and the resonance to 0.5 MHz.
    """
    transfers = contacts.transfers(model)
    read, error = read_fraction(counts)
    waveform = model.arriving(contacts.waveform(transfers))

    def expected(_: Array, **values: float) -> Array:
        population = model.with_(values).populations(waveform, np.full(len(transfers), start))
        prior = [values["offset"], values["occupation"]]
        return np.append(as_read(population, readout) + values["offset"], prior)

    guesses = {
        "coupler_pulse": Guess(
            value=model.coupler_pulse, low=0.7 * model.coupler_pulse, high=1.3 * model.coupler_pulse
        ),
        "mode_offset": Guess(value=0.0, low=-_REACH, high=_REACH),
        "occupation": Guess(value=max(model.occupation, 0.01), low=-0.2, high=3.0),
        "offset": Guess(value=0.0, low=-0.2, high=0.2),
    }
    # What is known of offset and occupation beforehand are two data more.
    data = np.append(read, [0.0, model.occupation])
    errors = np.append(error, [LEAKAGE, UNCOOLED])
    hint = "check the pi pulse and the flux pulse's calibration, or search the mode again"
    fit = fitted(expected, np.arange(float(len(data))), data, errors, guesses, "vacuum Rabi", hint=hint)
    found, offset = model.with_(fit.numbers), fit["offset"].value
    coupling = _coupling(fit, found, contacts.swap)
    _check(coupling, fit["mode_offset"], hint)

    def fine(transfers: list[Transfer]) -> Array:
        begin = np.full(len(transfers), start)
        arriving = model.arriving(contacts.waveform(transfers))
        return as_read(found.populations(arriving, begin), readout) + offset

    return VacuumRabi(
        coupling=coupling,
        coupler_pulse=fit["coupler_pulse"],
        mode_offset=fit["mode_offset"],
        model=found,
        traces=_traces(contacts, found, read, error, fine),
        chi2=fit.chi2,
    )


def _coupling(fit: Fitted, model: NodeModel, swap: Transfer) -> Measured:
    """g of the fitted coupler pulse; its error by the slope between the pulse's error bars."""
    pulse = fit["coupler_pulse"]
    at = resolved(swap.coupler.amplitude), resolved(swap.compensation.amplitude)
    low, value, high = (
        replace(model, coupler_pulse=pulse.value + side * pulse.error).coupling(*at) for side in (-1, 0, 1)
    )
    return Measured(value, abs(high - low) / 2)


def _check(coupling: Measured, resonance: Measured, hint: str) -> None:
    if coupling.error > _WORST_COUPLING * abs(coupling.value):
        why = f"the coupling is {coupling.value / MHz:.3g}({coupling.error / MHz:.2g}) MHz, known to 5 % at least"
        raise FitRejected(f"vacuum Rabi: {why}", hint)
    if resonance.error > _WORST_RESONANCE:
        why = f"the resonance is known to {resonance.error / MHz:.2g} MHz, the limit is 0.5 MHz"
        raise FitRejected(f"vacuum Rabi: {why}", hint)


def _traces(
    contacts: Contacts, model: NodeModel, read: Array, error: Array, fine: Callable[[list[Transfer]], Array]
) -> tuple[Trace, Trace]:
    lengths, frequencies = np.array(contacts.lengths), np.array(contacts.frequencies)
    times, tuned = (np.linspace(x.min(), x.max(), _FINE) for x in (lengths, frequencies))
    split = len(lengths)
    in_time = Trace(
        x=lengths,
        read=read[:split],
        error=error[:split],
        fine_x=times,
        model=fine([lasting(contacts.swap, float(length)) for length in times]),
        title="Excited qubit on the line",
        x_name="contact",
        x_unit="s",
        y_name="read as 1",
    )
    in_frequency = Trace(
        x=frequencies,
        read=read[split:],
        error=error[split:],
        fine_x=tuned,
        model=fine([contacts.at(float(frequency), model) for frequency in tuned]),
        title="After a swap's time",
        x_name="bare qubit frequency",
        x_unit="Hz",
        y_name="read as 1",
    )
    return in_time, in_frequency
