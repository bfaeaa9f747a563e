"""A session: opening writes nothing, whoever does not answer is named, and the world lasts."""

import json

import numpy as np
import pytest

from coldlink.instruments.qick.image import from_json
from coldlink.instruments.simulated.fridge import Fault
from coldlink.sequences.errors import ConnectionFailed, DataFolderError, SequenceError, StationBusy, StationError
from coldlink.stations.data_folder import DataFolder
from coldlink.stations.doctor import examine
from coldlink.stations.status import status
from coldlink.stations.twin import Twin

from .real_session import SHOTS, calibrated, copied, fridge, glance, opened, volts, written

SERVED = (
    "a_coupler_source",
    "a_flux_source",
    "b_coupler_source",
    "b_flux_source",
    "load_source",
    "thermometer",
)


@pytest.fixture
def before_it_opens(monkeypatch):
    """Do something to the twin's instruments after they have begun to answer, before anyone asks."""

    def meddle(action):
        opening = Twin.open

        def meddled(twin):
            opening(twin)
            action(twin.cryostat.fridge.server)

        monkeypatch.setattr(Twin, "open", meddled)

    return meddle


def test_opening_asks_and_writes_nothing(tmp_path):
    with opened(tmp_path) as session:
        heard = fridge(session).server.heard
        assert set(heard) == set(SERVED)
        assert all("*IDN?" in lines for lines in heard.values())
        assert written(session) == []
        assert set(volts(session).values()) == {0.0}
    assert written(session) == []


@pytest.mark.parametrize(("protocol", "shots", "loops"), [("handshake", 100, 100), ("radiometry", None, 30_000)])
def test_the_image_of_a_protocol_tells_the_macro_behind_each_word_and_writes_nothing(tmp_path, protocol, shots, loops):
    with opened(tmp_path) as session:
        document = json.loads(session.experiment(protocol, shots).image())
        assert written(session) == []
    from_json(json.dumps(document))
    assert f"OpenLoop(n={loops}, name='reps')" in document["macros"]
    assert len(document["macros"]) == len(document["pmem"])


def test_status_and_doctor_write_to_no_instrument(tmp_path):
    folder = DataFolder(tmp_path)
    folder.prepare()
    with opened(folder.world("sim_4k", None)) as session:
        status(session, folder, None)
        assert written(session) == []
    session = opened(folder.world("sim_4k", None))
    assert all(check.ready for check in examine(session, folder))
    assert written(session) == []


def test_every_instrument_that_does_not_answer_is_named_in_one_error_with_its_address(tmp_path):
    bench = copied(tmp_path / "bench")
    (bench / "truth.yaml").unlink()
    with pytest.raises(ConnectionFailed) as failed, opened(tmp_path, folder=bench):
        pytest.fail("it opened")
    assert sorted(failed.value.causes) == sorted([*SERVED, "board"])
    assert failed.value.causes["b_flux_source"].startswith("TCPIP0::127.0.0.1::7702::SOCKET")
    assert failed.value.causes["board"] == "inproc://sim_4k: nothing of that name runs in this process"


def test_a_source_that_is_off_the_net_is_named_alone_and_not_the_coupler_that_stands_on_it(tmp_path, before_it_opens):
    before_it_opens(lambda server: [server.cut(name) for name in ("b_coupler_source", "thermometer")])
    with pytest.raises(ConnectionFailed) as failed, opened(tmp_path):
        pytest.fail("it opened")
    assert sorted(failed.value.causes) == ["b_coupler_source", "thermometer"]
    with pytest.raises(ConnectionFailed), opened(tmp_path):
        pytest.fail("it opened")


def test_an_instrument_with_another_serial_number_is_refused_with_both_identities(tmp_path):
    other = copied(tmp_path / "other", instruments=("LSA0372", "LSA0999"))
    with pytest.raises(ConnectionFailed) as failed, opened(tmp_path, folder=other):
        pytest.fail("it opened")
    (cause,) = failed.value.causes.values()
    assert "'LSCI,MODEL372,LSA0372,1.8', not MODEL372 number LSA0999" in cause
    assert "check the address and the serial number" in cause


def test_an_instrument_that_answers_rubbish_is_refused(tmp_path, before_it_opens):
    before_it_opens(lambda server: server.inject("load_source", *[Fault.GARBAGE] * 8))
    with pytest.raises(ConnectionFailed) as failed, opened(tmp_path):
        pytest.fail("it opened")
    ((name, cause),) = failed.value.causes.items()
    assert name == "load_source"
    assert cause.startswith("TCPIP0::127.0.0.1::")
    assert "no measurement" in cause


