"""Line heat: how fast the line warms up and how fast the load cools it, told by a node that meets it afterwards."""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Final

import numpy as np
from numpy.typing import NDArray

from ..sequences.errors import FitRejected
from .bootstrap import Measured
from .confusion import ReadoutErrors
from .least_squares import Guess, fitted
from .node_model import NodeModel
from .openings import Openings
from .read_fraction import as_read, read_fraction
from .trace import Trace

Array = NDArray[np.float64]
_WORST: Final = 0.2
_FINE: Final = 60


@dataclass(frozen=True, kw_only=True)
class LineHeat:
    """values: Fitted fields of `NodeModel`. model: With them. chi2: Per degree of freedom."""

    values: Mapping[str, Measured]
    model: NodeModel
    traces: tuple[Trace, ...]
    chi2: float


def fit_line_heat(
    openings: Openings,
    counts: NDArray[np.generic],
    model: NodeModel,
    readout: ReadoutErrors,
    guesses: Mapping[str, Guess],
    wanted: str,
    title: str,
) -> LineHeat:
    """Fit the fields of `model` named in `guesses` to `counts` (points, outcomes 0 and 1) of a qubit that began in g.

    The error of the readout's P(1|0), and of the residual population with it, is an offset that its own calibration
    limits. FitRejected if the model does not describe the data or they do not tell the field `wanted` to 20 %.
    """
    start = model.apparatus.device.qubits[model.node].residual_population
    read, error = read_fraction(counts)
    waveform = model.arriving(openings.waveform())
    begin = np.full(len(read), start)

    def expected(_: Array, **values: float) -> Array:
        population = model.with_(values).populations(waveform, begin)
        return np.append(as_read(population, readout) + values["offset"], values["offset"])

    # What is known of the offset beforehand is one datum more.
    data, errors = np.append(read, 0.0), np.append(error, readout.p10.error)
    free = {**guesses, "offset": Guess(value=0.0, low=-0.1, high=0.1)}
    hint = "take more shots or longer waits, or check the swap's resonance"
    fit = fitted(expected, np.arange(float(len(data))), data, errors, free, title, hint=hint)
    if fit[wanted].error > _WORST * abs(fit[wanted].value):
        raise FitRejected(f"{title}: {wanted} = {fit[wanted]} is not known to {_WORST:.0%}", hint)
    found = model.with_(fit.numbers)
    fine = _fine(openings)
    smooth = (
        as_read(found.populations(model.arriving(fine.waveform()), np.full(_FINE, start)), readout)
        + fit["offset"].value
    )
    along, along_fine = (what.durations if np.ptp(openings.durations) else what.fractions for what in (openings, fine))
    trace = Trace(
        x=along,
        read=read,
        error=error,
        fine_x=along_fine,
        model=as_read(smooth, readout) + fit["offset"].value,
        title=title,
        x_name="duration",
        x_unit="s",
        y_name="read as 1",
    )
    return LineHeat(values={name: fit[name] for name in guesses}, model=found, traces=(trace,), chi2=fit.chi2)


def _fine(openings: Openings) -> Openings:
    """Between the first opening's fraction and duration and the last's."""
    part = np.linspace(0, 1, _FINE)
    where = np.linspace(0, 1, len(openings.durations))
    return replace(
        openings,
        fractions=np.interp(part, where, openings.fractions),
        durations=np.interp(part, where, openings.durations),
    )
