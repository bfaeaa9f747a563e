"""What a compiled Program asks for, as the direct solutions take it: neither lowered nor executed."""

import numpy as np

from coldlink.sequences import Block, PlayEvent, Program

from .direct_link import LEVELS


def first(block: Block, kind: type):
    return next(event for event in block.events if isinstance(event, kind))


def plays(block: Block, channel: str) -> list[PlayEvent]:
    return [event for event in block.events if isinstance(event, PlayEvent) and event.channel == channel]


def drive(program: Program, event: PlayEvent, rabi_rate: float, frame: float, late: float):
    """W(t) of H = W b+ + h.c. in the frame `frame` (Hz) for Re[envelope e^{i(2 pi f t + phase)}] on a drive line.

    rabi_rate: Of the line (Hz). late: When the event begins after the block's reference (s).
    """
    samples = program.waveforms[event.waveform].samples
    rate = program.target.port(event.channel).sample_rate
    half_rabi, offset = np.pi * rabi_rate * event.gain, event.frequency - frame

    def wave(time: float) -> complex:
        sample = samples[min(int(time * rate), samples.size - 1)]
        return complex(half_rabi * np.conj(sample * np.exp(1j * (2 * np.pi * offset * (time + late) + event.phase))))

    return wave


def thermal(population: float) -> np.ndarray:
    """State of a resting qubit. population: Its residual one."""
    weights = (population / (1 - population)) ** np.arange(LEVELS)
    return np.diag(weights / weights.sum())
