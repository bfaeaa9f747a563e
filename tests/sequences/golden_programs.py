"""What the golden timelines show, of sim_4k as designed.

`python tests/sequences/golden_programs.py` writes them anew. Read the difference before it is committed: every changed
line is a pulse that will play differently.
"""

from pathlib import Path

from coldlink.sequences import Link, Sequence, timeline
from coldlink.sequences import compile as compile_sequence
from coldlink.sequences.protocols import (
    bases,
    chsh,
    half_transfer,
    handshake,
    measure,
    preparations,
    radiometry,
    readout_calibration,
)
from coldlink.sequences.units import ns
from coldlink.stations.declaration import declaration

FOLDER = Path(__file__).with_name("golden")
STATION = Path(__file__).parents[2] / "stations" / "sim_4k"


def sequences(link: Link) -> dict[str, Sequence]:
    a, b = link.node_a, link.node_b
    return {
        "handshake": (
            Sequence()
            .choose("input", preparations(a, ("1", "+")))
            .then(handshake(link))
            .choose("basis", bases(b, ("+Z", "+X", "-Y")))
            .then(measure(b))
        ),
        "bell": (
            preparations(a, ("1",))["1"]
            .then(half_transfer(link))
            .choose("basis_a", bases(a, ("+Z", "+X")))
            .choose("basis_b", bases(b, ("+Z", "+Y")))
            .then(measure(a, b))
        ),
        "chsh": chsh(link),
        "radiometry": radiometry(link, (6 * ns, 38 * ns, 134 * ns)),
        "readout": readout_calibration(a, b),
    }


def timelines() -> dict[str, str]:
    declared = declaration(STATION)
    link = declared.design().link()
    board = declared.wiring.target()
    compiled = {
        name: compile_sequence(found, board, relaxation=link.relaxation) for name, found in sequences(link).items()
    }
    return {name: timeline(program) for name, program in compiled.items()}


if __name__ == "__main__":
    for name, text in timelines().items():
        (FOLDER / f"{name}.txt").write_text(text, encoding="utf-8", newline="\n")
