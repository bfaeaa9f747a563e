from pathlib import Path

import pytest

from coldlink.sequences import Link, Target
from coldlink.stations.declaration import Declaration, declaration

STATION = Path(__file__).parents[2] / "stations" / "sim_4k"


@pytest.fixture(scope="session")
def declared() -> Declaration:
    return declaration(STATION)


@pytest.fixture(scope="session")
def link(declared: Declaration) -> Link:
    """Of sim_4k as designed."""
    return declared.design().link()


@pytest.fixture(scope="session")
def zcu216(declared: Declaration) -> Target:
    return declared.wiring.target()
