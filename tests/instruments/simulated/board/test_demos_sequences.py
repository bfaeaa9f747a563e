"""The vendor's tutorials on sequences, sweeps, timing and subroutines, with their own calls, on a loop-back board."""

from typing import Any

import numpy as np
import pytest
from numpy.typing import NDArray
from qick.asm_v2 import AsmV2, AveragerProgramV2, QickSpan, QickSweep1D

from coldlink.instruments.simulated import Cable, Loopback, SimulatedSoc
from coldlink.sequences.errors import BoardError

FULL = 10_000.0
"""Converter units of a full-scale wave."""
STEP = 1 / 307.2
"""One decimated sample of a dynamic readout (us)."""
CONFIG: dict[str, Any] = {"gen_ch": 0, "ro_ch": 0, "freq": 100, "ro_len": 2.0, "trig_time": 0.2}
Trace = NDArray[np.complex128]
OVERLAP = pytest.mark.filterwarnings("ignore:The 'warn' method:DeprecationWarning")
"""The vendor's compiler only logs a warning, by a deprecated call, where waves overlap."""


class Tutorial(AveragerProgramV2):
    """One generator into one readout; subclasses define pulses and play them."""

    def _initialize(self, cfg: dict[str, Any]) -> None:
        self.declare_gen(ch=cfg["gen_ch"], nqz=1)
        self.declare_readout(ch=cfg["ro_ch"], length=cfg["ro_len"])
        self.define(cfg)
        self.add_readoutconfig(ch=cfg["ro_ch"], name="my_ro", freq=cfg["freq"], gen_ch=cfg["gen_ch"])
        self.send_readoutconfig(ch=cfg["ro_ch"], name="my_ro", t=0)

    def define(self, cfg: dict[str, Any]) -> None:
        raise NotImplementedError

    def gauss(self, cfg: dict[str, Any], length: float) -> None:
        self.add_gauss(ch=cfg["gen_ch"], name="ramp", sigma=length / 10, length=length, even_length=True)

    def shaped(self, cfg: dict[str, Any], name: str, **more: Any) -> None:
        settings = {"style": "flat_top", "envelope": "ramp", "freq": cfg["freq"], "phase": 0, "gain": 1.0} | more
        self.add_pulse(ch=cfg["gen_ch"], name=name, **settings)

    def square(self, cfg: dict[str, Any], name: str, length: Any, **more: Any) -> None:
        settings = {"style": "const", "freq": cfg["freq"], "phase": 0, "gain": 1.0} | more
        self.add_pulse(ch=cfg["gen_ch"], name=name, length=length, **settings)

    def play(self, cfg: dict[str, Any], name: str, t: Any = 0.0, **more: Any) -> None:
        self.pulse(ch=cfg["gen_ch"], name=name, t=t, **more)


def run(kind: type[Tutorial], soc: SimulatedSoc | None = None, rounds: int = 1, **cfg: Any) -> tuple[Tutorial, Trace]:
    soc = soc or quiet()
    settings = {name: cfg.pop(name) for name in ("reps", "reps_innermost", "initial_delay") if name in cfg}
    prog = kind(soc, **{"reps": 1, "final_delay": 0.5} | settings, cfg=CONFIG | cfg)
    return prog, prog.acquire_decimated(soc, rounds=rounds, progress=False)[0] @ np.array([1, 1j])


def quiet() -> SimulatedSoc:
    return SimulatedSoc(plant=Loopback(np.random.default_rng(1), (Cable(generator=0, readout=0, noise=0.0),)))


def edges(prog: Tutorial, trace: Trace) -> NDArray[np.float64]:
    """When a trace crosses half of the full scale, played time (us)."""
    loud = (abs(trace) > FULL / 4).astype(int)
    at: NDArray[np.float64] = prog.get_time_axis(ro_index=0)[np.flatnonzero(np.diff(loud)) + 1]
    return at + prog.cfg["trig_time"] - 0.4


class Several(Tutorial):
    def define(self, cfg: dict[str, Any]) -> None:
        self.gauss(cfg, 0.2)
        self.shaped(cfg, "flat", length=0.1)
        self.shaped(cfg, "bell", style="arb")
        self.square(cfg, "const", 0.15)
        self.shaped(cfg, "turned", length=0.1, phase=90)

    def _body(self, cfg: dict[str, Any]) -> None:
        self.trigger(ros=[cfg["ro_ch"]], pins=[0], t=cfg["trig_time"])
        for name, t in (("flat", 0), ("bell", 0.4), ("const", 0.8), ("turned", 1.2), ("bell", 1.6)):
            self.play(cfg, name, t)


