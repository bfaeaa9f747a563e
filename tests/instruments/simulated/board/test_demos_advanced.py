"""The vendor's tutorials 04, 06, 07 (their last parts), 09 and 11 to 15, with their calls, on loop-back boards.

Left out is what those pages call and the vendor's package 0.2.436 does not have (a second core: `core=`, `dest=`,
`wait_trigger`; streams; `set_fir_filter`, `enable_correlator`, tones by name in `declare_gen`) or what lies beside the
processor (XCOM, Verilog, the QICK box's daughter cards), which the twin refuses: in their place stands the same subject
with the calls that there are, attenuators and filters as the gain of a cable.
"""

from pathlib import Path
from typing import Any

import numpy as np
import pytest
from numpy.typing import NDArray
from qick.asm_v2 import AcquireProgramV2, AveragerProgramV2, QickSweep1D
from qick.tprocv2_assembler import Assembler

from coldlink.instruments.qick.firmware import RFSOC4X2, soccfg
from coldlink.instruments.simulated import Cable, Loopback, SimulatedSoc
from coldlink.instruments.simulated.board.processor.event import LATENCY, TRIG
from coldlink.sequences.errors import BoardError

FULL = 10_000.0
DELAY = 0.4
"""Of a cable (us)."""
STEP = 1 / 307.2
"""One decimated sample of a dynamic readout (us)."""
INTERPOLATED = 5
DUMP = Path(__file__).parent / "golden" / "soccfg_zcu216_real_dump.json"
Trace = NDArray[np.complex128]


def looped(*ways: tuple[int, int], on: Any = None, gain: float = FULL, noise: float = 0.0, **more: Any) -> SimulatedSoc:
    cables = tuple(Cable(generator=one, readout=other, gain=gain, noise=noise) for one, other in ways)
    return SimulatedSoc(on, Loopback(np.random.default_rng(3), cables), **more)


def iq(data: NDArray[Any]) -> Trace:
    return np.asarray(data @ np.array([1, 1j]))


class Echo(AveragerProgramV2):
    """One generator into one readout; `cfg["pulses"]`: name -> settings, `cfg["play"]`: (name, us)."""

    def _initialize(self, cfg: dict[str, Any]) -> None:
        gen, readout = cfg.get("channels", (0, 0))
        self.declare_gen(ch=gen, ro_ch=readout, **{"nqz": 1} | cfg.get("gen", {}))
        tuned = {"freq": cfg["freq"], "gen_ch": gen} if "tproc_ctrl" not in self.soccfg["readouts"][readout] else {}
        self.declare_readout(ch=readout, length=cfg["ro_len"], **tuned)
        for name, count in cfg.get("loops", {}).items():
            self.add_loop(name, count)
        cfg.get("envelopes", lambda self: None)(self)
        for name, settings in cfg["pulses"].items():
            self.add_pulse(
                ch=gen, name=name, ro_ch=readout, **{"style": "const", "freq": cfg["freq"], "phase": 0} | settings
            )
        if not tuned:
            self.add_readoutconfig(ch=readout, name="ro", freq=cfg["freq"], gen_ch=gen)

    def _body(self, cfg: dict[str, Any]) -> None:
        gen, readout = cfg.get("channels", (0, 0))
        if "tproc_ctrl" in self.soccfg["readouts"][readout]:
            self.send_readoutconfig(ch=readout, name="ro", t=0)
        for name, t in cfg["play"]:
            self.pulse(ch=gen, name=name, t=t)
        self.trigger(ros=[readout], pins=[0], t=cfg["trig_time"])


def echo(soc: SimulatedSoc, reps: int = 1, final_delay: float = 0.5, **cfg: Any) -> Echo:
    plain = {"freq": 500.0, "pulses": {"p": {"length": 1.0, "gain": 0.5}}, "play": [("p", 0)]}
    return Echo(soc, reps=reps, final_delay=final_delay, cfg=plain | {"ro_len": 2.0, "trig_time": 0.05} | cfg)


# --- 06, 07: lengths of readouts, phases over many shots --------------------------------------------------------------


