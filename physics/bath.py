"""Thermal baths: occupation and temperature of a mode, and its way to equilibrium with several baths.

With the couplers off the mode is Gaussian: dn/dt = kappa_i (n_h - n) + kappa_l (n_c - n) holds exactly, at any n.
"""

import numpy as np
from numpy.typing import ArrayLike, NDArray
from scipy.constants import h, k

from .check import not_negative, numbers, positive


def occupation(frequency: ArrayLike, temperature: ArrayLike) -> NDArray[np.float64]:
    """Planck: n = 1 / (exp(h f / k T) - 1) for f (Hz) and T (K); 0 at T = 0."""
    f, T = positive("frequency (Hz)", frequency), not_negative("temperature (K)", temperature)
    with np.errstate(divide="ignore", over="ignore"):
        x: NDArray[np.float64] = h * f / (k * T)
    return np.exp(-x) / -np.expm1(-x)


def temperature(frequency: ArrayLike, occupation: ArrayLike) -> NDArray[np.float64]:
    """Temperature (K) at which a mode of frequency f (Hz) holds n: T = h f / (k ln(1 + 1/n)); 0 for n = 0."""
    f, n = positive("frequency (Hz)", frequency), not_negative("occupation", occupation)
    with np.errstate(divide="ignore", over="ignore"):
        x: NDArray[np.float64] = np.log1p(1 / n)
    return f * (h / k) / x


def steady_state(kappa_i: ArrayLike, n_h: ArrayLike, kappa_l: ArrayLike, n_c: ArrayLike) -> NDArray[np.float64]:
    """n_eff = (kappa_i n_h + kappa_l n_c) / (kappa_i + kappa_l): n_h of the line's bath, n_c of the load's, rad/s."""
    hot, cold = not_negative("kappa_i (rad/s)", kappa_i), not_negative("kappa_l (rad/s)", kappa_l)
    total = positive("kappa_i + kappa_l (rad/s)", hot + cold, "a mode that loses nothing never comes to rest")
    return (hot * not_negative("n_h", n_h) + cold * not_negative("n_c", n_c)) / total


def relax(n0: ArrayLike, n_inf: ArrayLike, kappa: ArrayLike, t: ArrayLike) -> NDArray[np.float64]:
    """n(t) = n_inf + (n0 - n_inf) exp(-kappa t) at constant total rate kappa (rad/s), t in s."""
    end, lost = numbers("n_inf", n_inf), not_negative("kappa (rad/s)", kappa) * not_negative("t (s)", t)
    return end + (numbers("n0", n0) - end) * np.exp(-lost)


def relax_through(
    n0: NDArray[np.float64], n_inf: NDArray[np.float64], kappa: NDArray[np.float64], duration: NDArray[np.float64]
) -> NDArray[np.float64]:
    """What `relax` gives after steps in a row, for M modes. n0: Shape (M,). n_inf, kappa: Of each step, shape (K, M)
    (kappa in rad/s). duration: Shape (K,) (s).
    """
    if not duration.size:
        return n0
    kept = np.exp(-np.cumsum((kappa * duration[:, None])[::-1], axis=0)[::-1])
    # Of what a step ends with, that much is left after all later ones.
    later = np.concatenate([kept[1:], np.ones((1, n0.size))])
    gained = -np.expm1(-kappa * duration[:, None]) * n_inf * later
    return np.asarray(kept[0] * n0 + gained.sum(axis=0))
