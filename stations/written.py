"""Numbers as people read them: with their error, or with a unit and its prefix."""

import math
from collections.abc import Iterable
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
    """`5.04 GHz` for 5.04e9 and `Hz`: a prefix, if the unit takes one, and at most so many significant digits."""
    if value == 0 or not math.isfinite(value):
        return f"{value:g} {unit}".rstrip()
    rounded = float(f"{value:.{digits}g}")
    exponent = _exponent(rounded, unit)
    return f"{rounded / 10.0**exponent:.{digits}g} {_prefixed(exponent, unit)}".rstrip()


def concise(value: float, error: float, unit: str) -> str:
    """`5.1098(2) GHz` for 5.1098 and an error of 0.0002 GHz: the error in units of the value's last digit."""
    if not (math.isfinite(value) and math.isfinite(error) and error > 0):
        return engineering(value, unit)
    exponent = _exponent(max(abs(value), error), unit)
    scaled, spread = value / 10.0**exponent, error / 10.0**exponent
    place = _place(spread)
    shown = f"{round(scaled, place):.{max(place, 0)}f}({round(spread, place) * 10.0 ** max(place, 0):.0f})"
    return f"{shown} {_prefixed(exponent, unit)}".rstrip()


def age(seconds: float) -> str:
    """`40 s`, `12 min`, `5 h` or `3 d`."""
    for length, unit in ((86_400, "d"), (3600, "h"), (60, "min")):
        if seconds >= 2 * length:
            return f"{seconds / length:.0f} {unit}"
    return f"{seconds:.0f} s"


def _exponent(value: float, unit: str) -> int:
    """Of the prefix that suits `value`; plain numbers take none."""
    lowest = -15 if unit[:1].isalpha() else 0
    return min(max(math.floor(math.log10(abs(value)) / 3) * 3, lowest), 9) if unit else 0


def _prefixed(exponent: int, unit: str) -> str:
    """`GHz`, and for a rate `1/µs`."""
    return f"1/{_PREFIXES[-exponent]}{unit[2:]}" if unit.startswith("1/") else f"{_PREFIXES[exponent]}{unit}"


def axis(values: Iterable[float], name: str, unit: str) -> tuple[float, str]:
    """Scale and title of an axis that shows `values` in a unit with a prefix."""
    largest = max((abs(value) for value in values if math.isfinite(value)), default=0.0)
    if not unit or not largest:
        return 1.0, f"{name} ({unit})" if unit else name
    exponent = min(max(math.floor(math.log10(largest) / 3) * 3, -15), 9) if unit != "Phi0" else 0
    return 10.0**-exponent, f"{name} ({_PREFIXES[exponent]}{unit})"


def _decimals(error: float) -> int:
    return max(0, _place(error))


def _place(error: float) -> int:
    """Decimals that an error allows, negative before the point: one digit of it, two if the first is a 1 or a 2."""
    exponent = math.floor(math.log10(error))
    return -exponent + (1 if error / 10.0**exponent < 3 else 0)
