"""Twin: a simulated cryostat in this process, with instruments at ports of their own and a world that lasts."""

import json
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from functools import cached_property
from hashlib import sha256
from pathlib import Path
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

from ..calibration.store import Store
from ..instruments.qick.firmware import FIRMWARES, soccfg
from ..instruments.qick.soc import register
from ..instruments.simulated.board import SimulatedSoc
from ..instruments.simulated.board.output import Followed, Repetition
from ..instruments.simulated.clock import SimulatedClock
from ..instruments.simulated.cryostat import Cryostat
from ..instruments.simulated.plant import LinkPlant
from ..sequences.errors import DataFolderError, StationError
from .atomic import write_json
from .declaration import Declaration, declaration, design_of, physical
from .true_values import true_values
from .truth_file import FILE, drawn_truth, truth_file

EPOCH: Final = 1_767_225_600.0
"""When every twin's world begins: 2026-01-01 (s since 1970)."""
UNSEEDED: Final = 0xC01D
"""Entropy of a twin's noise when no seed is given."""
FORMAT: Final = 1
WORLD: Final = "world.json"


@dataclass(frozen=True)
class Twin:
    """cryostat: The world. firmware: Of its board. name, seed: Whose it is. memory: Folder that keeps it.

    It stands behind its board as the plant, and keeps the world whenever something was measured: whoever kills this
    process cannot make time run twice.
    """

    cryostat: Cryostat
    firmware: str
    name: str
    seed: int | None
    memory: Path

    @classmethod
    def build(cls, folder: Path, declared: Declaration, seed: int | None, memory: Path) -> "Twin":
        """The world as it was left, or a new one, whose device was made after the design in `declared`."""
        rng = np.random.default_rng(UNSEEDED if seed is None else [UNSEEDED, seed])
        design, clock = declared.apparatus(), SimulatedClock(EPOCH)
        file = truth_file(folder, design)
        held = physical(folder / FILE, lambda: file.drawn(design, seed))
        plant = LinkPlant(held, rng)
        fridge = file.rack.fridge(plant, clock, rng)
        firmware = declared.wiring.firmware
        twin = cls(Cryostat(plant, fridge, clock), firmware, folder.resolve().name, seed, memory)
        twin._restore()
        return twin

    @property
    def addresses(self) -> dict[str, str]:
        """Where the instruments beside the board answer."""
        return self.cryostat.fridge.addresses

    @property
    def board(self) -> str:
        """Where the board answers."""
        return f"inproc://{self.name}"

    def open(self) -> None:
        """Start the instruments."""
        register(self.name, SimulatedSoc(soccfg(FIRMWARES[self.firmware]), self))
        self.cryostat.fridge.open()

    def measure(self, repetition: Repetition, shots: int) -> NDArray[np.complex128]:
        """What the cryostat answers; see `Cryostat.measure`."""
        echoes = self.cryostat.measure(repetition, shots)
        self.save()
        return echoes

    @contextmanager
    def follow(self) -> Iterator[Followed]:
        """A run that the cryostat follows; see `Cryostat.follow`."""
        try:
            with self.cryostat.follow() as run:
                yield run
        finally:
            self.save()

    def remembers(self, repetition: Repetition) -> bool:
        """See `LinkPlant.remembers`."""
        return self.cryostat.remembers(repetition)

    def save(self) -> None:
        """Keep the world as it is now; DataFolderError where it cannot be written."""
        file = self.memory / WORLD
        try:
            write_json(file, {**self._owner, **self.cryostat.save()}, indent=None)
        except OSError as error:
            hint = "free some space or choose another folder with --data"
            raise DataFolderError(file, f"cannot be written: {error.strerror or error}", hint) from error

    def close(self) -> None:
        """Keep the world and stop the instruments."""
        try:
            self.save()
        finally:
            self.cryostat.fridge.close()
            register(self.name, None)

    @cached_property
    def _owner(self) -> dict[str, Any]:
        device = sha256(repr(self.cryostat.plant.truth).encode()).hexdigest()[:12]
        return {"format": FORMAT, "station": self.name, "seed": self.seed, "device": device}

    def _restore(self) -> None:
        """Go back to the world that is kept; DataFolderError if it is damaged, newer, or of another twin."""
        file = self.memory / WORLD
        if not file.is_file():
            return
        hint = f"restore it from a copy, or delete {self.memory} to begin with a new cryostat"
        try:
            world = json.loads(file.read_text(encoding="utf-8"))
            owner = {name: world[name] for name in self._owner}
            if owner == self._owner:
                self.cryostat.restore(world)
        except (OSError, ValueError, LookupError, TypeError, AttributeError, ArithmeticError) as error:
            raise DataFolderError(file, f"is damaged: {error!r}", hint) from error
        if owner != self._owner:
            found, wanted = (", ".join(f"{k} {v}" for k, v in one.items()) for one in (owner, self._owner))
            raise DataFolderError(file, f"is a world of {found}, not of {wanted}", hint)


def truth_of(folder: Path, seed: int | None, memory: Path) -> dict[str, float | None]:
    """True values of what was calibrated at a twin; StationError if the station is none."""
    if not (folder / "truth.yaml").is_file():
        raise StationError(folder, "is no twin", hint="only a station with a truth.yaml has a truth to tell")
    declared = declaration(folder)
    design, found = design_of(folder, declared), Store.within(memory).read().latest
    return true_values(drawn_truth(folder, declared.apparatus(), seed), design, declared.wiring.target(), found)
