import numpy as np
import pytest

from coldlink.physics.travelling import Drive, Photon
from coldlink.sequences.errors import ModelError
from coldlink.sequences.units import ns

from .links import GAMMA, KAPPA

STARK = -2e-8


def drive(**changed):
    values = {"photon": Photon(GAMMA), "kappa": KAPPA, "window": 200 * ns}
    return Drive(**values | changed)


def test_a_catching_drive_is_an_emitting_one_backwards():
    since = np.linspace(0, 200 * ns, 51)
    backwards = drive(catches=True, start=40 * ns).envelope(40 * ns + since)
    np.testing.assert_allclose(backwards, drive().envelope(200 * ns - since))


def test_a_drive_is_silent_outside_its_window():
    played = drive(start=10 * ns, stark=STARK)
    assert played.end == pytest.approx(210 * ns)
    for tone in (played.envelope, played.chirp):
        assert tone([9.9 * ns, 210.1 * ns]) == pytest.approx([0, 0])
        assert np.all(tone([10.1 * ns, 209.9 * ns]) != 0)


def test_the_phase_of_the_coupling_turns_with_the_chirp():
    times = np.linspace(0, 200 * ns, 4001)
    played = drive(stark=STARK)
    turned = -np.gradient(np.unwrap(np.angle(played.coupling(times))), times)
    np.testing.assert_allclose(turned[5:-5], played.chirp(times)[5:-5], rtol=1e-3, atol=1e3)
    np.testing.assert_allclose(np.abs(played.coupling(times)), played.envelope(times))


def test_a_drive_that_knows_its_node_leaves_no_shift():
    assert drive(stark=STARK).acting(100 * ns, STARK) == (pytest.approx(drive().envelope(100 * ns)), 0.0)


def test_a_stark_shift_grows_with_the_square_of_what_acts_and_the_chirp_with_what_was_asked_for():
    asked = float(drive().envelope(100 * ns))
    g, shift = drive(stark=0.5 * STARK, scale=1.1).acting(100 * ns, STARK)
    assert g == pytest.approx(1.1 * asked)
    assert shift == pytest.approx(STARK * (1.1 * asked) ** 2 - 0.5 * STARK * asked**2)


@pytest.mark.parametrize(
    ("name", "value"),
    [("window", 0.0), ("window", np.inf), ("window", -1.0), ("start", np.nan), ("stark", np.inf), ("scale", np.nan)],
)
def test_a_drive_without_a_meaning_is_refused_by_name(name, value):
    with pytest.raises(ModelError, match=f"drive {name}"):
        drive(**{name: value})


def test_a_drive_faster_than_its_resonator_is_refused_at_once():
    with pytest.raises(ModelError, match="ask for Gamma <= kappa"):
        drive(kappa=GAMMA / 2)
