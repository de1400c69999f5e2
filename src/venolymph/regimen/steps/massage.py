"""A session of massage as a step of a regimen."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, ClassVar

from pydantic import field_validator

from venolymph.massage.session import Session, load_session, name_of
from venolymph.regimen.named_files import beside, refused_inside
from venolymph.steps.step import Step


class Massage(Step):
    """A session of massage.

    Attributes:
        session: the name of a packaged session, a session, or one of its steps (a mapping with `stroke`).
    """

    word: ClassVar[str] = "massage"
    positional: ClassVar[str | None] = "session"
    bare: ClassVar[str | None] = "session"
    example: ClassVar[str] = "leg-massage"
    session: Any

    @field_validator("session", mode="before")
    @classmethod
    def _a_session(cls, given: Any) -> Any:
        if isinstance(given, Mapping) and "stroke" in given:
            given = {"session": "one step", "purpose": "experiment", "steps": [{"massage": given}]}
        if isinstance(given, Mapping):
            given = {"kind": "session", "version": 1, **given}
        with refused_inside():
            return given if isinstance(given, Session) else load_session(beside(given))

    @property
    def lasts(self) -> float:
        return self.session.seconds

    def written(self) -> Any:
        document = self.session.document()
        return name_of(self.session) or {key: document[key] for key in document if key not in ("kind", "version")}


KINDS = (Massage,)
