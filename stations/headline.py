"""The headline of a result: its quantities in words, raw and corrected, against what a classical link could reach."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Final

from .written import uncertain

DECIDED: Final = 3
"""How many standard errors a value must lie from its threshold to be called above or below, and to pass a gate."""


@dataclass(frozen=True)
class Quantity:
    """A measured quantity's title, the threshold it is held against (None if there is none) and what that means."""

    title: str
    threshold: float | None = None
    meaning: str = ""
    percent: bool = False


_QUANTITIES: Final = {
    "process_fidelity": Quantity("Process fidelity", 0.5, "the most that measuring and preparing anew reaches", True),
    "average_state_fidelity": Quantity("Average state fidelity", 2 / 3, "the same limit, averaged over states", True),
    "bell_fidelity": Quantity("Bell-state fidelity", 0.5, "the most that a pair without entanglement reaches", True),
    "concurrence": Quantity("Concurrence"),
    "chsh": Quantity("CHSH value S", 2.0, "the most that local hidden variables reach"),
    "thermal_occupation": Quantity("Occupation of the line"),
}
_APART: Final = frozenset(
    {
        "board_time_s",
        "calibrated",
        "cooldown",
        "elapsed_s",
        "image_sha256",
        "parameters_from",
        "protocol",
        "report",
        "seed",
        "station",
    }
)


@dataclass(frozen=True, kw_only=True)
class Line:
    """One quantity. numbers: `raw`, `corrected` or `` -> the number with its error. verdict: Of the first number."""

    quantity: Quantity
    numbers: dict[str, str]
    threshold: str
    verdict: str


def headline(document: Mapping[str, Any]) -> list[Line]:
    """The lines of a --json document, the protocol's own quantities first and the occupation last."""
    names = sorted((name for name in document if name not in _APART), key=lambda name: name == "thermal_occupation")
    return [_line(name, document[name]) for name in names if document[name] is not None]


def _line(name: str, measured: Mapping[str, Any]) -> Line:
    quantity = _QUANTITIES.get(name, Quantity(name.replace("_", " ").capitalize()))
    values = {"": measured} if "value" in measured else dict(measured)
    return Line(
        quantity=quantity,
        numbers={kind: uncertain(v["value"], v["error"], percent=quantity.percent) for kind, v in values.items()},
        threshold=_threshold(quantity),
        verdict=_verdict(quantity, **next(iter(values.values()))),
    )


def _threshold(quantity: Quantity) -> str:
    if quantity.threshold is None:
        return ""
    return f"{quantity.threshold * 100:.3g} %" if quantity.percent else f"{quantity.threshold:g}"


def _verdict(quantity: Quantity, value: float | None, error: float | None) -> str:
    if quantity.threshold is None or value is None or not error:
        return ""
    errors = (value - quantity.threshold) / error
    if abs(errors) < DECIDED:
        return f"undecided ({errors:+.1f} errors from {_threshold(quantity)})"
    return f"{'above' if errors > 0 else 'below'} {_threshold(quantity)} by {abs(errors):.0f} errors"
