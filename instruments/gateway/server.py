"""Gateway: lets one PC at a time play programs on a QICK board, over TCP. Copy this one file to the board; there:

    python3 server.py --token-file token.txt [--host 127.0.0.1] [--port 8889] [--soc module:factory]

It needs Python 3.8 or newer, numpy and qick. It is bound to loopback unless told otherwise, and then needs a token: any
text of 16 characters or more, the same on the board and on the PC. The token is never sent, but what follows is not
encrypted: in a network that others use, leave it on loopback and reach it through `ssh -L 8889:127.0.0.1:8889 board`.

A client that leaves, falls silent or sends what is not this protocol loses the board: the processor is stopped and the
generators are reset before anybody else is served.
"""

from __future__ import annotations

import argparse
import hmac
import ipaddress
import json
import logging
import math
import secrets
import signal
import socket
import struct
import time
from contextlib import suppress
from importlib import import_module
from pathlib import Path
from queue import SimpleQueue
from threading import BoundedSemaphore, Condition, Lock, Thread
from typing import Any

import numpy as np

VERSION = 1
"""Of the protocol; a client of another version is refused."""

PORT = 8889

CALLS = frozenset(
    """
    arm_ddr4 arm_mr cleanup_round clear_ddr4 clear_tproc_counter config_avg config_buf config_mux_gen config_mux_readout
    configure_readout enable_buf get_accumulated get_ddr4 get_decimated get_mr get_tproc_counter load_bin_program
    load_envelope load_mem load_weights poll_data prepare_round read_mem reload_mem reset_gens set_mixer_freq
    set_nyquist start_readout start_src start_tproc stop_tproc
    """.split()  # noqa: SIM905
)
"""Methods of a soc that an unmodified qick program calls, and those for memories and long records. No other is reached.
"""

STARTS = frozenset({"start_readout", "start_tproc"})
DATA = frozenset({"get_accumulated", "get_ddr4", "get_decimated", "get_mr", "poll_data"})
NEEDS_PROGRAM = STARTS | {"reload_mem", "start_src"}

HEADER_LIMIT = 2**20
PAYLOAD_LIMIT = 2**26
"""Of a frame (bytes)."""

DTYPES = frozenset("|b1 |i1 |u1 <i2 <u2 <i4 <u4 <i8 <u8 <f4 <f8".split())  # noqa: SIM905
ARRAY = "__array__"

VISITORS = 16
"""Connections at one time, most of which have not yet shown that they know the token."""

TOKEN_LENGTH = 16
"""Fewest characters of a token."""

WAKING = 0.2
"""How often the gateway looks whether it is to end (s)."""

LONGEST_POLL = 0.5
"""Time for which the board may wait for data within one call (s); a program asks again."""

MAGIC = b"CLGW"
GREETING = struct.Struct("<4sH32s")
ANSWER = struct.Struct("<4sH32s32s")
VERDICT = struct.Struct("<B32s")
LENGTHS = struct.Struct("<II")
ACCEPTED, OTHER_VERSION, WRONG_TOKEN = range(3)

log = logging.getLogger("gateway")


class Rubbish(Exception):  # noqa: N818
    """What came is not this protocol, or not allowed in it."""


class Refused(Exception):  # noqa: N818
    """A call that is not made."""


# --- frames -----------------------------------------------------------------------------------------------------------


def pack(message: dict[str, Any]) -> bytes:
    """A frame: two lengths, a JSON header, the bytes of the arrays in it. TypeError or ValueError if it cannot be."""
    arrays: list[bytes] = []
    header = json.dumps(_flat(message, arrays), separators=(",", ":")).encode()
    payload = b"".join(arrays)
    for what, size, limit in (("header", len(header), HEADER_LIMIT), ("payload", len(payload), PAYLOAD_LIMIT)):
        if size > limit:
            raise ValueError(f"a {what} of {size} bytes cannot be sent, the limit is {limit}; ask for less at once")
    return LENGTHS.pack(len(header), len(payload)) + header + payload


def receive(sock: socket.socket) -> dict[str, Any]:
    """The next frame; OSError if it does not come in time, Rubbish if it is none."""
    size, extra = LENGTHS.unpack(exactly(sock, LENGTHS.size))
    if size > HEADER_LIMIT or extra > PAYLOAD_LIMIT:
        raise Rubbish(f"a frame of {size} + {extra} bytes, the limits are {HEADER_LIMIT} + {PAYLOAD_LIMIT}")
    header, payload = exactly(sock, size), exactly(sock, extra)
    try:
        message, end = _whole(json.loads(header.decode()), payload, 0)
    except (ValueError, TypeError, OverflowError, RecursionError) as error:
        raise Rubbish(f"no frame: {type(error).__name__}: {error}") from None
    if end != len(payload) or not isinstance(message, dict):
        raise Rubbish("no frame: its header and its payload do not fit")
    return message


