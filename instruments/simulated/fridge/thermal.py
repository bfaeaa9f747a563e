"""Refrigerator: stages with heat capacity, cooling and a heater, carried along exactly on the clock.

A stage stores heat as C dT with C = capacity T^(n-1) and is cooled by cooling (T^n - base^n). With x = T^n,

    (capacity / n) dx_i/dt = P_i + cooling_i (base_i^n - x_i) + sum_j conductance_ij (x_j - x_i)

is linear. n = 2 is metal and dilute helium at millikelvins (C and conductance go with T; Q = 84 n_3 (T^2 - T_0^2),
Lounasmaa 1974); n = 1 is a flange near its working point. So a constant heater needs one step, however long.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from threading import RLock
from types import MappingProxyType
from typing import Protocol

import numpy as np
from numpy.typing import NDArray
from scipy.linalg import expm

from ....sequences.errors import ModelError
from ....sequences.units import mK
from ...clock import Clock

PERIOD = 0.1
"""Between two turns of a controller's loop (s), on a grid that starts with the refrigerator."""

WATCH = 600
"""Periods after which a controller looks again at a stage that wanders."""

SETTLED = 1e-9
"""Relative change of a temperature in one period below which nothing more happens."""

Vector = NDArray[np.float64]


@dataclass(frozen=True, kw_only=True)
class Stage:
    """exponent: n above, 1 or 2. capacity: (J/K^n). cooling: (W/K^n). base: Without heat (K).

    leak: Heat that comes in always (W).
    """

    exponent: int
    capacity: float
    cooling: float = 0.0
    base: float = 0.0
    leak: float = 0.0


@dataclass(frozen=True, kw_only=True)
class Link:
    """A strap between two stages of one exponent. conductance: (W/K^n)."""

    stages: tuple[str, str]
    conductance: float


class Controller(Protocol):
    """Something that sets heaters once in a period."""

    def control(self, period: float) -> bool:
        """Set the heaters for the next `period` (s); whether it did as before, and will as long as nothing changes."""
        ...


@dataclass
class Refrigerator:
    """stages: By name. links: Between them. heat: Power of each stage's heater now (W). wander: By how much a stage is
    warmer at a time (s since 1970) than heat and cooling make it (K), so slowly that the stage follows.

    Everything public may be called from any thread.
    """

    stages: Mapping[str, Stage]
    links: Sequence[Link]
    clock: Clock
    controllers: list[Controller] = field(default_factory=list)
    heat: dict[str, float] = field(default_factory=dict)
    wander: Mapping[str, Callable[[float], float]] = field(default_factory=dict)
    lock: RLock = field(default_factory=RLock, repr=False)

    def __post_init__(self) -> None:
        self._exponent = np.array([stage.exponent for stage in self.stages.values()], float)
        self._inverse = self._exponent / np.array([stage.capacity for stage in self.stages.values()])
        self._matrix = self._inverse[:, None] * self._conductances()
        if np.linalg.matrix_rank(self._matrix) < len(self.stages):
            raise ModelError("cooling", 0.0, "a stage without cooling, linked to none with it, never settles")
        self._settling = -np.linalg.inv(self._matrix) * self._inverse
        self._places = {name: place for place, name in enumerate(self.stages)}
        self._tick = np.asarray(expm(self._matrix * PERIOD))
        self._start, self._periods = self.clock.now(), 0
        self._state = self._settled()

    @property
    def time(self) -> float:
        """Of the last turn of the loops (s since 1970)."""
        return self._start + self._periods * PERIOD

    def temperature(self, stage: str) -> float:
        """Of `stage` now (K)."""
        with self.lock:
            self.update()
            return self.last(stage)

    def last(self, stage: str) -> float:
        """Temperature of `stage` at the last turn of the loops (K): what they see."""
        wander = self.wander.get(stage)
        return self._undisturbed(stage) + (wander(self.time) if wander else 0.0)

    def update(self) -> None:
        """Catch up with the clock."""
        with self.lock:
            left = int((self.clock.now() - self._start) / PERIOD + 1e-6) - self._periods
            while left > 0:
                steady = [controller.control(PERIOD) for controller in self.controllers]
                before = self._state
                self._step(1)
                left -= 1
                if all(steady) and left and np.all(np.abs(self._state - before) <= SETTLED * before):
                    skipped = min(left, WATCH) if self.wander else left
                    self._step(skipped)
                    left -= skipped

    def save(self) -> dict[str, float]:
        """Temperature of each stage (K) at the last turn of the loops, without its wander."""
        with self.lock:
            self.update()
            return {name: self._undisturbed(name) for name in self.stages}

    def restore(self, temperatures: Mapping[str, float], time: float) -> None:
        """Go back to `temperatures` (K) as they were at `time` (s since 1970); what has passed since follows."""
        with self.lock:
            kelvin = np.array([temperatures[name] for name in self.stages])
            self._state = kelvin**self._exponent
            self._start, self._periods = time, 0

    def _undisturbed(self, stage: str) -> float:
        place = self._places[stage]
        return float(self._state[place] ** (1 / self._exponent[place]))

    def _conductances(self) -> NDArray[np.float64]:
        names = list(self.stages)
        matrix = -np.diag([stage.cooling for stage in self.stages.values()]).astype(float)
        for link in self.links:
            i, j = (names.index(name) for name in link.stages)
            if self._exponent[i] != self._exponent[j]:
                raise ModelError(f"exponent of {link.stages[1]}", float(self._exponent[j]), "a link needs equal ones")
            matrix[i, j] += link.conductance
            matrix[j, i] += link.conductance
            matrix[i, i] -= link.conductance
            matrix[j, j] -= link.conductance
        return matrix

    def _settled(self) -> Vector:
        """x = T^n that the heaters of now lead to, shape (stages,)."""
        power = [
            stage.leak + self.heat.get(name, 0.0) + stage.cooling * stage.base**stage.exponent
            for name, stage in self.stages.items()
        ]
        return np.asarray(self._settling @ power)

    def _step(self, periods: int) -> None:
        final = self._settled()
        propagator = self._tick if periods == 1 else np.asarray(expm(self._matrix * PERIOD * periods))
        self._state = final + propagator @ (self._state - final)
        self._periods += periods


def dilution_refrigerator(
    line: float, clock: Clock, wander: Mapping[str, Callable[[float], float]] = MappingProxyType({})
) -> Refrigerator:
    """A refrigerator with the stages `line`, `mixing chamber` and `load`. line: The line's flange without heat (K).
    wander: See `Refrigerator`.

    The flange follows its heater within 30 s, the mixing chamber (20 uW at 100 mK) in 120 s, the load in 20 s.
    """
    stages = {
        "line": Stage(exponent=1, capacity=15.0, cooling=0.5, base=line),
        "mixing chamber": Stage(exponent=2, capacity=0.48, cooling=2e-3, base=10 * mK),
        "load": Stage(exponent=2, capacity=4e-3, leak=1e-9),
    }
    links = [Link(stages=("mixing chamber", "load"), conductance=1e-4)]
    return Refrigerator(stages, links, clock, wander=wander)
