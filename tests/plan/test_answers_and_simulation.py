"""Treatment simulated for somebody who answered the questions of screening: what a plan refuses is refused."""

from __future__ import annotations

import datetime as dt
import json
from importlib import import_module
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from typer.testing import CliRunner

import venolymph as vl
from screening.people import QUESTIONS, TODAY, benign, candidates, document
from small.recorded import rested
from venolymph import comparison, documents
from venolymph.cli import app
from venolymph.errors import DocumentError, SimulationError
from venolymph.plan import PlanRefused, plan
from venolymph.plan.gate import gate
from venolymph.regimen import load_regimen
from venolymph.screening import Answers, fhir, load_answers
from venolymph.simulation import driver
from venolymph.simulation.continuing import continue_run
from venolymph.simulation.folder import RunFolder
from venolymph.simulation.labels import Labels

GATE = import_module("venolymph.plan.gate")
SHORT, SHAM = load_regimen("leg-massage-short"), load_regimen("leg-sham")
STOCKING = load_regimen("stocking-class-1")
LATER = TODAY + dt.timedelta(days=1)
WELL = {"symptoms": ["heaviness"], "skin": "intact", "ceap": "C2"}


def person(label: str = "A-17", **left: Any) -> Any:
    who = {"label": label, "sex": "female", "age": "52 y", "height": "168 cm", "mass": "71 kg"}
    stated = {key: value for key, value in {**WELL, **left}.items() if value is not None}
    legs = {"left": stated, "right": {**WELL}, "asked": "left"}
    return vl.load_person({"kind": "person", "version": 1, "person": who, "legs": legs})


def answers(compression: bool = True, **changes: Any) -> Answers:
    about = {key: changes.pop(key) for key in ("label", "date", "legs", "again", "clearances") if key in changes}
    return document(benign(("leg",), compression, **changes), compression=compression, **about)


def judged(given: Answers, regimen: Any = SHORT, who: Any = None, today: dt.date = TODAY) -> None:
    gate(who or person(), regimen, answers=given, today=today)


@pytest.fixture
def computed(monkeypatch: pytest.MonkeyPatch) -> list[Any]:
    """What would have been computed, on the day of the answers."""
    walked: list[Any] = []

    def walk(run: Any, *rest: Any, **more: Any) -> Any:
        walked.append(run)
        return run

    monkeypatch.setattr(driver, "run_phases", walk)
    monkeypatch.setattr(GATE, "_today", lambda: TODAY)
    return walked


def test_answers_of_today_that_allow_it_let_it_through() -> None:
    for regimen in (SHORT, SHAM, STOCKING):
        judged(answers(), regimen)
    judged(answers(legs=["left"]))
    # what is not there is not judged: a walk is no treatment
    judged(answers(P01="yes"), load_regimen("posture-and-walk"))


@pytest.mark.parametrize("regimen", [SHORT, SHAM, STOCKING], ids=["massage", "sham", "stocking"])
@pytest.mark.parametrize("wrong", [{"P01": "yes"}, {"P03": "yes"}, {"P03": "don't know"}, {"P06": "yes"}, {"C01": "C5"},
                                   {"E01": "yes"}, {"U04": "yes"}, {"P03": None}], ids=str)  # fmt: skip
def test_what_blocks_a_plan_blocks_a_simulation(wrong: dict[str, Any], regimen: Any) -> None:
    with pytest.raises(SimulationError, match="do not allow a session") as caught:
        judged(answers(**wrong), regimen)
    assert "Z01" in caught.value.message or next(iter(wrong)) in caught.value.message


