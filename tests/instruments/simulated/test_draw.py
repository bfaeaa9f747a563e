"""Devices that are drawn: within their spread, each parameter by itself, and the same ones everywhere."""

from dataclasses import replace

import numpy as np
import pytest

from coldlink.instruments.simulated.draw import Spread, draw
from coldlink.physics.apparatus import NetworkApparatus
from coldlink.stations.declaration import declaration
from coldlink.stations.truth_file import drawn_truth, truth

from ... import photon_rig
from ...one_mode import STATIONS, undisturbed

NAMES = ["sim_1k", "sim_4k"]
SPREAD = Spread(
    maximum_frequency=100e6,
    flux_offset=0.3,
    coupling=0.1,
    delay=200e-9,
    phase=np.pi,
    rabi_rate=0.2,
    amplifier=0.2,
    flux_gain=0.05,
    resonator=10e6,
    free_spectral_range=0.003,
    t1=0.4,
    line_quality=0.15,
)


def designed(name: str = "sim_4k"):
    return declaration(STATIONS / name).design()


def built(name: str = "sim_4k"):
    return truth(STATIONS / name, NetworkApparatus.of(designed(name)))


def numbers(apparatus) -> dict[str, float]:
    """What a draw may change."""
    device, found = apparatus.network.links[0], {}
    for index, (qubit, drive, resonator) in enumerate(
        zip(device.qubits, apparatus.drives, apparatus.resonators, strict=True)
    ):
        found[f"maximum {index}"] = qubit.transmon.maximum_frequency
        found[f"g {index}"] = float(qubit.coupler.g(0.47, 5.04e9, 5.04e9))
        found[f"t1 {index}"] = qubit.t1
        found[f"rabi rate {index}"] = drive.rabi_rate
        for part in ("bare_frequency", "gain", "phase", "delay"):
            found[f"{part} {index}"] = getattr(resonator, part)
    for index, line in enumerate((*apparatus.qubit_flux, *apparatus.coupler_flux, *apparatus.load_flux)):
        for part in ("bias", "pulse", "offset"):
            found[f"{part} of flux line {index}"] = getattr(line, part)
    return found | {"range": device.line.free_spectral_range, "quality": device.line.quality}


def test_without_spread_a_device_is_built_as_designed():
    drawn = draw(built(), Spread(), (3,))
    assert replace(drawn, drifts=built().drifts) == built()
    assert drawn.drifts.entropy == (3,)


def test_the_same_entropy_draws_the_same_device_and_another_one_another():
    assert draw(built(), SPREAD, (3, 1)) == draw(built(), SPREAD, (3, 1))
    first, second = (numbers(draw(built(), SPREAD, (3, seed))) for seed in (0, 1))
    assert all(first[name] != second[name] for name in first)


def test_the_device_of_a_seed_is_the_same_on_every_platform_and_in_every_version():
    drawn = draw(built(), SPREAD, (4,))
    assert drawn.network.qubits[0].transmon.maximum_frequency == pytest.approx(5155874457.957603, abs=1e-3)
    assert drawn.load_flux[0].offset == pytest.approx(-0.270375836873977, abs=1e-12)


def test_a_parameter_is_drawn_whatever_else_is():
    one = draw(built(), Spread(coupling=0.1), (3,)).network.qubits[1].coupler
    assert one == draw(built(), SPREAD, (3,)).network.qubits[1].coupler


def test_many_devices_fill_the_spread_and_do_not_leave_it():
    nominal = numbers(built())
    drawn = [numbers(draw(built(), SPREAD, (seed,))) for seed in range(60)]
    for name, width in (("maximum 0", 100e6), ("bare_frequency 1", 10e6), ("offset of flux line 4", 0.3)):
        away = [numbers[name] - nominal[name] for numbers in drawn]
        assert 0.8 * width < max(np.abs(away)) <= width
        assert min(away) < 0 < max(away)
    relative = {"g 0": 0.102, "t1 1": 0.4, "quality": 0.15, "pulse of flux line 2": 0.05, "gain 0": 0.2}
    for name, width in relative.items():
        ratio = [numbers[name] / nominal[name] - 1 for numbers in drawn]
        assert 0.8 * width < max(np.abs(ratio)) <= width
    delays = [numbers["delay 0"] for numbers in drawn]
    assert 0 <= min(delays) < 30e-9
    assert 170e-9 < max(delays) <= 200e-9


