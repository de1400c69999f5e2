"""A regimen as a document: what a person does, step after step.

A step is a mapping of one word to its particulars, `- stand: {for: 10 min}`; in Python the same is
`Regimen([Stand(for_="10 min")])`. Postures last until the next one. A regimen begins settled in the posture of its
first step (lying, where that step needs none; standing, where it is tiptoes, walking or running).
"""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping
from functools import cache
from pathlib import Path
from typing import Annotated, Any, ClassVar, Literal

from pydantic import Field, GetCoreSchemaHandler, field_validator, model_validator
from pydantic_core import core_schema

from venolymph import documents
from venolymph.documents import Entry
from venolymph.errors import nearest
from venolymph.units import ANGLE, DURATION, PRESSURE, RATE, SPEED, TEMPERATURE, Quantity, refusal, show

_FOR = DURATION.between("0 s", "744 h", above=True, example="10 min")
_OVER = DURATION.between("0 s", "1 h", above=True, example="4 s")

For = Annotated[Quantity, _FOR]
Over = Annotated[Quantity, _OVER]


class Step(Entry):
    """One step of a regimen; `word` is its name in documents."""

    word: ClassVar[str]
    example: ClassVar[str]

    @classmethod
    def shape(cls) -> str:
        return f"write it as in `- {cls.word}: {cls.example}`"


# ------------------------------------------------------------------ postures


class Posture(Step):
    """A step that changes how the body lies in space.

    Attributes:
        for_: how long the posture is kept, the change included, s inside.
        over: how long the change takes, s inside; where not given, what such a change takes a person.
    """

    for_: For | None = Field(default=None, alias="for")
    over: Over | None = None
    on_table: ClassVar[bool] = False

    @model_validator(mode="after")
    def _lasts(self) -> Posture:
        if self.for_ is not None and self.over is not None and self.over > self.for_:
            raise refusal(
                f"the change takes {self.over}, longer than the {self.for_} that the step lasts",
                hint="make `for` longer or `over` shorter",
                key="over",
            )
        return self

    def angles(self) -> dict[str, float]:
        """Inclination of each link below the horizontal, rad: 0 lying, pi/2 with the feet straight down."""
        raise NotImplementedError

    def name(self) -> str:
        """The posture in a word."""
        return self.word


class Lie(Posture):
    """Lying flat on the back.

    Attributes:
        legs_raised: angle by which both legs are raised, rad inside.
    """

    word: ClassVar[str] = "lie"
    example: ClassVar[str] = "{for: 10 min}"
    legs_raised: Annotated[Quantity, ANGLE.between("0 deg", "80 deg", example="15 deg")] | None = None

    def angles(self) -> dict[str, float]:
        raised = -float(self.legs_raised or 0.0)
        return {"trunk": 0.0, "thigh": raised, "shank": raised, "foot": raised}

    def name(self) -> str:
        return "legs raised" if self.legs_raised else "lying"


class Rest(Lie):
    """Resting, supine or sitting.

    Attributes:
        posture: supine or sitting.
    """

    word: ClassVar[str] = "rest"
    example: ClassVar[str] = "{posture: supine, legs_raised: 15 deg, for: 15 min}"
    posture: Literal["supine", "sitting"] = "supine"

    @model_validator(mode="after")
    def _one_posture(self) -> Rest:
        if self.posture == "sitting" and self.legs_raised:
            raise refusal(
                "sitting and legs raised at once", hint="raise the legs lying: posture: supine", key="legs_raised"
            )
        return self

    def angles(self) -> dict[str, float]:
        return super().angles() if self.posture == "supine" else Sit().angles()

    def name(self) -> str:
        return super().name() if self.posture == "supine" else "sitting"


class Raise(Posture):
    """Lying with the legs raised.

    Attributes:
        to: angle of the legs above the horizontal, rad inside.
    """

    word: ClassVar[str] = "raise_legs"
    example: ClassVar[str] = "{to: 45 deg, for: 3 min}"
    to: Annotated[Quantity, ANGLE.between("0 deg", "80 deg", above=True, example="45 deg")]

    def angles(self) -> dict[str, float]:
        return {"trunk": 0.0, "thigh": -float(self.to), "shank": -float(self.to), "foot": -float(self.to)}

    def name(self) -> str:
        return "legs raised"


class Sit(Posture):
    """Sitting, the lower legs hanging."""

    word: ClassVar[str] = "sit"
    example: ClassVar[str] = "{for: 10 min}"

    def angles(self) -> dict[str, float]:
        return {"trunk": math.pi / 2, "thigh": 0.0, "shank": math.pi / 2, "foot": math.pi / 2}

    def name(self) -> str:
        return "sitting"


