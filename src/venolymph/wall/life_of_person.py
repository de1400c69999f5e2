"""Whether a life can be that of a person: what the leg has, and how old the person becomes."""

from __future__ import annotations

from venolymph.body import places
from venolymph.body.person import OLDEST_PREGNANT, Person
from venolymph.errors import DocumentError
from venolymph.wall.life import YEAR
from venolymph.wall.life_document import ChangeEntry, LifeDocument

OLDEST = 110
"""Age that nobody passes, years; the oldest that a person's document may state."""


def check_life(life: LifeDocument, person: Person) -> None:
    """See that a life can be that of a person.

    Args:
        life: what is followed.
        person: whose index leg it is followed in.

    Raises:
        DocumentError: where a vein that is closed or taken out is not there, somebody is pregnant who cannot be, or
            the person would become too old.
    """
    age = person.age + life.lasts / YEAR
    if age > OLDEST:
        raise DocumentError(
            f"{person.label} is {person.person.age} old and would be {age:.0f} y at the end; allowed is {OLDEST} y",
            hint=f"let it last {OLDEST - person.age:.0f} years or less",
            place=f"{life.life}: lasts",
        )
    if person.weeks_pregnant:
        raise DocumentError(
            f"the document of {person.label} states a pregnancy, and a life begins with a leg that stays as it is",
            hint="leave `pregnancy` out of the person's document, and write it under `changes` of the life",
            place=f"{life.life}",
        )
    there = _veins_of(person)
    for number, entry in enumerate(life.changes):
        where = f"{life.life}: changes.{number}"
        _check_pregnancy(entry, person, where)
        for key, names in (("ablate", entry.ablate), ("remove", entry.remove)):
            for name in names:
                _check_vein(name, there, person, f"{where}.{key}")


def _veins_of(person: Person) -> dict[str, bool]:
    """Segments of the index leg, each with whether it is open."""
    leg = person.leg
    there = dict.fromkeys(places.SEGMENTS, True)
    for vein in leg.veins:
        for name in places.SEGMENT_GROUPS.get(vein.add or vein.at or "", ()):
            there[name] = vein.narrowed != "closed"
    return there


def _check_vein(name: str, there: dict[str, bool], person: Person, where: str) -> None:
    """Refuse what is closed or taken out and is not there."""
    found = [one for one in places.SEGMENT_GROUPS[name] if one in there]
    if not found:
        added = [one for one in there if one in places.TRIBUTARIES]
        has = f"added to it are {', '.join(map(repr, added))}" if added else "no tributary is added to it"
        raise DocumentError(
            f"there is no {name!r} in the {person.index_side} leg of {person.label}; {has}",
            hint="name a vein that the leg has, or add it to the person's document: "
            f"veins: [{{add: {name!r}, diameter_standing: 5 mm}}]",
            place=where,
        )
    if not any(there[one] for one in found):
        raise DocumentError(
            f"{name!r} is closed already in the document of {person.label}",
            hint="take it out of the life, or out of the person's document",
            place=where,
        )


def _check_pregnancy(entry: ChangeEntry, person: Person, where: str) -> None:
    """Refuse the pregnancy of somebody who cannot be pregnant then."""
    if entry.pregnancy is None:
        return
    age = person.age + entry.at / YEAR
    if person.sex != "female" or age > OLDEST_PREGNANT:
        raise DocumentError(
            f"a pregnancy at {entry.at}, when {person.label} is {person.sex} and {age:.0f} y old; "
            f"allowed is female, up to {OLDEST_PREGNANT} y",
            hint="name another person, or take the pregnancy out of the life",
            place=f"{where}.pregnancy",
        )
