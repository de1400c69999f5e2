"""What a report says of treatments, reflux and the gate, of real short runs and of made-up phases."""

from __future__ import annotations

import json
import re
from dataclasses import dataclass, field
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import numpy as np
import pytest

import venolymph as vl
from screening.people import TODAY, benign, document
from venolymph import report
from venolymph.errors import MeasureError
from venolymph.regimen import load_regimen
from venolymph.report import conditions, reflux
from venolymph.report.changes import CAUTION, changes, gate_outcome, treatments
from venolymph.report.page import page
from venolymph.report.side_by_side import page as beside
from venolymph.report.side_by_side import sides
from venolymph.report.view import bands
from venolymph.steps.marks import Marks

LIE = {"rest": {"posture": "supine", "for": "1 min"}}
STROKES = {"massage": {"stroke": "pump", "at": "calf", "toward": "popliteal nodes", "repeat": 5, "spots": 2}}
SHORT = {"kind": "regimen", "version": 1, "regimen": "a few strokes", "steps": [LIE, STROKES, {"wait": {"for": "5 s"}}]}


@dataclass
class Phase:
    label: str
    kind: str
    start: float
    duration: float
    marks: Marks = field(default_factory=Marks)


def phases(*rows: tuple[str, str, float, str]) -> list[Phase]:
    found, start = [], 0.0
    for label, kind, duration, posture in rows:
        found.append(Phase(label, kind, start, duration, Marks(posture=posture)))
        start += duration
    return found


# ------------------------------------------------------------------ what held beside posture


def marked(*rows: tuple[str, str, float, Marks]) -> list[Phase]:
    found, start = [], 0.0
    for label, kind, duration, marks in rows:
        found.append(Phase(label, kind, start, duration, marks))
        start += duration
    return found


def test_straight_knees_are_told_and_stand_on_the_timeline() -> None:
    done = marked(
        ("standing", "stand", 60.0, Marks()),
        ("knees straight", "knees", 2.0, Marks(knees="straight")),
        ("wait 1 min", "wait", 60.0, Marks()),
        ("knees bent", "knees", 2.0, Marks(knees="bent")),
        ("wait 1 min", "wait", 60.0, Marks()),
        ("knees straight", "knees", 2.0, Marks(knees="straight")),
    )
    told = conditions.knees(done)
    assert [text.partition(" the knees")[0] for text in told] == [
        "From 60 s to 2 min 2 s",
        "From 3 min 4 s to 3 min 6 s",
    ]
    assert "31 % of its lumen" in told[0]
    assert [band.label for band in bands(done)] == [
        "standing", "knees straight", "wait 1 min, knees straight", "knees bent", "wait 1 min", "knees straight",
    ]  # fmt: skip
    assert conditions.knees(done[:1]) == []
    one = marked(
        ("left knee straight", "knees", 2.0, Marks(knees="straight", leg="left")),
        ("right knee straight", "knees", 2.0, Marks(knees="straight", leg="right")),
        ("left knee bent", "knees", 2.0, Marks(knees="bent", leg="left")),
        ("wait 1 min", "wait", 60.0, Marks()),
    )
    told = [text.partition(" fully straight")[0] for text in conditions.knees(one)]
    assert told == [
        "From 0 s to 2 s the left knee was",
        "From 2 s to 4 s the knees were",
        "From 4 s to 66 s the right knee was",
    ]
    assert bands(one)[-1].label == "wait 1 min, right knee straight"


def test_what_veins_take_up_under_suction_is_told_beside_the_rest_before_it() -> None:
    done = marked(
        ("lying", "lie", 60.0, Marks()),
        ("suction 20 mmHg", "suction", 10.0, Marks(suction=20.0, stage="moving")),
        ("suction 20 mmHg", "suction", 50.0, Marks(suction=20.0, stage="holding")),
        ("wait 1 min", "wait", 60.0, Marks()),
        ("suction 40 mmHg", "suction", 60.0, Marks(suction=40.0)),
        ("suction off", "suction", 60.0, Marks(suction=0.0)),
    )
    blood = np.array([100.0, 120.0, 150.0, 155.0, 190.0, 101.0])
    told = list(conditions.suction(SimpleNamespace(phases=done), blood, lambda phase, trace: float(trace[phase])))
    end = "around the legs the leg's veins held {} mL more blood than before it."
    assert told == [
        f"At the end of 60 s of suction of {pressure} mmHg {end.format(more)}"
        for pressure, more in ((20, 50), (40, 90))
    ]
    assert bands(done)[2].label == "wait 1 min, suction 20 mmHg"
    assert bands(done)[-1].label == "suction off"


