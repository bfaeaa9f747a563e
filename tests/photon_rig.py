"""A line along which photons travel between two nodes, as a plant without files, and the direct solution of it.

The solution is QuTiP's of the cascaded master equation, each node in the frame of its resting qubit, in which a tone
turns; tones are taken from what the board plays.
"""

from dataclasses import dataclass, replace

import numpy as np
import qutip
from scipy.constants import h, k

from coldlink.instruments.simulated.board import Played
from coldlink.instruments.simulated.plant import LinkPlant
from coldlink.instruments.simulated.truth import Truth, flux_names
from coldlink.physics import Crosstalk, DriveLine, FluxLine, Network, Qubit, Resonator, Transmon
from coldlink.physics.travelling import End, PhotonDevice, TransferResonator, Waveguide
from coldlink.sequences.units import GHz, MHz, kHz, ns, us

from .one_mode import drifting

TURN = 2 * np.pi
FLUX, TONES, DRIVE, READOUT_TONES = (0, 1), (2, 3), (6, 7), 4
READOUT = (2, 3)
QUBITS = (5.11 * GHz, 5.105 * GHz)
ANHARMONICITY = -265 * MHz
TRANSFER = 7.0 * GHz
RESONANCES = tuple(2 * qubit + ANHARMONICITY - TRANSFER for qubit in QUBITS)
KAPPA, GAMMA = TURN * 8.9 * MHz, TURN * 6.2 * MHz
RATE, RABI = 60 * MHz, 100 * MHz
"""g~/2pi and Rabi frequency at full scale (Hz)."""


def qubit(frequency: float, **changes) -> Qubit:
    values = {"t1": 12 * us, "t_phi": 9 * us, "residual_population": 0.0, "quasi_static": 0.0}
    # At its maximum, so that no flux is needed.
    transmon = Transmon(maximum_frequency=frequency, asymmetry=0.2, anharmonicity=ANHARMONICITY)
    return Qubit(transmon=transmon, **(values | changes))


def end(frequency: float = TRANSFER, **changes) -> End:
    stark = changes.pop("stark", 0.3 * ns)
    values = {"kappa": KAPPA, "internal": TURN * 20 * kHz, "pull_e": -TURN * 3 * MHz, "pull_f": -TURN * 6 * MHz}
    return End(resonator=TransferResonator(frequency=frequency, **(values | changes)), stark=stark)


def link(qubits=None, ends=None, temperature: float = 0.0, **line) -> PhotonDevice:
    waveguide = Waveguide(**({"delay": 26 * ns, "loss": 0.223, "phase": 0.7} | line))
    qubits = qubits or tuple(map(qubit, QUBITS))
    return PhotonDevice(
        qubits=qubits,
        ends=ends or (end(), end(TRANSFER + 1.5 * MHz)),
        waveguide=waveguide,
        line_temperature=temperature,
    )


def truth(of: PhotonDevice) -> Truth:
    """The link on a board whose fast generators 2 and 3 play the tones; the interpolated 6 and 7 drive the qubits."""
    network = Network.of(of)
    resonators = tuple(
        Resonator(
            bare_frequency=f, coupling=65e6, linewidth=2e6, gain=1e3, phase=0.3, noise=30.0, delay=93e-9, photons=50.0
        )
        for f in (6.347e9, 6.447e9)
    )
    return Truth(
        network=network,
        qubit_flux=(FluxLine(bias=0.5, pulse=0.05),) * 2,
        coupler_flux=(),
        load_flux=(),
        drives=(DriveLine(rabi_rate=RABI, photon_rate=RATE, delay=1 * ns),) * 2,
        resonators=resonators,
        generators={0: "flux 0", 1: "flux 1", 2: "drive 0", 3: "drive 1", 4: "tones", 6: "drive 0", 7: "drive 1"},
        readouts={2: 0, 3: 1},
        sources={"a.flux.bias": "flux 0", "b.flux.bias": "flux 1"},
        crosstalk=Crosstalk.none(flux_names(network)),
        drifts=drifting(),
    )


def plant(of: PhotonDevice | None = None, seed: int = 0) -> LinkPlant:
    return LinkPlant(truth(of or link()), np.random.default_rng(seed))


def planck(frequency: float, temperature: float) -> float:
    return 1 / np.expm1(h * frequency / (k * temperature)) if temperature else 0.0


def arriving(wave: Played, delay: float = 1 * ns) -> Played:
    """A wave at its qubit: the whole of it, its mixer too, is later."""
    return replace(wave, start=wave.start + delay, phase=wave.phase - TURN * wave.oscillator * delay)


def amplitude(wave: Played, time: float) -> complex:
    """Positive-frequency part of a wave, conj(envelope exp(i phase)), at `time`, in the laboratory's frame."""
    place = int((time - wave.start) * wave.sample_rate)
    if not 0 <= place < wave.envelope.size:
        return 0j
    turned = TURN * wave.oscillator * time + TURN * wave.frequency * (time - wave.start) + wave.phase
    return complex(np.conj(wave.envelope[place] * np.exp(1j * turned)))