def test_pulses_of_three_styles_follow_one_another_in_one_trace() -> None:
    prog, trace = run(Several, rounds=10)
    time = prog.get_time_axis(ro_index=0) - 0.2
    loudest = [abs(trace[(time > begin) & (time < begin + 0.38)]).max() for begin in (0, 0.4, 0.8, 1.2, 1.6)]
    # A wave with an envelope comes out of the generator's multiplier half as high as one without.
    assert loudest == pytest.approx(FULL * np.array([0.5, 0.5, 1, 0.5, 0.5]), rel=5e-3)
    middle = [trace[np.argmin(abs(time - at))] for at in (0.15, 1.35)]
    assert trace.shape == time.shape == (614,)
    # Both stand 1.2 us apart, which is 120 periods of 100 MHz.
    assert np.angle(middle[1] / middle[0]) == pytest.approx(np.pi / 2, abs=0.02)


def test_a_program_prints_its_macros_registers_pulses_and_instructions() -> None:
    prog, _ = run(Several)
    assert all(part in str(prog) for part in ("macros:", "registers:", "pulses:", "expanded ASM:"))
    assert prog.list_pulse_waveforms("flat") == ["flat_w0", "flat_w1", "flat_w2"]
    assert "WPORT_WR" in prog.asm()


class Swept(Tutorial):
    def define(self, cfg: dict[str, Any]) -> None:
        for name, count in cfg["loops"].items():
            self.add_loop(name, count)
        self.gauss(cfg, cfg.get("ramp_len", 0.2))
        names = ("phase", "gain", "length")
        self.shaped(cfg, "swept", **{"length": 0.05} | {name: cfg[name] for name in names if name in cfg})

    def _body(self, cfg: dict[str, Any]) -> None:
        self.play(cfg, "swept")
        self.trigger(ros=[cfg["ro_ch"]], pins=[0], t=cfg["trig_time"])


def test_phase_and_gain_swept_together_give_a_trace_for_each_step() -> None:
    sweep = {"phase": QickSweep1D("my_sweep", -360, 720), "gain": QickSweep1D("my_sweep", 0.0, 1.0)}
    prog, trace = run(Swept, loops={"my_sweep": 5}, ro_len=0.6, rounds=2, **sweep)
    assert trace.shape == (5, prog.get_time_axis(ro_index=0).size)
    assert prog.get_pulse_param("swept", "gain", as_array=True) == pytest.approx(np.linspace(0, 1, 5), abs=3e-4)
    assert prog.get_pulse_param("swept", "phase", as_array=True) == pytest.approx(np.linspace(-360, 720, 5), abs=1e-3)
    assert abs(trace).max(axis=1) == pytest.approx(FULL / 2 * np.linspace(0, 1, 5), abs=15)
    middle = trace[1:, np.argmax(abs(trace[4]))]
    # Steps of 270 degrees; the tone and the readout run on together from shot to shot.
    turned = np.angle(middle / middle[0] * np.exp(-1.5j * np.pi * np.arange(4)))
    assert turned == pytest.approx(np.zeros(4), abs=0.02)


def test_two_spans_add_up_to_a_grid() -> None:
    gain = 0.4 + QickSpan("loop1", 0.5) + QickSpan("loop2", 0.1)
    soc = quiet()
    prog = Swept(
        soc,
        reps=10,
        final_delay=1.0,
        cfg=CONFIG | {"loops": {"loop1": 5, "loop2": 10}, "gain": gain, "ro_len": 0.35, "trig_time": 0.4},
    )
    (data,) = prog.acquire(soc, rounds=1, progress=False)
    grid = prog.get_pulse_param("swept", "gain", as_array=True)
    assert data.shape == (1, 5, 10, 2) and grid.shape == (5, 10)
    assert grid[:, 0] == pytest.approx(np.linspace(0.4, 0.9, 5), abs=3e-4)
    level = abs(data[0] @ [1, 1j])
    assert level / level[0, 0] == pytest.approx(grid / grid[0, 0], rel=2e-3)