def test_answers_have_to_be_of_today_of_this_person_and_this_leg() -> None:
    with pytest.raises(SimulationError):
        judged(answers(), today=TODAY + dt.timedelta(days=15))
    with pytest.raises(SimulationError):  # the questions for the day were not asked anew
        judged(answers(), today=LATER)
    anew = answers().asked_again(LATER, {name: answers().answers[name] for name in _again()})
    judged(anew, today=LATER)
    with pytest.raises(DocumentError, match="after today"):
        judged(answers(date=LATER))
    with pytest.raises(SimulationError, match="answers are of 'B-2', the document is of 'A-17'"):
        judged(answers(label="B-2"))
    with pytest.raises(SimulationError, match="left"):
        judged(answers(legs=["right"]))
    right = load_regimen({"kind": "regimen", "version": 1, "body": "leg.right", "steps": SHORT.document()["steps"]})
    with pytest.raises(SimulationError, match="right"):
        judged(answers(legs=["left"]), right)
    other = [{"wear": {"garment": "stocking", "class": "RAL I", "on": "right"}}, {"lie": {"for": "1 min"}}]
    with pytest.raises(SimulationError, match="right"):
        judged(answers(legs=["left"]), load_regimen(other))


def _again() -> list[str]:
    from venolymph.screening import rulebook

    return [name for name in rulebook().again if name in answers().answers]


def test_what_a_plan_would_leave_out_is_not_simulated() -> None:
    for regimen in (SHORT, SHAM):
        with pytest.raises(SimulationError, match=r"inner ankle, outer ankle.*P28"):
            judged(answers(P27="yes", P28=("ankle",)), regimen)
    with pytest.raises(SimulationError, match="P28"):
        judged(answers(P27="yes", P28=("ankle",)), STOCKING)
    # arteries that were not measured take the compression out and leave the massage
    judged(answers(P14="don't know"), SHORT)
    with pytest.raises(SimulationError, match="compression"):
        judged(answers(P14="don't know"), STOCKING)


FACIAL = load_regimen("facial-after-a-night")


def with_face() -> Any:
    """The person with good skin of the face, of which nothing is felt."""
    return vl.load_person({**person().document(), "face": {"symptoms": ["none"], "skin": "intact"}})


def of_face(regions: tuple[str, ...] = ("face",), **changes: Any) -> Answers:
    """Answers about a session for these regions."""
    return document(benign(regions, False, **changes), regions, legs=["left", "right"] if "leg" in regions else [])


def test_answers_about_a_face_that_allow_it_let_massage_of_it_through() -> None:
    judged(of_face(), FACIAL, with_face())
    judged(of_face(("leg", "face")), FACIAL, with_face())


@pytest.mark.parametrize(
    "wrong",
    [
        {"P01": "yes"},
        {"P01": "don't know"},
        {"F04": "boil, shingles, tooth abscess or sinus pain with fever"},
        {"F04": "cold sore or stye"},
        {"F13": "yes"},
        {"U04": "yes"},
        {"F08": "yes"},
        {"F08": "don't know"},
        {"U12": "yes"},
        {"U14": "yes"},
        {"P18": "yes"},
        {"P18": "don't know"},
        {"U11": "yes"},
        {"P18": None},
        {"F13": None},
    ],
    ids=str,
)
def test_what_blocks_a_plan_for_a_face_blocks_a_simulation(wrong: dict[str, Any], computed: list[Any]) -> None:
    for said in (of_face(**wrong), of_face(("leg", "face"), **wrong)):
        for door in (
            lambda said=said: judged(said, FACIAL, with_face()),
            lambda said=said: vl.simulate(with_face(), FACIAL, answers=said),
            lambda said=said: vl.predict(with_face(), FACIAL, ["ankle pressure"], answers=said),
            lambda said=said: continue_run(rested(with_face(), answers=said), FACIAL),
            lambda said=said: comparison.compare(with_face(), ["face-sitting", FACIAL], answers=said),
        ):
            with pytest.raises(SimulationError, match="do not allow a session") as caught:
                door()
            assert "Z01" in caught.value.message or next(iter(wrong)) in caught.value.message
    assert computed == []


def test_answers_about_another_region_do_not_open_a_face() -> None:
    for regions in (("leg",), ("neck",), ("abdomen",)):
        with pytest.raises(SimulationError, match="do not allow a session"):
            judged(of_face(regions), FACIAL, with_face())


