"""A photon from A to B: against QuTiP on random links, against closed forms, and against what any map must keep."""

import itertools
import math
from dataclasses import replace

import numpy as np
import pytest
from hypothesis import Phase, given, settings
from hypothesis import strategies as st

from coldlink.physics.travelling import Propagation
from coldlink.sequences.errors import ModelError
from coldlink.sequences.units import GHz, MHz, kHz, ns, us

from .links import GAMMA, KAPPA, TURN, missed, node, qutip_qutrits, transfer

UNSHRUNK = [phase for phase in Phase if phase is not Phase.shrink]
LOSSY = {"t1_e": 15 * us, "t1_f": 6 * us, "t_phi_e": 20 * us, "t_phi_f": 8 * us}


@st.composite
def links(draw, fields=False):
    """Every term of the model, stronger than in a laboratory, within a window of a few photon lengths."""
    number = lambda low, high: draw(st.floats(low, high))  # noqa: E731
    nodes = [
        node(
            kappa=KAPPA * number(1, 1.5),
            stark=number(-3e-8, 3e-8),
            resonator={
                "frequency": 8.4 * GHz + number(-0.5, 0.5) * MHz,
                "internal": TURN * number(0, 200) * kHz,
                "pull_e": -TURN * number(0, 8) * MHz,
                "pull_f": -TURN * number(0, 12) * MHz,
            },
            t1_e=number(1, 10) * us,
            t1_f=number(0.5, 5) * us,
            t_phi_e=number(1, 10) * us,
            t_phi_f=number(0.5, 5) * us,
            excited=0.0 if fields else number(0, 0.1),
        )
        for _ in range(2)
    ]
    heat = {"input_occupation": number(0, 0.01), "loss_occupation": number(0, 0.01)} if fields else {}
    line = {"loss": number(0, 1), "phase": number(-3, 3), "delay": number(0, 100) * ns}
    link = transfer(*nodes, window=number(60, 150) * ns, late=number(-10, 10) * ns, error=1e-6, **line, **heat)
    return missed(link, stark=nodes[1].stark * number(0.5, 1.5), scale=number(0.8, 1.2))


def state(seed, levels):
    generator = np.random.default_rng(seed)
    matrix = generator.normal(size=(levels, levels)) + 1j * generator.normal(size=(levels, levels))
    rho = matrix @ matrix.conj().T
    return rho / np.trace(rho)


def qutrits(link, at_a):
    return link._sent(at_a[None])


@settings(max_examples=3, deadline=None, phases=UNSHRUNK)
@given(links(), st.integers(0, 1000))
def test_it_agrees_with_qutip_on_random_links(link, seed):
    agrees_with_qutip(link, seed)


@pytest.mark.nightly
@settings(max_examples=40, deadline=None, phases=UNSHRUNK)
@given(links(), st.integers(0, 1000))
def test_it_agrees_with_qutip_on_many_random_links(link, seed):
    agrees_with_qutip(link, seed)


def agrees_with_qutip(link, seed):
    found, error, _ = qutrits(link, state(seed, 3))
    oracle = qutip_qutrits(link, state(seed, 3), np.diag([1, 0, 0]), cutoff=3)
    assert error <= 1e-6
    np.testing.assert_allclose(found[0], oracle, atol=1e-6)


def test_it_agrees_with_qutip_on_a_link_into_which_heat_enters():
    heat = {"input_occupation": 0.006, "loss_occupation": 0.01}
    resonator = {"pull_e": -TURN * 4 * MHz, "pull_f": -TURN * 7 * MHz}
    link = transfer(node(resonator=resonator), node(resonator=resonator), window=100 * ns, loss=0.3, phase=0.5, **heat)
    found, error, _ = qutrits(link, state(1, 3))
    oracle = qutip_qutrits(link, state(1, 3), np.diag([1, 0, 0]), cutoff=4)
    assert error <= 1e-5
    np.testing.assert_allclose(found[0], oracle, atol=1e-5)


@settings(max_examples=5, deadline=None)
@given(links(fields=True), st.integers(0, 1000))
def test_a_state_stays_a_state_and_the_map_is_completely_positive(link, seed):
    link = replace(link, error=1e-4)
    after = qutrits(link, state(seed, 3))[0][0]
    assert np.trace(after).real == pytest.approx(1, abs=1e-4)
    np.testing.assert_allclose(after, after.conj().T, atol=1e-4)
    assert np.linalg.eigvalsh((after + after.conj().T) / 2).min() > -1e-4
    choi = link.process.elements.transpose(0, 2, 1, 3).reshape(6, 6)
    np.testing.assert_allclose(np.einsum("ijkk->ij", link.process.elements), np.eye(2), atol=1e-4)
    assert np.linalg.eigvalsh((choi + choi.conj().T) / 2).min() > -1e-4


