"""What instruments.yaml, policy.yaml and the wiring say of instruments is checked before any is touched."""

import pytest
from qcodes.station import Station

from coldlink.instruments.flux_source import FluxSource
from coldlink.instruments.rfsoc import Rfsoc
from coldlink.instruments.thermometry import Thermometer
from coldlink.sequences.errors import StationError
from coldlink.stations.declaration import declaration
from coldlink.stations.equipment import Equipment
from coldlink.stations.policy import policy

from .real_session import SIM, copied

LIMITS = "limits: [-3.0, 3.0], max_step: 0.02, max_rate: 0.5, safe_level: 0.0}"
FIRST = f"init: {{serial: 91TA0001, {LIMITS}"


def devices(folder):
    return Equipment(folder, declaration(folder), policy(folder)).devices()


def test_the_shipped_instruments_are_found_in_the_order_in_which_they_are_opened():
    found = devices(SIM)
    assert tuple(found) == policy(SIM).load_order
    assert found["thermometer"].driver is Thermometer
    assert found["a_flux_source"].driver is FluxSource
    assert (found["board"].driver, found["board"].address) == (Rfsoc, "inproc://sim_4k")
    assert found["load"].address is None
    assert found["load_source"].init["limits"] == [-3.0, 3.0]


def test_qcodes_itself_reads_the_file(monkeypatch):
    station = Station(config_file=str(SIM / "instruments.yaml"), default=False, use_monitor=False)
    assert set(station.config["instruments"]) == set(devices(SIM))


@pytest.mark.parametrize(
    ("before", "after", "told"),
    [
        (
            "thermometry.Thermometer",
            "thermometry.Termometer",
            r"line 4: instruments.thermometer.type: no driver .*did you",
        ),
        (
            "thermometry.Thermometer",
            "thermo.Thermometer",
            r"type: no driver .*No module named .*did you mean 'coldlink.i",
        ),
        (
            "coldlink.instruments.thermometry.Thermometer",
            "Thermometer",
            r"type: no driver Thermometer: .*; known: coldlink.instruments",
        ),
        ("coldlink.instruments.thermometry.Thermometer", "pathlib.Path", r"line 4: .*pathlib.Path is no instrument"),
        (
            "stages: {",
            "stage: {",
            r"line 8: instruments.thermometer.init.stage: Thermometer knows no .*did you mean 'stages",
        ),
        (
            "      serial: LSA0372\n",
            "",
            r"line 6: instruments.thermometer.init: serial is missing; Thermometer needs it",
        ),
        (
            "mixing chamber: 3}",
            "mixing chamber: third}",
            r"line 8: .*init.stages.mixing chamber: Input should be a valid in",
        ),
        (FIRST, FIRST.replace("0.02", "20 mV"), r"line 13: .*init.max_step: Input should be a valid number; .* in SI"),
        (FIRST, FIRST.replace("[-3.0, 3.0]", "[-3.0]"), r"line 13: .*init.limits.1: Field required"),
        (FIRST, FIRST.replace("91TA0001", "910001"), r"line 13: .*init.serial: Input should be a valid string"),
        (
            "    address: inproc://sim_4k\n",
            "",
            r"line 30: instruments.board: address is missing; say where Rfsoc is reached",
        ),
        (
            "source: a_coupler_source,",
            "source: a_couplr_source,",
            r"line 35: .*no source 'a_couplr_source'; did you mean 'a_c",
        ),
        (
            "channel: line.load",
            "channel: line.lod",
            r"line 41: .*there is no channel 'line.lod'; did you mean 'line.load'",
        ),
        (
            "channel: line.load",
            "canal: line.load",
            r"init.canal: LoadCoupler knows no such argument; did you mean 'channel",
        ),
        (
            "    type: coldlink.instruments.rfsoc",
            "    tpye: coldlink.instruments.rfsoc",
            r"line 31: .*tpye: unknown key; did",
        ),
        (
            "  load:\n",
            "  lod:\n",
            r"policy.yaml, line 2: load_order.9: load is not in instruments.yaml; did you mean 'lod'",
        ),
    ],
)
def test_a_typo_in_instruments_yaml_is_told_with_line_key_and_hint(tmp_path, before, after, told):
    with pytest.raises(StationError, match=told) as wrong:
        devices(copied(tmp_path / "wrong", instruments=(before, after)))
    assert wrong.value.line is not None
    assert wrong.value.hint or "required" in told.lower()


