"""A trial as a document: packaged ones are read and written back, and what cannot be done gives one clear message."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest

from venolymph.documents import parse
from venolymph.errors import DocumentError
from venolymph.trial.document import TrialDocument, load_trial, packaged_trials
from venolymph.trial.instrument import REPEATED

Snapshot = Callable[[str, str], None]

TRIAL = """\
kind: trial
version: 1
population: healthy-adults
n: 12
control: rest
arms:
  - {arm: massage, regimen: leg-massage}
  - {arm: rest, regimen: rest-as-for-massage}
outcomes:
  - {measure: tape volume}
"""


def outcome(text: str) -> str:
    """The trial with another outcome."""
    return TRIAL.replace("{measure: tape volume}", text)


WRONG = {
    "control-missing": TRIAL.replace("control: rest\n", ""),
    "control-unknown": TRIAL.replace("control: rest", "control: rset"),
    "nobody": TRIAL.replace("n: 12", "n: 0"),
    "too-few": TRIAL.replace("n: 12", "n: 3"),
    "people-in-part": TRIAL.replace("n: 12", "n: 12.5"),
    "one-arm": TRIAL.replace("  - {arm: massage, regimen: leg-massage}\n", ""),
    "arm-twice": TRIAL.replace("arm: massage", "arm: rest"),
    "arm-without-regimen": TRIAL.replace("{arm: massage, regimen: leg-massage}", "{arm: massage}"),
    "arm-of-another-part": TRIAL.replace("regimen: leg-massage", "regimen: facial-massage"),
    "measure-unknown": outcome("{measure: tape volum}"),
    "measure-twice": outcome("{measure: tape volume}\n  - {measure: tape volume}"),
    "error-unknown": outcome("{measure: VFI}"),
    "error-of-another-unit": outcome("{measure: VFI, error: 3 mL, source: assumed}"),
    "error-none": outcome("{measure: VFI, error: 0 mL/s, source: assumed}"),
    "error-without-source": outcome("{measure: VFI, error: 10 %}"),
    "no-outcome": TRIAL.replace("outcomes:\n  - {measure: tape volume}\n", "outcomes: []\n"),
    "crossover-with-baseline": TRIAL + "design: crossover\nbaseline: rest\n",
    "crossover-with-weights": TRIAL.replace("leg-massage}", "leg-massage, weight: 2}") + "design: crossover\n",
    "analysis-of-another-design": TRIAL + "analysis: mixed model\n",
    "design-unknown": TRIAL + "design: paralel\n",
    "dropout-everybody": TRIAL + "dropout: 100 %\n",
    "alpha-none": TRIAL + "alpha: 0\n",
    "key-unknown": TRIAL + "arm: []\n",
    "kind-exchanged": TRIAL.replace("kind: trial", "kind: regimen"),
}


@pytest.mark.parametrize("case", WRONG)
def test_what_is_wrong_is_said(case: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, snapshot: Snapshot) -> None:
    monkeypatch.chdir(tmp_path)
    Path("trial.yaml").write_text(WRONG[case], encoding="utf-8")
    with pytest.raises(DocumentError) as caught:
        load_trial("trial.yaml")
    assert caught.value.place and caught.value.hint
    snapshot(case, str(caught.value))


@pytest.mark.parametrize(
    ("text", "place"),
    [
        (TRIAL.replace("regimen: leg-massage", "regimen: leg-masage"), "arms.0.regimen"),
        (TRIAL + "baseline: leg-masage\n", "baseline"),
    ],
)
def test_an_unknown_regimen_is_answered_with_the_nearest(text: str, place: str) -> None:
    with pytest.raises(DocumentError, match="did you mean 'leg-massage'") as caught:
        load_trial(parse(text)[0])
    assert caught.value.place == place


def test_an_unknown_name_is_answered_with_the_nearest() -> None:
    with pytest.raises(DocumentError, match="did you mean 'massage-on-leg-volume'") as caught:
        load_trial("massage-on-leg-volum")
    assert "no packaged trial" in caught.value.message


@pytest.mark.parametrize("name", packaged_trials())
def test_packaged_trials_are_read_and_written_back(name: str) -> None:
    trial = load_trial(name)
    assert trial.control in trial.names
    assert load_trial(trial.document()) == trial
    assert load_trial(parse(trial.to_yaml())[0]) == trial


def test_the_error_of_a_known_instrument_is_the_published_one() -> None:
    instrument = load_trial("massage-on-leg-volume").outcomes[1].instrument
    assert instrument.unit == "mL"
    assert instrument.least_at(5000.0) == pytest.approx(90.0)  # 1.8 %
    assert instrument.error_at(np.array([5000.0, -100.0])) == pytest.approx([90.0 / REPEATED, 1.8 / REPEATED])
    assert "tidhar2015 (measured)" in instrument.source


@pytest.mark.parametrize(
    ("said", "error", "least"),
    [
        ("error: 10 %", 0.2, 0.2 * REPEATED),
        ("error: 0.5 mL/s", 0.5, 0.5 * REPEATED),
        ("detectable: 1 mL/s", 1.0 / REPEATED, 1.0),
        ("error: 0.5 mL/s, detectable: 40 %", 0.5, 0.8),
    ],
)
def test_the_error_of_an_instrument_can_be_said(said: str, error: float, least: float) -> None:
    data, _ = parse(outcome(f"{{measure: VFI, {said}, source: mine}}"))
    instrument = load_trial(data).outcomes[0].instrument
    assert instrument.error_at(np.array([2.0])) == pytest.approx([error])
    assert instrument.least_at(2.0) == pytest.approx(least)


def test_percent_of_a_measure_in_percent_are_points() -> None:
    data, _ = parse(outcome("{measure: EF, error: 4 %, source: mine}"))
    assert load_trial(data).outcomes[0].instrument.error_at(np.array([60.0])) == pytest.approx([4.0])


def test_python_is_refused_as_a_document_is() -> None:
    with pytest.raises(DocumentError, match="at least 2"):
        TrialDocument(population="healthy-adults", n=0, control="a", arms=[], outcomes=[])
