"""What the vendor's documentation shows on a real board, seen on a board that nothing but cables is wired to."""

from collections.abc import Callable
from pathlib import Path
from threading import Thread
from typing import Any

import numpy as np
import pytest
from numpy.typing import NDArray
from qick.asm_v2 import AcquireProgramV2, AveragerProgramV2, QickSpan, QickSweep1D
from qick.qick_asm import QickConfig

from coldlink.instruments.qick.firmware import RFSOC4X2, ZCU111, soccfg
from coldlink.instruments.simulated import Cable, Loopback, SimulatedSoc
from coldlink.sequences.errors import BoardError

FULL = 10_000.0
"""Converter units of a full-scale wave."""
DELAY = 0.4
"""Of the default cables (us)."""
Trace = NDArray[np.complex128]


class Notebook(AveragerProgramV2):
    """Generator 0 into readout 0; `cfg["setup"]` defines pulses, `cfg["body"]` plays them."""

    def _initialize(self, cfg: dict[str, Any]) -> None:
        self.declare_gen(ch=0, nqz=1)
        self.declare_readout(ch=0, length=cfg.get("ro_len", 1.0))
        self.add_readoutconfig(ch=0, name="ro", freq=cfg.get("ro_freq", 100.0), gen_ch=0, **cfg.get("ro", {}))
        for name, count in cfg.get("loops", {}).items():
            self.add_loop(name, count)
        self.send_readoutconfig(ch=0, name="ro", t=0)
        cfg["setup"](self)

    def _body(self, cfg: dict[str, Any]) -> None:
        cfg["body"](self)

    def const(self, name: str = "p", **more: Any) -> None:
        settings = {"style": "const", "freq": 100.0, "length": 0.1, "phase": 0.0, "gain": 1.0, "phrst": 0}
        self.add_pulse(ch=0, name=name, **settings | more)

    def echo(self, t: float = 0.0, name: str = "p") -> None:
        """Play, and listen from 0.2 us on."""
        self.pulse(ch=0, name=name, t=t)
        self.trigger(ros=[0], pins=[0], t=0.2)


def notebook(soc: Any, setup: Callable[..., None], body: Callable[..., None] = Notebook.echo, **cfg: Any) -> Notebook:
    settings = {name: cfg.pop(name) for name in ("reps", "final_delay", "final_wait") if name in cfg}
    return Notebook(soc, **{"reps": 1, "final_delay": 0.5} | settings, cfg={"setup": setup, "body": body, **cfg})


def quiet(**more: Any) -> SimulatedSoc:
    soc = SimulatedSoc()
    soc.plant = Loopback(np.random.default_rng(1), (Cable(generator=0, readout=0, noise=0.0, **more),))
    return soc


def decimated(prog: AveragerProgramV2, soc: SimulatedSoc, **more: Any) -> Trace:
    return prog.acquire_decimated(soc, progress=False, **more)[0] @ np.array([1, 1j])


def level(trace: Trace) -> float:
    """Of the plateau: the median of what is loud."""
    return float(np.median(abs(trace)[abs(trace) > 0.5 * abs(trace).max()]))


def on(prog: AveragerProgramV2, trace: Trace) -> tuple[float, float]:
    """When a trace begins and ends to be loud (us)."""
    time = prog.get_time_axis(0)[abs(trace) > 0.5 * abs(trace).max()]
    return time[0], time[-1] + prog.get_time_axis(0)[1]


def test_two_changed_lines_are_enough() -> None:
    soc = SimulatedSoc()
    prog = notebook(soc, lambda self: self.const())
    trace = decimated(prog, soc, rounds=10)
    begin, end = on(prog, trace)
    # Played at 0, on the way for 0.4 us, listened to from 0.2 us on.
    assert begin == pytest.approx(DELAY - 0.2, abs=1 / 307.2)
    assert end - begin == pytest.approx(0.1, abs=2 / 307.2)
    assert level(trace) == pytest.approx(FULL, rel=1e-3)
    assert 0 < np.std(trace[:50]) < 10
    assert "QICK running on ZCU216" in str(soc)
    assert soc.get_tproc_counter(addr=1) == 1


