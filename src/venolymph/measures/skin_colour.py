"""Skin colour of a face: under the eye against the cheek, and of each region.

Under the eye both lower lids are compared with the inner cheeks of the same person, in light from before and above
where no other is named. A bag is the person's and what the lower lid thickened more than the inner cheek; the trough is
the person's. Colours at the run's end come from light in layers, those before from the packaged table, shifted so that
both agree at the end.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from typing import Any

import numpy as np
from jaxtyping import Float

from venolymph.measures.face import compartments_at, face_places, head_of
from venolymph.measures.places import unknown
from venolymph.measures.reading import Found, Measure, Recorded, Trace
from venolymph.measures.signals import plain
from venolymph.measures.skin_course import CHEEK, LID, SkinCourse, looks, skin_of_run
from venolymph.measures.tissue_readings import at_end, exchange_array, tissue
from venolymph.skin import (
    LIGHTS,
    FaceSkin,
    Shape,
    difference,
    lab,
    numbers,
    reflectance,
    shade,
    skin_table,
    typology_angle,
    under_eye,
    xyz,
    xyz_of_lab,
)
from venolymph.skin.layers import ALLOWED
from venolymph.skin.under_eye import PROPERTIES

INSTRUMENT = "skin_colour"
LIGHT = "above"
"""Light in which shadow under the eye counts into its colour."""
INNER_CHEEK = "cheek, medial"
MM = 10.0
"""Millimetres in a centimetre."""
PARTS = {"lightness": 0, "redness": 1, "yellowness": 2}
"""L*, a* and b* by name."""


@dataclass(frozen=True)
class _UnderEye:
    """Both lower lids and inner cheeks through a run; arrays of shape (records, batch).

    Attributes:
        lid, cheek: coordinates of the table's axes, mean by area.
        dermis: thickness of the lid's reticular dermis over that of its site, shape (batch,).
        trough: depth of the person's trough, mm, shape (batch,).
        bag: height of the bag above it, mm.
        time: end of each record, s.
    """

    lid: Mapping[str, np.ndarray]
    cheek: Mapping[str, np.ndarray]
    dermis: Float[np.ndarray, " batch"]
    trough: Float[np.ndarray, " batch"]
    bag: Float[np.ndarray, "records batch"]
    time: Float[np.ndarray, " records"]

    def shapes(self) -> list[Shape]:
        """Trough and bag of each member at the end, mm."""
        return [Shape(float(trough), float(bag)) for trough, bag in zip(self.trough, self.bag[-1], strict=True)]

    def skins(self) -> tuple[FaceSkin, FaceSkin]:
        """Lid and cheek of all members at the end."""
        (lid, cheek) = ({name: values[-1] for name, values in one.items()} for one in (self.lid, self.cheek))
        return FaceSkin("lower_lid", dermis=self.dermis, **_named(lid)), FaceSkin("cheek", **_named(cheek))


def _named(at: Mapping[str, np.ndarray]) -> dict[str, Any]:
    """Coordinates of the table by the names of `FaceSkin`."""
    names = {"blood": "plexus", "water": "swelling"}
    return {names.get(name, name): values for name, values in at.items()}


def _site(run: Recorded, course: SkinCourse, place: str) -> dict[str, np.ndarray]:
    """Coordinates of a place at each record, mean by area, shape (records, batch)."""
    at, shares = _areas(run, place)
    whole = {"melanin": np.broadcast_to(course.melanin, course.blood.shape)}
    whole |= {"blood": course.blood, "oxygenation": course.oxygenation, "water": course.water}
    return {name: np.einsum("rnb,n->rb", values[:, at], shares) for name, values in whole.items()}


def _areas(run: Recorded, place: str) -> tuple[np.ndarray, Float[np.ndarray, " n"]]:
    """Compartments at a place, and their shares of its area."""
    at = compartments_at(run, place)
    areas = np.array([head_of(run).compartments[number].area_cm2 for number in at])
    return at, areas / areas.sum()


def _thicker(run: Recorded, place: str) -> Float[np.ndarray, "records batch"]:
    """What fluid added to the thickness of a place since the state that tissue begins from, mm."""
    at, shares = _areas(run, place)
    areas = np.array([head_of(run).compartments[number].area_cm2 for number in at])
    start = np.concatenate([plain(one.swelling)[at] for one in tissue(run).legs], axis=1)
    begun = start * plain(tissue(run).parameters.tissue.volume)[at]
    gained = (exchange_array(run, "tissue_volume")[:, at] - begun) / areas[:, None]
    return MM * np.einsum("rnb,n->rb", gained, shares)


def _under_eye(run: Recorded) -> _UnderEye:
    course, known, people = skin_of_run(run), numbers(), looks(run)
    above, usual = known["papillary.thickness"] + known["plexus.thickness"], known["lower_lid.reticular"]
    bag = MM * np.array([one.bag for one in people])
    return _UnderEye(
        lid=_site(run, course, LID),
        cheek=_site(run, course, INNER_CHEEK),
        dermis=np.clip([(one.dermis - above) / usual for one in people], *ALLOWED["dermis"]),
        trough=MM * np.array([one.trough for one in people]),
        bag=np.clip(bag + _thicker(run, LID) - _thicker(run, INNER_CHEEK), 0.0, 10.0),
        time=course.time,
    )


@cache
def _shade(trough: float, bag: float, light: str) -> float:
    return shade(Shape(trough, bag), light)


def _shades(seen: _UnderEye, light: str) -> Float[np.ndarray, "records batch"]:
    """Light on the lid over that on flat skin, to a hundredth of a millimetre of the bag."""
    return np.array(
        [
            [_shade(float(trough), float(bag), light) for trough, bag in zip(seen.trough, row, strict=True)]
            for row in seen.bag.round(2)
        ]
    )


def _lid_and_cheek(run: Recorded) -> tuple[_UnderEye, Float[np.ndarray, "3 records batch"], np.ndarray]:
    """Colour of the lid in its shadow and of the cheek, CIELAB: from light in layers at the end (see above)."""
    seen = _under_eye(run)
    table = skin_table()
    (lid, cheek) = (table.lab(place, **one) for place, one in ((LID, seen.lid), (CHEEK, seen.cheek)))
    lid = np.asarray(lab(np.asarray(xyz_of_lab(lid)) * _shades(seen, LIGHT)))
    ends = [np.asarray(xyz(reflectance(skin))) for skin in seen.skins()]
    ends[0] = ends[0] * np.array([shade(shape, LIGHT) for shape in seen.shapes()])
    whole = [one + (np.asarray(lab(end)) - one[:, -1])[:, None] for one, end in zip((lid, cheek), ends, strict=True)]
    return seen, whole[0], whole[1]


def _at_end(seen: _UnderEye, values: Any, unit: str) -> Found:
    return Found(values[-1], Trace(seen.time, values, unit))


def _difference(run: Recorded) -> Found:
    seen, lid, cheek = _lid_and_cheek(run)
    return _at_end(seen, np.asarray(difference(lid, cheek)), "1")


def _part(run: Recorded, part: str) -> Found:
    if part not in PARTS:
        raise unknown("part of a colour", part, PARTS)
    seen, lid, cheek = _lid_and_cheek(run)
    return _at_end(seen, (lid - cheek)[PARTS[part]], "1")


def _from(run: Recorded, cause: str) -> Found:
    """What one property of the lid adds to its colour difference at the end."""
    if cause not in PROPERTIES:
        raise unknown("cause of colour under an eye", cause, PROPERTIES)
    seen = _under_eye(run)
    lid, cheek = seen.skins()
    shares: Mapping[str, Any] = under_eye(lid, cheek, shape=seen.shapes(), light=LIGHT).shares
    return Found(shares[cause])


def _light(run: Recorded, light: str) -> Found:
    if light not in LIGHTS:
        raise unknown("light", light, LIGHTS)
    seen = _under_eye(run)
    return _at_end(seen, 100.0 * _shades(seen, light), "%")


def _of_region(part: str) -> Callable[[Recorded, str], Found]:
    """A part of the colour of a region's skin, mean by area; `angle` is its typology angle."""

    def read(run: Recorded, place: str) -> Found:
        at, shares = _areas(run, place)
        colour: Any = np.einsum("crnb,n->crb", skin_of_run(run).lab()[:, :, at], shares)
        if part == "angle":
            return at_end(run, plain(typology_angle(colour)), "deg")
        return at_end(run, colour[PARTS[part]], "1")

    return read


