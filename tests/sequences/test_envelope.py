import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy.integrate import quad

from coldlink.sequences import Envelope, FlatTop, RaisedCosine, Square
from coldlink.sequences.envelope import Notched
from coldlink.sequences.units import MHz, ns

SHAPES = [
    Square(),
    FlatTop(2 * ns),
    FlatTop(0.0),
    RaisedCosine(),
    RaisedCosine(-0.38 * ns),
    Notched(2 * ns, 6 * ns, 14 * ns, outside=1.0, inside=0.2),
]


@pytest.mark.parametrize("envelope", SHAPES)
def test_an_envelope_is_zero_outside_its_pulse(envelope: Envelope) -> None:
    outside = np.array([-5.0, -1e-6, 20.000001, 40.0]) * ns
    assert np.all(envelope(outside, 20 * ns) == 0)


@pytest.mark.parametrize("envelope", SHAPES)
def test_the_modulus_of_an_envelope_is_at_most_one(envelope: Envelope) -> None:
    shape = np.abs(envelope(np.linspace(0, 20 * ns, 4001), 20 * ns))
    assert shape.max() == pytest.approx(1.0, abs=1e-6)
    assert shape.max() <= 1 + 1e-9


@given(rise=st.floats(0.1, 10), flat=st.floats(0, 50))
def test_the_area_of_a_flat_top_is_its_duration_less_one_rise(rise: float, flat: float) -> None:
    duration = 2 * rise + flat
    envelope = FlatTop(rise * ns)

    def shape(time: float) -> float:
        return float(envelope(np.array([time * ns]), duration * ns)[0].real)

    edge = quad(shape, 0, rise)[0]
    assert 2 * edge + flat == pytest.approx(duration - rise, rel=1e-9)
    assert shape(rise + flat / 2) == pytest.approx(1.0)


def test_a_flat_top_without_a_rise_is_square() -> None:
    time = np.linspace(0, 20 * ns, 50)
    assert np.array_equal(FlatTop(0.0)(time, 20 * ns), Square()(time, 20 * ns))


@given(start=st.floats(0, 1), duration=st.floats(5, 60))
def test_a_flat_top_is_symmetric(start: float, duration: float) -> None:
    time = np.array([start, 1 - start]) * duration * ns
    first, last = FlatTop(2 * ns)(time, duration * ns)
    assert first == pytest.approx(last, abs=1e-9)


def test_drag_is_the_weighted_derivative_in_quadrature() -> None:
    duration, anharmonicity = 40 * ns, -210 * MHz
    drag = 1 / (4 * np.pi * anharmonicity)
    time = np.linspace(0.1, 39.9, 200) * ns
    shape = RaisedCosine(drag)(time, duration)
    step = 1e-3 * ns
    in_phase = RaisedCosine()
    derivative = (in_phase(time + step, duration) - in_phase(time - step, duration)).real / (2 * step)
    assert shape.real == pytest.approx(np.sin(np.pi * time / duration) ** 2)
    assert shape.imag == pytest.approx(drag * derivative, abs=1e-7)


def test_the_quadrature_of_drag_has_no_area() -> None:
    time = (np.arange(1000) + 0.5) * 0.04 * ns
    shape = RaisedCosine(-0.38 * ns)(time, 40 * ns)
    assert shape.real.mean() == pytest.approx(0.5)
    assert shape.imag.sum() == pytest.approx(0.0, abs=1e-9)


def test_a_notched_pulse_goes_to_its_other_level_and_back() -> None:
    shape = Notched(2 * ns, 6 * ns, 14 * ns, outside=0.8, inside=0.3)
    found = shape(np.array([1, 4, 7, 10, 13, 16, 19]) * ns, 20 * ns).real
    np.testing.assert_allclose(found, [0.4, 0.8, 0.55, 0.3, 0.55, 0.8, 0.4])
