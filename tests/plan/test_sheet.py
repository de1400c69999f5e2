"""The page to print: what stands on it, and that it is one page in letters that can be read."""

from __future__ import annotations

import datetime as dt
import html
import re
import shutil
import subprocess
from pathlib import Path
from typing import Any

import pytest

from screening.people import TODAY, benign, document
from venolymph.massage import packaged_sessions
from venolymph.plan import Plan, PlanRefused, plan, sheet
from venolymph.screening import Clearance, words

CHROMIUM = shutil.which("chromium") or shutil.which("chromium-browser")
TEXT = words("en")
MANY: dict[str, Any] = {
    "P27": "yes",
    "P28": ("ankle", "calf"),
    "P04": "yes",
    "A01": "yes",
    "A02": "yes",
    "A03": "yes",
    "M11": 70.0,
    "N02": "known sensitive carotid sinus",
    "N01": "lump or goitre, known and harmless",
}
"""A person who may have a session, with much to be left out."""


def made(session: str = "leg-massage", leg: Any = "left", **changes: Any) -> Plan:
    return plan(session, document(benign(("leg",), False, **changes)), today=TODAY, leg=leg)


def page(*args: Any, **changes: Any) -> str:
    return html.unescape(sheet(made(*args, **changes)))


def test_it_says_whose_it_is_and_of_which_days() -> None:
    given = document(benign(("leg",), False), date=TODAY - dt.timedelta(days=3))
    again = {name: answer for name, answer in given.answers.items() if name in again_rules()}
    shown = html.unescape(sheet(plan("leg-massage", given.asked_again(TODAY, again), today=TODAY, leg="right")))
    assert "A-17, right leg" in shown
    assert "Answers of 2026-02-27, questions of the day asked on 2026-03-02; holds until 2026-03-13." in shown
    assert "Screened by:" in shown
    assert "Date, signature:" in shown


def again_rules() -> set[str]:
    from venolymph.screening import rulebook

    return set(rulebook().again)


def test_the_rule_stands_in_a_box_at_the_top() -> None:
    shown = page()
    box = shown.partition('<p class="rule">')[2].partition("</p>")[0]
    assert "Broken skin, an ulcer or pain: no session, see a doctor." in box
    assert "Stop at once" in box
    assert shown.index('<p class="rule">') < shown.index('<table class="steps">')


def test_steps_have_the_numbers_that_changes_speak_of() -> None:
    plan_ = made("leg-massage-vodder", **MANY)
    shown = html.unescape(sheet(plan_))
    rows = re.findall(r'<tr><td class="number">(\w+)</td>(.*?)</tr>', shown)
    numbers = [int(re.sub(r"\D", "", number)) for number, _ in rows]
    assert numbers == sorted(numbers)
    assert set(numbers) == set(range(1, 19))
    for change in plan_.changes:
        if change.kind == "step-left-out":
            assert any(number == str(change.step) and "left out" in row for number, row in rows)
    assert {"16a", "16b"} <= {number for number, _ in rows}
    assert "step 16: front of the ankle left out (P28)" in shown
    assert "step 6: deep breathing in place of" in shown


def test_what_is_asked_on_the_day_stands_in_words() -> None:
    shown = page()
    for name in ("P01", "P03", "U01", "E08", "U05"):
        assert TEXT.short(name) in shown
        assert name not in shown


def test_the_outline_shows_what_is_worked_and_what_is_left_out() -> None:
    def fills(drawn: str) -> dict[str, int]:
        figure = drawn.partition("<figure>")[2].partition("</figure>")[0]
        return {
            kind: figure.count(f'fill="url(#{kind})" stroke="#111" stroke-width') for kind in ("worked", "left-out")
        }

    whole, less, both = fills(page()), fills(page(**MANY)), fills(page(leg=None))
    assert whole["left-out"] == 0
    assert whole["worked"] > 10
    assert less["left-out"] >= 8
    assert less["worked"] < whole["worked"] < both["worked"]


def test_girths_are_to_be_filled_in_for_each_leg() -> None:
    assert page().count("<th>before</th><th>after</th>") == 1
    assert page(leg=None).count("<th>before</th><th>after</th>") == 2


def test_an_agreement_and_its_day_are_on_it() -> None:
    agreed = Clearance(by="Dr B", date="2026-03-01", for_=["M10"], finding="warfarin, steady")
    given = document(benign(("leg",), False, M10="yes"), clearances=[agreed])
    shown = html.unescape(sheet(plan("leg-massage", given, today=TODAY, leg="left")))
    assert "Dr B, 2026-03-01, agreed in writing." in shown


def test_no_letters_are_smaller_than_ten_points() -> None:
    shown = page(**MANY)
    sizes = [float(size) for size in re.findall(r"font(?:-size)?:[^;]*?([\d.]+)pt", shown)]
    assert sizes
    assert min(sizes) >= 10.0
    wide = float(re.search(r'viewBox="\S+ \S+ (\d+)', shown)[1])  # type: ignore[index]
    drawn = float(re.search(r"\.outline {[^}]*width: (\d+)mm", shown)[1])  # type: ignore[index]
    for size in re.findall(r'font-size="([\d.]+)"', shown):
        assert float(size) * drawn / wide * 72 / 25.4 >= 10.0


PLANNED = [name for name in packaged_sessions() if name.startswith("leg-massage")]


@pytest.mark.skipif(CHROMIUM is None, reason="no browser to print with")
@pytest.mark.parametrize("size", ["A4", "Letter"])
@pytest.mark.parametrize("changes", [{}, MANY], ids=["as it is", "with much left out"])
def test_it_prints_on_one_page(size: str, changes: dict[str, Any], tmp_path: Path) -> None:
    pages = []
    for name in PLANNED:
        try:
            shown = sheet(made(name, **changes))
        except PlanRefused:  # experiments
            continue
        pages.append(shown.replace("@page {", f"@page {{ size: {size};", 1))
    assert len(pages) == 4
    # all sheets in one file, each begun on a page of its own: printed once
    joined = "".join(f'<div style="break-before: page">{_body(shown)}</div>' for shown in pages)
    file = tmp_path / "sheets.html"
    file.write_text(pages[0].replace(_body(pages[0]), joined), "utf-8")
    assert printed(file, tmp_path) == len(pages)


def test_printing_counts_pages(tmp_path: Path) -> None:
    if CHROMIUM is None:
        pytest.skip("no browser to print with")
    file = tmp_path / "two.html"
    file.write_text('<p>one</p><p style="break-before: page">two</p>', "utf-8")
    assert printed(file, tmp_path) == 2


def printed(file: Path, folder: Path) -> int:
    out = folder / "printed.pdf"
    options = ["--headless", "--no-sandbox", "--disable-gpu", "--no-pdf-header-footer", f"--user-data-dir={folder}/at"]
    command = [CHROMIUM or "", *options, f"--print-to-pdf={out}", file.as_uri()]
    subprocess.run(command, check=True, capture_output=True, timeout=300)
    return len(re.findall(rb"/Type\s*/Page\b(?!s)", out.read_bytes()))


def _body(shown: str) -> str:
    return shown.partition("<body>")[2].partition("</body>")[0]
