"""Contrast: means along a line with the errors of their own shots."""

import numpy as np
import pytest
import xarray as xr

from coldlink.analysis.contrast import contrast
from coldlink.analysis.linear import weights
from coldlink.sequences.errors import FitRejected


def clouds(generator: np.random.Generator, excited: np.ndarray, angle: float) -> xr.Dataset:
    """2000 shots at each of `excited` populations, clouds 6 apart with a width of 1."""
    states = generator.random((len(excited), 2000)) < excited[:, None]
    noise = generator.standard_normal((len(excited), 2000, 2))
    points = noise + 6 * states[..., None] * np.array([np.cos(angle), np.sin(angle)])
    return xr.Dataset({"a.iq": (("wait", "shot", "quadrature"), points)}, {"wait": np.arange(len(excited))})


def test_means_lie_on_the_line_and_have_the_error_of_two_clouds(generator):
    excited = np.linspace(0, 1, 11)
    read, error = contrast(clouds(generator, excited, 2.1), "a")
    assert abs(np.ptp(read)) == pytest.approx(6, abs=0.15)
    assert error[5] * np.sqrt(2000) == pytest.approx(np.sqrt(1 + 9), rel=0.05)
    assert error[0] * np.sqrt(2000) == pytest.approx(1, rel=0.07)


def test_a_given_angle_is_used(generator):
    across, _ = contrast(clouds(generator, np.linspace(0, 1, 11), 0.4), "a", 0.4 + np.pi / 2)
    assert np.abs(across).max() < 0.15


def test_what_is_not_finite_is_refused(generator):
    with pytest.raises(FitRejected, match="not finite"):
        contrast(clouds(generator, np.ones(3), 0.0) * np.nan, "a")


def test_weights_are_those_of_the_shapes_in_the_data(generator):
    x = np.linspace(0, 1, 30)
    shapes = np.stack([np.ones(30), x**2])
    found, chi2 = weights(shapes, 2 - 3 * x**2, np.full(30, 0.1))
    assert found == pytest.approx([2, -3])
    assert chi2 < 1e-12
