"""The lane solver against QuTiP with its best settings, interleaved in one run, at equal accuracy.

Each row of --json: name; ratio, QuTiP's time of one trajectory over the lane solver's, median of the pairs, null where
the target is a time; error and reference_error, the largest error of an element of the full final density matrix of
the nominal point, of the lane solver and of QuTiP as timed, against QuTiP at rtol 1e-9; seconds, of one trajectory by
the lane solver, or of the whole row; target, of the ratio or of the seconds. Times of one core are the process's own,
those of two cores are the clock's. The tomography takes sixteen product states through the two-qubit map; QuTiP's
time is that of two of them, times eight.
"""

import argparse
import json
import resource
import time
from collections.abc import Callable
from typing import Any

import numpy as np
import windows
from numpy.typing import NDArray
from problems import BASELINE, DURATION, PROBLEMS, REFERENCE, TURN, G, Problem, load

from coldlink.physics.lanes import LaneSolver, Signals
from coldlink.sequences.units import MHz, ns

Row = dict[str, Any]
REQUESTED = 2e-6
"""Error asked of the lane solver: with its margin it then errs about as much as QuTiP at rtol 1e-5."""
POINTS = {"R1": 512, "R2": 128, "R3": 64}
TARGETS = {"R1": 35, "R2": 45, "R3": 40}


def solver(problem: Problem, threads: int = 1) -> LaneSolver:
    """Of this problem, at the requested error."""
    return LaneSolver(problem.rates, (problem.levels,) * 2, problem.cutoffs, REQUESTED, threads)


def sweep(problem: Problem, repetitions: int) -> Row:
    """Amplitudes of the couplings from 0.8 to the nominal one."""
    rho = problem.initial(problem.qubits((0, 1), (1, 0)))
    signals = problem.sweep(np.linspace(0.8, 1, POINTS[problem.name]))
    lanes = solver(problem)
    pairs, states = _interleaved(
        lambda: lanes.propagate(rho, signals).state(signals.points - 1),
        lambda: problem.solved(rho, BASELINE),
        repetitions,
    )
    exact = problem.solved(rho, REFERENCE)
    ours, theirs = pairs.T / np.array([[signals.points], [1]])
    return {
        "name": problem.name,
        "ratio": float(np.median(theirs / ours)),
        "error": float(np.abs(states[0] - exact).max()),
        "reference_error": float(np.abs(states[1] - exact).max()),
        "seconds": float(np.median(ours)),
        "target": TARGETS[problem.name],
    }


def tomography(problem: Problem, repetitions: int) -> Row:
    """The full two-qubit map from sixteen product states."""
    alone = ((1, 0), (0, 1), (1, 1), (1, 1j))
    inputs = np.array([problem.initial(problem.qubits(a, b)) for a in alone for b in alone])
    lanes, signals = solver(problem), problem.sweep(np.ones(1))
    some = (4, 15)
    pairs, states = _interleaved(
        lambda: np.array([lanes.propagate(inputs, signals).state(k) for k in some[:1]]),
        lambda: np.array([problem.solved(inputs[k], BASELINE) for k in some]),
        repetitions,
    )
    exact = problem.solved(inputs[some[0]], REFERENCE)
    ours, theirs = pairs.T
    return {
        "name": f"tomography {problem.name}",
        "ratio": float(np.median(theirs / ours)) * len(inputs) / len(some),
        "error": float(np.abs(states[0][0] - exact).max()),
        "reference_error": float(np.abs(states[1][0] - exact).max()),
        "seconds": float(np.median(ours)),
        "target": 60,
    }


def chevron(problem: Problem, repetitions: int) -> Row:
    """101 detunings by 101 lengths of A's pulse, all points on their own, after cooling; on two cores."""
    detunings, lengths = np.linspace(-10, 10, 101) * TURN * MHz, np.linspace(0, 300, 101) * ns
    offset, length = (axis.ravel() for axis in np.meshgrid(detunings, lengths))

    def coupling(times: NDArray[np.float64]) -> NDArray[np.float64]:
        opened = 1 + np.tanh((times - 120 * ns) / (10 * ns))
        closed = 1 - np.tanh((times[:, None] - 120 * ns - length) / (10 * ns))
        return np.asarray((G / 4 * opened[:, None] * closed)[:, :, None] * np.array([1, 0]))

    signals = Signals(
        duration=DURATION,
        points=len(offset),
        coupling=coupling,
        qubit=lambda times: offset[:, None] * np.array([1, 0]),
        load=lambda times: load(times)[:, None, None],
    )
    lanes, rho = solver(problem, threads=2), problem.initial(problem.qubits((0, 1), (1, 0)))
    lanes.propagate(rho, problem.sweep(np.ones(1)))
    seconds = []
    for _ in range(repetitions):
        start = time.perf_counter()
        found = lanes.propagate(rho, signals)
        seconds.append(time.perf_counter() - start)
    return {"name": "chevron", "ratio": None, "error": found.error, "seconds": float(np.median(seconds)), "target": 4}


def handshake(repetitions: int) -> Row:
    """Process tomography of a station's handshake, four modes and three levels, at 1e-5; error: as it is reported."""
    windows.handshake(windows.rates(), 1e-5)
    seconds, told = [], 0.0
    for _ in range(repetitions):
        start = time.process_time()
        told = windows.handshake(windows.rates(), 1e-5)
        seconds.append(time.process_time() - start)
    return {"name": "handshake", "ratio": None, "error": told, "seconds": float(np.median(seconds)), "target": 0.3}


def _interleaved(
    first: Callable[[], NDArray[np.complex128]], second: Callable[[], NDArray[np.complex128]], repetitions: int
) -> tuple[NDArray[np.float64], list[NDArray[np.complex128]]]:
    """Times of both (s), shape (repetitions, 2), after one of the first to compile it; and what they gave."""
    first()
    found: list[NDArray[np.complex128]] = []
    times = []
    for _ in range(repetitions):
        marks, found = [time.process_time()], []
        for work in (first, second):
            found.append(work())
            marks.append(time.process_time())
        times.append(np.diff(marks))
    return np.array(times), found


def main() -> None:
    """Print a table, or with --json a list of rows."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--json", action="store_true")
    parser.add_argument("--quick", action="store_true", help="one pair of each, and without R3")
    arguments = parser.parse_args()
    small, middle, large = PROBLEMS
    repetitions = 1 if arguments.quick else 5
    rows = [sweep(small, 5), sweep(middle, repetitions)]
    if not arguments.quick:
        rows.append(sweep(large, 3))
    rows += [tomography(middle, repetitions), chevron(small, repetitions), handshake(5)]
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * 1024 / 1e9
    rows.append({"name": "peak memory of all", "ratio": None, "gigabytes": peak, "target": 1})
    print(json.dumps(rows) if arguments.json else "\n".join(_line(row) for row in rows))


def _line(row: Row) -> str:
    return "  ".join(f"{k} {v:.3g}" if isinstance(v, float) else f"{v}" for k, v in row.items() if v is not None)


if __name__ == "__main__":
    main()
