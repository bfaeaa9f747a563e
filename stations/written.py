"""Numbers as people read them: with their error, or with a unit and its prefix."""

import math
from typing import Final

_PREFIXES: Final = {-15: "f", -12: "p", -9: "n", -6: "µ", -3: "m", 0: "", 3: "k", 6: "M", 9: "G"}


def uncertain(value: float | None, error: float | None, *, percent: bool = False) -> str:
    """`0.585 ± 0.004`, or `58.5 ± 0.4 %`: as many digits as the error allows."""
    if value is None:
        return "not known"
    scale, unit = (100.0, " %") if percent else (1.0, "")
    if not error:
        return f"{value * scale:.4g}{unit}"
    digits = _decimals(error * scale)
    return f"{value * scale:.{digits}f} ± {error * scale:.{digits}f}{unit}"


def engineering(value: float, unit: str, digits: int = 6) -> str:
    """`5.04 GHz` for 5.04e9 and `Hz`: a prefix, and at most so many significant digits."""
    if value == 0 or not math.isfinite(value):
        return f"{value:g} {unit}".rstrip()
    rounded = float(f"{value:.{digits}g}")
    exponent = min(max(math.floor(math.log10(abs(rounded)) / 3) * 3, -15), 9)
    return f"{rounded / 10.0**exponent:.{digits}g} {_PREFIXES[exponent]}{unit}".rstrip()


def _decimals(error: float) -> int:
    """One significant digit of the error, two if the first is a 1 or a 2."""
    exponent = math.floor(math.log10(error))
    return max(0, -exponent + (1 if error / 10.0**exponent < 3 else 0))
