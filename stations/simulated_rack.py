"""Simulated rack: the instruments of a twin as truth.yaml declares them, and the refrigerator that they stand at."""

from collections.abc import Mapping
from typing import Annotated

import numpy as np
from pydantic import Field

from ..instruments.clock import Clock
from ..instruments.simulated.cryostat import LINE
from ..instruments.simulated.fridge import Fridge, Heater, SourceUnit, ThermometerUnit, dilution_refrigerator
from ..instruments.simulated.plant import LinkPlant
from .yaml_file import Section

SOURCE_RANGE = 10.0
"""Range that the sources were left in by whoever built the rack (V)."""
SAMPLE_HEATER, WARM_UP_HEATER = 120.0, 50.0
"""Resistances (Ohm)."""


class SourceSection(Section):
    """A voltage source. output: What the cryostat's cables call its terminals."""

    serial: str
    output: str


class ThermometerSection(Section):
    """A thermometer. inputs: The stage at each, from 1. sample_heater, warm_up_heater: The stage that each warms."""

    serial: str
    inputs: Annotated[tuple[str, ...], Field(min_length=1)]
    sample_heater: str
    warm_up_heater: str

    def unit(self) -> ThermometerUnit:
        """As the refrigerator's rack knows it."""
        return ThermometerUnit(
            serial=self.serial,
            inputs=dict(enumerate(self.inputs, start=1)),
            heaters={
                0: Heater(stage=self.sample_heater, resistance=SAMPLE_HEATER),
                1: Heater(stage=self.warm_up_heater, resistance=WARM_UP_HEATER),
            },
        )


class RackSection(Section):
    """The instruments beside the board, by the names of instruments.yaml."""

    sources: Mapping[str, SourceSection]
    thermometers: Mapping[str, ThermometerSection]

    def fridge(self, plant: LinkPlant, clock: Clock, rng: np.random.Generator) -> Fridge:
        """The rack at a refrigerator whose flange for the line is without heat as warm as the plant's design and drift
        have it.
        """
        thermometers = {name: section.unit() for name, section in self.thermometers.items()}
        sources = {
            name: SourceUnit(serial=source.serial, source=source.output, range=SOURCE_RANGE)
            for name, source in self.sources.items()
        }
        held = plant.truth
        wander = {LINE: held.drifts.warmer} if held.drifts.line_temperature.amplitude else {}
        refrigerator = dilution_refrigerator(held.network.links[0].line_temperature, clock, wander)
        return Fridge({**sources, **thermometers}, refrigerator, plant, rng)
