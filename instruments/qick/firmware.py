"""Firmware: a description of a ZCU216-like QICK board, and the `soccfg` that the vendor's compiler reads."""

from dataclasses import dataclass
from typing import Any

from qick.qick_asm import QickConfig, get_version

REFERENCE = 245.76
"""Reference clock of the converters (MHz)."""


@dataclass(frozen=True, kw_only=True)
class Dac:
    """Clocking of a DAC tile: sampling at REFERENCE * multiplier / divider, `interpolation` inside the converter."""

    multiplier: int
    divider: int
    interpolation: int

    @property
    def sampling(self) -> float:
        """(MHz)."""
        return REFERENCE * self.multiplier / self.divider

    @property
    def fabric(self) -> float:
        """Clock of the logic, 16 converter samples long (MHz)."""
        return self.sampling / 16


@dataclass(frozen=True, kw_only=True)
class Firmware:
    """Which blocks a bitstream holds.

    fast: Full-speed generators (axis_signal_gen_v6), DC coupled. interpolated: axis_sg_int4_v2. One axis_sg_mixmux8_v1
    sits between them, eight tones on one converter. dynamic, filterbank: Readouts (axis_dyn_readout_v1,
    axis_pfb_readout_v4). fast_memory, interpolated_memory: Envelope samples of each generator.
    """

    name: str
    fast: int = 4
    fast_memory: int = 65536
    interpolated: int = 11
    interpolated_memory: int = 16384
    dynamic: int = 2
    filterbank: int = 8


ZCU216 = Firmware(name="zcu216")
FAST = Dac(multiplier=39, divider=1, interpolation=1)
INTERPOLATED = Dac(multiplier=56, divider=2, interpolation=4)
ADC_MULTIPLIER, ADC_DIVIDER = 40, 4
LOAD_DAC = "11"
"""The interpolated output that leaves through a DC-coupled amplifier, for the coupler of the load."""


def soccfg(firmware: Firmware = ZCU216) -> QickConfig:
    """Configuration of `firmware` as the vendor's compiler reads it from a board."""
    gens = [_fast(firmware, index) for index in range(firmware.fast)]
    gens.append(_mux(firmware.fast))
    gens += [_interpolated(firmware, firmware.fast + 1 + index) for index in range(firmware.interpolated)]
    readouts = [_dynamic(firmware, index) for index in range(firmware.dynamic)]
    readouts += [_filterbank(firmware.dynamic + index, index) for index in range(firmware.filterbank)]
    return QickConfig(
        {
            "board": "ZCU216",
            "sw_version": get_version(),
            "fw_timestamp": "none: described, not built",
            "extra_description": [f"coldlink description {firmware.name}"],
            "refclk_freq": REFERENCE,
            "rf": _converters(gens, readouts),
            "gens": gens,
            "iqs": [],
            "readouts": readouts,
            "time_taggers": [],
            "tprocs": [_processor()],
        }
    )


def _converters(gens: list[dict[str, Any]], readouts: list[dict[str, Any]]) -> dict[str, Any]:
    """Converter blocks by name, and the tiles whose clocks come from one source."""
    return {
        "dac_power": "20mA",
        "clk_groups": [[["dac", 0]], [["dac", 1], ["dac", 2], ["dac", 3], ["tproc", "timing"]], [["adc", 2]]],
        "dacs": {gen["dac"]: _block(gen["dac"], gen) | {"coupling": _coupling(gen)} for gen in gens},
        "adcs": {readout["adc"]: _block(readout["adc"], readout) | {"coupling": "AC"} for readout in readouts},
    }


def _coupling(gen: dict[str, Any]) -> str:
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
        "f_dds": REFERENCE * dac.multiplier / fdds_div,
        "f_fabric": dac.fabric,
        "interpolation": dac.interpolation,
        "b_dds": 32,
        "b_phase": 32,
        "maxv": 32766,
        "has_dds": True,
    }


def _fast(firmware: Firmware, index: int) -> dict[str, Any]:
    return _generator("axis_signal_gen_v6", index, FAST, fdds_div=FAST.divider) | {
        "dac": f"0{index}",
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


def _readout(kind: str, index: int, *, fdds_div: int, output: float) -> dict[str, Any]:
    return {
        "ro_type": kind,
        "ro_fullpath": f"{kind}_{index}",
        "avgbuf_fullpath": f"axis_avg_buffer_{index}",
        "avgbuf_type": "axis_avg_buffer",
        "avgbuf_version": "1.2",
        "fs": REFERENCE * ADC_MULTIPLIER / ADC_DIVIDER,
        "fs_mult": ADC_MULTIPLIER,
        "fs_div": ADC_DIVIDER,
        "fdds_div": fdds_div,
        "f_dds": REFERENCE * ADC_MULTIPLIER / fdds_div,
        "f_fabric": 307.2,
        "f_output": output,
        "b_dds": 32,
        "b_phase": 32,
        "avg_maxlen": 8192,
        "buf_maxlen": 4096,
        "has_edge_counter": False,
        "has_weights": False,
        "trigger_type": "tport",
        "trigger_port": 10 + index,
        "trigger_bit": 0,
        "tproc_ch": index,
    }


def _dynamic(firmware: Firmware, index: int) -> dict[str, Any]:
    return _readout("axis_dyn_readout_v1", index, fdds_div=ADC_DIVIDER, output=307.2) | {
        "adc": f"2{2 * index}",
        "decimation": 1,
        "has_outsel": True,
        "iq_offset": 0.0,
        "tproc_ctrl": firmware.fast,
        "tmux_ch": 1 + index,
    }


def _filterbank(index: int, port: int) -> dict[str, Any]:
    return _readout("axis_pfb_readout_v4", index, fdds_div=256, output=38.4) | {
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


def _processor() -> dict[str, Any]:
    return {
        "type": "qick_processor",
        "version": "2.0",
        "revision": 21,
        "f_time": INTERPOLATED.fabric,
        "f_core": 200.0,
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
