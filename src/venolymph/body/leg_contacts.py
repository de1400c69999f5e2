"""Contacts of one leg's veins, tissue and lymph, by height and by the side of the limb."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping

import numpy as np

from venolymph.body.anatomy import Body, Segment
from venolymph.body.contact_types import ABDOMEN, DEEP, MUSCLES, TRUNKS, VEIN_OF_NODE, ContactMap
from venolymph.body.drainage_types import MUSCLE, LegDrainage
from venolymph.body.places import drainage_template
from venolymph.figures import Figure
from venolymph.massage.leg_targets import LEGS, SIDES, LegTargets


class LegContacts:
    """Contacts of one leg: its rows of tissue and lymph by all cells and surroundings of the body.

    Args:
        body: the veins.
        drainage: tissue and lymph of the leg.
        figures: that depths and shares come from.
    """

    def __init__(self, body: Body, drainage: LegDrainage, figures: Mapping[str, Figure]) -> None:
        self.body, self.drainage = body, drainage
        self.region = drainage.region
        self.side, self.named = body.side_of(drainage.region), drainage.region.named
        self.figures = figures
        self.around = body.topology.surroundings
        self.template = drainage_template()

    def value(self, key: str) -> float:
        """A figure in internal units."""
        return self.figures[key].internal

    def contact_map(self) -> ContactMap:
        """All of them."""
        topology = self.drainage.topology
        worn, worn_vessels = self._worn()
        works, works_vessels = self._works()
        strain = self.value("lymph.movement.strain")
        moved = [0.0 if patch.territory.startswith(DEEP) else strain for patch in self.drainage.patches]
        return ContactMap(
            drains=self._drains(),
            fed=self._fed(),
            exercises=self._exercises(),
            weeps=np.zeros(len(self.drainage.compartments)),
            weeps_flow=np.zeros(len(self.drainage.compartments)),
            lies_in=self._lies_in(),
            returns=self._returns(),
            worn=worn,
            worn_vessels=worn_vessels,
            works=works,
            works_vessels=works_vessels,
            squeezed=self._squeezed(),
            inside=self._inside(),
            holds=self._holds(),
            breathes=self._trunk(len(topology.vessels)),
            moved=np.array(moved),
            cells=self._cells(),
            compartments=self._compartments(),
            initials=self._initials(),
            vessels=self._vessels(),
        )

    # -------------------------------------------------------------- blood

    def _plain(self, name: str) -> str:
        """A name of the leg as the template has it."""
        return name.removeprefix(self.region.prefix)

    def _own(self) -> Iterator[tuple[Segment, int, float]]:
        """Cells of the leg, with their segment and height."""
        for segment in self.body.segments.values():
            if segment.leg == self.side:
                for cell, height in zip(segment.cells, segment.heights, strict=True):
                    yield segment, cell, height

    def _drains(self) -> np.ndarray:
        """Each bed drains into the cells next above and below it that beds of its kind feed, at the ends into one."""
        topology = self.body.topology
        heights = {cell: height for _, cell, height in self._own()}
        found = np.zeros((len(self.drainage.compartments), topology.n_cells))
        for kind in ("skin", MUSCLE):
            fed = [
                (heights[cell], cell)
                for bed, cell in zip(topology.beds, topology.bed_cell, strict=True)
                if bed.startswith(self.named(kind)) and cell in heights
            ]
            levels, cells = zip(*sorted(fed), strict=True)
            for number, compartment in enumerate(self.drainage.compartments):
                if (compartment.tissue == MUSCLE) != (kind == MUSCLE):
                    continue
                at = float(np.interp(0.5 * (compartment.lower + compartment.upper), levels, range(len(cells))))
                below, share = int(at), at - int(at)
                found[number, cells[below]] += 1.0 - share
                if share > 0.0:
                    found[number, cells[below + 1]] += share
        return found

    def _fed(self) -> np.ndarray:
        """Each capillary bed is fed by the beds of the veins of its kind that feed the cells into which it drains."""
        beds, cells = self.body.topology.beds, self.body.topology.bed_cell
        muscle = np.array([c.tissue == MUSCLE for c in self.drainage.compartments])
        feeds = np.array([bed.startswith(self.named(MUSCLE)) for bed in beds])
        skin = np.array([bed.startswith(self.named("skin")) for bed in beds])
        shares = self._drains()[:, list(cells)] * np.where(muscle[:, None], feeds, skin)
        return shares / shares.sum(axis=1, keepdims=True)

    def _exercises(self) -> np.ndarray:
        """Only beds in muscle gain flow by work."""
        muscle = np.array([c.tissue == MUSCLE for c in self.drainage.compartments])
        return np.where(muscle[:, None], self.value("inflow.exercise.gain") * self._fed(), 0.0)

    def _returns(self) -> np.ndarray:
        found = np.zeros((len(self.drainage.nodes), self.body.topology.n_cells))
        for row, name in enumerate(self.drainage.nodes):
            if name in VEIN_OF_NODE:
                cells = self.body.segments[self.named(VEIN_OF_NODE[name])].cells
                found[row, cells[len(cells) // 2]] = 1.0
        return found

    # -------------------------------------------------------------- what lies in what

    def _side(self, segment: Segment) -> str | None:
        """Side of the leg that a superficial vein lies on; None where it lies all around."""
        fitting = [name for name in self.template["veins"] if self._plain(segment.name).startswith(name)]
        return self.template["veins"][max(fitting, key=len)] if fitting else None

    def _superficial(self, segment: Segment) -> bool:
        return segment.kind in ("superficial", "tributary") or self._plain(segment.name).startswith("skin")

    def _lies_in(self) -> np.ndarray:
        compartments = self.drainage.compartments
        found = np.zeros((self.body.topology.n_cells, len(compartments)))
        for segment, cell, height in self._own():
            if segment.kind == "trunk":
                continue
            if self._superficial(segment):
                side = self._side(segment)
                layer = [i for i, c in enumerate(compartments) if c.tissue != MUSCLE and side in (None, c.quarter)]
            else:
                layer = [i for i, c in enumerate(compartments) if c.tissue == MUSCLE]
            off = [max(compartments[i].lower - height, height - compartments[i].upper, 0.0) for i in layer]
            nearest = [i for i, distance in zip(layer, off, strict=True) if distance == min(off)]
            found[cell, nearest] = 1.0 / len(nearest)
        return found

    # -------------------------------------------------------------- what presses

    def _shell(self, region: str) -> int:
        return self._around(f"{region} shell")

    def _around(self, name: str) -> int:
        """Number of the surrounding of that name in the leg."""
        return self.around.index(self.named(name))

    def _trunk(self, rows: int) -> np.ndarray:
        """Shares of abdominal pressure on the lymph trunks inside the abdomen."""
        found = np.zeros((rows, len(self.around)))
        for name in TRUNKS[:2]:
            found[list(self.drainage.chains[name]), self.around.index(ABDOMEN)] = 1.0
        for name in ("external iliac", "cisterna chyli"):
            found[self.drainage.nodes[name], self.around.index(ABDOMEN)] = 1.0
        return found

    def _region_of(self, vessel: int) -> str | None:
        """The part of the leg that a vessel lies in."""
        height = float(self.drainage.extents[vessel].mean())
        for region in self.template["regions"]:
            if height <= self.drainage.parts[region][1]:
                return region
        return None

    def _leg_vessels(self) -> Iterator[tuple[int, str, str]]:
        """Vessels in the leg, with the part that they lie in and their chain (a node's name for a node)."""
        chains = [(name, cells) for name, cells in self.drainage.chains.items() if name not in TRUNKS]
        chains += [(name, (number,)) for name, number in self.drainage.nodes.items()]
        for name, cells in chains:
            for vessel in cells:
                if (region := self._region_of(vessel)) is not None:
                    yield vessel, region, name

    def _worn(self) -> tuple[np.ndarray, np.ndarray]:
        """A garment presses on skin and subcutis with its full pressure, on deeper tissue with a share of it."""
        deep = self.value("muscle_pump.shell.share_deep")
        tissue = np.zeros((len(self.drainage.compartments), len(self.around)))
        for number, compartment in enumerate(self.drainage.compartments):
            tissue[number, self._shell(compartment.region)] = deep if compartment.tissue == MUSCLE else 1.0
        vessels = self._trunk(len(self.drainage.topology.vessels))
        for vessel, region, name in self._leg_vessels():
            vessels[vessel, self._shell(region)] = deep if name.startswith(DEEP) else 1.0
        return tissue, vessels

    def _works(self) -> tuple[np.ndarray, np.ndarray]:
        """Muscles press on tissue in them and vessels between them; garments transmit their pulses too."""
        share = self.value("lymph.movement.share")
        tissue, vessels = (rows.copy() for rows in self._worn())
        vessels[:, self.around.index(ABDOMEN)] = 0.0
        for number, compartment in enumerate(self.drainage.compartments):
            if compartment.tissue == MUSCLE:
                for muscle in MUSCLES[compartment.region]:
                    tissue[number, self._around(muscle)] = share
        for vessel, region, name in self._leg_vessels():
            if name.startswith(DEEP):
                for muscle in MUSCLES[region]:
                    vessels[vessel, self._around(muscle)] = share
        return tissue, vessels

    def _shares(self) -> np.ndarray:
        """Part of each surrounding's pressure that reaches each cell, shape (cells, surroundings)."""
        slots = np.array(self.body.topology.surrounded)
        found = np.zeros((len(slots), len(self.around)))
        np.add.at(found, (np.arange(len(slots))[:, None], slots), np.asarray(self.body.parameters.cells.share)[..., 0])
        return found

    def _squeezed(self) -> np.ndarray:
        """A working muscle presses its capillaries by the same share as the veins that they drain into."""
        found, _ = self._worn()
        drained = self._drains() @ self._shares()
        for bed, compartment in enumerate(self.drainage.topology.bed_compartment):
            if self.drainage.compartments[compartment].tissue == MUSCLE:
                found[compartment] = drained[bed]
        return found

    def _inside(self) -> np.ndarray:
        """A vein lies inside a garment by the share of the garment's pressure that it bears."""
        found = np.zeros((len(self.around), self.body.topology.n_cells))
        own = [cell for _, cell, _ in self._own()]
        shells = [self._shell(region) for region in self.template["regions"]]
        found[np.ix_(shells, own)] = self._shares()[np.ix_(own, shells)].T
        return found

    def _holds(self) -> np.ndarray:
        found = np.zeros((len(self.around), len(self.drainage.compartments)))
        for number, compartment in enumerate(self.drainage.compartments):
            found[self._shell(compartment.region), number] = 1.0
        return found

    # -------------------------------------------------------------- what hands reach

    def _targets(
        self, rows: int, of: Callable[[int], tuple[float, float, float, np.ndarray, float, bool]]
    ) -> LegTargets:
        lower, upper, depth, shares, arc, spared = zip(*(of(row) for row in range(rows)), strict=True)
        legs = np.full(rows, LEGS.index(self.region.leg))
        arrays = (np.array(values) for values in (lower, upper, depth, shares, arc, spared, legs))
        return LegTargets(*arrays, parts=self.drainage.parts, side=self.drainage.side)

    def _arc(self, height: float) -> float:
        """Width of a quarter of the limb at a height, cm."""
        skin = [c for c in self.drainage.compartments if c.tissue != MUSCLE]
        return min(skin, key=lambda c: abs(0.5 * (c.lower + c.upper) - height)).arc

    def _cells(self) -> LegTargets:
        cells = {cell: (segment, height) for segment, cell, height in self._own()}
        cells |= {
            cell: (segment, height)
            for segment in self.body.segments.values()
            if segment.leg == "pelvis"
            for cell, height in zip(segment.cells, segment.heights, strict=True)
        }
        lengths = np.asarray(self.body.parameters.cells.length)[:, 0]

        def of(cell: int) -> tuple[float, float, float, np.ndarray, float, bool]:
            if cell not in cells:
                return 0.0, 1.0, 1.0, np.zeros(4), 0.0, False
            segment, height = cells[cell]
            # A winding vein is longer than the stretch of limb that it lies along.
            half = 0.5 * min(float(lengths[cell]), 5.0)
            shares, depth, arc = np.ones(4), self.value("massage.depth.deep"), 0.0
            if segment.kind == "trunk":
                depth = self.value("massage.depth.abdominal")
            elif self._superficial(segment):
                side = self._side(segment)
                thin = segment.kind == "tributary" or side is None
                depth = self.value("massage.depth." + ("tributary" if thin else "superficial_vein"))
                shares = np.full(4, 0.25) if side is None else np.array([float(side == s) for s in SIDES])
                arc = self._arc(height)
            varicose = segment.kind in ("superficial", "tributary")
            return height - half, height + half, depth, shares, arc, varicose

        found = self._targets(self.body.topology.n_cells, of)
        for region in self.body.body_regions:
            for segment in self.body.segments.values():
                if segment.leg == self.body.side_of(region):
                    found.leg[list(segment.cells)] = LEGS.index(region.leg)
        return found

    def _compartments(self) -> LegTargets:
        def of(number: int) -> tuple[float, float, float, np.ndarray, float, bool]:
            c = self.drainage.compartments[number]
            if c.tissue == MUSCLE:
                return c.lower, c.upper, self.value("massage.depth.deep"), np.full(4, 0.25), 0.25 * c.arc, False
            shares = np.array([float(c.quarter == side) for side in SIDES])
            return c.lower, c.upper, 0.5 * c.thickness, shares, c.arc, False

        return self._targets(len(self.drainage.compartments), of)

    def _initials(self) -> LegTargets:
        tissue = self._compartments()

        def of(number: int) -> tuple[float, float, float, np.ndarray, float, bool]:
            patch = self.drainage.patches[number]
            c = patch.compartment
            deep = self.drainage.compartments[c].tissue == MUSCLE
            depth = float(tissue.depth[c]) if deep else self.value("massage.depth.initial")
            return patch.lower, patch.upper, depth, tissue.shares[c], float(tissue.arc[c]), False

        return self._targets(len(self.drainage.patches), of)

    def _vessels(self) -> LegTargets:
        drainage = self.drainage
        chain_of = {vessel: name for name, cells in drainage.chains.items() for vessel in cells}
        node_of = {vessel: name for name, vessel in drainage.nodes.items()}

        def of(vessel: int) -> tuple[float, float, float, np.ndarray, float, bool]:
            lower, upper = (float(x) for x in drainage.extents[vessel])
            middle = 0.5 * (lower + upper)
            if vessel in node_of:
                sides = self.template["nodes"][node_of[vessel]].get("sides")
                if sides is None:
                    return lower, upper, self.value("massage.depth.abdominal"), np.ones(4), 0.0, False
                shares = np.array([float(side in sides) for side in SIDES])
                return lower, upper, self.value("massage.depth.node"), shares, 0.0, False
            chain = chain_of[vessel]
            if chain in TRUNKS:
                reached = 0.0 if chain == TRUNKS[2] else 1.0  # the chest is in between
                return lower, upper, self.value("massage.depth.abdominal"), np.full(4, reached), 0.0, False
            if chain.startswith(DEEP):
                return lower, upper, self.value("massage.depth.deep"), np.ones(4), 0.0, False
            region = self._region_of(vessel) or "thigh"
            below = "distal" if region in ("foot", "ankle", "calf") else "proximal"
            quarters = [q for q, t in self.template["quarter_territory"][below].items() if t == chain]
            shares = np.array([float(side in quarters) for side in SIDES]) / max(1, len(quarters))
            return lower, upper, self.value("massage.depth.collector"), shares, self._arc(middle), False

        found = self._targets(len(drainage.topology.vessels), of)
        found.leg[list(drainage.shared)] = LEGS.index("pelvis")
        return found
