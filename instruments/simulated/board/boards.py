"""Boards: several boards that one pulse starts, wired to one plant that sees all of them on one axis of time."""

from collections.abc import Iterator
from contextlib import ExitStack
from dataclasses import dataclass, replace
from functools import cached_property, partial
from math import tau
from typing import Final

import numpy as np
from numpy.typing import NDArray

from ....sequences.errors import BoardError
from .measurement import tracing
from .output import ImagingPlant, Plant, Played, Repetition, Window
from .rising import pin
from .soc import SimulatedSoc

BOARD: Final = 1000
"""The plant knows generator n and readout n of board m as 1000 m + n."""
REACH: Final = 10e-6
RESOLUTION: Final = 1e-15
"""To which shifts between boards are compared when repetitions are put into one group (s)."""


@dataclass(frozen=True)
class Boards:
    """Boards with a common start; the plant of each is replaced by `plant`, which is wired to all.

    skew: By how much later than the pulse each board's time begins (s), zeros if left out. drift: By how much longer
    than a true second each board's second lasts (s/s), zeros if left out. reach: For how long before and after a
    repetition's windows waves of the other boards are listed (s). pin: Output of the first board that starts the others
    when it first goes up; `skew` then counts from there. Without it `trigger_start` starts all boards.
    """

    socs: tuple[SimulatedSoc, ...]
    plant: Plant
    skew: tuple[float, ...] = ()
    drift: tuple[float, ...] = ()
    reach: float = REACH
    pin: int | None = None

    def __post_init__(self) -> None:
        for name, values in (("skew", self.skew), ("drift", self.drift)):
            if len(values) not in (0, len(self.socs)):
                raise BoardError(f"{name} has {len(values)} values for {len(self.socs)} boards; give one for each")
        for number, soc in enumerate(self.socs):
            soc.plant = _Connector(self.plant, number * BOARD)
        if self.pin is not None:
            self.socs[0].lead = partial(self._lead, self.pin)

    def trigger_start(self, timeout: float = 0.0) -> None:
        """The pulse at the start input of all boards: runs the programs that wait for it.

        timeout: How long to wait until a program waits on each board (s).
        """
        with ExitStack() as stack:
            for soc in self.socs:
                stack.enter_context(soc.started(timeout))
            self._join([0.0] * len(self.socs))

    def _lead(self, number: int) -> None:
        """The first board starts by itself, the others when its pin of this number goes up."""
        leader, *others = self.socs
        wire = pin(leader["tprocs"][0], number)
        leader.watchers = (wire,)
        with ExitStack() as stack:
            stack.enter_context(leader.started(by="internal"))
            if wire.tick is None:
                raise BoardError(f"pin {number} of the first board starts the others but never goes up; trigger it")
            for soc in others:
                stack.enter_context(soc.started())
            self._join([0.0] + [wire.tick / leader.wiring.f_time * 1e-6] * len(others))

    def _join(self, starts: list[float]) -> None:
        """Let each board hear all others. starts: When their start inputs went up (s)."""
        runs = [self._run(number, start) for number, start in enumerate(starts)]
        for soc, run in zip(self.socs, runs, strict=True):
            soc.groups, soc.owner = run.heard([other for other in runs if other is not run], self.reach)

    def _run(self, number: int, start: float) -> "_Run":
        soc = self.socs[number]
        return _Run(
            first=number * BOARD,
            skew=start + (self.skew[number] if self.skew else 0.0),
            rate=1.0 + (self.drift[number] if self.drift else 0.0),
            groups=tuple(soc.groups),
            owner=soc.owner,
            origins=soc.origins / (soc.wiring.f_time * 1e6),
        )


