"""Tissue and lymph of the legs of all members: their parameters, what meets veins where, and their state."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, fields, replace
from functools import cached_property
from typing import Any

import equinox as eqx
import jax
import jax.numpy as jnp
import numpy as np
from jaxtyping import Array, Float

from venolymph.body import Body
from venolymph.body.contact_types import DEEP, TRUNKS, ContactMap
from venolymph.body.contacts import contact_map
from venolymph.body.drainage_types import Drainage, LegDrainage
from venolymph.body.make import make_drainage
from venolymph.body.region import full_legs, plain_name
from venolymph.figures import Figure, load
from venolymph.massage.hands import HandLoad, HandPlacement, edge
from venolymph.network import drainage
from venolymph.network.drainage import DrainageTopology
from venolymph.network.parameters import stack
from venolymph.network.pulse import Beat


class ContactMaps(eqx.Module):
    """Shares that map veins, tissue and lymph to each other; see `body.contact_types.ContactMap` and `LegDrainage`."""

    drains: Float[Array, "beds cells batch"]
    fed: Float[Array, "beds veins_beds batch"]
    exercises: Float[Array, "beds veins_beds batch"]
    weeps: Float[Array, "beds batch"]
    weeps_flow: Float[Array, "beds batch"]
    lies_in: Float[Array, "cells compartments batch"]
    returns: Float[Array, "nodes cells batch"]
    worn: Float[Array, "compartments surroundings batch"]
    worn_vessels: Float[Array, "vessels surroundings batch"]
    works: Float[Array, "compartments surroundings batch"]
    works_vessels: Float[Array, "vessels surroundings batch"]
    squeezed: Float[Array, "compartments surroundings batch"]
    inside: Float[Array, "surroundings cells batch"]
    holds: Float[Array, "surroundings compartments batch"]
    breathes: Float[Array, "vessels surroundings batch"]
    moved: Float[Array, "initials batch"]
    compartment_position: Float[Array, "compartments links batch"]
    vessel_position: Float[Array, "vessels links batch"]
    end_position: Float[Array, "one links batch"]
    inflow: Float[Array, "vessels batch"]
    inflow_solutes: Float[Array, "solutes vessels batch"]


class Hand(eqx.Module):
    """Loads of a hand on tissue and lymph during one placement.

    Attributes:
        initials, vessels: its pulses on initial lymphatics and on vessels.
        tissue: their height on the tissue around initial lymphatics, mmHg.
        pressed: mean pressure on compartments while it works there, mmHg.
        strain: stretch of the skin around initial lymphatics, 1.
        period: from push to push, s.
        begin: when the first push begins, s from the phase's start.
        works: 1 while it pushes, 0 while it moves on.
    """

    initials: Beat
    tissue: Float[Array, "initials batch"]
    vessels: Beat
    pressed: Float[Array, "compartments batch"]
    strain: Float[Array, "initials batch"]
    period: Float[Array, "one batch"]
    begin: Float[Array, "one batch"]
    works: Float[Array, "one batch"]


class TissueState(eqx.Module):
    """State of tissue and lymph, and their interface with the veins.

    Attributes:
        state: of tissue and lymph.
        owed: pending transfer into each vein cell over the next call (negative: out of it), mL.
        outside: pressure of the tissue around each vein cell, mmHg.
        grip: pressure of garments on each surrounding above that on a leg at rest, mmHg.
    """

    state: drainage.DrainageState
    owed: Float[Array, "cells batch"]
    outside: Float[Array, "cells batch"]
    grip: Float[Array, "surroundings batch"]


@dataclass(frozen=True)
class Layout:
    """Static indices: the topology of tissue and lymph, and rows of the veins' surroundings and ends."""

    topology: DrainageTopology
    soleus: tuple[int, ...]
    """The soleus of the leg that each initial lymphatic is in; empty where there is no leg."""
    artery: int
    atrium: int
    leg_skin: tuple[bool, ...]
    """Which lymphangions are as warm as the skin."""
    foot_skin: tuple[bool, ...]
    """Which are as warm as the skin of the foot."""