class Stand(Posture):
    """Standing still without using the muscles of the legs."""

    word: ClassVar[str] = "stand"
    example: ClassVar[str] = "{for: 10 min}"

    def angles(self) -> dict[str, float]:
        return dict.fromkeys(("trunk", "thigh", "shank", "foot"), math.pi / 2)

    def name(self) -> str:
        return "standing"


class Tilt(Posture):
    """Lying on a table that is tilted, feet down, the muscles of the legs at rest.

    Attributes:
        to: angle of the table, rad inside: 0 flat, 90 deg upright, below 0 head down.
    """

    word: ClassVar[str] = "tilt"
    example: ClassVar[str] = "{to: 60 deg, for: 5 min}"
    on_table: ClassVar[bool] = True
    to: Annotated[Quantity, ANGLE.between("-45 deg", "90 deg", example="60 deg")]

    def angles(self) -> dict[str, float]:
        return dict.fromkeys(("trunk", "thigh", "shank", "foot"), float(self.to))

    def name(self) -> str:
        return f"tilted {self.to}"


# ------------------------------------------------------------------ movement


class Tiptoes(Step):
    """Rising on tiptoe with both feet, standing.

    Attributes:
        count: how often.
        rate: how often in a time, 1/s inside; where not given, as `rise`, `hold` and coming down take.
        rise: how long the rise takes, s inside.
        hold: how long the top is held, s inside.
        down: how long coming down takes, s inside.
    """

    word: ClassVar[str] = "tiptoes"
    example: ClassVar[str] = "{count: 10, rate: 60 /min}"
    count: Annotated[int, Field(ge=1, le=1000, strict=True)] = 1
    rate: Annotated[Quantity, RATE.between("1 /min", "120 /min", example="60 /min")] | None = None
    rise: Annotated[Quantity, DURATION.between("0.1 s", "10 s", example="0.4 s")] | None = None
    hold: Annotated[Quantity, DURATION.between("0 s", "60 s", example="2 s")] | None = None
    down: Annotated[Quantity, DURATION.between("0.1 s", "10 s", example="0.4 s")] | None = None

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


class Walk(Step):
    """Walking on the level.

    Attributes:
        speed: cm/s inside.
        for_: s inside.
    """

    word: ClassVar[str] = "walk"
    example: ClassVar[str] = "{speed: 3 km/h, for: 10 min}"
    speed: Annotated[Quantity, SPEED.between("1 km/h", "8 km/h", example="3 km/h")]
    for_: Annotated[Quantity, DURATION.between("5 s", "24 h", example="10 min")] = Field(alias="for")


class Run(Step):
    """Running on the level.

    Attributes:
        speed: cm/s inside.
        for_: s inside.
    """

    word: ClassVar[str] = "run"
    example: ClassVar[str] = "{speed: 10 km/h, for: 10 min}"
    speed: Annotated[Quantity, SPEED.between("6 km/h", "25 km/h", example="10 km/h")]
    for_: Annotated[Quantity, DURATION.between("5 s", "24 h", example="10 min")] = Field(alias="for")


class Breathe(Step):
    """A number of breaths, deep or quiet.

    Attributes:
        deep: number of deep breaths.
        quiet: number of quiet breaths.
        rate: breaths in a time, 1/s inside.
    """

    word: ClassVar[str] = "breathe"
    example: ClassVar[str] = "{deep: 5, rate: 6 /min}"
    deep: Annotated[int, Field(ge=1, le=10_000, strict=True)] | None = None
    quiet: Annotated[int, Field(ge=1, le=10_000, strict=True)] | None = None
    rate: Annotated[Quantity, RATE.between("3 /min", "40 /min", example="6 /min")] | None = None

    @model_validator(mode="after")
    def _one_kind(self) -> Breathe:
        if (self.deep is None) == (self.quiet is None):
            found = "neither deep nor quiet" if self.deep is None else "deep and quiet at once"
            raise refusal(f"found {found}; one of them is needed", hint=self.shape())
        return self

    @property
    def breaths(self) -> int:
        """How many."""
        return self.deep or self.quiet or 0


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