def exactly(sock: socket.socket, count: int) -> bytearray:
    """The next `count` bytes; OSError if they do not come within twice the socket's time-out."""
    data = bytearray(count)
    view, got, limit = memoryview(data), 0, sock.gettimeout()
    end = math.inf if limit is None else time.monotonic() + limit
    while got < count:
        try:
            came = sock.recv_into(view[got:])
        except socket.timeout:  # noqa: UP041 - another error than TimeoutError before Python 3.10
            raise TimeoutError(f"nothing came for {limit:g} s") from None
        if not came:
            raise ConnectionError("the connection was closed")
        got += came
        if got < count and time.monotonic() > end:
            raise TimeoutError(f"{count} bytes did not come within {limit:g} s")
    return data


def _flat(value: Any, arrays: list[bytes]) -> Any:
    """`value` for JSON; the bytes of its arrays are appended to `arrays`."""
    if isinstance(value, np.ndarray):
        plain = np.ascontiguousarray(value, value.dtype.newbyteorder("<"))
        if plain.dtype.str not in DTYPES:
            raise TypeError(f"an array of {value.dtype} cannot be sent")
        arrays.append(plain.tobytes())
        return {ARRAY: [plain.dtype.str, list(value.shape)]}
    if isinstance(value, np.generic):
        return value.item()
    if isinstance(value, dict):
        if ARRAY in value:
            raise ValueError(f"the key {ARRAY!r} cannot be sent")
        return {str(key): _flat(entry, arrays) for key, entry in value.items()}
    if isinstance(value, (list, tuple)):
        return [_flat(entry, arrays) for entry in value]
    return value


def _whole(value: Any, payload: bytearray, start: int) -> tuple[Any, int]:
    """`value` with its arrays put back, and where the payload goes on."""
    if isinstance(value, list):
        entries = []
        for entry in value:
            part, start = _whole(entry, payload, start)
            entries.append(part)
        return entries, start
    if not isinstance(value, dict):
        return value, start
    if ARRAY in value:
        dtype, shape = value[ARRAY]
        return _array(dtype, shape, payload, start)
    found = {}
    for key, entry in value.items():
        found[key], start = _whole(entry, payload, start)
    return found, start


def _array(dtype: str, shape: list[int], payload: bytearray, start: int) -> tuple[Any, int]:
    if dtype not in DTYPES or not all(type(size) is int and size >= 0 for size in shape):
        raise ValueError(f"no array is {dtype!r} of shape {shape!r}")
    count = math.prod(shape)
    end = start + count * np.dtype(dtype).itemsize
    if end > len(payload):
        raise ValueError("an array is longer than the payload")
    return np.frombuffer(payload, dtype, count, start).reshape(shape) if count else np.zeros(shape, dtype), end


# --- who may come in --------------------------------------------------------------------------------------------------


def prove(token: bytes, side: bytes, first: bytes, second: bytes) -> bytes:
    """That `side` knows the token: an HMAC over the nonces of both sides."""
    return hmac.new(token, b"coldlink gateway %d %s" % (VERSION, side) + first + second, "sha256").digest()


def authenticate(sock: socket.socket, token: bytes) -> None:
    """Let a client show that it knows the token, and show the same to it. Nothing is parsed before."""
    nonce = secrets.token_bytes(32)
    sock.sendall(GREETING.pack(MAGIC, VERSION, nonce))
    magic, version, theirs, proof = ANSWER.unpack(exactly(sock, ANSWER.size))
    if magic != MAGIC:
        raise Rubbish(f"begins with {magic!r}, which is not this protocol")
    if version != VERSION:
        sock.sendall(VERDICT.pack(OTHER_VERSION, b""))
        raise Rubbish(f"speaks version {version} of the protocol, this gateway {VERSION}")
    if not hmac.compare_digest(proof, prove(token, b"client", nonce, theirs)):
        sock.sendall(VERDICT.pack(WRONG_TOKEN, b""))
        raise Rubbish("does not know the token")
    sock.sendall(VERDICT.pack(ACCEPTED, prove(token, b"server", theirs, nonce)))


# --- the board --------------------------------------------------------------------------------------------------------


