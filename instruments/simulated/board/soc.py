"""The board's `soc`: answers an unmodified qick program, and executes its compiled image instruction by instruction."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from hashlib import sha256
from threading import Condition
from typing import Any, Final, Literal, get_args

import numpy as np
from numpy.typing import NDArray

from ....sequences.errors import BoardError
from ...qick.firmware import soccfg as described
from .buffers import Accumulated
from .captures import Capture
from .feedback import Feedback, reads_results
from .hazard import OVERRUN, Hazard, Teller, refuse, tell
from .hazards import held
from .loopback import Loopback
from .measurement import Heard, Measurement, Words, answering
from .output import ImagingPlant, Plant, Repetition
from .processor.decode import WAVE_LOAD, WAVE_PORT, WAVE_STORE, decode
from .processor.disassembly import Texts
from .processor.event import LATENCY
from .processor.processor import Processor
from .repetitions.origins import Origins
from .repetitions.repetitions import Repetitions
from .repetitions.stretch import Stretch
from .replication.replication import Replication
from .rising import Rising
from .settings import ConfiguredBoard

Readout = tuple[int, Sequence[int], Sequence[int], int | None]
"""A readout asked for: repetitions, channels, reads a repetition of each, repetitions of a portion."""
Reaction = Literal["raise", "warn"]
SEED: Final = 0
"""Of the noise of a board that nothing is wired to."""
BLOCK: Final = 1 << 16
"""Events looked at together: the more, the less a repetition costs."""
_WAVE_FIELDS: Final = 6


class SimulatedSoc(ConfiguredBoard):
    """A QICK board without a board.

    soccfg: Of the board: a QickConfig, its dictionary, or a file that a real board has written; the described ZCU216 if
    left out. plant: What is wired to the board; without one, generator i is looped back to readout i. A program that
    reads results on the board needs one that answers while it runs (FeedbackPlant). hazards: "raise" ends a run at the
    first event that the board would not play as asked; "warn" warns and goes on: a wave waits until the one before in
    its repetition has ended, but one that finds its generator busy with the previous repetition plays when it was asked
    to, a window that the board would not open is measured, and a buffer that is read too late gives what it then holds.
    Of many hazards alike it warns of the first ones, and in the end of their number. Every run begins with silent
    generators. watchers: See the events of every run. lead: Called for an internal start,
    in place of it, on a board that starts others. together: See `Measurement`.
    """

    def __init__(self, soccfg: Any = None, plant: Plant | None = None, *, hazards: Reaction = "raise") -> None:
        super().__init__(described() if soccfg is None else soccfg)
        if hazards not in get_args(Reaction):
            raise BoardError(f"hazards={hazards!r} is none of {', '.join(map(repr, get_args(Reaction)))}")
        self.hazards = hazards
        self.plant = plant if plant is not None else Loopback(np.random.default_rng(SEED))
        if not callable(getattr(self.plant, "measure", None)):
            raise BoardError(f"{self.plant!r} is no plant, it has no measure(); use a Loopback")
        if isinstance(self.plant, Loopback):
            self.plant.check([self.wiring])
        self.groups: list[Repetition] = []
        self._triggers: list[tuple[tuple[int, int], ...]] = []
        self.owner: NDArray[np.int64] = np.zeros(0, np.int64)
        self.origins: NDArray[np.int64] = np.zeros(0, np.int64)
        self.watchers: tuple[Rising, ...] = ()
        self.lead: Callable[[], None] | None = None
        self.together: Callable[[bool], Mapping[int, Words]] | None = None
        self._heard: Heard | None = None
        self._image: Mapping[str, Any] | None = None
        self._digest = b""
        self._program: NDArray[Any] = decode([])
        size = self["tprocs"][0]
        self._memories = {
            "dmem": np.zeros(int(size["dmem_size"]), np.int64),
            "wmem": np.zeros((int(size["wmem_size"]), 8), np.int64),
        }
        self._counter = 0
        self._started_by = "internal"
        self._ran = False
        self._failure: BaseException | None = None
        self._stored = True
        self._asked: Readout | None = None
        self._pending: Accumulated = []
        self._changed = Condition()

    @property
    def shots(self) -> list[int]:
        """How many repetitions of the last run are in each group."""
        counts: list[int] = np.bincount(self.owner, minlength=len(self.groups)).tolist()
        return counts

    # --- program ------------------------------------------------------------------------------------------------------

    def load_bin_program(self, binprog: Mapping[str, Any], load_mem: bool = True) -> None:
        """Take a compiled image; it is decoded only if its program memory has changed."""
        digest = sha256(np.asarray(binprog["pmem"], np.int64).tobytes()).digest()
        if digest != self._digest:
            self._program = decode(binprog["pmem"], data_registers=int(self["tprocs"][0].get("dreg_qty", 16)))
            self._digest = digest
        self._image = binprog
        if load_mem:
            self.reload_mem()
        for unit in self.wiring.readouts:
            if unit is not None:
                unit.length = 0

    def reload_mem(self) -> None:
        """Write the image's wave and data memory again, over what a run has changed."""
        for name in self._memories:
            words = None if self._image is None else self._image[name]
            if words is not None and len(words):
                self.load_mem(words, name)

    def load_mem(self, data: Any, mem_sel: str = "dmem", addr: int = 0) -> None:
        """Write words of the data memory, shape (n,), or waves, shape (n, 8)."""
        memory = self._memory(mem_sel)
        words = np.asarray(data, np.int64).reshape(-1, *memory.shape[1:])
        if not 0 <= addr <= len(memory) - len(words):
            raise BoardError(f"{len(words)} words at {addr} do not fit into the {len(memory)} of {mem_sel}")
        memory[addr : addr + len(words)] = words

    def read_mem(self, length: int, mem_sel: str = "dmem", addr: int = 0) -> NDArray[np.int32]:
        """Words of the data memory, shape (n,), or waves, shape (n, 8), as the last run left them."""
        memory = self._memory(mem_sel)
        if not 0 <= addr <= len(memory) - length:
            raise BoardError(f"{length} words from {addr} on are more than the {len(memory)} of {mem_sel}")
        return memory[addr : addr + length].astype(np.uint32).view(np.int32)

    def start_src(self, src: str) -> None:
        """Choose what starts the program: "internal" or "external"."""
        if src not in ("internal", "external"):
            raise BoardError(f"a program is started by 'internal' or 'external', not by {src!r}")
        self._started_by = src

    def start_tproc(self) -> None:
        """Run the program to its end; waiting for an external start, do nothing."""
        if self._started_by == "internal":
            (self.lead or self._execute)()

    def trigger_start(self, timeout: float = 0.0) -> None:
        """The pulse at the board's start input: runs the program that waits for it.

        timeout: How long to wait until a program waits (s), for a trigger from another thread than the program's.
        """
        with self.started(timeout):
            pass

    def waits(self, timeout: float = 0.0, *, by: str = "external") -> bool:
        """A program waits for its start, or does so within `timeout` (s)."""
        with self._changed:
            return self._changed.wait_for(
                lambda: self._started_by == by and self._image is not None and not self._ran, timeout
            )

    @contextmanager
    def started(self, timeout: float = 0.0, *, by: str = "external") -> Iterator[None]:
        """As `trigger_start`; the run is over inside, and nobody has read its data yet.

        What goes wrong meanwhile is raised here and where the program waits, for these may be two threads.
        """
        with self._changed:
            if not self.waits(timeout, by=by):
                raise BoardError("no program waits for a start; use start_src='external' and trigger after it is set")
            try:
                self._execute()
                yield
            except BaseException as error:
                self._failure = error
                raise
            finally:
                self._changed.notify_all()

    def stop_tproc(self, lazy: bool = False) -> None:
        """A run has ended when the call that started it returns."""

    def reset_gens(self) -> None:
        """Silence all generators; every run begins like that."""

    def clear_tproc_counter(self, addr: int) -> None:
        """Set the host's counter to zero."""
        self._counter, self._ran, self._failure = 0, False, None

    def prepare_round(self) -> None:
        """Nothing to prepare."""

    def cleanup_round(self) -> None:
        """Nothing to clean up."""

    def get_tproc_counter(self, addr: int) -> int:
        """Repetitions done."""
        with self._changed:
            self._check_start()
            return self._counter

    def events(self) -> Iterator[NDArray[Any]]:
        """Execute the loaded image once more, and give its events (event.EVENT) in blocks."""
        if reads_results(self._program):
            raise BoardError("the program reads results on the board: each run has its own events; acquire()")
        return self._processor().run()

    # --- data ---------------------------------------------------------------------------------------------------------

    def start_readout(
        self,
        total_shots: int,
        counter_addr: int = 1,
        ch_list: Sequence[int] | None = None,
        reads_per_shot: int | Sequence[int] = 1,
        stride: int | None = None,
    ) -> None:
        """Run the program and measure each group of equal repetitions at once, now or after an external start."""
        channels = (0, 1) if ch_list is None else tuple(ch_list)
        reads = [reads_per_shot] * len(channels) if isinstance(reads_per_shot, int) else list(reads_per_shot)
        self._pending, self._asked = [], (total_shots, channels, reads, stride)
        self.start_tproc()
        if self._ran:
            self._collect()

    def poll_data(self, totaltime: float = 0.1, timeout: float | None = None) -> Accumulated:
        """The next portion of the run's data; waits for an external start, and for at most `timeout` (s)."""
        if self._asked is not None:
            with self._changed:
                self._changed.notify_all()
                if not self._changed.wait_for(lambda: self._ran or self._failure is not None, timeout):
                    return []
                self._check_start()
            self._collect()
        if not self._pending:
            raise BoardError("all data of the run have been read; start the readout again")
        return [self._pending.pop(0)]

    def get_accumulated(self, ch: int, address: int = 0, length: int | None = None) -> NDArray[np.int32]:
        """Sums from a readout's buffer, shape (length, 2)."""
        unit = self.wiring.readout(ch)
        self._store()
        return self.buffers.sums[unit.index].read(address, length).astype(np.int32)

    def get_decimated(self, ch: int, address: int = 0, length: int | None = None) -> NDArray[np.int16]:
        """Samples from a readout's buffer, shape (length, 2)."""
        unit = self.wiring.readout(ch)
        self._store()
        return self.buffers.samples[unit.index].read(address, length).astype(np.int16)

    def get_ddr4(self, nt: int, start: int | None = None) -> NDArray[np.int16]:
        """Samples of the DDR4 buffer, shape (n, 2): `nt` transfers, without `start` less the stale ones before them."""
        self._record()
        stale, samples = int(self.ddr4.config["junk_len"]), nt * int(self.ddr4.config["burst_len"])
        return self.ddr4.read(stale, samples) if start is None else self.ddr4.read(start, start + samples)

    def get_mr(self, start: int | None = None) -> NDArray[np.int16]:
        """Samples of the multi-rate buffer from `start` on, shape (n, 2); without it, all that are not stale."""
        self._record()
        return self.multirate.read(int(self.multirate.config["junk_len"]) if start is None else start, None)

    def _record(self) -> None:
        """Fill the buffers that the last run has triggered."""
        armed = [capture for capture in (self.ddr4, self.multirate) if capture.armed]
        if not armed:
            return
        run = [(int(tick), self.groups[n]) for tick, n in zip(self.origins, self.owner, strict=True)]
        for capture in armed:
            capture.record(self.plant, self.wiring.f_time, run)

    def _check_start(self) -> None:
        """Raise what has ended a run that somebody else has started."""
        failure, self._failure = self._failure, None
        if failure is not None:
            self._asked = None
            raise BoardError(f"the run ended when it was started: {failure}") from failure

    def _memory(self, name: str) -> NDArray[np.int64]:
        if name not in self._memories:
            raise BoardError(f"memory {name!r} is not simulated; use one of {sorted(self._memories)}")
        return self._memories[name]

    def _processor(self) -> Processor:
        if self._image is None:
            raise BoardError("no program is loaded; call load_bin_program or use a qick program's acquire()")
        return Processor(self._program, self._memories["wmem"], self._memories["dmem"], self["tprocs"][0])

    def _execute(self) -> None:
        """Run to the end; every repetition has its group."""
        self._record()
        self.groups, self.owner, self.origins = [], self.owner[:0], self.origins[:0]
        processor = self._processor()
        kinds = self._program["kind"]
        ports = self._program["port"][(kinds == WAVE_PORT) | (kinds == WAVE_LOAD) | (kinds == WAVE_STORE)]
        told, texts = Teller(self._told), self._texts
        bandwidth = self.plant.bandwidth if isinstance(self.plant, ImagingPlant) else None
        repetitions = Repetitions(self.wiring, ports.tolist(), told, texts, bandwidth)
        origins = Origins()
        self._heard = self.together = None
        if reads_results(self._program):
            with answering(self.plant).follow() as run:
                feedback = Feedback(processor, repetitions, run)
                self._attend(feedback.run(), repetitions, origins)
            self._heard = feedback.heard()
        else:
            self._attend(Replication(processor).run(block=BLOCK), repetitions, origins)
        for hazard in held(processor, sources=texts):
            told(hazard)
        repetitions.finish()
        told.finish()
        self.groups, self._triggers = repetitions.groups, repetitions.triggers
        self.owner = np.asarray(repetitions.group, np.int64)
        self.origins = origins.ticks(len(self.owner))
        self._memories["dmem"] = processor.dmem
        self._memories["wmem"][:, :_WAVE_FIELDS] = processor.wmem
        self._counter, self._ran, self._stored = processor.counter, True, False

    def _attend(self, parts: Iterator[NDArray[Any] | Stretch], repetitions: Repetitions, origins: Origins) -> None:
        """Show all parts of a run to whoever watches it."""
        watching: tuple[Origins | Capture | Rising, ...] = (origins, self.ddr4, self.multirate, *self.watchers)
        for part in parts:
            if isinstance(part, Stretch):
                # Watchers look for the first of its kind, and that has been executed.
                repetitions.repeat(part)
                origins.repeat(part)
                continue
            repetitions.add(part)
            for watcher in watching:
                watcher.see(part)

    def _measurement(self) -> Measurement:
        return Measurement(
            readout=self.wiring.readout,
            plant=self.plant,
            groups=self.groups,
            owner=self.owner,
            heard=self._heard,
            together=self.together,
        )

    def _collect(self) -> None:
        """Measure the run for the readout that was asked for."""
        if self._asked is None:
            return
        (total, channels, reads, stride), self._asked = self._asked, None
        if len(self.owner) != total:
            raise BoardError(
                f"the program made {len(self.owner)} repetitions of {total} expected; correct its loops or its counter"
            )
        self._started_by, self._stored = "internal", True
        for hazard in self._overruns(channels, reads, total, stride):
            self._told(hazard)
        data = self._measurement().reads(channels, reads)
        self._pending = self.buffers.portions(data, channels, total, stride)

    def _overruns(
        self, channels: Sequence[int], reads: Sequence[int], total: int, stride: int | None
    ) -> Iterator[Hazard]:
        """Of each buffer that a portion of the run overruns, the trigger whose result is the first without room."""
        for channel, shot, read, why in self.buffers.overruns(channels, reads, total, stride):
            group = int(self.owner[shot])
            places = [n for n, window in enumerate(self.groups[group].windows) if window.readout == channel]
            if read >= len(places):
                continue
            port, address = self._triggers[group][places[read]]
            after = self.groups[group].windows[places[read]].start * self.wiring.f_time * 1e6
            yield Hazard(
                kind=OVERRUN,
                tick=int(self.origins[shot]) + int(after) + LATENCY,
                port=port,
                instruction=address,
                shot=shot,
                why=why,
                source=self._texts.get(address),
            )

    @property
    def _told(self) -> Callable[[Hazard], None]:
        return refuse if self.hazards == "raise" else tell

    @property
    def _texts(self) -> Texts:
        return Texts(() if self._image is None else self._image["pmem"])

    def _store(self) -> None:
        """Measure the run once into the buffers that are enabled."""
        if self._stored:
            return
        self._stored = True
        used = [unit for unit in self.wiring.readouts if unit is not None and unit.length]
        summed = [unit.index for unit in used if not unit.traced]
        traced = [unit.index for unit in used if unit.traced]
        measurement = self._measurement()
        if summed:
            for channel, words in zip(summed, measurement.accumulated(summed), strict=True):
                self.buffers.sums[channel].write(words)
        for channel, samples in zip(traced, measurement.traces(traced), strict=True):
            self.buffers.samples[channel].write(samples)
            length = self.wiring.readout(channel).length
            self.buffers.sums[channel].write(samples.reshape(-1, length, 2).sum(axis=1))
