"""Hidden factors of a face: what nobody has measured, to be set to either end of its range in every result."""

from __future__ import annotations

import tomllib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from functools import cache
from importlib import resources
from typing import Any

from pydantic import model_validator

from venolymph.body import load_person
from venolymph.documents import Entry, check
from venolymph.figures import Figure
from venolymph.units import refusal


class HiddenFactor(Entry):
    """Something that nobody has measured.

    Attributes:
        name: what it is.
        figures: that are moved together to the ends of their ranges.
        face: entries of a person's face and the two values that each takes: they change what is seen, not what flows.
    """

    name: str
    figures: tuple[str, ...] = ()
    face: dict[str, tuple[Any, Any]] | None = None

    @model_validator(mode="after")
    def _one(self) -> HiddenFactor:
        if bool(self.figures) == bool(self.face):
            raise refusal("name figures, or entries of a face")
        return self


@dataclass(frozen=True)
class Variant:
    """One factor at one end.

    Attributes:
        factor: its name.
        end: its value in words.
        figures: to simulate with; None where it changes only what is seen.
        face: entries of the person's face to see it with.
    """

    factor: str
    end: str
    figures: Mapping[str, Figure] | None
    face: Mapping[str, Any]

    def seen_in(self, person: Any) -> Any:
        """A person with these entries of a face."""
        document = load_person(person).document()
        return load_person({**document, "face": {**document.get("face", {}), **self.face}})


@cache
def hidden_factors() -> tuple[HiddenFactor, ...]:
    """All hidden factors of a face."""
    text = resources.files("venolymph.evidence").joinpath("hidden_factors.toml").read_text("utf-8")
    return tuple(check(HiddenFactor, one) for one in tomllib.loads(text)["factor"])


def variants(figures: Mapping[str, Figure], factors: Sequence[HiddenFactor] | None = None) -> list[Variant]:
    """Each factor at the low and at the high end of its range, where that is not what it is already.

    Args:
        figures: that are used otherwise.
        factors: the packaged ones if None.
    """
    found = []
    for factor in hidden_factors() if factors is None else factors:
        for end in (0, 1):
            if factor.face is not None:
                face = {name: ends[end] for name, ends in factor.face.items()}
                found.append(Variant(factor.name, ", ".join(str(value) for value in face.values()), None, face))
                continue
            known = [figures[key] for key in factor.figures]
            values = [(one.low, one.high)[end] for one in known]
            if values == [one.value for one in known]:
                continue
            moved = {
                key: replace(one, value=value) for key, one, value in zip(factor.figures, known, values, strict=True)
            }
            unit = "" if known[0].unit == "1" else f" {known[0].unit}"
            found.append(Variant(factor.name, f"{values[0]:g}{unit}", {**figures, **moved}, {}))
    return found
