"""Scale: where a quantity of any device lies; what is outside was given in another unit."""

from dataclasses import dataclass
from math import inf

from numpy.typing import ArrayLike

from .check import Array, checked, numbers, one


@dataclass(frozen=True)
class Scale:
    """Where a quantity lies in any device: so widely that what is outside was given in another unit.

    least, most: (unit). ideal: A number outside that stands for a perfect device; None if there is none.
    """

    least: float
    most: float
    unit: str
    ideal: float | None = None

    def one(self, parameter: str, value: float) -> None:
        """ModelError unless `value` is one number within."""
        number = one(parameter, value)
        if number != self.ideal:
            self.all(parameter, number)

    def all(self, parameter: str, values: ArrayLike) -> Array:
        """`values` as an array; ModelError unless all lie within."""
        array = numbers(parameter, values)
        why = f"in any link it lies within {self.least:g} to {self.most:g} {self.unit}; give it in {self.unit}"
        if self.ideal is not None:
            why += f", or {self.ideal:g} for an ideal one"
        return checked(parameter, array, (array >= self.least) & (array <= self.most), why)


FREQUENCY = Scale(1e8, 1e12, "Hz")
"""Of qubits, modes and resonators."""
COUPLING = Scale(1e3, 1e10, "Hz")
LIFETIME = Scale(1e-9, 1.0, "s", ideal=inf)
DURATION = Scale(0.0, 1e-3, "s")
"""Of a pulse or a pause."""
RATE = Scale(1e3, 1e12, "rad/s")
"""Of a resonator's decay."""
INDUCTANCE = Scale(1e-13, 1e-4, "H")
TEMPERATURE = Scale(0.0, 1e3, "K")
