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

from functools import cache
from pathlib import Path

from venolymph import documents
from venolymph.compression.garment import (
    CLASSES,
    PARTS,
    Chamber,
    Garment,
    Range,
    Sleeve,
    ankle_pressure,
    interface_pressure,
    tension,
)

__all__ = [
    "CLASSES",
    "PARTS",
    "Chamber",
    "Garment",
    "Range",
    "Sleeve",
    "ankle_pressure",
    "interface_pressure",
    "load_garment",
    "packaged_garments",
    "tension",
]


@cache
def packaged_garments() -> dict[str, dict[str, str]]:
    """Packaged garments by name, each as a document shows it."""
    import tomllib

    return tomllib.loads((Path(__file__).parent / "garments.toml").read_text("utf-8"))


def load_garment(garment: object) -> Garment:
    """A garment by packaged name, mapping or object.

    Raises:
        DocumentError: where there is no such garment, or the mapping is none.
    """
    from venolymph.errors import DocumentError, nearest
    from venolymph.units import show

    if isinstance(garment, Garment):
        return garment
    if isinstance(garment, str):
        known = packaged_garments()
        if garment not in known:
            near = nearest(garment, known)
            raise DocumentError(
                f"there is no packaged garment {show(garment)}; packaged are {', '.join(known)}",
                hint=f"did you mean {near!r}?" if near else "describe it: {garment: stocking, class: RAL I}",
            )
        garment = known[garment]
    return documents.check(Garment, garment)
