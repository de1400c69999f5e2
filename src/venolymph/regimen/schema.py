"""A regimen as a document: what a person does, step after step.

A step is a mapping of one word to its particulars, `- stand: {for: 10 min}`; in Python the same is
`Regimen([Stand(for_="10 min")])`. Postures last until the next one. A regimen begins settled in the posture of its
first step (lying, where that step needs none; standing, where it is tiptoes, walking or running).

Regimens nest: `- regimen: night` does the steps of another one, `- regimen: {times: 4, steps: [...]}` some steps
several times, and `- wear: {..., steps: [...]}` steps in a garment. `Regimen.unfolded` has them all in a row.
"""

from __future__ import annotations

import math
import os
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from contextvars import ContextVar
from functools import cache
from pathlib import Path
from typing import Annotated, Any, ClassVar, Literal

from pydantic import BeforeValidator, Field, PlainSerializer, field_validator, model_validator

from venolymph import compression, documents, figures
from venolymph.compression.garment import Garment, Limb, Sleeve
from venolymph.documents import Entry
from venolymph.errors import DocumentError, UnitError
from venolymph.massage.session import Session, load_session, name_of, packaged_sessions
from venolymph.regimen.measured import Samples, as_text, read_samples
from venolymph.steps.breathing import Breathe
from venolymph.steps.postures import (
    For,
    Lie,
    Posture,
    Prone,
    Raise,
    Rest,
    Sit,
    Stand,
    Tilt,
    least_time,
    usual_time,
)
from venolymph.steps.step import OneStep, Step
from venolymph.traces import read_traces
from venolymph.units import (
    DURATION,
    LENGTH,
    POWER,
    PRESSURE,
    RATE,
    SHARE,
    SPEED,
    TEMPERATURE,
    Quantity,
    refusal,
    show,
)

# ------------------------------------------------------------------ movement


class Tiptoes(Step):
    """Rising on tiptoe with both feet, standing.

    Attributes:
        count: how often.
        rate: how often in a time, 1/s inside; where not given, as `rise`, `hold` and coming down take.
        rise: how long the rise takes, s inside.
        hold: how long the top is held, s inside.
        down: how long coming down takes, s inside.
        heels: height of the shoes' heels, cm inside; the ankle starts so much extended, so its stroke is shorter.
    """

    word: ClassVar[str] = "tiptoes"
    example: ClassVar[str] = "{count: 10, rate: 60 /min}"
    count: Annotated[int, Field(ge=1, le=1000, strict=True)] = 1
    rate: Annotated[Quantity, RATE.between("1 /min", "120 /min", example="60 /min")] | None = None
    rise: Annotated[Quantity, DURATION.between("0.1 s", "10 s", example="0.4 s")] | None = None
    hold: Annotated[Quantity, DURATION.between("0 s", "60 s", example="2 s")] | None = None
    down: Annotated[Quantity, DURATION.between("0.1 s", "10 s", example="0.4 s")] | None = None
    heels: Annotated[Quantity, LENGTH.between("0 cm", "9 cm", example="7 cm")] | None = None

    @property
    def lasts(self) -> float:
        once = (
            1.0 / self.rate
            if self.rate
            else float(self.rise or 0.4) + float(self.hold or 2.0) + float(self.down or 0.4)
        )
        return self.count * once

    @model_validator(mode="after")
    def _fits(self) -> Tiptoes:
        # a rise or a fall that is not given needs a tenth of a second at least
        said = [0.1 if part is None else float(part) for part in (self.rise, self.down)]
        said.append(float(self.hold or 0.0))
        if self.rate is not None and sum(said) > 1.0 / self.rate + 1e-9:
            raise refusal(
                f"at {self.rate} one tiptoe has {1.0 / self.rate:.3g} s, "
                f"but rise, hold and down take at least {sum(said):.3g} s",
                hint="lower the rate, or leave rise, hold and down out",
                key="rate",
            )
        return self


