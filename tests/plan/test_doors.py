"""Every door to a simulated treatment, and the ways round the gate that were found: each is shut."""

from __future__ import annotations

import html
import json
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from typer.testing import CliRunner

import venolymph as vl
from screening.people import TODAY, benign
from screening.people import document as answers
from small.recorded import rested
from venolymph import comparison, documents, massage
from venolymph.cli import app
from venolymph.errors import DocumentError, RunError, SimulationError
from venolymph.massage import Session, load_session
from venolymph.plan import Plan, PlanRefused, as_json, markdown, plan_for, sheet, text
from venolymph.plan.gate import gate, treats
from venolymph.regimen import load_regimen
from venolymph.screening import assess
from venolymph.simulation import driver
from venolymph.simulation.continuing import continue_run
from venolymph.simulation.folder import RunFolder
from venolymph.simulation.folder_reading import open_folder
from venolymph.simulation.labels import Labels

WELL: dict[str, Any] = {"symptoms": ["heaviness"], "skin": "intact"}
STOPPED = [
    {"symptoms": ["pain"]},
    {"symptoms": ["heaviness", "cramps"]},
    {"skin": "ulcer"},
    {"skin": "healed ulcer"},
    {"ceap": "C5", "skin": None},
    {"ceap": " c6r esi", "skin": None},
    {"ceap": "C2,4b,6", "skin": "ulcer"},
]
CHAMBERS = [{"over": ["foot", "ankle"], "pressure": "45 mmHg"}]
TREATMENTS: list[Any] = [
    "leg-massage-short",
    "leg-sham",
    [{"lie": {"for": "1 min"}}, {"massage": {"stroke": "pump", "at": "inner thigh", "toward": "belly"}}],
    [{"regimen": {"steps": [{"regimen": {"steps": ["lie", {"massage": "leg-massage-short"}]}}], "times": 2}}],
    [{"wear": {"garment": "stocking", "class": "RAL I", "steps": [{"lie": {"for": "1 min"}}]}}],
    [{"wear": "short-stretch-bandage"}, {"lie": {"for": "1 min"}}],
    [{"regimen": "stocking-class-1"}],
    [{"lie": {"for": "1 min"}}, {"sleeve": {"chambers": CHAMBERS, "for": "30 min"}}],
]


def document(right: Any = WELL, **left: Any) -> dict[str, Any]:
    who = {"label": "somebody", "sex": "female", "age": "52 y", "height": "168 cm", "mass": "71 kg"}
    legs = {"left": {**WELL, **left}, "right": right, "asked": "left"}
    # nothing is shared between the legs: YAML would write that as an anchor
    return {"kind": "person", "version": 1, "person": who, "legs": json.loads(json.dumps(legs))}


STOPPED_FACES = [
    {"skin": "broken"},
    {"skin": "infected"},
    {"skin": "inflamed"},
    {"symptoms": ["swelling on one side"]},
    {"symptoms": ["puffiness", "pain"]},
    {"symptoms": ["tenderness"]},
    {"symptoms": ["burning"]},
    {"left": {"operated": ["submental"]}},
    {"right": {"irradiated": True}},
]
FACIALS: list[Any] = [
    "eyes-only",
    "facial-after-a-night",
    {"kind": "regimen", "version": 1, "body": "face", "steps": ["lie", {"massage": "facial-sham"}]},
    {"kind": "regimen", "version": 1, "body": "face", "steps": [{"regimen": "facial-after-a-night"}]},
]


def with_face(**face: Any) -> dict[str, Any]:
    """Somebody with good legs and such a face."""
    return {**document(), "face": {"symptoms": ["none"], "skin": "intact", **face}}


def shut(door: Callable[[], Any]) -> None:
    """The door does not open, and says why."""
    with pytest.raises(SimulationError, match="is not simulated for 'somebody'"):
        door()


@pytest.fixture(autouse=True)
def computed(monkeypatch: pytest.MonkeyPatch) -> list[Any]:
    """What would have been computed: nothing is, in these tests."""
    walked: list[Any] = []

    def walk(run: Any, *rest: Any, **more: Any) -> Any:
        walked.append(run)
        return run

    monkeypatch.setattr(driver, "run_phases", walk)
    return walked


