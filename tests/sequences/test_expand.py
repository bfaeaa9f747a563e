import itertools
from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from coldlink.sequences import Axis, FlatTop, Pulse, Sequence, Sweep
from coldlink.sequences.errors import SequenceError
from coldlink.sequences.expand import axes, points
from coldlink.sequences.sequence import Delay, Play, ShiftPhase
from coldlink.sequences.units import ns

from .small import DRIVE_A, FLUX, PI, flat

VALUES = st.lists(st.floats(-1, 1), min_size=1, max_size=4, unique=True).map(tuple)


@given(amplitudes=VALUES, phases=VALUES, labels=st.integers(1, 3))
def test_sweeps_and_choices_expand_to_the_product_grid_last_fastest(
    amplitudes: tuple[float, ...], phases: tuple[float, ...], labels: int
) -> None:
    options = {str(n): Sequence().delay(FLUX, n * ns) for n in range(labels)}
    sequence = (
        Sequence()
        .play(DRIVE_A, replace(PI, amplitude=Sweep("amplitude", amplitudes)))
        .choose("pause", options)
        .shift_phase(DRIVE_A, Sweep("phase", phases, "rad"))
    )
    assert axes(sequence) == (
        Axis("amplitude", amplitudes),
        Axis("pause", tuple(options)),
        Axis("phase", phases, "rad"),
    )
    found = []
    for play, delay, shift in points(sequence):
        assert isinstance(play, Play) and isinstance(delay, Delay) and isinstance(shift, ShiftPhase)
        found.append((play.pulse.amplitude, delay.duration, shift.phase))
    pauses = [n * ns for n in range(labels)]
    assert found == list(itertools.product(amplitudes, pauses, phases))


def test_a_sweep_used_twice_is_one_dimension_and_moves_together() -> None:
    hold = Sweep("hold", (1 * ns, 2 * ns), "s")
    sequence = Sequence().delay(FLUX, hold).play(FLUX, replace(flat(10 * ns), duration=hold))
    assert axes(sequence) == (Axis("hold", hold.values, "s"),)
    for delay, play in points(sequence):
        assert isinstance(delay, Delay) and isinstance(play, Play)
        assert delay.duration == play.pulse.duration


def test_a_sweep_reaches_into_the_envelope() -> None:
    rise = Sweep("rise", (1 * ns, 3 * ns), "s")
    pulse = Pulse(duration=20 * ns, amplitude=0.1, envelope=FlatTop(rise))  # type: ignore[arg-type]
    found = [element.pulse.envelope for (element,) in points(Sequence().play(FLUX, pulse)) if isinstance(element, Play)]
    assert found == [FlatTop(1 * ns), FlatTop(3 * ns)]


def test_one_name_for_two_sets_of_values_is_refused() -> None:
    first, second = Sweep("x", (1 * ns,)), Sweep("x", (2 * ns,))
    with pytest.raises(SequenceError, match="the dimension x is used for two different sets of values"):
        axes(Sequence().delay(FLUX, first).delay(FLUX, second))
    with pytest.raises(SequenceError, match="the dimension x is used"):
        axes(Sequence().delay(FLUX, first).choose("x", {"one": Sequence()}))


@pytest.mark.parametrize("name", ["shot", "quadrature"])
def test_dimensions_that_all_data_have_cannot_be_swept(name: str) -> None:
    with pytest.raises(SequenceError, match=f"{name} is a dimension that all data have"):
        axes(Sequence().delay(FLUX, Sweep(name, (1 * ns,))))


def test_choices_nest_and_inner_dimensions_span_all_outer_labels() -> None:
    inner = Sequence().choose("inner", {"p": Sequence().delay(FLUX, 1 * ns), "q": Sequence().delay(FLUX, 2 * ns)})
    sequence = Sequence().choose("outer", {"with": inner, "without": Sequence()})
    assert [axis.name for axis in axes(sequence)] == ["outer", "inner"]
    assert [len(elements) for elements in points(sequence)] == [1, 1, 0, 0]
    durations = [
        element.duration for elements in points(sequence) for element in elements if isinstance(element, Delay)
    ]
    assert durations == [1 * ns, 2 * ns]


def test_a_choice_taken_twice_by_one_name_takes_the_same_option() -> None:
    options = {"p": Sequence().delay(FLUX, 1 * ns), "q": Sequence().delay(FLUX, 2 * ns)}
    sequence = Sequence().choose("x", options).choose("x", options)
    found = [[element.duration for element in elements if isinstance(element, Delay)] for elements in points(sequence)]
    assert found == [[1 * ns, 1 * ns], [2 * ns, 2 * ns]]


def test_a_sequence_without_sweeps_is_one_point() -> None:
    sequence = Sequence().play(DRIVE_A, PI)
    assert axes(sequence) == ()
    assert list(points(sequence)) == [sequence.elements]
