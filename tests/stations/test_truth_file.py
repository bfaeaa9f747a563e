"""truth.yaml: what it says reaches the plant, what is left out or cannot be is refused, and devices vary in it."""

import shutil
from dataclasses import replace
from math import inf
from pathlib import Path

import numpy as np
import pytest

from coldlink.instruments.simulated.board import Played
from coldlink.instruments.simulated.plant import LinkPlant
from coldlink.instruments.simulated.wander import Telegraph, Wander
from coldlink.physics import Tail, ThermalLoss
from coldlink.sequences.errors import StationError
from coldlink.stations.declaration import declaration
from coldlink.stations.drift_section import DriftsSection
from coldlink.stations.line_sections import DriveLineSection, FluxLineSection, LineLossSection, TailSection
from coldlink.stations.photon_sections import PhotonSpreadSection
from coldlink.stations.truth_file import SpreadSection, TruthFile, drawn_truth, truth
from coldlink.stations.twin import EPOCH

from .real_session import SIM

BUILT = declaration(SIM).apparatus()
DESIGN = declaration(SIM).design()
LINES = """\
flux_lines:
  flux 0:    {low_pass: 300 MHz, high_pass: 2 kHz, delay: 3 ns, tails: [{amplitude: -0.01, time_constant: 40 ns}]}
  flux 1:    {low_pass: none, high_pass: 0 Hz, delay: 2 ns, tails: []}
  coupler 0: {low_pass: none, high_pass: 0 Hz, delay: 2 ns, tails: []}
  coupler 1: {low_pass: none, high_pass: 0 Hz, delay: 2 ns, tails: []}
  load 0:    {low_pass: none, high_pass: 0 Hz, delay: 2 ns, tails: []}
drives:
  drive 0: {delay: 1 ns}
  drive 1: {delay: 1.5 ns}
crosstalk:
  flux 0:    {flux 1: 0.01, coupler 0: -0.02, coupler 1: 0.0, load 0: 0.003}
  flux 1:    {flux 0: 0.0, coupler 0: 0.0, coupler 1: 0.0, load 0: 0.0}
  coupler 0: {flux 0: 0.04, flux 1: 0.0, coupler 1: 0.0, load 0: 0.0}
  coupler 1: {flux 0: 0.0, flux 1: 0.0, coupler 0: 0.0, load 0: 0.0}
  load 0:    {flux 0: 0.0, flux 1: 0.0, coupler 0: 0.0, coupler 1: 0.0}
line_loss: {thermal_share: 0.4, critical_temperature: 9.5 K, load_leak: 3 kHz}
drifts:
  line_temperature: {amplitude: 30 mK, correlation: 10 ks}
  flux_offset:      {amplitude: 5 uPhi0, correlation: 20 ks}
  relaxation:       {amplitude: 0.4, correlation: 7 ks}
  readout_phase:    {amplitude: 0.02 rad, correlation: 10 ks}
  lo_phase:         {amplitude: 0.05 rad, correlation: 11 ks}
  board_phase:      {amplitude: 0.1 rad, correlation: 12 ks}
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
    for name, width in (("tail", "0.5"), ("line_delay", "0.3 ns"), ("crosstalk", "0.4")):
        (row,) = [row for row in text.splitlines() if row.startswith(f"  {name}: ")]
        text = text.replace(row, f"  {name}: {width}")
    (copy / "truth.yaml").write_text(text, encoding="utf-8")
    return copy


def test_every_number_of_the_lines_reaches_the_plant_s_device(tmp_path):
    held = truth(written(tmp_path), BUILT)
    own = held.qubit_flux[0].filter
    assert (own.bandwidth, own.high_pass, own.delay) == (300e6, 2e3, 3e-9)
    assert own.tails == (Tail(-0.01, 40e-9),)
    assert [line.filter.bandwidth for line in (*held.coupler_flux, *held.load_flux)] == [inf] * 3
    assert [line.delay for line in held.drives] == [1e-9, 1.5e-9]
    assert held.crosstalk.lines == ("flux 0", "flux 1", "coupler 0", "coupler 1", "load 0")
    assert held.crosstalk.matrix[0] == (1.0, 0.01, -0.02, 0.0, 0.003)
    assert held.crosstalk.matrix[2] == (0.04, 0.0, 1.0, 0.0, 0.0)
    assert held.network.links[0].line.thermal == ThermalLoss(0.4, 9.5)
    assert held.network.links[0].load == replace(DESIGN.device.load, leak=3e3)
    assert replace(held.network.links[0], line=DESIGN.device.line, load=DESIGN.device.load) == DESIGN.device


def test_what_the_file_says_happens_to_waves_and_volts(tmp_path):
    plant = LinkPlant(truth(written(tmp_path), BUILT), np.random.default_rng(0))
    generators = {line: index for index, line in plant.truth.generators.items()}

    def wave(line: str) -> Played:
        held = np.full(960, 0.5 + 0j)
        return Played(
            generator=generators[line],
            start=1e-6,
            sample_rate=9.6e9,
            envelope=held,
            oscillator=0.0,
            frequency=0.0,
            phase=0.0,
        )

    lines = ("flux 0", "load 0", "drive 0", "drive 1", "tones")
    late = [one.start - 1e-6 for one in plant.dynamics.arriving(wave(line) for line in lines)]
    assert late == pytest.approx([3e-9, 2e-9, 1e-9, 1.5e-9, 0.0], abs=1e-15)
    felt = plant.dynamics.path.rest({"coupler 0": 0.6}, {}) - plant.dynamics.path.rest({}, {})
    assert felt == pytest.approx([-0.02 * 0.3, 0.0, 0.3, 0.0, 0.0])
    pulse = np.concatenate([np.zeros(100), np.full(960, 0.5), np.zeros(100)])
    resting = plant.dynamics.path.rest({}, {})
    arrived = plant.dynamics.path.arriving(np.full(pulse.size, 1 / 9.6e9), {"flux 0": pulse}, resting)
    since = np.array([5e-9, 40e-9, 95e-9])
    steps = np.searchsorted(np.cumsum(arrived.duration), 100 / 9.6e9 + since)
    risen = arrived.flux[steps, 0] / (0.5 * DESIGN.qubit_flux[0].pulse)
    assert risen == pytest.approx(np.exp(-2 * np.pi * 2e3 * since) - 0.01 * np.exp(-since / 40e-9), abs=4e-4)
    assert arrived.flux[:, 2] == pytest.approx(0.04 * arrived.flux[:, 0], abs=1e-6)


def test_every_number_of_the_drifts_reaches_the_plant_and_a_seed_drifts_in_its_own_way(tmp_path):
    folder = written(tmp_path)
    held = truth(folder, BUILT).drifts
    assert held.line_temperature == Wander(amplitude=0.03, correlation=1e4)
    assert held.flux_offset == Wander(amplitude=5e-6, correlation=2e4)
    assert held.relaxation == Telegraph(amplitude=0.4, correlation=7e3)
    assert [held.readout_phase.amplitude, held.lo_phase.amplitude, held.board_phase.amplitude] == [0.02, 0.05, 0.1]
    assert [held.readout_phase.correlation, held.lo_phase.correlation, held.board_phase.correlation] == [
        1e4,
        1.1e4,
        1.2e4,
    ]
    own, other = (drawn_truth(folder, BUILT, seed) for seed in (None, 3))
    assert own.drifted(EPOCH) == drawn_truth(folder, BUILT, None).drifted(EPOCH)
    assert own.drifted(EPOCH).flux["load 0"] != other.drifted(EPOCH).flux["load 0"] != 0


def test_without_a_thermal_share_and_a_leak_the_line_s_loss_stays(tmp_path):
    nothing = ("thermal_share: 0.4", "thermal_share: 0.0"), ("load_leak: 3 kHz", "load_leak: 0 Hz")
    assert truth(written(tmp_path, *nothing), BUILT).network == BUILT.network


def test_the_guide_to_the_file_has_every_key_of_it():
    guide = (Path(__file__).parents[2] / "docs" / "truth.md").read_text(encoding="utf-8")
    sections = (
        TruthFile,
        FluxLineSection,
        TailSection,
        DriveLineSection,
        LineLossSection,
        DriftsSection,
        SpreadSection,
        PhotonSpreadSection,
    )
    keys = {name for section in sections for name in section.model_fields}
    assert [key for key in sorted(keys) if f"`{key}" not in guide] == []


REFUSED = {
    "a drift faster than a run": (
        ("{amplitude: 0.4, correlation: 7 ks}", "{amplitude: 0.4, correlation: 3 s}"),
        "drifts.relaxation.correlation: 3 s is out of range: in SI it should be greater than or equal to 60",
    ),
    "a drift that nobody has sized": (
        ("lo_phase:         {amplitude: 0.05 rad, ", "lo_phase:         {"),
        "drifts.lo_phase.amplitude: this key is missing",
    ),
    "a drift out of the interlocks' windows": (
        ("{amplitude: 30 mK", "{amplitude: 1 K"),
        "drifts.line_temperature.amplitude: 1 K is out of range: in SI it should be less than or equal to 0.2",
    ),
    "a line that is left out": (
        ("  flux 1:    {low_pass: none, high_pass: 0 Hz, delay: 2 ns, tails: []}\n", ""),
        "flux_lines: flux 1 is missing; add it here",
    ),
    "a line that is not there": (("  drive 1:", "  drive 2:"), "drives.drive 2: unknown key; did you mean 'drive"),
    "a section that is left out": (
        ("line_loss: {thermal_share: 0.4, critical_temperature: 9.5 K, load_leak: 3 kHz}\n", ""),
        "line_loss is missing; add it here",
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
    "a load that never closes": (
        ("load_leak: 3 kHz", "load_leak: 3 GHz"),
        "line_loss.load_leak: 3 GHz is out of range: in SI it should be less than or equal to 10000000",
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
        truth(written(tmp_path, change), BUILT)
    assert refused.value.file.name == "truth.yaml"
    assert (refused.value.line is None) == (case == "a section that is left out")


def test_devices_of_other_seeds_have_other_tails_delays_and_crosstalk_within_their_half_widths(tmp_path):
    folder = written(tmp_path)
    nominal, drawn = truth(folder, BUILT), [drawn_truth(folder, BUILT, seed) for seed in range(12)]
    tails = np.array([one.qubit_flux[0].filter.tails[0].amplitude for one in drawn])
    delays = np.array([[one.load_flux[0].filter.delay, one.drives[0].delay] for one in drawn]) - [2e-9, 1e-9]
    given = np.array(nominal.crosstalk.matrix)
    felt = np.array([one.crosstalk.matrix for one in drawn])
    mixed = (given != 0) & (given != 1)
    ratios = felt[:, mixed] / given[mixed] - 1
    assert 0.003 < np.abs(tails + 0.01).max() <= 0.005
    assert np.all(np.abs(delays).max(axis=0) > 0.2e-9)
    assert np.abs(delays).max() <= 0.3e-9 + 1e-15
    assert 0.3 < np.abs(ratios).max() <= 0.4
    assert np.all(felt[:, ~mixed] == given[~mixed])
    for values in (tails, *delays.T, *ratios.T):
        assert len(np.unique(values)) == len(values)
    assert drawn[3] == drawn_truth(folder, BUILT, 3)
