"""Random loops: programs in the vendor's assembler that repeat themselves, or nearly so."""

from dataclasses import dataclass, field

from numpy.random import Generator, default_rng
from qick.tprocv2_assembler import Assembler

from coldlink.instruments.simulated.board.processor.host import Host, RandomStep

from .random_programs import RandomProgram

ROWS, WORDS = 8, 16


@dataclass
class Drawing:
    """Lines of one repetition, being drawn. wild: Lines that may differ in each repetition are among them."""

    rng: Generator
    wild: bool
    lines: list[str] = field(default_factory=list)
    labels: int = 0

    def below(self, limit: int) -> int:
        return int(self.rng.integers(limit))

    def chance(self, probability: float) -> bool:
        return bool(self.rng.random() < probability)

    def data(self) -> str:
        return f"r{2 + self.below(6)}"

    def time(self) -> str:
        return f"@{self.below(1200)}" if self.chance(0.8) else ""

    def one(self, *choices: str) -> str:
        return choices[self.below(len(choices))]

    def condition(self) -> str:
        return self.one("Z", "NZ", "S", "NS")

    def operation(self, *more: str) -> str:
        return f"{self.data()} {self.one('+', '-', 'AND', *more)} {self.operand()}"

    def operand(self) -> str:
        return f"#{self.below(2000) - 1000}" if self.chance(0.5) else self.data()

    def tame(self) -> None:
        """A line that may well be the same each time."""
        self.lines += [
            lambda: [f"WPORT_WR p{self.below(4)} wmem [&{self.below(ROWS)}] {self.time()}"],
            lambda: [f"WPORT_WR p{self.below(4)} wmem [&{self.below(ROWS)}] {self.time()}"],
            lambda: [f"REG_WR r_wave wmem [&{self.below(ROWS)}]", f"WPORT_WR p{self.below(4)} r_wave {self.time()}"],
            lambda: [f"TRIG p{8 + self.below(2)} {self.one('set', 'clr')} {self.time()}"],
            lambda: [f"DPORT_WR p1 imm {self.below(256)} {self.time()}"],
            lambda: [f"DPORT_WR p1 reg {self.data()} {self.time()}"],
            lambda: [f"REG_WR {self.data()} imm #{self.below(4000) - 2000}"],
            lambda: [f"REG_WR {self.data()} op -op({self.operation('XOR', 'OR')})"],
            lambda: [f"REG_WR {self.data()} op -op({self.operation()}) -if({self.condition()})"],
            lambda: [f"REG_WR {self.data()} dmem [&{self.below(WORDS)}]"],
            lambda: [f"DMEM_WR [&{self.below(WORDS)}] op -op({self.operation()})"],
            lambda: [f"REG_WR s14 imm #{self.below(1200)}"],
            lambda: [f"TEST -op({self.operation()})"],
            lambda: [f"REG_WR w{3 + self.below(2)} op -op(w3 + {self.operand()})", f"WMEM_WR [&{self.below(ROWS)}]"],
            lambda: [f"WAIT time @{self.below(1500)}"],
            lambda: ["CALL SUB"],
            lambda: ["NOP"] * (1 + self.below(4)),
            self.skipped,
        ][self.below(18)]()

    def skipped(self) -> list[str]:
        """Lines passed over if a condition holds."""
        self.labels += 1
        label, outside = f"SKIP_{self.labels}", self.lines
        self.lines = []
        for _ in range(1 + self.below(2)):
            self.tame()
        inside, self.lines = self.lines, outside
        test, jump = f"TEST -op({self.data()} - {self.operand()})", f"JUMP {label} -if({self.condition()})"
        return [test, jump, *inside, f"{label}:"]

    def untame(self) -> None:
        """A line that may be another each time."""
        self.labels += 1
        label = f"LAST_{self.labels}"
        counter = self.one("r0", "r1", "s12")
        self.lines += [
            [f"REG_WR w3 op -op({counter} + #5)", f"WPORT_WR p1 r_wave {self.time()}"],
            [f"TEST -op({counter} - #{self.below(60)})", f"JUMP {label} -if(NZ)", "TRIG p9 set @40", f"{label}:"],
            [f"REG_WR {self.data()} op -op(s1)"],
            ["DPORT_RD p2", "NOP", "NOP", f"REG_WR {self.data()} op -op(s8)"],
            [f"REG_WR {self.data()} op -op(s11 + #0)"],
            [f"REG_WR {self.data()} op -op({counter} + #1)"],
            ["REG_WR s14 op -op(s14 + #40)"],
            [f"REG_WR r8 op -op({counter} AND #7)", f"REG_WR {self.data()} dmem [r8]"],
            [f"REG_WR r8 op -op({counter} AND #7)", f"DMEM_WR [r8] op -op({self.data()} + #1)"],
            ["REG_WR r9 op -op(r9 + #3)", "TIME inc_ref r9"],
            [f"ARITH T {self.data()} {self.data()}", *["NOP"] * self.below(9), f"REG_WR {self.data()} op -op(s3)"],
            ["FLAG inv", f"REG_WR {self.data()} imm #9 -if(F)"],
            [f"REG_WR {self.data()} op -op(s10)"],
            ["REG_WR s0 imm #3"],
            [f"REG_WR s2 imm #{self.below(2)} -if({self.condition()})"],
            [f"DMEM_WR [&3] op -op({counter} + #1)"],
            [f"JUMP HERE -if(S) -op(s11 - #{self.below(900)}) -uf"],
        ][self.below(17)]

    def loop(self, register: str, turns: int, inside: list[str]) -> list[str]:
        """Counted up or down, closed by Z or by S."""
        name, plus = f"LOOP_{register}", f"-op({register} + #1)"
        start, *close = {
            "up": (0, f"TEST -op({register} - #{turns - 1})", f"JUMP {name} -if(NZ) -wr({register} op) {plus}"),
            "down": (turns, f"REG_WR {register} op -op({register} - #1) -uf", f"JUMP {name} -if(NZ)"),
            "below": (0, f"REG_WR {register} op {plus}", f"TEST -op({register} - #{turns})", f"JUMP {name} -if(S)"),
        }[self.one("up", "down", "below")]
        return [f"REG_WR {register} imm #{start}", f"{name}:", *inside, *map(str, close)]

    def text(self) -> str:
        for _ in range(2 + self.below(9)):
            self.tame()
        if self.wild:
            place = self.below(len(self.lines) + 1)
            while self.lines[place:] and self.lines[place].startswith(("JUMP", "SKIP")):
                place += 1
            before, self.lines = self.lines, []
            self.untame()
            self.lines = before[:place] + self.lines + before[place:]
        wait = f"WAIT time @{self.below(1200)}"
        end = [f"TIME inc_ref #{300 + self.below(3000)}", "REG_WR s12 op -op(s12 + #1)"]
        if self.chance(0.3):
            end.reverse()
        body = [*self.lines, *([wait] if self.chance(0.7) else []), *end]
        if self.chance(0.4):
            turns = 1 + self.below(5)
            sweep = ["REG_WR r_wave wmem [&2]", "REG_WR w3 op -op(w3 + #10)", "WMEM_WR [&2]"]
            back = ["REG_WR r_wave wmem [&2]", f"REG_WR w3 op -op(w3 - #{10 * turns})", "WMEM_WR [&2]"]
            body = [*self.loop("r1", turns, [*body, *sweep]), *(back if self.chance(0.8) else [])]
        body = self.loop("r0", 30 + self.below(80), body)
        subroutine = ["SUB:", "REG_WR r10 op -op(r11 + #1)", "RET"]
        lines = ["TIME inc_ref #3000", *body, "DMEM_WR [&7] op -op(s12)", "FINISH:", "JUMP FINISH", *subroutine]
        return "\n".join(lines)


def random_loop(seed: int) -> RandomProgram:
    """The program of a seed: in one half of them each line is the same in every repetition, or nearly so."""
    rng = default_rng([20261128, seed])
    _, words = Assembler.str_asm2bin(Drawing(rng, wild=bool(rng.random() < 0.5)).text())
    f_core, f_time = ((200.0, 430.08), (300.0, 614.4), (250.0, 500.0))[int(rng.integers(3))]
    tproc = {"f_time": f_time, "f_core": f_core, "wmem_size": 32, "dmem_size": 64, "dreg_qty": 16}
    tproc["fifo_depth"] = (512, 64, 16)[int(rng.integers(3))]
    inputs = [tuple(int(rng.integers(limit)) for limit in (60000, 8, 1 << 32, 1 << 32)) for _ in range(4)]
    waves = rng.integers(0, 1 << 15, (ROWS, 8))
    waves[:, 4] = rng.integers(3, 40, ROWS)
    image = {"pmem": words, "wmem": waves.tolist(), "dmem": rng.integers(0, 1 << 12, WORDS).tolist()}
    host = Host(random=RandomStep(int(rng.integers(4))))
    return RandomProgram(image=image, tproc=tproc, settings={"inputs": inputs, "host": host, "enable_tick": 7})
