"""Thermal loss: thermal quasiparticles of a line, beside the integrals of Mattis and Bardeen."""

import numpy as np
import pytest
from scipy.constants import h, k
from scipy.integrate import quad

from coldlink.physics.line import Line
from coldlink.physics.thermal_loss import ThermalLoss
from coldlink.sequences.errors import ModelError

GAP = 1.764 * k * 9.5
"""Of NbTi (J)."""


def sigma_1(frequency: float, temperature: float) -> float:
    """sigma_1/sigma_n by its integral, hf < 2 Delta; E = Delta + kT u^2 takes the root away at the gap's edge."""
    photon, thermal = h * frequency, k * temperature

    def occupied(energy):
        return 1 / (np.exp(energy / thermal) + 1)

    def integrand(u):
        energy = GAP + thermal * u**2
        pairs = energy**2 + GAP**2 + photon * energy
        roots = np.sqrt(energy + GAP) * np.sqrt((energy + photon) ** 2 - GAP**2)
        return (occupied(energy) - occupied(energy + photon)) * pairs / roots * 2 * np.sqrt(thermal)

    return 2 / photon * quad(integrand, 0, 7, limit=400)[0]


@pytest.mark.parametrize("temperature", [1.0, 2.0])
def test_the_loss_grows_with_temperature_as_the_integral_does(temperature):
    law = ThermalLoss(1.0, 9.5)
    wanted = sigma_1(5e9, temperature * 1.05) / sigma_1(5e9, temperature)
    assert law.factor(5e9, temperature * 1.05, temperature) == pytest.approx(wanted, rel=0.01)


def test_the_law_begins_at_the_design_and_its_share_alone_moves():
    law, modes = ThermalLoss(0.3, 9.5), np.array([4.9e9, 5.04e9])
    assert law.factor(modes, 4.0, 4.0).tolist() == [1.0, 1.0]
    whole = ThermalLoss(1.0, 9.5).factor(modes, 4.2, 4.0)
    assert law.factor(modes, 4.2, 4.0) == pytest.approx(0.7 + 0.3 * whole)
    assert np.all(whole > 1.1)
    assert law.factor(modes, 0.05, 4.0) == pytest.approx([0.7, 0.7], abs=1e-12)


def test_a_line_without_the_law_keeps_its_loss():
    line = Line(
        length=0.75, inductance_per_length=238e-9, free_spectral_range=140e6, communication_mode=36, quality=1e5
    )
    assert line.warmed_rate(5e9, 4.4, 4.0) == line.internal_rate(5e9)


@pytest.mark.parametrize(
    ("build", "named"),
    [
        (lambda: ThermalLoss(1.1, 9.5), "share"),
        (lambda: ThermalLoss(0.1, 0.0), "critical temperature"),
        (lambda: ThermalLoss(0.1, 9.5).factor(5e9, 5.0, 4.0), "line temperature"),
    ],
)
def test_a_law_outside_of_its_range_is_refused_by_name(build, named):
    with pytest.raises(ModelError, match=named):
        build()