@dataclass(frozen=True)
class Tissue:
    """The tissue and lymph of the members of a run.

    Attributes:
        legs: of each member, one leg in full or both joined; or head and neck.
        parameters: members side by side.
        contacts: how they map to the veins.
        layout: static part, shared by all members.
        targets: for each member the cells, compartments, initials and vessels within reach of a hand.
        reference: default temperature of lymphangions, degrees Celsius.
        figures: for each member the figures that it was made from; None: the packaged ones.
    """

    legs: Sequence[Drainage]
    parameters: drainage.DrainageParameters
    contacts: ContactMaps
    layout: Layout
    targets: Sequence[ContactMap]
    reference: float
    figures: Sequence[Mapping[str, Figure]] | None = None

    @cached_property
    def _felt(self) -> dict[Any, Any]:
        return {}

    @cached_property
    def idle(self) -> Hand:
        """No hand."""
        topology, batch = self.layout.topology, len(self.legs)

        def rows(n: int, value: float = 0.0) -> Any:
            return np.full((n, batch), value)

        def beat(n: int) -> Beat:
            return Beat(rows(n), rows(n), rows(n, 0.25), rows(n), rows(n, 0.25))

        n, m = len(topology.initials), len(topology.vessels)
        none = rows(len(topology.compartments))
        return Hand(beat(n), rows(n), beat(m), none, rows(n), rows(1, 1.0), rows(1), rows(1))

    def names(self) -> dict[str, list[str]]:
        """Names along each dimension."""
        topology = self.layout.topology
        return {
            "compartment": list(topology.compartments),
            "solute": list(topology.solutes),
            "initial": list(topology.initials),
            "lymphangion": list(topology.lymphangions),
            "node": list(topology.nodes),
            "lymph_vessel": list(topology.vessels),
            "lymph_cell": [f"initial lymphatic, {name}" for name in topology.initials] + list(topology.vessels),
        }

    def member(self, number: int) -> Tissue:
        """One member alone."""
        one = slice(number, number + 1)
        alone: Any = jax.tree.map(lambda leaf: leaf[..., one], (self.parameters, self.contacts))
        figures = None if self.figures is None else self.figures[one]
        return Tissue(self.legs[one], alone[0], alone[1], self.layout, self.targets[one], self.reference, figures)

    def hands(self, strokes: HandPlacement, begin: float) -> tuple[Hand, dict[str, Array]]:
        """Loads of one hand placement: on tissue and lymph, and (fields of `ExternalLoads`) on vein cells.

        Args:
            strokes: of the placement.
            begin: when the first push begins, s from the phase's start.
        """
        stroke = replace(strokes.stroke, start=0.0, step=0)
        key = stroke, strokes.side
        if key not in self._felt:
            pressed = ("cells", "compartments", "initials", "vessels")
            rows = [[getattr(at, part).felt(strokes) for at in self.targets] for part in pressed]
            self._felt[key] = [_joined(members) for members in rows]
        cells, compartments, initials, vessels = self._felt[key]
        period, rise = strokes.period, edge(stroke)
        batch = len(self.legs)

        # As numpy arrays: compiled programs accept them, and converting each to a JAX array is slow.
        def one(value: float) -> Any:
            return np.full((1, batch), value, np.float64)  # of one type, hence one program

        def beat(on: HandLoad) -> Beat:
            edges = np.full(on.pressure.shape, rise / period)
            rows: Any = on.pressure, on.onset / period, edges, on.hold / period, edges
            return Beat(*rows)

        where = np.array(self.layout.topology.initial_compartment)
        hand = Hand(
            initials=beat(initials),
            tissue=compartments.pressure[where],
            vessels=beat(vessels),
            pressed=compartments.pressure * (compartments.hold + rise) / period,
            strain=stroke.stretch * initials.cover,
            period=one(period),
            begin=one(begin),
            works=one(1.0),
        )
        return hand, {
            "begin": one(begin), "period": one(period), "pulses": one(strokes.count),
            "press": cells.pressure, "onset": cells.onset, "hold": cells.hold, "edge": one(rise),
        }  # fmt: skip


def _joined(members: Sequence[HandLoad]) -> HandLoad:
    return HandLoad(*(np.stack([getattr(m, f.name) for m in members], axis=-1) for f in fields(HandLoad)))


def _soleus(body: Body, drainage: Drainage) -> tuple[int, ...]:
    """The soleus of the leg that each initial lymphatic is in, among what surrounds veins; none in a head."""
    if not isinstance(drainage, LegDrainage):
        return ()
    names = body.topology.surroundings
    soleus = {leg.leg: names.index(leg.named("soleus")) for leg in full_legs(body.body_regions)}
    return tuple(soleus[patch.leg] for patch in drainage.patches)


def _of_foot(drainage: Drainage, skin: Sequence[bool]) -> tuple[bool, ...]:
    """Which lymphangions are as warm as the skin of the foot."""
    if not isinstance(drainage, LegDrainage):
        return (False,) * len(skin)
    top = drainage.parts["foot"][1]
    return tuple(warm and float(drainage.extents[n].mean()) < top for n, warm in enumerate(skin))


def tissue_of(
    bodies: Sequence[Body],
    own: drainage.DrainageParameters | None = None,
    figures: Sequence[Mapping[str, Figure]] | None = None,
) -> Tissue:
    """Tissue and lymph of the legs that are in full.

    Args:
        bodies: the veins of each member.
        own: parameters in place of those that the people's documents give, members along the last axis.
        figures: for each member the figures to use in place of those that its veins were made with.
    """
    used = figures or [body.known or load() for body in bodies]
    legs = [make_drainage(body, given) for body, given in zip(bodies, used, strict=True)]
    met = [contact_map(body, leg, given) for body, leg, given in zip(bodies, legs, used, strict=True)]
    rows: dict[str, Any] = {}
    for field in fields(ContactMaps):
        source = met if hasattr(met[0], field.name) else legs
        values = [np.asarray(getattr(one, field.name)) for one in source]
        rows[field.name] = jnp.asarray(np.stack(values, axis=-1) if source is met else np.concatenate(values, axis=-1))
    veins, first = bodies[0].topology, legs[0]
    skin = tuple(not plain_name(name).startswith((*TRUNKS, DEEP)) for name in first.topology.lymphangions)
    layout = Layout(
        topology=first.topology,
        soleus=_soleus(bodies[0], first),
        artery=veins.ends.index("artery"),
        atrium=veins.ends.index("right atrium"),
        leg_skin=skin,
        foot_skin=_of_foot(first, skin),
    )
    reference = load()["posture.temperature.reference"].internal
    given = stack([leg.parameters for leg in legs]) if own is None else own
    return Tissue(legs, given, ContactMaps(**rows), layout, met, reference, figures)
