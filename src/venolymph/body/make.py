"""A person becomes the part of the body that a regimen is done on: its veins, and its tissue and lymph."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Literal

from venolymph.body.drainage import body_drainage
from venolymph.body.head import head_body
from venolymph.body.head_drainage import head_drainage
from venolymph.body.leg import leg_body

if TYPE_CHECKING:
    from venolymph.body.anatomy import Body
    from venolymph.body.drainage_types import Drainage
    from venolymph.body.head_scale import HeadSides
    from venolymph.body.person import Person
    from venolymph.body.region import Legs
    from venolymph.figures import Figure

Part = Literal["leg", "face"]
"""What of the body is simulated: the legs, or face, head and neck."""


def make_body(
    person: Person,
    part: Part,
    *,
    legs: Legs = "one",
    sides: HeadSides = "one",
    figures: Mapping[str, Figure] | None = None,
) -> Body:
    """The veins of a part of a person's body.

    Args:
        person: the person.
        part: leg or face.
        legs: of legs, one in full or both.
        sides: of a face, the left half or both.
        figures: in place of the packaged ones.
    """
    if part == "leg":
        return leg_body(person, legs=legs, figures=figures)
    return head_body(person, sides=sides, figures=figures)


def part_of(body: Body) -> Part:
    """What of the body the veins of a body are in."""
    return "face" if body.legs == "none" else "leg"


def sides_of(body: Body) -> HeadSides:
    """Which halves of a face, head and neck a body has; of legs `both`."""
    return "one" if len(body.body_regions) == 1 else "both"


def make_drainage(body: Body, figures: Mapping[str, Figure] | None = None) -> Drainage:
    """Tissue and lymph of the part of a person's body whose veins are given, as the person's document states it.

    Args:
        body: the veins.
        figures: in place of the packaged ones.
    """
    if part_of(body) == "leg":
        return body_drainage(body.person, body.body_regions, figures)
    return head_drainage(body.person, sides=sides_of(body), figures=figures)
