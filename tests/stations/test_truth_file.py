"""truth.yaml: what it says reaches the plant, what is left out or cannot be is refused, and devices vary in it."""

import shutil
from dataclasses import replace
from math import inf
from pathlib import Path

import numpy as np
import pytest

from coldlink.physics import Tail, ThermalLoss
from coldlink.sequences.errors import StationError
from coldlink.stations.declaration import declaration
from coldlink.stations.truth_file import drawn_truth, truth

from .real_session import SIM

DESIGN = declaration(SIM).design()
LINES = """\
flux_lines:
  flux 0:    {low_pass: 300 MHz, high_pass: 2 kHz, delay: 3 ns, tails: [{amplitude: -0.01, time_constant: 40 ns}]}
  flux 1:    {low_pass: none, high_pass: 0 Hz, delay: 2 ns, tails: []}
  coupler 0: {low_pass: none, high_pass: 0 Hz, delay: 2 ns, tails: []}
  coupler 1: {low_pass: none, high_pass: 0 Hz, delay: 2 ns, tails: []}
  load:      {low_pass: none, high_pass: 0 Hz, delay: 2 ns, tails: []}
drives:
  drive 0: {delay: 1 ns}
  drive 1: {delay: 1.5 ns}
crosstalk:
  flux 0:    {flux 1: 0.01, coupler 0: -0.02, coupler 1: 0.0, load: 0.003}
  flux 1:    {flux 0: 0.0, coupler 0: 0.0, coupler 1: 0.0, load: 0.0}
  coupler 0: {flux 0: 0.04, flux 1: 0.0, coupler 1: 0.0, load: 0.0}
  coupler 1: {flux 0: 0.0, flux 1: 0.0, coupler 0: 0.0, load: 0.0}
  load:      {flux 0: 0.0, flux 1: 0.0, coupler 0: 0.0, coupler 1: 0.0}
line_loss: {thermal_share: 0.4, critical_temperature: 9.5 K}
"""


def written(folder: Path, *changes: tuple[str, str]) -> Path:
    """The station with the lines above, changed, and with half widths of their own."""
    copy = Path(shutil.copytree(SIM, folder / "a_link"))
    lines = LINES
    for old, new in changes:
        assert lines.count(old) == 1, old
        lines = lines.replace(old, new)
    text = (copy / "truth.yaml").read_text(encoding="utf-8")
    begin, end = text.index("flux_lines:"), text.index("rack:")
    text = text[:begin] + lines + text[end:]
    for name, width in (("tail", "0.5"), ("line_delay", "0.3 ns"), ("crosstalk", "0.005")):
        (row,) = [row for row in text.splitlines() if row.startswith(f"  {name}: ")]
        text = text.replace(row, f"  {name}: {width}")
    (copy / "truth.yaml").write_text(text, encoding="utf-8")
    return copy


def test_every_number_of_the_lines_reaches_the_plant_s_device(tmp_path):
    held = truth(written(tmp_path), DESIGN)
    own = held.qubit_flux[0].filter
    assert (own.bandwidth, own.high_pass, own.delay) == (300e6, 2e3, 3e-9)
    assert own.tails == (Tail(-0.01, 40e-9),)
    assert [line.filter.bandwidth for line in (*held.coupler_flux, held.load_flux)] == [inf] * 3
    assert [line.delay for line in held.drives] == [1e-9, 1.5e-9]
    assert held.crosstalk.lines == ("flux 0", "flux 1", "coupler 0", "coupler 1", "load")
    assert held.crosstalk.matrix[0] == (1.0, 0.01, -0.02, 0.0, 0.003)
    assert held.crosstalk.matrix[2] == (0.04, 0.0, 1.0, 0.0, 0.0)
    assert held.device.line.thermal == ThermalLoss(0.4, 9.5)
    assert replace(held.device, line=DESIGN.device.line) == DESIGN.device


def test_without_a_thermal_share_the_line_s_loss_stays(tmp_path):
    assert truth(written(tmp_path, ("thermal_share: 0.4", "thermal_share: 0.0")), DESIGN).device == DESIGN.device


