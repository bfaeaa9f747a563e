"""Absent: names that the vendor's documentation uses on a board, of things that the twin does not have."""

from dataclasses import dataclass
from fnmatch import fnmatchcase
from typing import Final

from ....sequences.errors import BoardError

_REASONS: Final = {
    "the daughter cards of a QICK box are not simulated; put their attenuation and filters into a Cable's gain": (
        "rfb_*",
        "adc_chains",
        "board_sel",
        "dac_chains",
    ),
    "the network between boards (XCOM) is not simulated; give boards a common start with Boards": (
        "check_ext_clk",
        "init_tile_sync",
        "sync_tiles",
        "verify_clock_tree",
        "xcom*",
    ),
    "a processor has one core, in the vendor's package as well; play from it on all generators": (
        "load_config",
        "num_tprocs",
        "start_core",
        "wait_core",
    ),
    "time taggers are not simulated; use the accumulated I and Q": ("time_taggers", "tt_*"),
    "the converters' own settings are not simulated; put an attenuation into a Cable's gain": (
        "clocks_locked",
        "freeze_adc_cals",
        "get_adc_attenuator",
        "rf",
        "set_adc_attenuator",
        "unfreeze_adc_cals",
    ),
    "outputs of constant I and Q are not simulated; play a periodic pulse": ("set_iq",),
}


@dataclass
class AbsentError(BoardError, AttributeError):
    """The twin has no such attribute, as `hasattr` is told, and why."""


def absent(name: str) -> AbsentError:
    """Why a board of the twin has no attribute of this name."""
    for reason, names in _REASONS.items():
        if any(fnmatchcase(name, pattern) for pattern in names):
            return AbsentError(f"{name}: {reason}")
    return AbsentError(f"the twin has no {name!r}: it answers what the vendor's programs call on a board")
