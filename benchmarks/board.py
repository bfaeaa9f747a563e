"""Time of the simulated board: its processor's interpreter, whole acquisitions, its import; --json for machines.

Each value is the median of repeats that take turns, so that a busy moment of the machine hits all of them alike.
"""

import argparse
import json
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any, Final
from unittest.mock import patch

import numpy as np
from qick.asm_v2 import AveragerProgramV2, QickSweep1D
from qick.tprocv2_assembler import Assembler

from coldlink.instruments.qick.firmware import soccfg
from coldlink.instruments.qick.image import image
from coldlink.instruments.qick.lower import lower
from coldlink.instruments.qick.wiring import target
from coldlink.instruments.simulated.board import Plant, Processor, Repetition, SimulatedSoc
from coldlink.instruments.simulated.board import soc as board
from coldlink.instruments.simulated.board.processor.decode import decode
from coldlink.instruments.simulated.board.replication.replication import Replication
from coldlink.instruments.simulated.plant import LinkPlant
from coldlink.sequences import Sequence
from coldlink.sequences import compile as compile_sequence
from coldlink.sequences.protocols import measure, transfer
from coldlink.stations.declaration import declaration
from coldlink.stations.truth_file import drawn_truth

REPEATS: Final = 7
SHOTS: Final = 10_000
MANY: Final = 1_000_000
STATION: Final = Path(__file__).parents[1] / "stations" / "sim_4k"
STRAIGHT: Final = """
    REG_WR r0 imm #0
AGAIN:
    REG_WR r1 op -op(r1 + #3)
    REG_WR r2 op -op(r1 XOR r2)
    REG_WR r3 op -op(r2 SL #3)
    DMEM_WR [&5] op -op(r3)
    REG_WR r4 dmem [&5]
    NOP
    TEST -op(r0 - #500000) -uf
    JUMP AGAIN -if(NZ) -wr(r0 op) -op(r0 + #1)
    .END
"""
FRESH: Final = """
import time
start = time.perf_counter()
from coldlink.instruments.simulated import SimulatedSoc
print(time.perf_counter() - start)
"""
POINTS: Final = 51
DRIVE, TONES, READOUT = 6, 4, 2
SHORT, LONG = 1.0, 150.0
"""Rests after a shot: of a plant that does nothing, and of qubits (us)."""
Memory = tuple[Any, Any, Any]


class Rabi(AveragerProgramV2):  # type: ignore[misc]
    """A bell of swept gain and a read-out after it, in the vendor's own words."""

    def _initialize(self, cfg: dict[str, Any]) -> None:
        self.declare_gen(ch=DRIVE, nqz=2, mixer_freq=5100.0)
        self.declare_gen(ch=TONES, nqz=2, mixer_freq=6400.0, mux_freqs=[6350.0], mux_gains=[0.1], ro_ch=READOUT)
        self.declare_readout(ch=READOUT, length=4.0, freq=6350.0, gen_ch=TONES)
        self.add_loop("gain", POINTS)
        self.add_gauss(ch=DRIVE, name="bell", sigma=0.01, length=0.04)
        bell = {"style": "arb", "envelope": "bell", "freq": 5110.0, "phase": 0, "phrst": 1}
        self.add_pulse(ch=DRIVE, name="drive", gain=QickSweep1D("gain", 0, 1), **bell)
        self.add_pulse(ch=TONES, name="tones", style="const", mask=[0], length=4.0)

    def _body(self, cfg: dict[str, Any]) -> None:
        self.pulse(ch=DRIVE, name="drive", t=0)
        self.pulse(ch=TONES, name="tones", t=0.1)
        self.trigger(ros=[READOUT], t=0.2)


class Quiet:
    """A plant that answers zero."""

    def measure(self, repetition: Repetition, shots: int) -> np.ndarray[Any, Any]:
        """Nothing is heard."""
        return np.zeros((shots, len(repetition.windows)), complex)


class Watched(np.ndarray[Any, Any]):
    """An envelope memory that counts its writes."""

    writes = 0

    def __setitem__(self, place: Any, data: Any) -> None:
        Watched.writes += 1
        super().__setitem__(place, data)


def executed(memory: Memory, tproc: Any) -> tuple[float, int]:
    """Time (s) and number of instructions of one run."""
    start = time.perf_counter()
    processor = Processor(*memory, tproc)
    for _ in processor.run():
        pass
    return time.perf_counter() - start, processor.executed


def replicated(memory: Memory, tproc: Any) -> float:
    """Time (s) of one run in which repetitions that are proven to be alike are not executed."""
    start = time.perf_counter()
    for _ in Replication(Processor(*memory, tproc)).run():
        pass
    return time.perf_counter() - start


def straight() -> Memory:
    """A loop of arithmetic that pushes nothing."""
    _, words = Assembler.str_asm2bin(STRAIGHT)
    return decode(words), None, None