def test_a_readout_four_times_as_long_has_twice_the_signal_to_noise() -> None:
    def ratio(length: float) -> float:
        soc = looped((0, 0), noise=2000.0)
        pulse = {"p": {"length": 3.0, "gain": 0.5}}
        prog = echo(soc, reps=4000, pulses=pulse, ro_len=length, trig_time=0.5, final_delay=4.0)
        prog.acquire(soc, progress=False)
        shots = iq(prog.get_raw()[0][:, 0])
        return float(abs(shots.mean()) / shots.std())

    assert ratio(2.0) / ratio(0.5) == pytest.approx(2, rel=0.05)


def test_a_trace_shows_the_echo_only_if_it_is_longer_than_the_cable_is() -> None:
    def loudest(length: float) -> float:
        soc = looped((0, 0))
        pulse = {"p": {"length": length, "gain": 0.5}}
        prog = echo(soc, pulses=pulse, ro_len=length + 0.1, trig_time=0.1)
        return float(abs(iq(prog.acquire_decimated(soc, progress=False)[0])).max())

    heard = [loudest(length) for length in np.linspace(0.2, 2.0, 7)]
    assert heard == pytest.approx([0.0] + [0.5 * FULL] * 6, abs=3)


def test_the_phase_of_a_readout_that_the_host_tunes_is_that_of_the_first_shot_in_all_shots() -> None:
    soc = looped((0, 0), on=soccfg(RFSOC4X2), noise=5.0)
    prog = echo(soc, reps=1000, pulses={"p": {"length": 0.6, "gain": 0.3}}, ro_len=0.5, trig_time=0.45)
    prog.acquire(soc, progress=False)
    phase = np.angle(iq(prog.get_raw()[0][:, 0]))
    expected = 5.0 / np.sqrt(prog.ro_chs[0]["length"]) / (0.3 * FULL)
    assert np.angle(np.exp(1j * (phase - phase[0]))).std() == pytest.approx(expected, rel=0.1)


# --- 04: results at the processor -------------------------------------------------------------------------------------


class Reading(AveragerProgramV2):
    """Takes its result from the input port into the data memory."""

    def _initialize(self, cfg: dict[str, Any]) -> None:
        self.declare_gen(ch=0, nqz=1)
        self.declare_readout(ch=0, length=0.5)
        self.add_pulse(ch=0, name="p", ro_ch=0, style="const", freq=100, length=0.5, phase=cfg["phase"], gain=0.5)
        self.add_readoutconfig(ch=0, name="ro", freq=100, gen_ch=0, phase=0)
        self.send_readoutconfig(ch=0, name="ro", t=0)

    def _body(self, cfg: dict[str, Any]) -> None:
        self.pulse(ch=0, name="p", t=0)
        self.trigger(ros=[0], pins=[0], t=0.4)
        self.wait_auto(cfg["patience"])
        self.read_input(ro_ch=0)
        self.write_dmem(addr=0, src="s_port_l")
        self.write_dmem(addr=1, src="s_port_h")


@pytest.mark.parametrize("phase", [0, 90, 200])
def test_what_the_processor_reads_is_what_the_host_gets(phase: float) -> None:
    soc = looped((0, 0), noise=20.0)
    prog = Reading(soc, reps=1, final_delay=0.5, cfg={"phase": phase, "patience": 0.2})
    prog.acquire(soc, progress=False)
    assert soc.read_mem(2, "dmem", addr=0).tolist() == prog.get_raw()[0][0, 0].tolist()


def test_a_processor_without_the_patience_is_told_how_long_to_wait() -> None:
    soc = looped((0, 0))
    prog = Reading(soc, reps=1, final_delay=0.5, cfg={"phase": 0, "patience": 0.0})
    with pytest.raises(BoardError, match=r"readout of a window that is not over.* wait \d+ ticks longer"):
        prog.acquire(soc, progress=False)


# --- 09: two things at once, which one core plays ---------------------------------------------------------------------


