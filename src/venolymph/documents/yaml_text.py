"""One YAML document from text: no anchors, no keys given twice, few kinds of plain value."""

from __future__ import annotations

import json
import os
import re
from pathlib import Path
from typing import Any

from venolymph.documents.files import read_text
from venolymph.documents.source import Place, Source
from venolymph.errors import DocumentError
from venolymph.units import show

DEEPEST = 24
MOST_ENTRIES = 30_000


def read(path: str | os.PathLike[str]) -> tuple[dict[str, Any], Source]:
    """Read one YAML document.

    Args:
        path: the file.

    Returns:
        The document as plain data, and where each of its places stands.

    Raises:
        DocumentError: where the file cannot be read, is not text, too large, or not one plain YAML mapping.
    """
    name = os.fspath(path)
    return parse(read_text(Path(path)), name)


def parse(text: str, name: str | None = None) -> tuple[dict[str, Any], Source]:
    """Read one YAML document from text; see `read`."""
    import yaml

    lines: dict[Place, int] = {}
    loader = _loader()(text)
    try:
        node = loader.get_single_node()
        data = _plain(loader, node, (), lines) if node is not None else None
    except yaml.YAMLError as error:
        data = _json(text, name)
        if data is None:
            raise _not_yaml(error, name) from None
    except RecursionError:
        raise _Refused(f"the document is nested deeper than {DEEPEST} levels", "write it flatter").at(
            name, None
        ) from None
    except _Refused as refused:
        raise refused.at(name, refused.line) from None
    finally:
        loader.dispose()
    source = Source(name, lines)
    if data is None:
        raise DocumentError("the document is empty", hint="start with `kind: person` or `kind: regimen`", place=name)
    if not isinstance(data, dict):
        raise DocumentError(
            f"the document is {show(data)}; a mapping of keys is needed",
            hint="start with `kind: person` or `kind: regimen`",
            place=name,
        )
    return data, source