def test_a_trace_is_constant_between_rise_and_fall() -> None:
    soc = quiet(delay=0.3e-6)
    trace = decimated(notebook(soc, lambda self: self.const(length=0.25)), soc)
    loud = np.flatnonzero(abs(trace) > 1)
    inside = trace[loud[1] : loud[-1]]
    assert inside == pytest.approx(np.full(inside.size, FULL), abs=2)
    assert loud.size == pytest.approx(0.25 * 307.2, abs=2)
    assert (trace[: loud[0]] == 0).all() and (trace[loud[-1] + 1 :] == 0).all()
    # The samples in which it rises and falls hold the rest of its energy.
    assert trace.sum().real == pytest.approx(FULL * round(0.25 * 599.04) / 599.04 * 307.2, rel=1e-3)


def test_the_echo_is_linear_in_gain() -> None:
    soc = quiet()
    gains = [-1.0, -0.3, 0.1, 0.55, 1.0]
    heard = [np.median(decimated(notebook(soc, lambda self, g=g: self.const(gain=g)), soc)[62:88]) for g in gains]
    assert heard == pytest.approx(FULL * np.array(gains), abs=2)


def test_a_swept_gain_is_an_axis_of_the_data() -> None:
    soc = SimulatedSoc()
    prog = notebook(
        soc,
        lambda self: self.const(gain=QickSweep1D("gain", 0.0, 1.0), length=2.0),
        loops={"gain": 11},
        reps=100,
        ro_len=0.5,
        body=lambda self: (self.pulse(ch=0, name="p", t=0, tag="p"), self.trigger(ros=[0], t=0.6)),
        final_delay=2.0,
    )
    (data,) = prog.acquire(soc, progress=False)
    assert data.shape == (1, 11, 2)
    assert data[0, :, 0] == pytest.approx(FULL * np.linspace(0, 1, 11), abs=2)
    assert prog.loop_dims == [100, 11]
    assert prog.get_raw()[0].shape == (100, 11, 1, 2)
    assert prog.get_pulse_param("p", "gain", as_array=True) == pytest.approx(np.linspace(0, 1, 11), abs=3e-4)


def test_two_loops_sweep_two_axes_and_their_sum() -> None:
    soc = quiet()
    phase = QickSweep1D("outer", 0.0, 180.0) + QickSpan("inner", 90.0)
    prog = notebook(
        soc,
        lambda self: self.const(phase=phase, length=2.0),
        loops={"outer": 3, "inner": 2},
        ro_len=0.5,
        body=lambda self: (self.pulse(ch=0, name="p", t=0), self.trigger(ros=[0], t=0.6)),
        final_delay=2.0,
    )
    (data,) = prog.acquire(soc, progress=False)
    assert data.shape == (1, 3, 2, 2)
    angle = np.angle(data[0] @ [1, 1j])
    turned = np.exp(1j * (angle - angle[0, 0]))
    expected = np.exp(1j * np.pi / 2 * (np.arange(3)[:, None] + np.arange(2)))
    assert turned == pytest.approx(expected, abs=1e-3)


def test_the_phase_of_the_dds_turns_the_echo() -> None:
    soc = quiet()
    heard = [
        np.median(decimated(notebook(soc, lambda self, d=degrees: self.const(phase=d)), soc)[62:88].imag)
        for degrees in (0.0, 30.0, 90.0)
    ]
    first = np.median(decimated(notebook(soc, lambda self: self.const(phase=0.0)), soc)[62:88].imag)
    assert first == pytest.approx(heard[0], abs=2)
    assert np.diff(heard) == pytest.approx(np.diff(FULL * np.sin(np.radians([0, 30, 90]))), abs=5)


def test_a_matched_readout_hears_one_phase_in_every_shot_and_wherever_the_pulse_stands() -> None:
    soc = quiet()

    def at(start: float, **more: Any) -> Notebook:
        return notebook(
            soc, lambda self: self.const(freq=137.0, ro_ch=0), lambda self: self.echo(start), ro_freq=137.0, **more
        )

    first, later = decimated(at(0.0), soc)[62:88], decimated(at(0.113), soc, rounds=2)[97:123]
    assert np.angle(later / first[0]) == pytest.approx(np.zeros(26), abs=1e-3)
    prog = at(0.0, reps=20, final_delay=0.537)
    prog.acquire(soc, progress=False)
    raw = prog.get_raw()[0][:, 0] @ np.array([1, 1j])
    assert np.angle(raw / raw[0]) == pytest.approx(np.zeros(20), abs=1e-4)


