"""Members drawn from a population: each depends on population, seed and its number alone, as the document says."""

from __future__ import annotations

from collections import Counter
from dataclasses import replace
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from venolymph.body import leg_body
from venolymph.errors import DocumentError
from venolymph.figures import load
from venolymph.population import draw_members, load_population, member_of, packaged_populations

NAMES = tuple(packaged_populations())


def people(**changes: Any) -> dict[str, Any]:
    """A population of healthy people, with changes."""
    guess = {"source": "a test", "basis": "assumed"}
    return {
        "kind": "population",
        "version": 1,
        "population": "tested",
        "sex": {"female": "50 %", **guess},
        "age": {"low": "20 y", "high": "60 y", **guess},
        "height": {"mean": "170 cm", "sd": "8 cm", "low": "150 cm", "high": "190 cm", **guess},
        "mass": {"median": "70 kg", "factor": 1.2, "low": "45 kg", "high": "110 kg", **guess},
        "classes": [{"class": "healthy", "share": "100 %", "based_on": "healthy"}],
        **changes,
    }


@pytest.mark.parametrize("name", NAMES)
@settings(max_examples=15)
@given(seed=st.integers(0, 2**64), first=st.integers(0, 10**6), number=st.integers(1, 5))
def test_a_member_is_the_same_however_many_are_drawn_from_wherever(
    name: str, seed: int, first: int, number: int
) -> None:
    population = load_population(name)
    together = draw_members(population, number, seed, first=first).members
    alone = [draw_members(population, 1, seed, first=one).members[0] for one in range(first, first + number)]
    assert list(together) == alone
    assert [one.number for one in together] == list(range(first, first + number))


def test_another_seed_and_another_number_are_other_people() -> None:
    population = load_population("primary-varicose")
    one, other = (draw_members(population, 50, seed).members for seed in (1, 2))
    bodies = {(member.person.height, member.person.mass) for member in (*one, *other)}
    assert len(bodies) == 100


FACTORS = {
    "of": [{"of": "leak", "at": "great saphenous"}, {"of": "muscle pressure"}],
    "draws": [[0.5, 1.1], [1.0, 0.9], [2.0, 0.8]],
    "source": "a test",
    "basis": "fitted",
}


def test_each_member_has_one_of_the_draws_of_factors_and_is_else_as_without() -> None:
    group = {"class": "one", "share": "100 %", "based_on": "mild-varicose"}
    plain = draw_members(load_population(people(classes=[group])), 60, 1).members
    members = draw_members(load_population(people(classes=[{**group, "factors": FACTORS}])), 60, 1).members
    assert [replace(one, factors=()) for one in members] == list(plain)
    drawn = Counter(tuple(each.by for each in one.factors) for one in members)
    assert set(drawn) == {(0.5, 1.1), (1.0, 0.9), (2.0, 0.8)}
    assert min(drawn.values()) > 8  # of 60, a third each
    assert all(member_of(one.document()) == one for one in members)


def test_what_everybody_has_is_exactly_that() -> None:
    known = {"source": "a test", "basis": "measured"}
    same = people(age={"exactly": "52 y", **known}, height={"exactly": "168.5 cm", **known})
    members = draw_members(load_population(same), 5, 1).members
    assert {(one.person.age, one.person.height) for one in members} == {(52.0, 168.5)}
    assert len({one.person.mass for one in members}) == 5


@pytest.mark.parametrize("name", NAMES)
def test_members_come_back_from_plain_data(name: str) -> None:
    for member in draw_members(load_population(name), 5, 3).members:
        assert member_of(member.document()) == member


def test_people_are_distributed_as_the_document_says() -> None:
    members = draw_members(load_population("healthy-adults"), 2000, 5).members
    men = np.array([(one.person.height, one.person.mass) for one in members if one.person.sex == "male"])
    assert len(men) / 2000 == pytest.approx(0.5, abs=0.035)
    np.testing.assert_allclose(men.mean(axis=0), [175.6, 78.5], rtol=0.01)
    np.testing.assert_allclose(men.std(axis=0), [6.7, 11.1], rtol=0.08)
    assert np.corrcoef(men, rowvar=False)[0, 1] == pytest.approx(0.5, abs=0.07)
    ages = [one.person.age for one in members]
    assert min(ages) >= 20 and max(ages) <= 65 and np.mean(ages) == pytest.approx(42.5, abs=1.0)


