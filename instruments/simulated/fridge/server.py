"""ScpiServer: instruments behind TCP ports on loopback, one port each, one thread for all of them.

Replies can be made late, garbled, lost or cut off, one at a time, without any waiting: a late reply is sent when the
next line comes.
"""

import asyncio
from collections import deque
from collections.abc import Mapping
from enum import Enum
from functools import partial
from threading import Thread
from typing import Protocol, Self

HOST = "127.0.0.1"
GARBAGE = b"\x07\x9d+1"

TURNS = 8
"""Of the loop, after which a connection that was there before is known, and one that was cut is gone."""


class ScpiInstrument(Protocol):
    """What answers commands. terminator: At the end of its replies."""

    @property
    def terminator(self) -> bytes:
        """At the end of its replies."""
        ...

    def answer(self, command: str) -> str | None:
        """Reply to one command, None for none."""
        ...


class Fault(Enum):
    """What may happen to a reply."""

    LATE = "late"
    GARBAGE = "garbage"
    SILENCE = "silence"
    DROP = "drop"


class ScpiServer:
    """Serves `instruments` while it is entered. heard: The last lines that each was sent."""

    def __init__(self, instruments: Mapping[str, ScpiInstrument]) -> None:
        self.heard: dict[str, deque[str]] = {name: deque(maxlen=10_000) for name in instruments}
        self.faults: dict[str, deque[Fault | None]] = {name: deque() for name in instruments}
        self.addresses: dict[str, str] = {}
        self._instruments = dict(instruments)
        self._lines: dict[str, set[_Line]] = {name: set() for name in instruments}
        self._listening: dict[str, asyncio.Server] = {}
        self._loop: asyncio.AbstractEventLoop | None = None

    def open(self) -> Self:
        """Listen on a free port for each instrument; `addresses` are VISA resources from then on."""
        self._loop = loop = asyncio.new_event_loop()
        for name in self._instruments:
            server = loop.run_until_complete(loop.create_server(partial(self._line, name), HOST, 0))
            self._listening[name] = server
            self.addresses[name] = f"TCPIP0::{HOST}::{server.sockets[0].getsockname()[1]}::SOCKET"
        self._thread = Thread(target=loop.run_forever, name="scpi", daemon=True)
        self._thread.start()
        return self

    def close(self) -> None:
        """Cut every connection and free the ports; once is enough, twice does no harm."""
        if self._loop is None:
            return
        for name in self._instruments:
            self.cut(name)
        self._loop.call_soon_threadsafe(self._loop.stop)
        self._thread.join()
        self._loop.close()
        self._loop = None

    def cut(self, name: str) -> None:
        """Take one instrument off the net, for good."""
        if self._loop is not None:
            asyncio.run_coroutine_threadsafe(self._cut(name), self._loop).result()

    def inject(self, name: str, *faults: Fault | None) -> None:
        """Let these happen to the next replies of an instrument, one each; nothing happens to one with None."""
        self.faults[name].extend(faults)

    def __enter__(self) -> Self:
        return self.open()

    def __exit__(self, *exception: object) -> None:
        self.close()

    def _line(self, name: str) -> "_Line":
        return _Line(self._instruments[name], self.heard[name], self.faults[name], self._lines[name])

    async def _cut(self, name: str) -> None:
        # asyncio loses a connection whose server is closed between its being accepted and its being made.
        await _turns()
        self._listening[name].close()
        for line in list(self._lines[name]):
            line.transport.abort()
        await _turns()


async def _turns() -> None:
    for _ in range(TURNS):
        await asyncio.sleep(0)


class _Line(asyncio.Protocol):
    """One connection to one instrument."""

    transport: asyncio.Transport

    def __init__(
        self, instrument: ScpiInstrument, heard: deque[str], faults: deque[Fault | None], lines: "set[_Line]"
    ) -> None:
        self._instrument, self._heard, self._faults, self._lines = instrument, heard, faults, lines
        self._received, self._late = b"", b""

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        assert isinstance(transport, asyncio.Transport)
        self.transport = transport
        self._lines.add(self)

    def connection_lost(self, exc: Exception | None) -> None:
        self._lines.discard(self)

    def data_received(self, data: bytes) -> None:
        *lines, self._received = (self._received + data).split(b"\n")
        for line in lines:
            self._answer(line.decode("ascii", "replace").strip())

    def _answer(self, line: str) -> None:
        self._heard.append(line)
        late, self._late = self._late, b""
        answers = [self._instrument.answer(command) for command in line.split(";") if command.strip()]
        reply = ";".join(answer for answer in answers if answer is not None).encode("ascii")
        if any(answer is not None for answer in answers):
            late += self._damaged(reply + self._instrument.terminator)
        if late and not self.transport.is_closing():
            self.transport.write(late)

    def _damaged(self, reply: bytes) -> bytes:
        """What is sent at once of `reply`."""
        fault = self._faults.popleft() if self._faults else None
        if fault is Fault.LATE:
            self._late = reply
        if fault is Fault.DROP:
            self.transport.abort()
        if fault is Fault.GARBAGE:
            return GARBAGE + self._instrument.terminator
        return reply if fault is None else b""
