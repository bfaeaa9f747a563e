"""Labels of bases and inputs."""

import numpy as np
import pytest
import qutip

from coldlink.analysis import effects, input_state, paulis
from coldlink.sequences.errors import FitRejected


@pytest.mark.parametrize(
    ("label", "operator", "value"),
    [
        ("0", qutip.sigmaz(), 1),
        ("1", qutip.sigmaz(), -1),
        ("+", qutip.sigmax(), 1),
        ("-", qutip.sigmax(), -1),
        ("+i", qutip.sigmay(), 1),
        ("-i", qutip.sigmay(), -1),
    ],
)
def test_an_input_is_the_eigenstate_its_label_names(label, operator, value):
    state = input_state(label)
    assert np.trace(state @ operator.full()).real == pytest.approx(value)
    assert np.trace(state @ state).real == pytest.approx(1)


@pytest.mark.parametrize(("label", "prepared"), [("+Z", "0"), ("+X", "+"), ("-X", "-"), ("+Y", "+i"), ("-Y", "-i")])
def test_outcome_0_is_certain_for_the_state_along_the_label(label, prepared):
    outcomes = effects([(label,)])[0]
    assert np.einsum("oij,ji->o", outcomes, input_state(prepared)).real == pytest.approx([1, 0])


def test_node_a_counts_first():
    ground_excited = np.kron(input_state("0"), input_state("1"))
    assert np.einsum("oij,ji->o", effects([("+Z", "+Z")])[0], ground_excited).real == pytest.approx([0, 1, 0, 0])
    assert np.allclose(paulis(2)[3], np.kron(np.eye(2), np.diag([1, -1])))


@pytest.mark.parametrize("bad", ["X", "+W", "0", ""])
def test_an_unknown_basis_is_refused_with_the_known_ones(bad):
    with pytest.raises(FitRejected, match=r"unknown; use one of \+X, \+Y, \+Z"):
        effects([(bad,)])


def test_an_unknown_input_is_refused_with_the_known_ones():
    with pytest.raises(FitRejected, match="input 'g' is unknown; use one of 0, 1"):
        input_state("g")


def test_no_setting_at_all_is_refused():
    with pytest.raises(FitRejected, match="at least one"):
        effects([])