# ------------------------------------------------------------------ doors in Python


@pytest.mark.parametrize("regimen", TREATMENTS, ids=range(len(TREATMENTS)))
@pytest.mark.parametrize("wrong", STOPPED, ids=str)
def test_every_door_is_shut_for_a_person_who_is_stopped(
    wrong: dict[str, Any], regimen: Any, computed: list[Any], tmp_path: Path
) -> None:
    for who in (document(**wrong), document(right={**WELL, **wrong})):
        shut(lambda who=who: vl.simulate(who, regimen, out=tmp_path / "run"))
        shut(lambda who=who: vl.simulate(["mild-varicose", who], regimen))
        shut(lambda who=who: vl.predict(who, regimen, ["ankle pressure"]))
        shut(lambda who=who: continue_run(rested(who), regimen))
        shut(lambda who=who: comparison.compare(who, ["rest", regimen]))
    assert computed == []
    assert not (tmp_path / "run").exists()


@pytest.mark.parametrize("regimen", FACIALS, ids=range(len(FACIALS)))
@pytest.mark.parametrize("wrong", STOPPED_FACES, ids=str)
def test_every_door_is_shut_for_a_face_that_is_stopped(
    wrong: dict[str, Any], regimen: Any, computed: list[Any], tmp_path: Path
) -> None:
    """Whether the massage is of the face or, as all massage touches the neck, of a leg."""
    who, well = with_face(**wrong), with_face()
    well["person"] = {**well["person"], "label": "another"}
    for treatment in (regimen, "leg-massage-short"):
        shut(lambda treatment=treatment: vl.simulate(who, treatment, out=tmp_path / "run"))
        shut(lambda treatment=treatment: vl.simulate([well, who], treatment))
        shut(lambda treatment=treatment: vl.predict(who, treatment, ["ankle pressure"]))
        shut(lambda treatment=treatment: continue_run(rested(who), treatment))
        shut(lambda treatment=treatment: comparison.compare(who, ["rest", treatment]))
    shut(lambda: vl.simulate(vl.leg_body(vl.load_person(who)), "leg-massage-short"))
    assert computed == []
    assert not (tmp_path / "run").exists()


@pytest.mark.parametrize("regimen", ["eyes-only", "leg-massage-short"])
def test_a_face_that_nothing_stops_gets_through(regimen: str, computed: list[Any]) -> None:
    vl.simulate(with_face(), regimen)
    assert len(computed) == 1


@pytest.mark.parametrize("missing", ["symptoms", "skin"])
def test_a_face_that_is_not_stated_is_not_massaged(missing: str, computed: list[Any]) -> None:
    for regimen in FACIALS:
        for who in (with_face(**{missing: None}), document()):
            shut(lambda who=who, regimen=regimen: vl.simulate(who, regimen))
    assert computed == []


@pytest.mark.parametrize("regimen", TREATMENTS, ids=range(len(TREATMENTS)))
def test_a_person_whom_nothing_stops_gets_through(regimen: Any, computed: list[Any]) -> None:
    vl.simulate(document(), regimen)
    vl.simulate("mild-varicose", regimen)
    assert len(computed) == 2


def test_a_body_made_beforehand_and_a_forcing_do_not_open_it() -> None:
    body = vl.leg_body(vl.load_person(document(skin="ulcer")))
    shut(lambda: vl.simulate(body, "leg-massage-short"))
    shut(lambda: vl.simulate(body, "leg-massage-short", parameters=body.parameters, forcing=lambda _, drive: drive))
    shut(lambda: vl.simulate(document(skin="ulcer"), "leg-massage-short", legs="both"))


def test_a_body_of_the_other_leg_is_not_taken_for_the_one_that_is_treated() -> None:
    body = vl.leg_body(vl.load_person(document()).with_index_side("left"))
    for session in ("leg.right", "leg"):
        steps: list[Any] = ["lie", {"massage": {"body": session, "screening": "leg", "like": "leg-massage-short"}}]
        right = {"kind": "regimen", "version": 1, "body": "leg" if session == "leg.right" else "leg.right"}
        with pytest.raises(SimulationError, match="the body is that of the left one"):
            vl.simulate(body, {**right, "steps": steps})


