"""Programs on sim_4k's board, as designed, and what the twin of the board makes of their images."""

from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np

from coldlink.instruments.qick.firmware import soccfg
from coldlink.instruments.qick.lower import lower
from coldlink.instruments.qick.wiring import target
from coldlink.instruments.simulated.board import Played, Repetition, SimulatedSoc
from coldlink.sequences import FlatTop, Program, Pulse, Sequence
from coldlink.sequences import compile as compile_sequence
from coldlink.sequences.units import ns, us
from coldlink.stations.declaration import declaration

DECLARED = declaration(Path(__file__).parents[3] / "stations" / "sim_4k")
LINK = DECLARED.design().link()
WIRING = DECLARED.wiring.wiring()
CONFIG = soccfg()
TARGET = target(CONFIG, WIRING, name="zcu216")
TICK = TARGET.clock.period
A, B, LOAD = LINK.node_a, LINK.node_b, LINK.line.load


def compiled(sequence: Sequence, relaxation: float = 20 * us) -> Program:
    return compile_sequence(sequence, TARGET, relaxation=relaxation)


def lowered(sequence: Sequence, *, shots: int = 3, relaxation: float = 20 * us) -> Any:
    return lower(compiled(sequence, relaxation), CONFIG, WIRING, shots)


def executed(program: Any) -> SimulatedSoc:
    """A board that has run the image of `program`."""
    soc = SimulatedSoc(CONFIG)
    program.config_all(soc)
    program.config_bufs(soc, enable_avg=True, enable_buf=False)
    soc.start_tproc()
    return soc


def repetition(sequence: Sequence) -> Repetition:
    (group,) = executed(lowered(sequence)).groups
    return group


def closed(duration: float = 60 * ns) -> Pulse:
    return Pulse(duration=duration, amplitude=0.3, envelope=FlatTop(5 * ns))


def scaled(pulse: Pulse, factor: float) -> Pulse:
    return replace(pulse, amplitude=float(pulse.amplitude) * factor)  # type: ignore[arg-type]


def turns_at(played: Played, time: float) -> float:
    """Phase that the generator adds to its free mixer at `time` (s after the repetition's origin), in turns."""
    return float((played.frequency * (time - played.start) + played.phase / (2 * np.pi)) % 1.0)