def test_a_readout_that_is_restarted_with_its_generator_hears_one_phase_at_another_frequency() -> None:
    soc = quiet()

    def body(self: Notebook) -> None:
        self.send_readoutconfig(ch=0, name="ro", t=0)
        self.echo(0.1)
        self.wait_auto()
        # All clocks of the board repeat after 28 ticks.
        self.delay(30 * 28 / 430.08)

    def turned(phrst: int) -> NDArray[np.float64]:
        prog = notebook(
            soc,
            lambda self: self.const(freq=100.0, phrst=phrst, length=0.3),
            body,
            ro_freq=101.3,
            ro={"phrst": phrst},
            reps=12,
            final_delay=None,
            final_wait=None,
        )
        prog.acquire(soc, progress=False)
        raw = prog.get_raw()[0][:, 0] @ np.array([1, 1j])
        return np.angle(raw / raw[0])

    assert turned(1) == pytest.approx(np.zeros(12), abs=1e-3)
    assert np.std(turned(0)) > 0.5


def test_two_readouts_hear_their_own_generators() -> None:
    class Two(AveragerProgramV2):
        def _initialize(self, cfg: dict[str, Any]) -> None:
            for channel, gain in ((0, 0.8), (1, 0.4)):
                self.declare_gen(ch=channel, nqz=1)
                self.declare_readout(ch=channel, length=0.5)
                self.add_readoutconfig(ch=channel, name=f"ro{channel}", freq=100.0 + 50 * channel, gen_ch=channel)
                self.send_readoutconfig(ch=channel, name=f"ro{channel}", t=0)
                pulse = {"style": "const", "freq": 100.0 + 50 * channel, "length": 1.0, "phase": 0, "gain": gain}
                self.add_pulse(ch=channel, name=f"p{channel}", **pulse)

        def _body(self, cfg: dict[str, Any]) -> None:
            for channel in (0, 1):
                self.pulse(ch=channel, name=f"p{channel}", t=0)
            self.trigger(ros=[0, 1], t=0.6)

    soc = SimulatedSoc()
    data = Two(soc, reps=50, final_delay=1.0).acquire(soc, rounds=2, progress=False)
    assert [np.hypot(*iq[0]) for iq in data] == pytest.approx([0.8 * FULL, 0.4 * FULL], abs=3)
    traces = Two(soc, reps=1, final_delay=1.0).acquire_decimated(soc, progress=False)
    assert [trace.shape for trace in traces] == [(154, 2), (154, 2)]


def test_the_tones_of_a_multiplexed_generator_come_apart_in_a_filter_bank() -> None:
    frequencies, gains = [6330.0, 6370.0, 6430.0], [0.5, 0.3, 0.1]

    class Mux(AveragerProgramV2):
        def _initialize(self, cfg: dict[str, Any]) -> None:
            self.declare_gen(ch=4, nqz=2, mixer_freq=6400.0, mux_freqs=frequencies, mux_gains=gains, ro_ch=2)
            for n, frequency in enumerate(frequencies):
                self.declare_readout(ch=2 + n, length=1.0, freq=frequency, gen_ch=4)
            self.add_pulse(ch=4, name="tones", style="const", length=2.0, mask=cfg["mask"])

        def _body(self, cfg: dict[str, Any]) -> None:
            self.pulse(ch=4, name="tones", t=0)
            self.trigger(ros=[2, 3, 4], t=0.6)

    soc = SimulatedSoc()
    soc.plant = Loopback(np.random.default_rng(2), tuple(Cable(generator=4, readout=2 + n) for n in range(3)))
    for mask in ([0, 1, 2], [0, 2]):
        data = Mux(soc, reps=20, final_delay=1.0, cfg={"mask": mask}).acquire(soc, progress=False)
        expected = [FULL * gain * (n in mask) for n, gain in enumerate(gains)]
        assert [np.hypot(*iq[0]) for iq in data] == pytest.approx(expected, abs=5)


def test_a_flat_top_is_as_long_as_its_ramps_and_its_top() -> None:
    soc = quiet()

    def setup(self: Notebook) -> None:
        self.add_gauss(ch=0, name="ramp", sigma=0.02, length=0.1, even_length=True)
        self.add_pulse(ch=0, name="p", style="flat_top", envelope="ramp", freq=100.0, length=0.2, phase=0, gain=1.0)

    prog = notebook(soc, setup)
    trace = decimated(prog, soc)
    loud = prog.get_time_axis(0)[abs(trace) > 30]
    assert np.ptp(loud) == pytest.approx(0.3, abs=0.02)
    assert level(trace) == pytest.approx(FULL / 2, rel=2e-3)
    flat = prog.get_time_axis(0)[abs(trace) > 0.499 * FULL]
    assert np.ptp(flat) == pytest.approx(0.2, abs=0.02)


