import math

import pytest

from coldlink.sequences import Axis, Sweep, resolved
from coldlink.sequences.errors import SequenceError


def test_a_number_resolves_to_itself() -> None:
    assert resolved(3e-9) == 3e-9
    assert isinstance(resolved(2), float)


def test_a_sweep_does_not_resolve() -> None:
    with pytest.raises(SequenceError, match="sweep hold stands where one number is needed"):
        resolved(Sweep("hold", (1e-9, 2e-9), "s"))


@pytest.mark.parametrize("value", [math.nan, math.inf])
def test_what_is_not_finite_does_not_resolve(value: float) -> None:
    with pytest.raises(SequenceError, match=f"{value} stands where a finite number"):
        resolved(value)


def test_a_sweep_has_values_and_all_are_finite() -> None:
    with pytest.raises(SequenceError, match="sweep hold has no values"):
        Sweep("hold", ())
    with pytest.raises(SequenceError, match="sweep hold holds a value that is not finite"):
        Sweep("hold", (1.0, math.nan))


def test_axes_compare_by_value() -> None:
    assert Axis("x", (1.0, 2.0), "s") == Axis("x", (1.0, 2.0), "s")
    assert Axis("x", (1.0, 2.0), "s") != Axis("x", (1.0, 2.0), "V")
