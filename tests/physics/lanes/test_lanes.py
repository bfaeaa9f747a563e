"""The lane solver against the plain solver, QuTiP, closed forms, and what any evolution must keep."""

import numpy as np
import pytest
import qutip
from hypothesis import given, settings
from hypothesis import strategies as st

from coldlink.physics import Controls, Rates, reference, relax
from coldlink.physics.lanes import LaneSolver, Signals
from coldlink.sequences.errors import ModelError
from coldlink.sequences.units import MHz, ns, us

TURN = 2 * np.pi
UNIT = 10 * MHz
G = TURN * 5 * MHz


def random_rates(generator, qubits, modes):
    return Rates(
        anharmonicity=-UNIT * generator.uniform(2, 6, qubits),
        relaxation=UNIT * generator.uniform(0.1, 1, qubits),
        excited=generator.uniform(0, 0.3, qubits),
        dephasing=UNIT * generator.uniform(0.1, 1, qubits),
        parity=generator.choice([-1.0, 1.0], (qubits, modes)),
        internal=UNIT * generator.uniform(0.1, 1, modes),
        hot=generator.uniform(0, 2, modes),
        cold=generator.uniform(0, 0.2, modes),
        detuning=UNIT * generator.uniform(-3, 3, modes),
    )


def random_controls(generator, qubits, modes, duration):
    steps = len(duration)
    return Controls(
        duration=duration,
        qubit=UNIT * generator.uniform(-3, 3, (steps, qubits)),
        coupling=UNIT * generator.uniform(-3, 3, (steps, qubits)),
        mode=UNIT * generator.uniform(-3, 3, (steps, modes)),
        load=UNIT * generator.uniform(0, 2, (steps, modes)),
    )


def random_state(generator, size):
    matrix = generator.normal(size=(size, size)) + 1j * generator.normal(size=(size, size))
    state = matrix @ matrix.conj().T
    return state / np.trace(state)


def quiet(qubits, modes, **changed):
    values = {
        "anharmonicity": np.zeros(qubits),
        "relaxation": np.zeros(qubits),
        "excited": np.zeros(qubits),
        "dephasing": np.zeros(qubits),
        "parity": np.ones((qubits, modes)),
        "internal": np.zeros(modes),
        "hot": np.zeros(modes),
        "cold": np.zeros(modes),
        "detuning": np.zeros(modes),
    }
    return Rates(**values | {name: np.asarray(value, float) for name, value in changed.items()})


def pulse(duration, amplitudes, qubits=1):
    """A raised cosine on every qubit, of another amplitude for each point."""
    return Signals(
        duration=duration,
        points=len(amplitudes),
        coupling=lambda t: (np.sin(np.pi * t / duration) ** 2)[:, None, None] * amplitudes[:, None] * np.ones(qubits),
    )


@settings(max_examples=12, deadline=None)
@given(
    seed=st.integers(0, 2**32 - 1),
    space=st.sampled_from(
        [((2,), (4,)), ((3,), (3,)), ((2, 2), (3,)), ((3, 2), (2,)), ((2,), (2, 2, 2)), ((), (3, 2))]
    ),
)
def test_random_links_evolve_as_the_plain_solver_says(seed, space):
    levels, cutoffs = space
    generator = np.random.default_rng(seed)
    rates = random_rates(generator, len(levels), len(cutoffs))
    duration = generator.uniform(5, 15, 3) * ns
    points = [random_controls(generator, len(levels), len(cutoffs), duration) for _ in range(3)]
    rho = random_state(generator, int(np.prod(levels + cutoffs)))
    swept = LaneSolver(rates, levels=levels, cutoffs=cutoffs, error=1e-7).propagate(rho, points)
    for index, controls in enumerate(points):
        plain = reference.propagate(rho, rates, controls, levels, cutoffs, step=0.1 * ns)
        np.testing.assert_allclose(swept.state(index), plain, atol=2e-7)
        kept = reference.reduce(plain, range(len(levels)), levels, cutoffs)
        np.testing.assert_allclose(swept.qubits[index], kept, atol=5e-7)
        np.testing.assert_allclose(swept.occupations[index], reference.occupations(plain, levels, cutoffs), atol=2e-6)
        assert np.trace(swept.state(index)).real == pytest.approx(1, abs=1e-8)
        assert np.linalg.eigvalsh(swept.state(index)).min() > -1e-7


