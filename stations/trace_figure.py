"""Figure of a trace: every channel of a board over time, as loud as it is, with what is wrong marked."""

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from functools import cached_property
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

from ..analysis.plots import Mark, Track, events
from ..instruments.simulated.board.converters.clock import edge, signed
from ..instruments.simulated.board.converters.generators import INPUT, PERIODIC, Generator
from ..instruments.simulated.board.converters.readouts import Readout
from ..instruments.simulated.board.processor.event import COUNT, DATA, FIELDS, LATENCY, TRIG, WAVE
from ..instruments.simulated.board.trace.channels import Channels
from ..instruments.simulated.board.trace.trace import Trace
from ..sequences.errors import BoardError

AT_FIRST: Final = 300
"""Events that a figure of many shows at first."""
DRAWN: Final = 20_000
"""Events that a figure holds: a browser shows that many at ease."""
OUTLINE: Final = 60
"""Values by which an envelope is drawn."""
OUTLINED: Final = 200
"""Waves of a channel whose envelopes are drawn; all after them are blocks."""
LOUD: Final = "of full scale"
WINDOW: Final = "window"
Times = NDArray[np.float64]


def figure_of(found: Trace) -> Any:
    """All channels over time, hazards marked; of a long run its begin, as the title then tells."""
    early = found.events[found.events["tick"] < 1 << 47]
    drawing = _Drawing(found, early[np.argsort(early["tick"], kind="stable")[:DRAWN]])
    fired, second = drawing.fired, drawing.second
    end = drawing.end / second
    marks = [
        Mark(
            track=None if hazard.port is None else drawing.names.get(hazard.instruction),
            time=hazard.tick / second,
            text=hazard.why,
        )
        for hazard in found.hazards
        if hazard.tick / second < ((1 << 47) / second if fired.size == early.size else end)
    ]
    title = found.record.name
    if fired.size < early.size:
        title += f": the first {fired.size} of {early.size} events"
    tracks = [*drawing.tracks(), *drawing.windows()]
    return events(tracks, marks, title=title, view=drawing.view(tracks))


@dataclass(frozen=True)
class _Drawing:
    """fired: The events that are drawn, in the order of time."""

    found: Trace
    fired: NDArray[Any]

    @property
    def second(self) -> float:
        """In ticks."""
        return float(self.found.record.tproc["f_time"]) * 1e6

    @property
    def end(self) -> float:
        """A little after the last event (ticks)."""
        return float(self.fired["tick"].max(initial=0)) + 40

    @cached_property
    def channels(self) -> Channels:
        return Channels(self.found.wiring)

    @cached_property
    def names(self) -> dict[int, str]:
        """Of the channel, by the instruction."""
        return {int(event["address"]): self.channels.name(event) for event in self.fired}

    def tracks(self) -> Iterator[Track]:
        """One for each channel, in the order of its ports."""
        of_port = np.array([_KEY[int(event["kind"])] << 16 | _shared(event) for event in self.fired], np.int64)
        rows: dict[str, list[int]] = {}
        for row in np.argsort(of_port, kind="stable").tolist():
            rows.setdefault(self.channels.name(self.fired[row]), []).append(row)
        for name, mine in rows.items():
            yield self._track(name, self.fired[mine])

    def windows(self) -> Iterator[Track]:
        """When each readout listens, as far as the lengths are known."""
        starts: dict[Readout, list[float]] = {}
        for event in self.fired[np.isin(self.fired["kind"], (TRIG, DATA))]:
            for unit in self.channels.opened(event):
                start = edge(int(event["tick"]) - LATENCY, unit.output) / unit.output
                starts.setdefault(unit, []).append(float(start) + LATENCY)
        for unit in sorted(starts, key=lambda unit: unit.index):
            begin = np.array(starts[unit])
            length = float(unit.length / unit.output)
            yield Track(
                name=f"readout {unit.index}",
                unit=WINDOW,
                starts=begin / self.second,
                ends=(begin + length) / self.second,
                values=np.ones_like(begin),
                notes=[f"{unit.length} samples, {length / self.second * 1e6:.4f} µs"] * begin.size,
            )

    def view(self, tracks: Iterable[Track]) -> tuple[float, float] | None:
        """What is shown at first of many events (s): those before the first long pause, or AT_FIRST of them."""
        if self.fired.size <= AT_FIRST:
            return None
        times = self.fired["tick"][: AT_FIRST + 1] / self.second
        pauses = np.diff(times)
        last = int(np.flatnonzero(pauses >= 0.5 * pauses.max())[0])
        if times[last] - times[0] > 0.2 * pauses[last]:
            return _around(times[0], times[AT_FIRST])
        lasting = [track for track in tracks if track.unit in (LOUD, WINDOW)]
        ends = [float(track.ends[track.starts <= times[last]].max(initial=0.0)) for track in lasting]
        return _around(times[0], min(max([times[last], *ends]), times[last + 1]))

    def _track(self, name: str, fired: NDArray[Any]) -> Track:
        """One channel's events."""
        following = np.append(fired["tick"][1:].astype(float), self.end)
        if fired["kind"][0] == WAVE:
            unit, pieces = self._waves(fired, following)
        else:
            unit, pieces = "value", self._levels(fired, following)
        return Track(
            name=name,
            unit=unit,
            starts=np.array([piece.start for piece in pieces]) / self.second,
            ends=np.array([piece.end for piece in pieces]) / self.second,
            values=np.array([piece.shape[np.argmax(abs(piece.shape))] for piece in pieces]),
            notes=[piece.note for piece in pieces],
            shapes=[piece.shape for piece in pieces],
        )

    def _note(self, event: Any) -> str:
        return f"tick {event['tick']}, instruction {event['address']}: {self.channels.tells(event)}"

    def _levels(self, fired: NDArray[Any], following: Times) -> "list[_Piece]":
        return [
            _Piece(float(event["tick"]), after, np.array([float(event["value"])]), self._note(event))
            for event, after in zip(fired, following.tolist(), strict=True)
        ]

    def _waves(self, fired: NDArray[Any], following: Times) -> "tuple[str, list[_Piece]]":
        """Unit and pieces of a channel of waves; following: When the next one comes (ticks).

        Where nobody knows the clock that a length is counted in, a wave lasts a tick.
        """
        player = self.channels.unit(fired[0])
        if isinstance(player, Generator):
            return LOUD, list(_sounding(player, fired, following, self._note))
        words = (((fired["gain"] + 0x8000) & 0xFFFF) - 0x8000).astype(float)
        unit, values = ("set", np.ones_like(words)) if isinstance(player, Readout) else ("gain word", words)
        return unit, [
            _Piece(float(event["tick"]), float(event["tick"]) + 1, values[n : n + 1], self._note(event))
            for n, event in enumerate(fired)
        ]


