"""docs/physics.md: its cells run one after the other, and give what the design of the 4 K link is known for."""

import re
from pathlib import Path

import pytest

PAGE = Path(__file__).parents[1] / "docs" / "physics.md"


@pytest.fixture(scope="module")
def notebook():
    names = {}
    for cell in re.findall(r"^```python\n(.*?)^```", PAGE.read_text(encoding="utf-8"), re.MULTILINE | re.DOTALL):
        exec(compile(cell, str(PAGE), "exec"), names)
    return names


def test_the_notebook_of_the_page_plans_the_4_k_link(notebook):
    assert notebook["cold"][0] == pytest.approx(0.060, abs=1e-3)
    assert notebook["found"].raw_fidelity == pytest.approx(0.585, abs=1e-3)
    assert notebook["pair"].fidelity == pytest.approx(0.702, abs=4e-3)
    assert notebook["warming"][-1] == pytest.approx(4.1, abs=0.2)
    assert notebook["moved"][200] < -100e6 < 0 < notebook["f01"][0]


def test_a_trace_of_radiometry_grows_while_the_line_gets_warm(notebook):
    trace = notebook["trace"]
    assert trace[0] == pytest.approx(0.02)
    assert 0.1 < trace[20:].mean() < 0.5


def test_a_sweep_over_temperature_and_quality_says_what_helps(notebook):
    fidelities = [one.raw_fidelity for one in notebook["predictions"]]
    assert fidelities[3] > fidelities[2]
    assert fidelities[1] > fidelities[0] > fidelities[2]
    assert max(one.error for one in notebook["predictions"]) < 5e-4


def test_a_swap_in_the_lanes_empties_a_where_its_area_is_half_a_turn(notebook):
    left = notebook["swept"].qubits[:, 2:, 2:].real.trace(axis1=1, axis2=2)
    assert notebook["strengths"][left.argmin()] * 40e-9 == pytest.approx(1.5708, rel=0.1)


def test_a_photon_of_the_page_is_caught_as_the_loss_of_its_cable_allows(notebook):
    process = notebook["transfer"].process
    assert process.efficiency == pytest.approx(0.79 * 0.96, abs=0.05)
    assert process.process_fidelity > 0.8
