"""One repetition's cycle: qubits by themselves against QuTiP and closed forms, the line against its own equation."""

import numpy as np
import pytest
from scipy.integrate import solve_ivp
from scipy.linalg import expm

from coldlink.instruments.simulated.dynamics import Dynamics
from coldlink.instruments.simulated.plant import LinkPlant
from coldlink.sequences.errors import ModelError

from ...direct_link import driven
from .rack import (
    COUPLER,
    FAST,
    FLUX,
    IDLE,
    LOAD,
    PERIOD,
    SLOW,
    TWO_PI,
    drive,
    of_qubits,
    plant,
    populations,
    read,
    repetition,
    square,
    wave,
)

PI = np.pi
ON, RESONANT = 0.4824, (0.3643, 0.3277)
"""Coupler at g/2pi = 6.65 MHz, and each qubit on the mode meanwhile (fractions of full scale)."""


def meet(qubit: int, start: float, duration: float):
    """The qubit on the mode with its coupler on."""
    return (
        square(COUPLER[qubit], start, duration, ON),
        square(FLUX[qubit], start, duration, RESONANT[qubit]),
    )


def excited(on: LinkPlant, *events, qubit: int = 0, point: int = 0) -> float:
    return float(populations(on, *events)[point].sum(axis=1 - qubit)[1])


# --- qubits ----------------------------------------------------------------------------------------------------------


def carried(on: LinkPlant, pulses, detuned, until: float) -> np.ndarray:
    """Populations of qubit A by QuTiP, in the frame of its rest. detuned: Begin, end (s) and detuning (rad/s)."""
    p = on.truth.network.links[0].qubits[0].residual_population
    weights = (p / (1 - p)) ** np.arange(3)
    rho, now = np.diag(weights / weights.sum()).astype(complex), 0.0
    edges = sorted({0.0, until, *detuned[:2], *(t for w in pulses for t in (w.start, w.start + w.duration))})
    for end in edges[1:]:
        middle = (now + end) / 2
        (playing,) = [w for w in pulses if w.start < middle < w.start + w.duration] or [None]
        shift = detuned[2] if detuned[0] < middle < detuned[1] else 0.0

        def turning(t, playing=playing, now=now):
            t = t + now
            phase = TWO_PI * (playing.oscillator * t + playing.frequency * (t - playing.start)) + playing.phase
            size = PI * on.truth.drives[0].rabi_rate * playing.envelope[0].real
            return size * np.exp(-1j * (phase - TWO_PI * IDLE[0] * t))

        rho = driven(on.truth.network.links[0], 0, rho, shift, None if playing is None else turning, end - now)
        now = end
    return np.diag(rho).real


@pytest.mark.parametrize("phase", [0.0, PI / 2, PI, 4.0])
def test_a_second_pulse_is_coherent_with_the_first_through_detunings_of_carrier_and_qubit(phase):
    on = plant(of_qubits(quasi_static=0.0))
    grid = 1 / SLOW
    pulses = [drive(0, 400 * grid, 1.4, detuning=3e6), drive(0, 460 * grid, 1.7, detuning=3e6, phase=phase)]
    begin, end = 450 * grid, 450 * grid + round(60e-9 * FAST) / FAST
    height = 0.02
    flux = on.truth.qubit_flux[0].flux(on.biases["a.flux.bias"], np.array([height]))
    shift = TWO_PI * (float(on.truth.network.links[0].qubits[0].transmon.frequency(flux)[0]) - IDLE[0])
    found = populations(on, *pulses, square(FLUX[0], begin, end - begin, height), read(0, 1.5e-6))[0].sum(axis=1)
    assert abs(shift) > TWO_PI * 1e6
    assert found == pytest.approx(carried(on, pulses, (begin, end, shift), 1.5e-6), abs=2e-4)


def ramsey(on: LinkPlant, pause: float) -> float:
    """Contrast between a second half turn that goes on and one that goes back."""
    length, start = 2 / SLOW, 1e-6
    pair = [
        excited(
            on,
            drive(0, start, PI / 2, duration=length),
            drive(0, start + length + pause, PI / 2, duration=length, phase=phase),
            read(0, start + 2 * length + pause),
        )
        for phase in (0.0, PI)
    ]
    return pair[0] - pair[1]


@pytest.mark.parametrize("pause", [0.2e-6, 0.5e-6, 1e-6, 2.1e-6])
def test_quasi_static_noise_takes_contrast_as_a_gaussian_of_the_pause(pause):
    spread = 0.3e6
    quiet, noisy = (plant(of_qubits(quasi_static=value, t_phi=1.0)) for value in (0.0, spread))
    # A square half turn of length t counts as 2 t / pi of pause.
    phase = TWO_PI * spread * (pause + 4 / PI * 2 / SLOW)
    assert ramsey(noisy, pause) / ramsey(quiet, pause) == pytest.approx(np.exp(-(phase**2) / 2), abs=3e-3)