def test_a_swept_length_makes_the_flat_part_longer() -> None:
    length = QickSweep1D("length_sweep", 0.05, 0.15)
    prog, trace = run(Swept, loops={"length_sweep": 5}, ramp_len=0.1, ro_len=0.6, length=length)
    flat = prog.get_pulse_param("swept", "length", as_array=True)
    total = prog.get_pulse_param("swept", "total_length", as_array=True)
    assert flat == pytest.approx(np.linspace(0.05, 0.15, 5), abs=2e-3)
    assert total - flat == pytest.approx(np.full(5, 0.1), abs=2e-3)
    energy = abs(trace).sum(axis=1) * STEP / (FULL / 2)
    assert np.diff(energy) == pytest.approx(np.diff(flat), abs=1e-4)
    assert {"length", "total_length", "gain", "phase", "freq"} <= set(prog.list_pulse_params("swept"))


class Paused(Tutorial):
    def define(self, cfg: dict[str, Any]) -> None:
        self.square(cfg, "test", 0.1)
        if "steps" in cfg:
            self.add_loop("delay_sweep", cfg["steps"])

    def _body(self, cfg: dict[str, Any]) -> None:
        self.trigger(ros=[cfg["ro_ch"]], pins=[0], t=cfg["trig_time"])
        self.play(cfg, "test")
        cfg["pause"](self)
        self.play(cfg, "test")


def test_a_delay_moves_the_second_pulse() -> None:
    prog, trace = run(Paused, pause=lambda self: self.delay(0.8))
    assert edges(prog, trace) == pytest.approx([0.0, 0.1, 0.8, 0.9], abs=2 * STEP)


@OVERLAP
def test_a_second_pulse_at_0_after_a_wait_is_late() -> None:
    with pytest.raises(BoardError, match="late"):
        run(Paused, pause=lambda self: self.wait(0.8))


def test_a_swept_delay_moves_the_second_pulse_step_by_step() -> None:
    prog, trace = run(Paused, steps=5, pause=lambda self: self.delay(QickSweep1D("delay_sweep", 0.15, 0.55)))
    second = [edges(prog, one)[2] for one in trace]
    assert second == pytest.approx(np.linspace(0.15, 0.55, 5), abs=2 * STEP)


class Gap(Tutorial):
    def define(self, cfg: dict[str, Any]) -> None:
        self.square(cfg, "a", 0.2)
        self.square(cfg, "b", 0.3)

    def _body(self, cfg: dict[str, Any]) -> None:
        self.play(cfg, "a")
        self.delay_auto(0.1, ros=False)
        self.play(cfg, "b")
        self.trigger(ros=[cfg["ro_ch"]], pins=[0], t=0.2)


def test_delay_auto_waits_for_the_end_of_a_pulse() -> None:
    prog, trace = run(Gap)
    # The trigger follows the delay of 0.3 us, too: it hears the end of pulse a, and pulse b from 0 on.
    assert edges(prog, trace) == pytest.approx([-0.1, 0.0, 0.3], abs=2 * STEP)


class Collision(Tutorial):
    def define(self, cfg: dict[str, Any]) -> None:
        self.square(cfg, "long", 0.5)

    def _body(self, cfg: dict[str, Any]) -> None:
        self.play(cfg, "long")
        self.play(cfg, "long", 0.3)
        self.trigger(ros=[cfg["ro_ch"]], pins=[0], t=cfg["trig_time"])


@OVERLAP
def test_pulses_that_collide_compile_and_are_refused_when_they_are_played() -> None:
    with pytest.raises(BoardError, match="generator 0"):
        run(Collision)


class VirtualZ(Tutorial):
    def define(self, cfg: dict[str, Any]) -> None:
        self.gauss(cfg, 0.1)
        self.shaped(cfg, "p", length=0.05)
        turn = AsmV2()
        for name in self.list_pulse_waveforms("p"):
            turn.read_wmem(name=name)
            turn.inc_reg(dst="w_phase", src=self.deg2reg(90, gen_ch=cfg["gen_ch"]))
            turn.write_wmem(name=name)
        self.add_subroutine("virtual_z", turn)

    def _body(self, cfg: dict[str, Any]) -> None:
        self.trigger(ros=[cfg["ro_ch"]], pins=[0], t=cfg["trig_time"])
        self.play(cfg, "p", 0, tag="pulse1")
        self.call("virtual_z")
        self.play(cfg, "p", 0.2, tag="pulse2")
        self.play(cfg, "p", 0.4, tag="pulse3")
        self.call("virtual_z")
        self.play(cfg, "p", 0.6, tag="pulse4")
        for name in self.list_pulse_waveforms("p"):
            self.read_wmem(name=name)
            self.write_reg(dst="w_phase", src=0)
            self.write_wmem(name=name)


