"""The parameters of veins, tissue and lymph as one tree of arrays, and places in it by name."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from functools import cache, cached_property
from typing import Any

import equinox as eqx
import jax.numpy as jnp
import numpy as np
from jax.core import Tracer
from jaxtyping import Array, Float

from venolymph.body.parameter_arrays import ARRAYS, LIMITS
from venolymph.body.region import plain_name
from venolymph.errors import DocumentError, nearest
from venolymph.network.depot import Depots
from venolymph.network.drainage import DrainageParameters, DrainageTopology
from venolymph.network.exchange import CapillaryBeds
from venolymph.network.initial_lymphatic import Initials, Plexus
from venolymph.network.interstitium import Interstitium, TissueLinks
from venolymph.network.lymphangion import Lymphangions, LymphValves
from venolymph.network.node import Nodes
from venolymph.network.parameters import Beds, Cells, Faces, Flaps, Fluid, Parameters, Surroundings, Switches, Valves
from venolymph.network.plasma import Plasma
from venolymph.network.topology import Topology

ParameterKey = str | tuple[str, str]
"""A number by the name of its place and what it is, or a whole array by its name."""

_RENAMED = {"beds": "capillaries", "valves": "lymph_valves"}
"""Parts of `DrainageParameters` that bear the name of a part of the veins."""
_MINOR = ("solute", "arm", "power", "slot", "link")
"""Dimensions that stand behind a `|` in a row's name."""


class LymphFluid(eqx.Module):
    """Properties of lymph.

    Attributes:
        viscosity: mmHg s.
        weight: rise of pressure per depth in lymph and tissue fluid, mmHg/cm.
    """

    viscosity: Float[Array, "one batch"]
    weight: Float[Array, "one batch"]


class BodyParameters(eqx.Module):
    """All parameters of a body: one tree, every leaf float64 with the batch axis last.

    Attributes:
        cells, faces, valves, beds, surroundings, fluid, switches, flaps: of the veins.
        capillaries, plasma, tissue, links, depots: of tissue fluid, and what exchanges it with blood.
        initials, plexus, lymphangions, nodes, lymph_valves, lymph: of lymph vessels.
    """

    cells: Cells
    faces: Faces
    valves: Valves
    beds: Beds
    surroundings: Surroundings
    fluid: Fluid
    switches: Switches | None
    flaps: Flaps | None
    capillaries: CapillaryBeds
    plasma: Plasma
    tissue: Interstitium
    links: TissueLinks
    depots: Depots
    initials: Initials
    plexus: Plexus
    lymphangions: Lymphangions
    nodes: Nodes
    lymph_valves: LymphValves
    lymph: LymphFluid

    @classmethod
    def of(cls, veins: Parameters, drainage: DrainageParameters) -> BodyParameters:
        """Those of veins and those of tissue and lymph as one tree."""
        parts = {_RENAMED.get(name, name): part for name, part in vars(drainage).items()}
        lymph = LymphFluid(parts.pop("viscosity"), parts.pop("weight"))
        return cls(**vars(veins), **parts, lymph=lymph)

    @property
    def veins(self) -> Parameters:
        """Those of the veins, as `network` takes them."""
        return Parameters(**{name: getattr(self, name) for name in Parameters.__dataclass_fields__})

    @property
    def drainage(self) -> DrainageParameters:
        """Those of tissue and lymph, as `network` takes them."""
        parts: dict[str, Any] = vars(self) | vars(self.lymph)
        return DrainageParameters(
            **{name: parts[_RENAMED.get(name, name)] for name in DrainageParameters.__dataclass_fields__}
        )

    @property
    def batch(self) -> int:
        """Number of members."""
        return self.veins.batch

    def array(self, name: str) -> Any:
        """An array by its name (`capillaries.filtration`), members along the last axis."""
        part, field = name.split(".")
        return getattr(getattr(self, part), field)

    def replaced(self, name: str, value: Any) -> BodyParameters:
        """The tree with another array of that name."""
        return eqx.tree_at(lambda tree: tree.array(name), self, value)


