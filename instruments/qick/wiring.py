"""Wiring: which logical channel leaves through which generator, and the target that follows from it."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from ...sequences.errors import SequenceError, TargetError
from ...sequences.target import Clock, Port, ReadoutPort, Target
from ...sequences.units import MHz

EDGE_MARGIN = 0.02
"""Fraction of a converter's sampling rate that a carrier keeps away from the edges of its Nyquist zone."""
FILTER_PASS = 0.8
"""Fraction of the interpolated band that the interpolation filter passes."""
IMAGE_DISTANCE = 20 * MHz
"""How close an image of one carrier may come to another carrier (Hz)."""
MEETING_LIMIT = 1000
"""Ticks within which the clocks of the board must have an edge together."""
WAVE_CYCLES = (3, 2**16 - 1)
"""Shortest and longest waveform (fabric cycles)."""
LONGEST_WINDOW = 2**16
"""Decimated samples that a readout adds up without overflow: 15 bits each, in 31."""
TONE_CYCLES = (3, 2**31 - 1)
"""Shortest and longest tone of a multiplexed generator (fabric cycles)."""


@dataclass(frozen=True, kw_only=True)
class Output:
    """A channel on a generator. zone: Nyquist zone, 1 or 2. mixer: Frequency of the converter's mixer (Hz).

    carrier: It plays carriers without a mixer, by the generator's own oscillator.
    """

    generator: int
    zone: int = 1
    mixer: float = 0.0
    carrier: bool = False

    @property
    def modulated(self) -> bool:
        """Whether what it plays has a carrier."""
        return bool(self.mixer) or self.carrier


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
    generators = [gen["f_fabric"] for gen in soccfg["gens"]]
    readouts = [readout["f_output"] for readout in soccfg["readouts"]]
    return Target(
        name=name,
        clock=Clock(processor),
        common_ticks=_common_ticks(soccfg, generators),
        block_ticks=_common_ticks(soccfg, [*generators, *readouts]),
        longest_block=2**31 - 1,
        events=soccfg["tprocs"][0]["pmem_size"],
        ports={channel: _port(soccfg, channel, output) for channel, output in wiring.outputs.items()},
        readouts={channel: _readout(soccfg, wiring, channel, echo) for channel, echo in wiring.echoes.items()},
    )


def check_images(soccfg: Any, wiring: Wiring, carriers: Mapping[str, Iterable[float]]) -> None:
    """TargetError if an image of one channel's carriers falls on one of another's. carriers: Channel -> (Hz)."""
    played = {channel: np.array(sorted(set(frequencies))) for channel, frequencies in carriers.items()}
    for channel, frequencies in played.items():
        images = _images(frequencies, soccfg["gens"][_generator(wiring, channel)]["fs"] * MHz)
        for victim, others in played.items():
            hits = np.argwhere(np.abs(images[:, None] - others) < IMAGE_DISTANCE)
            if victim != channel and hits.size:
                image, other = float(images[hits[0, 0]]), float(others[hits[0, 1]])
                limit = f"what stays outside of {IMAGE_DISTANCE / MHz:.0f} MHz around {victim} at {other / 1e9:.4f} GHz"
                raise TargetError(channel, "image (Hz)", image, limit, "move a carrier")


def _images(frequencies: NDArray[np.float64], sampling: float) -> NDArray[np.float64]:
    """Where a converter at `sampling` (Hz) plays `frequencies` (Hz) as well, in the zones around its own."""
    found = [np.abs(k * sampling + sign * frequencies) for k in (-1, 0, 1, 2) for sign in (-1, 1)]
    return np.concatenate([images[np.abs(images - frequencies) > 1.0] for images in found])


def _generator(wiring: Wiring, channel: str) -> int:
    return wiring.outputs[channel].generator if channel in wiring.outputs else wiring.echoes[channel].generator


def _check_exclusive(soccfg: Any, wiring: Wiring) -> None:
    """Every connector exists and belongs to one channel, and all drives have one mixer frequency."""
    outputs = {name: output.generator for name, output in wiring.outputs.items()}
    readouts = {name: echo.readout for name, echo in wiring.echoes.items()}
    shared = {name: echo.generator for name, echo in wiring.echoes.items()}
    _check_range("generator", outputs | shared, len(soccfg["gens"]))
    _check_range("readout", readouts, len(soccfg["readouts"]))
    _check_owners("readout", readouts)
    _check_owners("tone", {name: echo.tone for name, echo in wiring.echoes.items()})
    _check_owners("generator", outputs)
    for name, generator in shared.items():
        _check_owners("generator", outputs | {name: generator})
    if len(set(shared.values())) > 1:
        listed = ", ".join(map(str, sorted(set(shared.values()))))
        raise SequenceError(f"the readout tones leave through generators {listed}; give all of them one")
    mixers = {output.mixer for output in wiring.outputs.values() if output.mixer}
    if len(mixers) > 1:
        listed = ", ".join(f"{mixer / 1e9:.6f} GHz" for mixer in sorted(mixers))
        raise SequenceError(
            f"the drives use the mixer frequencies {listed}; with more than one, the phase between the nodes is "
            "another one in every shot: give them the same"
        )


