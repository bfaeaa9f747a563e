import numpy as np
import pytest
import qutip
from hypothesis import given, settings
from hypothesis import strategies as st

from coldlink.physics import reference
from coldlink.physics.bath import relax, steady_state
from coldlink.physics.controls import Controls, Rates
from coldlink.sequences.errors import ModelError
from coldlink.sequences.units import MHz, kHz, ns, us

G = 2 * np.pi * 6.5 * MHz


def quiet(qubits, modes, **changed):
    """Rates of a link without any loss, noise or detuning, but for `changed`."""
    values = {name: np.zeros(qubits) for name in ("anharmonicity", "relaxation", "excited", "dephasing")}
    values |= {name: np.zeros(modes) for name in ("internal", "hot", "cold", "detuning")}
    values |= {"parity": np.ones((qubits, modes))}
    return Rates(**values | {name: np.asarray(value, dtype=float) for name, value in changed.items()})


def hold(rates, duration, **changed):
    """Controls of one step, all zero but for `changed`."""
    qubits, modes = rates.parity.shape
    values = {"qubit": np.zeros((1, qubits)), "coupling": np.zeros((1, qubits))}
    values |= {"mode": np.zeros((1, modes)), "load": np.zeros((1, modes))}
    changed = {name: np.atleast_2d(np.asarray(value, dtype=float)) for name, value in changed.items()}
    return Controls(duration=np.array([duration]), **values | changed)


def pure(level, size):
    """|level><level|."""
    return np.diag(np.eye(size)[level]).astype(complex)


def random_state(generator, size):
    matrix = generator.normal(size=(size, size)) + 1j * generator.normal(size=(size, size))
    state = matrix @ matrix.conj().T
    return state / np.trace(state)


def random_link(seed, qubits, modes):
    """Rates and three steps of controls, every term of the model in play, in units of 10 MHz."""
    generator = np.random.default_rng(seed)
    unit, steps = 10 * MHz, 3
    rates = Rates(
        anharmonicity=-unit * generator.uniform(2, 6, qubits),
        relaxation=unit * generator.uniform(0.1, 1, qubits),
        excited=generator.uniform(0, 0.3, qubits),
        dephasing=unit * generator.uniform(0.1, 1, qubits),
        parity=generator.choice([-1.0, 1.0], (qubits, modes)),
        internal=unit * generator.uniform(0.1, 1, modes),
        hot=generator.uniform(0, 2, modes),
        cold=generator.uniform(0, 0.2, modes),
        detuning=unit * generator.uniform(-3, 3, modes),
    )
    controls = Controls(
        duration=generator.uniform(10, 20, steps) * ns,
        qubit=unit * generator.uniform(-3, 3, (steps, qubits)),
        coupling=unit * generator.uniform(-3, 3, (steps, qubits)),
        mode=unit * generator.uniform(-3, 3, (steps, modes)),
        load=unit * generator.uniform(0, 2, (steps, modes)),
    )
    return rates, controls


def qutip_propagate(rho, rates, controls, levels, cutoffs):
    """The model of controls.py written again for QuTiP, operator by operator."""
    dims = [*levels, *cutoffs]
    parts = [
        qutip.tensor([qutip.destroy(n) if i == part else qutip.qeye(n) for i, n in enumerate(dims)])
        for part in range(len(dims))
    ]
    qubits, modes = parts[: len(levels)], parts[len(levels) :]
    state = qutip.Qobj(rho, dims=[dims, dims])
    for s, duration in enumerate(controls.duration):
        H = sum((rates.detuning[m] + controls.mode[s, m]) * c.dag() * c for m, c in enumerate(modes))
        jumps = []
        for q, b in enumerate(qubits):
            H += controls.qubit[s, q] * b.dag() * b + rates.anharmonicity[q] / 2 * b.dag() * b.dag() * b * b
            for m, c in enumerate(modes):
                H += rates.parity[q, m] * controls.coupling[s, q] * (b * c.dag() + b.dag() * c)
            jumps.append(np.sqrt((1 - rates.excited[q]) * rates.relaxation[q]) * b)
            jumps.append(np.sqrt(rates.excited[q] * rates.relaxation[q]) * b.dag())
            jumps.append(np.sqrt(2 * rates.dephasing[q]) * b.dag() * b)
        for m, c in enumerate(modes):
            jumps.append(np.sqrt(rates.internal[m] * (rates.hot[m] + 1)) * c)
            jumps.append(np.sqrt(rates.internal[m] * rates.hot[m]) * c.dag())
            jumps.append(np.sqrt(controls.load[s, m] * (rates.cold[m] + 1)) * c)
            jumps.append(np.sqrt(controls.load[s, m] * rates.cold[m]) * c.dag())
        options = {"atol": 1e-11, "rtol": 1e-10, "nsteps": 100_000}
        state = qutip.mesolve(H, state, [0, duration], jumps, options=options).states[-1]
    return state.full()


