"""Handshake and Bell pair against the parameter sets' known fidelities, and what the nouns promise."""

from dataclasses import replace

import numpy as np
import pytest

from coldlink.physics import FluxPulses, Imperfection, LinkPulses, Misreading, Swap, budget
from coldlink.sequences.errors import ModelError
from coldlink.sequences.units import MHz, ns

from ..parameter_sets import ORACLE_1K, ORACLE_4K, STATION_1K, STATION_4K, cooled_to

LASTING = ORACLE_4K.pulses.release.duration
STRONG = Swap.lasting(LASTING, coupling=1.1 * ORACLE_4K.coupling)
BOTH = Swap(coupling=ORACLE_4K.coupling, area=np.pi / np.sqrt(2))
SETS = {
    "4K oracle": (ORACLE_4K, (0.679, 0.585), (0.708, 0.523)),
    "1K oracle": (ORACLE_1K, (0.958, 0.946), (0.960, 0.936)),
    "4K station": (STATION_4K, (0.675, 0.585), (0.702, 0.524)),
    "1K station": (STATION_1K, (0.962, 0.950), (0.960, 0.936)),
}
ROWS = {
    "cooled to 0.03": (ORACLE_4K, {"load_rate": cooled_to(0.03, ORACLE_4K)}, (0.589, 0.531)),
    "cooled to 0.10": (ORACLE_4K, {"load_rate": cooled_to(0.10, ORACLE_4K)}, (0.579, 0.513)),
    "cooled to 0.30": (ORACLE_4K, {"load_rate": cooled_to(0.30, ORACLE_4K)}, (0.552, 0.469)),
    "no gap": (ORACLE_4K, {"gap": 0.0}, (0.588, 0.529)),
    "gap of 30 ns": (ORACLE_4K, {"gap": 30 * ns}, (0.564, 0.491)),
    "leaking load": (ORACLE_4K, {"leak": 0.5 * MHz}, (0.570, 0.515)),
    "3.8 K": (replace(ORACLE_4K, temperature=3.8), {}, (0.593, 0.529)),
    "4.2 K": (replace(ORACLE_4K, temperature=4.2), {}, (0.577, 0.517)),
    "lossier line": (replace(ORACLE_4K, quality=8e4), {}, (0.548, 0.496)),
}


@pytest.mark.parametrize("name", SETS)
def test_a_set_has_the_process_and_bell_fidelity_true_and_raw_that_are_known_of_it(name):
    parameters, process, bell = SETS[name]
    transferred = parameters.handshake(error=1e-3).predict()
    shared = parameters.bell_pair(error=1e-3).predict()
    assert (transferred.fidelity, transferred.raw_fidelity) == pytest.approx(process, abs=3e-3)
    assert (shared.fidelity, shared.raw_fidelity) == pytest.approx(bell, abs=3e-3)
    # What is known is known to three digits.
    assert abs(transferred.fidelity - process[0]) < transferred.error + 5e-4
    assert abs(shared.fidelity - bell[0]) < shared.error + 5e-4


@pytest.mark.parametrize("name", ROWS)
def test_a_changed_parameter_changes_the_raw_fidelities_as_is_known(name):
    parameters, changes, expected = ROWS[name]
    pulses = replace(parameters.pulses, **changes)
    process = parameters.handshake(pulses=pulses).predict().raw_fidelity
    bell = parameters.bell_pair(pulses=pulses.sharing()).predict().raw_fidelity
    assert (process, bell) == pytest.approx(expected, abs=1e-3)


def test_ten_per_cent_too_strong_a_coupling_overshoots_as_is_known():
    pulses = replace(ORACLE_4K.pulses, release=STRONG, catch=STRONG)
    assert ORACLE_4K.handshake(pulses=pulses).predict().raw_fidelity == pytest.approx(0.570, abs=1e-3)
    assert ORACLE_4K.bell_pair(pulses=pulses.sharing()).predict().raw_fidelity == pytest.approx(0.497, abs=1e-3)


def test_coupling_both_nodes_at_once_beats_one_after_the_other():
    pulses = replace(ORACLE_4K.pulses, release=BOTH, catch=BOTH, catch_after=0.0)
    assert ORACLE_4K.handshake(pulses=pulses).predict().fidelity == pytest.approx(0.770, abs=1e-3)


def test_an_uncooled_line_at_4_k_destroys_the_state():
    pulses = replace(ORACLE_4K.pulses, load_rate=0.0)
    transferred = ORACLE_4K.handshake(pulses=pulses, error=2e-4).predict()
    assert transferred.before[0] == pytest.approx(16.2, abs=0.05)
    assert transferred.raw_fidelity == pytest.approx(0.302, abs=1e-3)
    shared = ORACLE_4K.bell_pair(pulses=pulses.sharing(), error=2e-4).predict()
    assert shared.raw_fidelity == pytest.approx(0.250, abs=1e-3)


