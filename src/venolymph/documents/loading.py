"""A document by name, path, mapping or object, and plain data as YAML text."""

from __future__ import annotations

import os
import tomllib
from collections.abc import Iterable, Mapping
from importlib import resources
from pathlib import Path
from typing import Any

from venolymph.documents.entry import Model, check
from venolymph.documents.files import reads_files
from venolymph.documents.source import Source
from venolymph.documents.yaml_text import parse, read
from venolymph.errors import DocumentError, nearest
from venolymph.units import show


def write(data: Mapping[str, Any]) -> str:
    """Plain data as YAML text, keys in their order, short mappings and lists on one line."""
    import yaml

    class Dumper(yaml.SafeDumper):
        def increase_indent(self, flow: bool = False, indentless: bool = False) -> None:
            return super().increase_indent(flow, indentless=False)

    return yaml.dump(dict(data), Dumper=Dumper, sort_keys=False, allow_unicode=True, width=110, default_flow_style=None)


def load(
    model: type[Model],
    kind: str,
    document: object,
    packaged: Mapping[str, Path],
    others: Mapping[str, Iterable[str]] | None = None,
    version: int = 1,
    older: str = "",
) -> Model:
    """A document by packaged name, path, mapping or object.

    Args:
        model: what it must be.
        kind: the word that its `kind` must have.
        document: the name of a packaged document, the path of a file, a mapping, or an object of the model.
        packaged: files of the packaged documents by name.
        others: names that would have done too, by what they are names of; a message lists them.
        version: the version of such documents that this program reads.
        older: what to do about a document of an older version.

    Raises:
        DocumentError: where there is no such document or it cannot be used.
    """
    if isinstance(document, model):
        return document
    if isinstance(document, Mapping):
        return check(model, _of_kind(dict(document), kind, Source(), version, older))
    if not isinstance(document, str | os.PathLike):
        raise DocumentError(
            f"found {show(document)}, where a {kind} is needed: a packaged name, a path, a mapping or an object",
            hint=f"packaged are {', '.join(packaged)}",
        )
    name = os.fspath(document)
    if name in packaged:
        path = packaged[name]
        data, source = parse(path.read_text("utf-8"), path.name)
    else:
        there = reads_files() and os.path.exists(name)
        looks_like_file = "/" in name or "\\" in name or name.endswith((".yaml", ".yml")) or there
        if isinstance(document, str) and not looks_like_file:
            near = nearest(name, (*packaged, *(one for names in (others or {}).values() for one in names)))
            besides = "".join(f"; {what}: {', '.join(names)}" for what, names in (others or {}).items())
            raise DocumentError(
                f"there is no packaged {kind} and no file of this name; packaged are {', '.join(packaged)}{besides}",
                hint=f"did you mean {near!r}?" if near else f"give the path of a {kind} document",
                place=show(name),
            )
        data, source = read(name)
    return check(model, _of_kind(data, kind, source, version, older), source)


def load_packaged(model: type[Model], package: str, path: str) -> Model:
    """A TOML file that comes with the program.

    Args:
        model: what it must be.
        package: in which it lies, such as `venolymph.lessons`.
        path: from there, such as `words/en.toml`.

    Raises:
        DocumentError: where it is no such thing.
    """
    text = resources.files(package).joinpath(*path.split("/")).read_text("utf-8")
    return check(model, tomllib.loads(text), Source(path))


def _of_kind(data: dict[str, Any], kind: str, source: Source, version: int, older: str) -> dict[str, Any]:
    found = data.get("kind")
    if found != kind:
        words = f"this is a document of kind {show(found)}" if "kind" in data else "'kind' is missing"
        hint = f"write `kind: {kind}` first"
        if "life" in (found, kind) and found in ("person", "regimen", "life"):
            hint = f"were {found} and {kind} exchanged?"
        elif found in ("person", "regimen") and kind != "trial":
            hint = "were person and regimen exchanged?"
        elif (found, kind) == ("session", "regimen"):
            hint = "write a regimen that has `massage:` with the path of this file among its steps"
        raise DocumentError(
            f"{words}; a document of kind {kind!r} is needed here",
            hint=hint,
            place=source.place(("kind",) if "kind" in data else ()),
        )
    given = data.get("version")
    if given != version or isinstance(given, bool):
        words = f"found version {show(given)}" if "version" in data else "'version' is missing"
        hint = f"write `version: {version}`"
        if isinstance(given, int) and not isinstance(given, bool):
            hint = "a newer program may read it" if given > version else older or hint
        raise DocumentError(
            f"{words}; this program reads version {version}",
            hint=hint,
            place=source.place(("version",) if "version" in data else ()),
        )
    return data
