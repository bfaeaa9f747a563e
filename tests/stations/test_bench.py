"""The bench: nothing plays unless the interlocks hold, and whatever stops it leaves the outputs safe."""

import math
from itertools import pairwise

import pytest

from coldlink.calibration.routine import play
from coldlink.instruments.simulated.fridge import Fault, SensorFault
from coldlink.sequences.errors import ConnectionFailed, InstrumentError, InterlockOpen, RunAborted

from .real_session import COUPLER, SHOTS, across, calibrated, fridge, glance, opened, volts

LINE, LOAD = 1, 2
"""Inputs of the thermometer."""
ROOM_FOR_RETRIES = 16


@pytest.fixture
def session(tmp_path):
    with opened(calibrated(tmp_path)) as session:
        session.bench.energise()
        yield session


def let_pass(session, seconds):
    session.bench.clock.sleep(seconds)


def warm(session):
    fridge(session).refrigerator.heat["load"] = 1e-3
    let_pass(session, 100.0)


def fault(kind, place):
    def broken(session):
        fridge(session).thermometers["thermometer"].fault(place, kind)
        let_pass(session, 61.0)

    return broken


def silent(session):
    fridge(session).server.cut("thermometer")
    let_pass(session, 6.0)


def test_energising_ramps_every_bias_from_where_it_is_to_where_it_belongs(session):
    wanted = {setting.name: level for setting, level in session.bench.known.biases.items()}
    assert session.bench.settings == pytest.approx(wanted, abs=1e-4)
    assert session.bench.readback() == session.bench.settings
    for name, lines in fridge(session).server.heard.items():
        levels = [float(line.split()[1].split(";")[0]) for line in lines if line.startswith(":SOUR:LEV ")]
        assert name == "thermometer" or levels[0] == 0.0
        assert all(abs(after - before) <= 0.0201 for before, after in pairwise(levels))


def test_nothing_plays_before_the_biases_are_where_they_belong(tmp_path):
    with (
        opened(calibrated(tmp_path)) as session,
        pytest.raises(InstrumentError, match=r"at their safe levels; call energise\(\)"),
    ):
        session.bench.run(glance(session), SHOTS)


@pytest.mark.parametrize(
    ("excursion", "told", "limit"),
    [
        (warm, r"load is \S+ K, limit 0\.03 K \(0\.0 s old\); wait until it is back", 0.03),
        (fault(SensorFault.OPEN, LOAD), r"load is unknown, limit 0\.03 K; it cannot be read: .*R\. OVER", 0.03),
        (fault(SensorFault.NAN, LINE), r"line is unknown, limit 4\.4 K; it cannot be read: .*no measurement", 4.4),
        (fault(SensorFault.FROZEN, LINE), r"line is \S+ K, limit 4\.4 K \(6\d\.\d s old\); .*silent or frozen", 4.4),
        (silent, r"line is unknown, limit 4\.4 K; it cannot be read: no answer from thermometer", 4.4),
    ],
    ids=["warm", "open", "nan", "frozen", "silent"],
)
def test_an_open_interlock_lets_nothing_play_and_brings_the_sources_to_their_safe_level(
    session, excursion, told, limit
):
    session.bench.run(glance(session), SHOTS)
    played = session.bench.board.board.soc.groups
    excursion(session)
    with pytest.raises(InterlockOpen, match=told) as refused:
        session.bench.run(glance(session), SHOTS)
    assert refused.value.limit == limit
    assert session.bench.board.board.soc.groups is played
    assert set(volts(session).values()) == {0.0}
    assert session.bench.settings == {}


def test_a_warm_load_keeps_the_biases_from_being_set_at_all(tmp_path):
    with opened(calibrated(tmp_path)) as session:
        warm(session)
        with pytest.raises(InterlockOpen):
            session.bench.energise()
        assert not any(source.output for source in fridge(session).sources.values())


def test_a_scan_is_stopped_between_its_points_and_its_bias_stays_safe(session):
    bench, seen = session.bench, []

    def excursion_at_the_third_point():
        seen.append(bench.settings[COUPLER.name])
        if len(seen) == 3:
            warm(session)

    bench.stop = excursion_at_the_third_point
    with pytest.raises(InterlockOpen, match="load is"):
        play(across(session, 20), bench, SHOTS)
    assert len(seen) == 3
    assert set(volts(session).values()) == {0.0}