REFUSED = {
    "a line that is left out": (
        ("  flux 1:    {low_pass: none, high_pass: 0 Hz, delay: 2 ns, tails: []}\n", ""),
        "flux_lines: flux 1 is missing; add it here",
    ),
    "a line that is not there": (("  drive 1:", "  drive 2:"), "drives.drive 2: unknown key; did you mean 'drive"),
    "a section that is left out": (
        ("line_loss: {thermal_share: 0.4, critical_temperature: 9.5 K}\n", ""),
        "line_loss: this key is missing",
    ),
    "a zero that is left out": (
        (" coupler 0: -0.02,", ""),
        "crosstalk.flux 0: coupler 0 is missing; add it here",
    ),
    "a line's crosstalk onto itself": (
        ("coupler 0: {flux 0: 0.04,", "coupler 0: {coupler 0: 1.0, flux 0: 0.04,"),
        "crosstalk.coupler 0.coupler 0: 1.0 is out of range: in SI it should be less than 1",
    ),
    "more crosstalk than signal": (
        ("{flux 1: 0.01, coupler 0: -0.02,", "{flux 1: 0.5, coupler 0: -0.6,"),
        r"crosstalk.flux 0: crosstalk onto one line = 1\.10\d*: reaches 1",
    ),
    "a frequency without a unit": (("low_pass: 300 MHz", "low_pass: 300"), "flux 0.low_pass: 300 has no unit"),
    "a filter that passes nothing": (
        ("low_pass: 300 MHz", "low_pass: 0 Hz"),
        "flux 0.low_pass: 0 Hz is out of range: in SI it should be greater than 0",
    ),
    "an answer before the question": (
        ("delay: 3 ns", "delay: -3 ns"),
        "flux 0.delay: -3 ns is out of range: in SI it should be greater than or equal to 0",
    ),
    "a tail of more than all": (
        ("amplitude: -0.01", "amplitude: -1.2"),
        "tails.0.amplitude: -1.2 is out of range: in SI it should be greater than -1",
    ),
    "a tail that the low-pass filter hides": (
        ("time_constant: 40 ns", "time_constant: 0.1 ns"),
        r"flux_lines.flux 0: tail time constant \(s\) = 1e-10: is shorter than the low-pass",
    ),
    "a share of more than all": (
        ("thermal_share: 0.4", "thermal_share: 1.4"),
        "line_loss.thermal_share: 1.4 is out of range",
    ),
    "a line above half of its critical temperature": (
        ("critical_temperature: 9.5 K", "critical_temperature: 7 K"),
        r"line_loss.critical_temperature: critical temperature \(K\) = 7: .* the line is at 4 K",
    ),
    "delays that a draw would make negative": (
        ("drive 0: {delay: 1 ns}", "drive 0: {delay: 0.1 ns}"),
        r"spread.line_delay: spread of line_delay \(s\) = 3e-10: a line of 1e-10 s would",
    ),
}


@pytest.mark.parametrize("case", REFUSED)
def test_what_cannot_be_is_refused_with_file_line_key_value_and_limit(tmp_path, case):
    change, message = REFUSED[case]
    with pytest.raises(StationError, match=message) as refused:
        truth(written(tmp_path, change), DESIGN)
    assert refused.value.file.name == "truth.yaml"
    assert (refused.value.line is None) == (case == "a section that is left out")


def test_devices_of_other_seeds_have_other_tails_delays_and_crosstalk_within_their_half_widths(tmp_path):
    folder = written(tmp_path)
    nominal, drawn = truth(folder, DESIGN), [drawn_truth(folder, DESIGN, seed) for seed in range(12)]
    tails = np.array([one.qubit_flux[0].filter.tails[0].amplitude for one in drawn])
    delays = np.array([[one.load_flux.filter.delay, one.drives[0].delay] for one in drawn]) - [2e-9, 1e-9]
    felt = np.array([one.crosstalk.matrix for one in drawn]) - np.array(nominal.crosstalk.matrix)
    assert 0.003 < np.abs(tails + 0.01).max() <= 0.005
    assert np.all(np.abs(delays).max(axis=0) > 0.2e-9)
    assert np.abs(delays).max() <= 0.3e-9 + 1e-15
    off = ~np.eye(5, dtype=bool)
    assert 0.0045 < np.abs(felt[:, off]).max() <= 0.005
    assert np.all(felt[:, ~off] == 0)
    for values in (tails, *delays.T, *felt[:, off].T):
        assert len(np.unique(values)) == len(values)
    assert drawn[3] == drawn_truth(folder, DESIGN, 3)
