"""A member of a population: a person, and the figures that are that person's own."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from types import MappingProxyType
from typing import Any

from venolymph.body import Person, load_person
from venolymph.body.scaling import ScaledBy
from venolymph.documents import check
from venolymph.figures import Figure, Figures, load


@dataclass(frozen=True)
class Member:
    """Somebody of a population.

    Attributes:
        number: in the population, from 0.
        person: the person's document.
        drawn: figures that are this person's own, by key, each in its figure's unit.
        group: name of the class that the person is of; empty where there is none.
        factors: numbers of the index leg that are scaled, as calibration found them.
    """

    number: int
    person: Person
    drawn: Mapping[str, float] = field(default_factory=lambda: MappingProxyType({}))
    group: str = ""
    factors: tuple[ScaledBy, ...] = ()

    @property
    def figures(self) -> Mapping[str, Figure] | None:
        """All figures with this person's own in place; None where the packaged ones hold."""
        if not self.drawn:
            return None
        packaged = load()
        own = {key: replace(packaged[key], value=value) for key, value in self.drawn.items()}
        return Figures({**packaged, **own})

    def document(self) -> dict[str, Any]:
        """The member as plain data."""
        return {
            "number": self.number,
            "person": self.person.document(),
            "drawn": dict(self.drawn),
            "group": self.group,
            "factors": [one.document() for one in self.factors],
        }


def member_of(document: Mapping[str, Any]) -> Member:
    """The member that plain data is of.

    Raises:
        DocumentError: where the person's document cannot be used.
    """
    return Member(
        int(document["number"]),
        load_person(document["person"]),
        dict(document["drawn"]),
        str(document["group"]),
        tuple(check(ScaledBy, one) for one in document.get("factors", ())),
    )
