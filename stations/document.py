"""The document that --json prints: numbers with errors are objects, everything else is plain."""

import math
from collections.abc import Mapping, Sequence
from dataclasses import asdict, is_dataclass
from typing import Any

from .result import Result

Document = dict[str, Any]


def document(result: Result, head: Mapping[str, object], *, report: str) -> Document:
    """A result as JSON: the head, what was measured, the line first, and where the report is.

    head: `station protocol seed cooldown elapsed_s parameters_from`.
    """
    return {
        "station": head["station"],
        "protocol": head["protocol"],
        "seed": head["seed"],
        "cooldown": head["cooldown"],
        "image_sha256": result.image_sha256,
        "elapsed_s": plain(head["elapsed_s"]),
        "board_time_s": plain(result.board_time_s),
        "parameters_from": head["parameters_from"],
        **plain(result.measured),
        "report": report,
    }


def failure(error: BaseException, message: str) -> Document:
    """A failure as JSON: what kind, what the operator reads, and the values that the error holds."""
    values: Document = plain(asdict(error)) if is_dataclass(error) else {}
    return {"error": {"type": type(error).__name__, "message": message, **values}}


def plain(value: Any) -> Any:
    """A value as JSON knows it; Measured becomes value and error, what is not finite becomes null."""
    if is_dataclass(value) and not isinstance(value, type):
        return plain(asdict(value))
    if isinstance(value, Mapping):
        return {str(key): plain(item) for key, item in value.items()}
    if isinstance(value, Sequence) and not isinstance(value, str):
        return [plain(item) for item in value]
    if hasattr(value, "tolist"):
        return plain(value.tolist())
    if isinstance(value, float):
        return value if math.isfinite(value) else None
    return value if isinstance(value, int | str | None) else str(value)
