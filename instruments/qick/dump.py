"""Dump: a program of the vendor as `dump_prog()` writes it, assembled again without its board."""

from collections.abc import Mapping
from copy import deepcopy
from typing import Any

from ...sequences.errors import BoardError


def assemble(dump: Mapping[str, Any]) -> dict[str, Any]:
    """Memories "pmem", "wmem", "dmem" and the text "asm" of a dumped tProcessor v2 program.

    dump: With "prog_list", "labels" and "waves"; from JSON or straight from the program. BoardError if it is another.
    """
    from qick.asm_v2 import Waveform
    from qick.tprocv2_assembler import Assembler

    try:
        commands, labels = [dict(command) for command in dump["prog_list"]], dict(dump["labels"])
        # The assembler writes into what it is given.
        asm = Assembler.list2asm(deepcopy(commands), labels)
        _, pmem = Assembler.list2bin(deepcopy(commands), labels)
        wmem = [Waveform(**dict(wave)).compile().tolist() for wave in dump["waves"]]
    except (KeyError, TypeError, ValueError, RuntimeError, AttributeError, IndexError) as error:
        raise BoardError(f"this program cannot be assembled: {type(error).__name__}: {error}") from error
    return {"pmem": pmem, "wmem": wmem, "dmem": dump.get("dmem") or [], "asm": asm}
