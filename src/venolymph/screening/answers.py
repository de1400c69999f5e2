"""Answers to the questions of screening, as people write them: checked, and refused in plain words.

kind: answers
version: 2
label: A-17
date: 2026-03-02
legs: [left]
regions: [leg]
compression: false
answers: {E01: "no", M11: 52, P03: don't know, P28: [calf]}
again: {date: 2026-03-05, answers: {E01: "no", P01: "no", P03: "no"}}
clearances:
  - {by: "Dr A, cardiologist", date: 2026-03-02, for: [M10]}
"""

from __future__ import annotations

import datetime as dt
import math
import os
import re
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Annotated, Any, ClassVar, Literal, cast, get_args

from pydantic import BeforeValidator, Field, field_serializer, field_validator, model_validator

from venolymph.documents import Entry, check, check_words, load
from venolymph.errors import DocumentError, nearest
from venolymph.screening.rulebook import REGIONS, UNKNOWN, Answer, Outcome, Region, Rule, rulebook
from venolymph.units import refusal, show

Leg = Literal["left", "right"]
LEGS: tuple[Leg, ...] = get_args(Leg)
NOT_STATED = "not stated"
"""Label of answers that do not say whose they are; they are judged, and lead to no plan."""
LONGEST_LABEL = 60

_YES_NO = {True: "yes", False: "no"}
_OLDER = "answers from before did not say whose, when and which leg: answer the questions again with `venolymph screen`"


def _day(value: Any) -> Any:
    if isinstance(value, dt.date) and not isinstance(value, dt.datetime):
        return value
    if isinstance(value, str) and re.fullmatch(r"\d{4}-\d{2}-\d{2}", value, re.ASCII):
        try:
            return dt.date.fromisoformat(value)
        except ValueError:
            pass
    raise refusal(f"found {show(value)}, where a day is needed", hint="write it as 2026-03-02")


Day = Annotated[dt.date, BeforeValidator(_day)]


class Clearance(Entry):
    """A clinician's agreement in writing.

    Attributes:
        by: name or role.
        date: when it was given.
        for_: ids of the rules that it was given for; one alone, where the rule is of a finding.
        finding: what the clinician agreed to, in words; needed where the rule is of a finding.
        site: where the finding is; needed where that decides what is left out.
    """

    by: str
    date: Day
    for_: tuple[str, ...] = Field(alias="for", min_length=1)
    finding: str | None = None
    site: tuple[str, ...] = ()

    @field_validator("by")
    @classmethod
    def _somebody(cls, by: str) -> str:
        try:
            return check_words(by, 2)
        except DocumentError as error:
            raise refusal(error.message, hint="name the clinician or the role, in letters") from None

    @field_validator("for_")
    @classmethod
    def _rules_exist(cls, names: tuple[str, ...]) -> tuple[str, ...]:
        rules = rulebook().rules
        for place, name in enumerate(names):
            if name not in rules:
                near = nearest(name, rules)
                hint = f"did you mean {near!r}?" if near else "name ids of rules, such as M10"
                raise refusal(f"there is no rule {show(name)}", hint=hint, key=place)
        return names

    @field_validator("finding")
    @classmethod
    def _in_words(cls, finding: str | None) -> str | None:
        try:
            return None if finding is None else check_words(finding, 3)
        except DocumentError as error:
            raise refusal(error.message, hint="write what the clinician agreed to, in words") from None

    @field_validator("site")
    @classmethod
    def _somewhere(cls, site: tuple[str, ...]) -> tuple[str, ...]:
        near = rulebook().gate.near
        for place, name in enumerate(site):
            if name not in near:
                like = nearest(name, near)
                raise refusal(
                    f"there is no site {show(name)}; allowed are {', '.join(near)}",
                    hint=f"did you mean {like!r}?" if like else "write the one that is nearest",
                    key=place,
                )
        return tuple(name for name in near if name in site)

    @model_validator(mode="after")
    def _for_one_finding(self) -> Clearance:
        rules = rulebook().rules
        special = [name for name in dict.fromkeys(self.for_) if rules[name].agreed is not None]
        if not special:
            return self
        name = special[0]
        if len(set(self.for_)) > 1:
            raise refusal(
                f"{name} is agreed to for its finding alone, and {len(set(self.for_))} rules are named",
                hint=f"write a clearance of its own for {name}",
                key="for",
            )
        if self.finding is None:
            raise refusal(
                f"{name} is agreed to for its finding alone, and the finding is not named",
                hint="write what the clinician agreed to: `finding: ...`",
                key="finding",
            )
        if rules[name].agreed == "site" and not self.site:
            raise refusal(
                f"for {name} the site decides what is left out, and it is not named; allowed are "
                f"{', '.join(rulebook().gate.near)}",
                hint="write where it is, or was: `site: [thigh]`",
                key="site",
            )
        return self


