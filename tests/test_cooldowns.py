"""Ten unknown devices at each station, calibrated from nothing: what is found lies around the truth as told."""

from dataclasses import dataclass
from pathlib import Path

import pytest

from coldlink.calibration.chain import CHAIN
from coldlink.calibration.cooldown import Cooldown
from coldlink.calibration.store import Store
from coldlink.sequences.errors import FitRejected
from coldlink.stations.open import open_station
from coldlink.stations.twin import truth_of

STATIONS = Path(__file__).parents[1] / "stations"
SEEDS = range(10)
FREQUENCIES = ("f01", "maximum_frequency", "anharmonicity", "frequency", "mode_frequency", "free_spectral_range")
NEAR_ZERO = {
    "flux.offset": 0.01,
    "coupler.offset": 0.05,
    "flux.bias": 1e-3,
    "readout.delay": 5e-9,
    "residual_population": 0.003,
    "occupation": 0.01,
    "phase": 0.05,
    "p10": 0.005,
    "p01": 0.002,
    "preparation_error": 0.001,
}
"""Values that may lie near zero, and the error that they may have then."""


@dataclass(frozen=True)
class Cooled:
    """pulls: (found - true)/error of each value. wide: Values whose error is too large. stopped: By which task, why."""

    pulls: dict[str, float]
    wide: list[str]
    stopped: str


def cooled(station: str, seed: int, memory: Path) -> Cooled:
    stopped = ""
    with open_station(STATIONS / station, seed=seed, memory=memory) as session:
        bench = session.bench
        bench.energise()
        cooldown = Cooldown(bench=bench, store=session.store, clock=bench.clock.now, number=1, run="a test")
        try:
            for task in CHAIN.due(session.store.read(), bench.clock.now()):
                cooldown.perform(task)
        except FitRejected as refused:
            stopped = str(refused)
    found = Store.within(memory).read().latest
    true = truth_of(STATIONS / station, seed, memory)
    pulls = {name: (found[name].value - value) / found[name].error for name, value in true.items() if value is not None}
    wide = [
        f"{name} = {entry.value:.4g} +- {entry.error:.2g}" for name, entry in found.items() if too_wide(name, entry)
    ]
    return Cooled(pulls, wide, stopped)


def too_wide(name: str, entry) -> bool:
    last = name.rsplit(".", 1)[-1]
    if last in FREQUENCIES:
        return not 0 < entry.error < 0.5e6
    near_zero = max((limit for ending, limit in NEAR_ZERO.items() if name.endswith(ending)), default=0.0)
    return not 0 < entry.error <= max(near_zero, 0.1 * abs(entry.value))


@pytest.mark.nightly
@pytest.mark.parametrize("station", ["sim_4k", "sim_1k"])
def test_ten_devices_are_found_within_the_errors_that_are_told(station, tmp_path):
    every = [cooled(station, seed, tmp_path / f"{seed}") for seed in SEEDS]
    pulls = [pull for one in every for pull in one.pulls.values()]
    stops = [one.stopped for one in every if one.stopped]
    assert len(pulls) > 40 * (len(SEEDS) - len(stops))
    assert all(any(stop.startswith(f"{task.name}: ") for task in CHAIN.tasks) for stop in stops)
    assert len(stops) <= 2, stops
    assert 0.6 <= sum(abs(pull) < 1 for pull in pulls) / len(pulls) <= 0.8
    assert sum(abs(pull) < 4 for pull in pulls) / len(pulls) >= 0.98
    assert [value for one in every for value in one.wide] == []
