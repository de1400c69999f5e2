"""Numbers that pages take from the code are the code's: `scripts/fill_values.py` finds nothing to change."""

from __future__ import annotations

from types import ModuleType

import pytest

SCRIPT = "fill_values"


def test_no_page_differs_from_the_code(script: ModuleType) -> None:
    found = {page.name: script.filled(page.read_text("utf-8")) for page in script.pages()}
    assert not {name: changes for name, (_, changes) in found.items() if changes}
    marks = sum(text.count("<!-- value: ") for text, _ in found.values())
    read = sum(len(script.MARK.findall(text)) for text, _ in found.values())
    assert marks == read > 50, "a mark is written in a way that is not read"


@pytest.mark.parametrize(
    ("page", "mended", "told"),
    [
        (
            "at 1e-5<!-- value: network.newton:TOLERANCE --> mL",
            "at 1e-6<!-- value: network.newton:TOLERANCE --> mL",
            ["network.newton:TOLERANCE is 1e-6, the page says 1e-5"],
        ),
        (
            "<!-- value: figures:measures.least_rest / 60 --> min",
            "1<!-- value: figures:measures.least_rest / 60 --> min",
            ["figures:measures.least_rest is 1, the page says nothing"],
        ),
        (
            "| 20,000<!-- value: regimen.schema:MOST_STEPS --> |",
            "| 20,000<!-- value: regimen.schema:MOST_STEPS --> |",
            [],
        ),
        ("5 and 6", "5 and 6", []),
    ],
)
def test_a_number_that_differs_is_told_and_mended(script: ModuleType, page: str, mended: str, told: list[str]) -> None:
    assert script.filled(page) == (mended, told)


@pytest.mark.parametrize("name", ["network.newton:TOLERENCE", "no.such:THING", "figures:no.such", "errors:nearest"])
def test_a_name_that_is_nothing_is_refused(script: ModuleType, name: str) -> None:
    with pytest.raises(ValueError, match="nothing in the code is called"):
        script.value_of(name)
