"""Events of the processor's ports, and when they fire."""

from typing import Final

import numpy as np

# Kinds of event
WAVE: Final = 0
TRIG: Final = 1
DATA: Final = 2
COUNT: Final = 3

EVENT: Final = np.dtype(
    [
        ("kind", "i8"),
        ("port", "i8"),
        ("tick", "i8"),  # when the port fires
        ("asked", "i8"),  # the tick the program asked for
        ("pushed", "i8"),  # when the core pushed it
        ("possible", "i8"),  # the first tick at which this push could have fired
        ("reference", "i8"),  # time reference at the push
        ("address", "i8"),  # of the instruction
        ("freq", "i8"),
        ("phase", "i8"),
        ("env", "i8"),
        ("gain", "i8"),
        ("length", "i8"),
        ("conf", "i8"),
        ("value", "i8"),  # of a trigger, data port or the host's counter
        ("before", "i8"),  # the same port's value until then
        ("previous", "i8"),  # the tick that the port's previous event was asked for, -1 without one
    ]
)
FIELDS: Final = ("freq", "phase", "env", "gain", "length", "conf")
"""Of a wave."""

LATENCY: Final = 4
"""Ticks from the one asked for to the one at which a port fires."""
SPACING: Final = 3
"""Ticks between two events of a port."""
DISPATCH: Final = 17
"""Ticks from the execution of a push to the first tick at which its port can fire (crossing of two clocks)."""
