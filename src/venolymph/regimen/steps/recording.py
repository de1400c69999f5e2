"""Steps that only record: a tracer put in, readings taken."""

from __future__ import annotations

from typing import Annotated, Any, ClassVar, Literal

from pydantic import Field, field_validator

from venolymph.body.person_face import FaceRegion
from venolymph.steps.postures import Side
from venolymph.steps.step import Step

LegPart = Literal["foot", "ankle", "calf", "knee", "thigh"]


class Inject(Step):
    """A tracer put under the skin, as for lymphoscintigraphy or lymphography; the fluid it comes in is not counted.

    Attributes:
        tracer: `large` (a colloid or dye that only lymph takes away) or `small` (one that blood takes away too).
        at: part of the leg, or region of the face.
        side: of that part; all around where left out.
        leg: left or right; the index leg where left out.
        half: of the face, left or right; both where left out.
        amount: in a unit of its own, above 0.
    """

    word: ClassVar[str] = "inject"
    example: ClassVar[str] = "{tracer: large, at: foot}"
    tracer: Literal["small", "large"]
    at: Literal[LegPart, FaceRegion]
    side: Literal["front", "medial", "back", "lateral"] | None = None
    leg: Side | None = None
    half: Side | None = None
    amount: Annotated[float, Field(gt=0.0, le=1e6)] = 1.0


class TakeReadings(Step):
    """Readings to be taken.

    Attributes:
        what: names of measures.
    """

    word: ClassVar[str] = "measure"
    positional: ClassVar[str | None] = "what"
    bare: ClassVar[str | None] = "what"
    example: ClassVar[str] = "[VFI, ankle pressure]"
    what: Annotated[tuple[Annotated[str, Field(min_length=1, max_length=80)], ...], Field(min_length=1, max_length=100)]

    @field_validator("what", mode="before")
    @classmethod
    def _one_or_more(cls, what: Any) -> Any:
        return [what] if isinstance(what, str) else what


KINDS = (Inject, TakeReadings)