class ControlAndReadout(AveragerProgramV2):
    """Two pulses on one generator; another one reads out after them, and a pin marks the begin."""

    def _initialize(self, cfg: dict[str, Any]) -> None:
        self.declare_gen(ch=0, nqz=1)
        self.declare_gen(ch=1, nqz=1)
        self.declare_readout(ch=0, length=0.8)
        self.add_gauss(ch=1, name="bell", sigma=0.02, length=0.1, even_length=True)
        self.add_pulse(ch=1, name="pi", style="arb", envelope="bell", freq=100.0, phase=0, gain=0.8)
        self.add_pulse(ch=0, name="probe", ro_ch=0, style="const", freq=95.0, length=0.8, phase=0, gain=0.5)
        self.add_readoutconfig(ch=0, name="ro", freq=95.0, gen_ch=0)
        self.send_readoutconfig(ch=0, name="ro", t=0)

    def _body(self, cfg: dict[str, Any]) -> None:
        self.trigger(pins=[1], t=0, width=0.02)
        self.pulse(ch=1, name="pi", t=0, tag="first")
        self.pulse(ch=1, name="pi", t=cfg["evolution"] + 0.1, tag="second")
        self.trigger(ros=[0], t=cfg["evolution"] + 0.3 + DELAY)
        self.pulse(ch=0, name="probe", t=cfg["evolution"] + 0.3)


def test_control_and_readout_run_beside_each_other_on_their_generators() -> None:
    soc = looped((0, 0))
    prog = ControlAndReadout(soc, reps=10, final_delay=1.0, cfg={"evolution": 0.5})
    (data,) = prog.acquire(soc, progress=False)
    assert np.hypot(*data[0]) == pytest.approx(0.5 * FULL, rel=5e-3)
    (group,) = {
        tuple((wave.generator, round(wave.start * 1e9, -1)) for wave in soc.groups[n].played) for n in soc.owner[1:]
    }
    begin = group[0][1]
    assert [(generator, start - begin) for generator, start in group] == [(1, 0), (1, 600), (0, 800)]


def test_a_pin_is_high_as_long_as_its_trigger_says() -> None:
    soc = looped((0, 0))
    prog = ControlAndReadout(soc, reps=3, final_delay=1.0, cfg={"evolution": 0.5})
    prog.config_all(soc)
    kind, port, _, _ = soc["tprocs"][0]["output_pins"][1]
    events = np.concatenate(list(soc.events()))
    pin = events[(events["kind"] == TRIG) & (events["port"] == port)]
    assert kind == "trig" and pin["value"].tolist() == [1, 0] * 3
    assert np.diff(pin["tick"]).tolist()[::2] == [prog.us2cycles(0.02)] * 3
    assert (pin["tick"] - pin["asked"] == LATENCY).all()


# --- 11: averages, decimation, thresholds, streams --------------------------------------------------------------------


def test_averages_over_repetitions_and_rounds_have_the_shape_and_the_time_axis_of_the_documentation() -> None:
    soc = looped((0, 0), noise=200.0)
    reps = soc["readouts"][0]["buf_maxlen"] // int(2.0 * soc["readouts"][0]["f_output"])
    rounds = 100 // reps
    prog = echo(soc, reps=reps)
    (data,) = prog.acquire_decimated(soc, rounds=rounds, progress=False)
    time = prog.get_time_axis(ro_index=0)
    assert (reps, data.shape) == (6, (6, 614, 2))
    assert [time[0], time[-1]] == pytest.approx([0.0, 1.995], abs=5e-4)
    averaged = iq(data.mean(axis=0))
    quiet = averaged[time > 1.5]
    assert np.hypot(quiet.real.std(), quiet.imag.std()) == pytest.approx(200 * np.sqrt(2 / (reps * rounds)), rel=0.15)
    # As on the vendor's board: in half of the window there is a pulse of half the full scale.
    assert abs(averaged).max() == pytest.approx(0.5 * FULL, rel=0.02)
    assert abs(averaged).mean() == pytest.approx(0.25 * FULL, rel=0.02)


