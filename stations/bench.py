"""Bench: a link behind its instruments; nothing plays unless the interlocks hold."""

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from ..calibration.knowledge import Knowledge
from ..instruments.clock import Clock
from ..instruments.coupler import LoadCoupler, TunableCoupler
from ..instruments.interlock import Interlock
from ..sequences.compile import compile as compile_sequence
from ..sequences.errors import ConnectionFailed, InstrumentError, InterlockOpen
from ..sequences.link import AnyLink
from ..sequences.program import Program
from ..sequences.sequence import Sequence
from ..sequences.setting import Setting
from ..sequences.target import Target
from .equipment import BOARD
from .rack import Rack

if TYPE_CHECKING:
    import xarray as xr


@dataclass
class LinkBench:
    """A link at its instruments. known: What is known about it.

    stop: Called before anything plays; raises RunAborted if someone has asked to stop. settings: Biases as they were
    read back (V); empty before `energise` and after `safe`. temperatures: Of each stage (K), as the interlocks saw
    them last.
    """

    rack: Rack
    known: Knowledge
    clock: Clock
    stop: Callable[[], None] = lambda: None
    settings: dict[str, float] = field(default_factory=dict)
    temperatures: dict[str, float] = field(default_factory=dict)
    _checked: float | None = None
    _compiled: tuple[tuple[Sequence, float], Program] | None = None

    def __post_init__(self) -> None:
        policy = self.rack.policy
        read = self.rack.instruments[policy.thermometer].reading
        self.interlock = Interlock(windows=policy.windows(), read=read, clock=self.clock)
        self.board = self.rack.instruments[BOARD]

    @property
    def link(self) -> AnyLink:
        """Pulses and rates, as known."""
        return self.known.any_link

    @property
    def target(self) -> Target:
        """Datasheet of the board with its cables."""
        sheet: Target = self.board.datasheet
        return sheet

    def learn(self, known: Knowledge) -> None:
        """Take `known` for true from now on, and bring the biases to where it wants them."""
        before, self.known = self.known.biases, known
        for setting, volts in known.biases.items():
            if volts != before[setting]:
                self.set(setting, volts)
        self._tell_couplers()

    def energise(self) -> None:
        """Switch the sources on and bring every bias to where it belongs; InterlockOpen before anything moves."""
        self.check()
        for setting, volts in self.known.biases.items():
            self.rack.source(setting.name).on()
            self.set(setting, volts)
        self._tell_couplers()

    def set(self, setting: Setting, value: float) -> None:
        """Ramp a static bias to `value` (V)."""
        source = self.rack.source(setting.name)
        source.voltage(value)
        self.settings[setting.name] = float(source.voltage())

    def _tell_couplers(self) -> None:
        """Give the couplers' instruments what is known of them, for their snapshots and for whoever works by hand."""
        biases = {setting.name: volts for setting, volts in self.known.biases.items()}
        for instrument in self.rack.instruments.values():
            if isinstance(instrument, TunableCoupler):
                instrument.zero_bias(biases[f"{instrument.channel.name}.bias"])
            elif isinstance(instrument, LoadCoupler):
                instrument.open_bias(biases[f"{instrument.channel.name}.bias"])
                instrument.closed_amplitude(self.known.link.line.close_amplitude)

    def safe(self) -> None:
        """Ramp every source to its safe level; no interlock stands before it.

        One that does not obey keeps none of the others from it; ConnectionFailed then names it.
        """
        self.settings.clear()
        causes: dict[str, str] = {}
        for name in dict.fromkeys(self.rack.declared.wiring.sources.values()):
            source = self.rack.instruments[name]
            try:
                if source.output() == "on":
                    source.safe()
            # Whatever is wrong with one source, the others must still be made safe.
            except Exception as error:
                causes[name] = f"it may not be at its safe level: {error}"
        if causes:
            raise ConnectionFailed(causes)

    def safe_after(self, error: BaseException) -> None:
        """Make all outputs safe because of `error`; a source that does not obey becomes a note of it."""
        try:
            self.safe()
        except ConnectionFailed as unsafe:
            if str(unsafe) not in getattr(error, "__notes__", ()):
                error.add_note(str(unsafe))

    def check(self) -> None:
        """InterlockOpen, with all outputs safe, unless every stage is in its window."""
        try:
            self.temperatures = {stage: reading.kelvin for stage, reading in self.interlock.check().items()}
        except InterlockOpen as error:
            self.safe_after(error)
            raise
        self._checked = self.clock.now()

    def compile(self, sequence: Sequence) -> Program:
        """What the board will play; a scan asks for the same again and again."""
        asked = (sequence, self.known.prior.operation.relaxation)
        if self._compiled is None or self._compiled[0] != asked:
            self._compiled = asked, compile_sequence(sequence, self.target, relaxation=asked[1])
        return self._compiled[1]

    def run(self, sequence: Sequence, shots: int) -> "xr.Dataset":
        """Play `sequence`, if nobody has asked to stop and the temperatures are known to be good."""
        self.stop()
        if not self.settings:
            hint = "call energise() to bring them to where they belong"
            raise InstrumentError("bench", "the biases are off or at their safe levels", hint)
        if self._checked is None or not 0 <= self.clock.now() - self._checked <= self.rack.policy.poll:
            self.check()
        data: xr.Dataset = self.board.run(self.compile(sequence), shots)
        return data

    def image(self, sequence: Sequence, shots: int) -> str:
        """What `run` would load into the board, as `coldlink trace` reads it; plays nothing."""
        document: str = self.board.image(self.compile(sequence), shots)
        return document

    def readback(self) -> dict[str, float]:
        """What the sources say of every bias now (V)."""
        return {setting: float(self.rack.source(setting).voltage()) for setting in self.rack.declared.wiring.sources}
