"""Hazards: what a program does that compiles without a word and then plays something else than was meant.

`hazards` lists all of them; `check` knows those for which a run is refused. Events are those of one run, in the order
in which the core pushed them. A frequency beyond a converter's range is none of them: the image holds only what it was
folded to.
"""

from collections.abc import Callable, Iterable, Iterator, Mapping
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

from ....sequences.errors import BoardError
from .converters.clock import edge, signed
from .converters.generators import DDS, PERIODIC, QUEUE, RESET, Generator, MultiplexedGenerator
from .converters.readouts import Readout
from .converters.wiring import Wiring
from .hazard import (
    EARLY,
    FAR,
    GAIN,
    HELD_UP,
    LATE,
    LATE_TONE,
    LENGTH,
    OPEN,
    OVERFLOW,
    OVERLAP,
    PAUSED,
    STALE,
    UNHEARD,
    Hazard,
    refuse,
)
from .processor.event import COUNT, DATA, LATENCY, TRIG, WAVE
from .processor.processor import Processor

PAUSES: Final = 25
"""Revision of the processor from which on a full queue holds the core; before, events are lost (upstream issue 333)."""
SOON: Final = 1 << 31
"""Ticks beyond which no event can be asked for on purpose: times are signed 32-bit words."""
SEEN: Final = 32
"""Ticks that the host's counter needs at least from the core to where the host can see it."""

_PLACES: Final = ("wave", "trigger", "data")
Finding = tuple[int, str, str]
"""Row of the event, kind, why."""


def hazards(
    events: NDArray[Any], wiring: Wiring | None, *, sources: Mapping[int, str] | None = None, shot: int = 0
) -> list[Hazard]:
    """All hazards of a run, in the order of their events.

    wiring: Without one nobody knows what listens to a port: lengths on the generators' clocks, overlaps and the
    generators' queues are not looked at, nor windows, which need the lengths of its readouts. How a host reads results
    is in no program: that it lets a buffer overrun shows in a run alone. sources: The program's text by address.
    shot: Of the first event.
    """
    found = [*_refused(events, wiring), *_stale(events)]
    if wiring is not None:
        found += [*_unheard(events, wiring), *_queued(events, wiring), *_reopened(events, wiring)]
    return list(_hazards(events, sorted(found, key=lambda finding: finding[0]), shot, sources))


def check(
    events: NDArray[Any],
    wiring: Wiring,
    *,
    shot: int = 0,
    sources: Mapping[int, str] | None = None,
    on_hazard: Callable[[Hazard], None] = refuse,
) -> None:
    """Tell what the board would not play as it was asked to, by what a block of events shows: words and times.

    A readout's settings may come late; whether they come before its trigger is seen when the windows are made.
    shot: Of the first event. sources: The program's text by address.
    """
    for hazard in _hazards(events, _refused(events, wiring), shot, sources):
        on_hazard(hazard)


def check_end(
    events: NDArray[Any],
    wiring: Wiring,
    *,
    shot: int,
    sources: Mapping[int, str] | None = None,
    on_hazard: Callable[[Hazard], None] = refuse,
) -> None:
    """Tell which readout the host would not wait for: it is triggered after the counter's last step can be seen.

    events: Of the last repetition, the step of the counter at its end.
    """
    for row in np.flatnonzero(np.isin(events["kind"], (TRIG, DATA)) & (events["tick"] > events["tick"][-1] + SEEN)):
        event = events[row]
        rising = int(event["value"]) & ~int(event["before"])
        for unit in wiring.triggered(int(event["kind"]), int(event["port"]), rising):
            why = f"{_place(event)}: {unit.name} is triggered at tick {event['tick']}, after the host's counter"
            step = f"has made its last step at tick {events['tick'][-1]}; wait for the readout before that"
            for hazard in _hazards(events, [(int(row), STALE, f"{why} {step}")], shot, sources):
                on_hazard(hazard)