def in_qutip(rates, signals, rho, point, dims):
    """One qubit with three levels and one mode, written again for QuTiP."""
    b, c = (
        qutip.tensor(qutip.destroy(dims[0]), qutip.qeye(dims[1])),
        qutip.tensor(qutip.qeye(dims[0]), qutip.destroy(dims[1])),
    )

    def of(function):
        return lambda t: float(np.broadcast_to(function(np.array([t])), (1, signals.points, 1))[0, point, 0])

    energy = rates.anharmonicity[0] / 2 * b.dag() * b.dag() * b * b + rates.detuning[0] * c.dag() * c
    moving = [[b.dag() * c + c.dag() * b, of(signals.coupling)], [b.dag() * b, of(signals.qubit)]]
    jumps = [
        np.sqrt(rates.relaxation[0] * (1 - rates.excited[0])) * b,
        np.sqrt(rates.relaxation[0] * rates.excited[0]) * b.dag(),
        np.sqrt(2 * rates.dephasing[0]) * b.dag() * b,
        np.sqrt(rates.internal[0] * (rates.hot[0] + 1)) * c,
        np.sqrt(rates.internal[0] * rates.hot[0]) * c.dag(),
    ]
    options = {"atol": 1e-12, "rtol": 1e-11, "nsteps": 100_000, "max_step": 1 * ns}
    start = qutip.Qobj(rho, dims=[dims, dims])
    return qutip.mesolve([energy, *moving], start, [0, signals.duration], jumps, options=options).states[-1].full()


@pytest.mark.parametrize("error", [1e-4, 1e-6, 1e-8])
def test_the_reported_error_bounds_the_true_one_and_keeps_what_was_asked(error):
    generator = np.random.default_rng(5)
    rates = random_rates(generator, 1, 1)
    duration, amplitudes = 150 * ns, np.linspace(0.3, 1, 21)
    signals = Signals(
        duration=duration,
        points=21,
        coupling=lambda t: (G * np.sin(np.pi * t / duration) ** 2)[:, None, None] * amplitudes[:, None],
        qubit=lambda t: (UNIT * np.cos(5 * np.pi * t / duration))[:, None, None] * amplitudes[::-1, None],
    )
    rho = random_state(generator, 12)
    swept = LaneSolver(rates, levels=(3,), cutoffs=(4,), error=error).propagate(rho, signals)
    assert swept.error <= error * 1.000001
    for point in (0, 9, 20):
        found = np.abs(swept.state(point) - in_qutip(rates, signals, rho, point, [3, 4])).max()
        assert found < max(swept.error, 3e-9)


def test_a_point_does_not_depend_on_its_neighbours_in_the_lanes():
    generator = np.random.default_rng(1)
    rates = random_rates(generator, 2, 1)
    amplitudes = np.linspace(0.2, 1, 19)
    order = generator.permutation(19)
    solver = LaneSolver(rates, levels=(2, 2), cutoffs=(3,), error=1e-6)
    rho = random_state(generator, 12)
    straight = solver.propagate(rho, pulse(80 * ns, G * amplitudes, 2))
    shuffled = solver.propagate(rho, pulse(80 * ns, G * amplitudes[order], 2))
    for place, point in enumerate(order):
        np.testing.assert_allclose(shuffled.state(place), straight.state(point), atol=2e-6)


def test_threads_share_the_points_without_a_change():
    generator = np.random.default_rng(2)
    rates, rho = random_rates(generator, 1, 1), random_state(generator, 6)
    signals = pulse(60 * ns, G * np.linspace(0, 1, 40))
    one, two = (
        LaneSolver(rates, levels=(2,), cutoffs=(3,), threads=threads).propagate(rho, signals) for threads in (1, 2)
    )
    np.testing.assert_allclose(one.qubits, two.qubits, atol=1e-12)


def test_many_inputs_through_one_pulse_give_the_map():
    generator = np.random.default_rng(3)
    rates = random_rates(generator, 1, 1)
    solver = LaneSolver(rates, levels=(3,), cutoffs=(3,), error=1e-7)
    inputs = np.array([random_state(generator, 9) for _ in range(12)])
    together = solver.propagate(inputs, pulse(60 * ns, np.array([G])))
    assert len(together) == 12
    for index in (0, 5, 11):
        alone = solver.propagate(inputs[index], pulse(60 * ns, np.array([G])))
        np.testing.assert_allclose(together.state(index), alone.state(0), atol=3e-7)


