"""Time of the simulated board: its processor's interpreter, and the import of it; --json for machines.

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

import numpy as np
from qick.tprocv2_assembler import Assembler

from coldlink.instruments.qick.firmware import soccfg
from coldlink.instruments.qick.image import image
from coldlink.instruments.qick.lower import lower
from coldlink.instruments.qick.wiring import target
from coldlink.instruments.simulated.board import Processor
from coldlink.instruments.simulated.board.decode import decode
from coldlink.sequences import Sequence
from coldlink.sequences import compile as compile_sequence
from coldlink.sequences.protocols import handshake, measure
from coldlink.stations.declaration import declaration

REPEATS: Final = 7
SHOTS: Final = 10_000
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
Memory = tuple[Any, Any, Any]


def executed(memory: Memory, tproc: Any) -> tuple[float, int]:
    """Time (s) and number of instructions of one run."""
    start = time.perf_counter()
    processor = Processor(*memory, tproc)
    for _ in processor.run():
        pass
    return time.perf_counter() - start, processor.executed


def straight() -> Memory:
    """A loop of arithmetic that pushes nothing."""
    _, words = Assembler.str_asm2bin(STRAIGHT)
    return decode(words), None, None


def handshakes(config: Any) -> Memory:
    """The handshake of a shipped station, read at both nodes, SHOTS times."""
    declared = declaration(STATION)
    wiring, link = declared.wiring.wiring(), declared.design().link()
    sequence = Sequence().then(handshake(link)).then(measure(link.node_a, link.node_b))
    program = compile_sequence(sequence, target(config, wiring, name="zcu216"), relaxation=link.relaxation)
    loaded = image(lower(program, config, wiring, SHOTS))
    return decode(loaded.pmem), loaded.wmem, loaded.dmem


def fresh_import() -> float:
    """Time (s) of the import of the simulated board in a process that has imported nothing."""
    done = subprocess.run([sys.executable, "-c", FRESH], check=True, capture_output=True, text=True)
    return float(done.stdout)


def measured() -> list[dict[str, Any]]:
    """Rows of name, value and unit."""
    config = soccfg()
    tproc = config["tprocs"][0]
    loop, shots = straight(), handshakes(config)
    executed(loop, tproc)

    def rate(memory: Memory) -> float:
        seconds, instructions = executed(memory, tproc)
        return instructions / seconds

    cases: dict[str, tuple[str, Callable[[], float]]] = {
        "instructions_per_second": ("1/s", lambda: rate(loop)),
        "handshake_instructions_per_second": ("1/s", lambda: rate(shots)),
        "handshake_1e4_shots": ("s", lambda: executed(shots, tproc)[0]),
        "import_simulated": ("s", fresh_import),
    }
    found: dict[str, list[float]] = {name: [] for name in cases}
    for _ in range(REPEATS):
        for name, (_, work) in cases.items():
            found[name].append(work())
    return [{"name": name, "value": float(np.median(found[name])), "unit": cases[name][0]} for name in cases]


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
