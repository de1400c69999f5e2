"""A body as a regimen drives it: its surroundings, ends and beds by name, and the figures of what acts on them."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property

import numpy as np

from venolymph import figures
from venolymph.body.anatomy import Body
from venolymph.body.limb import girths
from venolymph.body.links import joints
from venolymph.body.region import OTHER
from venolymph.compression.garment import PARTS
from venolymph.errors import SimulationError
from venolymph.figures import Figure
from venolymph.network.topology import Topology
from venolymph.steps.postures import Posture, Side, posture_of

ARTERY = "artery"
ATRIUM = "right atrium"
ABDOMEN = "abdomen"

WORN = {part: f"{part} shell" for part in PARTS}
"""Surroundings that garments and sleeves press with."""

FOOT_SKIN = "skin, foot"


@dataclass(frozen=True, eq=False)
class DrivenBody:
    """A body, and what a regimen has to know of it.

    Attributes:
        body: the body.
    """

    body: Body

    @cached_property
    def figures(self) -> Mapping[str, Figure]:
        """The figures that it was made with."""
        return self.body.known or figures.load()

    @property
    def topology(self) -> Topology:
        """Its network."""
        return self.body.topology

    @property
    def surroundings(self) -> Sequence[str]:
        """What presses on its veins from outside."""
        return self.body.topology.surroundings

    def value(self, key: str) -> float:
        """A figure in internal units."""
        return self.figures[key].internal

    def plain(self, names: Sequence[str]) -> list[str]:
        """Names without the prefix of the other leg."""
        return [name.removeprefix(OTHER) for name in names]

    @property
    def is_head(self) -> bool:
        """Whether it is a head and neck; a leg or both otherwise."""
        return False

    @property
    def both(self) -> bool:
        """Whether both legs are in full, so that each can be moved by itself."""
        return any(link.startswith(OTHER) for link in self.topology.links)

    def prefix(self, side: Side | None, refused: str) -> str:
        """What names of the leg on a side begin with.

        Args:
            side: of the leg; None for the index leg.
            refused: what cannot be done on a leg that is a few lumps, such as "nothing can be put on".

        Raises:
            SimulationError: where the leg is a few lumps.
        """
        if side in (None, self.body.person.index_side):
            return ""
        if not self.both:
            raise SimulationError(
                f"{refused} the {side} leg: it is simulated as a few lumps here",
                hint="simulate with `legs='both'` (`--both-legs`), or name the leg that is asked about",
            )
        return OTHER

    def inclination(self, posture: Posture) -> np.ndarray:
        """Angle of each link of the body in a posture, rad.

        Raises:
            SimulationError: where one leg is to be moved and the other is a few lumps, which move with it.
        """
        if posture.one_leg is not None and not self.both:
            raise SimulationError(
                f"the {posture.one_leg} leg cannot be moved by itself: only one leg is simulated in full here",
                hint="simulate with `legs='both'` (`--both-legs`), or leave `leg` out to move both legs",
            )
        own: Side = self.body.person.index_side
        angles = {OTHER: posture.angles("right" if own == "left" else "left"), "": posture.angles(own)}
        found = []
        for link in self.topology.links:
            leg = angles[OTHER if link.startswith(OTHER) else ""]
            found.append(leg.get(link.removeprefix(OTHER), leg["trunk"]))
        return np.array(found)

    def posture_at(self, inclination: np.ndarray) -> Posture:
        """The posture that has these angles of the links, rad, or is nearest to them."""
        angles = {link: float(angle) for link, angle in zip(self.topology.links, inclination, strict=True)}
        own = {link: angle for link, angle in angles.items() if not link.startswith(OTHER)}
        second = own | {link.removeprefix(OTHER): angle for link, angle in angles.items() if link not in own}
        return posture_of(own, second, self.body.person.index_side)

    def presses(self, posture: Posture) -> np.ndarray:
        """Pressure on each surrounding that a posture alone brings, mmHg: none on legs, which lie on their heels."""
        return np.zeros(len(self.surroundings))

    def inflow(self, posture: Posture) -> np.ndarray:
        """Factor on the conductance of each bed that a posture alone brings, 1."""
        return np.ones(len(self.topology.beds))

    @property
    def own_ends(self) -> list[str]:
        """Ends that a regimen drives; others belong to what is joined to the body."""
        return [name for name in self.topology.ends if name in (ATRIUM, ARTERY)]

    def ends(self, trunk: float, strain: float = 0.0) -> np.ndarray:
        """Pressure at each end of the network, mmHg, for an angle of the trunk, rad, and straining, mmHg."""
        lying, upright = self.value("posture.right_atrium.lying"), self.value("posture.right_atrium.upright")
        atrium = lying + (upright - lying) * max(0.0, math.sin(trunk))
        atrium += strain * self.value("regimen.valsalva.thoracic_share")
        known = {ATRIUM: atrium, ARTERY: self.value("inflow.arterial_pressure")}
        return np.array([known[name] for name in self.own_ends])

    @cached_property
    def sucked(self) -> np.ndarray:
        """Share of suction around the legs that each surrounding passes on, 1.

        Shells do to what lies in them; a leg that is a few lumps has none, so its muscles take what reaches muscle.
        """
        lumps = {"other calf", "other thigh"}
        deep = self.value("muscle_pump.shell.share_deep")
        around = self.surroundings
        shells = [name.removeprefix(OTHER) in WORN.values() for name in around]
        return np.where(shells, 1.0, np.where([name in lumps for name in around], deep, 0.0))

    @cached_property
    def girths(self) -> Mapping[str, tuple[float, float]]:
        """Girth of each part of a leg, cm, and its growth, cm/mL; see `venolymph.body.limb.girths`."""
        return girths(self.body.person, self.figures)

    def shell(self, part: str, side: Side | None) -> int:
        """Index of the surrounding through which a garment presses on a part of a leg."""
        return self.surroundings.index(self.prefix(side, "nothing can be put on") + WORN[part])

    def breath(self, deep: bool = False, rate: float | None = None) -> tuple[np.ndarray, np.ndarray, float]:
        """Swing of each end and surrounding with breathing, mmHg, and the period of a breath, s."""
        which = "deep_breathing" if deep else "breathing"
        usual = self.value("regimen.breathing.deep_rate" if deep else "posture.breathing.rate")
        atrium, abdomen = self.value(f"posture.right_atrium.{which}"), self.value(f"posture.abdomen.{which}")
        # breathing in lowers the atrium's pressure and raises the abdomen's
        ends = np.array([-atrium if name == ATRIUM else 0.0 for name in self.own_ends])
        around = np.array([abdomen if name == ABDOMEN else 0.0 for name in self.surroundings])
        return ends, around, 1.0 / (rate or usual)

    def degrees(self, flow: float) -> float:
        """Temperature of skin that has so many times its inflow at the reference temperature, degrees Celsius."""
        warmer = math.log(flow) / self.value("posture.temperature.inflow_per_degree")
        return self.value("posture.temperature.reference") + warmer

    @cached_property
    def behind_knees(self) -> Mapping[str, int]:
        """The cell of each popliteal vein that lies behind the joint, by what names of its leg begin with."""
        knee = joints(self.value, self.body.person.height)[0]
        found = {}
        for name, segment in self.body.segments.items():
            if name.removeprefix(OTHER) == "popliteal":
                distance = np.abs(np.array(segment.heights) - knee)
                found[name.removesuffix("popliteal")] = segment.cells[int(np.argmin(distance))]
        return found

    def upright(self, tissue: str, trunk: float) -> float:
        """Factor on the inflow of `skin` or `muscle` by the reflex of the whole body to an upright trunk.

        It narrows skin at the heart's height as much as anywhere; muscle of the calf takes no part in it. What the
        veins of a hanging leg add is the bed's own law (see `network.bed`). The angle of the trunk is in rad.
        """
        return 1.0 - (1.0 - self.value(f"inflow.upright.{tissue}")) * max(0.0, math.sin(trunk))
