"""Where a place of head and neck lies along the links of a head's body: the trunk, and the head's three axes.

Places are given as in the reference body with the head upright, in cm forward of, beside and above the right atrium.
What lies below the neck's base goes with the trunk, in whose axis it is taken to lie; what lies above goes with the
head, whose axes (up, forward, to the left) are links of their own.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal

if TYPE_CHECKING:
    from venolymph.body.person import Person

HeadSide = Literal["left", "right"]
HeadSides = Literal["one", "both"]
"""The left half alone, or both."""


def figure_name(place: str) -> str:
    """A place's name as it stands in the key of a figure: "lower lid, medial" is `lower_lid_medial`."""
    return place.replace(", ", "_").replace(" ", "_").replace("-", "_")


@dataclass(frozen=True)
class HeadScale:
    """A person's head and neck beside those of the reference body.

    Attributes:
        length: of the person over the reference body, 1.
        neck_base: height of the neck's base above the right atrium in the reference body, cm.
    """

    length: float
    neck_base: float

    @classmethod
    def of(cls, person: Person, value: Callable[[str], float]) -> HeadScale:
        """That of a person; `value` gives a figure in internal units by its key."""
        return cls(person.height / value("body_proportions.reference.height"), value("head.neck.base"))

    def position(self, forward: float, lateral: float, up: float, side: HeadSide) -> tuple[float, float, float, float]:
        """Where a place lies along `HEAD_LINKS`, cm, positive downwards as for all links.

        Args:
            forward: forward of the right atrium in the reference body, cm.
            lateral: outward from the midline on its own side, cm.
            up: above the right atrium with the head upright, cm.
            side: of the head.
        """
        if up < self.neck_base:
            return (-up * self.length, 0.0, 0.0, 0.0)
        outward = self.length if side == "left" else -self.length
        above = up - self.neck_base
        return -self.neck_base * self.length, -above * self.length, -forward * self.length, -lateral * outward
