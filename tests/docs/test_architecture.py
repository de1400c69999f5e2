"""The plan of the code in `docs/architecture.md` is how it is built: rooms import only from rooms above them."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
SOURCE = ROOT / "src" / "venolymph"
PAGE = (ROOT / "docs" / "architecture.md").read_text("utf-8")
ROOMS = [room for row in re.findall(r"^\| \d \| (.+?) \|", PAGE, re.MULTILINE) for room in re.findall(r"`(\w+)`", row)]


def imports() -> Iterator[tuple[str, str, bool, str]]:
    """Room, room that it imports from, whether inside a function, and where."""
    for file in sorted(SOURCE.rglob("*.py")):
        room = file.relative_to(SOURCE).parts[0].removesuffix(".py")
        tree = ast.parse(file.read_text("utf-8"))
        only_types = {
            id(inner)
            for node in ast.walk(tree)
            if isinstance(node, ast.If) and "TYPE_CHECKING" in ast.unparse(node.test)
            for part in node.body
            for inner in ast.walk(part)
        }
        for node in ast.walk(tree):
            if not isinstance(node, ast.ImportFrom) or id(node) in only_types or not node.module:
                continue
            first, _, rest = node.module.partition(".")
            if first != "venolymph":
                continue
            for other in [rest.split(".")[0]] if rest else [alias.name for alias in node.names]:
                yield room, other, node not in tree.body, f"{file.relative_to(ROOT)}, line {node.lineno}"


def test_every_room_is_in_the_plan() -> None:
    built = {path.stem for path in SOURCE.iterdir() if path.suffix == ".py" or (path / "__init__.py").exists()}
    assert sorted(ROOMS) == sorted(built - {"__init__", "__main__"})


def test_rooms_import_only_from_rooms_above_them() -> None:
    told = re.search(r"Four calls go the other way.*?\n\n", PAGE, re.DOTALL)
    assert told is not None
    upward = {("regimen", "massage"), ("regimen", "body"), ("regimen", "simulation"), ("simulation", "measures")}
    assert {room for pair in upward for room in pair} == set(re.findall(r"`(\w+)`", told[0]))
    wrong = [
        f"{where}: {room} imports from {other}"
        for room, other, inside, where in imports()
        if room in ROOMS and other in ROOMS and ROOMS.index(other) > ROOMS.index(room)
        if not (inside and (room, other) in upward)
    ]
    assert not wrong
