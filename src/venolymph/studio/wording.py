"""The words of the studio's pages, by language."""

from __future__ import annotations

from functools import cache

from venolymph.documents import Entry
from venolymph.wording import languages as languages_of
from venolymph.wording import read_words


class Navigation(Entry):
    """Names of the pages."""

    watch: str
    run: str
    runs: str
    lessons: str
    screen: str
    follow: str
    evidence: str


class Screening(Entry):
    """Words around the questions of screening."""

    title: str
    begin: str
    stored: str
    first: str
    label: str
    label_hint: str
    legs: str
    regions: str
    compression: str
    start: str
    saved: str
    file: str
    again: str
    next: str
    back: str
    more: str
    full: str
    open: str
    two: str
    stop_title: str
    go_on: str
    end: str
    review_title: str
    review: str
    change: str
    right: str
    agree_title: str
    agree: str
    by: str
    date: str
    site: str
    agreed: str
    nobody: str
    result_title: str
    save: str
    anew: str
    plan: str
    session: str
    leg: str
    both: str


class PlanPage(Entry):
    """Words around a plan."""

    title: str
    refused: str
    sheet: str
    back: str


class Follow(Entry):
    """Words around readings over weeks."""

    title: str
    about: str
    stored: str
    file: str
    paste: str
    show: str
    sheet: str
    csv: str
    example: str
    start: str
    sole: str
    malleolus: str
    label: str


class Evidence(Entry):
    """Words around claims."""

    title: str
    about: str
    claim: str
    verdict: str
    model: str
    can: str
    cannot: str
    must_be_true: str
    known: str
    certainty: str
    for_: str
    against: str
    how: str
    run: str
    minutes: str
    running: str
    failed: str
    shown: str
    measure: str
    expected: str
    found: str
    clinic: str
    published: str
    versus: str
    back: str


class Home(Entry):
    """Words of the first page."""

    title: str
    about: str
    run: str
    run_about: str
    lessons: str
    lessons_about: str
    screen: str
    screen_about: str


class RunWords(Entry):
    """Words around choosing, running and watching."""

    title: str
    part: str
    parts: dict[str, str]
    person: str
    regimen: str
    choose: str
    knobs: str
    usual: str
    to: str
    both: str
    start: str
    all: str
    pick: str
    beside: str
    nothing: str
    waits: str
    progress: str
    stop: str
    go_on: str
    happened: str
    report: str
    states: dict[str, str]


class LessonWords(Entry):
    """Words around lessons."""

    title: str
    where: str
    back: str
    again: str
    next: str


class StudioWords(Entry):
    """All words of the studio in one language."""

    name: str
    notice: str
    wrong: str
    hint: str
    navigation: Navigation
    screening: Screening
    plan: PlanPage
    follow: Follow
    evidence: Evidence
    lessons: LessonWords
    home: Home
    run: RunWords


def languages() -> list[str]:
    """Languages that there are words for."""
    return languages_of("venolymph.studio")


@cache
def words(language: str = "en") -> StudioWords:
    """The words of a language.

    Raises:
        DocumentError: where there are none.
    """
    return read_words(StudioWords, "venolymph.studio", language)
