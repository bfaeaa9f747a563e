"""Lower a program to the vendor's assembler: absolute times only, one pass over the grid a shot."""

import logging
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import numpy as np
from qick.asm_v2 import AveragerProgramV2

from ...sequences.errors import SequenceError, TargetError
from ...sequences.program import Block, PlayEvent, Program, ToneEvent, TriggerEvent
from ...sequences.units import MHz
from .wiring import Wiring, check_images

COUNTER_LIMIT = 2**23
"""Loops that the vendor's compiler can count."""
SETTLE_TICKS = 4096
"""Least head start of the processor over its first event."""
TURNAROUND_TICKS = 128
"""Least pause between two blocks, in which the processor counts the shot and asks for the next events."""


def lower(program: Program, soccfg: Any, wiring: Wiring, shots: int) -> AveragerProgramV2:
    """Compile `program` with the vendor's assembler, repeated `shots` times.

    What the vendor's compiler would let through silently, or with a warning, is a SequenceError here.
    """
    _check_pauses(program)
    if not 0 < shots <= COUNTER_LIMIT:
        raise SequenceError(f"{shots} shots cannot be counted; take 1 to {COUNTER_LIMIT}")
    check_images(soccfg, wiring, _carriers(program))
    with _no_warnings():
        return _Lowered(soccfg, shots, {"program": program, "wiring": wiring})


def _check_pauses(program: Program) -> None:
    for block in program.blocks:
        pause = block.length_ticks - block.end_ticks
        if pause < TURNAROUND_TICKS:
            limit = f"[{TURNAROUND_TICKS}, ...)"
            raise TargetError("the processor", "rest after a block (ticks)", pause, limit, "lengthen the relaxation")


@contextmanager
def _no_warnings() -> Iterator[None]:
    """SequenceError for the first thing that the vendor's compiler merely warns about."""
    logger, heard = logging.getLogger("qick"), _Heard()
    logger.addHandler(heard)
    try:
        yield
    finally:
        logger.removeHandler(heard)
    if heard.messages:
        raise SequenceError(f"the vendor's compiler warns: {' '.join(heard.messages[0].split())}")


class _Heard(logging.Handler):
    """Keeps warnings."""

    def __init__(self) -> None:
        super().__init__(logging.WARNING)
        self.messages: list[str] = []

    def emit(self, record: logging.LogRecord) -> None:
        self.messages.append(record.getMessage())


def _tones(block: Block) -> dict[int, list[ToneEvent]]:
    """Tones by the tick at which they start; the compiler saw that those of one tick are of one length."""
    found: dict[int, list[ToneEvent]] = {}
    for event in block.events:
        if isinstance(event, ToneEvent):
            found.setdefault(event.start_ticks, []).append(event)
    return found


def _carriers(program: Program) -> dict[str, set[float]]:
    """Frequencies that each channel plays (Hz)."""
    found = {name: {acquisition.frequency} for name, acquisition in program.acquisitions.items()}
    for block in program.blocks:
        for event in block.events:
            if isinstance(event, PlayEvent) and event.frequency:
                found.setdefault(event.channel, set()).add(event.frequency)
    return found


