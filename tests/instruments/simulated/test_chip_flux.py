"""Fluxes at the chip: the plant's qubits follow what the lines make of the generators' waveforms."""

from dataclasses import replace

import numpy as np
import pytest

from coldlink.instruments.simulated.chip_flux import FluxPath
from coldlink.instruments.simulated.dynamics import Dynamics
from coldlink.physics import Crosstalk, FluxFilter, Tail
from coldlink.sequences.errors import ModelError

from .rack import COUPLER, FAST, FLUX, TWO_PI, plant, read, repetition, square

LOW = FluxFilter(bandwidth=250e6, tails=(Tail(0.01, 60e-9),), delay=1e-9)
HEIGHT, LONG = 0.4, 100e-9


def filtered(low=LOW):
    """A change of the truth: this filter in every flux line."""

    def change(held):
        def changed(lines):
            return tuple(replace(line, filter=low) for line in lines)

        return replace(
            held,
            qubit_flux=changed(held.qubit_flux),
            coupler_flux=changed(held.coupler_flux),
            load_flux=(replace(held.load_flux[0], filter=low),),
        )

    return change


def mixed(share):
    """A change of the truth: this part of A's qubit flux is felt by A's coupler."""

    def change(held):
        lines = tuple(held.flux_lines)
        matrix = np.eye(len(lines))
        matrix[lines.index("coupler 0"), lines.index("flux 0")] = share
        return replace(held, crosstalk=Crosstalk(lines, tuple(tuple(map(float, row)) for row in matrix)))

    return change


def test_the_phase_that_a_ramsey_sees_after_a_flux_pulse_is_the_integral_of_its_tail():
    on = plant(filtered())
    cycle = on.cycle(repetition(square(FLUX[0], 1e-6, LONG, HEIGHT), read(0, 3e-6)))
    (cluster,) = cycle.clusters
    line, model = on.truth.qubit_flux[0], on.truth.network.links[0].qubits[0].transmon
    length = round(LONG * FAST) / FAST
    begin = 1e-6 + LOW.delay + length + 10e-9
    late = np.linspace(begin, begin + 600e-9, 200_001)
    since = late - 1e-6 - LOW.delay
    height = line.pulse * HEIGHT * 0.01 * (np.exp(-since / 60e-9) - np.exp(-(since - length) / 60e-9))
    slope = float(model.slope(line.flux(on.biases["a.flux.bias"], np.zeros(1)))[0])
    wanted = TWO_PI * slope * np.trapezoid(height, late)
    (found,) = cluster.angles((0, 0), np.array([late[0], late[-1]]), float(cycle.rest.controls[0].qubit[0, 0]))
    assert abs(wanted) > 0.03
    assert found == pytest.approx(wanted, rel=0.02)


def test_the_flux_of_a_pulse_with_its_tail_has_the_area_of_the_pulse():
    path = FluxPath(plant(filtered()).truth)
    fraction = np.pad(np.full(960, HEIGHT), round(6e-9 * FAST))
    arrived = path.arriving(np.full(fraction.size, 1 / FAST), {"flux 0": fraction})
    wanted = path.truth.qubit_flux[0].pulse * HEIGHT * 960 / FAST
    assert arrived.duration @ arrived.flux[:, 0] == pytest.approx(wanted, rel=1e-4)
    assert arrived.duration.size < 150
    assert np.all(arrived.flux[:, 1:] == 0)


def test_a_coupler_pulse_is_a_contact_of_its_own_length_and_not_of_its_tails():
    low = FluxFilter(bandwidth=250e6, tails=(Tail(0.01, 50e-9),), delay=1e-9)
    cycle = plant(filtered(low)).cycle(repetition(square(COUPLER[0], 1e-6, 40e-9, 0.4824), read(0, 1.05e-6)))
    (contact,) = cycle.contacts
    assert contact.start == pytest.approx(1e-6, abs=1e-9)
    assert contact.end == pytest.approx(1.042e-6, abs=1e-9)
    assert cycle.clusters[0].end - contact.end > 150e-9


def test_a_flux_pulse_moves_a_coupler_by_its_crosstalk():
    held = plant(mixed(0.02)).truth
    path = FluxPath(held)
    arrived = path.arriving(np.full(100, 1 / FAST), {"flux 0": np.pad(np.full(20, HEIGHT), 40)})
    place = list(path.lines).index("coupler 0")
    assert arrived.flux[:, place] == pytest.approx(0.02 * arrived.flux[:, 0])
    volts = {"flux 0": 0.7, "coupler 0": 0.2}
    moved = (
        path.rest(volts, {})[place]
        - FluxPath(replace(held, crosstalk=Crosstalk.none(tuple(path.lines)))).rest(volts, {})[place]
    )
    assert moved == pytest.approx(0.02 * 0.7 * held.qubit_flux[0].bias)


def test_a_line_that_ideally_passes_everything_costs_no_steps():
    path = Dynamics(plant().truth).path
    assert path.ideal
    assert (path.reach, path.lasting, path.settling) == (0.0, 0.0, 0.0)


def test_a_tail_that_outlasts_the_repetition_is_refused():
    on = plant(filtered(FluxFilter(high_pass=1e3)))
    with pytest.raises(ModelError, match="flux tail"):
        on.cycle(repetition(square(FLUX[0], 1e-6, LONG, HEIGHT), read(0, 3e-6)))
