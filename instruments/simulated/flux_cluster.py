"""Flux cluster: flux waveforms that belong together as one stretch of sampled fluxes, and the controls they make."""

from bisect import bisect
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property

import numpy as np
from numpy.typing import NDArray

from ...physics.controls import Controls
from ...sequences.errors import ModelError
from .board.output import Played

Trace = NDArray[np.float64]
Answer = Callable[[Trace, dict[str, Trace]], tuple[tuple[Controls, ...], float]]

COARSEST = 0.125
"""Largest part of a turn of a wave's carrier within one sample that is still followed."""
ROUNDING = 1e-6
"""Part of a sample by which a time may be wrong: a step whose middle is a sample's first instant belongs to it."""


@dataclass(frozen=True)
class FluxCluster:
    """One stretch in which flux lines play.

    start: Of the first step (s). controls: Of each link, on common steps. error: Of a population, that they leave out.
    """

    start: float
    controls: tuple[Controls, ...]
    error: float

    @cached_property
    def edges(self) -> Trace:
        """Step boundaries, shape (S + 1,) (s)."""
        return self.start + np.concatenate([[0.0], np.cumsum(self.controls[0].duration)])

    @property
    def end(self) -> float:
        """End of the last step (s)."""
        return float(self.edges[-1])

    def angles(self, place: tuple[int, int], edges: Trace, rest: float) -> Trace:
        """Integral of a qubit's frequency above `rest` (rad/s) between neighbouring `edges` (s), ascending.

        place: A link and the end of it where the qubit is. Only what lies in this cluster counts. Shape
        (len(edges) - 1,) (rad).
        """
        link, end = place
        inside = np.clip(edges, self.start, self.end)
        return np.diff(np.interp(inside, self.edges, self._turned[link][:, end])) - rest * np.diff(inside)

    def loads(self, link: int, begin: float, end: float) -> tuple[Trace, Trace]:
        """Stretches between `begin` and `end` (s) in which a link's load stands still: for how long, shape (K,) (s),
        and kappa_load of each mode, shape (K, M) (rad/s).
        """
        edges, load = self._still[link]
        lasting = np.diff(np.clip(edges, begin, end))
        return lasting[lasting > 0], load[lasting > 0]

    @cached_property
    def _still(self) -> list[tuple[Trace, Trace]]:
        """All such stretches of each link: their edges, and kappa_load."""
        found = []
        for load in (controls.load for controls in self.controls):
            first = np.flatnonzero(np.append(True, np.any(load[1:] != load[:-1], axis=1)))
            found.append((self.edges[np.append(first, len(load))], load[first]))
        return found

    @cached_property
    def _turned(self) -> list[Trace]:
        """Of each link, the integral of its qubits' frequencies from the start to each edge, shape (S + 1, Q) (rad)."""
        turned = [controls.qubit * controls.duration[:, None] for controls in self.controls]
        return [np.concatenate([np.zeros((1, steps.shape[1])), np.cumsum(steps, axis=0)]) for steps in turned]


def clusters(
    played: Iterable[Played], lines: Mapping[int, str], controls: Answer, memory: float = 0.0, reach: float = 0.0
) -> list[FluxCluster]:
    """Group flux waveforms that overlap or follow each other within `memory` (s), in order of time.

    lines: Generator -> flux line. controls: Of each link, and the error of a population that they leave, from step
    lengths (S,) (s) and, for each line that plays, the fraction of full scale on each step; a step is a sample of the
    fastest generator of the group. reach: Silence around each group (s).
    """
    found: list[list[Played]] = []
    end = -np.inf
    for wave in sorted((wave for wave in played if wave.generator in lines), key=lambda wave: wave.start):
        _check_carrier(wave, lines)
        if not found or wave.start > end + memory:
            found.append([])
        found[-1].append(wave)
        end = max(end, wave.start + wave.duration)
    return [_sample(group, lines, controls, reach) for group in found]


def left_out(found: Iterable[FluxCluster], begun: Sequence[float]) -> float:
    """Error of a population that clusters leave, in the trial where it is largest. begun: When trials begin (s)."""
    errors = [0.0] * (len(begun) + 1)
    for cluster in found:
        errors[bisect(begun, cluster.start)] += cluster.error
    return max(errors)


def _sample(group: list[Played], lines: Mapping[int, str], controls: Answer, reach: float) -> FluxCluster:
    start, end = group[0].start, max(wave.start + wave.duration for wave in group)
    # The samples of the fastest generator: none of its values is read twice, and all steps are of one length.
    rate = max(wave.sample_rate for wave in group)
    silence = int(np.ceil(reach * rate))
    start -= silence / rate
    count = int(np.ceil((end - start) * rate - ROUNDING)) + silence
    middle = np.asarray(start + (np.arange(count) + 0.5) / rate, np.float64)
    fractions: dict[str, Trace] = {}
    for wave in group:
        line = lines[wave.generator]
        fractions[line] = fractions.get(line, np.zeros(count)) + _output(wave, middle)
    return FluxCluster(start, *controls(np.full(count, 1 / rate), fractions))


def _output(wave: Played, times: Trace) -> Trace:
    """Real output at `times` (s), zero outside of the wave."""
    index = np.floor((times - wave.start) * wave.sample_rate + ROUNDING).astype(int)
    inside = (index >= 0) & (index < wave.envelope.size)
    carrier = wave.oscillator * times + wave.frequency * (times - wave.start) + wave.phase / (2 * np.pi)
    values = wave.envelope[np.clip(index, 0, wave.envelope.size - 1)] * np.exp(2j * np.pi * carrier)
    return np.where(inside, values.real, 0.0)


def _check_carrier(wave: Played, lines: Mapping[int, str]) -> None:
    carrier = abs(wave.oscillator + wave.frequency)
    if carrier > COARSEST * wave.sample_rate:
        why = f"its samples follow up to {COARSEST * wave.sample_rate:.3g} Hz; send it as an envelope without a carrier"
        raise ModelError(f"carrier on {lines[wave.generator]} (Hz)", carrier, why)
