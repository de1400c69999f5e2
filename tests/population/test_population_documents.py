"""Population documents: packaged ones hold what they promise, and what is wrong is refused in plain words."""

from __future__ import annotations

from typing import Any

import pytest

from venolymph.errors import DocumentError, VenolymphError
from venolymph.population import Population, load_population, packaged_populations, sources_of

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


@pytest.mark.parametrize(
    ("changes", "place", "message"),
    [
        ({"hight": 1}, "hight", "unknown key"),
        ({"height": {"mean": "170 cm", **GUESS, "basis": "measured"}}, "height.female", "come together"),
        ({"height": {"mean": "170", "sd": "6 cm", **GUESS, "basis": "measured"}}, "height.female.mean", "no unit"),
        ({"height": {"mean": "170 kg", "sd": "6 cm", **GUESS, "basis": "measured"}}, "mean", "mass"),
        ({"height": {"mean": "170 cm", "sd": "6 cm", **GUESS}}, "height.female", "needs low and high"),
        ({"height": {"low": "180 cm", "high": "170 cm", **GUESS}}, "height.female.low", "not below"),
        ({"height": {"mean": "170 cm", "sd": "1 cm", "low": "200 cm", "high": "210 cm", **GUESS}}, "height", "nothing"),
        ({"height": {"mean": "170 cm", "sd": "0 cm", "low": "1.5 m", "high": "2 m", **GUESS}}, "sd", "more than 0"),
        ({"mass": {"median": "70 kg", "factor": 1.0, "low": "50 kg", "high": "99 kg", **GUESS}}, "mass", "factor"),
        ({"age": {**GUESS}}, "age.female", "how people differ"),
        ({"classes": []}, "classes", "at least 1 entry"),
        ({"classes": [{"class": "one", "share": "60 %", "based_on": "healthy"}]}, "classes", "sum to 60 %"),
        ({"classes": [{"class": "one", "share": "100 %", "based_on": "healty"}]}, "based_on", "no packaged person"),
        ({"vary": [{"wall": "femoral"}]}, "vary.0.over", "no distribution"),
        ({"vary": [{}]}, "vary.0", "found nothing that varies"),
        ({"vary": [{"figure": "walls.nothing"}]}, "vary.0.figure", "there is no figure"),
        ({"vary": [{"figure": "body_proportions.ankle"}]}, "vary.0.figure", "lays out the network"),
        ({"vary": [{"figures_under": "nothing"}]}, "vary.0.figures_under", "no figure under"),
        ({"vary": [{"lymph": "colectors", "over": {"low": 0.5, "high": 1, **GUESS}}]}, "lymph", "nothing of the lymph"),
        ({"vary": [{"wall": "femur", "over": {"low": 0.5, "high": 1.5, **GUESS}}]}, None, "no vein named 'femur'"),
        ({"correlations": [{"between": ["height", "mas"], "is": 0.5, **GUESS}]}, "between", "nothing that varies"),
        ({"correlations": [{"between": ["height", "mass"], "is": 1.5, **GUESS}]}, "is", "less than 1"),
    ],
    ids=lambda given: None if isinstance(given, dict) else str(given),
)
def test_what_is_wrong_is_said_with_its_place(changes: dict[str, Any], place: str | None, message: str) -> None:
    with pytest.raises(VenolymphError) as caught:
        load_population(people(**changes))
    assert message in str(caught.value)
    assert place is None or place in str(caught.value.place)


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
