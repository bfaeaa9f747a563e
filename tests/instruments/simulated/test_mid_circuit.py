"""Readouts that act back: what a qubit, and the one that shares a state with it, do after one of them was read.

The oracles are the Markov chain of a qubit's levels and a density matrix of two qubits that is projected and carried on
by QuTiP, with none of the twin's maps.
"""

from dataclasses import replace
from functools import cache

import numpy as np
import pytest
from scipy.linalg import expm

from coldlink.instruments.simulated.board import Played
from coldlink.instruments.simulated.branch import Branch, Branches, Readout
from coldlink.instruments.simulated.distribution import Distribution
from coldlink.instruments.simulated.plant import LinkPlant
from coldlink.sequences.errors import ModelError

from ...direct_link import driven
from .rack import COUPLER, FAST, FLUX, IDLE, LOAD, TWO_PI, drive, look, of_qubits, plant, repetition, square

PI = np.pi
SHOTS = 20_000
FLASH = 20e-9
"""A window in which a qubit hardly jumps (s)."""
T1, P = 15e-6, 0.1


def noiseless(held):
    """Echoes tell the level."""
    return replace(held, resonators=tuple(replace(resonator, noise=0.0) for resonator in held.resonators))


def lively(t1: float = T1, p: float = P):
    """A noiseless plant whose qubits have one T1 and one thermal population, and no slow noise."""
    return plant(lambda held: noiseless(of_qubits(t1=t1, residual_population=p, quasi_static=0.0)(held)))


@cache
def shown(qubit: int) -> np.ndarray:
    """Mean echo of each level in a window, for each sample of it."""
    on = lively(t1=1.0, p=1e-9)
    up = drive(qubit, 0.5e-6, PI)
    higher = drive(qubit, 0.55e-6, PI / np.sqrt(2), detuning=-210e6)
    window = look(qubit, 1e-6, 4e-6)
    kinds = [on.measure(repetition(*pulses, *window, period=1e5), 40)[:, 0] for pulses in ((), (up,), (up, higher))]
    # A pulse is never perfect, so that some shots show another level.
    return np.array([np.median(kind.real) + 1j * np.median(kind.imag) for kind in kinds]) / window[1].samples


def levels(echoes: np.ndarray, qubit: int, samples: int) -> np.ndarray:
    """The nearest level to each echo."""
    return np.argmin(abs(echoes[:, None] / samples - shown(qubit)), axis=1)


def jump_rates(t1: float = T1, p: float = P) -> np.ndarray:
    """Generator of the populations of three levels, as a column goes to a row (1/s)."""
    up, down = p / t1 * np.array([1, 2]), (1 - p) / t1 * np.array([1, 2])
    flow = np.diag(up, -1) + np.diag(down, 1)
    return flow - np.diag(flow.sum(axis=0))


def within(found: float, expected: float, shots: float) -> bool:
    """Four standard deviations of a share of so many shots."""
    return abs(found - expected) <= 4 * np.sqrt(expected * (1 - expected) / shots) + 2 / shots


# --- one qubit -------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("pause", [1e-6, 12e-6])
def test_a_qubit_that_is_read_twice_has_stayed_or_jumped_as_t1_and_heating_say(pause):
    on = lively()
    events = drive(0, 0.9e-6, 2.0), *look(0, 1e-6, FLASH), *look(0, 1e-6 + pause, FLASH)
    echoes = on.measure(repetition(*events, period=250e-6), SHOTS)
    first, second = (levels(echoes[:, n], 0, events[2].samples) for n in (0, 1))
    expected = expm(jump_rates() * pause)
    for begun in (0, 1):
        shots = second[first == begun]
        assert shots.size > 5000
        for ended in range(3):
            assert within(np.mean(shots == ended), expected[ended, begun], shots.size)


