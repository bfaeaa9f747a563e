"""Fluxes at the chip: the plant's qubits follow what the lines make of the generators' waveforms."""

from dataclasses import replace

import numpy as np
import pytest

from coldlink.instruments.simulated.chip_flux import FluxPath
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


def mixed(share, by="flux 0", felt="coupler 0"):
    """A change of the truth: this part of one line's flux is felt by the loop of another."""

    def change(held):
        lines = tuple(held.flux_lines)
        matrix = np.eye(len(lines))
        matrix[lines.index(felt), lines.index(by)] = share
        return replace(held, crosstalk=Crosstalk(lines, tuple(tuple(map(float, row)) for row in matrix)))

    return change


def resting(on) -> np.ndarray:
    """Reduced fluxes of the loops at the static biases."""
    return on.cycle(repetition(read(0, 1e-6))).rest.flux


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
    on = plant(filtered())
    path = on.dynamics.path
    fraction = np.pad(np.full(960, HEIGHT), round(6e-9 * FAST))
    arrived = path.arriving(np.full(fraction.size, 1 / FAST), {"flux 0": fraction}, resting(on))
    wanted = path.truth.qubit_flux[0].pulse * HEIGHT * 960 / FAST
    assert arrived.duration @ arrived.flux[:, 0] == pytest.approx(wanted, rel=1e-4)
    assert arrived.duration.size < 200
    assert np.all(arrived.flux[:, 1:] == 0)


def test_a_coupler_pulse_is_a_contact_of_its_own_length_and_not_of_its_tails():
    low = FluxFilter(bandwidth=250e6, tails=(Tail(0.01, 50e-9),), delay=1e-9)
    cycle = plant(filtered(low)).cycle(repetition(square(COUPLER[0], 1e-6, 40e-9, 0.4824), read(0, 1.05e-6)))
    (contact,) = cycle.contacts
    assert contact.start == pytest.approx(1e-6, abs=1e-9)
    assert contact.end == pytest.approx(1.042e-6, abs=1e-9)
    assert cycle.clusters[0].end - contact.end > 150e-9


def test_a_flux_pulse_moves_a_coupler_by_its_crosstalk():
    on = plant(mixed(0.02))
    held, path = on.truth, on.dynamics.path
    arrived = path.arriving(np.full(100, 1 / FAST), {"flux 0": np.pad(np.full(20, HEIGHT), 40)}, resting(on))
    place = list(path.lines).index("coupler 0")
    assert arrived.flux[:, place] == pytest.approx(0.02 * arrived.flux[:, 0])
    volts = {"flux 0": 0.7, "coupler 0": 0.2}
    moved = (
        path.rest(volts, {})[place]
        - FluxPath(replace(held, crosstalk=Crosstalk.none(tuple(path.lines)))).rest(volts, {})[place]
    )
    assert moved == pytest.approx(0.02 * 0.7 * held.qubit_flux[0].bias)


def test_a_line_that_ideally_passes_everything_costs_no_steps():
    on = plant()
    path = on.dynamics.path
    assert path.ideal
    assert (path.reach, path.lasting(resting(on)), path.settling) == (0.0, 0.0, 0.0)


def slope(on, qubit: int = 0) -> float:
    """Of the resting qubit (Hz/Phi0), from the derivative of its spectrum."""
    model = on.truth.network.links[0].qubits[qubit].transmon
    return abs(float(model.slope(resting(on)[qubit])))


def test_a_tail_is_over_where_it_moves_nothing_by_a_kilohertz():
    on = plant(filtered())
    path, rest = on.dynamics.path, resting(on)
    steep = path.steepness(rest[None])
    link = on.truth.network.links[0]
    beside = rest[4] + np.array([-1e-3, 0.0, 1e-3])
    load = [value(beside, link.mode_frequency) for value in (link.load.pull, link.load.kappa)]
    steepest = max(np.abs(load[0] - load[0][1]).max(), np.abs(load[1] - load[1][1]).max() / TWO_PI) / 1e-3
    assert steep[:2] == pytest.approx([slope(on, 0), slope(on, 1)], rel=0.01)
    assert steep[4] == pytest.approx(steepest, rel=0.02)
    assert steep[2:4].max() < 0.1 * steep[:2].min(), "a coupler at its zero pulls its qubit little"
    heights = [0.01 * abs(line.pulse) * value for line, value in zip(path.lines.values(), steep, strict=True)]
    assert path.lasting(rest) == pytest.approx(60e-9 * np.log(max(heights) / 1e3))


def test_a_tail_lasts_as_long_as_the_loop_minds_that_feels_it_by_crosstalk():
    on = plant(lambda held: filtered()(mixed(0.9, by="load 0", felt="flux 0")(held)))
    height = 0.01 * on.truth.load_flux[0].pulse * 0.9 * slope(on)
    assert on.dynamics.path.lasting(resting(on)) == pytest.approx(60e-9 * np.log(height / 1e3), rel=1e-3)


def test_a_tail_is_cut_into_steps_of_ten_kilohertz_however_steep_the_qubit():
    on = plant(filtered())
    fraction = np.pad(np.full(960, HEIGHT), round(60e-9 * FAST))
    path, rest = on.dynamics.path, resting(on)
    arrived = path.arriving(np.full(fraction.size, 1 / FAST), {"flux 0": fraction}, rest)
    model = on.truth.network.links[0].qubits[0].transmon
    early = np.cumsum(arrived.duration) < fraction.size / FAST
    held = model.frequency(rest[0] + arrived.flux[early, 0])
    late = np.cumsum(arrived.duration)[early] > 960 / FAST + 66e-9
    assert np.count_nonzero(late) > 5
    assert np.abs(np.diff(held[late])).max() < 1.2e4


def test_a_tail_that_outlasts_the_repetition_is_refused():
    on = plant(filtered(FluxFilter(high_pass=1e3)))
    with pytest.raises(ModelError, match="flux tail"):
        on.cycle(repetition(square(FLUX[0], 1e-6, LONG, HEIGHT), read(0, 3e-6)))
