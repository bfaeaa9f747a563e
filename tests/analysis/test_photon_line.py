"""The fit of f0-g1 against a line that QuTiP made: four states and a resonator that empties."""

import numpy as np
import pytest
import qutip

from coldlink.analysis.photon_line import Expected, fit_photon_line, left
from coldlink.sequences.errors import FitRejected
from coldlink.sequences.units import MHz, ns, us

TURN = 2 * np.pi
KAPPA, RATE, STARK, T1 = 9.1 * MHz, 18 * MHz, -33 * ns, 13 * us
DURATION = 300 * ns
PARTS = np.array([0.07, 0.16])
CENTRE = 2955 * MHz
FREQUENCIES = CENTRE + np.linspace(-16, 16, 25) * MHz
G0, E0, F0, G1 = range(4)


def levels(detuning, g, kappa=TURN * KAPPA):
    """Populations of e and f after the tone, without and with a photon in the resonator together."""
    ket = [qutip.basis(4, n) for n in range(4)]
    hop = g * ket[F0] * ket[G1].dag()
    hamiltonian = TURN * detuning * ket[F0].proj() + hop + hop.dag()
    jumps = [
        np.sqrt(kappa) * ket[G0] * ket[G1].dag(),
        np.sqrt(2 / T1) * ket[E0] * ket[F0].dag(),
        np.sqrt(1 / T1) * ket[G0] * ket[E0].dag(),
    ]
    rho = qutip.mesolve(hamiltonian, ket[F0].proj(), [0, DURATION], jumps, options={"nsteps": 100_000}).states[-1]
    return rho.diag()[[E0, F0]].real


def line(noise=0.0, seed=1, height=1.0):
    """Echoes of g, e and f at 100, 40 and -60 ADC, shape (2, 25)."""
    read = np.empty((2, FREQUENCIES.size))
    for place, part in enumerate(PARTS):
        g = TURN * RATE * part
        resonance = CENTRE - 1.1 * MHz + STARK * g**2 / TURN
        for point, frequency in enumerate(FREQUENCIES):
            e, f = levels(resonance - frequency, g)
            read[place, point] = 100 - 60 * e - 160 * height * f
    return read + noise * np.random.default_rng(seed).normal(size=read.shape)


def fit(read, noise, **changes):
    expected = {"resonance": CENTRE, "linewidth": 8.9 * MHz, "rate": 20 * MHz, "stark": -40 * ns, "t1": T1} | changes
    return fit_photon_line(PARTS, FREQUENCIES, read, np.full(read.shape, noise), DURATION, Expected(**expected))


@pytest.mark.parametrize(("detuning", "g"), [(0.0, 1.2 * MHz), (3 * MHz, 3 * MHz), (-12 * MHz, 5 * MHz)])
def test_the_model_is_what_the_master_equation_gives(detuning, g):
    found = left(np.array([detuning]), TURN * g, TURN * KAPPA, T1, DURATION)[:, 0]
    np.testing.assert_allclose(found, levels(detuning, TURN * g), atol=2e-4)


def test_all_four_numbers_are_found_within_their_errors():
    noise = 0.8
    found = fit(line(noise), noise)
    true = {"resonance": CENTRE - 1.1 * MHz, "linewidth": KAPPA, "rate": RATE, "stark": STARK}
    for name, value in true.items():
        measured = getattr(found, name)
        assert abs(measured.value - value) < 4 * measured.error, name
    assert found.resonance.error < 0.1 * MHz
    assert found.rate.error < 0.05 * RATE
    assert found.stark.error < 0.2 * abs(STARK)
    assert found.chi2 < 2
    assert len(found.traces) == 2


def test_noise_is_no_line():
    noise = 5.0
    flat = 50 + noise * np.random.default_rng(3).normal(size=(2, FREQUENCIES.size))
    with pytest.raises(FitRejected, match="photon line"):
        fit(flat, noise)


def test_a_line_beyond_the_range_is_refused_and_says_what_to_do():
    shifted = np.roll(line(), 11, axis=1)
    with pytest.raises(FitRejected, match="scan a wider range"):
        fit(shifted, 0.8)
