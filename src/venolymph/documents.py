"""Documents written by people: read safely, checked against a model, refused in plain words.

`read(path)` reads one YAML file: it must be text, no larger than `LARGEST` bytes, without anchors, without keys given
twice, and no deeper or longer than a document that a person writes. `Entry` is the base of all models of documents: it
refuses unknown keys with the nearest one known. Whatever is wrong, `check(model, data)` raises one `DocumentError` (or
`UnitError`) with place, what was found, what is allowed and a hint.
"""

from __future__ import annotations

import json
import os
import re
import stat
import unicodedata
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any, ClassVar, TypeVar, cast

from pydantic import BaseModel, ConfigDict, ValidationError, model_validator

from venolymph.errors import DocumentError, UnitError, nearest
from venolymph.plain_text import decode, refuse_by_ending
from venolymph.units import refusal, show

if TYPE_CHECKING:
    from pydantic_core import PydanticCustomError

LARGEST = 1_000_000
DEEPEST = 24
MOST_ENTRIES = 30_000

Place = tuple[str | int, ...]
Model = TypeVar("Model", bound="Entry")


# ------------------------------------------------------------------ models


class _Constructor(type(BaseModel)):  # pyright: ignore[reportGeneralTypeIssues, reportUntypedBaseClass]
    """Makes `Stand(...)` written in Python raise what a document would raise."""

    def __call__(cls, *args: Any, **values: Any) -> Any:
        positional = getattr(cls, "positional", None)
        if len(args) == 1 and positional is not None:
            args, values = (), {positional: args[0], **values}
        try:
            return super().__call__(*args, **values)
        except ValidationError as error:
            raise _first(error, Source()) from None


class Entry(BaseModel, metaclass=_Constructor):
    """A mapping of a document: frozen, unknown keys refused with the nearest one known."""

    model_config = ConfigDict(extra="forbid", frozen=True, populate_by_name=True)

    positional: ClassVar[str | None] = None
    """Field that the one argument without a name means in Python, as in `Regimen([...])`."""

    if TYPE_CHECKING:
        # fields take text ("10 min"), which a type checker would not see from their types
        def __init__(self, *args: Any, **values: Any) -> None: ...

    @classmethod
    def keys(cls) -> dict[str, bool]:
        """Keys that the mapping may have, each with whether it must."""
        return {info.alias or name: info.is_required() for name, info in cls.model_fields.items()}

    def need_one(self, given: Mapping[str, bool]) -> None:
        """Refuse the mapping unless just one of two ways to say something is taken.

        Args:
            given: both ways, as a message names them, each with whether it is taken.
        """
        one, other = given
        if given[one] == given[other]:
            found = f"{one} and {other} at once" if given[one] else f"neither {one} nor {other}"
            raise refusal(f"found {found}; one of them is needed", hint=self.shape())

    @model_validator(mode="before")
    @classmethod
    def _known_keys(cls, data: Any) -> Any:
        if isinstance(data, cls):
            return data
        keys = cls.keys()
        if not isinstance(data, Mapping):
            raise refusal(
                f"found {show(data)}, where a mapping is needed with the keys {', '.join(keys)}", hint=cls.shape()
            )
        names = {
            **{name: name for name in keys},
            **{name: info.alias or name for name, info in cls.model_fields.items()},
        }
        for key in data:
            if key not in names:
                near = nearest(str(key), keys)
                allowed = f"allowed are {', '.join(keys)}" if keys else "nothing is allowed here"
                hint = f"did you mean {near!r}?" if near else "take it out, or look at the documents' reference"
                if data[key] is None and str(key)[:1].isdigit():
                    hint = "was a decimal comma written in braces? write a point before the decimals"
                raise refusal(f"unknown key; {allowed}", hint=hint, key=str(key))
        given = {names[key] for key in data}
        for key, needed in keys.items():
            if needed and key not in given:
                raise refusal(
                    f"{key!r} is missing; needed are {', '.join(k for k in keys if keys[k])}", hint=cls.shape()
                )
        return data

    @classmethod
    def shape(cls) -> str | None:
        """A hint that shows how this mapping is written, if there is one."""
        return None

    def document(self) -> dict[str, Any]:
        """The mapping as plain data, without what was left at its default, which is read back to an equal object.

        A whole document begins with its kind and version.
        """
        whole = {"kind", "version"} <= set(type(self).model_fields)
        head = {name: getattr(self, name) for name in ("kind", "version")} if whole else {}
        return {**head, **self.model_dump(mode="json", by_alias=True, exclude_defaults=True)}


