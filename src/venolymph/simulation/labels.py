"""What stands beside recorded arrays: names along each dimension, coordinates of places, and where a run comes from."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

import jax
import numpy as np

from venolymph.anatomy import place_middles
from venolymph.body import Body
from venolymph.body.drainage_types import Drainage, HeadDrainage, LegDrainage
from venolymph.body.make import make_drainage
from venolymph.body.parameter_arrays import ARRAYS
from venolymph.body.parameter_tree import BodyParameters, parameter_places
from venolymph.body.region import OTHER, plain_name
from venolymph.figures import load
from venolymph.network.parameters import stack
from venolymph.simulation.tissue_model import Tissue
from venolymph.version import version

if TYPE_CHECKING:
    from venolymph.simulation.results import Results


@dataclass(frozen=True)
class Labels:
    """What stands beside recorded arrays.

    Attributes:
        names: names along each dimension.
        coordinates: of places and members, by the names of `quantities.COORDINATES`.
        provenance: what the run was made from, as attributes of a dataset.
    """

    names: Mapping[str, Sequence[str]]
    coordinates: Mapping[str, Any] = field(default_factory=dict)
    provenance: Mapping[str, str | int] = field(default_factory=dict)


def place_coordinates(bodies: Sequence[Body], tissue: Tissue | None) -> dict[str, Any]:
    """Coordinates of cells, faces, compartments and lymph vessels; the network's are the same for all members."""
    found = {**_of_veins(bodies), "index_side": [body.index_side for body in bodies]}
    drainage = None if tissue is None else tissue.legs[0]
    if bodies[0].legs != "none":
        found |= place_middles(bodies, drainage=drainage if isinstance(drainage, LegDrainage) else None)
    return found if tissue is None else found | _of_drainage(tissue.legs)


def _of_veins(bodies: Sequence[Body]) -> dict[str, Any]:
    body, topology = bodies[0], bodies[0].topology
    segments: list[Any] = [None] * topology.n_cells
    levels, present = np.full((2, topology.n_cells, len(bodies)), np.nan)
    for name, segment in body.segments.items():
        for number, cell in enumerate(segment.cells):
            segments[cell] = segment
            levels[cell] = [one.segments[name].heights[number] for one in bodies]
            present[cell] = [one.segments[name].present for one in bodies]
    where = {side: "index" if side == body.index_side else side for side in ("left", "right", "pelvis")}
    where = {side: name if name in ("index", "pelvis") else "other" for side, name in where.items()}
    nodes = (*topology.cells, *topology.ends)
    return {
        "cell_segment": ["" if segment is None else segment.name for segment in segments],
        "cell_region": _regions(body),
        "cell_leg": ["" if segment is None else where[segment.leg] for segment in segments],
        "cell_kind": ["" if segment is None else segment.kind for segment in segments],
        "cell_present": present,
        "cell_level": levels,
        "face_tail": [nodes[number] for number in topology.tail],
        "face_head": [nodes[number] for number in topology.head],
    }


def _regions(body: Body) -> list[str]:
    """The region that most of each cell lies in."""
    most = [(0.0, "trunk")] * body.topology.n_cells
    for name, cells in body.regions.items():
        region = plain_name(name)
        for cell, share in cells.items():
            if region != "plethysmograph" and share > most[cell][0]:
                most[cell] = share, region
    return [region for _, region in most]


def _of_drainage(drainages: Sequence[Drainage]) -> dict[str, Any]:
    first, topology = drainages[0], drainages[0].topology
    chain = {vessel: name for name, vessels in first.chains.items() for vessel in vessels}
    chains = [chain.get(number, name) for number, name in enumerate(topology.vessels)]
    found = {
        "compartment_region": [place.region for place in first.compartments],
        "compartment_tissue": [place.tissue for place in first.compartments],
        "initial_compartment": [topology.compartments[number] for number in topology.initial_compartment],
        "lymph_vessel_chain": chains,
        "lymphangion_chain": chains[: len(topology.lymphangions)],
    }
    if isinstance(first, HeadDrainage):
        return found | {"compartment_side": [place.side for place in first.compartments]}
    legs = [one for one in drainages if isinstance(one, LegDrainage)]
    leg, levels = legs[0], [[0.5 * (place.lower + place.upper) for place in one.compartments] for one in legs]
    return found | {
        "compartment_leg": [place.leg for place in leg.compartments],
        "compartment_side": [place.quarter or "" for place in leg.compartments],
        "compartment_territory": [place.territory for place in leg.compartments],
        "compartment_level": np.array(levels).T,
        "lymph_vessel_leg": [_leg_of(leg, number) for number in range(len(topology.vessels))],
    }


def _leg_of(leg: LegDrainage, vessel: int) -> str:
    """The leg that a lymph vessel is in, or `trunk` for what both legs share."""
    if vessel in leg.shared:
        return "trunk"
    return "other" if leg.topology.vessels[vessel].startswith(OTHER) else "index"


def provenance(run: Results) -> dict[str, str | int]:
    """What a run was made from: version, documents, and what was changed besides; JSON where there may be several."""
    found: dict[str, str | int] = {
        "venolymph": version(),
        "people": json.dumps([body.person.to_yaml() for body in run.bodies], ensure_ascii=False),
        "regimen": run.regimen.to_yaml(),
        "legs": run.body.legs,
        "override": run.override or "",
        "begun_from": json.dumps([vars(one) for one in run.start.history] if run.start else [], ensure_ascii=False),
    }
    figures: set[str] = set()
    if run.tissue is not None:
        packaged = load()
        figures = {key for used in run.tissue.figures or () for key, one in used.items() if one != packaged[key]}
        found["seed"] = run.tissue.legs[0].seed
    changed = list(_changed_arrays(run))
    return found | {"changed_parameters": json.dumps(changed), "changed_figures": json.dumps(sorted(figures))}


def changed_parameters(run: Results) -> dict[tuple[str, str], np.ndarray]:
    """Numbers in which a run differs from what its people's documents give, by place and array, one for each member."""
    arrays = _changed_arrays(run)
    if not arrays:
        return {}
    leg = make_drainage(run.body) if run.tissue is None else run.tissue.legs[0]
    places = parameter_places(run.topology, leg.topology)
    return {
        (name, array): own[index]
        for array, (own, plain) in arrays.items()
        if array in ARRAYS
        for index, name in places.names(array)
        if not np.array_equal(own[index], plain[index])
    }


def _changed_arrays(run: Results) -> dict[str, tuple[np.ndarray, np.ndarray]]:
    """Arrays of parameters that differ from what documents give: as they are, and as they would be."""
    own: Any = run.parameters
    plain: Any = stack([body.parameters for body in run.bodies])
    if run.tissue is not None:
        own = BodyParameters.of(own, run.tissue.parameters)
        plain = BodyParameters.of(plain, stack([leg.parameters for leg in run.tissue.legs]))
    leaves = zip(jax.tree_util.tree_leaves_with_path(own), jax.tree.leaves(plain), strict=True)
    return {
        jax.tree_util.keystr(path)[1:]: (np.asarray(leaf), np.asarray(other))
        for (path, leaf), other in leaves
        if not np.array_equal(leaf, other)
    }
