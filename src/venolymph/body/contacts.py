"""Contacts of veins, tissue and lymph, leg by leg: which bed drains where, what lies in what, what presses on what.

The two networks of a body are laid out apart (`leg`, `drainage`) and meet by height and by the side of the limb:

- the blood of a capillary bed comes out in the small veins of its kind (skin or muscle) above and below it; the
  pressure at its outlet is theirs, by the height of the column between;
- a superficial vein lies in the subcutis at its height and on its side, a deep one in the muscle of its part;
- water that nodes give back enters the deep vein beside them; beyond the groin it is blood of the rest of the body.

All is plain arrays, one row for each bed, cell, compartment or vessel.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import fields
from typing import Any

import numpy as np

from venolymph.body.anatomy import Body
from venolymph.body.contact_types import ContactMap
from venolymph.body.drainage_join import LegJoin
from venolymph.body.drainage_types import Drainage, HeadDrainage, LegDrainage
from venolymph.body.head_contacts import head_contact_map
from venolymph.body.leg_contacts import LegContacts
from venolymph.figures import Figure, load
from venolymph.massage.hands import LEGS, Targets

_DIMENSIONS = {
    "drains": ("bed", "cell"),
    "fed": ("bed", "veins_bed"),
    "exercises": ("bed", "veins_bed"),
    "weeps": ("bed",),
    "weeps_flow": ("bed",),
    "lies_in": ("cell", "compartment"),
    "returns": ("node", "cell"),
    "worn": ("compartment", "surrounding"),
    "worn_vessels": ("lymph_vessel", "surrounding"),
    "works": ("compartment", "surrounding"),
    "works_vessels": ("lymph_vessel", "surrounding"),
    "squeezed": ("compartment", "surrounding"),
    "holds": ("surrounding", "compartment"),
    "breathes": ("lymph_vessel", "surrounding"),
    "moved": ("initial",),
    "compartments": ("compartment",),
    "initials": ("initial",),
    "vessels": ("lymph_vessel",),
}
"""Dimensions of those parts of a `ContactMap` that have a row for each place of tissue and lymph."""


def contact_map(body: Body, drainage: Drainage, figures: Mapping[str, Figure] | None = None) -> ContactMap:
    """Map a person's veins to that person's tissue and lymph.

    Args:
        body: the veins.
        drainage: tissue and lymph of the index leg, of both legs joined, or of head and neck.
        figures: in place of the packaged ones.
    """
    known = figures or load()
    if isinstance(drainage, HeadDrainage):
        return head_contact_map(body, drainage, known)
    assert isinstance(drainage, LegDrainage)
    first, *more = (LegContacts(body, leg, known).contact_map() for leg in drainage.legs or (drainage,))
    for second in more:
        first = _joined(LegJoin(*drainage.legs), first, second)
    return first


def _joined(join: LegJoin, one: ContactMap, two: ContactMap) -> ContactMap:
    """The contacts of two legs as those of one network."""

    def targets(along: tuple[str, ...], first: Targets, second: Targets) -> Targets:
        arrays = ((getattr(first, field.name), getattr(second, field.name)) for field in fields(Targets))
        return Targets(*(join.joined(along, a, b) for a, b in arrays))

    found: dict[str, Any] = {}
    for name, along in _DIMENSIONS.items():
        a, b = getattr(one, name), getattr(two, name)
        found[name] = targets(along, a, b) if isinstance(a, Targets) else join.joined(along, a, b)
    reached = two.cells.leg == LEGS.index(join.other.region.leg)
    cells = ((getattr(one.cells, field.name), getattr(two.cells, field.name)) for field in fields(Targets))
    mine = Targets(*(np.where(reached if a.ndim == 1 else reached[:, None], b, a) for a, b in cells))
    return ContactMap(**found, inside=one.inside + two.inside, cells=mine)
