"""Compression as data: stockings by class and standard, bandages, garments by their own pressures, pneumatic sleeves.

    from venolymph import compression

    compression.ankle_pressure("RAL I")            # class and standard -> its range, mmHg
    stocking = compression.load_garment("stocking-class-1")
    stocking.pressure_on("calf", girth=38.0)       # as the limb is now, mmHg
    compression.interface_pressure(tension=1.2, girth=38.0)

Numbers are figures (`figures/compression.toml`). How garments act in a simulation is told by `wear`, `remove` and
`sleeve` in regimens.
"""

from __future__ import annotations

import tomllib
from functools import cache
from pathlib import Path

from venolymph import documents
from venolymph.compression.garment import (
    CLASSES,
    PARTS,
    Chamber,
    ClassPressure,
    Garment,
    Sleeve,
    ankle_pressure,
    interface_pressure,
    tension,
)
from venolymph.errors import DocumentError, nearest
from venolymph.units import show

__all__ = [
    "CLASSES",
    "PARTS",
    "Chamber",
    "ClassPressure",
    "Garment",
    "Sleeve",
    "ankle_pressure",
    "garment_named",
    "interface_pressure",
    "load_garment",
    "packaged_garments",
    "tension",
    "unknown_garment",
]


@cache
def packaged_garments() -> dict[str, dict[str, str]]:
    """Packaged garments by name, each as a document shows it."""
    return tomllib.loads((Path(__file__).parent / "garments.toml").read_text("utf-8"))


def garment_named(name: str) -> dict[str, str] | None:
    """A garment as a document shows it, by a packaged one's name, `bandage`, or a class of stockings (to the knee).

    Returns:
        None where there is no garment of this name.
    """
    if name in (known := packaged_garments()):
        return known[name]
    if name == "bandage":
        return known["short-stretch-bandage"]
    try:
        return {"garment": "stocking", "class": ankle_pressure(name).name, "up_to": "knee"}
    except DocumentError:
        return None


def unknown_garment(name: str) -> tuple[str, str]:
    """What to say where there is no garment of a name: a message and a hint."""
    known = packaged_garments()
    near = nearest(name, (*known, *CLASSES))
    return (
        f"there is no packaged garment {show(name)}; packaged are {', '.join(known)}; "
        f"the class of a stocking does too, {', '.join(CLASSES)}",
        f"did you mean {near!r}?" if near else "describe it: {garment: stocking, class: RAL I}",
    )


def load_garment(garment: object) -> Garment:
    """A garment by name (see `garment_named`), mapping or object.

    Raises:
        DocumentError: where there is no such garment, or the mapping is none.
    """
    if isinstance(garment, Garment):
        return garment
    if isinstance(garment, str):
        found = garment_named(garment)
        if found is None:
            message, hint = unknown_garment(garment)
            raise DocumentError(message, hint=hint)
        garment = found
    return documents.check(Garment, garment)