@pytest.mark.parametrize(("weeks", "presses"), [(None, None), ("10 weeks", False), ("30 weeks", True)])
def test_a_pregnancy_is_told_with_whom_published_ranges_are_of(weeks: str | None, presses: bool | None) -> None:
    person = vl.load_person("healthy").document()
    person["person"] |= {"sex": "female", "age": "31 y"} | ({"pregnancy": weeks} if weeks else {})
    told = conditions.pregnancy(vl.load_person(person))
    if weeks is None:
        assert told == []
        return
    assert told[0].startswith(f"{weeks} pregnant: ")
    assert ("the uterus presses" in told[0]) is presses
    assert "of people who were not pregnant" in told[0]


def test_treatment_in_pregnancy_that_answers_allowed_is_not_told_as_one_to_be_refused() -> None:
    person = vl.load_person("healthy").document()
    person["person"] |= {"label": "A-17", "sex": "female", "age": "31 y", "pregnancy": "30 weeks"}
    person["legs"] = {side: {"symptoms": ["none"], "skin": "intact"} for side in ("left", "right")} | {"asked": "left"}
    agreed = {"by": "Dr A, obstetrician", "date": TODAY, "for": ["M09"]}
    answered = document(benign(("leg",), True, M09="after week 20"), compression=True, clearances=[agreed])
    worn = vl.load_regimen([{"stand": {"for": "5 s"}}, {"wear": {"garment": "stocking", "class": "RAL I"}}])
    done = marked(("stocking on", "wear", 20.0, Marks()))
    body = SimpleNamespace(person=vl.load_person(person))
    run = SimpleNamespace(bodies=[body], regimen=worn, phases=done, start=None, override=None, answers=answered)
    told = gate_outcome(run, 0)
    assert "It says pregnancy, 30 weeks" in told
    assert "allowed it when it was simulated" in told
    assert "Would be refused: " in gate_outcome(SimpleNamespace(**{**vars(run), "answers": None}), 0)


# ------------------------------------------------------------------ reflux


@pytest.fixture(scope="module")
def let_go() -> dict[str, Any]:
    people = ("healthy", "mild-varicose", "deep-reflux", "tall", "heavy")
    return {person: vl.simulate(person, "reflux-test") for person in people}


def test_a_healthy_leg_has_no_reflux_and_an_ill_one_has_it_where_it_is(let_go: dict[str, Any]) -> None:
    told = {person: reflux.told(run, 0) for person, run in let_go.items()}
    for name in ("healthy", "tall", "heavy"):
        assert told[name] == [
            "After the calf cuff was let go, standing, blood ran back in no vein outside the cuff for longer than is "
            "published of healthy legs (1 s in the femoral and popliteal veins, 0.5 s in the others): no reflux."
        ]
    (varicose,) = told["mild-varicose"]
    assert "great saphenous, thigh (" in varicose
    assert "limit 0.5 s)" in varicose
    assert "femoral" not in varicose.replace("common femoral", "")
    (deep,) = told["deep-reflux"]
    assert float(deep.partition(", femoral (")[2].partition(" s;")[0]) > 1.0
    assert "limit 1 s)" in deep
    assert "saphenous" not in deep


def test_each_vein_has_its_own_limit(let_go: dict[str, Any]) -> None:
    places = ("great saphenous, thigh", "posterior tibial", "deep femoral", "femoral", "popliteal", "perforator, Dodd")
    limits = [let_go["healthy"].measure(f"reflux duration in {place}").published.high for place in places]
    assert limits == [0.5, 0.5, 0.5, 1.0, 1.0, 0.35]


def test_no_probe_fits_under_the_cuff(let_go: dict[str, Any]) -> None:
    with pytest.raises(MeasureError, match="lies under the cuff"):
        let_go["healthy"].measure("reflux duration in soleal sinuses, low")
    # Under the cuff blood runs back into what it emptied for 0.9 s in a healthy leg; outside it, for less than half.
    assert float(let_go["healthy"].measure("reflux duration in great saphenous, calf")) < 0.45


