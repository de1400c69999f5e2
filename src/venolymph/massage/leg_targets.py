"""What a hand on a leg presses: by height along the limb, by the quarter around it, and by depth."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Literal

import numpy as np

from venolymph.massage.catalogue import kind, place
from venolymph.massage.hands import MOMENTS, HandLoad, HandPlacement, load_under, moments
from venolymph.massage.timing import Stroke

SIDES = ("front", "medial", "back", "lateral")
"""Quarters of a limb, in the order of a target's shares."""

LEGS = ("index", "other", "pelvis")
"""Where targets are, in the order of `LegTargets.leg`: in the index leg, in the other one, or in what both share."""

WATERSHED = 40
"""Rank of the groin: from the belly's skin beyond it lymph runs down to the groin, and deeper on up."""

Parts = Mapping[str, tuple[float, float]]
"""Heights of the lower and the upper end of each part of the body, cm above the medial malleolus."""


@dataclass(frozen=True)
class LegTargets:
    """Elements of a leg's network that a hand may press, one a row.

    Attributes:
        lower: height of the lower end above the medial malleolus, cm, shape (n,).
        upper: of the upper end, cm.
        depth: under the skin, cm.
        shares: part of each that lies in each quarter of the limb (`SIDES`), shape (n, 4); zeros: out of reach.
        arc: how widely it is spread around the limb within a quarter, cm (0: as narrow as a hand).
        spared: whether a hand that stays beside varicose veins spares it.
        leg: number in `LEGS` of where each is.
        parts: where the parts of the body lie. A stroke on another part (the neck) presses nothing here.
        side: of the body that the index leg is on.
    """

    lower: np.ndarray
    upper: np.ndarray
    depth: np.ndarray
    shares: np.ndarray
    arc: np.ndarray
    spared: np.ndarray
    leg: np.ndarray
    parts: Parts
    side: Literal["left", "right"]

    def __len__(self) -> int:
        return len(self.lower)

    def felt(self, hand: HandPlacement) -> HandLoad:
        """Pressure of one stroke on each, and when it acts.

        On the belly a hand presses vessels of both legs; nodes there are those of its leg.

        Args:
            hand: set down in one spot.
        """
        stroke = hand.stroke
        own = LEGS[0 if hand.side in (None, self.side) else 1]
        side = math.sqrt(stroke.area)
        around = np.minimum(1.0, side / np.maximum(self.arc, side))
        far = ~np.isin(self.leg, (LEGS.index(own), LEGS.index("pelvis")))
        cover = np.zeros((MOMENTS, len(self)))
        for row, time in enumerate(moments(stroke)):
            name, along = stroke.where(time)
            where = place(name, "leg")
            if where.part is None or where.part not in self.parts:
                continue
            low, high = self.parts[where.part]
            begin, end = where.extent
            centre = high - (high - low) * (begin + (end - begin) * along)
            centre += _upward(stroke) * kind(stroke.kind).travel * (time / stroke.push - 0.5)
            under = np.minimum(self.upper, centre + 0.5 * side) - np.maximum(self.lower, centre - 0.5 * side)
            part = np.clip(under / (self.upper - self.lower), 0.0, 1.0)
            everywhere = where.aspect == "all"
            quarters = self.shares.sum(axis=1) if everywhere else self.shares[:, SIDES.index(where.aspect)]
            cover[row] = part * around * np.minimum(1.0, quarters)
            if where.part != "abdomen" or where.nodes:
                cover[row, far] = 0.0
        if stroke.avoids_varices:
            cover[:, self.spared] = 0.0
        return load_under(stroke, cover, self.depth)


def _upward(stroke: Stroke) -> float:
    """Direction of the hand along the body: 1 up, -1 down, 0 neither."""
    with_lymph = {"proximal": 1.0, "distal": -1.0, "none": 0.0}[stroke.direction]
    beyond = place(stroke.place, "leg")
    down = beyond.part == "abdomen" and beyond.rank > WATERSHED
    return -with_lymph if down else with_lymph
