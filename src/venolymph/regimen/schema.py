"""A regimen as a document: what a person does, step after step.

A step is a mapping of one word to its particulars, `- stand: {for: 10 min}`; in Python the same is
`Regimen([Stand(for_="10 min")])`. Postures last until the next one. A regimen begins settled in the posture of its
first step (lying, where that step needs none; standing, where it is tiptoes, walking or running).

Regimens nest: `- regimen: night` does the steps of another one, `- regimen: {times: 4, steps: [...]}` some steps
several times, and `- wear: {..., steps: [...]}` steps in a garment. `Regimen.unfolded` has them all in a row.
"""

from __future__ import annotations

import math
from collections.abc import Iterator
from typing import Annotated, Any, ClassVar, Literal

from pydantic import Field, field_validator, model_validator

from venolymph import documents
from venolymph.compression.garment import Limb
from venolymph.documents import Entry
from venolymph.massage.session import Session, side_of
from venolymph.regimen.bodies import FACE, check_steps
from venolymph.regimen.steps.devices import Suction
from venolymph.regimen.steps.garments import Pumped, Remove, Wear
from venolymph.regimen.steps.inner import STEPS, in_a_row
from venolymph.regimen.steps.joints import Knees
from venolymph.regimen.steps.massage import Massage
from venolymph.regimen.steps.muscles import Cycle, Jog, Tiptoes, Walk
from venolymph.regimen.steps.recording import Inject, TakeReadings
from venolymph.steps.postures import Lie, Posture, Sit, Stand, least_time, usual_time
from venolymph.steps.step import OneStep, Step
from venolymph.units import refusal, show

MOST_STEPS = 20_000
LONGEST = 366 * 86400.0
"""A regimen lasts a year at most, s."""