# ------------------------------------------------------------------ words that count


_BLANK_LETTERS = frozenset("\u115f\u1160\u17b4\u17b5\u3164\uffa0")
"""Characters that Unicode calls letters and nobody sees."""


def check_words(text: str, letters: int = 1) -> str:
    """Words that somebody is to read: a name, a role, a reason.

    Args:
        text: as given.
        letters: how many letters there have to be.

    Returns:
        The text in its usual Unicode form (NFKC), without blanks around it.

    Raises:
        DocumentError: where it holds what cannot be seen, or too few letters.
    """
    plain = unicodedata.normalize("NFKC", text).strip()
    hidden = next((char for char in plain if not char.isprintable() or char in _BLANK_LETTERS), None)
    if hidden is not None:
        raise DocumentError(
            f"{show(text)} holds a character that cannot be seen (U+{ord(hidden):04X})", hint="take it out"
        )
    if sum(char.isalpha() for char in plain) < letters:
        raise DocumentError(
            f"{show(text)} says nothing; at least {letters} letters are needed", hint="write it in words"
        )
    return plain


def check_reason(text: str) -> str:
    """A reason that is recorded and printed: words, three letters at the least.

    Raises:
        DocumentError: where it is none.
    """
    return check_words(text, 3)


# ------------------------------------------------------------------ reading


@dataclass(frozen=True)
class Source:
    """Where a document came from, to say so in messages.

    Attributes:
        name: the file's name as given, or None.
        lines: line of the file at which each place stands.
    """

    name: str | None = None
    lines: dict[Place, int] = field(default_factory=dict)

    def place(self, place: Place) -> str | None:
        """`person.yaml, line 12: legs.left.reflux.0.at`."""
        where = ".".join(str(part) for part in place)
        if self.name is None:
            return where or None
        line = next((self.lines[place[:n]] for n in range(len(place), 0, -1) if place[:n] in self.lines), None)
        start = f"{self.name}, line {line}" if line else self.name
        return f"{start}: {where}" if where else start


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


def read_text(path: Path, what: str = "a YAML file") -> str:
    """The text of a file that somebody wrote.

    Args:
        path: the file.
        what: which kind of file is wanted, for messages.

    Raises:
        DocumentError: where it cannot be read, is too large, or is not text in UTF-8.
    """
    name, wanted = os.fspath(path), f"a document is {what}"
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
        reason = getattr(error, "strerror", None) or str(error)
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


# ------------------------------------------------------------------ checking and writing


def check(model: type[Model], data: Any, source: Source | None = None) -> Model:
    """A model from plain data.

    Raises:
        DocumentError: for the first thing that is wrong, with its place.
    """
    try:
        return model.model_validate(data)
    except ValidationError as error:
        raise _first(error, source or Source()) from None


def _first(error: ValidationError, source: Source) -> DocumentError:
    """What pydantic found first, in words and with its place."""
    errors = error.errors(include_url=False)
    found = errors[0]
    place: Place = tuple(part for part in found["loc"])
    context = cast("dict[str, Any]", found.get("ctx") or {})
    message, hint, kind = _words(found, context)
    if context.get("key") is not None:
        place = (*place, *(context["key"] if isinstance(context["key"], tuple) else (context["key"],)))
    if len(errors) > 1:
        more = len(errors) - 1
        hint = (
            f"{hint or 'correct this first'} (then {more} more {'place needs' if more == 1 else 'places need'} a look)"
        )
    return kind(message, hint=hint, place=source.place(place))


