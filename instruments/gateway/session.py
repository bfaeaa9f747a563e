"""Session: an authenticated connection to a gateway, over which calls are made and data come back."""

import getpass
import hmac
import os
import secrets
import socket
from dataclasses import KW_ONLY, dataclass, field
from threading import Event, Lock, Thread
from time import monotonic
from typing import Any, Final, Self
from urllib.parse import urlsplit

from ...sequences.errors import ConnectionFailed, InstrumentError, RunAborted
from .server import (
    ACCEPTED,
    ANSWER,
    GREETING,
    MAGIC,
    OTHER_VERSION,
    PORT,
    VERDICT,
    VERSION,
    Rubbish,
    exactly,
    pack,
    prove,
    receive,
)

BEATS: Final = 5
"""Signs of life within the time after which silence means that the other side has gone."""

PATIENCE: Final = 4
"""How many times longer the gateway may take to make the board safe, for this client or after the one before."""


@dataclass(frozen=True)
class Door:
    """Where a gateway is, and what opens it.

    instrument: Named in errors. address: `gateway://HOST:PORT`. token: As in the file on the board; empty for none.
    silence: After which the gateway is taken for gone (s).
    """

    instrument: str
    address: str
    _: KW_ONLY
    token: bytes = field(default=b"", repr=False)
    silence: float = 5.0

    def place(self) -> tuple[str, int]:
        """Host and port; ConnectionFailed if the address holds none, or more than that."""
        try:
            parts = urlsplit(self.address)
            if parts.hostname and self.address == f"gateway://{parts.netloc}" and "@" not in parts.netloc:
                return parts.hostname, PORT if parts.port is None else parts.port
        except ValueError:
            pass
        # The address itself is not repeated: somebody may have written the token into it.
        raise ConnectionFailed({self.instrument: "the address is not gateway://HOST:PORT; write that and nothing more"})

    def failure(self, cause: object, hint: str) -> ConnectionFailed:
        """The error that names this gateway."""
        return ConnectionFailed({self.instrument: f"{self.address}: {cause}; {hint}"})

    def knock(self) -> socket.socket:
        """A connection on which both sides have shown that they know the token; ConnectionFailed without one."""
        place = self.place()
        try:
            sock = socket.create_connection(place, timeout=self.silence)
        except OSError as error:
            hint = "is the gateway running on the board, and the address right?"
            raise self.failure(error, hint) from error
        try:
            sock.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
            self._authenticate(sock)
        except OSError as error:
            sock.close()
            raise self.failure(error, "is it a gateway, and not busy with starting?") from error
        except ConnectionFailed:
            sock.close()
            raise
        return sock

    def _authenticate(self, sock: socket.socket) -> None:
        magic, version, theirs = GREETING.unpack(exactly(sock, GREETING.size))
        if magic != MAGIC:
            raise self.failure("something else than a gateway answers", "correct the port")
        nonce = secrets.token_bytes(32)
        sock.sendall(ANSWER.pack(MAGIC, VERSION, nonce, prove(self.token, b"client", theirs, nonce)))
        if version != VERSION:
            raise self._other_version(version)
        verdict, proof = VERDICT.unpack(exactly(sock, VERDICT.size))
        if verdict == OTHER_VERSION:
            raise self._other_version(version)
        hint = "name the token file that the gateway was started with" + ("" if self.token else "; none is named")
        if verdict != ACCEPTED:
            raise self.failure("the gateway refused the token", hint)
        if not hmac.compare_digest(proof, prove(self.token, b"server", nonce, theirs)):
            raise self.failure("what answers does not know the token itself", hint)

    def _other_version(self, version: int) -> ConnectionFailed:
        hint = "copy instruments/gateway/server.py of this coldlink to the board and start it again"
        return self.failure(f"the gateway speaks version {version} of the protocol, this coldlink {VERSION}", hint)


def hello(client: str, intent: str) -> bytes:
    """The first frame. client: Secret name by which a client finds its own earlier connection again."""
    try:
        user = getpass.getuser()
    except (OSError, KeyError, ImportError):
        user = "somebody"
    who = f"{user}@{socket.gethostname()} (process {os.getpid()})"
    return pack({"kind": "hello", "who": who[:150], "client": client, "intent": intent})


