"""The vendor's tutorials on kinds of generators and readouts, and qubits, with their own calls, on loop-back boards."""

from typing import Any

import numpy as np
import pytest
from numpy.typing import NDArray
from qick.asm_v2 import AsmV2, AveragerProgramV2, QickSweep1D

from coldlink.instruments.qick.firmware import RFSOC4X2, ZCU111, soccfg
from coldlink.instruments.simulated import Cable, Loopback, SimulatedSoc
from coldlink.sequences.errors import BoardError

FULL = 10_000.0
MUX, INTERPOLATED, BANK = 4, 5, (2, 3, 4, 5)
"""Of the described ZCU216."""


def looped(*ways: tuple[int, int], firmware: Any = None, **more: Any) -> SimulatedSoc:
    cables = tuple(Cable(generator=one, readout=other, **{"noise": 0.0} | more) for one, other in ways)
    return SimulatedSoc(soccfg(firmware) if firmware else None, plant=Loopback(np.random.default_rng(1), cables))


def decimated(prog: AveragerProgramV2, soc: SimulatedSoc) -> list[NDArray[np.complex128]]:
    return [iq @ np.array([1, 1j]) for iq in prog.acquire_decimated(soc, progress=False)]


class Tones(AveragerProgramV2):
    """Four tones at once into four channels of a filter bank."""

    def _initialize(self, cfg: dict[str, Any]) -> None:
        tones = {f"mux_{name}": cfg[name] for name in ("freqs", "gains", "phases")}
        self.declare_gen(ch=MUX, nqz=1, ro_ch=BANK[0], mixer_freq=575, **tones)
        for channel, freq, phase in zip(BANK, cfg["freqs"], cfg["ro_phases"], strict=True):
            self.declare_readout(ch=channel, length=1.9, freq=freq, phase=phase, gen_ch=MUX)
        for name, mask in cfg["masks"].items():
            self.add_pulse(ch=MUX, name=name, style="const", length=cfg.get("length", 1.0), mask=mask)

    def _body(self, cfg: dict[str, Any]) -> None:
        self.trigger(ros=BANK, pins=[0], t=0.4)
        for number, name in enumerate(cfg["masks"]):
            self.pulse(ch=MUX, name=name, t=number * 1.1 * cfg.get("length", 1.0))


def tones(soc: SimulatedSoc, **cfg: Any) -> list[NDArray[np.complex128]]:
    settings = {"freqs": [500, 550, 600, 650], "gains": [0.8] * 4, "phases": [0.0] * 4, "ro_phases": [0.0] * 4}
    prog = Tones(soc, reps=1, final_delay=0.5, cfg=settings | {"masks": {"all": [0, 1, 2, 3]}} | cfg)
    return decimated(prog, soc)


def phases(traces: list[NDArray[np.complex128]]) -> list[float]:
    return [float(np.angle(trace.mean(), deg=True)) for trace in traces]


def test_the_phases_of_multiplexed_tones_are_corrected_on_either_side() -> None:
    soc = looped(*((MUX, channel) for channel in BANK), delay=0.4113e-6)
    heard = tones(soc)
    assert [trace.size for trace in heard] == [73] * 4
    assert [abs(trace).max() for trace in heard] == pytest.approx([0.8 * FULL] * 4, rel=1e-3)
    found = phases(heard)
    assert np.ptp(found) > 30
    for corrected in ({"phases": [-phase for phase in found]}, {"ro_phases": found}):
        assert phases(tones(soc, **corrected)) == pytest.approx([0] * 4, abs=0.1)


def test_masks_select_the_tones_that_sound() -> None:
    soc = looped(*((MUX, channel) for channel in BANK))
    heard = tones(soc, masks={"even": [0, 2], "odd": [1, 3]}, length=0.8)
    for number, trace in enumerate(heard):
        loud = np.flatnonzero(abs(trace) > 0.4 * FULL) / 38.4
        first = 0.88 * (number % 2)
        assert [loud[0], loud[-1]] == pytest.approx([first, first + 0.8], abs=0.06)


