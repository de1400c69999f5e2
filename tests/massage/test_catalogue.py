"""Strokes and places as data: complete, sourced, and in step with screening and with the words."""

from __future__ import annotations

import math

import pytest

from venolymph import figures
from venolymph.errors import DocumentError
from venolymph.massage import kind, kinds, place, places, pressure_at_depth, words
from venolymph.screening import rulebook


def test_every_stroke_has_its_figures_with_ranges_and_words() -> None:
    known = figures.load()
    for name, one in kinds().items():
        for quantity in ("area", "pressure", "stretch", "push", "release"):
            figure = known[f"massage.{one.figures}.{quantity}"]
            assert figure.basis == "assumed" and figure.internal_range is not None
            assert getattr(one, quantity) == figure.internal
        assert words().strokes[name].how
        assert one.instead is None or one.instead in kinds()
    assert {one.family for one in kinds().values()} == {"basic", "oedema"}
    assert set(words().strokes) == set(kinds())


def test_strokes_that_the_schools_teach_are_there() -> None:
    for name in ("stationary circles", "pump", "scoop", "rotary", "thumb circles", "effleurage", "oedema pump"):
        assert name in kinds()


def test_places_name_each_other_and_places_of_screening() -> None:
    gate, known = rulebook().gate, figures.load()
    for name, one in places().items():
        assert words().places[name]
        for other in (*one.beside, *one.drains, *([one.group] if one.group else [])):
            assert other in places(), f"{name} names {other}"
        if one.region is None:
            assert name == "the heart"
            continue
        assert one.region in gate.places
        assert one.technique is None or one.technique in gate.other.techniques
        assert one.ceiling == known[f"massage.ceiling.{one.region.replace('-', '_')}"].internal
        assert all(places()[node].nodes for node in one.drains)
        assert all(places()[node].rank < one.rank for node in one.drains), f"{name} drains upstream"
        for other in one.neighbours:
            assert name in places()[other].neighbours
    assert set(words().places) == set(places())


def test_every_region_has_a_ceiling_below_what_damages() -> None:
    damage = figures.load()["massage.limit.error"].internal
    for region in rulebook().gate.places:
        if region not in ("cancer-site", "affected-site"):
            assert figures.load()[f"massage.ceiling.{region.replace('-', '_')}"].internal < damage


@pytest.mark.parametrize(
    ("radius", "depth", "share"), [(0.8, 0.5, 0.85), (0.8, 1.0, 0.52), (3.5, 1.0, 0.98), (1.0, 0.0, 1.0)]
)
def test_pressure_falls_with_depth_as_under_a_round_patch(radius: float, depth: float, share: float) -> None:
    assert pressure_at_depth(30.0, depth, math.pi * radius**2) / 30.0 == pytest.approx(share, abs=0.006)


def test_unknown_names_are_answered_with_the_nearest() -> None:
    with pytest.raises(DocumentError) as caught:
        kind("rotry")
    assert caught.value.hint == "did you mean 'rotary'?"
    with pytest.raises(DocumentError) as caught:
        place("cheeks", "face")
    assert caught.value.hint == "did you mean 'cheek'?"
    with pytest.raises(DocumentError, match="area"):
        pressure_at_depth(30.0, 1.0, 0.0)
    with pytest.raises(DocumentError, match="no words in the language"):
        words("xx")