def _check_range(what: str, used: Mapping[str, int], count: int) -> None:
    for channel, index in used.items():
        if not 0 <= index < count:
            raise TargetError(channel, what, index, f"[0, {count - 1}]", "rewire it")


def _check_owners(what: str, used: Mapping[str, int]) -> None:
    owners: dict[int, str] = {}
    for channel, index in used.items():
        if index in owners:
            raise SequenceError(f"{channel} and {owners[index]} share {what} {index}; rewire one")
        owners[index] = channel


def _common_ticks(soccfg: Any, clocks: Iterable[float]) -> int:
    """Processor ticks after which `clocks` (MHz) have an edge together."""
    processor = soccfg["tprocs"][0]["f_time"]
    rates = [clock / processor for clock in clocks]
    for ticks in range(1, MEETING_LIMIT):
        if all(abs(ticks * rate - round(ticks * rate)) < 1e-9 for rate in rates):
            return ticks
    raise SequenceError(
        f"the board's clocks do not meet within {MEETING_LIMIT} ticks of {processor} MHz, so a hot window cannot start "
        "on all generators at once; use a firmware whose clocks are related"
    )


def _port(soccfg: Any, channel: str, output: Output) -> Port:
    gen = soccfg["gens"][output.generator]
    if "samps_per_clk" not in gen:
        raise SequenceError(f"{channel}: generator {output.generator} ({gen['type']}) plays no envelopes; rewire it")
    if output.mixer and not gen["has_mixer"]:
        raise SequenceError(f"{channel}: generator {output.generator} ({gen['type']}) has no mixer; rewire it")
    if output.carrier and gen["has_mixer"]:
        raise SequenceError(f"{channel}: generator {output.generator} has a mixer; give its frequency, not `carrier`")
    if not output.modulated:
        _check_flux(soccfg["rf"]["dacs"][gen["dac"]].get("coupling", "AC"), channel, output)
    return Port(
        generator=output.generator,
        sample_rate=gen["f_fabric"] * gen["samps_per_clk"] * MHz,
        granularity=gen["samps_per_clk"],
        cycles=WAVE_CYCLES,
        memory=gen["maxlen"],
        band=_carriers(gen, channel, output),
        # The product of envelope and oscillator loses one bit; an envelope that leaves by itself does not.
        full_scale=gen["maxv_scale"] * (0.5 if output.modulated else 1.0),
    )


def _carriers(gen: Any, channel: str, output: Output) -> tuple[float, float]:
    if output.mixer:
        return _band(gen, channel, output.zone, output.mixer)
    return _zone(gen, channel, output.zone) if output.carrier else (0.0, 0.0)


def _check_flux(coupling: str, channel: str, output: Output) -> None:
    if coupling != "DC":
        raise SequenceError(f"{channel}: generator {output.generator} is AC coupled; flux needs a DC-coupled one")
    if output.zone != 1:
        raise TargetError(channel, "Nyquist zone", output.zone, "the zone that plays flux, 1", "set zone 1, or a mixer")


def _band(gen: Any, channel: str, zone: int, mixer: float) -> tuple[float, float]:
    """Clean carriers (Hz): inside the Nyquist zone and inside the band that the interpolation filter passes."""
    reach = FILTER_PASS * gen["f_dds"] * MHz / 2
    bottom, top = _zone(gen, channel, zone)
    if not bottom < mixer < top:
        limit = f"Nyquist zone {zone}, {bottom / 1e9:.4g} to {top / 1e9:.4g} GHz"
        raise TargetError(channel, "mixer frequency (Hz)", mixer, limit, "choose the other zone, or move the mixer")
    return (max(bottom, mixer - reach), min(top, mixer + reach))


def _zone(gen: Any, channel: str, zone: int) -> tuple[float, float]:
    """A Nyquist zone without its edges (Hz)."""
    if zone not in (1, 2):
        raise TargetError(channel, "Nyquist zone", zone, "1 to 2", "choose one of them")
    sampling = gen["fs"] * MHz
    return ((zone - 1) / 2 + EDGE_MARGIN) * sampling, (zone / 2 - EDGE_MARGIN) * sampling


def _readout(soccfg: Any, wiring: Wiring, channel: str, echo: Echo) -> ReadoutPort:
    gen, readout = soccfg["gens"][echo.generator], soccfg["readouts"][echo.readout]
    if echo.tone >= gen.get("n_tones", 0):
        raise TargetError(channel, "tone", echo.tone, f"[0, {gen.get('n_tones', 0)})", "use a multiplexed generator")
    if "pfb_port" not in readout:
        raise SequenceError(f"{channel}: readout {echo.readout} ({readout['ro_type']}) is no filter bank's; rewire it")
    low, high = _band(gen, channel, wiring.mux_zone, wiring.mux_mixer)
    zone_width = readout["fs"] * MHz / 2
    zone, margin = int(wiring.mux_mixer // zone_width), 2 * EDGE_MARGIN
    return ReadoutPort(
        generator=echo.generator,
        tone=echo.tone,
        readout=echo.readout,
        clock=Clock(readout["f_output"] * MHz),
        longest=LONGEST_WINDOW,
        tone_clock=Clock(gen["f_fabric"] * MHz),
        tone_cycles=TONE_CYCLES,
        band=(max(low, (zone + margin) * zone_width), min(high, (zone + 1 - margin) * zone_width)),
    )
