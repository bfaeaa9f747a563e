"""Preparations before and rotations after a protocol, named by the state or the Pauli operator they stand for."""

import math
from collections.abc import Mapping
from dataclasses import replace

from ..link import Node
from ..pulse import Pulse
from ..sequence import Sequence
from ..sweep import resolved

PREPARATIONS: Mapping[str, tuple[bool, float] | None] = {
    "0": None,
    "1": (True, 0.0),
    "+": (False, math.pi / 2),
    "-": (False, -math.pi / 2),
    "+i": (False, math.pi),
    "-i": (False, 0.0),
}
"""Label -> whole (True) or half turn and the angle of its axis from x (rad)."""

BASES: Mapping[str, float | None] = {
    "+Z": None,
    "+X": -math.pi / 2,
    "-X": math.pi / 2,
    "+Y": 0.0,
    "-Y": math.pi,
}
"""Signed Pauli operator that is read as Z after a half turn about the axis at this angle from x (rad)."""


def preparations(node: Node, labels: tuple[str, ...]) -> dict[str, Sequence]:
    """Sequences that bring a resting qubit into the states `labels`, all of one length."""
    return {label: _turn(node, PREPARATIONS[label]) for label in labels}


def bases(node: Node, labels: tuple[str, ...]) -> dict[str, Sequence]:
    """Sequences after which reading Z reads the signed Pauli operators `labels`, all of one length."""
    return {label: _half_turn(node, BASES[label]) for label in labels}


def rotation(node: Node, angle: float, axis: float) -> Sequence:
    """Turn by `angle` (rad, at most pi) about the axis at `axis` from x (rad), in the time of a pi pulse."""
    amplitude = resolved(node.x180.amplitude) * angle / math.pi
    return _play(node, replace(node.x180, amplitude=amplitude), axis)


def _turn(node: Node, turn: tuple[bool, float] | None) -> Sequence:
    if turn is None:
        return _rest(node)
    whole, axis = turn
    return _play(node, node.x180 if whole else node.x90, axis)


def _half_turn(node: Node, axis: float | None) -> Sequence:
    return _rest(node) if axis is None else _play(node, node.x90, axis)


def _play(node: Node, pulse: Pulse, axis: float) -> Sequence:
    # Where |1> turns as e^{-iwt}, a carrier cos(wt + phase) turns the qubit about the axis at -phase from x.
    return Sequence().play(node.drive, replace(pulse, phase=-axis))


def _rest(node: Node) -> Sequence:
    return Sequence().delay(node.drive, node.x180.duration)
