"""Contacts of veins, tissue and lymph, leg by leg: which bed drains where, what lies in what, what presses on what.

The two networks of a body are laid out apart (`leg`, `drainage`) and meet by height and by the side of the limb:

- the blood of a capillary bed comes out in the small veins of its kind (skin or muscle) above and below it; the
  pressure at its outlet is theirs, by the height of the column between;
- a superficial vein lies in the subcutis at its height and on its side, a deep one in the muscle of its part;
- water that nodes give back enters the deep vein beside them; beyond the groin it is blood of the rest of the body.

All is plain arrays, one row for each bed, cell, compartment or vessel.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import fields, replace
from typing import Any

import numpy as np

from venolymph.body.anatomy import Body
from venolymph.body.contact_types import ContactMap
from venolymph.body.drainage_join import LegJoin
from venolymph.body.drainage_types import Drainage, HeadDrainage, LegDrainage
from venolymph.body.head_contacts import head_contact_map
from venolymph.body.leg_contacts import LegContacts
from venolymph.figures import Figure, load
from venolymph.massage.leg_targets import LEGS, LegTargets

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

    def joined(along: tuple[str, ...], a: Any, b: Any) -> Any:
        if isinstance(a, LegTargets):
            return _row_by_row(a, b, lambda first, second: join.joined(along, first, second))
        return join.joined(along, a, b)

    found = {name: joined(along, getattr(one, name), getattr(two, name)) for name, along in _DIMENSIONS.items()}
    assert isinstance(one.cells, LegTargets)
    assert isinstance(two.cells, LegTargets)
    reached = two.cells.leg == LEGS.index(join.other.region.leg)
    cells = _row_by_row(one.cells, two.cells, lambda a, b: np.where(reached if a.ndim == 1 else reached[:, None], b, a))
    return ContactMap(**found, inside=one.inside + two.inside, cells=cells)


def _row_by_row(
    first: LegTargets, second: LegTargets, joined: Callable[[np.ndarray, np.ndarray], np.ndarray]
) -> LegTargets:
    """Targets of two legs as those of one network; parts of the body lie where those of the first do."""
    rows = {
        field.name: joined(getattr(first, field.name), getattr(second, field.name))
        for field in fields(LegTargets)
        if isinstance(getattr(first, field.name), np.ndarray)
    }
    return replace(first, **rows)