def test_a_stronger_coupler_is_zero_at_the_same_flux_and_stronger_by_as_much_at_every_other():
    before, after = (draw(built(), spread, (7,)).network.qubits[0].coupler for spread in (Spread(), SPREAD))
    flux = np.array([0.0, 0.2, 0.45, 0.49])
    ratio = after.g(flux, 5.04e9, 5.04e9) / before.g(flux, 5.04e9, 5.04e9)
    assert after.zero_flux == pytest.approx(before.zero_flux)
    assert np.ptp(ratio) < 1e-9
    assert abs(ratio[0] - 1) > 0.01


def test_the_signal_to_noise_ratio_of_a_readout_stays():
    for resonator, nominal in zip(draw(built(), SPREAD, (7,)).resonators, built().resonators, strict=True):
        assert resonator.noise / resonator.gain == pytest.approx(nominal.noise / nominal.gain)


@pytest.mark.parametrize("name", NAMES)
def test_the_shipped_device_has_the_quality_of_the_design_and_those_of_seeds_another_one(name):
    design, folder = designed(name), STATIONS / name
    own, other = (drawn_truth(folder, NetworkApparatus.of(design), seed).link(0).device for seed in (None, 0))
    assert [qubit.t1 for qubit in own.qubits] == [qubit.t1 for qubit in design.device.qubits]
    assert own.line.quality == design.device.line.quality
    assert own.line.free_spectral_range != design.device.line.free_spectral_range
    assert all(qubit.t1 != nominal.t1 for qubit, nominal in zip(other.qubits, design.device.qubits, strict=True))
    assert other.line.quality != design.device.line.quality


@pytest.mark.parametrize("name", NAMES)
@pytest.mark.parametrize("seed", [None, *range(10)])
def test_every_drawn_device_can_be_run_as_the_design_wants(name, seed):
    design, folder = designed(name), STATIONS / name
    held = drawn_truth(folder, NetworkApparatus.of(design), seed).link(0)
    fields = ("device", "qubit_flux", "coupler_flux", "load_flux", "drives")
    known = replace(design, **{name: getattr(held, name) for name in fields})
    link = known.link()
    pulses = [p for node in (link.node_a, link.node_b) for p in (node.x180, node.swap.coupler, node.swap.compensation)]
    assert all(abs(pulse.amplitude) < 1 for pulse in pulses)
    assert abs(link.line.close_amplitude) < 1


def test_a_design_is_not_changed_by_the_truth_of_a_device_that_is_built_so():
    assert undisturbed(built()).link(0).device == designed().device


def test_a_line_along_which_photons_travel_is_drawn_around_its_design():
    designed = photon_rig.truth(photon_rig.link())
    spread = Spread(
        maximum_frequency=1e6,
        t1=0.1,
        transfer_resonator=2e6,
        transfer_linewidth=0.1,
        photon_rate=0.2,
        stark=0.3,
        photon_loss=0.05,
    )
    drawn = draw(designed, spread, (7,))
    assert drawn == draw(designed, spread, (7,))
    before, after = designed.network.links[0], drawn.network.links[0]
    for old, new in zip(before.ends, after.ends, strict=True):
        assert 0 < abs(new.resonator.frequency - old.resonator.frequency) <= 2e6
        assert 0 < abs(new.resonator.kappa / old.resonator.kappa - 1) <= 0.1
        assert 0 < abs(new.stark / old.stark - 1) <= 0.3
    for old, new in zip(designed.drives, drawn.drives, strict=True):
        assert 0 < abs(new.photon_rate / old.photon_rate - 1) <= 0.2
    for old, new in zip(before.qubits, after.qubits, strict=True):
        assert 0 < abs(new.transmon.maximum_frequency - old.transmon.maximum_frequency) <= 1e6
        assert 0 < abs(new.t1 / old.t1 - 1) <= 0.1
    assert 0 < abs(after.waveguide.loss / before.waveguide.loss - 1) <= 0.05
    assert draw(designed, Spread(), (7,)).network == designed.network
