"""Page: some figures in one HTML file that needs no network."""

from collections.abc import Sequence
from html import escape
from typing import TYPE_CHECKING

from .report import PICTURE

if TYPE_CHECKING:
    from plotly.graph_objects import Figure


def page(title: str, figures: "Sequence[Figure]") -> str:
    """The file's text; the figures stand below each other, as wide as 1000 px allow."""
    parts = [
        figure.to_html(full_html=False, include_plotlyjs=not number, config=PICTURE)
        for number, figure in enumerate(figures)
    ]
    head = f'<meta charset="utf-8"><title>{escape(title)}</title>'
    style = "<style>body{max-width:1000px;margin:1em auto;background:white}</style>"
    return f"<!doctype html>\n<html><head>{head}{style}</head><body>\n" + "\n".join(parts) + "\n</body></html>\n"
