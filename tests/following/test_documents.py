"""What is refused in a document of readings, and how that is said."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from following.legs import LANDMARKS, VOLUME, legs
from venolymph import following
from venolymph.errors import DocumentError

HEAD = "kind: readings\nversion: 1\nlabel: A-17\nfrom: malleolus\nunit: cm\nreadings:\n"
GOOD = "{0: 21.5, 8: 24.0, 19: 33.0}"


def one(girths: str = GOOD, date: str = "2026-03-02", side: str = "left") -> str:
    return HEAD + f"  - {{date: {date}, side: {side}, girths: {girths}}}\n"


WRONG = {
    "comma-in-braces": one("{0: 21,5, 8: 24,3, 19: 33,1}"),
    "comma-in-block": HEAD + "  - date: 2026-03-02\n    side: left\n    girths:\n      0: 21,5\n      8: 24,3\n",
    "comma-in-a-height": one("{'0,5': 21.5, 8: 24.0}"),
    "comma-with-unit": one("{0: '21,5 cm', 8: 24.0}"),
    "thousands-or-decimals": one("{0: '1,250', 8: 24.0}"),
    "girth-in-mm": one("{0: 215, 8: 240}"),
    "girth-of-5-mm": one("{0: 5 mm, 8: 24.0}"),
    "girth-of-3-m": one("{0: 3 m, 8: 24.0}"),
    "girth-mistyped": one("{0: 21.5, 8: 74.0, 19: 33.0}"),
    "girth-nothing": one("{0: 21.5, 8: , 19: 33.0}"),
    "girth-a-word": one("{0: 21.5, 8: thick}"),
    "girth-a-list": one("{0: 21.5, 8: [24.0]}"),
    "height-out-of-order": one("{0: 21.5, 80: 24.0, 19: 33.0}"),
    "height-twice": one("{0: 21.5, 8 cm: 24.0, 80 mm: 25.0}"),
    "height-far-away": one("{0: 21.5, 8: 24.0, 190: 33.0}"),
    "height-too-near": one("{0: 21.5, 0.1: 21.6}"),
    "one-girth": one("{0: 21.5}"),
    "no-unit": one().replace("unit: cm\n", ""),
    "unit-unknown": one().replace("unit: cm", "unit: feet"),
    "date-with-slashes": one(date="02/03/2026"),
    "date-of-two-digits": one(date="02.03.26"),
    "date-not-there": one(date="2026-02-30"),
    "date-a-word": one(date="Monday"),
    "date-a-number": one(date="20260302"),
    "side-unknown": one(side="lefft"),
    "reading-twice": one() + f"  - {{date: 2.3.2026, side: left, girths: {GOOD}}}\n",
    "reading-without-girths": HEAD + "  - {date: 2026-03-02, side: left}\n",
    "from-unknown": one().replace("malleolus", "knee"),
    "from-missing": one().replace("from: malleolus\n", ""),
    "label-empty": one().replace("A-17", "''"),
    "label-of-two-lines": one().replace("A-17", '"A\\n17"'),
    "kind-wrong": one().replace("kind: readings", "kind: person"),
    "version-newer": one().replace("version: 1", "version: 2"),
    "key-unknown": one().replace("label:", "name:"),
    "no-readings": HEAD.replace("readings:\n", "readings: []\n"),
}


@pytest.mark.parametrize("name", WRONG)
def test_what_is_refused(
    name: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, snapshot: Callable[[str, str], None]
) -> None:
    monkeypatch.chdir(tmp_path)
    Path("readings.yaml").write_text(WRONG[name], encoding="utf-8")
    with pytest.raises(DocumentError) as caught:
        following.load_readings("readings.yaml")
    assert caught.value.hint
    snapshot(name, str(caught.value))


@pytest.mark.parametrize(
    "girths",
    [
        LANDMARKS,
        dict(reversed(LANDMARKS.items())),
        {f"{height} cm": f"{girth} cm" for height, girth in LANDMARKS.items()},
        {f"{height * 10} mm": f"{girth * 10} mm" for height, girth in LANDMARKS.items()},
        {**LANDMARKS, "8 cm": 24.0},
    ],
)
def test_one_leg_written_in_several_ways(girths: dict[Any, Any]) -> None:
    (leg,) = following.load_readings(legs(("2026-03-02", "left", girths))).measured()
    assert leg.girths.volume == pytest.approx(VOLUME, abs=0.005)


@pytest.mark.parametrize(("unit", "factor"), [("cm", 1.0), ("mm", 10.0), ("inch", 1 / 2.54)])
def test_units_of_a_document(unit: str, factor: float) -> None:
    girths = {height * factor: girth * factor for height, girth in LANDMARKS.items()}
    (leg,) = following.load_readings(legs(("2.3.2026", "right", girths), unit=unit)).measured()
    assert (str(leg.date), leg.side) == ("2026-03-02", "right")
    assert leg.girths.volume == pytest.approx(VOLUME, abs=0.005)


def test_json_is_read_too(tmp_path: Path) -> None:
    import json

    file = tmp_path / "readings.json"
    file.write_text(json.dumps(legs(("2026-03-02", "left", LANDMARKS))), encoding="utf-8")
    (leg,) = following.load_readings(file).measured()
    assert leg.girths.volume == pytest.approx(VOLUME, abs=0.005)


def test_a_document_comes_out_as_it_went_in() -> None:
    given = legs(("2026-03-02", "left", {"0": 21.5, "8": 24.0}))
    assert following.load_readings(given).document() == given


def test_a_document_says_itself_what_a_table_is_told() -> None:
    with pytest.raises(DocumentError, match="says from itself"):
        following.load_readings(legs(("2026-03-02", "left", LANDMARKS)), start="sole")
