"""The command line: `coldlink stations`, `doctor`, `status`, `calibrate`, `run`, `show`, `report`, `trace`.

Everything but typer is imported inside the commands, so that `coldlink --help` answers at once.
"""

import errno
import io
import sys
import time
from collections.abc import Sequence
from contextlib import suppress
from enum import StrEnum
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from .arguments import (
    APPARATUS,
    BUG,
    DONE,
    FAILED_GATES,
    INTERRUPTED,
    WRONG_USE,
    Data,
    Debug,
    Json,
    Seed,
    Shots,
    StationArgument,
    answer,
    setup_of,
)
from .board_commands import board, trace
from .twin_commands import twin

if TYPE_CHECKING:
    from .catalogue import Station


class Protocol(StrEnum):
    """What can be run."""

    HANDSHAKE = "handshake"
    PITCH_CATCH = "pitch_catch"
    BELL = "bell"
    CHSH = "chsh"
    RADIOMETRY = "radiometry"


app = typer.Typer(
    name="coldlink",
    help="Run a microwave quantum network whose line is hot.",
    epilog="Exit codes: 0 done, 1 measured but failed its gates, 2 wrong use, 3 interlock or instrument, "
    "130 interrupted, 70 a fault of coldlink itself.",
    add_completion=False,
    pretty_exceptions_enable=False,
)
app.command()(trace)
app.add_typer(board, name="board")
app.add_typer(twin, name="twin")


def main(arguments: Sequence[str] | None = None) -> None:
    """Run a command and exit with its code; any failure is one clear message, a traceback only with --debug.

    --json and --debug are looked up in the raw arguments, for they hold for wrong arguments too.
    """
    given = list(sys.argv[1:] if arguments is None else arguments)
    _never_fail_on_a_sign()
    try:
        code = app(given, standalone_mode=False, prog_name="coldlink")
        if code == INTERRUPTED:
            raise KeyboardInterrupt
    except (Exception, KeyboardInterrupt) as error:
        if "--debug" in given:
            raise
        code = _fail(error, as_json="--json" in given)
    sys.exit(code)


def _print_version(asked: bool) -> None:
    if asked:
        from importlib.metadata import version

        typer.echo(f"coldlink {version('coldlink')}")
        raise typer.Exit


@app.callback()
def _root(
    version: Annotated[
        bool, typer.Option("--version", callback=_print_version, is_eager=True, help="Print the version.")
    ] = False,
) -> None: ...


@app.command()
def stations(data: Data = None, as_json: Json = False, debug: Debug = False) -> int:
    """List the stations: name, kind, title and state."""
    from .catalogue import Catalogue
    from .data_folder import DataFolder
    from .screen import print_rows

    going = {record.about.get("station"): record.name for record in DataFolder.at(data).going()}
    rows = [_row(station, going.get(station.name)) for station in Catalogue.standard().stations()]
    if as_json:
        answer({"stations": rows})
    else:
        print_rows(rows)
    return DONE


@app.command()
def run(
    protocol: Protocol,
    station: StationArgument,
    seed: Seed = None,
    shots: Shots = None,
    data: Data = None,
    as_json: Json = False,
    debug: Debug = False,
) -> int:
    """Measure: cool the line, decouple it, use it, and estimate what came out."""
    return _measure(station, protocol.value, (), seed=seed, shots=shots, data=data, as_json=as_json)


@app.command()
def calibrate(
    station: StationArgument,
    routines: Annotated[list[str] | None, typer.Argument(metavar="[CALIBRATION...]", show_default=False)] = None,
    seed: Seed = None,
    data: Data = None,
    as_json: Json = False,
    debug: Debug = False,
) -> int:
    """Calibrate what is not fresh any more, and what is named, with all that builds on it."""
    order = ("calibration", tuple(routines or ()))
    return _measure(station, *order, seed=seed, shots=None, data=data, as_json=as_json)


@app.command()
def status(
    station: StationArgument, seed: Seed = None, data: Data = None, as_json: Json = False, debug: Debug = False
) -> int:
    """Show temperatures, biases, calibrated values with their age, and the last runs.

    Writes to no instrument. It needs the instruments for itself: while another command works here, exit code 3.
    """
    setup, folder = setup_of(station, data)
    from .open import open_station
    from .screen import print_status
    from .status import status as document

    with open_station(setup.folder, seed=seed, memory=folder.world(setup.name, seed)) as session:
        found = document(session, folder, seed)
    if as_json:
        answer(found)
    else:
        print_status(found)
    return DONE


@app.command()
def doctor(
    station: StationArgument, seed: Seed = None, data: Data = None, as_json: Json = False, debug: Debug = False
) -> int:
    """Check that a station is ready: who answers, versions, disk, interlocks. Exit code 1 if it is not.

    Writes to no instrument. It needs the instruments for itself: while another command works here, exit code 3.
    """
    setup, folder = setup_of(station, data)
    from .doctor import examine
    from .open import open_station
    from .screen import print_checks

    checks = examine(open_station(setup.folder, seed=seed, memory=folder.world(setup.name, seed)), folder)
    ready = all(check.ready for check in checks)
    if as_json:
        rows = [{"name": check.name, "ready": check.ready, "found": check.found} for check in checks]
        answer({"station": setup.name, "ready": ready, "checks": rows})
    else:
        print_checks(checks)
    return DONE if ready else FAILED_GATES


