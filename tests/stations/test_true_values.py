"""What a twin holds is told by the names of what was calibrated, at the settings that are stored with it."""

from dataclasses import replace

import numpy as np
import pytest
from scipy.special import ndtr

from coldlink.calibration.names import KINDS
from coldlink.instruments.simulated.truth import Truth
from coldlink.instruments.simulated.wander import Telegraph, Wander
from coldlink.physics import Crosstalk, Network
from coldlink.physics.apparatus import NetworkApparatus
from coldlink.physics.bath import occupation, steady_state
from coldlink.stations.declaration import declaration, design_of
from coldlink.stations.true_values import true_values
from coldlink.stations.truth_file import truth
from coldlink.stations.twin import EPOCH

from ..one_mode import drifting, undisturbed
from .real_session import SIM, entry

DECLARED = declaration(SIM)
DESIGN = design_of(SIM, DECLARED)
SHEET = DECLARED.wiring.target()
BIASES = {setting.name: volts for setting, volts in DESIGN.biases().items()}
PULSES = {
    f"{node}.swap.{name}": height for node in "ab" for name, height in (("coupler", -0.29), ("compensation", 0.37))
}


def as_designed() -> Truth:
    return undisturbed(truth(SIM, NetworkApparatus.of(DESIGN)))


def true(name, held=None, time=EPOCH, **settings):
    found = entry(name, 0.0, time=time, settings={**BIASES, **PULSES, **settings})
    return true_values(held or as_designed(), DESIGN, SHEET, {name: found})[name]


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("a.f01", 5.11e9),
        ("b.f01", 5.105e9),
        ("a.anharmonicity", -210e6),
        ("a.t1", 15e-6),
        ("b.t_phi", 3e-6),
        ("a.residual_population", 0.02),
        ("a.readout.delay", 93e-9),
        ("b.readout.linewidth", 2e6),
        ("a.flux.per_volt", 0.5),
        ("a.flux.bias", BIASES["a.flux.bias"]),
        ("a.coupler.zero_bias", BIASES["a.coupler.bias"]),
        ("load.open_bias", BIASES["line.load.bias"]),
        ("a.swap.frequency", DESIGN.swap_frequency(0)),
        ("load.pulse", 0.3),
        ("line.mode_frequency", 5.04e9),
        ("line.free_spectral_range", 140e6),
        ("line.kappa_i", 2 * np.pi * 5.04e9 / 1.08e5),
    ],
)
def test_a_device_that_is_built_as_designed_has_the_designers_values(name, value):
    assert true(name) == pytest.approx(value, rel=1e-4)


def test_the_resonators_are_where_the_designer_reads():
    assert true("a.readout.frequency") == pytest.approx(6.35e9, abs=1e3)
    assert true("b.readout.frequency") == pytest.approx(6.45e9, abs=1e3)


def test_the_line_is_as_warm_as_its_two_baths_leave_it():
    internal, heating, load = true("line.kappa_i"), true("line.heating"), true("load.kappa")
    assert true("line.occupation") == pytest.approx(steady_state(internal, heating / internal, load, 0.0))


def test_a_value_is_told_at_the_bias_at_which_it_was_measured():
    transmon, volts = DESIGN.device.qubits[0].transmon, BIASES["a.flux.bias"] + 0.05
    there = true("a.f01", **{"a.flux.bias": volts})
    assert there == pytest.approx(float(transmon.frequency(0.5 * volts)), abs=1e4)
    assert abs(there - true("a.f01")) > 10e6


def test_what_is_true_follows_the_device_and_not_the_design():
    held = as_designed()
    moved = replace(held.qubit_flux[0], offset=0.1)
    held = replace(held, qubit_flux=(moved, held.qubit_flux[1]))
    assert true("a.flux.offset", held) == pytest.approx(0.1)
    assert true("a.flux.bias", held) == pytest.approx(BIASES["a.flux.bias"] - 0.2, abs=1e-4)


def undying() -> Truth:
    """As designed, but for qubits that neither decay nor lose their phase."""
    held = as_designed()
    qubits = tuple(
        replace(qubit, t1=1.0, t_phi=1.0, residual_population=0.0, quasi_static=0.0)
        for qubit in held.network.links[0].qubits
    )
    return replace(held, network=Network.of(replace(held.network.links[0], qubits=qubits)))


def mixing(**felt: float) -> Truth:
    """As designed, but for what A's qubit loop, or A's coupler, feels of other lines."""
    held = as_designed()
    names = held.crosstalk.lines
    matrix = np.eye(len(names))
    for pair, share in felt.items():
        loop, line = (name.replace("_", " ") for name in pair.split("_of_"))
        matrix[names.index(loop), names.index(line)] = share
    return replace(held, crosstalk=Crosstalk(names, tuple(map(tuple, matrix.tolist()))))


