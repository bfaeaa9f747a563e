"""A recorder in an empty folder, and blocks as a board gives them."""

import numpy as np
import pytest
import xarray as xr

from coldlink.calibration.record import Archive, Recorder

DIMS = ("shot", "quadrature")


def block_of(axes, shots=40, seed=1):
    """Two nodes' shots over `axes`: name -> (values, unit)."""
    generator = np.random.default_rng(seed)
    shape = (*(len(values) for values, _ in axes.values()), shots, 2)
    variables = {
        f"{node}.iq": ((*axes, *DIMS), generator.normal(size=shape).astype(np.float32), {"units": "ADC"})
        for node in "ab"
    }
    coords = {name: ((name,), list(values), {"units": unit}) for name, (values, unit) in axes.items()}
    return xr.Dataset(variables, coords, {"image_sha256": "0f" * 32, "board_time_s": 1.5, "shots": shots})


@pytest.fixture
def make_block():
    return block_of


@pytest.fixture
def block():
    return block_of({"prepared": (["gg", "ge", "eg", "ee"], ""), "wait": (np.linspace(0, 1e-6, 5), "s")})


@pytest.fixture
def recorder(tmp_path):
    return Recorder(tmp_path / "data #1" / "measurements.db", tmp_path / "data #1" / "shots", "sim_4k", "run-1")


@pytest.fixture
def archive(recorder):
    return Archive(recorder.database, recorder.shots)
