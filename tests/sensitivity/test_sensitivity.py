"""Which figures decide a measure: members differ in them alone, are read in chunks, and put in order; the command."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from typer.testing import CliRunner

from venolymph.body import load_person
from venolymph.body.make import make_body
from venolymph.cli import app
from venolymph.cohort import MemberReadings
from venolymph.errors import DocumentError, SimulationError
from venolymph.figures import load
from venolymph.regimen import load_regimen
from venolymph.sensitivity import SamplingPlan, analyse_sensitivity, default_factors, factors_named
from venolymph.sensitivity.factors import Factor, used_figures
from venolymph.sensitivity.showing import markdown, page

PERSON = load_person("healthy")
SHORT = load_regimen("ten-tiptoes")


class Line:
    """Made-up members: a reading is the sum of slopes times shares of ranges; some fail."""

    def __init__(self, slopes: dict[str, float], failing: tuple[int, ...] = ()) -> None:
        self.slopes, self.failing = slopes, failing
        self.sizes: list[tuple[int, int]] = []

    def __call__(
        self, members: Any, regimen: Any, measures: Any, *, research_override: str | None = None, chunk: int
    ) -> MemberReadings:
        self.sizes.append((len(members), chunk))
        known = load()
        values = np.full(len(members), 10.0)
        for at, member in enumerate(members):
            for key, slope in self.slopes.items():
                figure = known[key]
                assert figure.low is not None and figure.high is not None
                values[at] += slope * (member.drawn[key] - figure.low) / (figure.high - figure.low)
        failed = tuple("no solution" if one.number in self.failing else None for one in members)
        values[[one is not None for one in failed]] = np.nan
        return MemberReadings({name: values for name in measures}, dict.fromkeys(measures, "mL"), failed)


def steady() -> list[Factor]:
    """Some factors whose ranges are gone through in equal steps."""
    every = default_factors(PERSON, SHORT)
    return [one for one in every if one.value(0.5) == pytest.approx(0.5 * (one.low + one.high))][:40]


def test_figures_that_are_used_are_those_of_the_body_and_of_what_is_done() -> None:
    used = {figure.key for figure in used_figures(PERSON, SHORT)}
    assert set(make_body(PERSON, "leg").figures) <= used
    assert any(key.startswith("muscle_pump.") for key in used)
    assert not any(key.startswith(("lymph.", "head.")) for key in used)
    lying = {figure.key for figure in used_figures(PERSON, load_regimen("leg-massage"))}
    assert any(key.startswith("lymph.") for key in lying)


def test_by_itself_every_guess_is_varied_that_members_may_differ_in() -> None:
    every = default_factors(PERSON, SHORT)
    assert {one.figure.basis for one in every} == {"assumed"}
    assert all(one.low < one.high for one in every)
    assert not any(one.key.startswith("body_proportions.") for one in every)


def test_figures_are_named_by_key_or_beginning() -> None:
    key = default_factors(PERSON, SHORT)[0].key
    assert [one.key for one in factors_named([key, key])] == [key]
    beginning = key.rpartition(".")[0]
    assert all(one.key.startswith(beginning) for one in factors_named([beginning]))
    with pytest.raises(DocumentError, match="there is no figure 'wals'") as caught:
        factors_named(["wals"])
    assert caught.value.hint == "did you mean 'walls'?"
    with pytest.raises(DocumentError, match="has no range"):
        factors_named(["body_proportions"])


def test_a_range_over_decades_is_gone_through_in_equal_ratios() -> None:
    figure = default_factors(PERSON, SHORT)[0].figure
    assert Factor(figure, 1.0, 100.0).value(0.5) == pytest.approx(10.0)
    assert Factor(figure, 1.0, 3.0).value(0.5) == pytest.approx(2.0)
    assert [Factor(figure, -1.0, 100.0).value(end) for end in (0.0, 1.0)] == [-1.0, 100.0]


@pytest.mark.parametrize(("method", "blocks"), [("morris", 4), ("sobol", 8)])
def test_the_figures_that_matter_come_first_and_what_failed_is_counted(method: Any, blocks: int) -> None:
    factors = steady()
    slopes = {factors[7].key: 5.0, factors[2].key: -2.0}
    line = Line(slopes, failing=(3,))
    result = analyse_sensitivity(
        PERSON, SHORT, ["tape volume", "VV"], factors, SamplingPlan(method, blocks), follow=line
    )
    assert sum(size for size, _ in line.sizes) == result.members == blocks * (40 + (1 if method == "morris" else 2))
    size, chunk = line.sizes[0]
    assert size == chunk <= 64
    assert all(other == chunk for _, other in line.sizes)
    assert dict(result.failed) == {"no solution": 1}
    for one in result.measures:
        assert one.whole == blocks - 1
        assert result.ranked(one)[:2] == [7, 2]
    if method == "morris":
        assert result.measures[0].course[-1].first[[7, 2]] == pytest.approx([5.0, 2.0])
        assert "2 figures move it by more" in markdown(result)
    data = json.dumps(result.as_dict(), allow_nan=False)
    assert factors[7].key in data
    assert "1 failed (1 no solution)" in page(result)
    assert f"| {factors[7].key} |" in markdown(result)


def test_members_differ_in_the_factors_alone() -> None:
    factors = steady()[:3]
    seen: list[Any] = []

    def follow(members: Any, *_: Any, **__: Any) -> MemberReadings:
        seen.extend(members)
        return MemberReadings({"VV": np.arange(len(members)) + 0.0}, {"VV": "mL"}, (None,) * len(members))

    analyse_sensitivity(PERSON, SHORT, ["VV"], factors, SamplingPlan(blocks=2), follow=follow)
    assert len(seen) == 8
    for member in seen:
        assert member.person == PERSON
        changed = {key for key, figure in member.figures.items() if figure.value != load()[key].value}
        assert changed <= {one.key for one in factors} == set(member.drawn)


def test_nobody_who_can_be_read_is_an_error() -> None:
    factors = steady()[:2]
    with pytest.raises(SimulationError, match="all 6 members failed, 6 of them so: no solution"):
        analyse_sensitivity(PERSON, SHORT, ["VV"], factors, SamplingPlan(blocks=2), follow=Line({}, tuple(range(6))))


@pytest.mark.parametrize(
    ("words", "told"),
    [
        (("healthy", "ten-tiptoes"), "there is no measure to be decided"),
        (("healthy", "ten-tiptoes", "--measures", "VVV"), "did you mean 'VV'?"),
        (("healthy", "ten-tiptoes", "--measures", "VV", "--factors", "wals"), "did you mean 'walls'?"),
        (("healthy", "ten-tiptoes", "--measures", "VV", "--method", "sobol", "--n", "12"), "write --n 16"),
        (("healty", "ten-tiptoes", "--measures", "VV"), "did you mean 'healthy'?"),
    ],
)
def test_mistakes_are_told_before_anything_is_simulated(
    words: tuple[str, ...], told: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    done = CliRunner().invoke(app, ["sensitivity", *words])
    assert done.exit_code == 2
    assert told in done.stderr
    assert not list(tmp_path.rglob("*.json"))


def test_the_command_prints_and_keeps_what_matters(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("COLUMNS", "200")
    key = steady()[0].key
    monkeypatch.setattr("venolymph.sensitivity.running.measure_members", Line({key: 3.0}))
    words = [
        "sensitivity",
        "healthy",
        "ten-tiptoes",
        "--measures",
        "VV",
        "EF",
        "--factors",
        key,
        "--n",
        "4",
        "--out",
        "here",
    ]
    done = CliRunner().invoke(app, words)
    assert done.exit_code == 0, done.output
    assert done.stdout.startswith("healthy, ten tiptoes: 1 figure, 4 trajectories of Morris, 8 members, none failed")
    assert "VV went from 10 to 13 mL over 4 whole blocks" in done.stdout
    assert done.stdout.splitlines()[-1] == "report: here/report.html"
    kept = json.loads(Path("here/sensitivity.json").read_text("utf-8"))
    assert kept["measures"][1]["course"][-1]["mean_absolute_effect"] == {key: pytest.approx(3.0)}
    again = CliRunner().invoke(app, words)
    assert (again.exit_code, again.stderr) == (
        2,
        "error: here: there is something here already\nhint: name a new folder\n",
    )
