"""Belief: a design with what was measured in the place of what was assumed."""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import TypeAlias, TypeVar

from ..physics.device import TWO_PI, Device, Qubit
from ..physics.lines import DriveLine, FluxLine
from ..physics.travelling import End
from ..sequences.target import Clock
from .design import Design
from .operation import NodeOperation
from .photon_design import PhotonDesign

NODES = ("a", "b")
AnyDesign: TypeAlias = Design | PhotonDesign
_Qubit = TypeVar("_Qubit", bound=Qubit)
_Operation = TypeVar("_Operation", bound=NodeOperation)


def believed(design: AnyDesign, values: Mapping[str, float], clock: Clock) -> AnyDesign:
    """`design` with calibrated `values`, by their names in `names.KINDS`; others in it change nothing.

    A residual population or a delay that was measured below zero is believed to be zero. Until the best tone of a
    readout is known, it is the frequency where its resonator answers. Its delay is put on the next edge of `clock`: the
    window must not open before the echo comes.
    """
    return _photons(design, values, clock) if isinstance(design, PhotonDesign) else _modes(design, values, clock)


def _modes(design: Design, values: Mapping[str, float], clock: Clock) -> Design:
    swaps = (values.get("a.swap.frequency"), values.get("b.swap.frequency"))
    operation = replace(_operation(design.operation, values, clock), swap_frequencies=swaps)
    return replace(
        design,
        device=_device(design.device, values),
        operation=operation,
        qubit_flux=_fluxes(design.qubit_flux, "flux", values),
        coupler_flux=_fluxes(design.coupler_flux, "coupler", values),
        load_flux=_flux(design.load_flux, "load", values),
        drives=_drives(design.drives, values, operation.drive_duration),
    )


def _photons(design: PhotonDesign, values: Mapping[str, float], clock: Clock) -> PhotonDesign:
    a, b = _qubits(design.device.qubits, values)
    first, second = (_end(name, end, values) for name, end in zip(NODES, design.device.ends, strict=True))
    operation = _operation(design.operation, values, clock)
    drives = _drives(design.drives, values, operation.drive_duration)
    rates = [values.get(f"{name}.transfer.rate", line.photon_rate) for name, line in zip(NODES, drives, strict=True)]
    return replace(
        design,
        device=replace(design.device, qubits=(a, b), ends=(first, second)),
        operation=operation,
        qubit_flux=_fluxes(design.qubit_flux, "flux", values),
        drives=tuple(replace(line, photon_rate=rate) for line, rate in zip(drives, rates, strict=True)),
    )


def _end(name: str, end: End, values: Mapping[str, float]) -> End:
    linewidth = values.get(f"{name}.transfer.linewidth", end.resonator.kappa / TWO_PI)
    resonator = replace(
        end.resonator,
        frequency=values.get(f"{name}.transfer.frequency", end.resonator.frequency),
        kappa=TWO_PI * linewidth,
    )
    return replace(end, resonator=resonator, stark=values.get(f"{name}.transfer.stark", end.stark))


def _device(device: Device, values: Mapping[str, float]) -> Device:
    mode, line = values.get("line.mode_frequency"), device.line
    if mode is not None:
        line = replace(line, free_spectral_range=mode / line.communication_mode)
    if "line.kappa_i" in values:
        line = replace(line, quality=TWO_PI * float(line.mode_frequencies[0]) / values["line.kappa_i"])
    return replace(device, qubits=_qubits(device.qubits, values), line=line)


def _qubits(designed: Sequence[_Qubit], values: Mapping[str, float]) -> tuple[_Qubit, ...]:
    qubits = []
    for name, qubit in zip(NODES, designed, strict=True):
        transmon = replace(
            qubit.transmon,
            maximum_frequency=values.get(f"{name}.maximum_frequency", qubit.transmon.maximum_frequency),
            anharmonicity=values.get(f"{name}.anharmonicity", qubit.transmon.anharmonicity),
        )
        own = {field: values.get(f"{name}.{field}", getattr(qubit, field)) for field in _QUBIT}
        # Noise takes an estimate of a small population below zero, where no model of a bath exists.
        own["residual_population"] = max(0.0, own["residual_population"])
        qubits.append(replace(qubit, transmon=transmon, **own))
    return tuple(qubits)


_QUBIT = ("t1", "t_phi", "residual_population")


def _operation(operation: _Operation, values: Mapping[str, float], clock: Clock) -> _Operation:
    resonators = [
        values.get(f"{name}.resonator.frequency", tone.frequency)
        for name, tone in zip(NODES, operation.tones, strict=True)
    ]
    tones = tuple(
        replace(
            tone,
            frequency=values.get(f"{name}.readout.frequency", resonator),
            delay=clock.ceil(max(0.0, values.get(f"{name}.readout.delay", tone.delay))) * clock.period,
        )
        for name, tone, resonator in zip(NODES, operation.tones, resonators, strict=True)
    )
    first, second = (
        values.get(f"{name}.f01", idle) for name, idle in zip(NODES, operation.idle_frequencies, strict=True)
    )
    preparations = tuple(
        values.get(f"{name}.preparation_error", error)
        for name, error in zip(NODES, operation.preparation_errors, strict=True)
    )
    return replace(
        operation,
        tones=(tones[0], tones[1]),
        idle_frequencies=(first, second),
        preparation_errors=(preparations[0], preparations[1]),
        transfer_phase=values.get("line.transfer_phase"),
        bell_phase=values.get("line.bell_phase"),
    )


def _fluxes(lines: Sequence[FluxLine], kind: str, values: Mapping[str, float]) -> tuple[FluxLine, ...]:
    return tuple(_flux(line, f"{name}.{kind}", values) for name, line in zip(NODES, lines, strict=True))


def _flux(line: FluxLine, name: str, values: Mapping[str, float]) -> FluxLine:
    return replace(
        line,
        bias=values.get(f"{name}.per_volt", line.bias),
        pulse=values.get(f"{name}.pulse", line.pulse),
        offset=values.get(f"{name}.offset", line.offset),
    )


def _drives(lines: Sequence[DriveLine], values: Mapping[str, float], duration: float) -> tuple[DriveLine, ...]:
    named = zip(NODES, lines, strict=True)
    return tuple(_drive(line, values.get(f"{name}.x180.amplitude"), duration) for name, line in named)


def _drive(line: DriveLine, amplitude: float | None, duration: float) -> DriveLine:
    """The line on which a pi pulse of a raised cosine of `duration` (s) has this amplitude: half a turn of area."""
    return line if amplitude is None else replace(line, rabi_rate=1 / (amplitude * duration))