class Board:
    """A soc, called from one thread at a time, and stopped from any. patience: How long a call may keep others (s)."""

    def __init__(self, soc: Any, patience: float) -> None:
        self.soc, self.patience, self.doing = soc, patience, ""
        self._turn = Lock()

    def call(self, check: Any, name: str, args: list[Any], kwargs: dict[str, Any]) -> Any:
        """Make one of CALLS, if `check()` still lets it pass when its turn has come."""
        if not self._turn.acquire(timeout=self.patience):
            raise Refused(f"the board has not come back from {self.doing}; look at it, and restart the gateway there")
        try:
            check()
            self.doing = name
            if name == "poll_data":
                return self._poll(*args, **kwargs)
            return getattr(self.soc, name)(*args, **kwargs)
        finally:
            self._turn.release()

    def make_safe(self) -> list[str]:
        """Stop the processor and reset the generators; what of that failed."""
        # At once, not in turn: the call that is under way may be waiting for this very program.
        failed = self._attempt(("stop the processor", self.soc.stop_tproc), ("stop the readout", self._stop_readout))
        if not self._turn.acquire(timeout=self.patience):
            return [*failed, f"the board has not come back from {self.doing}"]
        try:
            return self._attempt(
                ("choose internal start", lambda: self.soc.start_src("internal")),
                ("stop the processor", self.soc.stop_tproc),
                ("drop the readout", self._drop_readout),
                ("reset the generators", self.soc.reset_gens),
            )
        finally:
            self._turn.release()

    def is_stuck(self) -> bool:
        """Whether a call is under way."""
        return self._turn.locked()

    def _attempt(self, *steps: tuple[str, Any]) -> list[str]:
        failed = []
        for what, step in steps:
            try:
                step()
            # The next step may still work, and the board is safer with it.
            except Exception as error:
                log.exception("cannot %s", what)
                failed.append(f"cannot {what}: {told(error)}")
        return failed

    def _poll(self, totaltime: float = 0.1, timeout: float | None = None) -> Any:
        longest = LONGEST_POLL if timeout is None else min(timeout, LONGEST_POLL)
        return self.soc.poll_data(totaltime=min(totaltime, LONGEST_POLL), timeout=longest)

    def _stop_readout(self) -> None:
        streamer = getattr(self.soc, "streamer", None)
        if streamer is not None and streamer.readout_running():
            streamer.stop_readout()

    def _drop_readout(self) -> None:
        """Wait for the vendor's readout thread, and empty its queues: an old error would be told to the next run."""
        streamer = getattr(self.soc, "streamer", None)
        if streamer is not None:
            if not streamer.done_flag.wait(self.patience):
                raise TimeoutError("the readout thread goes on")
            for queue in (streamer.error_queue, streamer.data_queue):
                while not queue.empty():
                    queue.get_nowait()


def told(error: BaseException) -> str:
    """An error and what it came from, as text."""
    text = f"{type(error).__name__}: {error}"[:4000]
    return text if error.__cause__ is None else f"{text} (because of {told(error.__cause__)})"


# --- who has the board ------------------------------------------------------------------------------------------------


