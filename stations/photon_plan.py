"""Photon plan: what a twin's true nodes and line do with the tones of a designer who knows them; nothing is played."""

from collections.abc import Mapping
from dataclasses import dataclass, fields, replace
from pathlib import Path
from typing import Final

from ..calibration.operation import pulses
from ..calibration.photon_design import PhotonDesign
from ..instruments.simulated.contact import LEVELS
from ..physics import Misreading, PhotonPair, PitchCatch
from ..physics.apparatus import PhotonApparatus
from ..sequences.target import Clock
from .declaration import chosen, declaration, physical
from .photon_sections import PhotonLinkSection
from .plan import KINDS as MODES
from .plan import PARAMETERS_FROM, told
from .prediction import Document, described, misread
from .true_preparation import preparation_error
from .true_readout import readout_errors
from .yaml_file import read

KINDS: Final[Mapping[str, type[PitchCatch] | type[PhotonPair]]] = {"pitch_catch": PitchCatch, "bell": PhotonPair}


def sends(folder: Path, link: str | None) -> bool:
    """Whether photons travel along the link of a station that somebody asked for, or along the only one."""
    declared = declaration(folder)
    return isinstance(declared.links[chosen(folder, declared, link)], PhotonLinkSection)


@dataclass(frozen=True)
class PhotonPlan:
    """truth: The link. wanted: What its designer meant it to be and to do. clocks: Of the readout of A and of B."""

    truth: PhotonApparatus
    wanted: PhotonDesign
    clocks: tuple[Clock, Clock]

    @classmethod
    def of(cls, folder: Path, seed: int | None, link: str | None = None) -> "PhotonPlan":
        """That of one link of a twin, the only one if none is named; StationError if there is none such, or if no
        photons travel along it.
        """
        declared, held = told(folder, seed)
        name = chosen(folder, declared, link)
        design = physical(folder / "link.yaml", lambda: declared.design(name))
        if not isinstance(design, PhotonDesign):
            hint = f"predict {' or '.join(MODES)}"
            raise read(folder / "link.yaml").error(("links", name), "no photons travel along this line", hint)
        clock_a, clock_b = (declared.wiring.target().readout(f"{node}.readout").clock for node in design.names.nodes)
        return cls(held.photon_link(list(declared.links).index(name)), design, (clock_a, clock_b))

    @property
    def design(self) -> PhotonDesign:
        """Of somebody who knows the truth."""
        return replace(
            self.wanted, **{field.name: getattr(self.truth, field.name) for field in fields(PhotonApparatus)}
        )

    def experiment(self, protocol: str, error: float) -> PitchCatch | PhotonPair:
        """What can be predicted of `protocol`. error: Asked for, of a population."""
        design, wanted = self.design, self.wanted.operation
        catch = design.drive(1, catches=True, late=design.device.waveguide.delay)
        emit, swap = design.drive(0, catches=False), wanted.second_duration
        return KINDS[protocol](
            transfer=design.device.transfer(emit, catch, swap, error),
            preparation_error=self._prepared(),
            misreadings=(self._read(0), self._read(1)),
        )

    def _prepared(self) -> float:
        pulse = pulses(self.truth, self.wanted.operation, self.wanted.names.nodes[0], 0).x180
        return preparation_error(self.truth.drives[0], self.truth.device.rates(), 0, pulse)

    def _read(self, index: int) -> Misreading:
        resonator, wanted = self.truth.resonators[index], self.wanted.operation
        anharmonicity = self.truth.device.qubits[index].transmon.anharmonicity
        resonances = resonator.resonances(wanted.idle_frequencies[index], anharmonicity, LEVELS)
        rates = self.truth.device.rates()
        return Misreading(*readout_errors(resonator, resonances, rates, index, wanted.tones[index], self.clocks[index]))


@dataclass(frozen=True, kw_only=True)
class PhotonForecast:
    """protocol: `pitch_catch` or `bell`. error: Asked for, of a population."""

    plan: PhotonPlan
    protocol: str
    error: float

    def point(self, *, with_budget: bool) -> Document:
        """One prediction, with what each imperfection costs."""
        experiment = self.plan.experiment(self.protocol, self.error)
        found = experiment.predict()
        document = {"parameters_from": PARAMETERS_FROM, **described(found, self.error)}
        document["preparation_error"] = {self.plan.wanted.names.nodes[0]: experiment.preparation_error}
        document["misreading"] = misread(self.plan.wanted.names.nodes, experiment.misreadings)
        if with_budget:
            *apart, (_, perfect) = experiment.cured()
            gained = [(name, one.predict()) for name, one in apart]
            document["budget"] = [
                {
                    "imperfection": name,
                    "true": one.fidelity - found.fidelity,
                    "raw": one.raw_fidelity - found.raw_fidelity,
                }
                for name, one in gained
            ]
            best = perfect.predict()
            document["without_all"] = {"true": best.fidelity, "raw": best.raw_fidelity}
        return document
