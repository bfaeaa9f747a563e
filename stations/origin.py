"""Origin: the key of link.yaml that an error of physics or of the board stems from."""

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from math import isclose
from numbers import Real
from pathlib import Path
from typing import Any, Final

from ..physics.device import TWO_PI
from ..sequences.errors import ModelError, TargetError, TimingError
from .declaration import Declaration
from .yaml_file import read

FILE: Final = "link.yaml"
_Path = tuple[str | int, ...]
_Error = ModelError | TimingError | TargetError


@dataclass(frozen=True)
class Origin:
    """folder: The station's. declared: Its link.yaml. calibrated: Whether pulses follow from measured values, too."""

    folder: Path
    declared: Declaration
    calibrated: bool

    @contextmanager
    def named(self) -> Iterator[None]:
        """Turn what follows from link.yaml into a StationError there; let anything else pass."""
        try:
            yield
        except (ModelError, TimingError, TargetError) as error:
            key = self._key(error)
            if key is None:
                raise
            raise read(self.folder / FILE).error(key, str(error)) from error

    def _key(self, error: _Error) -> _Path | None:
        """The key that holds the number which the error is about; without one, the part of the file it belongs to."""
        channel = "" if isinstance(error, ModelError) else error.channel
        keys = [key for key, value in _numbers(self.declared.model_dump(), ()) if _same(value, error.value)]
        own = [key for key in keys if _is_of(key, channel)]
        if own or keys:
            return (own or keys)[0]
        return None if self.calibrated else self._part(channel)

    def _part(self, channel: str) -> _Path:
        name = channel.partition(".")[0]
        if name in self.declared.nodes:
            return ("nodes", name)
        return ("links", name, "load") if name in self.declared.links else ("operation",) if channel else ()


def _same(value: float, found: Any) -> bool:
    """Errors of physics name rates in rad/s, the file has them in Hz."""
    if not isinstance(found, Real):
        return False
    return isclose(value, found, rel_tol=1e-9) or isclose(TWO_PI * value, found, rel_tol=1e-9)


def _is_of(key: _Path, channel: str) -> bool:
    node = channel.partition(".")[0]
    return channel in key or node in key


def _numbers(content: Any, path: _Path) -> Iterator[tuple[_Path, float]]:
    """Every number of link.yaml that is not zero, with its key."""
    if isinstance(content, Mapping):
        for name, value in content.items():
            yield from _numbers(value, (*path, name))
    elif isinstance(content, int | float) and content:
        yield path, float(content)
