"""The fast solver against the plain one, against QuTiP, and against what any solver must keep."""

from dataclasses import replace

import numpy as np
import pytest
import qutip

from coldlink.physics import reference
from coldlink.physics.controls import Controls, Rates
from coldlink.physics.space import ModeSpace
from coldlink.physics.stepper import Stepper
from coldlink.physics.window import Accuracy, HotWindow
from coldlink.sequences.errors import ModelError
from coldlink.sequences.units import MHz, kHz, ns

TURN = 2 * np.pi
G = TURN * 6.65 * MHz
FINE = Accuracy(step=0.2 * ns, turn=0.002, lane=1e-7)


def link(modes=1, **changed):
    """A link that loses more than a real one, so that every term shows within one swap."""
    offsets = np.array([0, -1, 1, -2])[:modes]
    values = {
        "anharmonicity": -TURN * MHz * np.array([100, 85]),
        "relaxation": np.array([2.0, 3.0]) * MHz,
        "excited": np.array([0.1, 0.05]),
        "dephasing": np.array([1.0, 2.0]) * MHz,
        "parity": np.array([np.ones(modes), (-1.0) ** offsets]),
        "internal": TURN * 50 * kHz * np.linspace(1, 1.2, modes),
        "hot": np.full(modes, 8.0),
        "cold": np.full(modes, 0.02),
        "detuning": TURN * 60 * MHz * offsets,
    }
    return Rates(**values | changed)


def controls(pulses, modes=1, *, detuning=(0.0, 0.0), pull=0.0, load=0.0, sample=0.2 * ns):
    """Raised-cosine-edged couplings. pulses: Of each qubit (start, end) (s)."""
    total = max(end for _, end in pulses)
    steps = round(total / sample)
    time = (np.arange(steps) + 0.5) * total / steps
    coupling = [
        G * np.sin(np.pi / 2 * np.clip(np.minimum(time - a, b - time) / (2 * ns), 0, 1)) ** 2 for a, b in pulses
    ]
    return Controls(
        duration=np.full(steps, total / steps),
        qubit=np.tile(detuning, (steps, 1)),
        coupling=np.stack(coupling, axis=1),
        mode=np.full((steps, modes), pull),
        load=np.full((steps, modes), load) * np.linspace(1, 0.5, steps)[:, None],
    )


def space(cutoffs):
    """The whole product space, as the plain solver has it."""
    return ModeSpace(cutoffs, sum(cutoff - 1 for cutoff in cutoffs))


def window(rates, played, cutoffs, **changed):
    initial = np.linspace(0.3, 0.1, len(cutoffs))
    values = {"read": frozenset({0, 1}), "accuracy": FINE, "levels": 3} | changed
    return HotWindow(rates=rates, controls=played, modes=space(cutoffs), initial=initial, **values)


def plainly(hot, state):
    """Reduced qubits and occupations of the modes from the plain solver."""
    count, cutoffs = hot.rates.relaxation.size, hot.modes.cutoffs
    levels = (hot.levels,) * count
    rho = np.kron(state, reference.thermal(cutoffs, hot.initial))
    after = reference.propagate(rho, hot.rates, hot.controls, levels, cutoffs, step=0.1 * ns)
    kept = reference.reduce(after, range(count), levels, cutoffs)
    return kept, reference.occupations(after, levels, cutoffs)[count:]


def random_state(size, seed=0):
    generator = np.random.default_rng(seed)
    matrix = generator.normal(size=(size, size)) + 1j * generator.normal(size=(size, size))
    state = matrix @ matrix.conj().T
    return state / np.trace(state)


def qubit_b(state, levels=3):
    return np.einsum("abac->bc", state.reshape((levels,) * 4))


ONE_AFTER_THE_OTHER = ((0, 30 * ns), (30 * ns, 60 * ns))
BOTH_AT_ONCE = ((0, 30 * ns), (0, 30 * ns))
OVERLAPPING = ((0, 30 * ns), (15 * ns, 45 * ns))
WITH_A_PAUSE = ((0, 20 * ns), (32 * ns, 52 * ns))
B_FIRST = ((25 * ns, 45 * ns), (0, 25 * ns))


