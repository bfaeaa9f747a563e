"""Numbers that no device has are refused by name, with the reason."""

from dataclasses import replace

import numpy as np
import pytest

from coldlink.physics import DriveLine, FluxLine, Resonator, occupation
from coldlink.sequences.errors import ModelError
from coldlink.sequences.units import GHz, MHz, nH, ns

from ..parameter_sets import STATION_4K

DEVICE = STATION_4K.device
QUBIT, LINE, LOAD, RATES = DEVICE.qubits[0], DEVICE.line, DEVICE.load, DEVICE.rates()
CONTROLS = STATION_4K.pulses.controls(DEVICE)
FLUX = FluxLine(bias=0.5, pulse=0.3)
RESONATOR = Resonator(
    bare_frequency=6.3 * GHz,
    coupling=65 * MHz,
    linewidth=2 * MHz,
    gain=1e3,
    phase=0.0,
    noise=300.0,
    delay=93 * ns,
    photons=50.0,
)
NAN = float("nan")
REFUSED = [
    (QUBIT, {"t1": -1e-6}, "qubit t1 .* = -1e-06"),
    (QUBIT, {"t1": NAN}, "qubit t1 .* = nan"),
    (QUBIT, {"t_phi": -3e-6}, r"qubit t_phi .* T2 exceeds 2 T1: measure both again"),
    (QUBIT, {"residual_population": 0.6}, r"qubit residual_population = 0.6: .* 0..0.5"),
    (QUBIT, {"residual_population": -0.01}, "qubit residual_population = -0.01"),
    (QUBIT, {"quasi_static": -1.0}, "qubit quasi_static"),
    (QUBIT.transmon, {"maximum_frequency": 0.0}, "transmon maximum_frequency"),
    (QUBIT.transmon, {"anharmonicity": 210 * MHz}, "anharmonicity .* a transmon's is negative"),
    (QUBIT.coupler, {"junction": 0.4 * nH}, "coupler beta = 1.25: the junction's phase has several values"),
    (QUBIT.coupler, {"ground": -0.2 * nH}, "coupler ground"),
    (QUBIT.coupler, {"wire": -0.1 * nH}, "coupler wire"),
    (QUBIT.coupler, {"qubit": 0.0}, "coupler qubit"),
    (LOAD, {"impedance": -50.0}, "load impedance"),
    (LOAD, {"line_inductance": 0.0}, "load line_inductance"),
    (LINE, {"quality": -1e5}, "line quality = -100000"),
    (LINE, {"free_spectral_range": 300 * MHz}, "line free_spectral_range .* light in vacuum"),
    (LINE, {"offsets": (-1, 0)}, "line offsets = -1: the communication mode"),
    (LINE, {"offsets": (0, 1, 1)}, "each mode once"),
    (DEVICE, {"line_temperature": -4.0}, "line temperature .* = -4"),
    (DEVICE, {"load_occupation": -0.1}, "load occupation = -0.1"),
    (DEVICE, {"qubits": ()}, "number of qubits = 0"),
    (FLUX, {"bias": 0.0}, "flux line bias = 0: .* is it plugged in"),
    (FLUX, {"pulse": NAN}, "flux line pulse = nan"),
    (FLUX, {"offset": float("inf")}, "flux line offset"),
    (DriveLine(rabi_rate=1e8), {"rabi_rate": -1e8}, "drive rabi_rate"),
    (RESONATOR, {"linewidth": 0.0}, "resonator linewidth"),
    (RESONATOR, {"noise": -1.0}, "resonator noise"),
    (RESONATOR, {"phase": NAN}, "resonator phase"),
    (RATES, {"relaxation": -RATES.relaxation}, "relaxation = -66666"),
    (RATES, {"dephasing": -RATES.dephasing}, "dephasing .* T2 exceeds 2 T1"),
    (RATES, {"excited": RATES.excited + 0.5}, "excited = 0.52"),
    (RATES, {"internal": -RATES.internal}, "internal = -"),
    (RATES, {"hot": RATES.hot - 20}, "hot = -"),
    (RATES, {"detuning": RATES.detuning * NAN}, "detuning = nan"),
    (CONTROLS, {"duration": -CONTROLS.duration}, "duration of a step .* time goes on"),
    (CONTROLS, {"load": CONTROLS.load - 1.0}, "load .* does not amplify"),
    (CONTROLS, {"coupling": CONTROLS.coupling * NAN}, "coupling .* = nan"),
]


@pytest.mark.parametrize(("right", "change", "message"), REFUSED)
def test_a_number_that_no_device_has_is_refused_by_name_with_the_reason(right, change, message):
    with pytest.raises(ModelError, match=message):
        replace(right, **change)


def test_a_perfect_device_is_a_device():
    perfect = replace(QUBIT, t1=np.inf, t_phi=np.inf, residual_population=0.0)
    rates = replace(DEVICE, qubits=(perfect, perfect), line_temperature=0.0).rates()
    assert not rates.relaxation.any()
    assert not rates.hot.any()


def test_a_negative_temperature_has_no_occupation():
    with pytest.raises(ModelError, match=r"temperature \(K\) = -1"):
        occupation(5 * GHz, -1.0)


def test_a_load_that_decays_near_the_free_spectral_range_is_refused_where_it_opens():
    wide = replace(DEVICE, load=replace(LOAD, impedance=20.0))
    zero = np.full((1, 2), float(QUBIT.coupler.zero_flux))
    with pytest.raises(ModelError, match=r"kappa_L/2pi .* a quarter of the free spectral range, .* open the load less"):
        wide.controls(np.array([ns]), np.zeros((1, 2)), zero, np.array([0.5]))
    assert DEVICE.controls(np.array([ns]), np.zeros((1, 2)), zero, np.array([0.49])).load.any()
