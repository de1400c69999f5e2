"""A person becomes the drainage of head and neck: tissue, capillary beds and lymph, every parameter as a number.

Lengths go with stature, areas with its square, thickness is the same for all. Left and right are two trees, each to
its own venous angle; tissue fluid and the valveless plexus cross the midline.
"""

from __future__ import annotations

import tomllib
from collections.abc import Iterable, Mapping
from dataclasses import replace
from functools import cache
from importlib import resources
from typing import Any

import jax
import jax.numpy as jnp

from venolymph.body.drainage_types import PER_MILLILITRE, HeadDisease, HeadDrainage
from venolymph.body.figure_columns import FigureColumns, as_array
from venolymph.body.head_lymph import HeadLymph, head_lymphangions, head_nodes
from venolymph.body.head_scale import HeadScale, HeadSide, HeadSides
from venolymph.body.head_tissue import HeadTissue, HeadTissueParameters, head_tissue
from venolymph.body.lymph_parameters import LymphParameters, drainage_parameters
from venolymph.body.person import Person
from venolymph.body.person_face import Face
from venolymph.body.places import head_drainage_template
from venolymph.errors import DocumentError, nearest
from venolymph.figures import Figure, load
from venolymph.network.drainage import DrainageParameters, DrainageTopology

SOLUTES = ("protein", "small tracer", "large tracer")


@cache
def head_morning() -> dict[str, dict[str, dict[str, float]]]:
    """Tissue and lymph of a reference head in the morning (`head_morning.toml`), by name without a side."""
    return tomllib.loads(resources.files("venolymph.body").joinpath("head_morning.toml").read_text("utf-8"))


def head_drainage(
    person: Person,
    *,
    sides: HeadSides = "one",
    figures: Mapping[str, Figure] | None = None,
    disease: HeadDisease | None = None,
    seed: int = 0,
) -> HeadDrainage:
    """The drainage of a person's head and neck.

    Args:
        person: the person.
        sides: `one`, the left half alone, or `both`.
        figures: in place of the packaged ones.
        disease: what is unusual, in place of what the person's document says of the face.
        seed: of what is drawn by chance, the own rates of pacemakers. People share one unless it is given.

    Raises:
        DocumentError: where there is no node, trunk or way of a name, or a number is out of range.
    """
    known, used = figures or load(), dict[str, Figure]()

    def value(key: str) -> float:
        used[key] = known[key]
        return known[key].internal

    def placed(place: Iterable[float], side: HeadSide) -> tuple[float, ...]:
        forward, lateral, up = map(float, place)
        return scale.position(forward, lateral, up, side)

    template, ill = head_drainage_template(), disease or stated_disease(person)
    halves: tuple[HeadSide, ...] = ("left",) if sides == "one" else ("left", "right")
    _check(template, ill)
    scale, columns = HeadScale.of(person, value), FigureColumns(value, template["figures"])
    tissue = head_tissue(template, halves, scale, columns, ill)
    lymph = HeadLymph(template, halves)
    vessels = head_lymphangions(lymph, scale, ill, columns, seed), head_nodes(lymph, ill, columns)
    parameters = drainage_parameters(
        HeadTissueParameters(tissue, columns),
        LymphParameters([p.volume for p in tissue.patches], len(tissue.plexus), *vessels, columns),
    )
    column = "head_lymph.column.share"
    parameters = replace(parameters, weight=parameters.weight * columns.value(column))
    columns.sources["lymph.weight"] = ((*columns.sources["lymph.weight"][0], column),)
    topology = _topology(tissue, lymph)
    inflow = jnp.zeros((len(topology.vessels), 1))
    return HeadDrainage(
        topology=topology,
        parameters=_unusual(parameters, ill),
        compartments=tissue.compartments,
        patches=tissue.patches,
        chains=lymph.chains,
        nodes=lymph.nodes,
        compartment_position=as_array([placed(c.place, c.side) for c in tissue.compartments]),
        vessel_position=as_array([placed(at, side) for at, side in zip(lymph.places, lymph.side_of, strict=True)]),
        end_position=as_array([placed(template["end"]["place"], side) for side in halves]),
        **_morning(columns, tissue, topology),
        inflow=inflow,
        inflow_solutes=jnp.zeros((len(SOLUTES), *inflow.shape)),
        figures=dict(sorted(used.items())),
        sources=dict(columns.sources),
        seed=seed,
        sides=halves,
        vessel_place=lymph.places,
        vessel_side=lymph.side_of,
    )