@pytest.mark.parametrize("levels", [2, 3])
@pytest.mark.parametrize(
    ("pulses", "cutoffs", "options"),
    [
        (ONE_AFTER_THE_OTHER, (4,), {}),
        (BOTH_AT_ONCE, (4,), {}),
        (OVERLAPPING, (3,), {}),
        (WITH_A_PAUSE, (4,), {}),
        (B_FIRST, (3,), {}),
        (ONE_AFTER_THE_OTHER, (4,), {"load": TURN * 3 * MHz}),
        (WITH_A_PAUSE, (4,), {"detuning": (TURN * 4 * MHz, -TURN * 6 * MHz), "pull": TURN * 2 * MHz}),
        (WITH_A_PAUSE, (3, 2), {}),
        (BOTH_AT_ONCE, (3, 2), {"detuning": (TURN * 4 * MHz, 0.0)}),
    ],
)
def test_it_agrees_with_the_plain_solver_on_a_random_state(levels, pulses, cutoffs, options):
    played = controls(pulses, len(cutoffs), **options)
    hot = window(link(len(cutoffs)), played, cutoffs, levels=levels)
    state = random_state(levels**2)
    outcome = hot.apply(state)
    qubits, occupations = plainly(hot, state)
    np.testing.assert_allclose(outcome.qubits, qubits, atol=3e-5)
    np.testing.assert_allclose(outcome.occupations, occupations, atol=1e-4)


def test_it_agrees_with_the_plain_solver_on_one_qubit():
    rates = link(2)
    names = ("anharmonicity", "relaxation", "excited", "dephasing", "parity")
    alone = replace(rates, **{name: getattr(rates, name)[:1] for name in names})
    played = controls(((0, 30 * ns),), 2, detuning=(TURN * 3 * MHz,))
    hot = window(alone, played, (4, 3), read=frozenset({0}))
    state = random_state(3)
    np.testing.assert_allclose(hot.apply(state).qubits, plainly(hot, state)[0], atol=3e-5)


def test_a_pause_before_the_first_coupler_and_after_the_last_is_followed():
    played = controls(((10 * ns, 30 * ns), (0, 0)), sample=0.2 * ns)
    late = Controls(
        duration=np.append(played.duration, 15 * ns),
        **{
            name: np.vstack([getattr(played, name), 0 * getattr(played, name)[:1]])
            for name in ("qubit", "coupling", "mode")
        },
        load=np.vstack([played.load, played.load[:1]]),
    )
    hot = window(link(), late, (4,), levels=2)
    state = random_state(4)
    qubits, occupations = plainly(hot, state)
    np.testing.assert_allclose(hot.apply(state).qubits, qubits, atol=3e-5)
    np.testing.assert_allclose(hot.apply(state).occupations, occupations, atol=1e-4)


@pytest.mark.parametrize("pulses", [ONE_AFTER_THE_OTHER, BOTH_AT_ONCE, WITH_A_PAUSE])
@pytest.mark.parametrize("excited", [False, True])
def test_tracing_a_out_when_it_is_done_leaves_b_alike(pulses, excited):
    played, cutoffs = controls(pulses, 2), (4, 3)
    b = np.diag([0.1, 0.85, 0.05] if excited else [0.9, 0.1, 0]).astype(complex)
    state = np.kron(random_state(3), b)
    both = window(link(2), played, cutoffs).apply(state)
    only = window(link(2), played, cutoffs, read=frozenset({1})).apply(state)
    np.testing.assert_allclose(qubit_b(only.qubits), qubit_b(both.qubits), atol=1e-6)
    np.testing.assert_allclose(only.occupations, both.occupations, atol=1e-6)


def in_qutip(state, levels, cutoffs, initial, pulses):
    """The same link written from the master equation of physics.md with ramps as functions of time."""
    dims = [levels, levels, *cutoffs]
    lowered = [
        qutip.tensor([qutip.destroy(n) if i == j else qutip.qeye(n) for i, n in enumerate(dims)])
        for j in range(len(dims))
    ]
    qubits, modes = lowered[:2], lowered[2:]
    alpha, offsets = TURN * MHz * np.array([-100.0, -85.0]), [0, -1]
    static = sum(a / 2 * b.dag() ** 2 * b**2 for a, b in zip(alpha, qubits, strict=True))
    static += sum(TURN * 60 * MHz * o * c.dag() * c for o, c in zip(offsets, modes, strict=False))

    def ramp(start, end):
        return lambda t: G * np.sin(np.pi / 2 * np.clip(np.minimum(t - start, end - t) / (2 * ns), 0, 1)) ** 2

    total = [static]
    for node, (b, pulse) in enumerate(zip(qubits, pulses, strict=True)):
        swap = sum((-1.0) ** (node * o) * (b * c.dag() + b.dag() * c) for o, c in zip(offsets, modes, strict=False))
        total.append([swap, qutip.coefficient(ramp(*pulse))])
    jumps = []
    for b, t1, p, t_phi in zip(qubits, (500 * ns, 1e3 / 3 * ns), (0.1, 0.05), (1000 * ns, 500 * ns), strict=True):
        jumps += [np.sqrt((1 - p) / t1) * b, np.sqrt(p / t1) * b.dag(), np.sqrt(2 / t_phi) * b.dag() * b]
    for c, kappa in zip(modes, TURN * 50 * kHz * np.linspace(1, 1.2, len(cutoffs)), strict=True):
        jumps += [np.sqrt(kappa * 9.0) * c, np.sqrt(kappa * 8.0) * c.dag()]
    thermal = [
        qutip.Qobj(np.diag(w / w.sum()))
        for n, k in zip(initial, cutoffs, strict=True)
        for w in [(n / (1 + n)) ** np.arange(k)]
    ]
    start = qutip.tensor(qutip.Qobj(state, dims=[[levels] * 2] * 2), *thermal)
    end = max(pulse[1] for pulse in pulses)
    options = {"atol": 1e-10, "rtol": 1e-8, "max_step": 0.5 * ns, "nsteps": 100_000}
    return qutip.mesolve(total, start, [0, end], jumps, options=options).states[-1].ptrace([0, 1]).full()


