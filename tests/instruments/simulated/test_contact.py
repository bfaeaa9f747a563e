"""Contacts: the parts of a cluster in which a coupler is on, split where the line forgets."""

import numpy as np
import pytest

from coldlink.instruments.simulated.contact import FORGOTTEN, Contact, contacts
from coldlink.instruments.simulated.flux_cluster import FluxCluster
from coldlink.physics import NEGLIGIBLE_COUPLING, Controls

G, STEP, START = 4e7, 1e-9, 5e-6


def met(*pieces: tuple[int, float, float, float]) -> list[Contact]:
    """Contacts of A and B in pieces: steps, coupling of A, coupling of B, load (all rad/s)."""
    rows = np.concatenate([np.tile(values, (steps, 1)) for steps, *values in pieces])
    count = len(rows)
    controls = Controls(
        duration=np.full(count, STEP),
        qubit=np.arange(2.0 * count).reshape(count, 2),
        coupling=rows[:, :2],
        mode=np.zeros((count, 1)),
        load=rows[:, 2:],
    )
    return list(contacts(FluxCluster(START, (controls,), 0.0), 0, (0, 1)))


def spans(found) -> list[tuple[float, float, frozenset[int]]]:
    return [(c.start - START, c.end - START, c.active) for c in found]


def test_a_contact_lasts_from_the_first_to_the_last_step_with_a_coupler_on():
    (found,) = met((10, 0, 0, 0), (20, G, 0, 0), (5, 0, 0, 0), (7, 0, -G, 0), (9, 0, 0, 0))
    assert (found.start - START, found.end - START) == pytest.approx((10e-9, 42e-9))
    assert found.active == {0, 1}
    assert found.controls.qubit[:, 0].tolist() == list(range(20, 84, 2))
    assert found.controls.duration.sum() == pytest.approx(found.end - found.start)


@pytest.mark.parametrize(("share", "count"), [(0.99, 1), (1.01, 2)])
def test_a_pause_splits_contacts_once_the_open_load_has_emptied_the_line(share, count):
    load = share * FORGOTTEN / (200 * STEP)
    found = met((20, G, 0, 0), (200, 0, 0, load), (30, 0, G, 0))
    assert len(found) == count
    assert (found[0].start - START, found[-1].end - START) == pytest.approx((0, 250e-9))
    if count == 2:
        assert [contact.active for contact in found] == [{0}, {1}]
        assert found[0].end - START == pytest.approx(20e-9)
        assert found[1].start - START == pytest.approx(220e-9)


def test_a_load_that_is_open_while_a_coupler_is_on_splits_nothing():
    assert len(met((300, G, 0, FORGOTTEN / 1e-8), (5, 0, 0, 0), (20, G, 0, 0))) == 1


def test_a_cluster_without_a_coupler_has_no_contact():
    assert met((50, 0, NEGLIGIBLE_COUPLING / 2, 1e8)) == []
