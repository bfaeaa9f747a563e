"""Counts: how often each outcome was read in each setting."""

from collections.abc import Mapping
from itertools import product

import numpy as np
import xarray as xr
from numpy.typing import NDArray

from ..sequences.errors import FitRejected
from .discrimination import Discriminator, clouds


def outcome_counts(data: xr.Dataset, discriminators: Mapping[str, Discriminator]) -> xr.DataArray:
    """Counts of the joint outcomes of the nodes named, in their order.

    data: A variable "node.iq" for each node with dims (*sweeps, "shot", "quadrature"). Result: dims (*sweeps,
    "outcome") with outcomes "0", "1" of one node or "00", "01", "10", "11" of two, the first node's digit first.
    """
    joint = xr.DataArray(np.int8(0))
    for node, discriminator in discriminators.items():
        iq = clouds(data, node)
        joint = 2 * joint + xr.DataArray(discriminator.states(iq.values), dims=iq.dims[:-1], coords=_sweeps(iq))
    labels = ["".join(digits) for digits in product("01", repeat=len(discriminators))]
    tally = [(joint == outcome).sum("shot") for outcome in range(len(labels))]
    counts = xr.concat(tally, xr.DataArray(labels, dims="outcome", name="outcome")).transpose(..., "outcome")
    return counts.assign_attrs(units="counts").rename("counts")


def checked_counts(counts: NDArray[np.generic], shape: tuple[int, ...]) -> NDArray[np.float64]:
    """`counts` as floats: finite, not negative, every setting measured, of the trailing `shape`."""
    numbers = np.asarray(counts, dtype=float)
    if numbers.shape[-len(shape) :] != shape:
        raise FitRejected(f"counts have shape {numbers.shape}", f"the settings given need (..., {str(shape)[1:-1]})")
    if not np.isfinite(numbers).all() or (numbers < 0).any():
        raise FitRejected(f"counts reach from {numbers.min():g} to {numbers.max():g}", "give finite numbers of shots")
    if (numbers.sum(-1) == 0).any():
        empty = tuple(int(i) for i in np.argwhere(numbers.sum(-1) == 0)[0])
        raise FitRejected(f"setting {empty} has no shots", "measure every setting")
    return numbers


def _sweeps(iq: xr.DataArray) -> dict[str, xr.DataArray]:
    return {str(name): iq.coords[name] for name in iq.dims if name in iq.coords and name not in ("shot", "quadrature")}
