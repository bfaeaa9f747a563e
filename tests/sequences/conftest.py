from pathlib import Path

import pytest

from coldlink.instruments.qick.firmware import soccfg
from coldlink.instruments.qick.wiring import target
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
    return target(soccfg(), declared.wiring.wiring(), name="zcu216")
