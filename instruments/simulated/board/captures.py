"""Captures: long records of one readout in the board's DDR4 memory or its multi-rate buffer."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from fractions import Fraction
from math import tau
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

from ....sequences.errors import BoardError
from .converters.clock import edge
from .converters.readouts import Readout
from .measurement import tracing, words
from .output import Plant, Repetition, Window
from .rising import Rising, trigger

_SAMPLE: Final = 2**15
_TURN: Final = 1e-6
"""To which two windows of a repetition must agree in the phase of their local oscillator (turns)."""


class Capture:
    """One such buffer: armed by the host, it records from its next trigger on, through all repetitions.

    name: As the vendor calls it. config: soccfg["ddr4_buf"] or ["mr_buf"], None on a board without it. As on the board
    the first `junk_len` samples are none of the record; here they are zeros. The record ends with the run: what it
    takes after the last repetition is silence. Waves are heard in the repetition that plays them, as by the windows.
    """

    def __init__(self, name: str, config: Mapping[str, Any] | None) -> None:
        self.name, self._config = name, config
        self.memory: NDArray[np.int16] = np.zeros((0, 2), np.int16)
        self._armed: tuple[Readout, Fraction, Rising] | None = None

    @property
    def config(self) -> Mapping[str, Any]:
        """Of the buffer."""
        if self._config is None:
            raise BoardError(f"this board has no {self.name} buffer; take the soccfg of a board that has one")
        return self._config

    @property
    def armed(self) -> bool:
        """It waits for its trigger, or has something to record."""
        return self._armed is not None

    def arm(self, unit: Readout, rate: Fraction, samples: int) -> None:
        """Record `samples` of a readout at `rate` (samples per tick) from the next trigger on."""
        if unit.config.get("avgbuf_fullpath") not in self.config["readouts"]:
            raise BoardError(f"{unit.name} is not wired to the {self.name} buffer; see print(soc) for those that are")
        self._armed = unit, rate, trigger(self.config)
        self.memory = np.zeros((samples, 2), np.int16)

    def see(self, events: NDArray[Any]) -> None:
        """Look for the trigger in the next block of a run."""
        if self._armed is not None:
            self._armed[2].see(events)

    def record(self, plant: Plant, f_time: float, run: Sequence[tuple[int, Repetition]]) -> None:
        """Fill the memory if it has been triggered. run: When each repetition begins (tick), and what it plays."""
        if self._armed is None:
            return
        (unit, rate, found), junk = self._armed, int(self.config["junk_len"])
        if found.tick is None or not run:
            return
        first = edge(found.tick, rate)
        self._armed = None
        for begin, end, origin, repetition in _shares(run, rate, first, len(self.memory) - junk):
            start = float((first + begin) / rate - origin) / f_time * 1e-6
            window = _listening(unit, repetition, start, self.name)
            samples = end - begin
            window = replace(window, samples=samples, length=float(samples / rate) / f_time * 1e-6)
            heard = words(unit, np.asarray(tracing(plant).traces(repetition, (window,))[0]), 1)
            if abs(heard).max() >= _SAMPLE:
                raise BoardError(f"the {self.name} buffer overflows: {abs(heard).max()} does not fit; lower the gain")
            self.memory[junk + begin : junk + end] = heard

    def read(self, begin: int, end: int | None) -> NDArray[np.int16]:
        """Samples, shape (end - begin, 2); BoardError if it has recorded none, for a board gives old ones then."""
        if end is not None and end > len(self.memory):
            raise BoardError(
                f"the {self.name} buffer was armed for {len(self.memory)} samples, {end} were asked for; ask for less"
            )
        if self.armed or not self.memory.size:
            missing = "was armed, but not triggered" if self.armed else "was not armed"
            raise BoardError(
                f"the {self.name} buffer {missing}: it would give what it held before; arm it, and let "
                "`trigger` name it, before the program runs"
            )
        return self.memory[begin:end].copy()


def _shares(
    run: Sequence[tuple[int, Repetition]], rate: Fraction, first: int, samples: int
) -> Iterator[tuple[int, int, int, Repetition]]:
    """Which samples of a record that begins with clock edge `first` lie in which repetition, with its tick."""
    for (origin, repetition), after in zip(run, [*(tick for tick, _ in run[1:]), None], strict=True):
        begin = max(0, edge(origin, rate) - first) if origin != run[0][0] else 0
        end = samples if after is None else min(samples, edge(after, rate) - first)
        if begin < end:
            yield begin, end, origin, repetition


def _listening(unit: Readout, repetition: Repetition, start: float, name: str) -> Window:
    """The readout's local oscillator as the repetition's windows know it, from `start` (s) on."""
    windows = [window for window in repetition.windows if window.readout == unit.index]
    moved = [_moved(window, start) for window in windows]
    if not moved:
        raise BoardError(
            f"{unit.name} is not triggered in every repetition that the {name} buffer records: its local oscillator is "
            "not known then; trigger the readout in each one"
        )
    for window in moved[1:]:
        turns = (window.phase - moved[0].phase) / tau
        if window.frequency != moved[0].frequency or abs(turns - round(turns)) > _TURN:
            raise BoardError(f"{unit.name} is tuned anew while the {name} buffer records; that is not simulated")
    return moved[0]


def _moved(window: Window, start: float) -> Window:
    return replace(window, start=start, phase=window.phase + tau * window.frequency * (start - window.start))
