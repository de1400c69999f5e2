"""A number of a person's document that may also be a word."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from pydantic import GetCoreSchemaHandler
from pydantic_core import core_schema

from venolymph.errors import nearest
from venolymph.units import Kind, Quantity, refusal


class NumberOrWord:
    """Annotation for a number that may also be one of a few words, each with a figure behind it.

    The value is kept as written: a word, or a `Quantity`.

    Args:
        kind: of the number.
        words: that stand for one, each with the key of its figure.
        noun: what it is, in messages.
    """

    def __init__(self, kind: Kind, words: Mapping[str, str], noun: str) -> None:
        self.kind, self.words, self.noun = kind, dict(words), noun

    def _read(self, value: object) -> str | Quantity:
        if isinstance(value, str) and value in self.words:
            return value
        if isinstance(value, str) and value[:1].isalpha():
            near = nearest(value, self.words)
            raise refusal(
                f"{value!r} is no {self.noun}; "
                f"allowed are {', '.join(self.words)}, or a number of {self.kind.limits()}",
                hint=f"did you mean {near!r}?" if near else f"write one of {', '.join(self.words)}",
            )
        return self.kind.checked(value)

    def __get_pydantic_core_schema__(self, source: Any, handler: GetCoreSchemaHandler) -> core_schema.CoreSchema:
        return core_schema.no_info_plain_validator_function(
            self._read,
            serialization=core_schema.plain_serializer_function_ser_schema(
                lambda value: value.written if isinstance(value, Quantity) else value
            ),
        )

    def __get_pydantic_json_schema__(self, schema: Any, handler: Any) -> dict[str, Any]:
        return {
            "description": f"{self.noun}: a word, or a number of {self.kind.limits()}",
            "anyOf": [{"enum": list(self.words)}, {"type": ["string", "number"]}],
        }
