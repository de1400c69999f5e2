"""What a hand on face and neck presses: by named place, by how far along the place it lies, and by depth.

A place is a square as large as the skin there, from the end that its lymph leaves by (0) to the other. A hand is set
down within it as far as it fits; what it has beyond the place presses nothing. On a place of the midline it presses
both sides.
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np

from venolymph.massage.catalogue import kind, place
from venolymph.massage.hands import MOMENTS, HandLoad, HandPlacement, load_under, moments


@dataclass(frozen=True)
class UnderPlace:
    """What lies under a place, on both sides alike, one element a row.

    Attributes:
        length: of the place, which is as broad as long, cm.
        begin: where each element begins along it, cm, shape (n,).
        end: where it ends, cm; more than `begin`.
        share: part of each that lies under this place, 1; 0 for what lies elsewhere.
        broad: whether it is spread over the breadth of the place; as narrow as a hand otherwise.
    """

    length: float
    begin: np.ndarray
    end: np.ndarray
    share: np.ndarray
    broad: np.ndarray


@dataclass(frozen=True)
class FaceTargets:
    """Elements of the network of head and neck that a hand may press, one a row.

    Attributes:
        depth: under the skin, cm, shape (n,).
        side: of the head that each is on, `left` or `right`, shape (n,).
        places: what lies under each place of the face by its name. Hands elsewhere press nothing.
    """

    depth: np.ndarray
    side: np.ndarray
    places: Mapping[str, UnderPlace]

    def __len__(self) -> int:
        return len(self.depth)

    def felt(self, hand: HandPlacement) -> HandLoad:
        """Pressure of one stroke on each, and when it acts.

        Args:
            hand: set down in one spot.
        """
        stroke = hand.stroke
        wide = math.sqrt(stroke.area)
        pushed = {"proximal": -1.0, "distal": 1.0, "none": 0.0}[stroke.direction] * kind(stroke.kind).travel
        cover = np.zeros((MOMENTS, len(self)))
        for row, time in enumerate(moments(stroke)):
            name, along = stroke.where(time)
            if name not in self.places:
                continue
            at = self.places[name]
            half = 0.5 * min(wide, at.length)
            centre = min(max(along * at.length, half), at.length - half) + pushed * (time / stroke.push - 0.5)
            under = np.minimum(at.end, centre + 0.5 * wide) - np.maximum(at.begin, centre - 0.5 * wide)
            part = np.clip(under / (at.end - at.begin), 0.0, 1.0)
            across = np.where(at.broad, min(1.0, wide / at.length), 1.0)
            cover[row] = at.share * part * across
            if place(name, "face").sided and stroke.side is not None:
                cover[row, self.side != stroke.side] = 0.0
        return load_under(stroke, cover, self.depth)