@pytest.mark.parametrize("kappas", [(KAPPA, KAPPA), (GAMMA, GAMMA), (KAPPA, 3 * KAPPA)])
def test_without_losses_only_the_ends_of_the_window_are_missed(kappas):
    a, b = (node(kappa=kappa) for kappa in kappas)
    missing = []
    for window in (400 * ns, 600 * ns, 800 * ns):
        link = transfer(a, b, window=window, error=1e-8)
        assert link.process.phase == pytest.approx(0, abs=1e-7)
        missing.append(1 - link.process.process_fidelity)
        assert missing[-1] < 1.03 * link.emit.photon.outside(window)
    assert missing[0] > missing[1] > missing[2] > 0
    assert missing[1] / missing[2] == pytest.approx(math.exp(GAMMA * 100 * ns), rel=2e-3)


@settings(max_examples=5, deadline=None)
@given(st.floats(0, 1))
def test_loss_alone_costs_its_part_of_the_photons(loss):
    link = transfer(window=900 * ns, loss=loss, error=1e-7)
    eta = 1 - loss
    assert link.process.efficiency == pytest.approx(eta, abs=1e-6)
    assert link.process.process_fidelity == pytest.approx((1 + math.sqrt(eta)) ** 2 / 4, abs=1e-6)
    assert link.process.state_fidelity == pytest.approx((2 * (1 + math.sqrt(eta)) ** 2 / 4 + 1) / 3, abs=1e-6)
    assert link.pair.fidelity == pytest.approx((1 + math.sqrt(eta)) ** 2 / 4, abs=1e-6)


def test_the_field_between_the_nodes_is_the_photon_and_nothing_is_left_behind_b():
    link = transfer(window=600 * ns)
    history = link.history(np.full((2, 2), 0.5))
    photon = link.emit.photon
    expected = -0.5j * photon.envelope(history.time - 300 * ns)
    np.testing.assert_allclose(history.emitted, expected, atol=5e-3 * photon.envelope(0.0))
    assert np.abs(history.left).max() < 5e-3 * photon.envelope(0.0)
    np.testing.assert_allclose(history.populations.sum(axis=1), 1, atol=1e-6)


def test_every_excitation_is_in_a_or_in_b_or_on_its_way_out():
    loss, link = 0.3, transfer(node(), node(), window=400 * ns, loss=0.3)
    history = link.history(np.diag([0.0, 1.0]), points=2001)
    present = history.populations[:, 2].sum(axis=0) + history.photons.sum(axis=0)
    escaped = loss * KAPPA * history.photons[0]
    gone = np.concatenate([[0], np.cumsum((escaped[1:] + escaped[:-1]) / 2 * np.diff(history.time))])
    # Caught but for what the sharp ends of the window let pass.
    np.testing.assert_allclose(present + gone, 1, atol=2 * link.emit.photon.outside(400 * ns))
    assert present[-1] == pytest.approx(0.7, abs=2e-3)


def test_the_delay_changes_no_map_if_the_catch_is_as_much_later():
    near, far = (transfer(loss=0.2, delay=delay).process for delay in (0.0, 150 * ns))
    np.testing.assert_allclose(far.elements, near.elements, atol=1e-6)


@settings(max_examples=6, deadline=None)
@given(st.floats(-60, 60), st.floats(0, 0.5))
def test_a_catch_at_the_wrong_time_takes_the_overlap_of_what_comes_with_what_it_waits_for(late, loss):
    """Of sech(Gamma t/2) with itself, x later in units of 2/Gamma, the overlap is x/sinh(x)."""
    link = transfer(window=900 * ns, late=late * ns, loss=loss, delay=70 * ns, error=1e-6)
    x = GAMMA * late * ns / 2
    amplitude = math.sqrt(1 - loss) * (x / math.sinh(x) if abs(x) > 1e-6 else 1.0)
    assert link.process.efficiency == pytest.approx(amplitude**2, abs=1e-5)
    assert link.process.process_fidelity == pytest.approx((1 + amplitude) ** 2 / 4, abs=1e-5)


def test_a_catch_that_does_not_wait_for_the_delay_misses_the_photon():
    waits = transfer(delay=100 * ns)
    assert missed(waits, start=0.0).process.efficiency < 0.3 < 0.98 < waits.process.efficiency


def test_a_waits_for_the_delay_with_half_of_a_pair():
    near, far = (transfer(node(**LOSSY), node(), delay=delay).pair for delay in (0.0, 500 * ns))
    kept = math.exp(-500 * ns / LOSSY["t1_e"])
    populations = [pair.state.reshape(3, 3, 3, 3)[1, 0, 1, 0].real for pair in (near, far)]
    assert populations[1] / populations[0] == pytest.approx(kept, rel=1e-3)
    coherences = [abs(pair.qubits[1, 2]) for pair in (near, far)]
    expected = math.exp(-500 * ns * (1 / (2 * LOSSY["t1_e"]) + 1 / LOSSY["t_phi_e"]))
    assert coherences[1] / coherences[0] == pytest.approx(expected, rel=1e-3)


@given(st.floats(-3, 3))
@settings(max_examples=5, deadline=None)
def test_the_phase_of_the_line_turns_the_qubit_and_a_virtual_z_turns_it_back(phase):
    straight, turned = transfer(loss=0.1).process, transfer(loss=0.1, phase=phase).process
    assert turned.phase == pytest.approx(phase, abs=1e-4)
    np.testing.assert_allclose(turned.turned(-phase).choi, straight.choi, atol=1e-4)


