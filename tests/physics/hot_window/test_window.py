"""The fast solver against the plain one, against QuTiP, and against what any solver must keep."""

from dataclasses import replace

import numpy as np
import pytest
import qutip

from coldlink.physics import reference
from coldlink.physics.controls import Controls, Rates
from coldlink.physics.hot_window import HotWindow
from coldlink.physics.hot_window.course import Course
from coldlink.sequences.errors import ModelError
from coldlink.sequences.units import MHz, kHz, ns

TURN = 2 * np.pi
G = TURN * 6.65 * MHz


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


def window(rates, played, **changed):
    """cutoff, order: Of the solver, instead of those that it would choose."""
    resolution = {name: changed.pop(name) for name in ("cutoff", "order") if name in changed}
    initial = np.linspace(0.3, 0.1, rates.detuning.size)
    values = {"initial": initial, "read": frozenset({0, 1}), "error": 1e-6} | changed
    hot = HotWindow(rates=rates, controls=played, **values)
    hot.resolution = replace(hot.resolution, **resolution)
    return hot


def plainly(hot, state, cutoffs):
    """Reduced qubits and occupations of the modes from the plain solver."""
    count = hot.rates.relaxation.size
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


ONE_AFTER_THE_OTHER = ((0, 20 * ns), (20 * ns, 40 * ns))
BOTH_AT_ONCE = ((0, 20 * ns), (0, 20 * ns))
OVERLAPPING = ((0, 20 * ns), (10 * ns, 30 * ns))
WITH_A_PAUSE = ((0, 15 * ns), (22 * ns, 37 * ns))
B_FIRST = ((18 * ns, 33 * ns), (0, 18 * ns))


@pytest.mark.parametrize("levels", [2, 3])
@pytest.mark.parametrize(
    ("pulses", "options"),
    [
        (ONE_AFTER_THE_OTHER, {}),
        (BOTH_AT_ONCE, {}),
        (OVERLAPPING, {}),
        (WITH_A_PAUSE, {}),
        (B_FIRST, {}),
        (ONE_AFTER_THE_OTHER, {"load": TURN * 3 * MHz}),
        (WITH_A_PAUSE, {"detuning": (TURN * 4 * MHz, -TURN * 6 * MHz), "pull": TURN * 2 * MHz}),
    ],
)
def test_it_agrees_with_the_plain_solver_on_the_same_fock_space_of_one_mode(levels, pulses, options):
    hot = window(link(), controls(pulses, **options), levels=levels, cutoff=4)
    state = random_state(levels**2)
    outcome = hot.apply(state)
    qubits, occupations = plainly(hot, state, (4,))
    np.testing.assert_allclose(outcome.qubits, qubits, atol=1e-5)
    np.testing.assert_allclose(outcome.occupations, occupations, atol=1e-5)


def test_operators_that_are_no_states_agree_with_the_plain_solver_whatever_was_asked_before():
    hot, generator = window(link(), controls(OVERLAPPING), levels=2, cutoff=4), np.random.default_rng(3)
    hot.apply(random_state(4))
    operators = generator.normal(size=(3, 4, 4)) + 1j * generator.normal(size=(3, 4, 4))
    for operator, image in zip(operators, hot.images(operators), strict=True):
        np.testing.assert_allclose(image, plainly(hot, operator, (4,))[0], atol=5e-5)


@pytest.mark.parametrize(
    ("pulses", "levels", "modes", "options"),
    [
        (WITH_A_PAUSE, 2, 2, {}),
        (BOTH_AT_ONCE, 2, 2, {"detuning": (TURN * 4 * MHz, 0.0)}),
        (ONE_AFTER_THE_OTHER, 2, 2, {"load": TURN * 5 * MHz, "pull": TURN * 2 * MHz}),
        (((0, 20 * ns), (0, 0)), 2, 2, {"detuning": (-TURN * 70 * MHz, 0.0)}),
        (((0, 0), (0, 10 * ns)), 2, 3, {}),
    ],
)
def test_far_modes_told_by_their_moments_agree_with_the_plain_solver_on_many_fock_states(
    pulses, levels, modes, options
):
    rates, played = link(modes, hot=np.full(modes, 0.2)), controls(pulses, modes, **options)
    hot = window(rates, played, levels=levels, initial=np.linspace(0.02, 0.01, modes), error=1e-5)
    state = random_state(levels**2)
    outcome = hot.apply(state)
    qubits, occupations = plainly(hot, state, (5, 5, 3)[:modes])
    np.testing.assert_allclose(outcome.qubits, qubits, atol=3e-5)
    np.testing.assert_allclose(outcome.occupations, occupations, atol=1e-4)