def test_a_periodic_pulse_sounds_until_another_one_comes() -> None:
    soc = quiet()

    def setup(self: Notebook) -> None:
        self.const("on", mode="periodic", gain=0.5)
        self.const("off", gain=0.0)

    def body(self: Notebook) -> None:
        self.pulse(ch=0, name="on", t=0)
        self.pulse(ch=0, name="off", t=0.45)
        self.trigger(ros=[0], t=0.2)

    prog = notebook(soc, setup, body)
    begin, end = on(prog, decimated(prog, soc))
    # The last of its periods of 0.1 us ends at 0.5 us.
    assert end - begin == pytest.approx(0.5, abs=2 / 307.2)
    forever = notebook(soc, setup, lambda self: self.echo(0, "on"), ro_len=4.0)
    trace = decimated(forever, soc)
    assert abs(trace[70:]) == pytest.approx(np.full(trace.size - 70, 0.5 * FULL), abs=2)


def test_a_tone_that_was_begun_before_the_first_shot_sounds_in_every_shot() -> None:
    soc = quiet()

    def setup(self: Notebook) -> None:
        self.const("on", mode="periodic", gain=0.5, ro_ch=0)
        self.pulse(ch=0, name="on", t=0.5)

    prog = notebook(soc, setup, lambda self: self.trigger(ros=[0], t=0.6), reps=30, ro_len=0.5)
    prog.acquire(soc, progress=False)
    heard = prog.get_raw()[0][:, 0] @ np.array([1, 1j]) / 154
    assert abs(heard) == pytest.approx(np.full(30, 0.5 * FULL), abs=2)
    assert np.ptp(np.angle(heard)) < 1e-3


def test_delay_auto_starts_the_next_pulse_after_the_last_one() -> None:
    soc = quiet()

    def setup(self: Notebook) -> None:
        self.const("a", length=0.2)
        self.const("b", length=0.3)

    def body(self: Notebook) -> None:
        self.trigger(ros=[0], t=0.2)
        self.pulse(ch=0, name="a", t=0)
        self.delay_auto(0.1, ros=False)
        self.pulse(ch=0, name="b", t=0)

    prog = notebook(soc, setup, body, ro_len=1.5)
    loud = (abs(decimated(prog, soc)) > FULL / 2).astype(int)
    edges = prog.get_time_axis(0)[np.flatnonzero(np.diff(loud)) + 1]
    assert edges == pytest.approx([0.2, 0.4, 0.5, 0.8], abs=2 / 307.2)


def test_wait_holds_the_processor_but_moves_no_pulse_and_delay_moves_it() -> None:
    soc = quiet()

    def second(pause: Callable[[Notebook], None]) -> float:
        def body(self: Notebook) -> None:
            self.trigger(ros=[0], t=0.2)
            self.pulse(ch=0, name="p", t=0)
            pause(self)
            self.pulse(ch=0, name="p", t=0.7)

        prog = notebook(soc, lambda self: self.const(), body, ro_len=2.0)
        return on(prog, decimated(prog, soc))[1] + 0.2 - DELAY

    assert second(lambda self: self.wait(0.3)) == pytest.approx(0.8, abs=2 / 307.2)
    assert second(lambda self: self.delay(0.3)) == pytest.approx(1.1, abs=2 / 307.2)


def test_a_swept_delay_moves_the_pulse_through_the_window() -> None:
    soc = quiet()

    def body(self: Notebook) -> None:
        self.trigger(ros=[0], t=0.6)
        self.pulse(ch=0, name="p", t=QickSweep1D("late", 0.0, 0.4))

    prog = notebook(soc, lambda self: self.const(), body, loops={"late": 5}, ro_len=0.25)
    (data,) = prog.acquire(soc, progress=False)
    # Echoes of 0.1 us from 0.4, 0.5 ... 0.8 us on; the window is open from 0.6 to 0.85 us.
    heard = abs(data[0] @ [1, 1j]) * 0.25 / FULL
    assert heard == pytest.approx([0, 0, 0.1, 0.1, 0.05], abs=0.004)


