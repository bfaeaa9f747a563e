"""What a station may not declare: two biases on one source, a stage without a window."""

import shutil
from pathlib import Path

import pytest

from coldlink.sequences.errors import StationError
from coldlink.stations.declaration import declaration, design_of
from coldlink.stations.equipment import Equipment
from coldlink.stations.policy import policy
from coldlink.stations.truth_file import truth

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
    copy = changed(tmp_path, "policy.yaml", window, "")
    with pytest.raises(StationError, match=r"policy.yaml, line \d+: interlocks: mixing chamber has no window"):
        Equipment(copy, declaration(copy), policy(copy)).devices()


@pytest.mark.parametrize(
    ("old", "new", "message"),
    [
        ("      b:\n        ground", "      c:\n        ground", "links.line.ends.c: there is no c; known: a, b"),
        ("  line:\n    length", "  b:\n    length", "nodes.b: b is no name; .* no link is called as a node"),
        ("  line:\n    length", "  the line:\n    length", "links.the line: the line is no name"),
        ("    a: 5.11 GHz", "    q: 5.11 GHz", "operation.idle_frequencies.q: unknown key"),
        ("  line:\n    length", "  bus:\n    length", "wiring.outputs.line.load: unknown key; did you mean"),
    ],
)
def test_names_that_do_not_fit_together_are_told_with_file_line_and_key(tmp_path, old, new, message):
    with pytest.raises(StationError, match=rf"link.yaml, line \d+: {message}"):
        declaration(changed(tmp_path, "link.yaml", old, new))


def test_a_node_that_no_link_ends_at_is_refused(tmp_path):
    text = (SIM / "link.yaml").read_text(encoding="utf-8")
    end_b = text[text.index("      b:\n        ground") : text.index("operation:")]
    with pytest.raises(StationError, match=r"link.yaml, line \d+: nodes.b: b is at the end of no link"):
        declaration(changed(tmp_path, "link.yaml", end_b, ""))


@pytest.mark.parametrize(
    ("old", "new", "message"),
    [
        ('"5": load 0', '"5": load 1', "cables.generators.5: there is no line load 1; did you mean 'load 0'"),
        ('"3": 1}', '"3": 2}', "cables.readouts: the nodes 0, 1, and no other, must hang on a readout"),
        ("a.flux.bias: flux 0", "a.flux.bias: flex 0", "cables.sources.a.flux.bias: String should match"),
    ],
)
def test_a_cable_to_a_line_that_there_is_not_is_refused(tmp_path, old, new, message):
    copy = changed(tmp_path, "truth.yaml", old, new)
    with pytest.raises(StationError, match=rf"truth.yaml, line \d+: {message}"):
        truth(copy, declaration(copy).apparatus())


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
