"""Rfsoc: a QICK board as a QCoDeS instrument; it plays compiled programs."""

from typing import Any

import xarray as xr
from qcodes.instrument import Instrument

from ..sequences.program import Program
from ..sequences.target import Target
from .board import QickBoard
from .qick.soc import connect
from .qick.wiring import Wiring, target


class Rfsoc(Instrument):  # type: ignore[misc]
    """address: As `qick.soc.connect` knows it. wiring: Where each channel is plugged in. firmware: Its name."""

    def __init__(self, name: str, address: str, *, wiring: Wiring, firmware: str, **kwargs: Any) -> None:
        super().__init__(name, **kwargs)
        found = connect(name, address)
        self.board = QickBoard(found.soc, found.soccfg, wiring)
        self.datasheet: Target = target(found.soccfg, wiring, name=firmware)

    def run(self, program: Program, shots: int) -> xr.Dataset:
        """Play `program`; dataset as `QickBoard.run` describes it."""
        return self.board.run(program, shots)

    def get_idn(self) -> dict[str, str | None]:
        """Board and firmware, as they tell of themselves."""
        config = self.board.soccfg.get_cfg()
        return {
            "vendor": "QICK",
            "model": str(config.get("board")),
            "serial": None,
            "firmware": str(config.get("fw_timestamp")),
        }
