"""Timekeeper: a twin's clock as an instrument, for clients in other processes whose ramps and ages go by it."""

from ...clock import Clock

IDENTITY = "coldlink,timekeeper,0,1"


class Timekeeper:
    """Answers `*IDN?`, `TIME?` (s since 1970) and `SLEEP? seconds` (the time afterwards). clock: Of the twin."""

    terminator = b"\n"

    def __init__(self, clock: Clock) -> None:
        self._clock = clock

    def answer(self, command: str) -> str | None:
        """Reply to one command; None for one that it does not know."""
        name, _, argument = command.strip().partition(" ")
        if name == "*IDN?":
            return IDENTITY
        try:
            if name == "SLEEP?":
                self._clock.sleep(float(argument))
        except ValueError:
            return None
        return repr(self._clock.now()) if name in ("TIME?", "SLEEP?") else None
