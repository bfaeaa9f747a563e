"""Photon window: what both transmons become while tones play at their nodes as somebody sampled them, as a linear map.

Where `Transfer` takes the drives of one who wants a photon carried, this takes any tones, from any state of both
transmons. Each step of the tones is held, so that the generator is constant on it.
"""

import math
from dataclasses import dataclass
from functools import cached_property
from typing import NoReturn

import numpy as np
from numpy.typing import NDArray

from ...sequences.errors import ModelError
from ..hot_window import Detuned, Outcome
from .cascade import Cascade
from .node import Node
from .propagation import held
from .qutrit import Matrix
from .sector import sector
from .waveguide import Waveguide

Real = NDArray[np.float64]
LEVELS = 3
FINEST = 64
"""By how much steps are made finer than it takes for them to be stable, at most."""
FEWEST_PHOTONS, MOST_PHOTONS = 2, 6
"""Two leave if both transmons begin in f; a map with six takes some 10 s: the model is one of cold lines."""


@dataclass(frozen=True, kw_only=True)
class Tones:
    """f0-g1 tones at both nodes on S common steps of retarded time, in which B's clock is set back by the delay.

    duration: Of each step, (S,) (s). coupling: g~ at A and B, (S, 2) (rad/s): (g |f><g| a + h.c.), with tones that turn
    as exp(-i w t). detuning: Of f0-g1 at each node, without its Stark shift, from w, if a photon of A's resonator is to
    be emitted or absorbed, (2,) (rad/s).
    """

    duration: Real
    coupling: Matrix
    detuning: Real

    def __post_init__(self) -> None:
        if self.coupling.shape != (self.duration.size, 2):
            why = f"its shape is {self.coupling.shape}; give one to each of {self.duration.size} steps and both nodes"
            raise ModelError("size of coupling", self.coupling.size, why)


