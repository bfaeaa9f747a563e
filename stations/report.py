"""The report: one HTML file that holds everything it shows, for a machine without a network."""

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any, Final

from ..sequences.errors import DataFolderError
from .atomic import write_text
from .document import plain
from .headline import headline
from .result import Result
from .run import REPORT, RunRecord

PICTURE: Final = {"displaylogo": False, "responsive": True, "showSendToCloud": False}
"""How plotly shows a figure; nothing leaves the machine."""

_TITLES: Final = {
    "handshake": "State transfer",
    "pitch_catch": "State transfer by a photon",
    "bell": "Bell pair",
    "chsh": "CHSH inequality",
    "radiometry": "Radiometry",
}


def material(result: Result) -> dict[str, Any]:
    """What a report is made of, as JSON, so that it can be made again without the station."""
    return {
        "gates": plain(result.gates),
        "figures": {name: json.loads(figure.to_json()) for name, figure in result.figures.items()},
        "tables": plain(result.tables),
    }


def write_report(record: RunRecord) -> Path:
    """Render the report of a completed run beside its data."""
    if not record.result:
        hint = "its data, as far as they were measured, are in the database under the GUIDs in its run.json"
        raise DataFolderError(record.folder, f"this run is {record.state} and has no result", hint)
    path = record.folder / REPORT
    write_text(path, render(record.about, record.result))
    return path


def render(about: Mapping[str, Any], content: Mapping[str, Any]) -> str:
    """The report's HTML. about: run.json. content: result.json."""
    from jinja2 import Environment, FileSystemLoader, StrictUndefined
    from markupsafe import Markup
    from plotly.offline import get_plotlyjs

    environment = Environment(
        loader=FileSystemLoader(Path(__file__).parent), autoescape=True, undefined=StrictUndefined, trim_blocks=True
    )
    environment.filters["cell"] = _cell
    return environment.get_template(REPORT).render(
        about=about,
        title=_TITLES.get(about["protocol"], about["protocol"]),
        document=content["document"],
        lines=headline(content["document"]),
        gates=content["gates"],
        failed=[gate["name"] for gate in content["gates"] if not gate["passed"]],
        figures=content["figures"],
        tables=content["tables"],
        picture=PICTURE,
        plotly=Markup(get_plotlyjs()),
    )


def _cell(value: object) -> str:
    """A table's cell: seven significant digits say more than anyone reads."""
    return f"{value:.7g}" if isinstance(value, float) else "" if value is None else str(value)
