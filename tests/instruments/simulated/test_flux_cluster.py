"""Flux clusters: which waveforms belong together, and what generators of different rate make of a flux line."""

from dataclasses import replace

import numpy as np
import pytest

from coldlink.instruments.simulated.flux_cluster import clusters
from coldlink.physics import Controls
from coldlink.sequences.errors import ModelError

from .rack import FAST, SLOW, square, wave

LINES = {0: "coupler 0", 2: "flux 0", 3: "flux 0", 5: "load 0"}


def sampled(*played, memory=0.0):
    """Clusters, and for each of them the fractions of full scale on every line that plays."""
    seen = []

    def controls(duration, fractions):
        seen.append(fractions)
        steps = duration.size
        nothing = np.zeros((steps, 1))
        qubit = 1e6 * fractions.get("flux 0", np.zeros(steps))[:, None]
        return (Controls(duration=duration, qubit=qubit, coupling=nothing, mode=nothing, load=nothing),), 0.0

    return clusters(played, LINES, controls, memory), seen


@pytest.mark.parametrize("late", [0.0, 0.25, 0.5, 0.75, 1.0, 7.5], ids=lambda late: f"{late} samples")
@pytest.mark.parametrize("origin", [0.0, 4.6e-3 + 1e-10 / 3])
def test_no_sample_of_the_fastest_generator_is_read_twice_or_skipped(late, origin):
    values = np.arange(1, 1001) / 1000
    slow = wave(5, origin, np.linspace(0.1, 0.9, 60), SLOW)
    (cluster,), (fractions,) = sampled(slow, wave(0, origin + late / FAST, values))
    played = fractions["coupler 0"]
    assert played[played > 0].tolist() == values.tolist()
    assert np.ptp(cluster.controls[0].duration) == 0


def test_each_sample_of_a_slower_generator_acts_for_its_own_time():
    values = np.linspace(0.1, 0.9, 60)
    (cluster,), (fractions,) = sampled(wave(5, 0.0, values, SLOW), square(0, 3.3e-9, 100e-9, 0.5))
    step = 1 / FAST
    for value in values:
        assert np.sum(fractions["load 0"] == value) * step == pytest.approx(1 / SLOW, abs=step)
    assert fractions["load 0"].sum() * step == pytest.approx(values.sum() / SLOW, rel=1e-3)
    assert cluster.end - cluster.start == pytest.approx(60 / SLOW, abs=step)


def test_two_generators_on_one_line_add_up():
    _, (fractions,) = sampled(square(2, 0.0, 10e-9, 0.3), square(3, 5e-9, 10e-9, 0.2))
    assert set(np.round(fractions["flux 0"], 12)) == {0.3, 0.5, 0.2}


def test_waves_apart_are_clusters_of_their_own_unless_the_line_remembers():
    apart = square(0, 0.0, 10e-9, 0.3), square(2, 30e-9, 10e-9, 0.3), square(0, 31e-9, 2e-9, 0.1)
    assert [len(sampled(*apart, memory=memory)[0]) for memory in (0.0, 19e-9, 21e-9)] == [2, 2, 1]
    (joined,), (fractions,) = sampled(*apart, memory=21e-9)
    assert joined.end == pytest.approx(40e-9, abs=1 / FAST)
    assert np.sum(fractions["coupler 0"] == 0) / FAST == pytest.approx(28e-9, abs=2 / FAST)


def test_a_short_wave_inside_a_long_one_does_not_end_the_cluster():
    found, _ = sampled(square(0, 0.0, 50e-9, 0.3), square(2, 5e-9, 5e-9, 0.3), square(2, 40e-9, 5e-9, 0.3))
    assert len(found) == 1


def test_generators_that_drive_no_flux_line_are_left_out():
    assert sampled(square(7, 0.0, 50e-9, 0.3)) == ([], [])


def test_a_carrier_that_turns_slowly_is_sampled_and_one_that_turns_within_a_sample_is_refused():
    slow = replace(square(0, 10e-9, 50e-9, 0.3), frequency=20e6, phase=0.7)
    _, (fractions,) = sampled(slow)
    time = (np.arange(fractions["coupler 0"].size) + 0.5) / FAST
    assert fractions["coupler 0"] == pytest.approx(0.3 * np.cos(2 * np.pi * 20e6 * time + 0.7))
    with pytest.raises(ModelError, match="coupler 0"):
        sampled(replace(wave(0, 0.0, [0.3], 1 / 50e-9), frequency=20e6))


def test_the_angle_is_the_integral_of_the_detuning_inside_the_cluster_only():
    (cluster,), _ = sampled(square(2, 10e-9, 20e-9, 0.5))
    rest, edges = 1e5, np.array([0.0, 10e-9, 15e-9, 15.02e-9, 29e-9, 40e-9])
    inside = [0.0, 5e-9, 0.02e-9, 13.98e-9, cluster.end - 29e-9]
    assert cluster.angles((0, 0), edges, rest) == pytest.approx((0.5e6 - rest) * np.array(inside), rel=1e-9)
