"""Conformance: what `coldlink board conformance` plays, on which board, and what it tells of it."""

import sys
from collections.abc import Iterator, Mapping
from contextlib import contextmanager, redirect_stdout
from pathlib import Path
from typing import Any

import numpy as np

from ..analysis.plots import Panel, echoes
from ..instruments.gateway.client import GatewaySoc
from ..instruments.qick.conformance import Conformance, Verdict, conformance
from ..instruments.qick.firmware import FIRMWARES, soccfg
from ..instruments.qick.loop import Loop
from ..instruments.qick.probe import PROBES
from ..instruments.qick.soc import Connection, connect
from ..instruments.simulated.board import Cable, Loopback, SimulatedSoc
from .atomic import write_text
from .catalogue import Station
from .data_folder import DataFolder
from .declaration import declaration
from .equipment import BOARD, Equipment
from .occupancy import Occupancy
from .policy import policy
from .report import PICTURE
from .screen import print_lines, print_rows, progress_bar
from .written import engineering

DELAYS = (0.2e-6, 1.0e-6)
"""Of a twin's cable (s)."""
GAINS = (3_000.0, 20_000.0)
"""Of a twin's cable, full scale (converter units)."""
NOISES = (1.0, 10.0)
"""Of a decimated sample at a twin (converter units)."""


def examine(
    setup: Station,
    folder: DataFolder,
    *,
    generator: int | None,
    readout: int | None,
    delay_limit: float,
    quiet: bool,
    rng: np.random.Generator,
) -> tuple[Conformance, dict[str, Any]]:
    """Play the probes on the station's board; what was found, and its document. rng: Of a twin's cable and noise."""
    # What the vendor's package prints of versions is no part of the answer.
    with redirect_stdout(sys.stderr), progress_bar(quiet=quiet) as progress, _board(setup, folder) as board:
        loop = Loop.chosen(board.soccfg, generator, readout)
        soc = drawn(loop, rng) if setup.kind == "simulated" else board.soc
        progress.expect(len(PROBES))
        found = conformance(soc, loop, delay_limit, progress.begin)
    path = folder.figure(f"conformance-{setup.name}-{loop.generator}-{loop.readout}")
    title = f"{setup.name}: generator {loop.generator} into readout {loop.readout}"
    panels = [_panel(verdict, loop) for verdict in found.verdicts]
    write_text(path, echoes(panels, title).to_html(config=PICTURE))
    return found, _document(setup.name, found, path)


def drawn(loop: Loop, rng: np.random.Generator) -> SimulatedSoc:
    """The twin of a board, its loop closed by a cable that nobody knows."""
    cable = Cable(
        generator=loop.generator,
        readout=loop.readout,
        delay=rng.uniform(*DELAYS),
        gain=rng.uniform(*GAINS),
        noise=rng.uniform(*NOISES),
    )
    return SimulatedSoc(loop.soccfg, Loopback(rng, (cable,)))


def print_conformance(document: Mapping[str, Any]) -> None:
    """The cable, a line for each image, and what differs."""
    cable = document["cable"]
    print_lines(
        f"{document['board']} of {document['station']}: generator {document['generator']} into readout "
        f"{document['readout']}",
        f"cable: delay {engineering(cable['delay_s'], 's', 5)}, gain {cable['gain']:.0f}, noise {cable['noise']:.1f}",
        "",
    )
    print_rows(
        {
            "": "passed" if image["passed"] else "FAILED",
            "image": image["name"],
            "shift (ns)": f"{image['shift_s'] * 1e9:+.3f}",
            "amplitude": f"{image['amplitude']:.4f}",
            "phase (rad)": f"{image['phase_rad']:+.3f}",
            "residual (noise)": f"{image['residual']:.1f}",
        }
        for image in document["images"]
    )
    failed = [image for image in document["images"] if not image["passed"]]
    print_lines(
        "",
        *(f"{image['name']}: {difference}" for image in failed for difference in image["differences"]),
        _summary(len(failed)),
        f"figure: {document['figure']}",
    )


def _summary(failed: int) -> str:
    if not failed:
        return "the board plays as its twin says"
    return f"{failed} image{'s differ' if failed > 1 else ' differs'} from the board's twin"


@contextmanager
def _board(setup: Station, folder: DataFolder) -> Iterator[Connection]:
    """The station's board, and nothing else of it; of a twin, its description alone."""
    if setup.kind == "simulated":
        described = soccfg(FIRMWARES[declaration(setup.folder).wiring.firmware])
        yield Connection(None, described)
        return
    device = Equipment(setup.folder, declaration(setup.folder), policy(setup.folder)).devices()[BOARD]
    token = device.init.get("token_file")
    with Occupancy(folder.world(setup.name, None), setup.name):
        board = connect(BOARD, str(device.address), token_file=None if token is None else Path(token))
        try:
            yield board
        finally:
            if isinstance(board.soc, GatewaySoc):
                board.soc.close()


def _panel(verdict: Verdict, loop: Loop) -> Panel:
    return Panel(
        name=verdict.name,
        passed=verdict.passed,
        period=loop.sample * 1e-6,
        measured=verdict.measured,
        expected=verdict.expected,
    )


def _document(station: str, found: Conformance, figure: Path) -> dict[str, Any]:
    return {
        "station": station,
        "board": str(found.loop.soccfg["board"]),
        "generator": found.loop.generator,
        "readout": found.loop.readout,
        "cable": {
            "delay_s": found.cable.delay,
            "gain": abs(found.cable.gain),
            "phase_rad": float(np.angle(found.cable.gain)),
            "noise": found.cable.noise,
        },
        "images": [_image(verdict) for verdict in found.verdicts],
        "passed": found.passed,
        "figure": str(figure),
    }


def _image(verdict: Verdict) -> dict[str, Any]:
    return {
        "name": verdict.name,
        "shift_s": verdict.shift,
        "amplitude": verdict.amplitude,
        "phase_rad": verdict.phase,
        "residual": verdict.residual,
        "passed": verdict.passed,
        "differences": list(verdict.problems),
    }
