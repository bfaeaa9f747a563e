"""Exchange of a qubit with one warm mode, against the closed form, the plain solver and the hot window."""

from dataclasses import replace

import numpy as np
import pytest

from coldlink.physics import reference
from coldlink.physics.controls import Controls, Rates
from coldlink.physics.hot_window import HotWindow
from coldlink.physics.vacuum_rabi import Contact, Surroundings, excited_population
from coldlink.sequences.errors import ModelError
from coldlink.sequences.units import MHz, kHz, ns, us

TIMES = np.linspace(0, 200 * ns, 41)

G = 2 * np.pi * 6.65 * MHz
QUIET = Surroundings(internal=0.0, heating=0.0, cold=0.0, relaxation=0.0, dephasing=0.0, excited=0.0)
LOSSY = Surroundings(internal=0.3 * MHz, heating=4.7 * MHz, cold=0.2, relaxation=1 / us, dephasing=2 / us, excited=0.1)


def held(times, steps=1, detuning=0.0, load=0.0):
    """Contacts of constant coupling for each of `times` (s)."""
    times = np.atleast_1d(times)
    whole = np.ones((steps, len(times)))
    return Contact(duration=whole * times / steps, detuning=detuning * whole, coupling=G * whole, load=load * whole)


def as_rates(around):
    return Rates(
        anharmonicity=np.zeros(1),
        relaxation=np.array([around.relaxation]),
        excited=np.array([around.excited]),
        dephasing=np.array([around.dephasing]),
        parity=np.ones((1, 1)),
        internal=np.array([around.internal]),
        hot=np.array([around.heating / around.internal]),
        cold=np.array([around.cold]),
        detuning=np.zeros(1),
    )


def as_controls(contact):
    return Controls(
        duration=contact.duration[:, 0],
        qubit=contact.detuning,
        coupling=contact.coupling,
        mode=np.zeros_like(contact.load),
        load=contact.load,
    )


@pytest.mark.parametrize("n", [0.0, 0.06, 1.5])
@pytest.mark.parametrize("start", [0.0, 0.3, 1.0])
def test_without_any_rate_it_is_the_closed_form(n, start):
    t, k = np.linspace(0, 200 * ns, 41), np.arange(200)
    p = n**k / (1 + n) ** (k + 1)
    absorbed, kept = np.sin(G * np.sqrt(k) * t[:, None]) ** 2, np.cos(G * np.sqrt(k + 1) * t[:, None]) ** 2
    expected = ((1 - start) * absorbed + start * kept) @ p
    found = excited_population(held(t), QUIET, start=np.full(41, start), occupation=np.full(41, n), cutoff=60)
    np.testing.assert_allclose(found, expected, atol=1e-6)


@pytest.mark.parametrize("detuning", [3.0, -11.0])
def test_off_resonance_less_is_exchanged_and_sooner_back(detuning):
    t, delta = np.linspace(0, 200 * ns, 41), 2 * np.pi * detuning * MHz
    rabi = np.hypot(2 * G, delta)
    expected = 1 - (2 * G / rabi) ** 2 * np.sin(rabi * t / 2) ** 2
    found = excited_population(held(t, detuning=delta), QUIET, start=np.ones(41), occupation=np.zeros(41), cutoff=3)
    np.testing.assert_allclose(found, expected, atol=1e-9)


@pytest.mark.parametrize("cutoff", [4, 9])
@pytest.mark.parametrize("load", [0.0, 8 / us])
@pytest.mark.parametrize("start", [0.1, 0.9])
def test_with_every_rate_it_agrees_with_the_plain_solver_on_the_same_fock_space(cutoff, load, start):
    contact = held(60 * ns, steps=60, detuning=2 * np.pi * 4 * MHz, load=load)
    rho = reference.product([np.diag([1 - start, start]).astype(complex)], reference.thermal((cutoff,), [0.3]))
    after = reference.propagate(rho, as_rates(LOSSY), as_controls(contact), (2,), (cutoff,))
    expected = reference.reduce(after, (0,), (2,), (cutoff,))[1, 1].real
    found = excited_population(contact, LOSSY, start=np.array([start]), occupation=np.array([0.3]), cutoff=cutoff)
    assert found[0] == pytest.approx(expected, abs=1e-4)


@pytest.mark.parametrize("t", [20 * ns, 100 * ns])
def test_it_agrees_with_the_hot_window(t):
    internal = 2 * np.pi * 46.7 * kHz
    around = Surroundings(
        internal=internal,
        heating=16 * internal,
        cold=0.0,
        relaxation=1 / (15 * us),
        dephasing=1 / (3 * us),
        excited=0.02,
    )
    contact = held(t, steps=round(2 * t / ns))
    window = HotWindow(
        rates=as_rates(around),
        controls=as_controls(contact),
        initial=np.array([0.088]),
        read=frozenset({0}),
        levels=2,
    )
    found = excited_population(contact, around, start=np.array([0.98]), occupation=np.array([0.088]), cutoff=16)
    assert found[0] == pytest.approx(window.apply(np.diag([0.02, 0.98]).astype(complex)).qubits[1, 1].real, abs=5e-5)


def test_too_few_fock_states_for_the_mode_s_heat_are_refused_with_how_many_it_needs():
    with pytest.raises(
        ModelError, match="cutoff = 8: the mode gets up to 16 photons, of which 62% lie above; take 152"
    ):
        excited_population(held(TIMES), QUIET, start=np.zeros(41), occupation=np.full(41, 16.0), cutoff=8)


def test_contacts_of_other_shapes_are_refused_by_name():
    with pytest.raises(ModelError, match=r"shape of detuning = \(3,\)"):
        replace(held(TIMES), detuning=np.zeros(3))
    with pytest.raises(ModelError, match=r"shape of occupation = \(1,\): \(41,\) is needed"):
        excited_population(held(TIMES), QUIET, start=np.zeros(41), occupation=np.zeros(1), cutoff=8)


def test_contacts_that_are_followed_together_do_not_know_of_each_other():
    t = np.array([0.0, 3 * ns, 10 * ns, 47 * ns])
    n = np.array([0.0, 0.1, 0.2, 0.3])
    together = excited_population(held(t, steps=20), LOSSY, start=np.full(4, 0.7), occupation=n, cutoff=9)
    apart = [
        excited_population(held(one, steps=20), LOSSY, start=np.array([0.7]), occupation=np.array([m]), cutoff=9)[0]
        for one, m in zip(t, n, strict=True)
    ]
    np.testing.assert_allclose(together, apart, atol=1e-12)
    assert together[0] == pytest.approx(0.7)
