import numpy as np
import pytest
from scipy.linalg import expm

from coldlink.physics.controls import Rates
from coldlink.physics.dissipation import dissipate, tables
from coldlink.physics.idle import idle_map
from coldlink.physics.ladder import Chain, Ladder
from coldlink.physics.layout import layout
from coldlink.physics.space import ModeSpace

LADDER = Ladder(1.3, 0.7, 0.4)


def lindblad(rho, jumps):
    """Right side of the master equation for operators that are real."""
    lost = sum(jump.T @ jump for jump in jumps) / 2
    return sum(jump @ rho @ jump.T for jump in jumps) - lost @ rho - rho @ lost


def jumps(lowering, ladder):
    return [
        np.sqrt(ladder.down) * lowering,
        np.sqrt(ladder.up) * lowering.T,
        np.sqrt(2 * ladder.dephasing) * lowering.T @ lowering,
    ]


@pytest.mark.parametrize("levels", [2, 3, 6])
def test_every_chain_is_the_master_equation_of_a_truncated_ladder(levels):
    operators = jumps(np.diag(np.sqrt(np.arange(1, levels)), 1), LADDER)
    for difference in range(levels):
        generator = LADDER.generator(Chain.of_levels(levels, difference))
        for k in range(levels - difference):
            element = np.zeros((levels, levels))
            element[k + difference, k] = 1
            expected = lindblad(element, operators)
            np.testing.assert_allclose(np.diagonal(expected, -difference), generator[:, k], atol=1e-12)


@pytest.mark.parametrize("subsystem", [0, 1, 2])
@pytest.mark.parametrize("difference", [-2, 0, 1])
def test_it_is_the_master_equation_also_where_modes_share_a_limit_of_photons(subsystem, difference):
    elements = layout(ModeSpace((4, 3), 3), 1, 3, difference)
    numbers = elements.basis.numbers
    lowering = np.zeros((len(numbers), len(numbers)))
    for row, column in np.argwhere(np.ones_like(lowering)):
        if np.array_equal(numbers[row] + np.eye(3, dtype=int)[subsystem], numbers[column]):
            lowering[row, column] = np.sqrt(numbers[column, subsystem])
    rows, columns = elements.row_column()
    generator = np.random.default_rng(1)
    vector = generator.normal(size=(2, elements.size)) + 1j * generator.normal(size=(2, elements.size))
    expected = []
    for lane in vector:
        rho = np.zeros(lowering.shape, complex)
        rho[rows, columns] = lane
        term = rho.copy()
        for order in range(1, 12):
            term = 0.05 * lindblad(term, jumps(lowering, LADDER)) / order
            rho += term
        expected.append(rho[rows, columns])
    strings = elements.strings(subsystem)
    dissipate(vector, strings, tables(strings, LADDER, 0.05))
    np.testing.assert_allclose(vector, expected, atol=1e-12)


def rates(**changed):
    values = {"anharmonicity": [-3.0], "relaxation": [0.5], "excited": [0.2], "dephasing": [0.3]}
    values |= {"parity": [[1.0]], "internal": [0.1], "hot": [4.0], "cold": [0.5], "detuning": [0.0]}
    return Rates(**{name: np.array(value) for name, value in (values | changed).items()})


def test_a_mode_is_heated_by_the_line_and_cooled_by_the_load():
    assert Ladder.of_mode(rates(), 0, 2.0) == pytest.approx(Ladder(0.1 * 5 + 2 * 1.5, 0.1 * 4 + 2 * 0.5), abs=1e-12)


def test_a_qubit_goes_up_with_its_thermal_share_of_the_relaxation():
    assert Ladder.of_qubit(rates(), 0) == Ladder(0.4, 0.1, 0.3)


def test_an_idle_qubit_follows_its_own_master_equation():
    b, levels, detuning, t = np.diag(np.sqrt([1.0, 2.0]), 1), 3, 2.0, 0.7
    energy = np.diag(detuning * np.arange(3) - 3.0 / 2 * np.arange(3) * (np.arange(3) - 1))
    operators, one = jumps(b, Ladder.of_qubit(rates(), 0)), np.eye(levels)
    lost = sum(jump.T @ jump for jump in operators) / 2
    total = np.kron(-1j * energy - lost, one) + np.kron(one, 1j * energy - lost)
    total = total + sum(np.kron(jump, jump) for jump in operators)
    found = idle_map(rates(), 0, levels, t, detuning * t).reshape(9, 9)
    np.testing.assert_allclose(found, expm(total * t), atol=1e-12)
