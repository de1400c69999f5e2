"""Words of readings over weeks, by language."""

from __future__ import annotations

from functools import cache

from venolymph.documents import Entry
from venolymph.wording import languages as languages_of
from venolymph.wording import read_words


class Headings(Entry):
    """Headings of the tables."""

    date: str
    side: str
    volume: str
    change: str
    error: str
    other: str
    difference: str


class FollowingPhrases(Entry):
    """Phrases around readings, in one language."""

    title: str
    nobody: str
    extent: str
    formula: str
    left_leg: str
    right_leg: str
    first_day: str
    within: str
    more: str
    more_other: str
    less_other: str
    alike: str
    chart: str
    page_chart: str
    limit: str
    limit_perometer: str
    limit_basis: str
    same_way: str
    sides_differ: str
    some_heights: str
    cut: str
    uneven: str
    gaps: str
    earlier: str
    safety: str
    notice: str
    made_by: str


class FollowingWords(Entry):
    """All words of readings over weeks in one language."""

    sides: dict[str, str]
    starts: dict[str, str]
    methods: dict[str, str]
    alarms: dict[str, str]
    headings: Headings
    talk: FollowingPhrases


def languages() -> list[str]:
    """Languages that there are words for."""
    return languages_of("venolymph.following")


@cache
def words(language: str = "en") -> FollowingWords:
    """The words of a language.

    Raises:
        DocumentError: where there are none.
    """
    return read_words(FollowingWords, "venolymph.following", language)
