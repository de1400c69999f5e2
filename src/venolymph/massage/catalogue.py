"""Strokes and places as data: `strokes.toml`, `places.toml`, and their numbers among the figures."""

from __future__ import annotations

import math
import tomllib
from collections.abc import Mapping
from functools import cache, cached_property
from importlib import resources
from types import MappingProxyType
from typing import Any, Literal

from pydantic import Field

from venolymph import figures
from venolymph.documents import Entry, Source, check
from venolymph.errors import DocumentError, nearest

Family = Literal["basic", "oedema", "fibrosis"]
Body = Literal["leg", "face"]
Motion = Literal["circle", "line", "spiral", "glide", "press"]
SIDES = ("left", "right")


class StrokeKind(Entry):
    """A kind of stroke; see the top of `strokes.toml`."""

    name: str
    figures: str
    family: Family
    hand: Literal["fingers", "palm", "thumb", "hand", "hands"]
    motion: Motion
    technique: str | None = None
    instead: str | None = None
    schools: tuple[str, ...] = Field(min_length=1)

    @property
    def area(self) -> float:
        """Contact area of the hand, cm2."""
        return figures.internal(f"massage.{self.figures}.area")

    @property
    def pressure(self) -> float:
        """Usual pressure on the skin while the hand pushes, mmHg."""
        return figures.internal(f"massage.{self.figures}.pressure")

    @property
    def stretch(self) -> float:
        """Usual stretch of the skin while the hand pushes, 1."""
        return figures.internal(f"massage.{self.figures}.stretch")

    @property
    def push(self) -> float:
        """Usual duration of a push, s."""
        return figures.internal(f"massage.{self.figures}.push")

    @property
    def release(self) -> float:
        """Usual duration of the release before the next push, s."""
        return figures.internal(f"massage.{self.figures}.release")

    @property
    def travel(self) -> float:
        """Travel of the hand over the tissue beneath during a push, cm."""
        return figures.internal(f"massage.{self.figures}.travel")


class Place(Entry):
    """A place that a hand is put on; see the top of `places.toml`."""

    name: str
    bodies: tuple[Body, ...]
    region: str | None = None
    part: str | None = None
    aspect: Literal["front", "back", "medial", "lateral", "all"] = "all"
    extent: tuple[float, float] = (0.0, 1.0)
    rank: int
    nodes: bool = False
    group: str | None = None
    drains: tuple[str, ...] = ()
    beside: tuple[str, ...] = ()
    sided: bool = False
    technique: str | None = None
    never: str | None = None

    @property
    def ceiling(self) -> float:
        """Highest pressure allowed here, mmHg."""
        return figures.internal(f"massage.ceiling.{(self.region or '').replace('-', '_')}")

    @cached_property
    def neighbours(self) -> frozenset[str]:
        """Names of the places beside it."""
        back = {other.name for other in places().values() if self.name in other.beside}
        return frozenset({*self.beside, *back})


def _data(name: str) -> dict[str, Any]:
    return tomllib.loads(resources.files("venolymph.massage").joinpath(name).read_text("utf-8"))


@cache
def kinds() -> Mapping[str, StrokeKind]:
    """Kinds of stroke by name."""
    found = {
        name: check(StrokeKind, {**entry, "name": name}, Source("strokes.toml"))
        for name, entry in _data("strokes.toml").items()
    }
    return MappingProxyType(found)


@cache
def places() -> Mapping[str, Place]:
    """Places by name."""
    found = {
        name: check(Place, {**entry, "name": name}, Source("places.toml"))
        for name, entry in _data("places.toml").items()
    }
    return MappingProxyType(found)


def kind(name: str) -> StrokeKind:
    """A kind of stroke.

    Raises:
        DocumentError: where there is none of that name.
    """
    if name not in kinds():
        near = nearest(name, kinds())
        raise DocumentError(
            f"there is no stroke {name!r}; allowed are {', '.join(kinds())}",
            hint=f"did you mean {near!r}?" if near else "the reference of massage describes all strokes",
        )
    return kinds()[name]


def place(name: str, body: str) -> Place:
    """A place of a body.

    Args:
        name: of the place.
        body: `leg`, `leg.left`, `leg.right` or `face`.

    Raises:
        DocumentError: where there is none of that name, or the body lacks it.
    """
    whole = body.partition(".")[0]
    there = [one.name for one in places().values() if whole in one.bodies]
    if name not in places():
        near = nearest(name, there)
        raise DocumentError(
            f"there is no place {name!r}; a session for the {whole} has {', '.join(there)}",
            hint=f"did you mean {near!r}?" if near else "the reference of massage lists all places",
        )
    if name not in there:
        raise DocumentError(
            f"the place {name!r} is not there: this session is for the {whole}, which has {', '.join(there)}",
            hint=f"write `body: {places()[name].bodies[0]}`, or name another place",
        )
    return places()[name]


def pressure_at_depth(pressure: float, depth: float, area: float) -> float:
    """Normal stress under the middle of an evenly pressed round patch on a half-space (Boussinesq).

    Args:
        pressure: on the skin, mmHg.
        depth: below the skin, cm.
        area: of the patch, cm2.

    Returns:
        `p (1 - (z / sqrt(a^2 + z^2))^3)` with the patch's radius a, mmHg.
    """
    if area <= 0.0 or depth < 0.0:
        raise DocumentError(
            f"area is {area:g} and depth {depth:g}; area is more than 0, depth at least 0, in cm2 and cm"
        )
    return pressure * (1.0 - (depth / math.sqrt(area / math.pi + depth * depth)) ** 3)
