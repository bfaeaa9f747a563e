"""The designed pulses, against the one-excitation Schroedinger equation solved by an ODE integrator."""

from dataclasses import replace
from functools import cache
from itertools import pairwise
from pathlib import Path

import numpy as np
import pytest
from scipy.integrate import quad, solve_ivp

from coldlink.calibration.design import Design, Operation
from coldlink.physics.single_excitation import amplitudes
from coldlink.sequences import Link, Pulse, Transfer, resolved
from coldlink.sequences.errors import ModelError
from coldlink.sequences.units import GHz, MHz, ns
from coldlink.stations.declaration import declaration

STATIONS = Path(__file__).parents[2] / "stations"
NAMES = ["sim_1k", "sim_4k"]
TWO_PI = 2 * np.pi


@cache
def design(name: str) -> Design:
    return declaration(STATIONS / name).design()


@cache
def link(name: str) -> Link:
    return design(name).link()


def operated(name: str, **changes: object) -> Design:
    operation: Operation = replace(design(name).operation, **changes)  # type: ignore[arg-type]
    return replace(design(name), operation=operation)


def fraction(pulse: Pulse, time: np.ndarray) -> np.ndarray:
    return resolved(pulse.amplitude) * pulse.envelope(time, resolved(pulse.duration)).real


def released(made: Design, transfer: Transfer, index: int) -> np.ndarray:
    """Amplitudes of A, B and the modes after an excitation of qubit `index` met the line; fluxes from the wire."""
    biases = {setting.name: value for setting, value in made.biases().items()}
    device, count = made.device, 1500
    length = resolved(transfer.coupler.duration)
    time = (np.arange(count) + 0.5) * length / count
    flux, coupler = np.empty((count, 2)), np.empty((count, 2))
    for qubit, node in enumerate("ab"):
        own = qubit == index
        z = fraction(transfer.compensation, time) if own else np.zeros(count)
        g = fraction(transfer.coupler, time) if own else np.zeros(count)
        flux[:, qubit] = made.qubit_flux[qubit].flux(biases[f"{node}.flux.bias"], z)
        coupler[:, qubit] = made.coupler_flux[qubit].flux(biases[f"{node}.coupler.bias"], g)
    controls = device.controls(
        np.full(count, length / count), flux, coupler, np.full(count, float(device.load.closed_flux))
    )
    return amplitudes(device.rates(), controls, index)


@pytest.mark.parametrize("name", NAMES)
@pytest.mark.parametrize("index", [0, 1])
def test_a_swap_moves_the_excitation_into_the_mode(name: str, index: int) -> None:
    node = (link(name).node_a, link(name).node_b)[index]
    found = released(design(name), node.swap, index)
    assert abs(found[2]) ** 2 > 0.995
    assert np.sum(np.abs(found) ** 2) == pytest.approx(1)


@pytest.mark.parametrize("name", NAMES)
@pytest.mark.parametrize("index", [0, 1])
def test_a_half_swap_shares_the_excitation_evenly(name: str, index: int) -> None:
    node = (link(name).node_a, link(name).node_b)[index]
    found = np.abs(released(design(name), node.half_swap, index)) ** 2
    assert found[2] == pytest.approx(0.5, abs=0.01)
    assert found[index] == pytest.approx(0.5, abs=0.01)


@pytest.mark.parametrize("name", NAMES)
def test_the_compensation_holds_the_qubit_where_most_of_the_excitation_moves(name: str) -> None:
    swap = link(name).node_a.swap

    def left(scale: float) -> float:
        moved = replace(swap.compensation, amplitude=resolved(swap.compensation.amplitude) * scale)
        return 1 - abs(released(design(name), replace(swap, compensation=moved), 0)[2]) ** 2

    assert left(1.0) < min(left(0.99), left(1.01))


