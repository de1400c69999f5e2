"""Judging: which targets there are, how verdicts come about, and the page that says so."""

import json
import sys
from contextlib import contextmanager
from dataclasses import dataclass, field
from types import SimpleNamespace

import numpy as np
import pytest

from small.bodies import instrumented
from small.recorded import by_formulas, phases
from venolymph.body import load_person
from venolymph.errors import DocumentError
from venolymph.measures import find
from venolymph.regimen import load_regimen
from venolymph.steps.marks import Marks
from venolymph.validation import as_json, markdown, targets, validate, write_report
from venolymph.validation.preparations import PREPARATIONS
from venolymph.validation.targets import BUILT, LEG, person, quick, regimen
from venolymph.validation.wall_courses import WALL_COURSES

STANDING = ["ankle_pressure_standing", "ankle_pressure_walking_varicose", "wall_excess_above_refluxing_tributary"]


def simulated(asked, pressure=84.0, code="ok"):
    def simulate(people, document, **given):
        asked.append((people, document["regimen"]))
        made = by_formulas(
            phases(("stand", 60), ("walk", 60, {}, 1.0)),
            bodies=[instrumented() for _ in people],
            pressure={"great saphenous, calf [1]": lambda t: np.where(t <= 60, pressure, 60.0)},
        )
        made.status = [SimpleNamespace(code=code, time=3.0, cause="a vein was squeezed empty")] * len(people)
        return made

    return simulate


def test_every_target_of_what_is_built_has_a_protocol_or_a_reason():
    built = [target for target in targets().values() if target.needs in BUILT]
    assert (len(built), len(targets())) == (111, 111)
    assert [target.id for target in built if not target.parts] == [target.id for target in built if target.waits]
    assert quick() == [target.id for target in built if target.needs in LEG][:37]
    assert all(targets()[name].can_run for name in quick())
    assert {target.needs for target in built if target.chance} == {"tissue"}, "veins have no chance in them"


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
        assert (part.preparation in {**PREPARATIONS, **WALL_COURSES}) == (part.reading is None)
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
        ("wall_excess_above_refluxing_tributary", "not yet"),
    ]
    assert verdicts[0].predicted == pytest.approx(84)


def test_json_has_the_agreed_keys():
    listed = as_json(validate(STANDING, simulate=simulated([])))
    assert json.loads(json.dumps(listed)) == listed
    keys = ["id", "predicted", "value", "low", "high", "unit", "use", "verdict", "met", "least", "greatest"]
    assert list(listed[0]) == keys
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
    assert "| `wall_excess_above_refluxing_tributary` | no packaged person has a competent trunk above a" in page


@dataclass(frozen=True)
class Water:
    """A run of three steps whose tissue water falls by 50 mL with each."""

    records: list
    branches: dict = field(default_factory=dict)
    status: tuple = (SimpleNamespace(code="ok"),)


def test_readings_at_steps_and_preparations(monkeypatch):
    steps = [SimpleNamespace(info=SimpleNamespace(marks=Marks(step=n))) for n in (0, 32, 33)]
    water = "venolymph.validation.run.measure"
    monkeypatch.setattr(water, lambda run, name: SimpleNamespace(value=[500.0 - 50.0 * len(run.records)]))
    asked = []

    def simulate(people, document, **given):
        asked.append((len(people), len(given["tissue"].legs)))
        return Water(steps)

    prepared = SimpleNamespace(value=np.array([2.0, 4.0]), note="as prepared")
    names = ["lower_leg_loss_lying_10h", "lower_leg_swelling_standing_8h", "massage_uptake_ratio"]
    found = validate(names, simulate=simulate, prepare=lambda name, members: prepared)
    verdicts = {verdict.id: verdict for verdict in found}
    assert asked == [(1, 1)]
    assert verdicts["lower_leg_loss_lying_10h"].predicted == pytest.approx(-50.0)
    assert verdicts["lower_leg_swelling_standing_8h"].predicted == pytest.approx(-50.0)
    massaged = verdicts["massage_uptake_ratio"]
    assert (massaged.predicted, massaged.verdict, massaged.note) == (3.0, "out of range", "as prepared")
    assert (massaged.least, massaged.greatest) == (2.0, 4.0)
    page = markdown(found)
    assert "| `massage_uptake_ratio` | healthy | 3 (2 to 4) | 11 to 44 (22) |" in page
    assert "| `lower_leg_loss_lying_10h` | healthy | -50 | -140 to -70 (-105) |" in page


