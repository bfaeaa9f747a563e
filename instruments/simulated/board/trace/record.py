"""Record: a program with the facts that it needs to run, as read from a file.

A file holds one or a list of: reference records (golden/README.md), program images (`instruments.qick.image.to_json`),
programs of the vendor (`dump_prog()`); plain or compressed JSON.
"""

import base64
import gzip
import json
import zlib
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

from .....sequences.errors import BoardError
from ....qick.dump import assemble
from ..processor.processor import ENABLE_TICK

DEFAULTS: Final = {"f_time": 430.08, "f_core": 200.0, "pmem_size": 4096, "dmem_size": 16384, "wmem_size": 1024}
"""Clocks (MHz) and memories (words) of a processor of which a file says nothing."""

Setting = tuple[str, int, Mapping[str, Any]]

_GZIP: Final = b"\x1f\x8b"
_OWN: Final = {"f_time": "f_time_mhz", "f_core": "f_core_mhz"}


@dataclass(frozen=True, kw_only=True)
class Record:
    """pmem, wmem, dmem: Words, as the vendor's `binprog` has them. inputs: (tick, port, low word, high word).

    tproc: Clocks and memories, as in soccfg["tprocs"][0]. enable_tick: At which the core starts. soccfg: The whole
    board, None if nobody knows it. sources: Lines of the program by address. macros: The macro behind each word, none
    if the file does not tell. windows: Readout -> samples of its windows, as far as the file tells. settings: Of the
    generators, in order: what is set ("zone", "mixer", "tones"), index, values by name. envelopes: Generator, first
    sample, samples of shape (n, 2). assumed: Facts that the file does not say. origin: File and number of the program.
    """

    name: str
    origin: str
    pmem: Sequence[Sequence[int]]
    wmem: Sequence[Sequence[int]]
    dmem: Sequence[int]
    inputs: Sequence[tuple[int, int, int, int]]
    tproc: Mapping[str, Any]
    enable_tick: int
    soccfg: Mapping[str, Any] | None
    sources: Mapping[int, str]
    macros: Sequence[str]
    windows: Mapping[int, int]
    settings: Sequence[Setting]
    envelopes: Sequence[tuple[int, int, NDArray[np.int16]]]
    assumed: tuple[str, ...]


def documents(file: Path) -> list[Any]:
    """The JSON documents in a file, one for each program; BoardError if it cannot be read."""
    try:
        raw = file.read_bytes()
        found = json.loads(gzip.decompress(raw) if raw.startswith(_GZIP) else raw)
    except OSError as error:
        raise BoardError(f"{file}: cannot be read: {error.strerror or error}") from error
    except (ValueError, EOFError, zlib.error, RecursionError) as error:
        raise BoardError(f"{file}: holds no JSON: {error}") from error
    if found == []:
        raise BoardError(f"{file}: an empty list, which holds no program and no soccfg; write one into it")
    return found if isinstance(found, list) else [found]


def record(document: Any, file: Path, number: int = 0, soccfg: Mapping[str, Any] | None = None) -> Record:
    """The program in a document of `file`; BoardError if it is none.

    number: Of the document in the file. soccfg: Of the board, if the document's own is not to be taken.
    """
    origin = f"{file}, program {number}" if number else str(file)
    if not isinstance(document, Mapping) or not document.keys() & {"pmem", "prog_list"}:
        raise BoardError(f"{origin}: neither a record or image with `pmem` nor a vendor's program with `prog_list`")
    try:
        program = document if "pmem" in document else {**document, **assemble(document)}
        board = soccfg if soccfg is not None else _soccfg(document.get("soccfg"), file)
        tproc, assumed = _tproc(program, board)
        found = Record(
            name=str(document.get("name") or _stem(file, number)),
            origin=origin,
            pmem=_rows(program, "pmem", 3, int(tproc["pmem_size"])),
            wmem=_rows(program, "wmem", 6, int(tproc["wmem_size"])),
            dmem=[row[0] for row in _rows(program, "dmem", 1, int(tproc["dmem_size"]))],
            inputs=[(row[0], row[1], row[2], row[3]) for row in _rows(program, "inject", 4, None)],
            tproc=tproc,
            enable_tick=int(program.get("core_enable_tick", ENABLE_TICK)),
            soccfg=board,
            sources=sources(str(program.get("asm") or "")),
            macros=_macros(document, len(program["pmem"])),
            windows=_windows(document),
            settings=list(_settings(document)),
            envelopes=[(ch, at, _samples(given)) for ch, at, given in _envelopes(document.get("envelopes"))],
            assumed=(*assumed, *(() if "core_enable_tick" in program else (f"core_enable_tick {ENABLE_TICK}",))),
        )
    except BoardError as error:
        raise BoardError(f"{origin}: {error}") from error
    except (TypeError, ValueError, KeyError, IndexError, AttributeError) as error:
        raise BoardError(f"{origin}: {type(error).__name__}: {error}; correct the file") from error
    return found


def sources(asm: str) -> dict[int, str]:
    """Line number, last label and text of each instruction of an assembler text, by its address."""
    found: dict[int, str] = {}
    address, label = 0, ""
    for number, raw in enumerate(asm.splitlines(), start=1):
        line = " ".join(raw.partition("//")[0].split())
        if line.endswith(":"):
            label = line[:-1]
        if not line or line.endswith(":") or (line.startswith(".") and line != ".END"):
            continue
        if not found and line != "NOP":
            # The assembler puts an empty word at address 0 by itself.
            address = 1
        text = f"line {number}{f' after {label}' if label else ''}: {line}"
        for _ in range(2 if line.startswith("WAIT ") else 1):
            found[address] = text
            address += 1
    return found