def test_a_session_for_one_leg_is_done_on_that_leg(computed: list[Any]) -> None:
    """The leg that a session names has to be stated, and is the one that is simulated."""
    steps = ["lie", {"massage": {"body": "leg.right", "screening": "leg", "like": "leg-massage-short"}}]
    assert load_regimen(steps).side == "right"
    with pytest.raises(SimulationError, match="right leg"):
        vl.simulate(document(right="healthy"), steps)
    vl.simulate(document(), steps)
    assert computed[0].body.person.index_side == "right"
    both = [*steps, {"massage": {"body": "leg.left", "screening": "leg", "like": "leg-massage-short"}}]
    assert load_regimen(both).side is None
    # each leg that a hand is put on has to be stated
    for unstated, said in (("left", document(skin=None)), ("right", document(right="healthy"))):
        with pytest.raises(SimulationError, match=f"{unstated} leg, so pain"):
            vl.simulate(said, both, legs="both")
    with pytest.raises(SimulationError, match="few lumps"):
        vl.simulate(document(), both)
    vl.simulate(document(), both, legs="both")


def test_what_is_put_together_past_the_checks_is_read_again() -> None:
    person = vl.load_person(document())
    for change in ({"skin": "Ulcer"}, {"symptoms": ("Pain",)}, {"symptoms": "pain"}, {"skin": "ulcer "}):
        left = person.legs.left.model_copy(update=change)
        odd = person.model_copy(update={"legs": person.legs.model_copy(update={"left": left})})
        with pytest.raises((DocumentError, SimulationError)):
            gate(odd, load_regimen("leg-massage-short"))
    massage = load_regimen("leg-massage-short")
    for regimen in (
        massage.model_copy(update={"purpose": "experiment"}),
        load_regimen(["lie"]).model_copy(update={"steps": massage.steps}),
        type(massage).model_construct(steps=massage.steps, body="leg", purpose="experiment"),
    ):
        assert treats(regimen)
        shut(lambda regimen=regimen: gate(vl.load_person(document(skin="ulcer")), regimen))


def test_instruments_and_postures_are_no_treatment(computed: list[Any]) -> None:
    for regimen in ("occlusion-test", "plethysmography", "posture-and-walk", "raise-legs"):
        assert not treats(load_regimen(regimen))
        vl.simulate(document(skin="ulcer", symptoms=["pain"]), regimen)
    assert len(computed) == 4


CLASSES = ["C0", "C2", "C2,3", "C5", "C6", "C6r", "C4b,6r", "C2,3,5", "C5,s", "C5s Es", "C6 En An Pn", "C2,S,Ep,As,Pr"]
STATEMENTS = st.fixed_dictionaries(
    {},
    optional={
        "symptoms": st.lists(
            st.sampled_from(["none", "heaviness", "pain", "cramps", "burning"]), min_size=1, max_size=3, unique=True
        ),
        "skin": st.sampled_from(["intact", "dry", "ulcer", "healed ulcer"]),
        "ceap": st.builds(
            lambda text, before, after, lower: before + (text.lower() if lower else text) + after,
            st.sampled_from(CLASSES), st.sampled_from(["", " "]), st.sampled_from(["", " ", "  "]), st.booleans(),
        ),
    },
)  # fmt: skip


@settings(max_examples=200, deadline=None)
@given(
    st.fixed_dictionaries({"left": STATEMENTS, "right": STATEMENTS}),
    st.sampled_from(["left", "right"]),
    st.sampled_from(TREATMENTS),
    st.sampled_from(["yaml", "json", "mapping"]),
)
def test_whatever_states_an_ulcer_or_pain_is_refused(legs: Any, asked: str, regimen: Any, form: str) -> None:
    """Over documents as text, not only over objects: a person with any of it on either leg is never treated."""
    whole = {**document(), "legs": {**legs, "asked": asked}}
    text = documents.write(whole) if form == "yaml" else json.dumps(whole)
    stated = any(
        {"pain", "cramps", "burning"} & set(leg.get("symptoms", ()))
        or "ulcer" in leg.get("skin", "")
        or any(digit in leg.get("ceap", "") for digit in "56")
        for leg in legs.values()
    )
    try:
        person = vl.load_person(whole if form == "mapping" else documents.parse(text)[0])
    except DocumentError:
        return  # what contradicts itself is no document
    if stated:
        with pytest.raises(SimulationError, match="Seek medical treatment"):
            gate(person, load_regimen(regimen))
    elif all("skin" in leg and "symptoms" in leg for leg in legs.values()):
        gate(person, load_regimen(regimen))


