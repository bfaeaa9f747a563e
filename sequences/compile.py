"""Compile a sequence for a target: the only place where seconds become ticks."""

import hashlib
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field

import numpy as np

from .envelope import Samples
from .errors import SequenceError, TargetError
from .expand import axes, points
from .program import Acquisition, Block, Event, PlayEvent, Program, ToneEvent, TriggerEvent, Waveform
from .pulse import Pulse
from .schedule import Schedule, Timed, schedule
from .sequence import Acquire, Play, Sequence
from .sweep import resolved
from .target import TOLERANCE, Target
from .units import ns

WINDOW_GAP = 500 * ns
"""Flux pulses that are closer than this share one waveform."""
REAL = 1e-9
"""Largest quadrature part of an envelope that still counts as real."""


def compile(sequence: Sequence, target: Target, *, relaxation: float) -> Program:  # noqa: A001
    """Turn `sequence` into what each port of `target` plays; every point of its sweeps becomes a block.

    relaxation: Rest after each block (s), rounded up to where all clocks of the board coincide. Raises SequenceError,
    TimingError or TargetError where the target cannot do what was asked; what a clock shifts is reported in
    `Program.residuals`, less than one tick of that clock each.
    """
    if resolved(relaxation) < 0:
        raise SequenceError(f"a rest of {relaxation * 1e6:.6g} us between shots is negative; give 0 or more")
    blocks, builder = [], _Builder(target)
    for elements in points(sequence):
        blocks.append(builder.block(schedule(elements, target), relaxation))
    builder.check_memory()
    return Program(
        target=target,
        axes=axes(sequence),
        blocks=tuple(blocks),
        waveforms=builder.waveforms,
        acquisitions=builder.acquisitions,
        residuals=builder.residuals,
    )


