"""Photons: what a transfer of A's state to B along a line does, and the pair that half of one leaves, without shots."""

from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from typing import Self

import numpy as np
from numpy.typing import NDArray

from ..travelling import Transfer
from ..travelling.budget import cured
from .bell_pair import Shared, shared
from .handshake import Transferred, transferred
from .misreading import Misreading

NO_MODES: NDArray[np.float64] = np.zeros(0)
"""A line along which photons travel has no modes that hold any."""
PREPARATION, READOUT = "preparation error", "readout error"


@dataclass(frozen=True, kw_only=True)
class Sent:
    """transfer: Nodes, line and drives; the residual populations of its transmons are thermal. preparation_error: What
    A's pi pulse leaves wrong beside it. misreadings: Of A and B.
    """

    transfer: Transfer
    preparation_error: float = 0.0
    misreadings: tuple[Misreading, Misreading] = field(default=(Misreading(), Misreading()))

    def cured(self) -> Iterator[tuple[str, Self]]:
        """The same without each imperfection that it has, and at last, called after nothing, without all of them."""
        apart = cured(self.transfer)
        yield from ((name, replace(self, transfer=better)) for name, better in apart.items())
        if self.preparation_error:
            yield PREPARATION, replace(self, preparation_error=0.0)
        perfect = (Misreading(), Misreading())
        if self.misreadings != perfect:
            yield READOUT, replace(self, misreadings=perfect)
        best = self.transfer
        for name in apart:
            best = cured(best).get(name, best)
        yield "", replace(self, transfer=best, preparation_error=0.0, misreadings=perfect)

    @property
    def _prepared(self) -> Transfer:
        a = self.transfer.a
        residual = a.qutrit.residual + self.preparation_error
        return replace(self.transfer, a=replace(a, qutrit=replace(a.qutrit, residual=residual)))


@dataclass(frozen=True, kw_only=True)
class PitchCatch(Sent):
    """A's state on its way to B as a photon."""

    def predict(self) -> Transferred:
        """The process map with all that belongs to it."""
        process = self._prepared.process
        (ground, _), (across, excited) = process.elements
        inputs = [ground + excited, across + across.conj().T, 1j * (across - across.conj().T), ground - excited]
        return transferred(
            inputs,
            self.misreadings[1],
            phase=None,
            before=NO_MODES,
            after=NO_MODES,
            leakage=(float(ground[2, 2].real), float(excited[2, 2].real)),
            error=process.error,
        )


@dataclass(frozen=True, kw_only=True)
class PhotonPair(Sent):
    """A's excitation, half of which leaves as a photon."""

    def predict(self) -> Shared:
        """The shared state with all that belongs to it."""
        pair = self._prepared.pair
        return shared(pair.state, self.misreadings, phase=None, before=NO_MODES, after=NO_MODES, error=pair.error)
