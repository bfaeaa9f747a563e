"""Photons that ring on after a readout: against QuTiP's qubit and resonator, and through the plant."""

from dataclasses import replace

import numpy as np
import pytest
import qutip

from coldlink.instruments.simulated.followed import FollowedRun
from coldlink.instruments.simulated.ringing import Ringing

from .rack import FLUX, SLOW, TWO_PI, drive, look, of_qubits, plant, populations, read, repetition, square

PI = np.pi
KAPPA, PULL, PHOTONS = TWO_PI * 2e6, -TWO_PI * 1e6, 1.5


def coherence(delay: float, times: np.ndarray) -> np.ndarray:
    """2 rho_10 of a qubit that a half turn, `delay` (s) after the tone, splits; `times` (s) after that."""
    a, up = qutip.tensor(qutip.qeye(2), qutip.destroy(14)), qutip.tensor(qutip.num(2), qutip.qeye(14))
    energy, loss = PULL * up * a.dag() * a, [np.sqrt(KAPPA) * a]
    options = {"atol": 1e-10, "rtol": 1e-9, "nsteps": 100_000}
    begun = qutip.tensor(qutip.basis(2, 0), qutip.coherent(14, np.sqrt(PHOTONS), method="analytic"))
    waited = qutip.mesolve(energy, begun, [0, delay], loss, options=options).states[-1]
    half = qutip.tensor((qutip.qeye(2) + qutip.Qobj([[0, -1], [1, 0]])) / np.sqrt(2), qutip.qeye(14))
    state = half * waited * half.dag()
    lowered = qutip.tensor(qutip.Qobj([[0, 1], [0, 0]]), qutip.qeye(14))
    found = qutip.mesolve(energy, state, [0, *times], loss, e_ops=[lowered], options=options)
    return 2 * np.array(found.expect[0][1:])


@pytest.mark.parametrize("delay", [1e-9, 80e-9])
def test_a_coherence_fades_and_turns_as_that_of_a_qubit_and_a_resonator(delay):
    times = np.array([20e-9, 60e-9, 150e-9, 500e-9])
    ring = Ringing(start=1e-6, photons=PHOTONS, pull=PULL, loss=KAPPA, split=1e-6 + delay)
    edges = np.concatenate([[ring.split], ring.split + times])
    found = np.exp(np.cumsum(ring.logarithm(edges)))
    exact = coherence(delay, times)
    assert found == pytest.approx(exact, abs=2e-3)
    assert abs(exact[-1]) < 0.97


def test_what_rings_adds_up_over_any_edges_and_ends():
    ring = Ringing(start=1e-6, photons=PHOTONS, pull=PULL, loss=KAPPA, split=1.1e-6)
    fine = ring.logarithm(np.linspace(0.9e-6, 2e-6, 101))
    assert fine.sum() == pytest.approx(ring.logarithm(np.array([0.9e-6, 2e-6]))[0])
    assert np.all(fine[:9] == 0)
    assert not ring.over(1.5e-6)
    assert ring.over(3e-6)
    assert abs(ring.logarithm(np.array([3e-6, 4e-6]))[0]) < 1e-6


def loud(photons: float):
    """A change of the truth: slow noise is off, and a full-scale tone makes so many photons."""

    def change(held):
        quiet = of_qubits(quasi_static=0.0, t_phi=1.0)(held)
        return replace(quiet, resonators=tuple(replace(one, photons=photons) for one in quiet.resonators))

    return change


TURN = 4 / SLOW


def fringe(on, pause: float, free: float, *between) -> complex:
    """Contrast and phase of A's fringe that begins a `pause` (s) after a readout and lasts for `free` (s)."""
    end, total = 1e-6 + 2e-6, 0.0
    first = round((end + pause) * SLOW) / SLOW
    second = round((first + free) * SLOW) / SLOW
    for phase in np.arange(4) * PI / 2:
        halves = drive(0, first, PI / 2, duration=TURN), drive(0, second, PI / 2, duration=TURN, phase=phase)
        found = populations(on, *look(0, 1e-6, 2e-6), *halves, *between, read(0, second + TURN))
        total += found[1].sum(axis=1)[1] * np.exp(-1j * phase)
    return complex(total)


