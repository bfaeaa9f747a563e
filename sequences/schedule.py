"""Schedule one point of a sequence: when each pulse and readout starts, in seconds on the target's clocks."""

from collections.abc import Iterable
from dataclasses import dataclass, field, replace

from .channel import Channel
from .errors import SequenceError
from .pulse import Pulse
from .sequence import Acquire, Align, Delay, Element, Play, ShiftPhase
from .sweep import Number, resolved
from .target import Target


@dataclass(frozen=True)
class Timed:
    """A pulse or a readout with its start (s) and the phase of its line's frame (rad)."""

    element: Play | Acquire
    start: float
    frame: float

    @property
    def end(self) -> float:
        """When line and window are free again (s)."""
        return self.start + _length(self.element)


@dataclass(frozen=True)
class Schedule:
    """One point in time.

    entries: In order of the code. reference: Where every carrier has the phase that its pulse names (s): the common
    clock's edge at the first flux pulse, else 0. slack: Channel -> longest wait for its next clock edge (s).
    """

    entries: tuple[Timed, ...]
    reference: float
    slack: dict[str, float]

    @property
    def end(self) -> float:
        """End of the last entry (s)."""
        return max((entry.end for entry in self.entries), default=0.0)


def schedule(elements: Iterable[Element], target: Target) -> Schedule:
    """Place `elements` in time.

    Flux pulses may start at any time, for their delays lie inside one waveform; all else starts on the processor's
    clock. The first flux pulse starts on the common clock (less than one tick after its edge, if it is off the
    processor's): what comes before it is moved later, as a block, so that nothing idles between a preparation and the
    hot window. TimingError if a length that was asked for is off the clock.
    """
    placer = _Placer(target)
    listed = list(elements)
    placer.channels = tuple(dict.fromkeys(channel for element in listed for channel in _channels(element)))
    for element in listed:
        placer.place(element)
    return Schedule(tuple(placer.entries), placer.reference or 0.0, placer.slack)


def _channels(element: Element) -> tuple[Channel, ...]:
    match element:
        case Align(channels):
            return channels
        case Play() | Delay() | ShiftPhase() | Acquire():
            return (element.channel,)
        case _:
            raise SequenceError(f"{type(element).__name__} must be expanded before it is scheduled")


def _length(element: Play | Acquire) -> float:
    if isinstance(element, Acquire):
        return max(element.readout.duration, element.readout.delay + element.readout.window)
    return resolved(element.pulse.duration)


@dataclass
class _Placer:
    target: Target
    channels: tuple[Channel, ...] = ()
    entries: list[Timed] = field(default_factory=list)
    cursor: dict[Channel, float] = field(default_factory=dict)
    frame: dict[Channel, float] = field(default_factory=dict)
    slack: dict[str, float] = field(default_factory=dict)
    reference: float | None = None
    origin: float = 0.0

    def place(self, element: Element) -> None:
        match element:
            case Align(channels):
                self._align(channels or self.channels)
            case Delay(channel, duration):
                self._advance(channel, self._exact(channel, duration))
            case ShiftPhase(channel, phase):
                self.frame[channel] = self.frame.get(channel, 0.0) + resolved(phase)
            case Play(channel, pulse):
                self._play(element, channel, pulse)
            case Acquire(channel):
                self.cursor[channel] = self._edge(channel, self._append(element, channel).end)

    def _play(self, element: Play, channel: Channel, pulse: Pulse) -> None:
        if channel.is_flux and self.reference is None:
            self._anchor(self._now(channel))
        length = self._exact(channel, pulse.duration)
        self.cursor[channel] = self._append(element, channel).start + length

    def _append(self, element: Play | Acquire, channel: Channel) -> Timed:
        entry = Timed(element, self._now(channel), self.frame.get(channel, 0.0))
        self.entries.append(entry)
        return entry

    def _align(self, channels: tuple[Channel, ...]) -> None:
        time = max((self._now(channel) for channel in channels), default=0.0)
        if self.reference is None and any(channel.is_flux for channel in channels):
            time += self._anchor(time)
        for channel in channels:
            self.cursor[channel] = self._edge(channel, time)

    def _edge(self, channel: Channel, time: float) -> float:
        """When `channel` can go on after `time` (s)."""
        start = time if channel.is_flux else self.target.clock.ceil(time) * self.target.clock.period
        self.slack[channel.name] = max(self.slack.get(channel.name, 0.0), start - time)
        return start

    def _anchor(self, time: float) -> float:
        """Move all that was placed by whole ticks so that `time` falls on the common clock, or in the tick after it."""
        clock, common = self.target.clock, self.target.common_clock
        self.reference = common.ceil(time) * common.period
        self.origin = clock.ceil(self.reference - time) * clock.period
        self.entries = [replace(entry, start=entry.start + self.origin) for entry in self.entries]
        self.cursor = {channel: start + self.origin for channel, start in self.cursor.items()}
        return self.origin

    def _now(self, channel: Channel) -> float:
        return self.cursor.setdefault(channel, self.origin)

    def _advance(self, channel: Channel, duration: float) -> None:
        self.cursor[channel] = self._now(channel) + duration

    def _exact(self, channel: Channel, asked: Number) -> float:
        """`asked` (s), which on a clocked channel must lie on its clock."""
        duration = resolved(asked)
        if duration < 0:
            raise SequenceError(f"{duration * 1e9:.6g} ns on {channel.name} is negative; times only go forward")
        if channel.is_flux:
            return duration
        return self.target.clock.ticks(duration, channel.name) * self.target.clock.period
