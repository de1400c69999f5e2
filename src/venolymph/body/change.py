"""Changes of single veins by a person's document."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from venolymph.body.person_leg import Leg
    from venolymph.body.person_veins import Vein


@dataclass
class VeinChange:
    """Changes of one segment or perforator by a document; later entries override earlier ones.

    Attributes:
        diameter: lumen standing, cm; None where nothing is said.
        tortuosity: length over straight length, 1.
        lumen: share of the lumen that is left, 1.
        stiffness: stiffness of distension as a multiple of a healthy wall's, 1.
        added: whether a spare slot is switched on.
    """

    diameter: float | None = None
    tortuosity: float | None = None
    lumen: float | None = None
    stiffness: float | None = None
    added: bool = False

    def apply(self, vein: Vein) -> None:
        """Apply one more entry, which overrides earlier ones."""
        if vein.diameter_standing is not None:
            self.diameter, self.lumen = float(vein.diameter_standing), None
        if vein.tortuosity is not None:
            self.tortuosity = float(vein.tortuosity)
        if vein.lumen_left is not None:
            self.lumen, self.diameter = vein.lumen_left, None
        if vein.stiffness is not None:
            self.stiffness = vein.stiffness
        self.added = self.added or vein.add is not None


def changes_of(leg: Leg) -> dict[str, VeinChange]:
    """Changes that a leg's document states, by segment and perforator."""
    changes: dict[str, VeinChange] = {}
    for vein in leg.veins:
        for name in vein.segments:
            changes.setdefault(name, VeinChange()).apply(vein)
    return changes
