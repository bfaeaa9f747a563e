"""Probe: a small program of the vendor's, whose echo through a cable tells how a board plays and listens."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray
from qick.asm_v2 import AveragerProgramV2, QickSweep1D

from ...sequences.errors import SequenceError
from .loop import Loop

LEAD: Final = 48
"""Decimated samples of a window before an echo, from which the noise is known to a tenth."""
LENGTH: Final = 64
"""Of a pulse (decimated samples): many times what a converter's filters smear."""
SHORT: Final = 32
"""Of one of several pulses in a window (decimated samples)."""
GAP: Final = 16
"""Between them (decimated samples)."""
RAMP: Final = 48
"""Both flanks of a flat top together (decimated samples): slow enough to be heard as they are through any filter."""
CONTENT: Final = 3 * SHORT + 2 * GAP
"""The longest thing that a probe plays into a window (decimated samples)."""
TAIL: Final = 40
"""Heard after it (decimated samples)."""
LOUD, SOFT = 0.8, 0.2
"""Gains: the largest leaves the converters room, at the smallest an edge is still found."""
BEAT: Final = 0.01
"""Turns in a decimated sample between tone and readout: a few MHz, and well within a pulse."""
STEPS: Final = 4
"""Of the swept time."""
STEP: Final = 9
"""Of the swept time (ticks); no whole number of samples at any of the usual clocks."""
TRIGGERS: Final = 8
"""At most, each a tick later than the one before: the clocks of the usual boards meet every 7 ticks or sooner."""
_SETTLE: Final = 0.2
"""For the settings of readout and generator, before the first pulse (us)."""
_REST: Final = 2.0
"""Between two shots (us)."""
_LEAST: Final = 1 << 14
"""Envelope samples of a full-speed generator that a probe may fill: the smallest memory of the usual firmwares."""

Trace = NDArray[np.complex128]


