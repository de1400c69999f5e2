"""A head and neck as a regimen drives it: how its axes lie, what it lies on, what its blood flow does."""

from __future__ import annotations

import math
from typing import final

import jax.numpy as jnp
import numpy as np

from venolymph.body.head_layout import BRAIN, PILLOWS, area_lain_on
from venolymph.body.head_scale import HeadScale
from venolymph.body.head_veins import brain_inflow
from venolymph.errors import SimulationError
from venolymph.network.surroundings import heights
from venolymph.regimen.forces.driven_body import ATRIUM, DrivenBody
from venolymph.steps.pillow import pillow_pressure, posture_of_head
from venolymph.steps.postures import Posture, Side

CHEST = "chest"


@final
class DrivenHead(DrivenBody):
    """Head and neck, and what a regimen has to know of them."""

    @property
    def is_head(self) -> bool:
        """Whether it is a head and neck: yes."""
        return True

    @property
    def both(self) -> bool:
        """Never: there are no legs to be moved."""
        return False

    def prefix(self, side: Side | None, refused: str) -> str:
        """Refuse what is done on a leg.

        Raises:
            SimulationError: always.
        """
        raise SimulationError(
            f"{refused} a leg: head and neck are simulated here",
            hint="write `body: leg` in the regimen, or leave that step out",
        )

    def inclination(self, posture: Posture) -> np.ndarray:
        """Elevation of the trunk's axis and of the head's three axes, rad."""
        angles = posture.head_angles(self.value)
        return np.array([angles[link] for link in self.topology.links])

    def posture_at(self, inclination: np.ndarray) -> Posture:
        """The posture that has these angles of trunk and head, rad, or is nearest to them."""
        angles = {link: float(angle) for link, angle in zip(self.topology.links, inclination, strict=True)}
        return posture_of_head(angles, self.value)

    def presses(self, posture: Posture) -> np.ndarray:
        """Pressure of the chest around its veins, and of what the head rests on, mmHg for each surrounding.

        A pillow, or the bed, bears the part of the head's weight that the neck does not carry along its length.
        """
        found = np.zeros(len(self.surroundings))
        found[self.surroundings.index(CHEST)] = self.value("head_veins.chest.pressure")
        bears = math.cos(posture.head_angles(self.value)["head up"])
        if posture.lies is not None and bears > 1e-9:
            pillow = self.surroundings.index(PILLOWS[posture.lies])
            lain_on = area_lain_on(posture.lies, HeadScale.of(self.body.person, self.value), self.value)
            found[pillow] = bears * pillow_pressure(self.body.person.mass, lain_on, self.value)
        return found

    def ends(self, trunk: float, strain: float = 0.0) -> np.ndarray:
        """Pressure at each end of the network, mmHg, for an angle of the trunk, rad, and straining, mmHg."""
        more = self.value("head_veins.right_atrium.lying") - self.value("posture.right_atrium.lying")
        lying = np.array([more if name == ATRIUM else 0.0 for name in self.own_ends])
        return super().ends(trunk, strain) + lying * (1.0 - max(0.0, math.sin(trunk)))

    def breath(self, deep: bool = False, rate: float | None = None) -> tuple[np.ndarray, np.ndarray, float]:
        """Swing of each end and surrounding with breathing, mmHg, and the period of a breath, s."""
        ends, around, period = super().breath(deep, rate)
        atrium = ends[self.own_ends.index(ATRIUM)]
        return ends, np.where([name == CHEST for name in self.surroundings], atrium, around), period

    def inflow(self, posture: Posture) -> np.ndarray:
        """Factor on the conductance of each bed: the brain keeps its flow, whatever the column up to it."""
        angles = jnp.asarray(self.inclination(posture))[:, None]
        level = np.asarray(heights(self.body.parameters.cells.position, angles))[:, 0]
        beds = zip(self.topology.beds, self.topology.bed_cell, strict=True)
        kept = (brain_inflow(self.value, float(level[cell])) if name.endswith(BRAIN) else 1.0 for name, cell in beds)
        return np.array(list(kept))
