"""Sessions as documents and in time."""

from __future__ import annotations

import itertools
import json
import pickle
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from venolymph import documents
from venolymph.errors import DocumentError
from venolymph.massage import (
    Pause,
    Session,
    Strokes,
    kinds,
    load_session,
    markdown,
    packaged_sessions,
    places,
    rows,
    session_schema,
    strokes,
    text,
)
from venolymph.regimen import Regimen, load_regimen

LEG = [name for name, one in places().items() if "leg" in one.bodies and one.region]
MINUTES = {
    "leg-massage": 48,
    "leg-massage-vodder": 45,
    "leg-massage-leduc": 40,
    "leg-massage-short": 15,
    "leg-sham": 48,
    "leg-massage-reversed": 48,
    "leg-massage-distal-first": 48,
    "facial-massage": 25,
    "facial-sham": 25,
    "facial-reversed": 25,
    "facial-neck-last": 25,
    "facial-eyes-only": 25,
}


def session(*steps: Any, **more: Any) -> Session:
    return Session([*steps], **more)


def one(**changes: Any) -> Strokes:
    return Strokes(**{"stroke": "pump", "at": "inner thigh", "toward": "superficial inguinal nodes", **changes})


def test_packaged_sessions_are_as_long_as_they_say() -> None:
    assert set(packaged_sessions()) == set(MINUTES)
    for name, minutes in MINUTES.items():
        assert load_session(name).seconds == pytest.approx(60 * minutes)


@pytest.mark.parametrize("name", packaged_sessions())
def test_packaged_sessions_round_trip(name: str) -> None:
    found = load_session(name)
    again = documents.check(Session, documents.parse(found.to_yaml())[0])
    assert again == found
    assert load_session(found.document()) == found
    assert again.to_yaml() == found.to_yaml()
    assert pickle.loads(pickle.dumps(found)) == found
    assert found.warnings == ()
    assert found.over_ceiling() == []
    assert (found.purpose == "experiment") == (found.reason is not None)
    assert found.purpose == "experiment" or found.like is None


@pytest.mark.parametrize("name", packaged_sessions())
def test_strokes_follow_each_other_within_their_steps(name: str) -> None:
    found = load_session(name)
    made = strokes(found)
    assert len(made) > 300
    for before, after in itertools.pairwise(made):
        together = before.start == after.start and {before.side, after.side} == {"left", "right"}
        assert together or after.start >= before.start + before.duration - 1e-6
    begin = list(itertools.accumulate((step.lasts for step in found.course), initial=0.0))
    for stroke in made:
        assert begin[stroke.step] - 1e-6 <= stroke.start
        assert stroke.start + stroke.duration <= begin[stroke.step + 1] + 1e-6
        where, share = stroke.where(stroke.push / 2)
        assert where in stroke.path and 0.0 <= share <= 1.0


def test_foeldi_counts() -> None:
    made = strokes(load_session("leg-massage"))
    thigh = [stroke for stroke in made if stroke.place == "front thigh" and stroke.kind == "pump"]
    assert len(thigh) == 7 * 4 * 4
    assert thigh[0].duration == pytest.approx(1.2)
    spots = [stroke.where(0.0)[1] for stroke in thigh[:28]]
    assert spots == sorted(spots) and spots[0] == pytest.approx(0.125) and spots[-1] == pytest.approx(0.875)
    assert {stroke.direction for stroke in made} == {"proximal"}


def test_variants_differ_in_what_they_say_and_nothing_else() -> None:
    plain, sham, turned, upward = (
        strokes(load_session(name))
        for name in ("leg-massage", "leg-sham", "leg-massage-reversed", "leg-massage-distal-first")
    )
    assert len(plain) == len(sham) == len(turned) == len(upward)
    for a, b, c in zip(plain, sham, turned, strict=True):
        assert (a.start, a.place, a.begin, a.area, a.direction) == (b.start, b.place, b.begin, b.area, b.direction)
        assert (b.pressure, b.stretch) == (5.0, 0.0)
        assert (a.start, a.place, a.pressure, a.stretch) == (c.start, c.place, c.pressure, c.stretch)
        assert (a.direction, c.direction) == ("proximal", "distal")
    assert upward[0].place == "toes" and upward[-1].place == "collarbone nodes"
    assert sorted((s.place, s.pressure) for s in plain) == sorted((s.place, s.pressure) for s in upward)


def test_a_gliding_stroke_goes_along_its_path_and_back_up() -> None:
    way = ["back of the foot", "front of the ankle", "shin"]
    glide = session(Strokes(stroke="effleurage", along=way, toward="front of the knee", repeat=2))
    first = strokes(glide)[0]
    assert (first.begin, first.end, first.direction) == (0.0, 3.0, "proximal")
    assert first.where(0.0) == ("back of the foot", 1.0)
    assert first.where(first.push / 2) == ("front of the ankle", 0.5)
    assert first.where(first.push) == ("shin", 0.0)
    down = session(Strokes(stroke="effleurage", along=way[::-1], toward="toes"))
    assert strokes(down)[0].where(0.0) == ("shin", 0.0)
    assert strokes(down)[0].direction == "distal"


