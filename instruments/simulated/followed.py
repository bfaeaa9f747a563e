"""Followed run: shots that are answered window by window, while the program may still decide what comes next.

What has been played so far decides the maps; all shots of one branch for which it is the same, up to phases that nobody
can tell (`frames`), share them. From one repetition to the next populations are handed on, and how they are correlated;
coherences are not (`Cycle.closing`).
"""

from collections.abc import Hashable, Mapping
from dataclasses import replace
from math import inf, nan

import numpy as np

from .board.output import Played, Repetition
from .branch import Branch, Branches, Joined
from .cycle import Cycle
from .dynamics import INSTANT, Dynamics, shape
from .frames import Frames
from .hearing import State, drawn, hear
from .order import TOUCHING
from .recent import Recent
from .ringing import rings_for
from .trial import trials


class FollowedRun:
    """A run that begins after a long rest. volts: Static bias of each flux line. rng: Of levels, jumps and noise."""

    def __init__(self, dynamics: Dynamics, volts: Mapping[str, float], rng: np.random.Generator) -> None:
        self.dynamics, self.volts, self.rng = dynamics, dict(volts), rng
        self._branch = Branch(Cycle(dynamics, Repetition((), (), nan), self.volts).rested())
        self._frames = Frames([0.0] * len(dynamics.network.qubits))
        self._done = 0
        self._heard: dict[tuple[int, float], State] = {}
        self._cycles: Recent[Cycle] = Recent(256)
        self._left: dict[int, Branches] = {}
        self._closed = Branches()
        self._joined, self._shots = 0.0, 0
        self._lasting = rings_for(dynamics.truth)

    @property
    def error(self) -> float:
        """Estimated largest error of any population so far."""
        of_maps = max((cycle.error for cycle in self._cycles.kept), default=0.0)
        return min(1.0, of_maps + self._joined / max(1, self._shots))

    def answer(self, repetition: Repetition, window: int) -> complex:
        """I + iQ summed over a window of the repetition under way; see `Followed`."""
        return complex(self.samples(repetition, window).sum())

    def samples(self, repetition: Repetition, window: int) -> State:
        """Those of a window of the repetition under way, shape (samples,); see `TracedRun`."""
        asked = repetition.windows[window]
        while (asked.readout, asked.start) not in self._heard:
            self._read(repetition)
        return self._heard[asked.readout, asked.start]

    def close(self, repetition: Repetition) -> None:
        """Go on to the origin of the next repetition."""
        key = (repetition.period, *self._coming(repetition, inf))
        self._go_on(self._branch.closed(key, lambda: self._cycle(key, repetition), self._closed))
        self._done, self._shots = 0, self._shots + 1
        self._heard.clear()

    def _read(self, repetition: Repetition) -> None:
        """The next trial of the shot."""
        trial = trials(repetition, self.dynamics.truth)[self._done]
        key = (*trial.starts, *trial.ends, *sorted(trial.qubits), *self._coming(repetition, trial.end))
        # All that have this key share the cycle, whatever comes later in theirs.
        readout = self._branch.readout(key, lambda: self._cycle(key, replace(repetition, period=nan)), trial)
        levels = drawn(readout.joint, 1, self.rng)
        heard = hear(readout.cycle, trial, repetition.played, levels, self.rng, sampled=True)
        for window, samples in zip(trial.windows, heard.echoes, strict=True):
            self._heard[window.readout, window.start] = samples[0]
        begun = {qubit: int(levels[qubit][0]) for qubit in trial.qubits}
        left = {qubit: int(level[0]) for qubit, level in heard.left.items()}
        branches = self._left.setdefault(round(trial.end / INSTANT), Branches())
        self._go_on(readout.branch(begun, left, branches))
        self._done += 1

    def _go_on(self, joined: Joined) -> None:
        self._branch, self._joined = joined.branch, self._joined + joined.error

    def _coming(self, repetition: Repetition, until: float) -> tuple[Hashable, ...]:
        """All that tells branches apart from here to `until` (s), in frames that are chosen for it.

        Of flux pulses those before count, too, for their tails, and of tones those whose photons may ring on.
        """
        since = self._branch.ensemble.time - TOUCHING
        drives, fluxes, tones = list[tuple[int, Played, float]](), list[Played](), list[Played]()
        for wave, arrived in zip(repetition.played, self.dynamics.arriving(repetition.played), strict=True):
            qubit = self._driven(wave)
            if qubit is not None and since <= arrived.start < until:
                drives.append((qubit, arrived, wave.phase / self._quanta(qubit, wave)))
            elif wave.generator in self.dynamics.flux_lines and arrived.start < until:
                fluxes.append(arrived)
            elif self._rings(wave) and wave.start < until and wave.start + wave.duration > since - self._lasting:
                tones.append(wave)
        leading = {qubit: phase for qubit, _, phase in reversed(drives)}
        self._frames.choose(self._branch.free, leading, meeting=bool(fluxes))
        found: list[Hashable] = [self.dynamics.line_temperature, *(self._frames.between if fluxes else ())]
        for qubit, arrived, phase in drives:
            found += (*shape(arrived), self._frames.seen(qubit, phase))
        for arrived in fluxes:
            found += (*shape(arrived), arrived.phase)
        for tone in tones:
            found += shape(tone)
        if tones:
            found += self._driven_since(repetition, min(tone.start for tone in tones))
        return tuple(found)

    def _driven_since(self, repetition: Repetition, begin: float) -> list[Hashable]:
        """When the drives of each qubit began after `begin` (s): the first of them splits what rings on."""
        drives = [(self._driven(wave), round(wave.start / INSTANT)) for wave in repetition.played if wave.start > begin]
        return [(qubit, start) for qubit, start in drives if qubit is not None]

    def _cycle(self, key: Hashable, repetition: Repetition) -> Cycle:
        def find() -> Cycle:
            played = tuple(self._framed(wave) for wave in repetition.played)
            return Cycle(self.dynamics, replace(repetition, played=played), self.volts)

        return self._cycles.get(key, find)

    def _framed(self, wave: Played) -> Played:
        qubit = self._driven(wave)
        if qubit is None:
            return wave
        return replace(wave, phase=wave.phase - self._quanta(qubit, wave) * self._frames.angles[qubit])

    def _quanta(self, qubit: int, wave: Played) -> int:
        """By how many excitations of its qubit a drive moves it: so often a turn of the frame turns the drive."""
        return 1 if self.dynamics.photon_place(self.dynamics.rest(self.volts), qubit, wave) is None else 2

    def _rings(self, wave: Played) -> bool:
        return self.dynamics.truth.generators.get(wave.generator) == "tones"

    def _driven(self, wave: Played) -> int | None:
        """The qubit that a wave drives."""
        line = self.dynamics.truth.generators.get(wave.generator, "")
        return int(line.removeprefix("drive ")) if line.startswith("drive ") else None
