"""Parameters: what was assumed about a link, and where each number comes from, as a table."""

from collections.abc import Mapping
from typing import Final

from ..calibration.store import Records
from ..instruments.interlock import Window
from ..physics.device import TWO_PI
from ..sequences.link import AnyLink, CoupledNode, Line, Node, PhotonLine, PhotonNode
from ..sequences.sweep import resolved
from .result import Table
from .written import age, concise, engineering

POPULATION_ERROR: Final = 1e-3
"""What a twin's populations may be wrong by."""


def parameter_table(link: AnyLink) -> Table:
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
    own = {
        "f01": (node.frequency, "Hz"),
        "anharmonicity": (node.anharmonicity, "Hz"),
        "t1": (node.t1, "s"),
        "t_phi": (node.t_phi, "s"),
        "residual_population": (node.residual_population, ""),
        "preparation_error": (node.preparation_error, ""),
        "x180.amplitude": (resolved(node.x180.amplitude), ""),
    }
    match node:
        case CoupledNode():
            own |= _swaps(node)
        case PhotonNode():
            own |= _tones(node)
    return {f"{name}.{key}": value for key, value in own.items()}


def _swaps(node: CoupledNode) -> dict[str, tuple[float, str]]:
    return {
        "swap.duration": (resolved(node.swap.coupler.duration), "s"),
        "swap.amplitude": (resolved(node.swap.coupler.amplitude), ""),
        "swap.compensation": (resolved(node.swap.compensation.amplitude), ""),
        "half_swap.duration": (resolved(node.half_swap.coupler.duration), "s"),
    }


def _tones(node: PhotonNode) -> dict[str, tuple[float, str]]:
    return {
        "photon.frequency": (resolved(node.send.frequency), "Hz"),
        "photon.duration": (resolved(node.send.duration), "s"),
        "photon.send.amplitude": (resolved(node.send.amplitude), ""),
        "photon.catch.amplitude": (resolved(node.catch.amplitude), ""),
    }


def _line(line: Line | PhotonLine) -> dict[str, tuple[float, str]]:
    phases = {"transfer.phase": (line.transfer_phase, "rad"), "bell.phase": (line.bell_phase, "rad")}
    if isinstance(line, PhotonLine):
        return {"line.delay": (line.delay, "s"), **phases}
    return {
        "line.mode_frequency": (line.mode_frequency, "Hz"),
        "line.coupling": (line.coupling, "Hz"),
        "line.kappa_i/2pi": (line.internal_rate / TWO_PI, "Hz"),
        "line.hot_occupation": (line.hot_occupation, ""),
        "load.kappa/2pi": (line.load_rate / TWO_PI, "Hz"),
        "load.occupation": (line.cold_occupation, ""),
        "load.close_amplitude": (line.close_amplitude, ""),
        **phases,
    }
