"""Detuned shots against the plain solver shot by shot, and their means against quadratures written here."""

from itertools import product

import numpy as np
import pytest
from scipy.stats import norm

from coldlink.physics import Controls, Rates, reference
from coldlink.physics.hot_window import Detuned, HotWindow
from coldlink.physics.quasi_static import static_detunings
from coldlink.sequences.units import MHz, kHz, ns

TURN = 2 * np.pi
G = TURN * 6.65 * MHz


def link(qubits=2, **changed):
    """One mode at 5.04 GHz and qubits that are lost and heated somewhat."""
    ones = np.ones(qubits)
    values = {
        "anharmonicity": -TURN * 210 * MHz * ones,
        "relaxation": 0.2 * MHz * ones,
        "excited": 0.05 * ones,
        "dephasing": 0.3 * MHz * ones,
        "parity": np.ones((qubits, 1)),
        "internal": np.array([0.3 * MHz]),
        "hot": np.array([2.0]),
        "cold": np.zeros(1),
        "detuning": np.zeros(1),
    }
    return Rates(**values | changed)


LOSSLESS = {"internal": np.zeros(1), "relaxation": np.zeros(1), "excited": np.zeros(1), "dephasing": np.zeros(1)}


def played(*spans, detuning=0.0, sample=0.5 * ns):
    """Couplings that are on at once. spans: Of each qubit, from when to when (s)."""
    steps = round(max(end for _, end in spans) / sample)
    time = (np.arange(steps) + 0.5) * sample
    return Controls(
        duration=np.full(steps, sample),
        qubit=np.full((steps, len(spans)), detuning),
        coupling=np.stack([np.where((time > a) & (time < b), G, 0.0) for a, b in spans], axis=1),
        mode=np.zeros((steps, 1)),
        load=np.zeros((steps, 1)),
    )


def window(rates, controls, **changed):
    qubits = rates.relaxation.size
    values = {"initial": np.zeros(1), "read": frozenset(range(qubits)), "levels": 2, "error": 1e-5} | changed
    return HotWindow(rates=rates, controls=controls, **values)


def random_state(size, seed=0):
    generator = np.random.default_rng(seed)
    matrix = generator.normal(size=(size, size)) + 1j * generator.normal(size=(size, size))
    state = matrix @ matrix.conj().T
    return state / np.trace(state)


def plainly(hot, state, shift, cutoff=4):
    """The plain solver with every qubit moved by `shift`."""
    count = hot.rates.relaxation.size
    levels, cutoffs = (hot.levels,) * count, (cutoff,)
    rho = np.kron(state, reference.thermal(cutoffs, hot.initial))
    moved = Controls(**{**vars(hot.controls), "qubit": hot.controls.qubit + shift})
    after = reference.propagate(rho, hot.rates, moved, levels, cutoffs, step=0.4 * ns)
    return reference.reduce(after, range(count), levels, cutoffs)


SWAPS = {
    "one after the other": ((0, 20 * ns), (20 * ns, 45 * ns)),
    "at once": ((0, 25 * ns), (0, 25 * ns)),
    "with a pause": ((0, 20 * ns), (30 * ns, 45 * ns)),
    "one alone": ((0, 30 * ns), (0, 0)),
}


@pytest.mark.parametrize("case", SWAPS)
@pytest.mark.parametrize("spread", [30 * kHz, 3 * MHz])
def test_every_shot_is_what_the_plain_solver_makes_of_moved_frequencies(case, spread):
    hot, state = window(link(hot=np.zeros(1)), played(*SWAPS[case])), random_state(4)
    still = hot.apply(state)
    for shift in TURN * spread * np.array([[1.0, 0.7], [-0.4, 1.0]]):
        found = hot.apply(state, Detuned(shift))
        assert np.abs(found.qubits - plainly(hot, state, shift)).max() < max(found.error, 1e-5)
        assert found.error < 2 * still.error + 1e-5
        assert np.abs(found.qubits - still.qubits).max() > 0.02 * min(1.0, np.max(np.abs(shift)) * 25 * ns)


def test_three_levels_and_a_warm_mode_follow_a_detuning_as_they_follow_the_controls():
    controls = played((0, 20 * ns), (10 * ns, 35 * ns))
    shift, state = TURN * np.array([40.0, -25.0]) * kHz, random_state(9)
    options = {"levels": 3, "initial": np.array([0.4]), "error": 1e-6}
    found = window(link(), controls, **options).apply(state, Detuned(shift))
    moved = Controls(**{**vars(controls), "qubit": controls.qubit + shift})
    exact = window(link(), moved, **options).apply(state)
    assert np.abs(found.qubits - exact.qubits).max() < found.error
    assert found.error < 5e-6
    assert found.occupations == pytest.approx(exact.occupations, abs=1e-6)


