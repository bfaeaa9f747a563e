"""`play` goes through a scan on the host and leaves the settings as they belong."""

import numpy as np
import pytest

from coldlink.calibration.routine import play
from coldlink.sequences.errors import BoardError, ConnectionFailed, InstrumentError, InterlockOpen, RunAborted
from coldlink.sequences.scan import Point, Scan
from coldlink.sequences.sequence import Sequence
from coldlink.sequences.sweep import Sweep

from .paper_bench import BIAS, PaperBench

SHOTS = 3
AXES = (Sweep("repeat", (0.0, 1.0)), Sweep("bias", (0.5, 0.25, 0.125), "V"))


def scan():
    return Scan.over(AXES, lambda repeat, bias: Point(sequence=Sequence(), settings={BIAS: bias}))


def test_the_axes_of_a_scan_come_before_those_of_its_sequences():
    data = play(scan(), PaperBench(), SHOTS)
    assert data["a.iq"].dims == ("repeat", "bias", "shot", "quadrature")
    np.testing.assert_array_equal(data["a.iq"].values[1, :, 0, 0], [0.5, 0.25, 0.125])
    assert data["bias"].attrs["units"] == "V"
    assert list(data["bias"].values) == [0.5, 0.25, 0.125]
    assert data["a.iq"].attrs["units"] == "ADC"
    assert data.attrs["board_time_s"] == 3.0


def test_one_sequence_keeps_its_data_as_they_are():
    bench = PaperBench()
    data = play(Scan.of(Sequence()), bench, SHOTS)
    assert data["a.iq"].dims == ("shot", "quadrature")
    assert data.attrs["image_sha256"] == f"{1:064}"
    assert bench.told == ["play"]


def test_the_hash_of_a_scan_depends_on_every_image():
    together = play(scan(), PaperBench(), SHOTS).attrs["image_sha256"]
    assert len(together) == 64
    assert together == play(scan(), PaperBench(), SHOTS).attrs["image_sha256"]
    assert together != play(scan(), PaperBench(told=["play"]), SHOTS).attrs["image_sha256"]


def test_settings_are_brought_back_at_the_end():
    bench = PaperBench()
    play(scan(), bench, SHOTS)
    assert bench.settings[BIAS.name] == bench.known.biases[BIAS]


def stopped_at_the_third(error):
    def before(played):
        if played == 2:
            raise error

    return before


@pytest.mark.parametrize("error", [RunAborted("Ctrl-C"), KeyboardInterrupt(), BoardError("word 12 is unknown")])
def test_settings_are_brought_back_when_something_else_ends_the_scan(error):
    bench = PaperBench(before=stopped_at_the_third(error))
    with pytest.raises(type(error)):
        play(scan(), bench, SHOTS)
    assert bench.played == 2
    assert bench.settings[BIAS.name] == bench.known.biases[BIAS]


@pytest.mark.parametrize(
    "error",
    [
        InterlockOpen("load", 0.2, 0.03, "K", 1.0),
        ConnectionFailed({"thermometer": "gone"}),
        InstrumentError("a_coupler_source", "the output is off", "find out why"),
    ],
)
def test_no_bias_is_moved_any_more_after_an_interlock_or_an_instrument_has_ended_the_scan(error):
    bench = PaperBench(before=stopped_at_the_third(error))
    with pytest.raises(type(error)):
        play(scan(), bench, SHOTS)
    assert bench.told[-1] == f"{BIAS.name} 0.125"
