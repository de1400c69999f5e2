"""The text of a file that somebody wrote, and the paths of files."""

from __future__ import annotations

import os
import stat
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from pathlib import Path
from typing import Any

from venolymph.errors import DocumentError, nearest
from venolymph.plain_text import decode, refuse_by_ending

LARGEST = 1_000_000

_closed: ContextVar[bool] = ContextVar("closed", default=False)


@contextmanager
def without_files() -> Iterator[None]:
    """Documents that are read in this block may name what is packaged, and no file: they come from somebody else."""
    token = _closed.set(True)
    try:
        yield
    finally:
        _closed.reset(token)


def reads_files() -> bool:
    """Whether documents may name files here."""
    return not _closed.get()


def packaged_files(folder: Path, rank: Callable[[str], Any] | None = None) -> dict[str, Path]:
    """Packaged documents of a folder by name.

    Args:
        folder: that they lie in.
        rank: what they are sorted by, of a name; in the order of the alphabet where None.
    """
    return {path.stem: path for path in sorted(folder.glob("*.yaml"), key=lambda path: (rank or str)(path.stem))}


def read_text(path: Path, what: str = "a YAML file") -> str:
    """The text of a file that somebody wrote.

    Args:
        path: the file.
        what: which kind of file is wanted, for messages.

    Raises:
        DocumentError: where it cannot be read, is too large, or is not text in UTF-8; in `without_files`, always.
    """
    name, wanted = os.fspath(path), f"a document is {what}"
    if not reads_files():
        raise DocumentError("a file is named, and none is read here", hint="name what is packaged", place=name[:60])
    try:
        status = path.stat()
        if stat.S_ISDIR(status.st_mode):
            raise DocumentError("this is a folder; a document is a file", hint="name the file inside it", place=name)
        if not stat.S_ISREG(status.st_mode):
            raise DocumentError("this is not an ordinary file", hint="save the document as a file first", place=name)
        if status.st_size > LARGEST:
            refuse_by_ending(name, wanted)
            raise DocumentError(
                f"the file has {status.st_size:,} bytes; at most {LARGEST:,} are allowed for a document",
                hint="a person or a regimen is a page of text: is this the right file?",
                place=name,
            )
        with path.open("rb") as file:
            raw = file.read(LARGEST + 1)[: LARGEST + 1]
    except FileNotFoundError:
        raise DocumentError("there is no such file", hint=_like(path), place=name) from None
    except (OSError, ValueError) as error:
        reason = (error.strerror if isinstance(error, OSError) else None) or str(error)
        raise DocumentError(
            f"the file cannot be read: {reason}", hint="check its name and permissions", place=name
        ) from None
    return decode(raw, name, wanted)


def whole_path(name: str) -> str:
    """The one path of a file, however it is named; the name itself where no file can have it."""
    try:
        return os.path.realpath(name)
    except (OSError, ValueError):
        return name


def _like(path: Path) -> str:
    try:
        names = [name for name in os.listdir(path.parent) if name.endswith((".yaml", ".yml"))]
    except OSError:
        names = []
    near = nearest(path.name, names)
    return f"did you mean {path.parent / near}?" if near else "check the path"
