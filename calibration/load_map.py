"""Load map: how fast the open load cools the line, and the pulse that closes it."""

from dataclasses import dataclass
from typing import Final

import numpy as np
import xarray as xr

from ..analysis.bootstrap import Measured
from ..analysis.contacts import lasting
from ..analysis.counts import outcome_counts
from ..analysis.least_squares import Guess
from ..analysis.line_heat import LineHeat, fit_line_heat
from ..sequences.protocols import Opening, load_map
from ..sequences.scan import Scan
from ..sequences.units import ns, us
from .knowledge import Knowledge
from .line_lifetime import played
from .vacuum_rabi import node_model

LEFT_OUT: Final = 0.04
"""Relative error of the rate by what one mode, as it is fitted, leaves out of four: its scatter over drawn devices."""


@dataclass(frozen=True, kw_only=True)
class LoadMapFound:
    """fit: Of the line's heat. kappa: Of the open load (1/s)."""

    fit: LineHeat
    kappa: Measured

    @property
    def traces(self) -> tuple[object, ...]:
        """For a figure."""
        return self.fit.traces


@dataclass(frozen=True, kw_only=True)
class LoadMap:
    """Warm the line up with its load closed until about `photons` are in it, open the load a little, and let A meet
    what is left.

    openings: Fractions of the closing amplitude, 0 is open, and for how many ticks of the clock. contact: Length of the
    meeting (s). longest: Warming that is not exceeded (s): the coupler's envelope memory must hold all points from the
    load's closing on.
    """

    shots: int = 150_000
    photons: float = 0.3
    contact: float = 16 * ns
    longest: float = 0.7 * us
    openings: tuple[tuple[float, int], ...] = (
        (1.0, 0),
        (0.0, 0),
        (0.0, 2),
        (0.0, 3),
        (0.12, 14),
        (0.25, 30),
        (0.5, 40),
    )

    def scan(self, known: Knowledge) -> Scan:
        """One opening after the other."""
        link, period = known.link, known.clock.period
        openings = {
            f"{fraction:g} for {ticks}": Opening(fraction=fraction, duration=ticks * period)
            for fraction, ticks in self.openings
        }
        contact = lasting(link.node_a.swap, self.contact)
        return Scan.of(load_map(link, link.node_a, self._warming(known), openings, contact))

    def fit(self, data: xr.Dataset, known: Knowledge) -> LoadMapFound:
        """Thermal Lindblad model with the load coupler's own curve."""
        model, readout = node_model(known, "a"), known.sure_readout
        counts = outcome_counts(data, {"a": readout.discriminators["a"]}).values
        fractions, ticks = np.array(self.openings).T
        openings = played(known, self._warming(known), fractions, ticks * known.clock.period, self.contact)
        guesses = {
            "load_pulse": Guess(value=model.load_pulse, low=0.8 * model.load_pulse, high=1.2 * model.load_pulse),
            "load_scale": Guess(value=1.0, low=0.3, high=3.0),
            "heating": Guess(value=model.heating, low=0.0, high=10 * model.heating),
        }
        errors = readout.errors["a"]
        fit = fit_line_heat(openings, counts, model, errors, guesses, "load_scale", "Line, load opened")
        device, scale = known.design.device, fit.values["load_scale"]
        kappa = float(device.load.kappa(known.design.open_flux, device.mode_frequency))
        error = float(np.hypot(scale.error, LEFT_OUT * scale.value))
        return LoadMapFound(fit=fit, kappa=Measured(scale.value * kappa, error * kappa))

    def found(self, fit: LoadMapFound) -> dict[str, Measured]:
        """What a full-scale pulse is on the load's coupler, and the open load's rate."""
        return {"load.pulse": fit.fit.values["load_pulse"], "load.kappa": fit.kappa}

    def _warming(self, known: Knowledge) -> float:
        line, period = known.link.line, known.clock.period
        warming = min(self.photons / (line.internal_rate * line.hot_occupation), self.longest)
        return float(np.round(warming / period) * period)