def test_walking_tells_nothing_of_reflux() -> None:
    walked = SimpleNamespace(
        bodies=[SimpleNamespace(legs="one", segments={"popliteal": SimpleNamespace(kind="deep")})],
        phases=phases(("standing", "stand", 60.0, "standing"), ("walking", "walk", 60.0, "standing")),
        branches={},
    )
    assert reflux.told(walked, 0) == []


def test_straining_is_told_with_its_posture_and_without_a_verdict() -> None:
    run = vl.simulate(["healthy", "mild-varicose"], "valsalva")
    (healthy,), (varicose,) = (reflux.told(run, member) for member in range(2))
    assert healthy.startswith("While the person strained, tilted 30 deg, blood ran back in no vein for longer than 0.")
    assert "great saphenous, thigh (" in varicose
    for text in (healthy, varicose):
        assert text.endswith("limits are published for a cuff let go while standing.")


# ------------------------------------------------------------------ what was done


def test_treatments_are_found_with_what_was_before_them() -> None:
    found = treatments(
        phases(
            ("lying", "lie", 300.0, "lying"),
            ("ask the questions again", "massage", 60.0, "lying"),
            ("massage: pump, calf", "massage", 120.0, "lying"),
            ("rest", "massage", 30.0, "lying"),
            ("stocking on", "wear", 20.0, "lying"),
            ("standing", "stand", 60.0, "standing"),
            ("ten tiptoes", "tiptoes", 10.0, "standing"),
            ("standing", "stand", 50.0, "standing"),
            ("walking", "walk", 600.0, "standing"),
            ("stocking off", "remove", 20.0, "standing"),
            ("standing", "stand", 60.0, "standing"),
        )
    )
    assert [(one.what, one.start, one.stop, one.before) for one in found] == [
        ("massage", 360.0, 510.0, (0.0, 360.0)),
        ("stocking", 510.0, 1250.0, (510.0, 510.0)),
        ("walk", 650.0, 1250.0, (600.0, 650.0)),
    ]
    worn, walked = found[1:]
    assert (worn.during, worn.at_end) == (
        "While the stocking was worn (12 min 20 s)",
        "At the end of wearing the stocking",
    )
    assert (walked.during, walked.at_end) == ("During the walk (10 min)", "At the end of the walk")
    pumped = phases(("sleeve", "sleeve", 60.0, "lying"), ("lying", "lie", 60.0, "lying"))
    assert [(one.what, one.stop) for one in treatments(pumped)] == [("pneumatic sleeve", 60.0)]
    assert treatments(phases(("lying", "lie", 300.0, "lying"))) == []


def made_up(lymph: float, fluid: float) -> Any:
    """Ten minutes of lying, ten of massage in which lymph changes by so much and fluid by so much."""
    time = np.arange(10.0, 1201.0, 10.0)
    hands = time > 600.0
    traces = {
        "lymph formed": 10.0 + lymph * hands,
        "tissue water in leg": 2000.0 + fluid * np.clip((time - 600.0) / 600.0, 0.0, 1.0),
        "volume of lower leg": np.full(len(time), np.nan),
    }

    def measure(name: str) -> Any:
        if name not in traces:
            raise MeasureError("not here")
        return SimpleNamespace(trace=SimpleNamespace(time=time, values=traces[name][:, None]))

    done = phases(("lying", "lie", 600.0, "lying"), ("massage: pump, calf", "massage", 600.0, "lying"))
    return SimpleNamespace(phases=done, measure=measure)


