"""Sessions at the shipped 4 K station, its instruments as they answer, and what is cheap to play there."""

import shutil
from dataclasses import replace
from pathlib import Path
from typing import Any

from coldlink.calibration.names import KINDS
from coldlink.calibration.store import Entry, Store
from coldlink.instruments.simulated.fridge import Fridge
from coldlink.sequences.protocols import measure
from coldlink.sequences.scan import Point, Scan
from coldlink.sequences.sequence import Sequence
from coldlink.sequences.setting import Setting
from coldlink.sequences.sweep import Sweep
from coldlink.stations.catalogue import Catalogue
from coldlink.stations.open import LinkSession, open_station
from coldlink.stations.twin import EPOCH

SIM = Catalogue.standard().find("sim_4k").folder
SHOTS = 10
COUPLER = Setting("a.coupler.bias", "V")


BIASES = {
    "a.flux.bias": 0.208,
    "b.flux.bias": 0.211,
    "a.coupler.zero_bias": 0.783,
    "b.coupler.zero_bias": 0.783,
    "load.open_bias": 0.985,
}
"""What calibrations found (V), by the names of the values."""


def opened(memory: Path | None, seed: int | None = None, folder: Path = SIM) -> LinkSession:
    return open_station(folder, seed=seed, memory=memory)


def calibrated(memory: Path) -> Path:
    """A memory in which the biases are known; without, sources rest at 0 V."""
    Store.within(memory).append(entry(name, volts) for name, volts in BIASES.items())
    return memory


def entry(name: str, value: float, **changes: Any) -> Entry:
    """A stored value, measured when the worlds of all twins begin."""
    made = Entry(
        name=name,
        value=value,
        error=1e-3,
        unit=KINDS[name].unit if name in KINDS else "",
        time=EPOCH,
        task="by hand",
        settings={},
        cooldown=1,
        run="a run",
        image_sha256="0f" * 32,
    )
    return replace(made, **changes)


def copied(to: Path, **changes: tuple[str, str]) -> Path:
    """The station in a folder of its own. changes: File without .yaml -> what stands there once, and what shall."""
    folder = Path(shutil.copytree(SIM, to))
    for name, (before, after) in changes.items():
        file = folder / f"{name}.yaml"
        text = file.read_text(encoding="utf-8")
        assert text.count(before) == 1, (name, before)
        file.write_text(text.replace(before, after), encoding="utf-8")
    return folder


def fridge(session: LinkSession) -> Fridge:
    assert session._twin is not None
    return session._twin.cryostat.fridge


def written(session: LinkSession) -> list[str]:
    """What any instrument was sent that was no question."""
    heard = fridge(session).server.heard
    return [f"{name}: {line}" for name, lines in heard.items() for line in lines if "?" not in line]


def volts(session: LinkSession) -> dict[str, float]:
    """What the terminals carry (V): zero where an output is off."""
    return {name: source.level if source.output else 0.0 for name, source in fridge(session).sources.items()}


def glance(session: LinkSession) -> Sequence:
    """Read both nodes as they rest."""
    link = session.bench.link
    return Sequence().then(measure(link.node_a, link.node_b))


def across(session: LinkSession, points: int) -> Scan:
    """Read both nodes at so many biases of A's coupler."""
    rest = session.bench.known.biases[COUPLER]
    axis = Sweep("a.coupler.bias", tuple(rest + 1e-3 * number for number in range(points)), "V")
    return Scan.over((axis,), lambda bias: Point(sequence=glance(session), settings={COUPLER: bias}))