class Swept(AveragerProgramV2):
    """A flat top whose phase and gain are swept together; the host tunes the readout."""

    def _initialize(self, cfg: dict[str, Any]) -> None:
        gen, readout = cfg["channels"]
        mixer = {"mixer_freq": cfg["mixer"]} if "mixer" in cfg else {}
        self.declare_gen(ch=gen, nqz=1, ro_ch=readout, **mixer)
        self.declare_readout(ch=readout, length=0.3, freq=cfg["freq"], gen_ch=gen)
        self.add_loop("myloop", 5)
        self.add_gauss(ch=gen, name="ramp", sigma=0.02, length=0.2, even_length=True)
        sweep = {"phase": QickSweep1D("myloop", -360, 720), "gain": QickSweep1D("myloop", 0.0, 1.0)}
        flat = {"style": "flat_top", "envelope": "ramp", "length": 0.05, "freq": cfg["freq"]}
        self.add_pulse(ch=gen, name="mypulse", ro_ch=readout, **flat, **sweep)

    def _body(self, cfg: dict[str, Any]) -> None:
        gen, readout = cfg["channels"]
        self.pulse(ch=gen, name="mypulse", t=0)
        self.trigger(ros=[readout], pins=[0], t=0.45)


@pytest.mark.parametrize(
    ("firmware", "cfg", "top"),
    [
        # This kind of generator leaves 0.9 of full scale free for its interpolation filter.
        (None, {"channels": (INTERPOLATED, BANK[0]), "freq": 2000, "mixer": 1500}, 0.45),
        (ZCU111, {"channels": (0, 0), "freq": 900}, 0.5),
        (RFSOC4X2, {"channels": (0, 0), "freq": 900}, 0.5),
    ],
)
def test_a_readout_that_the_host_tunes_hears_phase_and_gain_swept(firmware: Any, cfg: Any, top: float) -> None:
    soc = looped(cfg["channels"], firmware=firmware)
    prog = Swept(soc, reps=1, final_delay=0.5, cfg=cfg)
    (trace,) = decimated(prog, soc)
    level = trace[:, abs(trace[-1]).argmax()]
    assert abs(level) == pytest.approx(top * FULL * np.linspace(0, 1, 5), abs=0.002 * FULL)
    turned = level[1:] / abs(level[1:]) * np.exp(-1.5j * np.pi * np.arange(1, 5))
    assert turned == pytest.approx(np.full(4, turned[0]), abs=2e-3)


class Spectrum(AveragerProgramV2):
    """Generator and readout swept together; the readout is tuned before each step."""

    def _initialize(self, cfg: dict[str, Any]) -> None:
        self.declare_gen(ch=0, nqz=1)
        self.declare_readout(ch=0, length=0.3)
        self.add_readoutconfig(ch=0, name="myro", freq=cfg["freq"], gen_ch=0)
        before = AsmV2()
        before.send_readoutconfig(ch=0, name="myro", t=0)
        self.add_loop("myloop", cfg["steps"], exec_before=before)
        self.add_gauss(ch=0, name="ramp", sigma=0.02, length=0.2, even_length=True)
        flat = {"style": "flat_top", "envelope": "ramp", "length": 0.05, "phase": 0, "gain": 1.0}
        self.add_pulse(ch=0, name="mypulse", ro_ch=0, freq=cfg["freq"], **flat)

    def _body(self, cfg: dict[str, Any]) -> None:
        self.pulse(ch=0, name="mypulse", t=0)
        self.trigger(ros=[0], pins=[0], t=0.4)


@pytest.mark.parametrize(("stop", "steps", "delay"), [(101, 5, 0.412e-6), (1000, 1001, 0.412e-6), (400, 601, 0.37e-6)])
def test_a_frequency_sweep_measures_the_delay_of_its_cable(stop: float, steps: int, delay: float) -> None:
    soc = looped((0, 0), delay=delay)
    prog = Spectrum(soc, reps=2, final_delay=0.5, cfg={"steps": steps, "freq": QickSweep1D("myloop", 100, stop)})
    (iq,) = prog.acquire(soc, progress=False)[0] @ np.array([1, 1j])
    freqs = prog.get_pulse_param("myro", "freq", as_array=True)
    slope, offset = np.polyfit(freqs, np.unwrap(np.angle(iq)) / (2 * np.pi), 1)
    assert slope * 1e-6 == pytest.approx(-delay, abs=1e-11)
    flat = iq * np.exp(-2j * np.pi * (freqs * slope + offset))
    assert flat / abs(flat) == pytest.approx(np.ones(steps), abs=2e-3)