class AnklePumps(Step):
    """Bending and stretching the ankle of the index leg, without weight on it, in any posture.

    Attributes:
        count: how often; once where neither it nor `for` is given.
        for_: for how long, s inside.
        rate: how often in a time, 1/s inside.
        load: what the foot works against, as a share of the heaviest load it can move once, 1.
        amplitude: share of the ankle's full range that it moves through, 1.
    """

    word: ClassVar[str] = "ankle pumps"
    example: ClassVar[str] = "{count: 20, rate: 30 /min}"
    count: Annotated[int, Field(ge=1, le=1000, strict=True)] | None = None
    for_: Annotated[Quantity, DURATION.between("1 s", "24 h", example="2 min")] | None = Field(
        default=None, alias="for"
    )
    rate: Annotated[Quantity, RATE.between("5 /min", "90 /min", example="30 /min")] | None = None
    load: Annotated[Quantity, SHARE.between("0", "1", example="0.75")] | None = None
    amplitude: Annotated[Quantity, SHARE.between("0.1", "1", example="0.5")] | None = None

    @model_validator(mode="after")
    def _one_length(self) -> AnklePumps:
        if self.count is not None and self.for_ is not None:
            raise refusal("found count and for at once; one of them is enough", hint=self.shape(), key="for")
        if self.for_ is not None and self.for_ < self.each:
            raise refusal(
                f"one movement takes {self.each:g} s, longer than the {self.for_} given",
                hint="make `for` longer, or `rate` higher",
                key="for",
            )
        return self

    @property
    def each(self) -> float:
        """How long one takes, s."""
        return 1.0 / float(self.rate or figures.internal("muscle_pump.ankle_pump.rate"))

    @property
    def times(self) -> int:
        """How often."""
        return int(self.for_ / self.each + 1e-9) if self.for_ is not None else self.count or 1

    @property
    def lasts(self) -> float:
        return self.times * self.each


class Stimulate(Step):
    """Muscles of the index leg made to contract by electrical stimulation, in any posture.

    Attributes:
        muscles: which.
        rate: contractions in a time, 1/s inside.
        for_: for how long, s inside.
    """

    word: ClassVar[str] = "stimulate"
    example: ClassVar[str] = "{muscles: [calf], rate: 12 /min, for: 30 min}"
    muscles: Annotated[tuple[Literal["calf", "shin"], ...], Field(min_length=1, max_length=2)] = ("calf",)
    rate: Annotated[Quantity, RATE.between("1 /min", "60 /min", example="12 /min")] | None = None
    for_: Annotated[Quantity, DURATION.between("1 min", "24 h", example="30 min")] = Field(alias="for")

    @property
    def each(self) -> float:
        """From one contraction to the next, s."""
        return 1.0 / float(self.rate or figures.internal("muscle_pump.stimulation.rate"))

    @property
    def lasts(self) -> float:
        return float(self.for_)


class Cycle(Step):
    """Riding a bicycle that stands still, sitting on it.

    Attributes:
        power: W inside.
        cadence: turns of the pedals in a time, 1/s inside.
        for_: s inside.
    """

    word: ClassVar[str] = "cycle"
    example: ClassVar[str] = "{power: 50 W, cadence: 50 /min, for: 10 min}"
    power: Annotated[Quantity, POWER.between("10 W", "300 W", example="50 W")]
    cadence: Annotated[Quantity, RATE.between("30 /min", "110 /min", example="50 /min")] | None = None
    for_: Annotated[Quantity, DURATION.between("5 s", "24 h", example="10 min")] = Field(alias="for")

    @property
    def lasts(self) -> float:
        return float(self.for_)


class Walk(Step):
    """Walking on the level.

    Attributes:
        speed: cm/s inside.
        for_: s inside.
        held: joints of the index leg that are held by a splint.
    """

    word: ClassVar[str] = "walk"
    example: ClassVar[str] = "{speed: 3 km/h, for: 10 min}"
    speed: Annotated[Quantity, SPEED.between("1 km/h", "8 km/h", example="3 km/h")]
    for_: Annotated[Quantity, DURATION.between("5 s", "24 h", example="10 min")] = Field(alias="for")
    held: Annotated[tuple[Literal["ankle", "knee"], ...], Field(max_length=2)] = ()

    @property
    def lasts(self) -> float:
        return float(self.for_)


class Jog(Step):
    """Running on the level.

    Attributes:
        speed: cm/s inside.
        for_: s inside.
    """

    word: ClassVar[str] = "run"
    example: ClassVar[str] = "{speed: 10 km/h, for: 10 min}"
    speed: Annotated[Quantity, SPEED.between("6 km/h", "25 km/h", example="10 km/h")]
    for_: Annotated[Quantity, DURATION.between("5 s", "24 h", example="10 min")] = Field(alias="for")

    @property
    def lasts(self) -> float:
        return float(self.for_)