@contextmanager
def made_up(monkeypatch, entry, performed):
    """Only this target, `made`, with these readings; people and regimens are what they are called."""
    published = {"needs": "veins", "protocol": "p", "measure": "m", "spread": "ours", "source": "s", "checked": "read"}
    tables = {"targets.toml": {"made": {**published, "use": "check", **entry}}, "protocols.toml": {"made": performed}}
    monkeypatch.setattr(sys.modules["venolymph.validation.targets"], "_read", tables.__getitem__)
    monkeypatch.setattr("venolymph.validation.run.regimen", lambda name: name)
    monkeypatch.setattr("venolymph.validation.run.person", lambda name: name)
    targets.cache_clear()
    try:
        yield
    finally:
        targets.cache_clear()


def made(monkeypatch, entry, performed, readings):
    """The verdict of a made-up target, where a reading is looked up by protocol, person and measure."""
    monkeypatch.setattr(
        "venolymph.validation.run.measure",
        lambda run, name: SimpleNamespace(value=[readings[run.protocol, who, name] for who in run.people]),
    )
    asked = []

    def simulate(people, protocol, **given):
        asked.append((protocol, people))
        ok = [SimpleNamespace(code="ok")] * len(people)
        return SimpleNamespace(protocol=protocol, people=people, status=ok)

    with made_up(monkeypatch, entry, performed):
        (verdict,) = validate(["made"], simulate=simulate)
    return verdict, asked


READ = {
    ("bare", "one", "EF"): 40.0, ("bare", "two", "EF"): 50.0, ("worn", "one", "EF"): 60.0, ("worn", "two", "EF"): 50.0,
    ("bare", "one", "RVF"): 30.0, ("bare", "two", "RVF"): 30.0, ("worn", "one", "RVF"): 31.0,
    ("worn", "two", "RVF"): 15.0,
}  # fmt: skip


def test_parts_are_judged_one_by_one_and_all_have_to_be_in_range(monkeypatch):
    entry = {"unit": "%, 1", "value": [25.0, 1.0], "low": [20.0, 0.9], "high": [30.0, 1.1]}
    parts = [
        {"protocol": "worn", "person": ["one", "two"], "measures": ["EF"], "to": "bare", "percent": True},
        {"protocol": "worn", "person": "two", "measures": ["RVF"], "to": {"protocol": "bare", "person": "one"}},
    ]
    verdict, asked = made(monkeypatch, entry, {"parts": parts}, READ)
    assert asked == [("worn", ["one", "two"]), ("bare", ["one", "two"])]
    assert verdict.predicted == pytest.approx((25.0, 0.5))
    assert (verdict.verdict, verdict.met) == ("out of range", (True, False))
    assert verdict.as_dict()["value"] == (25.0, 1.0)
    page = markdown([verdict])
    assert "| 25 / **0.5** | 20 to 30 (25) / 0.9 to 1.1 (1) | %, 1 | **out of range** |" in page


TWO = {"protocol": "rest", "person": ["healthy", "mild-varicose"], "measures": ["water"]}


def of_legs(monkeypatch, parts, values):
    """The verdict of a target of tissue that two people do, each of them in two legs, from what is read of the four."""
    monkeypatch.setattr(
        "venolymph.validation.run.measure", lambda run, name: SimpleNamespace(value=values[run.regimen, name])
    )

    def simulate(bodies, regimen, **given):
        assert [body.person.label for body in bodies] == [load_person(who).label for who in TWO["person"] for _ in "ab"]
        tensions = [float(leg.parameters.lymphangions.tension[0, 0]) for leg in given["tissue"].legs]
        assert tensions[0] == tensions[2] != tensions[1] == tensions[3]
        return SimpleNamespace(regimen=regimen, status=[SimpleNamespace(code="ok")] * 4)

    entry = {"needs": "tissue", "unit": "mL", "low": 0.0, "high": 9.0}
    with made_up(monkeypatch, entry, {"chance": True, **TWO, **parts}):
        return validate(["made"], simulate=simulate, members=2)[0]


def test_people_with_tissue_are_legs_alike_but_for_chance(monkeypatch):
    values = {("rest", "water"): [1.0, 3.0, 5.0, 9.0], ("night", "water"): [1.0, 1.0, 2.0, 4.0]}
    verdict = of_legs(monkeypatch, {"against": "night"}, values)
    assert (verdict.least, verdict.predicted, verdict.greatest) == (1.5, 2.5, 3.5)
    assert "| 2.5 (1.5 to 3.5) | 0 to 9 |" in markdown([verdict])
    shown = as_json([verdict])[0]
    assert (shown["least"], shown["predicted"], shown["greatest"]) == (1.5, 2.5, 3.5)