class Qubit(AveragerProgramV2):
    """Drive with generator 1, then read out with generator 0; `cfg["drive"]` plays what comes before the readout."""

    def _initialize(self, cfg: dict[str, Any]) -> None:
        self.declare_gen(ch=0, nqz=1)
        self.declare_gen(ch=1, nqz=2)
        self.declare_readout(ch=0, length=0.5)
        self.add_readoutconfig(ch=0, name="ro", freq=100, gen_ch=0)
        self.send_readoutconfig(ch=0, name="ro", t=0)
        for name, count in cfg["loops"].items():
            self.add_loop(name, count)
        self.add_gauss(ch=1, name="ramp", sigma=0.01, length=0.04, even_length=True)
        shape = {"style": "arb", "envelope": "ramp", "freq": 5100.0, "phase": 0, "gain": 0.5}
        self.add_pulse(ch=1, name="first", **shape | cfg.get("first", {}))
        self.add_pulse(ch=1, name="second", **shape | cfg.get("second", {}))
        self.add_pulse(ch=0, name="read", ro_ch=0, style="const", freq=100, length=1.0, phase=0, gain=0.5)

    def _body(self, cfg: dict[str, Any]) -> None:
        cfg["drive"](self)
        self.delay_auto(0.02)
        self.pulse(ch=0, name="read", t=0)
        self.trigger(ros=[0], pins=[0], t=0.5)


def qubit(**cfg: Any) -> tuple[Qubit, SimulatedSoc, NDArray[np.float64]]:
    soc = looped((0, 0))
    prog = Qubit(soc, reps=3, final_delay=5.0, cfg=cfg)
    (data,) = prog.acquire(soc, progress=False)
    return prog, soc, data[0]


def waves(soc: SimulatedSoc, generator: int) -> list[list[Any]]:
    """What a generator has played in each repetition of the last run."""
    played = [[wave for wave in group.played if wave.generator == generator] for group in soc.groups]
    return [played[number] for number in soc.owner]


def test_a_rabi_sweep_raises_the_drive_and_leaves_the_readout_alone() -> None:
    gain = QickSweep1D("gain", 0.0, 1.0)
    prog, soc, data = qubit(loops={"gain": 6}, first={"gain": gain}, drive=lambda self: self.pulse(ch=1, name="first"))
    driven = np.array([abs(one[0].envelope).max() for one in waves(soc, 1)]).reshape(3, 6)
    gains = prog.get_pulse_param("first", "gain", as_array=True)
    assert driven == pytest.approx(np.tile(gains / 2, (3, 1)), abs=1e-4)
    assert np.hypot(*data.T) == pytest.approx(np.full(6, 0.5 * FULL), rel=1e-3)


def test_a_relaxation_sweep_moves_the_readout_away_from_the_drive() -> None:
    def drive(self: Qubit) -> None:
        self.pulse(ch=1, name="first", t=0)
        self.delay_auto(QickSweep1D("wait", 0.01, 20.0), tag="wait")

    prog, soc, data = qubit(loops={"wait": 5}, drive=drive)
    # As the vendor gives it: from the begin of the drive on.
    waits = prog.get_time_param("wait", "t", as_array=True)
    gaps = [one[0].start - other[0].start for one, other in zip(waves(soc, 0), waves(soc, 1), strict=True)]
    assert np.reshape(gaps, (3, 5)) * 1e6 == pytest.approx(np.tile(waits + 0.02, (3, 1)), abs=0.004)
    assert np.diff(np.reshape(gaps, (3, 5)) * 1e6) == pytest.approx(np.tile(np.diff(waits), (3, 1)), abs=0.003)
    assert np.hypot(*data.T) == pytest.approx(np.full(5, 0.5 * FULL), rel=1e-3)


def test_a_ramsey_sweep_turns_the_second_pulse_as_it_moves_away() -> None:
    def drive(self: Qubit) -> None:
        self.pulse(ch=1, name="first", t=0)
        self.delay_auto(QickSweep1D("wait", 0.1, 2.1), tag="wait")
        self.pulse(ch=1, name="second", t=0)

    prog, soc, _ = qubit(loops={"wait": 5}, second={"phase": QickSweep1D("wait", 0, 360)}, drive=drive)
    waits = prog.get_time_param("wait", "t", as_array=True)
    turns = prog.get_pulse_param("second", "phase", as_array=True) / 360
    pairs = waves(soc, 1)[:5]
    assert [two.start - one.start for one, two in pairs] == pytest.approx(waits * 1e-6, abs=3e-9)
    # Both pulses keep the time of one oscillator, so the phase between them is the one that was asked for.
    between = [two.phase - one.phase - 2 * np.pi * two.frequency * (two.start - one.start) for one, two in pairs]
    assert np.exp(1j * np.array(between)) == pytest.approx(np.exp(2j * np.pi * turns), abs=1e-3)


