"""Whole runs of the vendor's programs: replicated repetitions give the groups and data of executed ones."""

import warnings
from collections.abc import Iterator
from typing import Any

import numpy as np
import pytest
from numpy.typing import NDArray
from qick.asm_v2 import QickSweep1D

from coldlink.instruments.simulated.board import Repetition, SimulatedSoc
from coldlink.instruments.simulated.board import soc as soc_module
from coldlink.instruments.simulated.board.processor.processor import Processor
from coldlink.instruments.simulated.board.repetitions.stretch import Stretch
from coldlink.instruments.simulated.board.replication import replication
from coldlink.instruments.simulated.board.replication.replication import Replication
from coldlink.sequences.errors import BoardError

from ..programs import CONFIG, DRIVE, FLUX, TICK, EchoPlant, Program, program

REPS = 300
FLUX_WAVE = "&1"
"""Where the wave of `Program.flux` stands in the wave memory, after that of the tones."""


class Executing:
    """In place of a Replication: executes everything."""

    def __init__(self, processor: Processor) -> None:
        self.processor = processor

    def run(self, *, block: int) -> Iterator[NDArray[Any]]:
        return self.processor.run(block=block)


class Counting(Replication):
    """Counts the periods that it tells."""

    told = 0

    def run(self, *, block: int = 256) -> Iterator[NDArray[Any] | Stretch]:
        for part in super().run(block=block):
            Counting.told += part.times if isinstance(part, Stretch) else 0
            yield part


def listed(one: Repetition) -> tuple[Any, ...]:
    played = [tuple(vars(wave).values()) for wave in one.played]
    words = [tuple(value.tobytes() if isinstance(value, np.ndarray) else value for value in wave) for wave in played]
    return (one.period, tuple(words), one.windows)


def ran(made: Program, how: type[Any], hazards: Any = "raise") -> dict[str, Any]:
    """All that a run leaves behind."""
    plant = EchoPlant()
    soc = SimulatedSoc(CONFIG, plant, hazards=hazards)
    with pytest.MonkeyPatch.context() as patch, warnings.catch_warnings(record=True) as told:
        warnings.simplefilter("always")
        patch.setattr(soc_module, "Replication", how)
        patch.setattr(replication, "FIRST", 32)
        patch.setattr(replication, "WATCHED", 1)
        try:
            data = [array.tolist() for array in made.acquire(soc, progress=False)]
        except BoardError as why:
            return {"error": str(why)}
    return {
        "data": data,
        "groups": [listed(one) for one in soc.groups],
        "owner": soc.owner.tolist(),
        "origins": soc.origins.tolist(),
        "counter": soc.get_tproc_counter(1),
        "dmem": soc.read_mem(64, "dmem").tolist(),
        "wmem": soc.read_mem(16, "wmem").tolist(),
        "asked": [(listed(one), shots) for one, shots in plant.asked],
        "hazards": [str(one.message) for one in told if issubclass(one.category, RuntimeWarning)],
    }


def periods_told(made: Program, **settings: Any) -> int:
    """Periods that were not executed; the run must be as if they had been."""
    Counting.told = 0
    replicated, executed = ran(made, Counting, **settings), ran(made, Executing, **settings)
    assert replicated == executed
    return Counting.told


def flux_and_read(self: Program) -> None:
    self.at(FLUX, "flux", 56)
    self.read()


def plain(gain: Any = 0.5, **cfg: Any) -> Program:
    return program(flux_and_read, setup=lambda self: self.flux(gain), **{"reps": REPS} | cfg)


@pytest.mark.parametrize("period", [5600, 5000, 4711])
def test_repetitions_of_one_sequence(period: int) -> None:
    assert periods_told(plain(period=period)) > 0.8 * REPS


def test_a_swept_gain() -> None:
    assert periods_told(plain(QickSweep1D("x", 0.0, 0.8), loops={"x": 5})) > 0.8 * REPS


def test_two_swept_gains_in_nested_loops() -> None:
    def setup(self: Program) -> None:
        self.flux(QickSweep1D("x", 0.0, 0.8))
        self.drive(gain=QickSweep1D("y", 0.0, 0.4))

    def body(self: Program) -> None:
        self.at(DRIVE, "drive", 20)
        flux_and_read(self)

    assert periods_told(program(body, setup=setup, reps=REPS, loops={"x": 3, "y": 4})) > 0.7 * REPS