def stated_disease(person: Person) -> HeadDisease:
    """What a person's document says of tissue and lymph of head and neck."""
    face = person.face or Face()
    sides: tuple[HeadSide, ...] = ("left", "right")
    own = {side: face.side(side) for side in sides}
    return HeadDisease(
        removed=frozenset(f"{side} {name}" for side in sides for name in own[side].operated),
        irradiated=frozenset(side for side in sides if own[side].irradiated),
        uptake=1.0 if face.uptake is None else float(face.uptake),
        plasma_protein=float(face.plasma_protein or 0.0),
        lid_looseness=None if face.lid_looseness is None else float(face.lid_looseness),
        lid_dermis=None if face.lid_dermis is None else float(face.lid_dermis),
        ways={f"{side} {region}": ways for side in sides for region, ways in (own[side].drainage or {}).items()},
    )


def _check(template: Mapping[str, Any], disease: HeadDisease) -> None:
    """Refuse what cannot be.

    Raises:
        DocumentError: where there is no node or trunk of a name, or a number is out of range.
    """
    trunks = [name for name, chain in template["chains"].items() if chain["from"] in template["nodes"]]
    there = [f"{side} {name}" for side in ("left", "right") for name in (*template["nodes"], *trunks)]
    for name in sorted(disease.removed):
        if name not in there:
            near = nearest(name, there)
            hint = f"did you mean {near!r}?" if near else f"there are {', '.join(there)}"
            raise DocumentError(f"there is no node or trunk named {name!r} in head and neck", hint=hint)
    for what, value in (("contractility", disease.contractility), ("uptake", disease.uptake)):
        if not 0.0 <= value <= 3.0:
            raise DocumentError(f"{what} is {value}; allowed is 0 to 3")


def _unusual(parameters: DrainageParameters, disease: HeadDisease) -> DrainageParameters:
    """Parameters with uptake and protein of plasma as somebody has them."""
    plasma, initials = parameters.plasma, parameters.initials
    concentration = plasma.concentration.at[0].multiply(1.0 + disease.plasma_protein)
    return replace(
        parameters,
        plasma=replace(plasma, concentration=concentration),
        initials=replace(initials, uptake=initials.uptake * disease.uptake),
    )


def _topology(tissue: HeadTissue, lymph: HeadLymph) -> DrainageTopology:
    """What is joined to what."""
    names = tuple(c.name for c in tissue.compartments)
    sides, cells = lymph.sides, len(lymph.cells)
    return DrainageTopology(
        solutes=SOLUTES,
        compartments=names,
        beds=names,
        bed_compartment=tuple(range(len(names))),
        link_tail=tuple(a for a, _ in tissue.links),
        link_head=tuple(b for _, b in tissue.links),
        initials=tuple(p.name for p in tissue.patches),
        initial_compartment=tuple(p.compartment for p in tissue.patches),
        initial_vessel=tuple(lymph.entered(p, tissue.compartments) for p in tissue.patches),
        plexus_tail=tuple(a for a, _ in tissue.plexus),
        plexus_head=tuple(b for _, b in tissue.plexus),
        lymphangions=tuple(f"{side} {name} [{i + 1}]" for side in sides for name, i in lymph.cells),
        lymphangion_compartment=tuple(lymph.around(v, tissue.compartments) for v in range(cells * len(sides))),
        peripheral=tuple(
            s * cells + (own if i == 0 else own - 1)
            for s in range(len(sides))
            for own, (_, i) in enumerate(lymph.cells)
        ),
        nodes=tuple(lymph.nodes),
        downstream=lymph.downstream,
        ends=tuple(f"{side} venous angle" for side in sides),
    )


def _morning(columns: FigureColumns, tissue: HeadTissue, topology: DrainageTopology) -> dict[str, jax.Array]:
    """The state to begin from: fields of `HeadDrainage`, with solutes in mg/mL and all else relative, 1."""
    within = columns.value("tissue.protein.tissue") * PER_MILLILITRE

    def rows(table: str, names: tuple[str, ...]) -> list[dict[str, float]]:
        return [head_morning()[table][name.split(" ", 1)[1]] for name in names]

    begin = rows("tissue", topology.compartments)
    filled = rows("initials", topology.initials) + rows("vessels", topology.vessels)
    nothing, empty = [0.0] * len(begin), [0.0] * len(filled)
    return {
        "concentration": as_array([[within * row["protein"] for row in begin], nothing, nothing]),
        "swelling": as_array([row["fluid"] for row in begin]),
        "opened": as_array([row["open"] for row in begin]),
        "filling": as_array([row["fluid"] for row in filled]),
        "lymph_concentration": as_array([[within * row["protein"] for row in filled], empty, empty]),
    }