def test_a_place_of_the_face_that_a_plan_would_leave_out_is_not_simulated() -> None:
    for changes in ({"F06": "yes", "F12": ("cheek",)}, {"F01": 3.0, "F09": ("lips",)}):
        with pytest.raises(SimulationError, match=f"the answers leave something out: .*{list(changes)[1]}"):
            judged(of_face(**changes), FACIAL, with_face())


@pytest.mark.parametrize(
    "stated",
    [
        {"skin": "eczema", "ceap": None},
        {"ceap": "C4a", "skin": "pigmentation"},
        {"ceap": "C3"},
        {"symptoms": ["swelling"]},
    ],
    ids=str,
)
def test_a_document_and_answers_that_contradict_each_other_are_refused(stated: dict[str, Any]) -> None:
    gate(person(**stated), SHORT)
    with pytest.raises(SimulationError, match=r"its document says .*, and the answers do not"):
        judged(answers(), who=person(**stated))


def pregnant(weeks: str | None, sex: str = "female") -> Any:
    found = person().document()
    found["person"] |= {"sex": sex, "age": "31 y"} | ({"pregnancy": weeks} if weeks else {})
    return vl.load_person(found)


def test_a_pregnancy_that_answers_do_not_say_is_refused() -> None:
    """However harmless the answers are, and whichever of the two says less."""
    for said in ("no", "does not apply", "birth in the last 6 weeks", "don't know", None):
        for regimen in (SHORT, STOCKING):
            with pytest.raises(SimulationError, match="its document says pregnancy, 30 weeks, and the answers do not"):
                judged(answers(M09=said), regimen, who=pregnant("30 weeks"))
    with pytest.raises(SimulationError, match="pregnancy, 30 weeks, and the answers say 'weeks 14 to 20'"):
        judged(answers(M09="weeks 14 to 20"), who=pregnant("30 weeks"))
    with pytest.raises(SimulationError, match="pregnancy, 13 weeks, and the answers say 'after week 20'"):
        judged(answers(M09="after week 20"), who=pregnant("13 weeks"))
    with pytest.raises(SimulationError, match="its document says male, and the answers say 'weeks 14 to 20'"):
        judged(answers(M09="weeks 14 to 20"), who=pregnant(None, "male"))


def test_a_pregnancy_that_both_say_is_judged_as_a_plan_would() -> None:
    """The first weeks are for a doctor; later a doctor or midwife has to agree."""
    agreed = {"by": "Dr A, obstetrician", "date": TODAY, "for": ["M09"]}
    for said, weeks in (("weeks 1 to 13", "10 weeks"), ("weeks 14 to 20", "18 weeks"), ("after week 20", "30 weeks")):
        with pytest.raises(SimulationError, match="do not allow"):
            judged(answers(M09=said), STOCKING, who=pregnant(weeks))
    for who in (pregnant("18 weeks"), pregnant(None)):
        judged(answers(M09="weeks 14 to 20", clearances=[agreed]), STOCKING, who=who)
    for who in (pregnant("30 weeks"), pregnant(None)):
        with pytest.raises(SimulationError, match=r"the answers leave something out: .*M09"):
            judged(answers(M09="after week 20", clearances=[agreed]), SHORT, who=who)


@pytest.mark.parametrize("stated", [{"skin": "ulcer", "ceap": "C6"}, {"symptoms": ["pain"]}], ids=str)
def test_harmless_answers_do_not_open_what_the_document_stops(stated: dict[str, Any]) -> None:
    with pytest.raises(SimulationError, match="Seek medical treatment"):
        judged(answers(), who=person(**stated))
    for who in (person(), person(**stated)):
        with pytest.raises(SimulationError, match="a reason and answers at once"):
            gate(who, SHORT, "a study that was approved", answers=answers(), today=TODAY)


