"""Generators: what each wave makes a digital-to-analogue converter play.

Amplitudes follow the upstream axis_signal_gen_v6: "product" halves the envelope, "dds" and "input" do not; 1 is
`maxv`, the converter's full scale. Versions 4 and 5 have the same registers and are played alike. The vendor's
encrypted parts are not known off-board: rounding and dither of the DDS, the interpolation filters (the envelope is held
instead), constant delays, and the phases of the converters' mixers. All frequencies of the chosen Nyquist zone are
equally loud; what a tone leaves in the others is the plant's to hear (converter.py).
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from fractions import Fraction
from functools import cached_property
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

from .....sequences.errors import BoardError
from .clock import per_tick, signed

PRODUCT: Final = 0
DDS: Final = 1
INPUT: Final = 2
ZERO: Final = 3
PERIODIC: Final = 4
RESET: Final = 16
FULL_RANGE: Final = 1 / 0.7
"""What a converter's mixer gives in its full range, relative to its normal scaling."""
QUEUE: Final = 16
"""Waves that a generator can hold beside the one it plays."""


@dataclass(frozen=True, kw_only=True)
class Tone:
    """One waveform at a converter, its frequencies and phases exact.

    generator: Index in soccfg["gens"]. cycle, cycles: First fabric cycle and length. envelope: See `Played`.
    held: Fabric cycles that one value of `envelope` lasts. oscillator, frequency: Turns per tick.
    word: Of the DDS (2^-32 turns per sample). sample: Of the DDS at the start. phase: Beside its advance (turns).
    reset: The wave restarts the DDS at its own first sample. periodic: It begins again until another wave comes.
    kept: It is held since an earlier repetition, so that `sample` is counted from tick 0.
    """

    generator: int
    cycle: int
    cycles: int
    envelope: NDArray[np.complex128]
    held: Fraction
    oscillator: Fraction
    frequency: Fraction
    word: int
    sample: int
    phase: Fraction
    reset: bool
    periodic: bool = False
    kept: bool = False

    def until(self, cycle: int) -> "Tone":
        """The tone as it sounds if it goes on to fabric cycle `cycle`, or to the end of its period after it."""
        turns = max(1, -(-(cycle - self.cycle) // self.cycles))
        cycles = turns * self.cycles
        if self.envelope.size == 1:
            return replace(self, cycles=cycles, held=Fraction(cycles))
        return replace(self, cycles=cycles, envelope=np.tile(self.envelope, turns))


class Generator:
    """One generator with the settings and the envelope memory in force.

    config: soccfg["gens"][index]. f_time: The processor's time clock (MHz). range: Of the converter's mixer, 1 for its
    normal scaling. tuned: Its mixer has been set, or it has none.
    """

    resets = True
    """A wave can restart the DDS."""
    repeats = True
    """A wave can be periodic."""
    gains = True
    """A wave has a gain of its own."""

    def __init__(self, index: int, config: Mapping[str, Any], f_time: float) -> None:
        self.index = index
        self.config = config
        self.f_time = f_time
        self.zone = 1
        self.mixer = 0.0
        self.tuned = not config["has_mixer"]
        self.range = 1.0
        self._known: dict[tuple[int, int, float], tuple[Fraction, Fraction]] = {}
        self.memory: NDArray[np.int16] = np.zeros((int(config.get("maxlen", 0)), 2), np.int16)
        self.loaded: NDArray[np.bool_] = np.zeros(len(self.memory), np.bool_)

    @property
    def name(self) -> str:
        """For messages."""
        return f"generator {self.index} ({self.config['type']})"

    @cached_property
    def fabric(self) -> Fraction:
        """Fabric cycles per tick."""
        return per_tick(self.config["f_fabric"], self.f_time)

    @cached_property
    def samples(self) -> int:
        """DDS samples in a fabric cycle."""
        return int(per_tick(self.config["f_dds"], self.f_time) / self.fabric)

    @cached_property
    def converter(self) -> Fraction:
        """Samples of the converter per tick."""
        return per_tick(self.config["fs"], self.f_time)

    @cached_property
    def step(self) -> Fraction:
        """Of the DDS, for the lowest of 32 bits (turns per tick)."""
        return per_tick(self.config["f_dds"], self.f_time) * Fraction(1, 2**32)

    def widen(self, word: int) -> int:
        """A frequency register as turns of 2^-32 a sample, whatever its width."""
        bits = int(self.config.get("b_dds", 32))
        return (word & ((1 << bits) - 1)) << (32 - bits)

    def turns(self, word: int) -> Fraction:
        """A phase register in turns."""
        bits = int(self.config.get("b_phase", 32))
        return Fraction(word & ((1 << bits) - 1), 2**bits)

    def set_zone(self, zone: int) -> None:
        """Choose the Nyquist zone whose power leaves the board."""
        if zone not in (1, 2):
            raise BoardError(f"Nyquist zone {zone} of {self.name}: only 1 and 2 exist")
        self.zone = zone

    def set_mixer(self, frequency: float, *, full_range: bool = False) -> None:
        """Set the converter's mixer (MHz)."""
        if not self.config["has_mixer"]:
            if frequency:
                raise BoardError(f"{self.name} has no mixer to set to {frequency:g} MHz; leave out mixer_freq")
            return
        self.mixer, self.range, self.tuned = frequency, FULL_RANGE if full_range else 1.0, True

    def leaving(self, word: int) -> Fraction:
        """The signed frequency that leaves the board for a frequency register (turns per tick)."""
        return sum(self._frequencies(self.widen(word)), Fraction(0))

    def load(self, data: NDArray[np.int16], address: int) -> None:
        """Write envelope samples, shape (n, 2), from sample `address` on, unless they are there already."""
        if address < 0 or address + len(data) > len(self.memory):
            raise BoardError(
                f"{len(data)} envelope samples at {address} do not fit into the {len(self.memory)} of {self.name}; "
                "shorten or share envelopes"
            )
        if not self.config.get("complex_env", True) and data[:, 1].any():
            raise BoardError(f"{self.name} holds real envelopes only; leave out qdata")
        place = slice(address, address + len(data))
        if self.loaded[place].all() and np.array_equal(self.memory[place], data):
            return
        self.memory[place] = data
        self.loaded[place] = True

    def oscillator(self) -> Fraction:
        """Digital frequency of the mixer, signed (turns per tick), as the RFDC driver makes it of its setting.

        The driver folds the setting into the first zone and inverts it there if the second zone is in use. At which
        phase the converter (RFDC) begins after it was set, against its DDS or the mixers of other tiles, cannot be
        known off-board, and changes with every setting of a real one; here it is zero at the processor's tick 0.
        """
        sampling = float(self.config["fs"])
        folded = self.mixer - sampling * round(self.mixer / sampling)
        if abs(self.mixer) > sampling / 2 and self.zone == 2:
            folded = -folded
        return Fraction(round(folded / sampling * 2**48), 2**48) * self.converter

    def radio(self, digital: Fraction) -> Fraction:
        """What to add to a digital frequency to get the signed one that leaves in this zone (turns per tick)."""
        low = (self.zone - 1) * self.converter / 2
        for shift in (0, 1, -1, 2, -2):
            if low <= abs(digital + shift * self.converter) <= low + self.converter / 2:
                return shift * self.converter
        raise BoardError(f"{self.name} cannot play {float(digital) * self.f_time:.6g} MHz in Nyquist zone {self.zone}")

    def tones(self, wave: Mapping[str, int], cycle: int) -> list[Tone]:
        """What the wave plays from fabric cycle `cycle` on; wave: Fields as they are `taken`."""
        conf = wave["conf"]
        self._check(wave["length"])
        source = conf & 3
        turning = source in (PRODUCT, DDS) and self.config.get("has_dds", True)
        word = self.widen(wave["freq"]) if turning else 0
        envelope, held = self._envelope(wave, source)
        oscillator, frequency = self._frequencies(word)
        return [
            Tone(
                generator=self.index,
                cycle=cycle,
                cycles=wave["length"],
                envelope=envelope,
                held=held,
                oscillator=oscillator,
                frequency=frequency,
                word=word,
                sample=cycle * self.samples,
                phase=self.turns(wave["phase"]) if turning else Fraction(0),
                reset=bool(conf & RESET),
                periodic=bool(conf & PERIODIC),
            )
        ]

    def holds(self, wave: Mapping[str, int]) -> bool:
        """The last value stays at the converter when the wave is over."""
        return not wave["conf"] & (8 | PERIODIC) and wave["conf"] & 3 != ZERO

    def held(self, wave: Mapping[str, int], cycle: int) -> Tone:
        """What stays of a wave that has begun at fabric cycle `cycle`, its DDS standing still.

        It is the last sample of the wave's last cycle but one, as recorded of axis_signal_gen_v6; that the others hold
        the same one is an assumption.
        """
        end = wave["length"] - 1
        (last,) = self.tones(wave, cycle)
        envelope = last.envelope
        if envelope.size > 1:
            envelope = envelope[end * int(self.config["samps_per_clk"]) - 1 :][:1]
        oscillator, frequency = self._frequencies(0)
        word, sample, phase = last.word, (cycle + end) * self.samples - 1, last.phase
        if last.reset:
            word, phase = 0, (phase + Fraction(word * (end * self.samples - 1), 2**32)) % 1
        return replace(
            last,
            cycle=cycle + wave["length"],
            cycles=1,
            envelope=envelope,
            held=Fraction(1),
            oscillator=oscillator,
            frequency=frequency,
            word=word,
            sample=sample,
            phase=phase,
            reset=False,
        )

    def _frequencies(self, word: int) -> tuple[Fraction, Fraction]:
        """Of the mixer and of the DDS relative to it, so that their sum is what leaves (turns per tick)."""
        setting = word, self.zone, self.mixer
        if setting not in self._known:
            self._known[setting] = self._leaving(word)
        return self._known[setting]

    def _leaving(self, word: int) -> tuple[Fraction, Fraction]:
        frequency = signed(word, 32) * self.step
        if not self.config["has_mixer"]:
            return Fraction(0), frequency + self.radio(frequency)
        oscillator = self.oscillator()
        return oscillator + self.radio(oscillator + frequency), frequency

    def taken(self, wave: Mapping[str, int]) -> dict[str, int]:
        """The fields of an event as the generator's registers take them."""
        return {**wave, "gain": wave["gain"] & 0xFFFF, "length": wave["length"] & 0xFFFF}

    def _check(self, length: int) -> None:
        if length < 3:
            raise BoardError(f"a wave of {length} fabric cycles on {self.name} is shorter than 3; lengthen it")

    def _envelope(self, wave: Mapping[str, int], source: int) -> tuple[NDArray[np.complex128], Fraction]:
        """Values and the fabric cycles each one lasts."""
        full = float(self.config["maxv"])
        gain = self.range * signed(wave["gain"], 16) / full
        if source in (DDS, ZERO) or gain == 0:
            return np.array([gain if source == DDS else 0.0], np.complex128), Fraction(wave["length"])
        width = int(self.config["samps_per_clk"])
        data = self._read(wave["env"] * width, wave["length"] * width)
        if source == PRODUCT:
            return 0.5 * gain / full * data.view(np.complex128)[:, 0], Fraction(1, width)
        return (gain / full * data[:, 0]).astype(np.complex128), Fraction(1, width)

    def _read(self, address: int, count: int) -> NDArray[np.float64]:
        if address + count > len(self.memory) or not self.loaded[address : address + count].all():
            raise BoardError(
                f"{self.name} would play envelope samples {address} .. {address + count - 1}, of which not all were "
                f"loaded (memory {len(self.memory)}); load the envelope before the program runs"
            )
        return self.memory[address : address + count].astype(np.float64)


class MultiplexedGenerator(Generator):
    """Tones of fixed frequency, gain and phase that free-run; a wave opens some of them for a while.

    Each tone has its own full scale; the sum is not limited here. How axis_sg_mux4_v1, which has no gains, scales its
    sum is not known off-board: each of its tones plays at full scale.
    """

    resets = False
    repeats = False
    gains = False

    def __init__(self, index: int, config: Mapping[str, Any], f_time: float) -> None:
        super().__init__(index, config, f_time)
        self.settings: Sequence[Mapping[str, Any]] = ()

    def taken(self, wave: Mapping[str, int]) -> dict[str, int]:
        """The fields of an event, its length with all bits."""
        return dict(wave)

    def holds(self, wave: Mapping[str, int]) -> bool:
        """Never: a wave opens its tones, and they close with it."""
        return False

    def tones(self, wave: Mapping[str, int], cycle: int) -> list[Tone]:
        """One tone for each bit of the wave's mask."""
        mask = wave["conf"] & ((1 << int(self.config["n_tones"])) - 1)
        if mask >> len(self.settings):
            raise BoardError(f"{self.name} plays mask 0b{mask:b} with {len(self.settings)} tones configured")
        self._check(wave["length"])
        return [self._tone(setting, wave["length"], cycle) for n, setting in enumerate(self.settings) if mask >> n & 1]

    def _tone(self, setting: Mapping[str, Any], length: int, cycle: int) -> Tone:
        word = self.widen(int(setting["freq_int"]))
        oscillator, frequency = self._frequencies(word)
        gain = self.range * int(setting.get("gain_int", self.config["maxv"])) / float(self.config["maxv"])
        return Tone(
            generator=self.index,
            cycle=cycle,
            cycles=length,
            envelope=np.array([gain], np.complex128),
            held=Fraction(length),
            oscillator=oscillator,
            frequency=frequency,
            word=word,
            sample=cycle * self.samples,
            phase=self.turns(int(setting.get("phase_int", 0))),
            reset=False,
        )


TYPES: Final = {
    "axis_signal_gen_v4": Generator,
    "axis_signal_gen_v5": Generator,
    "axis_signal_gen_v6": Generator,
    "axis_sg_int4_v1": Generator,
    "axis_sg_int4_v2": Generator,
    "axis_sg_mux4_v1": MultiplexedGenerator,
    "axis_sg_mux4_v2": MultiplexedGenerator,
    "axis_sg_mux4_v3": MultiplexedGenerator,
    "axis_sg_mux8_v1": MultiplexedGenerator,
    "axis_sg_mixmux8_v1": MultiplexedGenerator,
}


def generator(index: int, config: Mapping[str, Any], f_time: float) -> Generator | None:
    """The model of a generator; None for a type that has none."""
    model = TYPES.get(config["type"])
    return None if model is None else model(index, config, f_time)
