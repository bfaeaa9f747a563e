"""Wired: a record's board, with the settings and the envelopes that the record tells."""

from collections.abc import Mapping, Sequence
from typing import Any, TypeVar

from .....sequences.errors import BoardError
from ..converters.generators import Generator, MultiplexedGenerator
from ..converters.readouts import Readout
from ..converters.wiring import Wiring
from .record import Record

Unit = TypeVar("Unit", Generator, Readout)


def wired(record: Record) -> Wiring | None:
    """The board as the program finds it, None if nobody knows it; BoardError if it is another than the program's."""
    if record.soccfg is None:
        return None
    wiring = Wiring(record.soccfg)
    for index, samples in record.windows.items():
        readout = _unit("readout", index, wiring.readouts)
        if readout is not None:
            readout.set_length(samples)
    for name, index, values in record.settings:
        generator = _unit("generator", index, wiring.generators)
        if generator is not None:
            _set(generator, name, values)
    for index, address, memory in record.envelopes:
        generator = _unit("generator", index, wiring.generators)
        if generator is not None:
            generator.load(memory, address)
    return wiring


def _unit(kind: str, index: int, units: Sequence[Unit | None]) -> Unit | None:
    """Of a number; None for one of a type that is not simulated."""
    if not 0 <= index < len(units):
        raise BoardError(f"{kind} {index} is set, the board has {len(units)}; give the right --soccfg")
    return units[index]


def _set(unit: Generator, name: str, values: Mapping[str, Any]) -> None:
    """One setting, as `Record.settings` has it."""
    if name == "zone":
        unit.set_zone(int(values["zone"]))
    elif name == "mixer":
        unit.set_mixer(float(values["frequency"]), full_range=bool(values["full_range"]))
    elif isinstance(unit, MultiplexedGenerator):
        unit.settings = tuple(values["tones"])
    else:
        raise BoardError(f"{unit.name} is not multiplexed, but tones are set; give the right --soccfg")
