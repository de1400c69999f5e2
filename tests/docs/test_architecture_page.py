"""The page on how the code is laid out: its picture is that of the code, and what the main job's way names exists."""

from __future__ import annotations

import re
import subprocess
import sys
import xml.etree.ElementTree as ET
from pathlib import Path
from types import ModuleType
from typing import Any

import pytest

SCRIPT = "draw_architecture"
ROOT = Path(__file__).resolve().parents[2]
PAGE = (ROOT / "docs" / "architecture.md").read_text("utf-8")
FILES = {
    "low.py": "",
    "mid/__init__.py": "from venolymph import low\n\nTHING = low\n",
    "high/__init__.py": "from venolymph import low\nfrom venolymph.mid import THING\n",
    "top/__init__.py": "from venolymph import mid, high\n",
    "side/__init__.py": "def go():\n    import venolymph.top\n",
}
TABLE = "| 0 | `low` | x |\n| 1 | `mid`, `side` | x |\n| 2 | `high` | x |\n| 3 | `top` | x |\n"


@pytest.fixture
def small(script: ModuleType, tmp_path: Path) -> Any:
    """What is drawn of a small package in which one import goes upward."""
    for name, text in FILES.items():
        (tmp_path / name).parent.mkdir(exist_ok=True)
        (tmp_path / name).write_text(text, "utf-8")
    floors = script.floors(TABLE)
    return script.plan(script.code_shape.Code(tmp_path, [room for rooms in floors.values() for room in rooms]), floors)


def boxes(svg: str) -> dict[str, tuple[float, float]]:
    """Middle of each box by what is written in it."""
    texts = [one for one in ET.fromstring(svg).iter() if one.tag.endswith("text") and one.get("text-anchor")]
    return {str(one.text): (float(one.get("x", 0)), float(one.get("y", 0))) for one in texts}


def test_the_picture_is_that_of_the_code(script: ModuleType) -> None:
    kept = script.PICTURE.read_text("utf-8")
    assert kept == script.picture(), "imports or floors changed: run python scripts/draw_architecture.py"
    assert sorted(boxes(kept)) == sorted(script.code_shape.rooms(PAGE))


def test_what_follows_from_others_and_the_ground_are_left_out(small: Any) -> None:
    assert small.down == [("high", "mid"), ("top", "high")]
    assert small.upward == [("side", "top")]


def test_floors_are_rows_and_what_goes_upward_is_red(script: ModuleType, small: Any) -> None:
    svg = script.draw(small)
    middle = boxes(svg)
    assert middle["top"][1] < middle["high"][1] < middle["mid"][1] == middle["side"][1] < middle["low"][1]
    paths = [one for one in ET.fromstring(svg).iter() if one.get("class")]
    assert [one.get("class") for one in paths] == ["down"] * len(small.down) + ["upward"]
    assert paths[-1].get("stroke") == script.COLOURS["upward"] != paths[0].get("stroke")
    assert script.draw(small) == svg


def test_boxes_stand_clear_of_each_other(script: ModuleType) -> None:
    places = boxes(script.picture())
    for one, (x, y) in places.items():
        for other, (x2, y2) in places.items():
            if one < other and y == y2:
                assert abs(x - x2) > (script.wide(one) + script.wide(other)) / 2.0


def test_check_says_when_the_picture_is_old(script: ModuleType, tmp_path: Path) -> None:
    def check() -> subprocess.CompletedProcess[str]:
        return subprocess.run(
            [sys.executable, str(tmp_path / "scripts" / "draw_architecture.py"), "--check"],
            capture_output=True,
            text=True,
            check=False,
        )

    for name in ("draw_architecture.py", "code_shape.py"):
        (tmp_path / "scripts").mkdir(exist_ok=True)
        (tmp_path / "scripts" / name).write_text((ROOT / "scripts" / name).read_text("utf-8"), "utf-8")
    (tmp_path / "docs" / "images").mkdir(parents=True)
    (tmp_path / "docs" / "architecture.md").write_text(TABLE, "utf-8")
    for name, text in FILES.items():
        file = tmp_path / "src" / "venolymph" / name
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text(text, "utf-8")
    assert check().returncode == 1
    assert not list((tmp_path / "docs" / "images").iterdir())
    subprocess.run(
        [sys.executable, str(tmp_path / "scripts" / "draw_architecture.py")], check=True, capture_output=True
    )
    assert check().returncode == 0
    (tmp_path / "src" / "venolymph" / "high" / "__init__.py").write_text("from venolymph import side\n", "utf-8")
    assert check().returncode == 1


def test_the_way_of_the_main_job_names_files_and_what_is_in_them() -> None:
    section = PAGE.partition("## The way of the main job\n")[2].partition("\n## ")[0]
    lines = re.findall(r"^\d+\. (.*)$", section, re.MULTILINE)
    assert len(lines) == 10
    for line in lines:
        file, name = re.findall(r"`([\w/.]+)`", line)[:2]
        path = ROOT / "src" / "venolymph" / file
        assert path.is_file(), f"{file} is gone: {line}"
        assert re.search(rf"^(def|class) {name}\b", path.read_text("utf-8"), re.MULTILINE), f"{file} has no {name}"
    for file in re.findall(r"`([\w/]+\.py)`", section):
        assert (ROOT / "src" / "venolymph" / file).is_file(), file
