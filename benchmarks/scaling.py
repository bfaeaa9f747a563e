"""What a prediction costs as modes, cutoff and nodes grow, with power laws through it; --json for machines.

Modes and cutoff: the map of one contact (A's coupler on for a swap) between one or two qubits and the line, measured.
Nodes: the time of a contact hangs on who is coupled at that moment, so a chain of links costs contacts, one after the
other; qubits that meet the line at the same time cost what their joint space does, which is measured for one and two.
"""

import argparse
import json
import time
from dataclasses import dataclass

import numpy as np
from threadpoolctl import threadpool_limits

from coldlink.physics import Controls, HotWindow, ModeSpace, Rates, occupation
from coldlink.sequences.units import GHz, K, MHz, ns, us

TURN = 2 * np.pi
G = TURN * 6.65 * MHz
OFFSETS = (0, -1, 1, -2, 2, -3)
REPEATS = 3
MODES = (1, 2, 3, 4, 5)
CUTOFFS = (4, 6, 8, 12, 16, 24, 32)


@dataclass(frozen=True, kw_only=True)
class Case:
    """qubits: Coupled at the same time. states: Of the whole space. seconds: For the diagonal and its error."""

    qubits: int
    modes: int
    cutoff: int
    states: int
    seconds: float


def measured(qubits: int, modes: int, cutoff: int) -> Case:
    """Median time of a window that no cache knows; neighbour modes have three levels."""
    space = ModeSpace((cutoff, *[3] * (modes - 1)), cutoff + 1 if modes > 1 else cutoff - 1)
    times = []
    for repeat in range(REPEATS):
        window = _window(qubits, modes, space, 15 * us * (1 + 1e-6 * (repeat + cutoff + 100 * modes)))
        state = np.zeros((3**qubits, 3**qubits), complex)
        state[1, 1] = 1.0
        start = time.perf_counter()
        window.apply(state)
        times.append(time.perf_counter() - start)
    states = 3**qubits * len(space.states)
    return Case(qubits=qubits, modes=modes, cutoff=cutoff, states=states, seconds=float(np.median(times)))


def fitted(cases: list[Case], name: str) -> tuple[float, float]:
    """a and p of seconds = a x^p, x being the field `name`, by least squares of the logarithms."""
    x = np.log([float(getattr(case, name)) for case in cases])
    power, offset = np.polyfit(x, np.log([case.seconds for case in cases]), 1)
    return float(np.exp(offset)), float(power)


def _window(qubits: int, modes: int, space: ModeSpace, t1: float) -> HotWindow:
    offsets, some = np.array(OFFSETS[:modes]), np.ones(qubits)
    frequencies = 5.04 * GHz + offsets * 140 * MHz
    rates = Rates(
        anharmonicity=-TURN * 210 * MHz * some,
        relaxation=some / t1,
        excited=0.02 * some,
        dephasing=some / (3 * us),
        parity=np.array([np.ones(modes), (-1.0) ** offsets])[:qubits],
        internal=TURN * frequencies / 1.08e5,
        hot=occupation(frequencies, 4 * K),
        cold=np.zeros(modes),
        detuning=TURN * 140 * MHz * offsets,
    )
    steps = 396
    time_ = (np.arange(steps) + 0.5) * 0.1 * ns
    pulse = np.sin(np.pi / 2 * np.clip(np.minimum(time_, 39.6 * ns - time_) / (2 * ns), 0, 1)) ** 2
    controls = Controls(
        duration=np.full(steps, 0.1 * ns),
        qubit=np.zeros((steps, qubits)),
        coupling=np.outer(G * pulse, some),
        mode=np.zeros((steps, modes)),
        load=np.zeros((steps, modes)),
    )
    initial = np.full(modes, 0.088)
    return HotWindow(rates=rates, controls=controls, modes=space, initial=initial, read=frozenset(range(qubits)))


def main() -> None:
    """Measure, fit, and print a table or a JSON list."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--json", action="store_true")
    as_json = parser.parse_args().json
    with threadpool_limits(limits=1):
        measured(2, 2, 4)
        series = {
            f"{qubits} coupled, {what}": [measured(qubits, *asked) for asked in points]
            for qubits in (1, 2)
            for what, points in (("cutoff", [(1, n) for n in CUTOFFS]), ("modes", [(m, 6) for m in MODES]))
        }
    laws = {name: fitted(cases, "states") for name, cases in series.items()}
    if as_json:
        print(json.dumps([{"name": name, "factor": a, "power": p, "unit": "s"} for name, (a, p) in laws.items()]))
        return
    for name, cases in series.items():
        print(f"{name}: {laws[name][0]:.2e} s x states^{laws[name][1]:.2f}")
        for case in cases:
            print(
                f"  {case.modes} modes, cutoff {case.cutoff:3d}, {case.states:5d} states {1e3 * case.seconds:9.1f} ms"
            )


if __name__ == "__main__":
    main()
