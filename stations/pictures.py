"""Pictures: figures of a protocol's results and of its compiled schedule."""

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

import numpy as np

from ..analysis import PSI_PLUS, unitary_transfer
from ..analysis.plots import Curve, Lane, density_matrix, process_matrix, readout_cloud, threshold, trace
from ..analysis.plots import schedule as schedule_figure
from ..analysis.radiometry import Radiometry
from ..analysis.trace import Trace
from ..calibration.cooldown import Done
from ..calibration.readout import Readout
from ..sequences.program import Block, PlayEvent, Program, ToneEvent, TriggerEvent
from .written import axis

if TYPE_CHECKING:
    import xarray as xr
    from plotly.graph_objects import Figure


def own(fit: Any, measured: Mapping[str, Any]) -> "dict[str, Figure]":
    """Figures that only the protocol has which has measured this."""
    if "process_fidelity" in measured:
        return _process(fit, measured["process_fidelity"])
    if "bell_fidelity" in measured:
        return _bell(fit, measured["bell_fidelity"])
    if "chsh" in measured:
        return {"Against local hidden variables": threshold(dict(measured["chsh"]), 2.0, "CHSH value S", "local bound")}
    return {}


def radiometry(fit: Radiometry) -> "Figure":
    """The trace and its model."""
    points = Curve(x=fit.contacts * 1e9, y=fit.read, error=fit.error, name="measured")
    line = Curve(x=fit.fine_contacts * 1e9, y=fit.fine_model, name="thermal Lindblad model")
    title = f"Line at the end of the cooling: {fit.occupation} photons"
    return trace(points, line, title, "contact (ns)", "fraction read as 1")


def clouds(data: "xr.Dataset", node: str, readout: Readout) -> "Figure":
    """Single shots of one node with its threshold."""
    return readout_cloud(data, node, readout.discriminators[node], readout.preparations[node])


def calibrations(done: Mapping[str, Done]) -> "dict[str, Figure]":
    """What each calibration measured, with its fit."""
    figures = {}
    for name, each in done.items():
        for one in getattr(each.outcome.fit, "traces", ()):
            figures[f"Calibration {name}: {one.title}"] = _trace(one)
    return figures


def schedule(program: Program, protocol: str) -> "Figure":
    """The last point of a program, in which most is played, with the time that the line is cut off from its load."""
    block = program.blocks[-1]
    tick = program.target.clock.period
    lanes = [_flux_or_drive(program, block, channel) for channel in sorted(_played(block), key=_along_the_link)]
    lanes += [_readout(program, block, channel) for channel in sorted(set(block.reads))]
    closed = [event for event in block.events if isinstance(event, PlayEvent) and event.channel == "line.load"]
    window = None
    if closed:
        start = closed[0].start_ticks * tick
        port = program.target.port("line.load")
        window = (start, start + len(program.waveforms[closed[0].waveform].samples) / port.sample_rate)
    return schedule_figure(lanes, window, f"{protocol}: what the board plays in one shot")


def _trace(fitted: Trace) -> "Figure":
    """One of many: lower than the others, with its title above it on the page."""
    scale, x_title = axis(fitted.x, fitted.x_name, fitted.x_unit)
    y_scale, y_title = axis(fitted.read, fitted.y_name, fitted.y_unit)
    points = Curve(x=fitted.x * scale, y=fitted.read * y_scale, error=fitted.error * y_scale, name="measured")
    line = Curve(x=fitted.fine_x * scale, y=fitted.model * y_scale, name="fit")
    figure = trace(points, line, "", x_title, y_title)
    return figure.update_layout(height=300, margin={"t": 30})


def _process(fit: Any, fidelity: Mapping[str, Any]) -> "dict[str, Figure]":
    ideal = unitary_transfer(np.eye(2, dtype=complex))
    return {
        "Against the classical limit": threshold(dict(fidelity), 0.5, "Process fidelity", "classical limit", "%"),
        **{
            f"Process matrix, {kind}": process_matrix(
                process.pauli_transfer, ideal, f"Pauli transfer from A (columns) to B (rows), {kind}"
            )
            for kind, process in fit.process.items()
        },
    }


def _bell(fit: Any, fidelity: Mapping[str, Any]) -> "dict[str, Figure]":
    ideal = np.outer(PSI_PLUS, PSI_PLUS.conj())
    return {
        "Against separable states": threshold(dict(fidelity), 0.5, "Fidelity with Psi+", "separable states", "%"),
        **{
            f"Density matrix, {kind}": density_matrix(state.matrix, f"A and B, {kind}", ideal)
            for kind, state in fit.state.items()
        },
    }


def _along_the_link(channel: str) -> tuple[int, str]:
    """From A's drive through the line to B's drive."""
    a, b = ("a.drive", "a.flux", "a.coupler", "a.photon"), ("b.photon", "b.coupler", "b.flux", "b.drive")
    order = (*a, "line.load", *b)
    return (order.index(channel) if channel in order else len(order), channel)


def _played(block: Block) -> set[str]:
    return {event.channel for event in block.events if isinstance(event, PlayEvent)}


def _flux_or_drive(program: Program, block: Block, channel: str) -> Lane:
    """What a generator plays: flux as it is, a drive as the modulus of its envelope."""
    port, tick = program.target.port(channel), program.target.clock.period
    times, values = [np.zeros(1)], [np.zeros(1)]
    for event in block.events:
        if isinstance(event, PlayEvent) and event.channel == channel:
            samples = program.waveforms[event.waveform].samples
            start = event.start_ticks * tick
            shape = np.abs(samples) if event.frequency else samples.real
            times.append(start + np.arange(len(samples) + 1) / port.sample_rate)
            values.append(np.append(event.gain * shape, 0.0))
    times.append(np.array([block.end_ticks * tick]))
    values.append(np.zeros(1))
    return Lane(name=channel, unit="of range", times=np.concatenate(times), values=np.concatenate(values))


def _readout(program: Program, block: Block, channel: str) -> Lane:
    """A tone counts a half while it lasts, an open window another half."""
    port, tick = program.target.readout(channel), program.target.clock.period
    spans = []
    for event in block.events:
        if event.channel == channel and isinstance(event, ToneEvent):
            spans.append((event.start_ticks * tick, event.tone_ticks * port.tone_clock.period))
        elif event.channel == channel and isinstance(event, TriggerEvent):
            spans.append((event.start_ticks * tick, program.acquisitions[channel].window_ticks * port.clock.period))
    edges = sorted({0.0, *(start for start, _ in spans), *(start + length for start, length in spans)})
    levels = [0.5 * sum(start <= edge < start + length for start, length in spans) for edge in edges]
    return Lane(name=channel, unit="tone, window", times=np.array(edges), values=np.array(levels))