def test_what_a_long_readout_has_recorded_is_how_the_qubit_goes_on():
    on, length = lively(p=0.001), 8e-6
    events = drive(0, 0.9e-6, PI), *look(0, 1e-6, length), *look(0, 1e-6 + length, FLASH)
    echoes = on.measure(repetition(*events, period=250e-6), SHOTS)
    ground, excited = shown(0)[:2]
    up = ((echoes[:, 0] / events[2].samples - ground) / (excited - ground)).real
    ended = levels(echoes[:, 1], 0, events[4].samples)
    # A shot that was excited throughout still is, one that decayed in the middle is not.
    assert np.mean(ended[abs(up - 1) < 1e-6] == 1) > 0.995
    assert np.mean(ended[(up > 0.1) & (up < 0.9)] == 0) > 0.97
    assert np.mean(ended == 1) == pytest.approx(np.exp(-length / T1), abs=0.02)


def test_a_qubit_that_is_looked_at_between_small_turns_hardly_moves():
    on, angle, count = plant(of_qubits(t1=1.0, t_phi=1.0, residual_population=1e-9, quasi_static=0.0)), PI / 8, 8

    def turned(looked: bool) -> float:
        starts = 1e-6 + 0.3e-6 * np.arange(count)
        turns = [drive(0, start, angle) for start in starts]
        looks = [event for start in starts for event in look(0, start + 0.1e-6, FLASH)] if looked else []
        events = *turns, *looks, *look(0, 1e-6 + 0.3e-6 * count, FLASH)
        return float(on.cycle(repetition(*events, period=1e5)).populations()[-1].sum(axis=1)[1])

    assert turned(looked=True) == pytest.approx((1 - np.cos(angle) ** count) / 2, abs=5e-3)
    assert turned(looked=False) == pytest.approx(1.0, abs=1e-2)


def test_many_readouts_of_a_qubit_need_no_more_branches_than_it_has_levels():
    on = lively()
    looks = [event for n in range(30) for event in look(0, 1e-6 + n * 2e-6, FLASH)]
    cycle = on.cycle(repetition(drive(0, 0.9e-6, 2.0), *looks, period=250e-6))
    spread = Distribution(cycle, looks[::2], 500, on.rng)
    for number, mean in enumerate(cycle.means()):
        spread.echoes(number, mean)
        assert len(spread._branches) <= 3
    assert spread.error < 1e-4


def test_a_repetition_whose_end_is_remembered_is_refused_with_the_rest_that_it_needs():
    with pytest.raises(ModelError, match=r"rest 0\.000105 s"):
        lively().measure(repetition(*look(0, 1e-6, FLASH), period=50e-6), 10)


# --- two qubits ------------------------------------------------------------------------------------------------------

SWAP, SHARE = round(38e-9 * FAST) / FAST, round(19e-9 * FAST) / FAST
QUIET = of_qubits(quasi_static=0.0)
READ, LENGTH = 1.25e-6, 1e-6
LATER, LAST = READ + LENGTH + 0.3e-6, READ + LENGTH + 0.4e-6
"""When B is turned, and when it is read (s)."""
PERIOD = 200e-6


def shared():
    """A gives half of its excitation to the line, B takes it, and A is turned: its level tells B's phase."""
    load = square(LOAD, 1.09e-6, 80e-9, 0.3423)
    half = square(COUPLER[0], 1.1e-6, SHARE, 0.4824), square(FLUX[0], 1.1e-6, SHARE, 0.3643)
    whole = square(COUPLER[1], 1.1e-6 + SHARE, SWAP, 0.4824), square(FLUX[1], 1.1e-6 + SHARE, SWAP, 0.3277)
    return drive(0, 1e-6, PI), load, *half, *whole, drive(0, 1.2e-6, PI / 2)


def turn(phase: float) -> Played:
    return drive(1, LATER, PI / 2, phase=phase)


