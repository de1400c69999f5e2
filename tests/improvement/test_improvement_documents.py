"""An improvement as a document: what cannot be done gives one clear message, with where and what is allowed."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from venolymph.documents import parse
from venolymph.errors import DocumentError
from venolymph.improvement.document import load_improvement

Snapshot = Callable[[str, str], None]

IMPROVEMENT = """\
kind: improvement
version: 1
population: healthy-adults
n: 4
confirm: 8
regimen:
  - wear: {garment: stocking, class: {vary: class}, steps: [stand: {for: {vary: time}}]}
vary:
  class: {choices: [RAL I, RAL II], plain: RAL I}
  time: {from: 10 min, to: 30 min, plain: 20 min}
outcome: {measure: tape volume}
better: lower
"""


def time(text: str) -> str:
    """The improvement with another entry for the time."""
    return IMPROVEMENT.replace("{from: 10 min, to: 30 min, plain: 20 min}", text)


def kind(text: str) -> str:
    """The improvement with another entry for the class."""
    return IMPROVEMENT.replace("{choices: [RAL I, RAL II], plain: RAL I}", text)


WRONG = {
    "nobody": IMPROVEMENT.replace("n: 4", "n: 0"),
    "nobody-to-confirm": IMPROVEMENT.replace("confirm: 8\n", ""),
    "nothing-varies": IMPROVEMENT.partition("vary:\n")[0]
    + "vary: {}\noutcome: {measure: tape volume}\nbetter: lower\n",
    "name-unknown": IMPROVEMENT.replace("{vary: class}", "{vary: clas}"),
    "name-not-used": IMPROVEMENT.replace("{vary: time}", "20 min"),
    "choice-twice": kind("{choices: [RAL I, RAL I], plain: RAL I}"),
    "choice-alone": kind("{choices: [RAL I], plain: RAL I}"),
    "choice-that-is-none": kind("{choices: [RAL I, RAL 7], plain: RAL I}"),
    "plain-is-none-of-them": kind("{choices: [RAL I, RAL II], plain: RAL III}"),
    "plain-missing": kind("{choices: [RAL I, RAL II]}"),
    "neither": time("{plain: 20 min}"),
    "both": time("{choices: [10 min, 20 min], from: 10 min, to: 20 min, plain: 10 min}"),
    "to-missing": time("{from: 10 min, plain: 20 min}"),
    "ends-turned-round": time("{from: 30 min, to: 10 min, plain: 20 min}"),
    "plain-outside": time("{from: 10 min, to: 30 min, plain: 40 min}"),
    "units-mixed": time("{from: 10 min, to: 3600 s, plain: 20 min}"),
    "no-number": time("{from: short, to: long, plain: short}"),
    "end-that-cannot-be": time("{from: -10 min, to: 30 min, plain: 20 min}"),
    "measure-unknown": IMPROVEMENT.replace("tape volume", "tape volum"),
    "error-unknown": IMPROVEMENT.replace("tape volume", "VFI"),
    "better-unknown": IMPROVEMENT.replace("better: lower", "better: smaller"),
    "key-unknown": IMPROVEMENT + "budget: 12\n",
    "too-few-evaluations": IMPROVEMENT + "evaluations: 1\n",
}


@pytest.mark.parametrize("name", WRONG)
def test_what_cannot_be_done_is_said_once_and_clearly(
    name: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, snapshot: Snapshot
) -> None:
    monkeypatch.chdir(tmp_path)
    Path("improvement.yaml").write_text(WRONG[name], encoding="utf-8")
    with pytest.raises(DocumentError) as raised:
        load_improvement("improvement.yaml")
    assert raised.value.place and raised.value.hint
    snapshot(name, str(raised.value))


def test_a_regimen_is_filled_in() -> None:
    document = load_improvement(parse(IMPROVEMENT)[0])
    assert document.plain == {"class": "RAL I", "time": "20 min"}
    text = document.regimen_with({"class": "RAL II", "time": "12.5 min"}).to_yaml()
    assert "RAL II" in text
    assert "12.5 min" in text
    assert "vary" not in text


def test_numbers_may_be_changed_from_outside() -> None:
    document = load_improvement(parse(IMPROVEMENT)[0]).changed(n=7, confirm=9, evaluations=3, seed=5)
    assert (document.n, document.confirm, document.evaluations, document.seed) == (7, 9, 3, 5)
    with pytest.raises(DocumentError):
        document.changed(n=0)
