"""Drift in the plant: strong, so that what is measured follows it, and slow, so that it costs nothing."""

from dataclasses import replace

import numpy as np
import pytest

from coldlink.instruments.simulated.board import Played
from coldlink.instruments.simulated.board.boards import BOARD
from coldlink.instruments.simulated.wander import Telegraph, Wander

from ...one_mode import drifting
from .rack import DRIVE, PERIOD, TONES, drive, plant, populations, read, repetition

NOW = 1.77e9
HOUR = 3600.0


def tone(start: float) -> Played:
    return Played(
        generator=TONES,
        start=start,
        sample_rate=1 / 4.14e-6,
        envelope=np.array([0.1 + 0j]),
        oscillator=6.4e9,
        frequency=-50e6,
        phase=0.0,
    )


def silent(held):
    return replace(held, resonators=tuple(replace(resonator, noise=0.0) for resonator in held.resonators))


def on(change=lambda held: held, **processes):
    return plant(lambda held: replace(change(held), drifts=drifting((4, 2), **processes)))


def test_a_t1_that_has_jumped_is_what_a_relaxation_measurement_finds():
    plant = on(relaxation=Telegraph(amplitude=1.5, correlation=HOUR))
    waits, found = 1e-6 * np.array([0.5, 4.0, 8.0, 16.0]), {}
    for time in NOW + HOUR * np.arange(30):
        more = plant.truth.drifted(time).relaxation[0]
        if more in found:
            continue
        plant.drift(time)
        excited, rest = (
            [
                float(populations(plant, *pulses, read(0, 1.02e-6 + wait))[0].sum(axis=1)[1])
                for wait in (waits if pulses else waits[:1])
            ]
            for pulses in ((drive(0, 1e-6, np.pi),), ())
        )
        slope, _ = np.polyfit(waits, np.log(np.array(excited) - rest[0]), 1)
        found[more] = -1 / slope
    assert set(found) == {0.0, 1.5}
    assert found[0.0] == pytest.approx(15e-6, rel=0.02)
    assert found[1.5] == pytest.approx(15e-6 / 2.5, rel=0.02)


def test_a_qubit_follows_the_drifts_of_its_loop_and_its_coupler_s_in_steps_that_no_measurement_sees():
    plant = on(flux_offset=Wander(amplitude=50e-6, correlation=HOUR))
    resting = repetition(read(0, 1e-6))
    model, mode = plant.truth.network.links[0].qubits[0], plant.truth.network.links[0].mode_frequency
    loop = plant.truth.qubit_flux[0].bias * plant.biases["a.flux.bias"]

    def expected(moved: float, coupled: float) -> float:
        bare = float(model.transmon.frequency(loop + moved))
        g = model.coupler.g(model.coupler.zero_flux + coupled, bare, mode)
        return bare + float(model.coupler.qubit_shift(g, bare, mode))

    before, moves = plant.cycle(resting).frequency(0), []
    for time in NOW + HOUR * np.arange(5):
        plant.drift(time)
        drifted = plant.truth.drifted(time).flux
        moves.append(plant.cycle(resting).frequency(0) - before)
        assert moves[-1] == pytest.approx(expected(drifted["flux 0"], drifted["coupler 0"]) - expected(0, 0), abs=150)
    assert np.ptp(moves) > 30e3


def test_maps_are_found_again_only_where_the_drift_has_made_a_step():
    plant = on(flux_offset=Wander(amplitude=2e-6, correlation=10 * HOUR))
    played = repetition(drive(0, 1e-6, np.pi), read(0, 1.1e-6))
    plant.drift(NOW)
    plant.cycle(played).populations()
    kept = plant.dynamics._rests, plant.dynamics._drives
    before = [list(recent._kept) for recent in kept]
    for second in range(1, 20):
        plant.drift(NOW + second)
        plant.cycle(played).populations()
    assert [list(recent._kept) for recent in kept] == before
    plant.drift(NOW + 10 * HOUR)
    plant.cycle(played).populations()
    assert [len(recent._kept) for recent in kept] == [2 * len(known) for known in before]


def test_a_plant_answers_by_the_time_and_not_by_what_it_was_asked_before():
    processes = {
        "flux_offset": Wander(amplitude=50e-6, correlation=HOUR),
        "relaxation": Telegraph(amplitude=1.0, correlation=HOUR),
    }
    straight, wandering = on(**processes), on(**processes)
    events = drive(0, 1e-6, np.pi / 2), drive(0, 3e-6, np.pi / 2), read(0, 3.1e-6)
    for hours in (7, 3, 12):
        wandering.drift(NOW + hours * HOUR)
        populations(wandering, *events)
    straight.drift(NOW)
    wandering.drift(NOW)
    assert populations(straight, *events)[0].tolist() == populations(wandering, *events)[0].tolist()


def test_the_echo_of_a_readout_turns_by_its_drift():
    plant = on(readout_phase=Wander(amplitude=0.5, correlation=HOUR))
    played = repetition(tone(1e-6), read(0, 1e-6))

    def echo() -> complex:
        plant.rng = np.random.default_rng(5)
        return complex(plant.measure(played, 4000).mean())

    before = echo()
    plant.drift(NOW)
    turned = plant.truth.drifted(NOW).readout_phase[0]
    assert abs(turned) > 0.05
    assert np.angle(echo() / before) == pytest.approx(turned, abs=0.01)


def test_a_drive_s_carrier_turns_by_its_oscillator_and_its_board():
    def second_board(held):
        generators = {BOARD + index if line == "drive 1" else index: line for index, line in held.generators.items()}
        return replace(held, generators=generators)

    plant = on(
        second_board,
        lo_phase=Wander(amplitude=0.3, correlation=HOUR),
        board_phase=Wander(amplitude=0.7, correlation=HOUR),
    )
    plant.drift(NOW)
    drifted = plant.truth.drifted(NOW)
    own = drive(0, 1e-6, np.pi)
    far = replace(drive(1, 1e-6, np.pi), generator=BOARD + DRIVE[1])
    arrived = plant.dynamics.arriving([own, far])
    assert arrived[0].phase - own.phase == pytest.approx(drifted.lo_phase[0])
    assert arrived[1].phase - far.phase == pytest.approx(drifted.lo_phase[1] + drifted.board_phase[1])
    assert drifted.board_phase[0] == 0.0
    assert 0 not in (*drifted.lo_phase, drifted.board_phase[1])


@pytest.mark.parametrize("both", [True, False])
def test_a_readout_sees_the_phase_between_boards_only_if_tone_and_window_are_on_two(both):
    def elsewhere(held):
        generators = {BOARD + index if line == "tones" else index: line for index, line in held.generators.items()}
        readouts = {BOARD + index if both else index: qubit for index, qubit in held.readouts.items()}
        return replace(held, generators=generators, readouts=readouts)

    plant = on(lambda held: silent(elsewhere(held)), board_phase=Wander(amplitude=0.7, correlation=HOUR))
    window = read(0, 1e-6)
    played = repetition(
        replace(tone(1e-6), generator=BOARD + TONES),
        replace(window, readout=BOARD + window.readout if both else window.readout),
        period=PERIOD,
    )

    def echo() -> complex:
        plant.rng = np.random.default_rng(5)
        return complex(plant.measure(played, 4000).mean())

    before = echo()
    plant.drift(NOW + HOUR)
    between = plant.truth.drifted(NOW + HOUR).board_phase[1]
    assert abs(between) > 0.2
    assert np.angle(echo() / before) == pytest.approx(0.0 if both else between, abs=1e-9)