@pytest.mark.parametrize(
    ("lymph", "fluid", "told"),
    [
        (
            8.0,
            -12.0,
            [
                "During the massage (10 min) 18 mL of lymph an hour formed, 8 mL more than in the 10 min before it "
                "(10 mL an hour); whether a clinic could measure this is not known.",
                "At the end of the massage the tissue fluid of the leg was 12 mL less than at its beginning (2000 mL); "
                "a clinic could not measure this.",
            ],
        ),
        (
            -3.0,
            -300.0,
            [
                "During the massage (10 min) 7 mL of lymph an hour formed, 3 mL less than in the 10 min before it "
                "(10 mL an hour); whether a clinic could measure this is not known.",
                "At the end of the massage the tissue fluid of the leg was 300 mL less than at its beginning "
                "(2000 mL); a clinic could measure this.",
            ],
        ),
        (
            0.0,
            0.0,
            [
                "During the massage (10 min) 10 mL of lymph an hour formed, as much as in the 10 min before it "
                "(10 mL an hour).",
                "At the end of the massage the tissue fluid of the leg was as much as at its beginning (2000 mL).",
            ],
        ),
    ],
)
def test_what_a_massage_changed(lymph: float, fluid: float, told: list[str]) -> None:
    assert changes(made_up(lymph, fluid), 0) == [*told, CAUTION]


# ------------------------------------------------------------------ a real massage, and two beside each other


@pytest.fixture(scope="module")
def massaged() -> Any:
    return report.summarise(vl.simulate("mild-varicose", SHORT))


def test_a_massage_is_told_first_with_panels_and_the_gate(massaged: Any, tmp_path: Path) -> None:
    first, *others = massaged.sentences[0]
    assert first.startswith("During the massage (")
    assert "mL of lymph an hour formed, " in first
    assert first.endswith("a clinic could measure this is not known.")
    assert all("a clinic could" in text or ", as much as" in text or " was as much as" in text for text in others[:3])
    assert others[3] == CAUTION
    (gate,) = massaged.gate
    assert gate.startswith(
        "The document of mild-varicose says of the left leg: symptoms heaviness; skin intact; CEAP C2s Ep As(GSVa,GSVb)"
    )
    tissue, lymph = (massaged.view.panel[key] for key in ("tissue", "lymph"))
    assert [series.name for series in tissue.series] == ["foot", "ankle", "calf", "knee", "thigh"]
    assert all(series.values.shape == (len(massaged.view.time), 1) for series in (*tissue.series, *lymph.series))
    assert np.all(np.abs(sum(series.values[0] for series in tissue.series)) < 1.0)
    assert np.all(lymph.series[0].values > 0.0)
    content = report.write_all(None, tmp_path, run_summary=massaged)
    text = (tmp_path / "report.html").read_text("utf-8")
    assert text.index("Nothing in it stops the simulation of massage") < text.index("In short")
    assert text.index("During the massage") < text.index("What was read")
    assert content["gate"]["mild-varicose"] == gate
    assert (tmp_path / "figures" / "lymph.svg").is_file()


def test_of_a_facial_the_document_of_the_face_is_told() -> None:
    phase = Phase("massage: circles", "massage", 0.0, 60.0)
    body = SimpleNamespace(person=vl.load_person("puffy-morning"))
    run = SimpleNamespace(
        start=None, answers=None, override=None, phases=[phase], bodies=[body], regimen=load_regimen("eyes-only")
    )
    assert gate_outcome(run, 0).startswith(
        "The document of puffy-morning says of the face: symptoms puffiness; skin intact. Nothing in it stops"
    )


def test_who_would_be_refused_is_said_to_be() -> None:
    person = vl.load_person("mild-varicose").document()
    person["legs"]["left"]["symptoms"] = ["pain"]
    found = report.summarise(vl.simulate(person, SHORT, research_override="to see what <strokes> do"))
    (gate,) = found.gate
    assert gate.startswith("Would be refused: massage is not simulated for 'mild-varicose': left leg: pain")
    assert gate.endswith("It was simulated for this recorded reason: to see what <strokes> do")
    assert "to see what &lt;strokes&gt; do" in page(found)


def test_runs_beside_each_other_are_one_page(massaged: Any) -> None:
    columns = sides([("one", massaged), ("other", massaged)])
    assert [one.label for one in columns] == ["one", "other"]
    text = beside(columns)
    assert text.startswith("<!doctype html>")
    assert text.count("<svg") == len(massaged.view.panels)
    assert not re.search(r"url\((?!#)|@import|<script|<link|src=|href=\"(?!#)", text)
    assert text.count("mL of lymph an hour formed") == 2
    assert "Not a medical device" in text
    assert len(text) < 3_000_000
    json.dumps([one.member_label for one in columns])
