"""A person's leg as tissue and lymph see it: lengths, levels, volumes and girths, scaled from the reference leg.

Heights and lengths go with stature; volumes of tissue go with body mass to a power; women have a larger share of
subcutis. Both legs of a person are of one size: what differs between them is disease.
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence

from venolymph.body.links import along, joints
from venolymph.body.person import Person
from venolymph.body.places import drainage_template
from venolymph.body.region import INDEX_LEG, BodyRegion, all_links, body_regions
from venolymph.figures import Figure, load


class LimbScale:
    """Factors from the reference leg to a person's, and the heights that follow from them.

    Args:
        person: the person.
        figures: all figures.
        region: the leg.
        body: regions of the body that it is a part of.

    Attributes:
        template: what is joined to what (`drainage.toml`).
        used: figures that were asked for, by key.
        length: of the leg as a multiple of the reference leg's, 1.
        bulk: volume of its tissue as a multiple, 1.
        female: share of subcutis as a multiple, 1.
        levels: heights of levels above the malleolus, cm.
    """

    def __init__(
        self,
        person: Person,
        figures: Mapping[str, Figure],
        region: BodyRegion = INDEX_LEG,
        body: Sequence[BodyRegion] = body_regions("one"),
    ) -> None:
        self.person, self.all = person, figures
        self.region, self.body = region, body
        self.used: dict[str, Figure] = {}
        self.template = drainage_template()
        self.length = person.height / self.value("body_proportions.reference.height")
        mass = person.mass / self.value("body_proportions.reference.mass")
        self.bulk = mass ** self.value("tissue.scaling.volume_mass_exponent")
        self.female = self.value("tissue.scaling.female_subcutis") if person.sex == "female" else 1.0
        self.ankle = self.value("body_proportions.ankle") * person.height
        self.joints = joints(self.value, person.height)
        self.levels = self._levels()

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

    def position(self, height: float) -> tuple[float, ...]:
        """Where a height above the malleolus (cm) lies along each link of the body, cm down from the atrium."""
        return self.region.spread(all_links(self.body), along(self.joints, height))


def girths(person: Person, figures: Mapping[str, Figure] | None = None) -> dict[str, tuple[float, float]]:
    """Girths of the parts of a person's leg at rest, for garments.

    Args:
        person: the person.
        figures: in place of the packaged ones.

    Returns:
        for each part its girth g, cm: an adult's, scaled as the volume over the length L; and how much that grows with
        what the part holds, cm/mL: 2 pi / (g L) for a round limb.
    """
    limb = LimbScale(person, figures or load())
    found = {}
    for part in limb.regions:
        length = limb.end(part, "upper_end") - limb.end(part, "lower_end")
        girth = limb.value(f"compression.girth.{part}") * math.sqrt(limb.bulk / limb.length)
        found[part] = (girth, 2.0 * math.pi / (girth * length))
    return found