def _around(first: float, last: float) -> tuple[float, float]:
    return first - 0.05 * (last - first), last + 0.05 * (last - first)


@dataclass(frozen=True)
class _Piece:
    """Something that lasts. start, end: (ticks). shape: Its values, evenly spread."""

    start: float
    end: float
    shape: Times
    note: str


def _sounding(unit: Generator, fired: NDArray[Any], following: Times, note: Callable[[Any], str]) -> Iterator[_Piece]:
    """What a generator plays: a wave begins when the one before has ended, a periodic one or a held value lasts on."""
    busy = 0.0
    for number, (event, after) in enumerate(zip(fired, following.tolist(), strict=True)):
        points = OUTLINE if number < OUTLINED else 1
        wave = unit.taken({name: int(event[name]) for name in FIELDS})
        begin = max(float(event["tick"]), busy)
        busy = begin + float(wave["length"] / unit.fabric)
        shape = _outline(unit, wave, points)
        if unit.repeats and wave["conf"] & PERIODIC:
            turns = max(1, round((after - begin) / max(busy - begin, 1.0)))
            busy, shape = after, np.tile(shape, min(turns, points)) if shape.size > 1 else shape
        yield _Piece(begin, busy, shape, note(event))
        if unit.holds(wave) and after > busy:
            yield _Piece(busy, after, shape[-1:], "the last value is held")


_KEY: Final = {WAVE: 0, TRIG: 1, DATA: 2, COUNT: 3}


def _shared(event: Any) -> int:
    """To put the channels in order that share a port."""
    return int(event["port"]) << 8 | (int(event["conf"]) >> 8 if event["kind"] == WAVE else 0)


def _outline(unit: Generator, wave: dict[str, int], points: int) -> Times:
    """Fraction of full scale that a wave reaches, in as many values as its envelope needs, `points` at most."""
    source, gain = wave["conf"] & 3, signed(wave["gain"], 16)
    try:
        tones = unit.tones(wave, 0)
    except BoardError:
        # Of an envelope that the file does not tell, or a frequency that is out of reach.
        return np.array([gain / float(unit.config["maxv"])])
    envelope = sum((tone.envelope for tone in tones), np.zeros(1, np.complex128))
    outline = envelope.real if source == INPUT else abs(envelope) * (-1.0 if unit.gains and gain < 0 else 1.0)
    if points == 1:
        return np.array([outline[np.argmax(abs(outline))]])
    return np.asarray(outline[np.linspace(0, outline.size - 1, min(points, outline.size)).astype(int)], float)
