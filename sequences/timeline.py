"""Timeline: a compiled program as text, one line an event; what a golden file holds and a person reads."""

import hashlib
from collections.abc import Iterator

import numpy as np

from .envelope import Samples
from .program import Event, PlayEvent, Program, ToneEvent


def timeline(program: Program) -> str:
    """List every block of `program` with ticks, times after the block's start, and what is played."""
    return "\n".join(_lines(program)) + "\n"


def _lines(program: Program) -> Iterator[str]:
    clock = program.target.clock
    for axis in program.axes:
        yield f"axis {axis.name} [{axis.unit}]: {' '.join(_value(value) for value in axis.values)}"
    for name, acquisition in sorted(program.acquisitions.items()):
        yield f"{name}: {acquisition.frequency / 1e9:.6f} GHz, amplitude {acquisition.amplitude:.4f}, " + (
            f"window {acquisition.window_ticks} ticks"
        )
    for index, block in zip(np.ndindex(*(len(axis.values) for axis in program.axes)), program.blocks, strict=True):
        label = " ".join(f"{axis.name}={_value(axis.values[i])}" for axis, i in zip(program.axes, index, strict=True))
        yield f"block {label or '-'}: {block.length_ticks} ticks, reference {block.reference_ticks}"
        for event in block.events:
            start = event.start_ticks * clock.period * 1e9
            yield f"  {event.start_ticks:6d}  {start:9.3f} ns  {event.channel:12s} {_describe(program, event)}"


def _value(value: float | str) -> str:
    return value if isinstance(value, str) else f"{value:.6g}"


def _describe(program: Program, event: Event) -> str:
    match event:
        case PlayEvent():
            samples = program.waveforms[event.waveform].samples
            shape = f"play {len(samples)} samples {_digest(samples)} gain {event.gain:+.5f}"
            turned = f" {event.frequency / 1e9:.6f} GHz {np.degrees(event.phase) % 360:.2f} deg"
            return shape + (turned if event.frequency else "")
        case ToneEvent():
            return f"tone {event.tone_ticks} ticks"
        case _:
            return "trigger"


def _digest(samples: Samples) -> str:
    """Of the shape, alike on every machine: zeros have no sign in it."""
    return hashlib.sha256((np.round(samples, 6) + 0.0).tobytes()).hexdigest()[:8]
