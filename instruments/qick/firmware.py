"""Firmware: descriptions of QICK boards, and the `soccfg` that the vendor's compiler reads."""

from dataclasses import dataclass
from typing import Any

from qick.qick_asm import QickConfig, get_version


@dataclass(frozen=True, kw_only=True)
class Dac:
    """Clocking of a DAC tile: sampling at reference * multiplier / divider, `interpolation` inside the converter.

    reference: Clock of the converters (MHz).
    """

    multiplier: int
    divider: int
    interpolation: int
    reference: float = 245.76

    @property
    def sampling(self) -> float:
        """(MHz)."""
        return self.reference * self.multiplier / self.divider

    @property
    def fabric(self) -> float:
        """Clock of the logic, 16 converter samples long (MHz)."""
        return self.sampling / 16


@dataclass(frozen=True, kw_only=True)
class Adc:
    """Clocking of an ADC tile: sampling at reference * multiplier / divider (MHz), 8 samples a cycle of the logic."""

    multiplier: int
    divider: int
    reference: float = 245.76

    @property
    def sampling(self) -> float:
        """(MHz)."""
        return self.reference * self.multiplier / self.divider


FAST = Dac(multiplier=39, divider=1, interpolation=1)
INTERPOLATED = Dac(multiplier=56, divider=2, interpolation=4)


@dataclass(frozen=True, kw_only=True)
class Firmware:
    """Which blocks a bitstream holds.

    fast: Full-speed generators (axis_signal_gen_v6), DC coupled on a ZCU216. multiplexed: axis_sg_mixmux8_v1, eight
    tones on one converter. interpolated: axis_sg_int4_v2. dynamic, filterbank, tuned: Readouts (axis_dyn_readout_v1,
    axis_pfb_readout_v4, axis_readout_v2). fast_memory, interpolated_memory: Envelope samples of each generator.
    fast_dac, adc: Clocks. fast_dacs, adcs: Converters of the full-speed generators and of the readouts but the filter
    bank. f_time, f_core: Clocks of the processor (MHz). sums: Results that an accumulated buffer holds. captures: There
    are a DDR4 and a multi-rate buffer.
    """

    name: str
    board: str = "ZCU216"
    fast: int = 4
    fast_memory: int = 65536
    fast_dac: Dac = FAST
    fast_dacs: tuple[str, ...] = ("00", "01", "02", "03")
    multiplexed: int = 1
    interpolated: int = 11
    interpolated_memory: int = 16384
    dynamic: int = 2
    filterbank: int = 8
    tuned: int = 0
    adc: Adc = Adc(multiplier=40, divider=4)
    adcs: tuple[str, ...] = ("20", "22")
    f_time: float = INTERPOLATED.fabric
    f_core: float = 200.0
    sums: int = 8192
    captures: bool = False


ZCU216 = Firmware(name="zcu216", captures=True)
ZCU216_FLUX = Firmware(
    name="zcu216_flux",
    fast=9,
    fast_dacs=("00", "01", "02", "03", "30", "31", "32", "33", "23"),
    interpolated=6,
)
"""With the flux lines of a chain of three nodes; nobody ships this bitstream, it tells what would be needed."""
FIRMWARES = {firmware.name: firmware for firmware in (ZCU216, ZCU216_FLUX)}
"""What a station may name as its board's."""
# Blocks, converter clocks and buffers of the vendor's standard bitstreams, which hold a tProcessor v1. The
# tProcessor v2, its clocks and triggers, and the names of the converters are this description's own.
ZCU111 = Firmware(
    name="zcu111",
    board="ZCU111",
    fast=7,
    fast_dac=Dac(multiplier=30, divider=1, interpolation=1, reference=204.8),
    fast_dacs=("00", "01", "02", "10", "11", "12", "13"),
    multiplexed=0,
    interpolated=0,
    dynamic=0,
    filterbank=0,
    tuned=2,
    adc=Adc(multiplier=20, divider=1, reference=204.8),
    adcs=("00", "02"),
    f_time=384.0,
    sums=16384,
)
RFSOC4X2 = Firmware(
    name="rfsoc4x2",
    board="RFSoC4x2",
    fast=2,
    fast_dac=Dac(multiplier=20, divider=1, interpolation=1, reference=491.52),
    fast_dacs=("00", "20"),
    multiplexed=0,
    interpolated=0,
    dynamic=0,
    filterbank=0,
    tuned=2,
    adc=Adc(multiplier=9, divider=1, reference=491.52),
    adcs=("00", "02"),
    f_time=614.4,
    sums=16384,
)
LOAD_DAC = "11"
"""The interpolated output that leaves through a DC-coupled amplifier, for the coupler of the load."""


