"""Mode comb on twins whose line is longer or shorter than designed."""

from dataclasses import replace

import pytest

from coldlink.calibration import calibrate
from coldlink.calibration.mode_comb import ModeComb
from coldlink.calibration.names import KINDS
from coldlink.physics import Network
from coldlink.sequences.errors import FitRejected

from .line_feeling import line_feeling


def stretched(factor: float):
    def change(held):
        line = held.network.links[0].line
        other = replace(line, free_spectral_range=factor * line.free_spectral_range)
        return replace(held, network=Network.of(replace(held.network.links[0], line=other)))

    return change


@pytest.mark.parametrize(("station", "factor"), [("sim_4k", 1.003), ("sim_1k", 0.9975)])
def test_the_mode_is_found_to_a_fraction_of_a_mhz(station, factor):
    setup = line_feeling(station, stretched(factor))
    found = ModeComb().found(calibrate(ModeComb(), setup.bench).fit)
    mode, spacing = found["line.mode_frequency"], found["line.free_spectral_range"]
    assert abs(mode.value - setup.device.mode_frequency) < 3 * mode.error
    assert mode.error < 0.25e6
    assert abs(spacing.value - setup.device.line.free_spectral_range) < 3 * spacing.error
    assert set(found) <= set(KINDS)


def test_a_mode_outside_of_the_scan_is_refused():
    with pytest.raises(FitRejected, match="mode 36"):
        calibrate(ModeComb(), line_feeling("sim_4k", stretched(1.01)).bench)