def test_operators_that_are_not_hermitian_turn_as_states_do():
    hot, shift = window(link(), played(*SWAPS["with a pause"])), TURN * np.array([30.0, -20.0]) * kHz
    first, second = random_state(4, 1), random_state(4, 2)
    (image,) = hot.images((first + 1j * second)[None], Detuned(shift))
    apart = [hot.apply(state, Detuned(shift)).qubits for state in (first, second)]
    np.testing.assert_allclose(image, apart[0] + 1j * apart[1], atol=1e-6)


def test_a_shot_that_is_not_detuned_is_the_window_itself():
    hot, state = window(link(), played(*SWAPS["at once"])), random_state(4)
    np.testing.assert_array_equal(hot.apply(state, Detuned(np.zeros(2))).qubits, hot.apply(state).qubits)


def mean(hot, state, spreads, *, duration, elsewhere=0.0, turn=None):
    """Of all shots and its told error. turn: What the same shift does before, of the state."""
    drawn = static_detunings(spreads, duration, 1e-6)
    total, error = np.zeros_like(state), drawn.error
    for shift, weight in zip(TURN * drawn.shifts, drawn.weights, strict=True):
        begun = state if turn is None else turn(shift, state)
        outcome = hot.apply(begun, Detuned(shift, float(weight), elsewhere))
        total, error = total + weight * outcome.qubits, error + weight * outcome.error
    return total, error


@pytest.mark.parametrize("spread", [20 * kHz, 0.2 * MHz, 2 * MHz])
@pytest.mark.parametrize("detuning", [0.0, 5 * MHz])
def test_detuned_vacuum_rabi_swings_have_the_mean_that_a_quadrature_gives(spread, detuning):
    """P_e = 1 - g^2/Omega^2 sin^2(Omega t), Omega^2 = g^2 + Delta^2/4, over a Gaussian of Delta."""
    length = 60 * ns
    hot = window(link(1, **LOSSLESS, hot=np.zeros(1)), played((0, length), detuning=TURN * detuning))
    excited = np.diag([0.0, 1.0]).astype(complex)
    found, error = mean(hot, excited, [spread], duration=length)
    x = np.linspace(-7, 7, 2001)
    delta = TURN * (detuning + spread * x)
    omega = np.sqrt(G**2 + delta**2 / 4)
    kept = 1 - (G / omega) ** 2 * np.sin(omega * length) ** 2
    exact = np.trapezoid(kept * norm.pdf(x), x)
    assert found[1, 1].real == pytest.approx(exact, abs=error)
    assert error < 2e-5
    if spread == 2 * MHz:
        assert abs(exact - kept[1000]) > 20 * error


@pytest.mark.parametrize(("spread", "idle"), [(100 * kHz, 400 * ns), (600 * kHz, 100 * ns)])
def test_a_shot_carries_its_detuning_from_a_pause_into_the_contact(spread, idle):
    """Against the plain solver at many detunings: a pause, then out into the mode and back."""
    length = np.pi / G
    rates = link(1, **LOSSLESS, hot=np.zeros(1))
    hot = window(rates, played((0, length), sample=length))
    plus = np.full((2, 2), 0.5, complex)

    def paused(shift, state):
        return state * np.array([[1, np.exp(1j * shift[0] * idle)], [np.exp(-1j * shift[0] * idle), 1]])

    found, error = mean(hot, plus, [spread], duration=idle + length, elsewhere=idle, turn=paused)
    x = np.linspace(-5.1, 5.1, 31)
    shots = [plainly(hot, paused([shift], plus), shift, cutoff=2) for shift in TURN * spread * x]
    many = np.tensordot(norm.pdf(x) * (x[1] - x[0]), shots, axes=1)
    assert found == pytest.approx(many, abs=error + 1e-6)
    assert error < 3e-5
    # To and fro the excitation is half of the time in the qubit: this adds to the pause, not to its square.
    variance = (TURN * spread) ** 2
    together, apart = variance * (idle + length / 2) ** 2, variance * (idle**2 + (length / 2) ** 2)
    assert 2 * abs(found[0, 1]) == pytest.approx(np.exp(-together / 2), abs=3e-3)
    assert np.exp(-apart / 2) - np.exp(-together / 2) > 3e-3


def test_the_told_error_bounds_that_of_a_mean_over_two_detuned_qubits():
    hot, state = window(link(), played(*SWAPS["one after the other"]), error=1e-4), random_state(4)
    spread, length = 150 * kHz, 45 * ns
    found, error = mean(hot, state, [spread, spread], duration=length)
    fine = window(hot.rates, hot.controls, error=1e-6)
    x, w = np.polynomial.hermite_e.hermegauss(7)
    exact = sum(
        a * b / w.sum() ** 2 * _moved(fine, TURN * spread * np.array([u, v])).apply(state).qubits
        for (u, a), (v, b) in product(zip(x, w, strict=True), repeat=2)
    )
    assert np.abs(found - exact).max() < error < 2e-4


def _moved(hot, shift):
    controls = Controls(**{**vars(hot.controls), "qubit": hot.controls.qubit + shift})
    return window(hot.rates, controls, error=hot.error)