def test_the_line_warms_up_between_the_load_and_the_first_swap_and_more_until_the_readout():
    found = STATION_4K.handshake(error=1e-4).predict()
    assert found.before[0] == pytest.approx(0.088, abs=1e-3)
    assert found.after[0] > 5 * found.before[0]
    assert found.leakage == pytest.approx((0.004, 0.015), abs=2e-3)


def test_the_cutoff_the_order_and_the_step_stand_in_the_result():
    for make in (STATION_1K.handshake, STATION_1K.bell_pair):
        coarse, fine = (make(error=error).predict().resolution for error in (1e-2, 1e-4))
        assert 2 < coarse.cutoff < fine.cutoff
        assert coarse.step > fine.step > 0
        assert coarse.order <= fine.order


def test_at_1_k_the_bell_inequality_is_violated_without_readout_correction():
    found = STATION_1K.bell_pair(error=1e-3).predict()
    assert (found.chsh, found.raw_chsh) == pytest.approx((2.67, 2.58), abs=5e-3)


FIXED = {"4K oracle": (1.68, 1.06), "1K oracle": (2.67, 2.58), "4K station": (1.70, None), "1K station": (2.67, 2.58)}
"""S of fixed settings, true and raw. The station's raw 1.07 at 4 K is not among what any signs of the axes give."""


@pytest.mark.parametrize("name", FIXED)
def test_fixed_settings_give_the_known_value_of_s(name):
    parameters, (true, raw) = SETS[name][0], FIXED[name]
    found = parameters.bell_pair(error=1e-4).predict()
    assert found.chsh == pytest.approx(true, abs=6e-3)
    if raw is not None:
        assert read_with_b_turned_round(found.state, parameters.wrong) == pytest.approx(raw, abs=5e-3)


def read_with_b_turned_round(state, wrong):
    """S of the settings' four probabilities, each turned by hand to Z, B's to its lower end, and then misread."""
    levels = round(np.sqrt(len(state)))
    confusion = np.array([[1 - wrong[0]] + [wrong[1]] * (levels - 1), [wrong[0]] + [1 - wrong[1]] * (levels - 1)])
    total = 0.0
    for a, b, sign in ((0, 135, 1), (0, 225, 1), (90, 135, 1), (90, 225, -1)):
        turns = []
        for angle in (a, b):
            half, turn = np.deg2rad(angle) / 2, np.eye(levels)
            turn[:2, :2] = [[np.cos(half), np.sin(half)], [-np.sin(half), np.cos(half)]]
            turns.append(turn)
        both = np.kron(*turns)
        read = np.kron(confusion, confusion) @ np.diag(both @ state @ both.T).real
        total += sign * (read @ [1, -1, -1, 1])
    return total


def test_with_everything_left_out_only_the_pulses_are_left_and_they_are_perfect():
    perfect = ORACLE_4K.handshake(without=frozenset(Imperfection)).predict()
    assert perfect.fidelity == pytest.approx(1, abs=1e-3)
    assert perfect.raw_fidelity == pytest.approx(perfect.fidelity, abs=1e-9)
    bell = ORACLE_4K.bell_pair(without=frozenset(Imperfection)).predict()
    assert (bell.fidelity, bell.chsh) == pytest.approx((1, 2 * np.sqrt(2)), abs=2e-3)


def test_the_budget_of_the_4_k_link_is_led_by_loss_and_readout():
    costs = {cost.imperfection: cost for cost in budget(ORACLE_4K.handshake(error=1e-3))}
    assert set(costs) == set(Imperfection)
    assert costs[Imperfection.LOSS].true > costs[Imperfection.HEATING].true > costs[Imperfection.INITIAL].true > 0.005
    assert costs[Imperfection.READOUT].true == 0
    assert costs[Imperfection.READOUT].raw == pytest.approx(0.679 - 0.585, abs=2e-3)
    assert costs[Imperfection.LEAK].true == pytest.approx(0, abs=1e-9)


def test_the_process_matrices_of_a_transfer_are_those_of_one_map():
    found = ORACLE_4K.handshake().predict()
    chi, choi = found.true.chi, found.true.choi
    assert np.trace(chi).real == pytest.approx(1, abs=1e-9)
    assert np.linalg.eigvalsh(chi).min() > -1e-9
    assert np.linalg.eigvalsh(choi).min() > -1e-9
    assert chi[0, 0].real == pytest.approx(found.fidelity, abs=1e-12)
    assert float(found.true.average_state_fidelity()) == pytest.approx((2 * found.fidelity + 1) / 3)


