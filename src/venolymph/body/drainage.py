"""A person becomes the drainage of a leg or both: tissue, capillary beds and lymph, every parameter as a number.

How a person differs from the reference leg of the figures is in `limb.py`. Filtration, permeability, uptake and the
volume of initial lymphatics go with the tissue that they serve.

What is diseased is said by keywords of `leg_drainage`: weaker or fewer lymphangions, leaking valves, nodes removed.
"""

from __future__ import annotations

import tomllib
from collections.abc import Mapping, Sequence
from functools import cache
from importlib import resources
from typing import Any

import jax
import jax.numpy as jnp
import numpy as np

from venolymph.body.drainage_join import joined_legs
from venolymph.body.drainage_types import MUSCLE, PER_MILLILITRE, LegDrainage, LymphDisease
from venolymph.body.figure_columns import FigureColumns, as_array
from venolymph.body.leg_lymph import LegLymph
from venolymph.body.limb import LimbScale
from venolymph.body.lymph_layout import LymphLayout, compartment_around, lymph_layout, nearest_lymphangion
from venolymph.body.lymph_parameters import LymphParameters, drainage_parameters
from venolymph.body.person import Person
from venolymph.body.person_leg import Lymph
from venolymph.body.places import NODES
from venolymph.body.region import BodyRegion, full_legs
from venolymph.body.tissue_layout import TissueLayout, tissue_layout
from venolymph.body.tissue_parameters import TissueParameters
from venolymph.errors import DocumentError, nearest
from venolymph.figures import Figure, load
from venolymph.network.drainage import DrainageTopology

SOLUTES = ("protein", "small tracer", "large tracer")


@cache
def morning() -> dict[str, dict[str, dict[str, float]]]:
    """Tissue and lymph of the reference leg in the morning (`morning.toml`), by name; not to be changed."""
    return tomllib.loads(resources.files("venolymph.body").joinpath("morning.toml").read_text("utf-8"))


def body_drainage(
    person: Person, body: Sequence[BodyRegion], figures: Mapping[str, Figure] | None = None
) -> LegDrainage:
    """The drainage of every leg of a body that is in full, as the person's document states it.

    Args:
        person: the person.
        body: regions that the body is made of (`Body.body_regions`).
        figures: in place of the packaged ones.
    """
    legs = []
    for region in full_legs(body):
        said = person.other_leg if region.leg == "other" else person.leg
        legs.append(_drainage(LimbScale(person, figures or load(), region, body), _disease(said.lymph, {}), 0))
    return legs[0] if len(legs) == 1 else joined_legs(*legs)


def leg_drainage(
    person: Person,
    *,
    contractility: float | None = None,
    collectors: float | None = None,
    valve_leak: float | None = None,
    removed_nodes: Sequence[str] | None = None,
    figures: Mapping[str, Figure] | None = None,
    seed: int = 0,
) -> LegDrainage:
    """The drainage of a person's index leg alone, as its document states it (`lymph`).

    Args:
        person: the person. What is given besides is used in place of what the document says.
        contractility: active tension of the leg's lymphangions as a multiple of healthy, 1.
        collectors: number of the leg's collectors as a multiple of healthy, 1 (above 0).
        valve_leak: share of a valve's open conductance that is left when the leg's lymph valves are shut, 1.
        removed_nodes: names of nodes that are gone: nothing enters or leaves them.
        figures: figures in place of the packaged ones.
        seed: of what is drawn by chance, the own rates of pacemakers. People share one unless it is given.

    Raises:
        DocumentError: where a number is out of range or there is no node of that name.
    """
    given = {
        "contractility": contractility,
        "collectors": collectors,
        "valve_leak": valve_leak,
        "removed_nodes": removed_nodes,
    }
    return _drainage(LimbScale(person, figures or load()), _disease(person.leg.lymph, given), seed)


def _disease(stated: Lymph | None, given: Mapping[str, Any]) -> LymphDisease:
    """Lymphatic disease of a leg: what is given, else what the document states, else none.

    Raises:
        DocumentError: where a number is out of range or there is no node of that name.
    """
    said = stated or Lymph()

    def chosen(name: str, healthy: float) -> float:
        values = (given.get(name), getattr(said, name), healthy)
        return float(next(value for value in values if value is not None))

    contractility, collectors, valve_leak = (
        chosen("contractility", 1.0),
        chosen("collectors", 1.0),
        chosen("valve_leak", 0.0),
    )
    removed_nodes = said.removed_nodes if given.get("removed_nodes") is None else tuple(given["removed_nodes"])
    limits = {"contractility": (contractility, 0.0, 3.0), "collectors": (collectors, 0.01, 5.0)}
    limits["valve_leak"] = (valve_leak, 0.0, 1.0)
    for name, (value, low, high) in limits.items():
        if not low <= value <= high:
            raise DocumentError(f"{name} is {value}; allowed is {low} to {high}")
    for name in removed_nodes:
        if name not in NODES:
            near = nearest(name, NODES)
            hint = f"did you mean {near!r}?" if near else f"there are {', '.join(NODES)}"
            raise DocumentError(f"there is no node named {name!r} in the leg", hint=hint)
    return LymphDisease(contractility, collectors, valve_leak, frozenset(removed_nodes), chosen("swelling", 1.0))


