"""What a readout's registers mean at the converter's input."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from coldlink.instruments.simulated.board.readouts import Readout
from coldlink.sequences.errors import BoardError

from .programs import CONFIG, READOUTS

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
    assert float(unit.drive(wave, []).frequency) * F_TIME == pytest.approx(7372.8 - 6350, abs=1e-3)


def test_a_phase_reset_of_a_readout_is_refused() -> None:
    unit = Readout(0, CONFIG["readouts"][0], F_TIME)
    with pytest.raises(BoardError, match="phase reset"):
        unit.drive({"freq": 0, "phase": 0, "conf": 0x110}, [])


def test_an_empty_window_is_refused() -> None:
    with pytest.raises(BoardError, match="0 samples on readout 2"):
        Readout(2, CONFIG["readouts"][2], F_TIME).set_length(0)