SPACES = st.sampled_from([((), (3, 4)), ((3,), (4,)), ((2, 2), (4,)), ((3, 2), (3,)), ((2, 3), (2, 3)), ((4,), (2, 2))])


@settings(max_examples=8, deadline=None)
@given(seed=st.integers(0, 2**32 - 1), space=SPACES)
def test_it_agrees_with_qutip_on_random_links_with_every_term(seed, space):
    agrees_with_qutip(seed, *space)


@pytest.mark.nightly
@settings(max_examples=100, deadline=None)
@given(seed=st.integers(0, 2**32 - 1), space=SPACES)
def test_it_agrees_with_qutip_on_many_random_links(seed, space):
    agrees_with_qutip(seed, *space)


def agrees_with_qutip(seed, levels, cutoffs):
    rates, controls = random_link(seed, len(levels), len(cutoffs))
    rho = random_state(np.random.default_rng(seed), int(np.prod(levels + cutoffs)))
    ours = reference.propagate(rho, rates, controls, levels, cutoffs, step=0.1 * ns)
    np.testing.assert_allclose(ours, qutip_propagate(rho, rates, controls, levels, cutoffs), atol=1e-7)


@settings(max_examples=15, deadline=None)
@given(seed=st.integers(0, 2**32 - 1))
def test_a_state_stays_a_state(seed):
    rates, controls = random_link(seed, 2, 1)
    rho = random_state(np.random.default_rng(seed), 12)
    after = reference.propagate(rho, rates, controls, (2, 2), (3,))
    assert np.trace(after) == pytest.approx(1, abs=1e-12)
    np.testing.assert_allclose(after, after.conj().T, atol=1e-12)
    assert np.linalg.eigvalsh(after).min() > -1e-9


def test_the_map_is_linear_also_where_a_matrix_is_no_state():
    rates, controls = random_link(3, 1, 1)
    generator = np.random.default_rng(4)
    first, second = random_state(generator, 9), random_state(generator, 9)
    together = reference.propagate(first + 1j * second, rates, controls, (3,), (3,))
    apart = [reference.propagate(rho, rates, controls, (3,), (3,)) for rho in (first, second)]
    np.testing.assert_allclose(together, apart[0] + 1j * apart[1], atol=1e-13)


def test_half_the_step_leaves_a_sixteenth_of_the_error():
    rates, controls = random_link(5, 1, 1)
    rho = reference.product([pure(1, 3)], reference.thermal((4,), [0.2]))
    coarse, fine, exact = (
        reference.propagate(rho, rates, controls, (3,), (4,), step=step) for step in (1 * ns, 0.5 * ns, 0.05 * ns)
    )
    assert np.abs(coarse - exact).max() / np.abs(fine - exact).max() == pytest.approx(16, rel=0.25)


@pytest.mark.parametrize("photons", [0, 1, 3])
@pytest.mark.parametrize("detuning", [0, 2 * np.pi * 9 * MHz])
def test_a_qubit_and_a_mode_of_n_photons_exchange_at_the_rabi_rate_of_n_plus_one(photons, detuning):
    rates, t = quiet(1, 1), 61 * ns
    rho = reference.product([pure(1, 2)], pure(photons, 5))
    after = reference.propagate(rho, rates, hold(rates, t, coupling=G, qubit=detuning), (2,), (5,))
    rabi = np.hypot(2 * G * np.sqrt(photons + 1), detuning)
    stays = 1 - 4 * G**2 * (photons + 1) / rabi**2 * np.sin(rabi * t / 2) ** 2
    assert reference.reduce(after, (0,), (2,), (5,))[1, 1].real == pytest.approx(stays, abs=1e-6)


