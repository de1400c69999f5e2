"""Two legs' drainage as one network: each keeps its own vessels up to the port, and what follows it is shared.

The lymph of both enters the cisterna chyli and runs on through one thoracic duct.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import cached_property
from typing import Any, TypeVar

import jax
import jax.numpy as jnp
import numpy as np

from venolymph.body.drainage_types import Compartment, LegDrainage, Patch
from venolymph.body.parameter_arrays import ARRAYS
from venolymph.network.drainage import DrainageParameters, DrainageTopology

_PARTS = {"beds": "capillaries", "valves": "lymph_valves"}
"""Parts of `DrainageParameters` that `parameter_arrays` calls otherwise."""
_STATES = {
    "compartment_position": ("compartment", "link"),
    "vessel_position": ("lymph_vessel", "link"),
    "concentration": ("solute", "compartment"),
    "swelling": ("compartment",),
    "opened": ("compartment",),
    "filling": ("lymph_cell",),
    "lymph_concentration": ("solute", "lymph_cell"),
    "inflow": ("lymph_vessel",),
    "inflow_solutes": ("solute", "lymph_vessel"),
    "extents": ("lymph_vessel",),
}
"""Dimensions of the other arrays of a `LegDrainage` that have a row for each place."""

Place = TypeVar("Place", Compartment, Patch)


@dataclass(frozen=True)
class LegJoin:
    """How rows of two legs' arrays follow one another where the legs are joined.

    Attributes:
        index: the index leg.
        other: the second leg.
    """

    index: LegDrainage
    other: LegDrainage

    @cached_property
    def shared(self) -> frozenset[int]:
        """Vessels from the port on, by their numbers in either leg: the second leg's are left out."""
        return self.other.shared

    @cached_property
    def rows(self) -> Mapping[str, np.ndarray]:
        """For each dimension of places the rows that are kept, of the index leg's and then the second leg's."""
        one, two = self.index.topology, self.other.topology
        first, second = len(one.lymphangions), len(two.lymphangions)
        kept = [number for number in range(len(two.vessels)) if number not in self.shared]
        vessels = [
            *range(first),
            *(len(one.vessels) + n for n in kept if n < second),
            *range(first, len(one.vessels)),
            *(len(one.vessels) + n for n in kept if n >= second),
        ]
        initials = len(one.initials), len(two.initials)
        # cells are initials and then vessels, so that in two legs below one another the first leg's vessels intervene
        cells = [n + initials[0] + (initials[1] if n >= len(one.vessels) else 0) for n in vessels]
        skipped = initials[0] + len(one.vessels)
        return {
            "compartment": np.arange(len(one.compartments) + len(two.compartments)),
            "bed": np.arange(len(one.beds) + len(two.beds)),
            "tissue_link": np.arange(len(one.link_tail) + len(two.link_tail)),
            "initial": np.arange(sum(initials)),
            "plexus": np.arange(len(one.plexus_tail) + len(two.plexus_tail)),
            "lymphangion": np.array([*range(first), *(first + n for n in kept if n < second)]),
            "node": np.array([*range(len(one.nodes)), *(len(one.nodes) + n - second for n in kept if n >= second)]),
            "lymph_vessel": np.array(vessels),
            "lymph_cell": np.array([*range(initials[0]), *range(skipped, skipped + initials[1]), *cells]),
        }

    def joined(self, along: Sequence[str], one: Any, two: Any) -> Any:
        """An array of the index leg and that of the second, with the dimensions `along`, as one.

        Without a dimension of places the second leg has nothing of its own, and the first one's array holds for both.
        """
        for axis, dimension in enumerate(along):
            if dimension in self.rows:
                xp: Any = np if isinstance(one, np.ndarray) else jnp
                return xp.take(xp.concatenate([one, two], axis=axis), self.rows[dimension], axis=axis)
        return one

    def listed(self, dimension: str, one: Iterable[Any], two: Iterable[Any]) -> tuple[Any, ...]:
        """The same of what is listed along one dimension of places."""
        both = [*one, *two]
        return tuple(both[row] for row in self.rows[dimension])

    @cached_property
    def vessel_numbers(self) -> tuple[tuple[int, ...], tuple[int, ...]]:
        """The number, once joined, of each vessel of the index leg and of the second; the venous angle comes last."""
        place = {row: number for number, row in enumerate(self.rows["lymph_vessel"])}
        names, angle = self.index.topology.vessels, len(place)
        mine = [place[number] for number in range(len(names))]
        theirs = [
            mine[names.index(name)] if number in self.shared else place[len(names) + number]
            for number, name in enumerate(self.other.topology.vessels)
        ]
        return (*mine, angle), (*theirs, angle)

    def sources(self, array: str) -> tuple[tuple[str, ...], ...]:
        """Keys of the figures of each entry along the first dimension of an array of parameters."""
        one, two = self.index.sources[array], self.other.sources[array]
        along = ARRAYS[array].along if array in ARRAYS else ()
        return self.listed(along[0], one, two) if along and along[0] in self.rows else one