def held(processor: Processor, *, sources: Mapping[int, str] | None = None) -> Iterator[Hazard]:
    """That the queue of a port was full in a run that is over.

    The twin holds the core until an event has fired, as boards do from revision PAUSES on.
    """
    core = processor.core[0]
    if not core["held"]:
        return
    depth, until, address = processor.queue.shape[2], int(core["held_until"]), int(core["held_pc"])
    place = f"{_PLACES[core['held_port'] >> 8]} port {core['held_port'] & 0xFF}"
    why = (
        f"{place}: {depth} events wait in its queue, so the core is held {core['held']} times, at first to tick {until}"
    )
    revision = int(processor.tproc.get("revision", 0))
    lost = (
        "" if revision >= PAUSES else f"; a processor before revision {PAUSES} (this is {revision}) loses them instead"
    )
    yield Hazard(
        kind=PAUSED,
        tick=until,
        port=int(core["held_port"]) & 0xFF,
        instruction=address,
        shot=int(core["held_count"]),
        why=f"{why}{lost}: wait before queueing more",
        source=(sources or {}).get(address),
        harmless=revision >= PAUSES,
    )


def _hazards(
    events: NDArray[Any], found: Iterable[Finding], shot: int, sources: Mapping[int, str] | None
) -> Iterator[Hazard]:
    known = {} if sources is None else sources
    steps = np.flatnonzero(events["kind"] == COUNT)
    for row, kind, why in found:
        event = events[row]
        before = int(np.searchsorted(steps, row))
        yield Hazard(
            kind=kind,
            tick=int(event["tick"]),
            port=None if event["kind"] == COUNT else int(event["port"]),
            instruction=int(event["address"]),
            shot=shot + before,
            why=why,
            source=known.get(int(event["address"])),
            harmless=kind == LATE_TONE,
        )


def _refused(events: NDArray[Any], wiring: Wiring | None) -> Iterator[Finding]:
    """Times and words of each event by itself."""
    asked, possible = events["asked"], events["possible"] - LATENCY
    port = events["kind"] != COUNT
    wave = events["kind"] == WAVE
    early = port & (asked >= 1 << 47)
    far = port & ~early & (asked - events["pushed"] > SOON)
    shifted = port & (events["tick"] > asked + LATENCY)
    chained = wave & (asked == events["previous"])
    late = shifted & (possible > asked)
    gain, length = events["gain"], events["length"]
    wide = wave & (((gain + 0x8000) & 0xFFFFFFFF > 0xFFFF) | (length < 3) | (length > 0xFFFF))
    wrong = early | far | late | (shifted & ~chained)
    tone = wave & late & (events["previous"] < 0) & (events["tick"] < _first_trigger(events))
    tone &= events["conf"] & (3 | PERIODIC | RESET) == DDS | PERIODIC
    for row in np.flatnonzero(wrong | wide).tolist():
        event = events[row]
        unit = _unit(event, wiring)
        if isinstance(unit, Readout):
            continue
        if wide[row]:
            yield from _words(row, event, unit, wiring)
        if tone[row] and unit is not None and unit.repeats:
            yield row, LATE_TONE, _begun_late(event)
        elif wrong[row]:
            yield row, *_timing(event)


def _timing(event: Any) -> tuple[str, str]:
    """Why an event does not fire when it is asked to."""
    asked, where = int(event["asked"]), _place(event)
    if asked >= 1 << 47:
        return EARLY, f"{where}: tick {asked - (1 << 48)} lies before the program's start; the port would wait"
    if event["possible"] > asked + LATENCY:
        return LATE, (
            f"{where}: late, asked for tick {asked}, possible at tick {event['possible'] - LATENCY}; "
            "give the processor more time before it"
        )
    if asked - event["pushed"] > SOON:
        return FAR, (
            f"{where}: asked for tick {asked}, {asked - event['pushed']} ticks ahead; "
            "an inc_ref by a negative number moves the reference by 2^32 ticks, use set_ref"
        )
    return HELD_UP, (
        f"{where}: held up, asked for tick {asked}, possible at tick {event['tick'] - LATENCY}, because the event "
        f"asked for tick {event['previous']} stands before it in the queue; order them in time, 3 ticks apart"
    )