def test_a_virtual_z_turns_all_pulses_after_it_and_is_undone_for_the_next_shot() -> None:
    prog, trace = run(VirtualZ, ro_len=1.2, reps=2)
    assert trace.shape[0] == 2
    time = prog.get_time_axis(ro_index=0) - 0.2
    middle = np.array([[shot[np.argmin(abs(time - at - 0.075))] for at in (0, 0.2, 0.4, 0.6)] for shot in trace])
    for shot in middle:
        assert np.angle(shot / shot[0] * np.exp(-0.5j * np.pi * np.array([0, 1, 1, 2]))) == pytest.approx(
            np.zeros(4), abs=0.02
        )
    assert "CALL" in prog.asm()


class Pairs(Tutorial):
    def define(self, cfg: dict[str, Any]) -> None:
        self.square(cfg, "test", 0.1)
        pair = AsmV2()
        pair.pulse(ch=cfg["gen_ch"], name="test", t=0)
        pair.delay(0.15)
        pair.pulse(ch=cfg["gen_ch"], name="test", t=0)
        self.add_subroutine("pulse_pair", pair)

    def _body(self, cfg: dict[str, Any]) -> None:
        self.trigger(ros=[cfg["ro_ch"]], pins=[0], t=cfg["trig_time"])
        self.call("pulse_pair")
        self.delay(0.2)
        self.call("pulse_pair")


def test_a_subroutine_is_played_each_time_it_is_called() -> None:
    prog, trace = run(Pairs, ro_len=1.5)
    assert edges(prog, trace) == pytest.approx([0, 0.1, 0.15, 0.25, 0.35, 0.45, 0.5, 0.6], abs=2 * STEP)


@pytest.mark.parametrize("innermost", [False, True])
def test_repetitions_are_the_outermost_or_the_innermost_loop(innermost: bool) -> None:
    soc = quiet()
    cfg = CONFIG | {"loops": {"sweep": 3}, "gain": QickSweep1D("sweep", 0.0, 1.0), "ro_len": 0.35, "trig_time": 0.4}
    prog = Swept(soc, reps=4, final_delay=10.0, initial_delay=5.0, reps_innermost=innermost, cfg=cfg)
    (data,) = prog.acquire(soc, progress=False)
    assert prog.loop_dims == ([3, 4] if innermost else [4, 3])
    assert data.shape == (1, 3, 2)
    raw = prog.get_raw()[0][..., 0, :]
    spread = raw.std(axis=1 if innermost else 0)
    assert spread == pytest.approx(np.zeros_like(spread), abs=1)
    level = abs(data[0] @ [1, 1j])
    assert level / level[2] == pytest.approx([0, 0.5, 1], abs=2e-3)


def test_tags_find_the_macros_of_a_program() -> None:
    class Tagged(Gap):
        def _body(self, cfg: dict[str, Any]) -> None:
            self.play(cfg, "a", tag="my_pulse")
            self.delay(0.2, tag="my_delay")
            self.trigger(ros=[cfg["ro_ch"]], pins=[0], t=0.25, tag="my_trigger")

    prog, _ = run(Tagged)
    assert prog.get_time_param("my_delay", "t") == pytest.approx(0.2, abs=3e-3)
    assert prog.get_time_param("my_trigger", "t") == pytest.approx(0.25, abs=3e-3)
    assert prog.get_time_param("my_pulse", "t") == 0


def test_a_pulse_made_of_waves_is_kept_in_the_wave_memory() -> None:
    soc = quiet()
    prog, _ = run(VirtualZ, soc, ro_len=1.2)
    first = prog.wave2idx["p_w0"]
    waves = soc.read_mem(3, "wmem", addr=first)
    assert waves.shape == (3, 8)
    assert (waves[:, 1] == 0).all()
    assert waves[1, 3] == pytest.approx(prog.soccfg["gens"][0]["maxv"] / 2, rel=1e-3)
