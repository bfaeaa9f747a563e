"""A driven three-level qubit, against QuTiP in the frame of the resting qubit, where the carrier turns."""

import numpy as np
import pytest
import qutip

from coldlink.instruments.simulated.qubit_drive import drive_map, turned
from coldlink.physics import Rates

TWO_PI = 2 * np.pi
LEVELS, STEP, STEPS = 3, 1.5e-9, 14
B = qutip.destroy(LEVELS)
ALPHA, RELAXATION, EXCITED, DEPHASING = -TWO_PI * 210e6, 1 / 0.4e-6, 0.07, 1 / 0.3e-6


def rates() -> Rates:
    one, mode = np.ones(1), np.ones(1)
    return Rates(
        anharmonicity=ALPHA * one,
        relaxation=RELAXATION * one,
        excited=EXCITED * one,
        dephasing=DEPHASING * one,
        parity=np.ones((1, 1)),
        internal=mode,
        hot=mode,
        cold=mode,
        detuning=0 * mode,
    )


def pulse():
    """Amplitude of a 90 degree or so pulse with a quadrature, and a qubit that moves meanwhile."""
    middle = (np.arange(STEPS) + 0.5) / STEPS
    amplitude = np.pi * 40e6 * (np.sin(np.pi * middle) ** 2 + 0.3j * np.sin(TWO_PI * middle))
    return amplitude, TWO_PI * 5e6 * np.cos(3 * middle)


def state() -> np.ndarray:
    random = np.random.default_rng(5)
    root = random.normal(size=(LEVELS, LEVELS)) + 1j * random.normal(size=(LEVELS, LEVELS))
    rho = root @ root.conj().T
    return rho / np.trace(rho)


def oracle(rho: np.ndarray, offset: float, phase: float) -> np.ndarray:
    """Step by step in the frame of the resting qubit: W(t) = W e^{-i(offset t + phase)} in front of b+."""
    amplitude, detuning = pulse()
    jumps = [
        np.sqrt(RELAXATION * (1 - EXCITED)) * B,
        np.sqrt(RELAXATION * EXCITED) * B.dag(),
        np.sqrt(2 * DEPHASING) * B.dag() * B,
    ]
    now = qutip.Qobj(rho)
    for step, (w, shift) in enumerate(zip(amplitude, detuning, strict=True)):
        still = shift * B.dag() * B + ALPHA / 2 * B.dag() ** 2 * B**2

        def up(t, w=w, step=step):
            return w * np.exp(-1j * (offset * (step * STEP + t) + phase))

        hamiltonian = qutip.QobjEvo([still, [B.dag(), up], [B, lambda t, up=up: np.conj(up(t))]])
        options = {"atol": 1e-11, "rtol": 1e-9}
        now = qutip.mesolve(hamiltonian, now, [0, STEP], c_ops=jumps, options=options).states[-1]
    return now.full()


@pytest.mark.parametrize(("offset", "phase"), [(0.0, 0.0), (0.0, 2.1), (TWO_PI * 17e6, 0.0), (-TWO_PI * 190e6, -0.7)])
def test_a_pulse_moves_three_decaying_levels_as_qutip_says(offset, phase):
    amplitude, detuning = pulse()
    single = drive_map(
        rates(), 0, LEVELS, duration=np.full(STEPS, STEP), amplitude=amplitude, detuning=detuning, offset=offset
    )
    found = (turned(single, LEVELS, phase) @ state().ravel()).reshape(LEVELS, LEVELS)
    assert found == pytest.approx(oracle(state(), offset, phase), abs=1e-6)


def test_a_pulse_keeps_the_trace_and_gives_a_state():
    amplitude, detuning = pulse()
    single = drive_map(
        rates(), 0, LEVELS, duration=np.full(STEPS, STEP), amplitude=amplitude, detuning=detuning, offset=1e8
    )
    found = (single @ state().ravel()).reshape(LEVELS, LEVELS)
    assert np.trace(found) == pytest.approx(1, abs=1e-12)
    assert np.linalg.eigvalsh(found).min() > 0


@pytest.mark.parametrize("offset", [0.0, TWO_PI * 3e6, TWO_PI * 400e6])
def test_a_long_constant_pulse_is_one_exponential_and_that_of_its_samples(offset):
    count, step = 860, 2.325e-9
    height = np.full(count, np.pi * 2e6 + 0j)
    rows = {"duration": np.full(count, step), "amplitude": height, "detuning": np.zeros(count)}
    whole = drive_map(rates(), 0, LEVELS, **rows, offset=offset)
    once = drive_map(rates(), 0, LEVELS, **{name: values[:1] for name, values in rows.items()}, offset=offset)
    pieces = np.eye(LEVELS**2, dtype=complex)
    for index in range(count):
        pieces = turned(once, LEVELS, offset * index * step) @ pieces
    assert whole == pytest.approx(pieces, abs=1e-9)
    undriven = drive_map(rates(), 0, LEVELS, **(rows | {"amplitude": 0 * height}), offset=offset)
    if offset > TWO_PI * 1e8:
        assert abs(whole[[0, 4, 8]] - undriven[[0, 4, 8]]).max() < 0.01
    else:
        assert abs(whole[4, 0] - undriven[4, 0]) > 0.1