def _json(text: str, name: str | None) -> Any:
    """The document where it is JSON that is no YAML (for its tabs, say); None where it is not JSON either."""

    def once(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
        found = dict(pairs)
        if len(found) != len(pairs):
            twice = next(key for key in found if sum(key == other for other, _ in pairs) > 1)
            raise _Refused(f"the key {show(twice)} is given twice", "keep one of the two").at(name, None)
        return found

    def number(word: str) -> float:
        raise ValueError(word)

    if not text.lstrip().startswith("{"):
        return None
    try:
        data = json.loads(text, object_pairs_hook=once, parse_constant=number)
    except (ValueError, RecursionError):
        return None
    level, depth = [data], 0
    while level:
        depth += 1
        if depth > DEEPEST:
            raise _Refused(f"the document is nested deeper than {DEEPEST} levels", "write it flatter").at(name, None)
        inside = [list(one.values()) if isinstance(one, dict) else one for one in level if isinstance(one, dict | list)]
        level = [one for several in inside for one in several]
    return data


class _Refused(Exception):
    """YAML that is refused, before it is known where it came from."""

    def __init__(self, message: str, hint: str, line: int | None = None) -> None:
        super().__init__(message)
        self.message, self.hint, self.line = message, hint, line

    def at(self, name: str | None, line: int | None) -> DocumentError:
        start = name or "document"
        return DocumentError(self.message, hint=self.hint, place=f"{start}, line {line}" if line else start)


_PLAIN: dict[str, tuple[re.Pattern[str], list[str]]] = {
    "null": (re.compile(r"^(?:~|null|Null|NULL|)$"), ["~", "n", "N", ""]),
    "bool": (re.compile(r"^(?:true|True|TRUE|false|False|FALSE)$"), list("tTfF")),
    "int": (re.compile(r"^[-+]?[0-9]{1,18}$"), list("-+0123456789")),
    "float": (
        re.compile(r"^[-+]?(?:\.[0-9]+|[0-9]+(?:\.[0-9]*)?)(?:[eE][-+]?[0-9]+)?$"),
        list("-+0123456789."),
    ),
}
"""How plain values besides text are written, with their first characters; so too where a tag names their kind."""


def _loader() -> type[Any]:
    """A YAML loader without anchors and with few kinds of plain value (`no` and `12:30` stay text)."""
    import yaml
    from yaml.nodes import MappingNode, ScalarNode, SequenceNode

    class Loader(yaml.SafeLoader):
        depth = 0
        count = 0

        def compose_node(self, parent: Any, index: Any) -> Any:
            event: Any = self.peek_event()
            line = event.start_mark.line + 1
            if getattr(event, "anchor", None) is not None:
                raise _Refused("anchors and aliases (& and *) are not allowed", "write the entry out in full", line)
            self.depth += 1
            self.count += 1
            if self.depth > DEEPEST:
                raise _Refused(f"the document is nested deeper than {DEEPEST} levels", "write it flatter", line)
            if self.count > MOST_ENTRIES:
                raise _Refused(
                    f"the document has more than {MOST_ENTRIES:,} entries", "split it, or build it in Python", line
                )
            node: Any = super().compose_node(parent, index)
            self.depth -= 1
            standard = node.tag.startswith("tag:yaml.org,2002:")
            kind = node.tag.rpartition(":")[2]
            whole = {"map": MappingNode, "seq": SequenceNode}.get(kind, ScalarNode)
            if not standard or kind not in {"map", "seq", "str", *_PLAIN} or not isinstance(node, whole):
                raise _Refused(f"the tag {node.tag!r} is not allowed", "take it out; documents hold plain values", line)
            if isinstance(node, MappingNode):
                seen: set[str] = set()
                for key, _ in node.value:
                    if isinstance(key, MappingNode | SequenceNode):
                        raise _Refused("a key must be a word", "put the key in quotes", key.start_mark.line + 1)
                    if key.value in seen:
                        side = key.value in {"left", "right"}
                        raise _Refused(
                            f"two legs are named {key.value!r}" if side else f"the key {key.value!r} is given twice",
                            "name one leg left and the other right" if side else "keep one of the two",
                            key.start_mark.line + 1,
                        )
                    seen.add(key.value)
            return node

    Loader.yaml_implicit_resolvers = {}
    for tag, (pattern, first) in _PLAIN.items():
        Loader.add_implicit_resolver(f"tag:yaml.org,2002:{tag}", pattern, first)
    return Loader


def _plain(loader: Any, node: Any, place: Place, lines: dict[Place, int]) -> Any:
    """The value of a node, noting the line of each place."""
    lines[place] = node.start_mark.line + 1
    kind = node.tag.rpartition(":")[2]
    if isinstance(node.value, str):
        if kind in _PLAIN and not _PLAIN[kind][0].fullmatch(node.value):
            raise _Refused(f"{show(node.value)} is not of the kind {kind!r}", "take the tag out", lines[place])
        match kind:
            case "null":
                return None
            case "bool":
                return node.value.lower() == "true"
            case "int":
                return int(node.value)
            case "float":
                return float(node.value)
            case _:
                return _joined(node.value, lines[place])
    if kind == "seq":
        return [_plain(loader, item, (*place, n), lines) for n, item in enumerate(node.value)]
    result = {}
    for key, value in node.value:
        result[key.value] = _plain(loader, value, (*place, key.value), lines)
        lines[*place, key.value] = key.start_mark.line + 1
    return result


def _joined(text: str, line: int) -> str:
    """Text whose large characters were written as two escapes, as JSON does, with each as the one that it is."""
    if not any("\ud800" <= char <= "\udfff" for char in text):
        return text
    try:
        return text.encode("utf-16", "surrogatepass").decode("utf-16")
    except UnicodeDecodeError:
        raise _Refused(f"{show(text)} holds half a character", "write the character itself", line) from None


def _not_yaml(error: Any, name: str | None) -> DocumentError:
    mark = getattr(error, "problem_mark", None) or getattr(error, "context_mark", None)
    problem = getattr(error, "problem", None) or getattr(error, "reason", None) or "it cannot be parsed"
    if "expected a single document" in (getattr(error, "context", None) or ""):
        problem = "it holds more than one document"
    place = name or "document"
    return DocumentError(
        f"this is not YAML as it should be: {problem}",
        hint="check indentation, colons and brackets near there",
        place=f"{place}, line {mark.line + 1}" if mark else place,
    )
