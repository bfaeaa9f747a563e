"""The tick at which an output bit goes up, and the ticks at which repetitions begin."""

import numpy as np

from coldlink.instruments.simulated.board.processor.event import COUNT, DATA, EVENT, LATENCY, TRIG
from coldlink.instruments.simulated.board.repetitions.origins import Origins
from coldlink.instruments.simulated.board.rising import Rising, pin


def block(*rows: dict[str, int]) -> np.ndarray:
    events = np.zeros(len(rows), EVENT)
    for event, row in zip(events, rows, strict=True):
        for name, value in row.items():
            event[name] = value
    return events


def test_the_first_rise_of_one_bit_counts_in_all_blocks() -> None:
    bit = Rising("dport", 2, 1)
    bit.see(block({"kind": DATA, "port": 2, "value": 1, "tick": 10}, {"kind": TRIG, "port": 2, "value": 2, "tick": 11}))
    assert bit.tick is None
    held = {"kind": DATA, "port": 2, "value": 3, "before": 2, "tick": 20}
    bit.see(block(held, {"kind": DATA, "port": 2, "value": 3, "before": 1, "tick": 30}))
    bit.see(block({"kind": DATA, "port": 2, "value": 3, "before": 1, "tick": 40}))
    assert bit.tick == 30 - LATENCY


def test_a_pin_of_a_trigger_port_has_one_bit() -> None:
    found = pin({"output_pins": [["trig", 3, 0, "PMOD0_0"], ["dport", 0, 5, "PMOD1_5"]]}, 0)
    found.see(block({"kind": TRIG, "port": 3, "value": 1, "tick": 100}))
    assert found.tick == 100 - LATENCY
    assert pin({"output_pins": [["trig", 3, 0, "PMOD0_0"], ["dport", 0, 5, "PMOD1_5"]]}, 1).bit == 5


def test_repetitions_begin_at_the_reference_of_the_first_event_after_a_count() -> None:
    rows = [
        {"kind": TRIG, "reference": 5},
        {"kind": TRIG, "reference": 9},
        {"kind": COUNT, "reference": 9},
        {"kind": TRIG, "reference": 20},
        {"kind": COUNT, "reference": 30},
        {"kind": TRIG, "reference": 40},
    ]
    for cut in range(len(rows) + 1):
        origins = Origins()
        for part in (rows[:cut], rows[cut:]):
            origins.see(block(*part))
        assert origins.ticks(2).tolist() == [5, 20]
