"""Macros: the line of the user's program that each instruction comes from."""

from collections.abc import Mapping
from typing import Any, Final

from ...sequences.errors import BoardError

_CHANGED: Final = "they have changed since they were compiled; compile the program again"
_FOUND_BY_COMPILING: Final = ("t_params", "t_regs", "outdict", "trigset")


def macros(program: Any) -> list[str]:
    """The macro behind each word of the program memory of a compiled `QickProgramV2`; "" for the assembler's own.

    The vendor's compiler keeps no record of it, so the macros are translated once more. BoardError for a program
    without macros, such as one from `load_prog`, and for macros that do not translate to what was compiled.
    """
    if not getattr(program, "macro_list", None):
        raise BoardError("this program holds no macros; take the one that they were written in, not one from a dump")
    if program.binprog is None:
        program.compile()
    try:
        return _Translation(program).all()
    except (AttributeError, KeyError, IndexError) as error:
        raise BoardError(f"the macros cannot be translated: {_CHANGED}") from error


class _Translation:
    """Stands where the program would while its macros are translated again."""

    def __init__(self, program: Any) -> None:
        self._program = program
        self.loop_stack: list[tuple[str, int]] = []
        self._commands: list[str] = []
        self._texts = [""]

    def __getattr__(self, name: str) -> Any:
        return getattr(self._program, name)

    def all(self) -> list[str]:
        """One text a word."""
        from qick.asm_v2 import WriteReg

        for name, register in self._program.reg_dict.items():
            if register.init is not None:
                self._translate(WriteReg(dst=name, src=register.init.start), "start of a sweep: ")
        for macro in self._program.macro_list:
            self._translate(macro)
        expected = [command["CMD"] for command in self._program.prog_list[1:]]
        if self._commands != expected or len(self._texts) != self._program.p_addr:
            raise BoardError(f"the macros do not give the program's {self._program.p_addr} words: {_CHANGED}")
        return self._texts

    def _translate(self, macro: Any, prefix: str = "") -> None:
        begin, loops = len(self._texts), [name for name, _ in self.loop_stack]
        macro.translate(self)
        closed = {"name": loops[-1]} if len(self.loop_stack) < len(loops) else {}
        self._texts[begin:] = [prefix + _text(macro, closed)] * (len(self._texts) - begin)

    def _add_asm(self, inst: Mapping[str, Any], addr_inc: int = 1) -> None:
        """As the program's: one more instruction."""
        self._commands.append(inst["CMD"])
        self._texts += [""] * addr_inc

    def _add_label(self, label: str) -> None:
        """As the program's; labels are known."""


def _text(macro: Any, more: Mapping[str, Any]) -> str:
    fields = {name: value for name, value in vars(macro).items() if name not in _FOUND_BY_COMPILING}
    given = fields.pop("inst", {}) | {name: value for name, value in fields.items() if name != "addr_inc"} | more
    said = (f"{name}={_value(value)}" for name, value in given.items() if not (value is None or value is False))
    return f"{type(macro).__name__}({', '.join(part for part in said if not part.endswith('=[]'))})"


def _value(value: Any) -> str:
    """Of a field; a swept time by its start and its spans (us)."""
    if hasattr(value, "spans"):
        return " + ".join([_value(value.start), *(f"{_value(span)} over {loop}" for loop, span in value.spans.items())])
    return f"{value:.9g}" if isinstance(value, float) else repr(value)
