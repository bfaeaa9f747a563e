"""Numbers that no device has are refused by name, with the reason."""

from dataclasses import replace

import numpy as np
import pytest

from coldlink.physics import (
    DriveLine,
    FluxLine,
    HotWindow,
    Passage,
    ProcessMap,
    Resonator,
    amplitudes,
    occupation,
    relax,
    steady_state,
    travelling,
)
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
    (LOAD, {"leak": -1.0}, r"load leak \(Hz\) = -1"),
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


HANDSHAKE = STATION_4K.handshake()
SWAP, PULSES, RHO = STATION_4K.pulses.release, STATION_4K.pulses, np.eye(9) / 9
OTHER_UNIT = [
    (QUBIT, {"t1": 15.0}, r"qubit t1 \(s\) = 15: .* 1e-09 to 1 s; give it in s, or inf"),
    (QUBIT, {"t1": "15 us"}, "qubit t1 .* = 15 us: is no number; give one in SI"),
    (QUBIT, {"t1": np.array([1e-6, 2e-6])}, "qubit t1 .*: one number is needed"),
    (QUBIT.transmon, {"maximum_frequency": 5.25}, r"maximum_frequency \(Hz\) = 5.25: .* 1e\+08 to 1e\+12 Hz"),
    (QUBIT.transmon, {"anharmonicity": -210.0}, r"anharmonicity \(Hz\) = 210: .* give it in Hz"),
    (QUBIT.transmon, {"maximum_frequency": np.inf}, "maximum_frequency .* = inf"),
    (QUBIT.coupler, {"qubit": 11.1}, r"coupler qubit \(H\) = 11.1"),
    (QUBIT.coupler, {"ground": 0.2, "wire": 0.1, "junction": 0.566}, r"coupler ground \(H\) = 0.2"),
    (LINE, {"length": 75.0}, "light in vacuum makes"),
    (LINE, {"free_spectral_range": 140.0}, r"free_spectral_range \(Hz\) = 140: .* from end to end; give it in Hz"),
    (LINE, {"inductance_per_length": 238.0}, r"inductance_per_length \(H/m\) = 238"),
    (LINE, {"communication_mode": 36.5}, "communication_mode = 36.5: a whole number"),
    (LINE, {"offsets": (0, 0.5)}, "line offsets = 0.5: a whole number"),
    (DEVICE, {"line_temperature": 4000.0}, r"line temperature \(K\) = 4000: .* 0 to 1000 K"),
    (DEVICE, {"load_occupation": np.inf}, "load occupation = inf"),
    (SWAP, {"coupling": 6.65}, r"swap coupling \(Hz\) = 6.65: .* 1000 to 1e\+10 Hz"),
    (SWAP, {"area": 90.0}, r"swap area \(rad\) = 90"),
    (SWAP, {"edge": 2.0}, r"swap edge \(s\) = 2: .* 0.001 s"),
    (SWAP, {"coupling": np.array([1e6, 2e6])}, "swap coupling .*: one number is needed"),
    (PULSES, {"gap": 4.0}, r"pulses gap \(s\) = 4: .* 0.001 s; give it in s"),
    (PULSES, {"load_rate": 12.43}, r"load_rate \(Hz\) = 12.43: .* cools nothing; give it in Hz, or 0"),
    (PULSES, {"load_rate": np.inf}, "pulses load_rate .* = inf"),
    (PULSES, {"sample": 1e-18}, "pulses sample .* = 1e-18"),
    (FLUX.filter, {"bandwidth": 250.0}, r"bandwidth \(Hz\) = 250: .* or inf for an ideal one"),
    (FLUX.filter, {"delay": np.inf}, "delay .* = inf"),
    (RESONATOR, {"bare_frequency": 6.3}, r"bare_frequency \(Hz\) = 6.3"),
]
ODD = [
    (HANDSHAKE, {"preparation_errors": 0.005}, "preparation_errors = 0.005: one of A and one of B"),
    (HANDSHAKE, {"misreadings": (0.055, 0.164)}, r"misreadings = .* such as \(Misreading"),
    (HANDSHAKE, {"without": {"heat"}}, "without = {'heat'}: .* there are INITIAL, HEATING"),
    (HANDSHAKE, {"phase": NAN}, "phase .* = nan"),
    (HANDSHAKE, {"levels": 2.5}, "levels of a qubit = 2.5: a whole number"),
    (RATES, {"hot": [16.0] * 4}, r"hot = .*: an array of shape \(4,\) is needed; wrap it in numpy"),
    (RATES, {"hot": RATES.hot + np.inf}, "hot = inf"),
    (RATES, {"parity": RATES.parity.T}, r"shape of parity = \(4, 2\): \(2, 4\) is needed"),
    (CONTROLS, {"duration": CONTROLS.duration + np.inf}, "duration of a step .* = inf"),
    (CONTROLS, {"qubit": CONTROLS.qubit[:, 0]}, "shape of qubit = "),
    (CONTROLS, {"load": CONTROLS.load + np.inf}, "load .* = inf"),
]


@pytest.mark.parametrize(("right", "change", "message"), REFUSED + OTHER_UNIT + ODD)
def test_a_number_that_no_device_has_is_refused_by_name_with_the_reason(right, change, message):
    with pytest.raises(ModelError, match=message):
        replace(right, **change)


def test_a_perfect_device_is_a_device():
    perfect = replace(QUBIT, t1=np.inf, t_phi=np.inf, residual_population=0.0)
    rates = replace(DEVICE, qubits=(perfect, perfect), line_temperature=0.0).rates()
    assert not rates.relaxation.any()
    assert not rates.hot.any()


