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
import os
from collections.abc import Mapping
from pathlib import Path
from typing import Any, ClassVar, Literal, get_args

from pydantic import Field, field_serializer, field_validator, model_validator

from venolymph.documents import Entry, check, check_words, load
from venolymph.errors import DocumentError
from venolymph.screening.clearance import Clearance, Day
from venolymph.screening.one_answer import check_answers, check_regions
from venolymph.screening.rulebook import REGIONS, Answer, Outcome, Region, rulebook
from venolymph.units import refusal, show

Leg = Literal["left", "right"]
LEGS: tuple[Leg, ...] = get_args(Leg)
NOT_STATED = "not stated"
"""Label of answers that do not say whose they are; they are judged, and lead to no plan."""
LONGEST_LABEL = 60

_OLDER = "answers from before did not say whose, when and which leg: answer the questions again with `venolymph screen`"


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
