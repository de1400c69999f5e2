"""Every command: data on standard output, messages on standard error, one error for each mistake, nothing written."""

from __future__ import annotations

import datetime as dt
import json
import os
import subprocess
import sys
from collections import Counter
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import numpy as np
import pytest
from typer.testing import CliRunner

from screening.people import benign, document
from small.recorded import stand_walk_and_stand
from venolymph.cli import app
from venolymph.errors import DocumentError, SimulationError
from venolymph.regimen import load_regimen
from venolymph.report import run_summary
from venolymph.simulation.folder import RunFolder
from venolymph.simulation.labels import Labels

PERSON = SimpleNamespace(label="mild-varicose", notices=["face: accepted, not used yet"])
REGIMEN = SimpleNamespace(regimen="Posture and walk", measures=())


@pytest.fixture(autouse=True)
def _elsewhere(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("COLUMNS", "200")


@pytest.fixture
def simulated(monkeypatch: pytest.MonkeyPatch) -> list[dict[str, Any]]:
    """Made-up runs in place of simulations; gives what was asked of the engine."""
    asked: list[dict[str, Any]] = []
    kept: dict[Path, Any] = {}

    def simulate(person: Any, regimen: Any, **given: Any) -> Any:
        people = person if isinstance(person, list) else [person]
        asked.append({"people": [one.label for one in people], "regimen": regimen.regimen, **given})
        given["progress"](1.0, 10.0, "standing")
        Path(given["out"]).mkdir(parents=True)
        made = stand_walk_and_stand(tuple(one.label for one in people), scale=0.2)
        made.override = given["research_override"]
        kept[Path(given["out"])] = made
        return made

    def load_person(name: str) -> Any:
        if name == "nobody":
            raise DocumentError("there is no packaged person", hint="did you mean 'healthy'?", place="'nobody'")
        return SimpleNamespace(label=name, index_side="left", notices=PERSON.notices)

    monkeypatch.setattr("venolymph.simulation.simulate", simulate, raising=False)
    monkeypatch.setattr("venolymph.simulation.open_run", kept.__getitem__, raising=False)
    monkeypatch.setattr("venolymph.body.person.load_person", load_person)
    monkeypatch.setattr(
        "venolymph.regimen.loading.load_regimen",
        lambda name: SimpleNamespace(
            regimen=name, side=None, measures=(), massages=(), wears=False, lasts=60.0, body="leg"
        ),
    )
    monkeypatch.setattr(run_summary, "_held", lambda run: [])
    return asked


def call(*words: str) -> Any:
    return CliRunner().invoke(app, list(words))


def test_run_prints_the_table_and_the_reports_path(simulated: list[dict[str, Any]]) -> None:
    done = call("run", "mild-varicose", "posture-and-walk")
    assert done.exit_code == 0, done.output
    lines = done.stdout.splitlines()
    assert lines[0] == "mild-varicose: posture-and-walk, 1 min 49 s simulated"
    assert lines[2].split() == ["measure", "read", "here", "published", "in", "whom,", "where"]
    row = "pressure at ankle 84 mmHg (in the range) 75 to 95 mmHg 18 healthy people; Stick 1992"
    assert lines[3].split() == row.split()
    assert lines[-1] == "report: venolymph-runs/mild-varicose-posture-and-walk/report.html"
    assert done.stderr == "note: mild-varicose: face: accepted, not used yet\n"
    folder = Path("venolymph-runs/mild-varicose-posture-and-walk")
    assert (folder / "report.html").is_file()
    assert json.loads((folder / "summary.json").read_text())["members"] == ["mild-varicose"]
    again = call("run", "mild-varicose", "posture-and-walk")
    assert again.stdout.splitlines()[-1] == "report: venolymph-runs/mild-varicose-posture-and-walk-2/report.html"


def test_a_reason_for_simulating_all_the_same_is_printed(simulated: list[dict[str, Any]]) -> None:
    done = call("run", "healthy", "posture-and-walk", "--out", "here", "--research-override", "a <trial>")
    assert "would be refused; simulated for this reason: a <trial>" in done.stdout
    page = Path("here/report.html").read_text("utf-8")
    assert "Would be refused, and was simulated for this reason: a &lt;trial&gt;" in page


def test_both_legs_are_simulated_in_full_where_asked_for(simulated: list[dict[str, Any]]) -> None:
    call("run", "healthy", "posture-and-walk", "--out", "one")
    call("run", "healthy", "posture-and-walk", "--out", "two", "--both-legs")
    assert [one["legs"] for one in simulated] == [None, "both"]  # what is not asked for is left to `simulate`


@pytest.mark.parametrize(
    ("name", "told"),
    [
        ("ankel pressure", "error: there is no measure named 'ankel pressure'\nhint: did you mean 'ankle pressure'?\n"),
        (
            "other leg: ankel pressure",
            "error: there is no measure named 'other leg: ankel pressure'\n"
            "hint: did you mean 'other leg: ankle pressure'?\n",
        ),
        (
            "other leg: ankle pressure",
            "error: the regimen asks for 'other leg: ankle pressure', and only one leg is simulated in full\n"
            "hint: simulate with legs='both' (`--both-legs`), or take that name out of the regimen\n",
        ),
        (
            "right leg: ankle pressure",
            "error: the regimen asks for 'right leg: ankle pressure', and only one leg is simulated in full\n"
            "hint: simulate with legs='both' (`--both-legs`), or take that name out of the regimen\n",
        ),
    ],
)
def test_a_measure_that_cannot_be_read_is_refused_before_anything_is_simulated(
    name: str, told: str, simulated: list[dict[str, Any]], monkeypatch: pytest.MonkeyPatch
) -> None:
    asked = SimpleNamespace(
        regimen="asked", side=None, measures=(name,), massages=(), wears=False, lasts=60.0, body="leg"
    )
    monkeypatch.setattr("venolymph.regimen.loading.load_regimen", lambda name: asked)
    done = call("run", "healthy", "asked")
    assert (done.exit_code, done.stdout, simulated) == (2, "", [])
    assert done.stderr.endswith(told)


def test_run_as_json_is_only_json(simulated: list[dict[str, Any]]) -> None:
    done = call("run", "healthy", "posture-and-walk", "--out", "here", "--json")
    found = json.loads(done.stdout)
    assert found["folder"] == "here"
    assert found["report"] == "here/report.html"
    assert found["measures"][0]["name"] == "pressure at ankle"
    assert str(simulated[0]["out"]) == "here"


def test_compare_sets_people_side_by_side(simulated: list[dict[str, Any]]) -> None:
    done = call("compare", "-p", "healthy", "-p", "mild-varicose", "-r", "posture-and-walk", "--out", "both")
    assert done.exit_code == 0, done.output
    lines = done.stdout.splitlines()
    assert lines[0].split() == ["measure", "healthy", "mild-varicose", "published"]
    assert " ".join(lines[1].split()) == "pressure at ankle 84 mmHg (in) 99 mmHg (above) 75 to 95 mmHg"
    assert lines[-1] == "report: both/report.html"
    assert simulated[0]["people"] == ["healthy", "mild-varicose"]


def test_compare_regimens_names_each_column(simulated: list[dict[str, Any]]) -> None:
    done = call("compare", "-p", "healthy", "-r", "walk", "-r", "tilt", "--out", "two", "--json")
    found = json.loads(done.stdout)
    assert [(one["label"], one["member"]) for one in found["columns"]] == [("walk", "healthy"), ("tilt", "healthy")]
    assert found["measures"][0]["values"] == [84.0, 84.0]
    assert {path.name for path in Path("two").iterdir()} == {"walk", "tilt", "comparison.html"}
    assert found["page"] == "two/comparison.html"


def test_compare_goes_one_by_one_where_a_batch_does_not_fit(
    simulated: list[dict[str, Any]], monkeypatch: pytest.MonkeyPatch
) -> None:
    import venolymph.simulation

    alone = venolymph.simulation.simulate

    def only_alone(person: Any, regimen: Any, **given: Any) -> Any:
        if isinstance(person, list):
            raise SimulationError("this regimen lasts differently for these people")
        return alone(person, regimen, **given)

    monkeypatch.setattr("venolymph.simulation.simulate", only_alone)
    done = call("compare", "-p", "healthy", "-p", "tall", "-r", "walk", "--out", "both")
    assert done.exit_code == 0, done.output
    assert done.stdout.splitlines()[0].split() == ["measure", "healthy", "tall", "published"]
    assert {path.name for path in Path("both").iterdir()} == {"healthy", "tall", "comparison.html"}


def test_compare_opens_runs(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(run_summary, "_held", lambda run: [])
    monkeypatch.setattr(
        "venolymph.simulation.open_run",
        lambda folder: stand_walk_and_stand((Path(folder).name,), scale=0.1),
        raising=False,
    )
    for name in ("before", "after"):
        with RunFolder.create(name, ["p"], "r", labels=Labels({"member": ["x"]})) as folder:
            folder.append_phase(0, {"time": np.array([1.0])}, {}, {"label": "standing"})
    done = call("compare", "before", "after")
    assert done.exit_code == 0, done.output
    assert done.stdout.splitlines()[0].split() == ["measure", "before", "after", "published"]
    assert done.stderr.count("incomplete: 1 phases are done") == 2
    assert done.stdout.splitlines()[-1] == "page: venolymph-runs/compare-before-after/comparison.html"
    text = Path("venolymph-runs/compare-before-after/comparison.html").read_text("utf-8")
    assert "Side by side: before, after" in text
    assert text.count("<svg") == 4
    # What is there is not written over unasked.
    again = call("compare", "before", "after", "--out", "venolymph-runs/compare-before-after")
    assert (again.exit_code, again.stderr.splitlines()[-1]) == (2, "hint: replace it with --overwrite")
    over = call("compare", "before", "after", "--out", "venolymph-runs/compare-before-after", "--overwrite")
    assert over.exit_code == 0, over.output


def test_resume_needs_a_run_and_nothing_else() -> None:
    with RunFolder.create("cut", ["p"], "r", labels=Labels({"member": ["x"]})):
        pass
    for words, message in (
        (
            ["run", "--resume", "nowhere"],
            "error: nowhere: there is no such folder\nhint: check the path; `venolymph run` makes folders\n",
        ),
        (
            ["run", "healthy", "tilt-test", "--resume", "cut"],
            "error: --resume takes everything from the folder, so only --csv, --beside, --json and --open go with it\n"
            "hint: venolymph run --resume cut\n",
        ),
        (
            ["compare", "cut", "cut"],
            "error: cut: no phase of this run is done yet\n"
            "hint: incomplete: 0 phases are done; go on with `venolymph run --resume cut`\n",
        ),
    ):
        done = call(*words)
        assert (done.exit_code, done.stdout, done.stderr) == (2, "", message)


def test_the_page_that_was_made_is_opened_where_that_is_asked_for(
    simulated: list[dict[str, Any]], monkeypatch: pytest.MonkeyPatch
) -> None:
    opened: list[str] = []
    monkeypatch.setattr("webbrowser.open", lambda address: opened.append(address) or len(opened) == 1)
    call("run", "healthy", "tilt-test", "--out", "one")
    assert opened == []
    call("run", "healthy", "tilt-test", "--out", "two", "--open")
    assert opened == [(Path("two") / "report.html").resolve().as_uri()]
    done = call("compare", "-p", "healthy", "-p", "tall", "-r", "tilt-test", "--out", "three", "--open")
    assert opened[1:] == [(Path("three") / "comparison.html").resolve().as_uri()]
    assert "no browser was found" in done.stderr  # the second time there was none


MISTAKES = {
    "run": "error: a person and a regimen are needed\n"
    "hint: for example `venolymph run healthy posture-and-walk`; `venolymph people` and `venolymph regimens` list what "
    "is packaged\n",
    "run healthy": "error: a regimen is needed\n"
    "hint: for example `venolymph run healthy posture-and-walk`; `venolymph people` and `venolymph regimens` list what "
    "is packaged\n",
    "run nobody tilt-test": "error: 'nobody': there is no packaged person\nhint: did you mean 'healthy'?\n",
    "run healthy tilt-test --jsno": "error: no such option: --jsno (Possible options: --json)\n"
    "hint: `venolymph run --help` shows what it takes\n",
    "rnu": "error: no such command 'rnu'. Did you mean 'run'?\nhint: `venolymph --help` shows what it takes\n",
    "compare": "error: people and regimens are needed, or two folders of runs\n"
    "hint: for example `venolymph compare -p healthy -p mild-varicose -r plethysmography`\n",
    "compare one": "error: one run alone cannot be compared\nhint: name two folders or more\n",
    "compare a b -p healthy": "error: give either folders of runs, or people and regimens\n"
    "hint: `venolymph compare --help` shows both\n",
    "compare -p healthy -r tilt-test": "error: one person in one regimen is nothing to compare\n"
    "hint: add another --person or another --regimen\n",
    "compare a b": "error: a: there is no such folder\nhint: check the path; `venolymph run` makes folders\n",
}


@pytest.mark.parametrize("words", MISTAKES)
@pytest.mark.usefixtures("simulated")
def test_mistakes_are_one_error_and_write_nothing(words: str, tmp_path: Path) -> None:
    done = call(*words.split())
    assert done.exit_code == 2
    assert done.stdout == ""
    assert done.stderr == MISTAKES[words]
    assert not list(tmp_path.iterdir())


@pytest.mark.parametrize("kept", [True, False])
def test_an_occupied_folder_is_refused_before_anything_is_simulated(kept: bool, simulated: list[Any]) -> None:
    Path("mine").mkdir()
    Path("mine/letter.txt").write_text("dear")
    done = call("run", "healthy", "tilt-test", "--out", "mine", *([] if kept else ["--overwrite"]))
    assert done.exit_code == 2
    assert done.stderr == (
        "error: mine: this folder holds something other than a run\n"
        "hint: name a folder that is empty or does not exist yet\n"
    )
    assert not simulated
    assert os.listdir("mine") == ["letter.txt"]


@pytest.mark.parametrize("command", ["people", "regimens", "measures", "sources"])
def test_lists_have_a_table_and_json(command: str) -> None:
    plain, data = call(command), call(command, "--json")
    assert plain.exit_code == data.exit_code == 0, plain.output + data.output
    entries = json.loads(data.stdout)
    assert len(plain.stdout.splitlines()) > len(entries) > 3
    first = entries[0].get("name") or entries[0]["key"]
    assert first.split()[0] in plain.stdout


def test_regimens_are_listed_with_sessions_and_garments_and_how_long_each_takes() -> None:
    found = {one["name"]: one for one in json.loads(call("regimens", "--json").stdout)}
    assert {one["kind"] for one in found.values()} == {"regimen", "session", "garment"}
    assert found["leg-massage-short"]["takes_s"] == pytest.approx(900.0, abs=60.0)
    assert found["rest"]["takes_s"] == found["stocking-class-2"]["takes_s"] == 48 * 60.0
    lines = {line.split("  ")[0]: " ".join(line.split()) for line in call("regimens").stdout.splitlines()}
    assert lines["desk-day"] == "desk-day 8 h 8 times (sit, stand, walk)"
    assert lines["leg-sham"] == "leg-sham 48 min foeldi experiment"
    assert lines["stocking-class-2"] == "stocking-class-2 48 min stocking to the knee, class RAL II: 23 to 32 mmHg"
    for name in found:
        assert load_regimen(name).lasts > 0.0


def test_sources_are_counted_by_their_basis() -> None:
    every = json.loads(call("sources", "--json").stdout)
    counts = Counter(one["basis"] for one in every)
    assert counts["fitted"] > 0
    told = call("sources").stderr.splitlines()[-1]
    assert told.startswith(f"{len(every)} figures: {counts['measured']} measured, {counts['derived']} derived, ")
    assert f"{counts['fitted']} fitted, {counts['assumed']} assumed;" in told


def test_sources_can_be_only_the_guesses() -> None:
    every, guesses = (json.loads(call("sources", *more, "--json").stdout) for more in ([], ["--assumed"]))
    assert 0 < len(guesses) < len(every)
    assert {one["basis"] for one in guesses} == {"assumed"}
    assert all(one["low"] is not None and one["high"] is not None for one in guesses)


def test_validate_prints_and_writes(monkeypatch: pytest.MonkeyPatch) -> None:
    from venolymph import validation
    from venolymph.validation.targets import quick

    verdicts: list[Any] = []
    monkeypatch.setattr(
        validation, "validate", lambda only, progress: progress("a", 0, 1) or verdicts.extend(only or []) or []
    )
    done = call("validate", "--only", "ankle_pressure_supine", "--json")
    assert done.exit_code == 0, done.output
    assert json.loads(done.stdout) == []
    assert verdicts == ["ankle_pressure_supine"]
    assert call("validate", "--quick", "--json").exit_code == 0
    assert verdicts[1:] == quick()
    assert not Path("docs").exists()
    written = call("validate", "--write", "page.md")
    assert written.exit_code == 0, written.output
    assert Path("page.md").read_text().startswith("# Validation")


def test_version_and_help_come_at_once() -> None:
    """Help and mistakes must not wait for JAX, nor help for what checks documents."""
    script = (
        "import sys\nfrom venolymph.cli import main\ntry:\n    main()\n"
        "except SystemExit as end:\n    heavy = {'jax', 'numpy', 'xarray'}\n"
        "    heavy |= {'pydantic'} if '--help' in sys.argv else set()\n"
        "    assert not heavy & set(sys.modules), sys.modules.keys()\n    sys.exit(end.code)\n"
    )
    for words, code in ((["--help"], 0), (["run"], 2), (["rnu"], 2)):
        done = subprocess.run([sys.executable, "-c", script, *words], capture_output=True, text=True, check=False)
        assert done.returncode == code, done.stderr
    assert "Usage: venolymph" in call("--help").stdout
    assert call("--version").stdout.strip()


def test_a_closed_pipe_is_quiet() -> None:
    script = "from venolymph.cli import main; main()"
    with subprocess.Popen(
        [sys.executable, "-c", script, "sources", "--json"], stdout=subprocess.PIPE, stderr=subprocess.PIPE
    ) as process:
        assert process.stdout is not None
        assert process.stderr is not None
        process.stdout.read(10)
        process.stdout.close()
        assert process.stderr.read() == b""
    assert process.returncode == 1


@pytest.mark.skipif(not Path("/dev/full").exists(), reason="there is no /dev/full")
@pytest.mark.parametrize("words", ["people", "sources --json", "screen --help", "run healthy no-such-thing"])
@pytest.mark.parametrize(
    ("output", "told"),
    [
        (">/dev/full", "error: standard output cannot be written: No space left on device\n"),
        (
            ">&-",
            "error: standard output is closed, so nothing could be printed\nhint: name a file or a pipe for it\n",
        ),
    ],
)
def test_what_cannot_be_printed_is_one_error(words: str, output: str, told: str, tmp_path: Path) -> None:
    done = subprocess.run(
        f"{sys.executable} -m venolymph {words} {output}", shell=True, capture_output=True, text=True, check=False
    )
    if output == ">/dev/full" and words.startswith("run"):
        assert done.returncode == 2, "a mistake is told on standard error"
    else:
        assert (done.returncode, done.stderr) == (1, told)
    assert not list(tmp_path.iterdir())


@pytest.mark.skipif(not Path("/dev/full").exists(), reason="there is no /dev/full")
def test_a_result_that_cannot_be_printed_is_one_error(tmp_path: Path) -> None:
    """Where all was asked and computed, and only then nothing can be written."""
    (tmp_path / "short.yaml").write_text("kind: regimen\nversion: 1\nsteps: [{lie: {for: 1 s}}]\n")
    (tmp_path / "answers.yaml").write_text(
        json.dumps(document(benign(["leg"], False), date=dt.date.today()).document())
    )
    for words in ("run healthy short.yaml", "screen --answers answers.yaml", "screen --answers answers.yaml --json"):
        done = subprocess.run(
            f"{sys.executable} -m venolymph {words} >/dev/full",
            shell=True,
            cwd=tmp_path,
            capture_output=True,
            text=True,
            check=False,
            timeout=400,
        )
        assert done.returncode == 1, done.stderr
        assert "Traceback" not in done.stderr
        assert done.stderr.splitlines()[-1] == "error: standard output cannot be written: No space left on device"


def test_doctor_knows_whether_programs_are_kept() -> None:
    done = call("doctor", "--json")
    found = json.loads(done.stdout)
    assert found["versions"]["jax"]
    assert found["platform"]
    assert found["cache"]["hit"] is (done.exit_code == 0)
    assert bool(found["trouble"]) is (done.exit_code == 1)
