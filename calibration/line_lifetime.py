"""Line lifetime: how fast the line warms up with its load closed, and the loss that goes with it."""

from dataclasses import dataclass

import numpy as np
import xarray as xr
from numpy.typing import NDArray

from ..analysis.bootstrap import Measured
from ..analysis.contacts import lasting
from ..analysis.counts import outcome_counts
from ..analysis.least_squares import Guess
from ..analysis.line_heat import LineHeat, fit_line_heat
from ..analysis.openings import Openings
from ..sequences.protocols import Opening, load_map
from ..sequences.scan import Scan
from ..sequences.units import ns, us
from .knowledge import Knowledge
from .vacuum_rabi import node_model

Array = NDArray[np.float64]
HOT_OCCUPATION = 0.02
"""Relative error of the hot bath's occupation, by that of the thermometer on the line."""


@dataclass(frozen=True, kw_only=True)
class LineLifetimeFound:
    """fit: Of the warming line. internal: kappa_i (1/s)."""

    fit: LineHeat
    internal: Measured

    @property
    def traces(self) -> tuple[object, ...]:
        """For a figure."""
        return self.fit.traces


@dataclass(frozen=True, kw_only=True)
class LineLifetime:
    """Node A meets the line after the load was closed for `waits`, parts of the time in which about one photon comes.

    contact: Length of the meeting (s). longest: Of the waits, whatever the line (s): the coupler's envelope memory must
    hold them all.
    A quarter of a photon tells the heating, and does not yet fill the modes beside.
    """

    shots: int = 60_000
    waits: tuple[float, ...] = (0.0, 0.08, 0.16, 0.24)
    contact: float = 21 * ns
    longest: float = 0.5 * us

    def scan(self, known: Knowledge) -> Scan:
        """One wait after the other."""
        link, durations = known.link, self._durations(known)
        openings = {f"{number}": Opening(fraction=1.0, duration=float(d)) for number, d in enumerate(durations)}
        return Scan.of(load_map(link, link.node_a, 0.0, openings, lasting(link.node_a.swap, self.contact)))

    def fit(self, data: xr.Dataset, known: Knowledge) -> LineLifetimeFound:
        """Thermal Lindblad model; kappa_i is the heating over the occupation of the hot bath."""
        model, readout = node_model(known, "a"), known.sure_readout
        counts = outcome_counts(data, {"a": readout.discriminators["a"]}).values
        durations = self._durations(known)
        openings = played(known, 0.0, np.ones(len(durations)), durations, self.contact)
        guesses = {
            "occupation": Guess(value=max(model.occupation, 0.005), low=0.0, high=5.0),
            "heating": Guess(value=model.heating, low=0.0, high=10 * model.heating),
        }
        errors = readout.errors["a"]
        fit = fit_line_heat(openings, counts, model, errors, guesses, "heating", "Line, load closed")
        heating, hot = fit.values["heating"], float(known.design.device.rates().hot[0])
        error = float(np.hypot(heating.error, HOT_OCCUPATION * heating.value))
        return LineLifetimeFound(fit=fit, internal=Measured(heating.value / hot, error / hot))

    def found(self, fit: LineLifetimeFound) -> dict[str, Measured]:
        """Heating and loss."""
        return {"line.heating": fit.fit.values["heating"], "line.kappa_i": fit.internal}

    def _durations(self, known: Knowledge) -> Array:
        photon = 1 / (known.link.line.internal_rate * known.link.line.hot_occupation)
        waits = np.array(self.waits) * min(photon, self.longest / max(self.waits))
        ticks = np.round(waits / known.clock.period)
        return np.asarray(ticks * known.clock.period)


def played(known: Knowledge, warming: float, fractions: Array, durations: Array, contact: float) -> Openings:
    """What `load_map` plays on node A, for a model; the contact lasts for `contact` (s)."""
    line = known.link.line
    return Openings(
        warming=warming,
        fractions=fractions,
        durations=durations,
        contact=lasting(known.link.node_a.swap, contact),
        closed=line.close_amplitude,
        ramp=line.ramp,
        gap=line.gap,
        sample=known.clock.period,
    )
