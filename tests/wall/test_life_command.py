"""`venolymph life` and `lives`: what is followed, kept, gone on with and told; one message for each mistake."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from typer.testing import CliRunner

from small.lives import SEGMENTS, course
from venolymph.cli import app
from venolymph.cli.output import STOPPED
from venolymph.wall import showing
from venolymph.wall.folder import open_life
from venolymph.wall.life import Life

LIFE = "kind: life\nversion: 1\nlife: a life\nlasts: 2 y\nevery: 1 y\nday: {lying: 12 h, standing: 12 h}\n"


@pytest.fixture(autouse=True)
def _elsewhere(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("COLUMNS", "200")


@pytest.fixture
def followed(monkeypatch: pytest.MonkeyPatch) -> list[dict[str, Any]]:
    """Made-up courses in place of simulations; gives what was asked for. A life called `stopped` is stopped once."""
    asked: list[dict[str, Any]] = []

    def follow(person: Any, life: Life, *, cohort: int, begin_from: Any, keep: Any, **allowed: Any) -> None:
        asked.append({"person": person.label, "life": life, "cohort": cohort, "begin_from": begin_from, **allowed})
        done: Mapping[str, np.ndarray] = {} if begin_from is None else begin_from[1]
        for number, day in enumerate(life.report_days):
            if "day" in done and day <= done["day"]:
                continue
            keep(day, course([*life.report_days[: number + 1]], cohort, life), {"day": np.array(day)})
            if life.title == "stopped" and begin_from is None:
                raise KeyboardInterrupt

    monkeypatch.setattr("venolymph.wall.course.follow", follow)
    return asked


def call(*words: str) -> Any:
    return CliRunner().invoke(app, list(words))


def test_packaged_lives_are_listed() -> None:
    lines = call("lives").stdout.splitlines()
    assert lines[0].split() == ["life", "lasts", "what", "it", "is"]
    assert any("pregnancy" in line and "645 days" in line for line in lines)
    found = {one["name"]: one for one in json.loads(call("lives", "--json").stdout)}
    assert found["junction-closed"]["changes"] == [{"at": "0 days", "close": ["great saphenous"]}]


def test_a_life_is_a_table_by_date_with_what_a_clinic_could_see(followed: list[dict[str, Any]]) -> None:
    done = call("life", "mild-varicose", "junction-closed", "--for", "1 y", "--every", "6 months", "--out", "here")
    assert done.exit_code == 0, done.output
    lines = done.stdout.splitlines()
    assert lines[0] == "mild-varicose: the junction in the groin closed, then five years, followed for 1 y"
    row = next(line for line in lines if line.startswith("1 year"))
    assert re.split(" {2,}", row)[1:] == [
        "4.7 mm (3.3)",
        "3.8 mm (2.6)",
        "4.0 mm (2.8)",
        "3.2 mm (2.2)",
        "16",
        "160 mL/min",
        "84 mL/min",
        "C2",
    ]
    told = "- great saphenous, thigh: 5.90 mm at the start, 4.72 mm after 1 year; a clinic could measure this; "
    assert f"{told}of what it is still too wide, about 25 % would stay (assumed)" in lines
    assert showing.ASSUMED[1] in done.stdout
    assert lines[-2:] == ["folder: here", f"report: {Path('here/report.html')}"]
    assert "<h2>In short</h2>" in Path("here/report.html").read_text("utf-8")
    kept = open_life("here")
    assert kept.complete
    assert kept.course is not None
    assert kept.course["day"].values.tolist() == [0.0, 182.625, 365.25]


def test_a_vein_that_was_closed_has_no_width(followed: list[dict[str, Any]]) -> None:
    words = ("life", "mild-varicose", "ablation-then-five-years", "--against", "junction-closed", "--every", "1 y")
    done = call(*words, "--for", "2 y")
    assert done.exit_code == 0, done.output
    lines = done.stdout.splitlines()
    rows = [re.split(" {2,}", line)[1] for line in lines if line.startswith(("start ", "2 years "))]
    assert rows == ["closed", "closed", "5.9 mm (4.1)", "3.5 mm (2.5)"]
    assert "- great saphenous, thigh: closed" in lines
    assert "- great saphenous, thigh: closed against 3.54 mm" in lines


def test_a_row_on_the_date_of_a_change_is_of_before_it(followed: list[dict[str, Any]]) -> None:
    Path("life.yaml").write_text(LIFE + "changes:\n  - {at: 1 y, remove: 'tributary, medial calf'}\n")
    done = call("life", "mild-varicose", "life.yaml")
    rows = [
        re.split(" {2,}", line)[3] for line in done.stdout.splitlines() if re.match(r"(start|1 year|2 years)  ", line)
    ]
    assert rows == ["5.0 mm (3.5)", "5.0 mm (3.5)", "taken out"]
    assert "- tributary, medial calf: taken out" in done.stdout.splitlines()


def test_a_leg_that_found_no_solution_is_said(followed: list[dict[str, Any]]) -> None:
    Path("life.yaml").write_text(LIFE.replace("a life", "failing"))
    done = call("life", "healthy", "life.yaml", "--cohort", "2")
    assert "warning: failing: leg 2 found no solution on day 400, and stays as it was then" in done.stderr


def test_two_lives_are_set_side_by_side(followed: list[dict[str, Any]]) -> None:
    words = ("life", "mild-varicose", "massage-weekly-for-a-year", "--against", "a-year-as-it-is")
    done = call(*words)
    assert done.exit_code == 0, done.output
    assert "at the end, massage weekly for a year against a year as it is:" in done.stdout
    told = "- great saphenous, thigh: 5.90 mm against 5.90 mm, +0.00 mm; a clinic could not measure this"
    assert told in done.stdout.splitlines()
    parent = Path("venolymph-runs/mild-varicose-massage-weekly-for-a-year")
    assert {one.name for one in parent.iterdir()} == {"massage-weekly-for-a-year", "a-year-as-it-is", "report.html"}
    found = json.loads(call(*words, "--json").stdout)
    assert [one["life"] for one in found["lives"]] == ["massage weekly for a year", "a year as it is"]
    assert found["lives"][0]["readings"]["standing"]["unit"] == "mm"
    assert found["lives"][0]["readings"]["failed_on"]["values"] == [None]
    assert len(found["differences"]) == len(SEGMENTS)


def test_the_page_is_opened_where_that_is_asked_for(
    followed: list[dict[str, Any]], monkeypatch: pytest.MonkeyPatch
) -> None:
    opened: list[str] = []
    monkeypatch.setattr("webbrowser.open", lambda address: opened.append(address) or True)
    words = ("life", "healthy", "a-year-walking-more", "--every", "1 y", "--out", "here")
    done = call(*words)
    assert showing.WALKING in " ".join(done.stdout.split())
    assert not opened
    assert call("life", "--resume", "here", "--open").exit_code == 0
    assert opened == [Path("here/report.html").resolve().as_uri()]


def test_a_cohort_is_told_by_medians_and_ends(followed: list[dict[str, Any]]) -> None:
    done = call("life", "mild-varicose", "a-year-as-it-is", "--cohort", "5", "--every", "1 y")
    assert done.exit_code == 0, done.output
    assert "6.2 mm (5.9 to 6.5)" in done.stdout
    assert "C2 in 5 of 5" in done.stdout
    assert "- in 0 of 5 legs more valves leak at the end than at the start" in done.stdout
    assert followed[0]["cohort"] == 5


def test_a_life_that_was_stopped_goes_on(followed: list[dict[str, Any]]) -> None:
    Path("life.yaml").write_text(LIFE.replace("a life", "stopped"))
    stopped = call("life", "healthy", "life.yaml", "--out", "here", "--cohort", "2")
    assert stopped.exit_code == STOPPED
    assert "stopped: 0 of 730 days are kept in here; go on with `venolymph life --resume here`" in stopped.stderr
    done = call("life", "--resume", "here")
    assert done.exit_code == 0, done.output
    assert "here: followed for 0 days, going on" in done.stderr
    assert followed[1]["cohort"] == 2
    assert followed[1]["begin_from"][1]["day"] == 0.0
    assert open_life("here").complete
    assert "followed to its end already" in call("life", "--resume", "here").stderr


def test_changes_after_a_shorter_end_are_said_to_be_left_out(followed: list[dict[str, Any]]) -> None:
    Path("life.yaml").write_text(LIFE + "changes:\n  - {at: 15 months, massage: 1 /week}\n")
    done = call("life", "healthy", "life.yaml", "--for", "1 y")
    assert "note: a life: 1 change after 1 y left out" in done.stderr
    assert followed[0]["life"].changes == ()


@pytest.mark.parametrize(
    ("words", "told"),
    [
        ((), "a person and a life are needed"),
        (("healthy",), "a life is needed"),
        (("healthy", "ten-years-dsk"), "no packaged life"),
        (("healthy", "pregnancy", "--for", "200 y"), "200 y is not possible here; allowed is 1 week to 100 years"),
        (("healthy", "junction-closed", "--for", "90 y"), "would be 125 y at the end"),
        (("tall", "pregnancy"), "allowed is female"),
        (("healthy", "pregnancy", "--every", "2"), "'2' has no unit"),
        (("healthy", "junction-closed", "--against", "junction-closed"), "is compared with itself"),
        (("healthy", "junction-closed", "--against", "ten-years-desk"), "allowed is that both last alike"),
        (("healthy", "--resume", "here"), "--resume takes everything from the folder"),
        (("--resume", "nowhere"), "there is no such folder"),
    ],
)
def test_a_mistake_is_one_message_and_nothing_is_followed(
    followed: list[dict[str, Any]], words: tuple[str, ...], told: str
) -> None:
    done = call("life", *words)
    assert done.exit_code == 2
    assert told in done.stderr
    assert "hint: " in done.stderr
    assert not followed
    assert not Path("venolymph-runs").exists()


def test_massage_that_would_be_refused_is_not_followed_without_a_reason(followed: list[dict[str, Any]]) -> None:
    text = (
        "kind: person\nversion: 1\nperson: {label: somebody, sex: female, age: 52 y, height: 168 cm, mass: 71 kg}\n"
        "legs: {left: {skin: ulcer, symptoms: [pain]}}\n"
    )
    Path("person.yaml").write_text(text)
    words = ("life", "person.yaml", "massage-weekly-for-a-year", "--out", "here")
    assert call(*words).exit_code == 2
    assert not followed
    done = call(*words, "--research-override", "a trial of the model")
    assert done.exit_code == 0, done.output
    assert "would be refused; simulated for this reason: a trial of the model" in done.stdout
    assert open_life("here").settings["override"] == "a trial of the model"
    assert followed[-1]["research_override"] == "a trial of the model"


@pytest.mark.parametrize(
    ("day", "told"),
    [
        (0.0, "start"),
        (1.0, "1 day"),
        (30.4, "30 days"),
        (60.875, "2 months"),
        (365.25, "1 year"),
        (547.9, "18 months"),
        (730.5, "2 years"),
        (913.1, "2.5 years"),
    ],
)
def test_dates_are_told_in_words(day: float, told: str) -> None:
    assert showing.date(day) == told