def soccfg(firmware: Firmware = ZCU216) -> QickConfig:
    """Configuration of `firmware` as the vendor's compiler reads it from a board."""
    gens = [_fast(firmware, index) for index in range(firmware.fast)]
    gens += [_mux(firmware.fast + index) for index in range(firmware.multiplexed)]
    gens += [_interpolated(firmware, len(gens) + index) for index in range(firmware.interpolated)]
    readouts = [_dynamic(firmware, index) for index in range(firmware.dynamic)]
    readouts += [_filterbank(firmware, firmware.dynamic + index, index) for index in range(firmware.filterbank)]
    readouts += [_tuned(firmware, len(readouts) + index) for index in range(firmware.tuned)]
    return QickConfig(
        {
            "board": firmware.board,
            "sw_version": get_version(),
            "fw_timestamp": "none: described, not built",
            "extra_description": [f"coldlink description {firmware.name}"],
            "refclk_freq": firmware.fast_dac.reference,
            "rf": _converters(firmware, gens, readouts),
            "gens": gens,
            "iqs": [],
            "readouts": readouts,
            "time_taggers": [],
            "tprocs": [_processor(firmware)],
            **(_captures(readouts) if firmware.captures else {}),
        }
    )


def _captures(readouts: list[dict[str, Any]]) -> dict[str, dict[str, Any]]:
    """Long records of one readout: in the DDR4 memory, and at the converter's rate."""
    paths = [readout["avgbuf_fullpath"] for readout in readouts]
    both = {"revision": 3, "version": "1.0", "trigger_type": "tport", "trigger_bit": 0}
    return {
        "ddr4_buf": both
        | {
            "type": "axis_buffer_ddr_v1",
            "fullpath": "ddr4/axis_buffer_ddr_v1_0",
            "readouts": paths,
            "burst_len": 128,
            "junk_len": 401,
            "junk_nt": 4,
            "maxlen": 2**30,
            "trigger_port": 8,
        },
        "mr_buf": both
        | {
            "type": "mr_buffer_et",
            "fullpath": "mr_buffer_et_0",
            "readouts": paths[:2],
            "junk_len": 8,
            "maxlen": 8192,
            "trigger_port": 9,
        },
    }


def _converters(firmware: Firmware, gens: list[dict[str, Any]], readouts: list[dict[str, Any]]) -> dict[str, Any]:
    """Converter blocks by name, and the tiles whose clocks come from one source."""
    tiles = sorted({int(gen["dac"][0]) for gen in gens})
    clocked = [["dac", tile] for tile in tiles if firmware.fast_dac.fabric == firmware.f_time or tile]
    free = [[["dac", tile]] for tile in tiles if ["dac", tile] not in clocked]
    adcs = [["adc", tile] for tile in sorted({int(readout["adc"][0]) for readout in readouts})]
    return {
        "dac_power": "20mA",
        "clk_groups": [*free, [*clocked, ["tproc", "timing"]], adcs],
        "dacs": {gen["dac"]: _block(gen["dac"], gen) | {"coupling": _coupling(firmware, gen)} for gen in gens},
        "adcs": {readout["adc"]: _block(readout["adc"], readout) | {"coupling": "AC"} for readout in readouts},
    }


def _coupling(firmware: Firmware, gen: dict[str, Any]) -> str:
    if firmware.board != ZCU216.board:
        return "AC"
    return "DC" if gen["type"] == "axis_signal_gen_v6" or gen["dac"] == LOAD_DAC else "AC"


def _block(name: str, config: dict[str, Any]) -> dict[str, Any]:
    clocking = {key: config[key] for key in ("fs", "fs_mult", "fs_div", "f_fabric")}
    return {"index": [int(name[0]), int(name[1])]} | clocking


def _generator(kind: str, index: int, dac: Dac, *, fdds_div: int) -> dict[str, Any]:
    return {
        "type": kind,
        "fullpath": f"{kind}_{index}",
        "tproc_ch": index,
        "fs": dac.sampling,
        "fs_mult": dac.multiplier,
        "fs_div": dac.divider,
        "fdds_div": fdds_div,
        "f_dds": dac.reference * dac.multiplier / fdds_div,
        "f_fabric": dac.fabric,
        "interpolation": dac.interpolation,
        "b_dds": 32,
        "b_phase": 32,
        "maxv": 32766,
        "has_dds": True,
    }


