"""Phases of the transfer on the twin: however wrong the believed ones are, the right ones are found."""

import numpy as np
import pytest

from coldlink.calibration import calibrate
from coldlink.calibration.transfer_phase import BellPhase, TransferPhase
from coldlink.sequences.errors import FitRejected

from .found_on_the_twin import ready

PHASES = (("line.transfer_phase", TransferPhase, 0.7), ("line.bell_phase", BellPhase, -2.5))


@pytest.mark.parametrize(("name", "routine", "wrong"), PHASES)
def test_the_phase_is_found_from_a_wrong_one(name, routine, wrong):
    setup = ready()
    designed = {"line.transfer_phase": setup.bench.link.line.transfer_phase}
    designed["line.bell_phase"] = setup.bench.link.line.bell_phase
    setup.bench.known = setup.bench.known.learned({name: designed[name] + wrong})
    (found,) = routine().found(calibrate(routine(), setup.bench).fit).values()
    # The design follows one excitation without heat: good to a few hundredths.
    assert abs(np.angle(np.exp(1j * (found.value - designed[name])))) < 3 * found.error + 0.02
    assert found.error < 0.03
    assert -np.pi <= found.value <= np.pi


def test_a_transfer_that_does_not_happen_has_no_phase():
    setup = ready(coupler_pulse=1e-3)
    with pytest.raises(FitRejected):
        calibrate(TransferPhase(), setup.bench)
