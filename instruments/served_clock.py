"""ServedClock: the time of a twin that runs in another process."""

import math
import socket
from threading import Lock
from typing import Final

from ..sequences.errors import ConnectionFailed

_TIMEOUT: Final = 5.0
"""Of one reply (s)."""


class ServedClock:
    """The clock at `address` ("TCPIP0::HOST::PORT::SOCKET"); ConnectionFailed if it does not answer with a time."""

    def __init__(self, address: str) -> None:
        self.address, self._lock = address, Lock()
        try:
            _, host, port, _ = address.split("::")
            self._socket = socket.create_connection((host, int(port)), _TIMEOUT)
        except (OSError, ValueError) as error:
            raise self._failure(str(error)) from error
        self._replies = self._socket.makefile("r", encoding="ascii", errors="replace")
        self.now()

    def now(self) -> float:
        """Time (s since 1970)."""
        return self._ask("TIME?")

    def sleep(self, seconds: float) -> None:
        """Let `seconds` pass; ValueError for negative ones, as `time.sleep` has it."""
        if seconds < 0:
            raise ValueError(f"a clock cannot sleep for {seconds} s")
        self._ask(f"SLEEP? {seconds!r}")

    def close(self) -> None:
        """Hang up."""
        self._replies.close()
        self._socket.close()

    def _ask(self, question: str) -> float:
        with self._lock:
            try:
                self._socket.sendall(question.encode("ascii") + b"\n")
                reply = self._replies.readline().strip()
                time = float(reply)
            except OSError as error:
                raise self._failure(str(error)) from error
            except ValueError:
                raise self._failure(f"it answered {question} with {reply!r}") from None
        if not math.isfinite(time):
            raise self._failure(f"it answered {question} with {reply!r}")
        return time

    def _failure(self, why: str) -> ConnectionFailed:
        return ConnectionFailed({"clock": f"{self.address}: {why}; is the twin still being served?"})
