"""Echoes of qubits that jump: dwell times against the Markov chain, tones against the integral, errors as designed."""

from dataclasses import replace

import numpy as np
import pytest
from scipy.linalg import expm

from coldlink.instruments.simulated.board import Played, Window
from coldlink.instruments.simulated.dispersive import echoes
from coldlink.instruments.simulated.jumps import MOST_JUMPS, jumps
from coldlink.physics import Rates, Resonator
from coldlink.physics.apparatus import NetworkApparatus
from coldlink.stations.declaration import declaration
from coldlink.stations.truth_file import truth

from ...one_mode import STATIONS

SHOTS = 100_000
ONE, MODE = np.ones(1), np.ones(1)
RESONATOR = Resonator(
    bare_frequency=6.347e9, coupling=65e6, linewidth=2e6, gain=1000.0, phase=0.4, noise=300.0, delay=93e-9, photons=50.0
)
RESONANCES = np.array([6.3505e9, 6.3495e9, 6.3485e9])
WINDOW = Window(readout=2, start=1e-6 + 93e-9, length=2e-6, samples=77, frequency=6.35e9, phase=0.9)
TONE = Played(
    generator=4,
    start=1e-6,
    sample_rate=1 / 2e-6,
    envelope=np.array([0.2 + 0j]),
    oscillator=6.4e9,
    frequency=-50e6,
    phase=0.3,
)


def rates(t1: float, excited: float) -> Rates:
    return Rates(
        anharmonicity=-1e9 * ONE,
        relaxation=ONE / t1,
        excited=excited * ONE,
        dephasing=0 * ONE,
        parity=np.ones((1, 1)),
        internal=MODE,
        hot=MODE,
        cold=MODE,
        detuning=0 * MODE,
    )


def chain(t1: float, p: float) -> np.ndarray:
    """Rates from level to level, shape (from, to)."""
    up, down = p / t1 * np.array([1.0, 2.0]), (1 - p) / t1 * np.array([1.0, 2.0])
    matrix = np.diag(up, 1) + np.diag(down, -1)
    return matrix - np.diag(matrix.sum(axis=1))


def hear(level: int, *tones: Played, t1: float = 1.0, shots: int = 1000, resonator=RESONATOR, window=WINDOW, lead=0.0):
    return sampled(level, *tones, t1=t1, shots=shots, resonator=resonator, window=window, lead=lead)[:, 0]


def sampled(level: int, *tones: Played, t1=1.0, shots=1, resonator=RESONATOR, window=WINDOW, lead=0.0, **more):
    return echoes(
        np.full(shots, level),
        rates=rates(t1, 0.0),
        qubit=0,
        resonator=resonator,
        resonances=RESONANCES,
        window=window,
        tones=list(tones),
        rng=np.random.default_rng(1),
        lead=lead,
        **more,
    )[0]


@pytest.mark.parametrize("level", [0, 1, 2])
@pytest.mark.parametrize(("t1", "p"), [(15e-6, 0.2), (2e-6, 0.3)])
def test_the_mean_time_in_each_level_is_that_of_the_markov_chain(level, t1, p):
    length = 4e-6
    found = jumps(np.full(SHOTS, level), rates(t1, p), 0, length, np.random.default_rng(2), 3)[0][:, 0]
    blocks = np.block([[chain(t1, p), np.eye(3)], [np.zeros((3, 6))]])
    expected = expm(blocks * length)[level, 3:]
    assert np.allclose(found.sum(axis=1), length)
    assert np.all(abs(found.mean(axis=0) - expected) < 4 * found.std(axis=0) / np.sqrt(SHOTS) + 1e-15)


@pytest.mark.parametrize("level", [0, 1, 2])
def test_the_level_at_the_end_is_that_of_the_markov_chain(level):
    t1, p, length = 2e-6, 0.3, 1.5e-6
    end = jumps(np.full(SHOTS, level), rates(t1, p), 0, length, np.random.default_rng(4), 3)[1]
    expected = expm(chain(t1, p) * length)[level]
    found = np.bincount(end, minlength=3) / SHOTS
    assert np.all(abs(found - expected) < 4 * np.sqrt(expected * (1 - expected) / SHOTS))


def test_a_qubit_that_is_heard_late_has_decayed_before():
    quiet = replace(RESONATOR, noise=0.0)
    lead, t1 = 1e-6, 1e-6
    late = hear(1, TONE, resonator=quiet, t1=t1, lead=lead, shots=20_000, window=replace(WINDOW, length=1e-9))
    early = hear(1, TONE, resonator=quiet, t1=t1, shots=1, window=replace(WINDOW, length=1e-9))[0]
    down = hear(0, TONE, resonator=quiet, t1=t1, shots=1, window=replace(WINDOW, length=1e-9))[0]
    assert np.mean(np.abs(late - early) < np.abs(late - down)) == pytest.approx(np.exp(-lead / t1), abs=0.015)