WINDOW = {"rates": RATES, "controls": CONTROLS, "initial": np.full(4, 0.06), "read": frozenset({1})}


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"error": 0.0}, "error asked for = 0: .* try 1e-4"),
        ({"error": NAN}, "error asked for = nan"),
        ({"levels": 1}, "levels of a qubit = 1"),
        ({"initial": np.full(1, 0.06)}, r"shape of initial occupations = \(1,\): \(4,\) is needed"),
        ({"initial": np.full(4, NAN)}, "initial occupations = nan"),
        ({"initial": np.full(4, -0.06)}, "initial occupations = -0.06"),
        ({"initial": np.full(4, 6000.0)}, "occupation of the line = 6.*e?.*: .* more than 2000 Fock states"),
        ({"read": frozenset({5})}, "qubits that are read = .5.: qubits are numbered from 0; there are 2"),
        ({"controls": CONTROLS.steps(slice(0, 0))}, "steps of the controls = 0"),
        ({"controls": replace(CONTROLS, mode=CONTROLS.mode[:, :1], load=CONTROLS.load[:, :1])}, "shape of mode"),
    ],
)
def test_a_window_that_cannot_be_followed_is_refused_at_once(change, message):
    with pytest.raises(ModelError, match=message):
        HotWindow(**WINDOW | change)


@pytest.mark.parametrize(
    ("state", "message"),
    [
        (np.eye(4) / 4, r"shape of the state = \(4, 4\): .* span 9"),
        (RHO * NAN, "the state = nan: all elements must be finite"),
        (RHO.tolist(), "shape of the state"),
    ],
)
def test_a_state_of_something_else_is_refused(state, message):
    for noun in (HotWindow, Passage):
        with pytest.raises(ModelError, match=message):
            noun(**WINDOW).apply(state)


@pytest.mark.parametrize(
    ("fluxes", "message"),
    [
        ((1e-9, 0.1, 0.4, 0.4), r"duration = 1e-09: an array of shape \(1,\)"),
        ((np.ones(2), np.zeros(2), np.zeros((2, 2)), np.zeros(2)), r"shape of qubit_flux = \(2,\): \(2, 2\)"),
        ((np.ones(2), np.zeros((2, 1)), np.zeros((2, 2)), np.zeros(2)), r"shape of qubit_flux = \(2, 1\)"),
        ((np.ones(2), np.zeros((2, 2)), np.zeros((2, 2)), np.zeros(3)), r"shape of load_flux = \(3,\)"),
    ],
)
def test_fluxes_of_other_shapes_are_refused_by_name(fluxes, message):
    with pytest.raises(ModelError, match=message):
        DEVICE.controls(*fluxes)


def test_frequencies_in_gigahertz_are_refused_wherever_a_coupling_is_asked_for():
    for asked in (lambda: QUBIT.coupler.g(0.46, 5.04, 5.04 * GHz), lambda: QUBIT.coupler.flux_for(6 * MHz, 5.04, 5.04)):
        with pytest.raises(ModelError, match=r"qubit frequency \(Hz\) = 5.04: .* give it in Hz"):
            asked()
    for asked in (lambda: LOAD.kappa(0.46, 5.04), lambda: LOAD.pull(0.46, 5.04), lambda: LOAD.flux_for(1e6, 5.04)):
        with pytest.raises(ModelError, match=r"mode frequency \(Hz\) = 5.04"):
            asked()


def test_a_map_a_state_and_a_place_of_another_size_are_refused():
    with pytest.raises(ModelError, match=r"shape of a Pauli-transfer matrix = \(3, 3\)"):
        ProcessMap(np.eye(3))
    with pytest.raises(ModelError, match=r"start = 9: 2 qubits come first, then the modes: 0 to 5"):
        amplitudes(RATES, CONTROLS, 9)
    sent = travelling.ProcessMap(elements=np.zeros((2, 2, 3, 3), complex), error=0.0, photons=1)
    with pytest.raises(ModelError, match=r"shape of the qubit's state = \(3, 3\): g and e span 2"):
        sent(np.eye(3))


def test_a_mode_is_not_relaxed_backwards_nor_without_loss():
    with pytest.raises(ModelError, match=r"kappa \(rad/s\) = -1"):
        relax(16.0, 0.06, -1.0, 1e-7)
    with pytest.raises(ModelError, match=r"t \(s\) = -1e-07"):
        relax(16.0, 0.06, 1.0, -1e-7)
    with pytest.raises(ModelError, match=r"kappa_i . kappa_l .* = 0: a mode that loses nothing never comes to rest"):
        steady_state(0.0, 16.0, 0.0, 0.0)


def test_a_negative_temperature_has_no_occupation():
    with pytest.raises(ModelError, match=r"temperature \(K\) = -1"):
        occupation(5 * GHz, -1.0)


def test_a_load_that_decays_near_the_free_spectral_range_is_refused_where_it_opens():
    wide = replace(DEVICE, load=replace(LOAD, impedance=20.0))
    zero = np.full((1, 2), float(QUBIT.coupler.zero_flux))
    with pytest.raises(ModelError, match=r"kappa_L/2pi .* a quarter of the free spectral range, .* open the load less"):
        wide.controls(np.array([ns]), np.zeros((1, 2)), zero, np.array([0.5]))
    assert DEVICE.controls(np.array([ns]), np.zeros((1, 2)), zero, np.array([0.49])).load.any()
