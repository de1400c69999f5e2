"""Files that are whole or absent, whenever the process dies, and one clear error for whatever a disk can do."""

from __future__ import annotations

import contextlib
import hashlib
import json
import math
import os
import shutil
import sys
import zipfile
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import IO, Any, Protocol, Self, runtime_checkable

import numpy as np

from venolymph.errors import RunError

LOCK = "writing.lock"
"""File in a folder that the process writing to it holds."""


def alive(process: int) -> bool:
    """Whether a process of that number runs."""
    try:
        os.kill(process, 0)
    except ProcessLookupError:
        return False
    except OSError:
        return True
    return True


def take_lock(target: Path) -> IO[str] | None:
    """Claim the folder for this process; the system lets go of it when the process ends, however it ends."""
    try:
        import fcntl
    except ImportError:  # no file locks on this system
        return None
    with writing(target):
        handle = open(target / LOCK, "w", encoding="utf-8")  # noqa: SIM115 (lives as long as the claim)
    try:
        fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError as error:
        handle.close()
        raise RunError("another process is writing to this run", place=str(target), hint="wait for it") from error
    except OSError:  # a file system without locks
        handle.close()
        return None
    return handle


def locked(target: Path) -> bool:
    """Whether some process holds the folder at this moment."""
    if not (target / LOCK).exists():
        return False
    try:
        lock = take_lock(target)
    except RunError:
        return True
    if lock is not None:
        lock.close()
    return False


class HeldFolder:
    """A folder being written, which no other process can write to meanwhile (where the system has file locks).

    It is a context manager that lets go of the folder; leaving it early keeps what was written.
    """

    def __init__(self, directory: Path, progress: dict[str, Any], lock: IO[str] | None) -> None:
        self.directory = directory
        self._progress = progress
        self._lock = lock

    def close(self) -> None:
        """Let go of the folder, so that another process may go on with it."""
        if self._lock is not None:
            with contextlib.suppress(OSError):
                Path(self._lock.name).unlink()
            self._lock.close()
            self._lock = None

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()


def fingerprint(text: str) -> str:
    """What tells whether a text was changed since."""
    return hashlib.sha256(text.encode("utf-8")).hexdigest()


def vacant(target: Path) -> bool:
    """Whether a folder is absent or empty.

    Raises:
        RunError: where it is a file, or cannot be read.
    """
    if not target.exists() and not target.is_symlink():
        return True
    if not target.is_dir():
        raise RunError("this is a file, not a folder", place=str(target), hint="name a folder that does not exist yet")
    try:
        return not any(target.iterdir())
    except OSError as error:
        raise RunError(f"the folder cannot be read: {error.strerror}", place=str(target)) from error


def check_vacant(target: Path, hint: str = "name a new folder") -> None:
    """Refuse a folder that holds anything.

    Raises:
        RunError: where it does, with that hint, or where it is a file.
    """
    if not vacant(target):
        raise RunError("there is something here already", place=str(target), hint=hint)


def read_json(path: Path) -> dict[str, Any]:
    """A mapping from a JSON file."""
    with reading(path):
        content = json.loads(path.read_text(encoding="utf-8"))
    if not isinstance(content, dict):
        raise RunError("the file is damaged", place=str(path), hint="run it again into a new folder")
    return content


def write_json(path: Path, content: Mapping[str, Any]) -> None:
    """A mapping into a JSON file, whole or not at all."""
    text = json.dumps(plain(content), indent=1, ensure_ascii=False, allow_nan=False)
    with replacing(path) as handle:
        handle.write(text.encode("utf-8"))


def write_text(path: Path, text: str) -> None:
    """A text into a file, whole or not at all.

    Raises:
        RunError: where it cannot be written.
    """
    with writing(path), replacing(path) as handle:
        handle.write(text.encode("utf-8"))


