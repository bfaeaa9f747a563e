from dataclasses import replace

import numpy as np
import pytest

from coldlink.physics.lines import FluxLine, Resonator
from coldlink.sequences.units import GHz, MHz, ns

LINE = FluxLine(bias=0.4, pulse=0.25, offset=0.03)
RESONATOR = Resonator(
    bare_frequency=6.5 * GHz,
    coupling=80 * MHz,
    linewidth=3 * MHz,
    gain=1.0,
    phase=0.0,
    noise=1.0,
    delay=100 * ns,
    photons=50.0,
)


def test_source_generator_and_offset_add_up_in_flux():
    np.testing.assert_allclose(LINE.flux(0.5, np.array([-1.0, 0.0, 1.0])), [-0.02, 0.23, 0.48])


def test_volts_gives_back_the_static_flux():
    assert LINE.flux(LINE.volts(0.31), np.zeros(1))[0] == pytest.approx(0.31)


def dressed(f01: float, anharmonicity: float, bare: float, g: float, level: int) -> float:
    """Resonance with the qubit in `level`, by diagonalising the ladder b+b w + a/2 b+b+bb + g (b c+ + b+ c)."""
    qubit, photon = 8, 8
    b = np.kron(np.diag(np.sqrt(np.arange(1, qubit)), 1), np.eye(photon))
    c = np.kron(np.eye(qubit), np.diag(np.sqrt(np.arange(1, photon)), 1))
    energy = f01 * b.T @ b + anharmonicity / 2 * b.T @ b.T @ b @ b + bare * c.T @ c + g * (b.T @ c + b @ c.T)
    values, vectors = np.linalg.eigh(energy)
    empty, one = (values[np.argmax(np.abs(vectors[level * photon + n]))] for n in (0, 1))
    return float(one - empty)


@pytest.mark.parametrize("f01", [4.2 * GHz, 5.11 * GHz])
def test_the_resonator_is_pulled_by_each_level_of_its_qubit_as_the_exact_ladder_says(f01):
    found = RESONATOR.resonances(f01, -210 * MHz, 3)
    exact = [dressed(f01, -210 * MHz, 6.5 * GHz, 80 * MHz, level) for level in range(3)]
    assert found == pytest.approx(exact, abs=0.15 * MHz)
    assert found[0] - found[1] > 0.3 * MHz


def test_without_coupling_every_level_leaves_the_resonator_where_it_is():
    assert replace(RESONATOR, coupling=0.0).resonances(5 * GHz, -210 * MHz, 3).tolist() == [6.5 * GHz] * 3


def test_a_tone_on_the_resonance_of_a_level_passes_it_whole():
    resonances = RESONATOR.resonances(5 * GHz, -210 * MHz, 3)
    for level in range(3):
        passed = RESONATOR.transmission(float(resonances[level]), resonances)
        assert passed[level] == pytest.approx(1)
        assert np.all(np.abs(np.delete(passed, level)) < 1)


def test_half_a_linewidth_away_half_the_power_passes_with_an_eighth_of_a_turn():
    passed = RESONATOR.transmission(6.5 * GHz + 1.5 * MHz, np.array([6.5 * GHz]))[0]
    assert abs(passed) ** 2 == pytest.approx(0.5)
    assert np.angle(passed) == pytest.approx(-np.pi / 4)
