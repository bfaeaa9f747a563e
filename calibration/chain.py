"""Chain: the calibrations of a cooldown in an order that works while the line is hot.

A node is found by itself: its line is hot and its load anywhere, but its coupler is off to some hundred kHz. Once
states can be read, a qubit feels the line: first where the load is open, then where the modes are, then where the
couplers are off. From then on the line rests cold, and neither it nor its couplers move the qubits: their flux maps
and frequencies are measured once more, and pulses on couplers and load come last.
"""

from typing import Final

from ..sequences.units import MHz, kHz
from .belief import NODES
from .coupler_search import CouplerSearch
from .coupler_zero import CouplerZero
from .flux_map import FluxMapping
from .flux_pulse import FluxPulse
from .graph import Graph, Task
from .line_lifetime import LineLifetime
from .load_bias import LoadBias
from .load_map import LoadMap
from .mode_comb import ModeComb
from .node_tasks import READOUT, of, qubit, seen, unseen
from .radiometry import RadiometryRoutine
from .ramsey import Ramsey
from .resonator import ResonatorSearch
from .transfer_phase import BellPhase, TransferPhase
from .vacuum_rabi import VacuumRabiRoutine

SETTLED: Final = 60 * kHz
"""By which a coupler at its zero may still displace its qubit (Hz)."""
COLD: Final = 30 * kHz
"""By which a cold line does, differently at different biases (Hz)."""

NEAR: Final = 6 * MHz
"""Around a tone that was calibrated, where its resonator is seen whole (Hz)."""


def _search(name: str) -> tuple[Task, ...]:
    """From a node of which nothing is known to the flux map of its qubit."""
    coupler = Task(
        name=f"{name}.coupler_search",
        routine=lambda known: CouplerSearch(node=name),
        again=(lambda known: CouplerSearch(node=name, shots=1_200, points=121),),
        gives=of(name, "coupler.zero_bias", "coupler.offset", "coupler.per_volt"),
        needs=of(name, "resonator_flux"),
    )
    return (*unseen(name), coupler, *seen(name, coupler.name))


_LINE: Final = (
    Task(
        name="load_bias",
        routine=lambda known: LoadBias(node="a"),
        again=(
            lambda known: LoadBias(node="a", shots=4_000),
            lambda known: LoadBias(node="a", shots=4_000, coupler=-0.08),
        ),
        gives=("load.open_bias", "load.per_volt"),
        needs=("a.relaxation", "a.ramsey", "readout"),
    ),
    Task(
        name="mode_comb",
        routine=lambda known: ModeComb(),
        again=(
            lambda known: ModeComb(shots=5_000),
            lambda known: ModeComb(shots=5_000, reach=40 * MHz, points=81, coupler=-0.02),
        ),
        gives=("line.mode_frequency", "line.free_spectral_range"),
        needs=("load_bias", "readout"),
    ),
)


def _settled(name: str) -> tuple[Task, ...]:
    """The coupler at its zero, and the qubit as it is then, beside a cold line."""
    return (
        Task(
            name=f"{name}.coupler_zero",
            routine=lambda known: CouplerZero(node=name),
            again=(
                lambda known: CouplerZero(node=name, shots=5_000),
                lambda known: CouplerZero(node=name, shots=5_000, reach=0.03, points=47),
            ),
            gives=of(name, "coupler.zero_bias"),
            needs=(*of(name, "relaxation", "ramsey"), "load_bias", "mode_comb", "readout"),
        ),
        Task(
            name=f"{name}.cold_flux_map",
            routine=lambda known: FluxMapping(node=name, coupled=SETTLED, displaced=COLD),
            again=(
                lambda known: FluxMapping(
                    node=name, coupled=SETTLED, displaced=COLD, span=20 * MHz, points=69, shots=800
                ),
            ),
            gives=of(name, "flux.offset", "flux.per_volt", "maximum_frequency", "flux.bias", "f01"),
            needs=of(name, "coupler_zero"),
        ),
        Task(
            name=f"{name}.cold_ramsey",
            routine=lambda known: Ramsey(node=name),
            again=(lambda known: Ramsey(node=name, shots=2_000, detuning=4 * MHz),),
            gives=of(name, "f01", "t_phi"),
            needs=of(name, "cold_flux_map"),
        ),
        Task(
            name=f"{name}.cold_resonator",
            routine=lambda known: ResonatorSearch(node=name, span=NEAR, points=61, shots=2_000),
            again=(lambda known: ResonatorSearch(node=name, span=NEAR, points=81, shots=6_000),),
            gives=of(name, "resonator.frequency", "readout.linewidth"),
            needs=of(name, "cold_ramsey"),
        ),
        Task(
            name=f"{name}.flux_pulse",
            routine=lambda known: FluxPulse(node=name),
            again=(lambda known: FluxPulse(node=name, span=16 * MHz, points=33, shots=1_200),),
            gives=of(name, "flux.pulse"),
            needs=of(name, "cold_ramsey"),
        ),
    )


def _swap(name: str, *needs: str) -> Task:
    line = ("line.mode_frequency", "line.free_spectral_range") if name == "a" else ()
    return Task(
        name=f"{name}.vacuum_rabi",
        routine=lambda known: VacuumRabiRoutine(node=name),
        again=(lambda known: VacuumRabiRoutine(node=name, shots=30_000),),
        gives=(*of(name, "coupler.pulse", "swap.coupling", "swap.frequency"), *line),
        needs=(*of(name, "flux_pulse"), "cold_load_bias", "mode_comb", "readout", *needs),
    )


_TRANSFER: Final = (
    Task(
        name="cold_load_bias",
        routine=lambda known: LoadBias(node="a"),
        again=(lambda known: LoadBias(node="a", shots=4_000),),
        gives=("load.open_bias", "load.per_volt"),
        needs=("a.cold_ramsey", "readout"),
    ),
    _swap("a"),
    _swap("b", "a.vacuum_rabi"),
    Task(
        name="line_lifetime",
        routine=lambda known: LineLifetime(),
        again=(lambda known: LineLifetime(shots=100_000),),
        gives=("line.heating", "line.kappa_i"),
        needs=("a.vacuum_rabi", "readout"),
    ),
    Task(
        name="load_map",
        routine=lambda known: LoadMap(),
        again=(lambda known: LoadMap(shots=400_000),),
        gives=("load.pulse", "load.kappa"),
        needs=("line_lifetime", "readout"),
    ),
    Task(
        name="transfer_phase",
        routine=lambda known: TransferPhase(),
        again=(lambda known: TransferPhase(shots=16_000),),
        gives=("line.transfer_phase",),
        needs=("a.vacuum_rabi", "b.vacuum_rabi", "load_map", "readout"),
    ),
    Task(
        name="bell_phase",
        routine=lambda known: BellPhase(),
        again=(lambda known: BellPhase(shots=40_000),),
        gives=("line.bell_phase",),
        needs=("a.vacuum_rabi", "b.vacuum_rabi", "load_map", "readout"),
    ),
    Task(
        name="radiometry",
        routine=lambda known: RadiometryRoutine(readout=known.sure_readout),
        gives=("line.occupation",),
        needs=("a.vacuum_rabi", "load_map", "line_lifetime", "readout"),
    ),
)

CHAIN: Final = Graph(
    (
        *(task for name in NODES for task in (*_search(name), *qubit(name))),
        READOUT,
        *_LINE,
        *(task for name in NODES for task in _settled(name)),
        *_TRANSFER,
    )
)
"""Every calibration of a link."""
