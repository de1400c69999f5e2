"""The page of a life: whole without scripts or network, safe against its data, and with what is not to be trusted."""

from __future__ import annotations

import re
from dataclasses import replace
from html.parser import HTMLParser
from xml.etree import ElementTree

import numpy as np
import pytest

from small.lives import course
from venolymph.body import load_person
from venolymph.report.life_charts import charts, svg
from venolymph.report.life_page import page
from venolymph.wall import showing
from venolymph.wall.life_document import load_life
from venolymph.wall.showing import FollowedLife

SVG = "{http://www.w3.org/2000/svg}"


def followed(name: str, members: int = 1) -> FollowedLife:
    life = load_life(name).plain()
    return FollowedLife(load_person("mild-varicose"), life, course([*life.report_days], members, life))


def drawn(lives: list[FollowedLife], title: str) -> ElementTree.Element:
    chart = next(one for one in charts(lives, 0.2) if one.title.startswith(title))
    return ElementTree.fromstring(svg(chart, lives).replace("<svg ", '<svg xmlns="http://www.w3.org/2000/svg" '))


def of_class(picture: ElementTree.Element, name: str) -> list[ElementTree.Element]:
    return [one for one in picture.iter() if name in one.get("class", "").split()]


class Reader(HTMLParser):
    """Gathers what a page would fetch or run, and whether its elements nest."""

    def __init__(self) -> None:
        super().__init__()
        self.open: list[str] = []
        self.fetched: list[str] = []
        self.tags: set[str] = set()

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.add(tag)
        self.fetched += [str(value) for name, value in attrs if name in ("src", "href") or name.startswith("on")]
        if tag != "meta":
            self.open.append(tag)

    def handle_startendtag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.add(tag)

    def handle_endtag(self, tag: str) -> None:
        assert self.open.pop() == tag


def test_a_page_nests_fetches_nothing_and_runs_nothing() -> None:
    reader = Reader()
    reader.feed(page([followed("junction-closed")], [None]))
    assert not reader.open
    assert not reader.fetched
    assert not reader.tags & {"script", "link", "iframe", "img", "object"}


def test_sentences_stand_before_charts_and_charts_before_the_table() -> None:
    one = followed("junction-closed")
    text = page([one], [None])
    parts = [showing.sentences(one)[0], "diameter standing, mm", "<td>3.8 mm (2.6)</td>", "Least to be trusted"]
    places = [text.index(part) for part in parts]
    assert places == sorted(places)
    assert "start: great saphenous, terminal valve: tied off" in text
    assert "Not a medical device" in text
    assert "to 0.2 mm at best" in text


def test_labels_and_reasons_cannot_become_elements() -> None:
    one = followed("a-year-as-it-is")
    bad = "<b onclick='x'>\"&"
    text = page([replace(one, life=replace(one.life, title=bad))], [bad])
    assert "<b " not in text
    assert "was simulated for this reason: &lt;b" in text


def test_a_chart_has_values_reading_error_and_dates_of_changes() -> None:
    lives = [followed("junction-closed")]
    picture = drawn(lives, "great saphenous, thigh")
    told = [title.text for dot in of_class(picture, "dot") for title in dot.iter(f"{SVG}title")]
    assert told[0] == "start: 5.9 mm"
    assert "1 year: 4.72 mm" in told
    begun = of_class(picture, "dot")[0]
    error = of_class(picture, "error")[0]
    top, tall = float(error.get("y", "")), float(error.get("height", ""))
    assert float(begun.get("cy", "")) == pytest.approx(top + 0.5 * tall, abs=0.1)
    marks = ["".join(one.itertext()) for one in of_class(picture, "change")]
    assert any("start: great saphenous, terminal valve: tied off" in mark for mark in marks)
    assert not of_class(drawn(lives, "Valves"), "error")


def test_two_lives_are_lines_of_one_chart_on_one_scale() -> None:
    lives = [followed("massage-weekly-for-a-year"), followed("a-year-as-it-is")]
    lines = of_class(drawn(lives, "great saphenous, calf"), "line")
    assert [one.get("class") for one in lines] == ["line life0", "line life1"]
    assert lines[0].get("points") == lines[1].get("points")
    assert len({one.scale for one in charts(lives, 0.2) if one.unit == "mm"}) == 1
    assert "a year as it is: great saphenous, thigh" not in page(lives, [None, None])
    assert "5.90 mm against 5.90 mm" in page(lives, [None, None])


def test_a_vein_that_is_gone_has_no_line_and_one_of_many_legs_a_band() -> None:
    closed = drawn([followed("ablation-then-five-years")], "great saphenous, thigh")
    assert not of_class(closed, "line")
    assert "nothing to read at the end" in closed.get("aria-label", "")
    many = drawn([followed("a-year-as-it-is", 3)], "great saphenous, thigh")
    assert len(of_class(many, "spread")) == 1


def test_tortuosity_is_drawn_of_veins_that_wind() -> None:
    one = followed("a-year-as-it-is")
    titles = [chart.title for chart in charts([one], 0.2) if "tortuosity" in chart.title]
    assert titles == ["tributary, medial calf, tortuosity", "tributary, anterior calf, tortuosity"]
    straight = replace(one, course=one.course.assign(tortuosity=one.course["tortuosity"] * 0.0 + 1.0))
    assert "None of these veins winds." in page([straight], [None])


@pytest.mark.parametrize(
    ("name", "told"),
    [
        ("a-year-walking-more", [showing.WALKING]),
        ("ten-years-desk", [showing.WALKING, showing.STANDING]),
        ("ten-years-standing-at-work", [showing.STANDING]),
        ("stocking-for-a-year", [showing.STOCKING]),
        ("junction-closed", [showing.TIED_OFF]),
        ("ablation-then-five-years", []),
        ("a-year-as-it-is", []),
        ("pregnancy", []),
    ],
)
def test_what_is_not_to_be_trusted_stands_before_what_happened(name: str, told: list[str]) -> None:
    one = followed(name)
    assert showing.not_trusted(one.life) == told
    text = page([one], [None])
    for line in told:
        assert text.index(line) < text.index("<h2>In short</h2>")


def test_a_leg_without_a_solution_is_told_first() -> None:
    one = followed("a-year-as-it-is", 2)
    one = replace(one, course=one.course.assign(failed_on=("member", np.array([np.nan, 200.0]))))
    assert "leg 2 found no solution on day 200" in page([one], [None]).partition("<h2>")[0]


def test_changes_are_told_in_words() -> None:
    births = [told for day, told in showing.changes(load_life("pregnancy").plain()) if re.match("a preg|birth", told)]
    assert births == ["a pregnancy of 40 weeks begins", "birth"]
    stocking = showing.changes(load_life("stocking-for-a-year").plain())
    assert stocking == [(0.0, "a stocking, to the thigh, RAL II, is worn for all upright hours")]
