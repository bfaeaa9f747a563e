"""Parameters: what was assumed about a link, and where each number comes from, as a table."""

from collections.abc import Mapping
from typing import Final

from ..calibration.store import Records
from ..instruments.interlock import Window
from ..physics.device import TWO_PI
from ..sequences.link import Line, Link, Node
from ..sequences.sweep import resolved
from .result import Table
from .written import age, concise, engineering

POPULATION_ERROR: Final = 1e-3
"""What a twin's populations may be wrong by."""


def parameter_table(link: Link) -> Table:
    """Every parameter of `link` with its unit and source."""
    values = {
        **_node(link.node_a),
        **_node(link.node_b),
        **_line(link.line),
        "rest between shots": (link.relaxation, "s"),
    }
    return [
        {"parameter": name, "value": engineering(value, unit), "from": link.source}
        for name, (value, unit) in values.items()
    ]


def calibrated_table(records: Records, now: float) -> Table:
    """The newest value of everything calibrated. now: Time of the setup (s since 1970)."""
    return [
        {
            "parameter": name,
            "value": concise(entry.value, entry.error, entry.unit),
            "age": age(now - entry.time),
            "state": entry.state(now),
            "calibration": entry.task,
            "run": entry.run,
        }
        for name, entry in sorted(records.latest.items())
    ]


def temperature_table(kelvin: Mapping[str, float], windows: Mapping[str, Window]) -> Table:
    """Temperatures of the stages between their limits."""
    return [
        {
            "stage": stage,
            "temperature": engineering(value, "K", 4),
            "interlock": f"{engineering(windows[stage].minimum, 'K')} to {engineering(windows[stage].maximum, 'K')}",
        }
        for stage, value in kelvin.items()
    ]


def twin_table(error: float) -> Table:
    """What the simulation says about itself. error: Estimated largest error of a population."""
    return [
        {
            "quantity": "estimated largest error of a population in the last measurement",
            "value": f"{error:.1e}",
            "asked for": f"below {POPULATION_ERROR:.0e}",
        }
    ]


def _node(node: Node) -> dict[str, tuple[float, str]]:
    name = node.name
    return {
        f"{name}.f01": (node.frequency, "Hz"),
        f"{name}.anharmonicity": (node.anharmonicity, "Hz"),
        f"{name}.t1": (node.t1, "s"),
        f"{name}.t_phi": (node.t_phi, "s"),
        f"{name}.residual_population": (node.residual_population, ""),
        f"{name}.preparation_error": (node.preparation_error, ""),
        f"{name}.x180.amplitude": (resolved(node.x180.amplitude), ""),
        f"{name}.swap.duration": (resolved(node.swap.coupler.duration), "s"),
        f"{name}.swap.amplitude": (resolved(node.swap.coupler.amplitude), ""),
        f"{name}.swap.compensation": (resolved(node.swap.compensation.amplitude), ""),
        f"{name}.half_swap.duration": (resolved(node.half_swap.coupler.duration), "s"),
    }


def _line(line: Line) -> dict[str, tuple[float, str]]:
    return {
        "line.mode_frequency": (line.mode_frequency, "Hz"),
        "line.coupling": (line.coupling, "Hz"),
        "line.kappa_i/2pi": (line.internal_rate / TWO_PI, "Hz"),
        "line.hot_occupation": (line.hot_occupation, ""),
        "load.kappa/2pi": (line.load_rate / TWO_PI, "Hz"),
        "load.occupation": (line.cold_occupation, ""),
        "load.close_amplitude": (line.close_amplitude, ""),
        "transfer.phase": (line.transfer_phase, "rad"),
        "bell.phase": (line.bell_phase, "rad"),
    }
