"""The vendor's tutorial on the DDR4 and the multi-rate buffer, with its own calls, on a loop-back board."""

from pathlib import Path
from typing import Any

import numpy as np
import pytest
from numpy.typing import NDArray
from qick.asm_v2 import AveragerProgramV2, QickSweep1D

from coldlink.instruments.qick.firmware import RFSOC4X2, soccfg
from coldlink.instruments.simulated import Cable, Loopback, SimulatedSoc
from coldlink.sequences.errors import BoardError

FULL = 10_000.0
DUMP = Path(__file__).parent / "golden" / "soccfg_zcu216_real_dump.json"
FS = 2457.6
"""Of the dump's readouts (MHz)."""


class Captured(AveragerProgramV2):
    def _initialize(self, cfg: dict[str, Any]) -> None:
        self.declare_gen(ch=0, nqz=1)
        self.declare_readout(ch=0, length=0.35)
        for name, count in cfg.get("loops", {}).items():
            self.add_loop(name, count)
        settings = {"style": "const", "freq": 100, "phase": 0, "gain": 1.0} | cfg.get("pulse", {})
        self.add_pulse(ch=0, name="p", length=cfg.get("length", 0.05), **settings)
        self.add_readoutconfig(ch=0, name="ro", freq=cfg.get("ro_freq", 100), gen_ch=0)
        self.send_readoutconfig(ch=0, name="ro", t=0)

    def _body(self, cfg: dict[str, Any]) -> None:
        self.pulse(ch=0, name="p", t=0)
        self.trigger(ros=cfg.get("ros", [0]), pins=[0], t=0.25, ddr4=True, mr=cfg.get("mr", False))


def real(noise: float = 0.0) -> SimulatedSoc:
    return SimulatedSoc(DUMP, plant=Loopback(np.random.default_rng(1), (Cable(generator=0, readout=0, noise=noise),)))


def captured(soc: SimulatedSoc, reps: int = 1, **cfg: Any) -> Captured:
    innermost = {"reps_innermost": cfg.pop("reps_innermost", False)}
    return Captured(soc, reps=reps, final_delay=1.0, cfg=cfg, **innermost)


def iq(samples: NDArray[np.int16]) -> NDArray[np.complex128]:
    return np.asarray((samples + 0.5) @ np.array([1, 1j]))


def test_the_ddr4_buffer_goes_on_through_all_repetitions_of_a_sweep() -> None:
    soc = real()
    soc.arm_ddr4(ch=0, nt=250)
    pulse = {"gain": QickSweep1D("gain_loop", 0.1, 1.0), "phase": QickSweep1D("phase_loop", 0, 360)}
    prog = captured(soc, reps=3, loops={"gain_loop": 4, "phase_loop": 5}, pulse=pulse, length=0.2, reps_innermost=True)
    (data,) = prog.acquire(soc, progress=False)
    assert data.shape == (1, 4, 5, 2)
    samples = soc.get_ddr4(250)
    time = prog.get_time_axis_ddr4(0, samples)
    assert samples.shape == (250 * 128 - 401, 2) and samples.dtype == np.int16
    loud = abs(iq(samples)) > 0.05 * FULL
    begins = time[1:][np.diff(loud.astype(int)) == 1]
    assert begins.size == 60
    # The first repetition begins with the program's own preparations.
    assert np.diff(begins)[1:] == pytest.approx(np.diff(soc.origins)[1:] / 430.08, abs=2 / 307.2)
    tops = [abs(iq(samples))[(time > begin) & (time < begin + 0.15)].max() for begin in begins]
    assert tops == pytest.approx(FULL * np.repeat(np.linspace(0.1, 1, 4), 15), rel=3e-3)