def write_npz(path: Path, arrays: Mapping[str, Any]) -> None:
    """Arrays by name into one file, uncompressed and bit for bit, whole or not at all."""
    # numpy's own writer, under names of our choosing: np.savez would take "file" for its own argument
    with (
        replacing(path) as handle,
        zipfile.ZipFile(handle, "w", zipfile.ZIP_STORED, allowZip64=True) as archive,
    ):
        for name, value in arrays.items():
            with archive.open(f"{name}.npy", "w", force_zip64=True) as member:
                np.lib.format.write_array(member, np.asanyarray(value), allow_pickle=False)


def read_npz(path: Path, keys: Sequence[str] | None) -> dict[str, np.ndarray]:
    """Arrays by name out of a file that `write_npz` wrote; all of them where no keys are given."""
    with reading(path), open(path, "rb") as handle, np.load(handle, allow_pickle=False) as archive:
        return {name: archive[name] for name in (archive.files if keys is None else keys)}


@runtime_checkable
class _Array(Protocol):
    """An array, or a number of one, of numpy or of JAX."""

    def tolist(self) -> Any: ...


def plain(value: Any) -> Any:
    """Something as JSON can hold it: arrays as lists, numbers that are not finite as null."""
    if isinstance(value, Mapping):
        return {str(key): plain(item) for key, item in value.items()}
    if isinstance(value, list | tuple | set | frozenset):
        return [plain(item) for item in value]
    if isinstance(value, bool | str) or value is None:
        return value
    if isinstance(value, int):
        return int(value)
    if isinstance(value, float):
        return float(value) if math.isfinite(value) else None
    if isinstance(value, _Array):
        return plain(value.tolist())
    if isinstance(value, os.PathLike):
        return os.fspath(value)
    raise RunError(f"{type(value).__name__} does not fit into JSON")


@contextlib.contextmanager
def replacing(path: Path) -> Iterator[IO[bytes]]:
    """A file to write that takes its name only once it is whole and on the disk."""
    draft = path.with_name(f"{path.name}.partial")
    with open(draft, "wb") as handle:
        yield handle
        handle.flush()
        os.fsync(handle.fileno())
    os.replace(draft, path)


@contextlib.contextmanager
def drafted(target: Path) -> Iterator[Path]:
    """A folder to make and fill, which takes the target's place only once it is whole.

    The target is absent, empty, or a folder that may be replaced. Killed at any moment, there is the old folder, the
    new one or none under that name; what is left beside it is removed by the next creation.
    """
    target.parent.mkdir(parents=True, exist_ok=True)
    for leftover in target.parent.glob(f".{target.name}.*.partial"):
        owner = leftover.name.removeprefix(f".{target.name}.").split(".")[0]
        if owner.isdigit() and not alive(int(owner)):
            shutil.rmtree(leftover, ignore_errors=True)
    draft = target.parent / f".{target.name}.{os.getpid()}.partial"
    old = target.parent / f".{target.name}.{os.getpid()}.old.partial"
    shutil.rmtree(draft, ignore_errors=True)
    try:
        yield draft
        if target.is_dir() and any(target.iterdir()):
            os.replace(target, old)
        elif target.is_dir() and sys.platform == "win32":
            target.rmdir()
        os.replace(draft, target)
        shutil.rmtree(old, ignore_errors=True)
    finally:
        shutil.rmtree(draft, ignore_errors=True)


@contextlib.contextmanager
def writing(path: Path) -> Iterator[None]:
    """Trouble with the disk as one clear error."""
    try:
        yield
    except OSError as error:
        raise RunError(
            f"the folder cannot be written: {error.strerror or error}",
            place=str(path),
            hint="check the disk's free space and your rights, or name another folder",
        ) from error


@contextlib.contextmanager
def reading(path: Path) -> Iterator[None]:
    """Anything that damaged files provoke as one clear error."""
    try:
        yield
    except RunError:
        raise
    except (OSError, ValueError, KeyError, EOFError, RuntimeError, TypeError, zipfile.BadZipFile) as error:
        raise RunError(
            "the file is damaged or cannot be read", place=str(path), hint="run it again into a new folder"
        ) from error
