"""True values: what a twin really holds, by the names of what was calibrated; for tests and benchmarks alone."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, fields, replace

import numpy as np

from ..calibration.belief import NODES, AnyDesign
from ..calibration.design import Design
from ..calibration.operation import pulses
from ..calibration.photon_design import PhotonDesign
from ..calibration.store import Entry
from ..instruments.simulated.contact import LEVELS
from ..instruments.simulated.dynamics import Dynamics
from ..instruments.simulated.truth import Truth
from ..physics.apparatus import Apparatus, PhotonApparatus
from ..physics.bath import steady_state
from ..physics.device import TWO_PI
from ..sequences.target import Target
from .true_flux import TrueFlux
from .true_preparation import preparation_error
from .true_readout import readout_errors


def known_design(truth: Apparatus, design: Design) -> Design:
    """The design of somebody who knows the `truth` of a link and wants of it what `design` does."""
    return replace(design, **{field.name: getattr(truth, field.name) for field in fields(Apparatus)})


def true_values(
    truth: Truth, design: AnyDesign, target: Target, entries: Mapping[str, Entry]
) -> dict[str, float | None]:
    """The true value of each entry at the time and the settings that are stored with it; None where only a measurement
    tells. The stage of the line counts as not heated.

    design: What pulses and biases aim at. target: What plays.
    """
    return {name: _true_value(truth, design, target, entry) for name, entry in entries.items()}


def _true_value(truth: Truth, design: AnyDesign, target: Target, entry: Entry) -> float | None:
    prefix, _, rest = entry.name.partition(".")
    held = TrueFlux(_at(truth, entry.time), entry.settings)
    table: Mapping[str, Callable[[], float]]
    if prefix in NODES:
        table, name = _node(truth, design, target, held, NODES.index(prefix)).table, rest
    else:
        table, name = _Shared(truth.link(0), design, held).table if isinstance(design, Design) else {}, entry.name
    return float(table[name]()) if name in table else None


def _node(truth: Truth, design: AnyDesign, target: Target, held: TrueFlux, index: int) -> "_Node":
    if isinstance(design, Design):
        return _CoupledNode(truth.link(0), design, target, held, index)
    return _PhotonNode(truth.photon_link(0), design, target, held, index)


def _at(truth: Truth, time: float) -> Dynamics:
    """What the device had drifted to at `time` (s since 1970)."""
    dynamics = Dynamics(truth)
    dynamics.drift(truth.drifted(time))
    dynamics.warm(truth.network.links[0].line_temperature + truth.drifts.warmer(time))
    return dynamics


@dataclass(frozen=True)
class _Node:
    """What holds whatever the line is."""

    truth: Apparatus | PhotonApparatus
    design: AnyDesign
    target: Target
    held: TrueFlux
    index: int

    @property
    def table(self) -> dict[str, Callable[[], float]]:
        truth, index = self.truth, self.index
        qubit, flux = truth.device.qubits[index], truth.qubit_flux[index]
        rates = self.held.rest.rates
        return {
            "readout.delay": lambda: truth.resonators[index].delay,
            "readout.p10": lambda: self._readout_errors()[0],
            "readout.p01": lambda: self._readout_errors()[1],
            "readout.linewidth": lambda: truth.resonators[index].linewidth,
            "resonator.frequency": lambda: self._resonances()[0],
            "readout.frequency": lambda: self._resonances()[:2].mean(),
            "flux.offset": lambda: self.held.offset(f"flux {index}"),
            "flux.per_volt": lambda: flux.bias,
            "flux.pulse": lambda: flux.pulse,
            "flux.bias": self._idle_bias,
            "maximum_frequency": lambda: qubit.transmon.maximum_frequency,
            "f01": self._frequency,
            "anharmonicity": lambda: qubit.transmon.anharmonicity,
            "t1": lambda: 1 / rates.relaxation[index],
            "t_phi": lambda: 1 / rates.dephasing[index],
            "residual_population": lambda: rates.excited[index],
            "x180.amplitude": lambda: 1 / (truth.drives[index].rabi_rate * self.design.operation.drive_duration),
            "preparation_error": self._left_behind,
        }

    def _idle_bias(self) -> float:
        """Where the qubit, its coupler biased as it was, rests at the designed idle frequency (V)."""
        truth, line, settings = self.truth, f"flux {self.index}", self.held.settings
        idle = self.design.operation.idle_frequencies[self.index]
        transmon = truth.device.qubits[self.index].transmon
        found = self.held.bias(line, float(transmon.flux(idle)))
        for _ in range(4):
            there = replace(self.held, settings={**settings, f"{NODES[self.index]}.flux.bias": found})
            slope = float(transmon.slope(there.during({})[line])) * truth.qubit_flux[self.index].bias
            found -= (_frequency(there, self.index) - idle) / slope
        return found

    def _frequency(self) -> float:
        """Of the resting qubit (Hz)."""
        return _frequency(self.held, self.index)

    def _resonances(self) -> np.ndarray:
        anharmonicity = self.truth.device.qubits[self.index].transmon.anharmonicity
        return self.truth.resonators[self.index].resonances(self._frequency(), anharmonicity, LEVELS)

    def _readout_errors(self) -> tuple[float, float]:
        index, rates = self.index, self.held.rest.rates
        tone, clock = self.design.operation.tones[index], self.target.readout(f"{NODES[index]}.readout").clock
        return readout_errors(self.truth.resonators[index], self._resonances(), rates, index, tone, clock)

    def _left_behind(self) -> float:
        """Of e, by a pi pulse on g that is tuned exactly."""
        pulse = pulses(self.truth, self.design.operation, NODES[self.index], self.index).x180
        return preparation_error(self.truth.drives[self.index], self.held.rest.rates, self.index, pulse)


@dataclass(frozen=True)
class _PhotonNode(_Node):
    truth: PhotonApparatus
    design: PhotonDesign

    @property
    def table(self) -> dict[str, Callable[[], float]]:
        end, drive = self.truth.device.ends[self.index], self.truth.drives[self.index]
        return {
            **super().table,
            "transfer.frequency": lambda: end.resonator.frequency,
            "transfer.linewidth": lambda: end.resonator.kappa / TWO_PI,
            "transfer.rate": lambda: drive.photon_rate,
            "transfer.stark": lambda: end.stark,
        }


@dataclass(frozen=True)
class _CoupledNode(_Node):
    truth: Apparatus
    design: Design

    @property
    def table(self) -> dict[str, Callable[[], float]]:
        truth, index = self.truth, self.index
        qubit, coupler = truth.device.qubits[index], truth.coupler_flux[index]
        return {
            **super().table,
            "coupler.zero_bias": lambda: self.held.bias(f"coupler {index}", float(qubit.coupler.zero_flux)),
            "coupler.offset": lambda: self.held.offset(f"coupler {index}"),
            "coupler.per_volt": lambda: coupler.bias,
            "coupler.pulse": self._equivalent_pulse,
            "swap.coupling": self._coupling,
            "swap.frequency": self._swap_frequency,
        }

    @property
    def _known_design(self) -> Design:
        """That of a designer who knows the truth."""
        return known_design(self.truth, self.design)

    def _coupling(self) -> float:
        """g/2pi (Hz) at the swap's amplitudes from the bias as it was set."""
        mode, flux = self.truth.device.mode_frequency, self._swapping[f"coupler {self.index}"]
        return float(self.truth.device.qubits[self.index].coupler.g(flux, mode, mode))

    def _swap_frequency(self) -> float:
        """Where whoever knows of no crosstalk takes the bare qubit to be (Hz) while it is in resonance."""
        transmon, line = self.truth.device.qubits[self.index].transmon, f"flux {self.index}"
        own = self.truth.qubit_flux[self.index].pulse * self.held.settings[f"{NODES[self.index]}.swap.compensation"]
        others = self._swapping[line] - self.held.during({})[line] - own
        resonance = float(transmon.flux(self._known_design.swap_frequency(self.index)))
        return float(transmon.frequency(resonance - others))

    @property
    def _swapping(self) -> dict[str, float]:
        """Flux in each loop (Phi0) in the middle of a swap, with the load closed."""
        node, index, settings = NODES[self.index], self.index, self.held.settings
        load = float(self.truth.device.load.closed_flux) - self.held.during({})["load 0"]
        return self.held.during(
            {
                f"coupler {index}": settings[f"{node}.swap.coupler"],
                f"flux {index}": settings[f"{node}.swap.compensation"],
                "load 0": load / self.truth.load_flux.pulse,
            }
        )

    def _equivalent_pulse(self) -> float:
        """Full scale (Phi0) with which the design's coupler has the true g at the swap's amplitude."""
        coupler, mode = self.design.device.qubits[self.index].coupler, self.design.device.mode_frequency
        flux = float(coupler.flux_for(self._coupling(), mode, mode))
        return (flux - float(coupler.zero_flux)) / self.held.settings[f"{NODES[self.index]}.swap.coupler"]