@pytest.mark.parametrize("pause", [0.5e-6, 3e-6])
def test_white_noise_and_relaxation_take_contrast_exponentially(pause):
    on = plant(of_qubits(quasi_static=0.0, t1=10e-6, t_phi=4e-6, residual_population=0.0))
    base = ramsey(on, 0.1e-6)
    ratio = ramsey(on, pause) / base
    assert ratio == pytest.approx(np.exp(-(pause - 0.1e-6) * (1 / 20e-6 + 1 / 4e-6)), abs=2e-3)


@pytest.mark.parametrize("wait", [5e-6, 20e-6])
def test_an_excited_qubit_goes_down_and_up_as_the_rates_between_its_levels_say(wait):
    p, t1, on = 0.1, 15e-6, plant(of_qubits(residual_population=0.1))
    whole, end = drive(0, 1e-6, PI, duration=20 / SLOW), 1e-6 + 20 / SLOW
    before, after = (populations(on, whole, read(0, end + pause))[0].sum(axis=1) for pause in (0.0, wait))
    jumps = np.diag([p / t1, 2 * p / t1], -1) + np.diag([(1 - p) / t1, 2 * (1 - p) / t1], 1)
    assert after == pytest.approx(expm((jumps - np.diag(jumps.sum(axis=0))) * wait) @ before, abs=1e-5)


def test_each_trial_of_a_repetition_is_what_it_would_be_alone():
    on, second = plant(), 160e-6
    half, whole = drive(0, 1e-6, PI / 2), drive(1, second + 1e-6, PI)
    first, other = populations(
        on, half, read(0, 1.1e-6), read(1, 1.1e-6), whole, read(1, second + 1.1e-6), period=320e-6
    )
    alone = populations(on, half, read(0, 1.1e-6), read(1, 1.1e-6))[0]
    assert first == pytest.approx(alone, abs=1e-4)
    assert other == pytest.approx(populations(on, drive(1, 1e-6, PI), read(1, 1.1e-6))[0], abs=1e-4)
    assert (first.sum(), other.sum()) == pytest.approx((1, 1), abs=1e-12)


# --- line ------------------------------------------------------------------------------------------------------------


class Watched(Dynamics):
    """Writes down when contacts begin and how many photons the line holds then."""

    def window(self, contact, occupations, read, rest):
        self.begun.append((contact.start, occupations[0], read))
        return super().window(contact, occupations, read, rest)


def watched(on: LinkPlant) -> LinkPlant:
    on.dynamics = Watched(on.truth)
    on.dynamics.begun = []
    return on


def closing(start: float, ramp: float, hold: float):
    """The load closes in `ramp`, stays closed, and opens."""
    rise = np.sin(PI / 2 * (np.arange(round(ramp * FAST)) + 0.5) / round(ramp * FAST)) ** 2
    return wave(LOAD, start, 0.3423 * np.concatenate([rise, np.ones(round(hold * FAST)), rise[::-1]]))


def followed(on: LinkPlant, load, times) -> np.ndarray:
    """dn/dt = kappa_i (n_h - n) + kappa_L(t) (n_c - n) through a waveform of the load, by an ODE integrator."""
    rates, held = on.truth.network.links[0].rates(), on.truth

    def kappa(t):
        index = int(np.floor((t - load.start) * FAST))
        fraction = load.envelope[index].real if 0 <= index < load.envelope.size else 0.0
        flux = held.load_flux[0].flux(on.biases["line.load.bias"], np.array([fraction]))
        return float(on.truth.network.links[0].load.kappa(flux, on.truth.network.links[0].mode_frequency)[0])

    def slope(t, n):
        return rates.internal[0] * (rates.hot[0] - n) + kappa(t) * (rates.cold[0] - n)

    open_rate = kappa(-1.0)
    cold = (rates.internal[0] * rates.hot[0] + open_rate * rates.cold[0]) / (rates.internal[0] + open_rate)
    solved = solve_ivp(slope, (load.start, max(times)), [cold], t_eval=times, max_step=0.05e-9, rtol=1e-8)
    return solved.y[0]