def _fitting(answers: dict[str, Any]) -> dict[str, Answer]:
    fitting: dict[str, Answer] = {}
    for name, given in answers.items():
        try:
            fitting |= check_answers({name: given})
        except DocumentError as error:
            raise refusal(error.message, hint=error.hint, key=name) from None
    return fitting


class Again(Entry):
    """Questions that were asked anew on the day of a session.

    Attributes:
        date: that day.
        answers: by id of the rule.
    """

    date: Day
    answers: dict[str, Any]

    @field_validator("answers")
    @classmethod
    def _answers_fit(cls, answers: dict[str, Any]) -> dict[str, Answer]:
        for name in answers:
            if name in rulebook().rules and name not in rulebook().again:
                raise refusal(
                    f"{name} is not asked anew; asked anew are {', '.join(rulebook().again)}",
                    hint="where another answer has changed, answer all questions again",
                    key=name,
                )
        return _fitting(answers)


class Answers(Entry):
    """A document of answers: whose, when, for which leg and session, the answers by rule, and clearances on record.

    Attributes:
        label: a label of the person, never a name.
        date: day on which the answers were given.
        legs: the legs that they speak of; needed for a session of the leg.
        regions: regions that a session is asked for.
        compression: whether the plan has compression.
        answers: by id of the rule.
        again: what was answered anew on the day of a session; it adds to the first answers and never takes one back.
        clearances: clinicians' agreements.
        questions: version of the rules whose questions were answered.
        result: what screening gave when the document was saved; only a record, never read back.
    """

    positional: ClassVar[str | None] = "answers"

    kind: Literal["answers"] = "answers"
    version: Literal[2] = 2
    label: str
    date: Day
    legs: tuple[Leg, ...] = ()
    regions: tuple[Region, ...] = ("leg",)
    compression: bool = False
    answers: dict[str, Any] = Field(default_factory=dict)
    again: Again | None = None
    clearances: tuple[Clearance, ...] = ()
    questions: str = Field(default_factory=lambda: rulebook().gate.version)
    result: dict[str, Any] | None = None

    @field_validator("label")
    @classmethod
    def _seen(cls, label: str) -> str:
        hint = "write what you call the person in your files, such as A-17; never a name"
        try:
            plain = check_words(label, 0)
        except DocumentError as error:
            raise refusal(error.message, hint=hint) from None
        if len(plain) > LONGEST_LABEL or not any(char.isalnum() for char in plain):
            raise refusal(
                f"{show(label)} is no label; a label has 1 to {LONGEST_LABEL} characters, a letter or digit among them",
                hint=hint,
            )
        return plain

    @field_validator("questions")
    @classmethod
    def _readable(cls, version: str) -> str:
        readable = rulebook().gate.readable
        if version not in readable:
            raise refusal(
                f"found questions of version {show(version)}; this program reads {', '.join(readable)}",
                hint="answer the questions again with `venolymph screen`",
            )
        return version

    @field_validator("legs")
    @classmethod
    def _left_first(cls, legs: tuple[Leg, ...]) -> tuple[Leg, ...]:
        return tuple(leg for leg in LEGS if leg in legs)

    @field_validator("regions")
    @classmethod
    def _in_order(cls, regions: tuple[Region, ...]) -> tuple[Region, ...]:
        if not regions:
            raise refusal("no region is named", hint=f"name at least one of {', '.join(REGIONS)}")
        return check_regions(regions)

    @field_validator("answers")
    @classmethod
    def _answers_fit(cls, answers: dict[str, Any]) -> dict[str, Answer]:
        return _fitting(answers)

    @model_validator(mode="after")
    def _whole(self) -> Answers:
        if "leg" in self.regions and not self.legs and self.label != NOT_STATED:
            raise refusal(
                "no leg is named; allowed are left, right, or both",
                hint="write `legs: [left]`, for example",
                key="legs",
            )
        if self.again is not None and self.again.date < self.date:
            raise refusal(
                f"asked anew on {self.again.date}, before the first answers ({self.date})",
                hint="correct one of the two days",
                key=("again", "date"),
            )
        return self

    @field_serializer("clearances")
    def _dates_as_text(self, clearances: tuple[Clearance, ...]) -> list[dict[str, Any]]:
        return [
            {
                "by": one.by,
                "date": one.date.isoformat(),
                "for": list(one.for_),
                **({"finding": one.finding} if one.finding is not None else {}),
                **({"site": list(one.site)} if one.site else {}),
            }
            for one in clearances
        ]

    def document(self) -> dict[str, Any]:
        """The document as plain data, kind and version first."""
        head = {
            "kind": "answers",
            "version": 2,
            "label": self.label,
            "date": self.date.isoformat(),
            "legs": list(self.legs),
            "regions": list(self.regions),
            "compression": self.compression,
        }
        return {**head, **super().document()}

    def asked_again(self, today: dt.date, answers: Mapping[str, Any]) -> Answers:
        """The document with what was answered anew on a day.

        Of what was answered anew before, the graver answers stay: only a new document takes an answer back.

        Args:
            today: the day.
            answers: by id of the rule.

        Raises:
            DocumentError: where an answer is none, or its question is not asked anew.
        """
        day = dt.date(today.year, today.month, today.day)
        anew = Again(date=day, answers=dict(answers))
        gravity = rulebook().gravity
        found: dict[str, Answer] = {}
        if self.again is not None:
            of_today = self.again.date == day
            found |= {n: one for n, one in self.again.answers.items() if of_today or gravity(n, one) > Outcome.TREAT}
        for name, answer in anew.answers.items():
            if name not in found or gravity(name, answer) >= gravity(name, found[name]):
                found[name] = answer
        return check(Answers, {**self.document(), "again": {"date": day, "answers": found}})


