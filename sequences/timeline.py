"""Timeline: a compiled program as text, one line an event; what a golden file holds and a person reads."""

import hashlib
from collections.abc import Iterator

import numpy as np

from .program import Event, PlayEvent, Program, ToneEvent


def timeline(program: Program) -> str:
    """List every block of `program` with ticks, times after the block's start, and what is played."""
    return "\n".join(_lines(program)) + "\n"


def _lines(program: Program) -> Iterator[str]:
    clock = program.target.clock
    for axis in program.axes:
        values = " ".join(value if isinstance(value, str) else f"{value:.6g}" for value in axis.values)
        yield f"axis {axis.name} [{axis.unit}]: {values}"
    for name, acquisition in sorted(program.acquisitions.items()):
        yield f"{name}: {acquisition.frequency / 1e9:.6f} GHz, amplitude {acquisition.amplitude:.4f}, " + (
            f"window {acquisition.window_ticks} ticks"
        )
    for index, block in zip(np.ndindex(*(len(axis.values) for axis in program.axes)), program.blocks, strict=True):
        label = " ".join(f"{axis.name}={axis.values[i]}" for axis, i in zip(program.axes, index, strict=True))
        yield f"block {label or '-'}: {block.length_ticks} ticks, reference {block.reference_ticks}"
        for event in block.events:
            yield f"  {event.start_ticks:6d}  {event.start_ticks * clock.period * 1e9:9.3f} ns  {_describe(program, event)}"


def _describe(program: Program, event: Event) -> str:
    match event:
        case PlayEvent():
            samples = program.waveforms[event.waveform].samples
            digest = hashlib.sha256(np.round(samples, 6).tobytes()).hexdigest()[:8]
            carrier = f" {event.frequency / 1e9:.6f} GHz {np.degrees(event.phase) % 360:.2f} deg" if event.frequency else ""
            return f"{event.channel:12s} play {len(samples)} samples {digest} gain {event.gain:+.5f}{carrier}"
        case ToneEvent():
            return f"{event.channel:12s} tone {event.tone_ticks} ticks"
        case _:
            return f"{event.channel:12s} trigger"