@dataclass(frozen=True, kw_only=True)
class _Run:
    """What a board has played.

    first: Number of its generator 0 on the plant's side. rate: True seconds in one of its seconds. groups, owner: Its
    distinct repetitions and that of each one. origins: When each one begins, on the board's own time (s).
    """

    first: int
    skew: float
    rate: float
    groups: tuple[Repetition, ...]
    owner: NDArray[np.int64]
    origins: NDArray[np.float64]

    def heard(self, others: "list[_Run]", reach: float) -> tuple[list[Repetition], NDArray[np.int64]]:
        """The board's repetitions with what all boards play around their windows, and the group of each one."""
        known: dict[tuple[tuple[int, int, int], ...], int] = {}
        groups: list[Repetition] = []
        owner = np.empty(len(self.owner), np.int64)
        for n in range(len(self.owner)):
            parts = [(other, k, shift) for other in others for k, shift in self._around(n, other, reach)]
            key = tuple((other.first, int(other.owner[k]), round(shift / RESOLUTION)) for other, k, shift in parts)
            owner[n] = known.setdefault(((self.first, int(self.owner[n]), 0), *key), len(groups))
            if owner[n] == len(groups):
                groups.append(self._joined(n, parts))
        return groups, owner

    @cached_property
    def times(self) -> NDArray[np.float64]:
        """When each repetition begins, true time from the common start on (s)."""
        return self.skew + self.rate * self.origins

    def _around(self, n: int, other: "_Run", reach: float) -> Iterator[tuple[int, float]]:
        """Repetitions of another board that sound around the windows of repetition n; how much later they begin."""
        windows = self.groups[self.owner[n]].windows
        if not windows:
            return
        begin = min(window.start for window in windows) * self.rate - reach
        end = max(window.start + window.length for window in windows) * self.rate + reach
        first, last = np.searchsorted(other.times, self.times[n] + np.array([begin, end]))
        for k in range(max(int(first) - 1, 0), int(last)):
            shift = self._shift(n, other, k)
            starts = [(shift + other.rate * wave.start, wave.duration) for wave in other.groups[other.owner[k]].played]
            if any(start < end and start + duration > begin for start, duration in starts):
                yield k, shift

    def _shift(self, n: int, other: "_Run", k: int) -> float:
        """The difference of `times`, exactly the same for pairs that lie equally far apart on clocks that agree."""
        drifted = (other.rate - 1) * other.origins[k] - (self.rate - 1) * self.origins[n]
        return float((other.origins[k] - self.origins[n]) + (other.skew - self.skew) + drifted)

    def _joined(self, n: int, parts: "list[tuple[_Run, int, float]]") -> Repetition:
        own = self.groups[self.owner[n]]
        played = [self._sound(wave, 0.0) for wave in own.played]
        for other, k, shift in parts:
            played += [other._sound(wave, shift) for wave in other.groups[other.owner[k]].played]
        return Repetition(
            played=tuple(sorted(played, key=lambda wave: wave.start)),
            windows=tuple(self._window(window) for window in own.windows),
            period=self.rate * own.period,
        )

    def _sound(self, wave: Played, shift: float) -> Played:
        """A wave in true time, its repetition `shift` (s) after the axis' zero; the phase at its start stays."""
        start, oscillator = shift + self.rate * wave.start, wave.oscillator / self.rate
        return replace(
            wave,
            generator=self.first + wave.generator,
            start=start,
            sample_rate=wave.sample_rate / self.rate,
            oscillator=oscillator,
            frequency=wave.frequency / self.rate,
            sampling=wave.sampling / self.rate,
            phase=wave.phase + tau * (wave.oscillator * wave.start - oscillator * start),
        )

    def _window(self, window: Window) -> Window:
        start, length, frequency = self.rate * window.start, self.rate * window.length, window.frequency / self.rate
        return replace(window, start=start, length=length, frequency=frequency, sampling=window.sampling / self.rate)


@dataclass(frozen=True)
class _Connector:
    """The readouts of one board on the plant's side. first: Number of its readout 0 there."""

    plant: Plant
    first: int

    @property
    def bandwidth(self) -> float | None:
        """That of the plant."""
        return self.plant.bandwidth if isinstance(self.plant, ImagingPlant) else None

    def measure(self, repetition: Repetition, shots: int) -> NDArray[np.complex128]:
        windows = tuple(self._named(window) for window in repetition.windows)
        return self.plant.measure(replace(repetition, windows=windows), shots)

    def trace(self, repetition: Repetition, window: Window) -> NDArray[np.complex128]:
        return tracing(self.plant).trace(repetition, self._named(window))

    def _named(self, window: Window) -> Window:
        return replace(window, readout=self.first + window.readout)
