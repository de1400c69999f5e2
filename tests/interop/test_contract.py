"""What reads and writes other programs' files uses the engine through its contract alone."""

from __future__ import annotations

import ast
import subprocess
import sys
from pathlib import Path

import venolymph.interop
from venolymph import network

INTEROP = Path(venolymph.interop.__file__).parent


def imported(tree: ast.AST) -> set[tuple[str, str]]:
    """Modules of the engine that are imported, each with the name taken from it."""
    found: set[tuple[str, str]] = set()
    for node in ast.walk(tree):
        if isinstance(node, ast.ImportFrom) and (node.module or "").startswith("venolymph.network"):
            found |= {(str(node.module), alias.name) for alias in node.names}
        elif isinstance(node, ast.ImportFrom) and node.module == "venolymph":
            found |= {("venolymph", alias.name) for alias in node.names if alias.name == "network"}
        elif isinstance(node, ast.Import):
            found |= {(alias.name, "") for alias in node.names if alias.name.startswith("venolymph.network")}
    return found


def test_only_the_engines_public_names_are_used() -> None:
    used = {file.name: imported(ast.parse(file.read_text("utf-8"))) for file in INTEROP.rglob("*.py")}
    allowed = {("venolymph.network", name) for name in network.__all__}
    assert {file: names - allowed for file, names in used.items() if names - allowed} == {}
    assert set().union(*used.values()), "nothing of the engine is imported: is it looked for rightly?"


def test_an_import_past_the_contract_is_seen() -> None:
    text = "from venolymph import network\nimport venolymph.network.graph\n"
    text += "def f():\n    from venolymph.network.newton import x\n"
    assert imported(ast.parse(text)) == {
        ("venolymph", "network"),
        ("venolymph.network.graph", ""),
        ("venolymph.network.newton", "x"),
    }


def test_a_case_is_read_without_the_engine() -> None:
    text = "import sys\nfrom venolymph.interop.svzerod import build, read_case\n"
    text += "assert not {'jax', 'venolymph.network', 'venolymph.simulation'} & set(sys.modules)"
    subprocess.run([sys.executable, "-c", text], check=True)
