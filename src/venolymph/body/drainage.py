"""A person becomes the drainage of a leg: tissue, capillary beds and lymph, every parameter as a number.

How a person differs from the reference leg of the figures: heights and lengths go with stature; volumes of tissue go
with body mass to a power; women have a larger share of subcutis. Filtration, permeability, uptake and the volume of
initial lymphatics go with the tissue that they serve.

What is diseased is said by keywords of `leg_drainage`: weaker or fewer lymphangions, leaking valves, nodes removed.
"""

from __future__ import annotations

import math
import tomllib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from importlib import resources
from itertools import pairwise
from typing import Any

import jax
import jax.numpy as jnp
import numpy as np

from venolymph.body.drainage_types import Compartment, LegDrainage, Patch
from venolymph.body.links import along, joints
from venolymph.body.person import Person
from venolymph.body.person_leg import Lymph
from venolymph.body.places import NODES, drainage_template
from venolymph.errors import DocumentError, nearest
from venolymph.figures import Figure, load
from venolymph.network.depot import Depots
from venolymph.network.drainage import DrainageParameters, DrainageTopology
from venolymph.network.exchange import CapillaryBeds, Plasma
from venolymph.network.initial_lymphatic import Initials, Plexus
from venolymph.network.interstitium import Interstitium, TissueLinks
from venolymph.network.lymphangion import Lymphangions, LymphValves
from venolymph.network.node import Nodes

SOLUTES = ("protein", "small tracer", "large tracer")
MUSCLE = "muscle"
VENOUS_ANGLE = "venous angle"
PER_MILLILITRE = 1e3
"""Factor from g/mL to mg/mL."""