def test_a_second_session_meets_the_cryostat_as_the_first_one_left_it(tmp_path):
    with opened(calibrated(tmp_path)) as session:
        session.bench.energise()
        session.bench.run(glance(session), SHOTS)
        fridge(session).refrigerator.clock.sleep(100.0)
        left, biases = session._twin.cryostat.save(), volts(session)
    assert any(biases.values())
    with opened(tmp_path) as session:
        found = session._twin.cryostat.save()
        assert volts(session) == biases
        assert session._twin.cryostat.plant.biases["a.coupler.bias"] == biases["a_coupler_source"]
    assert (found["time"], found["random"]) == (left["time"], left["random"])
    assert found["fridge"]["stages"] == left["fridge"]["stages"]


def test_the_same_seed_gives_the_same_shots_and_another_seed_others(tmp_path):
    def shots(memory, seed):
        with opened(tmp_path / memory, seed) as session:
            session.bench.energise()
            return session.bench.run(glance(session), SHOTS)["a.iq"].values

    for memory in "abc":
        (tmp_path / memory).mkdir()
    first, again, other = shots("a", 1), shots("b", 1), shots("c", 2)
    np.testing.assert_array_equal(first, again)
    assert not np.any(first == other)


def test_a_session_without_a_memory_begins_anew(tmp_path):
    for _ in range(2):
        with opened(None) as session:
            assert set(volts(session).values()) == {0.0}
            session.bench.energise()


def test_whoever_is_killed_leaves_the_world_of_the_last_measurement(tmp_path):
    with opened(tmp_path) as session:
        session.bench.energise()
        session.bench.run(glance(session), SHOTS)
        killed = json.loads((tmp_path / "world.json").read_text(encoding="utf-8"))
        assert killed["time"] == session.bench.clock.now()
        assert killed["random"] == session._twin.cryostat.plant.rng.bit_generator.state


@pytest.mark.parametrize(
    ("damage", "message"),
    [
        (lambda world: "not a world", "is damaged: JSONDecodeError"),
        (lambda world: "[]", "is damaged: TypeError"),
        (lambda world: json.dumps({**world, "fridge": None}), "is damaged: TypeError"),
        (lambda world: json.dumps({**world, "fridge": {**world["fridge"], "units": {}}}), "is damaged: KeyError"),
        (lambda world: json.dumps({**world, "random": {}}), "is damaged: "),
        (lambda world: json.dumps({**world, "format": 2}), "is a world of format 2, station sim_4k, seed None, device"),
        (lambda world: json.dumps({**world, "station": "sim_1k"}), "is a world of format 1, station sim_1k"),
        (
            lambda world: json.dumps({**world, "seed": 3}),
            "is a world of format 1, station sim_4k, seed 3, device",
        ),
    ],
)
def test_a_world_that_is_damaged_newer_or_of_another_twin_is_refused_and_left_alone(tmp_path, damage, message):
    with opened(tmp_path):
        pass
    file = tmp_path / "world.json"
    file.write_text(damage(json.loads(file.read_text(encoding="utf-8"))), encoding="utf-8")
    found = file.read_bytes()
    with pytest.raises(DataFolderError) as refused, opened(tmp_path):
        pytest.fail("it opened")
    assert str(refused.value).startswith(f"{file}: {message}")
    assert "to begin with a new cryostat" in refused.value.hint
    assert file.read_bytes() == found


def test_a_second_session_at_the_same_world_is_told_who_is_there(tmp_path):
    busy = pytest.raises(StationBusy, match=r"sim_4k is in use by .+ on .+, process \d+, since 20")
    with opened(tmp_path), busy, opened(tmp_path):
        pytest.fail("it opened")
    with opened(tmp_path):
        pass


def test_a_session_at_another_world_in_the_same_process_is_refused_and_the_first_one_works_on(tmp_path):
    (tmp_path / "other").mkdir()
    with opened(tmp_path) as session:
        with pytest.raises(StationBusy, match="another session in this process"), opened(tmp_path / "other", seed=1):
            pytest.fail("it opened")
        session.bench.energise()
        assert session.bench.run(glance(session), SHOTS).sizes["shot"] == SHOTS


def test_a_twin_is_opened_from_a_folder_of_any_name(tmp_path):
    with opened(tmp_path, folder=copied(tmp_path / "my_twin")) as session:
        assert session.name == "my_twin"
        assert session.bench.rack.instruments["board"].get_idn()["model"] == "ZCU216"


def test_too_few_shots_are_refused_before_anything_plays(tmp_path):
    with opened(tmp_path) as session:
        with pytest.raises(SequenceError, match="99 shots cannot calibrate a readout; take at least 100"):
            session.experiment("bell", 99)
        assert written(session) == []


def test_wrong_files_are_refused_before_an_instrument_is_touched(tmp_path, before_it_opens):
    before_it_opens(lambda server: pytest.fail("an instrument was started"))
    folder = copied(tmp_path / "wrong", policy=("thermometer: thermometer", "thermometer: board"))
    with pytest.raises(StationError, match=r"line 3: thermometer: board is no thermometer; known: thermometer"):
        opened(tmp_path, folder=folder).__enter__()
