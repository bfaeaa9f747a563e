"""Crosstalk: linear algebra on all flux lines."""

import numpy as np
import pytest

from coldlink.physics.crosstalk import Crosstalk
from coldlink.sequences.errors import ModelError

LINES = "flux 0", "coupler 0", "load"
SOME = Crosstalk(LINES, ((1.0, 0.02, 0.0), (-0.01, 1.0, 0.03), (0.0, 0.0, 1.0)))


def test_the_voltages_that_solve_the_matrix_make_the_wanted_fluxes():
    gains, wanted = np.array([0.5, 0.4, 0.3]), np.array([0.2, -0.1, 0.45])
    volts = np.linalg.solve(np.array(SOME.matrix) @ np.diag(gains), wanted)
    assert SOME.felt(gains * volts) == pytest.approx(wanted)
    pulsed = np.array([[0.0, 1.0, 0.0], [1.0, 0.0, 2.0]])
    assert SOME.felt(pulsed) == pytest.approx(pulsed @ np.array(SOME.matrix).T)


def test_lines_that_keep_to_themselves_feel_their_own_flux_alone():
    none = Crosstalk.none(LINES)
    assert none.ideal
    assert not SOME.ideal
    assert none.felt([0.1, 0.2, 0.3]).tolist() == [0.1, 0.2, 0.3]


@pytest.mark.parametrize(
    ("matrix", "named"),
    [
        (((1.0, 0.0), (0.0, 1.0)), "rows"),
        (((0.9, 0.0, 0.0), (0.0, 1.0, 0.0), (0.0, 0.0, 1.0)), "itself"),
        (((1.0, 0.6, 0.4), (0.0, 1.0, 0.0), (0.0, 0.0, 1.0)), "onto one line"),
    ],
)
def test_a_matrix_that_cannot_be_is_refused_by_name(matrix, named):
    with pytest.raises(ModelError, match=named):
        Crosstalk(LINES, matrix)
