"""Readouts: when their accumulated buffers listen, and against which local oscillator.

The decimated samples stand on a grid that runs from the processor's tick 0; a trigger takes the first one at or after
it. Filter coefficients and delays of the vendor's converters and of the filter bank are not known off-board.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from fractions import Fraction
from functools import cached_property
from typing import Any, Final

from ....sequences.errors import BoardError
from .clock import per_tick, signed


@dataclass(frozen=True, kw_only=True)
class LocalOscillator:
    """Of a readout. frequency: At the converter (turns per tick). phase: (turns)."""

    frequency: Fraction
    phase: Fraction


class Readout:
    """One readout with the settings in force; the local oscillator is static unless the processor drives it.

    config: soccfg["readouts"][index]. f_time: The processor's time clock (MHz). length: Decimated samples.
    offset: That the truncation of the decimated samples adds to I and to Q of each of them.
    """

    def __init__(self, index: int, config: Mapping[str, Any], f_time: float) -> None:
        self.index = index
        self.config = config
        self.f_time = f_time
        self.length = 0
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
        """Take the registers of config_mux_readout: a filter-bank channel and a DDS inside it."""
        spacing = Fraction(per_tick(self.config["f_dds"], self.f_time), 2)
        channels = int(self.config["pfb_nch"])
        channel = (int(settings["pfb_ch"]) - int(self.config["pfb_ch_offset"])) % channels
        folded = channel * spacing + int(settings["f_int"]) * self.step
        wanted = float(settings["f_rounded"]) / self.f_time
        phase = Fraction(int(settings.get("phase_int", 0)), 2 ** int(self.config.get("b_phase", 32)))
        # The channelizer's offset is at DC in even channels and at half the DDS range in odd ones.
        half = 2 ** (int(self.config["b_dds"]) - 1)
        self.offset = float(self.config["iq_offset"]) * (1 + (int(settings["f_int"]) == settings["pfb_ch"] % 2 * half))
        self.local = LocalOscillator(frequency=radio(folded, channels * spacing, wanted), phase=phase)

    def drive(self, wave: Mapping[str, int], tones: Iterable[Fraction]) -> LocalOscillator:
        """The local oscillator that a wave of the processor sets; its Nyquist zone is that of the nearest tone."""
        if wave["conf"] >> 4 & 1 or wave["conf"] & 3:
            raise BoardError(
                f"{self.name}: phase reset and outputs other than 'product' are not simulated; leave them out"
            )
        folded = signed(wave["freq"], int(self.config["b_dds"])) * self.step
        candidates = [radio(folded, self.sampling, abs(float(tone))) for tone in tones] or [abs(folded)]
        misses = [min((abs(abs(tone) - c) for tone in tones), default=Fraction(0)) for c in candidates]
        best = candidates[misses.index(min(misses))]
        return LocalOscillator(frequency=best, phase=Fraction(wave["phase"], 2**32))

    def hears(self, tone: Fraction, local: LocalOscillator) -> bool:
        """The tone lies within the decimated bandwidth."""
        return abs(abs(tone) - local.frequency) <= self.output / 2


def radio(folded: Fraction, sampling: Fraction, near: float) -> Fraction:
    """The frequency nearest to `near` that sampling folds onto `folded` or its mirror image (turns per tick)."""
    images = [sign * folded + round((near - sign * float(folded)) / float(sampling)) * sampling for sign in (1, -1)]
    return min(images, key=lambda image: abs(float(image) - near))


TYPES: Final = {"axis_pfb_readout_v4", "axis_dyn_readout_v1"}


def readout(index: int, config: Mapping[str, Any], f_time: float) -> Readout | None:
    """The model of a readout; None for a type that has none."""
    return Readout(index, config, f_time) if config["ro_type"] in TYPES else None
