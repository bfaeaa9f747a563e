"""Core: what a tProcessor keeps between two instructions, and why its interpreter comes back."""

from typing import Final

import numpy as np

CORE: Final = np.dtype(
    [
        ("pc", "i8"),
        ("cycle", "i8"),  # of the core at which the last instruction executed
        ("reference", "i8"),
        ("zero", "i8"),
        ("sign", "i8"),
        ("flag", "i8"),
        ("depth", "i8"),  # of the return stack
        ("idle", "i8"),  # instructions since the last event
        ("executed", "i8"),
        ("injected", "i8"),  # inputs that have arrived
        # cycles at which the last instruction of a kind executed, for the hazard unit
        ("flags_at", "i8"),
        ("peripheral_at", "i8"),
        ("config_at", "i8"),
        ("jump_at", "i8"),
        ("load_at", "i8"),
        ("wave_at", "i8"),
        ("push_at", "i8"),
        ("read_at", "i8"),
        ("memory_at", "i8"),
        ("memory_to", "i8"),
    ]
)

# Why the interpreter came back
ENDED: Final = 1
FULL: Final = 2
TOO_DEEP: Final = 3
NO_CALL: Final = 4
STUCK: Final = 5
EXTERNAL: Final = 6
OUTSIDE: Final = 7

TIME_MASK: Final = (1 << 48) - 1
"""Of a time counter."""
STACK: Final = 7
"""Calls that may be nested."""
