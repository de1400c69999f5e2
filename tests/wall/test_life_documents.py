"""A life as a document: packaged ones are read, what is wrong or cannot be the person's gives one clear message."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from venolymph.body.person import load_person
from venolymph.compression import Garment
from venolymph.errors import DocumentError, UnitError
from venolymph.wall import Change, DayHours
from venolymph.wall.life_document import LifeDocument, life_schema, load_life, packaged_lives
from venolymph.wall.life_of_person import check_life

Snapshot = Callable[[str, str], None]

USUAL = DayHours(lying=8.0, sitting=9.5, standing=4.0, walking=2.5)
HEAD = "kind: life\nversion: 1\nlasts: 5 years\nevery: 1 year\n"
DAY = "day: {lying: 8 h, sitting: 9.5 h, standing: 4 h, walking: 2.5 h}\n"


def changes(*lines: str) -> str:
    """A life with these changes."""
    return HEAD + DAY + "changes:\n" + "".join(f"  - {{{line}}}\n" for line in lines)


WRONG = {
    "two-hundred-years": HEAD.replace("5 years", "200 years") + DAY,
    "length-without-unit": HEAD.replace("5 years", "5") + DAY,
    "length-of-another-kind": HEAD.replace("5 years", "5 cm") + DAY,
    "row-after-the-end": HEAD.replace("1 year", "6 years") + DAY,
    "rows-too-many": HEAD.replace("1 year", "1 day") + DAY,
    "key-missing": HEAD,
    "kind-exchanged": HEAD.replace("kind: life", "kind: regimen") + DAY,
    "day-too-short": HEAD + DAY.replace("9.5 h", "8 h"),
    "day-too-long": HEAD + DAY.replace("9.5 h", "12 h"),
    "day-with-another-posture": HEAD + DAY.replace("walking", "walkin"),
    "dates-out-of-order": changes("at: 2 years, massage: 1 /week", "at: 1 year, massage: 2 /week"),
    "dates-alike": changes("at: 2 years, massage: 1 /week", "at: 24 months, massage: 2 /week"),
    "date-before-the-start": changes("at: -3 years, ablate: great saphenous"),
    "date-after-the-end": changes("at: 6 years, ablate: great saphenous"),
    "date-missing": changes("ablate: great saphenous"),
    "nothing-changes": changes("at: 1 year"),
    "change-unknown": changes("at: 1 year, ablation: great saphenous"),
    "vein-unknown": changes("at: 1 year, ablate: great saphenus"),
    "vein-deep": changes("at: 1 year, ablate: femoral"),
    "vein-closed-twice": changes("at: 0 days, ablate: great saphenous", "at: 1 year, ablate: 'great saphenous, thigh'"),
    "tributary-that-is-none": changes("at: 1 year, remove: small saphenous"),
    "junction-unknown": changes("at: 1 year, close: junction"),
    "garment-unknown": changes("at: 1 year, wear: stocking-clas-2"),
    "garment-without-class": changes("at: 1 year, wear: {garment: stocking}"),
    "garment-of-one-side": changes("at: 1 year, wear: {garment: stocking, class: RAL II, on: left}"),
    "garment-not-worn": changes("at: 1 year, worn: 50 %"),
    "pregnancy-in-another": changes("at: 1 year, pregnancy: 40 weeks", "at: 1.5 years, pregnancy: 40 weeks"),
    "pregnancy-too-long": changes("at: 1 year, pregnancy: 60 weeks"),
    "massage-without-unit": changes("at: 1 year, massage: 1"),
    "massage-all-day": changes("at: 1 year, massage: 5 /day"),
}

UNFIT = {
    "tributary-not-there": ("healthy", changes("at: 1 year, remove: 'tributary, medial calf'")),
    "tributary-not-among-those-there": ("mild-varicose", changes("at: 1 year, ablate: 'tributary, lateral thigh'")),
    "older-than-anybody": ("healthy", HEAD.replace("5 years", "100 years") + DAY),
    "pregnant-man": ("tall", changes("at: 1 year, pregnancy: 40 weeks")),
    "closed-in-the-document": ("closed", changes("at: 1 year, ablate: 'great saphenous, thigh'")),
    "pregnant-in-the-document": ("pregnant", HEAD + DAY),
}
WHO = {"label": "somebody", "sex": "female", "age": "30 y", "height": "168 cm", "mass": "71 kg"}
PEOPLE = {
    "closed": {"person": WHO, "legs": {"left": {"veins": [{"at": "great saphenous", "narrowed": "closed"}]}}},
    "pregnant": {"person": {**WHO, "pregnancy": "30 weeks"}},
}


def written(text: str, folder: Path) -> LifeDocument:
    """The life of a file of this text."""
    (folder / "life.yaml").write_text(text, "utf-8")
    return load_life(folder / "life.yaml")


def told(error: DocumentError, folder: Path) -> str:
    """What a message says, which names where and what to try."""
    assert error.place
    assert error.hint
    return f"{type(error).__name__}\n{error}".replace(f"{folder}/", "")


@pytest.mark.parametrize("case", WRONG)
def test_what_is_wrong_is_told(case: str, tmp_path: Path, snapshot: Snapshot) -> None:
    with pytest.raises(DocumentError) as caught:
        written(WRONG[case], tmp_path)
    snapshot(case, told(caught.value, tmp_path))


@pytest.mark.parametrize("case", UNFIT)
def test_a_life_that_cannot_be_that_of_the_person_is_told(case: str, tmp_path: Path, snapshot: Snapshot) -> None:
    name, text = UNFIT[case]
    person = load_person({"kind": "person", "version": 1, **PEOPLE[name]} if name in PEOPLE else name)
    with pytest.raises(DocumentError) as caught:
        check_life(written(text, tmp_path), person)
    snapshot(case, told(caught.value, tmp_path))


def test_every_message_kept_is_that_of_a_case() -> None:
    assert {one.stem for one in (Path(__file__).parent / "snapshots").glob("*.txt")} == {*WRONG, *UNFIT}


@pytest.mark.parametrize("name", packaged_lives())
def test_packaged_lives_are_read_and_written(name: str) -> None:
    life = load_life(name)
    assert load_life(life.document()) == life
    plain = life.plain()
    assert plain.hours == USUAL
    assert plain.title == life.life
    assert len(plain.report_days) >= 2
    check_life(life, load_person({"kind": "person", "version": 1, "person": WHO}))


def test_a_change_becomes_plain_numbers(tmp_path: Path) -> None:
    text = changes(
        "at: 4 weeks, wear: RAL II, worn: 50 %, ablate: great saphenous, close: [small saphenous, perforator]",
        "at: 1 year, worn: 0, massage: 1 /day, abdominal_pressure: -5 mmHg, pregnancy: 40 weeks",
    )
    first, second = written(text, tmp_path).plain().changes
    assert first.garment == Garment(garment="stocking", class_="RAL II", up_to="knee")
    assert first.ablated == ("great saphenous, calf", "great saphenous, thigh", "great saphenous, junction")
    assert first.closed[:2] == ("small saphenous, terminal valve", "perforator, Cockett lower")
    assert (first.day, first.garment_share) == (28.0, 0.5)
    assert second == Change(
        365.25, garment_share=0.0, massage_per_week=7.0, abdominal_pressure=-5.0, pregnant_for=280.0
    )


def test_another_length_leaves_out_what_comes_after_its_end(tmp_path: Path) -> None:
    life = written(changes("at: 0 days, massage: 1 /week", "at: 2 years, ablate: great saphenous"), tmp_path)
    short = life.lasting("6 months")
    assert (len(short.changes), short.plain().report_days) == (1, (0.0, 182.625))
    assert life.lasting("10 years", "6 months").plain().report_days[1] == 182.625
    assert life.lasting() == life
    with pytest.raises(UnitError, match="'5' has no unit; a time is needed, in days, weeks, months, years"):
        life.lasting("5")


def test_the_schema_names_every_key() -> None:
    assert set(life_schema()["properties"]) == {"kind", "version", "life", "lasts", "every", "day", "changes"}