def test_a_stark_shift_that_the_chirp_follows_costs_nothing_and_one_that_it_does_not_costs():
    stark = -TURN * 20 * MHz / (TURN * 5 * MHz) ** 2
    known = transfer(node(stark=stark), node(stark=stark))
    np.testing.assert_allclose(known.process.elements, transfer().process.elements, atol=2e-5)
    costs = [1 - missed(known, stark=stark * part).process.efficiency for part in (1.0, 0.9, 0.8)]
    assert costs[0] < costs[1] < costs[2]
    assert costs[2] > 0.1


def test_resonators_that_differ_catch_less():
    fidelity = [
        transfer(b=node(resonator={"frequency": f})).process.efficiency for f in (8.4 * GHz, 8.4005 * GHz, 8.402 * GHz)
    ]
    assert fidelity[0] > fidelity[1] > fidelity[2]
    assert fidelity[1] > 0.95


def test_a_hot_line_costs_more_than_a_lossy_one():
    cold, hot = (transfer(loss=0.2, input_occupation=n).process for n in (0.0, 0.05))
    assert hot.process_fidelity < cold.process_fidelity - 0.02
    assert hot.photons > cold.photons
    assert hot.error <= 1e-5


def test_residual_excitation_at_a_mixes_the_qubit_that_is_sent():
    clean, mixed = (transfer(node(residual=p), loss=0.2).process for p in (0.0, 0.1))
    for qubit in (np.diag([1.0, 0.0]), np.diag([0.0, 1.0])):
        wanted = 0.9 * clean(qubit) + 0.1 * clean(np.eye(2) - qubit)
        np.testing.assert_allclose(mixed(qubit), wanted, atol=2e-5)


def test_residual_excitation_at_b_ends_in_f_where_it_is_told_from_a_photon():
    process = transfer(b=node(residual=0.1)).process
    assert process.leakage == pytest.approx(0.1, abs=1e-5)
    assert process(np.diag([1.0, 0.0]))[1, 1].real == pytest.approx(0, abs=1e-5)


def test_pulses_that_last_cost_what_decays_meanwhile():
    quick, slow = (transfer(node(swap=t, **LOSSY), node(swap=t, **LOSSY)) for t in (0.0, 60 * ns))
    assert 0.003 < quick.process.process_fidelity - slow.process.process_fidelity < 0.02
    assert 0.003 < quick.pair.fidelity - slow.pair.fidelity < 0.03


@pytest.mark.parametrize("error", [1e-3, 1e-5, 1e-7])
def test_what_is_reported_bounds_the_error_that_was_made(error):
    resonator = {"pull_e": -TURN * 4 * MHz, "pull_f": -TURN * 7 * MHz}
    a, b = node(resonator=resonator, excited=0.02, **LOSSY), node(resonator=resonator, excited=0.02, **LOSSY)
    coarse = transfer(a, b, window=200 * ns, loss=0.2, input_occupation=0.01, error=error).process
    best = transfer(a, b, window=200 * ns, loss=0.2, input_occupation=0.01, error=1e-9).process
    assert coarse.error <= error
    assert np.abs(coarse.elements - best.elements).max() <= coarse.error


def test_more_photons_leave_less_error():
    link = transfer(window=150 * ns, loss=0.2, input_occupation=0.05)
    at_a = link._loaded(np.diag([0, 1, 0]).astype(complex)[None], math.pi)
    best = link._propagated(at_a, 7, 0.5)[0]
    errors = [np.abs(link._propagated(at_a, photons, 0.5)[0] - best).max() for photons in (1, 2, 3, 4)]
    assert all(fine < coarse / 4 for coarse, fine in itertools.pairwise(errors))


def test_half_the_step_leaves_a_sixteenth_of_the_error():
    link = transfer(loss=0.2)
    cascade = link._cascade(1)
    start = cascade.joint(link._loaded(np.diag([0, 1, 0]).astype(complex)[None], math.pi), link._waiting())
    best = Propagation(cascade, link.pieces(), 0.05).after(start)
    errors = [np.abs(Propagation(cascade, link.pieces(), turn).after(start) - best).max() for turn in (0.8, 0.4)]
    assert errors[0] / errors[1] == pytest.approx(16, rel=0.15)


def test_a_field_too_hot_for_the_photons_that_are_followed_is_refused():
    with pytest.raises(ModelError, match=r"occupation = 3: for an error of 1e-05 .* cool what enters"):
        _ = transfer(input_occupation=3.0).process


@pytest.mark.parametrize("error", [0.0, -1.0, 1.0, math.nan])
def test_an_error_that_cannot_be_met_is_refused(error):
    with pytest.raises(ModelError, match="transfer error"):
        transfer(error=error)


def test_drives_that_are_exchanged_are_refused():
    link = transfer()
    with pytest.raises(ModelError, match=r"emit\.catches = 1: .*catches=False"):
        replace(link, emit=link.catch)
