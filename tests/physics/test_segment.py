from dataclasses import replace

import numpy as np
import pytest

from coldlink.physics.controls import Controls
from coldlink.physics.segment import NEGLIGIBLE_COUPLING, segments
from coldlink.sequences.units import MHz, ns

ON = 2 * np.pi * 5 * MHz


def controls(coupling, sample=0.1 * ns):
    coupling = np.asarray(coupling, dtype=float)
    steps, qubits = coupling.shape
    return Controls(
        duration=np.full(steps, sample),
        qubit=np.zeros((steps, qubits)),
        coupling=coupling,
        mode=np.zeros((steps, 1)),
        load=np.zeros((steps, 1)),
    )


def held(*rows, samples=40):
    return controls(np.repeat(np.array(rows, dtype=float) * ON, samples, axis=0))


def test_a_segment_ends_where_the_set_of_active_couplers_changes():
    found = segments(held((1, 0), (1, 1), (0, 1)), 2 * ns, 0.01)
    assert [segment.active for segment in found] == [(0,), (0, 1), (1,)]
    assert [segment.duration for segment in found] == pytest.approx([4 * ns] * 3)


def test_a_pause_belongs_to_what_came_before_it():
    found = segments(held((0, 0), (1, 0), (0, 0), (0, 1), (0, 0)), 2 * ns, 0.01)
    assert [segment.active for segment in found] == [(), (0,), (1,)]
    assert [segment.duration for segment in found] == pytest.approx([4 * ns, 8 * ns, 8 * ns])


def test_a_negligible_coupling_is_off():
    found = segments(controls(np.full((10, 1), NEGLIGIBLE_COUPLING)), 2 * ns, 0.01)
    assert [segment.active for segment in found] == [()]


def test_controls_that_stand_still_are_taken_in_the_longest_steps():
    (segment,) = segments(held((1, 0)), 2 * ns, 0.01)
    np.testing.assert_allclose(segment.controls.duration, [2 * ns, 2 * ns])


@pytest.mark.parametrize("step", [0.25 * ns, 1 * ns, 7 * ns])
def test_no_step_is_longer_than_asked_also_where_a_sample_is(step):
    (segment,) = segments(controls([[ON], [ON], [ON / 2]], sample=5 * ns), step, 0.01)
    assert np.max(segment.controls.duration) <= step * (1 + 1e-9)
    assert segment.duration == pytest.approx(15 * ns)


@pytest.mark.parametrize("turn", [0.001, 0.02])
def test_a_ramp_is_averaged_as_far_as_the_turn_allows_and_keeps_its_area(turn):
    ramp = controls(np.linspace(0.01, 1, 200)[:, None] * ON)
    (segment,) = segments(ramp, 2 * ns, turn)
    taken = segment.controls
    assert taken.coupling[:, 0] @ taken.duration == pytest.approx(ramp.coupling[:, 0] @ ramp.duration)
    rises = np.diff(taken.coupling[:, 0]) * taken.duration[:-1]
    assert np.max(rises) < 2 * turn
    assert len(taken.duration) < 200


def test_a_jump_of_the_load_starts_a_step():
    jump = replace(held((1,)), load=np.repeat([[0.0], [ON]], 20, axis=0))
    (segment,) = segments(jump, 3 * ns, 0.01)
    np.testing.assert_allclose(np.unique(segment.controls.load), [0, ON])