def test_lymph_at_rest_is_that_of_some_legs():
    (verdict,) = validate(["lymphatic_pump_pressure"], members=2)
    assert verdict.least < verdict.predicted < verdict.greatest
    assert verdict.greatest - verdict.least < 0.3 * verdict.predicted


def test_a_spread_that_does_not_show_is_not_printed(monkeypatch):
    verdict = of_legs(monkeypatch, {}, {("rest", "water"): [1.0, 1.0001, 5.0, 5.0]})
    assert verdict.least < verdict.greatest
    assert "| 3 | 0 to 9 |" in markdown([verdict])


def test_what_some_legs_do_not_reach_is_not_reached(monkeypatch):
    verdict = of_legs(monkeypatch, {}, {("rest", "water"): [1.0, 2.0, float("nan"), 4.0]})
    assert (verdict.predicted, verdict.least, verdict.verdict) == (None, None, "out of range")
    assert verdict.note == "not reached within the protocol, in 1 of 2 legs alike but for chance"


@pytest.mark.parametrize(("wanted", "met"), [([1, 0, -1], (True, True, True)), ([-1, 1, 0], (False, False, False))])
def test_where_the_direction_counts_less_than_five_per_cent_is_none(monkeypatch, wanted, met):
    parts = [
        {"person": "one", "measures": ["EF"]},
        {"person": "one", "measures": ["RVF"]},
        {"person": "two", "measures": ["RVF"]},
    ]
    performed = {"protocol": "worn", "to": "bare", "percent": True, "parts": parts}
    verdict, _ = made(monkeypatch, {"unit": "sign", "value": wanted}, performed, READ)
    assert verdict.met == met
    assert verdict.verdict == ("in range" if all(met) else "out of range")
    assert json.loads(json.dumps(verdict.as_dict()))["met"] == list(met)
    words = {1: "rises", 0: "stays", -1: "falls"}
    assert " / ".join(words[one] for one in wanted) in markdown([verdict])


def test_an_order_is_made_of_comparisons(monkeypatch):
    performed = {
        "protocol": "bare", "person": "one", "measures": ["EF"],
        "parts": [{"against": {"measures": ["RVF"]}}, {"against": "worn", "times": -1.0}, {"against": "worn"}],
    }  # fmt: skip
    verdict, _ = made(monkeypatch, {"unit": "order"}, performed, READ)
    assert verdict.predicted == (10.0, 20.0, -20.0)
    assert verdict.met == (True, True, False)


def test_a_target_that_waits_says_why_and_is_not_simulated(monkeypatch):
    verdict, asked = made(monkeypatch, {"unit": "1", "value": [1.0, 2.0]}, {"waits": "nobody rides yet"}, READ)
    assert (verdict.verdict, verdict.note, verdict.predicted, asked) == ("not yet", "nobody rides yet", None, [])
    assert "| `made` | nobody rides yet |" in markdown([verdict])


def test_what_one_reading_lacks_does_not_hide_the_others(monkeypatch):
    entry = {"unit": "%", "value": [60.0, 30.0], "low": [50.0, 20.0], "high": [70.0, 40.0]}
    parts = [{"measures": ["EF"]}, {"measures": ["RVF"]}]
    readings = {**READ, ("worn", "one", "EF"): float("nan")}
    verdict, _ = made(monkeypatch, entry, {"protocol": "worn", "person": "one", "parts": parts}, readings)
    assert (verdict.predicted, verdict.met) == ((None, 31.0), (False, True))
    assert verdict.note == "not reached within the protocol"
    assert "| **-** / 31 |" in markdown([verdict])


@pytest.mark.parametrize(
    ("performed", "message"),
    [
        ({}, "has no protocol"),
        ({"protocol": "bare", "measures": ["EF"], "parts": [{}, {}, {}]}, "has 3 parts, but value"),
        ({"protocol": "bare", "measures": ["EF"], "parts": [{}, {"afterwards": 3}]}, "unknown key 'afterwards'"),
    ],
)
def test_protocols_that_do_not_fit_their_target_are_refused(monkeypatch, performed, message):
    with pytest.raises(DocumentError, match=message):
        made(monkeypatch, {"unit": "1", "value": [1.0, 2.0]}, performed, READ)
