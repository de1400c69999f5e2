"""Population documents: packaged ones hold what they promise, and what is wrong is refused in plain words."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from venolymph.errors import DocumentError, VenolymphError
from venolymph.population import Population, load_population, packaged_populations, sources_of

Snapshot = Callable[[str, str], None]

GUESS = {"source": "a test", "basis": "assumed"}


def people(**changes: Any) -> dict[str, Any]:
    """The packaged healthy adults as plain data, with changes."""
    return {**load_population("healthy-adults").document(), **changes}


@pytest.mark.parametrize("name", packaged_populations())
def test_packaged_populations_read_back_and_say_where_they_are_from(name: str) -> None:
    population = load_population(name)
    assert population.population == name and population.about
    assert load_population(population.document()) == population
    assert load_population(population) is population
    sources = sources_of(population)
    assert sources["measured"], "heights are measured"
    assert all(source for found in sources.values() for source in found)


LEG = {"of": [{"of": "leak", "at": "great saphenous"}], "draws": [[0.8], [1.2]], "source": "a test", "basis": "fitted"}


def in_class(**changes: Any) -> dict[str, Any]:
    """The one class of the people, with changes."""
    return {"classes": [{"class": "one", "share": "100 %", "based_on": "healthy", **changes}]}


def tall(**spread: Any) -> dict[str, Any]:
    """How tall these people are."""
    return {"height": {**GUESS, **spread}}


WRONG: dict[str, dict[str, Any]] = {
    "key-unknown": {"hight": 1},
    "spread-missing": tall(mean="170 cm", basis="measured"),
    "unit-missing": tall(mean="170", sd="6 cm", basis="measured"),
    "unit-of-something-else": tall(mean="170 kg", sd="6 cm", basis="measured"),
    "guess-without-ends": tall(mean="170 cm", sd="6 cm"),
    "ends-exchanged": tall(low="180 cm", high="170 cm"),
    "nothing-between-the-ends": tall(mean="170 cm", sd="1 cm", low="200 cm", high="210 cm"),
    "no-spread": tall(mean="170 cm", sd="0 cm", low="1.5 m", high="2 m"),
    "exactly-and-spread": tall(exactly="170 cm", sd="6 cm"),
    "exactly-impossible": tall(exactly="17 m"),
    "factor-that-is-none": {"mass": {"median": "70 kg", "factor": 1.0, "low": "50 kg", "high": "99 kg", **GUESS}},
    "distribution-of-nothing": {"age": {**GUESS}},
    "classes-missing": {"classes": []},
    "shares-not-whole": in_class(share="60 %"),
    "person-unknown": in_class(based_on="healty"),
    "varies-without-distribution": {"vary": [{"wall": "femoral"}]},
    "varies-nothing": {"vary": [{}]},
    "figure-unknown": {"vary": [{"figure": "walls.nothing"}]},
    "figure-of-the-network": {"vary": [{"figure": "body_proportions.ankle"}]},
    "figures-under-nothing": {"vary": [{"figures_under": "nothing"}]},
    "lymph-unknown": {"vary": [{"lymph": "colectors", "over": {"low": 0.5, "high": 1, **GUESS}}]},
    "vein-unknown": {"vary": [{"wall": "femur", "over": {"low": 0.5, "high": 1.5, **GUESS}}]},
    "correlation-of-nothing": {"correlations": [{"between": ["height", "mas"], "is": 0.5, **GUESS}]},
    "correlation-impossible": {"correlations": [{"between": ["height", "mass"], "is": 1.5, **GUESS}]},
    "factors-without-draws": in_class(factors={**LEG, "draws": []}),
    "factors-not-one-for-each": in_class(factors={**LEG, "draws": [[0.8], [1.2, 1.0]]}),
    "factors-not-positive": in_class(factors={**LEG, "draws": [[0.8], [0.0]]}),
    "factors-of-nothing": in_class(factors={**LEG, "of": [{"of": "leek", "at": "great saphenous"}]}),
    "factors-nowhere": in_class(factors={**LEG, "of": [{"of": "leak"}]}),
}


@pytest.mark.parametrize("name", WRONG)
def test_what_is_wrong_is_said_with_its_place(name: str, snapshot: Snapshot) -> None:
    with pytest.raises(VenolymphError) as caught:
        load_population(people(**WRONG[name]))
    assert caught.value.place
    snapshot(name, str(caught.value))


def test_correlations_that_cannot_hold_at_once_are_refused() -> None:
    pairs = [("age", "height", 0.9), ("height", "mass", 0.9), ("age", "mass", -0.9)]
    given = [{"between": [one, other], "is": value, **GUESS} for one, other, value in pairs]
    with pytest.raises(DocumentError, match="cannot hold all at once"):
        load_population(people(correlations=given))


def test_two_classes_need_a_source_of_their_shares() -> None:
    classes = [{"class": name, "share": "50 %", "based_on": "healthy"} for name in ("one", "two")]
    with pytest.raises(DocumentError, match="no source of their shares"):
        load_population(people(classes=classes))
    assert len(load_population(people(classes=classes, prevalence="a test")).classes) == 2
    with pytest.raises(DocumentError, match="the same name"):
        load_population(people(classes=[classes[0], classes[0]], prevalence="a test"))


def test_an_unknown_name_is_answered_with_the_nearest() -> None:
    with pytest.raises(DocumentError, match="did you mean 'healthy-adults'"):
        load_population("healthy-adult")


def test_a_person_of_ones_own_may_be_what_a_class_is_based_on() -> None:
    who = {"label": "own", "sex": "male", "age": "30 y", "height": "180 cm", "mass": "80 kg"}
    own = {"person": who, "legs": {"right": {"reflux": [{"at": "great saphenous", "leak": "mild"}]}}}
    found = load_population(people(classes=[{"class": "own", "share": 1, "based_on": own}]))
    assert isinstance(found, Population)
    assert found.classes[0].based_on.index_side == "right"
