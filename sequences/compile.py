"""Compile a sequence for a target: the only place where seconds become ticks."""

import hashlib
from collections.abc import Iterable
from dataclasses import dataclass, field

import numpy as np

from .envelope import Samples
from .errors import SequenceError, TargetError
from .expand import axes, points
from .program import Acquisition, Block, Event, PlayEvent, Program, ToneEvent, TriggerEvent, Waveform
from .schedule import Schedule, Timed, schedule
from .sequence import Acquire, Play, Sequence
from .target import TOLERANCE, Target
from .units import ns

WINDOW_GAP = 500 * ns
"""Flux pulses that are closer than this share one waveform."""


def compile(sequence: Sequence, target: Target, *, relaxation: float) -> Program:  # noqa: A001
    """Turn `sequence` into what each port of `target` plays; every point of its sweeps becomes a block.

    relaxation: Rest after each block (s), rounded up to the common clock. Raises SequenceError, TimingError or
    TargetError where the target cannot do what was asked; what a clock shifts is reported in `Program.residuals`.
    """
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

    def block(self, timed: Schedule, relaxation: float) -> Block:
        for channel, slack in timed.slack.items():
            self.residuals[channel] = max(self.residuals.get(channel, 0.0), slack)
        events: list[Event] = []
        flux = [entry for entry in timed.entries if entry.element.channel.is_flux]
        for window in _windows(flux):
            events.extend(self._window(window))
        for entry in timed.entries:
            if isinstance(entry.element, Acquire):
                events.extend(self._acquire(entry, entry.element))
            elif not entry.element.channel.is_flux:
                events.append(self._drive(entry, entry.element))
        events.sort(key=lambda event: (event.start_ticks, event.channel))
        _check_overlap(timed.entries)
        common = self.target.common_clock
        return Block(
            events=tuple(events),
            reference_ticks=round(timed.reference * self.target.clock.frequency),
            end_ticks=self.target.clock.ceil(timed.end),
            length_ticks=common.ceil(timed.end + relaxation) * self.target.common_ticks,
            reads=tuple(event.channel for event in events if isinstance(event, TriggerEvent)),
        )

    def _window(self, entries: list[Timed]) -> Iterable[PlayEvent]:
        """One waveform for each flux channel, all started on one edge of the common clock."""
        common = self.target.common_clock
        start = common.floor(min(entry.start for entry in entries)) * common.period
        by_channel: dict[str, list[Timed]] = {}
        for entry in entries:
            by_channel.setdefault(entry.element.channel.name, []).append(entry)
        for channel, mine in by_channel.items():
            shape = self._sample(channel, mine, start)
            gain = float(np.max(np.abs(shape)))
            self.target.port(channel).check_amplitude(gain, channel)
            if gain > 0:
                yield self._play(channel, start, shape / gain, gain)

    def _drive(self, entry: Timed, element: Play) -> PlayEvent:
        channel, pulse = element.channel.name, element.pulse
        port = self.target.port(channel)
        gain, frequency = float(pulse.amplitude), float(pulse.frequency)  # type: ignore[arg-type]
        port.check_amplitude(gain, channel)
        port.check_frequency(frequency, channel)
        shape = self._sample(channel, [entry], entry.start) / gain if gain else np.zeros(port.granularity, complex)
        phase = float(pulse.phase) + entry.frame  # type: ignore[arg-type]
        return self._play(channel, entry.start, shape, gain, frequency=frequency, phase=phase)

    def _sample(self, channel: str, entries: list[Timed], start: float) -> Samples:
        """Sum of the pulses at the middle of every sample after `start` (s), padded to the port's granularity."""
        port = self.target.port(channel)
        length = max(entry.end for entry in entries) - start
        count = int(np.ceil((length - TOLERANCE) * port.sample_rate / port.granularity)) * port.granularity
        time = start + (np.arange(count) + 0.5) / port.sample_rate
        total = np.zeros(count, complex)
        for entry in entries:
            assert isinstance(entry.element, Play)
            pulse = entry.element.pulse
            total += float(pulse.amplitude) * pulse.envelope(time - entry.start, float(pulse.duration))  # type: ignore[arg-type]
        return total

    def _play(
        self, channel: str, start: float, shape: Samples, gain: float, *, frequency: float = 0.0, phase: float = 0.0
    ) -> PlayEvent:
        if np.max(np.abs(shape), initial=0.0) > 1.0 + 1e-9:
            raise SequenceError(f"the envelope on {channel} exceeds one; scale it and raise the amplitude instead")
        digest = hashlib.sha256(channel.encode() + np.round(shape, 9).tobytes()).hexdigest()[:12]
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
        low, high = port.band
        if not low <= readout.frequency <= high:
            limit = f"{low / 1e9:.4g} to {high / 1e9:.4g} GHz"
            raise TargetError(channel, "readout tone (Hz)", readout.frequency, limit, "stay inside the Nyquist zones")
        if not 0 < readout.amplitude <= 1:
            raise TargetError(channel, "readout amplitude", readout.amplitude, "(0, 1] of full scale", "lower it")
        window = port.clock.ticks(readout.window, channel)
        if not 0 < window <= port.longest:
            longest = f"1 to {port.longest} ticks of the readout"
            raise TargetError(channel, "window (ticks)", window, longest, "shorten the window")
        setting = Acquisition(
            channel=channel, frequency=readout.frequency, amplitude=readout.amplitude, window_ticks=window
        )
        if self.acquisitions.setdefault(channel, setting) != setting:
            raise SequenceError(f"{channel} is read in two ways in one sequence; the board can be set for one only")
        start = clock.ticks(entry.start, channel)
        return (
            ToneEvent(
                channel=channel, start_ticks=start, tone_ticks=port.tone_clock.ticks(readout.duration, channel)
            ),
            TriggerEvent(channel=channel, start_ticks=start + clock.ticks(readout.delay, channel)),
        )

    def check_memory(self) -> None:
        used: dict[str, int] = {}
        for waveform in self.waveforms.values():
            used[waveform.channel] = used.get(waveform.channel, 0) + len(waveform.samples)
        for channel, samples in used.items():
            port = self.target.port(channel)
            if samples > port.memory:
                hint = "take fewer or shorter pulses that differ in shape"
                raise TargetError(channel, "envelope memory (samples)", samples, f"[0, {port.memory}]", hint)


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


def _check_overlap(entries: tuple[Timed, ...]) -> None:
    busy: dict[str, float] = {}
    for entry in sorted(entries, key=lambda entry: entry.start):
        channel = entry.element.channel.name
        if entry.start < busy.get(channel, 0.0) - TOLERANCE:
            raise SequenceError(f"two pulses overlap on {channel} at {entry.start * 1e9:.2f} ns; delay the second")
        busy[channel] = entry.end
