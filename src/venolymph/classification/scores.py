"""Scores that add up items: the revised VCSS and the Villalta scale (`vcss.toml`, `villalta.toml`).

A score keeps its items: a total alone can hide what changed.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType
from typing import Any, SupportsFloat

from venolymph.classification.tables import table, yes_or_no
from venolymph.errors import DocumentError, nearest
from venolymph.units import show, whole


@dataclass(frozen=True)
class Score:
    """A score of one leg.

    Attributes:
        instrument: name of the score.
        items: points of each item.
        most: the greatest total that is possible.
        grade: the total in a word, where the instrument has grades.
        notes: what a reader should know.
    """

    instrument: str
    items: Mapping[str, int]
    most: int
    grade: str | None = None
    notes: tuple[str, ...] = ()

    @property
    def total(self) -> int:
        """Sum of the items."""
        return sum(self.items.values())

    def as_dict(self) -> dict[str, Any]:
        """For JSON: instrument, total, most, grade, items, notes."""
        return {
            "instrument": self.instrument,
            "total": self.total,
            "most": self.most,
            "grade": self.grade,
            "items": dict(self.items),
            "notes": list(self.notes),
        }


def vcss(items: Mapping[str, SupportsFloat]) -> Score:
    """Revised VCSS of one leg, 0 to 30; higher is worse.

    Args:
        items: points from 0 to 3 for each of the ten attributes (`pain`, `varicose_veins`, `oedema`, `pigmentation`,
            `inflammation`, `induration`, `ulcers`, `ulcer_duration`, `ulcer_size`, `compression`).

    Raises:
        DocumentError: where an item is missing, unknown, out of range, or the ulcers contradict each other.
    """
    score = _added("vcss", items)
    ulcers = score.items["ulcers"]
    for name in ("ulcer_duration", "ulcer_size"):
        if bool(score.items[name]) != bool(ulcers):
            raise DocumentError(
                f"{score.items[name]} points contradict {ulcers} points of 'ulcers': with no open ulcer all three "
                "have 0 points, with one or more all have at least 1",
                place=name,
            )
    return score


def villalta(items: Mapping[str, SupportsFloat], *, ulcer: bool) -> Score:
    """Villalta score of one leg that has had a deep vein thrombosis, 0 to 33; higher is worse.

    Args:
        items: points from 0 to 3 for each of the eleven items (`pain`, `cramps`, `heaviness`, `paraesthesia`,
            `pruritus`, `oedema`, `induration`, `hyperpigmentation`, `redness`, `venous_ectasia`, `calf_pain`).
        ulcer: whether there is an open ulcer, which is severe whatever the total.

    Raises:
        DocumentError: where an item is missing, unknown or out of range, or `ulcer` is neither True nor False.
    """
    score = _added("villalta", items)
    ulcer = yes_or_no(ulcer, "ulcer")
    grades = table("villalta")["grades"]
    reached = [entry["name"] for entry in grades if ulcer or score.total >= entry["from"]]
    return Score(score.instrument, score.items, score.most, reached[-1], score.notes)


def _added(name: str, items: Mapping[str, SupportsFloat]) -> Score:
    """Items checked against their table; whole numbers of any type, as rows of tables have them."""
    known = table(name)
    highest = known["highest"]
    for item in items:
        if item not in known["items"]:
            near = nearest(str(item), known["items"])
            raise DocumentError(
                f"there is no such item; the {known['name']} has {', '.join(known['items'])}",
                hint=f"did you mean {near!r}?" if near else None,
                place=str(item),
            )
    points: dict[str, int] = {}
    for item, about in known["items"].items():
        if item not in items:
            raise DocumentError(
                f"this item is missing: {about['name']}",
                hint="0 points is an answer; leaving it out is none",
                place=item,
            )
        found = whole(items[item])
        if found is None or not 0 <= found <= highest:
            words = about.get("scores") or known["scores"]
            meaning = "; ".join(f"{number} {text}" for number, text in enumerate(words))
            raise DocumentError(
                f"found {show(items[item])}, where a whole number from 0 to {highest} is needed",
                hint=meaning,
                place=item,
            )
        points[item] = found
    return Score(known["name"], MappingProxyType(points), highest * len(points), notes=tuple(known["notes"]))