def test_what_is_cold_again_plays_again_after_its_biases_came_back_by_ramps(session):
    before = dict(session.bench.settings)
    warm(session)
    with pytest.raises(InterlockOpen):
        session.bench.run(glance(session), SHOTS)
    fridge(session).refrigerator.heat["load"] = 0.0
    let_pass(session, 3600.0)
    with pytest.raises(InstrumentError, match="safe levels"):
        session.bench.run(glance(session), SHOTS)
    session.bench.energise()
    assert session.bench.settings == before
    assert session.bench.run(glance(session), SHOTS).sizes["shot"] == SHOTS


@pytest.mark.parametrize("broken", ["a_flux_source", "load_source"])
def test_one_source_that_does_not_obey_keeps_none_of_the_others_from_being_safe(tmp_path, broken):
    with pytest.raises(InterlockOpen, match="load is") as stopped, opened(calibrated(tmp_path)) as session:
        session.bench.energise()
        fridge(session).server.cut(broken)
        warm(session)
        session.bench.run(glance(session), SHOTS)
    left = {name for name, level in volts(session).items() if level}
    assert left == {broken}
    (note,) = stopped.value.__notes__
    assert note.startswith(f"no answer from {broken} (it may not be at its safe level: ")


def test_a_source_that_answers_rubbish_keeps_none_of_the_others_from_being_safe(session):
    fridge(session).server.inject("a_flux_source", *[Fault.GARBAGE] * ROOM_FOR_RETRIES)
    with pytest.raises(ConnectionFailed) as failed:
        session.bench.safe()
    assert list(failed.value.causes) == ["a_flux_source"]
    assert {name for name, level in volts(session).items() if level} == {"a_flux_source"}


def test_a_source_that_trips_in_a_scan_ends_it_with_its_name_and_is_not_switched_on_again(tmp_path):
    tripped = pytest.raises(InstrumentError, match="the output is off: never switched on, or tripped")
    with tripped as stopped, opened(calibrated(tmp_path)) as session:
        session.bench.energise()
        session.bench.stop = lambda: fridge(session).sources["a_coupler_source"].trip()
        play(across(session, 20), session.bench, SHOTS)
    assert stopped.value.instrument == "a_coupler_source"
    assert not fridge(session).sources["a_coupler_source"].output
    assert set(volts(session).values()) == {0.0}


def test_whoever_asks_to_stop_is_heard_between_two_points_and_the_scan_brings_its_bias_back(session):
    bench, points = session.bench, []

    def asked_at_the_fourth_point():
        points.append(bench.settings[COUPLER.name])
        if len(points) == 4:
            raise RunAborted("Ctrl-C")

    rest = bench.settings[COUPLER.name]
    bench.stop = asked_at_the_fourth_point
    with pytest.raises(RunAborted):
        play(across(session, 200), bench, SHOTS)
    assert len(points) == 4
    assert bench.settings[COUPLER.name] == rest


def test_any_error_in_a_session_leaves_the_sources_safe(tmp_path):
    with pytest.raises(ZeroDivisionError), opened(calibrated(tmp_path)) as session:
        session.bench.energise()
        raise ZeroDivisionError
    assert set(volts(session).values()) == {0.0}


def test_a_session_that_ends_well_leaves_the_biases_where_they_are(tmp_path):
    with opened(calibrated(tmp_path)) as session:
        session.bench.energise()
    assert all(volts(session).values())


def test_the_interlocks_are_asked_once_in_a_poll_and_not_before_every_point(session):
    heard = fridge(session).server.heard["thermometer"]
    session.bench.run(glance(session), SHOTS)
    before = len(heard)
    play(across(session, 10), session.bench, SHOTS)
    assert len(heard) == before
    let_pass(session, session.bench.rack.policy.poll + 0.1)
    session.bench.run(glance(session), SHOTS)
    assert len(heard) == before + 6
    assert session.bench.temperatures.keys() == {"line", "load", "mixing chamber"}
    assert all(math.isfinite(kelvin) for kelvin in session.bench.temperatures.values())