def test_sides_in_turn_and_together() -> None:
    nodes = {
        "stroke": "stationary circles",
        "at": "collarbone nodes",
        "toward": "the heart",
        "repeat": 3,
        "pressure": "20 mmHg",
    }
    both = strokes(session(Strokes(**nodes, sides="together")))
    assert [stroke.side for stroke in both] == ["left", "right"] * 3
    assert both[0].start == both[1].start
    turn = strokes(session(Strokes(**nodes)))
    assert [stroke.side for stroke in turn] == ["left"] * 3 + ["right"] * 3
    assert {stroke.side for stroke in strokes(session(Strokes(**nodes, sides="right")))} == {"right"}


def test_hard_strokes_are_warned_about_and_harder_ones_need_a_reason() -> None:
    assert session(one(pressure="46 mmHg")).warnings == ((1, 46.0),)
    assert session(one(pressure="45 mmHg")).warnings == ()
    with pytest.raises(DocumentError, match="damages"):
        session(one(pressure="70 mmHg"))
    with pytest.raises(DocumentError, match="damages"):
        session(one(pressure="70 mmHg"), purpose="experiment")
    with pytest.raises(DocumentError, match="damages"):
        session(one(pressure="70 mmHg"), purpose="treatment", reason="curiosity")
    hard = session(one(pressure="80 mmHg"), purpose="experiment", reason="how lymphatics are damaged")
    assert strokes(hard)[0].pressure == 80.0


def test_a_treatment_over_a_regions_ceiling_has_no_strokes() -> None:
    knee = one(at="popliteal nodes", pressure="40 mmHg")
    assert session(knee).over_ceiling() == [(1, "popliteal nodes", 40.0, 30.0)]
    with pytest.raises(DocumentError, match="too hard"):
        strokes(session(knee))
    assert strokes(session(knee, purpose="experiment", reason="the knee's ceiling is a guess"))


def test_time_left_over_lies_between_spots() -> None:
    made = strokes(session(one(repeat=2, spots=2, **{"for": "10 s"})))
    assert [stroke.start for stroke in made] == pytest.approx([0.0, 1.2, 5.0, 6.2])


def test_what_a_therapist_reads() -> None:
    found = load_session("leg-massage-short")
    table = rows(found)
    assert [row.time for row in table][:3] == ["0:00", "1:00", "2:00"]
    assert table[2].where == "hollow above the collarbone (both sides together)"
    assert "towards the heart" in table[2].how
    page = markdown(found)
    assert page.startswith("# short leg massage: 15 min, one leg, on the back, legs raised by 15 degrees\n")
    assert page.count("\n|") == len(table) + 3
    assert "15:00" in text(found)
    assert "For experiments in simulation only" in markdown(load_session("leg-sham"))
    assert "without moving the skin" in text(load_session("leg-sham"))
    assert "away from" in text(load_session("leg-massage-reversed"))


def test_schema_names_every_key() -> None:
    assert {"session", "steps", "like", "changed", "screening"} <= set(session_schema()["properties"])


def test_no_packaged_note_names_a_place_that_screening_may_leave_out() -> None:
    for name in packaged_sessions():
        for step in load_session(name).course:
            if isinstance(step, Strokes) and step.note:
                assert not any(place in step.note for place in (*places(), "knee", "groin", "neck"))


STEPS = st.builds(
    lambda kind, at, toward, repeat, sets, spots, pressure: {
        "stroke": kind, "at": at, "toward": toward, "repeat": repeat, "sets": sets, "spots": spots,
        "pressure": f"{pressure:.1f} mmHg",
    },
    st.sampled_from([name for name, one in kinds().items() if one.motion != "glide"]),
    st.lists(st.sampled_from(LEG), min_size=1, max_size=3, unique=True),
    st.sampled_from(["the heart", "toes", "superficial inguinal nodes"]),
    st.integers(1, 7), st.integers(1, 3), st.integers(1, 4), st.floats(1, 60),
)  # fmt: skip


@given(st.lists(STEPS, min_size=1, max_size=4))
def test_any_session_round_trips_and_keeps_time(steps: list[dict[str, Any]]) -> None:
    document = {"kind": "session", "version": 1, "purpose": "experiment", "reason": "any", "steps": []}
    document["steps"] = [{"massage": step} for step in steps]
    found = load_session(document)
    assert load_session(documents.parse(found.to_yaml())[0]) == found
    assert load_session(json.loads(json.dumps(found.document()))) == found
    within = Regimen([{"lie": {"for": "1 min"}}, {"massage": found}])
    assert load_regimen(json.loads(json.dumps(within.document()))) == within
    made = strokes(found)
    assert made[-1].start + made[-1].duration <= found.seconds + 1e-6
    hands = {stroke.side: 0 for stroke in made}
    assert sum(stroke.duration for stroke in made) <= found.seconds * max(1, len(hands)) + 1e-6


def test_pauses_have_no_strokes() -> None:
    assert strokes(session(Pause(for_="1 min"))) == []
