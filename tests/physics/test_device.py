import numpy as np
import pytest

from coldlink.physics.coupler import InductiveCoupler, LoadCoupler
from coldlink.physics.device import CoupledQubit, Device
from coldlink.physics.line import Line
from coldlink.physics.transmon import Transmon
from coldlink.sequences.units import GHz, K, MHz, ns, us

TURN = 2 * np.pi
NANOHENRY = 1e-9
LINE = Line(
    length=0.75, inductance_per_length=402e-9, free_spectral_range=140 * MHz, communication_mode=36, quality=1.08e5
)


def qubit():
    inductance = LINE.mode_inductance
    return CoupledQubit(
        transmon=Transmon(maximum_frequency=5.4 * GHz, asymmetry=0.1, anharmonicity=-210 * MHz),
        coupler=InductiveCoupler(
            ground=0.2 * NANOHENRY,
            wire=0.1 * NANOHENRY,
            junction=0.566 * NANOHENRY,
            qubit=8.34 * NANOHENRY,
            line=inductance,
        ),
        t1=15 * us,
        t_phi=3 * us,
        residual_population=0.02,
    )


DEVICE = Device(
    qubits=(qubit(), qubit()),
    line=LINE,
    load=LoadCoupler(
        ground=0.3 * NANOHENRY, wire=0.1 * NANOHENRY, junction=0.8 * NANOHENRY, line_inductance=LINE.mode_inductance
    ),
    line_temperature=4 * K,
    load_occupation=0.005,
)


def controls(coupler_flux, load_flux=None, qubit_flux=(0.2, 0.2)):
    load = DEVICE.load.closed_flux if load_flux is None else load_flux
    return DEVICE.controls(np.array([ns]), np.array([qubit_flux]), np.array([coupler_flux]), np.array([load]))


def test_rates_are_those_of_the_parts_in_the_frame_of_the_communication_mode():
    rates = DEVICE.rates()
    np.testing.assert_allclose(rates.detuning, TURN * 140 * MHz * np.array([0, -1, 1, -2]))
    np.testing.assert_allclose(rates.parity, [[1, 1, 1, 1], [1, -1, -1, 1]])
    np.testing.assert_allclose(rates.internal, TURN * LINE.mode_frequencies / 1.08e5)
    np.testing.assert_allclose(rates.anharmonicity, -TURN * 210 * MHz)
    np.testing.assert_allclose(rates.relaxation, 1 / (15 * us))
    np.testing.assert_allclose(rates.dephasing, 1 / (3 * us))
    np.testing.assert_allclose(rates.cold, 0.005)
    assert rates.hot[0] == pytest.approx(16.04, abs=0.01)


def test_with_all_couplers_closed_a_qubit_is_a_bare_transmon_and_no_mode_moves():
    off = DEVICE.qubits[0].coupler.zero_flux
    found = controls((off, off))
    bare = DEVICE.qubits[0].transmon.frequency(0.2)
    np.testing.assert_allclose(found.qubit, TURN * (bare - 5.04 * GHz), atol=1)
    np.testing.assert_allclose(found.coupling, 0, atol=1)
    np.testing.assert_allclose(found.mode, 0, atol=1)
    np.testing.assert_allclose(found.load, 0, atol=1e-3)


def test_an_open_coupler_pulls_its_own_qubit_and_every_mode_down():
    part = DEVICE.qubits[0]
    bare = float(part.transmon.frequency(0.2))
    flux = float(part.coupler.flux_for(6.65 * MHz, bare, 5.04 * GHz))
    found = controls((part.coupler.zero_flux, flux))
    np.testing.assert_allclose(found.coupling[0], [0, TURN * 6.65 * MHz], atol=100)
    assert found.qubit[0, 1] - found.qubit[0, 0] == pytest.approx(-TURN * 28 * MHz, rel=0.1)
    assert found.mode[0, 0] == pytest.approx(-0.23 * TURN * 6.65 * MHz, rel=0.15)
    assert np.all(found.mode < 0)


def test_an_open_load_damps_and_pulls_every_mode():
    flux = float(DEVICE.load.flux_for(TURN * 12.43 * MHz, 5.04 * GHz))
    off = DEVICE.qubits[0].coupler.zero_flux
    found = controls((off, off), load_flux=flux)
    assert found.load[0, 0] == pytest.approx(TURN * 12.43 * MHz)
    np.testing.assert_allclose(found.load[0] / found.load[0, 0], (LINE.mode_frequencies / (5.04 * GHz)) ** 2)
    assert np.all(found.mode < 0)


def test_controls_have_a_row_for_each_step():
    off = DEVICE.qubits[0].coupler.zero_flux
    found = DEVICE.controls(np.full(5, ns), np.full((5, 2), 0.2), np.full((5, 2), off), np.full(5, 0.1))
    assert found.qubit.shape == found.coupling.shape == (5, 2)
    assert found.mode.shape == found.load.shape == (5, 4)
