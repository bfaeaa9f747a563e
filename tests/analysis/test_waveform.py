"""What a chip feels behind its lines' filters, against a convolution on a fine grid."""

import numpy as np
import pytest
from scipy.ndimage import gaussian_filter1d

from coldlink.analysis.waveform import Waveform, hold, meeting, ramp
from coldlink.sequences.envelope import FlatTop
from coldlink.sequences.link import Transfer
from coldlink.sequences.pulse import Pulse
from coldlink.sequences.units import ns, ps

GRID = 5 * ps
SIGMA = 0.53 * ns
"""Of 250 MHz."""
FIELDS = ("coupler", "flux", "load")


def transfer(length: float) -> Transfer:
    shape = FlatTop(rise=2 * ns)
    coupler, flux = (Pulse(envelope=shape, duration=length, amplitude=part) for part in (0.4, -0.25))
    return Transfer(coupler=coupler, compensation=flux)


def played() -> Waveform:
    """A load that closes, opens a little while two contacts of different lengths wait, and the contacts."""
    count, period = 2, 2.325 * ns
    return (
        ramp(0.0, 0.8, 2 * period, period, count)
        .then(hold(30 * ns, 0.8, count))
        .then(ramp(0.8, 0.1, 2 * period, period, count))
        .then(hold([5 * ns, 0.0], 0.1, count))
        .then(ramp(0.1, 0.8, 2 * period, period, count))
        .then(hold(4 * ns, 0.8, count))
        .then(meeting([transfer(20 * ns), transfer(28 * ns)], 0.8))
    )


def on_grid(waveform: Waveform, field: str, column: int, end: float) -> np.ndarray:
    """A field held on each step, on a fine grid; the last value goes on to `end` (s)."""
    edges = np.cumsum(waveform.duration[:, column])
    time = (np.arange(round(end / GRID)) + 0.5) * GRID
    values = getattr(waveform, field)[:, column]
    last = values[-1] if field == "load" else 0.0
    return np.append(values, last)[np.searchsorted(edges, time)]


@pytest.mark.parametrize("field", FIELDS)
@pytest.mark.parametrize("column", [0, 1])
def test_each_step_is_the_mean_of_a_convolution(field: str, column: int) -> None:
    before = played()
    after = before.arriving(SIGMA, SIGMA, SIGMA)
    edges = np.concatenate([[0.0], np.cumsum(after.duration[:, column])])
    fine = gaussian_filter1d(on_grid(before, field, column, edges[-1]), SIGMA / GRID, mode="nearest", truncate=7)
    total = np.concatenate([[0.0], np.cumsum(fine) * GRID])
    wanted = np.diff(np.interp(edges, np.arange(total.size) * GRID, total))
    assert getattr(after, field)[:, column] * after.duration[:, column] == pytest.approx(wanted, abs=2e-3 * ns)


def test_what_arrives_is_longer_but_not_more() -> None:
    before = played()
    after = before.arriving(SIGMA, 0.0, 0.0)
    area = (before.coupler * before.duration).sum(axis=0)
    assert (after.coupler * after.duration).sum(axis=0) == pytest.approx(area, rel=1e-6)
    assert np.all(after.duration.sum(axis=0) > before.duration.sum(axis=0) + 2 * ns)
    # Before the coupler answers, it is off to the last bit.
    opens = np.cumsum(after.duration, axis=0)[np.argmax(after.coupler != 0, axis=0), [0, 1]]
    assert np.all(opens > np.cumsum(before.duration, axis=0)[np.argmax(before.coupler != 0, axis=0), [0, 1]] - 4 * ns)


def test_a_line_without_a_filter_changes_nothing() -> None:
    before = played()
    assert before.arriving(0.0, 0.0, 0.0) is before
    after = before.arriving(0.0, SIGMA, 0.0)
    assert sorted(set(after.load[:, 0])) == sorted(set(before.load[:, 0]))
