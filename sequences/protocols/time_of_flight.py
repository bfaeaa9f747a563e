"""Time of flight: short tones whose echo is looked for at many delays."""

import math
from collections.abc import Mapping
from dataclasses import replace

from ..link import Node
from ..pulse import ReadoutPulse
from ..sequence import Sequence


def time_of_flight(node: Node, delays: Mapping[str, float], *, tone: ReadoutPulse, cycle: float) -> Sequence:
    """Play `tone` and open its window after each of `delays` (label -> s); dimension `delay`.

    cycle: After which the clocks of starts and windows coincide (s). Each tone starts so that its window opens on such
    a coincidence, and not up to a period of the window's clock later.
    """
    options = {}
    for label, delay in delays.items():
        lead = math.ceil(delay / cycle - 1e-6) * cycle - delay
        listening = replace(tone, delay=delay)
        options[label] = Sequence().delay(node.readout, lead).acquire(node.readout, listening)
    return Sequence().choose("delay", options)
