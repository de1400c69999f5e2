"""A trial is run as its document says: who is let in, lost, failed and analysed; nothing is found too often."""

from __future__ import annotations

import json
from collections.abc import Sequence
from html.parser import HTMLParser
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from scipy import stats
from typer.testing import CliRunner

from venolymph.cli import app
from venolymph.cohort import MemberReadings
from venolymph.errors import SimulationError
from venolymph.trial.document import TrialDocument, load_trial
from venolymph.trial.page import page
from venolymph.trial.running import run_trial
from venolymph.trial.showing import sentences

ARMS = [{"arm": "stocking", "regimen": "stocking-class-1"}, {"arm": "rest", "regimen": "rest"}]


def trial(**changes: Any) -> TrialDocument:
    """A small trial of a stocking."""
    return load_trial(
        {
            "kind": "trial",
            "version": 1,
            "population": "healthy-adults",
            "n": 24,
            "seed": 3,
            "control": "rest",
            "arms": ARMS,
            "outcomes": [{"measure": "tape volume"}],
            **changes,
        }
    )


class Legs:
    """Made-up legs in place of simulations: each person's own volume, less in a stocking; some fail."""

    def __init__(self, effect: float = 0.0, failing: Sequence[int] = ()) -> None:
        self.effect, self.failing = effect, failing
        self.asked: list[tuple[str, list[int], str | None]] = []

    def __call__(
        self, members: Any, regimen: Any, measures: Any, *, research_override: str | None = None, chunk: int
    ) -> MemberReadings:
        assert len(members) <= chunk
        self.asked.append((regimen.regimen, [one.number for one in members], research_override))
        own = np.array([7000.0 + 900.0 * np.random.default_rng(one.number).standard_normal() for one in members])
        value = own - self.effect * regimen.regimen.startswith("stocking")
        failed = tuple("no solution" if one.number in self.failing else None for one in members)
        value[[one is not None for one in failed]] = np.nan
        return MemberReadings({name: value for name in measures}, dict.fromkeys(measures, "mL"), failed)


def test_each_person_is_simulated_in_one_arm_and_read_before_it() -> None:
    legs = Legs()
    result = run_trial(trial(baseline="sitting", dropout="25 %"), follow=legs)
    *before, stocking, rest = [people for _, people, _ in legs.asked]
    assert sorted(stocking + rest) == sorted(one for people in before for one in people)
    assert len(stocking + rest) == 18
    assert [(arm.allocated, arm.analysed) for arm in result.flow.arms] == [
        (12, len(stocking)),
        (12, len(rest)),
    ]
    assert sum(arm.lost for arm in result.flow.arms) == 6
    assert result.flow.drawn == 24


def test_in_a_crossover_everybody_goes_through_every_arm_and_who_fails_in_one_is_out_of_all() -> None:
    legs = Legs(effect=300.0, failing=(2, 5))
    result = run_trial(trial(design="crossover"), follow=legs)
    assert [asked[1] for asked in legs.asked] == [list(range(24))] * 2
    assert [(arm.allocated, dict(arm.failed), arm.analysed) for arm in result.flow.arms] == [
        (24, {"no solution": 2}, 22)
    ] * 2
    (outcome,) = result.outcomes
    assert outcome.people == {"stocking": 22, "rest": 22}
    (effect,) = outcome.effects
    assert effect.true == pytest.approx(-300.0)
    assert abs(effect.read.difference + 300.0) < 4.0 * effect.read.error
    assert effect.in_one_person
    assert effect.least == pytest.approx(0.018 * outcome.means["rest"])
    assert "A clinic could measure that in one person" in sentences(result)[0]


def test_the_same_seed_gives_the_same_trial_and_another_one_another() -> None:
    found = [run_trial(trial(seed=seed), follow=Legs(50.0)).as_dict() for seed in (1, 1, 2)]
    assert found[0] == found[1] != found[2]
    json.dumps(found[0], allow_nan=False)


@pytest.mark.parametrize("changes", [{"baseline": "sitting"}, {"design": "crossover"}], ids=["parallel", "crossover"])
def test_a_trial_of_nothing_keeps_its_five_percent(changes: dict[str, Any], monkeypatch: pytest.MonkeyPatch) -> None:
    """Whole trials with two arms that do the same, each with its own people, errors and analysis."""
    monkeypatch.setattr("venolymph.trial.running.power_of", lambda *_: [None])  # which is not what is asked here
    found = [
        run_trial(trial(n=8, seed=seed, **changes), follow=Legs()).outcomes[0].effects[0].read.p for seed in range(120)
    ]
    low, high = stats.binom.interval(0.999, len(found), 0.05)
    assert low <= sum(p < 0.05 for p in found) <= high


