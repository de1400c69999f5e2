"""What all parts of a case are made of: numbers, names, and mappings that know their keys."""

from __future__ import annotations

import difflib
from collections.abc import Mapping
from typing import Annotated, Any, ClassVar

from pydantic import BeforeValidator, Field, model_validator

from venolymph.documents import Entry


def _whole(value: Any) -> Any:
    """5.0 is a whole number to svZeroD; `true` is not a number."""
    return int(value) if isinstance(value, float) and value.is_integer() and abs(value) < 2**53 else value


Number = Annotated[float, Field(strict=True, allow_inf_nan=False)]
Amount = Annotated[float, Field(strict=True, allow_inf_nan=False, ge=0)]
Whole = Annotated[int, BeforeValidator(_whole), Field(strict=True)]
Yes = Annotated[bool, Field(strict=True)]
Positive = Annotated[float, Field(strict=True, allow_inf_nan=False, gt=0)]
Name = Annotated[str, Field(strict=True, min_length=1, max_length=400)]


class ElementValues(Entry):
    """Values of an element."""

    example: ClassVar[str]
    """How the mapping is written."""

    @classmethod
    def shape(cls) -> str | None:
        """The example as a hint."""
        return f"it is written like {cls.example}"


class CasePart(ElementValues):
    """A mapping around the elements: keys that svZeroD does not read are left out."""

    @model_validator(mode="before")
    @classmethod
    def _known_keys(cls, data: Any) -> Any:
        if isinstance(data, Mapping):
            known = cls.keys()
            missing = [key for key in known if key not in data]
            data = {
                key: value
                for key, value in data.items()
                if key in known or difflib.get_close_matches(key.lower(), missing, n=1, cutoff=0.85)
            }
        return super()._known_keys(data)  # pyright: ignore[reportCallIssue]
