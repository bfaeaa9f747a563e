"""A twin with all modes of its line, its readout calibrated, changed where a test wants it."""

from dataclasses import replace
from functools import cache

from coldlink.calibration import Readout, ReadoutCalibration, calibrate
from coldlink.calibration.knowledge import Knowledge
from coldlink.physics import Network

from ..one_mode import Change, OneMode, one_mode

MODES = (0, -1, 1, -2)


def line_feeling(name: str, change: Change = lambda held: held) -> OneMode:
    """Qubits and readout are as designed; `change` says what is not."""
    setup = one_mode(
        name, lambda held: change(replace(held, network=Network.of(_whole(held.network.links[0])))), seed=11
    )
    design = replace(setup.design, device=_whole(setup.design.device))
    known = Knowledge(prior=design, target=setup.bench.known.target)
    setup.bench.learn(known.reading(_readout(name)))
    return replace(setup, design=design)


def _whole(device):
    return replace(device, line=replace(device.line, offsets=MODES))


@cache
def _readout(name: str) -> Readout:
    return calibrate(ReadoutCalibration(shots=4_000), one_mode(name).bench).fit
