"""The page of misses names every target that the page of validation finds out of range, and no other."""

from __future__ import annotations

import re
from pathlib import Path

DOCS = Path(__file__).parents[2] / "docs"


def test_each_miss_is_explained_and_nothing_else() -> None:
    table = (DOCS / "validation.md").read_text("utf-8").split("## Each target left out")[0]
    missed = re.findall(r"^\| `(\w+)` \|.*\| \*\*out of range\*\* \|", table, re.MULTILINE)
    page = (DOCS / "explanation" / "misses.md").read_text("utf-8")
    heads = re.findall(r"^- (.*?):", page, re.MULTILINE | re.DOTALL)
    named = [name for head in heads for name in re.findall(r"`(\w+)`", head)]
    assert len(missed) > 10
    assert sorted(named) == sorted(missed)
