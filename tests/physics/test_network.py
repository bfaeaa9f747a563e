"""Networks: what links that share nodes have in common, against the couplers' own formulas; what is no network."""

from dataclasses import replace

import numpy as np
import pytest

from coldlink.physics import Network
from coldlink.physics.resting_contact import RestingContact
from coldlink.sequences.errors import ModelError

from ..parameter_sets import STATION_4K

LINK = STATION_4K.device
LONGER = replace(LINK, line=replace(LINK.line, communication_mode=37))
CHAIN = Network(links=(LINK, LONGER), ends=((0, 1), (1, 2)))
STEPS = 5
QUBITS = np.linspace(0.1, 0.2, 3 * STEPS).reshape(STEPS, 3)
COUPLERS = np.linspace(0.35, 0.46, 4 * STEPS).reshape(STEPS, 4)
LOADS = np.linspace(0.3, 0.45, 2 * STEPS).reshape(STEPS, 2)
TIME = np.full(STEPS, 1e-9)


def test_a_network_of_one_link_has_the_controls_of_its_device_to_the_bit():
    (found,) = Network.of(LINK).controls(TIME, QUBITS[:, :2], COUPLERS[:, :2], LOADS[:, :1])
    own = LINK.controls(TIME, QUBITS[:, :2], COUPLERS[:, :2], LOADS[:, 0])
    for name in ("duration", "qubit", "coupling", "mode", "load"):
        assert getattr(found, name).tolist() == getattr(own, name).tolist()


def test_a_node_in_the_middle_is_moved_by_both_of_its_couplers_at_both_of_its_links():
    first, second = CHAIN.controls(TIME, QUBITS, COUPLERS, LOADS)
    qubit, modes = CHAIN.qubits[1], (36 * 140e6, 37 * 140e6)
    bare = qubit.transmon.frequency(QUBITS[:, 1])
    pulls = [
        qubit.coupler.qubit_shift(qubit.coupler.g(COUPLERS[:, column], bare, mode), bare, mode)
        for column, mode in zip((1, 2), modes, strict=True)
    ]
    assert np.abs(pulls[0]).max() > 1e6
    for controls, end, mode in ((first, 1, modes[0]), (second, 0, modes[1])):
        assert controls.qubit[:, end] == pytest.approx(2 * np.pi * (bare + pulls[0] + pulls[1] - mode), abs=1.0)


def test_the_ends_of_a_chain_see_nothing_of_the_link_that_they_are_not_in():
    other = COUPLERS.copy()
    other[:, 2:] += 0.02
    (before, _), (after, _) = (CHAIN.controls(TIME, QUBITS, couplers, LOADS) for couplers in (COUPLERS, other))
    assert before.qubit[:, 0].tolist() == after.qubit[:, 0].tolist()
    assert before.mode.tolist() == after.mode.tolist()


def test_contacts_at_rest_add_up_at_the_node_that_feels_them():
    def contact(up: float, down: float, dephasing: float) -> RestingContact:
        ends, modes = np.array([0.0, 1.0]), np.zeros(1)
        return RestingContact(up * ends, down * ends, dephasing * ends, 0 * ends, modes, 0.0)

    rates = CHAIN.rates()
    both = contact(2e3, 9e3, 50.0).added(contact(1e3, 4e3, 7.0).added(rates, (0, 1)), (2, 1))
    up, down = 0.02 / 15e-6, 0.98 / 15e-6
    assert both.relaxation[1] == pytest.approx(up + down + 16e3)
    assert both.excited[1] == pytest.approx((up + 3e3) / (up + down + 16e3))
    assert both.dephasing[1] == pytest.approx(1 / 3e-6 + 57.0)
    assert both.relaxation[[0, 2]].tolist() == rates.relaxation[[0, 2]].tolist()


@pytest.mark.parametrize(
    ("links", "ends", "told"),
    [
        ((LINK,), ((0, 1), (1, 2)), "number of ends = 2: there are 1 links"),
        ((LINK,), ((0,),), r"number of a link = 0: it has 2 qubits and the ends \(0,\)"),
        ((LINK,), ((1, 1),), "number of a link = 0: .* none twice"),
        ((LINK, LINK), ((0, 1), (1, 3)), r"number of a node = 3: they count from 0 without a gap"),
        (
            (LINK, replace(LINK, qubits=(LINK.qubits[0], replace(LINK.qubits[1], t1=1e-6)))),
            ((0, 1), (0, 1)),
            "number of a node = 1: its links tell two things of its t1",
        ),
    ],
)
def test_what_is_no_network_is_refused(links, ends, told):
    with pytest.raises(ModelError, match=told):
        Network(links=links, ends=ends)
