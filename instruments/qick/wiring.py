"""Wiring: which logical channel leaves through which generator, and the target that follows from it."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from ...sequences.errors import SequenceError, TargetError
from ...sequences.target import Clock, Port, ReadoutPort, Target
from ...sequences.units import MHz

EDGE_MARGIN = 0.02
"""Fraction of a converter's sampling rate that a carrier keeps away from the edges of its Nyquist zone."""
FILTER_PASS = 0.8
"""Fraction of the interpolated band that the interpolation filter passes."""
IMAGE_DISTANCE = 20 * MHz
"""How close an image of one carrier may come to another carrier."""


@dataclass(frozen=True, kw_only=True)
class Output:
    """A channel on a generator. zone: Nyquist zone, 1 or 2. mixer: Frequency of the converter's mixer (Hz)."""

    generator: int
    zone: int = 1
    mixer: float = 0.0


@dataclass(frozen=True, kw_only=True)
class Echo:
    """A readout channel: its tone on a multiplexed generator, its window on a readout."""

    generator: int
    tone: int
    readout: int


@dataclass(frozen=True, kw_only=True)
class Wiring:
    """Every channel of a setup. outputs, echoes: Channel name -> where it is plugged in.

    mux_zone, mux_mixer: Of the generator that plays the readout tones (Hz).
    """

    outputs: Mapping[str, Output]
    echoes: Mapping[str, Echo]
    mux_zone: int = 2
    mux_mixer: float = 0.0


def target(soccfg: Any, wiring: Wiring, *, name: str) -> Target:
    """Datasheet of the board `soccfg` as wired; TargetError or SequenceError where the plan cannot work."""
    _check_exclusive(soccfg, wiring)
    processor = soccfg["tprocs"][0]["f_time"] * MHz
    return Target(
        name=name,
        clock=Clock(processor),
        common_ticks=_common_ticks(soccfg),
        ports={channel: _port(soccfg, channel, output) for channel, output in wiring.outputs.items()},
        readouts={channel: _readout(soccfg, wiring, channel, echo) for channel, echo in wiring.echoes.items()},
    )


def check_images(soccfg: Any, wiring: Wiring, carriers: Mapping[str, float]) -> None:
    """TargetError if an image of one carrier falls on another one. carriers: Channel -> frequency (Hz)."""
    for channel, frequency in carriers.items():
        sampling = soccfg["gens"][_generator(wiring, channel)]["fs"] * MHz
        images = [abs(k * sampling + sign * frequency) for k in (-1, 0, 1, 2) for sign in (-1, 1)]
        for victim, other in carriers.items():
            close = [image for image in images if abs(image - other) < IMAGE_DISTANCE and abs(image - frequency) > 1.0]
            if victim != channel and close:
                limit = f"{IMAGE_DISTANCE / MHz:.0f} MHz around {victim} at {other / 1e9:.4f} GHz"
                raise TargetError(channel, "image (Hz)", close[0], f"what stays outside of {limit}", "move a carrier")


def _generator(wiring: Wiring, channel: str) -> int:
    return wiring.outputs[channel].generator if channel in wiring.outputs else wiring.echoes[channel].generator


def _check_exclusive(soccfg: Any, wiring: Wiring) -> None:
    owners: dict[int, str] = {}
    for channel, output in wiring.outputs.items():
        if not 0 <= output.generator < len(soccfg["gens"]):
            raise TargetError(channel, "generator", output.generator, f"[0, {len(soccfg['gens']) - 1}]", "rewire it")
        if output.generator in owners:
            raise SequenceError(f"{channel} and {owners[output.generator]} share generator {output.generator}; rewire one")
        owners[output.generator] = channel
    mixers = {output.mixer for output in wiring.outputs.values() if output.mixer}
    if len(mixers) > 1:
        listed = ", ".join(f"{mixer / 1e9:.6f} GHz" for mixer in sorted(mixers))
        raise SequenceError(
            f"the drives use the mixer frequencies {listed}; with more than one, the phase between the nodes is "
            "another one in every shot: give them the same"
        )


def _common_ticks(soccfg: Any) -> int:
    """Processor ticks after which the fabric clocks of all generators have an edge together."""
    processor = soccfg["tprocs"][0]["f_time"]
    for ticks in range(1, 1000):
        cycles = [ticks * gen["f_fabric"] / processor for gen in soccfg["gens"]]
        if all(abs(cycle - round(cycle)) < 1e-9 for cycle in cycles):
            return ticks
    raise SequenceError("the clocks of the generators never meet within 1000 ticks; a common hot window is impossible")


def _port(soccfg: Any, channel: str, output: Output) -> Port:
    gen = soccfg["gens"][output.generator]
    if "samps_per_clk" not in gen:
        raise SequenceError(f"{channel}: generator {output.generator} ({gen['type']}) plays no envelopes; rewire it")
    if not output.mixer and gen.get("coupling", "DC") != "DC":
        raise SequenceError(f"{channel}: generator {output.generator} is AC coupled; flux needs a DC-coupled one")
    return Port(
        generator=output.generator,
        sample_rate=gen["f_fabric"] * gen["samps_per_clk"] * MHz,
        granularity=gen["samps_per_clk"],
        memory=gen["maxlen"],
        band=_band(gen, output.zone, output.mixer),
        # The product of envelope and oscillator loses one bit; an envelope that leaves by itself does not.
        full_scale=gen["maxv_scale"] * (0.5 if output.mixer else 1.0),
    )


def _band(gen: Any, zone: int, mixer: float) -> tuple[float, float]:
    """Clean carriers (Hz): inside the Nyquist zone and the interpolation filter; flux lines have none but zero."""
    if not mixer:
        return (0.0, 0.0)
    sampling = gen["fs"] * MHz
    reach = FILTER_PASS * gen["f_dds"] * MHz / 2
    low = max((zone - 1) * sampling / 2 + EDGE_MARGIN * sampling, mixer - reach)
    high = min(zone * sampling / 2 - EDGE_MARGIN * sampling, mixer + reach)
    return (low, high)


def _readout(soccfg: Any, wiring: Wiring, channel: str, echo: Echo) -> ReadoutPort:
    gen, readout = soccfg["gens"][echo.generator], soccfg["readouts"][echo.readout]
    if echo.tone >= gen.get("n_tones", 0):
        raise TargetError(channel, "tone", echo.tone, f"[0, {gen.get('n_tones', 0)})", "use a multiplexed generator")
    low, high = _band(gen, wiring.mux_zone, wiring.mux_mixer)
    sampling = readout["fs"] * MHz
    zone = int(wiring.mux_mixer // (sampling / 2))
    return ReadoutPort(
        generator=echo.generator,
        tone=echo.tone,
        readout=echo.readout,
        clock=Clock(readout["f_output"] * MHz),
        longest=readout["avg_maxlen"],
        tone_clock=Clock(gen["f_fabric"] * MHz),
        band=(
            max(low, (zone + EDGE_MARGIN) * sampling / 2),
            min(high, (zone + 1 - EDGE_MARGIN) * sampling / 2),
        ),
    )
