"""The vendor's tutorial 00 and appendix of tips and limits, with their calls, and what the documentation prints."""

from typing import Any

import numpy as np
import pytest
from qick.asm_v2 import AveragerProgramV2, QickSweep1D

from coldlink.instruments.qick.firmware import RFSOC4X2, ZCU111, ZCU216, soccfg
from coldlink.instruments.qick.macros import macros
from coldlink.instruments.simulated import SimulatedSoc


class Small(AveragerProgramV2):
    """A pulse and a trigger; `cfg["gap"]` waits between them, `cfg["pulse"]` changes the pulse."""

    def _initialize(self, cfg: dict[str, Any]) -> None:
        self.declare_gen(ch=0, nqz=1)
        self.declare_readout(ch=0, length=0.5)
        for name, count in cfg.get("loops", {}).items():
            self.add_loop(name, count)
        settings = {"style": "const", "freq": 100, "length": 0.1, "phase": 0, "gain": 1.0}
        self.add_pulse(ch=0, name="test", **settings | cfg.get("pulse", {}))
        self.add_readoutconfig(ch=0, name="ro", freq=100, gen_ch=0)
        self.send_readoutconfig(ch=0, name="ro", t=0)

    def _body(self, cfg: dict[str, Any]) -> None:
        self.pulse(ch=0, name="test", t=0)
        if "gap" in cfg:
            self.delay_auto(cfg["gap"])
        self.trigger(ros=[0], pins=[0], t=0.25)


def small(soc: SimulatedSoc, final_delay: float = 0.5, reps: int = 1, **cfg: Any) -> Small:
    return Small(soc, reps=reps, final_delay=final_delay, cfg=cfg)


@pytest.mark.parametrize("firmware", [ZCU216, ZCU111, RFSOC4X2])
def test_a_new_board_describes_itself_counts_zero_and_has_an_empty_memory(firmware: Any) -> None:
    soc = SimulatedSoc(soccfg(firmware))
    assert all(part in str(soc) for part in ("signal generator channels", "readout channels", "digital output pins"))
    assert soc.get_tproc_counter(addr=1) == 0
    assert soc.read_mem(length=1, mem_sel="dmem", addr=0).tolist() == [0]


def test_the_processor_tells_its_limits_by_key() -> None:
    tproc = SimulatedSoc().tproc
    sizes = {"pmem_size": 4096, "dmem_size": 16384, "wmem_size": 1024, "version": "2.0"}
    assert {name: tproc[name] for name in sizes} == sizes
    assert all(tproc[unit] for unit in ("has_lfsr", "has_divider", "has_arith"))
    assert (tproc["f_time"], tproc["f_core"]) == (430.08, 200.0)


def test_a_small_program_is_as_large_as_the_documentation_says() -> None:
    plain, gapped = (small(SimulatedSoc(), **cfg) for cfg in ({}, {"gap": 0.1}))
    assert (len(plain.binprog["pmem"]), len(plain.macro_list)) == (20, 11)
    assert (len(gapped.binprog["pmem"]), len(gapped.macro_list)) == (21, 12)
    # The macros of the documentation's list, each as often as it has instructions.
    found = [text.partition("(")[0] for text in macros(gapped)]
    assert found[1:6] == ["WriteReg", "ConfigReadout", "Delay", "OpenLoop", "Pulse"]
    assert found[6:11] == ["Delay", *["Trigger"] * 4]
    assert found[11:] == [*["Wait"] * 3, "Delay", "IncReg", *["CloseLoop"] * 3, "End", "End"]


def test_a_delay_just_below_the_longest_is_waited_for() -> None:
    soc = SimulatedSoc()
    longest = (2**31 - 1) / soc.tproc["f_time"]
    assert longest * 1e-6 == pytest.approx(4.99, abs=0.01)
    prog = small(soc, reps=3, final_delay=longest - 10)
    prog.acquire(soc, progress=False)
    assert np.diff(soc.origins)[1:] / soc.tproc["f_time"] == pytest.approx([longest - 10 + 0.75], abs=0.01)


def test_swept_gains_and_phases_are_the_ones_that_the_documentation_prints() -> None:
    pulse = {"phase": QickSweep1D("sweep", -180, 180), "gain": QickSweep1D("sweep", 0, 1)}
    soc = SimulatedSoc()
    prog = small(soc, loops={"sweep": 5}, pulse=pulse)
    gains = prog.get_pulse_param("test", "gain", as_array=True)
    assert gains == pytest.approx([0, 0.24998474, 0.49996948, 0.74995422, 0.99993896], abs=5e-9)
    assert prog.get_pulse_param("test", "phase", as_array=True) == pytest.approx([-180, -90, 0, 90, 180])
    prog.run_rounds(soc, progress=False)
    (played,) = zip(*(soc.groups[number].played for number in soc.owner), strict=True)
    assert [abs(wave.envelope).max() for wave in played] == pytest.approx(gains, abs=1e-4)