@app.command()
def show(
    protocol: Protocol,
    station: StationArgument,
    seed: Seed = None,
    shots: Shots = None,
    image: Annotated[Path | None, typer.Option(help="Write it for `coldlink trace`.", show_default=False)] = None,
    data: Data = None,
    as_json: Json = False,
    debug: Debug = False,
) -> int:
    """Show the compiled schedule, as a picture and as text; plays nothing."""
    setup, folder = setup_of(station, data)
    from .atomic import write_asked, write_text
    from .open import open_station
    from .report import PICTURE
    from .screen import print_lines

    with open_station(setup.folder, seed=seed, memory=folder.world(setup.name, seed)) as session:
        experiment = session.experiment(protocol.value, shots)
        timeline, picture = experiment.timeline(), experiment.schedule().to_html(config=PICTURE)
        parameters_from = session.parameters_from
        if image is not None:
            write_asked(image, experiment.image())
    figure = folder.figure(f"{protocol.value}-{setup.name}")
    write_text(figure, picture)
    if as_json:
        head = {"station": setup.name, "protocol": protocol.value, "seed": seed, "parameters_from": parameters_from}
        answer({**head, "timeline": timeline, "figure": str(figure), **({"image": str(image)} if image else {})})
    else:
        print_lines(timeline.rstrip(), "", f"parameters from {parameters_from}", f"figure: {figure}")
        print_lines(*[f"image: {image}"] * (image is not None))
    return DONE


@app.command()
def report(
    run: Annotated[str, typer.Argument(metavar="RUN", help="A run's name, or `last`.", show_default=False)],
    data: Data = None,
    as_json: Json = False,
    debug: Debug = False,
) -> int:
    """Make the report of a run again, and say where it is."""
    from .data_folder import DataFolder
    from .report import write_report
    from .screen import print_lines

    record = DataFolder.at(data).find(run)
    path = write_report(record)
    if as_json:
        answer({"run": record.name, "state": record.state, "report": str(path)})
    else:
        print_lines(str(path))
    return DONE


def _measure(
    station: str,
    protocol: str,
    wanted: tuple[str, ...],
    *,
    seed: int | None,
    shots: int | None,
    data: Path | None,
    as_json: bool,
) -> int:
    began = time.monotonic()
    setup, folder = setup_of(station, data)
    from .measurement import Order, measure
    from .open import open_station
    from .screen import print_summary, progress_bar

    command = ("coldlink", *sys.argv[1:])
    order = Order(station=setup.name, protocol=protocol, seed=seed, shots=shots, command=command, wanted=wanted)
    with progress_bar(quiet=as_json) as progress:
        for crashed in folder.crashed_last():
            progress.say(f"the run before this one crashed; what it measured is in {crashed.folder}")
        with open_station(setup.folder, seed=seed, memory=folder.world(setup.name, seed)) as session:
            result, document = measure(order, session, folder, progress, lambda: time.monotonic() - began)
    if as_json:
        answer(document)
    else:
        print_summary(result, document)
    return DONE if result.passed else FAILED_GATES


def _row(station: "Station", going: str | None) -> dict[str, str]:
    from ..sequences.errors import StationError

    try:
        title, state = station.title(), f"running {going}" if going else "ready"
    except StationError as error:
        title, state = "", f"wrong: {error}"
    return {"name": station.name, "kind": station.kind, "title": title, "state": state}


def _fail(error: BaseException, *, as_json: bool) -> int:
    from .document import failure

    message = "; ".join((_message(error), *getattr(error, "__notes__", ())))
    typer.echo(f"error: {message}", err=True)
    if as_json:
        # Where nothing can be written any more, the sentence on stderr is all.
        with suppress(OSError):
            answer(failure(error, message))
    return _code(error)


def _message(error: BaseException) -> str:
    from ..sequences.errors import ColdlinkError

    if isinstance(error, KeyboardInterrupt | typer.Abort):
        return "interrupted; what was measured before is kept"
    if isinstance(error, ColdlinkError):
        return str(error)
    if _is_full(error):
        return f"{error}: what this command tells or keeps does not fit; make room and run it again"
    if hasattr(error, "format_message"):
        return f"{error.format_message().rstrip('.')}; `coldlink --help` lists what can be asked for"
    return f"coldlink itself failed: {type(error).__name__}: {error}; run it again with --debug and report what it says"


def _code(error: BaseException) -> int:
    """The exit code of a failure; typer's own errors carry theirs."""
    from ..sequences import errors

    if isinstance(error, KeyboardInterrupt | typer.Abort | errors.RunAborted):
        return INTERRUPTED
    if isinstance(error, errors.FitRejected):
        return FAILED_GATES
    busy_or_broken = errors.BoardError | errors.ConnectionFailed | errors.InstrumentError | errors.StationBusy
    if isinstance(error, errors.InterlockOpen | busy_or_broken):
        return APPARATUS
    if isinstance(error, errors.ColdlinkError):
        return WRONG_USE
    if _is_full(error):
        return APPARATUS
    return int(getattr(error, "exit_code", BUG))


def _is_full(error: BaseException) -> bool:
    """A disk, a quota or a limit of the user's is."""
    return isinstance(error, OSError) and error.errno in (errno.ENOSPC, errno.EDQUOT, errno.EFBIG)


def _never_fail_on_a_sign() -> None:
    """A console that cannot show a sign such as the plus-minus shows a question mark."""
    for stream in (sys.stdout, sys.stderr):
        if isinstance(stream, io.TextIOWrapper):
            stream.reconfigure(errors="replace")