def test_two_swaps_carry_the_excitation_from_a_to_b_with_the_phase_the_link_names() -> None:
    made, known = design("sim_4k"), link("sim_4k")
    state, length = by_integration(made, known)
    rest = np.array(made.operation.idle_frequencies) - made.device.mode_frequency
    in_frame = state[:2] * np.exp(1j * TWO_PI * rest * length)
    assert abs(in_frame[1]) ** 2 > 0.99
    turn = np.angle(in_frame[1] * np.exp(1j * known.line.transfer_phase))
    assert turn == pytest.approx(0.0, abs=0.01)


def by_integration(made: Design, known: Link) -> tuple[np.ndarray, float]:
    """Amplitudes in the mode's frame after ramp, gap and both swaps, by an ODE solver, and how long that took (s)."""
    device, line = made.device, known.line
    begin = line.ramp + line.gap
    turn = begin + resolved(known.node_a.swap.coupler.duration)
    end = turn + resolved(known.node_b.swap.coupler.duration)
    biases = {setting.name: value for setting, value in made.biases().items()}
    parity, detuning = device.rates().parity, device.rates().detuning

    def hamiltonian(time: float) -> np.ndarray:
        now = np.array([time])
        flux, coupler = np.empty((1, 2)), np.empty((1, 2))
        for index, (node, start) in enumerate(((known.node_a, begin), (known.node_b, turn))):
            z, g = fraction(node.swap.compensation, now - start), fraction(node.swap.coupler, now - start)
            flux[:, index] = made.qubit_flux[index].flux(biases[f"{node.name}.flux.bias"], z)
            coupler[:, index] = made.coupler_flux[index].flux(biases[f"{node.name}.coupler.bias"], g)
        controls = device.controls(np.ones(1), flux, coupler, np.array([float(device.load.closed_flux)]))
        matrix = np.diag(np.concatenate([controls.qubit[0], controls.mode[0] + detuning])).astype(complex)
        matrix[:2, 2:] = controls.coupling[0][:, None] * parity
        matrix[2:, :2] = matrix[:2, 2:].T
        return matrix

    state = np.zeros(2 + len(detuning), complex)
    state[0] = 1
    pieces = [0.0, begin, turn, end]
    for first, last in pairwise(pieces):
        edge = 1e-6 * ns
        solved = solve_ivp(
            lambda time, c: -1j * hamiltonian(time) @ c, (first + edge, last - edge), state, rtol=1e-7, atol=1e-9
        )
        state = solved.y[:, -1]
    return state, end


@pytest.mark.parametrize("name", NAMES)
def test_the_biases_rest_the_qubits_at_idle_the_couplers_at_zero_and_the_load_open(name: str) -> None:
    made = design(name)
    biases = {setting.name: value for setting, value in made.biases().items()}
    assert all(setting.unit == "V" for setting in made.biases())
    silent = np.zeros(1)
    for index, node in enumerate("ab"):
        qubit = made.device.qubits[index]
        flux = made.qubit_flux[index].flux(biases[f"{node}.flux.bias"], silent)
        idle = made.operation.idle_frequencies[index]
        assert qubit.transmon.frequency(flux)[0] == pytest.approx(idle, abs=1.0)
        coupler = made.coupler_flux[index].flux(biases[f"{node}.coupler.bias"], silent)
        g = qubit.coupler.g(coupler, np.array([idle]), made.device.mode_frequency)
        assert abs(g[0]) < 10.0
    load = made.load_flux.flux(biases["line.load.bias"], silent)
    kappa = made.device.load.kappa(load, made.device.mode_frequency)[0]
    assert kappa / TWO_PI == pytest.approx(made.operation.load_rate, rel=1e-6)


@pytest.mark.parametrize("name", NAMES)
def test_the_closing_pulse_closes_the_load(name: str) -> None:
    made, line = design(name), link(name).line
    (bias,) = [value for setting, value in made.biases().items() if setting.name == "line.load.bias"]
    flux = made.load_flux.flux(bias, np.array([line.close_amplitude]))
    assert flux[0] == pytest.approx(float(made.device.load.closed_flux), abs=1e-12)
    assert made.device.load.kappa(flux, line.mode_frequency)[0] < 1e-6 * line.load_rate