def test_a_program_with_loops_of_its_own_counts_them() -> None:
    soc = quiet()
    prog = AcquireProgramV2(soc)
    prog.declare_gen(ch=0, nqz=1)
    prog.declare_readout(ch=0, length=0.3)
    prog.add_readoutconfig(ch=0, name="ro", freq=100, gen_ch=0)
    prog.add_pulse(ch=0, name="p", style="const", freq=100, length=0.5, phase=0, gain=0.5)
    prog.send_readoutconfig(ch=0, name="ro", t=0)
    prog.delay(1.0)
    prog.open_loop(7, name="count")
    prog.pulse(ch=0, name="p", t=0)
    prog.trigger(ros=[0], t=0.5)
    prog.wait_auto(0)
    prog.delay_auto(0.5)
    prog.inc_ext_counter(addr=1)
    prog.close_loop()
    prog.end()
    prog.setup_acquire(counter_addr=1, loop_dims=[7], avg_level=0)
    (data,) = prog.acquire(soc, progress=False)
    assert soc.get_tproc_counter(addr=1) == 7
    assert np.hypot(*data[0]) == pytest.approx(0.5 * FULL, rel=1e-3)


def test_thresholds_and_shots_are_those_of_the_host() -> None:
    soc = SimulatedSoc()
    soc.plant = Loopback(np.random.default_rng(3), (Cable(generator=0, readout=0, gain=100.0, noise=500.0),))
    prog = notebook(
        soc,
        lambda self: self.const(length=2.0),
        reps=2000,
        ro_len=0.5,
        final_delay=2.0,
        body=lambda self: (self.pulse(ch=0, name="p", t=0), self.trigger(ros=[0], t=0.6)),
    )
    (above,) = prog.acquire(soc, threshold=100.0, angle=0.0, progress=False)
    assert above[0, 0] == pytest.approx(0.5, abs=0.05)
    (shots,) = prog.get_shots()
    assert shots.shape == (2000, 1)
    assert set(np.unique(shots)) == {0.0, 1.0}
    raw = prog.get_raw()[0][:, 0, 0] / 154
    assert np.std(raw) == pytest.approx(500 / np.sqrt(154), rel=0.1)


def test_the_sum_of_a_trace_is_what_the_accumulated_buffer_holds() -> None:
    soc = SimulatedSoc()
    prog = notebook(soc, lambda self: self.const(), reps=3, ro_len=0.5)
    trace = prog.acquire_decimated(soc, progress=False)[0]
    assert trace.shape == (3, 154, 2)
    assert trace.sum(axis=1) == pytest.approx(prog.get_raw()[0][:, 0])
    assert not np.array_equal(trace[0], trace[1])


@pytest.mark.parametrize("start", ["before", "from another thread"])
def test_an_external_start_runs_each_round_when_it_is_triggered(start: str) -> None:
    soc = SimulatedSoc()
    prog = notebook(soc, lambda self: self.const(), reps=5)
    if start == "before":
        prog.acquire(soc, start_src="external", step_rounds=True, progress=False)
        assert soc.get_tproc_counter(addr=1) == 0
        soc.trigger_start()
        assert not prog.finish_round()
        (data,) = prog.finish_acquire()
    else:
        thread = Thread(target=soc.trigger_start, kwargs={"timeout": 10.0})
        thread.start()
        (data,) = prog.acquire(soc, start_src="external", progress=False)
        thread.join()
    assert data.shape == (1, 2)
    assert soc.get_tproc_counter(addr=1) == 5
    with pytest.raises(BoardError, match="no program waits for a start"):
        soc.trigger_start()


def test_memories_are_read_and_written_by_the_host() -> None:
    soc = SimulatedSoc()
    assert soc.read_mem(2).tolist() == [0, 0]

    def body(self: Notebook) -> None:
        self.read_dmem("x", 5)
        self.inc_reg("x", 3)
        self.write_dmem(6, "x")

    prog = notebook(soc, lambda self: self.add_reg("x"), body)
    prog.config_all(soc)
    soc.load_mem([-40], "dmem", addr=5)
    soc.start_tproc()
    assert soc.read_mem(2, "dmem", 5).tolist() == [-40, -37]
    with pytest.raises(BoardError, match="do not fit into the 16384"):
        soc.load_mem([1, 2], addr=16383)


