"""A clinician's agreement in writing, and days as documents write them."""

from __future__ import annotations

import datetime as dt
import re
from typing import Annotated, Any

from pydantic import BeforeValidator, Field, field_validator, model_validator

from venolymph.documents import Entry, check_words
from venolymph.errors import DocumentError, nearest
from venolymph.screening.rulebook import rulebook
from venolymph.units import refusal, show


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
