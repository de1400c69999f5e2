"""Regions of a body, each laid out from a template, and the ports at which they are joined.

A body is the index leg, the pelvis that both legs share, and the other leg, in full or in a few lumps. A leg in full
has veins, tissue and lymph. Names of the second one bear its prefix; its veins enter the vena cava and its lymph the
cisterna chyli, as the index leg's do. How large its parts are follows from the person (`limb.py`).
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from typing import Literal

LegName = Literal["index", "other", "pelvis", "left head", "right head"]
Legs = Literal["one", "both"]
OTHER = "other leg: "
LINKS = ("trunk", "thigh", "shank", "foot")
HEAD_LINKS = ("trunk", "head up", "head forward", "head left")
"""Links of a body of head and neck: the trunk up to the neck's base, then the three axes of the head."""


@dataclass(frozen=True)
class Port:
    """Where a region is joined to the rest of the body.

    Attributes:
        own: place in the region, without its prefix: a segment's last cell, or the last vessel of a chain.
        into: place of the body that it leads into.
    """

    own: str
    into: str


@dataclass(frozen=True)
class BodyRegion:
    """A part of the body that is laid out from one template.

    Attributes:
        leg: `index`, `other`, or `pelvis` for what both legs share; `left head` or `right head`.
        segments: key in `leg.toml` (of a head `head.toml`) of its segments.
        joins: keys there of what is joined to what in it.
        surroundings: key there of what presses on it.
        beds: key there of its microvascular beds, if it has any.
        own: segments of the pelvis of which it has one of its own.
        perforated: whether perforators join its superficial to its deep veins.
        prefix: what its names begin with.
        links: the body's links that its heights lie along, from trunk to foot.
        veins: where its veins are joined to the rest, besides what `joins` says.
        lymph: where its lymph is joined to the rest; None where it has no tissue and lymph.
    """

    leg: LegName
    segments: str
    joins: tuple[str, ...]
    surroundings: str
    beds: str | None = None
    own: tuple[str, ...] = ()
    perforated: bool = False
    prefix: str = ""
    links: tuple[str, ...] = LINKS
    veins: Port | None = None
    lymph: Port | None = None

    @property
    def full(self) -> bool:
        """Whether it is a leg in full, with tissue and lymph."""
        return self.lymph is not None

    def named(self, place: str) -> str:
        """The name in the body of a place of its template."""
        return self.prefix + place

    def spread(self, links: Sequence[str], depths: Sequence[float]) -> tuple[float, ...]:
        """Depths along its own links, cm, as depths along all links of the body."""
        own: Mapping[str, float] = dict(zip(self.links, depths, strict=True))
        return tuple(own.get(link, 0.0) for link in links)


_LYMPH = Port("lumbar trunk", "cisterna chyli")

INDEX_LEG = BodyRegion(
    "index",
    segments="segments",
    joins=("leg", "spare", "pelvis"),  # its way through the pelvis is the one that the template draws
    surroundings="leg",
    beds="beds",
    perforated=True,
    lymph=_LYMPH,
)
PELVIS = BodyRegion("pelvis", segments="pelvis", joins=(), surroundings="body")
LUMPED_LEG = BodyRegion("other", segments="other", joins=("other",), surroundings="other", beds="other_beds")
OTHER_LEG = BodyRegion(
    "other",
    segments="segments",
    joins=("leg", "spare", "second"),
    surroundings="leg",
    beds="beds",
    own=("common iliac",),
    perforated=True,
    prefix=OTHER,
    links=(LINKS[0], *(OTHER + link for link in LINKS[1:])),
    veins=Port("common iliac", "vena cava"),
    lymph=_LYMPH,
)

HEADS = (
    BodyRegion(
        "left head", segments="segments", joins=("joins",), surroundings="air", prefix="left ", links=HEAD_LINKS
    ),
    BodyRegion(
        "right head", segments="segments", joins=("joins",), surroundings="air", prefix="right ", links=HEAD_LINKS
    ),
)
"""Left and right half of head and neck."""


@cache
def body_regions(legs: Legs) -> tuple[BodyRegion, ...]:
    """The regions of a body with one leg in full, or both."""
    return INDEX_LEG, PELVIS, OTHER_LEG if legs == "both" else LUMPED_LEG


def full_legs(regions: Sequence[BodyRegion]) -> tuple[BodyRegion, ...]:
    """Those that are legs in full, the index leg first."""
    return tuple(region for region in regions if region.full)


def all_links(regions: Sequence[BodyRegion]) -> tuple[str, ...]:
    """The rigid links of a body: the trunk, then those of each leg that can be moved by itself."""
    return tuple(dict.fromkeys(link for region in regions for link in region.links))


def plain_name(name: str) -> str:
    """A name without the prefix of the second leg."""
    return name.removeprefix(OTHER)
