"""A small board for the tests of the compiler: two drives, two fast flux lines, a slow one, two readouts."""

from coldlink.sequences import (
    Channel,
    Clock,
    FlatTop,
    Kind,
    Port,
    Pulse,
    RaisedCosine,
    ReadoutPort,
    ReadoutPulse,
    Sequence,
    Square,
    Target,
)
from coldlink.sequences import compile as compile_sequence
from coldlink.sequences.program import PlayEvent, Program
from coldlink.sequences.units import GHz, MHz, ns, us

TICK = 1 / (430.08 * MHz)
DRIVE_A, DRIVE_B = Channel("a.drive", Kind.DRIVE), Channel("b.drive", Kind.DRIVE)
FLUX, COUPLER, LOAD = Channel("a.flux", Kind.FLUX), Channel("a.coupler", Kind.COUPLER), Channel("line.load", Kind.LOAD)
READ_A, READ_B = Channel("a.readout", Kind.READOUT), Channel("b.readout", Kind.READOUT)


def fast(generator: int) -> Port:
    return Port(
        generator=generator,
        sample_rate=9584.64 * MHz,
        granularity=16,
        cycles=(3, 65535),
        memory=65536,
        band=(0.0, 0.0),
        full_scale=1.0,
    )


def slow(generator: int, *, band: tuple[float, float], full_scale: float) -> Port:
    return Port(
        generator=generator,
        sample_rate=430.08 * MHz,
        granularity=1,
        cycles=(3, 65535),
        memory=16384,
        band=band,
        full_scale=full_scale,
    )


def chain(tone: int) -> ReadoutPort:
    return ReadoutPort(
        generator=4,
        tone=tone,
        readout=2 + tone,
        clock=Clock(38.4 * MHz),
        longest=65536,
        tone_clock=Clock(430.08 * MHz),
        tone_cycles=(3, 2**31 - 1),
        band=(6.2 * GHz, 6.7 * GHz),
    )


CARRIERS = (4.8 * GHz, 5.4 * GHz)
TARGET = Target(
    name="small",
    clock=Clock(430.08 * MHz),
    common_ticks=28,
    block_ticks=56,
    longest_block=2**31 - 1,
    events=4096,
    ports={
        "a.flux": fast(0),
        "a.coupler": fast(1),
        "line.load": slow(5, band=(0.0, 0.0), full_scale=0.9),
        "a.drive": slow(6, band=CARRIERS, full_scale=0.45),
        "b.drive": slow(7, band=CARRIERS, full_scale=0.45),
    },
    readouts={"a.readout": chain(0), "b.readout": chain(1)},
)

PI = Pulse(duration=18 * TICK, amplitude=0.2, envelope=RaisedCosine(), frequency=5.1 * GHz)
TONE = ReadoutPulse(duration=430 * TICK, amplitude=0.1, frequency=6.35 * GHz, delay=20 * TICK, window=38 / (38.4 * MHz))
SHORT_TONE = ReadoutPulse(duration=112 * TICK, amplitude=0.1, frequency=6.35 * GHz, delay=0.0, window=10 / (38.4 * MHz))


def flat(duration: float, amplitude: float = 0.5, rise: float = 2 * ns) -> Pulse:
    return Pulse(duration=duration, amplitude=amplitude, envelope=FlatTop(rise))


def square(duration: float, amplitude: float = 0.5) -> Pulse:
    return Pulse(duration=duration, amplitude=amplitude, envelope=Square())


def compiled(sequence: Sequence, target: Target = TARGET, relaxation: float = 10 * us) -> Program:
    return compile_sequence(sequence, target, relaxation=relaxation)


def plays(program: Program, channel: Channel, block: int = 0) -> list[PlayEvent]:
    events = program.blocks[block].events
    return [event for event in events if isinstance(event, PlayEvent) and event.channel == channel.name]