def _macros(document: Mapping[str, Any], words: int) -> list[str]:
    """A text for each word, or none at all."""
    given = document.get("macros", [])
    if not isinstance(given, list) or not all(isinstance(text, str) for text in given) or len(given) not in (0, words):
        raise BoardError(f"`macros` is no list of {words} texts, one a word of `pmem`; write it with `macros(program)`")
    return given


def _windows(document: Mapping[str, Any]) -> dict[int, int]:
    """From the readouts of a vendor's program, or the settings of an image."""
    found = {int(channel): int(config["length"]) for channel, config in (document.get("ro_chs") or {}).items()}
    for call in document.get("registers") or ():
        name, arguments, settings = json.loads(call)
        if name in ("config_avg", "config_buf") and arguments:
            found[int(arguments[0])] = int(settings["length"])
    return found


def _settings(document: Mapping[str, Any]) -> Iterator[Setting]:
    """From the generators of a vendor's program, or the settings of an image."""
    for channel, config in (document.get("gen_chs") or {}).items():
        yield "zone", int(channel), {"zone": config["nqz"]}
        if "mixer_freq" in config:
            full = config["mixer_fullscale"]
            yield "mixer", int(channel), {"frequency": config["mixer_freq"]["setval"], "full_range": full}
        if "mux_tones" in config:
            yield "tones", int(channel), {"tones": config["mux_tones"]}
    for call in document.get("registers") or ():
        name, arguments, more = json.loads(call)
        if name == "set_nyquist":
            yield "zone", int(arguments[0]), {"zone": arguments[1]}
        elif name == "set_mixer_freq":
            full = more.get("fullscale", False)
            yield "mixer", int(arguments[0]), {"frequency": arguments[1], "full_range": full}
        elif name == "config_mux_gen":
            yield "tones", int(arguments[0]), {"tones": arguments[1]}


def _envelopes(given: Any) -> Iterator[tuple[int, int, Any]]:
    """Generator, first sample and samples; of an image, of a reference record, or of a vendor's program."""
    if isinstance(given, Mapping):
        for channel, named in given.items():
            for one in named.values():
                yield int(channel), int(one["addr"]), np.stack([one["i"], one["q"]], axis=1)
        return
    for number, one in enumerate(given or ()):
        if isinstance(one, Mapping):
            for envelope in one["envs"].values():
                yield number, int(envelope["addr"]), envelope["data"]
        else:
            yield int(one[0]), int(one[1]), one[2]


def _samples(given: Any) -> NDArray[np.int16]:
    """Of an envelope, shape (n, 2); as a table, or as the vendor packs it: text, shape, type."""
    if len(given) == 3 and isinstance(given[0], str):
        text, shape, kind = given
        given = np.frombuffer(base64.b64decode(text), kind).reshape(shape)
    return np.asarray(given, np.int64).astype(np.int16).reshape(-1, 2)


def _stem(file: Path, number: int) -> str:
    stem = file.name.removesuffix(".gz").removesuffix(".json")
    return f"{stem}-{number}" if number else stem


def _soccfg(given: Any, file: Path) -> Mapping[str, Any] | None:
    """A board that is in the document, or that it names and which lies beside it."""
    if isinstance(given, Mapping):
        return given
    beside = file.parent / str(given or "")
    return board(beside) if given and beside.is_file() else None


def board(file: Path) -> Mapping[str, Any]:
    """A board's description from a soccfg file."""
    (found, *more) = documents(file) or [None]
    if more or not isinstance(found, Mapping) or not {"tprocs", "gens", "readouts"} <= found.keys():
        raise BoardError(f"{file}: no soccfg: it has no `tprocs`, `gens` and `readouts`")
    return found


def _tproc(program: Mapping[str, Any], soccfg: Mapping[str, Any] | None) -> tuple[dict[str, Any], list[str]]:
    """Clocks and memories, and which of them had to be assumed; the program's own go before the board's."""
    tproc = dict(soccfg["tprocs"][0]) if soccfg is not None else {}
    own = {key: program[word] for key, word in _OWN.items() if word in program}
    known = tproc | own
    missing = [key for key in DEFAULTS if key not in known]
    for key in ("f_time", "f_core"):
        if key in known and not float(known[key]) > 0:
            raise BoardError(f"{key} is {known[key]} MHz; a clock runs forward")
    return DEFAULTS | known, [f"{key} {DEFAULTS[key]:g}" for key in missing]


def _rows(program: Mapping[str, Any], key: str, width: int, limit: int | None) -> list[list[int]]:
    """Words of a memory, shape (n, at least `width`)."""
    given = program.get(key)
    rows = np.array([] if given is None else given)
    if rows.size == 0:
        return []
    if rows.dtype.kind not in "iu" or rows.ndim != (1 if width == 1 else 2) or (width > 1 and rows.shape[1] < width):
        raise BoardError(f"`{key}` is no table of whole numbers with {width} or more columns")
    if limit is not None and len(rows) > limit:
        raise BoardError(f"`{key}` has {len(rows)} words, the processor's memory {limit}")
    found: list[list[int]] = rows.reshape(len(rows), -1).tolist()
    return found