@pytest.mark.parametrize(("offset", "cutoffs"), [(-1, (4, 6, 3)), (1, (4, 3, 6))])
def test_the_mode_that_the_qubits_are_brought_to_is_the_near_one(offset, cutoffs):
    modes, detuning = 3, (TURN * 60 * MHz * offset,) * 2
    pulses = ((0, 8 * ns), (0, 8 * ns))
    rates, played = link(modes, hot=np.full(modes, 0.2)), controls(pulses, modes, detuning=detuning)
    hot = window(rates, played, levels=2, initial=np.full(modes, 0.02), error=1e-5)
    assert hot.near == (1 if offset < 0 else 2)
    state = random_state(4)
    np.testing.assert_allclose(hot.apply(state).qubits, plainly(hot, state, cutoffs)[0], atol=3e-5)


def test_it_agrees_with_the_plain_solver_on_one_qubit():
    rates = link()
    names = ("anharmonicity", "relaxation", "excited", "dephasing", "parity")
    alone = replace(rates, **{name: getattr(rates, name)[:1] for name in names})
    hot = window(alone, controls(((0, 30 * ns),), detuning=(TURN * 3 * MHz,)), read=frozenset({0}), cutoff=4)
    state = random_state(3)
    np.testing.assert_allclose(hot.apply(state).qubits, plainly(hot, state, (4,))[0], atol=1e-5)


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
    hot = window(link(), late, levels=2, cutoff=4)
    state = random_state(4)
    qubits, occupations = plainly(hot, state, (4,))
    np.testing.assert_allclose(hot.apply(state).qubits, qubits, atol=1e-5)
    np.testing.assert_allclose(hot.apply(state).occupations, occupations, atol=1e-4)


@pytest.mark.parametrize("pulses", [ONE_AFTER_THE_OTHER, BOTH_AT_ONCE, WITH_A_PAUSE])
@pytest.mark.parametrize("excited", [False, True])
def test_tracing_a_out_when_it_is_done_leaves_b_alike(pulses, excited):
    played = controls(pulses, 2)
    b = np.diag([0.1, 0.85, 0.05] if excited else [0.9, 0.1, 0]).astype(complex)
    state = np.kron(random_state(3), b)
    size = {"cutoff": 6, "order": 1}
    both = window(link(2), played, **size).apply(state)
    only = window(link(2), played, read=frozenset({1}), **size).apply(state)
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
    [(2, (4,), ONE_AFTER_THE_OTHER), (3, (4,), WITH_A_PAUSE), (3, (5,), OVERLAPPING)],
)
def test_it_agrees_with_qutip(levels, cutoffs, pulses):
    hot = window(link(), controls(pulses, sample=0.05 * ns), levels=levels, cutoff=cutoffs[0])
    state = random_state(levels**2, seed=3)
    theirs = in_qutip(state, levels, cutoffs, hot.initial, pulses)
    np.testing.assert_allclose(hot.apply(state).qubits, theirs, atol=2e-5)


def test_two_modes_agree_with_qutip():
    """With the plain solver's own bath, n = 8, the second mode would need too many Fock states: it is kept cool."""
    played = controls(BOTH_AT_ONCE, 2, sample=0.05 * ns)
    hot = window(link(2), played, levels=2, initial=np.array([0.02, 0.02]), error=1e-5)
    state = random_state(4, seed=3)
    theirs = in_qutip(state, 2, (8, 6), hot.initial, BOTH_AT_ONCE)
    np.testing.assert_allclose(hot.apply(state).qubits, theirs, atol=5e-5)


@pytest.mark.parametrize("seed", range(4))
@pytest.mark.parametrize("modes", [1, 2])
def test_a_state_stays_a_state(seed, modes):
    hot = window(link(modes), controls(OVERLAPPING, modes, load=TURN * 5 * MHz), error=1e-5)
    after = hot.apply(random_state(9, seed)).qubits
    assert np.trace(after) == pytest.approx(1, abs=2e-6)
    np.testing.assert_allclose(after, after.conj().T, atol=1e-12)
    assert np.linalg.eigvalsh(after).min() > -2e-6


def test_a_pure_state_stays_positive_when_lanes_are_dropped():
    hot = window(link(), controls(WITH_A_PAUSE), error=1e-4)
    state = np.zeros((9, 9), complex)
    state[3, 3] = 1
    after = hot.apply(state).qubits
    assert np.trace(after) == pytest.approx(1, abs=1e-4)
    assert np.linalg.eigvalsh(after).min() > -1e-4


def test_the_map_is_linear():
    first, second = random_state(9, 1), random_state(9, 2)
    played = controls(WITH_A_PAUSE)
    together = window(link(), played).apply(0.3 * first + 0.7 * second).qubits
    hot = window(link(), played)
    apart = 0.3 * hot.apply(first).qubits + 0.7 * hot.apply(second).qubits
    np.testing.assert_allclose(together, apart, atol=1e-6)


