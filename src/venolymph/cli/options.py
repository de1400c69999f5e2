"""What may be typed at a question, and what it means."""

from __future__ import annotations

import datetime as dt
import string
from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

from venolymph.documents import check_words
from venolymph.errors import DocumentError
from venolymph.screening import UNKNOWN, Answers, Clearance, rulebook

if TYPE_CHECKING:
    from venolymph.screening import Rule, ScreeningWords

_LETTERS = [letter for letter in string.ascii_lowercase if letter not in "hnqy"]
"""For answers that are neither yes nor no; the other letters mean the same at every question."""
_SHORT = 3
"""Answers of so few characters (`C4a`) are typed as they are."""
_BEGINNING = 3
"""So many first letters of an answer at least."""


class Misunderstood(Exception):
    """What was typed is no answer; says why."""


class Typed:
    """What may be typed.

    Attributes:
        shown: lines to be shown.
        keys: what may be typed, in short.
    """

    shown: Sequence[str] = ()
    keys: str = ""

    def understand(self, said: str) -> Any:
        """What was meant.

        Raises:
            Misunderstood: where it is no answer.
        """
        raise NotImplementedError


class YesNo(Typed):
    """Yes, no and, where it may be said, don't know.

    Args:
        text: the words.
        unknown: whether don't know is an answer.
    """

    def __init__(self, text: ScreeningWords, *, unknown: bool = True) -> None:
        self._text = text
        self._words = ["yes", "no", *([UNKNOWN] if unknown else [])]
        self.keys = "y/n/?" if unknown else "y/n"

    def understand(self, said: str) -> str:
        """The word that was meant."""
        word = _common(said, self._text)
        if word not in self._words:
            raise Misunderstood(self._text.talk.not_understood.format(keys=self.keys))
        return word


class Options(Typed):
    """What may be typed at the question of a rule.

    Args:
        rule: the rule.
        text: the words.
        places: that may be named, with their words.
    """

    def __init__(self, rule: Rule, text: ScreeningWords, places: Mapping[str, str]) -> None:
        from venolymph.screening.pages import none_of_these

        self._rule, self._text, self._places = rule, text, places
        letters = iter(_LETTERS)
        self._keys: dict[str, str] = {}
        for word in rule.answers:
            if word == UNKNOWN:
                key = "?"
            elif word == "yes":
                key = "y"
            elif word == none_of_these(rule.id):
                key = "n"
            else:
                key = text.answers[word].lower() if len(text.answers[word]) <= _SHORT else next(letters)
            self._keys[key] = word
        self.keys = "/".join([*(key for key in "yn?" if key in self._keys)])
        self.shown = self._named()

    def understand(self, said: str) -> Any:
        """The answer that was meant.

        Raises:
            Misunderstood: where it fits none, or several.
        """
        talk, number = self._text.talk, self._rule.number
        value = _number(said) if number is not None else None
        if number is not None and value is not None:
            if not number.low <= value <= number.high:
                raise Misunderstood(talk.number_wrong.format(low=f"{number.low:g}", high=f"{number.high:g}"))
            return value
        if (common := _common(said, self._text)) is not None:
            key = {"yes": "y", "no": "n"}.get(common, "?")
            if key not in self._keys:
                raise Misunderstood(talk.which.format(keys=self._all_keys()))
            return self._keys[key]
        if self._places:
            parts = [part for part in said.split(",") if part.strip()]
            return [self._like(part, self._places) for part in parts] or self._like(said, self._places)
        if said.lower() in self._keys:
            return self._keys[said.lower()]
        return self._like(said, {word: self._text.answers[word] for word in self._keys.values()})

    def _named(self) -> list[str]:
        """Answers that are not plain yes, no or don't know, each after what is typed for it; none of these last."""
        said = {key: self._text.answers[word] for key, word in self._keys.items() if word not in ("yes", "no", UNKNOWN)}
        typed = [f"{key} {label}" for key, label in said.items() if key != "n" and key != label.lower()]
        typed += [f"n {said['n']}"] if "n" in said else []
        first = [", ".join(self._places.values())] if self._places else []
        return [*first, *filter(None, [self._measured()] if "n" in self._keys else []), *typed]

    def _measured(self) -> str:
        """The numbers that may be typed, if any."""
        number = self._rule.number
        if number is None:
            return ""
        return self._text.talk.number.format(low=f"{number.low:g}", high=f"{number.high:g}", unit=number.unit).strip()

    def _all_keys(self) -> str:
        return "; ".join(part for part in (self._measured(), "/".join(self._keys)) if part)

    def _like(self, said: str, options: Mapping[str, str]) -> str:
        """The option meant by its name or its first letters."""
        like = _like(said, options)
        if len(like) != 1:
            talk = self._text.talk
            keys = ", ".join(options.values()) if self._places else self._all_keys()
            raise Misunderstood((talk.ambiguous if like else talk.not_understood).format(keys=keys))
        return like[0]