def inner_refusal(error: ValidationError, *above: str | int, without: str = "") -> PydanticCustomError:
    """What a validator raises for the first error of a model that it checked itself.

    Args:
        error: what the model raised.
        above: the way to it.
        without: a key of the model that the document does not show.
    """
    found = error.errors(include_url=False)[0]
    context = cast("dict[str, Any]", found.get("ctx") or {})
    message, hint, kind = _words(found, context)
    key = context.get("key")
    below = () if key is None else key if isinstance(key, tuple) else (key,)
    return refusal(
        message,
        hint=hint,
        unit=kind is UnitError,
        key=(*above, *(part for part in found["loc"] if part != without), *below),
    )


def _words(found: Any, context: dict[str, Any]) -> tuple[str, str | None, type[DocumentError]]:
    kind = found["type"]
    value = show(found.get("input"))
    if kind == "venolymph":
        return context["message"], context["hint"], UnitError if context["unit"] else DocumentError
    if kind in {"literal_error", "enum"}:
        allowed = [word.strip(" '") for word in str(context["expected"]).replace(" or ", ", ").split(",")]
        near = nearest(str(found.get("input")), allowed)
        hint = f"did you mean {near!r}?" if near else f"write {allowed[0]}, for example"
        return f"{value} is not allowed; allowed are {', '.join(allowed)}", hint, DocumentError
    needed = {
        "string_type": "text",
        "list_type": "a list",
        "tuple_type": "a list",
        "dict_type": "a mapping",
        "int_type": "a whole number",
        "int_from_float": "a whole number",
        "int_parsing": "a whole number",
        "bool_type": "true or false",
        "bool_parsing": "true or false",
        "float_type": "a number",
        "float_parsing": "a number",
        "date_from_datetime_parsing": "a date such as 2026-03-02",
        "date_type": "a date such as 2026-03-02",
    }.get(kind)
    if needed:
        return f"found {value}, where {needed} is needed", f"write {needed} here", DocumentError
    limits = {
        "greater_than": ("more than", "gt"),
        "greater_than_equal": ("at least", "ge"),
        "less_than": ("less than", "lt"),
        "less_than_equal": ("at most", "le"),
    }.get(kind)
    if limits:
        allowed = f"{limits[0]} {context[limits[1]]}"
        return f"{value} is not possible here; allowed is {allowed}", f"write a number of {allowed}", DocumentError
    lengths = {
        "too_short": ("at least", "min_length", "entries"),
        "too_long": ("at most", "max_length", "entries"),
        "string_too_short": ("at least", "min_length", "characters"),
        "string_too_long": ("at most", "max_length", "characters"),
    }.get(kind)
    if lengths:
        number = context[lengths[1]]
        what = lengths[2] if number != 1 else lengths[2].replace("entries", "entry").removesuffix("s")
        allowed = f"{lengths[0]} {number} {what}"
        return f"found {value}; allowed is {allowed}", f"write {allowed}", DocumentError
    return f"found {value}: {found['msg'][0].lower()}{found['msg'][1:]}", "correct this entry", DocumentError


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
        looks_like_file = "/" in name or "\\" in name or name.endswith((".yaml", ".yml")) or os.path.exists(name)
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


def _of_kind(data: dict[str, Any], kind: str, source: Source, version: int, older: str) -> dict[str, Any]:
    found = data.get("kind")
    if found != kind:
        words = f"this is a document of kind {show(found)}" if "kind" in data else "'kind' is missing"
        raise DocumentError(
            f"{words}; a document of kind {kind!r} is needed here",
            hint="were person and regimen exchanged?"
            if found in ("person", "regimen")
            else f"write `kind: {kind}` first",
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