def carried(on: LinkPlant, rho: np.ndarray, phase: float) -> np.ndarray:
    """Populations of B when it is read, from its state at READ, by QuTiP in the frame of its rest."""
    pulse = turn(phase)

    def turning(t):
        total = TWO_PI * (pulse.oscillator * (t + LATER) + pulse.frequency * t) + pulse.phase
        size = PI * on.truth.drives[1].rabi_rate * pulse.envelope[0].real
        return size * np.exp(-1j * (total - TWO_PI * IDLE[1] * (t + LATER)))

    rho = driven(on.truth.network.links[0], 1, rho, 0.0, None, LATER - READ)
    rho = driven(on.truth.network.links[0], 1, rho, 0.0, turning, pulse.duration)
    return np.diag(driven(on.truth.network.links[0], 1, rho, 0.0, None, LAST - LATER - pulse.duration)).real


@pytest.fixture(scope="module")
def entangled():
    """A plant, and the density matrix of A and B when A's readout begins, shape (3, 3, 3, 3) as (a, b, a', b')."""
    on = plant(lambda held: noiseless(QUIET(held)))
    cycle = on.cycle(repetition(*shared(), *look(0, READ, LENGTH), *look(1, READ, LENGTH), period=PERIOD))
    return on, cycle.means()[0].rho[0].reshape(3, 3, 3, 3)


def stays(on: LinkPlant) -> np.ndarray:
    """Probability that A goes from a level (column) to another (row) during its readout."""
    model = on.truth.network.links[0].qubits[0]
    return expm(jump_rates(model.t1, model.residual_population) * LENGTH)


def outcomes(on: LinkPlant, phase: float) -> dict[tuple[int, int], tuple[float, np.ndarray]]:
    """For each level of A when its readout begins and ends: probability, and populations of B at its own readout."""
    cycle = on.cycle(repetition(*shared(), *look(0, READ, LENGTH), turn(phase), *look(1, LAST, FLASH), period=PERIOD))
    first, second = cycle.trials
    mean = cycle.means()[0]
    readout, found = Readout(cycle, first, mean, Branch(mean)), {}
    for begun in range(3):
        for left in range(3):
            share = float(cycle.leaving(mean, first, {0: begun}, {0: left}).joint.sum())
            branch = readout.branch({0: begun}, {0: left}, Branches()).branch
            found[begun, left] = share, cycle.arriving(branch.ensemble, second).joint.sum(axis=0)
    return found


@pytest.mark.parametrize("phase", [0.0, PI / 2])
def test_reading_one_of_an_entangled_pair_leaves_the_other_in_the_state_that_belongs_to_the_result(entangled, phase):
    on, pair = entangled
    for (begun, left), (share, populations) in outcomes(on, phase).items():
        weight = np.trace(pair[begun, :, begun, :]).real
        assert share == pytest.approx(weight * stays(on)[left, begun], abs=1e-6)
        assert populations == pytest.approx(carried(on, pair[begun, :, begun, :] / weight, phase), abs=3e-4)


def test_the_two_results_leave_the_other_qubit_with_opposite_phases(entangled):
    on, _ = entangled
    swing = [outcomes(on, phase) for phase in (0.0, PI / 2)]
    apart = [found[0, 0][1][1] - found[1, 1][1][1] for found in swing]
    assert np.hypot(*apart) > 0.25


def test_shots_are_spread_over_the_branches_as_their_probabilities_say(entangled):
    on, pair = entangled
    events = *shared(), *look(0, READ, FLASH), turn(0.0), *look(1, LAST, FLASH)
    windows = [event for event in events if not isinstance(event, Played)]
    echoes = on.measure(repetition(*events, period=PERIOD), SHOTS)
    a, b = (levels(echoes[:, qubit], qubit, windows[qubit].samples) for qubit in (0, 1))
    for begun in (0, 1):
        weight = np.trace(pair[begun, :, begun, :]).real
        expected = carried(on, pair[begun, :, begun, :] / weight, 0.0)[1]
        assert within(np.mean(a == begun), weight, SHOTS)
        # In a flash of 20 ns one in a thousand jumps.
        assert abs(np.mean(b[a == begun] == 1) - expected) < 4 * np.sqrt(0.25 / np.sum(a == begun)) + 2e-3