def test_raw_and_true_differ_by_the_readout_alone():
    exact = ORACLE_4K.handshake(misreadings=(Misreading(), Misreading())).predict()
    np.testing.assert_allclose(exact.raw.pauli_transfer, exact.true.pauli_transfer, atol=1e-12)
    symmetric = ORACLE_4K.handshake(misreadings=(Misreading(0.1, 0.1),) * 2).predict()
    visibility = 0.8
    assert symmetric.raw_fidelity == pytest.approx((1 + visibility * (4 * symmetric.fidelity - 1)) / 4)


def test_a_wrong_phase_of_the_frame_costs_what_its_cosine_says():
    right = ORACLE_4K.handshake().predict()
    wrong = ORACLE_4K.handshake(phase=right.phase + np.pi / 3).predict()
    coherence = np.trace(right.true.pauli_transfer[1:3, 1:3])
    assert right.fidelity - wrong.fidelity == pytest.approx(coherence * (1 - np.cos(np.pi / 3)) / 4)


def test_a_quasi_static_detuning_costs_coherence_as_a_spread_of_phases_does():
    device = ORACLE_4K.device
    noisy = replace(device, qubits=tuple(replace(qubit, quasi_static=1 * MHz) for qubit in device.qubits))
    steady, moved = (ORACLE_4K.handshake(device=one).predict() for one in (device, noisy))
    assert 0.01 < steady.fidelity - moved.fidelity < 0.1
    left_out = ORACLE_4K.handshake(device=noisy, without=frozenset({Imperfection.DEPHASING})).predict()
    assert left_out.fidelity > steady.fidelity


def test_fluxes_that_make_the_planned_couplings_give_the_planned_fidelity():
    device, pulses = ORACLE_4K.device, ORACLE_4K.pulses
    planned = pulses.controls(device)
    mode, qubit = device.mode_frequency, device.qubits[0]
    coupler = np.empty_like(planned.coupling)
    flux = np.empty_like(planned.coupling)
    for index in range(2):
        g = planned.coupling[:, index] / (2 * np.pi)
        coupler[:, index] = qubit.coupler.flux_for(g, mode, mode)
        shifts = qubit.coupler.mode_shift(g, mode, mode) - qubit.coupler.qubit_shift(g, mode, mode)
        flux[:, index] = qubit.transmon.flux(mode + shifts)
    played = FluxPulses(
        duration=planned.duration,
        qubit=flux,
        coupler=coupler,
        load=device.load.flux_for(planned.load[:, 0], mode),
    )
    found = ORACLE_4K.handshake(pulses=played).predict()
    # The bare qubit stands above the mode by the coupler's shift, where the same flux couples a little more.
    assert found.fidelity == pytest.approx(ORACLE_4K.handshake().predict().fidelity, abs=2e-3)


@pytest.mark.parametrize(
    ("wrong", "message"),
    [
        (lambda: Swap(coupling=-1e6), r"swap coupling \(Hz\) = -1e"),
        (lambda: Swap(coupling=50 * MHz, edge=20 * ns), "swap area .* the two edges .* shorten them"),
        (lambda: Swap(coupling=1e6, edge=-1e-9), "swap edge"),
        (lambda: Swap(coupling=1e6, detuning=float("nan")), "swap detuning"),
        (lambda: replace(ORACLE_4K.pulses, gap=-1 * ns), r"pulses gap \(s\) = -1e-09"),
        (lambda: replace(ORACLE_4K.pulses, catch_after=-1 * ns), "B cannot catch before A releases"),
        (lambda: ORACLE_4K.handshake(pulses=strongly()), "coupling"),
        (lambda: ORACLE_4K.handshake(pulses=widely()), r"kappa_L/2pi .* a quarter of the free spectral range"),
        (lambda: ORACLE_4K.handshake(error=0.0), "error asked for = 0"),
        (lambda: ORACLE_4K.handshake(levels=1), "levels of a qubit = 1"),
        (lambda: ORACLE_4K.handshake(preparation_errors=(0.6, 0.0)), "preparation error = 0.6"),
        (lambda: Misreading(0.6, 0.5), "readout visibility"),
        (lambda: Misreading(-0.1, 0.0), "readout error false_one = -0.1"),
    ],
)
def test_a_wrong_number_is_refused_by_name(wrong, message):
    with pytest.raises(ModelError, match=message):
        built = wrong()
        built.predict()


def strongly() -> LinkPulses:
    """No coupler reaches this."""
    swap = Swap(coupling=200 * MHz, edge=0.5 * ns)
    return replace(ORACLE_4K.pulses, release=swap, catch=swap)


def widely() -> LinkPulses:
    return replace(ORACLE_4K.pulses, load_rate=32 * MHz)
