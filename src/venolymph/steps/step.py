"""A step as a document: one word and its particulars, `- stand: {for: 10 min}`."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from typing import Any, ClassVar

from pydantic import GetCoreSchemaHandler, ValidationError
from pydantic_core import core_schema

from venolymph import documents
from venolymph.documents import Entry
from venolymph.errors import nearest
from venolymph.units import refusal, show


class Step(Entry):
    """One step of a regimen or of a session; `word` is its name in documents."""

    word: ClassVar[str]
    example: ClassVar[str]
    bare: ClassVar[str | None] = None
    """The one field that a document writes without its name, as in `measure: [VFI]`."""

    @classmethod
    def shape(cls) -> str:
        return f"write it as in `- {cls.word}: {cls.example}`"

    @property
    def lasts(self) -> float:
        """How long it takes, s, as far as the document says."""
        return 0.0

    @property
    def steps_in_all(self) -> int:
        """How many steps it stands for, counted without writing them out."""
        return 1

    def unfolded(self) -> Iterator[tuple[Step, tuple[str | int, ...]]]:
        """The steps that it stands for, each with its place below this one."""
        yield self, ()

    def written(self) -> Any:
        """Its particulars as a document shows them."""
        inner = self.document()
        return inner if self.bare is None else inner[self.bare]


class OneStep:
    """Annotation of an entry of a list of steps: `{stand: {for: 10 min}}`, the bare word `stand`, or a `Step`.

    Args:
        steps: gives the steps that there are, by word.
        outermost: whether a JSON schema describes them here (steps within steps are described once).
    """

    def __init__(self, steps: Callable[[], Mapping[str, type[Step]]], *, outermost: bool = True) -> None:
        self.steps, self.outermost = steps, outermost

    def __get_pydantic_core_schema__(self, source: Any, handler: GetCoreSchemaHandler) -> core_schema.CoreSchema:
        return core_schema.no_info_plain_validator_function(
            self._read, serialization=core_schema.plain_serializer_function_ser_schema(written)
        )

    def _read(self, data: object) -> Step:
        known = self.steps()
        if isinstance(data, Step) and isinstance(data, tuple(known.values())):
            return data
        if isinstance(data, str):
            data = {data: {}}
        if not isinstance(data, Mapping) or len(data) != 1:
            found = f"the keys {', '.join(map(str, data))}" if isinstance(data, Mapping) and data else show(data)
            raise refusal(
                f"found {found}, where one step is needed: a word and its particulars",
                hint="begin each step with a dash: `- stand: {for: 10 min}`",
            )
        ((word, particulars),) = data.items()
        if word not in known:
            near = nearest(str(word), known)
            raise refusal(
                f"unknown step; allowed are {', '.join(known)}",
                hint=f"did you mean {near!r}?" if near else "see the reference of regimens",
                key=str(word),
            )
        step = known[word]
        if step.bare is not None:
            particulars = {step.bare: particulars}
        try:
            return step.model_validate({} if particulars is None else particulars)
        except ValidationError as error:
            raise documents.inner_refusal(error, word, without=step.bare or "") from None

    def __get_pydantic_json_schema__(self, schema: Any, handler: Any) -> dict[str, Any]:
        if not self.outermost:
            return {"type": ["object", "string"], "description": "a step, as those outside"}
        kinds = []
        for word, step in self.steps().items():
            inner: dict[str, Any] = step.model_json_schema(by_alias=True)
            inner = _spelled_out(inner, inner.pop("$defs", {}))
            if step.bare is not None:
                inner = inner["properties"][step.bare]
            kinds.append(
                {"type": "object", "properties": {word: inner}, "required": [word], "additionalProperties": False}
            )
        return {"oneOf": kinds}


def _spelled_out(schema: Any, meant: Mapping[str, Any]) -> Any:
    """A JSON schema with what its references mean in their place."""
    if isinstance(schema, dict):
        if "$ref" in schema:
            return _spelled_out(meant[schema["$ref"].rpartition("/")[2]], meant)
        return {key: _spelled_out(value, meant) for key, value in schema.items()}
    return [_spelled_out(one, meant) for one in schema] if isinstance(schema, list) else schema


def written(step: Step) -> dict[str, Any]:
    """A step as a document shows it."""
    return {step.word: step.written()}