def joined_legs(index: LegDrainage, other: LegDrainage) -> LegDrainage:
    """The drainage of two legs of a person as one network.

    Args:
        index: the index leg.
        other: the second leg; its region says by what port it joins, and what its names begin with.
    """
    join = LegJoin(index, other)
    mine, theirs = join.vessel_numbers
    named = other.region.named
    chains = {name: tuple(mine[v] for v in cells) for name, cells in index.chains.items()}
    chains |= {
        named(name): tuple(theirs[v] for v in cells)
        for name, cells in other.chains.items()
        if not join.shared & {*cells}
    }
    nodes = {name: mine[v] for name, v in index.nodes.items()}
    nodes |= {named(name): theirs[v] for name, v in other.nodes.items() if v not in join.shared}
    return replace(
        index,
        topology=_topology(join),
        parameters=_parameters(join),
        compartments=(*index.compartments, *(_of_leg(other, c) for c in other.compartments)),
        patches=(
            *index.patches,
            *(_of_leg(other, replace(p, compartment=len(index.compartments) + p.compartment)) for p in other.patches),
        ),
        chains=chains,
        nodes=nodes,
        figures=dict(sorted({**index.figures, **other.figures}.items())),
        sources={name: join.sources(name) for name in index.sources},
        legs=(index, other),
        **{name: join.joined(along, getattr(index, name), getattr(other, name)) for name, along in _STATES.items()},
    )


def _of_leg(leg: LegDrainage, place: Place) -> Place:
    """A compartment or a patch of a leg with the names that it bears in the body."""
    named = leg.region.named
    return replace(place, name=named(place.name), territory=named(place.territory), leg=leg.region.leg)


def _parameters(join: LegJoin) -> DrainageParameters:
    """The parameters of both legs, array by array."""

    def one_array(path: Any, one: jax.Array, two: jax.Array) -> jax.Array:
        names = [str(step.name) for step in path]
        array = ".".join([_PARTS.get(names[0], names[0]), *names[1:]])
        return join.joined(ARRAYS[array].along if array in ARRAYS else (), one, two)

    return jax.tree_util.tree_map_with_path(one_array, join.index.parameters, join.other.parameters)


def _topology(join: LegJoin) -> DrainageTopology:
    """What is joined to what in both legs."""
    one, two, named = join.index.topology, join.other.topology, join.other.region.named
    mine, theirs = join.vessel_numbers

    def after(what: str, offset: int) -> tuple[int, ...]:
        """Numbers of one leg's places, and of the second's behind them."""
        return (*getattr(one, what), *(offset + number for number in getattr(two, what)))

    def names(what: str, dimension: str) -> tuple[str, ...]:
        return join.listed(dimension, getattr(one, what), map(named, getattr(two, what)))

    tissue, initials = len(one.compartments), len(one.initials)
    return DrainageTopology(
        solutes=one.solutes,
        compartments=names("compartments", "compartment"),
        beds=names("beds", "bed"),
        bed_compartment=after("bed_compartment", tissue),
        link_tail=after("link_tail", tissue),
        link_head=after("link_head", tissue),
        initials=names("initials", "initial"),
        initial_compartment=after("initial_compartment", tissue),
        initial_vessel=(*(mine[v] for v in one.initial_vessel), *(theirs[v] for v in two.initial_vessel)),
        plexus_tail=after("plexus_tail", initials),
        plexus_head=after("plexus_head", initials),
        lymphangions=names("lymphangions", "lymphangion"),
        lymphangion_compartment=join.listed(
            "lymphangion", one.lymphangion_compartment, (tissue + c for c in two.lymphangion_compartment)
        ),
        peripheral=join.listed("lymphangion", (mine[v] for v in one.peripheral), (theirs[v] for v in two.peripheral)),
        nodes=names("nodes", "node"),
        downstream=join.listed("lymph_vessel", (mine[v] for v in one.downstream), (theirs[v] for v in two.downstream)),
    )
