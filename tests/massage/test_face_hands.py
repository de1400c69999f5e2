"""A hand on a face presses what lies under its place, on its side, the less the deeper, and adds no water."""

from __future__ import annotations

from dataclasses import replace
from functools import cache
from itertools import pairwise
from typing import Any

import numpy as np
import pytest

from venolymph.body import load_person
from venolymph.body.contacts import contact_map
from venolymph.body.head import head_body
from venolymph.body.head_hands import under_places
from venolymph.body.make import make_drainage
from venolymph.massage import Stroke, load_session, places, strokes
from venolymph.massage.face_targets import FaceTargets
from venolymph.massage.hands import HandLoad, HandPlacement, hand_placements
from venolymph.simulation import simulate

BODY = head_body(load_person("rested"), sides="both")
DRAINAGE = make_drainage(BODY)
CONTACTS = contact_map(BODY, DRAINAGE)
TOPOLOGY = DRAINAGE.topology
NAMES = {
    "cells": list(BODY.topology.cells),
    "compartments": list(TOPOLOGY.compartments),
    "initials": list(TOPOLOGY.initials),
    "vessels": list(TOPOLOGY.vessels),
}
REASON = "test of the project"


def stroke_at(place: str, toward: str = "the heart", **more: Any) -> Stroke:
    """The first stroke of circles at a place, on the left where it is paired."""
    step = {"stroke": "stationary circles", "at": place, "toward": toward, "pressure": "15 mmHg", **more}
    document = {"kind": "session", "version": 1, "body": "face", "purpose": "experiment", "reason": REASON}
    return strokes(load_session({**document, "steps": [{"massage": step}]}))[0]


def felt(stroke: Stroke, part: str) -> HandLoad:
    """What targets of a kind feel of a stroke."""
    return getattr(CONTACTS, part).felt(HandPlacement(stroke, 1, stroke.duration))


def pressed(stroke: Stroke, part: str) -> dict[str, float]:
    """Pressure on what feels any, by name."""
    found = felt(stroke, part).pressure
    return {name: float(p) for name, p in zip(NAMES[part], found, strict=True) if p > 0.0}


def mirrored(name: str) -> str:
    """The name of the same on the other side."""
    side, rest = name.split(" ", 1)
    return f"{'right' if side == 'left' else 'left'} {rest}"


def test_pressure_falls_with_depth() -> None:
    stroke = stroke_at("side of the neck")
    vessels, initials = felt(stroke, "vessels"), felt(stroke, "initials")

    def whole(load: HandLoad, number: int) -> float:
        return float(load.pressure[number] / load.cover[number])

    by_depth = [
        whole(initials, NAMES["initials"].index("left neck, side to neck, side")),
        whole(vessels, NAMES["vessels"].index("left neck, side [5]")),
        whole(vessels, NAMES["vessels"].index("left superficial cervical")),
        whole(vessels, NAMES["vessels"].index("left upper deep cervical")),
    ]
    assert stroke.pressure > by_depth[0] > by_depth[1] > by_depth[2] > by_depth[3] > 0.5 * stroke.pressure
    # fingers of half the area reach less deep
    small = felt(replace(stroke, area=0.5 * stroke.area), "vessels")
    assert whole(small, NAMES["vessels"].index("left upper deep cervical")) < by_depth[3]


def test_half_the_pressure_is_half_the_load() -> None:
    stroke = stroke_at("cheek")
    for part in NAMES:
        whole, half = felt(stroke, part), felt(replace(stroke, pressure=0.5 * stroke.pressure), part)
        assert whole.pressure.max() > 0.0
        np.testing.assert_allclose(half.pressure, 0.5 * whole.pressure, rtol=1e-14)
        np.testing.assert_array_equal(half.cover, whole.cover)


def test_a_hand_covers_as_much_of_a_region_as_it_is_large() -> None:
    stroke = stroke_at("forehead")
    number = NAMES["compartments"].index("left forehead")
    area = DRAINAGE.compartments[number].area_cm2
    small, large = (felt(replace(stroke, area=part * area), "compartments").cover[number] for part in (0.2, 4.0))
    assert small == pytest.approx(0.1)  # the other half of the hand lies on the other side
    assert large == 1.0


def test_one_side_leaves_the_other_alone_and_both_mirror_each_other() -> None:
    unlike = {(s.path, s.begin, s.side, s.direction): s for s in strokes(load_session("facial-massage"))}
    for stroke in unlike.values():
        for part in NAMES:
            found = pressed(stroke, part)
            if stroke.side is None:
                assert {mirrored(name): value for name, value in found.items()} == found
                continue
            assert all(name.startswith(stroke.side) for name in found)
            other = replace(stroke, side="right" if stroke.side == "left" else "left")
            assert pressed(other, part) == {mirrored(name): value for name, value in found.items()}