@dataclass
class _Builder:
    target: Target
    waveforms: dict[str, Waveform] = field(default_factory=dict)
    acquisitions: dict[str, Acquisition] = field(default_factory=dict)
    residuals: dict[str, float] = field(default_factory=dict)
    events: int = 0

    def block(self, timed: Schedule, relaxation: float) -> Block:
        for channel, slack in timed.slack.items():
            self._shifted(channel, slack)
        events = sorted(self._events(timed), key=lambda event: (event.start_ticks, event.channel))
        self._check_generators(events)
        self._check_events(len(events))
        return Block(
            events=tuple(events),
            reference_ticks=self.target.clock.ticks(timed.reference, "the reference"),
            end_ticks=self.target.clock.ceil(timed.end),
            length_ticks=self.target.block_length(timed.end + relaxation),
            reads=tuple(event.channel for event in events if isinstance(event, TriggerEvent)),
        )

    def _events(self, timed: Schedule) -> Iterator[Event]:
        for window in _windows([entry for entry in timed.entries if entry.element.channel.is_flux]):
            yield from self._window(window)
        for entry in timed.entries:
            if isinstance(entry.element, Acquire):
                yield from self._acquire(entry, entry.element)
            elif not entry.element.channel.is_flux:
                yield from self._drive(entry, entry.element.pulse)

    def _window(self, entries: list[Timed]) -> Iterator[PlayEvent]:
        """One waveform for each flux channel, all started on one edge of the common clock."""
        common = self.target.common_clock
        start = common.floor(min(entry.start for entry in entries)) * common.period
        by_channel: dict[str, list[Timed]] = {}
        for entry in entries:
            by_channel.setdefault(entry.element.channel.name, []).append(entry)
        for channel, mine in by_channel.items():
            shape = self._sample(channel, mine, start)
            if np.max(np.abs(shape.imag), initial=0.0) > REAL:
                raise SequenceError(f"the envelope on {channel} is complex; flux is real, leave out drag")
            gain = float(np.max(np.abs(shape), initial=0.0))
            self.target.port(channel).check_amplitude(gain, channel)
            if gain > 0:
                yield self._play(channel, start, shape / gain, gain)

    def _drive(self, entry: Timed, pulse: Pulse) -> Iterator[PlayEvent]:
        channel = entry.element.channel.name
        port = self.target.port(channel)
        gain, frequency = resolved(pulse.amplitude), resolved(pulse.frequency)
        port.check_amplitude(gain, channel)
        port.check_frequency(frequency, channel)
        if gain != 0 and entry.end > entry.start:
            shape = self._sample(channel, [entry], entry.start) / gain
            phase = resolved(pulse.phase) + entry.frame
            yield self._play(channel, entry.start, shape, gain, frequency=frequency, phase=phase)

    def _sample(self, channel: str, entries: list[Timed], start: float) -> Samples:
        """Sum of the pulses at the middle of every sample after `start` (s), padded to the port's granularity."""
        port = self.target.port(channel)
        length = max(entry.end for entry in entries) - start
        count = int(np.ceil((length - TOLERANCE) * port.sample_rate / port.granularity)) * port.granularity
        time = np.asarray(start + (np.arange(count) + 0.5) / port.sample_rate, dtype=np.float64)
        total = np.zeros(count, complex)
        for entry in entries:
            if isinstance(entry.element, Play) and entry.end > entry.start:
                pulse = entry.element.pulse
                envelope = pulse.envelope(time - entry.start, resolved(pulse.duration))
                if np.max(np.abs(envelope), initial=0.0) > 1.0 + 1e-9:
                    hint = "scale it and raise the amplitude instead"
                    raise SequenceError(f"the envelope on {channel} reaches {np.max(np.abs(envelope)):.4g}; {hint}")
                total += resolved(pulse.amplitude) * envelope
        return total

    def _play(
        self, channel: str, start: float, shape: Samples, gain: float, *, frequency: float = 0.0, phase: float = 0.0
    ) -> PlayEvent:
        self.target.port(channel).check_length(len(shape), channel)
        digest = hashlib.sha256(np.round(shape, 9).tobytes()).hexdigest()[:12]
        name = f"{channel}:{digest}"
        self.waveforms.setdefault(name, Waveform(channel, shape))
        return PlayEvent(
            channel=channel,
            start_ticks=self.target.clock.ticks(start, channel),
            waveform=name,
            gain=gain,
            frequency=frequency,
            phase=phase,
        )

    def _acquire(self, entry: Timed, element: Acquire) -> tuple[ToneEvent, TriggerEvent]:
        channel, readout = element.channel.name, element.readout
        port, clock = self.target.readout(channel), self.target.clock
        port.check_tone(readout.frequency, readout.amplitude, channel)
        setting = Acquisition(
            channel=channel,
            frequency=readout.frequency,
            amplitude=readout.amplitude,
            window_ticks=port.window_ticks(readout.window, channel),
        )
        if self.acquisitions.setdefault(channel, setting) != setting:
            raise SequenceError(f"{channel} is read in two ways in one sequence; the board can be set for one only")
        if readout.delay < 0:
            early = f"{-readout.delay * 1e9:.6g} ns before its tone"
            raise SequenceError(f"the window of {channel} opens {early}; give a delay of 0 or more")
        start = clock.ticks(entry.start, channel)
        opens = start + clock.ticks(readout.delay, channel)
        # The window begins with the first decimated sample after its trigger.
        self._shifted(channel, port.clock.ceil(opens * clock.period) * port.clock.period - opens * clock.period)
        tone_ticks = port.tone_ticks(readout.duration, channel)
        return (
            ToneEvent(channel=channel, start_ticks=start, tone_ticks=tone_ticks),
            TriggerEvent(channel=channel, start_ticks=opens),
        )

    def _shifted(self, channel: str, residual: float) -> None:
        self.residuals[channel] = max(self.residuals.get(channel, 0.0), residual)

    def _check_generators(self, events: Iterable[Event]) -> None:
        """No generator is given a waveform while it plays another; tones that begin and end together are one."""
        playing: dict[int, tuple[Event, float]] = {}
        for event in events:
            if isinstance(event, TriggerEvent):
                continue
            generator, length = self._occupation(event)
            start = event.start_ticks * self.target.clock.period
            earlier, end = playing.get(generator, (None, 0.0))
            if earlier is not None and start < end - TOLERANCE and not _together(earlier, event):
                raise SequenceError(
                    f"{event.channel} begins at {start * 1e9:.2f} ns, but generator {generator} plays for "
                    f"{earlier.channel} until {end * 1e9:.2f} ns; start equal tones together, or delay the second"
                )
            playing[generator] = (event, max(end, start + length))

    def _occupation(self, event: PlayEvent | ToneEvent) -> tuple[int, float]:
        """Generator that is busy, and for how long (s)."""
        if isinstance(event, ToneEvent):
            echo = self.target.readout(event.channel)
            return echo.generator, event.tone_ticks * echo.tone_clock.period
        port = self.target.port(event.channel)
        return port.generator, len(self.waveforms[event.waveform].samples) / port.sample_rate

    def _check_events(self, count: int) -> None:
        self.events += count
        if self.events > self.target.events:
            limit = f"[0, {self.target.events}] of the program memory"
            raise TargetError("the processor", "events up to here", self.events, limit, "take fewer sweep points")

    def check_memory(self) -> None:
        used: dict[str, int] = {}
        for waveform in self.waveforms.values():
            used[waveform.channel] = used.get(waveform.channel, 0) + len(waveform.samples)
        for channel, samples in used.items():
            port = self.target.port(channel)
            if samples > port.memory:
                hint = "take fewer or shorter pulses that differ in shape"
                raise TargetError(channel, "envelope memory (samples)", samples, f"[0, {port.memory}]", hint)


def _together(first: Event, second: Event) -> bool:
    return (
        isinstance(first, ToneEvent)
        and isinstance(second, ToneEvent)
        and (first.start_ticks, first.tone_ticks) == (second.start_ticks, second.tone_ticks)
    )


def _windows(flux: list[Timed]) -> list[list[Timed]]:
    """Flux entries that belong together: a pause of WINDOW_GAP or more parts them."""
    windows: list[list[Timed]] = []
    end = -np.inf
    for entry in sorted(flux, key=lambda entry: entry.start):
        if entry.start - end >= WINDOW_GAP:
            windows.append([])
        windows[-1].append(entry)
        end = max(end, entry.end)
    return windows