def _drainage(limb: LimbScale, disease: LymphDisease, seed: int) -> LegDrainage:
    """The drainage as a network with its numbers, and the state that it begins from."""
    tissue, lymph, columns = tissue_layout(limb), lymph_layout(limb), FigureColumns(limb.value)
    topology = _topology(limb, tissue, lymph)
    vessels = LegLymph(limb, lymph, disease, columns, seed)
    parameters = drainage_parameters(
        TissueParameters(tissue.compartments, tissue.conductance, columns),
        LymphParameters(
            [p.volume for p in tissue.patches], len(tissue.links), vessels.lymphangions(), vessels.nodes(), columns
        ),
    )
    parts = {region: (limb.end(region, "lower_end"), limb.end(region, "upper_end")) for region in limb.regions}
    parts["abdomen"] = (limb.levels["groin"], limb.levels["cisterna"])
    inflow, brought = _rest_of_body(limb, lymph.nodes["cisterna chyli"], len(topology.vessels))
    return LegDrainage(
        topology=topology,
        parameters=parameters,
        compartments=tissue.compartments,
        patches=tissue.patches,
        chains=lymph.chains,
        nodes=lymph.nodes,
        extents=np.array(lymph.extents),
        parts=parts,
        bulk={part: limb.value(f"tissue.region.{part}.volume") * limb.bulk for part in limb.regions},
        compartment_position=as_array([limb.position(0.5 * (c.lower + c.upper)) for c in tissue.compartments]),
        vessel_position=as_array([limb.position(0.5 * (lower + upper)) for lower, upper in lymph.extents]),
        end_position=as_array([limb.position(limb.levels["angle"])]),
        **_morning(limb, tissue, topology, disease.swelling),
        inflow=inflow,
        inflow_solutes=brought,
        figures=dict(sorted(limb.used.items())),
        sources=dict(columns.sources),
        seed=seed,
        region=limb.region,
        side=limb.person.side_of(limb.region.leg),
        legs=(),
    )


def _topology(limb: LimbScale, tissue: TissueLayout, lymph: LymphLayout) -> DrainageTopology:
    """What is joined to what."""
    compartments, patches, stretches = tissue.compartments, tissue.patches, lymph.stretches
    return DrainageTopology(
        solutes=SOLUTES,
        compartments=tuple(c.name for c in compartments),
        beds=tuple(c.name for c in compartments),
        bed_compartment=tuple(range(len(compartments))),
        link_tail=tuple(a for a, _ in tissue.links),
        link_head=tuple(b for _, b in tissue.links),
        initials=tuple(p.name for p in patches),
        initial_compartment=tuple(p.compartment for p in patches),
        initial_vessel=tuple(nearest_lymphangion(p, patches, stretches) for p in patches),
        plexus_tail=tuple(a for a, _ in tissue.links),
        plexus_head=tuple(b for _, b in tissue.links),
        lymphangions=tuple(f"{s.chain} [{s.number + 1}]" for s in stretches),
        lymphangion_compartment=tuple(compartment_around(s, compartments) for s in stretches),
        peripheral=tuple(i if s.number == 0 else i - 1 for i, s in enumerate(stretches)),
        nodes=tuple(limb.template["nodes"]),
        downstream=lymph.downstream,
    )


def _morning(limb: LimbScale, tissue: TissueLayout, topology: DrainageTopology, swollen: float) -> dict[str, jax.Array]:
    """The state to begin from: fields of `LegDrainage`, with solutes in mg/mL and all else relative, 1.

    Args:
        limb: the leg's scale.
        tissue: its tissue.
        topology: of its drainage.
        swollen: fluid of subcutis as a multiple of the reference leg's, 1.
    """
    within = limb.value("tissue.protein.tissue") * PER_MILLILITRE
    begin = [morning()["tissue"][c.name] for c in tissue.compartments]
    filled = [morning()["initials"][p.name] for p in tissue.patches]
    filled += [morning()["vessels"][name] for name in topology.vessels]
    nothing, empty = [0.0] * len(begin), [0.0] * len(filled)
    swelling = [
        row["fluid"] * (1.0 if c.tissue == MUSCLE else swollen)
        for c, row in zip(tissue.compartments, begin, strict=True)
    ]
    return {
        "concentration": as_array([[within * row["protein"] for row in begin], nothing, nothing]),
        "swelling": as_array(swelling),
        "opened": as_array([row["open"] for row in begin]),
        "filling": as_array([row["fluid"] for row in filled]),
        "lymph_concentration": as_array([[within * row["protein"] for row in filled], empty, empty]),
    }


def _rest_of_body(limb: LimbScale, cisterna: int, vessels: int) -> tuple[jax.Array, jax.Array]:
    """Lymph from the rest of the body into each vessel, mL/s, and the solutes that it brings, mg/s."""
    inflow, brought = np.zeros((vessels, 1)), np.zeros((len(SOLUTES), vessels, 1))
    inflow[cisterna] = limb.value("lymph.rest_of_body.flow")
    protein = limb.value("lymph.rest_of_body.protein") * PER_MILLILITRE
    brought[0, cisterna] = inflow[cisterna] * protein
    # the figures are those of all of the body but one leg
    for _ in full_legs(limb.body)[1:]:
        leg = limb.value("lymph.rest_of_body.leg_flow")
        inflow[cisterna] -= leg
        brought[0, cisterna] -= leg * limb.value("lymph.rest_of_body.leg_protein") * PER_MILLILITRE
    return jnp.asarray(inflow), jnp.asarray(brought)
