import json
import logging
import sqlite3
from contextlib import closing

import numpy as np
import pytest
from qcodes.dataset.data_set import DataSet
from qcodes.dataset.sqlite.database import connect

from coldlink.calibration.record.averages import averages
from coldlink.calibration.record.database import Database, Entry
from coldlink.sequences.errors import DataFolderError


@pytest.fixture
def database(tmp_path):
    database = Database(tmp_path / "measurements.db")
    database.prepare()
    return database


@pytest.fixture
def entry(block):
    return Entry(station="sim_4k", run="run-1", name="t1", averages=averages(block), metadata={"shots": 40})


@pytest.fixture
def impatient(monkeypatch):
    monkeypatch.setattr("coldlink.calibration.record.database.PATIENCE", 0.05)


def add(database, entry):
    with database.adding(entry) as guid:
        pass
    return guid


def rows(database, query):
    with closing(sqlite3.connect(database.file)) as reader:
        return reader.execute(query).fetchall()


def test_a_new_database_is_what_qcodes_itself_makes(database):
    schema = "SELECT type, name, sql FROM sqlite_master ORDER BY name"
    with closing(connect(":memory:")) as theirs:
        assert rows(database, schema) == theirs.execute(schema).fetchall()
        assert rows(database, "PRAGMA user_version") == theirs.execute("PRAGMA user_version").fetchall()
    assert rows(database, "PRAGMA journal_mode") == [("wal",)]


def test_preparing_again_changes_nothing(database, entry):
    guid = add(database, entry)
    database.prepare()
    assert rows(database, "SELECT guid FROM runs") == [(guid,)]


def test_blocks_of_a_run_share_an_experiment_and_other_runs_have_theirs(database, entry, block):
    other = Entry(station="sim_1k", run="run-2", name="t1", averages=averages(block), metadata={})
    for each in (entry, entry, other):
        add(database, each)
    assert rows(database, "SELECT name, sample_name FROM experiments") == [("run-1", "sim_4k"), ("run-2", "sim_1k")]
    assert rows(database, "SELECT exp_id, name FROM runs") == [(1, "t1"), (1, "t1"), (2, "t1")]


def test_metadata_are_what_came_in_numbers_of_numpy_included(database, block):
    metadata = {"time": np.float64(1.5), "shots": np.int64(3), "temperatures": {"line": 4.0}, "list": np.arange(2)}
    entry = Entry(station="s", run="r", name="t1", averages=averages(block), metadata=metadata)
    found = database.metadata(add(database, entry))
    assert found == {"time": 1.5, "shots": 3, "temperatures": {"line": 4.0}, "list": [0, 1]}
    with pytest.raises(DataFolderError, match="holds no run g-1; give a GUID"):
        database.metadata("g-1")


@pytest.mark.parametrize("error", [KeyboardInterrupt, DataFolderError("x", "y", "z"), OSError(28, "full")])
def test_a_run_that_is_broken_off_never_was(database, entry, error):
    kept = add(database, entry)
    with pytest.raises(type(error) if isinstance(error, Exception) else error), database.adding(entry):
        raise error
    assert rows(database, "SELECT guid, is_completed FROM runs") == [(kept, 1)]
    assert len(rows(database, "SELECT name FROM sqlite_master WHERE name LIKE 'run-1%'")) == 0
    assert len(rows(database, "SELECT result_table_name FROM runs")) == 1


def test_rows_that_qcodes_did_not_write_are_found_and_the_run_is_not_completed(database, entry, monkeypatch):
    add_results = DataSet.add_results
    monkeypatch.setattr(DataSet, "add_results", lambda self, results: add_results(self, results[:-1]))
    with pytest.raises(DataFolderError, match="holds 19 of 20 points"):
        add(database, entry)
    assert rows(database, "SELECT is_completed, completed_timestamp FROM runs") == [(0, None)]


def test_a_column_that_qcodes_did_not_write_is_found(database, entry, monkeypatch):
    add_results = DataSet.add_results

    def forgetful(self, results):
        add_results(self, [{**row, "b_q": None} if index == 7 else row for index, row in enumerate(results)])

    monkeypatch.setattr(DataSet, "add_results", forgetful)
    with pytest.raises(DataFolderError, match="holds 19 of 20 points"):
        add(database, entry)


