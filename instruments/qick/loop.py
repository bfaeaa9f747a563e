"""Loop: a cable from one of a board's outputs back to one of its inputs, and what a program needs for it."""

from dataclasses import dataclass
from typing import Any, Final, Self

from ...sequences.errors import SequenceError
from ..simulated.board.converters.generators import TYPES as GENERATORS
from ..simulated.board.converters.generators import MultiplexedGenerator
from ..simulated.board.converters.readouts import TYPES as READOUTS

TONE: Final = 500.0
"""Passes the low-frequency transformers of the usual boards, and lies far from DC (MHz)."""
_SHARE: Final = 0.25
"""Of a converter's rate: the middle of its first Nyquist zone, where no filter is near its edge."""


@dataclass(frozen=True, kw_only=True)
class Loop:
    """soccfg: Of the board. generator, readout: Index in it of what the cable joins."""

    soccfg: Any
    generator: int
    readout: int

    @classmethod
    def chosen(cls, soccfg: Any, generator: int | None = None, readout: int | None = None) -> Self:
        """The loop that is asked for; None takes the first that can play, or listen. SequenceError if there is none."""
        players = [n for n, gen in enumerate(soccfg["gens"]) if _plays(gen)]
        listeners = [n for n, ro in enumerate(soccfg["readouts"]) if _listens(ro)]
        generators = [gen["type"] for gen in soccfg["gens"]]
        readouts = [ro["ro_type"] for ro in soccfg["readouts"]]
        return cls(
            soccfg=soccfg,
            generator=_one("generator", generator, players, generators, "plays waves of any frequency and envelope"),
            readout=_one("readout", readout, listeners, readouts, "keeps decimated samples"),
        )

    @property
    def sample(self) -> float:
        """Period of the decimated samples (us)."""
        return 1 / float(self.soccfg["readouts"][self.readout]["f_output"])

    @property
    def tick(self) -> float:
        """Period of the processor's clock (us)."""
        return 1 / float(self.soccfg["tprocs"][0]["f_time"])

    @property
    def room(self) -> int:
        """Decimated samples that the board keeps of a run."""
        return int(self.soccfg["readouts"][self.readout]["buf_maxlen"])

    @property
    def tone(self) -> float:
        """Of what is played (MHz)."""
        rates = self.soccfg["gens"][self.generator]["fs"], self.soccfg["readouts"][self.readout]["fs"]
        return min(TONE, *(_SHARE * float(rate) for rate in rates))

    @property
    def mixed(self) -> bool:
        """The generator has a mixer behind it."""
        return bool(self.soccfg["gens"][self.generator]["has_mixer"])

    @property
    def driven(self) -> bool:
        """The processor sets the readout's frequency, not the host."""
        return "tproc_ctrl" in self.soccfg["readouts"][self.readout]


def _plays(gen: Any) -> bool:
    model = GENERATORS.get(gen["type"])
    return model is not None and not issubclass(model, MultiplexedGenerator)


def _listens(readout: Any) -> bool:
    return readout["ro_type"] in READOUTS and int(readout.get("buf_maxlen") or 0) > 0


def _one(noun: str, asked: int | None, able: list[int], types: list[str], ability: str) -> int:
    if not able:
        raise SequenceError(f"no {noun} of this board {ability}; load a firmware that has one")
    if asked is None or asked in able:
        return able[0] if asked is None else asked
    use = f"use {noun} {', '.join(str(n) for n in able)}"
    if not 0 <= asked < len(types):
        raise SequenceError(f"there is no {noun} {asked}, this board has {len(types)}; {use}")
    raise SequenceError(f"{noun} {asked} is a {types[asked]}, and none of that type {ability}; {use}")
