"""The gate in front of simulated massage: the person's document has to say that nothing speaks against it.

`gate(person, regimen, override)` is to be called by `simulate` for each person, with what `load_person` and
`load_regimen` gave, before anything is computed. What stops is data (`person.toml`).
"""

from __future__ import annotations

import re
import tomllib
from functools import cache
from importlib import resources
from typing import TYPE_CHECKING

from venolymph.documents import Entry, Source, check, check_reason
from venolymph.errors import DocumentError, SimulationError

if TYPE_CHECKING:
    from venolymph.body.person import Leg, Person
    from venolymph.regimen.schema import Regimen


class Stops(Entry):
    """What stops, each with the id of the rule of screening that it belongs to."""

    symptoms: dict[str, str]
    skin: dict[str, str]
    ceap: dict[str, str]


@cache
def stops() -> Stops:
    """What in a person's document stops a simulation of massage."""
    text = resources.files("venolymph.plan").joinpath("person.toml").read_text("utf-8")
    return check(Stops, tomllib.loads(text), Source("person.toml"))


def gate(person: Person, regimen: Regimen, override: str | None = None) -> None:
    """Refuse to simulate massage for a person whose document speaks against it, or leaves red flags unstated.

    Both legs are looked at for what stops; symptoms and skin have to be stated for the leg that is massaged.

    Args:
        person: who is to be massaged.
        regimen: what is to be done; without massage in it, also in what it nests, nothing is refused.
        override: recorded reason for going on all the same (`research_override`).

    Raises:
        SimulationError: where the document says ulcer, pain or CEAP C5 or C6, or does not state symptoms and skin, and
            no reason is given; or where the reason is not in words.
    """
    if not regimen.massages:
        return
    if override is not None:
        try:
            check_reason(override)
        except DocumentError as error:
            raise SimulationError(f"no reason to go on: {error.message}", hint=error.hint, place="reason") from None
        return
    legs = {"left": person.legs.left, "right": person.legs.right}
    found = [f"{side} leg: {what}" for side, leg in legs.items() for what in _stopped(leg)]
    if found:
        raise SimulationError(
            f"massage is not simulated for {person.label!r}: {'; '.join(found)}. Seek medical treatment",
            hint="for research, give a reason, which is recorded and printed: research_override=...",
            place=person.label,
        )
    side = regimen.body.partition(".")[2] or person.asked
    missing = [key for key in ("symptoms", "skin") if getattr(legs[side], key) is None]
    if missing:
        raise SimulationError(
            f"massage is not simulated for {person.label!r}: its document does not state {' and '.join(missing)} "
            f"of the {side} leg, so pain or broken skin are not ruled out",
            hint="write `symptoms: [none]` and `skin: intact` where that is so, or give a research_override",
            place=person.label,
        )


def _stopped(leg: Leg) -> list[str]:
    """What stops, each with its rule."""
    known = stops()
    found = [(symptom, known.symptoms[symptom]) for symptom in leg.symptoms or () if symptom in known.symptoms]
    if leg.skin in known.skin:
        found.append((leg.skin or "", known.skin[leg.skin or ""]))
    # `C4b,6r` names two classes, and any of them counts
    classes = re.findall(r"\d", (leg.ceap or "").partition(" ")[0])
    found += [(f"CEAP C{one}", known.ceap[one]) for one in classes if one in known.ceap]
    return [f"{what} ({rule})" for what, rule in found]
