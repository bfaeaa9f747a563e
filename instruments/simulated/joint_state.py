"""Joint state: of all qubits, on which maps act that belong to some of them; the others are spectators."""

from typing import Protocol

import numpy as np
from numpy.typing import NDArray

from ...physics import Outcome
from ...physics.hot_window import Detuned
from .contact import LEVELS

State = NDArray[np.complex128]


class Window(Protocol):
    """The map of the qubits at the ends of a line while they evolve with it."""

    @property
    def initial(self) -> NDArray[np.float64]:
        """Occupation of each of the line's modes as it begins, shape (M,)."""
        ...

    def apply(self, qubits: State, detuned: Detuned) -> Outcome:
        """State of the qubits afterwards, for their state before, in the shots that are `detuned` so."""
        ...

    def images(self, operators: State, detuned: Detuned) -> State:
        """Of any operators on the qubits, shape (K, levels**Q, levels**Q)."""
        ...


def moved(single: State, rho: State, qubit: int, count: int) -> State:
    """`rho` of `count` qubits at K points after maps of one of them, shape (K, levels**count, levels**count).

    single: On its own matrix flattened, shape (K, levels**2, levels**2).
    """
    before, behind = LEVELS**qubit, LEVELS ** (count - qubit - 1)
    tensor = rho.reshape(-1, before, LEVELS, behind, before, LEVELS, behind).transpose(0, 2, 5, 1, 3, 4, 6)
    after = (single @ tensor.reshape(len(rho), LEVELS**2, -1)).reshape(tensor.shape)
    return after.transpose(0, 3, 1, 4, 5, 2, 6).reshape(rho.shape)


def through(
    window: Window, detuned: Detuned, rho: State, nodes: tuple[int, ...], count: int, into: State, back: State
) -> tuple[State, NDArray[np.float64], float]:
    """`rho` of `count` qubits after a window of some `nodes`; occupations of its line then, and the estimated error.

    detuned: The nodes in the shots of `rho`. into, back: Factors that the nodes' matrix takes before and after, for the
    window has a frame of its own.
    """
    blocks = _blocks(rho, nodes, count) * into
    found, occupations, error = np.empty_like(blocks), np.zeros_like(window.initial), 0.0
    for other in range(len(blocks)):
        outcome = window.apply(blocks[other, other], detuned)
        found[other, other] = outcome.qubits
        occupations, error = occupations + outcome.occupations, error + outcome.error
        if other:
            found[other, :other] = window.images(blocks[other, :other], detuned)
            found[:other, other] = found[other, :other].conj().swapaxes(1, 2)
    return _joined(found * back, nodes, count), occupations, error


def _blocks(rho: State, nodes: tuple[int, ...], count: int) -> State:
    """Matrix of `nodes` for each pair of states of the others, shape (others, others, own, own)."""
    others = [node for node in range(count) if node not in nodes]
    axes = [*others, *(count + node for node in others), *nodes, *(count + node for node in nodes)]
    sizes = (LEVELS ** len(others),) * 2 + (LEVELS ** len(nodes),) * 2
    return rho.reshape((LEVELS,) * (2 * count)).transpose(axes).reshape(sizes)


def _joined(blocks: State, nodes: tuple[int, ...], count: int) -> State:
    """The joint state that has these blocks."""
    others = [node for node in range(count) if node not in nodes]
    axes = [*others, *(count + node for node in others), *nodes, *(count + node for node in nodes)]
    return blocks.reshape((LEVELS,) * (2 * count)).transpose(np.argsort(axes)).reshape((LEVELS**count,) * 2)
