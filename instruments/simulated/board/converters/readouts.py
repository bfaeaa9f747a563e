"""Readouts: when their accumulated buffers listen, and against which local oscillator.

The decimated samples stand on a grid that runs from the processor's tick 0; a trigger takes the first one at or after
it. Filter coefficients and delays of the vendor's converters and of the filter bank are not known off-board. The output
'input' is heard as if the local oscillator stood still, at the centre of the filter bank's channel where there is one.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from fractions import Fraction
from functools import cached_property
from typing import Any, Final

from .....sequences.errors import BoardError
from .clock import edge, per_tick, signed

PRODUCT: Final = 0
INPUT: Final = 2


@dataclass(frozen=True, kw_only=True)
class LocalOscillator:
    """Of a readout. frequency: At the converter (turns per tick). phase: At tick 0, or at its reset (turns).

    reset: A wave of the processor has restarted it. since: Time of that reset (ticks) in the frame of the repetition,
    None once `phase` is that at tick 0. recurring: It is restarted in every repetition, so that its phase before that
    is not kept.
    """

    frequency: Fraction
    phase: Fraction
    reset: bool = False
    since: Fraction | None = None
    recurring: bool = False

    def after(self, frame: int, before: "LocalOscillator | None") -> "LocalOscillator":
        """As the next repetition finds it. frame: Tick of this one's frame. before: As this repetition found it."""
        if self.since is None:
            return self
        if before is not None and before.reset:
            return LocalOscillator(frequency=Fraction(0), phase=Fraction(0), reset=True, recurring=True)
        phase = (self.phase - self.frequency * (self.since + frame)) % 1
        return replace(self, phase=phase, since=None)


class Readout:
    """One readout with the settings in force; the local oscillator is static unless the processor drives it.

    config: soccfg["readouts"][index]. f_time: The processor's time clock (MHz). length: Decimated samples.
    traced: Its decimated samples are kept beside their sum.
    offset: That the truncation of the decimated samples adds to I and to Q of each of them.
    """

    def __init__(self, index: int, config: Mapping[str, Any], f_time: float) -> None:
        self.index = index
        self.config = config
        self.f_time = f_time
        self.length = 0
        self.traced = False
        self.offset = float(config["iq_offset"])
        self.local: LocalOscillator | None = None

    @property
    def name(self) -> str:
        """For messages."""
        return f"readout {self.index} ({self.config['ro_type']})"

    @property
    def driven(self) -> bool:
        """The processor sets the local oscillator."""
        return "tproc_ctrl" in self.config

    @cached_property
    def output(self) -> Fraction:
        """Decimated samples per tick."""
        return per_tick(self.config["f_output"], self.f_time)

    @cached_property
    def fabric(self) -> Fraction:
        """Fabric cycles per tick."""
        return per_tick(self.config["f_fabric"], self.f_time)

    @cached_property
    def sampling(self) -> Fraction:
        """Samples of the converter per tick."""
        return per_tick(self.config["fs"], self.f_time)

    @cached_property
    def step(self) -> Fraction:
        """Of the DDS (turns per tick)."""
        return per_tick(self.config["f_dds"], self.f_time) * Fraction(1, 2 ** int(self.config["b_dds"]))

    def set_length(self, samples: int) -> None:
        """Samples to accumulate after a trigger."""
        if samples < 1:
            raise BoardError(f"{samples} samples on {self.name}: a window has at least one; lengthen the readout")
        self.length = samples

    def tune(self, settings: Mapping[str, Any]) -> None:
        """Take the host's registers: a DDS, in a filter bank together with the channel it works in."""
        wanted = float(settings["f_rounded"]) / self.f_time
        phase = Fraction(int(settings.get("phase_int", 0)), 2 ** int(self.config.get("b_phase", 32)))
        word = 0 if self._selected(settings.get("sel", "product")) == INPUT else int(settings["f_int"])
        centre, sampling = Fraction(0), self.sampling
        if "pfb_nch" in self.config:
            centre, sampling = self._channel(settings)
        else:
            word = signed(word, int(self.config["b_dds"]))
        self.local = LocalOscillator(frequency=radio(centre + word * self.step, sampling, wanted), phase=phase)

    def _channel(self, settings: Mapping[str, Any]) -> tuple[Fraction, Fraction]:
        """Centre of the filter bank's channel in use and the bank's sampling (turns per tick)."""
        spacing = Fraction(per_tick(self.config["f_dds"], self.f_time), 2)
        channels = int(self.config["pfb_nch"])
        channel = (int(settings["pfb_ch"]) - int(self.config["pfb_ch_offset"])) % channels
        # The channelizer's offset is at DC in even channels and at half the DDS range in odd ones.
        half = 2 ** (int(self.config["b_dds"]) - 1)
        self.offset = float(self.config["iq_offset"]) * (1 + (int(settings["f_int"]) == settings["pfb_ch"] % 2 * half))
        return channel * spacing, channels * spacing

    def _selected(self, output: str) -> int:
        sources = {"product": PRODUCT, "input": INPUT}
        if output not in sources:
            raise BoardError(f"{self.name}: output {output!r} hears no input and is not simulated; use 'product'")
        return sources[output]

    def drive(self, wave: Mapping[str, int], tones: Sequence[Fraction], tick: int = 0) -> LocalOscillator:
        """The local oscillator that a wave sets at `tick`; its Nyquist zone is that of the nearest tone.

        Programs ask for the negative of the frequency that they want to hear: that one is mixed to zero.
        """
        if wave["conf"] & 3 not in (PRODUCT, INPUT):
            raise BoardError(f"{self.name}: outputs other than 'product' and 'input' hear no input; use 'product'")
        word = 0 if wave["conf"] & 3 == INPUT else wave["freq"]
        wanted = -signed(word, int(self.config["b_dds"])) * self.step % self.sampling
        aliases = [wanted + max(0, round((abs(tone) - wanted) / self.sampling)) * self.sampling for tone in tones]
        best = min(aliases, key=lambda alias: min(abs(abs(tone) - alias) for tone in tones), default=wanted)
        reset = bool(wave["conf"] >> 4 & 1)
        phase = Fraction(wave["phase"], 2**32)
        since = edge(tick, self.fabric) / self.fabric if reset else None
        return LocalOscillator(frequency=best, phase=phase, reset=reset, since=since)


def radio(folded: Fraction, sampling: Fraction, near: float) -> Fraction:
    """The frequency nearest to `near` that sampling folds onto `folded` or its mirror image (turns per tick)."""
    images = [sign * folded + round((near - sign * float(folded)) / float(sampling)) * sampling for sign in (1, -1)]
    return min(images, key=lambda image: abs(float(image) - near))


TYPES: Final = {
    "axis_readout_v2",
    "axis_readout_v3",
    "axis_dyn_readout_v1",
    "axis_pfb_readout_v2",
    "axis_pfb_readout_v3",
    "axis_pfb_readout_v4",
}


def readout(index: int, config: Mapping[str, Any], f_time: float) -> Readout | None:
    """The model of a readout; None for a type that has none."""
    return Readout(index, config, f_time) if config["ro_type"] in TYPES else None
