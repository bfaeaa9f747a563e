"""Open a station: the one place where files, instruments and, for a twin, the world behind them are put together."""

from contextlib import ExitStack, closing
from dataclasses import dataclass, field, replace
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING, Self

from ..calibration.knowledge import Knowledge
from ..calibration.store import Store
from ..instruments.clock import Clock, WallClock
from ..instruments.served_clock import ServedClock
from ..sequences.errors import SequenceError
from .bench import LinkBench
from .campaign import Campaign
from .chains import chain_of
from .declaration import Declaration, declaration, design_of
from .equipment import BOARD, Equipment
from .experiment import LinkExperiment
from .occupancy import Occupancy
from .origin import Origin
from .parameters import twin_table
from .policy import Policy, policy
from .rack import Rack
from .result import Table
from .runnable import check_runs

if TYPE_CHECKING:
    from .twin import Twin


@dataclass
class LinkSession:
    """A station; it is open while it is entered.

    folder: The station's. seed: Of a twin's world. memory: Folder that keeps its calibrations and a twin's world; with
    None nothing is kept, and every session begins anew.
    """

    folder: Path
    declared: Declaration
    knowledge: Knowledge
    seed: int | None
    memory: Path | None
    _open: ExitStack = field(default_factory=ExitStack)
    _twin: "Twin | None" = None

    @property
    def name(self) -> str:
        """The station's name."""
        return self.folder.resolve().name

    @property
    def parameters_from(self) -> str:
        """Where the link's parameters come from."""
        return self.bench.link.source

    def calibration(self, wanted: tuple[str, ...]) -> Campaign:
        """Prepare the calibrations that are due, or those `wanted` with all that builds on them; plays nothing yet."""
        records, now = self.store.read(), self.bench.clock.now()
        tasks = chain_of(self.knowledge.prior).due(records, now, wanted)
        with self._origin.named():
            _ = self.bench.link
        return Campaign(self.bench, self.store, tasks, self._notes)

    def experiment(self, protocol: str, shots: int | None) -> LinkExperiment:
        """Prepare a protocol; nothing is played yet, but what the board could not play is refused here."""
        if shots is not None and shots < 100:
            raise SequenceError(f"{shots} shots cannot calibrate a readout; take at least 100")
        with self._origin.named():
            check_runs(protocol, self.bench.link, self.name)
            experiment = LinkExperiment(self.bench, self.store, protocol, shots, self._notes)
            experiment.check()
        return experiment

    def __enter__(self) -> Self:
        with ExitStack() as opening:
            memory = self.memory or Path(opening.enter_context(TemporaryDirectory(prefix="coldlink-")))
            opening.enter_context(Occupancy(memory, self.name))
            self.store = Store.within(memory)
            records = self.store.read()
            rules = policy(self.folder)
            devices = Equipment(self.folder, self.declared, rules).devices()
            clock, addresses = self._world(opening, memory, rules)
            rack = Rack(devices, self.declared, rules, clock, addresses)
            opening.callback(rack.close)
            rack.open()
            sheet = rack.instruments[BOARD].datasheet
            known = replace(self.knowledge, target=sheet, values=records.values, errors=records.errors)
            self.bench = LinkBench(rack, known, clock)
            self._open = opening.pop_all()
        return self

    def __exit__(self, *exception: object) -> None:
        with self._open:
            for error in exception:
                if isinstance(error, BaseException):
                    self.bench.safe_after(error)

    @property
    def _origin(self) -> Origin:
        return Origin(self.folder, self.declared, calibrated=bool(self.bench.known.values))

    def _notes(self) -> dict[str, Table]:
        return {} if self._twin is None else {"Twin": twin_table(self._twin.cryostat.plant.error)}

    def _world(self, opening: ExitStack, memory: Path, rules: Policy) -> "tuple[Clock, dict[str, str]]":
        """The clock of the setup; and of a twin, which begins to live here, where its instruments answer."""
        if rules.clock is not None:
            return opening.enter_context(closing(ServedClock(rules.clock))), {}
        if not (self.folder / "truth.yaml").is_file():
            return WallClock(), {}
        from .twin import Twin

        twin = Twin.build(self.folder, self.declared, self.seed, memory)
        opening.callback(twin.close)
        twin.open()
        self._twin = twin
        return twin.cryostat.clock, {**twin.addresses, BOARD: twin.board}


def open_station(folder: Path, *, seed: int | None = None, memory: Path | None = None) -> LinkSession:
    """The station in `folder`, to be entered. seed: Of a twin's world. memory: As `LinkSession` has it.

    StationError for wrong files; entering raises ConnectionFailed with all instruments that do not answer.
    """
    declared = declaration(folder)
    with Origin(folder, declared, calibrated=False).named():
        sheet = declared.wiring.target()
    known = Knowledge(prior=design_of(folder, declared), target=sheet, blind=True)
    return LinkSession(folder, declared, known, seed, memory)
