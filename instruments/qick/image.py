"""Image: everything a board is loaded with for one program, and its hash."""

import hashlib
import json
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

from ...sequences.errors import BoardError
from .macros import macros

Words = NDArray[np.int32]


@dataclass(frozen=True, kw_only=True)
class Image:
    """Memories and register settings, as they are sent to the board.

    pmem, wmem, dmem: Words of the processor's memories, shape (n, 8), (n, 8), (n,).
    envelopes: (generator, address, samples of shape (n, 2)) in order of loading.
    registers: Calls that set generators and readouts, in order: name and arguments.
    """

    pmem: Words
    wmem: Words
    dmem: Words
    envelopes: tuple[tuple[int, int, NDArray[np.int16]], ...]
    registers: tuple[str, ...]

    @property
    def sha256(self) -> str:
        """Hash of all of it, in hex."""
        digest = hashlib.sha256()
        for name, memory in (("pmem", self.pmem), ("wmem", self.wmem), ("dmem", self.dmem)):
            digest.update(f"{name} {memory.shape} ".encode())
            digest.update(np.ascontiguousarray(memory, "<i4").tobytes())
        for generator, address, samples in self.envelopes:
            digest.update(f"envelope {generator} {address} {samples.shape} ".encode())
            digest.update(np.ascontiguousarray(samples, "<i2").tobytes())
        for call in self.registers:
            digest.update(call.encode())
        return digest.hexdigest()


def image(program: Any) -> Image:
    """What the vendor's `program` loads onto a board, found by letting it load a recorder."""
    recorder = _Recorder()
    program.config_all(recorder)
    program.config_bufs(recorder, enable_avg=True, enable_buf=False)
    return Image(
        pmem=_memory(recorder.binprog, "pmem"),
        wmem=_memory(recorder.binprog, "wmem"),
        dmem=_memory(recorder.binprog, "dmem"),
        envelopes=tuple(recorder.envelopes),
        registers=tuple(recorder.calls),
    )


def _memory(binprog: dict[str, Any], name: str) -> Words:
    words = binprog.get(name)
    return np.zeros(0, np.int32) if words is None else np.array(words, dtype=np.int64).astype(np.int32)


_FACTS: Final = ("tprocs", "gens", "readouts")
"""What the running of an image needs to know of its board."""


def written(program: Any, *, name: str = "") -> str:
    """The vendor's `program` as the document that `to_json` gives: image, text, and the macro behind each word."""
    behind = macros(program)
    return to_json(image(program), program.soccfg, name=name, asm=program.asm(), macros=behind)


def to_json(loaded: Image, soccfg: Any, *, name: str = "", asm: str = "", macros: Sequence[str] = ()) -> str:
    """The image with its board's clocks, memories and channels as one JSON document, which `coldlink trace` reads.

    soccfg: Anything that gives "tprocs", "gens" and "readouts" by key. asm: The program's text, for messages. macros:
    Behind each word, as `macros.macros` finds them.
    """
    document = {
        "name": name,
        "sha256": loaded.sha256,
        "pmem": loaded.pmem.tolist(),
        "wmem": loaded.wmem.tolist(),
        "dmem": loaded.dmem.tolist(),
        "envelopes": [[number, address, samples.tolist()] for number, address, samples in loaded.envelopes],
        "registers": list(loaded.registers),
        "asm": asm,
        **({"macros": list(macros)} if macros else {}),
        "soccfg": {key: soccfg[key] for key in _FACTS},
    }
    return json.dumps(document, default=_plain, allow_nan=False)


def from_json(text: str) -> tuple[Image, dict[str, Any]]:
    """The image of such a document and what it says of its board; BoardError if it is none, or was changed."""
    try:
        document = json.loads(text)
        loaded = Image(
            pmem=_memory(document, "pmem"),
            wmem=_memory(document, "wmem"),
            dmem=_memory(document, "dmem"),
            envelopes=tuple(
                (ch, at, np.array(data, np.int16).reshape(-1, 2)) for ch, at, data in document["envelopes"]
            ),
            registers=tuple(document["registers"]),
        )
        expected, soccfg = document["sha256"], dict(document["soccfg"])
    except (KeyError, TypeError, ValueError, OverflowError) as error:
        raise BoardError(f"no program image: {type(error).__name__}: {error}; write it with to_json") from error
    if loaded.sha256 != expected:
        raise BoardError(f"the image's hash is {loaded.sha256}, its document says {expected}; it was changed")
    return loaded, soccfg


class _Recorder:
    """Stands where a board would and notes down what it is told."""

    def __init__(self) -> None:
        self.binprog: dict[str, Any] = {}
        self.envelopes: list[tuple[int, int, NDArray[np.int16]]] = []
        self.calls: list[str] = []

    def load_envelope(self, ch: int, data: Any, addr: int) -> None:
        self.envelopes.append((ch, addr, np.array(data, dtype=np.int16)))

    def load_bin_program(self, binprog: dict[str, Any], load_mem: bool = True) -> None:
        self.binprog = binprog

    def __getattr__(self, name: str) -> Any:
        def call(*args: Any, **kwargs: Any) -> None:
            self.calls.append(json.dumps([name, args, kwargs], sort_keys=True, default=_plain))

        return call


def _plain(value: Any) -> Any:
    """A numpy number or array as json knows it; anything else has no spelling that stays the same."""
    return value.tolist()
