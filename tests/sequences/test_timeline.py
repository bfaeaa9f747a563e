from dataclasses import replace

import numpy as np

from coldlink.sequences import Sequence, Sweep, timeline
from coldlink.sequences.program import Waveform
from coldlink.sequences.units import ns

from .small import DRIVE_A, FLUX, LOAD, PI, READ_A, TONE, compiled, flat

SEQUENCE = (
    Sequence()
    .play(DRIVE_A, replace(PI, phase=Sweep("phase", (0.0, np.pi / 2), "rad")))
    .align(DRIVE_A, LOAD, FLUX)
    .play(LOAD, flat(60 * ns, amplitude=-0.25))
    .align(LOAD, READ_A)
    .acquire(READ_A, TONE)
)


def test_a_timeline_is_a_line_for_each_axis_readout_block_and_event() -> None:
    lines = timeline(compiled(SEQUENCE)).splitlines()
    assert lines[:3] == [
        "axis phase [rad]: 0 1.5708",
        "a.readout: 6.350000 GHz, amplitude 0.1000, window 38 ticks",
        "block phase=0: 4816 ticks, reference 28",
    ]
    assert [line.split()[:3] for line in lines[3:7]] == [
        ["10", "23.251", "ns"],
        ["28", "65.104", "ns"],
        ["54", "125.558", "ns"],
        ["74", "172.061", "ns"],
    ]
    assert lines[3].split()[3:6] == ["a.drive", "play", "18"]
    assert lines[3].endswith("gain +0.20000 5.100000 GHz 0.00 deg")
    assert lines[4].endswith("gain +0.25000")
    assert lines[5].split()[3:] == ["a.readout", "tone", "430", "ticks"]
    assert lines[6].split()[3:] == ["a.readout", "trigger"]
    assert lines[7] == "block phase=1.5708: 4816 ticks, reference 28"
    assert lines[8].endswith("90.00 deg")
    assert len(lines) == 12


def test_the_digest_of_a_shape_tells_shapes_apart_but_not_the_signs_of_zero() -> None:
    program = compiled(Sequence().play(FLUX, flat(20 * ns)))
    ((name, waveform),) = program.waveforms.items()

    def text(samples: np.ndarray) -> str:
        return timeline(replace(program, waveforms={name: Waveform(waveform.channel, samples)}))

    zeros = waveform.samples.copy()
    zeros[waveform.samples == 0] = -0.0
    assert text(zeros) == timeline(program)
    assert text(waveform.samples * 0.999) != timeline(program)


def test_a_sequence_without_axes_is_one_block() -> None:
    assert timeline(compiled(Sequence().delay(DRIVE_A, PI.duration))) == "block -: 4312 ticks, reference 0\n"
