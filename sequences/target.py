"""Target: the datasheet of a player; clocks, memories and ranges, no hardware."""

import math
from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from .errors import SequenceError, TargetError, TimingError
from .units import ps

TOLERANCE = 5 * ps
"""How far a time may lie from its clock and still be meant to lie on it: half the last digit that messages show."""


@dataclass(frozen=True)
class Clock:
    """A clock that counts from the start of the shot. frequency: (Hz)."""

    frequency: float

    @property
    def period(self) -> float:
        """Length of one tick (s)."""
        return 1 / self.frequency

    def ticks(self, time: float, channel: str) -> int:
        """`time` (s) in ticks; TimingError with the nearest legal time if it is not on the clock."""
        count = round(time * self.frequency)
        if abs(count / self.frequency - time) > TOLERANCE:
            raise TimingError(channel, time, self.period, count / self.frequency)
        return count

    def ceil(self, time: float) -> int:
        """First tick that is not before `time` (s)."""
        return math.ceil((time - TOLERANCE) * self.frequency)

    def floor(self, time: float) -> int:
        """Last tick that is not after `time` (s)."""
        return math.floor((time + TOLERANCE) * self.frequency)


@dataclass(frozen=True, kw_only=True)
class Port:
    """A generator as one channel sees it.

    generator: Its index on the board.
    sample_rate: Of the envelope (Hz).
    granularity: Samples in a cycle of its clock; envelopes are a multiple of this many.
    cycles: Shortest and longest waveform.
    memory: Samples that all envelopes of the channel may take together.
    band: Carrier frequencies that leave it clean, lowest and highest (Hz).
    full_scale: Largest amplitude that the generator reaches, as a fraction of the converter's range.
    """

    generator: int
    sample_rate: float
    granularity: int
    cycles: tuple[int, int]
    memory: int
    band: tuple[float, float]
    full_scale: float

    def check_amplitude(self, amplitude: float, channel: str) -> None:
        """TargetError unless the generator can reach `amplitude`."""
        if not abs(amplitude) <= self.full_scale:
            limit = f"[-{self.full_scale:g}, {self.full_scale:g}] of the converter's range"
            raise TargetError(channel, "amplitude", amplitude, limit, "lower it or lengthen the pulse")

    def check_frequency(self, frequency: float, channel: str) -> None:
        """TargetError unless a carrier of `frequency` (Hz) leaves the generator clean."""
        low, high = self.band
        if not low <= frequency <= high:
            limit = f"{low / 1e9:.4g} to {high / 1e9:.4g} GHz"
            hint = "choose another Nyquist zone or mixer frequency"
            raise TargetError(channel, "carrier (Hz)", frequency, limit, hint)

    def check_length(self, samples: int, channel: str) -> None:
        """TargetError unless the generator can play a waveform of `samples`."""
        shortest, longest = self.cycles
        if not shortest <= samples // self.granularity <= longest:
            limit = f"{shortest} to {longest} cycles of {self.granularity} samples"
            raise TargetError(channel, "waveform (samples)", samples, limit, "change the pulse's duration")


@dataclass(frozen=True, kw_only=True)
class ReadoutPort:
    """A readout chain: the generator of its tone and the window of its echo.

    generator, tone: Index of the generator and of the tone on it. readout: Index of the readout.
    clock: Of the window. longest: Window (ticks of that clock).
    tone_clock: Of the tone's length. tone_cycles: Shortest and longest tone (ticks of that clock).
    band: Frequencies of the tone (Hz).
    """

    generator: int
    tone: int
    readout: int
    clock: Clock
    longest: int
    tone_clock: Clock
    tone_cycles: tuple[int, int]
    band: tuple[float, float]

    def check_tone(self, frequency: float, amplitude: float, channel: str) -> None:
        """TargetError unless the chain plays and hears a tone of `frequency` (Hz) at `amplitude`."""
        low, high = self.band
        if not low <= frequency <= high:
            limit = f"{low / 1e9:.4g} to {high / 1e9:.4g} GHz"
            raise TargetError(channel, "readout tone (Hz)", frequency, limit, "stay inside the Nyquist zones")
        if not 0 < amplitude <= 1:
            raise TargetError(channel, "readout amplitude", amplitude, "(0, 1] of full scale", "correct it")

    def window_ticks(self, window: float, channel: str) -> int:
        """`window` (s) on the readout's clock; TargetError if it cannot be integrated."""
        ticks = self.clock.ticks(window, channel)
        if not 0 < ticks <= self.longest:
            limit = f"1 to {self.longest} ticks of the readout"
            raise TargetError(channel, "window (ticks)", ticks, limit, "change the window's length")
        return ticks

    def tone_ticks(self, duration: float, channel: str) -> int:
        """`duration` (s) on the tone's clock; TargetError if such a tone cannot be played."""
        ticks = self.tone_clock.ticks(duration, channel)
        shortest, longest = self.tone_cycles
        if not shortest <= ticks <= longest:
            limit = f"{shortest} to {longest} ticks of the generator"
            raise TargetError(channel, "tone (ticks)", ticks, limit, "change the tone's duration")
        return ticks


@dataclass(frozen=True, kw_only=True)
class Target:
    """The datasheet of a board with its cables: which channel is which port.

    clock: Of all start times. common_ticks: Ticks after which the edges of every generator's clock coincide again.
    block_ticks: Ticks after which those of every readout's clock do so, too; blocks are a multiple of it long.
    longest_block: Ticks that a block may last. events: Events that one program may hold.
    """

    name: str
    clock: Clock
    common_ticks: int
    block_ticks: int
    longest_block: int
    events: int
    ports: Mapping[str, Port]
    readouts: Mapping[str, ReadoutPort]

    @property
    def common_clock(self) -> Clock:
        """The clock of coinciding edges, on which a hot window starts."""
        return Clock(self.clock.frequency / self.common_ticks)

    def block_length(self, duration: float) -> int:
        """Ticks of a block that lasts at least `duration` (s); TargetError if that is too long."""
        ticks = Clock(self.clock.frequency / self.block_ticks).ceil(duration) * self.block_ticks
        if ticks > self.longest_block:
            raise TargetError("the processor", "block (ticks)", ticks, f"[0, {self.longest_block}]", "rest for less")
        return ticks

    def port(self, channel: str) -> Port:
        """Datasheet of `channel`; SequenceError if it is not cabled."""
        if channel not in self.ports:
            raise self._not_cabled(channel, self.ports)
        return self.ports[channel]

    def readout(self, channel: str) -> ReadoutPort:
        """Datasheet of the readout chain of `channel`; SequenceError if it is not cabled."""
        if channel not in self.readouts:
            raise self._not_cabled(channel, self.readouts)
        return self.readouts[channel]

    def _not_cabled(self, channel: str, known: Iterable[str]) -> SequenceError:
        return SequenceError(f"{channel} is not cabled to {self.name}; cabled are {', '.join(sorted(known))}")
