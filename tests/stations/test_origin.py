"""What physics or the board refuse is told at the key of link.yaml from which it follows."""

import re

import pytest

from coldlink.sequences.errors import StationError

from .real_session import copied, opened

TONE = "b: {{frequency: 6.45 GHz, amplitude: 0.0964, duration: {} us"


@pytest.mark.parametrize(
    ("before", "after", "told"),
    [
        ("drive_duration: 41.853 ns", "drive_duration: 41 ns", "operation.drive_duration: 41 ns on a.drive is not"),
        (TONE.format("4.166667"), TONE.format("4.17"), "operation.tones.b.duration: 4170 ns on b.readout is not"),
        ("rise: 2 ns", "rise: 30 ns", "operation.coupling: coupling g/2pi (Hz) = 6.65e+06: the edges of 30 ns"),
        ("coupling: 6.65 MHz", "coupling: 400 MHz", "operation.coupling: coupling g/2pi (Hz) = 4e+08: this"),
        ("rate: 12.43 MHz", "rate: 900 MHz", "operation.load_rate: load rate kappa_L/2pi (Hz) = 9e+08: beyond 3"),
        ("5.105 GHz", "5.6 GHz", "operation.idle_frequencies.b: transmon frequency (Hz) = 5.6e+09: this transmon"),
        ("relaxation: 150 us", "relaxation: 6 s", "operation: block (ticks) 2.58048e+09 on the processor is outside"),
        ("{generator: 7", "{generator: 77", "wiring.outputs.b.drive.generator: generator 77 on b.drive is outside"),
        ("tone_mixer: 6.4 GHz", "tone_mixer: 9.4 GHz", "wiring.tone_mixer: mixer frequency (Hz) 9.4e+09 on a.rea"),
    ],
)
def test_the_key_is_named(tmp_path, before, after, told):
    folder = copied(tmp_path / "wrong", link=(before, after))
    with pytest.raises(StationError, match=re.escape(told)) as wrong, opened(tmp_path, folder=folder) as session:
        session.experiment("handshake", None)
    lines = (folder / "link.yaml").read_text(encoding="utf-8").splitlines()
    assert str(wrong.value.key).rpartition(".")[2] in lines[(wrong.value.line or 0) - 1]
    assert wrong.value.file == folder / "link.yaml"


def test_a_number_that_stands_nowhere_in_the_file_is_told_at_its_node(tmp_path):
    folder = copied(tmp_path / "wrong")
    file = folder / "link.yaml"
    file.write_text(
        file.read_text(encoding="utf-8").replace("rabi_rate: 100 MHz", "rabi_rate: 10 MHz"), encoding="utf-8"
    )
    told = pytest.raises(StationError, match=r"nodes\.[ab]: amplitude 2\.3\d* on [ab]\.drive")
    with told, opened(tmp_path, folder=folder) as session:
        session.experiment("handshake", None)


def test_a_device_that_physics_does_not_know_is_refused_before_the_station_opens(tmp_path):
    folder = copied(tmp_path / "wrong")
    file = folder / "link.yaml"
    file.write_text(file.read_text(encoding="utf-8").replace("0.566 nH", "0.1 nH"), encoding="utf-8")
    with pytest.raises(StationError, match=r"link\.yaml, line 64: links\.line\.ends\.a: coupler beta = 5"):
        opened(tmp_path, folder=folder)