class Regimen(Entry):
    """What a person does, step after step.

    Attributes:
        regimen: its name.
        purpose: treatment, or experiment (may be simulated, never planned for somebody).
        school: of massage.
        body: the part of the body it is done on: a leg, or the face.
        steps: what is done, in order.
    """

    kind: Literal["regimen"] = "regimen"
    version: Literal[1] = 1
    regimen: Annotated[str, Field(min_length=1, max_length=120)] = "a regimen"
    purpose: Literal["treatment", "experiment"] = "experiment"
    school: Annotated[str, Field(min_length=1, max_length=60)] | None = None
    body: Literal["leg", "leg.left", "leg.right", "face"] = "leg"
    steps: tuple[Annotated[Step, OneStep(lambda: STEPS)], ...]

    positional: ClassVar[str | None] = "steps"

    @classmethod
    def shape(cls) -> str:
        return "write it as in `steps: [stand: {for: 10 min}, walk: {speed: 3 km/h, for: 1 min}]`"

    @field_validator("steps", mode="before")
    @classmethod
    def _a_list(cls, steps: Any) -> Any:
        if not isinstance(steps, list | tuple) or not steps:
            raise refusal(f"found {show(steps)}, where a list of steps is needed", hint=cls.shape())
        if len(steps) > MOST_STEPS:
            raise refusal(f"found {len(steps):,} steps; allowed are {MOST_STEPS:,}", hint="make several regimens of it")
        return steps

    @model_validator(mode="after")
    def _can_be_done(self) -> Regimen:
        self._not_too_long()
        check_steps(self.body, self._unfolded)
        self._box_fits()
        self._knees_fit()
        previous: Posture | None = None
        lasting = followed = False
        worn: set[tuple[str, Limb]] = set()
        for (step, place), (_, posture) in zip(self._unfolded, self.walk_through(), strict=True):
            if not isinstance(step, TakeReadings):
                lasting = not isinstance(step, Inject) or lasting
                followed = not isinstance(step, Inject)
            if isinstance(step, Tiptoes | Walk | Jog) and not isinstance(posture, Stand):
                raise refusal(
                    f"{step.word} needs standing, but the person is {posture.name()} here",
                    hint="put `- stand: {for: 1 min}` before it",
                    key=("steps", *place),
                )
            if isinstance(step, Cycle) and posture.name() != Sit().name():
                raise refusal(
                    f"cycle needs sitting, but the person is {posture.name()} here",
                    hint="put `- sit: {thighs: 40 deg, for: 1 min}` before it",
                    key=("steps", *place),
                )
            if isinstance(step, Massage) and posture.angles()["thigh"] > math.pi / 4:
                raise refusal(
                    f"massage needs lying or sitting, but the person is {posture.name()} here",
                    hint="put `- rest: {posture: supine, legs_raised: 15 deg, for: 15 min}` before it",
                    key=("steps", *place),
                )
            if isinstance(step, Massage):
                self._massages(step.session, place)
            if isinstance(step, Wear | Remove | Pumped):
                self._limb_is_there(step, place)
            if isinstance(step, Wear | Remove):
                self._dressed(step, place, worn)
            if isinstance(step, Posture):
                self._in_time(place, step, previous)
                previous = step
            else:
                previous = posture
        if not lasting:
            raise refusal("the steps take no time", hint="add a step such as `- stand: {for: 1 min}`", key="steps")
        if not followed:
            raise refusal("nothing follows the tracer", hint="add a step such as `- wait: {for: 1 h}`", key="steps")
        return self

    def _massages(self, session: Session, place: tuple[str | int, ...]) -> None:
        """A session fits: it is on the leg of the regimen, and no treatment where it is an experiment."""
        if {self.body, session.body} == {"leg.left", "leg.right"}:
            raise refusal(
                f"the session is for body {session.body!r}, this regimen is done on body {self.body!r}",
                hint="write the same body in both, or `body: leg`",
                key=("steps", *place),
            )
        if self.purpose == "treatment" and session.purpose == "experiment":
            raise refusal(
                f"the session {session.session!r} is an experiment, and this regimen says that it is a treatment",
                hint="write `purpose: experiment` for the regimen",
                key=("steps", *place),
            )

    def _box_fits(self) -> None:
        """Legs under suction lie in a box, where nobody reaches them."""
        sucked = False
        let_in = "put `- suction: {pressure: 0 mmHg}` before it"
        for (step, place), (_, posture) in zip(self._unfolded, self.walk_through(), strict=True):
            begins = isinstance(step, Suction)
            sucked = step.pressure > 0.0 if isinstance(step, Suction) else sucked
            if sucked and posture.name() != Lie().name():
                raise refusal(
                    f"suction needs lying, but the person is {posture.name()} here",
                    hint="put `- lie: {for: 5 min}` before it" if begins else let_in,
                    key=("steps", *place),
                )
            if sucked and isinstance(step, Massage | Wear | Remove | Pumped):
                raise refusal(
                    f"{step.word} cannot reach legs under suction: they lie in a box",
                    hint=let_in,
                    key=("steps", *place),
                )

    def _knees_fit(self) -> None:
        """Knees that are held straight do not bend."""
        straight: set[str] = set()
        for (step, place), (_, posture) in zip(self._unfolded, self.walk_through(), strict=True):
            if isinstance(step, Knees):
                moved = {step.leg} if step.leg else {"left", "right"}
                straight = straight | moved if step.to == "straight" else straight - moved
            angles = posture.angles()
            bent = posture.name() if angles["thigh"] != angles["shank"] else None
            bent = {"walk": "walking", "run": "running", "cycle": "cycling"}.get(step.word, bent)
            if straight and bent:
                raise refusal(
                    f"the knees are held straight, but the person is {bent} here",
                    hint="put `- knees: {to: bent}` before it, or lie or stand first",
                    key=("steps", *place),
                )

    def _not_too_long(self) -> None:
        lasts = sum(step.lasts for step in self.steps)
        if lasts > LONGEST:
            raise refusal(
                f"the steps last {lasts / 86400:.0f} days; a regimen lasts at most {LONGEST / 86400:.0f}",
                hint="simulate a shorter time, or check the units of `for`",
                key="steps",
            )
        count = sum(step.steps_in_all for step in self.steps)
        if count > MOST_STEPS:
            raise refusal(
                f"found {count:,} steps, those of nested regimens counted; allowed are {MOST_STEPS:,}",
                hint="lower `times`, or make several regimens of it",
                key="steps",
            )

    def _limb_is_there(self, step: Wear | Remove | Pumped, place: tuple[str | int, ...]) -> None:
        side = self.body.partition(".")[2]
        if step.on is not None and side and step.on != side:
            raise refusal(
                f"it goes on the {step.on} leg, which is not there: this regimen is done on body {self.body!r}",
                hint=f"write `on: {side}`, leave `on` out, or write `body: leg`",
                key=("steps", *place, "on"),
            )

    @staticmethod
    def _dressed(step: Wear | Remove, place: tuple[str | int, ...], worn: set[tuple[str, Limb]]) -> None:
        what = (step.garment, step.on)
        if isinstance(step, Wear) and what in worn:
            raise refusal(
                f"a {step.garment} is put on over another {step.garment}",
                hint=f"put `- remove: {{garment: {step.garment}}}` before it",
                key=("steps", *place, "garment"),
            )
        if isinstance(step, Remove) and what not in worn:
            near = ", ".join(sorted(kind for kind, _ in worn)) or "nothing"
            raise refusal(
                f"no {step.garment} is worn here that could be taken off; worn is {near}",
                hint=f"put `- wear: {Wear.example}` before it",
                key=("steps", *place, "garment"),
            )
        (worn.add if isinstance(step, Wear) else worn.discard)(what)

    @staticmethod
    def _in_time(place: tuple[str | int, ...], step: Posture, previous: Posture | None) -> None:
        if previous is None:
            return
        least, usual = least_time(previous, step), usual_time(previous, step)
        for word, given in (("over", step.over), ("for", step.for_)):
            if given is not None and given < least * (1 - 1e-9):
                how = "a table turns" if step.on_table else "a person moves"
                raise refusal(
                    f"from {previous.name()} to {step.name()} in {given} is faster than {how}; "
                    f"allowed is {math.ceil(least * 100 - 1e-9) / 100:g} s or longer",
                    hint=f"write `{word}: {usual:.3g} s`, or leave it out for what is usual"
                    if word == "over"
                    else f"write `{word}: {usual:.3g} s` or longer",
                    key=("steps", *place, word),
                )

    @property
    def _unfolded(self) -> tuple[tuple[Step, tuple[str | int, ...]], ...]:
        return tuple(in_a_row(self.steps, ()))

    @property
    def unfolded(self) -> tuple[Step, ...]:
        """All steps in a row, those of nested regimens and of garments included."""
        return tuple(step for step, _ in self._unfolded)

    @property
    def lasts(self) -> float:
        """How long it takes, s, as far as the document says (changes of posture without a duration count nothing)."""
        return sum(step.lasts for step in self.steps)

    @property
    def massages(self) -> tuple[Session, ...]:
        """Sessions of massage in it, in order."""
        return tuple(step.session for step in self.unfolded if isinstance(step, Massage))

    @property
    def wears(self) -> bool:
        """Whether a garment, a bandage or a pneumatic sleeve presses on a leg in it."""
        return any(isinstance(step, Wear | Pumped) for step in self.unfolded)

    @property
    def on_face(self) -> bool:
        """Whether it is done on a face."""
        return self.body == FACE

    @property
    def side(self) -> Literal["left", "right"] | None:
        """The leg that it is done on, where it or its sessions name one and not both."""
        named = {side_of(body) for body in (self.body, *(one.body for one in self.massages))} - {None}
        if len(named) != 1:
            return None
        return "left" if "left" in named else "right"

    def treated(self, index: Literal["left", "right"]) -> frozenset[Literal["left", "right"]]:
        """The legs that it is done on: those that it or its sessions name, else the index leg; on a face none."""
        if self.on_face:
            return frozenset()
        own = self.side or index
        return frozenset(side_of(one.body) or own for one in self.massages) or frozenset({own})

    @property
    def injects(self) -> bool:
        """Whether a tracer is put in somewhere."""
        return any(isinstance(step, Inject) for step in self.unfolded)

    def walk_through(self) -> Iterator[tuple[Step, Posture]]:
        """Each step, unfolded, with the posture that is in force when it is done."""
        posture = self.first_posture
        for step in self.unfolded:
            if isinstance(step, Posture):
                posture = step
            yield step, posture

    @property
    def first_posture(self) -> Posture:
        """The posture that the regimen begins in, settled."""
        for step in self.unfolded:
            if isinstance(step, Posture):
                return step
            if isinstance(step, Tiptoes | Walk | Jog):
                return Stand()
            if isinstance(step, Massage):
                return step.session.lying_down() if self.on_face else Lie()
        return Lie()

    @property
    def begins_standing(self) -> bool:
        """Whether it walks, runs or does tiptoes before any step that takes a posture."""
        first = next((step for step in self.unfolded if isinstance(step, Posture | Tiptoes | Walk | Jog)), None)
        return first is not None and not isinstance(first, Posture)

    @property
    def measures(self) -> tuple[str, ...]:
        """Names of the measures asked for, each once, in order."""
        return tuple(
            dict.fromkeys(name for step in self.unfolded if isinstance(step, TakeReadings) for name in step.what)
        )

    def to_yaml(self) -> str:
        """The document as YAML text, which reads back to an equal object."""
        return documents.write(self.document())
