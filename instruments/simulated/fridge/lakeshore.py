"""SimulatedLakeshore: a Lake Shore 372, its text protocol, control loops, limits and sensors that can fail.

Commands as in the model 372 user's manual; what is not in the tables below is ignored, as the instrument does. The
scanner is not simulated: every input is always fresh.
"""

import math
import re
from collections.abc import Callable, Mapping
from copy import deepcopy
from dataclasses import dataclass, field
from enum import Enum
from typing import Any, Final

import numpy as np

from ....sequences.errors import ModelError
from .thermal import PERIOD, Refrigerator

NOISE = 1e-4
"""Of one reading, relative."""

STEADY = 1e-9
"""Change of an output (% of full scale) in one turn of the loop that does not count."""

SAMPLE_RANGES: Final = (0.0, 31.6e-6, 100e-6, 316e-6, 1e-3, 3.16e-3, 10e-3, 31.6e-3, 100e-3)
"""Full scale of the sample heater in each range (A)."""

WARM_UP_CURRENTS: Final = {1: 0.45, 2: 0.63}
"""Full scale of the warm-up heater (A) by the max current setting; others stand for the user's."""

OPEN_LOOP, CLOSED_LOOP = 2, 5
RESISTANCE_OVER = 16

Fields = list[Any]

INPUT: Final[dict[str, tuple[str, Fields]]] = {
    "INNAME": ("s", [""]),
    "INSET": ("ddddd", [1, 10, 3, 0, 1]),
    "INTYPE": ("dddddd", [0, 2, 0, 11, 0, 1]),
    "TLIMIT": ("f", [0.0]),
}
"""Settings of an input: kinds of the fields (d, f or s) and what they are at delivery."""

OUTPUT: Final[dict[str, tuple[str, Fields]]] = {
    "HTRSET": ("fdfd", [120.0, 8, 0.0, 1]),
    "MOUT": ("f", [0.0]),
    "OUTMODE": ("dddddd", [0, 1, 0, 0, 0, 1]),
    "PID": ("fff", [10.0, 20.0, 0.0]),
    "RAMP": ("df", [0, 0.0]),
    "RANGE": ("d", [0]),
    "SETP": ("f", [0.0]),
}
"""Settings of an output, likewise."""


class SensorFault(Enum):
    """OPEN: A broken wire, seen by the status. NAN: No number at all. FROZEN: The last value for ever."""

    OPEN = "open"
    NAN = "nan"
    FROZEN = "frozen"


@dataclass(frozen=True, kw_only=True)
class Heater:
    """stage: That it warms. resistance: (Ohm)."""

    stage: str
    resistance: float