@pytest.mark.parametrize("factor", [4, 16, 64])
def test_decimating_by_averages_keeps_the_level_and_lowers_the_noise(factor: int) -> None:
    soc = looped((0, 0), noise=500.0)
    prog = echo(soc, pulses={"p": {"length": 6.0, "gain": 0.5}}, ro_len=5.0, trig_time=0.5)
    trace = iq(prog.acquire_decimated(soc, progress=False)[0])
    fewer = trace[: trace.size // factor * factor].reshape(-1, factor).mean(axis=1)
    assert abs(fewer.mean()) == pytest.approx(0.5 * FULL, rel=0.02)
    assert fewer.std() / trace.std() == pytest.approx(1 / np.sqrt(factor), rel=0.25)


def test_the_power_of_a_trace_crosses_a_threshold_where_the_echo_begins_and_ends() -> None:
    soc = looped((0, 0), noise=50.0)
    prog = echo(soc)
    power = abs(iq(prog.acquire_decimated(soc, progress=False)[0])) ** 2
    time = prog.get_time_axis(ro_index=0)[power > (0.25 * FULL) ** 2] + 0.05
    assert [time[0], time[-1]] == pytest.approx([DELAY, DELAY + 1.0], abs=2 * STEP)


def test_more_shots_than_the_buffer_holds_are_streamed_without_a_loss() -> None:
    soc = looped((0, 0), noise=5.0)
    prog = echo(soc, reps=20_000, ro_len=0.5, trig_time=0.5)
    prog.acquire(soc, progress=False)
    (raw,) = prog.get_raw()
    assert raw.shape == (20_000, 1, 2) and soc["readouts"][0]["avg_maxlen"] < 20_000
    assert abs(iq(raw)).min() > 0.49 * FULL * prog.ro_chs[0]["length"]


# --- 12: tones one after another, at once, and correlated -------------------------------------------------------------

TONES = {f"f{n}": {"freq": freq, "length": 0.1, "gain": 0.5} for n, freq in enumerate((90.0, 100.0, 110.0))}


def test_pulses_of_three_frequencies_beat_against_the_readout_by_what_they_differ_from_it() -> None:
    soc = looped((0, 0))
    starts = (0.05, 0.3, 0.6)
    prog = echo(soc, freq=100.0, pulses=TONES, play=list(zip(TONES, starts, strict=True)), ro_len=1.3, trig_time=0.02)
    trace, time = iq(prog.acquire_decimated(soc, progress=False)[0]), prog.get_time_axis(0) + 0.02 - DELAY
    beats = []
    for start in starts:
        inside = (time > start + 0.02) & (time < start + 0.08)
        assert abs(trace[inside]) == pytest.approx(np.full(inside.sum(), 0.5 * FULL), rel=1e-3)
        beats.append(np.polyfit(time[inside], np.unwrap(np.angle(trace[inside])), 1)[0] / (2 * np.pi))
    assert beats == pytest.approx([-10, 0, 10], abs=0.02)


@pytest.mark.filterwarnings("ignore:The 'warn' method:DeprecationWarning")
def test_pulses_at_one_time_on_one_generator_do_not_add_up_but_follow_one_another() -> None:
    # The page says that the tones are summed. A generator has one oscillator and a queue: as the reference record
    # sg_v6_back_to_back shows, a wave begins when the one before it has ended.
    soc = looped((0, 0))
    prog = echo(soc, freq=100.0, pulses=TONES, play=[(name, 0) for name in TONES])
    prog.acquire_decimated(soc, progress=False)
    played = soc.groups[0].played
    assert [round(wave.frequency * 1e-6) for wave in played] == [90, 100, 110]
    assert np.diff([wave.start for wave in played]) * 1e6 == pytest.approx([0.1, 0.1], abs=2e-3)


class Pair(AveragerProgramV2):
    """The same pulse on two generators, the second one later."""

    def _initialize(self, cfg: dict[str, Any]) -> None:
        for channel in (0, 1):
            self.declare_gen(ch=channel, nqz=1)
            self.declare_readout(ch=channel, length=1.2)
            self.add_pulse(
                ch=channel, name=f"p{channel}", ro_ch=channel, style="const", freq=100, length=0.2, phase=0, gain=0.5
            )
            self.add_readoutconfig(ch=channel, name=f"ro{channel}", freq=100, gen_ch=channel)
            self.send_readoutconfig(ch=channel, name=f"ro{channel}", t=0)

    def _body(self, cfg: dict[str, Any]) -> None:
        self.pulse(ch=0, name="p0", t=0)
        self.pulse(ch=1, name="p1", t=cfg["delay"])
        self.trigger(ros=[0, 1], pins=[0, 1], t=0.1)


def test_the_correlation_of_two_readouts_has_its_peak_at_the_delay_between_their_pulses() -> None:
    soc = looped((0, 0), (1, 1), noise=100.0)
    prog = Pair(soc, reps=1, final_delay=0.5, cfg={"delay": 0.1})
    first, second = (iq(data) for data in prog.acquire_decimated(soc, progress=False))
    correlation = np.correlate(second, first, mode="full")
    lag = (np.argmax(abs(correlation)) - first.size + 1) * STEP
    assert lag == pytest.approx(0.1, abs=2 * STEP)


# --- 13, 14: what a board says of itself, and what lies outside it ----------------------------------------------------


def test_a_board_tells_its_model_its_channels_and_its_clock() -> None:
    config = SimulatedSoc(soccfg(RFSOC4X2)).get_cfg()
    assert (config["board"], config["refclk_freq"], len(config["tprocs"])) == ("RFSoC4x2", 491.52, 1)
    assert (len(config["gens"]), len(config["readouts"])) == (2, 2)
    assert {"sw_version", "fw_timestamp"} <= config.keys()


@pytest.mark.parametrize(
    ("name", "why"),
    [
        ("num_tprocs", "a processor has one core"),
        ("load_config", "a processor has one core"),
        ("xcom_0", r"the network between boards \(XCOM\) is not simulated; give boards a common start with Boards"),
        ("init_tile_sync", "the network between boards"),
        ("rfb_set_dac_rf", "the daughter cards of a QICK box are not simulated; put .* into a Cable's gain"),
        ("dac_chains", "the daughter cards"),
        ("set_adc_attenuator", "converters' own settings"),
        ("tt_arm", "time taggers are not simulated"),
        ("set_iq", "constant I and Q are not simulated"),
        ("fly", "the twin has no 'fly'"),
    ],
)
def test_what_a_board_of_the_twin_does_not_have_is_said_in_a_sentence(name: str, why: str) -> None:
    soc = SimulatedSoc()
    assert not hasattr(soc, name)
    with pytest.raises(BoardError, match=why):
        getattr(soc, name)


def test_a_program_for_the_network_between_boards_is_refused_at_its_first_instruction_for_it() -> None:
    text = """
        REG_WR r2 imm #2
        REG_WR r6 imm #424
        TRIG p0 set
        PA 7 r2 r6
        TRIG p0 clr
        .END
    """
    soc = SimulatedSoc()
    assert not hasattr(soc, "xcom_0")
    _, words = Assembler.str_asm2bin(text)
    with pytest.raises(BoardError, match=r"instruction 4, .*PA .* is a peripheral outside the processor"):
        soc.load_bin_program({"pmem": words, "wmem": None, "dmem": None})


# --- 15: the second Nyquist zone, sweeps over it, attenuators ---------------------------------------------------------

ZONE: dict[str, Any] = {"channels": (INTERPOLATED, 0), "freq": 6000}


def test_a_flat_top_with_cosine_ramps_comes_back_from_the_second_zone() -> None:
    soc = looped(ZONE["channels"], on=DUMP)

    def ramp(self: AcquireProgramV2) -> None:
        self.add_cosine(ch=INTERPOLATED, name="ramp", length=1.0, even_length=True)

    pulse = {"p": {"style": "flat_top", "envelope": "ramp", "length": 1.0, "gain": 1.0}}
    prog = echo(
        soc, gen={"nqz": 2, "mixer_freq": 6000}, envelopes=ramp, pulses=pulse, ro_len=3.0, trig_time=0.0, **ZONE
    )
    size = abs(iq(prog.acquire_decimated(soc, rounds=10, progress=False)[0]))
    time = prog.get_time_axis(0) - DELAY
    # Half of 0.9, which this kind of generator leaves of the full scale.
    assert size.max() == pytest.approx(0.45 * FULL, rel=1e-3)
    for share, ends in ((0.999, (0.5, 1.5)), (0.5, (0.25, 1.75)), (0.001, (0.0, 2.0))):
        loud = time[size > share * size.max()]
        assert [loud[0], loud[-1]] == pytest.approx(ends, abs=0.02)


class Response(AveragerProgramV2):
    """The vendor's sweep of a tone and the readout that follows it, around one setting of the mixer."""

    def _initialize(self, cfg: dict[str, Any]) -> None:
        self.declare_gen(ch=INTERPOLATED, nqz=cfg["nqz"], mixer_freq=cfg["mixer"], ro_ch=0)
        self.declare_readout(ch=0, length=10.1)
        self.add_loop("myloop", cfg["steps"])
        self.add_readoutconfig(ch=0, name="myro", freq=cfg["freq"], gen_ch=INTERPOLATED)
        settings = {"style": "const", "freq": cfg["freq"], "length": 10.0, "phase": 0, "gain": 1.0}
        self.add_pulse(ch=INTERPOLATED, name="mypulse", ro_ch=0, **settings)

    def _body(self, cfg: dict[str, Any]) -> None:
        self.send_readoutconfig(ch=0, name="myro", t=0)
        self.pulse(ch=INTERPOLATED, name="mypulse", t=0)
        self.trigger(ros=[0], pins=[0], t=0.4)


def level(x: NDArray[np.float64], nqz: int) -> NDArray[np.float64]:
    """What a converter's normal (1) or mix mode (2) leaves of a tone at `x` times its sampling rate, signed."""
    return np.sinc(x) if nqz == 1 else np.sin(np.pi * x / 2) ** 2 / (np.pi * x / 2)


@pytest.mark.parametrize("nqz", [1, 2])
def test_stitched_sweeps_of_mixer_and_tone_show_power_in_all_zones_and_the_delay_of_the_cable(nqz: int) -> None:
    soc = looped(ZONE["channels"], on=DUMP)
    f_dds, f_s = (soc["gens"][INTERPOLATED][name] for name in ("f_dds", "fs"))
    for mixer in np.arange(0.5, 10_000 / f_dds, 0.9) * f_dds:
        sweep = QickSweep1D("myloop", mixer - 0.45 * f_dds, mixer + 0.45 * f_dds)
        prog = Response(soc, reps=2, final_delay=1.0, cfg={"nqz": nqz, "mixer": mixer, "freq": sweep, "steps": 21})
        heard = iq(prog.acquire(soc, progress=False)[0][0]) / (0.9 * FULL)
        freq = prog.get_pulse_param("myro", "freq", as_array=True)
        x = freq / f_s
        # The same tone in the zone that is chosen.
        chosen = x - np.round(x) if nqz == 1 else np.where(x % 1 < 0.5, x % 1 - 1, x % 1)
        expected = level(x, nqz) / level(chosen, nqz) * np.exp(-2j * np.pi * freq * DELAY)
        away = abs(2 * x - np.round(2 * x)) > 0.01
        # 10.0 of 10.1 us are heard.
        assert heard[away] == pytest.approx(expected[away] * 10 / 10.1, abs=2e-3)


class Periodic(AveragerProgramV2):
    """A tone that is begun once, as early as can be, and sounds for ever."""

    def _initialize(self, cfg: dict[str, Any]) -> None:
        self.declare_gen(ch=INTERPOLATED, nqz=2, mixer_freq=6000, ro_ch=0)
        self.declare_readout(ch=0, length=10.0)
        self.add_readoutconfig(ch=0, name="ro", freq=6000, gen_ch=INTERPOLATED, outsel="product")
        settings = {"style": "const", "freq": 6000, "length": 1.0, "phase": 0, "gain": 0.5, "mode": "periodic"}
        self.add_pulse(ch=INTERPOLATED, name="p", ro_ch=0, **settings)
        self.send_readoutconfig(ch=0, name="ro", t=0)
        self.pulse(ch=INTERPOLATED, name="p", t=0)

    def _body(self, cfg: dict[str, Any]) -> None:
        self.trigger(ros=[0], pins=[0], t=0.0, mr=True)


def test_three_decibels_less_attenuation_are_three_decibels_more_of_a_periodic_tone() -> None:
    def amplitude(attenuation: float) -> float:
        soc = looped(ZONE["channels"], on=DUMP, gain=FULL * 10 ** (-attenuation / 20), noise=5.0)
        prog = Periodic(soc, reps=1000, final_delay=0.5)
        # As the vendor's program does it: asked for at tick 0, when the processor has only just begun. Board and twin
        # begin it 32 ticks later, long before the first trigger.
        with pytest.warns(RuntimeWarning, match="asked for tick 0, sounds as asked from tick 32 on"):
            (data,) = prog.acquire(soc, progress=False)
        soc.reset_gens()
        assert soc.clear_interrupts()
        return float(abs(iq(data[0])))

    assert 20 * np.log10(amplitude(7.0) / amplitude(10.0)) == pytest.approx(3.0, abs=0.01)
