"""Wire: a VISA line that several threads may use, and on which no reply is taken for the answer to another question.

After anything that went wrong the next use first finds its place again: it asks `*IDN?` and drops what comes before the
identity. Where that cannot tell old from new, a new connection does.
"""

import logging
import math
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from threading import RLock
from typing import Any, ClassVar, TypeVar

from pyvisa.errors import Error, InvalidSession, VisaIOError
from qcodes.instrument import VisaInstrument

from ..sequences.errors import ConnectionFailed, IdentityError, ReadingError

IDENTITY = "*IDN?"

LATE_REPLIES = 16
"""Lines that may come before the identity: more than any instrument was asked for."""

TRIES = 2
"""Of a question; a command is never sent twice."""

BROKEN = (VisaIOError, InvalidSession, OSError, Error)

log = logging.getLogger(__name__)

Answer = TypeVar("Answer")


class Garbled(Exception):  # noqa: N818
    """A reply that no instrument would write."""


class Wire(VisaInstrument):  # type: ignore[misc]
    """To be inherited from before the stock driver. models: Second field of `*IDN?` that the driver is made for.

    serial: Third field of `*IDN?`, checked before anything else is asked. visalib: pyvisa-py; None for the PC's own.
    Raises ConnectionFailed if nobody answers, IdentityError if another instrument does.
    """

    models: ClassVar[tuple[str, ...]]
    default_timeout = 1.0
    """Of one reply (s). An instrument that has gone is reported after four of them at most."""

    def __init__(self, name: str, address: str, *, serial: str, visalib: str | None = "@py", **kwargs: Any) -> None:
        self._lock = RLock()
        self._serial, self._declared = serial, address
        self._identity = ""
        self._unanswered: str | None = None
        # A new socket has nothing in it; to wait for that costs 0.1 s.
        self._clears = not address.upper().endswith("::SOCKET")
        try:
            super().__init__(name, address, visalib=visalib, device_clear=self._clears, **kwargs)
            self._in_turn(lambda: None, IDENTITY)
        finally:
            if not self._identity and hasattr(self, "_visa_handle"):
                self._visa_handle.close()

    def connect_message(self, idn_param: str = "IDN", begin_time: float | None = None) -> None:
        """Log who answered; standard output belongs to the program."""
        log.info("%s at %s is %s", self.name, self._declared, self._identity)

    def ask_raw(self, cmd: str) -> str:
        """The reply to `cmd`; ConnectionFailed without one, ReadingError for one that is not text."""
        return self._in_turn(lambda: self._exchange(cmd), cmd)

    def write_raw(self, cmd: str) -> None:
        """Send a command; ConnectionFailed if it cannot be sent. Only a later question tells whether it arrived."""
        send = super().write_raw
        self._in_turn(lambda: send(cmd), cmd)

    def ask_number(self, question: str) -> float:
        """A finite number; one that is not is asked for again, then ReadingError."""
        with self._lock:
            reply = self.ask(question)
            try:
                return self.number(reply, question)
            except ReadingError:
                self._unanswered = question
                return self.number(self.ask(question), question)

    def number(self, reply: str, question: str = "a question for a number") -> float:
        """The finite number that `reply` is, or ReadingError."""
        try:
            value = float(reply)
        except ValueError:
            value = math.nan
        if not math.isfinite(value):
            raise ReadingError(self.name, question, reply, "look at the instrument's display and its cable")
        return value

    def _in_turn(self, action: Callable[[], Answer], cmd: str) -> Answer:
        """Do `action` when the line is free and nothing is left of what was before; again, if `cmd` may be repeated."""
        with self._lock:
            cause: Exception | None = None
            for _ in range(TRIES if _is_question(cmd) else 1):
                try:
                    self._find_place()
                    return action()
                except (*BROKEN, Garbled) as error:
                    log.warning("%s: %r failed: %s", self.name, cmd, error)
                    self._unanswered, cause = cmd, error
            raise self._failure(cmd, cause) from cause

    def _exchange(self, cmd: str) -> str:
        self._unanswered = cmd
        try:
            reply = str(super().ask_raw(cmd)).strip()
        except UnicodeDecodeError as error:
            raise Garbled(repr(error.object)) from error
        if not reply.isprintable():
            raise Garbled(repr(reply))
        self._unanswered = None
        return reply

    def _find_place(self) -> None:
        """Make the next reply the one to the next question."""
        if not self._identity:
            if self._unanswered is not None:
                self._reopen()
            self._identify()
        elif self._unanswered is not None:
            if IDENTITY in self._unanswered.upper():
                self._reopen()
            try:
                self._skip_to_identity()
            except (*BROKEN, Garbled):
                self._reopen()
                self._skip_to_identity()

    def _identify(self) -> None:
        found = self._exchange(IDENTITY)
        fields = [field.strip() for field in found.split(",")]
        if len(fields) < 3 or fields[1] not in self.models or fields[2] != self._serial:
            expected = f"{' or '.join(self.models)} number {self._serial}"
            raise IdentityError(self.name, self._declared, found, expected)
        self._identity = found

    def _skip_to_identity(self) -> None:
        self.visa_handle.write(IDENTITY)
        for _ in range(LATE_REPLIES):
            try:
                if self.visa_handle.read().strip() == self._identity:
                    self._unanswered = None
                    return
            except UnicodeDecodeError:
                continue
        raise Garbled(f"no identity in {LATE_REPLIES} lines")

    def _connect_and_handle_error(self, address: str, visalib: str | None) -> Any:
        # The stock method logs a traceback of what goes wrong; here it becomes one error with the address.
        try:
            with _opening():
                return self._open_resource(address, visalib)
        except OSError as error:
            raise ConnectionFailed({self.name: f"{address}: {error}"}) from error

    def _reopen(self) -> None:
        """A new connection through the same resource, so that whoever closes the instrument closes this one."""
        terminator, timeout = self.visa_handle.read_termination, self.timeout.get_latest()
        self.visa_handle.close()
        with _opening():
            self.visa_handle.open()
        if self._clears:
            self.device_clear()
        self.set_terminator(terminator)
        self.timeout(timeout)

    def _failure(self, cmd: str, cause: Exception | None) -> ConnectionFailed | ReadingError:
        if isinstance(cause, Garbled):
            return ReadingError(self.name, cmd, str(cause), "look at the cable and at what else uses this line")
        return ConnectionFailed({self.name: f"{self._declared}, asked {cmd}: {cause}"})


@contextmanager
def _opening() -> Iterator[None]:
    """OSError if nobody answers at an address."""
    try:
        yield
    # pyvisa-py has no error of its own for this: it raises bare Exceptions.
    except Exception as error:
        raise OSError(str(error)) from error


def _is_question(cmd: str) -> bool:
    """Whether nothing in `cmd` sets anything, so that it may be sent again."""
    return all("?" in part for part in cmd.split(";"))
