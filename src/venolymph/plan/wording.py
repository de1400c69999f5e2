"""Words of plans and of the linter, by language."""

from __future__ import annotations

import tomllib
from functools import cache
from importlib import resources

from venolymph.documents import Entry, Source, check
from venolymph.errors import DocumentError, nearest


class RuleWords(Entry):
    """What a rule of the linter says, and what to do."""

    says: str
    hint: str


class Refusals(Entry):
    """Why there is no plan."""

    experiment: str
    blocked: str
    regions: str
    expired: str
    linted: str
    nothing_left: str
    too_long: str


class Talk(Entry):
    """What is said around a plan."""

    title: str
    changes: str
    no_changes: str
    screening: str
    strokes: str
    lint_good: str
    warning: str
    error: str
    more_cautions: str
    stop: str
    holds: str
    made_by: str


class Words(Entry):
    """The words of one language."""

    rules: dict[str, RuleWords]
    changes: dict[str, str]
    refusals: Refusals
    talk: Talk


@cache
def words(language: str = "en") -> Words:
    """The words of a language.

    Raises:
        DocumentError: where there are none.
    """
    folder = resources.files("venolymph.plan").joinpath("words")
    known = sorted(file.name.removesuffix(".toml") for file in folder.iterdir() if file.name.endswith(".toml"))
    if language not in known:
        near = nearest(language, known)
        raise DocumentError(
            f"there are no words in the language {language!r}; allowed are {', '.join(known)}",
            hint=f"did you mean {near!r}?" if near else "a translation is one file beside the English one",
            place="language",
        )
    text = folder.joinpath(f"{language}.toml").read_text("utf-8")
    return check(Words, tomllib.loads(text), Source(f"words/{language}.toml"))
