"""Clocks: one that waits and one that does not."""

from threading import Thread

import pytest

from coldlink.instruments.clock import WallClock
from coldlink.instruments.simulated.clock import SimulatedClock


def test_the_wall_clock_counts_from_the_time_of_day_and_never_back():
    clock = WallClock(epoch=1.7e9)
    first = clock.now()
    clock.sleep(0.0)
    assert 1.7e9 <= first <= clock.now() < 1.7e9 + 60


def test_a_simulated_second_passes_when_someone_sleeps():
    clock = SimulatedClock(100.0)
    clock.sleep(2.5)
    assert clock.now() == 102.5


def test_no_sleep_is_lost_between_threads():
    clock = SimulatedClock()
    threads = [Thread(target=lambda: [clock.sleep(1.0) for _ in range(2000)]) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert clock.now() == 8000


def test_time_does_not_go_back():
    with pytest.raises(ValueError, match=r"-1"):
        SimulatedClock().sleep(-1)
