"""The photon line of a twin whose transfer resonator and drive nobody knows: found within its errors, and used."""

from dataclasses import replace

import numpy as np
import pytest

from coldlink.calibration.knowledge import Knowledge
from coldlink.calibration.photon_line import PhotonLineRoutine
from coldlink.instruments.simulated.draw import Spread, draw
from coldlink.instruments.simulated.plant import LinkPlant
from coldlink.physics.device import TWO_PI
from coldlink.sequences.errors import CalibrationError
from coldlink.stations import Catalogue, SimulatedNetwork
from coldlink.stations.declaration import declaration

SIM = Catalogue.standard().find("sim_eth").folder
SPREAD = Spread(transfer_resonator=2e6, transfer_linewidth=0.1, photon_rate=0.2, stark=0.3)


@pytest.fixture(scope="module")
def network():
    """Transfer resonators and drives off their design, all else as designed."""
    built = SimulatedNetwork.of(SIM)
    held = draw(built.plant.truth, SPREAD, (4,))
    network = replace(built, plant=LinkPlant(held, np.random.default_rng(2)))
    network.energise()
    return network


@pytest.fixture(scope="module")
def known(network):
    return Knowledge(prior=network.declared.design(), target=network.target)


@pytest.mark.nightly
@pytest.mark.parametrize("node", ["a", "b"])
def test_a_transfer_resonator_and_its_drive_are_found_within_their_errors(network, known, node):
    routine = PhotonLineRoutine(node=node, points=17)
    (point,) = routine.scan(known).points
    found = routine.found(routine.fit(network.run(point.sequence, routine.shots), known))
    truth, index = network.plant.truth.photon_link(0), "ab".index(node)
    end = truth.device.ends[index]
    true = {
        "frequency": end.resonator.frequency,
        "linewidth": end.resonator.kappa / TWO_PI,
        "rate": truth.drives[index].photon_rate,
        "stark": end.stark,
    }
    for name, value in true.items():
        measured = found[f"{node}.transfer.{name}"]
        assert abs(measured.value - value) < 4 * measured.error, (name, value, measured)
    learned = known.learned({name: measured.value for name, measured in found.items()})
    amplitude = (learned.photon_link.node_a, learned.photon_link.node_b)[index].send.amplitude
    designed = (known.photon_link.node_a, known.photon_link.node_b)[index].send.amplitude
    assert amplitude / designed == pytest.approx(20e6 / true["rate"], rel=0.1)


def test_a_tone_follows_what_was_measured(known):
    """Twice the rate takes half of the amplitude, a resonator that is lower by 1 MHz a tone higher by as much."""
    here = known.photon_link.node_a.send
    measured = {"a.transfer.rate": 40e6, "a.transfer.frequency": 6.999e9, "a.transfer.stark": -20e-9}
    there = known.learned(measured).photon_link.node_a.send
    assert there.amplitude == pytest.approx(here.amplitude / 2)
    assert there.frequency - here.frequency == pytest.approx(1e6)
    assert there.envelope.drive.stark == -20e-9
    # B catches A's photons, and so does its tone.
    tones = [one.photon_link.node_b.catch.frequency for one in (known, known.learned(measured))]
    assert tones[1] - tones[0] == pytest.approx(1e6)


def test_a_line_without_transfer_resonators_says_so():
    network = SimulatedNetwork.of(Catalogue.standard().find("sim_1k").folder)
    other = Knowledge(prior=network.declared.design(), target=network.target)
    with pytest.raises(CalibrationError, match="no transfer resonators; see `coldlink run handshake`"):
        PhotonLineRoutine(node="a").scan(other)
    design = declaration(SIM).design()
    with pytest.raises(CalibrationError, match="no couplers and no load"):
        _ = Knowledge(prior=design, target=network.target).link
