"""Which generator or readout listens to which port of the processor."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from math import inf, lcm
from numbers import Real
from typing import Any, Final, TypeVar

from .....sequences.errors import BoardError
from ..processor.event import DATA, TRIG
from .generators import TYPES as GENERATORS
from .generators import Generator, generator
from .readouts import TYPES as READOUTS
from .readouts import Readout, readout

_Unit = TypeVar("_Unit")
PROCESSOR: Final = "qick_processor"
_CLOCKS: Final = ("f_time", "f_core", "fs", "f_fabric", "f_dds", "f_output")
_TPROC: Final = ("f_time", "f_core", "dmem_size", "wmem_size")
_GENERATOR: Final = ("type", "tproc_ch", "fs", "f_fabric", "f_dds", "maxv", "has_mixer")
_READOUT: Final = (
    *("ro_type", "fs", "f_fabric", "f_dds", "b_dds", "f_output", "iq_offset"),
    *("trigger_type", "trigger_port", "avg_maxlen", "buf_maxlen"),
)


class Wiring:
    """Generators and readouts of a board by index and by port; BoardError if the soccfg does not describe them.

    soccfg: Anything that gives "gens", "readouts" and "tprocs" by key.
    """

    def __init__(self, soccfg: Any) -> None:
        _check(soccfg)
        self.tproc: Mapping[str, Any] = soccfg["tprocs"][0]
        self.f_time = float(self.tproc["f_time"])
        self.generators = [generator(n, config, self.f_time) for n, config in enumerate(soccfg["gens"])]
        self.readouts = [readout(n, config, self.f_time) for n, config in enumerate(soccfg["readouts"])]
        self._gens: Sequence[Mapping[str, Any]] = soccfg["gens"]
        self._ros: Sequence[Mapping[str, Any]] = soccfg["readouts"]

    def generator(self, index: int) -> Generator:
        """The generator with this index in the soccfg."""
        return _found("generator", index, self.generators, self._gens, GENERATORS)

    def readout(self, index: int) -> Readout:
        """The readout with this index in the soccfg."""
        return _found("readout", index, self.readouts, self._ros, READOUTS)

    def wave(self, port: int, conf: int) -> Generator | Readout:
        """Where a wave of this port goes; a shared port names the channel in the upper byte of `conf`."""
        for index, config in enumerate(self._gens):
            if config["tproc_ch"] == port and config.get("tmux_ch") in (None, conf >> 8):
                return self.generator(index)
        for index, config in enumerate(self._ros):
            if config.get("tproc_ctrl") == port and config.get("tmux_ch") in (None, conf >> 8):
                return self.readout(index)
        raise BoardError(f"a wave leaves through port {port} (conf 0x{conf:04x}), where nothing listens")

    def alignment(self, ports: Iterable[int]) -> int:
        """Ticks after which the clocks of the generators on these wave ports and of the readouts in use coincide."""
        used = set(ports)
        pairs = zip(self.generators, self._gens, strict=True)
        ratios = [unit.fabric for unit, config in pairs if unit is not None and config["tproc_ch"] in used]
        ratios += [unit.output for unit in self.readouts if unit is not None and unit.length]
        return lcm(1, *(ratio.denominator for ratio in ratios))

    def triggered(self, kind: int, port: int, rising: int) -> Iterator[Readout]:
        """Readouts in use that start at rising bits of a trigger or data port."""
        wanted = {TRIG: "tport", DATA: "dport"}[kind]
        for index, config in enumerate(self._ros):
            if config["trigger_type"] != wanted or config["trigger_port"] != port:
                continue
            bit = 0 if kind == TRIG else int(config["trigger_bit"])
            unit = self.readouts[index]
            if rising >> bit & 1 and unit is not None and unit.length:
                yield unit


def _found(
    kind: str, index: int, units: Sequence[_Unit | None], configs: Sequence[Mapping[str, Any]], known: Iterable[str]
) -> _Unit:
    """One of a board's units; known: Types that are simulated."""
    if not 0 <= index < len(units):
        raise BoardError(f"there is no {kind} {index}, the board has {len(units)}; print(soc) lists them")
    found = units[index]
    if found is None:
        config = configs[index]
        raise BoardError(
            f"{kind} {index} is of type {config.get('ro_type', config.get('type'))}, which is not simulated; use one "
            f"of {', '.join(sorted(known))}"
        )
    return found


def _check(soccfg: Any) -> None:
    """Refuse what lacks a field that the twin needs to know; a field of something that is not simulated may lack."""
    try:
        tproc, gens, readouts = soccfg["tprocs"][0], soccfg["gens"], soccfg["readouts"]
    except (KeyError, IndexError, TypeError) as error:
        raise BoardError("this is no soccfg of a board: it has no `tprocs`, `gens` and `readouts`") from error
    if tproc.get("type", PROCESSOR) != PROCESSOR:
        raise BoardError(f"the board's processor is a {tproc['type']}; only the tProc v2 ({PROCESSOR}) is simulated")
    _require("the processor", tproc, _TPROC)
    for index, config in enumerate(gens):
        _require(f"generator {index}", config, _GENERATOR if config.get("type") in GENERATORS else ("type", "tproc_ch"))
    for index, config in enumerate(readouts):
        _require(f"readout {index}", config, _READOUT if config.get("ro_type") in READOUTS else ("ro_type",))


def _require(name: str, config: Mapping[str, Any], fields: Sequence[str]) -> None:
    missing = [field for field in fields if field not in config]
    if missing:
        raise BoardError(f"the soccfg does not tell {', '.join(missing)} of {name}; dump it from the board again")
    for field in (field for field in fields if field in _CLOCKS):
        if not isinstance(config[field], Real) or not 0 < config[field] < inf:
            raise BoardError(f"{field} of {name} is {config[field]!r} MHz in the soccfg; dump it from the board again")