@pytest.mark.parametrize("firmware", [ZCU111, RFSOC4X2])
def test_other_boards_play_a_readout_that_the_host_tunes(firmware: Any) -> None:
    class Tuned(AveragerProgramV2):
        def _initialize(self, cfg: dict[str, Any]) -> None:
            self.declare_gen(ch=1, nqz=1)
            self.declare_readout(ch=1, length=0.5, freq=700.0, gen_ch=1)
            self.add_pulse(ch=1, name="p", style="const", freq=700.0, length=1.0, phase=0, gain=0.5)

        def _body(self, cfg: dict[str, Any]) -> None:
            self.pulse(ch=1, name="p", t=0)
            self.trigger(ros=[1], t=0.6)

    soc = SimulatedSoc(soccfg(firmware))
    (data,) = Tuned(soc, reps=30, final_delay=1.0).acquire(soc, progress=False)
    assert np.hypot(*data[0]) == pytest.approx(0.5 * FULL, abs=3)


def test_a_readout_of_the_older_kind_that_the_processor_tunes_hears_the_same() -> None:
    config = soccfg().get_cfg()
    # As the vendor's axis_readout_v3 differs from axis_dyn_readout_v1: twice the rate, and truncated samples.
    older = {"ro_type": "axis_readout_v3", "f_fabric": 614.4, "f_output": 614.4, "iq_offset": -0.5}
    readouts = [{**config["readouts"][0], **older}, *config["readouts"][1:]]
    soc = SimulatedSoc({**config, "readouts": readouts}, quiet().plant)
    prog = notebook(soc, lambda self: self.const(gain=0.7))
    trace = decimated(prog, soc)
    assert trace.size == 614
    assert level(trace) == pytest.approx(0.7 * FULL, rel=1e-3)
    begin, end = on(prog, trace)
    assert (begin, end - begin) == (pytest.approx(DELAY - 0.2, abs=1 / 614.4), pytest.approx(0.1, abs=2 / 614.4))


def test_a_description_is_taken_as_a_file_a_dictionary_or_a_config(tmp_path: Path) -> None:
    config = soccfg(RFSOC4X2)
    path = tmp_path / "soccfg.json"
    path.write_text(config.dump_cfg(), encoding="utf-8")
    for given in (str(path), path, config.get_cfg(), QickConfig(config.get_cfg())):
        assert SimulatedSoc(given)["board"] == "RFSoC4x2"


def test_the_dump_of_a_real_board_plays_what_the_description_plays() -> None:
    dumped = SimulatedSoc(Path(__file__).parent / "golden" / "soccfg_zcu216_real_dump.json")
    heard = [
        decimated(notebook(soc, lambda self: self.const(phase=40.0)), soc)[65:85] for soc in (dumped, SimulatedSoc())
    ]
    assert heard[0] == pytest.approx(heard[1])
    assert all(unit is not None for unit in [*dumped.wiring.generators, *dumped.wiring.readouts])


def test_a_buffer_that_is_too_small_for_what_is_asked_is_an_error() -> None:
    soc = SimulatedSoc()
    prog = notebook(soc, lambda self: self.const(), reps=3)
    prog.acquire(soc, progress=False)
    with pytest.raises(BoardError, match="holds 8192 words, 9000 were asked for"):
        soc.get_accumulated(0, length=9000)
    with pytest.raises(RuntimeError, match="exceeds buffer size"):
        notebook(soc, lambda self: self.const(), reps=30).acquire_decimated(soc, progress=False)
    soc.plant = Loopback(np.random.default_rng(0), (Cable(generator=0, readout=0, gain=1e5),))
    with pytest.raises(BoardError, match="the decimated buffer of readout 0 overflows"):
        notebook(soc, lambda self: self.const()).acquire_decimated(soc, progress=False)


def test_a_late_pulse_is_a_warning_if_the_user_wants_it_so() -> None:
    def body(self: Notebook) -> None:
        self.echo()
        self.wait(1.6)
        self.pulse(ch=0, name="p", t=1.5)

    with pytest.raises(BoardError, match="late"):
        notebook(SimulatedSoc(), lambda self: self.const(), body).acquire(SimulatedSoc(), progress=False)
    soc = SimulatedSoc(hazards="warn")
    with pytest.warns(RuntimeWarning, match="late"):
        (data,) = notebook(soc, lambda self: self.const(), body).acquire(soc, progress=False)
    assert data.shape == (1, 2)