def _fast(firmware: Firmware, index: int) -> dict[str, Any]:
    return _generator("axis_signal_gen_v6", index, firmware.fast_dac, fdds_div=firmware.fast_dac.divider) | {
        "dac": firmware.fast_dacs[index],
        "maxv_scale": 1.0,
        "maxlen": firmware.fast_memory,
        "samps_per_clk": 16,
        "complex_env": True,
        "has_mixer": False,
    }


def _mux(index: int) -> dict[str, Any]:
    return _generator("axis_sg_mixmux8_v1", index, INTERPOLATED, fdds_div=8) | {
        "dac": "10",
        "n_tones": 8,
        "tmux_ch": 0,
        "has_gain": True,
        "has_phase": True,
        "has_mixer": True,
    }


def _interpolated(firmware: Firmware, index: int) -> dict[str, Any]:
    position = index - firmware.fast
    return _generator("axis_sg_int4_v2", index, INTERPOLATED, fdds_div=8) | {
        "dac": f"{1 + position // 4}{position % 4}",
        "maxv_scale": 0.9,
        "maxlen": firmware.interpolated_memory,
        "samps_per_clk": 1,
        "complex_env": True,
        "has_mixer": True,
    }


def _readout(firmware: Firmware, kind: str, index: int, *, fdds_div: int, output: float) -> dict[str, Any]:
    adc = firmware.adc
    return {
        "ro_type": kind,
        "ro_fullpath": f"{kind}_{index}",
        "avgbuf_fullpath": f"axis_avg_buffer_{index}",
        "avgbuf_type": "axis_avg_buffer",
        "avgbuf_version": "1.2",
        "fs": adc.sampling,
        "fs_mult": adc.multiplier,
        "fs_div": adc.divider,
        "fdds_div": fdds_div,
        "f_dds": adc.reference * adc.multiplier / fdds_div,
        "f_fabric": adc.sampling / 8,
        "f_output": output,
        "b_dds": 32,
        "b_phase": 32,
        "avg_maxlen": firmware.sums,
        "buf_maxlen": 4096,
        "has_edge_counter": False,
        "has_weights": False,
        "trigger_type": "tport",
        "trigger_port": 10 + index,
        "trigger_bit": 0,
        "tproc_ch": index,
    }


def _dynamic(firmware: Firmware, index: int) -> dict[str, Any]:
    adc = firmware.adc
    return _readout(firmware, "axis_dyn_readout_v1", index, fdds_div=adc.divider, output=adc.sampling / 8) | {
        "adc": firmware.adcs[index],
        "decimation": 1,
        "has_outsel": True,
        "iq_offset": 0.0,
        "tproc_ctrl": firmware.fast,
        "tmux_ch": 1 + index,
    }


def _tuned(firmware: Firmware, index: int) -> dict[str, Any]:
    adc = firmware.adc
    return _readout(firmware, "axis_readout_v2", index, fdds_div=adc.divider, output=adc.sampling / 8) | {
        "adc": firmware.adcs[index],
        "decimation": 1,
        "has_outsel": True,
        "iq_offset": 0.0,
    }


def _filterbank(firmware: Firmware, index: int, port: int) -> dict[str, Any]:
    adc = firmware.adc
    return _readout(firmware, "axis_pfb_readout_v4", index, fdds_div=64 * adc.divider, output=adc.sampling / 64) | {
        "ro_fullpath": "axis_pfb_readout_v4_0",
        "adc": "21",
        "decimation": 2,
        "has_outsel": False,
        "iq_offset": -0.5,
        "buf_maxlen": 1024,
        "pfb_port": port,
        "pfb_nch": 64,
        "pfb_nout": 8,
        "pfb_ch_offset": 32,
        "pfb_dds_on_output": True,
    }


def _processor(firmware: Firmware) -> dict[str, Any]:
    return {
        "type": "qick_processor",
        "version": "2.0",
        "revision": 21,
        "f_time": firmware.f_time,
        "f_core": firmware.f_core,
        "pmem_size": 4096,
        "dmem_size": 16384,
        "wmem_size": 1024,
        "dreg_qty": 16,
        "fifo_depth": 512,
        "out_trig_qty": 20,
        "out_wport_qty": 16,
        "out_dport_qty": 1,
        "out_dport_dw": 8,
        "in_port_qty": 8,
        "call_depth": 255,
        "has_arith": 1,
        "has_divider": 1,
        "has_io_ctrl": 1,
        "has_time_read": 1,
        "has_lfsr": 1,
        "has_ext_flag": 0,
        "has_qcom": 0,
        "has_qnet": 0,
        "has_custom_periph": 0,
        "start_pin": None,
        "stop_pin": None,
        "output_pins": [["trig", bit, 0, f"PMOD0_{bit}"] for bit in range(8)],
    }
