"""The store loses nothing that was written, and says what it cannot read."""

import json
from dataclasses import replace

import pytest

from coldlink.calibration.names import KINDS
from coldlink.calibration.store import AGEING, FRESH, STALE, Entry, Failure, Store
from coldlink.sequences.errors import DataFolderError

F01 = Entry(
    name="a.f01",
    value=5.11e9,
    error=2e3,
    unit="Hz",
    time=1000.0,
    task="a.ramsey",
    settings={"a.flux.bias": 0.208},
    cooldown=2,
    run="20261123-a",
    image_sha256="0f" * 32,
)
T1 = replace(F01, name="a.t1", value=15e-6, error=5e-7, unit="s", task="a.relaxation")
FAILURE = Failure(task="a.rabi", why="no contrast; look at the readout", time=1500.0, run="20261123-b")


@pytest.fixture
def store(tmp_path):
    return Store.within(tmp_path / "world")


def test_what_is_appended_is_read_again_in_its_order_also_by_another_store(store):
    store.append([F01, T1])
    store.append([FAILURE, replace(F01, value=5.12e9)])
    records = Store(store.file).read()
    assert records.entries == (F01, T1, replace(F01, value=5.12e9))
    assert records.failures == (FAILURE,)
    assert (records.damaged, records.unknown) == ((), ())


def test_a_store_that_was_never_written_to_is_empty(store):
    assert store.read().entries == ()
    assert not store.file.exists()


def test_the_newest_value_counts_and_the_older_ones_are_its_history(store):
    newer = replace(F01, value=5.12e9, time=2000.0)
    store.append([F01, T1, newer])
    records = store.read()
    assert records.values == {"a.f01": 5.12e9, "a.t1": 15e-6}
    assert records.history("a.f01") == [F01, newer]


def test_a_value_ages_from_fresh_to_stale():
    lifetime = KINDS["a.f01"].lifetime
    states = [F01.state(1000.0 + part * lifetime) for part in (0.0, 0.49, 0.51, 0.99, 1.01)]
    assert states == [FRESH, FRESH, AGEING, AGEING, STALE]


def test_a_failure_counts_until_its_task_succeeds(store):
    rabi = replace(F01, name="a.x180.amplitude", task="a.rabi")
    store.append([replace(rabi, time=1000.0), FAILURE])
    assert store.read().failed("a.rabi") == FAILURE
    assert store.read().failed("a.ramsey") is None
    store.append([replace(rabi, time=1600.0)])
    assert store.read().failed("a.rabi") is None


def test_a_line_that_a_crash_tore_counts_as_not_written_and_swallows_nothing_that_follows(store):
    store.append([F01])
    with store.file.open("ab") as stream:
        stream.write(b'{"format": 1, "kind": "entry", "name": "a.t')
    assert store.read().entries == (F01,)
    assert store.read().damaged == ()
    store.append([T1])
    assert store.read().entries == (F01, T1)
    assert store.read().damaged == (2,)


@pytest.mark.parametrize(
    "damage",
    [
        b"\x00\x00\x00",
        b"\xff\xfe rubbish",
        b"[]",
        b"null",
        b'{"format": 1}',
        b'{"format": 1, "kind": "entry", "name": "a.f01"}',
        json.dumps({"format": 1, "kind": "failure", "task": "a.rabi", "why": "x", "time": "noon", "run": "r"}).encode(),
        b'{"format": 1, "kind": "failure", "task": "a.rabi", "why": "x", "time": NaN, "run": "r"}',
    ],
)
def test_a_damaged_line_is_told_by_its_number_and_the_others_are_all_there(store, damage):
    store.append([F01])
    with store.file.open("ab") as stream:
        stream.write(damage + b"\n")
    store.append([T1, FAILURE])
    records = store.read()
    assert records.entries == (F01, T1)
    assert records.failures == (FAILURE,)
    assert records.damaged == (2,)


def test_names_of_another_version_are_told_and_stay_in_the_file(store):
    store.append([F01, replace(F01, name="a.wormhole.rate")])
    store.append([T1])
    records = store.read()
    assert (records.entries, records.unknown) == ((F01, T1), ("a.wormhole.rate",))
    assert "a.wormhole.rate" in store.file.read_text(encoding="utf-8")


def test_a_newer_store_is_refused_and_left_alone(store):
    store.append([F01])
    with store.file.open("a", encoding="utf-8") as stream:
        stream.write('{"format": 2, "kind": "entry", "label": "a.t1"}\n')
    before = store.file.read_bytes()
    with pytest.raises(DataFolderError, match=r"is of format 2, this version of coldlink knows 1 at most; use the"):
        store.read()
    assert store.file.read_bytes() == before


def test_a_file_of_another_program_is_refused(store):
    store.file.parent.mkdir()
    store.file.write_text('{"time": 1, "voltage": 2}\n{"time": 2, "voltage": 3}\n', encoding="utf-8")
    with pytest.raises(DataFolderError, match="holds no calibrations of coldlink; restore it from a copy"):
        store.read()


def test_a_place_that_cannot_be_written_or_read_is_one_clear_error(store):
    store.file.mkdir(parents=True)
    with pytest.raises(DataFolderError, match=r"cannot be written: .+; free some space"):
        store.append([F01])
    with pytest.raises(DataFolderError, match="cannot be read"):
        store.read()


def test_a_value_that_is_no_number_is_never_stored(store):
    with pytest.raises(ValueError, match="not JSON compliant"):
        store.append([replace(F01, error=float("nan"))])
    assert not store.file.exists()
