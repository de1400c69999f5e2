"""What of a run of a face is shown besides its veins and lymph: how its regions swell, and what colours their skin."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import replace
from typing import Any

import numpy as np

from venolymph.measures.skin_course import SkinCourse, skin_of_run
from venolymph.simulation import Run
from venolymph.viewer.hands import pressure_at_work
from venolymph.viewer.shown import OF_TISSUE, OF_VEINS, ShownQuantity, Values, is_massaged

MILLIMETRES = 10.0
"""In a centimetre."""
HEAD_RANGES = {"pressure": (-15.0, 30.0), "transmural": (-20.0, 25.0), "flow": (-10.0, 10.0)}
"""Values at both ends of the scale of colours, where they are other ones than in legs."""
MEASURED = {"pressure": "Measured with a catheter in the internal jugular vein; elsewhere computed only."}
"""Whether and how a clinic could measure it, where that is otherwise than in legs."""
LEFT_OUT = ("muscle", "garment")
"""Quantities of legs that a face has not."""


def shown_of_face(run: Run) -> Mapping[str, ShownQuantity]:
    """The quantities that a run of a face has, by name."""
    veins = {
        name: replace(what, range=HEAD_RANGES.get(name, what.range), detectable=MEASURED.get(name, what.detectable))
        for name, what in OF_VEINS.items()
        if name not in LEFT_OUT
    }
    if run.tissue is None:
        return veins
    return {**veins, **OF_TISSUE, **OF_REGIONS, **(OF_FACE_HANDS if is_massaged(run) else {})}


def _regions(run: Run, _: int) -> list[str]:
    return list(run.names()["compartment"])


def _gained(run: Run, member: int, numbers: np.ndarray) -> np.ndarray:
    volume = np.asarray(run.exchange("tissue_volume"))[:, :, member]
    return volume[numbers] - volume[:1]


def _thickening(run: Run, member: int, numbers: np.ndarray) -> np.ndarray:
    assert run.tissue is not None
    areas = np.array([one.area_cm2 for one in run.tissue.legs[member].compartments])
    return MILLIMETRES * _gained(run, member, numbers) / areas


def skin_course(run: Any) -> SkinCourse:
    """What colours the skin of a face through a run."""
    return skin_of_run(run)


def _of_skin(read: Callable[[SkinCourse], np.ndarray]) -> Values:
    return lambda run, member, numbers: read(skin_course(run))[numbers, :, member]


def _melanin(run: Run, member: int, numbers: np.ndarray) -> np.ndarray:
    melanin = skin_course(run).melanin[:, member]
    return np.broadcast_to(melanin, (len(numbers), len(melanin)))


OF_REGIONS: Mapping[str, ShownQuantity] = {
    "swelling": ShownQuantity(
        "tissue fluid above that of the start", "mL", "region", "swelling", (-2.0, 2.0),
        "A 3-D camera sees a cheek swell from about a millilitre on; the lids hold less.",
        "exchange", _regions, _gained, "tissue_volume", 0.001,
    ),
    "thickening": ShownQuantity(
        "thickness of skin and what lies under it, above that of the start", "mm", "region", "swelling", (-0.5, 0.5),
        "Ultrasound measures it to a tenth of a millimetre.",
        "exchange", _regions, _thickening, "tissue_volume", 0.001,
    ),
    "skin_blood": ShownQuantity(
        "blood in the venous plexus of the skin, over that at rest", "1", "region", "blood", (0.5, 1.5),
        "Laser Doppler and spectrophotometers see changes, and no absolute value.",
        "exchange", _regions, _of_skin(lambda skin: skin.blood), "", 0.002,
    ),
    "skin_oxygenation": ShownQuantity(
        "share of the haemoglobin in it that carries oxygen", "1", "region", "oxygenation", (0.3, 0.9),
        "Spectrophotometers see it from colour, with assumptions.",
        "exchange", _regions, _of_skin(lambda skin: skin.oxygenation), "", 0.002,
    ),
    "skin_melanin": ShownQuantity(
        "share of the epidermis that is melanin, which nothing in a regimen changes", "1", "region", "pigment",
        (0.0, 0.35),
        "Spectrophotometers read it as a typology angle.",
        "exchange", _regions, _melanin, "", 0.001,
    ),
    "skin_water": ShownQuantity(
        "volume of the dermis over that at rest", "1", "region", "water", (0.9, 1.1),
        "Ultrasound of 20 MHz measures the thickness of the dermis.",
        "exchange", _regions, _of_skin(lambda skin: skin.water), "", 0.001,
    ),
}  # fmt: skip
"""Quantities of the regions of a face."""

OF_FACE_HANDS: Mapping[str, ShownQuantity] = {
    "hand": ShownQuantity(
        "pressure of the hand where it works, at its height", "mmHg", "region", "garment", (0.0, 40.0),
        "Measured with a sensor under the hand.",
        "samples", _regions, pressure_at_work, "", 0.5,
    ),
}  # fmt: skip
"""Quantities of massage of a face."""
