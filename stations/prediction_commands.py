"""Commands that predict: `coldlink twin spectrum`, `coldlink twin predict`."""

from enum import StrEnum
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from .arguments import DONE, Data, Debug, Json, Link, Seed, StationArgument, answer, setup_of

if TYPE_CHECKING:
    from .data_folder import DataFolder

Figure = Annotated[Path | None, typer.Option(metavar="FILE.html", help="Where the figure goes.", show_default=False)]


class Predicted(StrEnum):
    """What can be predicted."""

    HANDSHAKE = "handshake"
    PITCH_CATCH = "pitch_catch"
    BELL = "bell"


def spectrum(
    station: StationArgument,
    link: Link = None,
    seed: Seed = None,
    figure: Figure = None,
    data: Data = None,
    as_json: Json = False,
    debug: Debug = False,
) -> int:
    """Show qubits, modes, couplings with their shifts, and the load of a twin's true device against their fluxes."""
    setup, folder = setup_of(station, data)
    from .page import page
    from .plan import PARAMETERS_FROM, Plan
    from .screen import print_lines, print_rows
    from .spectrum import spectrum as found_of
    from .spectrum import spectrum_figure, spectrum_rows

    found = found_of(Plan.of(setup.folder, seed, link).design)
    name = _named(setup.name, link)
    title = f"{name}: spectrum of the true device"
    file = _written(figure, folder, f"spectrum-{name}", page(title, [spectrum_figure(found, title)]))
    if as_json:
        head = {"station": setup.name, "link": link, "seed": seed, "parameters_from": PARAMETERS_FROM}
        answer({**head, **found, "figure": str(file)})
    else:
        print_rows(spectrum_rows(found))
        print_lines(f"parameters from {PARAMETERS_FROM}", f"figure: {file}")
    return DONE


def predict(
    protocol: Predicted,
    station: StationArgument,
    link: Link = None,
    seed: Seed = None,
    error: Annotated[float, typer.Option(min=1e-6, max=0.1, help="Asked for, of a population.")] = 1e-4,
    budget: Annotated[bool, typer.Option(help="What each imperfection costs.")] = True,
    swept: Annotated[str | None, typer.Option("--sweep", metavar="NAME=START:STOP:COUNT", show_default=False)] = None,
    workers: Annotated[int | None, typer.Option(min=1, help="Processes; one a core.", show_default=False)] = None,
    cluster: Annotated[str | None, typer.Option(metavar="tcp://HOST:PORT", help="A Dask scheduler instead.")] = None,
    figure: Figure = None,
    data: Data = None,
    as_json: Json = False,
    debug: Debug = False,
) -> int:
    """Predict a protocol on a twin's true device without shots: raw and true fidelity, and what costs them."""
    setup, folder = setup_of(station, data)
    if workers is not None and cluster is not None:
        raise typer.BadParameter("a cluster has workers of its own; give --workers or --cluster")
    from .page import page
    from .photon_plan import PhotonForecast, PhotonPlan, sends
    from .plan import Plan
    from .prediction import Forecast, point_figures, sweep_figure
    from .screen import progress_bar
    from .sweep_request import SweepRequest

    request = None if swept is None else SweepRequest.parse(swept)
    photons = protocol is Predicted.PITCH_CATCH or (protocol is Predicted.BELL and sends(setup.folder, link))
    if photons and request:
        raise typer.BadParameter("--sweep follows lines with standing modes; in Python, replace fields of a PhotonPlan")
    with progress_bar(quiet=as_json) as bar:
        bar.begin(f"predicting {protocol}")
        if photons:
            sent = PhotonForecast(plan=PhotonPlan.of(setup.folder, seed, link), protocol=protocol.value, error=error)
            found = sent.point(with_budget=budget)
        else:
            forecast = Forecast(
                plan=Plan.of(setup.folder, seed, link),
                protocol=protocol.value,
                error=error,
                workers=workers,
                cluster=cluster,
                progress=bar.reach,
            )
            found = forecast.swept(request) if request else forecast.point(with_budget=budget)
    name = _named(setup.name, link)
    title = f"{protocol} at {name}"
    figures = [sweep_figure(found, protocol.value, title)] if request else point_figures(found, title)
    file = _written(figure, folder, f"predict-{protocol}-{name}", page(title, figures))
    if as_json:
        head = {"station": setup.name, "link": link, "protocol": protocol.value, "seed": seed}
        answer({**head, **found, "figure": str(file)})
    else:
        _show(found, protocol.value, file)
    return DONE


def _named(station: str, link: str | None) -> str:
    return station if link is None else f"{station}-{link}"


def _show(found: dict[str, Any], protocol: str, file: Path) -> None:
    from .prediction import budget_rows, point_rows, sweep_rows
    from .screen import print_lines, print_rows

    if "sweep" in found:
        print_rows(sweep_rows(found, protocol))
    else:
        print_rows(point_rows(found))
    if "budget" in found:
        print_lines("")
        print_rows(budget_rows(found))
    print_lines("", f"parameters from {found['parameters_from']}", f"figure: {file}")


def _written(chosen: Path | None, folder: "DataFolder", name: str, text: str) -> Path:
    """Where `text` was put; BadParameter if it cannot be written where somebody chose."""
    from .atomic import write_text

    file = chosen or folder.figure(name)
    try:
        write_text(file, text)
    except OSError as error:
        raise typer.BadParameter(f"--figure {file} cannot be written: {error.strerror or error}") from None
    return file
