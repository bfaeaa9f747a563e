"""Time of the fast solver on what a station asks for, in the full configuration at 4 K; --json for machines.

First: of a link not seen before, so that no exponential is known. Again: one more window of the same link.
"""

import argparse
import json
import time
from collections.abc import Callable
from itertools import count

import numpy as np
from numpy.typing import NDArray

from coldlink.physics import Controls, HotWindow, ModeSpace, Rates, occupation
from coldlink.sequences.units import GHz, K, MHz, ns, us

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


def _window(link: Rates, played: Controls, read: set[int]) -> HotWindow:
    return HotWindow(
        rates=link,
        controls=played,
        modes=ModeSpace((6, 4, 4, 4), 7),
        initial=np.full(4, 0.088),
        read=frozenset(read),
        coarse_modes=ModeSpace((5, 3, 3, 3), 6),
    )


def _state(a: tuple[float, float], coherence: float = 0.0) -> NDArray[np.complex128]:
    state = np.diag([*a, 0]).astype(complex)
    state[0, 1] = state[1, 0] = coherence
    return np.asarray(np.kron(state, np.diag([0.98, 0.02, 0])))


def handshake(link: Rates) -> None:
    """Everything that a process tomography needs: two diagonals and a coherence."""
    window = _window(link, controls(np.pi / 2 / G, np.pi / 2 / G, -TURN * 0.2 * MHz), {1})
    for state in (_state((1, 0)), _state((0, 1)), _state((0.5, 0.5), 0.5)):
        window.apply(state)


def bell(link: Rates) -> None:
    """Half a swap at A, a full one at B, both read."""
    window = _window(link, controls(np.pi / 4 / G, np.pi / 2 / G, -TURN * 0.2 * MHz), {0, 1})
    window.apply(_state((0.025, 0.975)))


def chevron(link: Rates, durations: "count[int]") -> None:
    """A's coupler alone, each time with a longer pulse."""
    window = _window(link, controls((30 + next(durations)) * ns, 0.0, TURN * 2 * MHz), {0})
    window.apply(_state((0.025, 0.975)))


def _milliseconds(work: Callable[[Rates], None], link: Rates) -> float:
    start = time.perf_counter()
    work(link)
    return 1e3 * (time.perf_counter() - start)


def main() -> None:
    """Print a table, or with --json a list of name, value and unit."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--json", action="store_true")
    durations = count()
    cases: dict[str, Callable[[Rates], None]] = {
        "handshake process map": handshake,
        "Bell map": bell,
        "chevron point": lambda link: chevron(link, durations),
    }
    arguments = parser.parse_args()
    handshake(rates(20 * us))
    found = []
    for index, (name, work) in enumerate(cases.items()):
        link = rates(15 * us + index * ns)
        first = _milliseconds(work, link)
        again = float(np.median([_milliseconds(work, link) for _ in range(5)]))
        found += [
            {"name": f"{name}, {when}", "value": value, "unit": "ms"}
            for when, value in (("first", first), ("again", again))
        ]
    if arguments.json:
        print(json.dumps(found))
    else:
        print("\n".join(f"{row['name']:32s} {row['value']:8.1f} {row['unit']}" for row in found))


if __name__ == "__main__":
    main()
