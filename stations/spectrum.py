"""Spectrum: what a twin's true device is, against the fluxes: qubits, modes, couplings with their shifts, and load."""

from typing import TYPE_CHECKING, Any, Final

import numpy as np

from ..analysis.plots import Curve, Pane, panes
from ..calibration.design import Design
from ..physics.bath import occupation, steady_state
from ..physics.device import TWO_PI
from .written import engineering

if TYPE_CHECKING:
    from plotly.graph_objects import Figure

POINTS: Final = 201
"""Of a curve, from zero to half a flux quantum."""
_FLUX: Final = 0.5 * (1 - np.linspace(1.0, 0.0, POINTS) ** 2)
"""Denser towards half a quantum, where the couplers are steep."""


def spectrum(design: Design) -> dict[str, Any]:
    """Curves against reduced flux (0 to 0.5) and the numbers at which `design` works, all in SI and cyclic."""
    device = design.device
    return {
        "flux": _FLUX.tolist(),
        "nodes": {name: _node(design, index) for index, name in enumerate(design.names.nodes)},
        "modes": _modes(design),
        "load": {
            "kappa": (device.load.kappa(_FLUX, device.mode_frequency) / TWO_PI).tolist(),
            "pull": device.load.pull(_FLUX, device.mode_frequency).tolist(),
            "closed_flux": float(device.load.closed_flux),
            "open_flux": design.open_flux,
            "open_kappa": design.operation.load_rate,
            "open_pull": float(device.load.pull(design.open_flux, device.mode_frequency)),
        },
    }


def _node(design: Design, index: int) -> dict[str, Any]:
    """Frequency against the qubit's flux; g and both shifts, at the mode, against the coupler's."""
    qubit, mode = design.device.qubits[index], design.device.mode_frequency
    idle, g = design.operation.idle_frequencies[index], qubit.coupler.g(_FLUX, mode, mode)
    at_work = design.operation.coupling
    return {
        "frequency": qubit.transmon.frequency(_FLUX).tolist(),
        "maximum_frequency": qubit.transmon.maximum_frequency,
        "minimum_frequency": qubit.transmon.minimum_frequency,
        "idle_frequency": idle,
        "idle_flux": float(qubit.transmon.flux(idle)),
        "swap_frequency": design.swap_frequency(index),
        "coupling": g.tolist(),
        "qubit_shift": qubit.coupler.qubit_shift(g, mode, mode).tolist(),
        "mode_shift": qubit.coupler.mode_shift(g, mode, mode).tolist(),
        "zero_coupling_flux": float(qubit.coupler.zero_flux),
        "swap_coupling": at_work,
        "swap_coupler_flux": float(qubit.coupler.flux_for(at_work, mode, mode)),
        "swap_qubit_shift": float(qubit.coupler.qubit_shift(at_work, mode, mode)),
        "swap_mode_shift": float(qubit.coupler.mode_shift(at_work, mode, mode)),
    }


def _modes(design: Design) -> list[dict[str, Any]]:
    device = design.device
    line, rates = device.line, device.rates()
    cooled = device.load.kappa(design.open_flux, line.mode_frequencies)
    n = steady_state(rates.internal, rates.hot, cooled, rates.cold)
    bath = occupation(line.mode_frequencies, device.line_temperature)
    return [
        {
            "number": line.communication_mode + offset,
            "frequency": float(line.mode_frequencies[place]),
            "parity": int(line.parity[place]),
            "internal_linewidth": float(rates.internal[place] / TWO_PI),
            "bath_occupation": float(bath[place]),
            "cooled_occupation": float(n[place]),
        }
        for place, offset in enumerate(line.offsets)
    ]


def spectrum_rows(found: dict[str, Any]) -> list[dict[str, str]]:
    """The numbers that a person wants to see."""
    rows = []
    for name, node in found["nodes"].items():
        for key in ("maximum_frequency", "idle_frequency", "swap_frequency"):
            rows.append(_row(f"{name}: {key.replace('_', ' ')}, coupler off", node[key], "Hz"))
        rows.append(_row(f"{name}: coupling is zero at", node["zero_coupling_flux"], "Phi0"))
        rows.append(_row(f"{name}: coupling during a swap", node["swap_coupling"], "Hz"))
        rows.append(_row(f"{name}: at a coupler flux of", node["swap_coupler_flux"], "Phi0"))
        rows.append(_row(f"{name}: shift of the qubit by the coupler", node["swap_qubit_shift"], "Hz"))
        rows.append(_row(f"{name}: shift of the mode by the coupler", node["swap_mode_shift"], "Hz"))
    for mode in found["modes"]:
        rows.append(_row(f"mode {mode['number']}, load closed", mode["frequency"], "Hz"))
        rows.append(_row(f"mode {mode['number']}, photons cooled", mode["cooled_occupation"], ""))
    load = found["load"]
    rows.append(_row("load is closed at", load["closed_flux"], "Phi0"))
    rows.append(_row("load open: kappa_L/2pi", load["open_kappa"], "Hz"))
    rows.append(_row("load open: pull of the mode", load["open_pull"], "Hz"))
    return rows


def spectrum_figure(found: dict[str, Any], title: str) -> "Figure":
    """Three panes: frequencies, couplings with their shifts, load."""
    nodes, load = found["nodes"], found["load"]
    frequencies = [[_curve(node["frequency"], 1e9, f"qubit {name}") for name, node in nodes.items()]]
    levels = {f"mode {mode['number']}": mode["frequency"] / 1e9 for mode in found["modes"]}
    named = (("coupling", "g/2π"), ("qubit_shift", "shift of the qubit"), ("mode_shift", "shift of the mode"))
    couplings = [[_curve(node[key], 1e6, f"{label}, {name}") for key, label in named] for name, node in nodes.items()]
    loads = [[_curve(load["kappa"], 1e6, "κ<sub>L</sub>/2π"), _curve(load["pull"], 1e6, "pull of the mode")]]
    off = {f"{name} off": node["zero_coupling_flux"] for name, node in nodes.items()}
    return panes(
        [
            Pane(
                curves=frequencies,
                x_title="flux of the qubit (Φ₀)",
                y_title="frequency (GHz)",
                levels=levels,
                y_range=(
                    min(levels.values()) - 0.1,
                    max(node["maximum_frequency"] for node in nodes.values()) / 1e9 + 0.1,
                ),
            ),
            Pane(
                curves=couplings,
                x_title="flux of the coupler (Φ₀)",
                y_title="at the mode's frequency (MHz)",
                marks=off if len(set(off.values())) > 1 else {"off": next(iter(off.values()))},
            ),
            Pane(
                curves=loads,
                x_title="flux of the load's coupler (Φ₀)",
                y_title="communication mode (MHz)",
                marks={"closed": load["closed_flux"], "open": load["open_flux"]},
            ),
        ],
        title,
    )


def _row(quantity: str, value: float, unit: str) -> dict[str, str]:
    shown = f"{value:.5f} {unit}" if unit == "Phi0" else engineering(value, unit)
    return {"quantity": quantity, "value": shown}


def _curve(values: list[float], scale: float, name: str) -> Curve:
    return Curve(x=_FLUX, y=np.array(values) / scale, name=name)
