from dataclasses import FrozenInstanceError, replace

import pytest

from coldlink.sequences import Channel, Kind, Sequence, Sweep
from coldlink.sequences.errors import SequenceError
from coldlink.sequences.units import GHz, ns

from .small import DRIVE_A, DRIVE_B, FLUX, LOAD, PI, READ_A, TONE, flat


def test_every_method_leaves_the_sequence_as_it_was() -> None:
    empty = Sequence()
    longer = [
        empty.play(DRIVE_A, PI),
        empty.delay(DRIVE_A, 1 * ns),
        empty.shift_phase(DRIVE_A, 1.0),
        empty.align(DRIVE_A, FLUX),
        empty.acquire(READ_A, TONE),
        empty.choose("x", {"one": Sequence()}),
        empty.then(Sequence().align()),
    ]
    assert empty == Sequence()
    assert all(len(sequence.elements) == 1 for sequence in longer)


def test_sequences_pulses_and_channels_cannot_be_edited() -> None:
    sequence = Sequence().play(DRIVE_A, PI)
    for value, name in ((sequence, "elements"), (PI, "amplitude"), (DRIVE_A, "name"), (sequence.elements[0], "pulse")):
        with pytest.raises(FrozenInstanceError):
            setattr(value, name, None)


def test_options_given_to_a_choice_are_copied() -> None:
    options = {"one": Sequence().play(DRIVE_A, PI)}
    sequence = Sequence().choose("x", options)
    options["two"] = Sequence()
    assert sequence == Sequence().choose("x", {"one": Sequence().play(DRIVE_A, PI)})


def test_channels_come_in_order_of_first_use_through_choices_and_alignments() -> None:
    sequence = (
        Sequence()
        .align(LOAD, FLUX)
        .choose("x", {"one": Sequence().play(DRIVE_B, PI), "two": Sequence().delay(DRIVE_A, 1 * ns)})
        .play(FLUX, flat(10 * ns))
        .acquire(READ_A, TONE)
    )
    assert sequence.channels == (LOAD, FLUX, DRIVE_B, DRIVE_A, READ_A)


def test_a_choice_has_options() -> None:
    with pytest.raises(SequenceError, match="choice x has no options"):
        Sequence().choose("x", {})


@pytest.mark.parametrize("field", ["frequency", "phase"])
@pytest.mark.parametrize("value", [5 * GHz, Sweep("x", (0.0,))])
def test_a_flux_pulse_has_no_carrier(field: str, value: float | Sweep) -> None:
    with pytest.raises(SequenceError, match=r"flux line a.flux has a carrier"):
        Sequence().play(FLUX, replace(flat(10 * ns), **{field: value}))


def test_each_kind_of_line_does_its_own_work() -> None:
    with pytest.raises(SequenceError, match=r"a.readout is a readout line, where pulses are not played"):
        Sequence().play(READ_A, PI)
    with pytest.raises(SequenceError, match=r"a.drive cannot be read"):
        Sequence().acquire(DRIVE_A, TONE)
    with pytest.raises(SequenceError, match=r"a.flux has no frame to turn"):
        Sequence().shift_phase(FLUX, 0.1)


def test_flux_like_lines_are_those_that_carry_baseband() -> None:
    assert [kind for kind in Kind if Channel("x", kind).is_flux] == [Kind.FLUX, Kind.COUPLER, Kind.LOAD]