@cache
def morning() -> dict[str, dict[str, dict[str, float]]]:
    """Tissue and lymph of the reference leg in the morning (`morning.toml`), by name; not to be changed."""
    return tomllib.loads(resources.files("venolymph.body").joinpath("morning.toml").read_text("utf-8"))


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
    """The drainage of a person's index leg, as its document states it (`lymph`).

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
    said = person.leg.lymph or Lymph()

    def chosen(given: float | None, written: float | None, healthy: float) -> float:
        return float(next((value for value in (given, written) if value is not None), healthy))

    contractility = chosen(contractility, said.contractility, 1.0)
    collectors = chosen(collectors, said.collectors, 1.0)
    valve_leak = chosen(valve_leak, said.valve_leak, 0.0)
    removed_nodes = tuple(said.removed_nodes if removed_nodes is None else removed_nodes)
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
    swelling = chosen(None, said.swelling, 1.0)
    disease = _Disease(contractility, collectors, valve_leak, frozenset(removed_nodes), swelling)
    return _LymphBuilder(person, disease, figures or load(), seed).drainage()


def girths(person: Person, figures: Mapping[str, Figure] | None = None) -> dict[str, tuple[float, float]]:
    """Girths of the parts of a person's leg at rest, for garments.

    Args:
        person: the person.
        figures: in place of the packaged ones.

    Returns:
        for each part its girth g, cm: an adult's, scaled as the volume over the length L; and how much that grows with
        what the part holds, cm/mL: 2 pi / (g L) for a round limb.
    """
    maker = _LymphBuilder(person, _Disease(), figures or load())
    found = {}
    for part in maker.regions:
        length = maker.end(part, "upper_end") - maker.end(part, "lower_end")
        girth = maker.value(f"compression.girth.{part}") * math.sqrt(maker.bulk / maker.length)
        found[part] = (girth, 2.0 * math.pi / (girth * length))
    return found


@dataclass(frozen=True)
class _Disease:
    """Lymphatic disease as factors on healthy values; healthy by default."""

    contractility: float = 1.0
    collectors: float = 1.0
    valve_leak: float = 0.0
    removed: frozenset[str] = frozenset()
    swelling: float = 1.0


@dataclass(frozen=True)
class _Stretch:
    """A lymphangion: its chain, the heights of its ends, and its length, cm."""

    chain: str
    number: int
    lower: float
    upper: float
    length: float


def _tight(compartment: Compartment) -> bool:
    """Whether it lies in foot or ankle, whose skin and muscle are bound tighter than those of the rest of the leg."""
    return compartment.region in ("foot", "ankle")


Keys = tuple[str, ...]
"""Keys of the figures that a number comes from."""
Column = tuple[Any, Keys | list[Keys]]
"""Values of an array of parameters, and the keys of all or of each along its first dimension."""


class _LymphBuilder:
    def __init__(self, person: Person, disease: _Disease, figures: Mapping[str, Figure], seed: int = 0) -> None:
        self.person, self.disease, self.all, self.seed = person, disease, figures, seed
        self.used: dict[str, Figure] = {}
        self.sources: dict[str, tuple[Keys, ...]] = {}
        self.template = drainage_template()
        self.length = person.height / self.value("body_proportions.reference.height")
        mass = person.mass / self.value("body_proportions.reference.mass")
        self.bulk = mass ** self.value("tissue.scaling.volume_mass_exponent")
        self.female = self.value("tissue.scaling.female_subcutis") if person.sex == "female" else 1.0
        self.ankle = self.value("body_proportions.ankle") * person.height
        self.links = joints(self.value, person.height)
        self.levels = self._levels()
        self.compartments: list[Compartment] = []
        self.patches: list[Patch] = []
        self.cross: list[tuple[float, float]] = []

    def value(self, key: str) -> float:
        """A figure in internal units, recorded as used."""
        figure = self.all[key]
        self.used[key] = figure
        return figure.internal

    def _levels(self) -> dict[str, float]:
        """Heights of levels above the malleolus, cm."""
        cisterna = self.value("lymph.level.cisterna") * self.person.height - self.ankle
        groin = self.end("thigh", "upper_end")
        return {
            "toes": self.end("foot", "lower_end"),
            "knee": 0.5 * (self.end("knee", "lower_end") + self.end("knee", "upper_end")),
            "groin": groin,
            "pelvis": 0.5 * (groin + cisterna),
            "cisterna": cisterna,
            "angle": self.value("lymph.level.angle") * self.person.height - self.ankle,
        }

    def end(self, region: str, which: str) -> float:
        """Height of a region's end, cm."""
        return self.value(f"body_proportions.region.{region}.{which}") * self.length

    @property
    def regions(self) -> tuple[str, ...]:
        """Parts of the leg from the toes up."""
        return tuple(self.template["regions"])

    def position(self, height: float) -> tuple[float, float, float, float]:
        """Where a height above the malleolus (cm) lies along trunk, thigh, shank and foot, cm down from the atrium."""
        return along(self.links, height)

    # -------------------------------------------------------------- the whole

    def drainage(self) -> LegDrainage:
        """The drainage as a network with its numbers, and the state that it begins from."""
        self._lay_tissue()
        stretches = self._lay_chains()
        chains: dict[str, tuple[int, ...]] = {
            name: tuple(i for i, s in enumerate(stretches) if s.chain == name) for name in self.template["chains"]
        }
        nodes = {name: len(stretches) + i for i, name in enumerate(self.template["nodes"])}
        links, conductance = self._link()
        rings = self._plexus()
        topology = self._topology(stretches, self._downstream(chains, nodes), links, rings)
        extents = self._extents(stretches)
        heights = [0.5 * (lower + upper) for lower, upper in extents]
        parts = {region: (self.end(region, "lower_end"), self.end(region, "upper_end")) for region in self.regions}
        parts["abdomen"] = (self.levels["groin"], self.levels["cisterna"])
        tissue = [0.5 * (c.lower + c.upper) for c in self.compartments]
        begin = self._morning(topology)
        inflow, brought = self._rest_of_body(nodes, len(topology.vessels))
        return LegDrainage(
            topology=topology,
            parameters=self._parameters(stretches, conductance, len(rings)),
            compartments=tuple(self.compartments),
            patches=tuple(self.patches),
            chains=chains,
            nodes=nodes,
            extents=np.array(extents),
            parts=parts,
            bulk={part: self.value(f"tissue.region.{part}.volume") * self.bulk for part in self.regions},
            compartment_position=_rows([self.position(h) for h in tissue]),
            vessel_position=_rows([self.position(h) for h in heights]),
            end_position=_rows([self.position(self.levels["angle"])]),
            **begin,
            inflow=inflow,
            inflow_solutes=brought,
            figures=dict(sorted(self.used.items())),
            sources=dict(self.sources),
            seed=self.seed,
        )

    def _downstream(self, chains: Mapping[str, tuple[int, ...]], nodes: Mapping[str, int]) -> tuple[int, ...]:
        """The vessel that each one drains into; the venous angle comes after the last.

        Args:
            chains: the vessels of each chain, from the periphery to the centre.
            nodes: the vessel that each node is.
        """
        angle = sum(map(len, chains.values())) + len(nodes)
        entry = {name: cells[0] for name, cells in chains.items()} | dict(nodes) | {VENOUS_ANGLE: angle}
        downstream = [0] * angle
        for name, cells in chains.items():
            for here, there in pairwise(cells):
                downstream[here] = there
            downstream[cells[-1]] = entry[self.template["chains"][name]["into"]]
        for name, number in nodes.items():
            downstream[number] = entry[self.template["nodes"][name]["into"]]
        return tuple(downstream)

    def _topology(
        self,
        stretches: list[_Stretch],
        downstream: tuple[int, ...],
        links: list[tuple[int, int]],
        rings: list[tuple[int, int]],
    ) -> DrainageTopology:
        """What is joined to what.

        Args:
            stretches: the lymphangions.
            downstream: the vessel that each one drains into.
            links: pairs of neighbouring compartments.
            rings: pairs of initial lymphatics that the plexus joins.
        """
        return DrainageTopology(
            solutes=SOLUTES,
            compartments=tuple(c.name for c in self.compartments),
            beds=tuple(c.name for c in self.compartments),
            bed_compartment=tuple(range(len(self.compartments))),
            link_tail=tuple(a for a, _ in links),
            link_head=tuple(b for _, b in links),
            initials=tuple(p.name for p in self.patches),
            initial_compartment=tuple(p.compartment for p in self.patches),
            initial_vessel=tuple(self._nearest(p, stretches) for p in self.patches),
            plexus_tail=tuple(a for a, _ in rings),
            plexus_head=tuple(b for _, b in rings),
            lymphangions=tuple(f"{s.chain} [{s.number + 1}]" for s in stretches),
            lymphangion_compartment=tuple(self._lies_in(s) for s in stretches),
            peripheral=tuple(i if s.number == 0 else i - 1 for i, s in enumerate(stretches)),
            nodes=tuple(self.template["nodes"]),
            downstream=downstream,
        )

    def _extents(self, stretches: list[_Stretch]) -> list[tuple[float, float]]:
        """Heights of the lower and upper end of each vessel above the malleolus, cm; nodes follow the lymphangions."""
        half = 0.5 * self.value("lymph.node.length")
        levels = [self.levels[node["level"]] for node in self.template["nodes"].values()]
        return [(s.lower, s.upper) for s in stretches] + [(level - half, level + half) for level in levels]

    def _morning(self, topology: DrainageTopology) -> dict[str, jax.Array]:
        """The state to begin from: fields of `LegDrainage`, with solutes in mg/mL and all else relative, 1."""
        within = self.value("tissue.protein.tissue") * PER_MILLILITRE
        begin = [morning()["tissue"][c.name] for c in self.compartments]
        filled = [morning()["initials"][p.name] for p in self.patches]
        filled += [morning()["vessels"][name] for name in topology.vessels]
        nothing, empty = [0.0] * len(begin), [0.0] * len(filled)
        swelling = [
            row["fluid"] * (1.0 if c.tissue == MUSCLE else self.disease.swelling)
            for c, row in zip(self.compartments, begin, strict=True)
        ]
        return {
            "concentration": _rows([[within * row["protein"] for row in begin], nothing, nothing]),
            "swelling": _rows(swelling),
            "opened": _rows([row["open"] for row in begin]),
            "filling": _rows([row["fluid"] for row in filled]),
            "lymph_concentration": _rows([[within * row["protein"] for row in filled], empty, empty]),
        }

    def _rest_of_body(self, nodes: Mapping[str, int], vessels: int) -> tuple[jax.Array, jax.Array]:
        """Lymph from the rest of the body into each vessel, mL/s, and the solutes that it brings, mg/s."""
        inflow, brought = np.zeros((vessels, 1)), np.zeros((len(SOLUTES), vessels, 1))
        cisterna = nodes["cisterna chyli"]
        inflow[cisterna] = self.value("lymph.rest_of_body.flow")
        protein = self.value("lymph.rest_of_body.protein") * PER_MILLILITRE
        brought[0, cisterna] = inflow[cisterna] * protein
        return jnp.asarray(inflow), jnp.asarray(brought)

    # -------------------------------------------------------------- layout

    def _lay_tissue(self) -> None:
        """Compartments: quarters of subcutis slab by slab, then the muscle of each region."""
        for region, slabs in self.template["regions"].items():
            low, high = self.end(region, "lower_end"), self.end(region, "upper_end")
            whole = self.value(f"tissue.region.{region}.volume") * self.bulk
            share = min(0.9, self.value(f"tissue.region.{region}.subcutis_share") * self.female)
            below = "distal" if region in ("foot", "ankle", "calf") else "proximal"
            _, thickness, arc = self._quarter(whole / (high - low), share)
            for slab in range(slabs):
                lower, upper = (low + (high - low) * (slab + i) / slabs for i in (0, 1))
                for quarter in self.template["quarters"]:
                    territory = self.template["quarter_territory"][below][quarter]
                    name = f"{region}, {quarter} [{slab + 1}]"
                    volume = whole * share / (slabs * len(self.template["quarters"]))
                    self.compartments.append(
                        Compartment(name, region, "subcutis", quarter, lower, upper, volume, territory, thickness, arc)
                    )
                    self.cross.append((whole / (high - low), share))
        for region in self.template["regions"]:
            low, high = self.end(region, "lower_end"), self.end(region, "upper_end")
            skin = next(c for c in self.compartments if c.region == region)
            subcutis = self.value(f"tissue.region.{region}.subcutis_share")
            share = self.value(f"tissue.region.{region}.muscle_share")
            # What women have more in subcutis they have less in muscle and bone, in proportion.
            share *= (1.0 - min(0.9, subcutis * self.female)) / (1.0 - subcutis)
            volume = self.value(f"tissue.region.{region}.volume") * self.bulk * share
            territory = self.template["muscle_territory"][region]
            self.compartments.append(
                Compartment(
                    f"{region}, {MUSCLE}", region, MUSCLE, None, low, high, volume, territory,
                    skin.thickness, skin.arc * len(self.template["quarters"]),
                )
            )  # fmt: skip
        for number, c in enumerate(self.compartments):
            parts = self.template["regions"][c.region] if c.tissue == MUSCLE else 1
            for i in range(parts):
                name = c.name if parts == 1 else f"{c.name} [{i + 1}]"
                lower, upper = (c.lower + (c.upper - c.lower) * (i + j) / parts for j in (0, 1))
                self.patches.append(Patch(name, number, lower, upper, c.volume / parts, c.territory))

    def _lay_chains(self) -> list[_Stretch]:
        stretches: list[_Stretch] = []
        for name, chain in self.template["chains"].items():
            low, high, cells = self.levels[chain["from"]], self.levels[chain["to"]], chain["cells"]
            whole = self.value("lymph." + chain["length"]) * self.length if "length" in chain else high - low
            for i in range(cells):
                lower, upper = (low + (high - low) * (i + j) / cells for j in (0, 1))
                stretches.append(_Stretch(name, i, lower, upper, whole / cells))
        return stretches

    def _nearest(self, patch: Patch, stretches: list[_Stretch]) -> int:
        """The lymphangion of its territory at a patch's height; a chain begins where its lowest patch lies."""
        own = [i for i, s in enumerate(stretches) if s.chain == patch.territory]
        if patch.lower <= min(p.lower for p in self.patches if p.territory == patch.territory):
            return own[0]
        return min(own, key=lambda i: abs(0.5 * (stretches[i].lower + stretches[i].upper) - patch.middle))

    def _lies_in(self, stretch: _Stretch) -> int:
        """The compartment that a lymphangion lies in; the uppermost for the trunks beyond the leg."""
        middle = 0.5 * (stretch.lower + stretch.upper)
        own = [i for i, c in enumerate(self.compartments) if c.territory == stretch.chain]
        own = own or list(range(len(self.compartments)))
        return min(own, key=lambda i: abs(0.5 * (self.compartments[i].lower + self.compartments[i].upper) - middle))

    def _link(self) -> tuple[list[tuple[int, int]], list[float]]:
        """Pairs of neighbouring subcutis, along the limb and around it, and the conductance of each, mL/s/mmHg."""
        conductivity = self.value("tissue.darcy.conductivity")
        around = len(self.template["quarters"])
        skin = len(self.cross)
        pairs, conductance = [], []

        def shape(number: int) -> tuple[float, float, float]:
            return self._quarter(*self.cross[number])

        for number in range(skin):
            here = self.compartments[number]
            section, depth, arc = shape(number)
            height = here.upper - here.lower
            slab, quarter = divmod(number, around)
            beside = slab * around + (quarter + 1) % around
            pairs.append((number, beside))
            conductance.append(conductivity * depth * height / arc)
            above = number + around
            if above < skin:
                there = self.compartments[above]
                far = 0.5 * (height + there.upper - there.lower)
                pairs.append((number, above))
                conductance.append(conductivity * 0.5 * (section + shape(above)[0]) / far)
        return pairs, conductance

    def _quarter(self, area: float, share: float) -> tuple[float, float, float]:
        """Cross-section of a quarter of subcutis (cm2), its thickness, and its arc along the middle (cm).

        Args:
            area: cross-section of the limb, cm2.
            share: of it that is subcutis, 1.
        """
        around = len(self.template["quarters"])
        outer, inner = math.sqrt(area / math.pi), math.sqrt((1.0 - share) * area / math.pi)
        return area * share / around, outer - inner, math.pi * (outer + inner) / around

    def _plexus(self) -> list[tuple[int, int]]:
        """Pairs of initial lymphatics that the dermal plexus joins: neighbours in the skin, as the tissue is linked."""
        return self._link()[0]

    # -------------------------------------------------------------- parameters

    def rows(self, kind: type, part: str, **columns: Column) -> Any:
        """A module of parameters from its columns; `part` is what `BodyParameters` calls it."""
        for name, (values, keys) in columns.items():
            self.sources[f"{part}.{name}"] = tuple(keys) if isinstance(keys, list) else (keys,) * len(values)
        return kind(**{name: _rows(values) for name, (values, _) in columns.items()})

    def _same(self, key: str, count: int, factor: float = 1.0) -> Column:
        return [self.value(key) * factor] * count, (key,)

    def _each(self, keys: Sequence[str], *more: str) -> Column:
        """A figure for each place, and its key with those of what else goes into it."""
        return [self.value(key) for key in keys], [(key, *more) for key in keys]

    def _by_kind(self, key: str, times: Sequence[float] | None = None) -> Column:
        """A figure of skin and subcutis, or of muscle, for each compartment, where asked for times its volume, mL."""
        values, keys = self._each([f"{key}.{c.tissue}" for c in self.compartments])
        factors = times or [1.0] * len(values)
        return [x * y for x, y in zip(values, factors, strict=True)], keys

    def _parameters(self, stretches: list[_Stretch], conductance: list[float], rings: int) -> DrainageParameters:
        weight = self.value("lymph.lymph.density") * self.value("blood.gravity")
        spreads = ("tissue.depot.spread", "tissue.depot.spread_small", "tissue.depot.spread")
        self.sources["lymph.viscosity"] = (("lymph.lymph.viscosity",),)
        self.sources["lymph.weight"] = (("lymph.lymph.density", "blood.gravity"),)
        return DrainageParameters(
            beds=self._beds(),
            plasma=self._plasma(),
            tissue=self._tissue(),
            links=self.rows(
                TissueLinks,
                "links",
                conductance=(conductance, ("tissue.darcy.conductivity",)),
                decades=self._same("tissue.darcy.decades", len(conductance)),
                full_swelling=self._same("tissue.darcy.full_swelling", len(conductance)),
            ),
            depots=self.rows(
                Depots,
                "depots",
                nearness=self._same("tissue.depot.nearness", len(self.compartments)),
                spread=(
                    [[self.value(k)] * len(self.compartments) for k in spreads],
                    [(k,) for k in spreads],
                ),
            ),
            initials=self._initials(),
            plexus=self.rows(Plexus, "plexus", resistance=self._same("lymph.plexus.resistance", rings)),
            lymphangions=self._lymphangions(stretches),
            nodes=self._nodes(),
            valves=self._valves(stretches),
            viscosity=_rows([self.value("lymph.lymph.viscosity")]),
            weight=_rows([weight]),
        )

    def _beds(self) -> CapillaryBeds:
        volumes = [c.volume for c in self.compartments]
        n = len(volumes)
        keys = [f"tissue.{kind}.permeability" for kind in ("protein", "tracer.small", "tracer.large")]
        walls = [f"tissue.{kind}.reflection" for kind in ("protein", "tracer.small", "tracer.large")]
        k = "tissue.capillary."
        return self.rows(
            CapillaryBeds,
            "capillaries",
            filtration=self._by_kind(k + "filtration", volumes),
            resistance_ratio=self._same(k + "resistance_ratio", n),
            glycocalyx=self._same(k + "glycocalyx", n),
            closure_least=self._closure_least(k + "closure_least"),
            closure_weight=self._by_kind(k + "closure_weight"),
            closure_centre=self._same(k + "closure_centre", n),
            closure_width=self._same(k + "closure_width", n),
            closure_time=self._same(k + "closure_time", n),
            reflection=([[self.value(key)] * n for key in walls], [(key,) for key in walls]),
            permeability=([[self.value(key) * v for v in volumes] for key in keys], [(key,) for key in keys]),
            plasma_flow=self._by_kind(k + "plasma_flow", volumes),
            recruitment=self._same(k + "recruitment", n),
        )

    def _closure_least(self, key: str) -> Column:
        """Least open share of each bed. A foot was measured as a whole, so its muscle closes as its skin does."""
        keys = (f"{key}.subcutis", f"{key}.{MUSCLE}")
        return self._each([keys[c.tissue == MUSCLE and not _tight(c)] for c in self.compartments])

    def _plasma(self) -> Plasma:
        def cubic(kind: str) -> Column:
            values, keys = self._each([f"tissue.oncotic.{kind}_{i}" for i in (1, 2, 3)])
            return [value * 0.1**i for i, value in enumerate(values, 1)], keys

        protein = self.value("tissue.protein.plasma") * PER_MILLILITRE
        return self.rows(
            Plasma,
            "plasma",
            concentration=([protein, 0.0, 0.0], [("tissue.protein.plasma",), (), ()]),
            plasma_oncotic=cubic("plasma"),
            tissue_oncotic=cubic("tissue"),
        )

    def _tissue(self) -> Interstitium:
        n = len(self.compartments)
        p, r = "tissue.pressure.", "tissue.relaxation."
        protein = [self.value(f"tissue.available.{c.tissue}") for c in self.compartments]
        small, more = self.value("tissue.available.small"), self.value("tissue.available.swelling")
        both = ("tissue.available.subcutis", "tissue.available.muscle")

        def limit(name: str, at_foot: str) -> Column:
            """Limit of swelling: by skin, or by a muscle's fascia."""
            keys = (p + "taut_" + name, p + "fascia_" + name, p + "fascia_" + at_foot)
            return self._each([keys[(c.tissue == MUSCLE) * (1 + _tight(c))] for c in self.compartments])

        def slope(name: str) -> Column:
            """Slope of pressure below oedema, by tissue."""
            return self._each([p + ("muscle_slope" if c.tissue == MUSCLE else name) for c in self.compartments])

        def gain(name: str) -> list[float]:
            """Gain of a relaxing arm; almost none in muscle."""
            shares = (1.0, self.value(r + "muscle"))
            return [self.value(r + name) * shares[c.tissue == MUSCLE] for c in self.compartments]

        def knee(name: str) -> Column:
            """Swelling beyond which pressure rises less; larger in the tight skin of foot and ankle."""
            keys = (p + name, p + "foot_knee")
            later = self.value(keys[0]) + self.value(keys[1]) - self.value(p + "middle_knee")
            foot = [_tight(c) and c.tissue != MUSCLE for c in self.compartments]
            return [later if late else self.value(keys[0]) for late in foot], [keys[: 1 + late] for late in foot]

        return self.rows(
            Interstitium,
            "tissue",
            volume=self._by_kind("tissue.interstitial_share", [c.volume for c in self.compartments]),
            pressure=self._same(p + "rest", n),
            stiff_slope=slope("stiff_slope"),
            middle_slope=slope("middle_slope"),
            flat_slope=self._same(p + "flat_slope", n),
            taut_slope=limit("slope", "foot_slope"),
            middle_knee=knee("middle_knee"),
            flat_knee=knee("flat_knee"),
            taut_knee=limit("knee", "knee"),
            bend=self._same(p + "bend", n),
            taut_bend=self._same(p + "taut_bend", n),
            borne=([1.0 if c.tissue == MUSCLE else self.value(p + "borne") for c in self.compartments], (p + "borne",)),
            borne_swelling=self._same(p + "borne_swelling", n),
            relaxation_gain=(
                [gain("fast_gain"), gain("slow_gain")],
                [(r + "fast_gain", r + "muscle"), (r + "slow_gain", r + "muscle")],
            ),
            relaxation_time=(
                [[self.value(r + "fast_time")] * n, [self.value(r + "slow_time")] * n],
                [(r + "fast_time",), (r + "slow_time",)],
            ),
            available=([protein, [small] * n, protein], [both, ("tissue.available.small",), both]),
            available_swelling=(
                [[more] * n, [small] * n, [more] * n],
                [(f"tissue.available.{name}",) for name in ("swelling", "small", "swelling")],
            ),
        )

    def _initials(self) -> Initials:
        volumes = [p.volume for p in self.patches]
        n, k = len(volumes), "lymph.initial."
        return self.rows(
            Initials,
            "initials",
            volume=([self.value(k + "volume") * v for v in volumes], (k + "volume",)),
            stiffness=self._same(k + "stiffness", n),
            uptake=([self.value(k + "uptake") * v for v in volumes], (k + "uptake",)),
            tether=self._same(k + "tether", n),
            still_swing=self._same(k + "still_swing", n),
            moved_swing=self._same(k + "moved_swing", n),
            moved_rate=self._same(k + "moved_rate", n),
            worked_swing=self._same(k + "worked_swing", n),
            tissue_share=self._same(k + "tissue_share", n),
            flat=self._same(k + "flat", n),
        )

    def _duct(self, stretch: _Stretch) -> bool:
        return bool(self.template["chains"][stretch.chain].get("duct"))

    def _ill(self, stretch: _Stretch) -> bool:
        """Whether it is a collector of the leg, to which disease applies, and not a trunk beyond."""
        return "length" not in self.template["chains"][stretch.chain]

    def _count(self, stretch: _Stretch) -> float:
        if self._duct(stretch):
            return 1.0
        chain = self.template["chains"][stretch.chain]
        found = self.value("lymph." + chain["figures"])
        if self._ill(stretch):
            found *= self.disease.collectors
        if chain.get("begin_higher"):
            # evenly from the ankle on
            part = 0.5 * (stretch.lower + stretch.upper) / self.levels["groin"]
            found *= 1.0 + (self.value("lymph.collectors.growth") - 1.0) * max(0.0, part)
        return found

    def _counted(self, stretch: _Stretch) -> Keys:
        """Keys of the figures that `_count` comes from."""
        if self._duct(stretch):
            return ()
        chain = self.template["chains"][stretch.chain]
        return (f"lymph.{chain['figures']}", *(("lymph.collectors.growth",) if chain.get("begin_higher") else ()))

    def _lymphangions(self, stretches: list[_Stretch]) -> Lymphangions:
        n, k = len(stretches), "lymph.lymphangion."
        weak = [self.disease.contractility if self._ill(s) else 1.0 for s in stretches]

        def either(name: str, *more: str) -> Column:
            return self._each([("lymph.duct." if self._duct(s) else k) + name for s in stretches], *more)

        def part(name: str, key: str = k) -> Column:
            return [self.value(key + name) * b for b in bore], [(key + name, *own) for own in bores]

        bore, bores = either("diameter")
        tension, tensions = either("tension")
        rate, rates = either("frequency", k + "spread")
        return self.rows(
            Lymphangions,
            "lymphangions",
            length=([s.length for s in stretches], ("body_proportions.reference.height",)),
            vessels=([self._count(s) for s in stretches], [self._counted(s) for s in stretches]),
            passive_pressure=self._same(k + "passive_pressure", n),
            passive_diameter=(bore, bores),
            passive_scale=part("passive_scale"),
            collapse_pressure=self._same(k + "collapse_pressure", n),
            collapse_diameter=part("collapse_diameter"),
            tension=([t * w for t, w in zip(tension, weak, strict=True)], tensions),
            best_diameter=(bore, bores),
            best_width=self._same(k + "best_width", n),
            contraction_time=self._same(k + "contraction_time", n),
            refractory_time=self._same(k + "refractory_time", n),
            delay=([s.length / self.value(k + "speed") for s in stretches], (k + "speed",)),
            speed_gain=self._same(k + "speed_gain", n),
            filled=self._same(k + "filled", n),
            frequency=([f * own for f, own in zip(rate, self._unlike(n), strict=True)], rates),
            stretch_gain=self._same(k + "stretch_gain", n),
            stretch_diameter=part("stretch_diameter"),
            shear=self._same(k + "shear", n),
            shear_power=self._same(k + "shear_power", n),
            shear_time=self._same(k + "shear_time", n),
            warmth=self._same(k + "warmth", n),
            reference_temperature=self._same("posture.temperature.reference", n),
            tissue_share=self._same(k + "tissue_share", n),
            leak_gain=self._same("lymph.valve.distension_leak", n),
            leak_diameter=part("distension_diameter", "lymph.valve."),
        )

    def _unlike(self, count: int) -> np.ndarray:
        """Random factors on the rate of each pacemaker, 1: identical pacemakers would lock."""
        width = math.log1p(self.value("lymph.lymphangion.spread") ** 2)
        drawn = np.random.default_rng(self.seed).standard_normal(count)
        return np.exp(math.sqrt(width) * drawn - 0.5 * width)

    def _nodes(self) -> Nodes:
        plans = list(self.template["nodes"].values())
        n, k = len(plans), "lymph.node."
        cistern = [bool(plan.get("cistern")) for plan in plans]
        absorption = [0.0 if c else self.value(k + "absorption") for c in cistern]
        return self.rows(
            Nodes,
            "nodes",
            volume=self._each(["lymph.cisterna.volume" if c else k + "volume" for c in cistern]),
            stiffness=self._same(k + "stiffness", n),
            absorption=(absorption, [() if c else (k + "absorption",) for c in cistern]),
            reflection=self._same(k + "reflection", n),
            oncotic_share=self._same(k + "oncotic_share", n),
            reference_pressure=self._same(k + "reference_pressure", n),
            opening=self._same(k + "opening", n),
        )

    def _valves(self, stretches: list[_Stretch]) -> LymphValves:
        """Outflows of the initial lymphatics, of the lymphangions and of the nodes, one below the other."""
        k, d = "lymph.valve.", "lymph.duct."
        plain, shut = self.value(k + "resistance"), 1.0 / self.value(k + "closed_resistance")
        # resistance, leak, whether it is open, and the keys of the figures of the first two
        out: list[tuple[float, float, bool, Keys, Keys]] = []
        for patch in self.patches:
            drain = "lymph.initial.drain"
            out.append((self.value(drain) / patch.volume, shut, True, (drain,), (k + "closed_resistance",)))
        for s in stretches:
            own = d if self._duct(s) else k
            resistance = own + ("valve_resistance" if self._duct(s) else "resistance")
            closed = 1.0 / self.value(own + "closed_resistance")
            leak = closed + (self.disease.valve_leak / plain if self._ill(s) else 0.0)
            ends = s.number == self.template["chains"][s.chain]["cells"] - 1
            into = self.template["chains"][s.chain]["into"] if ends else None
            is_open = into not in self.disease.removed
            out.append((self.value(resistance), leak, is_open, (resistance,), (own + "closed_resistance",)))
        for name, node in self.template["nodes"].items():
            key = "lymph." + node["resistance"] if "resistance" in node else d + "valve_resistance"
            own = self.value(key)
            is_open = not {name, node["into"]} & self.disease.removed
            keys = (k + "closed_resistance", k + "resistance", key)
            out.append((own, shut * plain / own, is_open, (key,), keys))
        n, before, behind = len(out), len(self.patches), len(self.template["nodes"])
        resistances, leaks, opened, resistance_keys, leak_keys = zip(*out, strict=True)
        return self.rows(
            LymphValves,
            "lymph_valves",
            resistance=(resistances, [*resistance_keys]),
            vessels=(
                [1.0] * before + [self._count(s) for s in stretches] + [1.0] * behind,
                [()] * before + [self._counted(s) for s in stretches] + [()] * behind,
            ),
            leak=(leaks, [*leak_keys]),
            steepness=self._same(k + "steepness", n),
            bias=self._same(k + "bias", n),
            open=(opened, ()),
        )


def _rows(values: Any) -> jax.Array:
    return jnp.asarray(np.asarray(values, np.float64)[..., None])
