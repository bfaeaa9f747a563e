"""The generator core, and what it takes of a wave word, against records of the upstream HDL."""

import gzip
import json
from fractions import Fraction
from pathlib import Path

import numpy as np
import pytest

from coldlink.instruments.simulated.board.converters.generators import DDS, INPUT, PRODUCT, Generator
from coldlink.instruments.simulated.board.converters.readouts import Readout
from coldlink.instruments.simulated.board.converters.signal_gen import LATENCY, CoreWave, samples

from ..programs import CONFIG, FLUX

F_TIME = float(CONFIG["tprocs"][0]["f_time"])
FIELDS = ("freq", "phase", "env", "gain", "length", "conf")
RECORDS = sorted((Path(__file__).parents[1] / "golden").glob("sg_v6_*.npz"))


@pytest.mark.parametrize("path", RECORDS, ids=lambda path: path.stem)
def test_every_sample_is_that_of_the_hdl(path: Path) -> None:
    record = np.load(path)
    names = ("push", "freq", "phase", "address", "gain", "length", "conf")
    waves = [CoreWave(**dict(zip(names, map(int, row), strict=True))) for row in record["waves"]]
    memory = np.stack([record["env_i"], record["env_q"]], axis=1)
    first, last = int(record["cycle"][0]), int(record["cycle"][-1])
    assert int(record["latency_push_to_first_sample"]) == LATENCY
    out, playing = samples(waves, memory, first=first, last=last, origin=int(record["phase_origin_cycle"]))
    assert np.array_equal(out, record["samples"])
    assert np.array_equal(playing, record["valid"] > 0)


def test_all_recorded_cases_are_there() -> None:
    assert len(RECORDS) == 13


def translated() -> list[tuple[dict[str, int], dict[str, int], int]]:
    """Fields of a wave word, those of the generator's word made of it, and the readout's word."""
    with gzip.open(Path(__file__).parents[1] / "golden" / "sg_translator.json.gz", "rt", encoding="utf-8") as file:
        records = json.load(file)
    assert len(records) == 150
    waves = [dict(zip(FIELDS, record["wave"], strict=True)) for record in records]
    return [(wave, one["gen_v6"], int(one["readout_word"], 16)) for wave, one in zip(waves, records, strict=True)]


def test_a_generator_takes_of_a_wave_word_what_the_hdl_hands_to_it() -> None:
    unit = Generator(FLUX, CONFIG["gens"][FLUX], F_TIME)
    unit.load(np.full((16 * 400, 2), 1000, np.int16), 0)
    played = 0
    for wave, word, _ in translated():
        taken = unit.taken(wave)
        assert (taken["gain"], taken["length"], taken["env"]) == (word["gain"] & 0xFFFF, word["nsamp"], word["addr"])
        if word["nsamp"] < 3 or not word["stdysel"]:
            continue
        (tone,) = unit.tones(taken, 0)
        turning = word["outsel"] in (PRODUCT, DDS)
        assert (tone.word, tone.phase) == (word["freq"] * turning, Fraction(word["phase"], 2**32) * turning)
        assert (tone.cycles, tone.periodic, tone.reset) == (word["nsamp"], bool(word["mode"]), bool(word["phrst"]))
        played += 1
    assert played > 30


def test_a_readout_takes_of_a_wave_word_what_the_hdl_hands_to_it() -> None:
    unit = Readout(0, CONFIG["readouts"][0], F_TIME)
    driven = 0
    for wave, _, word in translated():
        if word >> 80 & 3 in (PRODUCT, INPUT):
            local = unit.drive(wave, [])
            mixed = word % 2**32 if word >> 80 & 3 == PRODUCT else 0
            assert local.frequency == -mixed * unit.step % unit.sampling
            assert (local.phase, local.reset) == (Fraction(word >> 32 & 0xFFFFFFFF, 2**32), bool(word >> 83 & 1))
            driven += 1
    assert driven > 30
