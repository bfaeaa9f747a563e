"""What leaves the board and what it listens to: the seam between the executed image and the physics behind it."""

from collections.abc import Sequence
from contextlib import AbstractContextManager
from dataclasses import dataclass
from math import inf
from typing import Final, Protocol, runtime_checkable

import numpy as np
from numpy.typing import NDArray

BOARD: Final = 1000
"""The plant knows generator n and readout n of board m as 1000 m + n."""


@dataclass(frozen=True, kw_only=True)
class Played:
    """One waveform at a generator's converter.

    output(t) = Re[envelope(t) exp(i(2 pi oscillator t + 2 pi frequency (t - start) + phase))], t from the repetition's
    origin. Generators and converters delay by constants that the twin leaves out: all times are the processor's.

    generator: Index in soccfg["gens"]. start: First sample (s). sample_rate: Of `envelope` (Hz).
    envelope: Fraction of the converter's full scale, gain included, shape (n,), each value held for 1 / sample_rate;
    a constant wave is one value. oscillator: Free-running mixer, 0 without one (Hz). frequency: DDS relative to the
    oscillator, signed (Hz). phase: Of the DDS at `start`, with the oscillator's phase at the origin (rad). sampling: Of
    the converter, at one of whose samples the wave starts (Hz); infinite: it has no images in other Nyquist zones.
    zone: Nyquist zone that was chosen, 1 or 2; the wave is what leaves in it.
    """

    generator: int
    start: float
    sample_rate: float
    envelope: NDArray[np.complex128]
    oscillator: float
    frequency: float
    phase: float
    sampling: float = inf
    zone: int = 1

    @property
    def duration(self) -> float:
        """(s)."""
        return float(self.envelope.size / self.sample_rate)


@dataclass(frozen=True, kw_only=True)
class Window:
    """One accumulation of a readout.

    readout: Index in soccfg["readouts"]. start: From the repetition's origin (s). length: (s).
    samples: Decimated samples accumulated. frequency: Of the local oscillator at the converter's input (Hz).
    phase: Of the local oscillator at `start` (rad); only its difference to the tone's has a meaning.
    sampling: Of the converter (Hz); infinite: it hears the local oscillator's Nyquist zone alone.
    """

    readout: int
    start: float
    length: float
    samples: int
    frequency: float
    phase: float
    sampling: float = inf


@dataclass(frozen=True)
class Repetition:
    """What the board does between two steps of the host's counter.

    played, windows: In time order. period: From the origin to the next repetition's (s).
    """

    played: tuple[Played, ...]
    windows: tuple[Window, ...]
    period: float


class Plant(Protocol):
    """The physics behind the board's connectors; it sees waveforms, never names."""

    def measure(self, repetition: Repetition, shots: int) -> NDArray[np.complex128]:
        """I + iQ summed over each window's samples, in converter units, shape (shots, windows) in time order."""
        ...


class Followed(Protocol):
    """A run that a plant follows from its first repetition on, each with its own results."""

    def answer(self, repetition: Repetition, window: int) -> complex:
        """I + iQ summed over `repetition.windows[window]`, in converter units, in the repetition that is under way.

        Asked once for each window, in the order in which their results reach the processor. repetition: What has been
        played and opened so far, everything that can sound in the window among it; its period may not be known (nan).
        What was answered before has happened.
        """
        ...

    def close(self, repetition: Repetition) -> None:
        """The repetition under way is over, and this is all of it; the next one begins."""
        ...


@runtime_checkable
class TracedRun(Followed, Protocol):
    """A run that a plant follows sample by sample, for the decimated buffers of a program that reads results."""

    def samples(self, repetition: Repetition, window: int) -> NDArray[np.complex128]:
        """Asked in place of `answer`, whose sum they are: decimated I + iQ, converter units, shape (samples,)."""
        ...


@runtime_checkable
class FeedbackPlant(Plant, Protocol):
    """A plant that also answers while a run is under way: for programs that read results on the board, and for runs
    whose repetitions follow so closely that each finds what the one before has left.
    """

    def follow(self) -> AbstractContextManager[Followed]:
        """Begin a run after a long rest; it has ended when the context is left."""
        ...

    def remembers(self, repetition: Repetition) -> bool:
        """The next repetition would find what the readouts of this one have left, so that a run must be followed."""
        ...


@runtime_checkable
class TracingPlant(Plant, Protocol):
    """A plant that also answers sample by sample, for decimated buffers."""

    def traces(self, repetition: Repetition, windows: Sequence[Window]) -> list[NDArray[np.complex128]]:
        """Decimated I + iQ of one shot in these windows, in time order, converter units, each of shape (samples,).

        They are the repetition's own, or others that listen in their place.
        """
        ...


@runtime_checkable
class ImagingPlant(Plant, Protocol):
    """A plant whose readouts hear images of tones, too, that converters play in other Nyquist zones.

    bandwidth: Up to which frequency (Hz), None if it hears none.
    """

    @property
    def bandwidth(self) -> float | None:
        """See above."""
        ...
