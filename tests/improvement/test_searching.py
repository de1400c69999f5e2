"""A search tries each regimen once, finds the best of few and comes near the best of many, and bears refusals."""

from __future__ import annotations

from typing import Any

import pytest

from venolymph.improvement.document import Values, VariedEntry
from venolymph.improvement.searching import Tried, best_of, search

PRESSURE = VariedEntry(from_="10 mmHg", to="40 mmHg", plain="30 mmHg")
COUNT = VariedEntry(from_=1, to=9, plain=5)
PLACE = VariedEntry(choices=("knee", "thigh", "hip"), plain="knee")


class Bowl:
    """Best at 17 mmHg, four times, at the thigh; below 12 mmHg nothing can be read."""

    def __init__(self) -> None:
        self.asked: list[Values] = []

    def __call__(self, values: Values) -> Tried:
        self.asked.append(values)
        pressure = float(str(values.get("pressure", "17 mmHg")).split()[0])
        if pressure < 12.0:
            return Tried(values, None, "too little to be read")
        count: Any = values.get("count", 4)
        off = ((pressure - 17.0) / 10.0) ** 2 + ((count - 4) / 3.0) ** 2
        return Tried(values, 5.0 - off - 2.0 * (values.get("place", "thigh") != "thigh"))


def test_few_choices_are_all_tried_the_plain_one_first() -> None:
    bowl = Bowl()
    tried = search({"place": PLACE}, bowl, evaluations=40, seed=1)
    assert [one.values["place"] for one in tried] == ["knee", "thigh", "hip"]
    assert best_of(tried).values == {"place": "thigh"}


def test_numbers_and_choices_are_found_together() -> None:
    bowl = Bowl()
    tried = search({"pressure": PRESSURE, "count": COUNT, "place": PLACE}, bowl, evaluations=150, seed=2)
    best = best_of(tried)
    assert tried[0].values == {"pressure": "30 mmHg", "count": 5, "place": "knee"}
    assert 50 < len(tried) == len(bowl.asked) <= 150  # each different one once, and no more than were asked for
    assert best.values["place"] == "thigh"
    assert best.values["count"] == 4
    assert abs(float(str(best.values["pressure"]).split()[0]) - 17.0) < 1.0


def test_values_are_those_that_a_document_takes() -> None:
    bowl = Bowl()
    search({"pressure": PRESSURE, "count": COUNT}, bowl, evaluations=30, seed=3)
    assert all(isinstance(one["count"], int) and 1 <= one["count"] <= 9 for one in bowl.asked)
    written = [str(one["pressure"]) for one in bowl.asked]
    assert all(text.endswith(" mmHg") and 10.0 <= float(text.split()[0]) <= 40.0 for text in written)
    assert all(len(text.split()[0].replace(".", "")) <= 3 for text in written)


def test_the_same_seed_is_the_same_search() -> None:
    one, other, another = (search({"pressure": PRESSURE}, Bowl(), evaluations=20, seed=seed) for seed in (4, 4, 5))
    assert one == other
    assert [each.values for each in one] != [each.values for each in another]


def test_what_is_refused_is_never_the_best() -> None:
    def refuse(values: Values) -> Tried:
        plain = values["place"] == "knee"
        return Tried(values, 0.0 if plain else None, "" if plain else "over a ceiling")

    tried = search({"place": PLACE}, refuse, evaluations=10, seed=0)
    assert best_of(tried) is tried[0]
    assert [one.refused for one in tried] == ["", "over a ceiling", "over a ceiling"]


@pytest.mark.parametrize("evaluations", [2, 7])
def test_a_search_ends_when_what_it_may_try_is_spent(evaluations: int) -> None:
    assert len(search({"pressure": PRESSURE, "count": COUNT}, Bowl(), evaluations=evaluations, seed=6)) == evaluations
