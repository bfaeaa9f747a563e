"""Quantities as people write them in a station's file: `5.04 GHz`, `37.6 ns`, `-210 MHz`."""

import re
from dataclasses import dataclass
from decimal import Decimal
from math import isfinite
from typing import Annotated, Any, Final

from pydantic import Field, GetCoreSchemaHandler
from pydantic_core import CoreSchema, PydanticCustomError, core_schema

_EXPONENTS: Final = {
    "f": -15,
    "p": -12,
    "n": -9,
    "u": -6,
    "µ": -6,
    "μ": -6,
    "m": -3,
    "": 0,
    "k": 3,
    "M": 6,
    "G": 9,
}
_WRITTEN: Final = re.compile(r"(?P<number>[+-]?(?:\d+\.?\d*|\.\d+)(?:[eE][+-]?\d{1,3})?)\s*(?P<unit>[^\W\d_]\S*)?")


@dataclass(frozen=True)
class Quantity:
    """A number with its unit, read into an SI float; annotate a model's field with it.

    unit: SI unit without prefix, for example `Hz` or `H/m`. example: What a right value looks like.
    """

    unit: str
    example: str

    def parse(self, written: object) -> float:
        """`37.6 ns` as 3.76e-8 s, exactly rounded; refuses a missing or another unit."""
        match = _WRITTEN.fullmatch(written.strip()) if isinstance(written, str) else None
        if match is None:
            raise self._refusal(f"{written!r} has no unit" if _is_number(written) else f"{written!r} is no quantity")
        if match["unit"] is None:
            raise self._refusal(f"{written!r} has no unit")
        return self._finite(float(Decimal(match["number"]).scaleb(self._exponent(match["unit"]))), written)

    def _exponent(self, unit: str) -> int:
        prefix = unit.removesuffix(self.unit)
        if not unit.endswith(self.unit) or prefix not in _EXPONENTS:
            raise self._refusal(f"{unit!r} is not a unit of {self.unit}")
        return _EXPONENTS[prefix]

    def _finite(self, value: float, written: object) -> float:
        if not isfinite(value):
            raise self._refusal(f"{written!r} is out of range")
        return value

    def _refusal(self, problem: str) -> PydanticCustomError:
        hint = f"write a number with a unit of {self.unit}, for example '{self.example}'"
        return PydanticCustomError("quantity", "{problem}; {hint}", {"problem": problem, "hint": hint})

    def __get_pydantic_core_schema__(self, source: Any, handler: GetCoreSchemaHandler) -> CoreSchema:
        return core_schema.no_info_plain_validator_function(self.parse)


def _is_number(written: object) -> bool:
    return isinstance(written, int | float) and not isinstance(written, bool)


Angle = Annotated[float, Quantity("rad", "0.35 rad")]
"""rad."""
Decibels = Annotated[float, Quantity("dB", "-20 dB")]
"""dB."""
Duration = Annotated[float, Quantity("s", "37.6 ns")]
"""s."""
Frequency = Annotated[float, Quantity("Hz", "5.04 GHz")]
"""Hz, cyclic."""
Impedance = Annotated[float, Quantity("Ohm", "50 Ohm")]
"""Ohm."""
Inductance = Annotated[float, Quantity("H", "0.2 nH")]
"""H."""
InductancePerLength = Annotated[float, Quantity("H/m", "400 nH/m")]
"""H/m."""
Length = Annotated[float, Quantity("m", "0.6 m")]
"""m."""
Temperature = Annotated[float, Quantity("K", "10 mK")]
"""K."""
Voltage = Annotated[float, Quantity("V", "1.3 V")]
"""V."""
Number = Annotated[float, Field(strict=True, allow_inf_nan=False)]
"""Dimensionless."""
Fraction = Annotated[float, Field(strict=True, ge=0, le=1)]
"""Dimensionless, 0 to 1."""
Count = Annotated[int, Field(strict=True, ge=0)]
"""A whole number, 0 or more."""
