"""A session of massage as a document: what the hands do, where, how often, how hard, in what order.

kind: session
version: 1
session: a short try
body: leg
screening: [leg]
steps:
  - breathe: {deep: 5, rate: 6 /min}
  - massage: {stroke: stationary circles, at: superficial inguinal nodes, toward: external iliac nodes,
              pressure: 30 mmHg, repeat: 7, sets: 3, spots: 3, for: 90 s}
  - massage: {stroke: pump, along: [inner thigh, inner knee], toward: superficial inguinal nodes, repeat: 7, sets: 2}
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from functools import cache
from pathlib import Path
from typing import Annotated, Any, ClassVar, Literal

from pydantic import BeforeValidator, Field, field_validator, model_validator

from venolymph import documents, figures
from venolymph.documents import Entry
from venolymph.errors import DocumentError, nearest
from venolymph.massage.catalogue import place, places
from venolymph.massage.session_steps import HARDEST, STEPS, Line, Strokes, as_names, known_name
from venolymph.steps.postures import Lie, Posture, Rest, Sit
from venolymph.steps.step import OneStep, Step
from venolymph.units import ANGLE, SHARE, Quantity, refusal, show

Positions = Literal["supine", "half sitting", "sitting", "prone"]


def _limit(name: str) -> float:
    return figures.internal(f"massage.limit.{name}")


class Changes(Entry):
    """Differences from the session that one is like.

    Attributes:
        pressure: of all strokes, mmHg inside.
        stretch: of all strokes, 1 inside.
        direction: reversed: every push points the other way.
        order: distal first: what lies farthest from the nodes comes first, and the nodes last.
    """

    pressure: Annotated[Quantity, HARDEST] | None = None
    stretch: Annotated[Quantity, SHARE.between("0", "0.5", example="0.1")] | None = None
    direction: Literal["reversed"] | None = None
    order: Literal["distal first"] | None = None

    def made(self, steps: Sequence[Step]) -> tuple[Step, ...]:
        """Steps with these changes."""
        done = [self._one(step) if isinstance(step, Strokes) else step for step in steps]
        if self.order is None:
            return tuple(done)
        backwards = [step for step in reversed(done) if isinstance(step, Strokes)]
        upward = iter(sorted(backwards, key=lambda step: -min(places()[name].rank for name in step.where)))
        return tuple(next(upward) if isinstance(step, Strokes) else step for step in done)

    def _one(self, step: Strokes) -> Strokes:
        changed: dict[str, Any] = {}
        if self.pressure is not None:
            changed["pressure"] = self.pressure
        if self.stretch is not None:
            changed["stretch"] = self.stretch
        if self.direction is not None:
            changed |= {"toward": step.away_from, "away_from": step.toward}
        if self.order is not None:
            changed["at"] = step.at[::-1]
        return step.model_copy(update=changed)


class Session(Entry):
    """A session of massage.

    Attributes:
        session: its name.
        purpose: treatment, or experiment (may be simulated, never planned for somebody); one that is like an
            experiment is one.
        reason: why an experiment does what a treatment may not.
        school: vodder, foeldi, leduc, or another.
        body: one leg (with belly, neck and collarbone), or the face.
        screening: regions that a person has to be screened for before it.
        posture: how the person lies.
        legs_raised: by which angle, lying on the back; rad inside.
        source: where it is from.
        steps: what is done, in order; or
        like: the packaged session that it is like, with
        changed: what is different.
    """

    kind: Literal["session"] = "session"
    version: Literal[1] = 1
    session: Annotated[Line, Field(min_length=1, max_length=120)] = "a session"
    purpose: Literal["treatment", "experiment"] = "treatment"
    reason: Annotated[Line, Field(min_length=3, max_length=300)] | None = None
    school: Annotated[Line, Field(min_length=1, max_length=60)] | None = None
    body: Literal["leg", "leg.left", "leg.right", "face"] = "leg"
    screening: Annotated[tuple[Literal["leg", "abdomen", "neck", "face"], ...], BeforeValidator(as_names)] = ()
    posture: Positions = "supine"
    legs_raised: Annotated[Quantity, ANGLE.between("0 deg", "60 deg", example="15 deg")] | None = None
    source: Line | None = Field(default=None, max_length=300)
    like: str | None = None
    changed: Changes | None = None
    steps: tuple[Annotated[Step, OneStep(lambda: STEPS)], ...] = ()

    positional: ClassVar[str | None] = "steps"

    @classmethod
    def shape(cls) -> str:
        """How steps are written."""
        return f"write it as in `steps: [massage: {Strokes.example}]`"

    @model_validator(mode="before")
    @classmethod
    def _purpose_of_what_it_is_like(cls, data: Any) -> Any:
        """An experiment stays one, with its reason, where nothing is said."""
        like = data.get("like") if isinstance(data, Mapping) else None
        if not isinstance(like, str) or like not in packaged_sessions() or "purpose" in data:
            return data
        original = _packaged(like)
        if original.purpose == "treatment":
            return data
        return {"reason": original.reason, **data, "purpose": original.purpose}

    @field_validator("like")
    @classmethod
    def _known_session(cls, name: str | None) -> str | None:
        return None if name is None else known_name(name, _packaged)

    @model_validator(mode="after")
    def _can_be_done(self) -> Session:
        self.need_one({"`steps`": bool(self.steps), "`like`": self.like is not None})
        if self.changed is not None and self.like is None:
            raise refusal("`changed` without `like`", hint="name the session that it is like", key="changed")
        if self.purpose == "treatment" and self.experiment is not None:
            raise refusal(
                f"this is an experiment and says that it is a treatment: {self.experiment}",
                hint="write `purpose: experiment` and a `reason`; it is never planned for a person",
                key="purpose",
            )
        for number, step in enumerate(self.course):
            if isinstance(step, Strokes):
                self._is_there(step, ("steps", number, step.word))
                self._not_too_hard(step, ("steps", number, step.word, "pressure"))
        return self

    def _is_there(self, step: Strokes, at: tuple[str | int, ...]) -> None:
        for key in ("at", "along", "toward", "away_from"):
            given = getattr(step, key)
            for name in (given,) if isinstance(given, str) else given or ():
                try:
                    found = place(name, self.body)
                except DocumentError as error:
                    raise refusal(error.message, hint=error.hint, key=(*at, key)) from None
                if found.region is None and key in ("at", "along"):
                    raise refusal(
                        f"{name!r} is a direction; no hand is put there",
                        hint="use it with `toward`",
                        key=(*at, key),
                    )
        for before, after in zip(step.along, step.along[1:], strict=False):
            beside = places()[before].neighbours
            if after not in beside:
                raise refusal(
                    f"the path jumps from {before!r} to {after!r}; beside {before!r} are {', '.join(sorted(beside))}",
                    hint="name the places in between, or write `at:` for places by themselves",
                    key=(*at, "along"),
                )
        if step.kind.motion == "glide" and step.spots > 1:
            raise refusal(
                f"{step.stroke} glides along the whole way and is not set down in {step.spots} spots",
                hint="leave `spots` out, or raise `repeat`",
                key=(*at, "spots"),
            )

    def _not_too_hard(self, step: Strokes, at: tuple[str | int, ...]) -> None:
        highest = _limit("error")
        if step.hard < highest or (self.purpose == "experiment" and self.reason is not None):
            return
        raise refusal(
            f"{step.hard:g} mmHg on the skin damages lymph vessels; allowed is less than {highest:g} mmHg",
            hint="30 mmHg is usual; an experiment may press harder: `purpose: experiment` and a `reason`",
            key=at,
        )

    @property
    def course(self) -> tuple[Step, ...]:
        """The steps: those written, or those of the session that it is like, with what is changed."""
        if self.like is None:
            return self.steps
        steps = _packaged(self.like).course
        return self.changed.made(steps) if self.changed else steps

    @property
    def side(self) -> Literal["left", "right"] | None:
        """Side of the leg that it is for; None where it does not say."""
        return side_of(self.body)

    @property
    def experiment(self) -> str | None:
        """Reason why it can only be an experiment (what it is like, or what is changed); None where there is none."""
        if self.like is None:
            return None
        if _packaged(self.like).purpose == "experiment":
            return f"it is like {self.like}, which is one"
        if self.changed is None:
            return None
        if self.changed.direction is not None:
            return "every push is turned round"
        if self.changed.order is not None:
            return "the nodes come last"
        if self.changed.pressure is not None and (over := self.over_ceiling()):
            number, name, pressure, ceiling = over[0]
            return f"step {number} presses with {pressure:g} mmHg at {name!r}, where {ceiling:g} mmHg is the ceiling"
        return None

    @property
    def seconds(self) -> float:
        """How long it takes, s."""
        return sum(step.lasts for step in self.course)

    @property
    def warnings(self) -> tuple[tuple[int, float], ...]:
        """Steps that press harder than most schools teach: number from 1, and pressure, mmHg."""
        limit = _limit("warning")
        hard = ((n, step.hard) for n, step in enumerate(self.course, 1) if isinstance(step, Strokes))
        return tuple((number, pressure) for number, pressure in hard if pressure > limit)

    def over_ceiling(self) -> list[tuple[int, str, float, float]]:
        """Steps above a region's pressure ceiling: number from 1, place, pressure and ceiling, mmHg."""
        return [
            (number, name, step.hard, places()[name].ceiling)
            for number, step in enumerate(self.course, 1)
            if isinstance(step, Strokes)
            for name in step.where
            if step.hard > places()[name].ceiling + 1e-9
        ]

    def lying_down(self) -> Posture:
        """The posture as a step of a regimen."""
        if self.posture == "half sitting" and self.body == "face":
            return Lie(head_up=f"{figures.load()['massage.half_sitting'].value:g} deg")
        if self.posture in ("half sitting", "sitting"):
            return Sit()
        if self.posture == "supine" and self.legs_raised:
            return Rest(posture="supine", legs_raised=self.legs_raised)
        return Lie()

    def to_yaml(self) -> str:
        """The document as YAML text, which reads back to an equal object."""
        return documents.write(self.document())


