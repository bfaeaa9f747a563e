"""Knowledge is the design with what was measured in the place of what was assumed."""

from dataclasses import replace

import pytest

from coldlink.calibration.knowledge import Knowledge
from coldlink.calibration.names import KINDS
from coldlink.sequences import resolved
from coldlink.sequences.errors import CalibrationError
from coldlink.sequences.setting import Setting

from .paper_bench import known

FLUX, COUPLER, LOAD = (Setting(name, "V") for name in ("a.flux.bias", "a.coupler.bias", "line.load.bias"))


def test_without_a_measurement_the_link_is_the_designs():
    assert known().link.source == "design"
    designed = known().prior.link()
    assert known().link.line == designed.line
    assert known().link.node_a.swap == designed.node_a.swap
    assert known().link.node_b.x180 == designed.node_b.x180


@pytest.mark.parametrize(
    ("values", "found"),
    [
        ({"a.t1": 9e-6}, lambda link: link.node_a.t1),
        ({"b.t_phi": 4e-6}, lambda link: link.node_b.t_phi),
        ({"a.f01": 5.2e9}, lambda link: link.node_a.frequency),
        ({"b.anharmonicity": -200e6}, lambda link: link.node_b.anharmonicity),
        ({"b.residual_population": 0.07}, lambda link: link.node_b.residual_population),
        ({"a.x180.amplitude": 0.3}, lambda link: resolved(link.node_a.x180.amplitude)),
        ({"a.readout.frequency": 6.36e9}, lambda link: link.node_a.tone.frequency),
        ({"line.mode_frequency": 5.03e9}, lambda link: link.line.mode_frequency),
        ({"line.kappa_i": 3e5}, lambda link: link.line.internal_rate),
        ({"line.transfer_phase": 1.25}, lambda link: link.line.transfer_phase),
        ({"line.bell_phase": -0.5}, lambda link: link.line.bell_phase),
    ],
)
def test_a_measured_value_takes_the_place_of_the_designs(values, found):
    learned = known().learned(values)
    ((_, value),) = values.items()
    assert found(learned.link) == pytest.approx(value, rel=1e-9)
    assert found(known().link) != pytest.approx(value, rel=1e-3)
    assert learned.link.source == "calibration"


def test_the_newest_value_counts_and_the_others_stay():
    learned = known().learned({"a.t1": 9e-6, "b.t1": 8e-6}).learned({"a.t1": 7e-6})
    assert learned.values == {"a.t1": 7e-6, "b.t1": 8e-6}


def test_a_bias_that_was_calibrated_is_held_as_it_was_found():
    learned = known().learned({"a.flux.bias": 0.3, "a.coupler.zero_bias": 0.7, "load.open_bias": -0.4})
    assert [learned.biases[setting] for setting in (FLUX, COUPLER, LOAD)] == [0.3, 0.7, -0.4]


def test_whoever_is_blind_leaves_a_source_at_zero_until_its_bias_is_known():
    blind = Knowledge(prior=known().prior, target=known().target, blind=True)
    assert set(blind.biases.values()) == {0.0}
    assert {s.name: volts for s, volts in blind.learned({"a.flux.bias": 0.3}).biases.items() if volts} == {
        "a.flux.bias": 0.3
    }
    assert all(replace(blind, blind=False).biases.values())


def test_a_readouts_delay_lies_on_the_clock_and_not_before_the_echo():
    clock, learned = known().clock, known().learned({"a.readout.delay": 123.4e-9})
    delay = learned.link.node_a.tone.delay
    assert delay >= 123.4e-9
    assert delay - 123.4e-9 < clock.period
    assert clock.ticks(delay, "a.readout") * clock.period == pytest.approx(delay)


def test_a_delay_that_was_measured_below_zero_is_none():
    assert known().learned({"a.readout.delay": -2.3e-9}).link.node_a.tone.delay == 0


def test_single_shots_have_no_states_before_the_readout_of_this_session():
    with pytest.raises(CalibrationError, match="before the readout was calibrated in this session"):
        _ = known().sure_readout


def test_the_amplitudes_of_the_swaps_go_with_every_value():
    amplitudes = known().amplitudes
    assert amplitudes["a.swap.coupler"] == resolved(known().link.node_a.swap.coupler.amplitude)
    assert len(amplitudes) == 4


def test_a_name_that_belief_does_not_know_changes_nothing():
    assert "a.readout.p10" in KINDS
    assert known().learned({"a.readout.p10": 0.4}).link.node_a == known().link.node_a
