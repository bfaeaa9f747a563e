"""Flux filter: how the flux at the chip follows what a generator plays: low-pass, tails, bias tee and delay."""

from dataclasses import dataclass
from math import exp, inf, log, pi, sqrt

import numpy as np
from numba import njit
from numpy.typing import ArrayLike, NDArray
from scipy.special import ndtr

from ..sequences.errors import ModelError
from .check import not_negative

Trace = NDArray[np.float64]

REACH = 5.5
"""Standard deviations of the Gaussian after which its step is over: 2e-8 of it is left."""


@dataclass(frozen=True)
class Tail:
    """A part of a step that comes late (amplitude < 0) or is too much at first. time_constant: (s)."""

    amplitude: float
    time_constant: float

    def __post_init__(self) -> None:
        if not abs(self.amplitude) < 1:
            raise ModelError("tail amplitude", self.amplitude, "must lie between -1 and 1; it is a part of the step")
        if not 0 < self.time_constant < inf:
            raise ModelError("tail time constant (s)", self.time_constant, "must be positive")


@dataclass(frozen=True, kw_only=True)
class FluxFilter:
    """A step of height 1 arrives, `delay` later, as s(t) = [e^{-t/T} + sum_k a_k e^{-t/tau_k}] behind a Gaussian.

    That is V0 (1 + sum_k a_k e^{-t/tau_k}), the convention of the cryoscope (Rol et al., Appl. Phys. Lett. 116, 054001,
    2020), behind a bias tee of T = 1/(2 pi high_pass) and a Gaussian low-pass |H(f)| = 2^{-(f/bandwidth)^2/2}, which is
    1/sqrt(2) (-3 dB) at the bandwidth; its step is as wide as sigma = sqrt(ln 2)/(2 pi bandwidth). The Gaussian has no
    latency of its own: that of a real filter is part of the delay.

    bandwidth: (Hz). tails: a_k and tau_k. high_pass: Corner (Hz); 0 passes direct current. delay: (s).
    """

    bandwidth: float = inf
    tails: tuple[Tail, ...] = ()
    high_pass: float = 0.0
    delay: float = 0.0

    def __post_init__(self) -> None:
        for name, value in (
            ("bandwidth", self.bandwidth),
            ("1/high-pass", inf if not self.high_pass else 1 / self.high_pass),
        ):
            if not value > 0:
                raise ModelError(f"flux filter {name}", value, "must be positive")
        not_negative("flux filter delay (s)", self.delay)
        shortest = min((tail.time_constant for tail in self.tails), default=inf)
        if shortest < self.sigma:
            why = f"is shorter than the low-pass filter's {self.sigma:.3g} s and cannot be told from it; leave it out"
            raise ModelError("tail time constant (s)", shortest, why)

    @property
    def ideal(self) -> bool:
        """Whether it changes nothing but the time."""
        return self.bandwidth == inf and not self.tails and not self.high_pass

    @property
    def sigma(self) -> float:
        """Of the low-pass filter's impulse response (s)."""
        return sqrt(log(2)) / (2 * pi * self.bandwidth)

    @property
    def reach(self) -> float:
        """How long before and after a sample the low-pass filter still answers it (s)."""
        return REACH * self.sigma

    def lasting(self, height: float, least: float) -> float:
        """Time after which the tails of a step of `height` are below `least` (s)."""
        tails = ((abs(height * a), tau) for a, tau in self._parts if tau < inf)
        return max((tau * log(a / least) for a, tau in tails if a > least), default=0.0)

    def step(self, time: ArrayLike) -> Trace:
        """s at `time` (s) after the step has arrived."""
        t = np.asarray(time, np.float64)
        return np.asarray(sum(a * self._decay(t, tau) for a, tau in self._parts))

    def follow(self, samples: Trace, spacing: float) -> tuple[Trace, list[tuple[float, float]]]:
        """Mean of the answer over each sample's own time, shape (n,), and what decays after the last one.

        samples: Each held for `spacing` (s), shape (n,); silent for `reach` at both ends. Second: value at the end of
        the last sample and time constant (s) of each tail. The delay is left to whoever knows the time.

        With S the integral of s, a sample answers k samples later with h_k = [S(k+1) - 2 S(k) + S(k-1)]/spacing (at
        multiples of the spacing): exact, not an approximation of the convolution. Beyond the Gaussian h decays as the
        tails do, so that each part is a recursion of one pole.
        """
        answer, after = np.zeros_like(samples), []
        count = int(np.ceil(self.reach / spacing)) + 2
        padded = np.concatenate([samples, np.zeros(count)])
        for a, tau in self._parts:
            decay = exp(-spacing / tau)
            integral = self._integral(np.arange(-count - 1.0, count + 2.0) * spacing, tau)
            kernel = a * np.diff(integral, 2) / spacing
            taps = kernel - decay * np.append(0.0, kernel[:-1])
            part = _followed(np.convolve(padded, taps), decay)[count : padded.size]
            answer += part
            if tau < inf:
                ratio = spacing / tau
                after.append((float(part[-1]) * ratio / np.expm1(ratio), tau))
        return answer, after

    @property
    def _parts(self) -> list[tuple[float, float]]:
        """Amplitude and time constant (s) of every exponential in the step."""
        steady = 1 / (2 * pi * self.high_pass) if self.high_pass else inf
        return [(1.0, steady), *((tail.amplitude, tail.time_constant) for tail in self.tails)]

    def _risen(self, time: Trace, late: float = 0.0) -> Trace:
        """The low-pass filter's own step at `time` - sigma `late` (s)."""
        if not self.sigma:
            return np.asarray(time >= 0, np.float64)
        return np.asarray(ndtr(time / self.sigma - late))

    def _decay(self, time: Trace, tau: float) -> Trace:
        """e^{-t/tau} from 0 on, convolved with the Gaussian."""
        late = self.sigma / tau
        return np.asarray(np.exp(late**2 / 2 - np.maximum(time, -self.reach) / tau) * self._risen(time, late))

    def _integral(self, time: Trace, tau: float) -> Trace:
        """Of `_decay` up to `time` (s)."""
        if tau < inf:
            return np.asarray(tau * (self._risen(time) - self._decay(time, tau)))
        bell = np.exp(-((time / self.sigma) ** 2) / 2) / sqrt(2 * pi) if self.sigma else 0.0
        return np.asarray(time * self._risen(time) + self.sigma * bell)


@njit(cache=True)
def _followed(samples, decay):  # type: ignore[no-untyped-def]
    """y_n = x_n + decay y_(n-1); scipy.signal has it, and takes half a second to import."""
    found = np.empty_like(samples)
    last = 0.0
    for index in range(samples.size):
        last = samples[index] + decay * last
        found[index] = last
    return found
