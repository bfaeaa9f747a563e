"""Image: everything a board is loaded with for one program, and its hash."""

import hashlib
import json
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

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
