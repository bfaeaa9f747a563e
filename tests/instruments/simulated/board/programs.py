"""Small programs of the vendor's compiler, and a plant that answers them, for the tests of the board."""

from collections.abc import Callable
from typing import Any

import numpy as np
from numpy.typing import NDArray
from qick.asm_v2 import AveragerProgramV2

from coldlink.instruments.qick.firmware import soccfg
from coldlink.instruments.simulated.board import Repetition, SimulatedSoc

CONFIG = soccfg()
FLUX, TONES, DRIVE, OTHER_DRIVE = 0, 4, 5, 6
READOUTS = (2, 3)
TICK = 1 / CONFIG["tprocs"][0]["f_time"]
"""Of the processor (us)."""
Body = Callable[["Program"], None]


class Program(AveragerProgramV2):
    """Declares two flux and drive generators, two readout tones; `cfg["body"]` plays, in ticks of 2.325 ns."""

    def _initialize(self, cfg: dict[str, Any]) -> None:
        mixers = cfg.get("mixers", (4800.0, 4800.0))
        for generator, mixer in zip((DRIVE, OTHER_DRIVE), mixers, strict=True):
            self.declare_gen(ch=generator, nqz=2, mixer_freq=mixer)
        self.declare_gen(ch=FLUX, nqz=1)
        self.declare_gen(
            ch=TONES, nqz=2, mixer_freq=6400.0, mux_freqs=[6350.0, 6450.0], mux_gains=[0.5, 0.3], ro_ch=READOUTS[0]
        )
        for readout, frequency in zip(READOUTS, (6350.0, 6450.0), strict=True):
            self.declare_readout(ch=readout, length=1.0, freq=frequency, gen_ch=TONES)
        self.add_envelope(ch=FLUX, name="step", idata=np.full(160, 32766.0), qdata=np.zeros(160))
        for generator in (DRIVE, OTHER_DRIVE):
            self.add_gauss(ch=generator, name="bell", sigma=5 / 430.08, length=20 / 430.08)
        self.add_pulse(ch=TONES, name="tones", style="const", mask=[0, 1], length=1.0)
        for name, count in cfg.get("loops", {}).items():
            self.add_loop(name, count)
        cfg.get("setup", lambda program: None)(self)

    def _body(self, cfg: dict[str, Any]) -> None:
        cfg["body"](self)

    def flux(self, gain: Any = 0.5, **more: Any) -> None:
        self.add_pulse(
            **{"ch": FLUX, "name": "flux", "style": "arb", "envelope": "step", "freq": 0, "phase": 0, "gain": gain}
            | more
        )

    def drive(self, generator: int = DRIVE, name: str = "drive", **more: Any) -> None:
        settings = {"style": "arb", "envelope": "bell", "freq": 4810.0, "phase": 30.0, "gain": 0.4, "phrst": 1}
        self.add_pulse(ch=generator, name=name, **settings | more)

    def at(self, generator: int, name: str, tick: int) -> None:
        self.pulse(ch=generator, name=name, t=tick * TICK)

    def read(self, tick: int = 500) -> None:
        self.at(TONES, "tones", tick)
        self.trigger(ros=list(READOUTS), t=(tick + 28) * TICK)


def program(body: Body, *, reps: int = 10, period: int | None = 5600, **cfg: Any) -> Program:
    """One repetition every `period` ticks; None leaves the timing to `body`."""

    def timed(self: Program) -> None:
        body(self)
        if period is not None:
            self.wait(4000 * TICK)
            self.delay(period * TICK)

    return Program(
        CONFIG, reps=reps, initial_delay=5600 * TICK, final_delay=None, final_wait=None, cfg=cfg | {"body": timed}
    )


class EchoPlant:
    """Answers each window with its number of samples times (largest flux, readout); remembers what it was asked."""

    def __init__(self) -> None:
        self.asked: list[tuple[Repetition, int]] = []

    def measure(self, repetition: Repetition, shots: int) -> NDArray[np.complex128]:
        self.asked.append((repetition, shots))
        flux = max((abs(p.envelope).max() for p in repetition.played if p.generator == FLUX), default=0.0)
        answer = [window.samples * (1000 * flux + 1j * window.readout) for window in repetition.windows]
        return np.tile(np.array(answer, np.complex128), (shots, 1))


def board() -> tuple[SimulatedSoc, EchoPlant]:
    plant = EchoPlant()
    return SimulatedSoc(CONFIG, plant), plant