class _Lowered(AveragerProgramV2):  # type: ignore[misc]
    """One shot is all blocks once. The vendor's automatic times are never used."""

    def __init__(self, soccfg: Any, shots: int, cfg: dict[str, Any]) -> None:
        self.program: Program = cfg["program"]
        self.wiring: Wiring = cfg["wiring"]
        super().__init__(soccfg, reps=shots, initial_delay=None, final_delay=None, final_wait=None, cfg=cfg)

    def _initialize(self, cfg: dict[str, Any]) -> None:
        self._declare_tones()
        for channel, output in self.wiring.outputs.items():
            if any(waveform.channel == channel for waveform in self.program.waveforms.values()):
                has_mixer = self.soccfg["gens"][output.generator]["has_mixer"]
                mixer = {"mixer_freq": output.mixer / MHz} if has_mixer else {}
                self.declare_gen(ch=output.generator, nqz=output.zone, **mixer)
        for name, waveform in self.program.waveforms.items():
            gen = self.program.target.port(waveform.channel).generator
            scale = self.soccfg["gens"][gen]["maxv"] * self.soccfg["gens"][gen]["maxv_scale"]
            self.add_envelope(
                ch=gen, name=name, idata=waveform.samples.real * scale, qdata=waveform.samples.imag * scale
            )
        # Blocks start where the edges of all clocks coincide: else a flux waveform starts a cycle late.
        common = self.program.target.block_ticks
        self.delay(self._us(-(-SETTLE_TICKS // common) * common))

    def _compile_prog(self) -> Any:
        # The assembler cannot spell the address of a wave beyond its memory: waves are counted before.
        self._check_memory("wmem", len(self.waves))
        words = super()._compile_prog()
        self._check_memory("pmem", len(words))
        return words

    def _check_memory(self, memory: str, used: int) -> None:
        limit = self.tproccfg[f"{memory}_size"]
        if used > limit:
            raise TargetError("the processor", f"{memory} (words)", used, f"[0, {limit}]", "take fewer sweep points")

    def get_timestamp(self, gen_ch: int | None = None, ro_ch: int | None = None) -> float:
        """Nothing is before: overlaps were looked for in ticks, the vendor compares microseconds that are rounded."""
        return 0.0

    def config_readouts(self, soc: Any) -> None:
        """Tune the readouts; SequenceError if tones disturb each other in the filter bank."""
        with _no_warnings():
            super().config_readouts(soc)

    def _declare_tones(self) -> None:
        acquisitions = self.program.acquisitions
        if not acquisitions:
            return
        echoes = {name: self.wiring.echoes[name] for name in acquisitions}
        generator = next(iter(echoes.values())).generator
        count = 1 + max(echo.tone for echo in echoes.values())
        first = next(iter(acquisitions.values()))
        frequencies, gains = [first.frequency / MHz] * count, [0.0] * count
        for name, echo in echoes.items():
            frequencies[echo.tone] = acquisitions[name].frequency / MHz
            gains[echo.tone] = acquisitions[name].amplitude
        matched = next(iter(echoes.values())).readout
        self.declare_gen(
            ch=generator,
            nqz=self.wiring.mux_zone,
            mixer_freq=self.wiring.mux_mixer / MHz,
            mux_freqs=frequencies,
            mux_gains=gains,
            ro_ch=matched,
        )
        for name, echo in echoes.items():
            length = acquisitions[name].window_ticks / self.soccfg["readouts"][echo.readout]["f_output"]
            self.declare_readout(ch=echo.readout, length=length, freq=frequencies[echo.tone], gen_ch=generator)

    def _body(self, cfg: dict[str, Any]) -> None:
        for block in self.program.blocks:
            together = _tones(block)
            for event in block.events:
                if isinstance(event, PlayEvent):
                    self._play(block, event)
                elif isinstance(event, TriggerEvent):
                    self.trigger(ros=[self.wiring.echoes[event.channel].readout], t=self._us(event.start_ticks))
                elif event is together[event.start_ticks][0]:
                    self._tone(together[event.start_ticks])
            # The shot counter must not pass events that have not been played, nor the queues run full.
            self.wait(self._us(block.end_ticks))
            self.delay(self._us(block.length_ticks))

    def _tone(self, events: list[ToneEvent]) -> None:
        """One pulse of the multiplexed generator for tones that begin and end together."""
        echoes = [self.wiring.echoes[event.channel] for event in events]
        generator, length = echoes[0].generator, events[0].tone_ticks
        mask = sorted(echo.tone for echo in echoes)
        name = f"tones {mask} {length}"
        if name not in self.pulses:
            duration = length / self.soccfg["gens"][generator]["f_fabric"]
            self.add_pulse(ch=generator, name=name, style="const", length=duration, mask=mask)
        self.pulse(ch=generator, name=name, t=self._us(events[0].start_ticks))

    def _play(self, block: Block, event: PlayEvent) -> None:
        generator = self.program.target.port(event.channel).generator
        degrees = np.degrees(event.phase) + 360 * self._turns(event, generator, block.reference_ticks)
        name = f"{event.waveform} {event.gain!r} {event.frequency!r} {degrees % 360:.6f}"
        if name not in self.pulses:
            self.add_pulse(
                ch=generator,
                name=name,
                style="arb",
                envelope=event.waveform,
                freq=event.frequency / MHz,
                phase=degrees % 360,
                gain=event.gain / self.program.target.port(event.channel).full_scale,
                phrst=1,
                outsel="product" if event.frequency else "input",
            )
        self.pulse(ch=generator, name=name, t=self._us(event.start_ticks))

    def _turns(self, event: PlayEvent, generator: int, reference_ticks: int) -> float:
        """Turns of the carrier from the block's reference to the event, which starts with a phase reset.

        The converter's mixer runs on by itself; only what the generator adds to it must be made up for.
        """
        if not event.frequency:
            return 0.0
        mixer = self.gen_chs[generator].get("mixer_freq")
        offset = event.frequency / MHz - (mixer["rounded"] if mixer else 0.0)
        register = self.soccfg.freq2reg(offset, gen_ch=generator)
        bits = self.soccfg["gens"][generator]["b_dds"]
        signed = register - 2**bits if register >= 2 ** (bits - 1) else register
        step = signed * self.soccfg["gens"][generator]["f_dds"] / 2**bits
        return float(step * self._us(event.start_ticks - reference_ticks) % 1.0)

    def _us(self, ticks: int) -> float:
        return float(ticks / self.soccfg["tprocs"][0]["f_time"])
