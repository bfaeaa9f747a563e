"""Time of hot windows that a station asks for, in the full configuration at 4 K; --json for machines.

1e-4 is what a twin asks for, 1e-5 what the solver is asked for where nobody says otherwise. Each row has the error that
the solver reports, beside its time.
"""

import argparse
import itertools
import json
import statistics
import time

import numpy as np
from numpy.typing import NDArray

from coldlink.physics import Controls, HotWindow, Rates, occupation
from coldlink.physics.hot_window import Detuned
from coldlink.physics.quasi_static import static_detunings
from coldlink.sequences.units import GHz, K, MHz, kHz, ns, us

TURN = 2 * np.pi
G = TURN * 6.65 * MHz
OFFSETS = np.array([0, -1, 1, -2])


def rates(t1: float = 15 * us) -> Rates:
    """The 4 K link: three levels, four modes."""
    modes, two = 5.04 * GHz + OFFSETS * 140 * MHz, np.ones(2)
    return Rates(
        anharmonicity=-TURN * 210 * MHz * two,
        relaxation=two / t1,
        excited=0.02 * two,
        dephasing=two / (3 * us),
        parity=np.array([np.ones(4), (-1.0) ** OFFSETS]),
        internal=TURN * modes / 1.08e5,
        hot=occupation(modes, 4 * K),
        cold=np.zeros(4),
        detuning=TURN * 140 * MHz * OFFSETS,
    )


def controls(first: float, second: float, detuning: float) -> Controls:
    """A's pulse and then B's, of these areas over G (s), with edges of 2 ns."""
    lengths = [area + 2 * ns if area else 0.0 for area in (first, second)]
    steps = round(sum(lengths) / (0.1 * ns))
    times = (np.arange(steps) + 0.5) * sum(lengths) / steps
    shapes = [_pulse(times, 0.0, lengths[0]), _pulse(times, lengths[0], lengths[1])]
    return Controls(
        duration=np.full(steps, sum(lengths) / steps),
        qubit=np.full((steps, 2), detuning),
        coupling=G * np.stack(shapes, axis=1),
        mode=np.zeros((steps, 4)),
        load=np.zeros((steps, 4)),
    )


def _pulse(times: NDArray[np.float64], start: float, length: float) -> NDArray[np.float64]:
    inside = np.minimum(times - start, start + length - times) / (2 * ns)
    return np.asarray(np.sin(np.pi / 2 * np.clip(inside, 0, 1)) ** 2)


def _window(link: Rates, played: Controls, read: set[int], error: float = 1e-4) -> HotWindow:
    return HotWindow(
        rates=link,
        controls=played,
        initial=np.full(4, 0.088),
        read=frozenset(read),
        error=error,
    )


def _state(a: tuple[float, float], coherence: float = 0.0) -> NDArray[np.complex128]:
    state = np.diag([*a, 0]).astype(complex)
    state[0, 1] = state[1, 0] = coherence
    return np.asarray(np.kron(state, np.diag([0.98, 0.02, 0])))


def handshake(link: Rates, error: float) -> float:
    """Everything that a process tomography needs: two diagonals and a coherence; the error reported."""
    window = _window(link, controls(np.pi / 2 / G, np.pi / 2 / G, -TURN * 0.2 * MHz), {1}, error)
    return max(window.apply(state).error for state in (_state((1, 0)), _state((0, 1)), _state((0.5, 0.5), 0.5)))


def detuned_handshake(link: Rates, error: float) -> float:
    """The same, as the mean over shots in which the qubits' frequencies are spread by 10 kHz."""
    played = controls(np.pi / 2 / G, np.pi / 2 / G, -TURN * 0.2 * MHz)
    window, pauses = _window(link, played, {1}, error), 100 * ns
    drawn = static_detunings((10 * kHz, 10 * kHz), float(played.duration.sum()) + pauses, error / 10)
    told = drawn.error
    for shift, share in zip(TURN * drawn.shifts, drawn.weights, strict=True):
        shots = Detuned(shift, float(share), pauses)
        found = [
            window.apply(state, shots).error for state in (_state((1, 0)), _state((0, 1)), _state((0.5, 0.5), 0.5))
        ]
        told += shots.share * max(found)
    return told


def bell(link: Rates, error: float) -> float:
    """Half a swap at A, a full one at B, both read."""
    window = _window(link, controls(np.pi / 4 / G, np.pi / 2 / G, -TURN * 0.2 * MHz), {0, 1}, error)
    return window.apply(_state((0.025, 0.975))).error


def chevron(link: Rates, error: float) -> float:
    """A's coupler alone."""
    window = _window(link, controls(37 * ns, 0.0, TURN * 2 * MHz), {0}, error)
    return window.apply(_state((0.025, 0.975))).error


def main() -> None:
    """Print a table, or with --json a list of name, value, unit and error."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--json", action="store_true")
    parser.add_argument("--runs", type=int, default=5)
    arguments = parser.parse_args()
    cases = {
        "handshake process map": handshake,
        "the same with 10 kHz of 1/f noise": detuned_handshake,
        "Bell map": bell,
        "chevron point": chevron,
    }
    found = []
    for error, (name, work) in itertools.product((1e-4, 1e-5), cases.items()):
        work(rates(), error)
        times, told = [], 0.0
        for _ in range(arguments.runs):
            start = time.perf_counter()
            told = work(rates(), error)
            times.append(1e3 * (time.perf_counter() - start))
        row = {"name": f"{name}, {error:.0e} asked for", "value": statistics.median(times), "unit": "ms", "error": told}
        found.append(row)
    if arguments.json:
        print(json.dumps(found))
    else:
        print("\n".join(f"{row['name']:54s} {row['value']:8.1f} ms   error {row['error']:.1e}" for row in found))


if __name__ == "__main__":
    main()
