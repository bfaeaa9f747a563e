"""Vacuum Rabi oscillation of one two-level qubit with one mode that is lossy and heated while it goes on."""

import numpy as np
from numpy.typing import NDArray
from scipy.linalg import expm

Real = NDArray[np.float64]


def excited_population(
    times: Real,
    *,
    coupling: float,
    occupation: float,
    heating: float,
    loss: float,
    relaxation: float,
    excited: float,
    dephasing: float,
    cutoff: int,
) -> Real:
    """Population of the excited qubit after resonant contact of each length in `times` (s, ascending).

    H = g (b c+ + b+ c); D[c] at loss + heating and D[c+] at heating (1/s), where heating = kappa_i n_h + kappa_L n_c
    and loss = kappa_i + kappa_L; D[b] at relaxation (1 - excited), D[b+] at relaxation excited, the coherence
    decaying at dephasing besides (1/s). coupling: g (rad/s). occupation: Of the thermal mode at the start. excited:
    Of the qubit at the start and in equilibrium. cutoff: Fock states kept.

    Without any rate it is sum_k p_k [(1 - excited) sin^2(g sqrt(k) t) + excited cos^2(g sqrt(k + 1) t)] with
    p_k = n^k/(1 + n)^(k + 1).
    """
    generator = _generator(cutoff, coupling, heating, loss, relaxation, excited, dephasing)
    thermal = (occupation / (1 + occupation)) ** np.arange(cutoff)
    thermal /= thermal.sum()
    state = np.concatenate([(1 - excited) * thermal, excited * thermal, np.zeros(cutoff)])
    populations, now, steps = [], 0.0, {}
    for time in times:
        step = round((time - now) * 1e15)
        if step not in steps:
            steps[step] = expm(generator * (time - now))
        state, now = steps[step] @ state, time
        populations.append(state[cutoff : 2 * cutoff].sum())
    return np.array(populations)


def _generator(
    cutoff: int, g: float, heating: float, loss: float, relaxation: float, excited: float, dephasing: float
) -> Real:
    """Equation of (ground n, excited n, y_n = Im <e n-1| rho |g n>), each for n < cutoff.

    <e n-1|H|g n> = g sqrt(n) gives d(ground n)/dt = 2 g sqrt(n) y_n = -d(excited n-1)/dt and
    dy_n/dt = g sqrt(n) (excited n-1 - ground n).
    """
    n = np.arange(cutoff, dtype=np.float64)
    ladder = _ladder(n, n, heating, loss)
    shifted = np.zeros((cutoff, cutoff))
    shifted[1:, 1:] = _ladder(n[1:], n[:-1], heating, loss)
    up, down = relaxation * excited, relaxation * (1 - excited)
    one = np.eye(cutoff)
    root = np.diag(np.sqrt(n))
    lower = np.eye(cutoff, k=1)
    coherence_rate = (relaxation / 2 + dephasing) * one
    return np.block(
        [
            [ladder - up * one, down * one, 2 * g * root],
            [up * one, ladder - down * one, -2 * g * lower @ root],
            [-g * root, g * root @ lower.T, shifted - coherence_rate],
        ]
    )


def _ladder(row: Real, column: Real, heating: float, loss: float) -> Real:
    """D[c] at loss + heating and D[c+] at heating on the chain of elements <row| rho |column>, c+ |top> = 0."""
    raised = (row + column) / 2 + 1.0
    raised[-1] = (column[-1] + 1.0) / 2 if column[-1] < row[-1] else 0.0
    matrix = np.diag(-(loss + heating) * (row + column) / 2 - heating * raised)
    hop = np.sqrt(row[1:] * column[1:])
    return matrix + np.diag((loss + heating) * hop, 1) + np.diag(heating * hop, -1)