def side_of(body: str) -> Literal["left", "right"] | None:
    """The side that a document names with its body; None where it names none."""
    sides: dict[str, Literal["left", "right"]] = {"leg.left": "left", "leg.right": "right"}
    return sides.get(body)


@cache
def packaged_sessions() -> dict[str, Path]:
    """Files of the packaged sessions by name."""
    folder = Path(__file__).parent / "sessions"
    order = ("leg-massage", "leg-massage-vodder", "leg-massage-leduc", "leg-massage-short")
    rank = {name: number for number, name in enumerate(order)}

    def place(name: str) -> tuple[int, bool, str]:
        return rank.get(name, len(order)), name.startswith("facial"), name

    found = sorted(folder.glob("*.yaml"), key=lambda path: place(path.stem))
    return {path.stem: path for path in found}


def load_session(session: object) -> Session:
    """A session by packaged name, path, mapping or object.

    Raises:
        DocumentError: where there is no such session or the document cannot be used.
    """
    if isinstance(session, str) and session in packaged_sessions():
        return _packaged(session)
    return documents.load(Session, "session", session, packaged_sessions())


@cache
def _packaged(name: str) -> Session:
    if name not in packaged_sessions():
        near = nearest(name, packaged_sessions())
        raise DocumentError(
            f"there is no packaged session {show(name)}; packaged are {', '.join(packaged_sessions())}",
            hint=f"did you mean {near!r}?" if near else "`like` takes the name of a packaged session",
        )
    return documents.load(Session, "session", name, packaged_sessions())


def name_of(session: Session) -> str | None:
    """The packaged name of a session, if it has one."""
    return next((name for name in packaged_sessions() if _packaged(name) == session), None)


def session_schema() -> dict[str, Any]:
    """The JSON schema of a session's document."""
    return Session.model_json_schema(by_alias=True)
