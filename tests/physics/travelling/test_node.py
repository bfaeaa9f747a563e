import math

import numpy as np
import pytest

from coldlink.physics import occupation
from coldlink.physics.travelling import Qutrit, Waveguide
from coldlink.sequences.errors import ModelError
from coldlink.sequences.units import GHz, K, MHz, m, ns, us

from .links import node

LOSSY = Qutrit(frequency=6 * GHz, anharmonicity=-265 * MHz, t1_e=12 * us, t1_f=5 * us, t_phi_e=9 * us, t_phi_f=4 * us)


def idled(qutrit, time, rho):
    return (qutrit.rotation(0, time) @ np.asarray(rho, dtype=complex).reshape(9)).reshape(3, 3)


def test_populations_decay_from_f_through_e_to_g():
    t, f = 3 * us, np.diag([0, 0, 1])
    in_f, e, rates = math.exp(-t / LOSSY.t1_f), 0.0, (1 / LOSSY.t1_f, 1 / LOSSY.t1_e)
    e = rates[0] / (rates[1] - rates[0]) * (math.exp(-rates[0] * t) - math.exp(-rates[1] * t))
    np.testing.assert_allclose(idled(LOSSY, t, f).diagonal().real, [1 - in_f - e, e, in_f], atol=1e-12)


def test_coherences_decay_as_the_docstring_says():
    t, after = 2 * us, idled(LOSSY, 2 * us, np.ones((3, 3)))
    e, f = 1 / (2 * LOSSY.t1_e) + 1 / LOSSY.t_phi_e, 1 / (2 * LOSSY.t1_f) + 1 / LOSSY.t_phi_f
    assert after[0, 1] == pytest.approx(math.exp(-e * t))
    assert after[0, 2] == pytest.approx(math.exp(-f * t))
    assert after[1, 2] == pytest.approx(math.exp(-(e + f) * t))


def test_a_qutrit_comes_to_rest_with_the_ratio_of_its_bath():
    hot = Qutrit(frequency=6 * GHz, anharmonicity=-265 * MHz, t1_e=1 * us, t1_f=1 * us, excited=0.2)
    g, e, f = idled(hot, 100 * us, np.diag([1, 0, 0])).diagonal().real
    assert (e / g, f / e) == pytest.approx((0.25, 0.25))


@pytest.mark.parametrize("duration", [0.0, 1e-15])
def test_a_pi_rotation_takes_e_to_f_and_back_without_a_phase(duration):
    there, back = LOSSY.rotation(math.pi, duration), LOSSY.rotation(-math.pi, duration)
    qubit = np.array([[0.4, 0.3, 0], [0.3, 0.6, 0], [0, 0, 0]], dtype=complex)
    moved = (there @ qubit.reshape(9)).reshape(3, 3)
    np.testing.assert_allclose(moved, [[0.4, 0, 0.3], [0, 0, 0], [0.3, 0, 0.6]], atol=1e-8)
    np.testing.assert_allclose(back @ moved.reshape(9), qubit.reshape(9), atol=1e-8)


def test_a_rotation_that_lasts_loses_to_g_what_e_decays_in_half_of_it():
    after = (LOSSY.rotation(math.pi, 100 * ns) @ np.diag([0, 1, 0]).astype(complex).reshape(9)).reshape(3, 3)
    assert after[0, 0].real == pytest.approx(50 * ns / LOSSY.t1_e, rel=0.02)
    assert np.trace(after) == pytest.approx(1)


def test_the_tone_of_a_node_is_between_two_excitations_of_the_transmon_and_the_resonator():
    assert node().drive_frequency == pytest.approx(2 * 6.4 * GHz - 265 * MHz - 8.4 * GHz)


@pytest.mark.parametrize("name", ["t1_e", "t1_f", "t_phi_e", "t_phi_f", "frequency"])
@pytest.mark.parametrize("value", [0.0, -1e-6, math.nan])
def test_a_time_of_a_qutrit_is_positive(name, value):
    with pytest.raises(ModelError, match=f"qutrit {name}.*must be positive"):
        node(**{name: value})


@pytest.mark.parametrize("name", ["excited", "residual"])
@pytest.mark.parametrize("value", [-0.01, 0.5, math.nan])
def test_a_thermal_population_is_below_a_half(name, value):
    with pytest.raises(ModelError, match=f"qutrit {name}.*fraction of 1"):
        node(**{name: value})


def test_a_transmon_is_softer_than_an_oscillator():
    with pytest.raises(ModelError, match=r"qutrit anharmonicity.*negative"):
        node(anharmonicity=200 * MHz)


@pytest.mark.parametrize(
    ("name", "value"),
    [("kappa", 0.0), ("frequency", -1.0), ("internal", -1.0), ("internal_occupation", -0.1), ("pull_e", math.nan)],
)
def test_a_resonator_without_a_meaning_is_refused_by_name(name, value):
    with pytest.raises(ModelError, match=f"resonator {name}"):
        node(resonator={name: value})


def test_an_ef_pulse_too_short_for_the_anharmonicity_is_refused():
    with pytest.raises(ModelError, match=r"node swap \(s\) = 2e-09: .* 1/\|anharmonicity\|"):
        node(swap=2 * ns)
    assert node(swap=30 * ns).swap == 30 * ns


def test_a_stark_shift_is_a_number():
    with pytest.raises(ModelError, match="node stark"):
        node(stark=math.nan)


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("delay", -1e-9),
        ("loss", 1.01),
        ("loss", -0.01),
        ("loss", math.nan),
        ("input_occupation", -0.1),
        ("loss_occupation", math.inf),
        ("phase", math.nan),
    ],
)
def test_a_waveguide_without_a_meaning_is_refused_by_name(name, value):
    with pytest.raises(ModelError, match=f"waveguide {name}"):
        Waveguide(**{name: value})


def test_a_waveguide_is_known_by_its_length_and_its_decibels():
    line = Waveguide.along(4.9 * m, velocity=2.1e8, attenuation=1e-3, insertion=1.0)
    assert line.delay == pytest.approx(23.3 * ns, rel=2e-3)
    assert line.loss == pytest.approx(1 - 10**-0.10049)
    with pytest.raises(ModelError, match="waveguide length"):
        Waveguide.along(0.0, velocity=2e8, attenuation=0.0)
    with pytest.raises(ModelError, match="waveguide attenuation"):
        Waveguide.along(1.0, velocity=2e8, attenuation=-1.0)


def test_the_occupation_of_a_port_comes_from_its_temperature():
    assert float(occupation(8.4 * GHz, 0.1 * K)) == pytest.approx(0.018, abs=1e-3)
