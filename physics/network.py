"""Network: qubits that lines join to each other; a qubit may stand at the ends of several, whatever their kind."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from functools import cached_property
from itertools import pairwise
from typing import Final, Protocol

import numpy as np

from ..sequences.errors import ModelError
from .controls import Controls, Rates
from .device import TWO_PI, Qubit, Trace, own_rates
from .resting_contact import RestingContact

_OWN: Final = ("transmon", "t1", "t_phi", "residual_population", "quasi_static")
"""What a qubit is, whichever of its couplers one looks at."""


class NetworkLink(Protocol):
    """A line with the qubits at its ends: `Device` with standing modes, `PhotonDevice` with travelling photons."""

    @property
    def qubits(self) -> Sequence[Qubit]:
        """At its ends."""
        ...

    @property
    def couplers(self) -> int:
        """How many flux-tunable ones it has, one at each end or none."""
        ...

    @property
    def loads(self) -> int:
        """How many tunable ones it has, one or none."""
        ...

    @property
    def line_temperature(self) -> float:
        """Of the line's bath (K)."""
        ...

    @property
    def mode_frequency(self) -> float:
        """The frame of its rates and controls (Hz)."""
        ...

    def rates(self) -> Rates:
        """What does not change in time."""
        ...

    def warmed(self, rates: Rates, temperature: float) -> Rates:
        """`rates` with the line's bath at `temperature` (K)."""
        ...

    def resting(self, rates: Rates, rest: Controls) -> RestingContact:
        """What the line does to its qubits while everything stays as in the only step of `rest`."""
        ...

    def controls(self, duration: Trace, qubit_flux: Trace, coupler_flux: Trace, load_flux: Trace) -> Controls:
        """Controls that reduced fluxes make; coupler_flux has a column for each coupler."""
        ...


@dataclass(frozen=True, kw_only=True)
class Network:
    """Links that share nodes: a chain where nodes stand at two of them, a star where one stands at all.

    links: Each a line with the qubits at its ends, and with its couplers and its load if it has such. ends: The nodes,
    numbered from 0, at the ends of each link, in the order of its qubits.
    """

    links: tuple[NetworkLink, ...]
    ends: tuple[tuple[int, ...], ...] = ((0, 1),)

    def __post_init__(self) -> None:
        if len(self.links) != len(self.ends) or not self.links:
            raise ModelError("number of ends", len(self.ends), f"there are {len(self.links)} links; give each its ends")
        for number, (link, ends) in enumerate(zip(self.links, self.ends, strict=True)):
            if len(link.qubits) != len(ends) or len(set(ends)) < len(ends):
                why = f"it has {len(link.qubits)} qubits and the ends {ends}; name one node for each, none twice"
                raise ModelError("number of a link", number, why)
        nodes = sorted({node for ends in self.ends for node in ends})
        if nodes != list(range(len(nodes))):
            raise ModelError("number of a node", nodes[-1], f"they count from 0 without a gap; these are {nodes}")
        for node, places in enumerate(self.places):
            for other in places[1:]:
                self._check_same(node, self._at(places[0]), self._at(other))

    @classmethod
    def of(cls, device: NetworkLink) -> "Network":
        """The network of a single link."""
        return cls(links=(device,), ends=(tuple(range(len(device.qubits))),))

    @cached_property
    def places(self) -> tuple[tuple[tuple[int, int], ...], ...]:
        """Where each node stands: link and end."""
        count = 1 + max(node for ends in self.ends for node in ends)
        return tuple(
            tuple((link, ends.index(node)) for link, ends in enumerate(self.ends) if node in ends)
            for node in range(count)
        )

    @cached_property
    def couplers(self) -> tuple[slice, ...]:
        """Of each link among all couplers, which are numbered link after link."""
        return _numbered([link.couplers for link in self.links])

    @cached_property
    def loads(self) -> tuple[slice, ...]:
        """Of each link among all loads."""
        return _numbered([link.loads for link in self.links])

    def loops(self, node: int) -> list[str]:
        """Flux lines of a node and of all of its couplers, by kind and number."""
        places = [(link, end) for link, end in self.places[node] if self.links[link].couplers]
        return [f"flux {node}", *(f"coupler {self.couplers[link].start + end}" for link, end in places)]

    @cached_property
    def qubits(self) -> tuple[Qubit, ...]:
        """Of each node, as the first of its links has it."""
        return tuple(self._at(places[0]) for places in self.places)

    def rates(self) -> Rates:
        """Of all qubits, without any line."""
        none = np.zeros(0)
        parity = np.zeros((len(self.places), 0))
        return Rates(**own_rates(self.qubits), parity=parity, internal=none, hot=none, cold=none, detuning=none)

    def controls(
        self, duration: Trace, qubit_flux: Trace, coupler_flux: Trace, load_flux: Trace
    ) -> tuple[Controls, ...]:
        """Controls of each link that reduced fluxes make; every coupler of a qubit moves its frequency at all links.

        duration: Of each step, shape (S,) (s). qubit_flux: Of each node, shape (S, N). coupler_flux: Of each coupler,
        shape (S, C). load_flux: Of each load, shape (S, K).
        """
        found = tuple(
            link.controls(
                duration,
                np.ascontiguousarray(qubit_flux[:, list(ends)]),
                np.ascontiguousarray(coupler_flux[:, couplers]),
                load_flux[:, loads].sum(axis=1),
            )
            for link, ends, couplers, loads in zip(self.links, self.ends, self.couplers, self.loads, strict=True)
        )
        away = self._pulled_elsewhere(found, qubit_flux)
        return tuple(
            replace(one, qubit=one.qubit + others) if np.any(others) else one
            for one, others in zip(found, away, strict=True)
        )

    def summed(self, shifts: Sequence[Trace]) -> list[Trace]:
        """What all links together do to the qubits of each, from what it does to them, shape (..., its ends)."""
        total = np.zeros((*shifts[0].shape[:-1], len(self.places)))
        for ends, shift in zip(self.ends, shifts, strict=True):
            total[..., list(ends)] += shift
        return [total[..., list(ends)] for ends in self.ends]

    def _pulled_elsewhere(self, found: Sequence[Controls], qubit_flux: Trace) -> list[Trace]:
        """How far each link's qubits are moved by the couplers that they have at other links (rad/s)."""
        away = [np.zeros_like(one.qubit) for one in found]
        for node, places in enumerate(self.places):
            if len(places) > 1:
                bare = self.qubits[node].transmon.frequency(qubit_flux[:, node])
                pulls = [
                    found[link].qubit[:, end] - TWO_PI * (bare - self.links[link].mode_frequency)
                    for link, end in places
                ]
                for (link, end), own in zip(places, pulls, strict=True):
                    away[link][:, end] = sum(pulls) - own
        return away

    def _at(self, place: tuple[int, int]) -> Qubit:
        return self.links[place[0]].qubits[place[1]]

    def _check_same(self, node: int, first: Qubit, other: Qubit) -> None:
        for name in _OWN:
            if getattr(first, name) != getattr(other, name):
                why = f"its links tell two things of its {name}; only its couplers may differ"
                raise ModelError("number of a node", node, why)


def _numbered(counts: Sequence[int]) -> tuple[slice, ...]:
    edges = np.cumsum([0, *counts]).tolist()
    return tuple(slice(first, last) for first, last in pairwise(edges))