@dataclass(frozen=True)
class _Shared:
    truth: Apparatus
    design: Design
    held: TrueFlux

    @property
    def table(self) -> dict[str, Callable[[], float]]:
        device, rates, load = self.truth.device, self.held.dynamics.lines[0], self.truth.load_flux
        (controls,) = self.held.rest.controls
        return {
            "line.mode_frequency": lambda: device.mode_frequency,
            "line.free_spectral_range": lambda: device.line.free_spectral_range,
            "line.kappa_i": lambda: rates.internal[0],
            "line.heating": lambda: rates.internal[0] * rates.hot[0],
            "line.occupation": lambda: steady_state(
                rates.internal[0], rates.hot[0], controls.load[0, 0], rates.cold[0]
            ),
            "load.open_bias": self._open_bias,
            "load.per_volt": lambda: load.bias,
            "load.pulse": lambda: load.pulse,
            "load.kappa": lambda: controls.load[0, 0],
        }

    def _open_bias(self) -> float:
        """Where the load takes from the mode what the design asks for (V), on the design's side of half a quantum."""
        device, wanted = self.truth.device, TWO_PI * self.design.operation.load_rate
        flux = float(device.load.flux_for(wanted, device.mode_frequency))
        return self.held.bias("load 0", flux)


def _frequency(held: TrueFlux, index: int) -> float:
    """Of a resting qubit (Hz)."""
    return held.rest.frequencies[index]