@dataclass(frozen=True, kw_only=True)
class Probe:
    """setup: Defines pulses. play: One shot. steps: Of the loop around it, named "step". summed: Compare its sums."""

    name: str
    setup: Callable[["ProbeProgram"], None]
    play: Callable[["ProbeProgram"], None]
    steps: int = 1
    summed: bool = False

    def program(self, loop: Loop, *, earliest: float = 0.0, reach: float = 0.0) -> "ProbeProgram":
        """Compiled for a loop whose delay lies between `earliest` and `earliest + reach` (s).

        SequenceError if the readout cannot keep so much.
        """
        samples = LEAD + CONTENT + TAIL + int(np.ceil(reach * 1e6 / loop.sample))
        if samples * self.steps > loop.room:
            spare = (loop.room // self.steps - LEAD - CONTENT - TAIL) * loop.sample * 1e-6
            hint = f"lower the delay's limit to {0.99 * spare:.3g} s" if spare > 0 else "use another readout"
            raise SequenceError(
                f"{self.name}: {samples * self.steps} samples, readout {loop.readout} keeps {loop.room}; {hint}"
            )
        cfg = {"probe": self, "loop": loop, "earliest": earliest * 1e6, "samples": samples}
        return ProbeProgram(loop.soccfg, reps=1, final_delay=None, final_wait=None, initial_delay=1.0, cfg=cfg)


class ProbeProgram(AveragerProgramV2):  # type: ignore[misc]
    """One probe for one loop. All times are absolute, in the vendor's microseconds."""

    @property
    def loop(self) -> Loop:
        """What it plays through."""
        return self.cfg["loop"]  # type: ignore[no-any-return]

    @property
    def start(self) -> float:
        """Of the first pulse (us)."""
        return LEAD * self.loop.sample + _SETTLE

    @property
    def triggers(self) -> int:
        """Windows that the readout can keep, as many as the moved trigger needs."""
        return int(min(TRIGGERS, self.loop.room // self.cfg["samples"]))

    def acquired(self, soc: Any) -> tuple[Trace, Trace]:
        """Play it once: I + iQ of each window, shape (windows, samples), and its sum on the board, shape (windows,).

        Without the readout's known offset, unless the sums are to be compared.
        """
        raw = self.cfg["probe"].summed
        (data,) = self.acquire_decimated(soc, progress=False, remove_offset=not raw)
        (sums,) = self.get_raw()
        turn = np.array([1, 1j])
        traces = np.reshape(data, (-1, self.cfg["samples"], 2)) @ turn
        return traces, np.reshape(sums, (-1, 2)) @ turn

    def wave(self, name: str = "pulse", **more: Any) -> None:
        """Define a pulse: constant, of full length, at the readout's frequency, unless told otherwise."""
        loop = self.loop
        settings = {"style": "const", "freq": loop.tone, "phase": 0.0, "gain": LOUD, "ro_ch": loop.readout}
        if more.get("style") != "arb":
            settings["length"] = LENGTH * loop.sample
        self.add_pulse(ch=loop.generator, name=name, **settings | more)

    def bell(self, name: str, samples: float) -> None:
        """Define a gaussian envelope of so many decimated samples, as far as a full-speed generator can keep them."""
        gen = self.loop.soccfg["gens"][self.loop.generator]
        width = gen["samps_per_clk"] * gen["f_fabric"]
        length = min(samples * self.loop.sample, 0.9 * min(_LEAST, gen["maxlen"]) / width)
        self.add_gauss(ch=self.loop.generator, name=name, sigma=length / 6, length=length, even_length=True)

    def at(self, time: Any, name: str = "pulse") -> None:
        """Play a pulse (us)."""
        self.pulse(ch=self.loop.generator, name=name, t=time)

    def listen(self, time: float) -> None:
        """Open a window for the echo of what is played at `time` (us)."""
        begin = time + self.cfg["earliest"] - LEAD * self.loop.sample
        self.trigger(ros=[self.loop.readout], t=begin)
        self._last = begin + self.cfg["samples"] * self.loop.sample

    def _initialize(self, cfg: dict[str, Any]) -> None:
        loop: Loop = cfg["loop"]
        # The mixer stands beside the tone, so that the generator's own oscillator turns as well.
        mixer = {"mixer_freq": 0.8 * loop.tone, "ro_ch": loop.readout} if loop.mixed else {}
        self.declare_gen(ch=loop.generator, nqz=1, **mixer)
        length, tuned = cfg["samples"] * loop.sample, {"freq": loop.tone, "gen_ch": loop.generator}
        if loop.driven:
            self.declare_readout(ch=loop.readout, length=length)
            self.add_readoutconfig(ch=loop.readout, name="tuned", **tuned)
            self.send_readoutconfig(ch=loop.readout, name="tuned", t=0)
        else:
            self.declare_readout(ch=loop.readout, length=length, **tuned)
        if cfg["probe"].steps > 1:
            self.add_loop("step", cfg["probe"].steps)
        cfg["probe"].setup(self)

    def _body(self, cfg: dict[str, Any]) -> None:
        cfg["probe"].play(self)
        # The board counts a shot when it is heard, and not before.
        self.wait(self._last + _SETTLE)
        self.delay(self._last + _REST)


def _one(program: ProbeProgram) -> None:
    program.at(program.start)
    program.listen(program.start)


def _gains(program: ProbeProgram) -> None:
    program.wave(gain=QickSweep1D("step", SOFT, LOUD))


def _gauss(program: ProbeProgram) -> None:
    program.bell("bell", LENGTH)
    program.wave(style="arb", envelope="bell")


def _flat_top(program: ProbeProgram) -> None:
    program.bell("ramp", RAMP)
    program.wave(style="flat_top", envelope="ramp")


def _phases(program: ProbeProgram) -> None:
    for degrees in (0.0, 90.0, 180.0):
        program.wave(f"{degrees:g}", phase=degrees, length=SHORT * program.loop.sample)


def _three(program: ProbeProgram) -> None:
    for n, name in enumerate(("0", "90", "180")):
        program.at(program.start + n * (SHORT + GAP) * program.loop.sample, name)
    program.listen(program.start)


def _beat(program: ProbeProgram) -> None:
    program.wave(freq=program.loop.tone + BEAT / program.loop.sample)


def _pair(program: ProbeProgram) -> None:
    program.wave("first", length=SHORT * program.loop.sample)
    program.wave("second", length=SHORT * program.loop.sample, gain=LOUD / 2, phase=90.0)


def _back_to_back(program: ProbeProgram) -> None:
    program.at(program.start, "first")
    program.at("auto", "second")
    program.listen(program.start)


def _swept_time(program: ProbeProgram) -> None:
    last = program.start + (STEPS - 1) * STEP * program.loop.tick
    program.at(QickSweep1D("step", program.start, last))
    program.listen(program.start)


def _moved_trigger(program: ProbeProgram) -> None:
    spacing = (program.cfg["samples"] + GAP) * program.loop.sample
    for n in range(program.triggers):
        time = program.start + n * spacing
        program.at(time)
        program.listen(time + n * program.loop.tick)


PROBES: Final = (
    Probe(name="constant pulse", setup=ProbeProgram.wave, play=_one),
    Probe(name="three gains", setup=_gains, play=_one, steps=3),
    Probe(name="gauss envelope", setup=_gauss, play=_one),
    Probe(name="flat top", setup=_flat_top, play=_one),
    Probe(name="three phases", setup=_phases, play=_three),
    Probe(name="beat", setup=_beat, play=_one),
    Probe(name="back to back", setup=_pair, play=_back_to_back),
    Probe(name="swept time", setup=ProbeProgram.wave, play=_swept_time, steps=STEPS),
    Probe(name="moved trigger", setup=ProbeProgram.wave, play=_moved_trigger),
    Probe(name="accumulated sum", setup=ProbeProgram.wave, play=_one, summed=True),
)
"""The first finds the cable, the others are judged by it."""
