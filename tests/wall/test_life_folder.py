"""A life's folder: what is kept comes back bit for bit, and what a folder cannot be is one clear message."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pytest
import xarray as xr

from venolymph.body.person import load_person
from venolymph.errors import RunError
from venolymph.wall.folder import LifeFolder, open_life
from venolymph.wall.life_document import load_life

PERSON, LIFE = load_person("mild-varicose"), load_life("ablation-then-five-years")


def course(rows: int) -> xr.Dataset:
    """A course with so many dates."""
    days = np.arange(rows) * 182.625
    width = 5.9 - 0.1 * np.outer(np.arange(rows), [1.0, 2.0])
    return xr.Dataset(
        {"standing_diameter": (("day", "segment"), width, {"units": "mm"})},
        {"day": ("day", days, {"units": "d"}), "segment": np.array(["a, thigh", "a, calf"], object)},
        {"title": "a trial"},
    )


STATE = {"radius": np.array([[0.25, np.pi]]), "damage": np.zeros((2, 0))}


def test_what_is_kept_comes_back(tmp_path: Path) -> None:
    with LifeFolder.create(tmp_path / "one", PERSON, LIFE, {"cohort": 4}) as folder:
        begun = open_life(tmp_path / "one")
        folder.keep(182.625, course(2), {})
        folder.keep(365.25, course(3), STATE)
    assert (begun.day, begun.course, begun.state, begun.complete) == (0.0, None, {}, False)
    kept = open_life(tmp_path / "one")
    assert (kept.person, kept.life, kept.settings) == (PERSON, LIFE, {"cohort": 4})
    assert (kept.day, kept.complete, kept.changed) == (365.25, False, ())
    assert kept.course is not None
    xr.testing.assert_identical(kept.course, course(3).assign_coords(segment=["a, thigh", "a, calf"]))
    assert list(kept.state) == list(STATE)
    for name, array in STATE.items():
        np.testing.assert_array_equal(kept.state[name], array)


def test_a_life_goes_on_where_it_was_left(tmp_path: Path) -> None:
    LifeFolder.create(tmp_path / "one", PERSON, LIFE).close()
    with LifeFolder.resume(tmp_path / "one") as folder:
        folder.keep(1826.25, course(2), STATE, complete=True)
    assert open_life(tmp_path / "one").complete
    with pytest.raises(RunError, match="followed to its end: there is nothing to go on with"):
        LifeFolder.resume(tmp_path / "one")


def test_a_folder_killed_while_it_was_written_opens_with_what_it_says(tmp_path: Path) -> None:
    with LifeFolder.create(tmp_path / "one", PERSON, LIFE) as folder:
        folder.keep(182.625, course(2), STATE)
    (tmp_path / "one" / "course-2.npz").write_bytes(b"half of it")
    kept = open_life(tmp_path / "one")
    assert kept.day == 182.625
    assert kept.course is not None
    assert kept.course.sizes["day"] == 2


def test_only_one_process_writes(tmp_path: Path) -> None:
    with LifeFolder.create(tmp_path / "one", PERSON, LIFE):
        with pytest.raises(RunError, match="another process is writing"):
            LifeFolder.resume(tmp_path / "one")
        with pytest.raises(RunError, match="another process is writing"):
            LifeFolder.create(tmp_path / "one", PERSON, LIFE, overwrite=True)


def test_nothing_is_written_over(tmp_path: Path) -> None:
    (tmp_path / "notes").mkdir()
    (tmp_path / "notes" / "mine.txt").write_text("mine")
    for overwrite in (False, True):
        with pytest.raises(RunError, match="holds something other than a life"):
            LifeFolder.create(tmp_path / "notes", PERSON, LIFE, overwrite=overwrite)
    LifeFolder.create(tmp_path / "one", PERSON, LIFE).close()
    with pytest.raises(RunError, match="holds a life already") as caught:
        LifeFolder.create(tmp_path / "one", PERSON, LIFE)
    assert "venolymph life --resume" in str(caught.value.hint)
    LifeFolder.create(tmp_path / "one", PERSON, load_life("pregnancy"), overwrite=True).close()
    assert open_life(tmp_path / "one").life == load_life("pregnancy")
    with pytest.raises(RunError, match="this is a file"):
        LifeFolder.create(tmp_path / "notes" / "mine.txt", PERSON, LIFE)


def test_documents_that_were_changed_are_not_gone_on_with(tmp_path: Path) -> None:
    LifeFolder.create(tmp_path / "one", PERSON, LIFE).close()
    (tmp_path / "one" / "life.yaml").write_text(load_life("pregnancy").to_yaml())
    with pytest.raises(RunError, match=r"changed since it began: life\.yaml"):
        LifeFolder.resume(tmp_path / "one")


def test_a_reason_that_is_written_in_later_opens_nothing(tmp_path: Path) -> None:
    LifeFolder.create(tmp_path / "one", PERSON, LIFE, {"override": None}).close()
    told = json.loads((tmp_path / "one" / "progress.json").read_text("utf-8"))
    told["settings"]["override"] = "so that it goes on"
    (tmp_path / "one" / "progress.json").write_text(json.dumps(told), encoding="utf-8")
    with pytest.raises(RunError, match="changed since it began: settings"):
        LifeFolder.resume(tmp_path / "one")


def test_what_is_no_folder_of_a_life_is_told(tmp_path: Path) -> None:
    with pytest.raises(RunError, match="there is no such folder"):
        open_life(tmp_path / "none")
    with pytest.raises(RunError, match="not the folder of a life"):
        open_life(tmp_path)
    LifeFolder.create(tmp_path / "one", PERSON, LIFE).close()
    progress = tmp_path / "one" / "progress.json"
    for key, value, told in (("format", 9, "written by a later version"), ("kept", 3, "the file is damaged")):
        whole = json.loads(progress.read_text())
        progress.write_text(json.dumps({**whole, key: value}))
        with pytest.raises(RunError, match=told):
            open_life(tmp_path / "one")
        progress.write_text(json.dumps(whole))
    progress.write_text("{")
    with pytest.raises(RunError, match="the file is damaged"):
        open_life(tmp_path / "one")
