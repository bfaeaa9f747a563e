"""Board: runs a compiled program and returns what its readouts saw."""

from contextlib import suppress
from dataclasses import dataclass, field
from itertools import product
from typing import Any, Protocol

import numpy as np
import xarray as xr

from ..sequences.dataset import QUADRATURE, SHOT
from ..sequences.errors import ColdlinkError, SequenceError
from ..sequences.program import Program
from .qick.image import image, written
from .qick.lower import lower
from .qick.wiring import Wiring


class Board(Protocol):
    """What plays a program."""

    def run(self, program: Program, shots: int) -> xr.Dataset:
        """Play `program` `shots` times; see `QickBoard.run` for the dataset."""
        ...


@dataclass(frozen=True)
class QickBoard:
    """A QICK board, or its twin, behind the vendor's `soc` object.

    soc: Anything that an unmodified `acquire()` can drive. soccfg: Its firmware, a QickConfig. wiring: Where each
    channel is plugged in.
    """

    soc: Any
    soccfg: Any
    wiring: Wiring
    _last: dict[str, Any] = field(default_factory=dict, init=False, repr=False, compare=False)

    def run(self, program: Program, shots: int) -> xr.Dataset:
        """Play `program` `shots` times.

        Returns one variable a channel read, `a.iq` for `a.readout`, float32 with dimensions (*axes, shot, quadrature):
        the echo averaged over its window, in ADC units. Attributes: `image_sha256`, `board_time_s`.
        """
        lowered, digest = self._lowered(program, shots)
        try:
            lowered.acquire(self.soc, rounds=1, progress=False)
        except BaseException:
            # Whatever ended the host's loop, the processor would play on.
            with suppress(ColdlinkError, OSError):
                self.soc.stop_tproc()
            raise
        by_readout = dict(zip(lowered.ro_chs, lowered.get_raw(), strict=True))
        dataset = xr.Dataset(
            {
                f"{name.removesuffix('.readout')}.iq": self._variable(program, name, by_readout, shots)
                for name in program.acquisitions
            },
            coords={axis.name: list(axis.values) for axis in program.axes},
            attrs={"image_sha256": digest, "board_time_s": shots * program.shot_duration, "shots": shots},
        )
        for axis in program.axes:
            dataset[axis.name].attrs["units"] = axis.unit
        return dataset

    def image(self, program: Program, shots: int) -> str:
        """What `run` would load, as a document that `coldlink trace` reads; plays nothing."""
        return written(self._lowered(program, shots)[0])

    def _lowered(self, program: Program, shots: int) -> tuple[Any, str]:
        """The vendor's program and the hash of its image; a scan plays the same one at many settings."""
        if self._last.get("program") is not program or self._last["shots"] != shots:
            _check_reads(program)
            lowered = lower(program, self.soccfg, self.wiring, shots)
            self._last.update(program=program, shots=shots, lowered=lowered, digest=image(lowered).sha256)
        return self._last["lowered"], self._last["digest"]

    def _variable(self, program: Program, name: str, raw: dict[int, Any], shots: int) -> xr.Variable:
        window = program.acquisitions[name].window_ticks
        counts = np.asarray(raw[self.wiring.echoes[name].readout], dtype=np.float32) / window
        shape = tuple(len(axis.values) for axis in program.axes)
        data = np.moveaxis(counts.reshape(shots, *shape, 2), 0, -2)
        return xr.Variable((*(axis.name for axis in program.axes), SHOT, QUADRATURE), data, {"units": "ADC"})


def _check_reads(program: Program) -> None:
    """SequenceError unless the data will be rectangular."""
    if not program.acquisitions:
        raise SequenceError("the sequence reads nothing; measure a node at its end")
    for name, index in product(program.acquisitions, range(len(program.blocks))):
        reads = program.blocks[index].reads.count(name)
        if reads != 1:
            raise SequenceError(f"{name} is read {reads} times at point {index} of the grid; read it once at every one")
