"""Transfer: one photon from node A to node B, as a map of the qubit it carries or as the pair it leaves behind."""

import itertools
import math
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property

import numpy as np

from ...sequences.errors import ModelError
from ..check import square
from .cascade import Cascade
from .drive import Drive
from .history import History, history
from .node import Node
from .pair import Pair
from .photon import Real
from .process_map import ProcessMap
from .propagation import STABLE, Piece, Propagation
from .qutrit import E, F, G, Matrix, Qutrit, transition
from .waveguide import Waveguide

MOST_PHOTONS = 10
"""With so many a map takes some 10 s, and each more costs half as much again: the model is one of cold lines."""


@dataclass(frozen=True, kw_only=True)
class Transfer:
    """A's qubit is moved from e to f, leaves as a photon under `emit`, and is caught in B's f under `catch`.

    Both nodes begin when the first tone does, with A's pulse between e and f just over, B in g but for its residual
    population, and the resonators filled by what enters them. They are done when the last tone ends and B's pulse
    between f and e is over. During these pulses, and while A waits for the delay, a transmon decays on its own and its
    resonator is left out.

    emit, catch: The f0-g1 tones at A and at B. Both start on the common clock, so `catch` should start `delay` later.
    error: Largest error of an element that is asked for; what was reached stands in the results.
    """

    a: Node
    b: Node
    waveguide: Waveguide
    emit: Drive
    catch: Drive
    error: float = 1e-5

    def __post_init__(self) -> None:
        if not 1e-9 <= self.error < 1:
            raise ModelError("transfer error", self.error, "ask for 1e-9 or more, and less than 1")
        for name, drive, wanted in (("emit", self.emit, False), ("catch", self.catch, True)):
            if drive.catches is not wanted:
                raise ModelError(f"{name}.catches", drive.catches, f"give as {name} a drive with catches={wanted}")

    @cached_property
    def process(self) -> ProcessMap:
        """The map of A's qubit to B's transmon."""
        sent = self._loaded(np.array([transition(i, j) for i, j in ((G, G), (E, E), (E, G))]), math.pi)
        # A coherence with A's e is lost with A: it can be left out at once.
        sent[:, E, [G, F]] = sent[:, [G, F], E] = 0
        after, error, photons = self._sent(sent)
        at_b = np.einsum("kaiaj->kij", after.reshape(3, 3, 3, 3, 3))
        g, e, across = _acted(self.b.qutrit.rotation(-math.pi, self.b.swap), at_b)
        elements = np.array([[g, across.conj().T], [across, e]])
        return ProcessMap(elements=elements, error=error, photons=photons)

    @cached_property
    def pair(self) -> Pair:
        """Both transmons after A sent half of its excitation, (|e>|0> + |g>|1>)/sqrt(2): ideally Psi+."""
        sent = self._loaded(transition(E, E)[None], math.pi / 2)
        # Populations and half of the coherences: the others are their conjugates.
        (still, across), error, photons = self._sent(np.concatenate([sent * np.eye(3), np.tril(sent, -1)]))
        waits = self.a.qutrit.rotation(0, self.waveguide.delay + self.b.swap)
        swaps = self.b.qutrit.rotation(-math.pi, self.b.swap)
        parts = (still + across + across.conj().T).reshape(3, 3, 3, 3).transpose(0, 2, 1, 3).reshape(9, 9)
        state = (waits @ parts @ swaps.T).reshape(3, 3, 3, 3).transpose(0, 2, 1, 3).reshape(9, 9)
        return Pair(state=state, error=error, photons=photons)

    def history(self, qubit: Matrix, points: int = 201) -> History:
        """What happens to the state `qubit` (2, 2) of A, at `points` times from the first tone to the last."""
        square("the qubit's state", qubit, 2, "g and e")
        pieces, state = self.pieces(), np.zeros((1, 3, 3), dtype=np.complex128)
        state[0, :F, :F] = qubit
        cascade = self._cascade(self.process.photons)
        start = cascade.joint(self._loaded(state, math.pi), self._waiting())
        times = np.linspace(pieces[0].first, pieces[-1].last, points)
        along = Propagation(cascade, pieces, next(self._settings())[1]).along(start, times[1:])
        return history(cascade, times, np.concatenate([start, along[:, 0]]))

    def pieces(self) -> tuple[Piece, ...]:
        """The tones in retarded time, in which B's clock is set back by the delay: what acts between their edges."""
        delay = self.waveguide.delay
        windows = [(self.emit.start, self.emit.end), (self.catch.start - delay, self.catch.end - delay)]
        edges = sorted({edge for window in windows for edge in window})
        return tuple(self._piece(*span, windows) for span in itertools.pairwise(edges))

    def _piece(self, first: float, last: float, windows: list[tuple[float, float]]) -> Piece:
        plays_a, plays_b = (start <= first and last <= end for start, end in windows)

        def controls(time: Real) -> Real:
            none = np.zeros_like(time)
            nothing = (none, none)
            at_a = self.emit.acting(time, self.a.stark) if plays_a else nothing
            at_b = self.catch.acting(time + self.waveguide.delay, self.b.stark) if plays_b else nothing
            return np.array([at_a[0], none, at_a[1], at_b[0], none, at_b[1]])

        return Piece(first, last, controls)

    def _loaded(self, qutrits: Matrix, angle: float) -> Matrix:
        """A's levels (K, 3, 3) after preparation and the e-f pulse."""
        return _acted(self.a.qutrit.rotation(angle, self.a.swap), _prepared(self.a.qutrit, qutrits))

    def _sent(self, at_a: Matrix) -> tuple[Matrix, float, int]:
        """Both transmons (K, 9, 9) when the tones are over, the error of an element, and the photons kept."""
        tried = (self._propagated(at_a, *setting) for setting in self._settings())
        for (coarse, _), (fine, photons) in itertools.pairwise(tried):
            error = float(np.abs(fine - coarse).max())
            if error <= self.error:
                return fine, error, photons
        why = f"not reached with {photons} photons in the resonators; allow a larger one, or cool what enters"
        raise ModelError("transfer error", self.error, why)

    def _settings(self) -> Iterator[tuple[int, float]]:
        """Photons kept and turn of a step, finer and finer."""
        # What leaves less than the error on links of this kind. That of the steps is the fourth power of the turn: what
        # a step shorter by sqrt(2) changes is three times the error it leaves.
        turn, fewest, more = min(STABLE, 40 * self.error**0.25), self._fewest_photons(), int(self._heated())
        for finer in range(MOST_PHOTONS + 1 - fewest):
            yield fewest + more * finer, turn / 2.0 ** (finer / 2)

    def _heated(self) -> bool:
        """Whether anything adds an excitation to the one that is sent; else one photon is all there can be."""
        return bool(self._hottest() or self.a.qutrit.excited or self.b.qutrit.excited)

    def _hottest(self) -> float:
        """The largest occupation that enters."""
        line, resonators = self.waveguide, (self.a.resonator, self.b.resonator)
        inner = [resonator.internal_occupation for resonator in resonators if resonator.internal]
        return max(line.input_occupation, line.loss_occupation, *inner, 0.0)

    def _fewest_photons(self) -> int:
        """So many that more of them in two thermal resonators, (P + 1) r^P with r = n/(1 + n), are within the error."""
        hottest = self._hottest()
        for photons in range(1, MOST_PHOTONS):
            if (photons + 1) * (hottest / (1 + hottest)) ** photons <= self.error:
                return photons
        why = f"needs more than the {MOST_PHOTONS} photons that are followed; allow a larger error, or cool what enters"
        raise ModelError("occupation", hottest, f"for an error of {self.error:g} it {why}")

    def _propagated(self, at_a: Matrix, photons: int, turn: float) -> tuple[Matrix, int]:
        cascade = self._cascade(photons)
        propagation = Propagation(cascade, self.pieces(), turn)
        return cascade.qutrits(propagation.after(cascade.joint(at_a, self._waiting()))), photons

    def _cascade(self, photons: int) -> Cascade:
        return Cascade(a=self.a, b=self.b, waveguide=self.waveguide, photons=photons)

    def _waiting(self) -> Matrix:
        """B's levels before anything comes, (3, 3)."""
        (prepared,) = _prepared(self.b.qutrit, transition(G, G)[None])
        return np.asarray(prepared)


def _prepared(qutrit: Qutrit, states: Matrix) -> Matrix:
    """What a preparation of qubit `states` (K, 3, 3) gives: its residual population is in the other state."""
    qubit = np.diag([1.0, 1.0, 0.0])
    total = np.einsum("kii->k", states)
    return np.asarray((1 - 2 * qutrit.residual) * states + qutrit.residual * total[:, None, None] * qubit)


def _acted(rotation: Matrix, states: Matrix) -> Matrix:
    """A map (9, 9) of one qutrit on its `states` (K, 3, 3)."""
    return np.asarray((states.reshape(-1, 9) @ rotation.T).reshape(states.shape))
