"""Status: what a setup knows and how it stands, without playing anything."""

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from ..calibration.names import KINDS
from ..calibration.store import MISSING
from ..sequences.errors import InterlockOpen
from .chains import chain_of
from .data_folder import DataFolder
from .document import plain

if TYPE_CHECKING:
    from .open import LinkSession

LAST_RUNS = 5


def status(session: "LinkSession", data: DataFolder, seed: int | None) -> dict[str, Any]:
    """The document of `coldlink status`."""
    bench, records = session.bench, session.store.read()
    chain = chain_of(session.knowledge.prior)
    now = bench.clock.now()
    parameters = {
        name: {
            "value": entry.value,
            "error": entry.error,
            "unit": entry.unit,
            "age_s": now - entry.time,
            "state": entry.state(now),
        }
        for name, entry in sorted(records.latest.items())
    }
    unmeasured = {"value": None, "error": None, "age_s": None, "state": MISSING}
    missing = {
        name: {**unmeasured, "unit": KINDS[name].unit}
        for task in chain.tasks
        for name in task.gives
        if name not in parameters
    }
    found = {
        "station": session.name,
        "seed": seed,
        "cooldown": data.cooldown(session.name, seed),
        "temperatures": {stage: _stage(session, stage) for stage in bench.interlock.windows},
        "biases": bench.readback(),
        "parameters": {**parameters, **missing},
        "calibrations": {task.name: chain.state(task, records, now) for task in chain.tasks},
        "failures": {
            task.name: failure.why for task in chain.tasks if (failure := records.failed(task.name)) is not None
        },
        "runs": [
            {"run": record.name, "state": record.state}
            for record in data.runs()
            if record.about.get("station") == session.name and record.about.get("seed") == seed
        ][-LAST_RUNS:],
        "left_out": {"damaged_lines": records.damaged, "unknown_names": records.unknown},
    }
    return {name: plain(part) for name, part in found.items()}


def _stage(session: "LinkSession", stage: str) -> Mapping[str, Any]:
    interlock = session.bench.interlock
    window = interlock.windows[stage]
    limits = {"minimum": window.minimum, "maximum": window.maximum}
    try:
        reading = interlock.check_stage(stage)
    except InterlockOpen as error:
        return {"value": error.value, "unit": "K", **limits, "age_s": error.age, "state": "open", "why": str(error)}
    return {
        "value": reading.kelvin,
        "unit": "K",
        **limits,
        "age_s": session.bench.clock.now() - reading.taken,
        "state": "closed",
    }