class Player:
    """The client that has the board: its frames are read in one thread, its calls made in another."""

    def __init__(self, sock: socket.socket, who: str, client: str, board: Board, name: str) -> None:
        self.sock, self.who, self.client, self.board, self.name = sock, who, client, board, name
        self.since = time.monotonic()
        self.stopped_by = ""
        self.gone = self.loaded = False
        self._run: str | None = None
        self._runs = self._block = 0
        self._calling = False
        self._calls: SimpleQueue[dict[str, Any] | None] = SimpleQueue()
        self._sending = Lock()

    def serve(self) -> None:
        """Until it says goodbye; OSError if it vanishes, Rubbish if it sends that."""
        Thread(target=self._work, daemon=True).start()
        try:
            while True:
                message = receive(self.sock)
                kind = message.get("kind")
                if kind == "bye":
                    return
                if kind == "ping":
                    self.send(pack({"kind": "pong"}))
                elif kind == "call":
                    self._take(message)
                else:
                    raise Rubbish(f"a frame of kind {kind!r:.40}")
        finally:
            self.gone = True
            self._calls.put(None)

    def stop(self, who: str) -> None:
        """Refuse what is left of the run under way."""
        self.stopped_by, self.loaded = who, False

    def send(self, frame: bytes) -> None:
        """Both threads send."""
        with self._sending:
            self.sock.sendall(frame)

    def _take(self, message: dict[str, Any]) -> None:
        for key, kind in (("id", int), ("name", str), ("args", list), ("kwargs", dict)):
            if not isinstance(message.get(key), kind):
                raise Rubbish(f"a call whose {key} is {message.get(key)!r:.40}")
        if self._calling:
            raise Rubbish("a call while another is under way")
        self._calling = True
        self._calls.put(message)

    def _work(self) -> None:
        for message in iter(self._calls.get, None):
            frame = self._answer(message["id"], message["name"], message["args"], message["kwargs"])
            self._calling = False
            try:
                self.send(frame)
            except OSError:
                return  # The reading thread finds the same, and frees the board.

    def _answer(self, number: int, name: str, args: list[Any], kwargs: dict[str, Any]) -> bytes:
        # A program begins with these two, so that a stop in between runs does not spoil the next.
        begins = name == "stop_tproc" or (name == "start_src" and [*args, *kwargs.values()] == ["internal"])
        try:
            value = self.board.call(lambda: self._check(name, begins), name, args, kwargs)
            if name == "load_bin_program":
                self.loaded = not self.stopped_by
            elif name == "reset_gens":
                self.loaded = False
            if name in DATA:
                self._block += 1
            answer = {"kind": "reply", "value": value, "run": self._run, "block": self._block}
            frame = pack({**answer, "id": number})
        # Whatever the vendor's library raises belongs to who asked.
        except Exception as error:
            if not isinstance(error, Refused):
                log.warning("%s: %s: %s", self.who, name, told(error))
            cause = "" if error.__cause__ is None else f" (because of {told(error.__cause__)})"
            text = f"{error}"[:4000] + cause
            frame = pack({"kind": "error", "id": number, "type": type(error).__name__, "message": text})
        if self.stopped_by and not begins:
            return pack({"kind": "stopped", "id": number, "by": self.stopped_by})
        return frame

    def _check(self, name: str, begins: bool) -> None:
        """Refused unless the call makes sense now; called in its turn. begins: It is one that a program begins with."""
        if name not in CALLS:
            log.warning("%s: asked for %.60r, which is not forwarded", self.who, name)
            raise Refused(f"the gateway does not forward {name!r:.60}; it forwards {', '.join(sorted(CALLS))}")
        if self.gone:
            raise Refused("the client has gone")
        if name == "stop_tproc":
            self.stopped_by = ""
        if self.stopped_by and not begins:
            raise Refused("the run was stopped")
        if not self.loaded and not begins and name in NEEDS_PROGRAM:
            raise Refused(f"{name} before load_bin_program in this connection; run with load_prog=True")
        if name in STARTS:
            self._runs, self._block = self._runs + 1, 0
            self._run = f"{self.name}.{self._runs}"
        if name in DATA and self._run is None:
            raise Refused(f"{name} before a program was started in this connection")


