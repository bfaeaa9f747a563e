"""Budget: what each imperfection of a transfer costs, found by turning off one at a time."""

import math
from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import Any, Final

from .node import Node
from .transfer import Transfer


@dataclass(frozen=True, kw_only=True)
class Budget:
    """What a figure of merit would gain.

    reached: The figure as it is. gains: By how much it rises when this alone is turned off, the largest first; what
    is off already is left out. A gain errs by up to twice the error of the transfer. rest: 1 - reached less all gains:
    the end of the windows, and that losses which follow each other count twice or less than once.
    """

    reached: float
    gains: dict[str, float]

    @property
    def rest(self) -> float:
        """What no single cause explains."""
        return 1 - self.reached - sum(self.gains.values())


def process_fidelity(transfer: Transfer) -> float:
    """F_p of the transfer."""
    return transfer.process.process_fidelity


def bell_fidelity(transfer: Transfer) -> float:
    """Fidelity of the pair with Psi+."""
    return transfer.pair.fidelity


def budget(transfer: Transfer, figure: Callable[[Transfer], float] = process_fidelity) -> Budget:
    """Turn off each imperfection of `transfer` alone and see what `figure` gains."""
    reached = figure(transfer)
    gains = {name: figure(better) - reached for name, better in cured(transfer).items()}
    return Budget(reached=reached, gains=dict(sorted(gains.items(), key=lambda gain: -gain[1])))


def cured(transfer: Transfer) -> dict[str, Transfer]:
    """`transfer` without each of its imperfections in turn; what is off already is left out."""
    changed = {name: cure(transfer) for name, cure in _CURES.items()}
    return {name: better for name, better in changed.items() if better != transfer}


def _line(**values: float) -> Callable[[Transfer], Transfer]:
    return lambda transfer: replace(transfer, waveguide=replace(transfer.waveguide, **values))


def _nodes(change: Callable[[Node], Node]) -> Callable[[Transfer], Transfer]:
    return lambda transfer: replace(transfer, a=change(transfer.a), b=change(transfer.b))


def _qutrits(**values: float) -> Callable[[Transfer], Transfer]:
    return _nodes(lambda node: replace(node, qutrit=replace(node.qutrit, **values)))


def _resonators(**values: float) -> Callable[[Transfer], Transfer]:
    return _nodes(lambda node: replace(node, resonator=replace(node.resonator, **values)))


def _cold(transfer: Transfer) -> Transfer:
    return _resonators(internal_occupation=0.0)(_line(input_occupation=0.0, loss_occupation=0.0)(transfer))


def _tuned(transfer: Transfer) -> Transfer:
    resonator = replace(transfer.b.resonator, frequency=transfer.a.resonator.frequency)
    return replace(transfer, b=replace(transfer.b, resonator=resonator))


def _calibrated(transfer: Transfer) -> Transfer:
    def known(node: Node) -> dict[str, Any]:
        return {"stark": node.stark, "kappa": node.resonator.kappa, "scale": 1.0}

    start = transfer.emit.start + transfer.waveguide.delay
    catch = replace(transfer.catch, start=start, **known(transfer.b))
    line = replace(transfer.waveguide, phase=0.0)
    return replace(transfer, emit=replace(transfer.emit, **known(transfer.a)), catch=catch, waveguide=line)


_CURES: Final[dict[str, Callable[[Transfer], Transfer]]] = {
    "photon loss": _line(loss=0.0),
    "relaxation": _qutrits(t1_e=math.inf, t1_f=math.inf),
    "dephasing": _qutrits(t_phi_e=math.inf, t_phi_f=math.inf, t_phi=math.inf),
    "thermal transmons": _qutrits(excited=0.0, residual=0.0),
    "thermal fields": _cold,
    "internal loss": _resonators(internal=0.0),
    "pulls": _resonators(pull_e=0.0, pull_f=0.0),
    "mismatch of the resonators": _tuned,
    "drives and clocks": _calibrated,
    "length of the e-f pulses": _nodes(lambda node: replace(node, swap=0.0)),
}
