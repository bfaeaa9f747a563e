import math
from dataclasses import replace

import numpy as np
import pytest

from coldlink.sequences import Channel, Link, Program, Pulse, Sequence, Target, resolved
from coldlink.sequences import compile as compile_sequence
from coldlink.sequences.expand import axes, points
from coldlink.sequences.protocols import (
    CHSH_SETTINGS,
    CHSH_SIGNS,
    INPUTS,
    READ_BASES,
    bases,
    bell_tomography,
    chsh,
    half_transfer,
    handshake,
    measure,
    preparations,
    process_tomography,
    radiometry,
    readout_calibration,
    rotation,
)
from coldlink.sequences.schedule import Timed, schedule
from coldlink.sequences.sequence import Play
from coldlink.sequences.units import ns

X, Y = np.array([[0, 1], [1, 0]]), np.array([[0, -1j], [1j, 0]])
Z = np.diag([1, -1])
PAULI = {"X": X, "Y": Y, "Z": Z}
STATES = {
    "0": np.array([1, 0]),
    "1": np.array([0, 1]),
    "+": np.array([1, 1]) / math.sqrt(2),
    "-": np.array([1, -1]) / math.sqrt(2),
    "+i": np.array([1, 1j]) / math.sqrt(2),
    "-i": np.array([1, -1j]) / math.sqrt(2),
}


def entries(sequence: Sequence, target: Target, channel: Channel) -> list[Timed]:
    (point,) = points(sequence)
    return [entry for entry in schedule(point, target).entries if entry.element.channel == channel]


def unitary(sequence: Sequence, drive: Channel, pi: Pulse) -> np.ndarray:
    """What the pulses on `drive` do to its qubit, in the frame where |1> turns as exp(-iwt)."""
    total = np.eye(2, dtype=complex)
    for (element,) in points(sequence):
        if isinstance(element, Play) and element.channel == drive:
            angle = math.pi * resolved(element.pulse.amplitude) / resolved(pi.amplitude)
            axis = -resolved(element.pulse.phase)
            along = math.cos(axis) * X + math.sin(axis) * Y
            total = (math.cos(angle / 2) * np.eye(2) - 1j * math.sin(angle / 2) * along) @ total
    return total


@pytest.mark.parametrize("label", INPUTS)
def test_a_preparation_makes_the_state_of_its_name(label: str, link: Link) -> None:
    a = link.node_a
    state = unitary(preparations(a, INPUTS)[label], a.drive, a.x180) @ STATES["0"]
    assert abs(np.vdot(STATES[label], state)) == pytest.approx(1)


@pytest.mark.parametrize("label", READ_BASES)
def test_after_a_basis_rotation_z_reads_the_operator_of_its_name(label: str, link: Link) -> None:
    b = link.node_b
    turn = unitary(bases(b, READ_BASES)[label], b.drive, b.x180)
    sign = -1 if label[0] == "-" else 1
    assert turn.conj().T @ Z @ turn == pytest.approx(sign * PAULI[label[1]])


def test_preparations_and_bases_of_a_node_all_last_as_long(link: Link, zcu216: Target) -> None:
    a, marker = link.node_a, Channel("line.load", link.line.load.kind)
    for option in (preparations(a, INPUTS) | bases(a, READ_BASES)).values():
        follower = option.align(a.drive, marker).play(marker, link.line.close_load(50 * ns))
        (point,) = points(follower)
        placed = schedule(point, zcu216)
        before = [entry.start for entry in placed.entries if entry.element.channel == a.drive]
        after = placed.entries[-1].start
        assert all(after - start == pytest.approx(a.x180.duration) for start in before)
        assert after == pytest.approx(zcu216.common_clock.period)


def test_a_rotation_scales_the_pi_pulse(link: Link) -> None:
    a = link.node_a
    turn = unitary(rotation(a, 0.7, math.pi / 2), a.drive, a.x180)
    assert turn == pytest.approx(np.array([[math.cos(0.35), -math.sin(0.35)], [math.sin(0.35), math.cos(0.35)]]))


