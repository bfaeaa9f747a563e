"""A scan is a grid of points; the host goes through it."""

import pytest

from coldlink.sequences.errors import SequenceError
from coldlink.sequences.scan import Point, Scan
from coldlink.sequences.sequence import Sequence
from coldlink.sequences.setting import Setting
from coldlink.sequences.sweep import Sweep

BIAS, LOAD = Setting("a.coupler.bias", "V"), Setting("line.load.bias", "V")
OUTER, INNER = Sweep("load", (0.1, 0.2), "V"), Sweep("bias", (1.0, 2.0, 3.0), "V")


def test_one_sequence_is_a_scan_without_axes_at_the_settings_as_they_are():
    scan = Scan.of(Sequence())
    assert scan.axes == ()
    assert [dict(point.settings) for point in scan.points] == [{}]


def test_a_grid_has_a_point_for_every_place_and_its_last_axis_is_the_fastest():
    scan = Scan.over((OUTER, INNER), lambda load, bias: Point(sequence=Sequence(), settings={LOAD: load, BIAS: bias}))
    assert [(point.settings[LOAD], point.settings[BIAS]) for point in scan.points] == [
        (0.1, 1.0),
        (0.1, 2.0),
        (0.1, 3.0),
        (0.2, 1.0),
        (0.2, 2.0),
        (0.2, 3.0),
    ]


def test_a_grid_with_a_place_without_a_point_is_refused():
    points = (Point(sequence=Sequence()),) * 5
    with pytest.raises(SequenceError, match="over 6 places has 5 points; give one for each"):
        Scan(axes=(OUTER, INNER), points=points)