def _measure(
    name: str,
    unit: str,
    description: str,
    finder: Callable[..., Found],
    places: Callable[[Recorded], Sequence[str]] | None = None,
) -> Measure:
    return Measure(name, unit, description, INSTRUMENT, finder, places=places, on="face", differentiable=False)


def _any(names: Iterable[str]) -> Callable[[Recorded], Sequence[str]]:
    return lambda run: list(names)


MEASURES = (
    _measure(
        "under-eye colour difference",
        "1",
        "dE* (CIE 1976) between lower lid in its shadow and inner cheek; an eye sees 2 to 3",
        _difference,
    ),
    _measure(
        "under-eye difference in {place}",
        "1",
        "L*, a* or b* of the lower lid less that of the cheek",
        _part,
        _any(PARTS),
    ),
    _measure(
        "under-eye colour from {place}",
        "1",
        "what pigment, blood, its oxygenation, thin skin or shadow adds to that difference",
        _from,
        _any(PROPERTIES),
    ),
    _measure(
        "light under the eye from {place}",
        "%",
        "light on the darkest 3 mm under the eye, of that on flat skin, in a named light",
        _light,
        _any(LIGHTS),
    ),
    *(
        _measure(f"skin {part} at {{place}}", "1", f"{letter} of skin, mean by area", _of_region(part), face_places)
        for part, letter in (("lightness", "L*"), ("redness", "a*"), ("yellowness", "b*"))
    ),
    _measure(
        "typology angle at {place}",
        "deg",
        "individual typology angle (ITA) of skin: above 55 very light, below -30 dark",
        _of_region("angle"),
        face_places,
    ),
)
