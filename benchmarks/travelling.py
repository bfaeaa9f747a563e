"""Time of a transfer's process map, cascaded nodes of ETH's kind, beside QuTiP at equal accuracy; --json for machines.

QuTiP gets what helps it: the constant Liouvillian built once, splines for the tones, vern7, the smallest space that
holds one photon, and three runs, since the map of |g><e| is the adjoint of that of |e><g|.
"""

import argparse
import json
import math
import statistics
import time
from dataclasses import replace

import numpy as np
import qutip
from numpy.typing import NDArray

from coldlink.physics.travelling import Drive, Node, Photon, Qutrit, Transfer, TransferResonator, Waveguide
from coldlink.sequences.units import GHz, MHz, ns, us

TURN = 2 * math.pi
KAPPA, WINDOW = TURN * 8.9 * MHz, 311 * ns
PHOTON = Photon(TURN * 6.2 * MHz)


def link(lifetime: float = 15 * us, error: float = 1e-5) -> Transfer:
    """22.3 % loss between alike nodes; `lifetime` of e (s), the other times in proportion."""
    times = {"t1_e": lifetime, "t1_f": 0.4 * lifetime, "t_phi_e": lifetime, "t_phi_f": 0.5 * lifetime}
    qutrit = Qutrit(frequency=6.4 * GHz, anharmonicity=-265 * MHz, **times)
    ends = Node(qutrit=qutrit, resonator=TransferResonator(frequency=8.4 * GHz, kappa=KAPPA))
    emit = Drive(photon=PHOTON, kappa=KAPPA, window=WINDOW)
    line = Waveguide(loss=0.223)
    return Transfer(a=ends, b=ends, waveguide=line, emit=emit, catch=replace(emit, catches=True), error=error)


class Oracle:
    """The same for QuTiP, its Liouvillian ready."""

    def __init__(self, transfer: Transfer) -> None:
        parts = [3, 3, 2, 2]

        def lift(place: int, operator: qutip.Qobj) -> qutip.Qobj:
            return qutip.tensor([operator if i == place else qutip.qeye(n) for i, n in enumerate(parts)])

        first, second = (lift(place, qutip.destroy(2)) for place in (2, 3))
        eta = 1 - transfer.waveguide.loss
        onward = math.sqrt(eta) * KAPPA * second.dag() * first
        jumps = [math.sqrt(KAPPA) * (math.sqrt(eta) * first + second), math.sqrt((1 - eta) * KAPPA) * first]
        for place, node in enumerate((transfer.a, transfer.b)):
            jumps += [lift(place, qutip.Qobj(jump)) for jump in node.qutrit.jumps]
        up = qutip.basis(3, 2) * qutip.basis(3, 0).dag()
        times = np.linspace(0, WINDOW, 1501)
        constant = qutip.liouvillian((onward - onward.dag()) / 2j, jumps)
        tones = []
        for place, lowering, drive in ((0, first, transfer.emit), (1, second, transfer.catch)):
            raised = lift(place, up) * lowering
            tone = qutip.coefficient(drive.envelope(times), tlist=times)
            tones.append([qutip.liouvillian(raised + raised.dag()), tone])
        self.generator = qutip.QobjEvo([constant, *tones])

    def elements(self, tolerance: float) -> NDArray[np.complex128]:
        """E(|i><j|) for (g, g), (e, e), (e, g), B's f taken as e, (3, 2, 2)."""
        found = []
        for i, j in ((0, 0), (2, 2), (2, 0)):
            at_a = qutip.basis(3, i) * qutip.basis(3, j).dag()
            rho = qutip.tensor(at_a, qutip.fock_dm(3, 0), qutip.fock_dm(2, 0), qutip.fock_dm(2, 0))
            options = {"method": "vern7", "atol": tolerance, "rtol": tolerance, "nsteps": 100_000, "progress_bar": ""}
            after = qutip.mesolve(self.generator, rho, [0, WINDOW], options=options).states[-1]
            found.append(after.ptrace(1).full()[::2, ::2])
        return np.array(found)


def elements(transfer: Transfer) -> NDArray[np.complex128]:
    """The same of the package."""
    found = transfer.process.elements
    return np.array([found[i, j, :2, :2] for i, j in ((0, 0), (1, 1), (1, 0))])


def compared(repeats: int) -> dict[str, str | float]:
    """Seconds of one map (medians), their ratio, and the largest error of an element of each."""
    exact = elements(link(error=1e-9))
    oracle = Oracle(link())
    ours, theirs = [], []
    for repeat in range(repeats):
        # A link not seen before, so that nothing is known of it.
        fresh, begun = link(15 * us * (1 + 1e-9 * repeat)), time.perf_counter()
        found = elements(fresh)
        ours.append(time.perf_counter() - begun)
        begun = time.perf_counter()
        reference = oracle.elements(1e-6)
        theirs.append(time.perf_counter() - begun)
    seconds, reference_seconds = statistics.median(ours), statistics.median(theirs)
    return {
        "name": "travelling",
        "ratio": reference_seconds / seconds,
        "seconds": seconds,
        "reference_seconds": reference_seconds,
        "error": float(np.abs(found - exact).max()),
        "reference_error": float(np.abs(reference - exact).max()),
    }


def main() -> None:
    """Print the comparison."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--repeats", type=int, default=7)
    parser.add_argument("--json", action="store_true")
    asked = parser.parse_args()
    found = compared(asked.repeats)
    if asked.json:
        print(json.dumps([found]))
    else:
        for name, value in found.items():
            print(f"{name:18} {value if isinstance(value, str) else f'{value:.3g}'}")


if __name__ == "__main__":
    main()
