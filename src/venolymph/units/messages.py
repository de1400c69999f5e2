"""A value as messages show it, and the error that a validator raises."""

from __future__ import annotations

from typing import Any

from pydantic_core import PydanticCustomError


def show(value: object) -> str:
    """A value as messages show it: what kind of thing it is where it is large."""
    if value is None:
        return "nothing"
    if isinstance(value, bool):
        return "yes" if value else "no"
    if isinstance(value, dict):
        return f"a mapping with {len(value)} key{'s' * (len(value) > 1)}" if value else "an empty mapping"
    if isinstance(value, list | tuple):
        return f"a list of {len(value)}" if value else "an empty list"
    text = repr(value)
    return text if len(text) <= 60 else f"{text[:50]}... ({len(text)} characters)"


def refusal(
    message: str, *, hint: str | None = None, unit: bool = False, key: str | int | tuple[str | int, ...] | None = None
) -> PydanticCustomError:
    """An error that a validator raises; `documents` turns it into a `DocumentError` (`UnitError` where `unit`).

    Args:
        message: what was found and what is allowed.
        hint: what to try.
        unit: whether the unit is what is wrong.
        key: the key below the place where the validator stands that the message is about.
    """
    context = {"message": message, "hint": hint, "unit": unit, "key": key}
    return PydanticCustomError("venolymph", "{message}", {name: _whole(value) for name, value in context.items()})


def _whole(value: Any) -> Any:
    """Text with half a character in it as pydantic can carry it."""
    if isinstance(value, tuple):
        return tuple(_whole(one) for one in value)
    return value.encode("utf-8", "backslashreplace").decode("utf-8") if isinstance(value, str) else value
