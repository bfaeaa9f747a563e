import itertools

import numpy as np
import pytest

from coldlink.physics.basis import Basis
from coldlink.physics.layout import layout
from coldlink.physics.space import ModeSpace

SPACE = ModeSpace((4, 3), 4)


def test_a_mode_space_holds_the_states_within_every_limit():
    expected = {(a, b) for a in range(4) for b in range(3) if a + b <= 4}
    assert set(map(tuple, SPACE.states.tolist())) == expected
    assert len(SPACE.states) == len(expected)


@pytest.mark.parametrize("qubits", [0, 1, 2])
def test_a_basis_holds_every_product_state_once_sorted_by_its_excitations(qubits):
    basis = Basis(SPACE, qubits, 3)
    states = set(map(tuple, basis.numbers.tolist()))
    assert len(states) == len(basis.numbers) == 3**qubits * len(SPACE.states)
    assert np.all(np.diff(basis.totals) >= 0)
    assert all(np.all(basis.totals[rows] == total) for total, rows in enumerate(basis.sectors))


def test_a_subsystem_is_closed_where_one_more_quantum_has_no_state():
    basis = Basis(SPACE, 1, 3)
    states = set(map(tuple, basis.numbers.tolist()))
    for (row, subsystem), closed in np.ndenumerate(basis.closed):
        assert closed == (tuple(basis.numbers[row] + np.eye(3, dtype=int)[subsystem]) not in states)


def test_a_transfer_moves_one_quantum_from_qubit_to_mode_wherever_it_can():
    basis = Basis(SPACE, 2, 3)
    states = set(map(tuple, basis.numbers.tolist()))
    for qubit, mode in itertools.product(range(2), range(2)):
        move = np.eye(4, dtype=int)[2 + mode] - np.eye(4, dtype=int)[qubit]
        source, target = basis.transfers(qubit, mode)
        np.testing.assert_array_equal(basis.numbers[source] + move, basis.numbers[target])
        assert len(source) == sum(tuple(np.array(state) + move) in states for state in states)


@pytest.mark.parametrize("qubits", [0, 1, 2])
@pytest.mark.parametrize("difference", [-2, 0, 1, 3])
def test_a_layout_holds_every_element_of_its_difference_once(qubits, difference):
    elements = layout(SPACE, qubits, 3, difference)
    totals = elements.basis.totals
    rows, columns = elements.row_column()
    assert np.all(totals[rows] - totals[columns] == difference)
    assert len(set(zip(rows, columns, strict=True))) == elements.size
    assert elements.size == np.count_nonzero(totals[:, None] - totals[None, :] == difference)


@pytest.mark.parametrize("difference", [-1, 0, 2])
def test_positions_name_the_elements_between_two_qubit_states_in_the_order_of_the_pairs(difference):
    elements = layout(SPACE, 2, 3, difference)
    rows, columns = elements.row_column()
    numbers, seen = elements.basis.numbers, []
    states = list(itertools.product(range(3), repeat=2))
    for left, right in itertools.product(states, repeat=2):
        position = elements.position(left, right)
        row, column = SPACE.pairs(difference - sum(left) + sum(right))
        np.testing.assert_array_equal(numbers[rows[position], :2], np.tile(left, (len(position), 1)))
        np.testing.assert_array_equal(numbers[columns[position], :2], np.tile(right, (len(position), 1)))
        np.testing.assert_array_equal(numbers[rows[position], 2:], SPACE.states[row])
        np.testing.assert_array_equal(numbers[columns[position], 2:], SPACE.states[column])
        seen += position.tolist()
    assert sorted(seen) == list(range(elements.size))


@pytest.mark.parametrize("subsystem", [0, 1, 2])
def test_strings_hold_every_element_once_lowest_numbers_first(subsystem):
    elements = layout(SPACE, 1, 3, 1)
    strings = elements.strings(subsystem)
    rows, columns = elements.row_column()
    numbers, first = elements.basis.numbers, 0
    assert sorted(strings.order.tolist()) == list(range(elements.size))
    for chain, count in zip(strings.chains, strings.counts, strict=True):
        for _ in range(count):
            members = strings.order[first : first + chain.length]
            first += chain.length
            for side in (rows, columns):
                np.testing.assert_array_equal(
                    np.diff(numbers[side[members]], axis=0), np.tile(np.eye(3)[subsystem], (chain.length - 1, 1))
                )
            assert (
                abs(np.subtract(*(numbers[side[members[0]], subsystem] for side in (rows, columns))))
                == chain.difference
            )


def test_equal_arguments_find_the_same_layout():
    assert layout(ModeSpace((4, 3), 4), 1, 3, 0) is layout(ModeSpace((4, 3), 4), 1, 3, 0)
