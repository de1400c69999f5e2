"""Fills numbers of the code into the documents: `python scripts/fill_values.py`; `--check` only says what differs.

A page marks a number with what it is, right behind it:

    Newton stops at 1e-6<!-- value: network.newton:TOLERANCE --> mL.

The name is a module of `venolymph` and something in it (a number, an entry `NAME[1]`, or a collection or function, of
which the size counts), or `figures:KEY`. `* 100` or `/ 60` behind it changes the unit.
"""

from __future__ import annotations

import importlib
import re
import sys
from collections.abc import Sized
from pathlib import Path
from typing import Any

from venolymph import figures
from venolymph.errors import VenolymphError

ROOT = Path(__file__).resolve().parents[1]
MARK = re.compile(r"(?P<shown>[\w.,+-]*)<!-- value: (?P<name>[^ >]+)(?: (?P<sign>[*/]) (?P<factor>[\d.]+))? -->")


def pages(root: Path = ROOT) -> list[Path]:
    """All documents."""
    return [root / "README.md", *sorted((root / "docs").rglob("*.md"))]


def value_of(name: str) -> float:
    """The number that a name stands for.

    Raises:
        ValueError: where there is no such thing in the code, or it is no number.
    """
    where, _, what = name.partition(":")
    try:
        if where == "figures":
            return figures.load()[what].value
        first, *rest = what.replace("]", "").split("[")
        found: Any = getattr(importlib.import_module(f"venolymph.{where}"), first)
        for index in rest:
            found = found[int(index)]
        found = found() if callable(found) else found
        return float(len(found) if isinstance(found, Sized) else found)
    except (ImportError, AttributeError, LookupError, TypeError, VenolymphError) as error:
        raise ValueError(f"nothing in the code is called {name}: {error}") from None


def written(value: float) -> str:
    """A number as pages write it: `1e-6`, `0.25`, `20,000`."""
    if value == int(value) and abs(value) >= 1000:
        return f"{value:,.0f}"
    return re.sub(r"e([+-])0*", r"e\1", f"{value:g}").replace("e+", "e")


def filled(text: str) -> tuple[str, list[str]]:
    """A page with its numbers as the code has them, and what was different."""
    changes: list[str] = []

    def one(mark: re.Match[str]) -> str:
        value = value_of(mark["name"])
        if mark["sign"]:
            factor = float(mark["factor"])
            value = value * factor if mark["sign"] == "*" else value / factor
        now = written(value)
        if mark["shown"] != now:
            changes.append(f"{mark['name']} is {now}, the page says {mark['shown'] or 'nothing'}")
        return now + mark[0][len(mark["shown"]) :]

    return MARK.sub(one, text), changes


def main(check: bool) -> int:
    """Fill all pages, or only say what differs; gives the exit code."""
    wrong = 0
    for page in pages():
        text, changes = filled(page.read_text("utf-8"))
        for change in changes:
            print(f"{page.relative_to(ROOT)}: {change}")
        wrong += len(changes)
        if changes and not check:
            page.write_text(text, "utf-8")
    return 1 if wrong and check else 0


if __name__ == "__main__":
    sys.exit(main("--check" in sys.argv[1:]))
