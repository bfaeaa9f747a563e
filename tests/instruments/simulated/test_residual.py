"""Couplers that are not quite off while fluxes play: left to the rest's rates, or followed."""

from dataclasses import replace

import numpy as np
import pytest

from coldlink.instruments.simulated import residual
from coldlink.physics import Crosstalk

from .rack import COUPLER, FLUX, LOAD, SLOW, TWO_PI, drive, plant, populations, read, repetition, square

ON, RESONANT = 0.4824, 0.3643


def biased(hertz: float):
    """sim_4k with A's coupler at this g/2pi instead of zero."""
    on = plant()
    qubit, line = on.truth.network.links[0].qubits[0], on.truth.coupler_flux[0]
    on.set_bias("a.coupler.bias", line.volts(float(qubit.coupler.flux_for(hertz, 5.11e9, 5.04e9))))
    return on


def test_a_coupler_that_is_5_khz_off_does_not_join_the_windows_of_the_other_one():
    on = biased(5e3)
    events = square(COUPLER[1], 1e-6, 40e-9, ON), square(FLUX[1], 1e-6, 40e-9, RESONANT), read(1, 1.1e-6)
    (contact,) = on.cycle(repetition(*events)).contacts
    assert contact.active == {1}


def test_a_flux_pulse_through_a_coupler_that_is_5_khz_off_is_no_contact():
    assert biased(5e3).cycle(repetition(square(FLUX[0], 1e-6, 100e-9, RESONANT), read(0, 1.2e-6))).contacts == []


def test_a_flux_pulse_onto_the_mode_through_a_coupler_that_is_on_is_a_contact_of_that_coupling():
    on = biased(2e6)
    events = square(FLUX[0], 1e-6, 60e-9, RESONANT), read(0, 1.2e-6)
    (contact,) = on.cycle(repetition(*events)).contacts
    assert contact.active == {0}
    assert np.abs(contact.controls.coupling[:, 0]).max() == pytest.approx(TWO_PI * 2e6, rel=0.02)
    assert contact.end - contact.start == pytest.approx(60e-9, abs=1e-9)


@pytest.mark.parametrize(("share", "count"), [(0.03, 0), (0.3, 1)])
def test_crosstalk_onto_a_coupler_is_a_contact_only_where_it_can_move_something(share, count):
    def mixed(held):
        names = held.crosstalk.lines
        matrix = np.eye(len(names))
        matrix[names.index("coupler 0"), names.index("flux 0")] = share
        return replace(held, crosstalk=Crosstalk(names, tuple(map(tuple, matrix.tolist()))))

    on = plant(mixed)
    own = on.truth.qubit_flux[0].bias * on.biases["a.flux.bias"]
    on.set_bias("a.coupler.bias", on.biases["a.coupler.bias"] - share * own / on.truth.coupler_flux[0].bias)
    cycle = on.cycle(repetition(square(FLUX[0], 1e-6, 400e-9, -0.8), read(0, 1.5e-6)))
    assert len(cycle.contacts) == count
    felt = share * 0.8 * on.truth.qubit_flux[0].pulse
    assert felt > 1e-3
    quiet = plant().cycle(repetition(square(FLUX[0], 1e-6, 400e-9, -0.8), read(0, 1.5e-6)))
    assert cycle.populations()[0] == pytest.approx(quiet.populations()[0], abs=1e-3)


@pytest.mark.parametrize(
    ("hertz", "beside", "length"),
    [(20e3, 0.0, 100e-9), (40e3, 8e6, 100e-9), (20e3, 8e6, 400e-9), (10e3, 1e6, 200e-9)],
)
def test_what_a_coupler_that_counts_as_off_would_do_is_told(hertz, beside, length, monkeypatch):
    """Against the same coupling followed, with an excitation and with a fringe. beside: The mode, load closed (Hz)."""
    model, line = plant().truth.network.links[0].qubits[0].transmon, plant().truth.qubit_flux[0]
    height = float(model.flux(5.04e9 + beside) - model.flux(5.11e9)) / line.pulse
    pulse = square(FLUX[0], 1.05e-6, length, height), square(LOAD, 1.04e-6, length + 20e-9, 0.3423)
    end = round((1.06e-6 + length) * SLOW) / SLOW
    programs = [(drive(0, 1e-6, np.pi), *pulse, read(0, end + 20e-9))]
    halves = [drive(0, end, np.pi / 2, phase=phase) for phase in (0.0, np.pi / 2)]
    programs += [(drive(0, 1e-6, np.pi / 2), *pulse, half, read(0, end + 22e-9)) for half in halves]
    on = biased(hertz)
    off = [on.cycle(repetition(*program)) for program in programs]
    without = [cycle.populations()[0].sum(axis=1)[1] for cycle in off]
    monkeypatch.setattr(residual, "NEGLIGIBLE", 0.0)
    on = biased(hertz)
    met = [on.cycle(repetition(*program)) for program in programs]
    followed = [cycle.populations()[0].sum(axis=1)[1] for cycle in met]
    assert not any(cycle.contacts for cycle in off)
    assert all(cycle.contacts for cycle in met)
    wrong = np.abs(np.subtract(without, followed))
    assert np.all(wrong < [cycle.error for cycle in off])
    assert max(wrong) > 1e-5, "it does something"
    assert off[0].error < 1.2e-3


def test_a_qubit_that_stays_is_left_to_its_rates_while_the_load_moves():
    on = biased(2e6)
    assert on.cycle(repetition(square(LOAD, 1e-6, 60e-9, 0.3), read(0, 1.2e-6))).contacts == []


def test_a_resting_contact_lets_an_excited_qubit_fall_at_its_rate():
    on = biased(6e6)
    rates = on.cycle(repetition(read(0, 1e-6))).rates
    pi, end = drive(0, 1e-6, np.pi, duration=40e-9), 1.04e-6
    frequency = on.cycle(repetition(read(0, 1e-6))).frequency(0)
    assert abs(frequency - 5.11e9) > 5e6
    # On resonance with the qubit where its coupler has pulled it.
    pulse = drive(0, 1e-6, np.pi, duration=40e-9, detuning=frequency - 5.11e9)
    early, late, rest = (
        populations(on, *events)[0].sum(axis=1)[1]
        for events in ((pulse, read(0, end)), (pulse, read(0, end + 2e-6)), (read(0, end),))
    )
    assert early > 0.85 > populations(on, pi, read(0, end))[0].sum(axis=1)[1]
    assert (late - rest) / (early - rest) == pytest.approx(np.exp(-2e-6 * rates.relaxation[0]), abs=0.05)
    assert rates.relaxation[0] > 1.05 / 15e-6