class Skin(Step):
    """Warming or cooling the skin of the legs; it stays so until the next such step.

    Attributes:
        temperature: of the skin, degrees Celsius.
        over: how long the change takes, s inside.
    """

    word: ClassVar[str] = "skin"
    example: ClassVar[str] = "{temperature: 36 degC, over: 5 min}"
    temperature: Annotated[Quantity, TEMPERATURE.between("15 degC", "42 degC", example="36 degC")]
    over: Annotated[Quantity, DURATION.between("10 s", "1 h", example="5 min")] | None = None


class Wait(Step):
    """Everything stays as it is.

    Attributes:
        for_: s inside.
    """

    word: ClassVar[str] = "wait"
    example: ClassVar[str] = "{for: 1 min}"
    for_: For = Field(alias="for")


class Measure(Step):
    """Readings to be taken.

    Attributes:
        what: names of measures.
    """

    word: ClassVar[str] = "measure"
    positional: ClassVar[str | None] = "what"
    example: ClassVar[str] = "[VFI, ankle pressure]"
    what: Annotated[tuple[Annotated[str, Field(min_length=1, max_length=80)], ...], Field(min_length=1, max_length=100)]


STEPS: dict[str, type[Step]] = {
    step.word: step
    for step in (
        Lie, Rest, Sit, Stand, Tilt, Raise, Breathe, Tiptoes, Walk, Run, Cuff, Valsalva, Skin, Wait, Measure
    )
}  # fmt: skip
MOST_STEPS = 20_000
NOT_BUILT = ("wear", "remove", "massage")


class _OneStep:
    """Annotation of an entry of `steps`: `{stand: {for: 10 min}}`, the bare word `stand`, or a `Step`."""

    def __get_pydantic_core_schema__(self, source: Any, handler: GetCoreSchemaHandler) -> core_schema.CoreSchema:
        return core_schema.no_info_plain_validator_function(
            self._read, serialization=core_schema.plain_serializer_function_ser_schema(_written)
        )

    @staticmethod
    def _read(data: object) -> Step:
        from pydantic import ValidationError

        if isinstance(data, Step):
            return data
        if isinstance(data, str):
            data = {data: {}}
        if not isinstance(data, Mapping) or len(data) != 1:
            found = f"the keys {', '.join(map(str, data))}" if isinstance(data, Mapping) and data else show(data)
            raise refusal(
                f"found {found}, where one step is needed: a word and its particulars",
                hint="begin each step with a dash: `- stand: {for: 10 min}`",
            )
        ((word, particulars),) = data.items()
        if word in NOT_BUILT:
            raise refusal(
                f"the step {word!r} is not built yet; there are {', '.join(STEPS)}",
                hint="take the step out for now",
                key=word,
            )
        if word not in STEPS:
            near = nearest(str(word), STEPS)
            raise refusal(
                f"unknown step; allowed are {', '.join(STEPS)}",
                hint=f"did you mean {near!r}?" if near else "see the reference of regimens",
                key=str(word),
            )
        step = STEPS[word]
        if step is Measure and not isinstance(particulars, Mapping):
            particulars = {"what": [particulars] if isinstance(particulars, str) else particulars}
        try:
            return step.model_validate({} if particulars is None else particulars)
        except ValidationError as error:
            raise documents.inner_refusal(error, word, without="what") from None

    def __get_pydantic_json_schema__(self, schema: Any, handler: Any) -> dict[str, Any]:
        kinds = []
        for word, step in STEPS.items():
            inner: dict[str, Any] = step.model_json_schema(by_alias=True)
            if step is Measure:
                inner = inner["properties"]["what"]
            kinds.append(
                {"type": "object", "properties": {word: inner}, "required": [word], "additionalProperties": False}
            )
        return {"oneOf": kinds}