def handshakes(config: Any, count: int = SHOTS) -> Memory:
    """The handshake of a shipped station, read at both nodes, `count` times."""
    declared = declaration(STATION)
    wiring, link = declared.wiring.wiring(), declared.design().link()
    sequence = Sequence().then(transfer(link)).then(measure(link.node_a, link.node_b))
    program = compile_sequence(sequence, target(config, wiring, name="zcu216"), relaxation=link.relaxation)
    loaded = image(lower(program, config, wiring, count))
    return decode(loaded.pmem), loaded.wmem, loaded.dmem


def link() -> LinkPlant:
    """The physics of a shipped station, at rest."""
    return LinkPlant(drawn_truth(STATION, declaration(STATION).apparatus(), None), np.random.default_rng(0))


def aligned(config: Any) -> float:
    """The next longer rest than LONG (us) with which all shots begin alike on the board's clocks."""
    soc = SimulatedSoc(config, Quiet())
    Rabi(config, reps=1, final_delay=LONG, cfg={}).acquire(soc, progress=False)
    ports = [config["gens"][generator]["tproc_ch"] for generator in (DRIVE, TONES)]
    ticks = -int(np.diff(soc.origins)[-1]) % soc.wiring.alignment(ports)
    return LONG + ticks / soc.wiring.f_time


def rabi(config: Any, shots: int, plant: Callable[[], Plant], rest: float) -> Callable[[], float]:
    """Time (s) of an unmodified acquisition; the same image each time, from a `plant` that has not met it."""
    program, soc = Rabi(config, reps=shots, final_delay=rest, cfg={}), SimulatedSoc(config)

    def acquired() -> float:
        soc.plant = plant()
        start = time.perf_counter()
        program.acquire(soc, progress=False)
        return time.perf_counter() - start

    return acquired


def repeated(config: Any) -> list[dict[str, Any]]:
    """What the first and the second acquisition of an image decode and write into envelope memories."""
    program, soc = Rabi(config, reps=10, final_delay=SHORT, cfg={}), SimulatedSoc(config, Quiet())
    rows = []
    for unit in soc.wiring.generators:
        if unit is not None:
            unit.memory = unit.memory.view(Watched)
    with patch.object(board, "decode", wraps=decode) as decoded:
        for name in ("first_acquire", "repeated_acquire"):
            decoded.reset_mock()
            Watched.writes = 0
            program.acquire(soc, progress=False)
            rows.append({"name": f"{name}_decodings", "value": float(decoded.call_count), "unit": ""})
            rows.append({"name": f"{name}_envelope_writes", "value": float(Watched.writes), "unit": ""})
    return rows


def fresh_import() -> float:
    """Time (s) of the import of the simulated board in a process that has imported nothing."""
    done = subprocess.run([sys.executable, "-c", FRESH], check=True, capture_output=True, text=True)
    return float(done.stdout)


def measured() -> list[dict[str, Any]]:
    """Rows of name, value and unit."""
    config = soccfg()
    tproc = config["tprocs"][0]
    loop, shots, many = straight(), handshakes(config), handshakes(config, MANY)
    executed(loop, tproc)

    def rate(memory: Memory) -> float:
        seconds, instructions = executed(memory, tproc)
        return instructions / seconds

    cases: dict[str, tuple[str, Callable[[], float]]] = {
        "instructions_per_second": ("1/s", lambda: rate(loop)),
        "handshake_instructions_per_second": ("1/s", lambda: rate(shots)),
        "handshake_1e4_shots": ("s", lambda: replicated(shots, tproc)),
        "handshake_1e4_shots_executed": ("s", lambda: executed(shots, tproc)[0]),
        "handshake_1e6_shots": ("s", lambda: replicated(many, tproc)),
        "handshake_1e6_shots_executed": ("s", lambda: executed(many, tproc)[0]),
        "rabi_51x1e4_without_physics": ("s", rabi(config, SHOTS, Quiet, SHORT)),
        "rabi_51x1e4": ("s", rabi(config, SHOTS, link, aligned(config))),
        "rabi_51x1e4_unaligned": ("s", rabi(config, SHOTS, link, LONG)),
        "repeated_acquire": ("s", rabi(config, 10, Quiet, SHORT)),
        "import_simulated": ("s", fresh_import),
    }
    found: dict[str, list[float]] = {name: [] for name in cases}
    for _ in range(REPEATS):
        for name, (_, work) in cases.items():
            found[name].append(work())
    rows = [{"name": name, "value": float(np.median(found[name])), "unit": cases[name][0]} for name in cases]
    return rows + repeated(config)


def main() -> None:
    """Print a table, or with --json a list of name, value and unit."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--json", action="store_true")
    arguments = parser.parse_args()
    rows = measured()
    if arguments.json:
        print(json.dumps(rows))
    else:
        print("\n".join(f"{row['name']:36s} {row['value']:14.6g} {row['unit']}" for row in rows))


if __name__ == "__main__":
    main()