class Valsalva(Step):
    """Straining against a closed airway.

    Attributes:
        pressure: in the airway, mmHg inside.
        for_: s inside.
    """

    word: ClassVar[str] = "valsalva"
    example: ClassVar[str] = "{pressure: 40 mmHg, for: 10 s}"
    pressure: Annotated[Quantity, PRESSURE.between("5 mmHg", "60 mmHg", example="40 mmHg")]
    for_: Annotated[Quantity, DURATION.between("2 s", "30 s", example="10 s")] = Field(alias="for")

    @property
    def lasts(self) -> float:
        return float(self.for_)


# ------------------------------------------------------------------ from outside


class Cuff(Step):
    """A cuff around the leg, inflated, held, and let go; without `release` it stays as it is until its next step.

    Attributes:
        at: calf or thigh.
        pressure: mmHg inside; 0 empties a cuff that was left inflated.
        inflate: how long it takes to reach the pressure, s inside.
        hold: how long the pressure is held, s inside.
        release: how long it takes to empty it afterwards, s inside.
    """

    word: ClassVar[str] = "cuff"
    example: ClassVar[str] = "{at: calf, pressure: 80 mmHg, inflate: 3 s, hold: 5 s, release: 0.3 s}"
    at: Literal["calf", "thigh"]
    pressure: Annotated[Quantity, PRESSURE.between("0 mmHg", "300 mmHg", example="50 mmHg")]
    inflate: Annotated[Quantity, DURATION.between("0.1 s", "5 min", example="3 s")] | None = None
    hold: Annotated[Quantity, DURATION.between("0 s", "2 h", example="5 s")] | None = None
    release: Annotated[Quantity, DURATION.between("0.05 s", "5 min", example="0.3 s")] | None = None

    @property
    def lasts(self) -> float:
        return float(self.inflate or 0.0) + float(self.hold or 0.0) + float(self.release or 0.0)


class FollowTrace(Step):
    """A measured pressure of a cuff or a muscle, which the leg gets as it was; a muscle is slack afterwards.

    Attributes:
        of: which cuff, or which muscle of the index leg.
        file: a table (CSV) with a time and a pressure, relative to the regimen's file; its samples are kept instead.
        column: heading of the pressure, where the table has several.
        samples: times, s, and pressures, mmHg.
    """

    word: ClassVar[str] = "trace"
    example: ClassVar[str] = "{of: calf cuff, file: cuff.csv}"
    of: Literal[
        "calf cuff", "thigh cuff", "foot", "anterior compartment", "deep posterior compartment", "soleus",
        "gastrocnemius", "thigh muscle",
    ]  # fmt: skip
    file: str | None = None
    column: str | None = None
    samples: Annotated[Samples, BeforeValidator(read_samples), PlainSerializer(as_text)] = ()

    @model_validator(mode="before")
    @classmethod
    def _from_a_table(cls, data: Any) -> Any:
        if not isinstance(data, Mapping) or not isinstance(data.get("file"), str):
            return data
        if "samples" in data:
            raise refusal("a file and samples at once", hint="take one of them out", key="samples")
        column = data.get("column")
        if not (column is None or isinstance(column, str)):
            raise refusal(f"found {show(column)}, where a heading of the table is needed", key="column")
        with _refused():
            table = read_traces(_from_here(data["file"]))
            pressure = table.column(column, "pressure").in_unit("mmHg")
        samples = tuple(zip(table.time.tolist(), pressure.tolist(), strict=True))
        return {**{key: value for key, value in data.items() if key not in ("file", "column")}, "samples": samples}

    @model_validator(mode="after")
    def _has_samples(self) -> FollowTrace:
        if not self.samples:
            raise refusal("neither a file nor samples are given", hint=self.shape())
        return self

    @property
    def lasts(self) -> float:
        return self.samples[-1][0] - self.samples[0][0]


