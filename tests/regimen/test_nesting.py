"""Regimens inside regimens, garments, sleeves, massage: what they unfold to, and what they do to forces."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pytest

from venolymph import documents
from venolymph.compression import load_garment, packaged_garments
from venolymph.errors import DocumentError, SimulationError
from venolymph.massage import load_session, packaged_sessions
from venolymph.regimen import Regimen, load_regimen
from venolymph.regimen.forcing import phases


def regimen(*steps: Any, **more: Any) -> Regimen:
    return load_regimen({"kind": "regimen", "version": 1, "steps": [*steps], **more})


STAND = {"stand": {"for": "1 min"}}
LIE = {"lie": {"for": "1 min"}}


def shells(body: Any) -> list[int]:
    return [body.topology.surroundings.index(f"{part} shell") for part in ("foot", "ankle", "calf", "knee", "thigh")]


def test_nested_steps_unfold_in_order() -> None:
    found = regimen({"regimen": {"times": 2, "steps": [LIE, STAND]}}, {"regimen": "sitting"})
    assert [step.word for step in found.unfolded] == ["lie", "stand", "lie", "stand", "sit"]
    assert found.lasts == 2 * 120.0 + 600.0
    assert found.first_posture.name() == "lying"
    assert documents.check(Regimen, documents.parse(found.to_yaml())[0]) == found
    assert found.document()["steps"][1] == {"regimen": "sitting"}


def test_measures_are_those_of_nested_regimens_too() -> None:
    assert "ambulatory venous pressure" in regimen({"regimen": "posture-and-walk"}).measures


def test_a_file_inside_a_file_is_meant_from_its_folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "parts").mkdir()
    head = "kind: regimen\nversion: 1\nsteps:\n"
    (tmp_path / "parts" / "inner.yaml").write_text(head + "  - stand: {for: 2 min}\n")
    (tmp_path / "parts" / "outer.yaml").write_text(head + "  - regimen: {name: inner.yaml, times: 3}\n")
    monkeypatch.chdir("/")
    found = load_regimen(tmp_path / "parts" / "outer.yaml")
    assert [step.word for step in found.unfolded] == ["stand"] * 3
    # what was read stands on its own
    assert documents.check(Regimen, documents.parse(found.to_yaml())[0]) == found


def test_a_circle_of_files_is_refused(tmp_path: Path) -> None:
    head = "kind: regimen\nversion: 1\nsteps:\n"
    for name, other in (("a", "b"), ("b", "a")):
        (tmp_path / f"{name}.yaml").write_text(head + f"  - regimen: {other}.yaml\n")
    with pytest.raises(DocumentError, match=r"nests itself: a\.yaml -> b\.yaml -> a\.yaml"):
        load_regimen(tmp_path / "a.yaml")
    # and nothing is left of the attempt
    assert load_regimen("sitting").lasts == 600.0


def test_a_session_is_a_regimen_of_its_own_name() -> None:
    for name in packaged_sessions():
        found = load_regimen(name)
        assert found.massages == (load_session(name),)
        assert found.purpose == load_session(name).purpose
        lying = {"lie": {"head_up": "40 deg"}} if found.on_face else {"rest": {"legs_raised": "15 deg"}}
        assert found.document()["steps"] == [lying, {"massage": name}]
        assert documents.check(Regimen, documents.parse(found.to_yaml())[0]) == found


def test_sessions_written_out_and_single_strokes() -> None:
    stroke = {"stroke": "pump", "at": "inner thigh", "toward": "superficial inguinal nodes", "repeat": 5}
    found = regimen(LIE, {"massage": stroke}, {"regimen": {"steps": [{"massage": {"steps": [{"massage": stroke}]}}]}})
    assert [session.seconds for session in found.massages] == pytest.approx([6.0, 6.0])
    assert documents.check(Regimen, documents.parse(found.to_yaml())[0]) == found


def test_a_session_is_a_phase_for_each_of_its_steps_with_the_strokes_in_it(body: Any) -> None:
    session = load_session("leg-massage")
    made = phases(load_regimen("leg-massage"), body)
    work = [phase for phase in made if phase.hand_placements]
    assert len(work) == sum(step.word == "massage" for step in session.course)
    for phase in work:
        assert sum(placement.duration for placement in phase.hand_placements) == pytest.approx(phase.duration)
        assert all(placement.busy <= placement.duration + 1e-9 for placement in phase.hand_placements)
    assert sum(phase.duration for phase in made if phase.kind in ("massage", "breathe")) == pytest.approx(
        session.seconds
    )


def test_ankle_pumps_are_whole_and_weaker_than_tiptoes(body: Any) -> None:
    made = phases(regimen(LIE, {"ankle pumps": {"count": 5, "rate": "30 /min"}}), body)
    pumps = [phase for phase in made if phase.kind == "ankle pumps"]
    assert pumps[0].duration + pumps[1].duration == pytest.approx(10.0)
    tiptoes = next(phase for phase in phases(load_regimen("ten-tiptoes"), body) if phase.kind == "tiptoes")
    soleus = body.topology.surroundings.index("soleus")
    assert 0.0 < pumps[1].drive.pulse[soleus, 0] < tiptoes.drive.pulse[soleus, 0]
    assert all(pumps[1].drive.pulse[k, 0] == 0.0 for k, n in enumerate(body.topology.surroundings) if "other" in n)


def test_a_garment_presses_until_it_is_taken_off(body: Any) -> None:
    made = phases(regimen(LIE, {"wear": "stocking-class-1"}, STAND, {"remove": {"garment": "stocking"}}, LIE), body)
    worn = [phase for phase in made if phase.label == "standing"]
    for phase in worn:
        foot, ankle, calf, knee, thigh = phase.drive.pressure_to[shells(body), 0]
        assert ankle == 19.5 and 0 < calf < foot < ankle and knee == thigh == 0.0
    assert np.all(made[-1].drive.pressure_to[shells(body), 0] == 0.0)
    assert [phase.marks.manoeuvre for phase in made if phase.kind in ("wear", "remove")] == ["wear", "remove"]


def test_steps_in_a_garment_are_the_same_as_putting_it_on_and_taking_it_off(body: Any) -> None:
    garment = {"garment": "stocking", "class": "RAL II", "up_to": "thigh"}
    inside = phases(regimen(LIE, {"wear": {**garment, "steps": [STAND]}}, LIE), body)
    around = phases(regimen(LIE, {"wear": garment}, STAND, {"remove": {"garment": "stocking"}}, LIE), body)
    assert [phase.label for phase in inside] == [phase.label for phase in around]
    for one, other in zip(inside, around, strict=True):
        np.testing.assert_array_equal(one.drive.pressure_to, other.drive.pressure_to)


def test_a_cuff_comes_on_top_of_a_garment(body: Any) -> None:
    made = phases(regimen(STAND, {"wear": "stocking-class-1"}, {"cuff": {"at": "calf", "pressure": "80 mmHg"}}), body)
    assert made[-1].drive.pressure_to[shells(body)[2], 0] == pytest.approx(80.0 + 0.7 * 19.5)


def test_a_bandage_presses_harder_while_the_calf_works(body: Any) -> None:
    for step in ({"tiptoes": {"count": 3}}, {"walk": {"speed": "3 km/h", "for": "1 min"}}):
        made = phases(regimen(STAND, {"wear": "short-stretch-bandage"}, step), body)
        working = next(phase.drive for phase in made if phase.kind in ("tiptoes", "walk"))
        soleus, ankle = body.topology.surroundings.index("soleus"), shells(body)[1]
        assert working.pulse[ankle, 0] == pytest.approx(20.0)
        assert working.onset[ankle, 0] == working.onset[soleus, 0]
        stocking = phases(regimen(STAND, {"wear": "stocking-class-1"}, step), body)
        bare = phases(regimen(STAND, step), body)
        softer, none = (
            next(phase.drive.pulse for phase in made if phase.kind in ("tiptoes", "walk")) for made in (stocking, bare)
        )
        calf = shells(body)[2]
        assert none[calf, 0] == 0.0 < softer[calf, 0] < working.pulse[calf, 0]
        # what a shell presses harder comes back into the muscle inside it
        assert none[soleus, 0] < softer[soleus, 0] < working.pulse[soleus, 0]


def test_a_garment_on_a_leg_of_lumps_is_refused(body: Any) -> None:
    other = "right" if body.person.index_side == "left" else "left"
    with pytest.raises(SimulationError, match="few lumps"):
        phases(regimen(STAND, {"wear": {"garment": "stocking", "class": "RAL I", "on": other}}), body)


def test_a_sleeve_squeezes_chamber_after_chamber(body: Any) -> None:
    chambers = [{"over": ["foot", "ankle"], "pressure": "45 mmHg"}, {"over": "calf", "pressure": "40 mmHg"}]
    made = phases(regimen(LIE, {"sleeve": {"chambers": chambers, "for": "5 min"}}, LIE), body)
    work = next(phase for phase in made if phase.kind == "sleeve")
    foot, ankle, calf, knee, _ = shells(body)
    drive = work.drive
    assert drive.pulse[[foot, ankle, calf, knee], 0].tolist() == [45.0, 45.0, 40.0, 0.0]
    assert drive.onset[foot, 0] == 0.0 < drive.onset[calf, 0]
    ends = [drive.onset[k, 0] + drive.rise[k, 0] + drive.hold[k, 0] for k in (foot, calf)]
    assert ends[0] == pytest.approx(ends[1])
    assert work.period == pytest.approx(59.0)
    assert work.duration == pytest.approx(5 * 59.0)
    assert sum(phase.duration for phase in made if phase.kind == "sleeve") == pytest.approx(300.0)


def test_what_is_worn_is_still_worn_when_a_regimen_goes_on(body: Any) -> None:
    last = phases(regimen(LIE, {"wear": "stocking-class-1"}), body)[-1]
    made = phases(regimen({"wait": {"for": "1 min"}}), body, previous=last.drive)
    assert made[-1].drive.pressure_to[shells(body)[1], 0] == 19.5


@pytest.mark.parametrize("name", [*packaged_garments(), "bandage", "RAL III", "british-2"])
def test_a_garments_name_is_a_regimen(name: str) -> None:
    found = load_regimen(name)
    assert [step.word for step in found.unfolded] == ["rest", "wear", "rest", "remove"]
    assert found.lasts == load_regimen("rest").lasts
    assert found.purpose == "experiment"
    assert load_garment(name).document().items() <= found.document()["steps"][1]["wear"].items()
    assert documents.check(Regimen, documents.parse(found.to_yaml())[0]) == found


def test_a_name_that_is_nothing_is_told_what_there_is() -> None:
    with pytest.raises(DocumentError) as caught:
        load_regimen("stocking-clas-2")
    assert caught.value.hint == "did you mean 'stocking-class-2'?"
    for name in ("rest", "leg-massage", "flight-stocking", "RAL I"):
        assert name in caught.value.message


SIT = {"sit": {"thighs": "40 deg", "for": "1 min"}}


def heights(body: Any, kind: str, *steps: Any) -> Any:
    """Greatest pulse of each surrounding in the phases of a kind, mmHg."""
    found = [phase.drive.pulse[:, 0] for phase in phases(regimen(*steps), body) if phase.kind == kind]
    return dict(zip(body.topology.surroundings, np.max(found, axis=0), strict=True))


def test_muscle_pressure_of_ankle_movements_goes_with_load_and_range(body: Any) -> None:
    free, half, full, small = (
        heights(body, "ankle pumps", LIE, {"ankle pumps": {"for": "10 s", **more}})["soleus"]
        for more in ({}, {"load": 0.5}, {"load": 1}, {"amplitude": 0.5})
    )
    assert small == pytest.approx(free / 2)
    assert free < half < full
    assert half == pytest.approx((free + full) / 2)


def test_cycling_pushes_with_one_leg_after_the_other_and_harder_with_torque(body: Any) -> None:
    ride = {"cycle": {"power": "50 W", "cadence": "50 /min", "for": "2 min"}}
    made = [phase for phase in phases(regimen(SIT, ride), body) if phase.kind == "cycle"]
    assert sum(phase.duration for phase in made if phase.marks.stage != "last step") == pytest.approx(120.0)
    names = list(body.topology.surroundings)
    one, other = names.index("thigh muscle"), names.index("other thigh")
    onset = made[1].drive.onset[:, 0]
    assert (onset[other] - onset[one]) % 1.0 == pytest.approx(0.5)
    easy = heights(body, "cycle", SIT, ride)
    fast = heights(body, "cycle", SIT, {"cycle": {"power": "50 W", "cadence": "100 /min", "for": "2 min"}})
    assert fast["soleus"] == pytest.approx(easy["soleus"] / 2)


def test_stimulation_makes_the_muscles_named_contract_and_no_others(body: Any) -> None:
    made = heights(body, "stimulate", LIE, {"stimulate": {"muscles": ["shin"], "for": "1 min"}})
    assert {name for name, height in made.items() if height} == {"anterior compartment"}


def test_a_joint_that_is_held_and_a_heel_take_from_muscle_pressure(body: Any) -> None:
    def walked(**more: Any) -> Any:
        return heights(body, "walk", STAND, {"walk": {"speed": "1.5 km/h", "for": "1 min", **more}})

    free, ankle, knee = walked(), walked(held=["ankle"]), walked(held=["knee"])
    assert ankle["soleus"] < free["soleus"] == knee["soleus"]
    assert knee["thigh muscle"] < free["thigh muscle"] == ankle["thigh muscle"]
    assert ankle["other calf"] == free["other calf"]
    flat, high = (heights(body, "tiptoes", STAND, {"tiptoes": {"heels": h}})["soleus"] for h in ("0 cm", "7 cm"))
    assert 0.0 < high < flat


def test_air_warms_the_skin_less_than_itself(body: Any) -> None:
    def skin(**how: str) -> float:
        return phases(regimen(LIE, {"skin": how}, LIE), body)[-1].marks.skin_temperature

    assert skin(air="24 degC") == pytest.approx(31.0)
    assert 31.0 < skin(air="34 degC") < 41.0
    assert skin(temperature="34 degC") == 34.0


def test_lying_face_down_and_on_a_saddle(body: Any) -> None:
    made = phases(regimen({"prone": {"for": "1 min"}}, SIT, {"wait": {"for": "1 min"}}), body)
    assert np.all(made[0].drive.inclination_to == 0.0)
    assert made[0].marks.posture == "lying face down"
    thigh = list(body.topology.links).index("thigh")
    assert made[-1].drive.inclination_to[thigh, 0] == pytest.approx(np.deg2rad(40))
    on = phases(regimen({"wait": {"for": "1 min"}}), body, previous=made[-1].drive)
    assert on[0].drive.inclination_from[thigh, 0] == pytest.approx(np.deg2rad(40))


@pytest.mark.parametrize(
    ("steps", "message"),
    [
        ([STAND, {"cycle": {"power": "50 W", "for": "1 min"}}], "cycle needs sitting, but the person is standing here"),
        ([LIE, {"ankle pumps": {"count": 5, "for": "1 min"}}], "found count and for at once"),
        (
            [LIE, {"ankle pumps": {"for": "2 s", "rate": "20 /min"}}],
            "one movement takes 3 s, longer than the 2 s given",
        ),
        ([LIE, {"skin": {}}], "found neither temperature nor air"),
        ([LIE, {"skin": {"air": "20 degC", "temperature": "30 degC"}}], "found temperature and air at once"),
        ([LIE, {"wear": {"garment": "bandage", "resting": "40 mmHg", "pressure": {"calf": "50 mmHg"}}}], "no resting"),
        (
            [STAND, {"walk": {"speed": "3 km/h", "for": "1 min", "held": ["hip"]}}],
            "'hip' is not allowed; allowed are ankle, knee",
        ),
    ],
)
def test_steps_that_cannot_be_done_say_why(steps: list[Any], message: str) -> None:
    with pytest.raises(DocumentError, match=message):
        regimen(*steps)
