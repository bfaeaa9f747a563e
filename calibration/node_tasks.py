"""Node tasks: the calibrations of a node by itself, whatever its line is."""

from typing import Final

from ..sequences.units import MHz
from .anharmonicity import Anharmonicity
from .belief import NODES
from .flux_map import FluxMapping
from .graph import Task
from .preparation_error import PreparationError
from .rabi import Rabi
from .ramsey import Ramsey
from .readout_calibration import ReadoutCalibration
from .readout_frequency import ReadoutFrequency
from .relaxation import Relaxation
from .residual_population import ResidualPopulation
from .resonator import ResonatorSearch
from .resonator_flux import ResonatorFlux
from .spectroscopy import Spectroscopy
from .time_of_flight import TimeOfFlight


def of(name: str, *values: str) -> tuple[str, ...]:
    """Names of values or tasks of node `name`."""
    return tuple(f"{name}.{value}" for value in values)


def unseen(name: str) -> tuple[Task, ...]:
    """From a node of which nothing is known to the bias that brings its qubit near its idle frequency."""
    return (
        Task(
            name=f"{name}.resonator",
            routine=lambda known: ResonatorSearch(node=name),
            again=(lambda known: ResonatorSearch(node=name, span=25 * MHz, points=101, shots=600),),
            gives=of(name, "resonator.frequency", "readout.linewidth"),
        ),
        Task(
            name=f"{name}.time_of_flight",
            routine=lambda known: TimeOfFlight(node=name),
            again=(lambda known: TimeOfFlight(node=name, shots=4_000),),
            gives=of(name, "readout.delay"),
            needs=of(name, "resonator"),
        ),
        Task(
            name=f"{name}.resonator_flux",
            routine=lambda known: ResonatorFlux(node=name),
            again=(lambda known: ResonatorFlux(node=name, shots=1_600, points=113),),
            gives=of(name, "flux.offset", "flux.per_volt", "flux.bias", "maximum_frequency", "resonator.frequency"),
            needs=of(name, "resonator", "time_of_flight"),
        ),
    )


def seen(name: str, *needs: str) -> tuple[Task, ...]:
    """From there to the flux map of its qubit. needs: What else comes before."""
    return (
        Task(
            name=f"{name}.spectroscopy",
            routine=lambda known: Spectroscopy(node=name),
            again=(lambda known: Spectroscopy(node=name, span=160 * MHz, points=129, shots=800),),
            gives=of(name, "f01", "maximum_frequency"),
            needs=(*of(name, "resonator_flux"), *needs),
        ),
        Task(
            name=f"{name}.flux_map",
            routine=lambda known: FluxMapping(node=name),
            again=(lambda known: FluxMapping(node=name, span=20 * MHz, points=69, shots=800),),
            gives=of(name, "flux.offset", "flux.per_volt", "maximum_frequency", "flux.bias", "f01"),
            needs=of(name, "spectroscopy"),
        ),
    )


def qubit(name: str) -> tuple[Task, ...]:
    """From a qubit whose frequency is known to about a MHz to its pulses, lifetimes and readout tone."""
    return (
        Task(
            name=f"{name}.rabi",
            routine=lambda known: Rabi(node=name),
            again=(lambda known: Rabi(node=name, shots=2_000, repeats=3),),
            gives=of(name, "x180.amplitude"),
            needs=of(name, "flux_map"),
        ),
        Task(
            name=f"{name}.relaxation",
            routine=lambda known: Relaxation(node=name),
            again=(lambda known: Relaxation(node=name, shots=4_000),),
            gives=of(name, "t1"),
            needs=of(name, "rabi"),
        ),
        Task(
            name=f"{name}.ramsey",
            routine=lambda known: Ramsey(node=name),
            again=(lambda known: Ramsey(node=name, shots=2_000, detuning=4 * MHz),),
            gives=of(name, "f01", "t_phi"),
            needs=of(name, "rabi", "relaxation"),
        ),
        Task(
            name=f"{name}.anharmonicity",
            routine=lambda known: Anharmonicity(node=name),
            again=(lambda known: Anharmonicity(node=name, shots=2_000, span=40 * MHz, points=65),),
            gives=of(name, "anharmonicity"),
            needs=of(name, "ramsey"),
        ),
        Task(
            name=f"{name}.residual_population",
            routine=lambda known: ResidualPopulation(node=name),
            again=(lambda known: ResidualPopulation(node=name, shots=120_000),),
            gives=of(name, "residual_population"),
            needs=of(name, "anharmonicity"),
        ),
        Task(
            name=f"{name}.readout_frequency",
            routine=lambda known: ReadoutFrequency(node=name),
            again=(lambda known: ReadoutFrequency(node=name, shots=2_000, span=6 * MHz, points=25),),
            gives=of(name, "readout.frequency"),
            needs=of(name, "ramsey"),
        ),
        Task(
            name=f"{name}.preparation_error",
            routine=lambda known: PreparationError(node=name),
            again=(lambda known: PreparationError(node=name, shots=8_000),),
            gives=of(name, "preparation_error"),
            needs=of(name, "ramsey", "readout_frequency"),
        ),
    )


READOUT: Final = Task(
    name="readout",
    routine=lambda known: ReadoutCalibration(),
    gives=tuple(value for name in NODES for value in of(name, "readout.p10", "readout.p01")),
    needs=tuple(
        task for name in NODES for task in of(name, "residual_population", "readout_frequency", "preparation_error")
    ),
    every_session=True,
)