@pytest.mark.parametrize("pause", [10e-9, 100e-9])
def test_a_fringe_after_a_readout_has_less_contrast_and_another_phase(pause):
    """What the plant makes of a fringe is the closed form's between the middles of its pulses."""
    photons, free = 300.0, 120e-9
    on, still = plant(loud(photons)), plant(loud(0.0))
    ratio = fringe(on, pause, free) / fringe(still, pause, free)
    resonator, model = on.truth.resonators[0], on.truth.network.links[0].qubits[0].transmon
    resonances = resonator.resonances(5.11e9, model.anharmonicity, 2)
    left = photons * 0.1**2 * np.mean(1 / (1 + (2 * (6.35e9 - resonances) / 2e6) ** 2))
    first = round((3e-6 + pause) * SLOW) / SLOW
    begin, end = first + TURN / 2, round((first + free) * SLOW) / SLOW + TURN / 2
    pull = TWO_PI * float(resonances[1] - resonances[0])
    rate = KAPPA + 1j * pull
    n = left * np.exp(-KAPPA * (begin - 3e-6))
    logarithm = -1j * pull * n * (1 - np.exp(-rate * (end - begin))) / rate
    # A flux that lowers the qubit shows which way a lower qubit turns the fringe.
    lowering = square(FLUX[0], begin + 20e-9, 60e-9, 0.01)
    lowered = fringe(still, pause, free, lowering) / fringe(still, pause, free)
    assert model.slope(0.1) < 0
    assert pull < 0
    turn = np.sign(np.angle(lowered)) * abs(logarithm.imag)
    assert abs(logarithm) > 0.1
    assert ratio == pytest.approx(np.exp(logarithm.real + 1j * turn), abs=0.02)


def test_long_after_a_readout_nothing_rings():
    on, still = plant(loud(300.0)), plant(loud(0.0))
    assert fringe(on, 1.5e-6, 100e-9) == pytest.approx(fringe(still, 1.5e-6, 100e-9), abs=1e-5)


def test_a_pulse_into_the_ringing_field_is_off_resonance_by_what_it_pulls():
    """A weak whole turn lets the qubit be; the same one detuned as the field pulls on the mean turns it again."""
    on, still, pause = plant(loud(1500.0)), plant(loud(0.0)), 5e-9

    def turned(held, detuning: float) -> float:
        start = round((3e-6 + pause) * SLOW) / SLOW
        pulse = drive(0, start, PI, duration=30e-9, detuning=detuning)
        return float(populations(held, *look(0, 1e-6, 2e-6), pulse, read(0, start + 31e-9))[1].sum(axis=1)[1])

    assert turned(still, 0.0) > 0.9
    assert turned(on, 0.0) < 0.95 * turned(on, -8e6)


def test_shots_that_are_followed_feel_the_tone_that_each_of_them_had():
    on, other = plant(loud(300.0)), plant(loud(300.0))
    run = FollowedRun(on.dynamics, on._volts, on.rng)
    first = round(3.01e-6 * SLOW) / SLOW
    halves = [drive(0, start, PI / 2, duration=TURN) for start in (first, first + 48 / SLOW)]
    for height in (0.1, 0.3) * 12:
        tone, window = look(0, 1e-6, 2e-6)
        louder = replace(tone, envelope=tone.envelope / 0.1 * height)
        played = repetition(louder, window, *halves, *look(0, halves[1].start + 2 * TURN, 2e-6))
        other.rng.bit_generator.state = on.rng.bit_generator.state
        found = [run.answer(replace(played, period=np.nan), number) for number in (0, 1)]
        run.close(played)
        assert found == pytest.approx([samples.sum() for samples in other.traces(played, played.windows)], rel=1e-9)
