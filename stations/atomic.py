"""Files that are either there in full or not at all, whenever the power goes."""

import json
import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from ..sequences.errors import DataFolderError


@contextmanager
def replacing(file: Path) -> Iterator[Path]:
    """Give a neighbour to write to; it takes the place of `file` once it is on the disk."""
    draft = file.with_name(f".{file.name}.{os.getpid()}.part")
    try:
        yield draft
        with draft.open("rb+") as stream:
            os.fsync(stream.fileno())
        draft.replace(file)
    finally:
        draft.unlink(missing_ok=True)


def write_text(file: Path, text: str) -> None:
    """Write a text file in UTF-8."""
    with replacing(file) as draft:
        draft.write_text(text, encoding="utf-8")


def write_asked(file: Path, text: str) -> None:
    """Write a text where somebody wants it; DataFolderError if it cannot be there.

    A link, a device or a pipe stays what it is: the text goes through it.
    """
    try:
        if file.is_symlink() or (file.exists() and not file.is_file()):
            file.write_text(text, encoding="utf-8")
        else:
            write_text(file, text)
    except OSError as error:
        problem = f"cannot be written: {error.strerror or error}"
        raise DataFolderError(file, problem, "name a file in a folder that is there and yours") from error


def write_json(file: Path, document: object, indent: int | None = 2) -> None:
    """Write a JSON document; a value that JSON does not know is an error. indent: None is ten times faster."""
    write_text(file, json.dumps(document, indent=indent, allow_nan=False) + "\n")