@dataclass
class SimulatedLakeshore:
    """serial: As in `*IDN?`. inputs: The stage at each. heaters: At outputs 0 (sample) and 1 (warm-up).

    key: Of its noise, which depends on the time and the input alone, not on how often one asks.
    """

    serial: str
    refrigerator: Refrigerator
    inputs: Mapping[int, str]
    heaters: Mapping[int, Heater]
    key: int
    terminator: bytes = b"\r\n"
    _faults: dict[int, tuple[SensorFault, float]] = field(default_factory=dict)

    def __post_init__(self) -> None:
        if unknown := {*self.inputs.values(), *(h.stage for h in self.heaters.values())} - {*self.refrigerator.stages}:
            raise ModelError(f"stage {sorted(unknown)[0]}", 0.0, f"known are {sorted(self.refrigerator.stages)}")
        if wrong := set(self.heaters) - {0, 1}:
            raise ModelError("heater output", float(min(wrong)), "outputs that heat are 0 and 1")
        self._settings: dict[str, dict[int, Fields]] = {
            name: {place: list(fields) for place in places}
            for table, places in ((INPUT, range(1, 17)), (OUTPUT, range(3)))
            for name, (_, fields) in table.items()
        }
        for place, stage in self.inputs.items():
            self._settings["INNAME"][place] = [stage]
        for output, heater in self.heaters.items():
            warm_up = [1 if heater.resistance <= 25 else 2, 1, 0.0, 1]
            self._settings["HTRSET"][output] = warm_up if output else [heater.resistance, 8, 0.0, 1]
        self._percent = dict.fromkeys(range(3), 0.0)
        self._integral = dict.fromkeys(range(3), 0.0)
        self._target = dict.fromkeys(range(3), 0.0)
        self._before: dict[int, float] = {}
        self._queries: dict[str, Callable[[int], str]] = {
            "HTR": lambda output: f"{self._percent[output]:+.4E}",
            "KRDG": lambda place: f"{self._shown(place):+.5E}",
            "RAMPST": lambda output: str(int(self._target[output] != self._settings["SETP"][output][0])),
            "RDGST": lambda place: f"{self._status(place):03d}",
            "SRDG": lambda place: f"{_ruthenium_oxide(self._shown(place)):+.5E}",
        }
        self.refrigerator.controllers.append(self)

    @property
    def identity(self) -> str:
        """Answer to `*IDN?`."""
        return f"LSCI,MODEL372,{self.serial},1.8"

    def answer(self, command: str) -> str | None:
        """Reply to one command, None for none."""
        match = re.fullmatch(r"(\*?[A-Za-z]+)(\?)?\s*(.*)", command.strip())
        if match is None:
            return None
        with self.refrigerator.lock:
            self.refrigerator.update()
            header, arguments = match[1].upper(), [text.strip() for text in match[3].split(",")]
            if match[2]:
                return self._query(header, arguments)
            self._set(header, arguments)
            return None

    def fault(self, place: int, kind: SensorFault | None) -> None:
        """Break the sensor at input `place`, or mend it with None."""
        with self.refrigerator.lock:
            self.refrigerator.update()
            self._faults.pop(place, None)
            if kind is not None:
                self._faults[place] = (kind, self._shown(place))

    def control(self, period: float) -> bool:
        """Turn every loop once; see `Controller`."""
        if any(limit and self._sensed(place) > limit for place, (limit,) in self._settings["TLIMIT"].items()):
            self._settings["RANGE"].update({output: [0] for output in range(3)})
        before = dict(self._percent), dict(self._target)
        for output, heater in self.heaters.items():
            self._percent[output] = self._turn(output, period)
            current = self._percent[output] / 100 * self._full_scale(output)
            self.refrigerator.heat[heater.stage] = current**2 * heater.resistance
        moved = max((abs(self._percent[output] - before[0][output]) for output in self.heaters), default=0.0)
        return moved <= STEADY and self._target == before[1]

    def save(self) -> dict[str, Any]:
        """Settings and the loops' memory, JSON-able."""
        with self.refrigerator.lock:
            self.refrigerator.update()
            return deepcopy(
                {
                    "settings": {
                        name: {str(k): v for k, v in values.items()} for name, values in self._settings.items()
                    },
                    "percent": {str(k): v for k, v in self._percent.items()},
                    "integral": {str(k): v for k, v in self._integral.items()},
                    "target": {str(k): v for k, v in self._target.items()},
                    "before": {str(k): v for k, v in self._before.items()},
                }
            )

    def restore(self, world: Mapping[str, Any]) -> None:
        """Go back to what `save` gave."""
        self._settings = {name: {int(k): list(v) for k, v in rows.items()} for name, rows in world["settings"].items()}
        self._percent, self._integral, self._target, self._before = (
            {int(k): v for k, v in world[name].items()} for name in ("percent", "integral", "target", "before")
        )

    def _query(self, header: str, arguments: list[str]) -> str | None:
        if header == "*IDN":
            return self.identity
        try:
            place = int(arguments[0] or 0)
            if header in self._queries:
                return self._queries[header](place)
            kinds = (INPUT | OUTPUT)[header][0]
            return ",".join(
                _shown(kind, value) for kind, value in zip(kinds, self._settings[header][place], strict=True)
            )
        except (ValueError, KeyError):
            return None

    def _set(self, header: str, arguments: list[str]) -> None:
        try:
            kinds = (INPUT | OUTPUT)[header][0]
            fields = [_parsed(kind, text) for kind, text in zip(kinds, arguments[1:], strict=True)]
            place = int(arguments[0])
            if place in self._settings[header]:
                self._settings[header][place] = fields
        except (ValueError, KeyError, IndexError):
            return

    def _turn(self, output: int, period: float) -> float:
        """Output in percent of full scale for the next period."""
        target = self._approach(output, period)
        mode, place = self._settings["OUTMODE"][output][:2]
        if not self._settings["RANGE"][output][0] or mode not in (OPEN_LOOP, CLOSED_LOOP):
            self._integral[output] = 0.0
            self._before.pop(output, None)
            return 0.0
        if mode == OPEN_LOOP:
            return _percent(self._settings["MOUT"][output][0])
        kelvin = self._sensed(place)
        if math.isnan(kelvin):
            return 0.0
        p, i, d = self._settings["PID"][output]
        error = target - kelvin
        if i:
            self._integral[output] = _percent(self._integral[output] + p * error * period / i)
        slope = (kelvin - self._before.get(output, kelvin)) / period
        self._before[output] = kelvin
        return _percent(p * (error - d * slope) + self._integral[output])

    def _approach(self, output: int, period: float) -> float:
        """Set-point of now (K): the last one, or on its way there (K/min)."""
        wanted = self._settings["SETP"][output][0]
        ramping, rate = self._settings["RAMP"][output]
        step = rate / 60 * period if ramping and rate else math.inf
        self._target[output] += min(max(wanted - self._target[output], -step), step)
        return self._target[output]

    def _full_scale(self, output: int) -> float:
        """Current of an output at 100 % (A)."""
        scale = self._settings["RANGE"][output][0]
        if output == 0 or not scale:
            return SAMPLE_RANGES[scale] if 0 <= scale < len(SAMPLE_RANGES) else 0.0
        _, maximum, user, _ = self._settings["HTRSET"][output]
        return WARM_UP_CURRENTS.get(maximum, 0.0) or float(user)

    def _sensed(self, place: int) -> float:
        """What the loops see at an input (K): without noise, NaN if the sensor is gone or was never there."""
        kind, held = self._faults.get(place, (None, math.nan))
        if kind is None and place in self.inputs:
            return self.refrigerator.last(self.inputs[place])
        return held if kind is SensorFault.FROZEN else math.nan

    def _shown(self, place: int) -> float:
        """What the display shows (K): with noise, zero for an open sensor."""
        if self._status(place):
            return 0.0
        kelvin = self._sensed(place)
        if place in self._faults:
            return kelvin
        turn = round(self.refrigerator.time / PERIOD)
        noise = np.random.Generator(np.random.Philox(key=self.key, counter=[turn, place, 0, 0]))
        return kelvin * (1 + NOISE * float(noise.standard_normal()))

    def _status(self, place: int) -> int:
        kind, _ = self._faults.get(place, (None, 0.0))
        return RESISTANCE_OVER if kind is SensorFault.OPEN or place not in self.inputs else 0


def _percent(value: float) -> float:
    return min(max(value, 0.0), 100.0)


def _parsed(kind: str, text: str) -> Any:
    """One field of a command; ValueError if it is not of its kind."""
    if kind == "s":
        return text.strip('"')
    return int(text) if kind == "d" else float(text)


def _shown(kind: str, value: Any) -> str:
    return f"{value:+.6E}" if kind == "f" else f"{value:<15}" if kind == "s" else str(value)


def _ruthenium_oxide(kelvin: float) -> float:
    """Resistance of a typical thermometer (Ohm), zero for none."""
    return 1000 * math.exp((kelvin + 0.02) ** -0.25) if kelvin else 0.0