@settings(max_examples=60, deadline=None)
@given(
    st.dictionaries(st.sampled_from([rule.id for rule in QUESTIONS]), st.integers(0, 50), max_size=3),
    st.sampled_from(["object", "json", "yaml", "fhir"]),
)
def test_nothing_is_simulated_that_is_not_planned(changes: dict[str, int], form: str) -> None:
    """Over answers as text: where a plan is refused or something is changed, so is the simulation."""
    rules = {rule.id: rule for rule in QUESTIONS}
    picked = {key: candidates(rules[key])[pick % len(candidates(rules[key]))] for key, pick in changes.items()}
    given = answers(False, **picked)
    text = json.dumps(given.document()) if form == "json" else documents.write(given.document())
    if form in ("json", "yaml"):
        given = load_answers(documents.parse(text)[0])
    elif form == "fhir":
        given = fhir.read_response(json.loads(json.dumps(fhir.response(given))))
    try:
        made = plan("leg-massage-short", given, today=TODAY, leg="left")
    except PlanRefused:
        made = None
    if made is None or any(change.rules for change in made.changes):
        with pytest.raises(SimulationError):
            judged(given)
    else:
        judged(given)


def test_every_door_takes_answers(computed: list[Any], tmp_path: Path) -> None:
    wrong, right = answers(P01="yes"), answers()
    for door in (
        lambda given: vl.simulate(person(), SHORT, answers=given),
        lambda given: vl.simulate([person(), person()], SHORT, answers=given.document()),
        lambda given: vl.simulate(vl.leg_body(person()), SHORT, answers=given),
    ):
        door(right)
        with pytest.raises(SimulationError, match="do not allow"):
            door(wrong)
    assert len(computed) == 3
    assert computed[0].answers == right
    for door in (
        lambda: vl.predict(person(), SHORT, ["ankle pressure"], answers=wrong),
        lambda: comparison.compare(person(), ["rest", SHORT], answers=wrong),
        lambda: continue_run(rested(person(), answers=wrong), SHORT),
        lambda: vl.simulate([person(), "mild-varicose"], SHORT, answers=right),
    ):
        with pytest.raises(SimulationError):
            door()


def test_the_command_line_takes_answers(computed: list[Any], tmp_path: Path) -> None:
    who, wrong, form = tmp_path / "who.yaml", tmp_path / "wrong.yaml", tmp_path / "form.json"
    who.write_text(person().to_yaml(), "utf-8")
    wrong.write_text(documents.write(answers(P03="yes").document()), "utf-8")
    form.write_text(json.dumps(fhir.response(answers(P01="yes"))), "utf-8")
    for file in (wrong, form):
        for words in (
            ["run", str(who), "leg-massage-short"],
            ["compare", "-p", str(who), "-r", "rest", "leg-massage-short"],
            ["compare", "-p", str(who), "-r", "posture-and-walk", "leg-massage-short"],
        ):
            done = CliRunner().invoke(app, [*words, "--answers", str(file), "--out", str(tmp_path / "out")])
            assert (done.exit_code, done.stdout) == (2, "")
            assert "do not allow a session" in done.stderr
            assert not (tmp_path / "out").exists()
    done = CliRunner().invoke(app, ["run", "--resume", str(tmp_path), "--answers", str(wrong)])
    assert "takes everything from the folder" in done.stderr
    done = CliRunner().invoke(app, ["run", "--resume", str(tmp_path), "--research-override", "a reason in words"])
    assert "takes everything from the folder" in done.stderr
    assert computed == []


def test_answers_are_kept_with_the_run_and_judged_again(
    computed: list[Any], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A run that was allowed on one day does not go on with the answers of that day on another."""
    names = {name: [] for name in ("cell", "face", "valve", "bed", "surrounding")} | {"member": ["A-17"]}
    own = {"phases": 2, "legs": "one", "override": None, "parameters": None, "tissue": False}
    own["answers"] = answers().document()
    RunFolder.create(tmp_path / "run", [person().to_yaml()], SHORT.to_yaml(), own, labels=Labels(names)).close()
    assert vl.open_run(tmp_path / "run").answers == answers()
    vl.resume(tmp_path / "run")
    assert len(computed) == 1
    monkeypatch.setattr(GATE, "_today", lambda: LATER)
    with pytest.raises(SimulationError):
        vl.resume(tmp_path / "run")
