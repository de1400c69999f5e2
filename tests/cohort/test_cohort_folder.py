"""A cohort's folder: parts in any order and of any number of people, a full disk, resuming, and what is refused."""

from __future__ import annotations

import errno
import json
from collections import Counter
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from venolymph.cohort import MemberReadings, finish_cohort, follow_cohort, following, open_cohort
from venolymph.cohort.store import open_folder
from venolymph.errors import DocumentError, MeasureError, RunError, VenolymphError
from venolymph.population import Member, draw_members, load_population
from venolymph.simulation import files

LYING: dict[str, Any] = {"kind": "regimen", "version": 1, "regimen": "lying", "steps": [{"lie": {"for": "1 s"}}]}
SITTING: dict[str, Any] = {"kind": "regimen", "version": 1, "regimen": "sitting", "steps": [{"sit": {"for": "1 s"}}]}
PRESSURE = "ankle pressure"


class Parts:
    """In place of the simulation: each person's pressure is their height, and one of them fails. Counts the calls."""

    def __init__(self) -> None:
        self.numbers: list[tuple[str, int]] = []

    def __call__(self, members: Sequence[Member], regimen: Any, measures: Sequence[str], **_: Any) -> MemberReadings:
        self.numbers += [(regimen["regimen"], member.number) for member in members]
        values = np.array([member.person.height for member in members])
        failed = tuple("it burst" if member.number == 5 else None for member in members)
        values[[why is not None for why in failed]] = np.nan
        return MemberReadings({PRESSURE: values}, {PRESSURE: "mmHg"}, failed)


@pytest.fixture
def parts(monkeypatch: pytest.MonkeyPatch) -> Parts:
    """What stands in for the simulation."""
    found = Parts()
    monkeypatch.setattr(following, "measure_members", found)
    return found


def cohort(out: Path, **changes: Any) -> Any:
    """A cohort of ten in a folder."""
    given: dict[str, Any] = {"number": 10, "seed": 3, "measures": [PRESSURE], "chunk": 4, "workers": 0}
    return follow_cohort("healthy-adults", [LYING, SITTING], out=out, **{**given, **changes})


def heights(number: int) -> np.ndarray:
    """What the people of that cohort read; the sixth of them nothing."""
    found = [one.person.height for one in draw_members(load_population("healthy-adults"), number, 3).members]
    return np.array([np.nan if place == 5 else height for place, height in enumerate(found)])


@pytest.mark.parametrize("chunk", [1, 3, 4, 10, 64])
def test_numbers_stand_where_they_belong_whatever_the_chunks(tmp_path: Path, parts: Parts, chunk: int) -> None:
    found = cohort(tmp_path / "out", chunk=chunk)
    np.testing.assert_array_equal(found[PRESSURE], np.stack([heights(10)] * 2))
    assert list(found["regimen"].values) == ["lying", "sitting"]
    assert found[PRESSURE].attrs["units"] == "mmHg"
    np.testing.assert_array_equal(found["height"][:5], heights(10)[:5])
    assert Counter(parts.numbers) == Counter((name, one) for name in ("lying", "sitting") for one in range(10))


def test_parts_may_be_done_in_any_order(tmp_path: Path, parts: Parts) -> None:
    straight = cohort(tmp_path / "straight").load()
    settings = open_folder(tmp_path / "straight").settings
    following.create_cohort(tmp_path / "backwards", settings)
    for task in reversed(settings.tasks):
        following.compute_part(str(tmp_path / "backwards"), settings.part(task))
    assert straight.equals(open_cohort(tmp_path / "backwards").load())


def test_more_people_begin_with_the_same(tmp_path: Path, parts: Parts) -> None:
    few, many = cohort(tmp_path / "few", number=8), cohort(tmp_path / "many", number=24)
    np.testing.assert_array_equal(few[PRESSURE], many[PRESSURE][:, :8])


def test_somebody_who_failed_is_data_with_the_cause(tmp_path: Path, parts: Parts) -> None:
    found = cohort(tmp_path / "out")
    assert list(found["cause"].sel(member=5).values) == ["it burst"] * 2
    assert np.isnan(found[PRESSURE].sel(member=5)).all()
    assert (found["cause"].drop_sel(member=5) == "").all()


