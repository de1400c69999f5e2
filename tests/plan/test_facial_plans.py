"""Plans for a face: what is never worked gives none; what is for a doctor first gives none or leaves its place out.

Over what sessions for the face have to leave alone: neck arteries, carotid sinus, clots, infection, swelling on one
side, cancer, the heart, fillers and toxin, the eye, inflamed skin, the thyroid.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from screening.people import TODAY, benign, document
from venolymph import plan
from venolymph.massage import load_session
from venolymph.massage.catalogue import places
from venolymph.massage.session_steps import Strokes
from venolymph.plan import PlanRefused
from venolymph.screening import UNKNOWN


def planned(session: Any = "facial-massage", **stated: Any) -> plan.Plan:
    """The plan of a facial session for somebody who states this."""
    given = document(benign(("face",), False, **stated), ("face",), legs=[])
    return plan.plan(session, given, today=TODAY)


def worked(made: plan.Plan) -> set[str]:
    """Regions that the session of a plan works."""
    steps = [step for step in made.session.course if isinstance(step, Strokes)]
    return {places()[name].region or "" for step in steps for name in step.where}


def test_a_face_that_nothing_is_wrong_with_has_a_plan() -> None:
    assert {"cheek", "forehead", "eyelids", "neck-side", "under-jaw", "collarbone"} <= worked(planned())
    assert planned().changes == ()


@pytest.mark.parametrize(
    ("stated", "rule"),
    [
        ({"N03": "yes"}, "N03"),
        ({"E02": "yes"}, "E02"),
        ({"E07": "yes"}, "E07"),
        ({"N02": "faints, not explained"}, "N02"),
        ({"U14": "yes"}, "U14"),
        ({"U01": "yes"}, "U01"),
        ({"U09": "yes"}, "U09"),
        ({"F04": "boil, shingles, tooth abscess or sinus pain with fever"}, "F04"),
        ({"F04": "cold sore or stye"}, "F04"),
        ({"F13": "yes"}, "F13"),
        ({"U03": "yes"}, "U03"),
        ({"U04": "yes"}, "U04"),
        ({"F08": "yes"}, "F08"),
        ({"U12": "yes"}, "U12"),
        ({"M05": "now"}, "M05"),
        ({"M05": "treated in the last 5 years"}, "M05"),
        ({"M01": "class III"}, "M01"),
        ({"M01": "class IV or getting worse"}, "M01"),
        ({"M01": "yes, class unknown"}, "M01"),
        ({"U05": "yes"}, "U05"),
        ({"F01": 13.9, "F09": UNKNOWN}, "F09"),
        ({"F02": 6.9, "F11": UNKNOWN}, "F11"),
        ({"F10": "pain or change of colour"}, "F10"),
        ({"F05": "not under control, or recent operation"}, "F05"),
        ({"N01": "overactive, not treated"}, "N01"),
        ({"P01": "yes"}, "P01"),
        ({"P18": "yes"}, "P18"),
        ({"U11": "yes"}, "U11"),
    ],
    ids=str,
)
def test_what_needs_a_doctor_first_gives_no_plan(stated: dict[str, Any], rule: str) -> None:
    for answers in (stated, {**stated, rule: UNKNOWN}):
        with pytest.raises(PlanRefused) as caught:
            planned(**answers)
        assert any(rule in reason for reason in caught.value.reasons), caught.value.reasons


def test_inflamed_skin_nowhere_in_particular_gives_no_plan() -> None:
    with pytest.raises(PlanRefused):
        planned(F06="yes", F12=UNKNOWN)


@pytest.mark.parametrize(
    ("stated", "alone"),
    [
        ({"N02": "known sensitive carotid sinus"}, ("neck-front", "neck-side", "neck-back", "jaw-angle", "under-jaw")),
        ({"N01": "lump or goitre, known and harmless"}, ("neck-front",)),
        ({"N08": "yes"}, ("neck-front",)),
        ({"N08": UNKNOWN}, ("neck-front",)),
        ({"F01": 13.9, "F09": ("cheek", "lips")}, ("cheek", "lips")),
        ({"F02": 6.9, "F11": ("forehead", "brow")}, ("forehead", "brow")),
        ({"F06": "yes", "F12": ("cheek", "nose")}, ("cheek", "nose")),
        ({"F05": "under control"}, ()),
    ],
    ids=str,
)
def test_what_is_left_alone_at_its_place_is_not_worked_there(stated: dict[str, Any], alone: tuple[str, ...]) -> None:
    made = planned(**stated)
    assert set(alone) <= {one.what for one in made.assessment.exclusions}
    assert not worked(made).intersection(alone)


def test_days_that_are_over_leave_nothing_out() -> None:
    assert planned(F01=14, F02=7).changes == ()


def facial(at: str, **more: Any) -> dict[str, Any]:
    """The facial session with one more step."""
    step = {"stroke": "stationary circles", "at": at, "toward": "the heart", "pressure": "5 mmHg", **more}
    given = load_session("facial-massage").document()
    return {**given, "steps": [*given["steps"], {"massage": step}]}


@pytest.mark.parametrize(
    ("session", "rule"),
    [
        (facial("side of the neck", sides="together"), "both-neck-sides"),
        (facial("carotid triangle"), "carotid-triangle"),
        (facial("eyeball", toward="temple"), "pressure-on-the-eye"),
        (facial("front of the neck", pressure="16 mmHg"), "over-ceiling"),
    ],
)
def test_what_is_never_done_is_planned_for_nobody(
    session: dict[str, Any], rule: str, snapshot: Callable[[str, str], None]
) -> None:
    assert {found.rule for found in plan.lint(load_session(session))} == {rule}
    with pytest.raises(PlanRefused) as caught:
        planned(session)
    snapshot(f"face-{rule}", "\n".join([str(caught.value), *caught.value.reasons]))
    planned(facial("front of the neck", pressure="15 mmHg"))


def test_a_disease_of_the_thyroid_leaves_the_front_of_the_neck_out_of_a_session_that_works_it() -> None:
    session = facial("front of the neck", pressure="10 mmHg")
    assert "neck-front" in worked(planned(session))
    for stated in ({"N08": "yes"}, {"N01": "lump or goitre, known and harmless"}):
        made = planned(session, **stated)
        assert "neck-front" not in worked(made)
        assert [change.rules for change in made.changes] == [tuple(stated)]
