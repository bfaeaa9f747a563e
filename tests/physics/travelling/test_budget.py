from dataclasses import replace

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from coldlink.physics.travelling import bell_fidelity, budget
from coldlink.sequences.units import GHz, MHz, ns, us

from .links import KAPPA, TURN, missed, node, transfer


def test_a_transfer_with_one_imperfection_gains_all_of_it_from_one_cure():
    link = transfer(loss=0.2, window=800 * ns)
    found = budget(link)
    assert list(found.gains) == ["photon loss"]
    assert found.reached + found.gains["photon loss"] == pytest.approx(1, abs=2e-5)
    assert found.rest == pytest.approx(0, abs=2e-5)


def test_a_perfect_transfer_has_nothing_to_cure_but_its_window():
    found = budget(transfer())
    assert found.gains == {}
    assert found.rest == pytest.approx(1 - found.reached)


def spoiled():
    """A link in which everything is a little wrong."""
    stark = -2e-8
    wrong = {"internal": 0.003 * KAPPA, "pull_e": -TURN * 5 * MHz, "pull_f": -TURN * 8 * MHz}
    slow = {
        "t1_e": 100 * us,
        "t1_f": 50 * us,
        "t_phi_e": 100 * us,
        "t_phi_f": 80 * us,
        "excited": 0.005,
        "residual": 0.002,
    }
    a = node(stark=stark, swap=30 * ns, resonator=wrong, **slow)
    b = node(stark=stark, swap=30 * ns, resonator=wrong | {"frequency": 8.4002 * GHz}, **slow)
    link = transfer(
        a, b, window=500 * ns, loss=0.01, input_occupation=0.002, loss_occupation=0.004, delay=20 * ns, error=1e-4
    )
    return missed(link, stark=0.9 * stark, scale=1.03)


def test_every_imperfection_of_a_spoiled_link_has_a_place_the_costliest_first():
    link = spoiled()
    found = budget(link)
    assert len(found.gains) == 10
    assert sorted(found.gains.values(), reverse=True) == list(found.gains.values())
    assert all(gain > 0 for gain in found.gains.values())
    cured = replace(link, waveguide=replace(link.waveguide, loss=0.0))
    gain = cured.process.process_fidelity - link.process.process_fidelity
    assert found.gains["photon loss"] == pytest.approx(gain, abs=1e-12)


def test_small_losses_that_have_nothing_to_do_with_each_other_add_up():
    ends = node(t1_e=1000 * us, t1_f=100 * us, t_phi_f=100 * us)
    link = transfer(ends, ends, window=700 * ns, loss=0.005, error=1e-6)
    found = budget(link)
    assert set(found.gains) == {"photon loss", "relaxation", "dephasing"}
    assert 0.005 < 1 - found.reached < 0.015
    assert abs(found.rest) < (1 - found.reached) ** 2


@settings(max_examples=3, deadline=None)
@given(st.floats(0.05, 0.5))
def test_the_budget_of_a_pair_is_one_of_its_bell_fidelity(loss):
    link = transfer(node(t1_e=10 * us, t1_f=5 * us), node(t1_e=10 * us, t1_f=5 * us), loss=loss)
    found = budget(link, bell_fidelity)
    assert found.reached == link.pair.fidelity
    assert set(found.gains) == {"photon loss", "relaxation"}
    assert all(gain > 0 for gain in found.gains.values())
