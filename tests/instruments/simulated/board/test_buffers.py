"""The memories behind a board's readouts."""

import numpy as np
import pytest

from coldlink.instruments.simulated.board.buffers import Buffers, Memory
from coldlink.sequences.errors import BoardError

CONFIG = [{"avg_maxlen": 64, "buf_maxlen": 128}] * 2


def numbers(count: int, first: int = 0) -> np.ndarray:
    return np.stack([np.arange(first, first + count)] * 2, axis=1)


def test_the_newest_results_overwrite_the_oldest() -> None:
    ring = Memory("ring", 8, 1000)
    ring.arm(6)
    ring.write(numbers(4))
    assert ring.read(6, 4)[:, 0].tolist() == [0, 1, 2, 3]
    ring.write(numbers(20, 100))
    assert ring.next == (6 + 24) % 8
    assert ring.read(ring.next, 8)[:, 0].tolist() == list(range(112, 120))


def test_more_words_than_there_are_cannot_be_read() -> None:
    with pytest.raises(BoardError, match="ring holds 8 words, 9 were asked for"):
        Memory("ring", 8, 1000).read(0, 9)
    with pytest.raises(BoardError, match="None were asked for"):
        Memory("ring", 8, 1000).read(0, None)


def test_a_word_that_is_too_large_is_told_with_its_limit() -> None:
    with pytest.raises(BoardError, match="ring overflows: 1000 does not fit, the limit is 999"):
        Memory("ring", 8, 1000).write(np.array([[0, -1000]]))


def test_portions_fill_a_tenth_of_the_smallest_buffer_and_keep_the_order() -> None:
    buffers = Buffers(CONFIG)
    data = [numbers(100).reshape(100, 1, 2), numbers(200).reshape(100, 2, 2)]
    portions = buffers.portions(data, [0, 1], 100, None)
    assert [count for count, _ in portions] == [3] * 33 + [1]
    assert np.concatenate([arrays[1] for _, (arrays, _) in portions])[:, 0].tolist() == list(range(200))
    assert buffers.sums[1].read((200 - 64) % 64, 64).shape == (64, 2)
    assert set(buffers.sums[1].words[:, 0]) == set(range(136, 200))


def test_a_portion_that_overruns_the_buffer_gives_what_the_ring_holds() -> None:
    buffers = Buffers(CONFIG)
    [(channel, shot, read, why)] = buffers.overruns([0], [2], 100, 40)
    assert (channel, shot, read) == (0, 32, 0)
    assert "overflows: 80 unread results, it holds 64, and the newest overwrite the oldest; read in smaller" in why
    (count, ([words], _)), *_ = buffers.portions([numbers(200).reshape(100, 2, 2)], [0], 100, 40)
    ring = np.zeros(64, int)
    for number in range(80):
        ring[number % 64] = number
    assert count == 40
    assert words[:, 0].tolist() == [int(ring[place % 64]) for place in range(80)]


def test_a_full_buffer_is_told_of_and_loses_nothing() -> None:
    buffers = Buffers(CONFIG)
    assert [found[:3] for found in buffers.overruns([0, 1], [2, 1], 32, 32)] == [(0, 31, 1)]
    ((_, ([words], _)),) = buffers.portions([numbers(64).reshape(32, 2, 2)], [0], 32, 32)
    assert words[:, 0].tolist() == list(range(64))
