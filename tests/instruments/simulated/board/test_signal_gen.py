"""The generator core against samples recorded from the upstream HDL."""

from pathlib import Path

import numpy as np
import pytest

from coldlink.instruments.simulated.board.signal_gen import LATENCY, CoreWave, samples

RECORDS = sorted((Path(__file__).parent / "golden").glob("sg_v6_*.npz"))


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
