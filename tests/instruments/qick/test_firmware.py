import json

import pytest
from qick.qick_asm import QickConfig

from coldlink.instruments.qick.firmware import RFSOC4X2, ZCU111, ZCU216, Firmware, soccfg


def test_the_vendor_reads_and_prints_the_description() -> None:
    config = soccfg()
    text = str(config)
    assert "QICK running on ZCU216" in text
    assert "16 signal generator channels" in text
    assert "10 readout channels" in text
    assert "coldlink description zcu216" in text


def test_the_description_survives_the_vendors_file_format() -> None:
    config = soccfg()
    copy = QickConfig(json.loads(config.dump_cfg()))
    assert copy.get_cfg() == config.get_cfg()


def test_the_generators_are_those_of_the_channel_plan() -> None:
    kinds = [gen["type"] for gen in soccfg()["gens"]]
    assert kinds == ["axis_signal_gen_v6"] * 4 + ["axis_sg_mixmux8_v1"] + ["axis_sg_int4_v2"] * 11
    kinds = [readout["ro_type"] for readout in soccfg()["readouts"]]
    assert kinds == ["axis_dyn_readout_v1"] * 2 + ["axis_pfb_readout_v4"] * 8


def test_the_clocks_are_those_of_a_real_board() -> None:
    config = soccfg()
    fast, mux, slow = (config["gens"][index] for index in (0, 4, 5))
    assert (fast["fs"], fast["f_fabric"]) == pytest.approx((9584.64, 599.04))
    assert (slow["fs"], slow["f_fabric"], slow["f_dds"]) == pytest.approx((6881.28, 430.08, 1720.32))
    assert mux["n_tones"] == 8
    assert config["readouts"][2]["f_output"] == pytest.approx(38.4)
    assert config["tprocs"][0]["f_time"] == pytest.approx(430.08)


def test_every_converter_is_used_once() -> None:
    config = soccfg()
    dacs = [gen["dac"] for gen in config["gens"]]
    assert len(set(dacs)) == len(dacs) == 16
    assert set(config["rf"]["dacs"]) == set(dacs)


def test_another_bitstream_is_another_description() -> None:
    config = soccfg(Firmware(name="small", interpolated=2, filterbank=4))
    assert len(config["gens"]) == 7
    assert len(config["readouts"]) == 6
    assert ZCU216.interpolated == 11


@pytest.mark.parametrize(
    ("firmware", "generators", "sampling", "fabric", "output"),
    [(ZCU111, 7, 6144.0, 384.0, 512.0), (RFSOC4X2, 2, 9830.4, 614.4, 552.96)],
)
def test_other_boards_have_the_blocks_and_clocks_of_the_standard_bitstreams(
    firmware: Firmware, generators: int, sampling: float, fabric: float, output: float
) -> None:
    config = soccfg(firmware)
    assert f"QICK running on {firmware.board}" in str(config)
    assert [gen["type"] for gen in config["gens"]] == ["axis_signal_gen_v6"] * generators
    assert [readout["ro_type"] for readout in config["readouts"]] == ["axis_readout_v2"] * 2
    assert (config["gens"][0]["fs"], config["gens"][0]["f_fabric"]) == pytest.approx((sampling, fabric))
    assert [readout["f_output"] for readout in config["readouts"]] == pytest.approx([output] * 2)
    assert config["tprocs"][0]["f_time"] == pytest.approx(fabric)
    assert QickConfig(json.loads(config.dump_cfg())).get_cfg() == config.get_cfg()
