"""Pages that add a law and a step: done as they say, in a copy of the package, they change what a simulation gives."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
PAGES = ROOT / "docs" / "how-to"
BLOCK = re.compile(r'^```(\w+) title="([^"]+)"\n(.*?)^```$', re.MULTILINE | re.DOTALL)
PROGRAM = "try_it.py"


def carry_out(page: str, root: Path) -> list[str]:
    """Do in a checkout what a page says, block by block; the names of the files that it changes or adds."""
    changed = []
    for language, name, text in BLOCK.findall((PAGES / page).read_text("utf-8")):
        file = root / name
        if language == "diff":
            lines = [(line[:1], line[1:]) for line in text.splitlines(keepends=True)]
            assert {mark for mark, _ in lines} <= {" ", "+", "-"}, f"{page}: {name}"
            before = "".join(line for mark, line in lines if mark != "+")
            after = "".join(line for mark, line in lines if mark != "-")
            found = file.read_text("utf-8")
            assert found.count(before) == 1, f"{page}: in {name} this stands {found.count(before)} times:\n{before}"
            file.write_text(found.replace(before, after), "utf-8")
        else:
            assert not file.exists(), f"{page}: {name} is there already"
            file.parent.mkdir(parents=True, exist_ok=True)
            file.write_text(text, "utf-8")
        changed.append(name)
    return list(dict.fromkeys(changed))


@pytest.fixture
def copied(tmp_path: Path) -> Path:
    """A copy of the package, in which pages may change it."""
    shutil.copytree(
        ROOT / "src" / "venolymph", tmp_path / "src" / "venolymph", ignore=shutil.ignore_patterns("__pycache__")
    )
    return tmp_path


def python(*arguments: str, source: Path, folder: Path) -> subprocess.CompletedProcess[str]:
    """Python in a folder with the package of a source folder."""
    return subprocess.run(
        [sys.executable, *arguments],
        cwd=folder,
        env=os.environ | {"PYTHONPATH": str(source)},
        capture_output=True,
        text=True,
        check=False,
        timeout=500,
    )


def printed(root: Path, source: Path) -> str:
    """What the page's program prints with the package of a source folder."""
    done = python(PROGRAM, source=source, folder=root)
    assert done.returncode == 0, done.stderr
    return done.stdout


def number(text: str, after: str) -> float:
    """The number that stands before some words."""
    found = re.search(rf"([\d.]+) {after}", text)
    assert found, text
    return float(found[1])


def code(files: list[str]) -> list[str]:
    return [file for file in files if file.startswith("src/")]


def keeps_to_form(root: Path, files: list[str]) -> None:
    """Ruff finds nothing wrong with the code and the tests that a page writes."""
    written = [file for file in files if file != PROGRAM]
    for command in (["check"], ["format", "--check"]):
        done = python("-m", "ruff", *command, "--no-cache", *written, source=root, folder=root)
        assert done.returncode == 0, done.stdout + done.stderr


def test_a_law_is_two_files_and_changes_what_is_simulated(copied: Path) -> None:
    files = carry_out("add-a-law.md", copied)
    assert len(code(files)) == 2
    shutil.copy(ROOT / "pyproject.toml", copied)
    keeps_to_form(copied, files)
    tests = [file for file in files if file.startswith("tests/")]
    done = python("-m", "pytest", "-q", "-p", "no:cacheprovider", *tests, source=copied / "src", folder=copied)
    assert done.returncode == 0, done.stdout + done.stderr
    assert "2 passed" in done.stdout
    words = "mL are left in the calf"
    without = number(printed(copied, ROOT / "src"), words)
    assert 1.0 < number(printed(copied, copied / "src"), words) - without < 4.0


def test_a_step_is_two_files_and_does_what_it_says(copied: Path) -> None:
    files = carry_out("add-a-step.md", copied)
    assert len(code(files)) == 2
    shutil.copy(ROOT / "pyproject.toml", copied)
    keeps_to_form(copied, files)
    told = printed(copied, copied / "src")
    assert "5.0 s  3 toe curls" in told
    assert 20.0 < number(told, "mmHg in the muscles of the foot") < 80.0
    before = python(PROGRAM, source=ROOT / "src", folder=copied)
    assert "unknown step" in before.stderr, "the step is there without the page"