def test_a_swept_time() -> None:
    def body(self: Program) -> None:
        self.pulse(ch=FLUX, name="flux", t=QickSweep1D("x", 0.1, 0.3))
        self.read()

    made = program(body, setup=lambda self: self.flux(0.5), reps=REPS, loops={"x": 4})
    assert periods_told(made) > 0.7 * REPS


def test_a_gain_that_steps_with_the_shot_counter_is_executed() -> None:
    def body(self: Program) -> None:
        self.asm_inst({"CMD": "REG_WR", "DST": "r_wave", "SRC": "wmem", "ADDR": FLUX_WAVE})
        self.asm_inst({"CMD": "REG_WR", "DST": "w3", "SRC": "op", "OP": "s12 SR #5"})
        self.asm_inst({"CMD": "WMEM_WR", "DST": f"[{FLUX_WAVE}]"})
        flux_and_read(self)

    assert periods_told(program(body, setup=lambda self: self.flux(0.5), reps=REPS)) == 0


def test_a_gain_from_a_table_in_data_memory_is_executed() -> None:
    def body(self: Program) -> None:
        self.asm_inst({"CMD": "REG_WR", "DST": "r_wave", "SRC": "wmem", "ADDR": FLUX_WAVE})
        self.asm_inst({"CMD": "REG_WR", "DST": "w3", "SRC": "dmem", "ADDR": "s12"})
        self.asm_inst({"CMD": "WMEM_WR", "DST": f"[{FLUX_WAVE}]"})
        flux_and_read(self)

    def setup(self: Program) -> None:
        self.flux(0.5)
        self.add_reg(name="table")

    made = program(body, setup=setup, reps=REPS)
    made.binprog["dmem"] = np.array([1000] * (REPS - 1) + [2000], np.int64)
    assert periods_told(made) == 0


def test_a_gain_that_is_a_random_number_is_executed() -> None:
    def body(self: Program) -> None:
        self.asm_inst({"CMD": "REG_WR", "DST": "r_wave", "SRC": "wmem", "ADDR": FLUX_WAVE})
        self.asm_inst({"CMD": "REG_WR", "DST": "w3", "SRC": "op", "OP": "s1 AND #255"})
        self.asm_inst({"CMD": "WMEM_WR", "DST": f"[{FLUX_WAVE}]"})
        flux_and_read(self)

    assert periods_told(program(body, setup=lambda self: self.flux(0.5), reps=REPS)) == 0


def test_repetitions_whose_phases_turn_are_told_and_told_apart() -> None:
    def body(self: Program) -> None:
        self.at(DRIVE, "drive", 20)
        self.read()

    made = program(body, setup=lambda self: self.drive(phrst=0), reps=REPS, period=5003)
    assert periods_told(made) > 0.8 * REPS


def test_a_unit_that_is_still_busy_is_refused_as_if_all_were_executed() -> None:
    def body(self: Program) -> None:
        self.read(500)
        self.wait(570 * TICK)
        self.delay(400 * TICK)

    made = program(body, setup=lambda self: None, reps=REPS, period=None)
    assert "busy" in str(ran(made, Executing))
    periods_told(made)


@pytest.mark.parametrize("hazards", ["raise", "warn"])
def test_hazards_of_every_repetition_are_told_or_counted(hazards: str) -> None:
    def body(self: Program) -> None:
        flux_and_read(self)
        for source, tick in (("set", 700), ("clr", 690)):
            self.asm_inst({"CMD": "TRIG", "SRC": source, "DST": "9", "TIME": f"@{tick}"})

    made = program(body, setup=lambda self: self.flux(0.5), reps=REPS)
    found = ran(made, Executing, hazards)
    if hazards == "warn":
        *told, counted = found["hazards"]
        assert [text.split(",")[0] for text in told] == [f"shot {shot}" for shot in range(10)]
        assert counted.startswith(f"and {REPS - 10} more like this, the last in shot {REPS - 1}, ")
        assert periods_told(made, hazards=hazards) > 0.8 * REPS
    else:
        assert "held up" in found["error"]
        assert periods_told(made, hazards=hazards) == 0
