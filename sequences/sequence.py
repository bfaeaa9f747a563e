"""Sequence: an immutable list of what happens in one shot; the order of the code is the order in time."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import TypeAlias

from .channel import Channel, Kind
from .errors import SequenceError
from .pulse import Pulse, ReadoutPulse
from .sweep import Number


@dataclass(frozen=True)
class Play:
    """Play a pulse on a line."""

    channel: Channel
    pulse: Pulse

    def __post_init__(self) -> None:
        name, pulse = self.channel.name, self.pulse
        if self.channel.kind is Kind.READOUT:
            raise SequenceError(f"{name} is a readout line, where pulses are not played; acquire through it instead")
        if self.channel.is_flux and (pulse.frequency != 0 or pulse.phase != 0):
            raise SequenceError(f"a pulse on the flux line {name} has a carrier; leave out its frequency and phase")


@dataclass(frozen=True)
class Delay:
    """Let a line rest. duration: (s)."""

    channel: Channel
    duration: Number


@dataclass(frozen=True)
class ShiftPhase:
    """Turn the frame of all later pulses on a drive line. phase: (rad)."""

    channel: Channel
    phase: Number

    def __post_init__(self) -> None:
        if self.channel.kind is not Kind.DRIVE:
            raise SequenceError(f"{self.channel.name} has no frame to turn; shift the phase of a drive line")


@dataclass(frozen=True)
class Align:
    """Go on together; without channels, all that the sequence uses."""

    channels: tuple[Channel, ...] = ()


@dataclass(frozen=True)
class Acquire:
    """Play a readout tone and integrate its echo."""

    channel: Channel
    readout: ReadoutPulse

    def __post_init__(self) -> None:
        if self.channel.kind is not Kind.READOUT:
            raise SequenceError(f"{self.channel.name} cannot be read; acquire through a readout line")


@dataclass(frozen=True)
class Choose:
    """One of several continuations, taken in turn: a dimension of the data whose values are labels."""

    name: str
    options: tuple[tuple[str, "Sequence"], ...]


Element: TypeAlias = Play | Delay | ShiftPhase | Align | Acquire | Choose


@dataclass(frozen=True)
class Sequence:
    """What happens in one shot. Every method returns a longer sequence."""

    elements: tuple[Element, ...] = ()

    def play(self, channel: Channel, pulse: Pulse) -> "Sequence":
        """Play `pulse` on `channel`."""
        return self._with(Play(channel, pulse))

    def delay(self, channel: Channel, duration: Number) -> "Sequence":
        """Let `channel` rest for `duration` (s)."""
        return self._with(Delay(channel, duration))

    def shift_phase(self, channel: Channel, phase: Number) -> "Sequence":
        """Turn the frame of later pulses on `channel` by `phase` (rad)."""
        return self._with(ShiftPhase(channel, phase))

    def align(self, *channels: Channel) -> "Sequence":
        """Let these channels, or all, go on together."""
        return self._with(Align(channels))

    def acquire(self, channel: Channel, readout: ReadoutPulse) -> "Sequence":
        """Read out through `channel`."""
        return self._with(Acquire(channel, readout))

    def choose(self, name: str, options: Mapping[str, "Sequence"]) -> "Sequence":
        """Continue with each of `options` in turn; `name` becomes a dimension with their labels."""
        if not options:
            raise SequenceError(f"choice {name} has no options; give at least one")
        return self._with(Choose(name, tuple(options.items())))

    def then(self, other: "Sequence") -> "Sequence":
        """Continue with `other`."""
        return Sequence(self.elements + other.elements)

    @property
    def channels(self) -> tuple[Channel, ...]:
        """Every channel used, in order of first use."""
        found: dict[Channel, None] = {}
        for element in self.elements:
            match element:
                case Align(channels):
                    found.update(dict.fromkeys(channels))
                case Choose(options=options):
                    found.update((channel, None) for _, option in options for channel in option.channels)
                case _:
                    found[element.channel] = None
        return tuple(found)

    def _with(self, element: Element) -> "Sequence":
        return Sequence((*self.elements, element))
