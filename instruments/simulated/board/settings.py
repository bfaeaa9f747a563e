"""Settings: the host's calls that configure generators and readouts before a program runs."""

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any, Final

import numpy as np
from qick.qick_asm import QickConfig

from ....sequences.errors import BoardError
from .absent import absent
from .buffers import Buffers
from .captures import Capture
from .converters.generators import MultiplexedGenerator
from .converters.wiring import Wiring
from .measurement import tracing
from .output import Plant
from .trace.record import board

_FULL_WEIGHT: Final = 2**15 - 2


class ConfiguredBoard(QickConfig):  # type: ignore[misc]
    """A board's description, and the settings in force; plant: What is wired to it."""

    plant: Plant

    def __init__(self, soccfg: Any) -> None:
        if isinstance(soccfg, str | Path):
            soccfg = board(Path(soccfg))
        if not isinstance(soccfg, QickConfig | Mapping):
            raise BoardError(f"{soccfg!r} is no soccfg; give a QickConfig, its dictionary, or the name of its file")
        super().__init__(soccfg.get_cfg() if isinstance(soccfg, QickConfig) else soccfg)
        self.wiring = Wiring(self)
        self.buffers = Buffers(self["readouts"])
        self.ddr4 = Capture("DDR4", self._cfg.get("ddr4_buf"))
        self.multirate = Capture("multi-rate", self._cfg.get("mr_buf"))

    def __getattr__(self, name: str) -> Any:
        if name.startswith("_"):
            raise AttributeError(f"{type(self).__name__!r} object has no attribute {name!r}")
        raise absent(name)

    @property
    def tproc(self) -> Mapping[str, Any]:
        """What the vendor's driver of the processor tells by key: clocks, memories, units; it has no other use here."""
        settings: Mapping[str, Any] = self["tprocs"][0]
        return settings

    def load_envelope(self, ch: int, data: Any, addr: int) -> None:
        """Write envelope samples into a generator's memory."""
        self.wiring.generator(ch).load(np.asarray(data, np.int16).reshape(-1, 2), addr)

    def set_nyquist(self, ch: int, nqz: int, force: bool = False) -> None:
        """Choose the Nyquist zone of a generator."""
        self.wiring.generator(ch).set_zone(nqz)

    def set_mixer_freq(
        self, ch: int, f: float, ro_ch: int | None = None, phase_reset: bool = True, fullscale: bool = False
    ) -> None:
        """Set a generator's mixer (MHz); ro_ch: Readout to whose frequencies it is rounded."""
        unit = self.wiring.generator(ch)
        if ro_ch is not None and unit.config["has_mixer"]:
            f = self.roundfreq(f, [self._get_mixer_cfg(self["gens"][ch]), self["readouts"][ro_ch]])
        unit.set_mixer(float(f), full_range=fullscale)

    def config_mux_gen(self, ch: int, tones: Sequence[Mapping[str, Any]]) -> None:
        """Set the tones of a multiplexed generator."""
        unit = self.wiring.generator(ch)
        if not isinstance(unit, MultiplexedGenerator):
            raise BoardError(f"{unit.name} is not multiplexed; it has no tones to configure")
        unit.settings = tuple(tones)

    def config_mux_readout(self, pfbpath: str, cfgs: Sequence[Mapping[str, Any]], sel: str | None = None) -> None:
        """Tune the outputs of a filter bank."""
        for index, config in enumerate(self["readouts"]):
            for settings in cfgs:
                if config["ro_fullpath"] == pfbpath and config["pfb_port"] == settings["pfb_port"]:
                    self.wiring.readout(index).tune({**settings, "sel": sel or "product"})

    def configure_readout(self, ch: int, ro_regs: Mapping[str, Any]) -> None:
        """Tune a readout that the host sets one by one."""
        self.wiring.readout(ch).tune(ro_regs)

    def config_avg(
        self,
        ch: int,
        address: int = 0,
        length: int = 1,
        edge_counting: bool = False,
        high_threshold: int = 1000,
        low_threshold: int = 0,
    ) -> None:
        """Set the length of a readout's accumulation (decimated samples) and where its first result goes."""
        if edge_counting:
            raise BoardError(f"readout {ch}: edge counting is not simulated; use the accumulated I and Q")
        self.wiring.readout(ch).set_length(length)
        self.buffers.sums[ch].arm(address)

    def config_buf(self, ch: int, address: int = 0, length: int = 1) -> None:
        """Set the length of a readout's traces (decimated samples) and where the first one goes."""
        unit = self.wiring.readout(ch)
        if unit.length not in (0, length):
            raise BoardError(
                f"{unit.name}: traces of {length} samples beside sums of {unit.length} are not simulated; use one"
            )
        tracing(self.plant)
        unit.set_length(length)
        self.buffers.samples[ch].arm(address)

    def enable_buf(self, ch: int, enable_avg: bool = True, enable_buf: bool = True) -> None:
        """Choose what a readout keeps; without traces it only accumulates."""
        self.wiring.readout(ch).traced = enable_buf

    def arm_ddr4(self, ch: int, nt: int, force_overwrite: bool = False) -> None:
        """Let the DDR4 buffer record `nt` transfers of a readout's decimated samples from its next trigger on."""
        config, samples = self.ddr4.config, nt * int(self.ddr4.config["burst_len"])
        if samples > config["maxlen"]:
            raise BoardError(f"{samples} samples do not fit into the {config['maxlen']} of the DDR4 buffer; lower nt")
        unit = self.wiring.readout(ch)
        self.ddr4.arm(unit, unit.output, samples)

    def arm_mr(self, ch: int) -> None:
        """Let the multi-rate buffer record a readout at the converter's full rate from its next trigger on."""
        unit = self.wiring.readout(ch)
        self.multirate.arm(unit, unit.sampling, int(self.multirate.config["maxlen"]))

    def clear_ddr4(self, length: int | None = None) -> None:
        """Write zeros over the first `length` samples of the DDR4 buffer, all if left out."""
        self.ddr4.memory[:length] = 0

    def load_weights(self, ch: int, data: Any, addr: int = 0) -> None:
        """Weights of an accumulation: only equal ones are simulated, the vendor's scaling of others is not known."""
        weights = np.asarray(data).reshape(-1, 2)
        if (weights != (_FULL_WEIGHT, 0)).any():
            raise BoardError(f"readout {ch}: weights other than {_FULL_WEIGHT} are not simulated; leave out `weights`")

    def clear_interrupts(self) -> bool:
        """True: no converter has an alarm to clear; what would overflow one ends its run."""
        return True
