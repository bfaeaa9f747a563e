from dataclasses import replace

import numpy as np
import pytest

from coldlink.instruments.qick.image import Image, image
from coldlink.sequences import Sequence
from coldlink.sequences.protocols import handshake, measure
from coldlink.sequences.units import ns

from .programs import CONFIG, LINK, A, B, executed, lowered, scaled

SEQUENCE = Sequence().play(A.drive, A.x180).then(handshake(LINK)).then(measure(B))


def loaded(sequence: Sequence = SEQUENCE, shots: int = 3) -> Image:
    return image(lowered(sequence, shots=shots))


def test_the_hash_is_the_same_for_two_compilations() -> None:
    assert loaded().sha256 == loaded().sha256
    assert len(loaded().sha256) == 64


def test_the_hash_changes_with_a_gain_a_time_an_envelope_a_setting_and_the_shots() -> None:
    gain = Sequence().play(A.drive, scaled(A.x180, 0.999)).then(handshake(LINK)).then(measure(B))
    line = replace(LINK, line=replace(LINK.line, gap=LINK.line.gap + 1 * ns))
    time = Sequence().play(A.drive, A.x180).then(handshake(line)).then(measure(B))
    tone = replace(B, tone=replace(B.tone, amplitude=B.tone.amplitude * 1.01))
    setting = Sequence().play(A.drive, A.x180).then(handshake(LINK)).then(measure(tone))
    hashes = {loaded().sha256, loaded(shots=4).sha256, *(loaded(found).sha256 for found in (gain, time, setting))}
    assert len(hashes) == 5


@pytest.mark.parametrize("memory", ["pmem", "wmem"])
def test_the_hash_changes_with_every_word(memory: str) -> None:
    first = loaded()
    words = getattr(first, memory).copy()
    words[-1, 0] ^= 1
    assert replace(first, **{memory: words}).sha256 != first.sha256


def test_the_hash_tells_the_memories_apart() -> None:
    empty = Image(
        pmem=np.zeros((1, 8), np.int32),
        wmem=np.zeros((0, 8), np.int32),
        dmem=np.zeros(0, np.int32),
        envelopes=(),
        registers=(),
    )
    moved = replace(empty, pmem=empty.wmem, wmem=empty.pmem)
    assert empty.sha256 != moved.sha256


def test_an_image_holds_what_a_board_is_loaded_with() -> None:
    program = lowered(SEQUENCE)
    found, soc = image(program), executed(program)
    assert found.pmem.tolist() == np.asarray(program.binprog["pmem"]).astype(np.int32).tolist()
    assert len(found.wmem) == len(program.binprog["wmem"])
    for generator, address, samples in found.envelopes:
        assert np.array_equal(soc.wiring.generator(generator).memory[address : address + len(samples)], samples)
    assert any('"set_mixer_freq", [6' in call for call in found.registers)
    assert any('"config_avg", [3]' in call for call in found.registers)


def test_taking_an_image_leaves_the_program_as_it_was() -> None:
    program = lowered(SEQUENCE)
    assert image(program).sha256 == image(program).sha256
    assert CONFIG["gens"][0]["type"] == "axis_signal_gen_v6"