def test_a_lossless_thermal_mode_gives_the_radiometry_curve():
    rates, t, n = quiet(1, 1), 55 * ns, 0.5
    mode = reference.thermal((14,), [n])
    after = reference.propagate(reference.product([pure(0, 2)], mode), rates, hold(rates, t, coupling=G), (2,), (14,))
    k = np.arange(60)
    curve = np.sum(n**k / (1 + n) ** (k + 1) * np.sin(G * np.sqrt(k) * t) ** 2)
    assert reference.reduce(after, (0,), (2,), (14,))[1, 1].real == pytest.approx(curve, abs=2e-6)


def test_a_qubit_far_from_a_lossy_mode_decays_at_the_purcell_rate():
    g, delta, kappa = 2 * np.pi * np.array([2, 60, 8]) * MHz
    rates, rho = quiet(1, 1, internal=[kappa]), reference.product([pure(1, 2)], pure(0, 2))
    left = []
    for _ in range(2):
        waiting = hold(rates, 500 * ns, qubit=delta, coupling=g)
        rho = reference.propagate(rho, rates, waiting, (2,), (2,), step=1 * ns)
        left.append(reference.occupations(rho, (2,), (2,))[0])
    # The part that swings to and fro has died away by then.
    rate = np.log(left[0] / left[1]) / (500 * ns)
    assert rate == pytest.approx(kappa * g**2 / (delta**2 + kappa**2 / 4), rel=0.01)


def test_two_qubits_coupled_at_once_swap_in_pi_over_root_two_g():
    rates = quiet(2, 1)
    swap = hold(rates, np.pi / (np.sqrt(2) * G), coupling=[G, G])
    after = reference.propagate(reference.product([pure(1, 2), pure(0, 2)], pure(0, 2)), rates, swap, (2, 2), (2,))
    np.testing.assert_allclose(reference.occupations(after, (2, 2), (2,)), [0, 1, 0], atol=1e-6)


def test_an_odd_mode_enters_with_the_opposite_sign_at_node_b():
    dark = quiet(2, 2, parity=[[1, 1], [1, -1]])
    bright = quiet(2, 2)
    start = reference.product([pure(1, 2), pure(0, 2)], reference.thermal((2, 2), [0, 0]))
    at_b = [
        reference.occupations(
            reference.propagate(start, rates, hold(rates, 40 * ns, coupling=[G, G]), (2, 2), (2, 2)), (2, 2), (2, 2)
        )[1]
        for rates in (dark, bright)
    ]
    assert at_b[0] == pytest.approx(0, abs=1e-12)
    assert at_b[1] > 0.5


def test_the_qubit_relaxes_to_its_thermal_population_in_t1():
    t1, p, t = 15 * us, 0.02, 0.4 * us
    rates = quiet(1, 1, relaxation=[1 / t1], excited=[p])
    after = reference.propagate(
        reference.product([pure(1, 2)], pure(0, 1)), rates, hold(rates, t), (2,), (1,), step=10 * ns
    )
    assert after[1, 1].real == pytest.approx(p + (1 - p) * np.exp(-t / t1), abs=1e-12)


def test_level_two_decays_twice_as_fast_as_level_one():
    rates = quiet(1, 1, relaxation=[1 / us])
    after = reference.propagate(
        reference.product([pure(2, 3)], pure(0, 1)), rates, hold(rates, 0.3 * us), (3,), (1,), step=1 * ns
    )
    assert after[2, 2].real == pytest.approx(np.exp(-0.6), abs=1e-10)