def test_a_spectroscopy_sweep_in_the_second_zone_plays_what_it_says() -> None:
    freq = QickSweep1D("freq", 5000.0, 5200.0)
    prog, soc, _ = qubit(loops={"freq": 5}, first={"freq": freq}, drive=lambda self: self.pulse(ch=1, name="first"))
    played = [abs(one[0].oscillator + one[0].frequency) * 1e-6 for one in waves(soc, 1)[:5]]
    assert played == pytest.approx(prog.get_pulse_param("first", "freq", as_array=True), abs=1e-3)


class Silent(AveragerProgramV2):
    """Readouts that hear no generator."""

    def _initialize(self, cfg: dict[str, Any]) -> None:
        for channel in cfg["channels"]:
            self.declare_readout(ch=channel, length=cfg["length"], freq=100)

    def _body(self, cfg: dict[str, Any]) -> None:
        self.trigger(ros=cfg["channels"], t=0.0)


@pytest.mark.parametrize(("firmware", "channels"), [(None, BANK), (ZCU111, (0, 1)), (RFSOC4X2, (0, 1))])
def test_the_offset_of_a_readout_is_in_the_raw_data_only(firmware: Any, channels: tuple[int, ...]) -> None:
    soc = looped(*((n, channel) for n, channel in enumerate(channels)), firmware=firmware, noise=5.0)
    prog = Silent(soc, reps=200, final_delay=0.5, cfg={"channels": channels, "length": 100.0})
    averaged = prog.acquire(soc, progress=False)
    for channel, mean, raw in zip(channels, averaged, prog.get_raw(), strict=True):
        samples = prog.ro_chs[channel]["length"]
        error = 5.0 / np.sqrt(samples * 200)
        assert mean[0] == pytest.approx([0.0, 0.0], abs=5 * error)
        # A filter bank whose channel has its DC at the readout's frequency adds it a second time; 100 MHz is none.
        assert raw[:, 0].mean(axis=0) / samples == pytest.approx(soc["readouts"][channel]["iq_offset"], abs=5 * error)


def test_shots_without_a_final_delay_begin_late_and_a_short_one_mends_it() -> None:
    def shots(final_delay: float) -> SimulatedSoc:
        soc = SimulatedSoc()
        prog = Silent(soc, reps=1000, final_delay=final_delay, cfg={"channels": BANK, "length": 1.0})
        prog.acquire(soc, progress=False)
        return soc

    with pytest.raises(BoardError, match=r"shot 1, .* late"):
        shots(0)
    period = np.diff(shots(0.25).origins)[1:] / 430.08
    # The filter bank's samples are 26 ns apart.
    assert period == pytest.approx(np.full(998, 1.25), abs=0.03)


def test_a_readout_hops_from_frequency_to_frequency_within_a_shot() -> None:
    class Hops(AveragerProgramV2):
        def _initialize(self, cfg: dict[str, Any]) -> None:
            self.declare_gen(ch=0, nqz=1)
            self.declare_readout(ch=0, length=0.2)
            for n, freq in enumerate(cfg["freqs"]):
                self.add_readoutconfig(ch=0, name=f"ro{n}", freq=freq, phase=0, gen_ch=0)
                gain = (n + 1) / 20
                self.add_pulse(ch=0, name=f"p{n}", ro_ch=0, style="const", freq=freq, length=0.5, phase=0, gain=gain)

        def _body(self, cfg: dict[str, Any]) -> None:
            for n in range(len(cfg["freqs"])):
                self.send_readoutconfig(ch=0, name=f"ro{n}", t=0)
                self.pulse(ch=0, name=f"p{n}", t=0)
                self.trigger(ros=[0], t=0.55)
                self.delay_auto(0.4)

    soc = looped((0, 0))
    freqs = [100, 200, 300, 400, 500, 600, 700, 800, 900, 1000]
    prog = Hops(soc, reps=5, final_delay=0.5, cfg={"freqs": freqs})
    (data,) = prog.acquire(soc, progress=False)
    assert data.shape == (10, 2)
    assert np.hypot(*data.T) == pytest.approx(FULL * np.arange(1, 11) / 20, rel=2e-3)
