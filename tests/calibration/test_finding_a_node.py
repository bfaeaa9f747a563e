"""A node nobody knows, from its readout tone to its flux pulses, on the twin: what the truth holds is found."""

from collections.abc import Callable
from dataclasses import replace

import numpy as np
import pytest

from coldlink.analysis import Measured
from coldlink.calibration import calibrate
from coldlink.calibration.coupler_search import CouplerSearch
from coldlink.calibration.flux_map import FluxMapping
from coldlink.calibration.flux_pulse import FluxPulse
from coldlink.calibration.knowledge import Knowledge
from coldlink.calibration.names import KINDS
from coldlink.calibration.resonator import ResonatorSearch
from coldlink.calibration.resonator_flux import ResonatorFlux
from coldlink.calibration.spectroscopy import Spectroscopy
from coldlink.calibration.time_of_flight import TimeOfFlight
from coldlink.instruments.simulated.truth import Truth
from coldlink.sequences.errors import FitRejected
from coldlink.sequences.setting import Setting
from coldlink.sequences.units import GHz, MHz, ns

from ..one_mode import OneMode, one_mode
from .changes import transmons


def resonators(**values: float) -> Callable[[Truth], Truth]:
    return lambda held: replace(held, resonators=tuple(replace(one, **values) for one in held.resonators))


def fluxes(lines: str, **values: float) -> Callable[[Truth], Truth]:
    return lambda held: replace(held, **{lines: tuple(replace(line, **values) for line in getattr(held, lines))})


def changed(*changes: Callable[[Truth], Truth]) -> Callable[[Truth], Truth]:
    def all_of_them(held: Truth) -> Truth:
        for change in changes:
            held = change(held)
        return held

    return all_of_them


def found(setup: OneMode, routine) -> dict[str, Measured]:
    """What a routine found; all of it may be stored."""
    values = routine.found(calibrate(routine, setup.bench).fit)
    assert set(values) <= set(KINDS)
    assert all(np.isfinite([value.value, value.error]).all() for value in values.values())
    return values


def known(setup: OneMode, **values: float) -> OneMode:
    """`setup` with values of node A in the knowledge, underscores for dots; its biases follow."""
    named = {f"a.{name.replace('_', '.', 1)}": value for name, value in values.items()}
    setup.bench.learn(setup.bench.known.learned(named))
    return setup


def agrees(found: Measured, truth: float) -> bool:
    return abs(found.value - truth) < 3.5 * found.error


def resonance(setup: OneMode, qubit: float) -> float:
    """Of A's resonator with its qubit in g at `qubit` (Hz)."""
    return float(setup.truth.resonators[0].resonances(qubit, -210 * MHz, 1)[0])


@pytest.mark.parametrize("shift", [-9 * MHz, 8 * MHz])
def test_the_resonator_search_finds_where_the_tone_is_answered(shift):
    designed = one_mode().truth.resonators[0].bare_frequency
    setup = one_mode(change=resonators(bare_frequency=designed + shift, phase=2.5, delay=160 * ns))
    values = found(setup, ResonatorSearch(node="a"))
    assert agrees(values["a.resonator.frequency"], resonance(setup, 5.11 * GHz))
    assert values["a.resonator.frequency"].error < 0.5 * MHz
    assert agrees(values["a.readout.linewidth"], 2 * MHz)


def test_a_readout_that_is_not_plugged_in_is_refused():
    with pytest.raises(FitRejected):
        found(one_mode(change=resonators(gain=1e-9)), ResonatorSearch(node="a"))


@pytest.mark.parametrize("delay", [3 * ns, 71 * ns, 198 * ns])
def test_the_time_of_flight_is_found_to_5_ns(delay):
    values = found(one_mode(change=resonators(delay=delay)), TimeOfFlight(node="b"))
    assert agrees(values["b.readout.delay"], delay)
    assert values["b.readout.delay"].error < 5 * ns


MISPLACED = {"offset": 0.27, "bias": 0.483}


def blind(setup: OneMode) -> OneMode:
    """Nothing known, all sources at 0 V, but couplers off."""
    zeros = {name: volts for name, volts in setup.plant.biases.items() if "coupler" in name}
    learned = {name.replace(".bias", ".zero_bias"): volts for name, volts in zeros.items()}
    setup.bench.learn(Knowledge(prior=setup.design, target=setup.bench.known.target, blind=True, values=learned))
    return setup


