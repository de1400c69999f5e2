"""Judging: which targets there are, how verdicts come about, and the page that says so."""

import json
from dataclasses import dataclass, field
from types import SimpleNamespace

import numpy as np
import pytest

from venolymph.body import load_person
from venolymph.errors import DocumentError
from venolymph.measures import find
from venolymph.regimen import load_regimen
from venolymph.validation import as_json, markdown, targets, validate, write_report
from venolymph.validation.preparations import PREPARATIONS
from venolymph.validation.targets import BUILT, person, quick, regimen

from .fake import body, phases, run

STANDING = ["ankle_pressure_standing", "ankle_pressure_walking_varicose", "jugular_flow_supine"]


def simulated(asked, pressure=84.0, code="ok"):
    def simulate(people, document, **given):
        asked.append((people, document["regimen"]))
        made = run(
            phases(("stand", 60), ("walk", 60, {}, 1.0)),
            bodies=[body() for _ in people],
            pressure={"great saphenous, calf [1]": lambda t: np.where(t <= 60, pressure, 60.0)},
        )
        made.status = [SimpleNamespace(code=code, time=3.0, cause="a vein was squeezed empty")] * len(people)
        return made

    return simulate


def test_every_target_of_veins_and_tissue_has_a_protocol_or_a_reason():
    built = [target for target in targets().values() if target.needs in BUILT]
    assert (len(built), len(targets())) == (84, 111)
    assert [target.id for target in built if not target.parts] == [target.id for target in built if target.waits]
    assert quick() == [target.id for target in built[:37]]
    assert all(targets()[name].can_run for name in quick())


@pytest.mark.parametrize("target", [target for target in targets().values() if target.can_run], ids=lambda one: one.id)
def test_protocols_can_be_read_and_measures_exist(target):
    for one in target.readings:
        steps = load_regimen(regimen(one.protocol)).unfolded
        assert all(-1 < step < len(steps) for step in one.steps if step is not None)
        for name in one.people:
            load_person(person(name))
        assert one.measures
        for name in one.measures:
            find(name)
    for part in target.parts:
        assert (part.preparation in PREPARATIONS) == (part.reading is None)
        if target.by_direction:
            assert part.value in (-1, 0, 1)
        else:
            assert part.low < part.high


def test_people_share_a_run_and_a_run_serves_several_targets():
    asked = []
    verdicts = validate(STANDING, simulate=simulated(asked))
    assert asked == [(["healthy", "mild-varicose"], "lying, sitting, standing, walking")]
    assert [(v.id, v.verdict) for v in verdicts] == [
        ("ankle_pressure_standing", "in range"),
        ("ankle_pressure_walking_varicose", "out of range"),
        ("jugular_flow_supine", "not yet"),
    ]
    assert verdicts[0].predicted == pytest.approx(84)


def test_json_has_the_agreed_keys():
    listed = as_json(validate(STANDING, simulate=simulated([])))
    assert json.loads(json.dumps(listed)) == listed
    assert list(listed[0]) == ["id", "predicted", "value", "low", "high", "unit", "use", "verdict", "met"]
    assert listed[2]["predicted"] is None


def test_a_failed_simulation_is_out_of_range_and_says_why():
    verdict = validate(STANDING[:1], simulate=simulated([], code="failed"))[0]
    assert verdict.verdict == "out of range"
    assert verdict.note == "the simulation failed at 3 s: a vein was squeezed empty"


def test_progress_is_told():
    told = []
    validate(STANDING, lambda *step: told.append(step), simulate=simulated([]))
    assert told == [("postures", 0, 1), ("", 1, 1)]


def test_an_unknown_target_is_refused():
    with pytest.raises(DocumentError, match="did you mean 'venous_volume_healthy'"):
        validate(["venous_volume_helthy"], simulate=simulated([]))


def test_the_page_prints_failing_as_failing(tmp_path):
    verdicts = validate(STANDING, simulate=simulated([]))
    page = write_report(verdicts, tmp_path / "docs" / "validation.md").read_text()
    assert page == markdown(verdicts)
    assert "| `ankle_pressure_standing` | healthy | 84 | 75 to 95 (84) | mmHg | in range | check |" in page
    assert (
        "| `ankle_pressure_walking_varicose` | mild-varicose | 60 | 30 to 55 (41) | mmHg | **out of range** |" in page
    )
    assert "**Out of range:** `ankle_pressure_walking_varicose`." in page
    assert "0 of 0 `calibrate` targets in range; 1 of 2 `check` targets in range." in page
    assert "| `jugular_flow_supine` | needs face, which is not built |" in page


@dataclass(frozen=True)
class Water:
    """A run of three steps whose tissue water falls by 50 mL with each."""

    records: list
    branches: dict = field(default_factory=dict)
    status: tuple = (SimpleNamespace(code="ok"),)


def test_readings_at_steps_and_preparations(monkeypatch):
    steps = [SimpleNamespace(info=SimpleNamespace(marks={"step": n})) for n in (0, 32, 33)]
    monkeypatch.setattr(
        "venolymph.validation.run.measure", lambda run, name: SimpleNamespace(value=[500.0 - 50.0 * len(run.records)])
    )
    asked = []

    def simulate(people, document, **given):
        asked.append((people, given["tissue"]))
        return Water(steps)

    prepared = SimpleNamespace(flow=3.0, note="as prepared")
    names = ["lower_leg_loss_lying_10h", "lower_leg_swelling_standing_8h", "massage_uptake_ratio"]
    verdicts = {v.id: v for v in validate(names, simulate=simulate, prepare=lambda name: prepared)}
    assert asked == [(["healthy"], True)]
    assert verdicts["lower_leg_loss_lying_10h"].predicted == pytest.approx(-50.0)
    assert verdicts["lower_leg_swelling_standing_8h"].predicted == pytest.approx(-50.0)
    massaged = verdicts["massage_uptake_ratio"]
    assert (massaged.predicted, massaged.verdict, massaged.note) == (3.0, "out of range", "as prepared")
