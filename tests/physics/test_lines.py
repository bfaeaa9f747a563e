import numpy as np
import pytest

from coldlink.physics.lines import FluxLine, Resonator
from coldlink.sequences.units import GHz, MHz, ns

LINE = FluxLine(bias=0.4, pulse=0.25, offset=0.03)
RESONATOR = Resonator(
    frequency=6.5 * GHz, shift=2 * MHz, linewidth=3 * MHz, gain=1.0, phase=0.0, noise=1.0, delay=100 * ns
)


def test_source_generator_and_offset_add_up_in_flux():
    np.testing.assert_allclose(LINE.flux(0.5, np.array([-1.0, 0.0, 1.0])), [-0.02, 0.23, 0.48])


def test_volts_gives_back_the_static_flux():
    assert LINE.flux(LINE.volts(0.31), np.zeros(1))[0] == pytest.approx(0.31)


def test_a_tone_on_the_resonance_of_a_level_passes_it_whole():
    for level in range(3):
        passed = RESONATOR.transmission(6.5 * GHz - 2 * MHz * level, 3)
        assert passed[level] == pytest.approx(1)
        assert np.all(np.abs(np.delete(passed, level)) < 1)


def test_half_a_linewidth_away_half_the_power_passes_with_an_eighth_of_a_turn():
    passed = RESONATOR.transmission(6.5 * GHz + 1.5 * MHz, 1)[0]
    assert abs(passed) ** 2 == pytest.approx(0.5)
    assert np.angle(passed) == pytest.approx(-np.pi / 4)