def load_answers(document: str | os.PathLike[str] | Mapping[str, Any] | Answers) -> Answers:
    """Answers from a file (YAML or JSON), a mapping or an object.

    Raises:
        DocumentError: where they cannot be used.
    """
    path = Path(document) if isinstance(document, str) else document
    return load(Answers, "answers", path, {}, version=Answers.model_fields["version"].default, older=_OLDER)


def check_regions(regions: Iterable[str]) -> tuple[Region, ...]:
    """Regions of a session, each once and in their order.

    Raises:
        DocumentError: where there is none, or one that does not exist.
    """
    wanted = [regions] if isinstance(regions, str) else list(regions)
    for name in wanted:
        if name not in REGIONS:
            near = nearest(str(name), REGIONS)
            raise DocumentError(
                f"there is no region {show(name)}; allowed are {', '.join(REGIONS)}",
                hint=f"did you mean {near!r}?" if near else "name the region of the session",
                place="regions",
            )
    if not wanted:
        raise DocumentError(
            f"no region is named; allowed are {', '.join(REGIONS)}", hint="name at least one", place="regions"
        )
    return tuple(region for region in REGIONS if region in wanted)


def check_answers(answers: Mapping[str, Any]) -> dict[str, Answer]:
    """Answers by rule, as the engine takes them; those left empty are left out.

    Raises:
        DocumentError: where a rule does not exist, asks nothing, or was answered with what it does not take.
    """
    found = {name: read_answer(name, given) for name, given in answers.items()}
    return {name: answer for name, answer in found.items() if answer is not None}


def read_answer(name: str, given: Any) -> Answer | None:
    """One answer as the engine takes it; None where it was left empty.

    Raises:
        DocumentError: where the rule does not exist, asks nothing, or does not take this answer.
    """
    rule = rulebook().rule(name)
    if not rule.is_question:
        follows = f"it follows from {rule.reads}" if rule.reads else "it follows from what is left open"
        raise DocumentError(f"{name} is not asked: {follows}", hint="take it out", place=name)
    if given is None:
        return None
    if isinstance(given, bool):
        given = _YES_NO[given]
    if isinstance(given, str):
        return _word(rule, given)
    if isinstance(given, int | float):
        return _number(rule, given)
    if isinstance(given, list | tuple):
        return _places(rule, cast("list[Any]", list(given)))
    raise _refused(rule, given)


def takes(rule: Rule) -> str:
    """What a rule takes as an answer, in words."""
    kinds = [repr(word) if word == UNKNOWN else word for word in rule.answers]
    if rule.number is not None:
        kinds.insert(0, f"a number from {rule.number.low:g} to {rule.number.high:g} {rule.number.unit}".rstrip())
    if rule.places:
        kinds.insert(0, "a list of places")
    return "; ".join(kinds) if any("," in kind for kind in kinds) else ", ".join(kinds)


def _word(rule: Rule, given: str) -> str:
    if given not in rule.answers:
        raise _refused(rule, given, nearest(given, rule.answers))
    return given


def _number(rule: Rule, given: float) -> float:
    if rule.number is None or not math.isfinite(given) or not rule.number.low <= given <= rule.number.high:
        raise _refused(rule, given)
    return float(given)


def _places(rule: Rule, given: list[Any]) -> tuple[str, ...]:
    places = rulebook().gate.places
    if not rule.places or not given:
        raise _refused(rule, given)
    for place in given:
        if place not in places:
            near = nearest(str(place), places)
            raise DocumentError(
                f"there is no place {show(place)}; allowed are {', '.join(places)}",
                hint=f"did you mean {near!r}?" if near else None,
                place=rule.id,
            )
    return tuple(place for place in places if place in given)


def _refused(rule: Rule, given: Any, near: str | None = None) -> DocumentError:
    return DocumentError(
        f"{show(given)} is no answer to this; allowed are {takes(rule)}",
        hint=f"did you mean {near!r}?" if near else "write one of these",
        place=rule.id,
    )