def _written(step: Step) -> dict[str, Any]:
    inner: Any = step.document()
    return {step.word: inner["what"] if isinstance(step, Measure) else inner}


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
    steps: tuple[Annotated[Step, _OneStep()], ...]

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
        previous: Posture | None = None
        lasting = False
        for number, (step, posture) in enumerate(self.walk_through()):
            lasting = lasting or not isinstance(step, Measure)
            if isinstance(step, Tiptoes | Walk | Run) and not isinstance(posture, Stand):
                raise refusal(
                    f"{step.word} needs standing, but the person is {posture.name()} here",
                    hint="put `- stand: {for: 1 min}` before it",
                    key=("steps", number, step.word),
                )
            if isinstance(step, Posture):
                self._in_time(number, step, previous)
                previous = step
            else:
                previous = posture
        if not lasting:
            raise refusal("the steps take no time", hint="add a step such as `- stand: {for: 1 min}`", key="steps")
        return self

    @staticmethod
    def _in_time(number: int, step: Posture, previous: Posture | None) -> None:
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
                    key=("steps", number, step.word, word),
                )

    def walk_through(self) -> Iterator[tuple[Step, Posture]]:
        """Each step with the posture that is in force when it is done."""
        posture = self.first_posture
        for step in self.steps:
            if isinstance(step, Posture):
                posture = step
            yield step, posture

    @property
    def first_posture(self) -> Posture:
        """The posture that the regimen begins in, settled."""
        for step in self.steps:
            if isinstance(step, Posture):
                return step
            if isinstance(step, Tiptoes | Walk | Run):
                return Stand()
        return Lie()

    @property
    def begins_standing(self) -> bool:
        """Whether it walks, runs or does tiptoes before any step that takes a posture."""
        first = next((step for step in self.steps if isinstance(step, Posture | Tiptoes | Walk | Run)), None)
        return first is not None and not isinstance(first, Posture)

    @property
    def measures(self) -> tuple[str, ...]:
        """Names of the measures asked for, each once, in order."""
        return tuple(dict.fromkeys(name for step in self.steps if isinstance(step, Measure) for name in step.what))

    def to_yaml(self) -> str:
        """The document as YAML text, which reads back to an equal object."""
        return documents.write({"kind": self.kind, "version": self.version, **self.document()})


Angles = Mapping[str, float]
"""Inclination of each link, rad, as `Posture.angles` gives it."""


def turn(before: Angles, after: Angles) -> float:
    """The largest angle that a link turns by from one posture to another, rad."""
    return max(abs(after[link] - before[link]) for link in after)


def _figure(key: str) -> float:
    from venolymph import figures

    return figures.load()[key].internal


def least_time(before: Angles, step: Posture) -> float:
    """The shortest time in which a posture can change to that of a step, s."""
    quarter = _figure("regimen.table.fastest" if step.on_table else "posture.change.fastest")
    return quarter * turn(before, step.angles()) / (math.pi / 2)


def usual_time(before: Angles, step: Posture) -> float:
    """The time in which a posture usually changes to that of a step, s."""
    after = step.angles()
    angle = turn(before, after)
    if angle == 0.0:
        return 0.0
    if step.on_table:
        return max(_figure("posture.change.tilt") * angle / math.radians(60), least_time(before, step))
    was, will_be = _attitude(before), _attitude(after)
    if was == will_be == "lie":
        raised = after["shank"] < before["shank"]
        return _figure("posture.change.raise_legs" if raised else "posture.change.lower_legs")
    if was == will_be:
        return _figure("posture.change.sit_to_stand")
    return _figure(f"posture.change.{was}_to_{will_be}")


def _attitude(angles: Angles) -> str:
    """Lying, sitting or standing: which of them a posture is nearest to."""
    if angles["trunk"] < math.pi / 4:
        return "lie"
    return "stand" if angles["thigh"] >= math.pi / 4 else "sit"


def posture_of(angles: Angles) -> Posture:
    """The posture that has these angles, or is nearest to them."""

    def degrees(angle: float) -> str:
        return f"{round(math.degrees(angle), 3):g} deg"

    trunk, shank = angles["trunk"], angles["shank"]
    for posture in (Lie(), Stand(), Sit()):
        if turn(angles, posture.angles()) < 1e-6:
            return posture
    if abs(trunk) < 1e-6 and shank < 0.0:
        return Raise(to=degrees(-shank))
    return Tilt(to=degrees(trunk))


@cache
def packaged_regimens() -> dict[str, Path]:
    """Files of the packaged regimens by name."""
    folder = Path(__file__).parent / "packaged"
    return {path.stem: path for path in sorted(folder.glob("*.yaml"), key=lambda path: _rank(path.stem))}


def _rank(name: str) -> tuple[int, str]:
    order = ("posture-and-walk", "tilt-test", "plethysmography", "reflux-test", "occlusion-test", "valsalva")
    return (order.index(name) if name in order else len(order), name)


def load_regimen(regimen: object) -> Regimen:
    """A regimen by packaged name, path, mapping, object, or a list of steps.

    Raises:
        DocumentError: where there is no such regimen or the document cannot be used.
    """
    if isinstance(regimen, list | tuple):
        return Regimen(list(regimen))
    return documents.load(Regimen, "regimen", regimen, packaged_regimens())


def regimen_schema() -> dict[str, Any]:
    """The JSON schema of a regimen's document."""
    return Regimen.model_json_schema(by_alias=True)
