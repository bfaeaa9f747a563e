"""What remains of a change by the cutoffs, against sums over many Fock states."""

import numpy as np
import pytest

from coldlink.physics.space import ModeSpace
from coldlink.physics.truncation import remainder


def photon_added(n, size=400):
    """Weights of a thermal mode to which one photon was added."""
    count = np.arange(size)
    return count * (n / (1 + n)) ** np.maximum(count - 1, 0)


@pytest.mark.parametrize("n", [0.04, 0.5, 4.0])
@pytest.mark.parametrize(("fine", "coarse"), [(7, 6), (20, 17)])
def test_of_one_mode_it_is_the_weight_above_the_cutoff_over_the_weight_given_up(n, fine, coarse):
    weights = photon_added(n)
    expected = weights[fine:].sum() / weights[coarse:fine].sum()
    found = remainder(ModeSpace((fine,), fine - 1), ModeSpace((coarse,), coarse - 1), np.array([n]))
    assert found == pytest.approx(expected, rel=1e-9)


def test_the_worst_mode_counts_and_one_that_was_not_cut_does_not():
    warm, cold = np.array([0.5, 0.1]), np.array([0.1, 0.1])
    fine, coarse = ModeSpace((6, 4), 8), ModeSpace((5, 3), 8)
    assert remainder(fine, coarse, warm) == remainder(ModeSpace((6,), 5), ModeSpace((5,), 5), warm[:1])
    assert remainder(fine, ModeSpace((6, 3), 8), warm) == remainder(fine, coarse, cold)


def test_of_the_photons_together_it_counts_the_states_of_one_photon_more_within_the_cutoffs():
    occupations = np.array([0.5, 0.3, 0.4])
    whole, ratios = ModeSpace((5, 4, 4), 10), occupations / (1 + occupations)
    weights, totals = np.prod(ratios**whole.states, axis=1), whole.totals + 1
    expected = weights[totals > 6].sum() / weights[(totals > 5) & (totals <= 6)].sum()
    found = remainder(ModeSpace((5, 4, 4), 6), ModeSpace((5, 4, 4), 5), occupations)
    assert found == pytest.approx(expected, rel=1e-12)


def test_a_space_compared_with_itself_tells_nothing():
    space = ModeSpace((5, 4), 6)
    assert remainder(space, space, np.array([0.5, 0.5])) == 0
