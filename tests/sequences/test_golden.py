"""Golden timelines: written by `python tests/sequences/golden_programs.py`, read by a person before they change."""

import pytest

from .golden_programs import FOLDER, timelines


@pytest.fixture(scope="module")
def compiled() -> dict[str, str]:
    return timelines()


@pytest.mark.parametrize("name", ["bell", "chsh", "handshake", "radiometry", "readout"])
def test_a_protocol_compiles_to_its_golden_timeline(name: str, compiled: dict[str, str]) -> None:
    golden = (FOLDER / f"{name}.txt").read_text(encoding="utf-8")
    assert compiled[name] == golden


def test_every_golden_timeline_is_tested(compiled: dict[str, str]) -> None:
    assert {path.stem for path in FOLDER.iterdir()} == set(compiled)
