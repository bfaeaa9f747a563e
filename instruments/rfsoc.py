"""Rfsoc: a QICK board as a QCoDeS instrument; it plays compiled programs."""

from pathlib import Path
from typing import Any

import xarray as xr
from qcodes.instrument import Instrument

from ..sequences.program import Program
from ..sequences.target import Target
from .board import QickBoard
from .gateway.client import GatewaySoc
from .qick.soc import connect
from .qick.wiring import Wiring, target


class Rfsoc(Instrument):  # type: ignore[misc]
    """address: As `qick.soc.connect` knows it. wiring: Where each channel is plugged in. firmware: Its name.

    token_file: Of the board's gateway; by default what the environment names.
    """

    def __init__(
        self,
        name: str,
        address: str,
        *,
        wiring: Wiring,
        firmware: str,
        token_file: str | None = None,
        **kwargs: Any,
    ) -> None:
        super().__init__(name, **kwargs)
        found = connect(name, address, token_file=None if token_file is None else Path(token_file))
        self.board = QickBoard(found.soc, found.soccfg, wiring)
        self.datasheet: Target = target(found.soccfg, wiring, name=firmware)

    def run(self, program: Program, shots: int) -> xr.Dataset:
        """Play `program`; dataset as `QickBoard.run` describes it."""
        return self.board.run(program, shots)

    def image(self, program: Program, shots: int) -> str:
        """What `run` would load; see `QickBoard.image`."""
        return self.board.image(program, shots)

    def close(self) -> None:
        """Give the board back, if it is one that others wait for."""
        if isinstance(self.board.soc, GatewaySoc):
            self.board.soc.close()
        super().close()

    def get_idn(self) -> dict[str, str | None]:
        """Board and firmware, as they tell of themselves."""
        config = self.board.soccfg.get_cfg()
        return {
            "vendor": "QICK",
            "model": str(config.get("board")),
            "serial": None,
            "firmware": str(config.get("fw_timestamp")),
        }