@pytest.mark.parametrize("photons", [0, 1, 3])
def test_vacuum_rabi_runs_at_the_root_of_n_plus_one(photons):
    areas = np.linspace(0, 4, 9)
    rho = reference.product([np.diag([0.0, 1.0]).astype(complex)], np.diag(np.eye(5)[photons]).astype(complex))
    signals = pulse(100 * ns, areas / (50 * ns))
    swept = LaneSolver(quiet(1, 1), levels=(2,), cutoffs=(5,), error=1e-7).propagate(rho, signals)
    expected = np.cos(np.sqrt(photons + 1) * areas) ** 2
    np.testing.assert_allclose(swept.qubits[:, 1, 1].real, expected, atol=2e-7)


def test_the_load_cools_the_line_along_the_exact_curve():
    kappa, loads = 1 / (2 * us), np.linspace(0, 20, 9) * MHz
    rates = quiet(0, 1, internal=[kappa], hot=[0.5])
    signals = Signals(duration=100 * ns, points=9, load=lambda t: np.broadcast_to(loads[:, None], (len(t), 9, 1)))
    swept = LaneSolver(rates, levels=(), cutoffs=(24,), error=1e-7).propagate(reference.thermal((24,), [0.4]), signals)
    expected = [relax(0.4, 0.5 * kappa / (kappa + load), kappa + load, 100 * ns) for load in loads]
    np.testing.assert_allclose(swept.occupations[:, 0], expected, atol=1e-6)


def test_a_break_keeps_a_pulse_with_corners_exact():
    rates, area = quiet(1, 1), 1.3
    height = area / (20 * ns)
    signals = Signals(
        duration=100 * ns,
        points=1,
        coupling=lambda t: (height * ((t > 30 * ns) & (t < 50 * ns)))[:, None, None],
        breaks=(30 * ns, 50 * ns),
    )
    rho = reference.product([np.diag([0.0, 1.0]).astype(complex)], reference.thermal((2,), [0.0]))
    swept = LaneSolver(rates, levels=(2,), cutoffs=(2,), error=1e-8).propagate(rho, signals)
    assert swept.qubits[0, 1, 1].real == pytest.approx(np.cos(area) ** 2, abs=1e-8)


def test_a_fine_staircase_of_a_smooth_pulse_needs_few_steps():
    count, duration = 2000, 100 * ns
    time = (np.arange(count) + 0.5) * duration / count
    curve = G * np.sin(np.pi * time / duration) ** 2
    controls = Controls(
        duration=np.full(count, duration / count),
        qubit=np.zeros((count, 1)),
        coupling=curve[:, None],
        mode=np.zeros((count, 1)),
        load=np.zeros((count, 1)),
    )
    rho = reference.product([np.diag([0.0, 1.0]).astype(complex)], reference.thermal((4,), [0.3]))
    solver = LaneSolver(quiet(1, 1), levels=(2,), cutoffs=(4,), error=1e-6)
    staircase, smooth = solver.propagate(rho, [controls]), solver.propagate(rho, pulse(duration, np.array([G])))
    np.testing.assert_allclose(staircase.state(0), smooth.state(0), atol=3e-6)
    assert staircase.applications < 2000


def test_what_does_not_fit_is_refused_by_name():
    rates = quiet(1, 1)
    solver = LaneSolver(rates, levels=(2,), cutoffs=(3,))
    signals = pulse(10 * ns, np.array([G, G]))
    with pytest.raises(ModelError, match=r"shape of rho = \(5, 5\)"):
        solver.propagate(np.eye(5, dtype=complex), signals)
    with pytest.raises(ModelError, match="skewness of rho"):
        solver.propagate(np.triu(np.ones((6, 6))).astype(complex), signals)
    with pytest.raises(ModelError, match="number of initial matrices = 3"):
        solver.propagate(np.zeros((3, 6, 6), dtype=complex), signals)
    with pytest.raises(ModelError, match="number of levels = 2"):
        LaneSolver(rates, levels=(2, 2), cutoffs=(3,))
    with pytest.raises(ModelError, match="error = 0"):
        LaneSolver(rates, levels=(2,), cutoffs=(3,), error=0.0)
    with pytest.raises(ModelError, match="size of coupling"):
        solver.propagate(
            np.eye(6, dtype=complex) / 6, Signals(duration=10 * ns, points=2, coupling=lambda t: np.ones((3, 3, 3)))
        )


def test_a_jump_without_a_break_is_reported_instead_of_stepped_over():
    signals = Signals(duration=100 * ns, points=1, coupling=lambda t: (G * (t > 33.3 * ns))[:, None, None])
    rho = reference.product([np.diag([0.0, 1.0]).astype(complex)], reference.thermal((2,), [0.0]))
    with pytest.raises(ModelError, match="breaks"):
        LaneSolver(quiet(1, 1), levels=(2,), cutoffs=(2,), error=1e-9).propagate(rho, signals)
