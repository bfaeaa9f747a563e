import numpy as np
import pytest

from coldlink.physics import reference
from coldlink.physics.controls import Controls, Rates
from coldlink.physics.space import ModeSpace
from coldlink.physics.vacuum_rabi import excited_population
from coldlink.physics.window import Accuracy, HotWindow
from coldlink.sequences.units import MHz, kHz, ns, us

G = 2 * np.pi * 6.65 * MHz
QUIET = {"heating": 0.0, "loss": 0.0, "relaxation": 0.0, "dephasing": 0.0}
LOSSY = {"heating": 4.7 * MHz, "loss": 0.3 * MHz, "relaxation": 1 / us, "excited": 0.1, "dephasing": 2 / us}


def hold(rates, duration, coupling=G, step=None):
    steps = round(duration / step) if step else 1
    modes = rates.detuning.size
    return Controls(
        duration=np.full(steps, duration / steps),
        qubit=np.zeros((steps, 1)),
        coupling=np.full((steps, 1), coupling),
        mode=np.zeros((steps, modes)),
        load=np.zeros((steps, modes)),
    )


def rates(heating, loss, relaxation, excited, dephasing):
    """One qubit on one mode whose bath heats and empties it at these rates."""
    return Rates(
        anharmonicity=np.zeros(1),
        relaxation=np.array([relaxation]),
        excited=np.array([excited]),
        dephasing=np.array([dephasing]),
        parity=np.ones((1, 1)),
        internal=np.array([loss]),
        hot=np.array([heating / loss]),
        cold=np.zeros(1),
        detuning=np.zeros(1),
    )


@pytest.mark.parametrize("n", [0.0, 0.06, 1.5])
@pytest.mark.parametrize("excited", [0.0, 0.3])
def test_without_any_rate_it_is_the_closed_form(n, excited):
    t, k = np.linspace(0, 200 * ns, 41), np.arange(200)
    p = n**k / (1 + n) ** (k + 1)
    absorbed, kept = np.sin(G * np.sqrt(k) * t[:, None]) ** 2, np.cos(G * np.sqrt(k + 1) * t[:, None]) ** 2
    expected = ((1 - excited) * absorbed + excited * kept) @ p
    found = excited_population(t, coupling=G, occupation=n, excited=excited, cutoff=60, **QUIET)
    np.testing.assert_allclose(found, expected, atol=1e-9)


@pytest.mark.parametrize("cutoff", [4, 9])
def test_with_every_rate_it_agrees_with_the_plain_solver_on_the_same_fock_space(cutoff):
    t, link = 60 * ns, rates(**LOSSY)
    start = reference.product([np.diag([0.9, 0.1]).astype(complex)], reference.thermal((cutoff,), [0.3]))
    after = reference.propagate(start, link, hold(link, t), (2,), (cutoff,))
    expected = reference.reduce(after, (0,), (2,), (cutoff,))[1, 1].real
    found = excited_population(np.array([t]), coupling=G, occupation=0.3, cutoff=cutoff, **LOSSY)
    assert found[0] == pytest.approx(expected, abs=1e-6)


@pytest.mark.parametrize("t", [20 * ns, 100 * ns])
def test_it_agrees_with_the_hot_window(t):
    link = rates(2 * np.pi * 46.7 * kHz * 16, 2 * np.pi * 46.7 * kHz, 1 / (15 * us), 0.02, 1 / (3 * us))
    window = HotWindow(
        rates=link,
        controls=hold(link, t, step=0.1 * ns),
        modes=ModeSpace((16,), 15),
        initial=np.array([0.088]),
        read=frozenset({0}),
        levels=2,
        accuracy=Accuracy(step=0.5 * ns),
    )
    found = excited_population(
        np.array([t]),
        coupling=G,
        occupation=0.088,
        heating=float(link.internal[0] * link.hot[0]),
        loss=float(link.internal[0]),
        relaxation=1 / (15 * us),
        excited=0.02,
        dephasing=1 / (3 * us),
        cutoff=16,
    )
    assert found[0] == pytest.approx(window.apply(np.diag([0.98, 0.02]).astype(complex)).qubits[1, 1].real, abs=3e-5)


def test_a_trace_is_the_same_whatever_times_are_asked():
    t = np.array([0.0, 3 * ns, 10 * ns, 10 * ns, 47 * ns])
    together = excited_population(t, coupling=G, occupation=0.3, cutoff=9, **LOSSY)
    apart = [excited_population(t[i : i + 1], coupling=G, occupation=0.3, cutoff=9, **LOSSY)[0] for i in range(len(t))]
    np.testing.assert_allclose(together, apart, atol=1e-12)
    assert together[0] == pytest.approx(LOSSY["excited"])
