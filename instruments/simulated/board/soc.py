"""The board's `soc`: answers an unmodified qick program, and executes its compiled image instruction by instruction."""

from collections.abc import Iterator, Mapping, Sequence
from hashlib import sha256
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray
from qick.qick_asm import QickConfig

from ....sequences.errors import BoardError
from .decode import PORT_READ, WAVE_LOAD, WAVE_PORT, WAVE_STORE, decode
from .generators import MultiplexedGenerator
from .output import Plant, Repetition
from .processor import Processor
from .repetitions import Repetitions
from .wiring import Wiring

Accumulated = list[tuple[int, tuple[list[NDArray[np.int64]], None]]]
"""What `poll_data` gives: (repetitions, (per readout an array (n, 2) of I and Q, no statistics))."""

PORTION: Final = 16
"""Parts in which a run's data are handed over unless `stride` says otherwise."""


class SimulatedSoc(QickConfig):  # type: ignore[misc]
    """A QICK board without a board.

    soccfg: A QickConfig, or its dictionary. plant: What is wired to the board; needed to acquire data. Full scale of
    a generator is that of the converter with the RFDC mixer's normal scaling.
    """

    def __init__(self, soccfg: Any, plant: Plant | None = None) -> None:
        super().__init__(soccfg.get_cfg() if isinstance(soccfg, QickConfig) else soccfg)
        self.plant = plant
        self.wiring = Wiring(self)
        self.groups: list[Repetition] = []
        self.shots: list[int] = []
        self._image: Mapping[str, Any] | None = None
        self._digest = b""
        self._program: NDArray[Any] = decode([])
        self._counter = 0
        self._started_by = "internal"
        self._pending: Accumulated = []

    # --- settings -----------------------------------------------------------------------------------------------------

    def load_envelope(self, ch: int, data: Any, addr: int) -> None:
        """Write envelope samples into a generator's memory."""
        self.wiring.generator(ch).load(np.asarray(data, np.int16).reshape(-1, 2), addr)

    def set_nyquist(self, ch: int, nqz: int, force: bool = False) -> None:
        """Choose the Nyquist zone of a generator."""
        self.wiring.generator(ch).set_zone(nqz)

    def set_mixer_freq(
        self, ch: int, f: float, ro_ch: int | None = None, phase_reset: bool = True, fullscale: bool = False
    ) -> None:
        """Set a generator's mixer (MHz)."""
        if ro_ch is not None:
            raise BoardError(
                f"generator {ch}: matching a mixer by set_mixer_freq is not simulated; give ro_ch to declare_gen"
            )
        if fullscale:
            raise BoardError(f"generator {ch}: mixer_fullscale is not simulated; declare it without")
        self.wiring.generator(ch).mixer = float(f)

    def config_mux_gen(self, ch: int, tones: Sequence[Mapping[str, Any]]) -> None:
        """Set the tones of a multiplexed generator."""
        unit = self.wiring.generator(ch)
        if not isinstance(unit, MultiplexedGenerator):
            raise BoardError(f"{unit.name} is not multiplexed; it has no tones to configure")
        unit.settings = tuple(tones)

    def config_mux_readout(self, pfbpath: str, cfgs: Sequence[Mapping[str, Any]], sel: str | None = None) -> None:
        """Tune the outputs of a filter bank."""
        if sel not in (None, "product"):
            raise BoardError(f"{pfbpath}: output {sel!r} is not simulated; use 'product'")
        for index, config in enumerate(self["readouts"]):
            for settings in cfgs:
                if config["ro_fullpath"] == pfbpath and config["pfb_port"] == settings["pfb_port"]:
                    self.wiring.readout(index).tune(settings)

    def configure_readout(self, ch: int, ro_regs: Mapping[str, Any]) -> None:
        """Readouts that the host tunes one by one are not simulated."""
        raise BoardError(
            f"readout {ch}: host-configured readouts are not simulated; use a filter bank or a dynamic one"
        )

    def config_avg(
        self,
        ch: int,
        address: int = 0,
        length: int = 1,
        edge_counting: bool = False,
        high_threshold: int = 1000,
        low_threshold: int = 0,
    ) -> None:
        """Set the length of a readout's accumulation (decimated samples)."""
        if edge_counting:
            raise BoardError(f"readout {ch}: edge counting is not simulated; use the accumulated I and Q")
        self.wiring.readout(ch).set_length(length)

    def config_buf(self, ch: int, address: int = 0, length: int = 1) -> None:
        """Traces are not simulated."""
        raise BoardError(f"readout {ch}: decimated traces are not simulated; use acquire()")

    def enable_buf(self, ch: int, enable_avg: bool = True, enable_buf: bool = True) -> None:
        """Accumulated buffers are enabled by `config_avg`."""

    def load_weights(self, ch: int, data: Any, addr: int = 0) -> None:
        """Weighted buffers are not simulated."""
        raise BoardError(f"readout {ch}: weighted accumulation is not simulated; use a readout without weights")

    # --- program ------------------------------------------------------------------------------------------------------

    def load_bin_program(self, binprog: Mapping[str, Any], load_mem: bool = True) -> None:
        """Take a compiled image; it is decoded only if its program memory has changed."""
        digest = sha256(np.asarray(binprog["pmem"], np.int64).tobytes()).digest()
        if digest != self._digest:
            self._program = decode(binprog["pmem"], data_registers=int(self["tprocs"][0].get("dreg_qty", 16)))
            self._digest = digest
        self._image = binprog
        for unit in self.wiring.readouts:
            if unit is not None:
                unit.length = 0

    def reload_mem(self) -> None:
        """Every run begins from the image's wave and data memory."""

    def start_src(self, src: str) -> None:
        """Choose what starts the program."""
        self._started_by = src

    def stop_tproc(self, lazy: bool = False) -> None:
        """A run has ended when the call that started it returns."""

    def clear_tproc_counter(self, addr: int) -> None:
        """Set the host's counter to zero."""
        self._counter = 0

    def prepare_round(self) -> None:
        """Nothing to prepare."""

    def cleanup_round(self) -> None:
        """Nothing to clean up."""

    def start_tproc(self) -> None:
        """Run the program to its end."""
        self._execute()

    def get_tproc_counter(self, addr: int) -> int:
        """Repetitions done."""
        return self._counter

    def events(self) -> Iterator[NDArray[Any]]:
        """Execute the loaded image once more, and give its events (event.EVENT) in blocks."""
        return self._processor().run()

    # --- data ---------------------------------------------------------------------------------------------------------

    def start_readout(
        self,
        total_shots: int,
        counter_addr: int = 1,
        ch_list: Sequence[int] = (0,),
        reads_per_shot: int | Sequence[int] = 1,
        stride: int | None = None,
    ) -> None:
        """Run the program and measure each group of equal repetitions at once."""
        if self.plant is None:
            raise BoardError("nothing is wired to the board: give SimulatedSoc a plant to acquire data")
        reads = [reads_per_shot] * len(ch_list) if isinstance(reads_per_shot, int) else list(reads_per_shot)
        group = self._execute()
        if len(group) != total_shots:
            raise BoardError(
                f"the program made {len(group)} repetitions of {total_shots} expected; correct its loops or its counter"
            )
        data = self._measure(self.plant, group, ch_list, reads)
        size = stride or max(1, -(-total_shots // PORTION))
        self._pending = [
            (min(size, total_shots - n), ([iq[n : n + size].reshape(-1, 2) for iq in data], None))
            for n in range(0, total_shots, size)
        ]

    def poll_data(self, totaltime: float = 0.1, timeout: float | None = None) -> Accumulated:
        """The next portion of the run's data; an error if there is none."""
        if not self._pending:
            raise BoardError("all data of the run have been read; start the readout again")
        return [self._pending.pop(0)]

    def _processor(self) -> Processor:
        if self._image is None:
            raise BoardError("no program is loaded; call load_bin_program or use a qick program's acquire()")
        if self._started_by != "internal":
            raise BoardError(f"start by {self._started_by!r} is not simulated; use start_src='internal'")
        if (self._program["kind"] == PORT_READ).any():
            address = int(np.flatnonzero(self._program["kind"] == PORT_READ)[0])
            raise BoardError(f"instruction {address} reads a result on the board; such feedback is not simulated")
        return Processor(self._program, self._image["wmem"], self._image["dmem"], self["tprocs"][0])

    def _execute(self) -> list[int]:
        """Run to the end; returns the group of each repetition."""
        processor = self._processor()
        kinds = self._program["kind"]
        ports = self._program["port"][(kinds == WAVE_PORT) | (kinds == WAVE_LOAD) | (kinds == WAVE_STORE)]
        repetitions = Repetitions(self.wiring, ports.tolist())
        for events in processor.run():
            repetitions.add(events)
        repetitions.finish()
        self.groups = repetitions.groups
        self.shots = np.bincount(repetitions.group, minlength=len(self.groups)).tolist()
        self._counter = processor.counter
        return repetitions.group

    def _measure(
        self, plant: Plant, group: list[int], channels: Sequence[int], reads: Sequence[int]
    ) -> list[NDArray[np.int64]]:
        """I and Q of each channel, shape (repetitions, reads, 2), in the order of the triggers."""
        out = [np.zeros((len(group), count, 2), np.int64) for count in reads]
        owner = np.asarray(group)
        for number, (repetition, shots) in enumerate(zip(self.groups, self.shots, strict=True)):
            iq = np.asarray(plant.measure(repetition, shots))
            if iq.shape != (shots, len(repetition.windows)):
                raise BoardError(f"the plant gave {iq.shape}, {(shots, len(repetition.windows))} were asked for")
            rows = np.flatnonzero(owner == number)
            for array, channel, count in zip(out, channels, reads, strict=True):
                columns = [n for n, window in enumerate(repetition.windows) if window.readout == channel]
                if len(columns) != count:
                    raise BoardError(
                        f"readout {channel} fired {len(columns)} times in repetition {rows[0]}, {count} were expected; "
                        "correct its triggers"
                    )
                unit = self.wiring.readout(channel)
                points = np.stack([iq[:, columns].real, iq[:, columns].imag], axis=-1)
                array[rows] = (points + unit.offset * unit.length).round()
        return out
