"""What a station may not declare: two biases on one source, a stage without a window."""

import shutil
from pathlib import Path

import pytest

from coldlink.sequences.errors import StationError
from coldlink.stations.declaration import declaration, design_of
from coldlink.stations.policy import policy

from .real_session import SIM


def changed(folder: Path, file: str, old: str, new: str) -> Path:
    copy = Path(shutil.copytree(SIM, folder / "a_link"))
    text = (copy / file).read_text(encoding="utf-8")
    assert old in text
    (copy / file).write_text(text.replace(old, new), encoding="utf-8")
    return copy


def test_two_biases_on_one_source_are_refused(tmp_path):
    copy = changed(tmp_path, "link.yaml", "b.flux.bias: b_flux_source", "b.flux.bias: a_flux_source")
    with pytest.raises(StationError, match=r"link.yaml, line \d+: wiring.sources: a_flux_source holds .* its own"):
        declaration(copy)


def test_a_stage_without_a_window_is_refused(tmp_path):
    window = "  mixing chamber: {minimum: 1 mK, maximum: 30 mK, max_age: 60 s}\n"
    with pytest.raises(StationError, match=r"policy.yaml, line \d+: interlocks: mixing chamber has no window"):
        policy(changed(tmp_path, "policy.yaml", window, ""))


@pytest.mark.parametrize(
    ("old", "new", "message"),
    [
        ("junction: 0.566 nH", "junction: 0.4 nH", r"links.line.ends.a: coupler beta = 1.25: the junction's phase"),
        ("load_rate: 12.43 MHz", "load_rate: 40 MHz", r"operation.load_rate: load rate .* a quarter of the free"),
        ("communication_mode: 36", "communication_mode: 2", r"links.line: line mode = 0: modes are numbered from 1"),
        ("length: 0.75 m", "length: 7.5 m", r"links.line.free_spectral_range: .* light in vacuum makes"),
        ("ground: 0.3 nH", "ground: 0.5 nH", r"links.line.load: coupler beta = 1.375"),
    ],
)
def test_what_physics_refuses_is_told_with_file_line_and_key(tmp_path, old, new, message):
    copy = changed(tmp_path, "link.yaml", old, new)
    with pytest.raises(StationError, match=rf"link.yaml, line \d+: {message}"):
        design_of(copy, declaration(copy))
