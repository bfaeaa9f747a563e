"""Random processes as functions of time: their statistics, whatever the order and the number of the questions."""

import numpy as np
import pytest

from coldlink.instruments.simulated.wander import Telegraph, Wander

HOUR = 3600.0
NOW = 1.77e9
PROCESSES = [Wander(amplitude=0.3, correlation=2 * HOUR), Telegraph(amplitude=0.3, correlation=2 * HOUR)]


@pytest.mark.parametrize("process", PROCESSES)
def test_what_is_asked_twice_or_backwards_is_answered_the_same(process):
    times = NOW + np.array([0.0, 1e7, 3e5, 12.0])
    forwards = [process.at(time, (1, 2)) for time in times]
    assert [process.at(time, (1, 2)) for time in reversed(times)] == forwards[::-1]
    assert process.at(NOW, (1, 2)) == forwards[0]
    assert len({process.at(NOW, (1, seed)) for seed in range(20)}) > 1


def test_a_wander_is_as_wide_and_as_slow_as_it_says():
    process = PROCESSES[0]
    now, later, after = (np.array([process.at(NOW + t, (s,)) for s in range(4000)]) for t in (0.0, 2 * HOUR, 8 * HOUR))
    assert now.std() == pytest.approx(0.3, rel=0.05)
    assert now.mean() == pytest.approx(0.0, abs=0.02)
    assert np.mean(now * later) / 0.09 == pytest.approx(np.exp(-0.5), abs=0.06)
    assert np.mean(now * after) / 0.09 == pytest.approx(0.0, abs=0.06)
    assert np.mean(np.abs(now) < 0.3) == pytest.approx(0.683, abs=0.03)


def test_a_wander_is_smooth():
    steps = np.diff([PROCESSES[0].at(NOW + t, (7,)) for t in np.arange(0, 10 * HOUR, 60.0)])
    assert np.abs(steps).max() < 4 * 0.3 * 60 / (2 * HOUR)


def test_a_telegraph_is_there_half_of_the_time_and_forgets_in_its_correlation_time():
    process = PROCESSES[1]
    now, later = (np.array([process.at(NOW + t, (s,)) for s in range(4000)]) for t in (0.0, 2 * HOUR))
    assert set(now) == {0.0, 0.3}
    assert np.mean(now > 0) == pytest.approx(0.5, abs=0.03)
    assert 4 * np.mean((now / 0.3 - 0.5) * (later / 0.3 - 0.5)) == pytest.approx(np.exp(-1), abs=0.06)


def test_a_telegraph_changes_once_in_two_correlation_times_and_stands_still_between():
    found = np.array([PROCESSES[1].at(NOW + t, (7,)) for t in np.arange(0, 2000 * HOUR, 0.1 * HOUR)])
    assert np.count_nonzero(np.diff(found)) == pytest.approx(500, abs=90)


def test_a_clock_that_starts_at_zero_is_no_beginning():
    assert {PROCESSES[1].at(0.0, (seed,)) for seed in range(20)} == {0.0, 0.3}


def test_what_has_no_amplitude_stands_still():
    for process in (Wander(amplitude=0.0, correlation=60.0), Telegraph(amplitude=0.0, correlation=60.0)):
        assert {process.at(NOW + t, (1,)) for t in range(0, 1000, 10)} == {0.0}
