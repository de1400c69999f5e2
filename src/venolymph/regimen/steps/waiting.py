"""Waiting: everything stays as it is."""

from __future__ import annotations

from typing import ClassVar

from pydantic import Field

from venolymph.steps.postures import For
from venolymph.steps.step import Step


class Wait(Step):
    """Everything stays as it is.

    Attributes:
        for_: s inside.
    """

    word: ClassVar[str] = "wait"
    example: ClassVar[str] = "{for: 1 min}"
    for_: For = Field(alias="for")

    @property
    def lasts(self) -> float:
        return float(self.for_)


KINDS = (Wait,)
