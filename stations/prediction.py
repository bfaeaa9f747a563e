"""Prediction: what a plan's handshake or Bell pair will show, as a document, as rows and as figures."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

from ..analysis.plots import Curve, Pane, budget, matrices, panes
from ..physics import Cost, Misreading, Shared, Transferred, costs, predicted, sweep, variations
from .plan import PARAMETERS_FROM, SWEPT, Plan, PlannedPoint
from .sweep_request import SweepRequest
from .written import axis, engineering

if TYPE_CHECKING:
    from plotly.graph_objects import Figure

Document = dict[str, Any]
Progress = Callable[[int, int], None]
NAMES = {"handshake": "process_fidelity", "bell": "bell_fidelity"}


@dataclass(frozen=True, kw_only=True)
class Forecast:
    """protocol: `handshake` or `bell`. error: Asked for, of a population. workers, cluster: See `sweep`."""

    plan: Plan
    protocol: str
    error: float
    workers: int | None
    cluster: str | None
    progress: Progress

    def point(self, *, with_budget: bool) -> Document:
        """One prediction, with what each imperfection costs."""
        experiment = self.plan.experiment(self.protocol, self.error)
        asked = variations(experiment) if with_budget else [experiment]
        if with_budget:
            found = sweep(predicted, asked, workers=self.workers, cluster=self.cluster, progress=self.progress)
        else:
            found = [experiment.predict()]
        seen = {
            "preparation_error": dict(zip(self.plan.wanted.names.nodes, experiment.preparation_errors, strict=True)),
            "misreading": misread(self.plan.wanted.names.nodes, experiment.misreadings),
        }
        document = described(found[0], self.error) | seen
        if with_budget:
            document["budget"] = [_cost(cost) for cost in costs(found)]
            document["without_all"] = {"true": found[-1].fidelity, "raw": found[-1].raw_fidelity}
        return {"parameters_from": PARAMETERS_FROM, **document}

    def swept(self, request: SweepRequest) -> Document:
        """Predictions along a sweep."""
        seen = None if SWEPT[request.name].seen else self.plan.seen()
        points = [
            PlannedPoint(self.plan, self.protocol, self.error, request.name, value, seen) for value in request.values
        ]
        found = sweep(predicted, points, workers=self.workers, cluster=self.cluster, progress=self.progress)
        return {
            "parameters_from": PARAMETERS_FROM,
            "sweep": {"name": request.name, "unit": request.unit, "values": list(request.values)},
            "points": [described(one, self.error) for one in found],
        }


def described(found: Transferred | Shared, asked: float) -> Document:
    """A prediction as JSON."""
    common: Document = {
        "leakage": list(found.leakage),
        "phase": found.phase,
        "error": {"asked": asked, "estimated": found.error},
    }
    if (how := found.resolution) is not None:
        common["resolution"] = {"fock_states": how.cutoff, "order": how.order, "step": how.step}
    if found.before.size:
        common["occupation"] = {"first_swap": found.before.tolist(), "readout": found.after.tolist()}
    if isinstance(found, Shared):
        return {
            "bell_fidelity": {"true": found.fidelity, "raw": found.raw_fidelity},
            "chsh": {"true": found.chsh, "raw": found.raw_chsh},
            "state": {"real": found.state.real.tolist(), "imaginary": found.state.imag.tolist()},
            **common,
        }
    true, raw = found.true, found.raw
    chi = true.chi
    return {
        "process_fidelity": {"true": found.fidelity, "raw": found.raw_fidelity},
        "average_state_fidelity": {
            "true": float(true.average_state_fidelity()),
            "raw": float(raw.average_state_fidelity()),
        },
        "pauli_transfer": {"true": true.pauli_transfer.tolist(), "raw": raw.pauli_transfer.tolist()},
        "chi": {"real": chi.real.tolist(), "imaginary": chi.imag.tolist()},
        **common,
    }


def misread(nodes: Sequence[str], misreadings: Sequence[Misreading]) -> Document:
    """Of each node."""
    return {name: {"p10": one.false_one, "p01": one.false_zero} for name, one in zip(nodes, misreadings, strict=True)}


def _cost(cost: Cost) -> Document:
    return {"imperfection": cost.imperfection.value, "true": cost.true, "raw": cost.raw}


def point_rows(document: Document) -> list[dict[str, str]]:
    """Raw and true side by side; then line, leakage and error."""
    rows = [_pair(title, document[key]) for key, title in _PAIRS.items() if key in document]
    low, high = (f"{100 * value:.2f} %" for value in document["leakage"])
    where = "A; B" if "bell_fidelity" in document else "B, input 0; 1"
    error = document["error"]
    if "occupation" in document:
        first, last = (document["occupation"][when][0] for when in ("first_swap", "readout"))
        rows.append({"": "Photons at the first swap; at the readout", "raw": "", "true": f"{first:.4f}; {last:.4f}"})
    rows.append({"": f"Leakage of {where}", "raw": "", "true": f"{low}; {high}"})
    found = f"{error['estimated']:.1e} ({error['asked']:.0e} asked for)"
    rows.append({"": "Error of a population", "raw": "", "true": found})
    if how := document.get("resolution"):
        followed = f"{how['fock_states']}; {how['order']}; {engineering(how['step'], 's', 3)}"
        rows.append({"": "Fock states; quanta in other modes; step", "raw": "", "true": followed})
    return rows


def budget_rows(document: Document) -> list[dict[str, str]]:
    """What each imperfection costs, the largest first."""
    ordered = sorted(document["budget"], key=lambda cost: -max(cost["raw"], cost["true"]))
    rows = [
        {
            "gain without": cost["imperfection"],
            "raw": f"{100 * cost['raw']:+.2f} %",
            "true": f"{100 * cost['true']:+.2f} %",
        }
        for cost in ordered
    ]
    perfect = document["without_all"]
    left = {key: f"{100 * perfect[key]:.2f} %" for key in ("raw", "true")}
    return [*rows, {"gain without": "all of them at once, the pulses alone give", **left}]


def sweep_rows(document: Document, protocol: str) -> list[dict[str, str]]:
    """A line for each point."""
    swept = document["sweep"]
    return [
        {
            swept["name"]: engineering(value, swept["unit"], 4),
            "raw": f"{100 * point[NAMES[protocol]]['raw']:.2f} %",
            "true": f"{100 * point[NAMES[protocol]]['true']:.2f} %",
            "photons at the first swap": f"{point['occupation']['first_swap'][0]:.4f}",
            "error": f"{point['error']['estimated']:.1e}",
        }
        for value, point in zip(swept["values"], document["points"], strict=True)
    ]


def point_figures(document: Document, title: str) -> "list[Figure]":
    """The process matrix or the shared state, and the budget."""
    if "pauli_transfer" in document:
        shown = {kind: np.array(document["pauli_transfer"][kind]) for kind in ("true", "raw")}
        figures = [matrices(shown, list("IXYZ"), list("IXYZ"), f"{title}: Pauli transfer from A to B", 1.0)]
    else:
        kept = _computational(len(document["state"]["real"]))
        parts = {f"{part} part": np.array(document["state"][part])[np.ix_(kept, kept)] for part in _PARTS}
        kets, bras = [f"|{label}⟩" for label in _LABELS], [f"⟨{label}|" for label in _LABELS]
        figures = [matrices(parts, kets, bras, f"{title}: state of A and B", 0.5)]
    if "budget" in document:
        bars = {cost["imperfection"]: (cost["true"], cost["raw"]) for cost in document["budget"]}
        figures.append(budget(bars, f"{title}: what each imperfection costs"))
    return figures


def sweep_figure(document: Document, protocol: str, title: str) -> "Figure":
    """Fidelity, and the line's occupation, along a sweep."""
    swept, points = document["sweep"], document["points"]
    scale, x_title = axis(swept["values"], swept["name"].replace("_", " "), swept["unit"])
    x = np.array(swept["values"]) * scale
    fidelities = [
        Curve(x=x, y=100 * np.array([point[NAMES[protocol]][kind] for point in points]), name=kind)
        for kind in ("true", "raw")
    ]
    photons = Curve(x=x, y=np.array([point["occupation"]["first_swap"][0] for point in points]), name="first swap")
    name = NAMES[protocol].replace("_", " ")
    limit = {"separable" if protocol == "bell" else "classical limit": 50.0}
    return panes(
        [
            Pane(curves=[fidelities], x_title=x_title, y_title=f"{name} (%)", levels=limit),
            Pane(curves=[[photons]], x_title=x_title, y_title="photons in the mode"),
        ],
        title,
    )


_PAIRS = {
    "process_fidelity": "Process fidelity",
    "average_state_fidelity": "Average state fidelity",
    "bell_fidelity": "Fidelity with Psi+",
    "chsh": "CHSH value S",
}
_PARTS = ("real", "imaginary")
_LABELS = ("00", "01", "10", "11")


def _pair(title: str, values: dict[str, float]) -> dict[str, str]:
    if title.startswith("CHSH"):
        return {"": title, "raw": f"{values['raw']:.3f}", "true": f"{values['true']:.3f}"}
    return {"": title, "raw": f"{100 * values['raw']:.2f} %", "true": f"{100 * values['true']:.2f} %"}


def _computational(size: int) -> list[int]:
    """Places of 00, 01, 10, 11 among the products of two qubits' levels."""
    levels = round(size**0.5)
    return [levels * a + b for a in range(2) for b in range(2)]