def test_the_chsh_settings_reach_two_root_two_on_psi_plus(link: Link) -> None:
    psi = np.array([0, 1, 1, 0]) / math.sqrt(2)
    a, b = link.node_a, link.node_b
    pulses = chsh(link).elements
    (setting,) = [element for element in pulses if getattr(element, "name", "") == "setting"]
    total = 0.0
    for sign, (label, option) in zip(CHSH_SIGNS, setting.options, strict=True):  # type: ignore[union-attr]
        assert label == CHSH_SETTINGS[list(dict(setting.options)).index(label)]  # type: ignore[union-attr]
        turn = np.kron(alone(option, a.drive, a.x180), alone(option, b.drive, b.x180))
        state = turn @ psi
        total += sign * float(np.real(state.conj() @ np.kron(Z, Z) @ state))
    assert total == pytest.approx(2 * math.sqrt(2))


def alone(sequence: Sequence, drive: Channel, pi: Pulse) -> np.ndarray:
    mine = tuple(element for element in sequence.elements if getattr(element, "channel", None) == drive)
    total = np.eye(2, dtype=complex)
    for element in mine:
        total = unitary(Sequence((element,)), drive, pi) @ total
    return total


def test_the_handshake_closes_the_load_then_waits_the_gap_then_swaps_twice(link: Link, zcu216: Target) -> None:
    a, b, line = link.node_a, link.node_b, link.line
    sequence = handshake(link).then(measure(b))
    (load,), (first,), (second,), (read,) = (
        entries(sequence, zcu216, channel) for channel in (line.load, a.coupler, b.coupler, b.readout)
    )
    assert first.start - load.start == pytest.approx(line.ramp + line.gap, abs=1e-15)
    assert second.start == pytest.approx(first.end, abs=1e-15)
    assert load.end == pytest.approx(second.end + line.wait + line.ramp, abs=1e-15)
    assert 0 <= read.start - (second.end + line.wait) < zcu216.clock.period
    for node, coupler in ((a, first), (b, second)):
        (flux,) = entries(sequence, zcu216, node.flux)
        assert (flux.start, flux.end) == pytest.approx((coupler.start, coupler.end))


def test_the_half_transfer_is_the_handshake_with_half_of_the_first_swap(link: Link, zcu216: Target) -> None:
    (whole,) = entries(handshake(link), zcu216, link.node_a.coupler)
    (half,) = entries(half_transfer(link), zcu216, link.node_a.coupler)
    quarter = 1 / (8 * link.line.coupling)
    assert (whole.end - whole.start) - (half.end - half.start) == pytest.approx(quarter)


def test_bs_frame_follows_the_phase_of_the_transfer(link: Link, zcu216: Target) -> None:
    b = link.node_b
    turned = replace(link, line=replace(link.line, transfer_phase=0.3, bell_phase=0.4))
    for protocol, phase in ((handshake, 0.3), (half_transfer, 0.4)):
        (entry,) = entries(protocol(turned).play(b.drive, b.x180), zcu216, b.drive)
        assert entry.frame == phase


def test_radiometry_meets_the_same_line_at_every_contact(link: Link, zcu216: Target) -> None:
    program = compile_sequence(radiometry(link, (6 * ns, 134 * ns)), zcu216, relaxation=link.relaxation)
    (axis,) = program.axes
    assert (axis.name, axis.values, axis.unit) == ("contact", (6 * ns, 134 * ns), "s")
    assert len({event.waveform for event in load_plays(program)}) == 1


def load_plays(program: Program) -> list[object]:
    return [event for block in program.blocks for event in block.events if event.channel == "line.load"]


def test_dimensions_are_those_that_the_analysis_expects(link: Link) -> None:
    found = {
        protocol: [axis.name for axis in axes(sequence)]
        for protocol, sequence in {
            "process": process_tomography(link),
            "bell": bell_tomography(link),
            "chsh": chsh(link),
            "readout": readout_calibration(link.node_a, link.node_b),
        }.items()
    }
    assert found == {
        "process": ["input", "basis"],
        "bell": ["basis_a", "basis_b"],
        "chsh": ["setting"],
        "readout": ["prepared"],
    }
    (prepared,) = axes(readout_calibration(link.node_a, link.node_b))
    assert prepared.values == ("gg", "ge", "eg", "ee")
