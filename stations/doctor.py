"""Doctor: whether a setup is ready, point by point, and what to do where it is not."""

import shutil
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import TYPE_CHECKING

from ..sequences.errors import ColdlinkError, ConnectionFailed, StationBusy
from .data_folder import ROOM_BYTES, DataFolder
from .versions import versions
from .written import engineering

if TYPE_CHECKING:
    from ..calibration.store import Records
    from .open import LinkSession


@dataclass(frozen=True)
class Check:
    """name: What was looked at. ready: Whether it is as it should be. found: What was seen, or what is wrong."""

    name: str
    ready: bool
    found: str


def examine(session: "LinkSession", data: DataFolder) -> list[Check]:
    """Every check of a station; what fails does not keep the others from being done. StationBusy if someone works."""
    checks = [_checked("data folder", lambda: _folder(data)), _checked("versions", _versions)]
    try:
        with session:
            return [*checks, *_opened(session)]
    except StationBusy:
        raise
    except ConnectionFailed as error:
        return [*checks, *(Check(name, False, cause) for name, cause in sorted(error.causes.items()))]
    except ColdlinkError as error:
        return [*checks, Check("station", False, str(error))]


def _opened(session: "LinkSession") -> Iterator[Check]:
    bench = session.bench
    for name, instrument in bench.rack.instruments.items():
        yield _checked(name, lambda one=instrument: _identity(one.get_idn()))  # type: ignore[misc]
    for stage in bench.interlock.windows:
        yield _checked(f"interlock of {stage}", lambda one=stage: _temperature(session, one))  # type: ignore[misc]
    yield _checked("clock", lambda: f"{datetime.fromtimestamp(bench.clock.now(), UTC):%Y-%m-%d %H:%M:%S} UTC")
    yield _checked("pulses", lambda: _pulses(session))
    yield _calibrations(session.store.read())


def _checked(name: str, look: Callable[[], str]) -> Check:
    try:
        return Check(name, True, look())
    except ColdlinkError as error:
        return Check(name, False, str(error))


def _folder(data: DataFolder) -> str:
    data.prepare()
    free = shutil.disk_usage(data.path).free
    return f"{data.path}, {free / 1e9:.1f} GB free, {ROOM_BYTES / 1e9:.1f} GB asked for"


def _versions() -> str:
    return ", ".join(f"{name} {version}" for name, version in versions().items())


def _identity(idn: dict[str, str | None]) -> str:
    return " ".join(str(idn[part]) for part in ("vendor", "model", "serial", "firmware") if idn.get(part))


def _temperature(session: "LinkSession", stage: str) -> str:
    interlock = session.bench.interlock
    kelvin, window = interlock.check_stage(stage).kelvin, interlock.windows[stage]
    limits = " and ".join(engineering(limit, "K") for limit in (window.minimum, window.maximum))
    return f"{engineering(kelvin, 'K', 4)}, between {limits}"


def _pulses(session: "LinkSession") -> str:
    from .runnable import first_of

    protocol = first_of(session.bench.link)
    session.experiment(protocol, None)
    return f"a {protocol} compiles"


def _calibrations(records: "Records") -> Check:
    lines = ", ".join(str(number) for number in records.damaged)
    damaged = f"; lines that cannot be read: {lines}; their values are left out" if lines else ""
    unknown = f"; of another version, left out: {', '.join(records.unknown)}" if records.unknown else ""
    return Check("calibrations", not damaged, f"{len(records.latest)} values{damaged}{unknown}")
