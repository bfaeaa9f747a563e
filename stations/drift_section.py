"""Drift section: how far and how fast truth.yaml lets a simulated cryostat drift."""

from typing import Annotated

from pydantic import Field

from ..instruments.simulated.drift import Drifts
from ..instruments.simulated.wander import Telegraph, Wander
from .network_sections import Flux
from .yaml_file import Angle, Duration, Number, Section, Temperature

Correlation = Annotated[Duration, Field(ge=60, le=1e8)]
"""From a minute on, for a drift stands still during a run, to three years (s)."""


class _Process(Section):
    correlation: Correlation


class TemperatureDrift(_Process):
    """amplitude: Standard deviation (K)."""

    amplitude: Annotated[Temperature, Field(ge=0, le=0.2)]


class FluxDrift(_Process):
    """amplitude: Standard deviation (Phi0)."""

    amplitude: Annotated[Flux, Field(ge=0, le=0.01)]


class PhaseDrift(_Process):
    """amplitude: Standard deviation (rad)."""

    amplitude: Annotated[Angle, Field(ge=0, le=3.2)]


class RelaxationDrift(_Process):
    """amplitude: Part of 1/T1 that is added half of the time."""

    amplitude: Annotated[Number, Field(ge=0, le=10)]


class DriftsSection(Section):
    """What drifts, see `Drifts`."""

    line_temperature: TemperatureDrift
    flux_offset: FluxDrift
    relaxation: RelaxationDrift
    readout_phase: PhaseDrift
    lo_phase: PhaseDrift
    board_phase: PhaseDrift

    def drifts(self, entropy: int) -> Drifts:
        """As the plant knows it."""
        return Drifts(
            line_temperature=Wander(**self.line_temperature.model_dump()),
            flux_offset=Wander(**self.flux_offset.model_dump()),
            relaxation=Telegraph(**self.relaxation.model_dump()),
            readout_phase=Wander(**self.readout_phase.model_dump()),
            lo_phase=Wander(**self.lo_phase.model_dump()),
            board_phase=Wander(**self.board_phase.model_dump()),
            entropy=(entropy,),
        )