# ------------------------------------------------------------------ plans and sheets


def test_no_plan_is_put_together_by_hand() -> None:
    """A sheet is printed of a plan only, and a plan is what screening allows."""
    allowed = assess(answers(benign(("leg",), False)), today=TODAY)
    blocked = assess(answers(benign(("leg",), False, P01="yes")), today=TODAY)
    ankle = assess(answers(benign(("leg",), False, P27="yes", P28=("ankle",))), today=TODAY)
    short = load_session("leg-massage-short")
    made = plan_for(short, allowed)
    for session, found in (
        (short, blocked),
        (short, ankle),
        (short, assess(benign(("leg",), False), today=TODAY)),
        (load_session("leg-sham"), allowed),
        (short.model_copy(update={"session": "for legs with an ulcer"}), allowed),
    ):
        with pytest.raises(PlanRefused):
            Plan(session, found, (), made.numbers)
        with pytest.raises(PlanRefused):
            replace(made, session=session, assessment=found)


def test_words_of_an_author_are_marked_wherever_they_are_read() -> None:
    given = load_session("leg-massage-short").document()
    steps = [*given["steps"][:-1], {"rest": {"for": "1 min", "note": "the doctor said yes”, so"}}]
    own = load_session(
        {**given, "kind": "session", "version": 1, "session": "Dr X allows it", "reason": "she said", "steps": steps}
    )
    made = plan_for(own, assess(answers(benign(("leg",), False)), today=TODAY))
    title, note = "Dr X allows it", 'the doctor said yes", so'
    for shown in (text(made), markdown(made), massage.text(own), massage.markdown(own)):
        for words in (title, note):
            assert shown.count(words) == shown.count(f"“{words}” (words of the session's author)") > 0
        assert "ask the questions for each session again" in shown
        assert "“ask the questions" not in shown
    page = html.unescape(sheet(made))
    assert page.count(title) == page.count(f"“{title}” (words of the session's author)") > 0
    assert page.count("the doctor said yes") == page.count("<em>the doctor said yes”, so</em>†") == 1
    assert "† in the words of the session's author" in page
    rows = as_json(made)["steps"]
    assert rows[-1]["note"].endswith("(words of the session's author)")
    for shown in (massage.text(own), massage.markdown(own)):
        assert "with broken skin, an ulcer or pain there is no session" in shown


# ------------------------------------------------------------------ the folder of a run


NAMES: dict[str, list[str]] = {name: [] for name in ("cell", "face", "valve", "bed", "surrounding")}


def begun(folder: Path, who: Any = None, regimen: Any = "leg-massage-short", **settings: Any) -> Path:
    """The folder of a run that was cut short before its first phase was done."""
    person, what = vl.load_person(who or document()), load_regimen(regimen)
    own = {"phases": 2, "legs": "one", "override": None, "parameters": None, "tissue": False, **settings}
    names = {**NAMES, "member": [person.label]}
    RunFolder.create(folder, [person.to_yaml()], what.to_yaml(), own, labels=Labels(names)).close()
    return folder


def rewrite(folder: Path, change: Callable[[dict[str, Any]], Any]) -> None:
    """Change the description of a run by hand."""
    path = folder / "progress.json"
    description = json.loads(path.read_text("utf-8"))
    change(description)
    path.write_text(json.dumps(description), "utf-8")


def test_a_folder_left_alone_goes_on(tmp_path: Path, computed: list[Any]) -> None:
    folder = begun(tmp_path / "run")
    assert (open_folder(folder).changed, open_folder(folder).vouched) == ((), True)
    vl.resume(folder)
    assert len(computed) == 1


def test_resume_passes_the_gate_again(tmp_path: Path, computed: list[Any]) -> None:
    """A folder of somebody who may not be treated does not go on, however it came to be."""
    for number, wrong in enumerate(STOPPED):
        folder = begun(tmp_path / f"run{number}", document(**wrong))
        shut(lambda folder=folder: vl.resume(folder))
        done = CliRunner().invoke(app, ["run", "--resume", str(folder)])
        assert done.exit_code == 2
        assert "is not simulated for" in done.stderr
    assert computed == []
    vl.resume(begun(tmp_path / "reason", document(skin="ulcer"), override="a study that was approved"))
    assert len(computed) == 1