class Session:
    """A connection that has the board. Calls wait for each other; in between, a thread shows that this side lives."""

    def __init__(self, door: Door, sock: socket.socket, welcome: dict[str, Any]) -> None:
        self.door, self.sock = door, sock
        self.soccfg: dict[str, Any] = welcome["soccfg"]
        self.lost = ""
        """Why there is no connection any more; empty while there is one."""
        self._beat = min(door.silence, float(welcome["silence"])) / BEATS
        self._number = 0
        self._turn = Lock()
        self._closed = Event()
        Thread(target=self._keep_alive, daemon=True, name=f"alive {door.instrument}").start()

    @classmethod
    def open(cls, door: Door, client: str) -> Self:
        """Take the board; ConnectionFailed if it is not there, or somebody else has it."""
        sock = door.knock()
        try:
            sock.sendall(hello(client, "play"))
            sock.settimeout(PATIENCE * door.silence)
            answer = receive(sock)
            if answer.get("kind") == "busy":
                cause = f"in use by {answer['who']} for {answer['age']:.0f} s"
                raise door.failure(cause, "wait until that program has ended, or stop it")
            return cls(door, sock, answer)
        except (OSError, Rubbish, KeyError, TypeError, ValueError) as error:
            sock.close()
            raise door.failure(f"no welcome: {error!r}", "read the log of the gateway on the board") from error
        except ConnectionFailed:
            sock.close()
            raise

    def call(self, name: str, args: tuple[Any, ...], kwargs: dict[str, Any], timeout: float) -> dict[str, Any]:
        """The reply to one call; timeout: For it (s). See `GatewaySoc` for the errors."""
        instrument, address = self.door.instrument, self.door.address
        with self._turn:
            frame = self._frame(name, args, kwargs)
            try:
                answer = self._exchange(frame, name, timeout)
            # Whatever ends an exchange, Ctrl-C too: the next reply would be taken for the answer to another call.
            except BaseException as error:
                self._close(str(error) or type(error).__name__)
                if isinstance(error, OSError | Rubbish):
                    hint = "look at the board and its network, then run the program again"
                    raise self.door.failure(f"{name}: {error}", hint) from error
                raise
        if answer["kind"] == "stopped":
            raise RunAborted(f"{answer['by']} stopped the board at {address}")
        if answer["kind"] == "error":
            problem = f"{name} at {address} failed with {answer['type']}: {answer['message']}"
            raise InstrumentError(instrument, problem, "correct the program, or read the gateway's log on the board")
        return answer

    def leave(self) -> None:
        """Give the board back, and return when it is safe."""
        with self._turn:
            try:
                if not self.lost:
                    self._exchange(pack({"kind": "bye"}), "leaving", PATIENCE * self.door.silence, expected="bye")
            except (OSError, Rubbish, InstrumentError):
                pass  # The gateway makes the board safe in any case.
            finally:
                self._close("it was closed")

    def drop(self) -> None:
        """Close without a word."""
        self._close("it was closed")

    def _frame(self, name: str, args: tuple[Any, ...], kwargs: dict[str, Any]) -> bytes:
        self._number += 1
        try:
            return pack({"kind": "call", "id": self._number, "name": name, "args": args, "kwargs": kwargs})
        except (TypeError, ValueError) as error:
            hint = "give numbers, text, lists and arrays"
            raise InstrumentError(self.door.instrument, f"{name}: {error}", hint) from error

    def _exchange(self, frame: bytes, name: str, timeout: float, expected: str = "") -> dict[str, Any]:
        """Send, and wait for an answer that is not a sign of life."""
        if self.lost:
            raise ConnectionError(f"the connection was lost: {self.lost}")
        self.sock.settimeout(self.door.silence)
        self.sock.sendall(frame)
        end = monotonic() + timeout
        heard = monotonic()
        while True:
            if self._comes(min(self._beat, max(end - monotonic(), 0.001))):
                message = receive(self.sock)
                heard = monotonic()
                if message.get("kind") != "pong":
                    return self._checked(message, expected)
            else:
                self.sock.sendall(pack({"kind": "ping"}))
            if monotonic() - heard > self.door.silence:
                raise TimeoutError(f"the gateway has been silent for {self.door.silence:g} s")
            if monotonic() > end:
                raise InstrumentError(
                    self.door.instrument,
                    f"{name} at {self.door.address} has not come back within {timeout:g} s",
                    "look at the board, or allow it more time",
                )

    def _comes(self, limit: float) -> bool:
        """Whether something comes within `limit` (s)."""
        self.sock.settimeout(limit)
        try:
            self.sock.recv(1, socket.MSG_PEEK)
        except TimeoutError:
            return False
        finally:
            self.sock.settimeout(self.door.silence)
        return True

    def _checked(self, message: dict[str, Any], expected: str) -> dict[str, Any]:
        kinds = {expected} if expected else {"reply", "error", "stopped"}
        if message.get("kind") not in kinds or (not expected and message.get("id") != self._number):
            raise Rubbish(f"a frame {message.get('kind')!r} number {message.get('id')!r} was not asked for")
        return message

    def _keep_alive(self) -> None:
        while not self._closed.wait(self._beat):
            # A call in progress shows it as well.
            if self._turn.acquire(blocking=False):
                try:
                    self._beat_once()
                except (OSError, Rubbish) as error:
                    self._close(str(error))
                finally:
                    self._turn.release()

    def _beat_once(self) -> None:
        if not self.lost:
            self.sock.sendall(pack({"kind": "ping"}))
            kind = receive(self.sock).get("kind")
            if kind != "pong":
                raise Rubbish(f"a sign of life was answered by {kind!r}")

    def _close(self, cause: str) -> None:
        self.lost = self.lost or cause
        self._closed.set()
        self.sock.close()