@pytest.mark.parametrize(
    ("levels", "cutoffs", "pulses"),
    [(2, (4,), ONE_AFTER_THE_OTHER), (3, (4,), WITH_A_PAUSE), (2, (3, 2), BOTH_AT_ONCE), (3, (3, 2), OVERLAPPING)],
)
def test_it_agrees_with_qutip(levels, cutoffs, pulses):
    played = controls(pulses, len(cutoffs), sample=0.05 * ns)
    hot = window(link(len(cutoffs)), played, cutoffs, levels=levels)
    state = random_state(levels**2, seed=3)
    theirs = in_qutip(state, levels, cutoffs, hot.initial, pulses)
    np.testing.assert_allclose(hot.apply(state).qubits, theirs, atol=3e-5)


@pytest.mark.parametrize("seed", range(4))
@pytest.mark.parametrize("maximum", [3, 5])
def test_a_state_stays_a_state_also_at_the_edge_of_the_fock_space(seed, maximum):
    played = controls(OVERLAPPING, 2, load=TURN * 5 * MHz)
    hot = replace(window(link(2), played, (4, 3)), modes=ModeSpace((4, 3), maximum), accuracy=Accuracy(lane=1e-9))
    after = hot.apply(random_state(9, seed)).qubits
    assert np.trace(after) == pytest.approx(1, abs=1e-9)
    np.testing.assert_allclose(after, after.conj().T, atol=1e-12)
    assert np.linalg.eigvalsh(after).min() > -1e-9


def test_a_pure_state_stays_positive_when_lanes_are_dropped():
    hot = window(link(), controls(WITH_A_PAUSE), (4,), accuracy=Accuracy())
    state = np.zeros((9, 9), complex)
    state[3, 3] = 1
    after = hot.apply(state).qubits
    assert np.trace(after) == pytest.approx(1, abs=1e-4)
    assert np.linalg.eigvalsh(after).min() > -1e-4


def test_the_map_is_linear():
    first, second = random_state(9, 1), random_state(9, 2)
    played = controls(WITH_A_PAUSE)
    together = window(link(), played, (3,)).apply(0.3 * first + 0.7 * second).qubits
    hot = window(link(), played, (3,))
    apart = 0.3 * hot.apply(first).qubits + 0.7 * hot.apply(second).qubits
    np.testing.assert_allclose(together, apart, atol=1e-6)


@pytest.fixture
def counted(monkeypatch):
    """Segments evolved so far."""
    calls = []
    evolve = Stepper.evolve

    def counting(self, state, segment, tolerance):
        calls.append(segment)
        return evolve(self, state, segment, tolerance)

    monkeypatch.setattr(Stepper, "evolve", counting)
    return calls


def test_a_state_that_earlier_calls_span_costs_nothing(counted):
    hot = window(link(), controls(WITH_A_PAUSE), (3,))
    first, second = random_state(9, 1), random_state(9, 2)
    hot.apply(first)
    hot.apply(second)
    spent = len(counted)
    assert spent > 0
    mixed = hot.apply(0.25 * first + 0.75 * second)
    assert len(counted) == spent
    fresh = window(link(), controls(WITH_A_PAUSE), (3,)).apply(0.25 * first + 0.75 * second)
    np.testing.assert_allclose(mixed.qubits, fresh.qubits, atol=1e-6)
    np.testing.assert_allclose(mixed.occupations, fresh.occupations, atol=1e-6)