@pytest.mark.parametrize(
    ("before", "after", "told"),
    [
        (
            "[thermometer, a_flux",
            "[thermometr, a_flux",
            r"line 2: load_order.0: thermometr is not in .*did you mean 'therm",
        ),
        (
            "[thermometer, a_flux",
            "[thermometer, thermometer, a_flux",
            r"line 2: load_order.1: thermometer stands here twice",
        ),
        (
            ", load]",
            "]",
            r"instruments.yaml, line 39: instruments.load: it is not in load_order of policy.yaml; say there",
        ),
        (
            "thermometer: thermometer",
            "thermometer: thermometr",
            r"line 3: .*no thermometer; did you mean 'thermometer'",
        ),
        (
            "  mixing chamber:",
            "  mixing chambr:",
            r"line 7: interlocks.mixing chambr: .*no sensor .*did you mean 'mixing ch",
        ),
        (
            "maximum: 4.4 K",
            "maximum: 4.4",
            r"line 5: interlocks.line.maximum: 4.4 has no unit; write a number with a unit",
        ),
        ("minimum: 3.6 K", "minimum: 36 K", r"line 5: interlocks.line: the minimum is not below the maximum"),
        ("poll: 5 s", "pol: 5 s", r"line 8: pol: unknown key; did you mean 'poll'"),
        (", b_coupler, load]", ", load, b_coupler, a_coupler]", r"line 2: load_order.\d+: a_coupler stands here twice"),
        ("load_source, board, a_coupler", "board, a_coupler, load_source", None),
        (
            "load_source, board, a_coupler, b_coupler, load]",
            "board, a_coupler, b_coupler, load, load_source]",
            "no source",
        ),
    ],
)
def test_a_typo_in_policy_yaml_is_told_with_line_key_and_hint(tmp_path, before, after, told):
    folder = copied(tmp_path / "wrong", policy=(before, after))
    if told is None:
        assert tuple(devices(folder))[-1] == "load"
    else:
        with pytest.raises(StationError, match=told):
            devices(folder)


def test_a_station_without_interlocks_is_refused(tmp_path):
    folder = copied(tmp_path / "wrong")
    file = folder / "policy.yaml"
    text = file.read_text(encoding="utf-8")
    file.write_text(text[: text.index("interlocks:")] + "interlocks: {}\npoll: 5 s\n", encoding="utf-8")
    with pytest.raises(StationError, match=r"line 4: interlocks: .*at least 1 item"):
        policy(folder)


@pytest.mark.parametrize(
    ("before", "after", "told"),
    [
        (
            "a.flux.bias: a_flux",
            "a.flux.bais: a_flux",
            r"line 110: wiring.sources.a.flux.bais: unknown key; did you mean 'a",
        ),
        ("    line.load.bias: load_source\n", "", r"line 109: wiring.sources: line.load.bias is missing; add it here"),
        (
            "bias: load_source",
            "bias: lod_source",
            r"line 114: wiring.sources.line.load.bias: lod_source is no source; did",
        ),
        ("bias: load_source", "bias: load", r"line 114: .*load is no source; did you mean 'load_source'"),
        ("    a.drive: {", "    a.drve: {", r"line 102: wiring.outputs.a.drve: unknown key; did you mean 'a.drive'"),
        (
            "    a.readout: {",
            "    c.readout: {",
            r"line 102: wiring.readouts.c.readout: unknown key; did you mean 'a.read|b",
        ),
    ],
)
def test_a_wrong_name_in_the_wiring_is_told_with_line_key_and_hint(tmp_path, before, after, told):
    with pytest.raises(StationError, match=told):
        devices(copied(tmp_path / "wrong", link=(before, after)))


def test_a_board_of_another_name_or_type_is_refused(tmp_path):
    folder = copied(tmp_path / "wrong", instruments=("  board:\n", "  rfsoc:\n"), policy=("board, ", "rfsoc, "))
    with pytest.raises(
        StationError, match="instruments: there is no board; the instrument that plays pulses is called"
    ):
        devices(folder)
