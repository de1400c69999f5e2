"""Steps of a session: strokes of one kind, and time without strokes."""

from __future__ import annotations

import math
from typing import Annotated, Any, ClassVar, Literal

from pydantic import BeforeValidator, Field, field_validator, model_validator

from venolymph.documents import Entry
from venolymph.errors import DocumentError
from venolymph.massage.catalogue import StrokeKind, kind, places
from venolymph.steps.breathing import Breathe
from venolymph.steps.step import Step
from venolymph.units import DURATION, PRESSURE, SHARE, Quantity, refusal

HARDEST = PRESSURE.between("0.5 mmHg", "200 mmHg", example="30 mmHg")

Hands = Literal["left", "right", "in turn", "together"]


def _one_line(given: Any) -> Any:
    """Text of an author on one line, without characters that nobody sees: they could show what is not written."""
    if not isinstance(given, str):
        return given
    line = " ".join(given.split())
    if not line.isprintable():
        hidden = next(letter for letter in line if not letter.isprintable())
        raise refusal(f"found a character that is not shown (U+{ord(hidden):04X})", hint="write plain text on one line")
    return line


Line = Annotated[str, BeforeValidator(_one_line)]


class Pause(Step):
    """Time without strokes: asking again, measuring, resting.

    Attributes:
        for_: s inside.
        note: what is done, for the therapist.
    """

    word: ClassVar[str] = "rest"
    example: ClassVar[str] = "{for: 5 min, note: ask again}"
    for_: Annotated[Quantity, DURATION.between("1 s", "2 h", example="5 min")] = Field(alias="for")
    note: Line | None = Field(default=None, max_length=200)

    @property
    def lasts(self) -> float:
        """How long it takes, s."""
        return float(self.for_)


class Rhythm(Entry):
    """Times of push and release of a stroke.

    Attributes:
        push: how long the hand pushes, s inside.
        release: how long contact is barely kept before the next push, s inside.
    """

    push: Annotated[Quantity, DURATION.between("0.1 s", "2 min", example="0.7 s")]
    release: Annotated[Quantity, DURATION.between("0 s", "1 min", example="0.5 s")]


def as_names(given: Any) -> Any:
    """A name alone as a tuple of one; anything else as it is."""
    return (given,) if isinstance(given, str) else given


def known_name(given: Any, find: Any) -> Any:
    """The name, where it can be found; what is raised where it cannot is what a validator has to raise."""
    try:
        find(given)
    except DocumentError as error:
        raise refusal(error.message, hint=error.hint) from None
    return given


Names = Annotated[tuple[str, ...], BeforeValidator(as_names)]


class Strokes(Step):
    """A number of strokes of one kind.

    Attributes:
        stroke: its kind, a name of `strokes.toml`.
        at: places, done one after the other.
        along: in place of `at`: a path from place to place.
        toward: place that the push points to.
        away_from: in place of `toward`: place that it points away from.
        pressure: on the skin, mmHg inside; where not given, what is usual for the stroke.
        stretch: of the skin, 1 inside; where not given, what is usual for the stroke.
        repeat: strokes in one spot before the hand moves on.
        sets: how often all of it is done.
        spots: how many times the hand is set down in each place, or along the path.
        rhythm: push and release; where not given, what is usual for the stroke.
        for_: time that the step is given, s inside; what the strokes leave over is spread between the spots.
        sides: for places that are paired: one of them, both in turn, or both together.
        avoid: `varices`: the hand stays beside varicose veins.
        note: for the therapist.
    """

    word: ClassVar[str] = "massage"
    example: ClassVar[str] = "{stroke: pump, at: inner thigh, toward: superficial inguinal nodes, repeat: 7, sets: 2}"

    stroke: str
    at: Names = ()
    along: Names = ()
    toward: str | None = None
    away_from: str | None = None
    pressure: Annotated[Quantity, HARDEST] | None = None
    stretch: Annotated[Quantity, SHARE.between("0", "0.5", example="0.1")] | None = None
    repeat: Annotated[int, Field(ge=1, le=100, strict=True)] = 1
    sets: Annotated[int, Field(ge=1, le=50, strict=True)] = 1
    spots: Annotated[int, Field(ge=1, le=50, strict=True)] = 1
    rhythm: Rhythm | None = None
    for_: Annotated[Quantity, DURATION.between("1 s", "2 h", example="5 min")] | None = Field(default=None, alias="for")
    sides: Hands = "in turn"
    avoid: Literal["varices"] | None = None
    note: Line | None = Field(default=None, max_length=200)

    @field_validator("stroke")
    @classmethod
    def _known_stroke(cls, name: str) -> str:
        return known_name(name, kind)

    @model_validator(mode="after")
    def _makes_sense(self) -> Strokes:
        for one, other in (("at", "along"), ("toward", "away_from")):
            self.need_one({repr(name): bool(getattr(self, name)) for name in (one, other)})
        if self.for_ is not None and self.busy > self.for_ + 1e-9:
            raise refusal(
                f"the strokes take {math.ceil(self.busy)} s, longer than the {self.for_} that the step is given",
                hint="give it more time, or fewer sets, spots or repeats",
                key="for",
            )
        return self

    @property
    def kind(self) -> StrokeKind:
        """The kind of stroke."""
        return kind(self.stroke)

    @property
    def where(self) -> tuple[str, ...]:
        """The places that it works on."""
        return self.at or self.along

    @property
    def regions(self) -> frozenset[str]:
        """The places of screening that it works on."""
        return frozenset(region for name in self.where if (region := places()[name].region))

    @property
    def techniques(self) -> frozenset[str]:
        """The techniques of screening that it counts as, those of pressure and of sides apart."""
        named = [self.kind.technique, *(places()[name].technique for name in self.where)]
        return frozenset(name for name in named if name is not None)

    @property
    def moved(self) -> float:
        """Stretch of the skin, 1."""
        return float(self.kind.stretch if self.stretch is None else self.stretch)

    @property
    def hard(self) -> float:
        """Pressure on the skin, mmHg."""
        return float(self.kind.pressure if self.pressure is None else self.pressure)

    @property
    def times(self) -> tuple[float, float]:
        """Push and release, s."""
        if self.rhythm is not None:
            return float(self.rhythm.push), float(self.rhythm.release)
        return self.kind.push, self.kind.release

    @property
    def places_in_turn(self) -> tuple[tuple[str | None, tuple[str, ...]], ...]:
        """Side and path of each stretch that is worked by itself: a path, or each place of `at`, on each side."""
        paths = [self.along] if self.along else [(name,) for name in self.at]
        found: list[tuple[str | None, tuple[str, ...]]] = []
        for path in paths:
            paired = any(places()[name].sided for name in path)
            sides = {"in turn": ("left", "right"), "together": ("both",)}.get(self.sides, (self.sides,))
            found += [(side, path) for side in sides] if paired else [(None, path)]
        return tuple(found)

    @property
    def busy(self) -> float:
        """Duration of the strokes alone, s."""
        known = all(name in places() for name in self.where)
        stretches = len(self.places_in_turn) if known else 1
        return self.sets * self.spots * self.repeat * stretches * sum(self.times)

    @property
    def lasts(self) -> float:
        """Duration, s: the one stated, or that of its strokes."""
        return float(self.for_) if self.for_ is not None else self.busy


STEPS: dict[str, type[Step]] = {step.word: step for step in (Pause, Breathe, Strokes)}