class Label(Typed):
    """A label of a person."""

    def understand(self, said: str) -> str:
        """The label."""
        try:
            return Answers(label=said, date=dt.date.min, regions=["face"]).label
        except DocumentError as error:
            raise Misunderstood(f"{error.message}; {error.hint}") from None


class WhichLegs(Typed):
    """Left, right or both."""

    def __init__(self, text: ScreeningWords) -> None:
        self._text = text

    def understand(self, said: str) -> tuple[str, ...]:
        """The legs."""
        names = {"left": ("left",), "right": ("right",), "both": ("left", "right")}
        like = [names[name] for name, word in self._text.talk.legs.items() if said and word.startswith(said.lower())]
        if len(like) != 1:
            raise Misunderstood(self._text.talk.not_understood.format(keys=", ".join(self._text.talk.legs.values())))
        return like[0]


class Review(Typed):
    """The number of a line, or nothing where all is right."""

    def __init__(self, text: ScreeningWords, count: int) -> None:
        self._text, self._count = text, count

    def understand(self, said: str) -> int:
        """The number, or 0."""
        if said.lower() in self._text.talk.right:
            return 0
        if said.isascii() and said.isdigit() and 1 <= int(said) <= self._count:
            return int(said)
        raise Misunderstood(self._text.talk.line_wrong.format(count=self._count))


class By(Typed):
    """A name or role, or nothing."""

    def understand(self, said: str) -> str:
        """As it stands; empty where nobody is named."""
        try:
            return said and Clearance(by=said, date=dt.date.min, for_=["M02"]).by
        except DocumentError as error:
            raise Misunderstood(f"{error.message}; {error.hint}") from None


class Finding(Typed):
    """What a clinician agreed to, in words."""

    def understand(self, said: str) -> str:
        """As it stands."""
        try:
            return check_words(said, 3)
        except DocumentError as error:
            raise Misunderstood(error.message) from None


class Site(Typed):
    """Where a finding is: one site or several, with semicolons between."""

    def __init__(self, text: ScreeningWords) -> None:
        self._text = text
        self._sites = {name: text.site(name) for name in rulebook().gate.near}
        self.shown = list(self._sites.values())

    def understand(self, said: str) -> list[str]:
        """The sites."""
        found = [_like(part, self._sites) for part in said.split(";")]
        if any(len(like) != 1 for like in found):
            raise Misunderstood(self._text.talk.not_understood.format(keys="; ".join(self.shown)))
        return [like[0] for like in found]


class Day(Typed):
    """A day that is not after today."""

    def __init__(self, text: ScreeningWords, today: dt.date) -> None:
        self._text, self._today = text, today

    def understand(self, said: str) -> str:
        """The day, as `2026-03-02`."""
        try:
            if dt.date.fromisoformat(said) <= self._today:
                return dt.date.fromisoformat(said).isoformat()
        except ValueError:
            pass
        raise Misunderstood(self._text.talk.date_wrong)


def _like(said: str, options: Mapping[str, str]) -> list[str]:
    """Options that are meant by their name or their first letters."""
    said = said.strip().lower()
    exact = [name for name, label in options.items() if said in (name.lower(), label.lower())]
    return exact or [
        name for name, label in options.items() if len(said) >= _BEGINNING and label.lower().startswith(said)
    ]


def _common(said: str, text: ScreeningWords) -> str | None:
    """Yes, no or don't know, which are typed alike at every question."""
    said = said.lower().replace("\N{RIGHT SINGLE QUOTATION MARK}", "'")
    typed = {"yes": text.talk.yes, "no": text.talk.no, UNKNOWN: text.talk.dont_know}
    return next((word for word, forms in typed.items() if said in forms), None)


def _number(said: str) -> float | None:
    try:
        return float(said.replace(",", "."))
    except ValueError:
        return None
