"""Vacuum Rabi on the twin: coupling and resonance are found, and what is learned makes better swaps."""

import pytest

from coldlink.calibration import calibrate
from coldlink.calibration.names import KINDS
from coldlink.calibration.vacuum_rabi import VacuumRabiRoutine
from coldlink.sequences.errors import FitRejected
from coldlink.sequences.protocols import handshake, measure, preparations
from coldlink.sequences.units import MHz

from ..one_mode import one_mode
from .found_on_the_twin import assert_within, ready, values


def transferred(setup, link):
    """Population that arrives at B."""
    a, b = link.node_a, link.node_b
    program = setup.lowered(preparations(a, ("1",))["1"].then(handshake(link)).then(measure(b)))
    return setup.populations(program)[0].sum(axis=0)[1]


def true_coupling(setup, amplitude):
    device = setup.device
    coupler = device.qubits[0].coupler
    flux = coupler.zero_flux + setup.truth.coupler_flux[0].pulse * amplitude
    return float(coupler.g(flux, device.mode_frequency, device.mode_frequency))


@pytest.mark.parametrize(("coupling", "pulse", "mode"), [(1.1, 1.05, 1.0001), (0.9, 0.95, 0.9999)])
def test_coupling_and_resonance_are_found_and_make_a_better_swap(coupling, pulse, mode):
    setup = ready(coupling=coupling, coupler_pulse=pulse, mode=mode, seed=1)
    before = setup.bench.known
    for node in "ab":
        routine = VacuumRabiRoutine(node=node)
        found = routine.found(calibrate(routine, setup.bench).fit)
        assert set(found) <= set(KINDS)
        if node == "a":
            amplitude = before.link.node_a.swap.coupler.amplitude
            assert_within(found["a.swap.coupling"], true_coupling(setup, amplitude))
            assert found["a.swap.coupling"].error < 0.02 * found["a.swap.coupling"].value
            assert_within(found["line.mode_frequency"], setup.device.mode_frequency)
            assert found["line.mode_frequency"].error < 0.5 * MHz
        setup.bench.known = setup.bench.known.learned(values(found))
    after = setup.bench.known.link
    wanted = setup.design.operation.coupling
    assert true_coupling(setup, after.node_a.swap.coupler.amplitude) == pytest.approx(wanted, rel=0.03)
    as_designed = one_mode()
    best = transferred(as_designed, as_designed.design.link())
    assert transferred(setup, after) > max(transferred(setup, before.link) + 0.02, best - 0.03)


def test_a_node_that_never_meets_the_line_is_refused():
    setup = ready(coupler_pulse=1e-3)
    with pytest.raises(FitRejected, match="vacuum Rabi"):
        calibrate(VacuumRabiRoutine(node="a"), setup.bench)
