import pytest

from coldlink.sequences.errors import StationError
from coldlink.stations.catalogue import Catalogue, Station


@pytest.fixture
def shelves(tmp_path):
    for name in ("shipped/sim_4k", "shipped/sim_1k", "own/cryostat_1"):
        (tmp_path / name).mkdir(parents=True)
        (tmp_path / name / "link.yaml").write_text("title: a link\n", encoding="utf-8")
    (tmp_path / "shipped/sim_4k/truth.yaml").write_text("seed: 1\n", encoding="utf-8")
    (tmp_path / "own/notes").mkdir()
    return Catalogue(shipped=tmp_path / "shipped", own=tmp_path / "own")


def test_shipped_and_own_stations_are_found_by_name_and_others_by_path(shelves, tmp_path, monkeypatch):
    assert [station.name for station in shelves.stations()] == ["sim_1k", "sim_4k", "cryostat_1"]
    assert shelves.find("sim_4k") == Station("sim_4k", tmp_path / "shipped/sim_4k")
    assert shelves.find(str(tmp_path / "own/cryostat_1")).name == "cryostat_1"
    monkeypatch.chdir(tmp_path / "own")
    assert shelves.find("./cryostat_1").folder == shelves.find("cryostat_1").folder


def test_a_station_with_a_truth_is_simulated_and_one_without_is_a_bench(shelves):
    assert shelves.find("sim_4k").kind == "simulated"
    assert shelves.find("cryostat_1").kind == "bench"


def test_an_unknown_station_is_answered_with_the_nearest_name_and_all_names(shelves):
    with pytest.raises(StationError, match=r"no station 'sim_4'.*did you mean 'sim_4k'.*cryostat_1, sim_1k, sim_4k"):
        shelves.find("sim_4")
    with pytest.raises(StationError, match=r"no station '\.\./elsewhere'.*known: "):
        shelves.find("../elsewhere")


def test_an_own_station_may_not_take_the_name_of_a_shipped_one(shelves):
    (shelves.own / "sim_4k").mkdir()
    (shelves.own / "sim_4k/link.yaml").write_text("title: mine\n", encoding="utf-8")
    with pytest.raises(StationError, match="also the name of a shipped station; rename this folder"):
        shelves.find("sim_4k")


def test_a_folder_that_is_no_station_or_has_an_unfit_name_is_refused(shelves, tmp_path):
    with pytest.raises(StationError, match=r"holds no link\.yaml"):
        shelves.find(str(tmp_path / "own/notes"))
    (tmp_path / "my link").mkdir()
    (tmp_path / "my link/link.yaml").write_text("title: mine\n", encoding="utf-8")
    with pytest.raises(StationError, match="'my link' cannot be a station's name"):
        shelves.find(str(tmp_path / "my link"))


def test_a_missing_title_names_the_file_and_the_key(shelves):
    station = shelves.find("cryostat_1")
    (station.folder / "link.yaml").write_text("length: 30 m\n", encoding="utf-8")
    with pytest.raises(StationError, match="title: missing or no text; add a line such as"):
        station.title()


def test_a_user_without_a_stations_folder_sees_the_shipped_stations(tmp_path, shelves):
    assert len(Catalogue(shipped=shelves.shipped, own=tmp_path / "none").stations()) == 2


def test_the_package_ships_both_simulated_links():
    shipped = {station.name: station for station in Catalogue.standard().stations()}
    assert {"sim_1k", "sim_4k"} <= set(shipped)
    assert all(shipped[name].kind == "simulated" and shipped[name].title() for name in ("sim_1k", "sim_4k"))