def test_a_state_that_they_do_not_span_costs_one_more_propagation_of_each_new_part(counted):
    hot = window(link(), controls(((0, 20 * ns), (0, 20 * ns))), (3,))
    hot.apply(np.diag([1.0, 0, 0, 0, 0, 0, 0, 0, 0]).astype(complex))
    assert len(counted) == 2, "one for the diagonal and one for its error"
    coherent = np.zeros((9, 9), complex)
    coherent[:4:3, :4:3] = 0.5
    hot.apply(coherent)
    assert len(counted) == 5


def converged(rates, played, cutoffs, state):
    return np.diag(window(rates, played, cutoffs, accuracy=FINE).apply(state).qubits).real


@pytest.mark.parametrize("cutoff", [4, 5, 6, 7])
def test_the_largest_error_reported_of_some_inputs_bounds_what_the_fock_space_leaves_out(cutoff):
    played, found = controls(ONE_AFTER_THE_OTHER), []
    hot = window(link(), played, (cutoff,), coarse_modes=space((cutoff - 1,)), accuracy=Accuracy(lane=1e-6))
    for level in (0, 3):
        state = np.zeros((9, 9), complex)
        state[level, level] = 1
        outcome = hot.apply(state)
        wrong = np.max(np.abs(np.diag(outcome.qubits).real - converged(link(), played, (14,), state)))
        found.append((wrong, outcome.error))
    wrong, reported = np.max(found, axis=0)
    assert wrong < reported < 3 * wrong


@pytest.mark.parametrize("accuracy", [Accuracy(), Accuracy(step=1 * ns, turn=0.02), Accuracy(step=4 * ns, turn=0.02)])
@pytest.mark.parametrize("pulses", [ONE_AFTER_THE_OTHER, BOTH_AT_ONCE])
@pytest.mark.parametrize("load", [0.0, TURN * 5 * MHz])
def test_the_reported_error_bounds_the_error_of_the_steps(accuracy, pulses, load):
    played = controls(pulses, 2, load=load, sample=0.1 * ns)
    state = np.kron(np.diag([0.1, 0.9, 0]), np.diag([0.9, 0.1, 0])).astype(complex)
    outcome = window(link(2), played, (4, 3), accuracy=accuracy).apply(state)
    wrong = np.max(np.abs(np.diag(outcome.qubits).real - converged(link(2), played, (4, 3), state)))
    assert wrong < outcome.error
    assert outcome.error < 12 * wrong + 2 * accuracy.lane


def test_samples_longer_than_a_step_are_cut():
    played = controls(((0, 30 * ns), (0, 30 * ns)))
    flat = replace(
        played,
        duration=np.array([30 * ns]),
        **{
            name: np.full_like(getattr(played, name)[:1], value)
            for name, value in (("qubit", 0), ("coupling", G), ("mode", 0))
        },
        load=np.full((1, 1), TURN * 3 * MHz),
    )
    hot = window(link(), flat, (4,))
    state = random_state(9)
    np.testing.assert_allclose(hot.apply(state).qubits, plainly(hot, state)[0], atol=3e-5)


def test_windows_of_equal_rates_share_their_exponentials(monkeypatch):
    played = controls(WITH_A_PAUSE)
    state = random_state(9)
    before = window(link(), played, (5,)).apply(state).qubits
    monkeypatch.setattr("coldlink.physics.hamiltonian.eigh", None)
    np.testing.assert_array_equal(window(link(), played, (5,)).apply(state).qubits, before)


def test_windows_of_other_rates_do_not_share_them():
    played = controls(WITH_A_PAUSE)
    state = random_state(9)
    window(link(), played, (4,)).apply(state)
    other = link(anharmonicity=-TURN * MHz * np.array([100.0, 90.0]), dephasing=np.array([5.0, 4.0]) * MHz)
    hot = window(other, played, (4,))
    np.testing.assert_allclose(hot.apply(state).qubits, plainly(hot, state)[0], atol=3e-5)


def test_an_operator_that_is_not_hermitian_is_refused():
    operator = np.zeros((9, 9), complex)
    operator[3, 0] = 1
    with pytest.raises(ModelError, match="skewness of the state = 1: only Hermitian operators"):
        window(link(), controls(WITH_A_PAUSE), (3,)).apply(operator)


def test_a_state_of_another_size_is_refused():
    with pytest.raises(ModelError, match="size of the state = 4: the window's qubits span 9"):
        window(link(), controls(WITH_A_PAUSE), (3,)).apply(np.eye(4, dtype=complex) / 4)


def test_a_space_of_another_number_of_modes_is_refused():
    with pytest.raises(ModelError, match="number of cutoffs = 2: the rates have 1 modes"):
        window(link(1), controls(WITH_A_PAUSE), (3, 3))
