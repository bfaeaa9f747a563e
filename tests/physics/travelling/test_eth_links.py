"""What the published numbers of a link of ETH's kind say, and what they leave open.

Magnard et al., PRL 125, 260502 (2020): kappa/2pi 8.9 MHz, Gamma/2pi 6.2 MHz, 4.9 m, 22.3 % of the photons lost; F_p
79.5 %, F_s 85.8 %, Bell 79.5 %, readout corrected. The 311 ns of a transfer are taken as the window of each tone here.
Not available to us: lifetimes, dephasing, Stark shifts, pulls, residual populations, pulse lengths. They are assumed,
alike at both nodes, and other families of them would do as well.
"""

import pytest

from coldlink.physics.travelling import bell_fidelity, budget
from coldlink.sequences.units import ns, us

from .links import node, transfer

F_P, F_S, BELL = 0.795, 0.858, 0.795


def magnard(t1_e, t1_f, t2_ge, t2_gf, swap=50 * ns):
    """The published line between two nodes with these times (s)."""
    dephased = {"t_phi_e": 1 / (1 / t2_ge - 1 / (2 * t1_e)), "t_phi_f": 1 / (1 / t2_gf - 1 / (2 * t1_f))}
    ends = node(swap=swap, t1_e=t1_e, t1_f=t1_f, **dephased)
    return transfer(ends, ends, window=311 * ns, loss=0.223, delay=26 * ns)


LONG_LIVED = (20 * us, 10 * us, 20 * us, 8 * us)
SHORT_LIVED = (5 * us, 2.3 * us, 5 * us, 2.5 * us)


def test_the_published_loss_and_window_alone_leave_nine_hundredths_to_the_nodes():
    link = transfer(loss=0.223, window=311 * ns)
    assert link.process.process_fidelity == pytest.approx(0.8816, abs=1e-4)
    assert link.pair.fidelity == pytest.approx(0.8816, abs=1e-4)
    assert link.process.process_fidelity - F_P == pytest.approx(0.087, abs=1e-3)


def test_transmons_of_some_microseconds_account_for_the_published_transfer():
    """Consistent with Magnard 2020, and no more: the times were chosen for it, and the pair comes out 0.034 too low."""
    link = magnard(*SHORT_LIVED)
    assert link.process.process_fidelity == pytest.approx(F_P, abs=1e-3)
    assert link.process.state_fidelity == pytest.approx(F_S, abs=3e-3)
    assert link.pair.fidelity == pytest.approx(0.7606, abs=1e-3)
    assert BELL - link.pair.fidelity == pytest.approx(0.034, abs=1e-3)


def test_transmons_that_live_four_times_longer_are_above_what_was_published():
    link = magnard(*LONG_LIVED)
    assert link.process.process_fidelity == pytest.approx(0.8551, abs=1e-3)
    assert link.pair.fidelity == pytest.approx(0.8454, abs=1e-3)
    assert link.pair.fidelity > BELL
    assert link.process.process_fidelity > F_P


@pytest.mark.parametrize("times", [LONG_LIVED, SHORT_LIVED])
def test_lost_photons_cost_more_than_anything_else(times):
    link = magnard(*times)
    for found in (budget(link), budget(link, bell_fidelity)):
        assert next(iter(found.gains)) == "photon loss"
        assert found.gains["photon loss"] == pytest.approx(0.1, abs=0.01)
