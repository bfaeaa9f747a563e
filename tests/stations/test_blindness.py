"""Nobody knows the device: it is drawn, and what is calibrated comes from the instruments alone."""

import shutil
from pathlib import Path

import numpy as np

from coldlink.calibration.chain import CHAIN
from coldlink.calibration.cooldown import Cooldown
from coldlink.physics.apparatus import NetworkApparatus
from coldlink.stations.declaration import declaration
from coldlink.stations.open import open_station
from coldlink.stations.truth_file import drawn_truth

from .real_session import SIM

FIRST = ("a.resonator", "a.time_of_flight", "a.resonator_flux", "a.coupler_search", "a.spectroscopy", "a.flux_map")


def found(folder: Path, overwritten: bool) -> dict[str, tuple[float, float]]:
    """What the first calibrations of an empty memory find."""
    with open_station(folder) as session:
        if overwritten:
            (folder / "truth.yaml").write_text("spread: 12 elephants\n", encoding="utf-8")
        bench = session.bench
        bench.energise()
        cooldown = Cooldown(bench=bench, store=session.store, clock=bench.clock.now, number=1, run="a test")
        for name in FIRST:
            cooldown.perform(CHAIN.task(name))
        return {name: (entry.value, entry.error) for name, entry in session.store.read().latest.items()}


def test_no_calibrated_number_changes_when_truth_yaml_is_overwritten_after_the_twin_has_started(tmp_path):
    folders = [Path(shutil.copytree(SIM, tmp_path / place / "sim_4k")) for place in ("kept", "overwritten")]
    kept, overwritten = found(folders[0], False), found(folders[1], True)
    assert len(kept) > 8
    assert kept == overwritten


def test_the_device_lies_as_far_from_its_design_as_declared_and_another_seed_is_another_device():
    design = declaration(SIM).design()
    devices = [drawn_truth(SIM, NetworkApparatus.of(design), seed) for seed in (None, *range(40))]
    offsets = np.array(
        [[line.offset for line in (*one.qubit_flux, *one.coupler_flux, *one.load_flux)] for one in devices]
    )
    tops = np.array([[q.transmon.maximum_frequency for q in one.network.qubits] for one in devices])
    shifts = tops - [q.transmon.maximum_frequency for q in design.device.qubits]
    assert 0.25 < np.abs(offsets).max() <= 0.3
    assert 80e6 < np.abs(shifts).max() <= 100e6
    assert len(np.unique(offsets)) == offsets.size
    delays = [resonator.delay for one in devices for resonator in one.resonators]
    assert min(delays) < 20e-9
    assert 180e-9 < max(delays) <= 200e-9


def test_without_a_seed_the_quality_of_the_device_is_the_design_s():
    design = declaration(SIM).design()
    own, other = (drawn_truth(SIM, NetworkApparatus.of(design), seed).link(0).device for seed in (None, 3))
    assert own.line.quality == design.device.line.quality
    assert [q.t1 for q in own.qubits] == [q.t1 for q in design.device.qubits]
    assert other.line.quality != design.device.line.quality
    assert own.line_temperature == other.line_temperature == design.device.line_temperature