def _person(text: str, new: str) -> Callable[[dict[str, Any]], None]:
    def change(description: dict[str, Any]) -> None:
        description["people"] = [one.replace(text, new) for one in description["people"]]

    return change


CHANGES: dict[str, tuple[str, Callable[[dict[str, Any]], Any]]] = {
    "ulcer taken out": ("person-1.yaml", _person("skin: ulcer", "skin: intact")),
    "ulcer put in": ("person-1.yaml", _person("skin: intact", "skin: ulcer")),
    "somebody else": ("person-1.yaml", _person("52 y", "53 y")),
    "massage put in": ("regimen.yaml", lambda d: d.update(regimen=load_regimen("leg-massage").to_yaml())),
    "a reason made up": ("settings", lambda d: d["settings"].update(override="because I say so")),
    "a person left out": ("person-1.yaml", lambda d: d.update(people=[])),
}


@pytest.mark.parametrize("name", CHANGES)
def test_a_folder_whose_documents_were_changed_does_not_go_on(name: str, tmp_path: Path, computed: list[Any]) -> None:
    changed, change = CHANGES[name]
    folder = begun(tmp_path / "run", document(skin="ulcer") if name == "ulcer taken out" else None)
    rewrite(folder, change)
    with pytest.raises(RunError, match=f"changed since the run began: .*{changed}") as caught:
        vl.resume(folder)
    assert "new folder" in str(caught.value.hint)
    assert open_folder(folder).changed == (changed,)
    assert "does not go on" in open_folder(folder).status
    assert CliRunner().invoke(app, ["run", "--resume", str(folder)]).exit_code == 2
    assert computed == []


@pytest.mark.parametrize("name", ["person-1.yaml", "regimen.yaml"])
def test_the_documents_beside_the_description_count_too(name: str, tmp_path: Path, computed: list[Any]) -> None:
    for number, change in enumerate((lambda path: path.write_text("nothing", "utf-8"), Path.unlink)):
        folder = begun(tmp_path / f"run{number}")
        change(folder / "documents" / name)
        with pytest.raises(RunError, match=f"changed since the run began: {name}"):
            vl.resume(folder)
    assert computed == []


def test_a_treatment_of_an_earlier_version_is_run_anew(tmp_path: Path, computed: list[Any]) -> None:
    folder = begun(tmp_path / "massage")
    rewrite(folder, lambda description: description.pop("fingerprints"))
    assert (open_folder(folder).changed, open_folder(folder).vouched) == ((), False)
    with pytest.raises(RunError, match="earlier version"):
        vl.resume(folder)
    folder = begun(tmp_path / "walk", regimen="posture-and-walk")
    rewrite(folder, lambda description: description.pop("fingerprints"))
    vl.resume(folder)
    assert len(computed) == 1


def test_a_changed_folder_opens_and_says_so_and_no_treatment_follows(tmp_path: Path, computed: list[Any]) -> None:
    folder = begun(tmp_path / "run", document(skin="ulcer"), regimen="posture-and-walk")
    rewrite(folder, _person("skin: ulcer", "skin: intact"))
    run = vl.open_run(folder)
    assert run.changed == ("person-1.yaml",)
    with pytest.raises(RunError, match="no treatment goes on"):
        replace(run, records=rested(document()).records).branch("leg-massage-short")
    assert computed == []


# ------------------------------------------------------------------ purposes and ceilings


@pytest.mark.parametrize("name", ["leg-sham", "leg-massage-reversed", "leg-massage-distal-first"])
def test_what_is_like_an_experiment_is_one(name: str) -> None:
    made = Session(like=name, screening="leg")
    assert (made.purpose, made.reason) == ("experiment", load_session(name).reason)
    again = documents.check(Session, documents.parse(made.to_yaml())[0])
    assert again == made
    with pytest.raises(DocumentError, match="is an experiment and says that it is a treatment"):
        Session(like=name, screening="leg", purpose="treatment")
    inside: Any = {"massage": {"like": name, "screening": "leg", "purpose": "treatment"}}
    with pytest.raises(DocumentError, match="is an experiment"):
        load_regimen([{"regimen": {"steps": ["lie", inside]}}])