class Skin(Step):
    """Warming or cooling the skin of the legs; it stays so until the next such step.

    Attributes:
        temperature: of the skin, degrees Celsius.
        air: temperature of the air around bare legs, degrees Celsius, in place of the skin's.
        at: the foot alone, as in a bath; the legs, feet and all, where left out.
        over: how long the change takes, s inside.
    """

    word: ClassVar[str] = "skin"
    example: ClassVar[str] = "{temperature: 36 degC, over: 5 min}"
    temperature: Annotated[Quantity, TEMPERATURE.between("15 degC", "42 degC", example="36 degC")] | None = None
    air: Annotated[Quantity, TEMPERATURE.between("10 degC", "45 degC", example="28 degC")] | None = None
    at: Literal["foot"] | None = None
    over: Annotated[Quantity, DURATION.between("10 s", "1 h", example="5 min")] | None = None

    @model_validator(mode="after")
    def _one_temperature(self) -> Skin:
        self.need_one({"temperature": self.temperature is not None, "air": self.air is not None})
        return self

    @property
    def degrees(self) -> float:
        """Temperature of the skin, degrees Celsius."""
        if self.temperature is not None:
            return float(self.temperature)
        warmer = float(self.air or 0.0) - figures.internal("posture.temperature.air")
        return (
            figures.internal("posture.temperature.reference")
            + figures.internal("posture.temperature.per_degree_of_air") * warmer
        )

    @property
    def lasts(self) -> float:
        return float(self.over or figures.internal("regimen.skin.change"))


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


class Inject(Step):
    """A tracer put under the skin, as for lymphoscintigraphy or lymphography; the fluid it comes in is not counted.

    Attributes:
        tracer: `large` (a colloid or dye that only lymph takes away) or `small` (one that blood takes away too).
        at: part of the leg.
        side: of that part; all around where left out.
        amount: in a unit of its own, above 0.
    """

    word: ClassVar[str] = "inject"
    example: ClassVar[str] = "{tracer: large, at: foot}"
    tracer: Literal["small", "large"]
    at: Literal["foot", "ankle", "calf", "knee", "thigh"]
    side: Literal["front", "medial", "back", "lateral"] | None = None
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


# ------------------------------------------------------------------ steps that hold others


Inner = tuple[Annotated[Step, OneStep(lambda: STEPS, outermost=False)], ...]


class Wear(Garment, Step):
    """Putting a garment on: until `remove`, or for the steps given.

    Attributes:
        steps: what is done in it; where there are none, it stays on.
    """

    word: ClassVar[str] = "wear"
    example: ClassVar[str] = "{garment: stocking, class: RAL I, up_to: knee}"
    steps: Inner = ()

    @model_validator(mode="before")
    @classmethod
    def _by_name(cls, data: Any) -> Any:
        if not isinstance(data, str):
            return data
        found = compression.garment_named(data)
        if found is None:
            message, hint = compression.unknown_garment(data)
            raise refusal(message, hint=hint)
        return found

    def unfolded(self) -> Iterator[tuple[Step, tuple[str | int, ...]]]:
        yield self, ()
        if self.steps:
            yield from _inside(self.steps, ("steps",))
            yield Remove(garment=self.garment, on=self.on), ()

    @property
    def lasts(self) -> float:
        dressing = figures.internal("compression.putting_on.time")
        return dressing * (2 if self.steps else 1) + sum(step.lasts for step in self.steps)


class Remove(Step):
    """Taking a garment off.

    Attributes:
        garment: its kind.
        on: the leg; where not given, the index leg.
    """

    word: ClassVar[str] = "remove"
    example: ClassVar[str] = "{garment: stocking}"
    garment: Literal["stocking", "bandage", "profile"]
    on: Limb = None

    @property
    def lasts(self) -> float:
        return figures.internal("compression.putting_on.time")


class Pumped(Sleeve, Step):
    """A pneumatic sleeve at work; see `venolymph.compression.Sleeve`."""

    word: ClassVar[str] = "sleeve"
    example: ClassVar[str] = "{chambers: [{over: [foot, ankle], pressure: 45 mmHg}], for: 30 min}"

    @property
    def lasts(self) -> float:
        return float(self.for_)


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
        with _refused():
            return given if isinstance(given, Session) else load_session(_beside(given))

    @property
    def lasts(self) -> float:
        return self.session.seconds

    def written(self) -> Any:
        document = self.session.document()
        return name_of(self.session) or {key: document[key] for key in document if key not in ("kind", "version")}


