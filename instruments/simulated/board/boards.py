"""Boards: several boards that one pulse starts, wired to one plant that sees all of them on one axis of time."""

from collections.abc import Sequence
from contextlib import ExitStack
from dataclasses import dataclass, replace
from functools import partial
from typing import Final

import numpy as np
from numpy.typing import NDArray

from ....sequences.errors import BoardError
from .converters.readouts import Readout
from .loopback import Loopback
from .measurement import tracing
from .output import BOARD, ImagingPlant, Plant, Repetition, Window
from .rising import pin
from .shots import Run, Shots
from .soc import SimulatedSoc

REACH: Final = 10e-6


@dataclass(frozen=True)
class Boards:
    """Boards with a common start; the plant of each is replaced by `plant`, which is wired to all.

    The n-th repetitions of all boards are one shot to the plant, and what their readouts find is correlated as on one
    board. Where a board begins its next repetition before another has begun this one, or makes more of them, there are
    no shots in common: then each board's readouts are answered by themselves.

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
            if not np.isfinite(values).all():
                raise BoardError(f"{name} is {values}; give finite numbers")
        if not self.socs or len({id(soc) for soc in self.socs}) < len(self.socs):
            raise BoardError(f"{len(self.socs)} boards, of which not each is another; give a SimulatedSoc for each")
        if isinstance(self.plant, Loopback):
            self.plant.check([soc.wiring for soc in self.socs])
        for number, soc in enumerate(self.socs):
            soc.plant = _Connector(self.plant, number * BOARD)
        if self.pin is not None:
            self.socs[0].lead = partial(self._lead, self.pin)

    def trigger_start(self, timeout: float = 0.0) -> None:
        """The pulse at the start input of all boards: runs the programs that wait for it.

        timeout: How long to wait until a program waits on each board (s).
        """
        for number, soc in enumerate(self.socs):
            if not soc.waits(timeout):
                why = "no program waits for a start, so that none was started"
                raise BoardError(f"board {number}: {why}; use start_src='external', and trigger again once all wait")
        with ExitStack() as stack:
            for soc in self.socs:
                stack.enter_context(soc.started())
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
        shots = Shots(runs, self.plant, self._readout)
        for soc, run in zip(self.socs, runs, strict=True):
            soc.groups, soc.owner = run.heard([other for other in runs if other is not run], self.reach)
            soc.together = partial(shots.heard, run.first // BOARD) if shots.together else None

    def _readout(self, index: int) -> Readout:
        number, own = divmod(index, BOARD)
        return self.socs[number].wiring.readout(own)

    def _run(self, number: int, start: float) -> Run:
        soc = self.socs[number]
        return Run(
            first=number * BOARD,
            skew=start + (self.skew[number] if self.skew else 0.0),
            rate=1.0 + (self.drift[number] if self.drift else 0.0),
            groups=tuple(soc.groups),
            owner=soc.owner,
            origins=soc.origins / (soc.wiring.f_time * 1e6),
        )


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

    def traces(self, repetition: Repetition, windows: Sequence[Window]) -> list[NDArray[np.complex128]]:
        return tracing(self.plant).traces(repetition, [self._named(window) for window in windows])

    def _named(self, window: Window) -> Window:
        return replace(window, readout=self.first + window.readout)
