"""The healthy twin: the same person without leaks, and with veins as healthy people have them."""

from __future__ import annotations

from venolymph.body.person import Person
from venolymph.body.person_leg import Leg
from venolymph.body.person_veins import Reflux, Vein
from venolymph.figures import load


def healthy_twin(person: Person) -> Person:
    """The healthy twin of a person.

    Tributaries that were added to the leg are there too, as narrow and straight as healthy ones are. Whether the common
    femoral vein has a valve above the junction is anatomy, and stays.
    """
    legs = person.legs
    healthy = {"left": _healthy(legs.left), "right": _healthy(legs.right)}
    return person.model_copy(update={"legs": legs.model_copy(update={**healthy, "asked": person.index_side})})


def _healthy(leg: Leg) -> Leg:
    figure = load()["wall_life.twin.tributary"]
    wide = f"{figure.value:g} {figure.unit}"
    added = dict.fromkeys(vein.add for vein in leg.veins if vein.add is not None)
    return Leg(
        suprasaphenic_valve=leg.suprasaphenic_valve,
        reflux=tuple(Reflux(at=name, leak="none") for name in added),
        veins=tuple(Vein(add=name, diameter_standing=wide, tortuosity=1.0) for name in added),
    )
