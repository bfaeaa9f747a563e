"""Tomography of a transfer and of the Bell state, and the Bell inequality's own four settings."""

import math

from ..link import AnyLink, Node
from ..sequence import Sequence
from .readout import measure
from .rotations import bases, preparations, rotation
from .transfer import half_transfer, transfer

INPUTS = ("0", "1", "+", "-", "+i", "-i")
READ_BASES = ("+Z", "+X", "-X", "+Y", "-Y")
CHSH_SETTINGS = ("ab", "ab'", "a'b", "a'b'")
CHSH_SIGNS = (-1, -1, -1, 1)
"""Signs of the four correlations in S, for the settings of `chsh` on Psi+."""


def process_tomography(link: AnyLink) -> Sequence:
    """Prepare A, transfer, read B; dimensions `input` (6 states of A) and `basis` (X and Y in both signs, Z in one)."""
    a, b = link.node_a, link.node_b
    return (
        Sequence()
        .choose("input", preparations(a, INPUTS))
        .then(transfer(link))
        .choose("basis", bases(b, READ_BASES))
        .then(measure(b))
    )


def bell_tomography(link: AnyLink) -> Sequence:
    """Excite A, share the excitation, read both; dimensions `basis_a` and `basis_b`."""
    a, b = link.node_a, link.node_b
    return (
        _shared(link)
        .choose("basis_a", bases(a, READ_BASES))
        .choose("basis_b", bases(b, READ_BASES))
        .then(measure(a, b))
    )


def chsh(link: AnyLink) -> Sequence:
    """Excite A, share the excitation, read both along the four pairs of axes of the inequality; dimension `setting`.

    A reads Z and X, B reads (Z - X)/sqrt2 and (Z + X)/sqrt2: with <ZZ> = -1 and <XX> = 1 of Psi+,
    S = -E(ab) - E(ab') - E(a'b) + E(a'b') = 2 sqrt2.
    """
    a, b = link.node_a, link.node_b
    z, x = _along(a, 0.0), _along(a, math.pi / 2)
    left, right = _along(b, -math.pi / 4), _along(b, math.pi / 4)
    pairs = (z.then(left), z.then(right), x.then(left), x.then(right))
    options = dict(zip(CHSH_SETTINGS, pairs, strict=True))
    return _shared(link).choose("setting", options).then(measure(a, b))


def _shared(link: AnyLink) -> Sequence:
    a = link.node_a
    return Sequence().then(preparations(a, ("1",))["1"]).then(half_transfer(link))


def _along(node: Node, angle: float) -> Sequence:
    """Rotation after which reading Z reads the axis at `angle` (rad) from z towards x: a turn by -angle about y."""
    if angle == 0.0:
        return Sequence().delay(node.drive, node.x180.duration)
    return rotation(node, abs(angle), -math.copysign(math.pi / 2, angle))
