"""Channels: who listens to a processor's ports, and what its words are to him."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any, Final

from .....sequences.errors import BoardError
from ..converters.clock import signed
from ..converters.generators import DDS, INPUT, PERIODIC, PRODUCT, RESET, ZERO, Generator, MultiplexedGenerator
from ..converters.readouts import Readout
from ..converters.wiring import Wiring
from ..processor.event import COUNT, DATA, FIELDS, TRIG, WAVE

_KINDS: Final = {WAVE: "wave", TRIG: "trigger", DATA: "data", COUNT: "host counter"}


@dataclass(frozen=True)
class Channels:
    """wiring: The board as it was set; None if nobody knows it: then its ports have numbers, and waves are words."""

    wiring: Wiring | None

    def unit(self, event: Any) -> Generator | Readout | None:
        """Who hears a wave; None if nobody does, or it is not known."""
        if self.wiring is None or event["kind"] != WAVE:
            return None
        try:
            return self.wiring.wave(int(event["port"]), int(event["conf"]))
        except BoardError:
            return None

    def opened(self, event: Any) -> Iterator[Readout]:
        """Readouts that a trigger's event starts, as far as it is known how long they listen."""
        if self.wiring is not None:
            rising = int(event["value"]) & ~int(event["before"])
            yield from self.wiring.triggered(int(event["kind"]), int(event["port"]), rising)

    def name(self, event: Any) -> str:
        """Of the channel that an event is for."""
        kind, port, unit = int(event["kind"]), int(event["port"]), self.unit(event)
        if unit is not None:
            return f"generator {unit.index}" if isinstance(unit, Generator) else f"readout {unit.index} settings"
        if kind == COUNT:
            return _KINDS[kind]
        where = ", ".join(self._wired(port)) if kind == TRIG else ""
        return f"{_KINDS[kind]} {port}" + (f" ({where})" if where else "")

    def tells(self, event: Any) -> str:
        """What an event does, in MHz, degrees, parts of the full gain, and ns or us."""
        if event["kind"] == DATA:
            opened = [f"readout {unit.index}" for unit in self.opened(event)]
            return f"{event['value']}" + (f", starts {' and '.join(opened)}" if opened else "")
        if event["kind"] != WAVE:
            return str(event["value"])
        unit, wave = self.unit(event), {name: int(event[name]) for name in FIELDS}
        if isinstance(unit, MultiplexedGenerator):
            return _tones(unit, wave)
        if isinstance(unit, Generator):
            return _wave(unit, unit.taken(wave))
        if isinstance(unit, Readout):
            return _tuning(unit, wave)
        words = ", ".join(f"{name} {wave[name]}" for name in ("freq", "phase", "env", "length"))
        return f"gain {signed(wave['gain'], 32)}, {words}, conf 0x{wave['conf']:04x}"

    def _wired(self, port: int) -> Iterator[str]:
        """What a trigger port is joined to."""
        if self.wiring is None:
            return
        for unit in self.wiring.readouts:
            if unit is not None and (unit.config["trigger_type"], unit.config["trigger_port"]) == ("tport", port):
                yield f"readout {unit.index}"
        for kind, number, _, name in self.wiring.tproc.get("output_pins", ()):
            if (kind, number) == ("trig", port):
                yield str(name)


def _wave(unit: Generator, wave: dict[str, int]) -> str:
    conf, source = wave["conf"], wave["conf"] & 3
    parts = []
    if source in (PRODUCT, DDS):
        parts += [_frequency(unit, wave["freq"]), f"{float(unit.turns(wave['phase'])) * 360:.2f}°"]
    if source != ZERO:
        parts.append(f"gain {signed(wave['gain'], 16) / float(unit.config['maxv']):.4f}")
    parts.append(_duration(unit, wave["length"]))
    if source in (PRODUCT, INPUT):
        parts.append(f"envelope from sample {wave['env'] * int(unit.config['samps_per_clk'])}")
    flags = {"phase reset": conf & RESET, "periodic": conf & PERIODIC, "last value held": unit.holds(wave)}
    return ", ".join([*["silence"] * (source == ZERO), *parts, *(name for name, set_ in flags.items() if set_)])


def _frequency(unit: Generator, word: int) -> str:
    if not unit.tuned:
        return f"{signed(unit.widen(word), 32) * float(unit.step) * unit.f_time:+.4f} MHz from its mixer"
    try:
        return f"{abs(float(unit.leaving(word))) * unit.f_time:.4f} MHz"
    except BoardError:
        return f"a frequency (word {word}) that it cannot play in Nyquist zone {unit.zone}"


def _tones(unit: MultiplexedGenerator, wave: dict[str, int]) -> str:
    mask = wave["conf"] & ((1 << int(unit.config["n_tones"])) - 1)
    named = []
    for number in range(mask.bit_length()):
        if mask >> number & 1:
            known = number < len(unit.settings)
            named.append(_frequency(unit, int(unit.settings[number]["freq_int"])) if known else f"tone {number}")
    return f"{' and '.join(named) or 'no tone'}, {_duration(unit, wave['length'])}"


def _tuning(unit: Readout, wave: dict[str, int]) -> str:
    try:
        local = unit.drive(wave, [])
    except BoardError:
        return f"hears no input (conf 0x{wave['conf']:04x})"
    sampling = float(unit.sampling) * unit.f_time
    text = f"listens at {float(local.frequency) * unit.f_time:.4f} MHz modulo {sampling:g}, "
    return text + f"{float(local.phase) * 360:.2f}°" + ", phase reset" * local.reset


def _duration(unit: Generator, cycles: int) -> str:
    microseconds = float(cycles / unit.fabric) / unit.f_time
    return f"{microseconds * 1e3:.2f} ns" if microseconds < 1 else f"{microseconds:.4f} µs"