@dataclass(frozen=True)
class Direct:
    """`of` with at most cutoff - 1 photons in each transfer resonator."""

    of: PhotonDevice
    cutoff: int = 2

    def alone(self, node: int, rho: np.ndarray, begin: float, until: float, waves=()) -> np.ndarray:
        """One qubit (3, 3) in the frame of its rest, driven by `waves` or left alone."""
        b, (still, jumps) = qutip.destroy(3), self._qubit(node)
        for wave in waves:
            rho = self._driven(node, self.alone(node, rho, begin, wave.start), wave)
            begin = wave.start + wave.duration
        return qutip.mesolve(still, qutip.Qobj(rho), [begin, until], c_ops=jumps(b), options=OPTIONS).states[-1].full()

    def after(self, both: np.ndarray, begin: float, until: float, waves=((), ())) -> np.ndarray:
        """Both qubits (9, 9), each from its clock's `begin`, at `until` of the common clock, each under its `waves`."""
        state = both.reshape(3, 3, 3, 3)
        for node, since in enumerate((begin, begin + self.of.waveguide.delay)):
            basis = np.eye(9).reshape(9, 3, 3).astype(complex)
            maps = np.array([self.alone(node, unit, since, until, waves[node]) for unit in basis]).reshape(3, 3, 3, 3)
            state = np.moveaxis(np.tensordot(maps, state, axes=((0, 1), (node, 2 + node))), (0, 1), (node, 2 + node))
        return state.reshape(9, 9)

    def _driven(self, node: int, rho: np.ndarray, wave: Played) -> np.ndarray:
        b, (still, jumps) = qutip.destroy(3), self._qubit(node)
        frame = TURN * QUBITS[node]

        def turning(time: float) -> complex:
            return np.pi * RABI * amplitude(wave, time) * np.exp(1j * frame * time)

        moved = [[b.dag(), turning], [b, lambda time: np.conj(turning(time))]]
        times = [wave.start, wave.start + wave.duration]
        options = OPTIONS | {"max_step": 0.2e-9}
        return qutip.mesolve([still, *moved], qutip.Qobj(rho), times, c_ops=jumps(b), options=options).states[-1].full()

    def photons(self, rho: np.ndarray, waves, begin: float, until: float) -> np.ndarray:
        """Both qubits (9, 9) from `begin` to `until` of A's clock under `waves` of A and of B; B's clock is the line's
        delay ahead, and so is its state.
        """
        dims, line = [3, 3, self.cutoff, self.cutoff], self.of.waveguide

        def lift(place, operator):
            return qutip.tensor([operator if i == place else qutip.qeye(n) for i, n in enumerate(dims)])

        fields = [lift(2, qutip.destroy(self.cutoff)), lift(3, qutip.destroy(self.cutoff))]
        parts, jumps, thermal = [], [], []
        for node, (field, late) in enumerate(zip(fields, (0.0, line.delay), strict=True)):
            resonator = self.of.ends[node].resonator
            still, own = self._qubit(node)
            jumps += own(lift(node, qutip.destroy(3)))
            e, f = (lift(node, qutip.basis(3, n).proj()) for n in (1, 2))
            offset = TURN * (resonator.frequency - TRANSFER)
            pulled = offset + resonator.pull_e * e + resonator.pull_f * f
            up = lift(node, qutip.basis(3, 2) * qutip.basis(3, 0).dag()) * field
            n = planck(resonator.frequency, self.of.line_temperature)
            jumps += [np.sqrt(resonator.internal * (n + 1)) * field, np.sqrt(resonator.internal * n) * field.dag()]
            thermal.append(n)

            def tone(time, node=node, late=late):
                lab = time + late
                played = sum(TURN * RATE * amplitude(wave, lab) for wave in waves[node])
                return complex(played * np.exp(1j * (2 * TURN * QUBITS[node] - TURN * TRANSFER) * lab))

            stark = self.of.ends[node].stark
            parts += [lift(node, still) + pulled * field.dag() * field]
            parts += [[up, tone], [up.dag(), lambda time, tone=tone: np.conj(tone(time))]]
            parts += [[f, lambda time, tone=tone, stark=stark: stark * abs(tone(time)) ** 2]]
        kappa = [end.resonator.kappa for end in self.of.ends]
        first = np.exp(1j * line.phase) * np.sqrt(kappa[0]) * fields[0]
        second, kept = np.sqrt(kappa[1]) * fields[1], np.sqrt(1 - line.loss)
        parts.append(kept / 2j * (second.dag() * first - first.dag() * second))
        for port, n in ((first + kept * second, thermal[0]), (np.sqrt(line.loss) * second, thermal[1])):
            jumps += [np.sqrt(n + 1) * port, np.sqrt(n) * port.dag()]
        modes = [qutip.thermal_dm(self.cutoff, n) if n else qutip.fock_dm(self.cutoff, 0) for n in thermal]
        state = qutip.tensor(qutip.Qobj(rho, dims=[[3, 3], [3, 3]]), *modes)
        found = qutip.mesolve(parts, state, [begin, until], c_ops=jumps, options=OPTIONS | {"max_step": 3e-9})
        return found.states[-1].ptrace([0, 1]).full()

    def _qubit(self, node: int):
        model, b = self.of.qubits[node], qutip.destroy(3)
        p = model.residual_population
        still = TURN * model.transmon.anharmonicity / 2 * b.dag() ** 2 * b**2

        def jumps(lower):
            number = lower.dag() * lower
            return [
                np.sqrt((1 - p) / model.t1) * lower,
                np.sqrt(p / model.t1) * lower.dag(),
                np.sqrt(2 / model.t_phi) * number,
            ]

        return still, jumps


OPTIONS = {"atol": 1e-10, "rtol": 1e-8, "nsteps": 1_000_000, "progress_bar": ""}