@pytest.mark.parametrize("phase", [0.0, PI / 2])
def test_the_other_qubit_cannot_tell_whether_the_first_was_read(entangled, phase):
    on, _ = entangled
    alone = (
        on.cycle(repetition(*shared(), turn(phase), *look(1, LAST, FLASH), period=PERIOD)).populations()[0].sum(axis=0)
    )
    after_reading = sum(share * populations for share, populations in outcomes(on, phase).values())
    assert after_reading == pytest.approx(alone, abs=1e-6)
    events = *shared(), *look(0, READ, LENGTH), turn(phase), *look(1, LAST, FLASH)
    assert on.cycle(repetition(*events, period=PERIOD)).populations()[1].sum(axis=0) == pytest.approx(alone, abs=1e-6)


def test_a_pulse_on_a_qubit_while_the_other_one_is_read_acts_as_if_nobody_read(entangled):
    on, _ = entangled
    echo = drive(1, READ + 0.4e-6, PI)
    read_, alone = (
        on.cycle(repetition(*shared(), echo, *first, turn(0.0), *look(1, LAST, FLASH), period=PERIOD)).populations()[-1]
        for first in (look(0, READ, LENGTH), ())
    )
    assert read_.sum(axis=0) == pytest.approx(alone.sum(axis=0), abs=1e-6)


def test_slow_noise_goes_on_through_the_readout_of_the_other_qubit():
    """Two waits with the same detuning take exp(-(s (t + u))^2 / 2), not the product of what each would take."""
    spread, wait = 60e3, 1e-6

    def contrast(value: float) -> float:
        on = plant(of_qubits(quasi_static=value, t_phi=1.0))
        first, last = drive(1, 1e-6, PI / 2), [drive(1, 1e-6 + 2 * wait, PI / 2, phase=phase) for phase in (0, PI)]
        ends = [
            on.cycle(
                repetition(first, *look(0, 1e-6 + wait, FLASH), end, *look(1, 1.1e-6 + 2 * wait, FLASH), period=PERIOD)
            )
            for end in last
        ]
        found = [cycle.populations()[1].sum(axis=0)[1] for cycle in ends]
        return found[0] - found[1]

    # A square half turn of length t counts as 2 t / pi of pause.
    phase = TWO_PI * spread * (2 * wait - 20e-9 + 4 / PI * 20e-9)
    assert contrast(spread) / contrast(0.0) == pytest.approx(np.exp(-(phase**2) / 2), abs=3e-3)


def test_many_readouts_of_an_entangled_pair_keep_their_mean_while_alike_branches_are_followed_as_one(entangled):
    on, _ = entangled
    events, rounds, shots = [drive(0, 1e-6, PI)], 5, 4000
    for start in 1.1e-6 + 0.8e-6 * np.arange(rounds):
        touch = [square(LOAD, start - 10e-9, 50e-9, 0.3423)]
        touch += [square(COUPLER[qubit], start, SHARE, 0.4824) for qubit in (0, 1)]
        touch += [square(FLUX[qubit], start, SHARE, (0.3643, 0.3277)[qubit]) for qubit in (0, 1)]
        turns = drive(0, start + 0.1e-6, 1.0), drive(1, start + 0.1e-6, 0.7, phase=1e6 * start)
        events += [*touch, *turns, *look(0, start + 0.2e-6, FLASH)]
    cycle = on.cycle(repetition(*events, *look(1, 1.1e-6 + 0.8e-6 * rounds, FLASH), period=PERIOD))
    means = cycle.means()
    spread = Distribution(cycle, [event for event in events if isinstance(event, Played)], shots, on.rng)
    for number, coming in enumerate(cycle.trials[1:]):
        spread.echoes(number, means[number])
        joints = [branch.readout(number + 1, lambda: cycle, coming).joint for branch in spread._branches]
        found = np.bincount(spread._places) / shots @ np.reshape(joints, (len(joints), -1))
        assert abs(found - means[number + 1].joint.ravel()).max() < 4 * np.sqrt(0.25 / shots)
    assert 9 < len(spread._branches) < 200
    assert 0 < spread.error < 2e-3
