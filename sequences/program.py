"""Program: what every port plays and when, in ticks; the board's language without the board."""

from collections.abc import Mapping
from dataclasses import dataclass, field

from .envelope import Samples
from .sweep import Axis
from .target import Target


@dataclass(frozen=True)
class Waveform:
    """An envelope in a generator's memory.

    channel: Whose. samples: Complex, shape (n,), modulus at most one, one per sample of the port.
    """

    channel: str
    samples: Samples = field(repr=False)


@dataclass(frozen=True, kw_only=True)
class PlayEvent:
    """Play a waveform. start_ticks: On the processor's clock. gain: Fraction of the converter's range. frequency: (Hz).

    phase: Of the carrier at the block's reference (rad).
    """

    channel: str
    start_ticks: int
    waveform: str
    gain: float
    frequency: float = 0.0
    phase: float = 0.0


@dataclass(frozen=True, kw_only=True)
class ToneEvent:
    """Play a readout tone. tone_ticks: Length on the tone's own clock."""

    channel: str
    start_ticks: int
    tone_ticks: int


@dataclass(frozen=True, kw_only=True)
class TriggerEvent:
    """Open the window of a readout chain."""

    channel: str
    start_ticks: int


Event = PlayEvent | ToneEvent | TriggerEvent


@dataclass(frozen=True, kw_only=True)
class Acquisition:
    """How a readout chain is set for the whole program. frequency: (Hz). amplitude: Of the range.

    window_ticks: On the readout's own clock.
    """

    channel: str
    frequency: float
    amplitude: float
    window_ticks: int


@dataclass(frozen=True, kw_only=True)
class Block:
    """One point of the grid.

    events: In order of time. reference_ticks: Where carriers have the phase that their event names. end_ticks: When the
    last event is over. length_ticks: To the start of the next block. reads: Channels read, in order of time.
    """

    events: tuple[Event, ...]
    reference_ticks: int
    end_ticks: int
    length_ticks: int
    reads: tuple[str, ...]


@dataclass(frozen=True, kw_only=True)
class Program:
    """What the board repeats, shot by shot: all points of the grid once, then again.

    axes: Dimensions of the data, last fastest. residuals: Channel -> largest shift that a clock forced (s).
    """

    target: Target
    axes: tuple[Axis, ...]
    blocks: tuple[Block, ...]
    waveforms: Mapping[str, Waveform]
    acquisitions: Mapping[str, Acquisition]
    residuals: Mapping[str, float]

    @property
    def shot_duration(self) -> float:
        """Time that one pass over the grid takes (s)."""
        return sum(block.length_ticks for block in self.blocks) * self.target.clock.period