def test_the_coherences_decay_by_relaxation_and_dephasing_and_turn_with_the_anharmonicity():
    t1, t_phi, alpha, detuning, t = 2 * us, 3 * us, -2 * np.pi * 0.4 * MHz, 2 * np.pi * 0.7 * MHz, 0.3 * us
    rates = quiet(1, 1, relaxation=[1 / t1], dephasing=[1 / t_phi], anharmonicity=[alpha])
    controls = hold(rates, t, qubit=detuning)
    coherence = {}
    for level in (1, 2):
        rho = np.zeros((3, 3), dtype=complex)
        rho[level, 0] = 1
        coherence[level] = reference.propagate(rho, rates, controls, (3,), (1,), step=1 * ns)[level, 0]
    assert coherence[1] == pytest.approx(np.exp(-t / (2 * t1) - t / t_phi - 1j * detuning * t), abs=1e-9)
    assert coherence[2] == pytest.approx(np.exp(-t / t1 - 4 * t / t_phi - 1j * (2 * detuning + alpha) * t), abs=1e-9)


def test_the_decoupled_line_heats_along_the_exact_curve():
    kappa, n_h, n0, t = 2 * np.pi * 50 * kHz, 16.2, 0.06, 0.1 * us
    rates = quiet(0, 1, internal=[kappa], hot=[n_h])
    after = reference.propagate(reference.thermal((24,), [n0]), rates, hold(rates, t), (), (24,), step=2 * ns)
    assert reference.occupations(after, (), (24,))[0] == pytest.approx(relax(n0, n_h, kappa, t), abs=1e-5)


def test_one_photon_leaves_the_line_at_three_n_plus_one_times_the_loss():
    kappa, n_h, t = 1.0, 16.2, 1e-6
    rates = quiet(0, 1, internal=[kappa], hot=[n_h])
    after = reference.propagate(pure(1, 4), rates, hold(rates, t), (), (4,), step=t)
    assert (1 - after[1, 1].real) / t == pytest.approx(3 * n_h + 1, rel=1e-4)


def test_two_baths_settle_each_mode_at_the_weighted_occupation():
    rates = quiet(0, 2, internal=[1 * MHz, 2 * MHz], hot=[1.0, 0.5], cold=[0.005, 0.0])
    load = np.array([20, 10]) * MHz
    after = reference.propagate(
        reference.thermal((8, 8), [0, 0.4]), rates, hold(rates, 2 * us, load=load), (), (8, 8), step=2 * ns
    )
    settled = steady_state(rates.internal, rates.hot, load, rates.cold)
    np.testing.assert_allclose(reference.occupations(after, (), (8, 8)), settled, atol=1e-6)


def test_a_thermal_product_has_each_modes_weights():
    state = reference.thermal((30, 20), [0.5, 0.1])
    np.testing.assert_allclose(reference.occupations(state, (), (30, 20)), [0.5, 0.1], atol=1e-9)
    assert np.trace(state) == pytest.approx(1)
    assert (state[1, 1] / state[0, 0]).real == pytest.approx(0.1 / 1.1)


def test_reduce_gives_back_the_factors_of_a_product_in_the_order_asked():
    generator = np.random.default_rng(11)
    a, b, mode = random_state(generator, 2), random_state(generator, 3), random_state(generator, 4)
    rho = reference.product([a, b], mode)
    np.testing.assert_allclose(reference.reduce(rho, (0, 1), (2, 3), (4,)), np.kron(a, b), atol=1e-14)
    np.testing.assert_allclose(reference.reduce(rho, (1, 0), (2, 3), (4,)), np.kron(b, a), atol=1e-14)
    np.testing.assert_allclose(reference.reduce(rho, (2,), (2, 3), (4,)), mode, atol=1e-14)


def test_a_matrix_of_another_size_is_refused():
    rates = quiet(1, 1)
    with pytest.raises(ModelError, match="size of rho = 6: levels and cutoffs span 8"):
        reference.propagate(np.eye(6, dtype=complex), rates, hold(rates, ns), (2,), (4,))


def test_rates_of_another_number_of_modes_are_refused():
    rates = quiet(1, 2)
    with pytest.raises(ModelError, match="modes in rates = 2"):
        reference.propagate(np.eye(8, dtype=complex), rates, hold(rates, ns), (2,), (4,))
