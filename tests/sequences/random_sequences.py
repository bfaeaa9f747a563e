"""Random sequences that the small board can play, for properties that hold for all of them."""

from dataclasses import replace
from typing import Any

from hypothesis import strategies as st

from coldlink.sequences import Sequence
from coldlink.sequences.sequence import Acquire, Align, Delay, Element, Play, ShiftPhase
from coldlink.sequences.units import ns

from .small import COUPLER, DRIVE_A, DRIVE_B, FLUX, LOAD, PI, READ_A, SHORT_TONE, TICK, flat

DRIVES = st.sampled_from([DRIVE_A, DRIVE_B])
FLUXES = st.sampled_from([FLUX, COUPLER, LOAD])
TICKS = st.integers(3, 60).map(lambda count: count * TICK)
TIMES = st.floats(0, 80).map(lambda time: time * ns)
LENGTHS = st.floats(8, 60).map(lambda time: time * ns)

ELEMENTS: st.SearchStrategy[Element] = st.one_of(
    st.builds(Play, DRIVES, TICKS.map(lambda duration: replace(PI, duration=duration))),
    st.builds(Play, FLUXES, LENGTHS.map(flat)),
    st.builds(Delay, DRIVES, TICKS),
    st.builds(Delay, FLUXES, TIMES),
    st.builds(ShiftPhase, DRIVES, st.floats(-3, 3)),
    st.builds(Acquire, st.just(READ_A), st.just(SHORT_TONE)),
    st.builds(Align, st.lists(st.one_of(DRIVES, FLUXES, st.just(READ_A)), unique=True).map(tuple)),
)


def sequences(**sizes: Any) -> st.SearchStrategy[Sequence]:
    return st.lists(ELEMENTS, **{"min_size": 1, "max_size": 12} | sizes).map(lambda found: Sequence(tuple(found)))
