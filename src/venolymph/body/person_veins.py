"""What is unusual about the veins of a leg, as a document: valves that leak, veins unlike healthy ones."""

from __future__ import annotations

from collections.abc import Mapping
from functools import cache
from typing import Annotated, Any, Literal

from pydantic import field_validator, model_validator

from venolymph import figures
from venolymph.body import places
from venolymph.body.number_or_word import NumberOrWord
from venolymph.documents import Entry
from venolymph.errors import nearest
from venolymph.units import LENGTH, SHARE, Quantity, refusal

Leak = Literal["none", "mild", "moderate", "severe"]


_LEAK = NumberOrWord(
    SHARE.between("0", "1", example="0.1"),
    {grade: f"people.leak.{grade}" for grade in ("none", "mild", "moderate", "severe")},
    "leak",
)
_LUMEN = NumberOrWord(SHARE.between("0", "1", above=True, example="0.4"), {"closed": "closed"}, "narrowing")
_WALL = NumberOrWord(
    SHARE.between("0.1", "10", example="0.7"),
    {"softer": "people.wall.softer", "stiffer": "people.wall.stiffer"},
    "stiffness of a wall (1 is healthy)",
)


def _known(place: str, allowed: Mapping[str, Any] | tuple[str, ...], what: str) -> str:
    if place not in allowed:
        near = nearest(place, allowed)
        raise refusal(
            f"there is no {what} named {place!r} in the leg",
            hint=f"did you mean {near!r}?" if near else f"there are, among others, {_some(allowed)}",
        )
    return place


def _some(names: Mapping[str, Any] | tuple[str, ...]) -> str:
    return ", ".join([name for name in names if "," not in name][:8] or list(map(repr, names))[:4])


class Reflux(Entry):
    """Valves that leak.

    Attributes:
        at: a valve, a perforator, or a group of them ("great saphenous, thigh").
        leak: how much of the valve's opening stays open when it is closed: a grade, or a number from 0 to 1.
        meets: share of the standing lumen at which the leaflets meet again, in a vein that is too wide for them
            (primary reflux); not given, they leak alike whatever the width.
    """

    at: str
    leak: Annotated[str | Quantity, _LEAK]
    meets: Annotated[Quantity, SHARE.between("0.2", "1", example="0.75")] | None = None

    @classmethod
    def shape(cls) -> str:
        return "write it as in {at: great saphenous, leak: moderate}"

    @field_validator("at")
    @classmethod
    def _valve(cls, place: str) -> str:
        if place not in places.VALVES and (place in places.SEGMENT_GROUPS or place in places.PERFORATOR_GROUPS):
            raise refusal(
                f"{place!r} has no valve that could leak", hint="name a vein that has valves, such as 'great saphenous'"
            )
        return _known(place, places.VALVES, "valve or group of valves")

    @property
    def valves(self) -> tuple[str, ...]:
        """Names of the single valves meant."""
        return places.VALVES[self.at]

    @property
    def open_share(self) -> float:
        """Share of the annulus that stays open, 1 (0 competent, 1 no valve)."""
        return figures.internal(_LEAK.words[self.leak]) if isinstance(self.leak, str) else float(self.leak)


class Vein(Entry):
    """A vein that is unlike a healthy one, or one that is added.

    Attributes:
        at: a segment, a perforator, or a group of them.
        add: a spare tributary that a healthy leg does not have.
        diameter_standing: diameter of the lumen standing, cm inside.
        tortuosity: length along the vein over the straight distance, 1.
        narrowed: share of the healthy lumen's area that is left, or "closed".
        wall: stiffness of the wall as a multiple of a healthy one's, or "softer", "stiffer".
    """

    at: str | None = None
    add: str | None = None
    diameter_standing: Annotated[Quantity, LENGTH.between("0.3 mm", "30 mm", example="5.9 mm")] | None = None
    tortuosity: Annotated[Quantity, SHARE.between("1", "4", example="1.6")] | None = None
    narrowed: Annotated[str | Quantity, _LUMEN] | None = None
    wall: Annotated[str | Quantity, _WALL] | None = None

    @classmethod
    def shape(cls) -> str:
        return "write it as in {at: 'great saphenous, thigh', diameter_standing: 5.9 mm}"

    @field_validator("at")
    @classmethod
    def _segment(cls, place: str | None) -> str | None:
        if place is None:
            return None
        if place in places.TRIBUTARIES or (place in places.SEGMENT_GROUPS and place not in _ordinary()):
            raise refusal(
                f"{place!r} is no part of a healthy leg: it ends nowhere unless it is added",
                hint="write `add:` in place of `at:`",
            )
        return _known(place, _ordinary(), "vein")

    @field_validator("add")
    @classmethod
    def _spare(cls, place: str | None) -> str | None:
        if place is None:
            return None
        if place in _ordinary():
            raise refusal(f"{place!r} is there in every leg and cannot be added", hint="write `at:` in place of `add:`")
        return _known(place, places.TRIBUTARIES, "spare tributary")

    @model_validator(mode="after")
    def _sensible(self) -> Vein:
        self.need_one({"`at`": self.at is not None, "`add`": self.add is not None})
        said = {
            name for name in ("diameter_standing", "tortuosity", "narrowed", "wall") if getattr(self, name) is not None
        }
        if self.add is not None:
            if self.diameter_standing is None:
                raise refusal(f"the added {self.add!r} needs a diameter", hint="write `diameter_standing: 5 mm`")
            if self.narrowed is not None:
                raise refusal(
                    f"{self.add!r} is added and narrowed at once", hint="give it a smaller diameter", key="narrowed"
                )
        elif not said:
            raise refusal(f"nothing is said about {self.at!r}", hint=self.shape())
        if self.at in places.PERFORATOR_GROUPS and said - {"diameter_standing"}:
            wrong = sorted(said - {"diameter_standing"})[0]
            raise refusal(
                f"{wrong!r} cannot be given for a perforator; allowed is diameter_standing",
                hint=f"leave {wrong!r} out, or name a vein",
                key=wrong,
            )
        if self.narrowed is not None and self.diameter_standing is not None:
            raise refusal(
                f"{self.at!r} has a diameter and is narrowed at once",
                hint="keep one of the two: the share of lumen left, or the diameter",
                key="narrowed",
            )
        return self

    @property
    def segments(self) -> tuple[str, ...]:
        """Names of the single segments or perforators meant."""
        name = self.at or self.add or ""
        return places.SEGMENT_GROUPS.get(name) or places.PERFORATOR_GROUPS[name]

    @property
    def lumen_left(self) -> float | None:
        """Share of the lumen's area that is left, 1; 0 for a closed vein, None where nothing is said."""
        return 0.0 if self.narrowed == "closed" else None if self.narrowed is None else float(self.narrowed)

    @property
    def stiffness(self) -> float | None:
        """Stiffness as a multiple of a healthy wall's, 1; None where nothing is said."""
        if self.wall is None:
            return None
        return figures.internal(_WALL.words[self.wall]) if isinstance(self.wall, str) else float(self.wall)


@cache
def _ordinary() -> dict[str, None]:
    """Segments, perforators and their groups that every leg has."""
    spare = set(places.TRIBUTARIES)
    groups = [name for name, members in places.SEGMENT_GROUPS.items() if not spare.issuperset(members)]
    return dict.fromkeys([*groups, *places.PERFORATOR_GROUPS])