@pytest.mark.parametrize("name", NAMES)
def test_a_pi_pulse_has_half_a_turn_of_area(name: str) -> None:
    node = link(name).node_a
    duration = resolved(node.x180.duration)
    area, _ = quad(lambda x: node.x180.envelope(np.array([x * duration]), duration).real[0], 0, 1)
    rabi = design(name).drives[0].rabi_rate * resolved(node.x180.amplitude)
    assert rabi * area * duration == pytest.approx(0.5)


def test_a_weaker_coupling_makes_a_longer_swap_of_the_same_area() -> None:
    strong, weak = link("sim_4k"), operated("sim_4k", coupling=5.0 * MHz).link()
    lengths = [resolved(found.node_a.swap.coupler.duration) for found in (strong, weak)]
    assert lengths[1] - lengths[0] == pytest.approx((1 / 5.0 - 1 / 6.65) / 4 / MHz, abs=0.3 * ns)
    assert weak.line.coupling == 5.0 * MHz
    made = operated("sim_4k", coupling=5.0 * MHz)
    assert abs(released(made, weak.node_a.swap, 0)[2]) ** 2 > 0.995


def test_half_a_swap_is_a_quarter_of_a_period_shorter() -> None:
    node = link("sim_4k").node_a
    difference = resolved(node.swap.coupler.duration) - resolved(node.half_swap.coupler.duration)
    assert difference == pytest.approx(1 / (8 * 6.65 * MHz))


def test_a_transfer_is_two_pulses_of_one_duration_and_shape() -> None:
    for transfer in (link("sim_4k").node_a.swap, link("sim_4k").node_b.half_swap):
        assert transfer.coupler.duration == transfer.compensation.duration
        assert transfer.coupler.envelope == transfer.compensation.envelope


def test_an_impossible_coupling_is_one_clear_error() -> None:
    with pytest.raises(ModelError, match=r"coupling g/2pi \(Hz\) = 9e\+08: .*"):
        operated("sim_4k", coupling=900 * MHz).link()


def test_edges_that_are_longer_than_the_swap_are_one_clear_error() -> None:
    with pytest.raises(
        ModelError, match=r"coupling g/2pi \(Hz\) = 6.65e\+06: the edges of 60 ns alone .* shorten the rise"
    ):
        operated("sim_4k", rise=60 * ns).link()


def test_an_impossible_idle_frequency_is_one_clear_error() -> None:
    with pytest.raises(ModelError, match=r"transmon frequency \(Hz\) = 6e\+09: this transmon reaches"):
        operated("sim_4k", idle_frequencies=(6 * GHz, 5.105 * GHz)).link()


def test_an_impossible_load_rate_is_one_clear_error() -> None:
    with pytest.raises(ModelError, match=r"load rate \(rad/s\)"):
        operated("sim_4k", load_rate=34 * MHz).biases()


def test_a_load_rate_near_the_free_spectral_range_is_refused_with_its_reason() -> None:
    with pytest.raises(
        ModelError, match=r"kappa_L/2pi \(Hz\) = 4e\+07: beyond 3.5e\+07 Hz, a quarter of the free spectral"
    ):
        operated("sim_4k", load_rate=40 * MHz)


def test_a_measured_swap_frequency_is_where_the_compensation_holds_the_qubit() -> None:
    made = design("sim_4k")
    measured = made.swap_frequency(0) + 0.7 * MHz
    moved = operated("sim_4k", swap_frequencies=(measured, None))
    bias = {setting.name: value for setting, value in made.biases().items()}["a.flux.bias"]
    for transfer in (moved.link().node_a.swap, moved.link().node_a.half_swap):
        flux = made.qubit_flux[0].flux(bias, np.array([resolved(transfer.compensation.amplitude)]))
        assert made.device.qubits[0].transmon.frequency(flux)[0] == pytest.approx(measured, abs=1.0)
    assert moved.link().node_b == made.link().node_b
