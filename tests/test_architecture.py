"""The code keeps the rules of `docs/architecture.md`, but for a list of faults that only shrinks."""

from __future__ import annotations

import ast
import json
import subprocess
import sys
import tomllib
from pathlib import Path
from types import ModuleType
from typing import Any

import pytest

from script_loading import load_script

ROOT = Path(__file__).resolve().parents[1]
LIST = ROOT / "tests" / "architecture_faults.toml"
PAGE = (ROOT / "docs" / "architecture.md").read_text("utf-8")
RENEW = "python scripts/code_shape.py > tests/architecture_faults.toml"
RULES = {
    "upward": "A room imports only from rooms above it in the table of docs/architecture.md, inside functions and for "
    "annotations too: "
    "move what both need up in the table, or pass it as an argument.",
    "package_circles": "Packages do not import each other in a circle: move what both need to a room that neither "
    "of them is.",
    "file_circles": "Files do not import each other in a circle: move what both need to a file of its own.",
    "inner_imports": "Imports stand at the top of a file, but in `cli`; a library that is slow to load goes into HEAVY "
    "of scripts/code_shape.py.",
    "twin_classes": "One name, one public class: give it its own name, or an underscore where nobody else uses it.",
    "guessed_attributes": "What is asked of an object is declared by its class or protocol, not guessed by name: "
    "declare it there, with a default on fakes in tests.",
    "long_functions": "A function has at most 60 lines of code: divide it.",
    "many_parameters": "A function has at most 8 parameters: gather those that belong together in a frozen class.",
    "long_files": "A file has at most 400 lines: divide it, or write at its head "
    "`# Over 400 lines because ...` with the reason.",
}
COMPLEX = {"C901", "PLR0911", "PLR0912", "PLR0913", "PLR0915"}
"""Ruff's rules of complexity."""
TESTS = ROOT / "tests"
OF_NO_ROOM = {
    "docs": "pages",
    "golden": "results that are kept",
    "small": "what tests share",
    "soak": "many random people",
}
"""Folders of tests that are named after no room of the package, and what they hold."""
FILES = {
    "alpha/__init__.py": "",
    "alpha/one.py": "from venolymph.beta.two import Same\n\n\nclass Thing:\n    pass\n",
    "beta/__init__.py": "_HOME = {'Same': 'two'}\n",
    "beta/two.py": "import numpy\n\n\nclass Same:\n    def go(self):\n        from venolymph.alpha import one\n",
    "beta/three.py": "from venolymph.beta import four\n\n\nclass Thing:\n    pass\n\n\nclass _Hidden:\n    pass\n",
    "beta/four.py": "def go():\n    from importlib import import_module\n\n    import_module('venolymph.beta.three')\n",
    "cli.py": "def go():\n    from venolymph.alpha.one import Thing\n    import json\n",
}
"""A small package in which most rules are broken once: alpha lies below beta and imports from it."""


@pytest.fixture(scope="module")
def shape() -> ModuleType:
    return load_script("code_shape")


@pytest.fixture(scope="module")
def code(shape: ModuleType) -> Any:
    return shape.read(ROOT)


@pytest.fixture(scope="module")
def faults(code: Any) -> dict[str, dict[str, str | int]]:
    return code.faults()


def written(shape: ModuleType, folder: Path, files: dict[str, str]) -> dict[str, dict[str, str | int]]:
    """Faults of a package with these files."""
    for name, text in files.items():
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, "utf-8")
    return shape.Code(folder, ["alpha", "beta", "cli"]).faults()


def differences(kind: str, listed: dict[str, str | int], found: dict[str, str | int]) -> str:
    """What has to be done where the list and the code differ; empty where they agree."""
    new = [f"  {name} ({found[name]})" for name in found if name not in listed]
    gone = [f"  {name}" for name in listed if name not in found]
    other = [
        f"  {name}: {listed[name]!r} is listed, {found[name]!r} is found"
        for name in found
        if name in listed and listed[name] != found[name]
    ]
    parts = []
    if new:
        parts += ["These break a rule and are not listed. Change the code, not the list.", RULES[kind], *new]
    if other:
        parts += ["These changed. Where a fault grew, undo that; where it shrank, renew the list.", RULES[kind], *other]
    if gone:
        parts += ["These no longer break the rule. Renew the list:", *gone]
    if other or gone:
        parts += [f"To renew the list once nothing new is found: {RENEW}"]
    return "\n".join(parts)


@pytest.mark.parametrize("kind", RULES)
def test_rule_is_kept_but_for_what_is_listed(kind: str, faults: dict[str, dict[str, str | int]]) -> None:
    told = differences(kind, tomllib.loads(LIST.read_text("utf-8")).get(kind, {}), faults[kind])
    assert not told, f"\n{told}"


def test_every_rule_has_its_part_of_the_list(shape: ModuleType, faults: dict[str, dict[str, str | int]]) -> None:
    assert set(tomllib.loads(LIST.read_text("utf-8"))) == set(RULES) == set(faults)
    assert shape.as_toml(faults) == LIST.read_text("utf-8"), f"written by the script alone: {RENEW}"


