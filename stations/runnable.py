"""Runnable: the protocols, what each needs of a link, what it plays, and what it tells."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from types import UnionType
from typing import Any, Final

from ..calibration import BellTomography, Chsh, ProcessTomography, RadiometryRoutine
from ..sequences import protocols
from ..sequences.errors import SequenceError
from ..sequences.link import AnyLink, Link, PhotonLink
from ..sequences.sequence import Sequence

COUPLED: Final = "a flux coupler at each node and a cold load at the line"
PHOTONS: Final = "a transfer resonator at each node and a line along which photons travel"


@dataclass(frozen=True, kw_only=True)
class Runnable:
    """A protocol. link: Kinds of links that can run it. needs: What such a link has. shown: What it plays.

    own: The step that is its own, and its routine. measured: What that finds.
    """

    link: type[Link] | type[PhotonLink] | UnionType
    shown: Callable[[Any], Sequence]
    needs: str = ""
    own: Mapping[str, Any]
    measured: tuple[str, ...]


RUNNABLE: Final[Mapping[str, Runnable]] = {
    "handshake": Runnable(
        link=Link,
        needs=COUPLED,
        shown=protocols.process_tomography,
        own={"tomography": ProcessTomography},
        measured=("process_fidelity", "average_state_fidelity"),
    ),
    "pitch_catch": Runnable(
        link=PhotonLink,
        needs=PHOTONS,
        shown=protocols.process_tomography,
        own={"tomography": ProcessTomography},
        measured=("process_fidelity", "average_state_fidelity"),
    ),
    "bell": Runnable(
        link=Link | PhotonLink,
        shown=protocols.bell_tomography,
        own={"tomography": BellTomography},
        measured=("bell_fidelity", "concurrence"),
    ),
    "chsh": Runnable(
        link=Link | PhotonLink,
        shown=protocols.chsh,
        own={"inequality": Chsh},
        measured=("chsh",),
    ),
    "radiometry": Runnable(
        link=Link,
        needs=COUPLED,
        shown=lambda link: protocols.radiometry(link, RadiometryRoutine.contacts),
        own={},
        measured=(),
    ),
}


def first_of(link: AnyLink) -> str:
    """The first protocol that `link` can run: its transfer."""
    return next(name for name, one in RUNNABLE.items() if isinstance(link, one.link))


def check_runs(protocol: str, link: AnyLink, station: str) -> None:
    """SequenceError with the missing part unless `link` can run `protocol`."""
    if not isinstance(link, RUNNABLE[protocol].link):
        able = [name for name, one in RUNNABLE.items() if isinstance(link, one.link)]
        why = f"{protocol} needs {RUNNABLE[protocol].needs}, which {station} has not got"
        raise SequenceError(f"{why}; it can run {', '.join(able)}")
