"""What a readout's registers mean at the converter's input."""

from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st

from coldlink.instruments.simulated.board.converters.readouts import Readout, readout
from coldlink.sequences.errors import BoardError

from ..programs import CONFIG, READOUTS

F_TIME = float(CONFIG["tprocs"][0]["f_time"])


@given(frequency=st.floats(100.0, 7300.0), flip=st.booleans())
def test_the_registers_of_a_filter_bank_give_back_the_frequency_they_were_made_for(
    frequency: float, flip: bool
) -> None:
    config = CONFIG["readouts"][READOUTS[0]]
    registers = CONFIG.calc_ro_regs(config, 0, "product")
    CONFIG.calc_ro_freq(config, {"freq": frequency, "gen_ch": None}, registers, True, 0.0, flip)
    unit = Readout(READOUTS[0], config, F_TIME)
    unit.tune(registers)
    assert unit.local is not None
    assert float(unit.local.frequency) * F_TIME == pytest.approx(registers["f_rounded"], abs=1e-5)


def test_a_driven_readout_listens_in_the_zone_of_the_tone_that_is_played() -> None:
    unit = Readout(0, CONFIG["readouts"][0], F_TIME)
    assert unit.driven
    word = CONFIG.freq2reg_adc(-6350.0, ro_ch=0)
    wave = {"freq": word, "phase": 0, "env": 0, "gain": 0, "length": 3, "conf": 0x100}
    tone = unit.step * 2**32 * 6350 / 2457.6
    assert float(unit.drive(wave, [tone]).frequency) * F_TIME == pytest.approx(6350, abs=1e-3)
    assert float(unit.drive(wave, []).frequency) * F_TIME == pytest.approx(6350 - 2 * 2457.6, abs=1e-3)


def test_a_phase_reset_makes_the_phase_count_from_its_tick() -> None:
    unit = Readout(0, CONFIG["readouts"][0], F_TIME)
    word = CONFIG.freq2reg_adc(-100.0, ro_ch=0)
    found = unit.drive({"freq": word, "phase": 2**30, "conf": 0x110}, [], 1400)
    assert (found.reset, found.since, found.phase) == (True, 1400, Fraction(1, 4))
    later = found.after(5600, None)
    assert later.since is None
    # At the tick of the reset, the phase is the one that was asked for.
    assert (later.phase + later.frequency * (1400 + 5600)) % 1 == Fraction(1, 4)
    assert found.after(11200, later).recurring


def test_the_input_of_a_readout_is_heard_at_a_standing_oscillator() -> None:
    unit = Readout(0, CONFIG["readouts"][0], F_TIME)
    assert unit.drive({"freq": 14005, "phase": 0, "conf": 2}, []).frequency == 0
    with pytest.raises(BoardError, match="hear no input"):
        unit.drive({"freq": 14005, "phase": 0, "conf": 1}, [])


@pytest.mark.parametrize("frequency", [100.0, 1500.0, 3000.0])
def test_a_readout_that_the_host_tunes_hears_the_frequency_it_was_asked_for(frequency: float) -> None:
    config = {**CONFIG["readouts"][0], "ro_type": "axis_readout_v2"}
    del config["tproc_ctrl"]
    registers = CONFIG.calc_ro_regs(config, 0, "product")
    CONFIG.calc_ro_freq(config, {"freq": frequency, "gen_ch": None}, registers, True, 0.0, True)
    unit = readout(0, config, F_TIME)
    assert unit is not None
    unit.tune(registers)
    assert unit.local is not None
    assert float(unit.local.frequency) * F_TIME == pytest.approx(frequency, abs=1e-5)


@given(frequency=st.floats(20.0, 7300.0))
def test_the_small_filter_bank_gives_back_its_frequency_without_a_phase(frequency: float) -> None:
    base = CONFIG["readouts"][READOUTS[0]]
    sizes = {"pfb_nch": 8, "pfb_nout": 4, "pfb_ch_offset": 4, "f_dds": base["fs"] / 4, "fdds_div": 16}
    config = {**base, **sizes, "ro_type": "axis_pfb_readout_v2", "has_outsel": True}
    del config["b_phase"]
    registers = CONFIG.calc_ro_regs(config, 0, "product")
    CONFIG.calc_ro_freq(config, {"freq": frequency, "gen_ch": None}, registers, True, 0.0, True)
    unit = readout(READOUTS[0], config, F_TIME)
    assert unit is not None
    unit.tune(registers)
    assert unit.local is not None
    assert float(unit.local.frequency) * F_TIME == pytest.approx(registers["f_rounded"], abs=1e-5)


def test_an_empty_window_is_refused() -> None:
    with pytest.raises(BoardError, match="0 samples on readout 2"):
        Readout(2, CONFIG["readouts"][2], F_TIME).set_length(0)
