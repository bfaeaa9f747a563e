"""Descriptions of boards: what the twin takes, and what it says of one that it cannot take."""

from collections.abc import Callable
from copy import deepcopy
from pathlib import Path
from typing import Any

import pytest

from coldlink.instruments.simulated import SimulatedSoc
from coldlink.sequences.errors import BoardError

from ..programs import CONFIG

Change = Callable[[dict[str, Any]], Any]


@pytest.mark.parametrize(
    ("change", "why"),
    [
        (lambda config: config.pop("gens"), "no soccfg of a board"),
        (lambda config: config["tprocs"].clear(), "no soccfg of a board"),
        (lambda config: config["tprocs"][0].pop("f_time"), "does not tell f_time of the processor"),
        (lambda config: config["gens"][3].pop("fs"), "does not tell fs of generator 3; dump it from the board again"),
        (lambda config: config["readouts"][1].pop("b_dds"), "does not tell b_dds of readout 1"),
        (lambda config: config["tprocs"][0].update(type="axis_tproc64x32_x8"), "only the tProc v2"),
    ],
)
def test_a_description_that_lacks_something_is_refused_with_what_it_lacks(change: Change, why: str) -> None:
    config = deepcopy(CONFIG.get_cfg())
    change(config)
    with pytest.raises(BoardError, match=why):
        SimulatedSoc(config)


@pytest.mark.parametrize(
    ("text", "why"),
    [(None, "cannot be read"), ('{"gens": [', "holds no JSON"), ('{"pmem": []}', "no soccfg"), ("[]", "no soccfg")],
)
def test_a_file_that_describes_no_board_is_refused_with_its_name(text: str | None, why: str, tmp_path: Path) -> None:
    file = tmp_path / "soccfg.json"
    if text is not None:
        file.write_text(text, encoding="utf-8")
    with pytest.raises(BoardError, match=rf"soccfg\.json: .*{why}"):
        SimulatedSoc(file)


def test_a_firmware_with_blocks_that_nobody_knows_plays_on_those_that_are_known() -> None:
    config = deepcopy(CONFIG.get_cfg())
    config["gens"][1] = {"type": "axis_sg_of_tomorrow", "tproc_ch": 1}
    config["readouts"][1] = {**config["readouts"][1], "ro_type": "axis_readout_of_tomorrow"}
    soc = SimulatedSoc(config)
    soc.set_nyquist(0, 2)
    with pytest.raises(
        BoardError, match="generator 1 is of type axis_sg_of_tomorrow, which is not simulated; use one of"
    ):
        soc.set_nyquist(1, 2)
    with pytest.raises(BoardError, match="readout 1 is of type axis_readout_of_tomorrow, which is not simulated"):
        soc.config_avg(1, length=10)