def test_an_offset_is_what_a_loop_feels_of_all_others_at_their_biases():
    volts, load = BIASES["a.coupler.bias"], BIASES["line.load.bias"]
    held = mixing(flux_0_of_coupler_0=0.02)
    assert true("a.flux.offset", held) == pytest.approx(0.02 * 0.5 * volts)
    assert true("a.flux.bias", held) == pytest.approx(BIASES["a.flux.bias"] - 0.02 * volts, abs=1e-6)
    transmon, flux = DESIGN.device.qubits[0].transmon, 0.5 * (BIASES["a.flux.bias"] + 0.02 * volts)
    assert true("a.f01", held) == pytest.approx(float(transmon.frequency(flux)), abs=1e3)
    assert abs(true("a.f01", held) - 5.11e9) > 5e6
    held = mixing(coupler_0_of_load_0=-0.01)
    assert true("a.coupler.offset", held) == pytest.approx(-0.01 * 0.5 * load)
    assert true("a.coupler.zero_bias", held) == pytest.approx(volts + 0.01 * load)
    assert true("load.open_bias", held) == true("load.open_bias")


def test_a_swap_is_where_its_own_pulse_and_what_it_feels_of_the_others_bring_the_qubit():
    held = mixing(flux_0_of_coupler_0=0.02, flux_0_of_load_0=0.01, coupler_0_of_flux_0=0.03)
    transmon, coupler = DESIGN.device.qubits[0].transmon, DESIGN.device.qubits[0].coupler
    closing = float(DESIGN.device.load.closed_flux) - DESIGN.open_flux
    felt = 0.02 * -0.29 * 0.15 + 0.01 * closing
    resonance = float(transmon.flux(DESIGN.swap_frequency(0)))
    assert true("a.swap.frequency", held) == pytest.approx(float(transmon.frequency(resonance - felt)), abs=1e3)
    assert abs(true("a.swap.frequency", held) - DESIGN.swap_frequency(0)) > 0.5e6
    bias = {"a.coupler.bias": BIASES["a.coupler.bias"] - 0.03 * BIASES["a.flux.bias"]}
    flux = float(coupler.zero_flux) + 0.15 * -0.29 + 0.03 * 0.37 * 0.05
    assert true("a.swap.coupling", held, **bias) == pytest.approx(float(coupler.g(flux, 5.04e9, 5.04e9)))
    assert true("b.swap.coupling", held) == true("b.swap.coupling")


def test_what_drifts_is_told_as_it_was_when_it_was_measured():
    processes = {
        "flux_offset": Wander(amplitude=1e-4, correlation=3600.0),
        "relaxation": Telegraph(amplitude=0.5, correlation=3600.0),
        "line_temperature": Wander(amplitude=0.1, correlation=3600.0),
    }
    held = replace(as_designed(), drifts=drifting(**processes))
    jumped = set()
    for time in EPOCH + 3600.0 * np.arange(12):
        drifted, warmer = held.drifted(time), held.drifts.warmer(time)
        assert true("a.flux.offset", held, time=time) == pytest.approx(drifted.flux["flux 0"], abs=6e-8)
        jumped.add(round(15e-6 / true("a.t1", held, time=time) - 1, 2))
        assert true("a.t1", held, time=time) == pytest.approx(15e-6 / (1 + drifted.relaxation[0]), rel=1e-3)
        photons = true("line.heating", held, time=time) / true("line.kappa_i", held, time=time)
        assert photons == pytest.approx(float(occupation(5.04e9, 4 + warmer)), rel=1e-4)
    assert jumped == {0.0, 0.5}


def test_a_readout_without_jumps_is_wrong_by_the_overlap_of_two_clouds():
    resonator, tone = DESIGN.resonators[0], DESIGN.operation.tones[0]
    middle = float(true("a.readout.frequency"))
    resonances = resonator.resonances(5.11e9, -210e6, 2)
    distance = abs(np.diff(resonator.transmission(middle, resonances))[0]) * resonator.gain * tone.amplitude
    samples = tone.window * SHEET.readout("a.readout").clock.frequency
    overlap = ndtr(-distance / 2 / (resonator.noise / np.sqrt(samples)))
    held = undying()
    assert true("a.readout.p10", held) == pytest.approx(overlap, abs=1e-3)
    assert true("a.readout.p01", held) == pytest.approx(overlap, abs=1e-3)
    assert true("a.readout.p01") > true("a.readout.p10") > overlap


def test_a_pi_pulse_is_spoilt_by_decay_and_dephasing_alone():
    assert abs(true("b.preparation_error", undying())) < 2e-4
    assert 2e-3 < true("b.preparation_error") < 5e-3


def test_what_only_a_measurement_can_tell_has_no_true_value():
    own = [name for name in KINDS if ".transfer." not in name]
    only_measured = [name for name in own if true(name) is None]
    assert only_measured == ["line.transfer_phase", "line.bell_phase"]
