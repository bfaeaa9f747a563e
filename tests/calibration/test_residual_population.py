"""Residual population on the twin."""

import pytest

from coldlink.calibration.names import KINDS
from coldlink.calibration.residual_population import ResidualPopulation
from coldlink.calibration.routine import calibrate

from ..one_mode import one_mode
from .changes import qubits


@pytest.mark.parametrize(
    ("station", "node", "population"), [("sim_4k", "a", 0.02), ("sim_4k", "b", 0.05), ("sim_1k", "a", 0.005)]
)
def test_the_population_is_found(station, node, population):
    routine = ResidualPopulation(node=node)
    outcome = calibrate(routine, one_mode(station, qubits(residual_population=population)).bench)
    ((name, found),) = routine.found(outcome.fit).items()
    assert name in KINDS
    assert abs(found.value - population) < 3 * found.error
    assert found.error < max(0.0025, 0.1 * population)