def test_the_ddr4_buffer_holds_the_samples_that_the_decimated_buffer_holds() -> None:
    soc = real()
    soc.arm_ddr4(ch=0, nt=8)
    prog = captured(soc, ro_freq=101.3, length=0.2)
    trace = prog.acquire_decimated(soc, remove_offset=False, progress=False)[0]
    assert abs(soc.get_ddr4(8)[: len(trace)] - trace).max() <= 1
    assert abs(iq(soc.get_ddr4(1, start=0))).max() < 1


def test_the_multirate_buffer_has_the_converters_full_rate() -> None:
    soc = real()
    soc.arm_mr(ch=0)
    prog = captured(soc, mr=True)
    prog.acquire(soc, progress=False)
    samples = soc.get_mr()
    time = prog.get_time_axis_mr(0, samples)
    assert samples.shape == (8192 - 8, 2)
    loud = time[abs(iq(samples)) > FULL / 2]
    # Played at 0, on the way for 0.4 us, recorded from 0.25 us on.
    assert [loud[0], loud[-1]] == pytest.approx([0.15, 0.2], abs=0.004)
    assert loud.size == pytest.approx(0.05 * FS, abs=3)


def test_a_spectrum_of_the_multirate_buffer_has_its_line_where_the_tone_is() -> None:
    soc = real(noise=5.0)
    soc.arm_mr(ch=0)
    prog = captured(soc, mr=True, ro_freq=83, length=3.0)
    prog.acquire(soc, progress=False)
    heard = iq(soc.get_mr())[1000:6000]
    power = abs(np.fft.fft(heard)) ** 2
    line = np.fft.fftfreq(heard.size, 1 / FS)[power.argmax()]
    assert abs(line) == pytest.approx(17, abs=FS / heard.size)


def test_both_buffers_record_at_once_and_only_once() -> None:
    soc = real()
    soc.arm_ddr4(ch=0, nt=20)
    soc.arm_mr(ch=0)
    prog = captured(soc, reps=10, mr=True)
    prog.acquire(soc, progress=False)
    first, full = soc.get_ddr4(20), soc.get_mr()
    captured(soc, reps=10, mr=True, pulse={"gain": 0.0}).acquire(soc, progress=False)
    assert np.array_equal(first, soc.get_ddr4(20)) and np.array_equal(full, soc.get_mr())
    assert abs(first).max() > FULL / 2
    soc.clear_ddr4()
    assert abs(soc.get_ddr4(20)).max() == 0


def test_a_record_belongs_to_the_run_that_triggered_it_even_if_it_is_read_later() -> None:
    soc = real()
    soc.arm_ddr4(ch=0, nt=8)
    prog = captured(soc, length=0.2)
    trace = prog.acquire_decimated(soc, rounds=3, remove_offset=False, progress=False)[0]
    captured(soc, reps=4, pulse={"gain": 0.0}).acquire(soc, progress=False)
    assert abs(soc.get_ddr4(8)[: len(trace)] - trace).max() <= 1


def test_what_the_buffers_cannot_record_is_an_error() -> None:
    with pytest.raises(BoardError, match="this board has no DDR4 buffer"):
        SimulatedSoc(soccfg(RFSOC4X2)).arm_ddr4(ch=0, nt=10)
    soc = real()
    with pytest.raises(BoardError, match="do not fit into the 1073741824"):
        soc.arm_ddr4(ch=0, nt=10**8)
    with pytest.raises(BoardError, match="is not wired to the multi-rate buffer"):
        soc.arm_mr(ch=3)
    with pytest.raises(BoardError, match="the multi-rate buffer was not armed: it would give what it held before"):
        soc.get_mr()
    soc.arm_ddr4(ch=0, nt=4)
    with pytest.raises(BoardError, match="the DDR4 buffer was armed, but not triggered"):
        soc.get_ddr4(4)
    with pytest.raises(BoardError, match="armed for 512 samples, 640 were asked for"):
        soc.get_ddr4(5)
    captured(soc, ros=[]).run_rounds(soc, progress=False)
    with pytest.raises(BoardError, match="is not triggered in every repetition"):
        soc.get_ddr4(4)
