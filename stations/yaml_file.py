"""A YAML file of a station, read strictly: what is not understood is refused with file, line, key and hint."""

from collections.abc import Callable, Collection, Iterator
from dataclasses import dataclass
from functools import reduce
from pathlib import Path
from typing import Any, Final, TypeVar, cast

from pydantic import BaseModel, ConfigDict, ValidationError, model_validator
from pydantic_core import ErrorDetails, PydanticCustomError
from ruamel.yaml import YAML
from ruamel.yaml.error import YAMLError
from ruamel.yaml.events import CollectionEndEvent, CollectionStartEvent
from ruamel.yaml.nodes import MappingNode, Node, ScalarNode, SequenceNode

from ..sequences.errors import StationError
from .nearest import suggestion
from .quantity import (
    Angle,
    Count,
    Decibels,
    Duration,
    Fraction,
    Frequency,
    Impedance,
    Inductance,
    InductancePerLength,
    Length,
    Number,
    Quantity,
    Temperature,
    Voltage,
)

__all__ = [
    "TAG",
    "Angle",
    "Count",
    "Decibels",
    "Duration",
    "Fraction",
    "Frequency",
    "Impedance",
    "Inductance",
    "InductancePerLength",
    "Length",
    "Number",
    "Quantity",
    "Section",
    "Temperature",
    "Voltage",
    "YamlFile",
    "load",
    "read",
]

TAG: Final = "tag:"
"""Begin of the name of one of several models that a section may have; it stands in no file."""
_LIMIT_BYTES: Final = 256 * 1024
_LIMIT_DEPTH: Final = 20
_Path = tuple[str | int, ...]


class Section(BaseModel):
    """The base of every model of a station's file: immutable, no unknown keys, no values in its messages."""

    model_config = ConfigDict(extra="forbid", frozen=True, hide_input_in_errors=True)

    @model_validator(mode="before")
    @classmethod
    def _refuse_unknown_keys(cls, data: Any) -> Any:
        """A typo becomes one error with the nearest key, not an unknown and a missing one."""
        keys = {field.alias or name for name, field in cls.model_fields.items()}
        for key in data if isinstance(data, dict) else ():
            if key not in keys:
                raise PydanticCustomError("unknown_key", "unknown key", {"key": key, "hint": suggestion(key, keys)})
        return data


def _wrong_keys(given: Collection[str], names: Collection[str]) -> Iterator[tuple[str, str, str | None]]:
    """The key, what is wrong and a hint for each that is not among `names`; then, without a key, what is missing."""
    yield from ((key, "unknown key", suggestion(key, names)) for key in given if key not in names)
    yield from (("", f"{name} is missing", "add it here") for name in names if name not in given)


_Model = TypeVar("_Model", bound=BaseModel)


@dataclass(frozen=True, kw_only=True)
class YamlFile:
    """A file's content, and the line (from 1) on which each key or item begins."""

    file: Path
    content: dict[str, Any]
    lines: dict[_Path, int]

    def line(self, path: _Path) -> int | None:
        """The line of a key, or of the nearest section around it that stands in the file."""
        while path and path not in self.lines:
            path = path[:-1]
        return self.lines.get(path)

    def at(self, path: _Path) -> Any:
        """What stands at the key `path`."""
        return reduce(lambda section, key: section[key], path, cast(Any, self.content))

    def check_keys(self, path: _Path, names: Collection[str]) -> None:
        """StationError unless the section at `path` has these keys, every one and no other."""
        for place, problem, hint in _wrong_keys(self.at(path), names):
            raise self.error((*path, place) if place else path, problem, hint)

    def error(self, path: _Path, problem: str, hint: str | None = None) -> StationError:
        """What is wrong at the key `path`."""
        return StationError(self.file, problem, self.line(path), _dotted(path), hint)


def load(file: Path, model: type[_Model], check: Callable[[YamlFile], None] = lambda _: None) -> _Model:
    """Read a file into a model; the first problem, in the order of the lines, is raised as a StationError.

    check: Of what the model does not know, once it holds.
    """
    read_file = read(file)
    try:
        found = model.model_validate(read_file.content)
    except ValidationError as error:
        problems = [_explain(read_file, details) for details in error.errors(include_url=False)]
        raise min(problems, key=lambda problem: problem.line or 0) from None
    check(read_file)
    return found