class ParameterPlaces:
    """Where in the tree each number of a body stands, by name.

    Args:
        veins: what is joined to what in the veins.
        drainage: the same of tissue and lymph.
    """

    def __init__(self, veins: Topology, drainage: DrainageTopology) -> None:
        initials = [f"initial lymphatic, {name}" for name in drainage.initials]
        compartments = drainage.compartments
        self.veins = veins
        self.labels: dict[str, tuple[str, ...]] = {
            "cell": veins.cells,
            "face": veins.faces,
            "valve": veins.valves,
            "bed": veins.beds,
            "surrounding": veins.surroundings,
            "link": veins.links,
            "compartment": compartments,
            "solute": drainage.solutes,
            "slot": tuple(map(str, range(veins.n_slots))),
            "arm": ("fast", "slow"),
            "power": ("power 1", "power 2", "power 3"),
            "tissue_link": _between(compartments, drainage.link_tail, drainage.link_head),
            "initial": tuple(initials),
            "plexus": _between(initials, drainage.plexus_tail, drainage.plexus_head),
            "lymphangion": drainage.lymphangions,
            "node": drainage.nodes,
            "lymph_cell": (*initials, *drainage.vessels),
        }

    def names(self, array: str) -> Iterator[tuple[tuple[int, ...], str]]:
        """The index of each number of an array, without the members, and the name of its place."""
        along, part = ARRAYS[array].along, array.split(".", maxsplit=1)[0]
        labels = {**self.labels, "one": ("blood" if part == "fluid" else part,)}
        for index in np.ndindex(*(len(labels[dim]) for dim in along)):
            at = {dim: labels[dim][i] for dim, i in zip(along, index, strict=True)}
            if "slot" in at:
                surrounded = self.veins.surrounded[index[0]]
                if surrounded[index[1]] in surrounded[: index[1]]:
                    continue  # cells with fewer surroundings than others repeat their first
                at["slot"] = self.veins.surroundings[surrounded[index[1]]]
            place = [name for dim, name in at.items() if dim not in _MINOR] or [part]
            yield index, " | ".join([*place, *(name for dim, name in at.items() if dim in _MINOR)])

    @cached_property
    def by_name(self) -> dict[tuple[str, str], list[tuple[str, tuple[int, ...]]]]:
        """Arrays and index by the name of a place and what is asked there, with its array or without."""
        found: dict[tuple[str, str], list[tuple[str, tuple[int, ...]]]] = {}
        for array in ARRAYS:
            field = array.split(".")[1]
            for index, name in self.names(array):
                found.setdefault((name, field), []).append((array, index))
                found[name, array] = [(array, index)]
        return found

    def find(self, key: ParameterKey) -> tuple[str, tuple[int, ...] | None]:
        """The array of a key, and the index in it; no index where it means the whole array.

        Raises:
            DocumentError: where nothing has that name, or two numbers have.
        """
        if isinstance(key, str):
            if key not in ARRAYS:
                raise DocumentError(f"no array of parameters is named {key!r}", hint=_hint(key, ARRAYS))
            return key, None
        if not (isinstance(key, tuple) and len(key) == 2 and all(isinstance(part, str) for part in key)):
            raise DocumentError(
                f"{key!r} names no parameter; allowed are a place and what it is there, or an array",
                hint='such as ("great saphenous, terminal valve", "leak") or "capillaries.filtration"',
            )
        place, what = key
        meant = self.by_name.get(key, [])
        if len(meant) == 1:
            return meant[0]
        if meant:
            arrays = " and ".join(repr(array) for array, _ in meant)
            raise DocumentError(f"{place!r} has two parameters {what!r}", hint=f"say which: {arrays}")
        there = [what for (name, what) in self.by_name if name == place and what in ARRAYS]
        if there:
            fields = [array.split(".")[1] for array in there]
            close = nearest(what, [*fields, *there])
            hint = f"did you mean {close!r}?" if close else f"it has {', '.join(fields)}"
            raise DocumentError(f"{place!r} has no parameter {what!r}", hint=hint)
        names = dict.fromkeys(name for name, _ in self.by_name)
        lumped = plain_name(place) != place and plain_name(place) in names
        hint = "with `legs='both'` the other leg is in full" if lumped else _hint(place, names)
        raise DocumentError(f"no part of the leg is named {place!r}", hint=hint)

    def changed(self, tree: BodyParameters, changes: Mapping[ParameterKey, Any]) -> BodyParameters:
        """The tree with some numbers replaced.

        Args:
            tree: the parameters of one member or several.
            changes: new values by place and what it is there, or by the name of an array; in the unit of `ARRAYS`. One
                number, or one for each member; for an array also numbers of its shape, members last. May be traced by
                JAX.

        Raises:
            DocumentError: where nothing has such a name, or a value cannot be one.
        """
        arrays: dict[str, Any] = {}
        for key, value in changes.items():
            array, index = self.find(key)
            before = arrays.get(array, tree.array(array))
            target = before.shape if index is None else before.shape[-1:]
            given = _checked(key, array, value, target)
            arrays[array] = jnp.broadcast_to(given, target) if index is None else before.at[index].set(given)
        for array, value in arrays.items():
            tree = tree.replaced(array, value)
        return tree


@cache
def parameter_places(veins: Topology, drainage: DrainageTopology) -> ParameterPlaces:
    """The places of bodies with these topologies; worked out once."""
    return ParameterPlaces(veins, drainage)


def _between(names: Any, tails: tuple[int, ...], heads: tuple[int, ...]) -> tuple[str, ...]:
    return tuple(f"{names[tail]} - {names[head]}" for tail, head in zip(tails, heads, strict=True))


def _hint(name: str, known: Any) -> str | None:
    close = nearest(name, known)
    return f"did you mean {close!r}?" if close else "`vl.parameters(person)` lists them all"


def _checked(key: ParameterKey, array: str, value: Any, shape: tuple[int, ...]) -> Array:
    """A value for a place or an array, seen to be one unless JAX traces it."""
    place = key if isinstance(key, str) else ": ".join(key)
    try:
        given = jnp.asarray(value, float)
        fits = jnp.broadcast_shapes(given.shape, shape) == shape
    except (TypeError, ValueError):
        fits = False
    if not fits:
        wanted = "one number, or one for each member" if len(shape) == 1 else f"one number, or the shape {shape}"
        raise DocumentError(f"found {_short(value)}; allowed is {wanted}", place=place)
    if not isinstance(given, Tracer):
        numbers, (low, high, allowed) = np.asarray(given), LIMITS[ARRAYS[array].span]
        if not (np.isfinite(numbers) & (numbers >= low) & (numbers <= high)).all():
            unit = "" if ARRAYS[array].unit == "1" else f", in {ARRAYS[array].unit}"
            hint = "`vl.parameters(person)` shows the values that the documents give"
            raise DocumentError(f"found {_short(value)}; allowed is {allowed}{unit}", place=place, hint=hint)
    return given


def _short(value: Any) -> str:
    text = " ".join(repr(value).split())
    return text if len(text) <= 60 else f"{text[:57]}..."