@pytest.mark.parametrize(
    "changed", [{"direction": "reversed"}, {"order": "distal first"}, {"pressure": "44 mmHg"}, {"pressure": "60 mmHg"}]
)
def test_changes_that_make_an_experiment_are_no_treatment(changed: dict[str, str]) -> None:
    with pytest.raises(DocumentError, match="is an experiment and says that it is a treatment"):
        Session(like="leg-massage", screening="leg", changed=changed)
    made = Session(like="leg-massage", screening="leg", changed=changed, purpose="experiment", reason="to see")
    assert made.experiment is not None
    light = Session(like="leg-massage", screening="leg", changed={"pressure": "10 mmHg", "stretch": 0.05})
    assert (light.purpose, light.experiment) == ("treatment", None)


def test_a_regimen_does_not_call_an_experiment_a_treatment() -> None:
    nested = {"steps": [{"regimen": {"steps": ["lie", {"massage": "leg-sham"}]}}]}
    with pytest.raises(DocumentError, match="this regimen says that it is a treatment"):
        load_regimen({"kind": "regimen", "version": 1, "purpose": "treatment", **nested})
    assert load_regimen("leg-sham").purpose == "experiment"


KNEE = {"stroke": "stationary circles", "at": "popliteal nodes", "toward": "superficial inguinal nodes"}
GROIN = {"stroke": "stationary circles", "at": "superficial inguinal nodes", "toward": "external iliac nodes"}


@pytest.mark.parametrize(
    ("more", "rule"),
    [
        ({"pressure": "44 mmHg"}, "over-ceiling"),
        ({"pressure": "20 mmHg", "repeat": 90}, "too-long-in-one-spot"),
        ({"pressure": "20 mmHg", "rhythm": {"push": "20 s", "release": "0 s"}}, "held-too-long"),
        ({"pressure": "20 mmHg", "stretch": 0.4}, "stretch-too-far"),
        ({"pressure": "20 mmHg", "for": "20 min"}, "too-long-in-one-place"),
        ({"pressure": "20 mmHg", "note": "beside the wound"}, "words-of-wounds"),
    ],
)
def test_a_treatment_that_breaks_a_rule_is_not_simulated_as_one(more: dict[str, Any], rule: str) -> None:
    steps = [{"massage": GROIN}, {"massage": {**KNEE, **more}}]
    session = {"session": "hard", "screening": "leg", "steps": steps}
    with pytest.raises(SimulationError, match=rule):
        vl.simulate("mild-varicose", ["lie", {"massage": session}])
    experiment = {**session, "purpose": "experiment", "reason": "to see what it does"}
    vl.simulate("mild-varicose", ["lie", {"massage": experiment}])


# ------------------------------------------------------------------ the command line


def test_a_batch_with_one_who_is_stopped_is_refused_whole(tmp_path: Path, computed: list[Any]) -> None:
    ulcer = tmp_path / "ulcer.yaml"
    ulcer.write_text(documents.write(document(skin="ulcer")), "utf-8")
    for regimens in (["leg-massage-short"], ["rest", "leg-massage-short"]):
        words = ["compare", "-p", "mild-varicose", str(ulcer), "-r", *regimens, "--out", str(tmp_path / "out")]
        done = CliRunner().invoke(app, words)
        assert done.exit_code == 2
        assert "is not simulated for 'somebody'" in done.stderr
        assert not (tmp_path / "out").exists()
    assert computed == []


def test_a_run_that_is_there_is_not_removed_for_one_that_is_refused(tmp_path: Path) -> None:
    ulcer = tmp_path / "ulcer.yaml"
    ulcer.write_text(documents.write(document(skin="ulcer")), "utf-8")
    folder = begun(tmp_path / "run")
    done = CliRunner().invoke(app, ["run", str(ulcer), "leg-massage-short", "--out", str(folder), "--overwrite"])
    assert done.exit_code == 2
    assert "is not simulated for 'somebody'" in done.stderr
    assert open_folder(folder).people == (vl.load_person(document()).to_yaml(),)