def test_the_resonator_finds_the_qubits_flux_and_a_bias_near_idle_on_the_right_side():
    change = changed(fluxes("qubit_flux", **MISPLACED), transmons(maximum_frequency=5.18 * GHz))
    setup = blind(one_mode(change=change))
    transmon = setup.device.qubits[0].transmon
    tone = resonance(setup, float(transmon.frequency(MISPLACED["offset"])))
    values = found(known(setup, readout_frequency=tone), ResonatorFlux(node="a"))
    assert agrees(values["a.flux.offset"], MISPLACED["offset"])
    assert agrees(values["a.flux.per_volt"], MISPLACED["bias"])
    assert agrees(values["a.maximum_frequency"], 5.18 * GHz)
    flux = setup.truth.qubit_flux[0].flux(values["a.flux.bias"].value, 0.0)
    assert flux > 0
    assert float(transmon.frequency(flux)) == pytest.approx(5.11 * GHz, abs=50 * MHz)
    assert agrees(values["a.resonator.frequency"], resonance(setup, 5.11 * GHz))


@pytest.mark.parametrize("offset", [-0.3, 0.21])
def test_the_coupler_search_finds_the_zero_from_which_a_pulse_up_couples(offset):
    setup = one_mode(change=fluxes("coupler_flux", offset=offset))
    values = found(setup, CouplerSearch(node="a"))
    line, coupler = setup.truth.coupler_flux[0], setup.device.qubits[0].coupler
    assert agrees(values["a.coupler.zero_bias"], line.volts(coupler.zero_flux))
    assert values["a.coupler.zero_bias"].error < 0.02
    assert float(coupler.g(line.flux(values["a.coupler.zero_bias"].value, 0.1), 5.1 * GHz, 5.04 * GHz)) > 0.3 * MHz


@pytest.mark.parametrize("maximum", [5.19 * GHz, 5.33 * GHz])
def test_spectroscopy_finds_a_qubit_far_from_its_design(maximum):
    setup = one_mode(change=transmons(maximum_frequency=maximum))
    routine = Spectroscopy(node="a")
    values = found(setup, routine)
    truth = float(setup.device.qubits[0].transmon.frequency(setup.design.device.qubits[0].transmon.flux(5.11 * GHz)))
    assert agrees(values["a.f01"], truth)
    assert values["a.f01"].error < 0.5 * MHz
    assert agrees(values["a.maximum_frequency"], maximum)


def test_spectroscopy_without_a_drive_is_refused():
    def silent(held: Truth) -> Truth:
        return replace(held, drives=tuple(replace(line, rabi_rate=1e3) for line in held.drives))

    with pytest.raises(FitRejected):
        found(one_mode(change=silent), Spectroscopy(node="a"))


def test_the_flux_map_finds_the_curve_and_brings_the_qubit_to_idle():
    change = changed(fluxes("qubit_flux", offset=0.011, bias=0.494), transmons(maximum_frequency=5.27 * GHz))
    setup = one_mode(change=change)
    transmon, line = setup.device.qubits[0].transmon, setup.truth.qubit_flux[0]
    rest = setup.plant.biases["a.flux.bias"]
    here = float(transmon.frequency(line.flux(rest, 0.0)))
    known(setup, f01=here, maximum_frequency=5.268 * GHz, flux_offset=0.0105, flux_per_volt=0.4945)
    setup.bench.known = setup.bench.known.learned({"a.maximum_frequency": 5.268 * GHz, "a.flux.bias": rest})
    setup.bench.set(Setting("a.flux.bias", "V"), rest)
    values = found(setup, FluxMapping(node="a"))
    assert agrees(values["a.flux.offset"], 0.011)
    assert agrees(values["a.flux.per_volt"], 0.494)
    assert agrees(values["a.maximum_frequency"], 5.27 * GHz)
    assert agrees(values["a.flux.bias"], line.volts(float(transmon.flux(5.11 * GHz))))
    there = float(transmon.frequency(line.flux(values["a.flux.bias"].value, 0.0)))
    assert abs(there - 5.11 * GHz) < 0.3 * MHz


@pytest.mark.parametrize("pulse", [0.0479, 0.0522])
def test_the_flux_pulse_is_found_to_a_part_in_300(pulse):
    values = found(one_mode(change=fluxes("qubit_flux", pulse=pulse)), FluxPulse(node="a"))
    assert agrees(values["a.flux.pulse"], pulse)
    assert values["a.flux.pulse"].error < 0.003 * pulse
