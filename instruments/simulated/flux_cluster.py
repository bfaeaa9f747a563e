"""Flux cluster: overlapping flux waveforms as one stretch of sampled fluxes, and the controls that they make."""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from functools import cached_property

import numpy as np
from numpy.typing import NDArray

from ...physics.controls import Controls
from .board.output import Played

Trace = NDArray[np.float64]


@dataclass(frozen=True)
class FluxCluster:
    """Controls on the samples of one stretch in which flux lines play. start: Of the first sample (s)."""

    start: float
    controls: Controls

    @cached_property
    def edges(self) -> Trace:
        """Sample boundaries, shape (S + 1,) (s)."""
        return self.start + np.concatenate([[0.0], np.cumsum(self.controls.duration)])

    @property
    def end(self) -> float:
        """End of the last sample (s)."""
        return float(self.edges[-1])

    def angle(self, qubit: int, begin: float, end: float, rest: float) -> float:
        """Integral of a qubit's frequency above `rest` (rad/s) from `begin` to `end` (s), the part in this cluster."""
        integral = np.concatenate([[0.0], np.cumsum((self.controls.qubit[:, qubit] - rest) * self.controls.duration)])
        return float(np.interp(end, self.edges, integral) - np.interp(begin, self.edges, integral))


def clusters(
    played: Iterable[Played], lines: Mapping[int, str], controls: Callable[[Trace, dict[str, Trace]], Controls]
) -> list[FluxCluster]:
    """Group overlapping flux waveforms and sample each group at the rate of its fastest generator.

    lines: Generator -> flux line. controls: From step lengths (S,) (s) and, for each line that plays, the fraction of
    full scale on each step.
    """
    found, group, end = [], [], -np.inf
    flux = sorted((wave for wave in played if wave.generator in lines), key=lambda wave: wave.start)
    for wave in flux:
        if group and wave.start > end:
            found.append(_sample(group, lines, controls))
            group = []
        group.append(wave)
        end = max(end, wave.start + wave.duration) if len(group) > 1 else wave.start + wave.duration
    if group:
        found.append(_sample(group, lines, controls))
    return found


def _sample(
    group: list[Played], lines: Mapping[int, str], controls: Callable[[Trace, dict[str, Trace]], Controls]
) -> FluxCluster:
    start = min(wave.start for wave in group)
    end = max(wave.start + wave.duration for wave in group)
    rate = max(wave.sample_rate for wave in group)
    # The samples of the fastest generator, so that none of its values is read twice or skipped.
    count = int(np.ceil((end - start) * rate - 1e-6))
    duration = np.full(count, 1 / rate)
    middle = start + (np.arange(count) + 0.5) / rate
    fractions: dict[str, Trace] = {}
    for wave in group:
        line = lines[wave.generator]
        fractions[line] = fractions.get(line, np.zeros(count)) + _output(wave, middle)
    return FluxCluster(start, controls(duration, fractions))


def _output(wave: Played, times: Trace) -> Trace:
    """Real output at `times` (s), zero outside of the wave."""
    index = np.floor((times - wave.start) * wave.sample_rate).astype(int)
    inside = (index >= 0) & (index < wave.envelope.size)
    carrier = wave.oscillator * times + wave.frequency * (times - wave.start) + wave.phase / (2 * np.pi)
    values = wave.envelope[np.clip(index, 0, wave.envelope.size - 1)] * np.exp(2j * np.pi * carrier)
    return np.where(inside, values.real, 0.0)
