"""The simulated rack, and the drivers that talk to it."""

import pytest

from coldlink.instruments.flux_source import FluxSource
from coldlink.instruments.thermometry import Thermometer

from .fridge_rack import LIMITS, PLACES, TIMEOUT, racked


@pytest.fixture
def rack():
    with racked() as made:
        yield made


@pytest.fixture
def thermometer(rack):
    driver = Thermometer(
        "lakeshore",
        rack.fridge.addresses["lakeshore"],
        serial="LSA0372",
        stages=PLACES,
        heaters={"line": 0},
        clock=rack.clock,
        timeout=TIMEOUT,
    )
    yield driver
    driver.close()


@pytest.fixture
def source(rack):
    driver = FluxSource(
        "yoko", rack.fridge.addresses["yoko"], serial="91T0001", clock=rack.clock, timeout=TIMEOUT, **LIMITS
    )
    yield driver
    driver.close()
