"""Quasi-static detunings within a contact: a shot has the same one before it, in it and after it."""

import numpy as np
import pytest

from coldlink.physics import reference
from coldlink.physics.controls import Controls

from .rack import (
    COUPLER,
    FLUX,
    LOAD,
    SLOW,
    TWO_PI,
    drive,
    of_qubits,
    plant,
    populations,
    read,
    repetition,
    square,
)

PI = np.pi
ON, RESONANT, CLOSED = 0.4824, 0.3643, 0.3423
"""Coupler of A at g/2pi = 6.65 MHz, A on the mode meanwhile, and the load closed (fractions of full scale)."""
BACK = 76e-9
"""Out into the mode and back (s)."""
TURN = 13 / SLOW
GAP = 1 / SLOW


def met(start: float, length: float, height: float = RESONANT):
    """A with its coupler on, and its flux at `height`, while the load is closed."""
    return (
        square(LOAD, start - 1e-9, length + 2e-9, CLOSED),
        square(COUPLER[0], start, length, ON),
        square(FLUX[0], start, length, height),
    )


def contrast(on, events, last: float) -> float:
    """Of A's fringe against the phase of a half turn at `last` (s), which follows `events`."""
    total = 0.0
    for phase in (0.0, PI / 2, PI, 3 * PI / 2):
        half = drive(0, last, PI / 2, duration=TURN, phase=phase)
        found = populations(on, *events, half, read(0, last + TURN))[0]
        total += found.sum(axis=1)[1] * np.exp(-1j * phase)
    return float(abs(total))


SPREAD = 0.8e6
QUIET = {"t_phi": 1e3}


@pytest.fixture(scope="module")
def pair():
    """Without and with quasi-static noise."""
    return [plant(of_qubits(quasi_static=value, **QUIET)) for value in (0.0, SPREAD)]


def kept(pair, events, last: float) -> float:
    """Part of the contrast that the noise leaves."""
    quiet, noisy = (contrast(on, events, last) for on in pair)
    assert quiet > 0.5
    return noisy / quiet


HALF = 2 / PI * TURN
"""As long as this a square half turn lets a phase gather (s)."""


@pytest.mark.parametrize("pause", [50e-9, 300e-9])
def test_the_phases_of_a_pause_and_of_a_contact_add_up_before_they_are_squared(pair, pause):
    start = 1e-6
    contact = start + TURN + GAP
    last = round((contact + BACK + pause) * SLOW) / SLOW
    found = kept(pair, (drive(0, start, PI / 2, duration=TURN), *met(contact, BACK)), last)
    alone = last - start - TURN - BACK + 2 * HALF
    # To and fro the excitation is in the qubit for half of the time.
    together = TWO_PI * SPREAD * (alone + BACK / 2)
    apart = TWO_PI * SPREAD * np.hypot(alone, BACK / 2)
    assert found == pytest.approx(np.exp(-(together**2) / 2), abs=1e-2)
    assert np.exp(-(apart**2) / 2) - found > 4e-2


def test_an_echo_takes_back_in_a_contact_what_a_pause_before_it_has_turned(pair):
    start, turn = 1e-6, drive(0, 1e-6, PI / 2, duration=TURN)
    before = round(60e-9 * SLOW) / SLOW
    whole = drive(0, start + TURN + before, PI, duration=TURN)
    contact = start + 2 * TURN + before + GAP
    last = round((contact + before + BACK / 2 - GAP) * SLOW) / SLOW
    assert kept(pair, (turn, whole, *met(contact, BACK)), last) == pytest.approx(1, abs=4e-3)
    assert kept(pair, (turn, whole), last) < 1 - 1.2e-2


def test_a_contact_averages_what_the_plain_solver_gives_at_many_detunings(pair):
    """A's excitation after swings beside the resonance, with a spread that no polynomial follows."""
    on = plant(of_qubits(quasi_static=2e6, **QUIET))
    whole, length = drive(0, 1e-6, PI, duration=TURN), 150e-9
    start = 1e-6 + TURN + GAP
    cycle = on.cycle(repetition(whole, *met(start, length, 0.35), read(0, start + length + 1e-9)))
    (contact,) = cycle.contacts
    found = float(cycle.populations()[0].sum(axis=1)[1])
    bare = on.cycle(repetition(whole, read(0, start)))
    begun = np.diag(bare.populations()[0].sum(axis=1)).astype(complex)
    x = np.linspace(-4.2, 4.2, 15)
    weights = np.exp(-(x**2) / 2)
    shots = [_plainly(cycle, contact, begun, TWO_PI * 2e6 * value) for value in x]
    assert found == pytest.approx(weights @ shots / weights.sum(), abs=cycle.error + 2e-4)
    assert abs(found - shots[7]) > 10 * (cycle.error + 2e-4)


def _plainly(cycle, contact, begun, shift: float) -> float:
    """A's excited population after a contact in which B has no part."""
    rates, steps = cycle.dynamics.lines[0], contact.controls
    alone = {name: getattr(rates, name)[:1] for name in ("anharmonicity", "relaxation", "excited", "dephasing")}
    alone["parity"] = rates.parity[:1]
    own = type(rates)(**alone, **{name: getattr(rates, name) for name in ("internal", "hot", "cold", "detuning")})
    moved = Controls(
        duration=np.array([steps.duration.sum()]),
        qubit=steps.qubit[:1, :1] + shift,
        coupling=steps.coupling[:1, :1],
        mode=steps.mode[:1],
        load=steps.load[:1],
    )
    rho = np.kron(begun, reference.thermal((10,), cycle.rest.occupations[0]))
    after = reference.propagate(rho, own, moved, (3,), (10,), step=0.5e-9)
    return float(reference.reduce(after, (0,), (3,), (10,))[1, 1].real)
