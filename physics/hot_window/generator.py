"""Generator: the couplings and baths of qubits and line, as a list of shifted multiply-adds on `Moments`."""

from collections.abc import Iterator
from functools import lru_cache
from itertools import product
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from ..simd import aligned
from .moments import Moments, Numbers

Real = NDArray[np.float64]
COUPLING, HEATED, STIMULATED = range(3)
"""Of a far mode: g, g n and g (n + 1)."""
PLAIN = -1


class Term(NamedTuple):
    """What adds coefficient * factor * weight * (source shifted by `shift`) to a row.

    row: Target. source: Row that is read. coefficient: Index of it. weight: Of the elements of the target; `PLAIN` is
    one for all, where the source does not exist unless the target does.
    """

    row: int
    source: int
    shift: int
    coefficient: int
    factor: float
    weight: int


@lru_cache(maxsize=64)
def generator(moments: Moments) -> "Generator":
    """Of these moments; sweeps share them."""
    return Generator(moments)


class Generator:
    """Terms of the generator on `moments`; its diagonal but for the near mode's baths is left to the caller.

    With the active qubits q and the far modes m, the coefficients are

        g_q of the near mode                                  `near(q)`
        g_q, g_q n_m and g_q (n_m + 1) of a far mode            `far(q, m)` + COUPLING, HEATED, STIMULATED
        rates of a qubit, up and down                          `up(q)`, `down(q)`
        rates of the near mode, up and down                    `mode_up`, `mode_down`

    lists: Coefficient and factor of each kind of term; of each term its kind, the place of its source and that of its
    weight; rows that the terms give, first term of each, first with a weight, first without a factor -i; all weights.
    mirror: Places of the elements in the other
    rows of a Hermitian operator, and of those whose complex conjugates they are.
    """

    def __init__(self, moments: Moments) -> None:
        self.moments = moments
        self._orders = {numbers: place for place, numbers in enumerate(moments.orders)}
        self._states = {numbers: place for place, numbers in enumerate(moments.states)}
        self._weights: dict[Any, int] = {}
        self._tables: list[Real] = []
        turning = sorted(self._couplings(), key=lambda term: (term.row, term.weight != PLAIN, term))
        damping = sorted(self._baths())
        self.lists = self._lists(turning, damping)
        self.mirror = self._mirror()

    def near(self, qubit: int) -> int:
        """Coefficient of a qubit's coupling to the near mode."""
        return qubit * (1 + 3 * self.moments.far)

    def far(self, qubit: int, mode: int) -> int:
        """The first of three coefficients of a qubit's coupling to a far mode."""
        return self.near(qubit) + 1 + 3 * mode

    def up(self, qubit: int) -> int:
        """Coefficient of a qubit's excitation."""
        return self.moments.qubits * (1 + 3 * self.moments.far) + 2 * qubit

    def down(self, qubit: int) -> int:
        """Coefficient of a qubit's decay."""
        return self.up(qubit) + 1

    @property
    def mode_up(self) -> int:
        """Coefficient of the near mode's heating."""
        return self.up(self.moments.qubits)

    @property
    def mode_down(self) -> int:
        """Coefficient of the near mode's loss."""
        return self.mode_up + 1

    @property
    def coefficients(self) -> int:
        """How many there are."""
        return self.mode_down + 1

    def _couplings(self) -> Iterator[Term]:
        """-i g (b c+ + b+ c) of all qubits and modes, from the left and from the right."""
        for row, orders, state, columns in self._rows():
            for qubit in range(self.moments.qubits):
                yield from self._near_terms(row, orders, state, columns, qubit)
                for mode in range(self.moments.far):
                    yield from self._far_terms(row, orders, state, columns, qubit, mode)

    def _near_terms(self, row: int, orders: Numbers, state: Numbers, columns: Numbers, qubit: int) -> Iterator[Term]:
        place, stride, level = self.near(qubit), self.moments.stride(qubit), state[qubit]
        weight = self._weigher(orders, state, columns)
        higher, lower = (
            self._row(orders, _moved(state, qubit, 1), columns),
            self._row(orders, _moved(state, qubit, -1), columns),
        )
        if higher is not None:
            yield Term(row, higher, -1, place, np.sqrt(level + 1), weight("emitted"))
        if lower is not None:
            yield Term(row, lower, 1, place, np.sqrt(level), weight("absorbed"))
        yield Term(row, row, -stride, place, -1.0, weight("partner emitted", qubit))
        yield Term(row, row, stride, place, -1.0, weight("partner absorbed", qubit))

    def _far_terms(
        self, row: int, orders: Numbers, state: Numbers, columns: Numbers, qubit: int, mode: int
    ) -> Iterator[Term]:
        place, stride, level = self.far(qubit, mode), self.moments.stride(qubit), state[qubit]
        k, j = orders[mode], columns[mode]
        weight = self._weigher(orders, state, columns)
        excited, relaxed = _moved(state, qubit, 1), _moved(state, qubit, -1)
        more, fewer = _moved(columns, mode, 1), _moved(columns, mode, -1)
        above, below = _moved(orders, mode, 1), _moved(orders, mode, -1)
        rising, falling = np.sqrt(level + 1), np.sqrt(level)
        for source, shift, kind, factor, heat in (
            (self._row(orders, excited, more), 0, "same", np.sqrt(j + 1) * rising, COUPLING),
            (self._row(orders, state, more), -stride, "lower", -np.sqrt(j + 1), COUPLING),
            (self._row(above, relaxed, columns), 0, "same", np.sqrt(k + 1) * falling, COUPLING),
            (self._row(above, state, columns), stride, "higher", -np.sqrt(k + 1), COUPLING),
            (self._row(below, excited, columns), 0, "same", np.sqrt(k) * rising, STIMULATED),
            (self._row(below, state, columns), -stride, "lower", -np.sqrt(k), HEATED),
            (self._row(orders, relaxed, fewer), 0, "same", np.sqrt(j) * falling, HEATED),
            (self._row(orders, state, fewer), stride, "higher", -np.sqrt(j), STIMULATED),
        ):
            if source is not None and factor:
                yield Term(row, source, shift, place + heat, float(factor), weight(kind, qubit))

    def _baths(self) -> Iterator[Term]:
        """Baths of the near mode, and what arrives in a level by relaxation or heating of a qubit."""
        for row, orders, state, columns in self._rows():
            weight = self._weigher(orders, state, columns)
            yield Term(row, row, 0, self.mode_down, 1.0, weight("lost"))
            yield Term(row, row, 0, self.mode_up, 1.0, weight("heated away"))
            yield Term(row, row, 1, self.mode_down, 1.0, weight("cooled into"))
            yield Term(row, row, -1, self.mode_up, 1.0, weight("heated into"))
            for qubit in range(self.moments.qubits):
                stride, level = self.moments.stride(qubit), state[qubit]
                higher = self._row(orders, _moved(state, qubit, 1), columns)
                lower = self._row(orders, _moved(state, qubit, -1), columns)
                if higher is not None:
                    yield Term(row, higher, stride, self.down(qubit), np.sqrt(level + 1), weight("higher", qubit))
                if lower is not None:
                    yield Term(row, lower, -stride, self.up(qubit), np.sqrt(level), weight("lower", qubit))

    def _rows(self, mirrored: bool = False) -> Iterator[tuple[int, Numbers, Numbers, Numbers]]:
        """Every row with the far modes' and the qubits' numbers on its side, and the far modes' on the other.

        Of a Hermitian operator the rows that tell all others, or those others.
        """
        for orders, state, columns in product(self.moments.orders, self.moments.states, self.moments.orders):
            row = self._row(orders, state, columns)
            if row is not None and mirrored == (self.moments.hermitian and orders > columns):
                yield row, orders, state, columns

    def _mirror(self) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
        """Real parts of mirrored elements and of those that they mirror; imaginary parts lie one row length behind."""
        moments, places, mirrored = self.moments, [np.zeros(0, np.int64)], [np.zeros(0, np.int64)]
        for row, orders, state, columns in self._rows(mirrored=True):
            partner = moments.partner(sum(orders) + sum(state) - sum(columns))
            column, photons = np.nonzero((partner >= 0) & (partner < moments.cutoff))
            others = np.array([self._row(columns, other, orders) for other in moments.states])[column]
            places.append(self._place(row, column, photons))
            mirrored.append(self._place(others, self._states[state], partner[column, photons]))
        return np.concatenate(places), np.concatenate(mirrored)

    def _place(self, row: Any, column: Any, photons: NDArray[np.int64]) -> NDArray[np.int64]:
        """In the vector, of the real part of elements."""
        moments = self.moments
        return np.asarray(moments.guard + 2 * moments.length * row + moments.cutoff * column + photons)

    def _row(self, orders: Numbers, state: Numbers, columns: Numbers) -> int | None:
        """Where these numbers are, None outside of what is followed."""
        first, second, third = self._orders.get(orders), self._states.get(state), self._orders.get(columns)
        if first is None or second is None or third is None:
            return None
        return (first * len(self._states) + second) * len(self._orders) + third

    def _weigher(self, orders: Numbers, state: Numbers, columns: Numbers) -> Any:
        """Finds the place of the weights of a kind, zero wherever the target does not exist."""
        offset = sum(orders) + sum(state) - sum(columns)

        def place(kind: str, qubit: int = 0) -> int:
            if kind == "same":
                return PLAIN
            key = kind, qubit, offset
            if key not in self._weights:
                self._weights[key] = len(self._tables)
                self._tables.append(self._weight(kind, qubit, offset))
            return self._weights[key]

        return place

    def _weight(self, kind: str, qubit: int, offset: int) -> Real:
        moments = self.moments
        n, partner = np.arange(moments.cutoff), moments.partner(offset)
        level = np.array([sum(state[qubit : qubit + 1]) for state in moments.states])[:, None]
        top, roof = moments.levels - 1, moments.cutoff - 1
        low, high = np.sqrt(level), np.where(level < top, np.sqrt(level + 1), 0.0)
        up, down = np.sqrt(n), np.where(n < roof, np.sqrt(n + 1), 0.0)
        inside = (partner >= 0) & (partner <= roof)
        other = np.where(inside, partner, 0)
        partner_up, partner_down = np.sqrt(other), np.where(other < roof, np.sqrt(other + 1), 0.0)
        found = {
            "lower": low,
            "higher": high,
            "emitted": up,
            "absorbed": down,
            "partner emitted": low * partner_down,
            "partner absorbed": high * partner_up,
            "lost": -(n + other) / 2,
            "heated away": -((n + 1) * (n < roof) + (other + 1) * (other < roof)) / 2,
            "cooled into": down * partner_down,
            "heated into": up * partner_up,
        }[kind]
        table = np.zeros(moments.length)
        table[: inside.size] = np.where(inside, found, 0.0).ravel()
        return table

    def _lists(self, turning: list[Term], damping: list[Term]) -> tuple[NDArray[Any], ...]:
        rows = np.array([row for row, *_ in self._rows()])
        first, second = (np.searchsorted([term.row for term in part], rows) for part in (turning, damping))
        ends = np.append(first[1:], len(turning)), np.append(second[1:], len(damping))
        terms: list[Term] = []
        begin, plain, middle = [], [], []
        for kept in range(len(rows)):
            begin.append(len(terms))
            terms += turning[first[kept] : ends[0][kept]]
            plain.append(begin[-1] + sum(term.weight == PLAIN for term in terms[begin[-1] :]))
            middle.append(len(terms))
            terms += damping[second[kept] : ends[1][kept]]
        begin.append(len(terms))
        width = 2 * self.moments.length
        weights = aligned((len(self._tables) * self.moments.length,))
        weights[:] = np.concatenate(self._tables)
        strengths = [(term.coefficient, term.factor) for term in terms]
        kinds = {strength: kind for kind, strength in enumerate(sorted(set(strengths)))}
        return (
            np.array([coefficient for coefficient, _ in kinds]),
            np.array([factor for _, factor in kinds]),
            np.array([kinds[strength] for strength in strengths], np.uint64),
            np.array([term.source * width + term.shift for term in terms]),
            np.array([term.weight for term in terms]) * self.moments.length,
            rows,
            np.array(begin, np.uint64),
            np.array(plain, np.uint64),
            np.array(middle, np.uint64),
            weights,
        )


def _moved(numbers: Numbers, place: int, by: int) -> Numbers:
    return (*numbers[:place], numbers[place] + by, *numbers[place + 1 :])