def _first_trigger(events: NDArray[Any]) -> float:
    """Tick at which anything is triggered for the first time."""
    rising = np.isin(events["kind"], (TRIG, DATA)) & (events["value"] & ~events["before"] != 0)
    return float(events["tick"][rising].min(initial=1 << 48))


def _begun_late(event: Any) -> str:
    """Of a steady tone that is late, but begins before anything is measured: from then on it is what was asked for."""
    asked, begins = int(event["asked"]), int(event["possible"]) - LATENCY
    return (
        f"{_place(event)}: a periodic tone, asked for tick {asked}, sounds as asked from tick {begins} on; "
        "nothing was triggered before, so no data change: ask for that tick to silence this"
    )


def _words(row: int, event: Any, unit: Generator | None, wiring: Wiring | None) -> Iterator[Finding]:
    """Gain and length beyond what a generator takes; unit: None if it is not known."""
    if unit is None and wiring is not None:
        return
    gain, length = signed(int(event["gain"]), 32), int(event["length"])
    name = _place(event) if unit is None else f"{_place(event)}, {unit.name}"
    multiplexed = isinstance(unit, MultiplexedGenerator)
    if gain != signed(gain, 16) and not multiplexed:
        why = f"gain word {gain} does not fit 16 signed bits: the board would play {signed(gain, 16)}"
        yield row, GAIN, f"{name}: {why}; keep gains within [-1, 1]"
    if (length > 0xFFFF and not multiplexed) or (unit is not None and length < 3):
        why = f"a wave of {length} fabric cycles is outside 3 .. 65535: the board would play {length & 0xFFFF}"
        yield row, LENGTH, f"{name}: {why}; split or pad it"


def _stale(events: NDArray[Any]) -> Iterator[Finding]:
    """The host sees the last step of the counter, and takes the run for done, while events still wait."""
    steps = np.flatnonzero(events["kind"] == COUNT)
    if not steps.size:
        return
    done = events[steps[-1]]
    after = events["tick"] > done["tick"] + SEEN
    waiting = events[(events["kind"] != COUNT) & after & (events["asked"] < 1 << 47)]
    if waiting.size:
        last = waiting[np.argmax(waiting["tick"])]
        why = (
            f"the host's counter reaches {done['value']} at tick {done['tick']} before {waiting.size} events have fired"
        )
        until = f"the last at tick {last['tick']} on {_place(last)}"
        yield int(steps[-1]), STALE, f"{why}, {until}; wait for them before the counter's last step"


def _unheard(events: NDArray[Any], wiring: Wiring) -> Iterator[Finding]:
    """Waves on ports where no generator and no readout listens; the first of each port."""
    rows = np.flatnonzero(events["kind"] == WAVE)
    places = events["port"][rows] << 8 | events["conf"][rows] >> 8
    for first in np.unique(places, return_index=True)[1]:
        event = events[rows[first]]
        try:
            wiring.wave(int(event["port"]), int(event["conf"]))
        except BoardError as why:
            yield int(rows[first]), UNHEARD, str(why)


def _queued(events: NDArray[Any], wiring: Wiring) -> Iterator[Finding]:
    """Waves that reach a generator which still plays another: they wait, and more than it can hold are lost."""
    for rows in _ports(events):
        waves = events[rows]
        if waves["kind"][0] != WAVE or _at_ease(waves, wiring):
            continue
        ends: dict[str, tuple[int, int, int]] = {}
        for row, wave in zip(rows.tolist(), waves, strict=True):
            unit = _unit(wave, wiring)
            if isinstance(unit, Generator):
                yield from _arrival(row, wave, unit, ends)


