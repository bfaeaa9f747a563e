"""Ctrl-C: once ends the run as soon as what plays now has ended, twice ends it at once."""

import signal
from collections.abc import Callable
from dataclasses import dataclass, field
from types import FrameType
from typing import Any, Self

from ..sequences.errors import RunAborted


@dataclass
class Interrupt:
    """Listens to Ctrl-C while it is entered. tell: Receives the sentence that the first one is answered with."""

    tell: Callable[[str], None]
    asked: bool = field(default=False, init=False)
    _before: Any = field(default=None, init=False, repr=False)

    def check(self) -> None:
        """Before anything plays, and between two blocks: raise RunAborted if someone has asked to stop."""
        if self.asked:
            raise RunAborted("Ctrl-C; what was measured before it is kept")

    def __enter__(self) -> Self:
        self._before = signal.signal(signal.SIGINT, self._on_signal)
        return self

    def __exit__(self, *exception: object) -> None:
        signal.signal(signal.SIGINT, self._before)

    def _on_signal(self, number: int, frame: FrameType | None) -> None:
        if self.asked:
            raise KeyboardInterrupt
        self.asked = True
        self.tell("stopping as soon as what plays now has ended; Ctrl-C again stops at once")
