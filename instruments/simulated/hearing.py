"""Hearing: what a trial's windows record of qubits that jump meanwhile, and the levels in which these leave it."""

from collections.abc import Iterable
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from .board.output import BOARD, Played
from .contact import LEVELS
from .cycle import Cycle
from .dispersive import echoes
from .drift import Drift
from .jumps import Levels, jumps
from .order import TOUCHING
from .trial import Trial, heard

State = NDArray[np.complex128]


@dataclass(frozen=True, kw_only=True)
class Heard:
    """Of each shot. echoes: I + iQ summed over each window of the trial or each of its samples, shape (shots, parts).

    left: Level in which each qubit that was read leaves the trial, shape (shots,).
    """

    echoes: list[State]
    left: dict[int, Levels]


def drawn(joint: NDArray[np.float64], shots: int, rng: np.random.Generator) -> list[Levels]:
    """Levels of each qubit in each shot, shape (shots,). joint: Populations, shape (levels,) * Q."""
    edges = np.cumsum(np.clip(joint, 0, None).ravel())
    found = np.searchsorted(edges / edges[-1], rng.random(shots), side="right")
    return [np.asarray(axis) for axis in np.unravel_index(np.minimum(found, joint.size - 1), joint.shape)]


def hear(
    cycle: Cycle,
    trial: Trial,
    played: Iterable[Played],
    levels: list[Levels],
    rng: np.random.Generator,
    *,
    remembered: bool = True,
    sampled: bool = False,
) -> Heard:
    """What one trial of `cycle` gives in shots whose qubits begin it in `levels`, each of shape (shots,).

    played: In the repetition. remembered: Somebody asks for the levels at the end; else they are those at the end of
    each qubit's own window. sampled: Every sample is asked for.
    """
    truth, drifted = cycle.dynamics.truth, cycle.dynamics.drifted
    tones = [_drifted(wave, drifted) for wave in played if truth.generators.get(wave.generator) == "tones"]
    found: list[State] = []
    now, left = dict.fromkeys(trial.qubits, trial.start), {qubit: levels[qubit] for qubit in trial.qubits}
    for window, start, end in zip(trial.windows, trial.starts, trial.ends, strict=True):
        qubit = truth.readouts[window.readout]
        resonator = truth.resonators[qubit]
        early = window.length - (end - start)
        ahead = drifted.readout_phase[qubit] - drifted.board_phase[window.readout // BOARD]
        heard_now, left[qubit] = echoes(
            left[qubit],
            rates=cycle.rates,
            qubit=qubit,
            resonator=resonator,
            resonances=cycle.resonances(qubit),
            window=window,
            tones=heard(tones, window, resonator.delay),
            rng=rng,
            lead=start - now[qubit],
            early=early if early > TOUCHING else 0.0,
            ahead=ahead,
            parts=window.samples if sampled else 1,
            answer=cycle.dynamics.answer,
        )
        found.append(heard_now)
        now[qubit] = end
    for qubit in sorted(trial.qubits) if remembered else ():
        if trial.end - now[qubit] > TOUCHING:
            left[qubit] = jumps(left[qubit], cycle.rates, qubit, trial.end - now[qubit], rng, LEVELS)[1]
    return Heard(echoes=found, left=left)


def _drifted(tone: Played, drift: Drift) -> Played:
    ahead = drift.board_phase[tone.generator // BOARD]
    return replace(tone, phase=tone.phase + ahead) if ahead else tone