class Nested(Step):
    """Another regimen, or some steps, once or several times.

    Attributes:
        name: of a packaged regimen.
        steps: the steps, where it has no name.
        times: how often.
    """

    word: ClassVar[str] = "regimen"
    example: ClassVar[str] = "{steps: [sit: {for: 55 min}, stand: {for: 5 min}], times: 4}"
    name: str | None = None
    steps: Inner = ()
    times: Annotated[int, Field(ge=1, le=1000, strict=True)] = 1

    @model_validator(mode="before")
    @classmethod
    def _by_name(cls, data: Any) -> Any:
        if isinstance(data, str):
            data = {"name": data}
        if not isinstance(data, Mapping) or not isinstance(data.get("name"), str):
            return data
        name = data["name"]
        if name in packaged_regimens():
            with _refused():
                load_regimen(name)
            return data
        # a file's steps are written out, so that a document that was read stands on its own
        with _refused():
            steps = load_regimen(_beside(name)).steps
        return {**{key: value for key, value in data.items() if key != "name"}, "steps": steps}

    @model_validator(mode="after")
    def _one_of_both(self) -> Nested:
        self.need_one({"a name": self.name is not None, "steps": bool(self.steps)})
        return self

    def unfolded(self) -> Iterator[tuple[Step, tuple[str | int, ...]]]:
        for _ in range(self.times):
            if self.name is None:
                yield from _inside(self.steps, ("steps",))
            else:
                for step, _place in _inside(load_regimen(self.name).steps, ()):
                    yield step, ()

    @property
    def lasts(self) -> float:
        return self.times * sum(step.lasts for step in (load_regimen(self.name).steps if self.name else self.steps))

    def written(self) -> Any:
        return self.name if self.name is not None and self.times == 1 else self.document()


def _inside(steps: tuple[Step, ...], above: tuple[str | int, ...]) -> Iterator[tuple[Step, tuple[str | int, ...]]]:
    for number, step in enumerate(steps):
        for inner, place in step.unfolded():
            yield inner, (*above, number, step.word, *place)


@contextmanager
def _refused() -> Iterator[None]:
    """What a document inside another is refused with becomes a refusal of the outer one."""
    try:
        yield
    except DocumentError as error:
        where = f" ({error.place})" if error.place else ""
        raise refusal(f"{error.message}{where}", hint=error.hint, unit=isinstance(error, UnitError)) from None


STEPS: dict[str, type[Step]] = {
    step.word: step
    for step in (
        Lie, Rest, Prone, Sit, Stand, Tilt, Raise, Breathe, Tiptoes, AnklePumps, Stimulate, Walk, Jog, Cycle, Cuff,
        FollowTrace, Valsalva, Skin, Wait, Massage, Wear, Remove, Pumped, Nested, Inject, TakeReadings
    )
}  # fmt: skip
"""The kinds of steps by the word that each begins with in a document."""

MOST_STEPS = 20_000
LONGEST = 366 * 86400.0
"""A regimen lasts a year at most, s."""