def test_a_qubit_that_jumps_all_the_time_is_seen_at_its_mean():
    length, p = 4e-6, 0.3
    found = jumps(np.zeros(1000, int), rates(1e-10, p), 0, length, np.random.default_rng(5), 3)[0][:, 0] / length
    weights = (p / (1 - p)) ** np.arange(3)
    assert found.mean(axis=0) == pytest.approx(weights / weights.sum(), abs=0.02)
    assert np.all(found.std(axis=0) < 3 / np.sqrt(MOST_JUMPS))


def test_a_qubit_that_only_decays_does_so_after_exponential_times():
    t1, length = 3e-6, 4e-6
    stay = jumps(np.ones(SHOTS, int), rates(t1, 0.0), 0, length, np.random.default_rng(3), 3)[0][:, 0, 1]
    for time in (0.5e-6, 2e-6, 3.9e-6):
        survived, expected = np.mean(stay > time), np.exp(-time / t1)
        assert abs(survived - expected) < 4 * np.sqrt(expected * (1 - expected) / SHOTS)
    assert np.mean(stay == length) == pytest.approx(np.exp(-length / t1), abs=0.006)


def test_a_jump_shifts_the_echo_in_proportion_to_the_time_in_each_level():
    quiet = replace(RESONATOR, noise=0.0)
    ground, excited = (hear(level, TONE, resonator=quiet, shots=1)[0] for level in (0, 1))
    mixed = hear(1, TONE, resonator=quiet, t1=2e-6)
    fraction = (mixed - excited) / (ground - excited)
    assert np.abs(fraction.imag).max() < 1e-9
    assert 0 <= fraction.real.min() <= fraction.real.max() < 1
    assert np.ptp(fraction.real) > 0.5


@pytest.mark.parametrize("level", [0, 1, 2])
@pytest.mark.parametrize(
    ("start", "duration", "detuning"),
    [(1e-6, 2e-6, 0.0), (1.7e-6, 2e-6, 0.0), (0.2e-6, 2e-6, 0.15e6), (1.5e-6, 0.8e-6, -0.4e6)],
)
def test_an_echo_is_the_integral_of_the_tone_against_the_local_oscillator(level, start, duration, detuning):
    tone = replace(TONE, start=start, sample_rate=1 / duration, frequency=TONE.frequency + detuning)
    time = WINDOW.start + (np.arange(200_000) + 0.5) / 200_000 * WINDOW.length
    sent = time - RESONATOR.delay
    carrier = tone.oscillator * sent + tone.frequency * (sent - tone.start) + tone.phase / (2 * np.pi)
    local = WINDOW.frequency * (time - WINDOW.start) + (WINDOW.phase - RESONATOR.phase) / (2 * np.pi)
    beat = np.exp(2j * np.pi * (carrier - local))
    on = (sent >= tone.start) & (sent < tone.start + duration)
    pull = 2 * (tone.oscillator + tone.frequency - RESONANCES[level]) / RESONATOR.linewidth
    expected = WINDOW.samples * 0.2 * RESONATOR.gain / (1 + 1j * pull) * np.mean(beat * on)
    found = hear(level, tone, resonator=replace(RESONATOR, noise=0.0), shots=1)[0]
    assert found == pytest.approx(expected, rel=1e-3)


def test_without_a_tone_there_is_only_the_amplifier():
    heard = hear(1)
    sigma = RESONATOR.noise * np.sqrt(WINDOW.samples)
    assert abs(heard.mean()) < 4 * sigma * np.sqrt(2 / heard.size)
    assert heard.real.std() == pytest.approx(sigma, rel=0.1)
    assert heard.imag.std() == pytest.approx(sigma, rel=0.1)


def test_a_tone_that_comes_when_half_of_the_window_is_over_gives_half_an_echo():
    quiet = replace(RESONATOR, noise=0.0)
    whole, half = (hear(0, replace(TONE, start=start), resonator=quiet, shots=1)[0] for start in (1e-6, 2e-6))
    assert abs(half) == pytest.approx(abs(whole) / 2)


def test_a_tone_one_turn_off_the_window_averages_out():
    quiet = replace(RESONATOR, noise=0.0)
    wrong = replace(TONE, frequency=TONE.frequency + 1 / WINDOW.length)
    assert abs(hear(0, wrong, resonator=quiet, shots=1)[0]) < 1e-6 * abs(hear(0, TONE, resonator=quiet, shots=1)[0])


