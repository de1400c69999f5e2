"""Models of documents: `Entry`, the base of them all, and what is wrong with data, in words."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any, ClassVar, TypeVar, cast

from pydantic import BaseModel, ConfigDict, ValidationError, model_validator

from venolymph.documents.source import Place, Source
from venolymph.errors import DocumentError, UnitError, nearest
from venolymph.units import refusal, show

if TYPE_CHECKING:
    from pydantic_core import PydanticCustomError

Model = TypeVar("Model", bound="Entry")


class _Constructor(type(BaseModel)):  # pyright: ignore[reportGeneralTypeIssues, reportUntypedBaseClass]
    """Makes `Stand(...)` written in Python raise what a document would raise."""

    positional: str | None

    def __call__(cls, *args: Any, **values: Any) -> Any:
        if len(args) == 1 and cls.positional is not None:
            args, values = (), {cls.positional: args[0], **values}
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