class Regimen(Entry):
    """What a person does, step after step.

    Attributes:
        regimen: its name.
        purpose: treatment, or experiment (may be simulated, never planned for somebody).
        school: of massage.
        body: the part of the body it is done on.
        steps: what is done, in order.
    """

    kind: Literal["regimen"] = "regimen"
    version: Literal[1] = 1
    regimen: Annotated[str, Field(min_length=1, max_length=120)] = "a regimen"
    purpose: Literal["treatment", "experiment"] = "experiment"
    school: Annotated[str, Field(min_length=1, max_length=60)] | None = None
    body: Literal["leg", "leg.left", "leg.right"] = "leg"
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
        previous: Posture | None = None
        lasting = followed = False
        sides = {self.body} - {"leg"}
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
                self._massages(step.session, place, sides)
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

    def _massages(self, session: Session, place: tuple[str | int, ...], sides: set[str]) -> None:
        """A session fits: it is on the one leg that there is, and no treatment where it is an experiment."""
        if {self.body, session.body} == {"leg.left", "leg.right"}:
            raise refusal(
                f"the session is for body {session.body!r}, this regimen is done on body {self.body!r}",
                hint="write the same body in both, or `body: leg`",
                key=("steps", *place),
            )
        sides |= {session.body} - {"leg"}
        if sides >= {"leg.left", "leg.right"}:
            raise refusal(
                "sessions for the left and for the right leg in one regimen, which is done on one",
                hint="make two regimens of it",
                key=("steps", *place),
            )
        if self.purpose == "treatment" and session.purpose == "experiment":
            raise refusal(
                f"the session {session.session!r} is an experiment, and this regimen says that it is a treatment",
                hint="write `purpose: experiment` for the regimen",
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
        count = sum(_count(step) for step in self.steps)
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
        least, usual = least_time(previous.angles(), step), usual_time(previous.angles(), step)
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
        return tuple(_inside(self.steps, ()))

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
    def side(self) -> Literal["left", "right"] | None:
        """The leg that it is done on, where it or a session in it names one."""
        sides = {body.partition(".")[2] for body in (self.body, *(one.body for one in self.massages))} - {""}
        return next((side for side in ("left", "right") if side in sides), None)

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
                return Lie()
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


@cache
def packaged_regimens() -> dict[str, Path]:
    """Files of the packaged regimens by name."""
    folder = Path(__file__).parent / "packaged"
    return {path.stem: path for path in sorted(folder.glob("*.yaml"), key=lambda path: _rank(path.stem))}


def _rank(name: str) -> tuple[int, str]:
    order = ("posture-and-walk", "tilt-test", "plethysmography", "reflux-test", "occlusion-test", "valsalva")
    return (order.index(name) if name in order else len(order), name)


_WORN = "45 min"
"""How long a garment is worn where its name is a regimen: with putting on and taking off it takes as long as `rest`."""
_reading: ContextVar[tuple[str, ...]] = ContextVar("_reading", default=())
"""Regimens that are being read, outermost first."""


def load_regimen(regimen: object) -> Regimen:
    """A regimen by packaged name, path, mapping, object, or a list of steps.

    The name of a packaged session of massage is a regimen too: lying down for that session. So is that of a garment
    (see `venolymph.compression.garment_named`): lying in it for as long as a long session of massage takes.

    Raises:
        DocumentError: where there is no such regimen, it nests itself, or the document cannot be used.
    """
    if isinstance(regimen, list | tuple):
        return Regimen(list(regimen))
    if not isinstance(regimen, str | os.PathLike):
        return documents.load(Regimen, "regimen", regimen, packaged_regimens())
    name = os.fspath(regimen)
    packaged = name in packaged_regimens()
    if not packaged and (made := _of_session(name) or _of_garment(name)):
        return made
    key = name if packaged else documents.whole_path(name)
    reading = _reading.get()
    if key in reading:
        around = " -> ".join(os.path.basename(one) for one in (*reading[reading.index(key) :], key))
        raise DocumentError(f"the regimen nests itself: {around}", hint="take the step out that closes the circle")
    token = _reading.set((*reading, key))
    try:
        return _packaged(name) if packaged else _of_file(name)
    finally:
        _reading.reset(token)


@cache
def _packaged(name: str) -> Regimen:
    return documents.load(Regimen, "regimen", name, packaged_regimens())


def _of_file(name: str) -> Regimen:
    others = {
        "sessions of massage": packaged_sessions(),
        "garments": (*compression.packaged_garments(), "bandage", *compression.CLASSES),
    }
    return documents.load(Regimen, "regimen", name, packaged_regimens(), others)


@cache
def _of_session(name: str) -> Regimen | None:
    if name not in packaged_sessions():
        return None
    session = load_session(name)
    steps = [session.lying_down(), Massage(session=session)]
    return Regimen(steps, regimen=session.session, purpose=session.purpose, school=session.school, body=session.body)


@cache
def _of_garment(name: str) -> Regimen | None:
    garment = compression.garment_named(name)
    if garment is None:
        return None
    packaged = name in compression.packaged_garments()
    called = f"stocking {garment['class']}" if "class" in garment and not packaged else name.replace("-", " ")
    worn = Wear.model_validate({**garment, "steps": [{"rest": {"posture": "supine", "for": _WORN}}]})
    steps = [Rest(posture="supine", for_="1 min"), worn]
    minutes = round(sum(step.lasts for step in steps) / 60)
    return Regimen(steps, regimen=f"{called}, {minutes} minutes")


def _beside(name: Any) -> Any:
    """The path of a document that a document names; other names stay as they are."""
    return _from_here(name) if isinstance(name, str) and name.endswith((".yaml", ".yml")) else name


def _from_here(path: str) -> str:
    """A path named in a document is meant from that document's folder."""
    reading = _reading.get()
    return str(Path(reading[-1]).parent / path) if reading and os.path.isabs(reading[-1]) else path


def _count(step: Step) -> int:
    """How many steps a step stands for, without writing them out."""
    match step:
        case Nested():
            return step.times * sum(map(_count, load_regimen(step.name).steps if step.name else step.steps))
        case Wear():
            return 1 + sum(map(_count, step.steps)) + bool(step.steps)
        case _:
            return 1


def regimen_schema() -> dict[str, Any]:
    """The JSON schema of a regimen's document."""
    return Regimen.model_json_schema(by_alias=True)