class Gateway:
    """Serves a board to one player at a time, and lets anybody who knows the token stop it.

    silence: After which a client is taken for gone (s).
    """

    def __init__(self, soc: Any, token: bytes, silence: float) -> None:
        self.board = Board(soc, silence)
        self.token, self.silence = token, silence
        self._start = secrets.token_hex(4)
        self._doors = BoundedSemaphore(VISITORS)
        self._change = Condition()
        self._player: Player | None = None
        self._players = 0
        self._ended = False

    def serve(self, listener: socket.socket) -> None:
        """Until `end`; the board is then made safe."""
        listener.settimeout(WAKING)
        try:
            while not self._ended:
                try:
                    sock, peer = listener.accept()
                except (socket.timeout, ConnectionError):  # noqa: UP041 - see exactly()
                    continue
                name = f"{peer[0]}:{peer[1]}"
                if self._doors.acquire(blocking=False):
                    Thread(target=self._visit, args=(sock, name), daemon=True).start()
                else:
                    log.warning("%s: closed: %d connections are open already", name, VISITORS)
                    sock.close()
        finally:
            if self._player is not None:
                self._player.gone = True
            self.board.make_safe()

    def end(self, *_: object) -> None:
        """Let `serve` return soon. Signals call this: what they raise can pass by a `finally`."""
        self._ended = True

    def _visit(self, sock: socket.socket, name: str) -> None:
        try:
            with sock:
                sock.settimeout(self.silence)
                sock.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
                authenticate(sock, self.token)
                self._admit(sock, name, receive(sock))
        except (Rubbish, OSError) as error:
            log.warning("%s: closed: %s", name, error)
        finally:
            self._doors.release()

    def _admit(self, sock: socket.socket, name: str, hello: dict[str, Any]) -> None:
        who, client, intent = (hello.get(key) for key in ("who", "client", "intent"))
        if not (isinstance(who, str) and isinstance(client, str) and who.isprintable() and len(who) < 200):
            raise Rubbish("a hello without a name")
        if intent == "stop":
            self._stop(sock, f"{who} at {name}")
        elif intent == "play":
            self._play(sock, f"{who} at {name}", client)
        else:
            raise Rubbish(f"a hello that wants {intent!r:.40}")

    def _stop(self, sock: socket.socket, who: str) -> None:
        with self._change:
            player = self._player
        if player is not None:
            player.stop(who)
        failed = self.board.make_safe()
        log.warning("stopped by %s; %s", who, "; ".join(failed) or "the board is safe")
        sock.sendall(pack({"kind": "stopped", "player": player and player.who, "failed": failed}))

    def _play(self, sock: socket.socket, who: str, client: str) -> None:
        player = self._take_board(sock, who, client)
        if player is None:
            return
        log.info("%s has the board", who)
        try:
            welcome = {"kind": "welcome", "soccfg": self.board.soc.get_cfg(), "silence": self.silence}
            player.send(pack(welcome))
            player.serve()
        finally:
            self._free_board(player)
        player.send(pack({"kind": "bye"}))

    def _take_board(self, sock: socket.socket, who: str, client: str) -> Player | None:
        with self._change:
            # Its own connection of before may be dead without the gateway having noticed.
            if self._player is not None and client and self._player.client == client:
                self._player.gone = True
                with suppress(OSError):
                    self._player.sock.shutdown(socket.SHUT_RDWR)
            self._change.wait_for(lambda: self._player is None or not self._player.gone, self.silence)
            if self._player is None:
                self._players += 1
                self._player = Player(sock, who, client, self.board, f"{self._start}.{self._players}")
                return self._player
            busy, age = self._player.who, time.monotonic() - self._player.since
        log.warning("%s: the board is in use by %s", who, busy)
        sock.sendall(pack({"kind": "busy", "who": busy, "age": age}))
        return None

    def _free_board(self, player: Player) -> None:
        player.gone = True
        failed = self.board.make_safe()
        while failed and self.board.is_stuck():
            log.error("%s has left, but %s", player.who, "; ".join(failed))
            failed = self.board.make_safe()
        log.info("%s has left; %s", player.who, "; ".join(failed) or "the board is safe")
        with self._change:
            self._player = None
            self._change.notify_all()


# --- starting ---------------------------------------------------------------------------------------------------------


def main() -> None:
    """Read the command line, open the board, serve it."""
    parser = argparse.ArgumentParser(description="Serve the QICK board of this machine to one PC at a time.")
    parser.add_argument("--token-file", type=Path, help="file that holds the token")
    parser.add_argument("--host", default="127.0.0.1", help="address to listen at (127.0.0.1)")
    parser.add_argument("--port", type=int, default=PORT, help=f"port to listen at ({PORT}); 0 for a free one")
    parser.add_argument("--soc", default="qick:QickSoc", metavar="MODULE:FACTORY", help="what makes the soc")
    parser.add_argument("--silence", type=float, default=10.0, help="after which a client is gone, in s (10)")
    asked = parser.parse_args()
    logging.basicConfig(level=logging.INFO, format="%(asctime)s %(levelname)s %(message)s")
    token = _token(parser, asked.token_file, asked.host)
    module, _, factory = asked.soc.partition(":")
    family = socket.AF_INET6 if ":" in asked.host else socket.AF_INET
    # Before the board is opened: that would reset a board which another gateway serves at this port.
    with socket.create_server((asked.host, asked.port), family=family) as listener:
        gateway = Gateway(getattr(import_module(module), factory)(), token, asked.silence)
        for number in (signal.SIGINT, signal.SIGTERM):
            signal.signal(number, gateway.end)
        log.info("listening at %s port %d", *listener.getsockname()[:2])
        gateway.serve(listener)


def _token(parser: argparse.ArgumentParser, file: Path | None, host: str) -> bytes:
    if file is not None:
        token = file.read_bytes().strip()
        if len(token) < TOKEN_LENGTH:
            parser.error(f"the token in {file} has {len(token)} characters; write at least {TOKEN_LENGTH}")
        return token
    try:
        local = host == "localhost" or ipaddress.ip_address(host).is_loopback
    except ValueError:
        local = False
    if not local:
        parser.error(f"at {host} anybody could play on the board; give --token-file, or stay at 127.0.0.1")
    return b""


if __name__ == "__main__":
    main()
