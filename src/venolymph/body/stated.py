"""What a person's document states of a leg as of a face: that it is healthy, and that nothing is felt there."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, TypeVar

from venolymph.errors import nearest
from venolymph.units import refusal, show

SymptomT = TypeVar("SymptomT", bound=str)


def healthy_or_more(data: Any, part: str, shape: str) -> Any:
    """What a document says of a part of the body, where one word may stand for a mapping without entries.

    Args:
        data: `healthy`, or a mapping.
        part: leg or face, in messages.
        shape: how it is written, as a hint.

    Raises:
        ValueError: where it is another word, or healthy and something else.
    """
    if data == "healthy":
        return {}
    if isinstance(data, str):
        raise refusal(
            f"{show(data)} says nothing about a {part}; allowed are 'healthy' or a mapping",
            hint="did you mean 'healthy'?" if nearest(data, ["healthy"]) else shape,
        )
    if isinstance(data, list | Mapping) and "healthy" in data:
        raise refusal(f"a {part} that is healthy has no other entries", hint="take 'healthy' out, or everything else")
    return data


def felt(symptoms: tuple[SymptomT, ...] | None) -> tuple[SymptomT, ...] | None:
    """Symptoms of a list that says what is felt; None where nobody asked.

    Raises:
        ValueError: where it is empty, or says that nothing is felt and something.
    """
    if symptoms == ():
        raise refusal(
            "an empty list does not say whether anything is felt",
            hint="write [none] where nothing is felt, or leave `symptoms` out where nobody asked",
        )
    if symptoms and "none" in symptoms and len(set(symptoms)) > 1:
        others = ", ".join(symptom for symptom in symptoms if symptom != "none")
        raise refusal(
            f"'none' contradicts {others}, which the same list names",
            hint="take 'none' out, or everything else if it is not felt",
        )
    return symptoms