@dataclass(frozen=True, kw_only=True)
class PhotonWindow:
    """Both nodes from the first step of `tones` to the last, the resonators filled by what enters them.

    error: Asked for, of an element; what was reached is in each outcome. A photon that is still in a resonator at the
    end is lost.
    """

    a: Node
    b: Node
    waveguide: Waveguide
    tones: Tones
    error: float = 1e-4

    @property
    def initial(self) -> Real:
        """Occupations of both transfer resonators at rest, (2,)."""
        return np.array([node.resonator.internal_occupation for node in (self.a, self.b)])

    def apply(self, qubits: Matrix, detuned: Detuned | None = None) -> Outcome:
        """State after the window for the state `qubits` of both transmons, A's level first, (9, 9).

        detuned: Of which shots; None for those whose transmons are where the tones expect them. Of another frequency
        they turn by half of it before and by half of it after, as if a photon left and came in the middle: what that
        misses is in the error.
        """
        (image,) = self.images(qubits[None], detuned)
        slips = np.zeros(2) if detuned is None else detuned.shift * self.tones.duration.sum()
        return Outcome(image, self.initial, self._found[1] + float(np.sum(slips**2)) / 4)

    def images(self, operators: Matrix, detuned: Detuned | None = None) -> Matrix:
        """Of any operators on both transmons, (K, 9, 9)."""
        turn = self._half_turn(detuned)
        found = (operators * turn).reshape(len(operators), -1) @ self.map.T
        return np.asarray(found.reshape(operators.shape) * turn)

    def _half_turn(self, detuned: Detuned | None) -> Matrix:
        """Factors of both transmons' matrix in half of the window, (9, 9)."""
        if detuned is None:
            return np.ones((LEVELS**2, LEVELS**2), dtype=np.complex128)
        levels = np.indices((LEVELS, LEVELS)).reshape(2, -1)
        angles = detuned.shift @ levels * float(self.tones.duration.sum()) / 2
        return np.asarray(np.exp(-1j * (angles[:, None] - angles[None, :])))

    @property
    def map(self) -> Matrix:
        """On the matrix of both transmons flattened, (81, 81)."""
        return self._found[0]

    @cached_property
    def _found(self) -> tuple[Matrix, float]:
        """The map, and its estimated error: what finer steps change, and what another photon does."""
        photons, finer = self._fewest_photons(), 1
        found, finest = self._map(photons, 1), self._map(photons, 2)
        while (of_steps := float(np.abs(finest - found).max())) > self.error / 2:
            if finer == FINEST:
                far = np.abs(self.tones.detuning).max() / (2 * math.pi)
                why = f"not reached with steps {FINEST} times finer than stable ones, a tone being {far:.3g} Hz away; "
                raise ModelError("photon window error", self.error, why + "allow a larger one, or tune it")
            finer, found = 2 * finer, finest
            finest = self._map(photons, 2 * finer)
        if not self._heated:
            return finest, of_steps
        # What finer steps would change is known: a larger space needs no more of them.
        for larger in range(photons + 1, MOST_PHOTONS + 1):
            more = self._map(larger, finer)
            error = of_steps + float(np.abs(more - found).max())
            if error <= self.error:
                return more, error
            found = more
        return self._refuse()

    def _fewest_photons(self) -> int:
        """So many that more of them in two thermal resonators, (P + 1) r^P with r = n/(1 + n), are within the error."""
        hottest = self._hottest
        for photons in range(FEWEST_PHOTONS, MOST_PHOTONS):
            if (photons + 1) * (hottest / (1 + hottest)) ** photons <= self.error:
                return photons
        return self._refuse()

    def _refuse(self) -> NoReturn:
        why = f"not reached with {MOST_PHOTONS} photons in the resonators, where {self._hottest:.3g} enter; "
        raise ModelError("photon window error", self.error, why + "allow a larger one, or cool what enters")

    @property
    def _heated(self) -> bool:
        """Whether anything adds an excitation to those that the transmons begin with."""
        return bool(self._hottest or self.a.qutrit.excited or self.b.qutrit.excited)

    @property
    def _hottest(self) -> float:
        """The largest occupation that enters."""
        resonators = (self.a.resonator, self.b.resonator)
        inner = [resonator.internal_occupation for resonator in resonators if resonator.internal]
        return max(self.waveguide.input_occupation, self.waveguide.loss_occupation, *inner, 0.0)

    @cached_property
    def _controls(self) -> Real:
        """As the cascade's terms have them, (S, 6) (rad/s)."""
        found = []
        for place, node in enumerate((self.a, self.b)):
            g = self.tones.coupling[:, place]
            found += [g.real, g.imag, self.tones.detuning[place] + node.stark * np.abs(g) ** 2]
        return np.array(found).T

    def _map(self, photons: int, finer: int) -> Matrix:
        cascade = Cascade(a=self.a, b=self.b, waveguide=self.waveguide, photons=photons)
        size, rest = LEVELS**2, len(cascade.numbers)
        found = np.zeros((size, size, size, size), dtype=np.complex128)
        # What begins as a product with the resting photons stays in the sector of its qutrits' part.
        labels = cascade.sectors.reshape(size, rest, size, rest)[:, 0, :, 0]
        for label in np.unique(labels[labels >= 0]):
            rows, columns = np.nonzero(labels == label)
            begun = np.zeros((len(rows), size, rest, size, rest), dtype=np.complex128)
            begun[np.arange(len(rows)), rows, :, columns, :] = cascade.resting
            part = sector(cascade, int(label))
            state = begun.reshape(len(rows), -1)[:, part.inside]
            ended = np.zeros((len(rows), (size * rest) ** 2), dtype=np.complex128)
            ended[:, part.inside] = held(part, state, self._controls, self.tones.duration, finer)
            images = cascade.qutrits(ended.reshape(len(rows), size * rest, size * rest))
            found[:, :, rows, columns] = images.transpose(1, 2, 0)
            found[:, :, columns, rows] = images.conj().transpose(2, 1, 0)
        return found.reshape(size**2, size**2)
