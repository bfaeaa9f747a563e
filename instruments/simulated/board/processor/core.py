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
        ("flag", "i8"),  # the program's own
        ("level", "i8"),  # of the flag that conditions see
        ("depth", "i8"),  # of the return stack
        ("wraps", "i8"),  # 1: it goes on where that has overflowed, as the board does
        ("idle", "i8"),  # instructions since the last event
        ("executed", "i8"),
        ("injected", "i8"),  # inputs that have arrived
        ("fresh", "i8"),  # a bit for each port with an input since the program last cleared it
        ("waiting", "i8"),  # results under way
        ("random_since", "i8"),  # cycle of s1's last value
        ("random_until", "i8"),  # s1 holds up every instruction before this cycle
        ("until", "i8"),  # address of a breakpoint, -1 without one
        ("visits", "i8"),  # of it until the interpreter stops
        ("attended", "i8"),  # 1: the interpreter also stops before an instruction that can see an input; 2: before each
        ("standing", "i8"),  # 1: it stands where it has stopped
        # how often a full queue has held it; and for the first time: kind << 8 | port, address, until which tick, s12
        ("held", "i8"),
        ("held_port", "i8"),
        ("held_pc", "i8"),
        ("held_until", "i8"),
        ("held_count", "i8"),
        # first cycle at which a unit is free again, and at which its "new" bit was last cleared
        ("arith_ready", "i8"),
        ("arith_cleared", "i8"),
        ("divide_ready", "i8"),
        ("divide_cleared", "i8"),
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

PORT: Final = np.dtype(
    [
        ("pushes", "i8"),
        ("slot", "i8"),  # of the queue that comes next
        ("fires", "i8"),  # tick of the last push
        ("asked", "i8"),  # tick that it asked for
        ("level", "i8"),  # the port's value
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
BREAK: Final = 8
INPUT: Final = 9

EACH: Final = 2
"""Of `attended`: the interpreter stops before each instruction."""

TIME_MASK: Final = (1 << 48) - 1
"""Of a time counter."""
STACK: Final = 7
"""Calls that may be nested; one more makes the pointer wrap to 0, which counts as empty."""
UNDER_WAY: Final = 32
"""Results that can be under way at once (more than there can be)."""


def reset() -> np.ndarray[tuple[int], np.dtype[np.void]]:
    """The core before its first instruction, an array of one CORE."""
    core = np.zeros(1, CORE)
    for name in CORE.names or ():
        if name.endswith(("_at", "_ready")):
            core[name] = -100
    core["memory_to"] = core["until"] = -1
    return core
