"""A twin with one mode whose readout is calibrated, and a truth that differs in what the line's routines look for."""

from dataclasses import replace

from coldlink.calibration import ReadoutCalibration, calibrate
from coldlink.physics import Network

from ..one_mode import OneMode, one_mode


def ready(name="sim_4k", seed=0, **changes: float) -> OneMode:
    """`changes`: Factors of what `changed` knows."""
    setup = one_mode(name, change=lambda held: changed(held, **changes), seed=seed)
    outcome = calibrate(ReadoutCalibration(shots=10_000), setup.bench)
    setup.bench.known = setup.bench.known.reading(outcome.fit)
    return setup


def changed(held, coupling=1.0, coupler_pulse=1.0, load_pulse=1.0, quality=1.0, mode=1.0):
    device = held.network.links[0]
    qubits = tuple(replace(qubit, coupler=scaled(qubit.coupler, coupling)) for qubit in device.qubits)
    line = replace(
        device.line,
        quality=device.line.quality * quality,
        free_spectral_range=device.line.free_spectral_range * mode,
    )
    pulses = tuple(replace(flux, pulse=flux.pulse * coupler_pulse) for flux in held.coupler_flux)
    load = replace(held.load_flux[0], pulse=held.load_flux[0].pulse * load_pulse)
    return replace(
        held, network=Network.of(replace(device, qubits=qubits, line=line)), coupler_flux=pulses, load_flux=(load,)
    )


def scaled(coupler, factor):
    """All inductances of the loop larger: g grows, and is zero where it was."""
    return replace(
        coupler, ground=coupler.ground * factor, wire=coupler.wire * factor, junction=coupler.junction * factor
    )


def values(found):
    return {name: measured.value for name, measured in found.items()}


def assert_within(measured, truth, errors=3.0):
    assert abs(measured.value - truth) < errors * measured.error
