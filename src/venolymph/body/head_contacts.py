"""Contacts of veins, tissue and lymph of head and neck: every region has small veins of its own, and they meet there.

A bed's blood comes out in the small veins of its region, which lie in its tissue. Water that nodes give back enters the
internal jugular vein beside them. What somebody lies on presses on the regions that lie on it.
"""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np

from venolymph.body.anatomy import Body
from venolymph.body.contact_types import ContactMap
from venolymph.body.drainage_types import HeadDrainage
from venolymph.body.head_hands import HeadHands
from venolymph.body.head_layout import SMALL, pillow_of
from venolymph.figures import Figure

JUGULAR = "internal jugular"
WEEPING = ("upper lid", "lower lid", "nose")
"""Regions whose capillaries let more through while somebody cries."""


def head_contact_map(body: Body, drainage: HeadDrainage, figures: Mapping[str, Figure]) -> ContactMap:
    """Map the veins of head and neck to their tissue and lymph.

    Args:
        body: the veins.
        drainage: tissue and lymph.
        figures: that numbers come from.
    """
    topology, places = body.topology, drainage.compartments
    around, nodes = topology.surroundings, list(drainage.nodes)
    tissue, cells, vessels = len(places), topology.n_cells, len(drainage.topology.vessels)
    drains, fed = np.zeros((tissue, cells)), np.zeros((tissue, len(topology.beds)))
    worn = np.zeros((tissue, len(around)))
    for number, place in enumerate(places):
        drains[number, topology.cells.index(f"{place.side} {SMALL}{place.region}")] = 1.0
        fed[number, topology.beds.index(place.name)] = 1.0
        if (pillow := pillow_of(place.region, place.side)) is not None:
            worn[number, around.index(pillow)] = 1.0
    returns = np.zeros((len(nodes), cells))
    for row, name in enumerate(nodes):
        returns[row, _jugular_beside(body, drainage, name)] = 1.0
    weeps = np.array([place.region.startswith(WEEPING) for place in places], float)
    beds = drainage.parameters.beds
    recruited, kept = np.asarray(beds.recruitment)[:, 0], np.asarray(beds.kept_drop)[:, 0]
    more = figures["regimen.cry.filtration"].internal - 1.0
    none, no_vessel = np.zeros((tissue, len(around))), np.zeros((vessels, len(around)))
    return ContactMap(
        drains=drains,
        fed=fed,
        exercises=np.zeros(fed.shape),
        weeps=weeps * more / recruited,
        weeps_flow=weeps * figures["regimen.cry.pressure"].internal / kept,
        lies_in=drains.T.copy(),
        returns=returns,
        worn=worn,
        worn_vessels=_lain_on(drainage, worn, vessels),
        works=none,
        works_vessels=no_vessel,
        squeezed=none,
        inside=np.zeros((len(around), cells)),
        holds=np.zeros((len(around), tissue)),
        breathes=no_vessel,
        moved=np.zeros(len(drainage.patches)),
        **HeadHands(body, drainage, figures).targets(),
    )


def _jugular_beside(body: Body, drainage: HeadDrainage, node: str) -> int:
    """The cell of the internal jugular vein of a node's side that is nearest to it in height."""
    vessel = drainage.nodes[node]
    segment = body.segments[f"{drainage.vessel_side[vessel]} {JUGULAR}"]
    # upright, trunk and head are in line
    height = -float(np.asarray(drainage.vessel_position)[vessel, :2, 0].sum())
    return segment.cells[int(np.argmin(np.abs(np.array(segment.heights) - height)))]


def _lain_on(drainage: HeadDrainage, worn: np.ndarray, vessels: int) -> np.ndarray:
    """Collectors are pressed with the region that they lie in; trunks and nodes lie deeper, out of a pillow's reach."""
    found = np.zeros((vessels, worn.shape[1]))
    regions = {patch.territory for patch in drainage.patches}
    for name, chain in drainage.chains.items():
        if name in regions:
            for vessel in chain:
                found[vessel] = worn[drainage.topology.lymphangion_compartment[vessel]]
    return found