def test_who_may_not_be_treated_is_left_out_and_counted_unless_there_is_a_reason() -> None:
    legs = Legs()
    ulcers = {
        "kind": "population",
        "version": 1,
        "population": "some with ulcers",
        "sex": {"female": "50 %", "source": "mine", "basis": "assumed"},
        "age": {"low": "40 y", "high": "60 y", "source": "mine", "basis": "assumed"},
        "height": {"low": "160 cm", "high": "180 cm", "source": "mine", "basis": "assumed"},
        "mass": {"low": "60 kg", "high": "80 kg", "source": "mine", "basis": "assumed"},
        "prevalence": "mine",
        "classes": [
            {"class": "well", "share": "50 %", "based_on": "healthy"},
            {"class": "ill", "share": "50 %", "based_on": "severe-varicose", "leg": {"ceap": "C6", "skin": "ulcer"}},
        ],
    }
    result = run_trial(trial(population=ulcers), follow=legs)
    (reason,) = result.flow.refused
    assert "ulcer" in reason and "some with ulcers" not in reason
    assert result.flow.drawn == 24 + result.flow.refused[reason]
    assert all(override is None for *_, override in legs.asked)
    asked = run_trial(trial(population=ulcers, reason="how ulcers fare"), follow=legs)
    assert asked.flow.drawn == 24
    assert not asked.flow.refused
    assert legs.asked[-1][2] == "how ulcers fare"
    assert "simulated for this reason: how ulcers fare" in page(asked)
    all_ill = {**ulcers, "classes": [{**ulcers["classes"][1], "share": "100 %"}]}
    with pytest.raises(SimulationError, match="of 480 people drawn 0 may take part, and 24 are needed"):
        run_trial(trial(population=all_ill), follow=legs)


def test_too_few_who_could_be_read_are_no_result() -> None:
    result = run_trial(trial(n=4), follow=Legs(failing=(0, 1, 2)))
    assert result.outcomes[0].effects == ()
    assert sentences(result) == ["tape volume: too few people could be read to compare arms."]
    assert "too few people" in page(result)


class Tags(HTMLParser):
    """Tags that are opened and closed."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self.open: list[str] = []
        self.loads: list[str] = []
        self.feed(text)

    def handle_starttag(self, tag: str, attrs: Any) -> None:
        self.loads += [value for key, value in attrs if key in ("src", "href")]
        if tag not in ("meta", "path"):
            self.open.append(tag)

    def handle_startendtag(self, tag: str, attrs: Any) -> None:
        pass

    def handle_endtag(self, tag: str) -> None:
        assert self.open.pop() == tag


def test_the_page_is_whole_and_fetches_nothing() -> None:
    text = page(run_trial(trial(trial="a <trial>", baseline="sitting", dropout="10 %"), follow=Legs(failing=(1,))))
    found = Tags(text)
    assert not found.open
    assert not found.loads
    assert "<h1>a &lt;trial&gt;</h1>" in text
    for line in ("drawn from the population: 24", "simulation failed: 1", "1 × no solution", "people in all arms"):
        assert line in text


def call(*words: str) -> Any:
    return CliRunner().invoke(app, list(words))


@pytest.fixture
def _followed(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("COLUMNS", "200")
    monkeypatch.setattr("venolymph.trial.running.measure_members", Legs(250.0))
    Path("trial.yaml").write_text(trial(trial="a stocking").to_yaml(), encoding="utf-8")


@pytest.mark.usefixtures("_followed")
def test_the_command_tells_shows_and_keeps_it() -> None:
    done = call("trial", "trial.yaml", "--n", "12", "--out", "here")
    assert done.exit_code == 0, done.output
    assert done.stdout.startswith("a stocking: 12 people, parallel, analysed by ANCOVA\n")
    assert done.stdout.splitlines()[-1] == "report: here/report.html"
    assert "- drawn: 12\n" in done.stdout
    kept = json.loads(Path("here/trial.json").read_text("utf-8"))
    assert kept["trial"]["n"] == 12
    assert Path("here/report.html").is_file()
    again = call("trial", "trial.yaml", "--out", "here")
    assert (again.exit_code, again.stderr) == (
        2,
        "error: here: there is something here already\nhint: pass --overwrite\n",
    )
    told = json.loads(call("trial", "trial.yaml", "--out", "here", "--overwrite", "--json").stdout)
    assert told["flow"]["drawn"] == 24
    assert told["outcomes"][0]["effects"][0]["arm"] == "stocking"


@pytest.mark.usefixtures("_followed")
def test_mistakes_are_told_before_anything_is_simulated() -> None:
    for words, told in (
        (("trial.yaml", "--n", "0"), "n: 0 is not possible here; allowed is at least 2"),
        (("stocking-on-a-long-fligt",), "did you mean 'stocking-on-a-long-flight'?"),
        (("trial.yaml", "--research-override", "."), "no reason to go on"),
    ):
        done = call("trial", *words)
        assert done.exit_code == 2
        assert told in done.stderr
    assert "massage-on-leg-volume" in call("trials").stdout
    assert json.loads(call("trials", "--json").stdout)[0]["control"] == "legs raised"
