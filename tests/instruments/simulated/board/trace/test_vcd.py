"""Value change dumps, read back by a small reader of the standard's grammar."""

from pathlib import Path
from typing import Any

from qick.tprocv2_assembler import Assembler

from coldlink.instruments.simulated.board.processor.event import COUNT, DATA, TRIG, WAVE
from coldlink.instruments.simulated.board.trace.record import documents, record
from coldlink.instruments.simulated.board.trace.trace import Trace, trace
from coldlink.instruments.simulated.board.trace.vcd import value_changes

GOLDEN = Path(__file__).parents[1] / "golden"
Changes = list[tuple[int, int | None]]


def read(lines: list[str]) -> tuple[str, dict[str, int], dict[str, Changes]]:
    """Timescale, width of each variable by its path, and its changes as (time, value); None is unknown."""
    words = iter(" ".join(lines).split(" "))
    scopes: list[str] = []
    names: dict[str, str] = {}
    widths: dict[str, int] = {}
    timescale, now = "", -1
    changes: dict[str, Changes] = {}
    for word in words:
        if word in ("$version", "$comment", "$timescale"):
            text = list(iter(words.__next__, "$end"))
            timescale = " ".join(text) if word == "$timescale" else timescale
        elif word == "$scope":
            _, name, _ = next(words), next(words), next(words)
            scopes.append(name)
        elif word == "$upscope":
            scopes.pop()
            next(words)
        elif word == "$var":
            kind, width, code, name, end = (next(words) for _ in range(5))
            assert (kind, end) == ("wire", "$end")
            assert code not in names
            names[code] = ".".join([*scopes, name])
            widths[names[code]] = int(width)
            changes[names[code]] = []
        elif word == "$enddefinitions":
            assert not scopes
            next(words)
        elif word.startswith("#"):
            assert int(word[1:]) > now
            now = int(word[1:])
        elif word not in ("$dumpvars", "$end"):
            vector = word.startswith("b")
            value, code = (word[1:], next(words)) if vector else (word[0], word[1:])
            name = names[code]
            assert vector == (widths[name] > 1) and len(value) <= widths[name]
            changes[name].append((now, None if value == "x" else int(value, 2)))
    return timescale, widths, changes


def dumped(file: str, name: str) -> tuple[Trace, tuple[str, dict[str, int], dict[str, Changes]]]:
    path = GOLDEN / f"{file}.json.gz"
    (document,) = (one for one in documents(path) if one["name"] == name)
    found = trace(record(document, path))
    return found, read(list(value_changes(found)))


def expected(found: Trace, kind: int, port: int, field: str) -> Changes:
    rows = found.fired(kind)
    period = 1e6 / found.record.tproc["f_time"]
    mine: Any = [event for event in found.events[rows] if event["port"] == port]
    return [(round(int(event["tick"]) * period), int(event[field])) for event in mine]


def test_triggers_waves_and_the_counter_change_when_their_events_fire() -> None:
    found, (timescale, widths, changes) = dumped("tproc_asm_v2_feedback", "asm_feedback_reset_q_ge")
    assert timescale == "1 ps"
    used = {(int(kind), int(port)) for kind, port in found.events[["kind", "port"]].tolist()}
    for kind, port in used - {(COUNT, 0)}:
        if kind == WAVE:
            for field in ("freq", "phase", "env", "gain", "length", "conf"):
                assert changes[f"board.wave{port}.{field}"] == [(0, None), *expected(found, WAVE, port, field)]
        elif kind == TRIG:
            assert changes[f"board.trigger{port}"] == [(0, 0), *expected(found, TRIG, port, "value")]
    assert changes["board.host_counter"] == [(0, 0), *expected(found, COUNT, 0, "value")]
    assert (widths["board.wave0.env"], widths["board.wave0.conf"], widths["board.host_counter"]) == (24, 16, 32)


def test_data_ports_are_eight_bits_wide() -> None:
    path = GOLDEN / "tproc_random_flow.json.gz"
    document = next(one for one in documents(path) if one["data"])
    found = trace(record(document, path))
    _, widths, changes = read(list(value_changes(found)))
    port = document["data"][0][1]
    assert widths[f"board.data{port}"] == 8
    assert changes[f"board.data{port}"] == [(0, None), *expected(found, DATA, port, "value")]


def test_the_strobe_of_a_wave_lasts_one_tick() -> None:
    found, (_, _, changes) = dumped("hazards", "haz_late_dt_10000ps")
    period = 1e6 / found.record.tproc["f_time"]
    strobe = changes["board.wave0.valid"]
    assert strobe[0] == (0, 0)
    ups, downs = strobe[1::2], strobe[2::2]
    assert {value for _, value in ups} == {1}
    assert {value for _, value in downs} == {0}
    assert len(ups) == len(downs) == 240
    assert all(abs(down - up - period) <= 1 for (up, _), (down, _) in zip(ups, downs, strict=True))


def test_every_variable_has_its_own_short_name() -> None:
    text = "".join(f"WPORT_WR p{port} wmem [&0] @{1000 + 10 * port}\n" for port in range(16))
    _, words = Assembler.str_asm2bin(text + ".END")
    found = trace(record({"pmem": words, "wmem": [[1, 2, 3, 4, 5, 6]]}, GOLDEN / "program.json"))
    _, widths, changes = read(list(value_changes(found)))
    assert len(widths) == 16 * 7 + 1
    assert changes["board.wave15.freq"][1][1] == 1
