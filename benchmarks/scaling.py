"""What a prediction costs as modes, cutoff and nodes grow, with power laws through it; --json for machines.

Modes and cutoff: the map of one contact (A's coupler on for a swap) between one or two qubits and the line, measured.
Nodes: the time of a contact hangs on who is coupled at that moment, so a chain of links costs contacts, one after the
other; qubits that meet the line at the same time cost what their joint space does, which is measured for one and two.
"""

import argparse
import json
import time
from dataclasses import asdict, dataclass, replace
from math import comb

import numpy as np
from scipy.optimize import nnls
from threadpoolctl import threadpool_limits

from coldlink.physics import Controls, HotWindow, Rates, occupation
from coldlink.sequences.units import GHz, K, MHz, ns, us
from coldlink.stations import Catalogue
from coldlink.stations.plan import Plan

TURN = 2 * np.pi
G = TURN * 6.65 * MHz
OFFSETS = (0, -1, 1, -2, 2, -3)
REPEATS = 3
MODES = (1, 2, 3, 4, 5)
CUTOFFS = (8, 16, 32, 64, 128)


@dataclass(frozen=True, kw_only=True)
class Case:
    """qubits: That are coupled at once. elements: Of an operator of one excitation difference. seconds: Processor time
    for a diagonal state.
    """

    qubits: int
    modes: int
    cutoff: int
    elements: int
    seconds: float


def measured(qubits: int, modes: int, cutoff: int, order: int = 2) -> Case:
    """Median time of one propagation with so many Fock states of the near mode and quanta of the far ones."""
    window = _window(qubits, modes)
    state = np.zeros((3**qubits, 3**qubits), complex)
    state[1, 1] = 1.0
    asked = replace(window.resolution, cutoff=cutoff, order=order if modes > 1 else 0, step=0.3 * ns)
    times = []
    for _ in range(REPEATS + 1):
        start = time.process_time()
        window.propagate(state, 0, asked)
        times.append(time.process_time() - start)
    orders = comb(modes - 1 + asked.order, asked.order)
    elements = orders**2 * 9**qubits * cutoff
    return Case(qubits=qubits, modes=modes, cutoff=cutoff, elements=elements, seconds=float(np.median(times[1:])))


@dataclass(frozen=True)
class Law:
    """seconds = overhead + factor elements^power."""

    overhead: float
    factor: float
    power: float

    def seconds(self, elements: float) -> float:
        """For so many elements."""
        return float(self.overhead + self.factor * elements**self.power)


def fitted(cases: list[Case]) -> Law:
    """The law of least squares of the relative errors, its power from 0.5 to 4 in hundredths."""
    x, y = np.array([case.elements for case in cases], float), np.array([case.seconds for case in cases])
    best, found = np.inf, Law(0.0, 0.0, 0.0)
    for power in np.arange(50, 401) / 100:
        design = np.stack([np.ones_like(x), x**power], axis=1) / y[:, None]
        (overhead, factor), miss = nnls(design, np.ones_like(y))
        if miss < best:
            best, found = miss, Law(float(overhead), float(factor), float(power))
    return found


def predictions() -> dict[str, float]:
    """Seconds for one handshake of each shipped twin at an error of 1e-4, the second of its kind."""
    found = {}
    for name in ("sim_4k", "sim_1k"):
        plan = Plan.of(Catalogue.standard().find(name).folder, None)
        seen = plan.seen()
        for gap in (4 * ns, 5 * ns):
            experiment = plan.with_("gap", gap).experiment("handshake", 1e-4, seen)
            start = time.perf_counter()
            experiment.predict()
            found[f"handshake, {name}"] = time.perf_counter() - start
    return found


def _window(qubits: int, modes: int) -> HotWindow:
    offsets, some = np.array(OFFSETS[:modes]), np.ones(qubits)
    frequencies = 5.04 * GHz + offsets * 140 * MHz
    rates = Rates(
        anharmonicity=-TURN * 210 * MHz * some,
        relaxation=some / (15 * us),
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
    return HotWindow(rates=rates, controls=controls, initial=initial, read=frozenset(range(qubits)))


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
        found = predictions()
    laws = {name: fitted(cases) for name, cases in series.items()}
    if as_json:
        rows = [{"name": name, **asdict(law), "unit": "s"} for name, law in laws.items()]
        print(json.dumps([*rows, *({"name": name, "value": value, "unit": "s"} for name, value in found.items())]))
        return
    for name, cases in series.items():
        law = laws[name]
        print(f"{name}: {1e3 * law.overhead:.0f} ms + {law.factor:.2e} s x elements^{law.power:.2f}")
        for case in cases:
            times = f"{1e3 * case.seconds:8.0f} ms, law {1e3 * law.seconds(case.elements):8.0f}"
            print(f"  {case.modes} modes, cutoff {case.cutoff:2d}, {case.elements:7d} elements {times}")
    for name, value in found.items():
        print(f"{name}: {value:.2f} s")


if __name__ == "__main__":
    main()
