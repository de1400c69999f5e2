"""The list of ways to a plan, a sheet or a simulated treatment in the reference of screening, held to the code.

The code is walked for who gets hold of a door: who imports it, calls it through a module, or calls it as a method. Any
caller is a new way: it is looked at for whether it passes the gate, and then written into the list.
"""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
SOURCES = ROOT / "src" / "venolymph"
PAGE = ROOT / "docs" / "reference" / "screening.md"
HEADING = "## Every way to a plan, a sheet or a simulated treatment"

DOORS = {
    "plan": ("venolymph.plan", "venolymph.cli.planning"),
    "plan_for": ("venolymph.plan",),
    "Plan": ("venolymph.plan",),
    "sheet": ("venolymph.plan",),
    "gate": ("venolymph.plan",),
    "check_answers_for": ("venolymph.plan",),
    "check_allowed": ("venolymph.simulation",),
    "simulate": ("venolymph.simulation",),
    "resume": ("venolymph.simulation",),
    "continue_run": ("venolymph.simulation",),
    "predict": ("venolymph.simulation",),
    "compare": ("venolymph.comparison",),
    "courses": ("venolymph.cli.courses",),
    "run": ("venolymph.evidence",),
    "validate": ("venolymph.validation",),
    "phases": ("venolymph.regimen",),
    "planned": ("venolymph.simulation",),
    "strokes": ("venolymph.massage",),
    "strokes_of": ("venolymph.massage",),
    "hand_placements": ("venolymph.massage",),
}
"""What leads to a plan, a sheet, or from a session to forces, with the packages that it is from."""
METHODS = ("branch", "hands", "felt")
"""What does so as a method of a run, of its tissue, or of what a hand presses."""


def _imported(tree: ast.AST, package: str) -> Iterator[tuple[str, str]]:
    """What a file imports from here: the name that it goes by there, and its full name."""
    for node in ast.walk(tree):
        if isinstance(node, ast.ImportFrom) and node.module is not None and node.level == 0:
            for one in node.names:
                yield one.asname or one.name, f"{node.module}.{one.name}"
        elif isinstance(node, ast.ImportFrom):
            above = package.split(".")[: len(package.split(".")) - node.level + 1]
            for one in node.names:
                yield one.asname or one.name, ".".join([*above, *filter(None, [node.module]), one.name])
        elif isinstance(node, ast.Import):
            for one in node.names:
                yield one.asname or one.name, one.name


def doors(text: str, package: str) -> set[str]:
    """Doors that the text of a file of a package gets hold of."""
    tree = ast.parse(text)
    imported = dict(_imported(tree, package))
    found = {name for whole in imported.values() if _is(whole, name := whole.rpartition(".")[2])}
    for node in ast.walk(tree):
        if isinstance(node, ast.Attribute) and isinstance(node.value, ast.Name) and node.value.id in imported:
            whole = f"{imported[node.value.id]}.{node.attr}"
            found |= {node.attr} if _is(whole, node.attr) else set()
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute) and node.func.attr in METHODS:
            found.add(node.func.attr)
    return found


def _is(whole: str, name: str) -> bool:
    return any(whole.startswith(f"{home}.") for home in DOORS.get(name, ()))


def in_the_code() -> dict[str, set[str]]:
    """Files and the doors that they get hold of; packages that only pass a name on are left out."""
    found: dict[str, set[str]] = {}
    for path in SOURCES.rglob("*.py"):
        package = ".".join(path.relative_to(SOURCES.parent).parts[:-1])
        held = doors(path.read_text("utf-8"), package)
        if path.name == "__init__.py":
            held &= set(METHODS)
        if held:
            found[path.relative_to(SOURCES).as_posix()] = held
    return found


def in_the_page() -> dict[str, set[str]]:
    """The same by the page."""
    section = PAGE.read_text("utf-8").split(HEADING)[1].split("\n## ")[0]
    rows = re.findall(r"^\| `([\w/]+\.py)` \| ([^|]+) \| [^|]+ \|$", section, re.MULTILINE)
    assert rows, "there is no list"
    listed = {file: set(re.findall(r"`(\w+)`", held)) for file, held in rows}
    assert len(listed) == len(rows), "a file is listed twice"
    return listed


def test_the_list_of_ways_is_that_of_the_code() -> None:
    found, listed = in_the_code(), in_the_page()
    missing = {file: held - listed.get(file, set()) for file, held in found.items() if held - listed.get(file, set())}
    gone = {file: held - found.get(file, set()) for file, held in listed.items() if held - found.get(file, set())}
    assert not missing, f"ways that are not listed under {HEADING!r}; do they pass the gate? {missing}"
    assert not gone, f"listed, and no longer there: {gone}"


@pytest.mark.parametrize(
    ("text", "held"),
    [
        ("from venolymph.simulation import simulate", {"simulate"}),
        ("from venolymph.simulation.starting import simulate as go\ngo()", {"simulate"}),
        ("def f():\n    from venolymph import plan as p\n    return p.plan_for", {"plan_for"}),
        ("import venolymph.plan as p\np.sheet(1)", {"sheet"}),
        ("from ..simulation import resume", {"resume"}),
        ("run.branch('lie')\ntissue.hands(1, 2)", {"branch", "hands"}),
        ("from elsewhere import simulate\nplan = 1\nrun.phases", set()),
    ],
)
def test_the_walk_finds_each_way_of_getting_hold_of_a_door(text: str, held: set[str]) -> None:
    assert doors(text, "venolymph.report") == held


def test_what_gets_hold_of_the_engine_passes_the_gate() -> None:
    """Whoever turns a regimen into forces asks the gate in the same file, but for what is listed as never doing so.

    `check_allowed` is the gate, asked for all members of a run.
    """
    ungated = {
        "regimen/forces/massage.py",  # the turning itself, called by those below
        "validation/preparations.py",  # an animal's paw, laid down in the code
        "plan/linter.py",  # reads directions of strokes
        "massage/timing.py",
        "massage/hands.py",
        "simulation/tissue_model.py",  # hands of a run that was let through before
        "simulation/one_phase.py",  # the same
        "viewer/hands.py",  # hands of such a run, drawn
        "studio/pieces.py",  # phases of such a run, as a page shows them
    }
    for file, held in in_the_code().items():
        if (
            held & {"phases", "planned", "hand_placements", "strokes_of", "strokes", "felt", "hands"}
            and file not in ungated
        ):
            assert held & {"gate", "check_allowed"}, f"{file} turns regimens into forces and does not ask the gate"