# --- sample by sample ------------------------------------------------------------------------------------------------


def test_samples_of_a_qubit_that_stays_add_up_to_the_sum_wherever_the_tone_lies():
    quiet = replace(RESONATOR, noise=0.0)
    for tone in (TONE, replace(TONE, start=1.7e-6), replace(TONE, start=0.3e-6, frequency=TONE.frequency + 0.3e6)):
        whole = hear(1, tone, resonator=quiet, shots=1)[0]
        samples = sampled(1, tone, resonator=quiet, parts=WINDOW.samples)[0]
        assert samples.sum() == pytest.approx(whole, rel=1e-6)
    late = sampled(1, replace(TONE, start=2e-6), resonator=quiet, parts=WINDOW.samples)[0]
    assert np.flatnonzero(late)[0] == WINDOW.samples // 2


def test_the_noise_of_samples_adds_up_to_that_of_the_sum():
    samples = sampled(0, parts=WINDOW.samples, shots=2000)
    assert samples.real.std() == pytest.approx(RESONATOR.noise, rel=0.01)
    assert samples.sum(axis=1).real.std() == pytest.approx(RESONATOR.noise * np.sqrt(WINDOW.samples), rel=0.06)


def test_a_sample_shows_the_level_at_its_own_time():
    quiet, t1 = replace(RESONATOR, noise=0.0), 0.7e-6
    up, down = (sampled(level, TONE, resonator=quiet, parts=WINDOW.samples)[0] for level in (1, 0))
    found = sampled(1, TONE, resonator=quiet, t1=t1, parts=WINDOW.samples, shots=4000)
    excited = ((found - down) / (up - down)).real
    # Each shot falls once and for all, in the midst of one sample.
    assert np.all(np.diff(excited) < 1e-9)
    assert np.mean((excited > 1e-9) & (excited < 1 - 1e-9)) < 2 / WINDOW.samples
    middle = (np.arange(WINDOW.samples) + 0.5) * WINDOW.length / WINDOW.samples
    assert excited.mean(axis=0) == pytest.approx(np.exp(-middle / t1), abs=0.03)


def test_a_qubit_that_is_read_late_in_its_window_jumps_from_then_on():
    early, t1, parts = 0.5e-6, 1e-6, 40
    dwell = jumps(
        np.ones(SHOTS, int), rates(t1, 0.0), 0, 1.5e-6, np.random.default_rng(6), 3, early=early, parts=parts
    )[0]
    assert np.all(dwell[:, :10] == 0)
    assert dwell[:, 10:].sum(axis=2) == pytest.approx(2e-6 / parts)
    late = (np.arange(30) + 0.5) * 2e-6 / parts
    assert dwell[:, 10:, 1].mean(axis=0) / (2e-6 / parts) == pytest.approx(np.exp(-late / t1), abs=0.006)


# --- errors ----------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("qubit", [0, 1])
@pytest.mark.parametrize(("station", "expected"), [("sim_4k", (0.055, 0.164)), ("sim_1k", (0.005, 0.012))])
def test_the_readout_errors_of_a_station_emerge_from_separation_and_t1(station, expected, qubit):
    design = declaration(STATIONS / station).design()
    node, held = design.operation.tones[qubit], truth(STATIONS / station, NetworkApparatus.of(design))
    tone = replace(
        TONE, sample_rate=1 / node.duration, envelope=np.array([node.amplitude + 0j]), frequency=node.frequency - 6.4e9
    )
    samples, idle = round(node.window * 38.4e6), design.operation.idle_frequencies[qubit]
    window = replace(WINDOW, length=node.window, samples=samples, frequency=node.frequency)
    quiet = replace(held.resonators[qubit], noise=0.0)
    still = replace(
        held.network.links[0], qubits=tuple(replace(q, t1=1e3) for q in held.network.links[0].qubits)
    ).rates()

    def heard(level, resonator, model, shots=SHOTS):
        return echoes(
            np.full(shots, level),
            rates=model,
            qubit=qubit,
            resonator=resonator,
            resonances=resonator.resonances(idle, held.network.links[0].qubits[qubit].transmon.anharmonicity, 3),
            window=window,
            tones=[tone],
            rng=np.random.default_rng(level),
        )[0][:, 0]

    ground, excited = (heard(level, quiet, still, 1)[0] for level in (0, 1))
    middle, axis = (ground + excited) / 2, (excited - ground).conj()
    read_one = [
        np.mean(((heard(level, held.resonators[qubit], held.network.links[0].rates()) - middle) * axis).real > 0)
        for level in (0, 1)
    ]
    assert (read_one[0], 1 - read_one[1]) == pytest.approx(expected, abs=0.003 if station == "sim_4k" else 0.0012)
