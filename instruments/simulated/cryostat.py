"""Cryostat: a twin's world; the plant, the refrigerator with its rack, and the time that passes in them."""

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from .board.output import Followed, Repetition
from .clock import SimulatedClock
from .fridge import Fridge
from .plant import LinkPlant

LINE = "line"
"""Stage on which the hot line is mounted."""


@dataclass(frozen=True)
class Cryostat:
    """plant, fridge: One device in one refrigerator. clock: Of both. It stands behind the board as its plant."""

    plant: LinkPlant
    fridge: Fridge
    clock: SimulatedClock

    def measure(self, repetition: Repetition, shots: int) -> NDArray[np.complex128]:
        """What the plant answers, with the line as warm as its stage and all else where it has drifted to by now, until
        the shots, which take their time, are through.
        """
        self._drift()
        echoes = self.plant.measure(repetition, shots)
        self.clock.sleep(shots * repetition.period)
        return echoes

    @contextmanager
    def follow(self) -> Iterator[Followed]:
        """Follow a run in a world that stands still meanwhile as in `measure`; each repetition takes its time."""
        self._drift()
        with self.plant.follow() as run:
            yield _Passing(run, self.clock)

    def remembers(self, repetition: Repetition) -> bool:
        """See `LinkPlant.remembers`."""
        self._drift()
        return self.plant.remembers(repetition)

    def _drift(self) -> None:
        self.plant.drift(self.clock.now())
        self.plant.line_temperature = self.fridge.temperature(LINE)

    def save(self) -> dict[str, Any]:
        """The world as a next session meets it: time, temperatures, instruments and the state of all randomness."""
        return {
            "time": self.clock.now(),
            "fridge": self.fridge.save(),
            "random": self.plant.rng.bit_generator.state,
        }

    def restore(self, world: Mapping[str, Any]) -> None:
        """Go back to what `save` gave."""
        self.clock.sleep(max(0.0, world["time"] - self.clock.now()))
        self.fridge.restore(world["fridge"])
        self.plant.rng.bit_generator.state = world["random"]


@dataclass(frozen=True)
class _Passing:
    """A followed run whose repetitions take their time."""

    run: Followed
    clock: SimulatedClock

    def answer(self, repetition: Repetition, window: int) -> complex:
        return self.run.answer(repetition, window)

    def close(self, repetition: Repetition) -> None:
        self.run.close(repetition)
        self.clock.sleep(repetition.period)
