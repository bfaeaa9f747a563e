"""Experiment: what a handshake and a Bell pair share: a device, its pulses, what prepares and reads the qubits."""

from dataclasses import dataclass
from functools import cached_property

import numpy as np
from numpy.typing import NDArray

from ...sequences.errors import ModelError
from ..controls import Controls
from ..device import TWO_PI, Device
from ..hot_window import ERROR, Detuned
from ..quasi_static import static_detunings
from .imperfection import Imperfection, controls_without, rates_without
from .misreading import Misreading
from .passage import Passage, at_rest
from .pulses import Pulses

State = NDArray[np.complex128]
Trace = NDArray[np.float64]


@dataclass(frozen=True, kw_only=True)
class Experiment:
    """Two qubits, A and B, that meet through the line.

    device: Line, load and qubits. pulses: What is played, `LinkPulses` or `FluxPulses`. preparation_errors: What the
    pulse that prepares each qubit leaves wrong, beside its thermal population. misreadings: Of A and B. levels: Of each
    qubit. error: Asked for, of a population. phase: That B's frame is turned by (rad); None for the one that a perfect
    calibration finds, which every result tells. without: Imperfections that are left out.
    """

    device: Device
    pulses: Pulses
    preparation_errors: tuple[float, float] = (0.0, 0.0)
    misreadings: tuple[Misreading, Misreading] = (Misreading(), Misreading())
    levels: int = 3
    error: float = ERROR
    phase: float | None = None
    without: frozenset[Imperfection] = frozenset()

    def __post_init__(self) -> None:
        if len(self.device.qubits) != 2:
            raise ModelError("number of qubits", len(self.device.qubits), "A and B are two; give a device of two")
        for error in self.preparation_errors:
            if not 0 <= error <= 0.5:
                raise ModelError("preparation error", error, "a probability up to 0.5; beyond, exchange 0 and 1")

    def _passage(self, read: frozenset[int]) -> Passage:
        """What all shots go through. read: Qubits that matter afterwards."""
        return Passage(
            rates=rates_without(self.device.rates(), self.without),
            controls=controls_without(self._controls, self.without),
            initial=self._initial(),
            read=read,
            levels=2 if self._ideal(Imperfection.LEAKAGE) else self.levels,
            error=self.error,
        )

    def _shots(self, passage: Passage) -> tuple[list[Detuned], float]:
        """Shots for each static detuning of the qubits, and the error of the sum over them."""
        spreads = [0.0 if self._ideal(Imperfection.DEPHASING) else qubit.quasi_static for qubit in self.device.qubits]
        drawn = static_detunings(spreads, float(passage.controls.duration.sum()), self.error / 4)
        pairs = zip(TWO_PI * drawn.shifts, drawn.weights, strict=True)
        return [Detuned(shift, float(weight), passage.outside) for shift, weight in pairs], drawn.error

    def _initial(self) -> Trace:
        """Occupations when the load begins to close."""
        n = at_rest(self.device.rates(), self._controls.load[0])
        kept = n[:1] if self._ideal(Imperfection.NEIGHBOURS) else n
        return 0 * kept if self._ideal(Imperfection.INITIAL) else kept

    def _swapped(self, qubit: int) -> float:
        """Population that is in the wrong level after the preparation of 0 or 1."""
        error = 0.0 if self._ideal(Imperfection.PREPARATION) else self.preparation_errors[qubit]
        return self._thermal(qubit) + error

    def _thermal(self, qubit: int) -> float:
        return 0.0 if self._ideal(Imperfection.POPULATION) else self.device.qubits[qubit].residual_population

    def _read(self, qubit: int) -> Misreading:
        return Misreading() if self._ideal(Imperfection.READOUT) else self.misreadings[qubit]

    def _mixture(self, excited: float) -> State:
        levels = 2 if self._ideal(Imperfection.LEAKAGE) else self.levels
        return np.diag([1 - excited, excited, *[0.0] * (levels - 2)]).astype(complex)

    def _ideal(self, imperfection: Imperfection) -> bool:
        return imperfection in self.without

    @cached_property
    def _controls(self) -> Controls:
        return self.pulses.controls(self.device)