def read(file: Path) -> YamlFile:
    """Read a mapping without a model: plain YAML 1.2, no anchors, no tags, no duplicate keys."""
    text = _text(file)
    try:
        _refuse_tricks(file, text)
        root = _yaml().compose(text)
        content = _yaml().load(text)
    except YAMLError as error:
        raise _not_yaml(file, error) from None
    except ValueError as error:
        raise StationError(file, f"this is not YAML: {error}") from None
    if not isinstance(root, MappingNode):
        raise StationError(file, "holds no keys", hint="a station's file is a list of `key: value` lines")
    return YamlFile(file=file, content=content, lines=_lines(file, root, ()))


def _yaml() -> YAML:
    return YAML(typ="safe", pure=True)


def _text(file: Path) -> str:
    try:
        with file.open("rb") as stream:
            data = stream.read(_LIMIT_BYTES + 1)
        if len(data) > _LIMIT_BYTES:
            raise StationError(file, "larger than 256 kB", hint="is this the right file?")
        return data.decode("utf-8")
    except UnicodeDecodeError as error:
        line = error.object[: error.start].count(b"\n") + 1
        raise StationError(file, "not UTF-8", line=line, hint="save the file as UTF-8") from None
    except OSError as error:
        raise StationError(file, f"cannot be read: {error.strerror}") from None


def _refuse_tricks(file: Path, text: str) -> None:
    """An anchor can blow up a small file, a tag can change a type: neither says what it means on its own line."""
    depth = 0
    for event in _yaml().parse(text):
        depth += isinstance(event, CollectionStartEvent) - isinstance(event, CollectionEndEvent)
        if depth > _LIMIT_DEPTH:
            raise StationError(file, f"nested deeper than {_LIMIT_DEPTH} levels", line=event.start_mark.line + 1)
        if getattr(event, "anchor", None):
            hint = "write the value where it is needed"
            raise StationError(file, "anchors and aliases are not allowed", line=event.start_mark.line + 1, hint=hint)
        if getattr(event, "tag", None):
            raise StationError(file, "tags (!) are not allowed", line=event.start_mark.line + 1, hint="remove the tag")


def _lines(file: Path, node: Node, path: _Path) -> dict[_Path, int]:
    lines: dict[_Path, int] = {}
    for key, start, child in _children(file, node):
        lines[(*path, key)] = start.start_mark.line + 1
        lines |= _lines(file, child, (*path, key))
    return lines


def _children(file: Path, node: Node) -> list[tuple[str | int, Node, Node]]:
    if isinstance(node, SequenceNode):
        return [(index, item, item) for index, item in enumerate(node.value)]
    if isinstance(node, MappingNode):
        return [(_key(file, key), key, child) for key, child in node.value]
    return []


def _key(file: Path, node: Node) -> str:
    if isinstance(node, ScalarNode) and node.tag == "tag:yaml.org,2002:str":
        return str(node.value)
    line = node.start_mark.line + 1
    raise StationError(file, "a key must be text", line=line, hint="put the key into quotes")


def _not_yaml(file: Path, error: YAMLError) -> StationError:
    mark = getattr(error, "problem_mark", None)
    problem = getattr(error, "problem", None) or "this is not YAML"
    return StationError(file, str(problem), line=mark.line + 1 if mark else None)


def _explain(read_file: YamlFile, details: ErrorDetails) -> StationError:
    context = details.get("ctx", {})
    place = tuple(part for part in details["loc"] if not str(part).startswith(TAG))
    path = (*place, context["key"]) if details["type"] == "unknown_key" else place
    problem, hint = context.get("problem", details["msg"]), context.get("hint")
    if details["type"] == "missing":
        problem, hint = "this key is missing", "add it here"
    if details["type"] in _LIMITS:
        # What stands in the file says more than the SI number that it became.
        problem = f"{read_file.at(path)} is out of range: in SI it {details['msg'].removeprefix('Input ')}"
    return read_file.error(path, problem, hint)


_LIMITS: Final = ("greater_than", "greater_than_equal", "less_than", "less_than_equal")


def _dotted(path: _Path) -> str | None:
    return ".".join(str(part) for part in path) or None
