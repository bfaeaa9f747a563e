"""The plant as the board sees it: connectors and volts, never names."""

from dataclasses import replace

import numpy as np
import pytest

from coldlink.instruments.simulated.board import Played, Repetition
from coldlink.instruments.simulated.hearing import drawn
from coldlink.instruments.simulated.plant import LinkPlant
from coldlink.sequences import Sequence
from coldlink.sequences.errors import ModelError
from coldlink.sequences.protocols import bases, half_transfer, measure, preparations

from ...one_mode import one_mode
from .rack import COUPLER, FLUX, TONES, drive, plant, read, repetition, square

GENERATORS = {0: 3, 1: 5, 2: 0, 3: 7, 4: 4, 5: 6, 6: 1, 7: 2}
"""A generator's index -> where its cable is plugged in instead."""
READOUTS = {2: 5, 3: 2}


def replugged(held):
    """Every cable in another socket, and every DC source under another name."""
    return replace(
        held,
        generators={GENERATORS[index]: line for index, line in held.generators.items()},
        readouts={READOUTS[index]: qubit for index, qubit in held.readouts.items()},
        sources={f"rack 3, output {number}": held.sources[name] for number, name in enumerate(held.sources)},
    )


def moved(played: Repetition) -> Repetition:
    return replace(
        played,
        played=tuple(replace(wave, generator=GENERATORS[wave.generator]) for wave in played.played),
        windows=tuple(replace(window, readout=READOUTS[window.readout]) for window in played.windows),
    )


def test_the_plant_sees_what_is_plugged_in_where_and_never_a_name():
    setup = one_mode()
    link = setup.bench.link
    sequence = (
        Sequence()
        .then(preparations(link.node_a, ("1",))["1"])
        .then(half_transfer(link))
        .choose("basis", bases(link.node_b, ("+Z", "+X")))
        .then(measure(link.node_a, link.node_b))
    )
    played = setup.repetition(setup.lowered(sequence))
    held = setup.truth
    volts = {f"rack 3, output {number}": setup.plant.biases[name] for number, name in enumerate(held.sources)}
    other = LinkPlant(replugged(held), np.random.default_rng(0), volts)
    before, after = setup.plant.cycle(played).populations(), other.cycle(moved(played)).populations()
    assert [point.tolist() for point in before] == [point.tolist() for point in after]
    swapped = LinkPlant(replugged(held), np.random.default_rng(0), volts).measure(moved(played), 50)
    assert (
        swapped.tolist()
        == LinkPlant(held, np.random.default_rng(0), dict(setup.plant.biases)).measure(played, 50).tolist()
    )


def test_a_wave_on_a_socket_where_nothing_is_plugged_in_does_nothing():
    on = plant()
    stray = replace(drive(0, 1e-6, np.pi), generator=12)
    with_stray, without = (on.cycle(repetition(*events, read(0, 2e-6))).populations()[0] for events in ((stray,), ()))
    assert with_stray.tolist() == without.tolist()


def test_a_coupler_that_is_on_at_rest_warms_its_qubit_and_the_more_so_the_less_the_line_is_cooled():
    def resting(coupler: float, load: float) -> float:
        on = plant()
        on.set_bias("b.coupler.bias", on.biases["b.coupler.bias"] + coupler)
        on.set_bias("line.load.bias", on.biases["line.load.bias"] + load)
        return float(on.cycle(repetition(read(1, 1e-6))).populations()[0].sum(axis=0)[1])

    closed = on_load(plant())
    assert resting(0.0, 0.0) == pytest.approx(resting(0.0, closed), abs=1e-3)
    assert resting(0.1, closed) > resting(0.05, closed) + 0.05 > resting(0.0, closed) + 0.1
    assert resting(0.05, 0.0) < resting(0.05, closed) - 0.05


def on_load(of: LinkPlant) -> float:
    """From the open load to the closed one (V)."""
    load, line = of.truth.network.links[0].load, of.truth.load_flux[0]
    return line.volts(float(load.closed_flux)) - of.biases["line.load.bias"]


def test_a_qubit_in_contact_jumps_while_it_is_read():
    tone = Played(
        generator=TONES,
        start=1e-6,
        sample_rate=1 / 4.14e-6,
        envelope=np.array([0.1 + 0j]),
        oscillator=6.4e9,
        frequency=-50e6,
        phase=0.0,
    )

    def undisturbed(volts: float) -> float:
        """Share of shots in which the qubit stayed in one level throughout."""
        on = plant(silent)
        on.set_bias("a.coupler.bias", on.biases["a.coupler.bias"] + volts)
        on.set_bias("line.load.bias", on.biases["line.load.bias"] + on_load(on))
        echoes = on.measure(repetition(tone, read(0, 1e-6)), 2000)[:, 0]
        return float(np.unique(np.round(echoes, 3), return_counts=True)[1].max() / echoes.size)

    assert undisturbed(0.0) > 0.9
    assert undisturbed(0.1) < 0.6


def silent(held):
    return replace(held, resonators=tuple(replace(r, noise=0.0) for r in held.resonators))


def test_a_line_at_another_temperature_holds_other_photons():
    on = plant()
    cold = on.cycle(repetition(read(0, 1e-6))).rest.occupations[0][0]
    on.line_temperature = 2.0
    assert on.line_temperature == pytest.approx(2.0, rel=5e-5)
    assert on.cycle(repetition(read(0, 1e-6))).rest.occupations[0][0] == pytest.approx(cold * 7.78 / 16.04, rel=0.02)
    meeting = (square(COUPLER[0], 1e-6, 40e-9, 0.4824), square(FLUX[0], 1e-6, 40e-9, 0.3643), read(0, 1.1e-6))
    warm = {}
    for kelvin in (4.0, 2.0, 4.0, 2.0):
        on.line_temperature = kelvin
        warm.setdefault(kelvin, []).append(on.cycle(repetition(*meeting)).populations()[0])
    assert warm[4.0][0] == pytest.approx(warm[4.0][1], abs=1e-9)
    assert warm[2.0][0] == pytest.approx(warm[2.0][1], abs=1e-9)
    assert abs(warm[4.0][0] - warm[2.0][0]).max() > 0.01


def test_a_source_that_nothing_hangs_on_is_refused_with_those_that_are_known():
    with pytest.raises(ModelError, match=r"a\.flux\.bias"):
        plant().set_bias("c.flux.bias", 0.1)


def test_a_flux_bias_moves_a_qubit_out_of_the_way_of_its_drive():
    on = plant()
    pulse = drive(0, 1e-6, np.pi, duration=40e-9)
    resonant = on.cycle(repetition(pulse, read(0, 1.1e-6))).populations()[0].sum(axis=1)[1]
    on.set_bias("a.flux.bias", on.biases["a.flux.bias"] - 0.1)
    missed = on.cycle(repetition(pulse, read(0, 1.1e-6))).populations()[0].sum(axis=1)[1]
    assert resonant > 0.9
    assert missed < 0.3


def test_shots_follow_the_joint_populations():
    on = plant()
    on.truth = replace(on.truth, resonators=tuple(replace(r, noise=0.0) for r in on.truth.resonators))
    shots = 40_000
    joint = on.cycle(repetition(drive(0, 1e-6, 2.0), read(0, 1.1e-6), read(1, 1.1e-6))).populations()[0]
    levels = np.stack(drawn(joint, shots, np.random.default_rng(3)))
    for a in range(3):
        for b in range(3):
            p = joint[a, b]
            share = np.mean((levels[0] == a) & (levels[1] == b))
            assert abs(share - p) <= 4 * np.sqrt(p * (1 - p) / shots) + 1 / shots
