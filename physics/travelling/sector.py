"""Sector: the elements of rho that a cascade never mixes with others, and what acts on them."""

from collections.abc import Iterator
from dataclasses import dataclass
from functools import lru_cache

import numpy as np
from numpy.typing import NDArray

from .cascade import Cascade, Index, Term
from .qutrit import Matrix


@dataclass(frozen=True)
class Sector:
    """One sparse pattern for the constant part and the six controls, row after row.

    inside: Places in rho.reshape(d*d), (m,). starts: First place of each row's entries, (m + 1,). columns: Of each
    entry, (Z,). values: Of each entry in each part, (Z, 7).
    """

    inside: Index
    starts: Index
    columns: Index
    values: Matrix

    @property
    def rates(self) -> NDArray[np.float64]:
        """Largest sum of magnitudes in a row of each part, (7,): bounds of how fast it changes rho."""
        rows = np.repeat(np.arange(len(self.inside)), np.diff(self.starts))
        sums = np.zeros((len(self.inside), self.values.shape[1]))
        np.add.at(sums, rows, np.abs(self.values))
        return np.asarray(sums.max(axis=0))


@lru_cache(maxsize=512)
def sector(cascade: Cascade, label: int) -> Sector:
    """The sector of `cascade` with this label, whatever its tones; those of a sweep are alike."""
    inside = np.flatnonzero(cascade.sectors == label)
    place = np.full(cascade.sectors.size, -1)
    place[inside] = np.arange(len(inside))
    parts = [list(_entries(terms, place)) for terms in cascade.terms]
    keys = np.concatenate([key for part in parts for key, _ in part])
    found, index = np.unique(keys, return_inverse=True)
    values = np.zeros((len(found), len(parts)), dtype=np.complex128)
    owner = np.repeat(np.arange(len(parts)), [sum(len(key) for key, _ in part) for part in parts])
    np.add.at(values, (index, owner), np.concatenate([value for part in parts for _, value in part]))
    rows, columns = np.divmod(found, len(inside))
    return Sector(inside, np.searchsorted(rows, np.arange(len(inside) + 1)), columns, values)


def _entries(terms: list[Term], place: Index) -> Iterator[tuple[Index, Matrix]]:
    """Entries of A rho B+ whose column is inside the sector: row times m plus column, and value."""
    size, inside = round(len(place) ** 0.5), int(place.max()) + 1
    for left, right in terms:
        (to_row, row), (to_column, column) = np.nonzero(left), np.nonzero(right)
        columns = place[row[:, None] * size + column]
        i, j = np.nonzero(columns >= 0)
        rows = place[to_row[i] * size + to_column[j]]
        yield rows * inside + columns[i, j], left[to_row[i], row[i]] * right[to_column[j], column[j]].conj()