def test_classes_come_by_their_prevalence_and_with_their_statements() -> None:
    members = draw_members(load_population("long-haul-passengers"), 2000, 7).members
    shares = {name: np.mean([one.group == name for one in members]) for name in ("C0 or C1", "C2", "C3", "C4 to C6")}
    np.testing.assert_allclose(list(shares.values()), [0.687, 0.143, 0.134, 0.036], atol=0.03)
    assert {one.person.leg.clinical_class for one in members if one.group == "C3"} == {3}
    assert all("swelling" in (one.person.leg.symptoms or ()) for one in members if one.group == "C3")
    assert all(one.person.leg.lymph is not None for one in members if one.group == "C3")


def test_drawn_diameters_stand_in_the_leg_and_go_together() -> None:
    members = draw_members(load_population("primary-varicose"), 400, 2).members
    widths = [
        {vein.at or vein.add: float(vein.diameter_standing or 0.0) for vein in one.person.leg.veins} for one in members
    ]
    trunk = np.array([one["great saphenous, thigh"] for one in widths])
    junction = np.array([one["great saphenous, junction"] for one in widths])
    assert trunk.min() >= 0.32 and trunk.max() <= 1.2
    assert np.corrcoef(trunk, junction)[0, 1] == pytest.approx(0.6, abs=0.12)
    assert all(one["tributary, medial calf"] == one["tributary, anterior calf"] for one in widths)


def test_figures_of_ones_own_reach_the_leg_and_stay_in_their_range() -> None:
    key = "superficial_veins.great_saphenous.thigh.diameter_standing"
    one, other = draw_members(load_population("healthy-adults"), 2, 1).members
    assert one.figures is not None and other.figures is not None
    assert one.figures[key].value != other.figures[key].value != load()[key].value
    wide, narrow = sorted((one, other), key=lambda who: -who.drawn[key] * who.person.height)
    areas = [
        float(np.sum(np.asarray(leg_body(who.person, figures=who.figures).parameters.cells.unstressed_volume)))
        for who in (wide, narrow)
    ]
    assert areas[0] != areas[1]


@settings(max_examples=15)
@given(seed=st.integers(0, 10**6))
def test_figures_are_drawn_between_their_ends_by_their_basis(seed: int) -> None:
    population = load_population(people(vary=[{"figures_under": "lymph.lymphangion"}]))
    member = draw_members(population, 1, seed).members[0]
    assert len(member.drawn) > 10
    for key, value in member.drawn.items():
        figure = load()[key]
        assert figure.low is not None and figure.high is not None
        assert figure.low - 1e-5 * abs(figure.low) <= value <= figure.high + 1e-5 * abs(figure.high)


def test_the_median_of_a_drawn_figure_is_its_value() -> None:
    key = "walls.age.stiffening"
    members = draw_members(load_population(people(vary=[{"figure": key}])), 800, 4).members
    below = np.mean([one.drawn[key] < load()[key].value for one in members])
    assert below == pytest.approx(0.5, abs=0.05)


def test_impossible_people_are_drawn_anew_and_counted_by_reason() -> None:
    guess = {"source": "a test", "basis": "assumed"}
    wide = {"low": "35 kg", "high": "240 kg", **guess}
    drawn = draw_members(load_population(people(mass=wide)), 200, 1)
    assert len(drawn.members) == 200
    assert all(12.0 <= one.person.body_mass_index <= 70.0 for one in drawn.members)
    assert sum(drawn.rejected.values()) > 0
    assert all("body mass index" in reason and "allowed is 12 to 70" in reason for reason in drawn.rejected)
    assert len(drawn.rejected) == 1, "one reason, whatever the numbers"


def test_a_population_of_nobody_is_an_error_with_the_reason() -> None:
    guess = {"source": "a test", "basis": "assumed"}
    with pytest.raises(DocumentError, match="person in the middle of it is refused"):
        load_population(people(mass={"low": "260 kg", "high": "290 kg", **guess}))
    # the middle of an even distribution is possible here, and hardly anything else
    heavy = {"low": "20 kg", "high": "300 kg", **guess}
    tall = {"mean": "170 cm", "sd": "0.01 cm", "low": "169 cm", "high": "171 cm", **guess}
    vary = [{"diameter": "great saphenous, thigh", "over": {"low": "1 mm", "high": "9 mm", **guess}}]
    drawn = draw_members(load_population(people(mass=heavy, height=tall, vary=vary)), 20, 1)
    assert drawn.rejected


@pytest.mark.parametrize(("number", "seed"), [(0, 1), (-3, 1), (5, -1)])
def test_nobody_and_a_negative_seed_are_refused(number: int, seed: int) -> None:
    with pytest.raises(DocumentError, match="allowed is"):
        draw_members(load_population("healthy-adults"), number, seed)