def _at_ease(waves: NDArray[Any], wiring: Wiring) -> bool:
    """Each wave of a port has ended before the next one comes, whoever plays it."""
    places = np.unique(waves["conf"] >> 8, return_index=True)[1]
    fabrics = [unit.fabric for unit in (_unit(waves[n], wiring) for n in places) if isinstance(unit, Generator)]
    slowest = float(min(fabrics, default=1))
    return bool((np.diff(waves["tick"]) - 1 >= waves["length"][:-1] / slowest).all())


def _arrival(row: int, event: Any, unit: Generator, ends: dict[str, tuple[int, int, int]]) -> Iterator[Finding]:
    """One wave at its generator; ends: Where the wave before it ends, what it was asked for, and how many wait."""
    asked = int(event["asked"])
    cycle = edge(int(event["tick"]) - LATENCY, unit.fabric)
    end, before, waiting = ends.get(unit.name, (cycle, -1, 0))
    waiting = waiting + 1 if cycle < end else 0
    # Less than a tick is the rounding of the program's times to two clocks; the board queues it as well.
    if cycle < end and asked != before and end - cycle > unit.fabric:
        yield row, OVERLAP, collision(unit, asked, float((end - cycle) / unit.fabric), before)
    if waiting > QUEUE:
        yield row, OVERFLOW, lost(unit, asked)
    # A periodic wave lets the next one play.
    length = 0 if unit.repeats and event["conf"] & PERIODIC else int(event["length"])
    ends[unit.name] = (max(cycle, end) + length, asked, waiting)


def _reopened(events: NDArray[Any], wiring: Wiring) -> Iterator[Finding]:
    """Triggers of a readout that still takes samples for the one before."""
    if not any(unit is not None and unit.length for unit in wiring.readouts):
        return
    rising, ends = events["value"] & ~events["before"], dict[int, int]()
    for row in np.flatnonzero(np.isin(events["kind"], (TRIG, DATA)) & (rising != 0)).tolist():
        event = events[row]
        for unit in wiring.triggered(int(event["kind"]), int(event["port"]), int(rising[row])):
            sample = edge(int(event["tick"]) - LATENCY, unit.output)
            if sample < ends.get(unit.index, sample):
                yield row, OPEN, reopened(unit, int(event["asked"]))
            else:
                ends[unit.index] = sample + unit.length


def reopened(unit: Readout, tick: int) -> str:
    """Of a trigger at a tick at which the readout's window is open."""
    why = f"{unit.name} is triggered at tick {tick} while its window is still open"
    return f"{why}; the board would not hear it: trigger later or shorten the window"


def collision(unit: Generator, asked: int, early: float, before: int) -> str:
    """Of a wave that comes `early` (ticks) while the one asked for tick `before` plays."""
    why = f"begins {early:.1f} ticks before the wave asked for tick {before} has ended"
    return f"{unit.name}: the wave asked for tick {asked} {why}; move it or shorten the earlier one"


def lost(unit: Generator, asked: int) -> str:
    """Of a wave that finds the generator's queue full."""
    return f"{unit.name}: more than {QUEUE} waves wait at tick {asked}; the board would lose one: give them more time"


def _ports(events: NDArray[Any]) -> Iterator[NDArray[np.int64]]:
    """Rows of each port's events."""
    keys = np.where(events["kind"] == COUNT, -1, events["kind"] << 8 | events["port"])
    for key in np.unique(keys[keys >= 0]):
        yield np.flatnonzero(keys == key)


def _unit(event: Any, wiring: Wiring | None) -> Generator | Readout | None:
    """Who hears a wave; None if that is not known."""
    if wiring is None or event["kind"] != WAVE:
        return None
    try:
        return wiring.wave(int(event["port"]), int(event["conf"]))
    except BoardError:
        return None


def _place(event: Any) -> str:
    return f"{_PLACES[event['kind']]} port {event['port']}"