def test_only_what_is_missing_is_done_on_resuming(tmp_path: Path, parts: Parts) -> None:
    straight = cohort(tmp_path / "out").load()
    folder = open_folder(tmp_path / "out")
    lost = folder.settings.tasks[4]
    (tmp_path / "out" / "done" / f"{lost.name}.json").unlink()
    assert (open_cohort(tmp_path / "out")["cause"] == "not done yet").sum() == 4
    parts.numbers.clear()
    again = finish_cohort(tmp_path / "out", workers=0)
    assert parts.numbers == [("sitting", one) for one in range(4, 8)]
    assert straight.equals(again.load())
    parts.numbers.clear()
    finish_cohort(tmp_path / "out", workers=0)
    assert not parts.numbers
    assert straight.equals(cohort(tmp_path / "out", resume=True).load())


def test_a_full_disk_loses_nothing_that_was_done(tmp_path: Path, parts: Parts, monkeypatch: pytest.MonkeyPatch) -> None:
    straight = cohort(tmp_path / "whole").load()
    kept = files.os.fsync
    calls = iter(range(100))

    def full(handle: int) -> None:
        if next(calls) >= 3:  # the settings and two marks find room
            raise OSError(errno.ENOSPC, "No space left on device")
        kept(handle)

    monkeypatch.setattr(files.os, "fsync", full)
    with pytest.raises(RunError, match="No space left on device"):
        cohort(tmp_path / "out")
    monkeypatch.setattr(files.os, "fsync", kept)
    assert len(open_folder(tmp_path / "out").missing) == 4
    parts.numbers.clear()
    assert straight.equals(finish_cohort(tmp_path / "out", workers=0).load())
    assert len(parts.numbers) == 2 + 10, "two chunks of the first regimen were there"


def test_progress_is_told_in_people(tmp_path: Path, parts: Parts) -> None:
    told: list[tuple[float, float, str]] = []
    cohort(tmp_path / "out", progress=lambda *now: told.append(now))
    assert [one[0] for one in told] == [0, 4, 8, 10, 14, 18, 20]
    assert {one[1] for one in told} == {20}


def test_people_of_a_table_are_a_cohort(tmp_path: Path, parts: Parts) -> None:
    members = draw_members(load_population("healthy-adults"), 10, 3).members
    found = follow_cohort(members, [LYING], out=tmp_path / "out", measures=[PRESSURE], chunk=4, workers=0)
    np.testing.assert_array_equal(found[PRESSURE][0], heights(10))
    assert list(found["group"].values) == ["healthy"] * 10


def test_what_is_not_a_cohort_is_refused(tmp_path: Path, parts: Parts) -> None:
    cohort(tmp_path / "out")
    with pytest.raises(RunError, match="holds a cohort already"):
        cohort(tmp_path / "out")
    with pytest.raises(RunError, match="is another one"):
        cohort(tmp_path / "out", seed=4, resume=True)
    (tmp_path / "other").mkdir()
    (tmp_path / "other" / "note.txt").write_text("mine", "utf-8")
    with pytest.raises(RunError, match="something else"):
        cohort(tmp_path / "other")
    with pytest.raises(RunError, match="not the folder of a cohort"):
        open_cohort(tmp_path / "other")
    path = tmp_path / "out" / "cohort.json"
    changed = json.loads(path.read_text("utf-8"))
    changed["settings"]["override"] = "written in later"
    path.write_text(json.dumps(changed), "utf-8")
    with pytest.raises(RunError, match="were changed since it began"):
        finish_cohort(tmp_path / "out", workers=0)


def test_another_version_does_not_go_on_with_a_cohort(
    tmp_path: Path, parts: Parts, monkeypatch: pytest.MonkeyPatch
) -> None:
    cohort(tmp_path / "out")
    monkeypatch.setattr(following, "version", lambda: "99")
    with pytest.raises(RunError, match="begun by version"):
        finish_cohort(tmp_path / "out", workers=0)


@pytest.mark.parametrize(
    ("changes", "kind", "message"),
    [
        ({"number": 0}, DocumentError, "0 people are asked for"),
        ({"number": None}, DocumentError, "0 people are asked for"),
        ({"measures": ["ankle presure"]}, MeasureError, "did you mean 'ankle pressure'"),
        ({"measures": []}, DocumentError, "nothing is to be read"),
        ({"chunk": 0}, DocumentError, "chunks of 0 people"),
        ({"seed": -1}, DocumentError, "a seed of -1"),
        ({"research_override": "x"}, VenolymphError, "reason"),
    ],
)
def test_what_cannot_be_asked_for_is_said_plainly(
    tmp_path: Path, parts: Parts, changes: dict[str, Any], kind: type[VenolymphError], message: str
) -> None:
    with pytest.raises(kind) as caught:
        cohort(tmp_path / "out", **changes)
    assert message in str(caught.value)