def test_the_line_warms_and_cools_through_the_loads_ramps_as_its_scalar_equation_says():
    on = watched(plant())
    load = closing(1e-6, 20e-9, 300e-9)
    starts = [1.012e-6, 1.3e-6, 1.37e-6]
    touches = [square(COUPLER[0], start, 2 / FAST, ON) for start in starts]
    # One contact in each repetition, for a contact itself changes the line.
    for touch in touches:
        populations(on, load, touch, read(0, 2e-6))
    begun = sorted({(time, photons) for time, photons, _ in on.dynamics.begun})
    expected = followed(on, load, [time for time, _ in begun])
    assert [time for time, _ in begun] == pytest.approx(starts, abs=1 / FAST)
    assert [photons for _, photons in begun] == pytest.approx(list(expected), rel=1e-3)
    assert expected[1] > 10 * max(expected[0], expected[2])


def test_at_rest_the_line_holds_six_hundredths_of_a_photon():
    on = watched(plant())
    populations(on, square(COUPLER[0], 1e-6, 2 / FAST, ON), read(0, 2e-6))
    assert on.dynamics.begun[0][1] == pytest.approx(0.060, abs=5e-4)


# --- contacts --------------------------------------------------------------------------------------------------------


def test_a_qubit_that_meets_the_line_twice_in_a_trial_is_followed_although_only_the_other_one_is_read():
    on = watched(plant())
    early, late = meet(0, 1.1e-6, 10e-9), (*meet(0, 1.6e-6, 50e-9), *meet(1, 1.6e-6, 50e-9))
    whole = drive(0, 1e-6, PI)
    only_b = excited(on, whole, *early, *late, read(1, 1.8e-6), qubit=1)
    assert [start for start, _, _ in on.dynamics.begun[:2]] == pytest.approx([1.1e-6, 1.6e-6], abs=2 / FAST)
    assert on.dynamics.begun[0][2] == {0, 1}
    assert only_b == pytest.approx(
        excited(on, whole, *early, *late, read(0, 1.8e-6), read(1, 1.8e-6), qubit=1), abs=1e-3
    )
    assert abs(only_b - excited(on, *early, *late, read(1, 1.8e-6), qubit=1)) > 0.02


@pytest.mark.parametrize(("pause", "count"), [(30e-9, 1), (170e-9, 1), (190e-9, 2)])
def test_two_contacts_are_followed_as_one_while_the_line_with_its_open_load_remembers(pause, count):
    first, second = meet(0, 1e-6, 20e-9), meet(1, 1.02e-6 + pause, 20e-9)
    found = plant().cycle(repetition(*first, *second, read(1, 2e-6))).contacts
    assert len(found) == count
    assert frozenset().union(*(contact.active for contact in found)) == {0, 1}


def test_a_contact_after_the_last_readout_is_felt_in_the_next_repetition():
    on = plant()
    again = excited(on, *meet(0, PERIOD - 5e-6, 40e-9), read(0, 1e-6))
    same = excited(on, *meet(0, 1e-6, 40e-9), read(0, 7e-6))
    assert again == pytest.approx(same, abs=2e-4)
    assert again - excited(on, read(0, 1e-6)) > 0.005


# --- what is not followed --------------------------------------------------------------------------------------------

REFUSED = {
    "a drive while a coupler is on": (drive(0, 1e-6, PI), *meet(1, 1.01e-6, 40e-9), read(0, 2e-6)),
    "a drive that goes on when a coupler begins": (drive(0, 1e-6, PI), *meet(0, 1.019e-6, 40e-9), read(0, 2e-6)),
    "a drive while the qubit is read": (drive(0, 1.5e-6, PI), read(0, 1e-6)),
    "a drive that goes on when the readout begins": (drive(0, 1e-6, PI), read(0, 1.01e-6)),
    "a coupler that goes on when the readout begins": (*meet(0, 1e-6, 40e-9), read(0, 1.02e-6)),
    "two drives at once": (drive(0, 1e-6, PI), drive(0, 1.01e-6, PI), read(0, 2e-6)),
    "a drive that goes on when the readout of the other qubit begins": (drive(0, 1e-6, PI), read(1, 1.01e-6)),
    "a drive that goes on when the readout of the other qubit ends": (drive(0, 1.99e-6, PI), read(1, 1e-6, 1e-6)),
}


@pytest.mark.parametrize("case", REFUSED)
def test_what_the_twin_does_not_follow_is_refused(case):
    with pytest.raises(ModelError):
        plant().cycle(repetition(*REFUSED[case]))


def test_events_that_touch_are_not_refused():
    on, end = plant(), 1e-6 + 9 / SLOW
    touching = drive(0, 1e-6, PI, duration=9 / SLOW), *meet(0, end, 40e-9)
    assert populations(on, *touching, read(0, end + round(40e-9 * FAST) / FAST))[0].sum() == pytest.approx(1)