def test_points_that_are_no_numbers_are_stored_points(database, block):
    block["a.iq"][:] = np.nan
    add(database, Entry(station="s", run="r", name="t1", averages=averages(block), metadata={}))
    assert rows(database, "SELECT is_completed FROM runs") == [(1,)]


def test_a_full_disk_is_one_clear_error_and_what_was_kept_stays(database, entry, monkeypatch, capfd):
    kept, connected = add(database, entry), Database._connected

    def full(self):
        connection = connected(self)
        pages = connection.execute("PRAGMA page_count").fetchone()[0]
        connection.execute(f"PRAGMA max_page_count = {pages}")
        return connection

    monkeypatch.setattr(Database, "_connected", full)
    with pytest.raises(DataFolderError, match=r"measurements\.db: cannot be written: the disk is full; free some"):
        add(database, entry)
    assert rows(database, "SELECT guid, is_completed FROM runs") == [(kept, 1)]
    assert rows(database, "PRAGMA integrity_check") == [("ok",)]
    assert capfd.readouterr() == ("", "")


def test_a_database_that_another_program_locks_is_one_clear_error(database, entry, impatient):
    kept = add(database, entry)
    with closing(sqlite3.connect(database.file, isolation_level=None)) as other:
        other.execute("BEGIN IMMEDIATE")
        for use in (database.prepare, lambda: add(database, entry)):
            with pytest.raises(DataFolderError, match="is locked by another program; close whatever writes to it"):
                use()
        assert database.metadata(kept) == {"shots": 40}
    add(database, entry)


def test_a_reader_does_not_keep_anyone_from_writing(database, entry, impatient):
    add(database, entry)
    with closing(sqlite3.connect(database.file, isolation_level=None)) as plottr:
        plottr.execute("BEGIN")
        assert plottr.execute("SELECT count(*) FROM runs").fetchone() == (1,)
        add(database, entry)


def test_a_newer_database_is_refused_and_left_as_it_is(database):
    with closing(sqlite3.connect(database.file)) as future:
        future.execute("PRAGMA user_version = 99")
    with pytest.raises(DataFolderError, match=r"is of version 99, .* QCoDeS knows \d+ at most; update qcodes"):
        database.prepare()
    assert rows(database, "PRAGMA user_version") == [(99,)]


@pytest.mark.parametrize("theirs", ["labbook", "qcodes"])
def test_another_programs_database_is_refused_and_left_as_it_is(tmp_path, theirs):
    file = tmp_path / "measurements.db"
    if theirs == "qcodes":
        connect(file).close()
    else:
        with closing(sqlite3.connect(file)) as other:
            other.execute("CREATE TABLE notes (text)")
    before = file.read_bytes()
    with pytest.raises(DataFolderError, match="was not made by coldlink; move it away"):
        Database(file).prepare()
    assert file.read_bytes() == before


def test_a_file_that_is_no_database_is_refused_and_left_as_it_is(tmp_path):
    file = tmp_path / "measurements.db"
    file.write_text("time,voltage\n" * 100, encoding="utf-8")
    with pytest.raises(DataFolderError, match="is not a database; move it away"):
        Database(file).prepare()
    assert file.read_text(encoding="utf-8").startswith("time,voltage")


def test_a_folder_in_the_place_of_the_database_is_refused(tmp_path):
    (tmp_path / "measurements.db").mkdir()
    with pytest.raises(DataFolderError, match=r"cannot be used: .*check the folder and its permissions"):
        Database(tmp_path / "measurements.db").prepare()


def test_a_fault_in_our_own_code_is_not_called_a_fault_of_the_disk(database, entry):
    with pytest.raises(RuntimeError, match="ours"), database.adding(entry):
        raise RuntimeError("ours")


def test_the_log_of_qcodes_is_silent_only_while_a_run_is_written(database, entry):
    log = logging.getLogger("qcodes.dataset.sqlite.connection")
    with database.adding(entry):
        assert log.disabled
    assert not log.disabled
    assert json.loads(rows(database, "SELECT snapshot FROM runs")[0][0]) == {"shots": 40}