def test_both_hands_at_once_press_both_sides() -> None:
    step = {"stroke": "stationary circles", "at": "temple", "toward": "the heart", "sides": "together", "repeat": 3}
    steps = [{"massage": {**step, "pressure": "20 mmHg"}}]
    session = load_session({"kind": "session", "version": 1, "body": "face", "steps": steps})
    (hands,) = hand_placements(strokes(session), session.seconds)
    assert hands.count == 3
    both = pressed(hands.stroke, "compartments")
    left = pressed(replace(hands.stroke, side="left"), "compartments")
    assert both == left | {mirrored(name): value for name, value in left.items()}


def test_every_place_that_hands_may_be_put_on_has_something_under_it() -> None:
    there = {name for name, one in places().items() if "face" in one.bodies and one.region and not one.never}
    assert set(under_places()) == there
    for name in sorted(there):
        assert pressed(stroke_at(name), "compartments"), name
        if places()[name].nodes:
            assert any(pressed(stroke_at(name), "vessels").get(node) for node in DRAINAGE.nodes), name


def test_no_region_lies_under_places_more_than_once() -> None:
    parts: dict[str, list[list[float]]] = {}
    for under in under_places().values():
        for region, part in under["regions"].items():
            parts.setdefault(region, []).append(part)
    for region, taken in parts.items():
        taken.sort()
        assert all(before[1] <= after[0] for before, after in pairwise(taken)), region


def test_a_push_with_the_lymph_reaches_what_lies_downstream_later() -> None:
    stroke = replace(stroke_at("side of the neck", "collarbone nodes"), area=4.0)
    number = NAMES["vessels"].index("left upper deep trunk [6]")
    assert stroke.direction == "proximal"
    with_lymph = felt(stroke, "vessels")
    against = felt(replace(stroke, direction="distal"), "vessels")
    later = with_lymph.onset > against.onset + 0.1
    chain = DRAINAGE.chains["left upper deep trunk"]
    reached = [vessel for vessel in chain if with_lymph.pressure[vessel] > 0.0]
    assert number in reached
    # along the chain the pressure of a push with the lymph begins the later, the further downstream
    onsets = with_lymph.onset[reached]
    assert np.all(np.diff(onsets) >= 0.0)
    assert onsets[-1] > onsets[0]
    assert later.any()


def test_no_hand_reaches_the_brain_or_an_eyeball() -> None:
    assert isinstance(CONTACTS.cells, FaceTargets)
    reached = {name for place in under_places() for name in pressed(stroke_at(place), "cells")}
    assert not any("sinus" in name or "plexus" in name or "brachiocephalic" in name for name in reached)
    assert not pressed(replace(stroke_at("cheek"), path=("eyeball",)), "compartments")
    assert not pressed(replace(stroke_at("cheek"), path=("carotid triangle",)), "cells")


@cache
def run_of(pressure: str, stretch: str) -> Any:
    """Half a minute lying, and a minute of hands on both cheeks."""
    step = {
        "stroke": "stationary circles",
        "at": ["nodes below the ear", "cheek"],
        "toward": "side of the neck",
        "pressure": pressure,
        "stretch": stretch,
        "repeat": 5,
        "rhythm": {"push": "1 s", "release": "1 s"},
    }
    session = {"kind": "session", "version": 1, "body": "face", "steps": [{"massage": step}]}
    steps = [{"lie": {"for": "30 s"}}, {"massage": session}]
    regimen = {"kind": "regimen", "version": 1, "body": "face", "steps": steps}
    return simulate("rested", regimen, research_override=REASON)


def test_water_and_blood_are_conserved_and_a_sham_moves_less() -> None:
    run, sham = run_of("20 mmHg", "0.1"), run_of("5 mmHg", "0")
    taken_up = {}
    for name, one in (("session", run), ("sham", sham)):
        assert one.status[0].code == "ok"
        total = float(one.volume[-1].sum())
        for defect in ("mass_defect", "water_defect"):
            assert abs(float(np.sum([record.extremes[defect] for record in one.records]))) < 1e-9 * total
        during = np.array([info.kind == "massage" for info in one.phases])[one.phase_of_exchange]
        taken_up[name] = float(one.exchange("uptake")[during].sum())
    assert taken_up["session"] > 1.05 * taken_up["sham"]
