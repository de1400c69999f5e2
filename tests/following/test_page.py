"""The page: one sheet of A4 or Letter that fetches and runs nothing; the charts are where the numbers are."""

from __future__ import annotations

import datetime as dt
import re
import shutil
import subprocess
from html.parser import HTMLParser
from pathlib import Path
from typing import Any
from xml.etree import ElementTree

import pytest

from following.legs import LANDMARKS, legs, scaled
from venolymph import following
from venolymph.following.chart import svg_chart, text_chart

CHROMIUM = shutil.which("chromium") or shutil.which("chromium-browser")
SVG = "{http://www.w3.org/2000/svg}"


def course(*readings: tuple[str, str, dict[Any, Any]], **about: Any) -> following.Following:
    return following.follow(following.load_readings(legs(*readings, **about)), common=True)


def usual() -> following.Following:
    return course(
        *[(f"2026-03-{day:02d}", "left", scaled(1 - 0.004 * n)) for n, day in enumerate((2, 9, 16, 30))],
        *[(f"2026-03-{day:02d}", "right", scaled(0.97)) for day in (2, 9, 30)],
    )


def crowded() -> following.Following:
    """As much as can be said at all: every alarm, every remark, and more days than there is room for."""
    readings = []
    for number in range(20):
        day = str(dt.date(2026, 1, 5) + dt.timedelta(days=9 * number))
        for side in ("left", "right"):
            size = 1.16 if number == 9 else 1.09 if number > 9 else 1.0
            size += 0.08 if (number, side) == (19, "left") else 0.02 if (number, side) == (12, "right") else 0.0
            girths = {
                10: 22.0,
                16: 24.0,
                20: 26.0,
                26: 33.0,
                30: 35.0,
                34: 37.0,
                40: 36.0,
                46: 38.0,
                55: 44.0,
                63: 50.0,
            }
            for height in {3: (30, 34), 4: (40, 26)}.get(number, ()):
                del girths[height]
            girths |= {70: 55.0} if number != 5 else {70: 55.0, 75: 57.0}
            readings.append((day, side, {height: girth * size for height, girth in girths.items()}))
    label = "a label that is as long as the label of a person can be 60 c"
    return course(*readings, label=label, method="perometer", **{"from": "sole"})


class _Page(HTMLParser):
    """Tags and texts of a page."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self.tags: list[str] = []
        self.attributes: list[tuple[str, str | None]] = []
        self.texts: list[str] = []
        self.feed(text)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append(tag)
        self.attributes += attrs

    def handle_data(self, data: str) -> None:
        self.texts.append(data)


def test_the_page_fetches_and_runs_nothing() -> None:
    text = following.page(course(("2026-03-02", "left", LANDMARKS), label="<script>alert(1)</script> & co"))
    seen = _Page(text)
    assert "script" not in seen.tags
    assert not {name for name, _ in seen.attributes} & {"src", "href", "onload", "style"}
    assert "default-src 'none'; style-src 'unsafe-inline'" in text
    assert "http" not in re.sub(r'http-equiv="[^"]+"', "", text)
    assert "<script>alert(1)</script> & co" in " ".join(seen.texts)


def test_what_the_page_says() -> None:
    words = " ".join(_Page(following.page(usual())).texts)
    for said in ("A-17", "from 0 to 40 cm", "2026-03-30", "first day", "within error", "see a doctor today"):
        assert said in words
    assert "No clinician has reviewed it" in words
    assert "days in between are left out" not in words
    words = " ".join(_Page(following.page(crowded())).texts)
    assert "The left leg grew by" in words
    assert "days in between are left out" in words
    assert "2026-01-05" in words
    assert "2026-06-25" in words


def test_letters_are_large_enough() -> None:
    style = following.page(usual())
    assert all(float(size) >= 10 for size in re.findall(r"font(?:-size)?:[^;]*?([\d.]+)pt", style))


@pytest.mark.parametrize("seen", [usual, crowded])
def test_the_chart_is_where_the_numbers_are(seen: Any) -> None:
    """A panel for each leg: as many marks as readings, inside the picture, higher where the volume is larger."""
    one = seen()
    root = ElementTree.fromstring(svg_chart(one).replace("<svg ", '<svg xmlns="http://www.w3.org/2000/svg" ', 1))
    width, height = map(float, root.attrib["viewBox"].split()[2:])
    marks = [(float(mark.attrib["cx"]), float(mark.attrib["cy"])) for mark in root.iter(f"{SVG}circle")]
    rows = [row for side in one.sides for row in one.of(side)]
    assert len(marks) == len(rows)
    assert all(0 < x < width and 0 < y < height for x, y in marks)
    pairs = sorted(zip((row.volume for row in rows), (y for _, y in marks), strict=True))
    assert [y for _, y in pairs] == sorted((y for _, y in marks), reverse=True)
    texts = [text.text for text in root.iter(f"{SVG}text")]
    assert {"left leg", "right leg", str(one.dates[0]), str(one.dates[-1])} <= set(texts)


@pytest.mark.parametrize("width", [50, 60, 80, 200, None])
def test_the_chart_in_a_terminal(width: int | None) -> None:
    """Within error lies between the two bars, more than error outside."""
    one = usual()
    lines = [line for line in text_chart(one, width=width) if line[:4] == "2026"]
    assert len(lines) == len(one.rows)
    assert all(len(line) <= (width or 100) for line in lines)
    for line, row in zip(lines, [row for side in one.sides for row in one.of(side)], strict=True):
        middle = line[12:].rsplit("  ", 1)[0]
        inside = middle.index("|") < middle.index("o") < middle.rindex("|") if middle.count("|") == 2 else None
        change = row.change
        assert inside in (None, change is None or not change.more_than_error)
        assert line.endswith(f"  {row.volume:.0f}")


@pytest.mark.skipif(CHROMIUM is None or shutil.which("pdfinfo") is None, reason="needs Chromium and pdfinfo")
@pytest.mark.parametrize("paper", ["A4", "Letter"])
@pytest.mark.parametrize("seen", [usual, crowded])
def test_one_page_of_paper(seen: Any, paper: str, tmp_path: Path) -> None:
    text = following.page(seen())
    assert "@page { margin" in text
    file = tmp_path / "page.html"
    file.write_text(text.replace("@page { margin", f"@page {{ size: {paper}; margin"), encoding="utf-8")
    command = [
        str(CHROMIUM), "--headless", "--no-sandbox", "--disable-gpu", "--host-resolver-rules=MAP * 0.0.0.0",
        f"--user-data-dir={tmp_path / 'profile'}", "--no-pdf-header-footer", f"--print-to-pdf={tmp_path / 'page.pdf'}",
        file.as_uri(),
    ]  # fmt: skip
    subprocess.run(command, capture_output=True, text=True, timeout=120, check=True)
    about = subprocess.run(["pdfinfo", tmp_path / "page.pdf"], capture_output=True, text=True, timeout=60, check=True)
    assert re.search(r"^Pages: +1$", about.stdout, re.MULTILINE), about.stdout