@pytest.fixture
def counted(monkeypatch):
    """Operators that followed a segment so far."""
    calls = []
    follow = Course.follow

    def counting(self, operator, moments, shift=None):
        calls.append(moments)
        return follow(self, operator, moments, shift)

    monkeypatch.setattr(Course, "follow", counting)
    return calls


def test_a_state_that_earlier_calls_span_costs_nothing(counted):
    hot = window(link(), controls(WITH_A_PAUSE))
    first, second = random_state(9, 1), random_state(9, 2)
    hot.apply(first)
    hot.apply(second)
    spent = len(counted)
    assert spent > 0
    mixed = hot.apply(0.25 * first + 0.75 * second)
    assert len(counted) == spent
    fresh = window(link(), controls(WITH_A_PAUSE)).apply(0.25 * first + 0.75 * second)
    np.testing.assert_allclose(mixed.qubits, fresh.qubits, atol=1e-6)
    np.testing.assert_allclose(mixed.occupations, fresh.occupations, atol=1e-6)


def test_a_state_that_they_do_not_span_costs_one_more_propagation_of_each_new_part(counted):
    hot = window(link(), controls(((0, 20 * ns), (0, 20 * ns))))
    hot.apply(np.diag([1.0, 0, 0, 0, 0, 0, 0, 0, 0]).astype(complex))
    assert len(counted) == 3, "coarse, with more photons, and with shorter steps"
    coherent = np.zeros((9, 9), complex)
    coherent[:4:3, :4:3] = 0.5
    hot.apply(coherent)
    assert len(counted) == 9, "two new parts"


def converged(rates, played, state):
    return np.diag(window(rates, played, error=3e-7).apply(state).qubits).real


@pytest.mark.parametrize("error", [1e-5, 1e-4, 1e-3])
@pytest.mark.parametrize(
    ("pulses", "modes", "load"),
    [(ONE_AFTER_THE_OTHER, 1, 0.0), (BOTH_AT_ONCE, 1, TURN * 5 * MHz), (ONE_AFTER_THE_OTHER, 2, TURN * 5 * MHz)],
)
def test_the_reported_error_bounds_the_real_one_and_is_about_what_was_asked_for(error, pulses, modes, load):
    played = controls(pulses, modes, load=load, sample=0.1 * ns)
    state = np.kron(np.diag([0.1, 0.9, 0]), np.diag([0.9, 0.1, 0])).astype(complex)
    outcome = window(link(modes), played, error=error).apply(state)
    wrong = np.max(np.abs(np.diag(outcome.qubits).real - converged(link(modes), played, state)))
    assert wrong < outcome.error
    assert outcome.error < 4 * error


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
    hot = window(link(), flat, cutoff=4)
    state = random_state(9)
    np.testing.assert_allclose(hot.apply(state).qubits, plainly(hot, state, (4,))[0], atol=1e-5)


def test_an_operator_that_is_not_hermitian_is_refused():
    operator = np.zeros((9, 9), complex)
    operator[3, 0] = 1
    with pytest.raises(ModelError, match="skewness of the state = 1: only Hermitian operators"):
        window(link(), controls(WITH_A_PAUSE)).apply(operator)


def test_a_state_of_another_size_is_refused():
    with pytest.raises(ModelError, match="size of the state = 4: the window's qubits span 9"):
        window(link(), controls(WITH_A_PAUSE)).apply(np.eye(4, dtype=complex) / 4)


def test_initial_occupations_of_another_number_of_modes_are_refused():
    with pytest.raises(ModelError, match="number of initial occupations = 2: the rates have 1 modes"):
        window(link(1), controls(WITH_A_PAUSE), initial=np.zeros(2))


@pytest.mark.parametrize("error", [3e-3, 1e-4])
def test_a_line_that_was_never_cooled_is_followed_at_any_error_asked_for(error):
    hot = link(hot=np.full(1, 16.0), internal=np.full(1, TURN * 50 * kHz))
    options = {"levels": 2, "initial": np.full(1, 16.0), "read": frozenset({1})}
    state = np.zeros((4, 4), complex)
    state[2, 2] = 1
    after = window(hot, controls(ONE_AFTER_THE_OTHER), error=error, **options).apply(state)
    exact = window(hot, controls(ONE_AFTER_THE_OTHER), error=1e-6, **options).apply(state)
    np.testing.assert_allclose(qubit_b(after.qubits, 2), qubit_b(exact.qubits, 2), atol=error)
    assert after.error < 4 * error