def test_no_file_is_excused_from_a_rule_of_complexity_that_it_keeps() -> None:
    config = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))["tool"]["ruff"]["lint"]["per-file-ignores"]
    excused = {(file, rule) for file, rules in config.items() if "*" not in file for rule in COMPLEX & set(rules)}
    asked = [sys.executable, "-m", "ruff", "check", "--no-cache", "--exit-zero", "--output-format", "json"]
    asked += ["--config", "lint.per-file-ignores={}", "--select", ",".join(sorted(COMPLEX)), "src", "scripts", "bench"]
    answer = subprocess.run(asked, cwd=ROOT, capture_output=True, text=True, check=True)
    broken = {
        (Path(found["filename"]).relative_to(ROOT).as_posix(), found["code"]) for found in json.loads(answer.stdout)
    }
    assert broken, "ruff finds nothing: is it asked rightly?"
    assert sorted(excused - broken) == [], "take these out of per-file-ignores in pyproject.toml"


def test_every_room_is_in_the_plan(code: Any) -> None:
    source = ROOT / "src" / "venolymph"
    built = {path.stem for path in source.iterdir() if path.suffix == ".py" or (path / "__init__.py").exists()}
    assert sorted(code.rooms) == sorted(built - {"__init__", "__main__"})


def test_folders_of_tests_are_rooms_of_the_package(code: Any) -> None:
    folders = {path.relative_to(TESTS).parts[0] for path in TESTS.glob("*/**/*.py")}
    assert sorted(folders - set(code.rooms)) == sorted(OF_NO_ROOM)
    loose = [path.name for path in TESTS.glob("test_*.py")]
    assert loose == [Path(__file__).name], "the test of a room stands in the room's folder"


def test_every_file_of_tests_says_first_what_it_holds() -> None:
    silent = []
    for path in sorted(TESTS.rglob("*.py")):
        tree = ast.parse(text := path.read_text("utf-8"))
        first = (ast.get_docstring(tree, clean=False) or "").split("\n")[0]
        if text and not (text.startswith('"""') and len(first.split()) > 2):
            silent.append(path.relative_to(ROOT).as_posix())
    assert silent == [], "begin each with a docstring whose first line says what behaviour it holds"


@pytest.mark.parametrize("kind", ["upward", "package_circles", "file_circles"])
def test_no_list_excuses_what_is_out_of_order(kind: str, faults: dict[str, dict[str, str | int]]) -> None:
    assert faults[kind] == {}, RULES[kind]


def test_each_fault_is_seen(shape: ModuleType, tmp_path: Path) -> None:
    parameters = ", ".join(f"p{number}" for number in range(9))
    body = "".join(f"    x{number} = 1\n\n    # why\n" for number in range(60))
    long = f'def long({parameters}):\n    """What\n\n    it does."""\n{body}'
    files = FILES | {"beta/long.py": long, "beta/file.py": "x = 1\n" * 401, "beta/fine.py": "x = 1\n" * 400}
    guess = "def go(it):\n    return getattr(it, 'kind', None), getattr(it, it.name), hasattr(it, 'name')\n"
    files |= {"beta/guess.py": guess, "processes.py": guess}
    files |= {"beta/because.py": shape.REASON + "it is one table.\n" + "x = 1\n" * 500}
    assert written(shape, tmp_path, files) == {
        "upward": {"alpha/one.py -> beta/two.py": "Same"},
        "package_circles": {"alpha beta": "alpha>beta beta>alpha"},
        "file_circles": {
            "alpha/one.py beta/two.py": "alpha/one.py>beta/two.py beta/two.py>alpha/one.py",
            "beta/four.py beta/three.py": "beta/four.py>beta/three.py beta/three.py>beta/four.py",
        },
        "inner_imports": {
            "beta/four.py: go <- importlib": "import_module",
            "beta/four.py: go <- venolymph.beta.three": "venolymph.beta.three",
            "beta/two.py: Same.go <- venolymph.alpha": "one",
        },
        "twin_classes": {"Thing": "alpha/one.py beta/three.py"},
        "guessed_attributes": {"beta/guess.py": "kind, name"},
        "long_functions": {"beta/long.py: long": 70},  # its first line and 60 more
        "many_parameters": {"beta/long.py: long": 9},
        "long_files": {"beta/file.py": 450},
    }


def test_what_only_type_checkers_read_is_no_circle_but_may_lead_upward(shape: ModuleType, tmp_path: Path) -> None:
    guarded = "from typing import TYPE_CHECKING\n\nif TYPE_CHECKING:\n    from venolymph.beta.two import Same\n"
    files = FILES | {"alpha/one.py": guarded, "beta/four.py": "", "beta/two.py": "from venolymph.alpha import one\n"}
    found = written(shape, tmp_path, files)
    assert {kind: faults for kind, faults in found.items() if faults} == {
        "upward": {"alpha/one.py -> beta/two.py": "Same"}
    }


def test_a_name_that_a_package_hands_on_is_looked_up_where_it_is_made(shape: ModuleType, tmp_path: Path) -> None:
    files = FILES | {"alpha/one.py": "from venolymph.beta import Same\n"}
    assert written(shape, tmp_path, files)["upward"] == {"alpha/one.py -> beta/two.py": "Same"}


def test_messages_say_what_to_do() -> None:
    assert not differences("upward", {"a -> b": "x"}, {"a -> b": "x"})
    assert "Change the code, not the list" in differences("upward", {}, {"a -> b": "x"})
    assert RENEW in differences("upward", {"a -> b": "x"}, {})
    assert "'x' is listed, 'x, y' is found" in differences("upward", {"a -> b": "x"}, {"a -> b": "x, y"})
