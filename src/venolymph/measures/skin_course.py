"""What colours the skin of a face through a run: pigment, blood, its oxygen and water, region by region.

Pigment is the person's and stays as it is. The venous plexus holds more blood where the pressure of small veins above
that of the tissue around them rises (`skin.plexus.filling`, assumed). Blood gives up the same oxygen whatever its flow,
so that what is left in it rises with flow (Fick). Water is what the dermis gained since the state that tissue begins
from. These are the coordinates of `skin.SkinTable`.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
from jaxtyping import Float

from venolymph.figures import load
from venolymph.measures.episodes import first_start
from venolymph.measures.face import SMALL, head_of
from venolymph.measures.places import topology
from venolymph.measures.reading import Recorded
from venolymph.measures.settings import setting
from venolymph.measures.signals import plain
from venolymph.measures.tissue_readings import exchange_array, record_ends, tissue
from venolymph.skin import SkinTable, numbers, same_pigment, skin_table
from venolymph.skin.layers import ALLOWED

LID, CHEEK = "lower lid", "cheek"
DERMIS = setting("dermis.fluid")
USUAL_TONE = "people.tone.intermediate"
"""Figure of the typology angle of a person who states none."""
USUAL_TROUGH = 0.05
"""Trough of a person who states none, cm."""


@dataclass(frozen=True)
class SkinCourse:
    """What colours the skin of a face through a run; `batch` counts members, `regions` those of each side.

    Attributes:
        time: end of each record, s.
        regions: names of the regions with their side.
        places: the place of `SkinTable` whose skin each has: lids that of the lower lid, others that of the cheek.
        melanin: share of the epidermis that is melanosomes.
        blood: blood of the venous plexus over that at rest.
        oxygenation: share of its haemoglobin with oxygen.
        water: volume of the dermis over that from which the tissue begins.
    """

    time: Float[np.ndarray, " records"]
    regions: tuple[str, ...]
    places: tuple[str, ...]
    melanin: Float[np.ndarray, "regions batch"]
    blood: Float[np.ndarray, "records regions batch"]
    oxygenation: Float[np.ndarray, "records regions batch"]
    water: Float[np.ndarray, "records regions batch"]

    def lab(self, table: SkinTable | None = None) -> Float[np.ndarray, "3 records regions batch"]:
        """CIELAB of every region at every record, by a table (the packaged one if None)."""
        table = skin_table() if table is None else table
        found = np.zeros((3, *self.blood.shape))
        for place in dict.fromkeys(self.places):
            at = [number for number, one in enumerate(self.places) if one == place]
            found[:, :, at] = table.lab(
                place,
                self.melanin[at],
                blood=self.blood[:, at],
                oxygenation=self.oxygenation[:, at],
                water=self.water[:, at],
            )
        return found


@dataclass(frozen=True)
class Looks:
    """What a person's document says of the skin and shape under the eyes, or what is usual where it says nothing.

    Attributes:
        tone: individual typology angle of the cheek, degrees.
        pigment: melanin of the lower lid per area over that of the cheek.
        blood: of the small vessels under the lower lid over that at rest.
        oxygenation: share of its haemoglobin with oxygen.
        dermis: thickness of the lower lid's dermis, cm.
        trough: depth of the furrow between lower lid and cheek, cm.
        bag: height of the bulge above it, cm.
    """

    tone: float
    pigment: float
    blood: float
    oxygenation: float
    dermis: float
    trough: float
    bag: float


def looks(run: Recorded) -> list[Looks]:
    """How each member looks by document."""
    known = numbers()
    dermis = known["papillary.thickness"] + known["plexus.thickness"] + known["lower_lid.reticular"]
    usual = (load()[USUAL_TONE].value, 1.0, 1.0, known["plexus.oxygenation"], dermis, USUAL_TROUGH, 0.0)
    found = []
    for face in (body.person.face for body in run.bodies):
        stated: tuple[Any, ...] = (None,) * len(usual)
        if face is not None:
            lid = (face.lid_pigment, face.lid_blood, face.lid_oxygenation, face.lid_dermis)
            stated = (face.tone, *lid, face.trough, face.bag)
        found.append(Looks(*(one if said is None else float(said) for said, one in zip(stated, usual, strict=True))))
    return found


def skin_of_run(run: Recorded) -> SkinCourse:
    """What colours the skin of a face through a run.

    Args:
        run: of a regimen with `body: face`, with tissue.

    Raises:
        MeasureError: where it is of a leg, or without tissue.
    """
    regions = head_of(run).compartments
    lids = np.array([one.region.startswith(LID) for one in regions])
    thin = np.array([one.region.split(", ")[0].endswith("lid") for one in regions])
    pigment, start, more, oxygenation = (np.zeros((len(regions), len(run.members))) for _ in range(4))
    for member, person in enumerate(looks(run)):
        cheek = float(skin_table().melanin_at(person.tone))
        pigment[:, member] = np.where(thin, same_pigment(cheek, CHEEK, "lower_lid"), cheek)
        pigment[lids, member] *= person.pigment
        more[:, member] = np.where(lids, person.blood, 1.0)
        oxygenation[:, member] = np.where(lids, person.oxygenation, numbers()["plexus.oxygenation"])
        start[:, member] = plain(tissue(run).legs[member].swelling)[:, 0]
    fluid = exchange_array(run, "tissue_volume") / plain(tissue(run).parameters.tissue.volume)[None]
    return SkinCourse(
        time=record_ends(run),
        regions=tuple(one.name for one in regions),
        places=tuple(LID if one else CHEEK for one in thin),
        melanin=np.minimum(pigment, ALLOWED["melanin"][1]),
        blood=np.minimum(more[None] * _filling(run, regions), ALLOWED["plexus"][1]),
        oxygenation=_left(run, oxygenation),
        water=np.clip(1.0 + DERMIS * (fluid - start[None]), *ALLOWED["swelling"]),
    )


def _filling(run: Recorded, regions: Any) -> Float[np.ndarray, "records regions batch"]:
    """Blood of the venous plexus over that at rest, by the pressure of small veins above that of tissue."""
    known, cells = numbers(), topology(run).cells
    at = [cells.index(f"{one.side} {SMALL}{one.region}") for one in regions]
    above = _of_records(run, plain(run.mean_pressure)[:, at]) - exchange_array(run, "tissue_pressure")
    return np.clip(1.0 + known["plexus.filling"] * (above - known["plexus.rest"]), 0.0, known["plexus.fullest"])


def _of_records(run: Recorded, means: Float[np.ndarray, "samples n batch"]) -> Float[np.ndarray, "records n batch"]:
    """Means over exchange records, of means over samples."""
    begin, ends, records = first_start(run), np.asarray(run.time), record_ends(run)
    sums = np.cumsum(means * np.diff(ends, prepend=begin)[:, None, None], axis=0)
    whole = np.concatenate([np.zeros_like(sums[:1]), sums])
    edges, asked = np.r_[begin, ends], np.r_[begin, records]
    low = np.clip(np.searchsorted(edges, asked, side="right") - 1, 0, len(edges) - 2)
    part = ((asked - edges[low]) / np.diff(edges)[low])[:, None, None]
    return np.diff(whole[low] * (1.0 - part) + whole[low + 1] * part, axis=0) / np.diff(asked)[:, None, None]


def _left(run: Recorded, usual: Float[np.ndarray, "regions batch"]) -> Float[np.ndarray, "records regions batch"]:
    """Share of haemoglobin in the plexus that keeps its oxygen: what tissue takes stays the same, and flow does not."""
    known = numbers()
    ratio = (known["oxygen.arterial"] / known["oxygen.half_saturation"]) ** known["oxygen.hill"]
    arterial = ratio / (1.0 + ratio)
    flow = exchange_array(run, "plasma_flow") / plain(tissue(run).parameters.beds.plasma_flow)[None]
    left = arterial - (arterial - usual[None]) / np.maximum(flow, 1e-3)
    return np.clip(left, 0.0, arterial)
