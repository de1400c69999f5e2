"""Postures as steps, the angles of the body's links in them, and how long a change from one to another takes."""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping
from typing import Annotated, ClassVar, Literal, get_args

from pydantic import Field, model_validator

from venolymph import figures
from venolymph.steps.head import On, head_axes, neck_bend
from venolymph.steps.step import Step
from venolymph.units import ANGLE, DURATION, LENGTH, Quantity, refusal

For = Annotated[Quantity, DURATION.between("0 s", "744 h", above=True, example="10 min")]
Side = Literal["left", "right"]
Over = Annotated[Quantity, DURATION.between("0 s", "1 h", above=True, example="4 s")]


class Posture(Step):
    """A step that changes how the body lies in space.

    Attributes:
        for_: how long the posture is kept, the change included, s inside.
        over: how long the change takes, s inside; where not given, what such a change takes a person.
    """

    for_: For | None = Field(default=None, alias="for")
    over: Over | None = None
    on_table: ClassVar[bool] = False

    @property
    def one_leg(self) -> Side | None:
        """The leg that it raises where it raises one alone."""
        return None

    @property
    def lasts(self) -> float:
        return float(self.for_ or self.over or 0.0)

    @model_validator(mode="after")
    def _lasts(self) -> Posture:
        if self.for_ is not None and self.over is not None and self.over > self.for_:
            raise refusal(
                f"the change takes {self.over}, longer than the {self.for_} that the step lasts",
                hint="make `for` longer or `over` shorter",
                key="over",
            )
        return self

    def angles(self, side: Side | None = None) -> dict[str, float]:
        """Inclination of each link below the horizontal, rad: 0 lying, pi/2 with the feet straight down.

        Args:
            side: of the leg; None: the leg, or the legs, that it moves.
        """
        raise NotImplementedError

    @property
    def lies(self) -> On | None:
        """What somebody lies on in it: back, left, right or front; None sitting or standing."""
        return None

    def head_angles(self, value: Callable[[str], float] = figures.internal) -> dict[str, float]:
        """Elevation of the trunk's axis and of the head's three axes above the horizontal.

        Args:
            value: a figure in internal units by its key.

        Returns:
            Angles of "trunk", "head up", "head forward" and "head left", rad; see `venolymph.steps.head.head_axes`.
        """
        return head_axes(self.angles()["trunk"], self.lies or "back")

    def name(self) -> str:
        """The posture in a word."""
        return self.word


def _raised(by: float, leg: Side | None, side: Side | None, trunk: float = 0.0) -> dict[str, float]:
    """Angles of the leg on a side, lying, where both legs or one is raised by an angle, rad."""
    up = -by if leg is None or side in (None, leg) else 0.0
    return {"trunk": trunk, "thigh": up, "shank": up, "foot": up}


def _name_of_raised(leg: Side | None) -> str:
    return "legs raised" if leg is None else f"{leg} leg raised"


_LYING_ON: dict[On, str] = {
    "back": "lying",
    "left": "lying on the left side",
    "right": "lying on the right side",
    "front": "lying face down",
}


class Lie(Posture):
    """Lying flat, on the back where nothing is said.

    Attributes:
        on: what somebody lies on: back, left or right side, or front. On a side the legs are as high as on the back.
        pillow: its thickness under the head's weight, cm inside; where left out, the head lies in line with the trunk.
        head_up: angle by which the head's end of the bed is raised, and the trunk with it, rad inside.
        head_down: angle by which the whole body is tilted, head down, rad inside.
        legs_raised: angle by which both legs are raised, rad inside.
        leg: left or right, where that leg alone is raised.
    """

    word: ClassVar[str] = "lie"
    example: ClassVar[str] = "{for: 10 min}"
    on: On = "back"
    pillow: Annotated[Quantity, LENGTH.between("0 cm", "30 cm", example="8 cm")] | None = None
    head_up: Annotated[Quantity, ANGLE.between("0 deg", "80 deg", example="30 deg")] | None = None
    head_down: Annotated[Quantity, ANGLE.between("0 deg", "45 deg", example="6 deg")] | None = None
    legs_raised: Annotated[Quantity, ANGLE.between("0 deg", "80 deg", example="15 deg")] | None = None
    leg: Side | None = None

    @model_validator(mode="after")
    def _leg_is_raised(self) -> Lie:
        if self.leg is not None and not self.legs_raised:
            raise refusal(
                f"the {self.leg} leg is named, but no leg is raised",
                hint=f"write `legs_raised: 15 deg, leg: {self.leg}`, or leave `leg` out",
                key="leg",
            )
        return self

    @model_validator(mode="after")
    def _bed_and_body_agree(self) -> Lie:
        if self.head_up and self.head_down:
            raise refusal(
                f"the head's end is raised by {self.head_up} and lowered by {self.head_down} at once",
                hint="keep one of the two",
                key="head_down",
            )
        if self.legs_raised and (self.on != "back" or self.head_down):
            where = f"lying on the {self.on}" if self.on != "back" else f"head down {self.head_down}"
            raise refusal(
                f"legs are raised lying flat on the back, but here somebody is {where}",
                hint="leave `legs_raised` out, or lie on the back",
                key="legs_raised",
            )
        if self.head_up and self.on == "front":
            raise refusal(
                f"a trunk raised by {self.head_up} on the front would bend the back backwards",
                hint="lie on the back or a side, or leave `head_up` out",
                key="head_up",
            )
        return self

    @property
    def one_leg(self) -> Side | None:
        return self.leg

    @property
    def lies(self) -> On | None:
        return self.on

    def angles(self, side: Side | None = None) -> dict[str, float]:
        if self.head_down:
            return dict.fromkeys(("trunk", "thigh", "shank", "foot"), -float(self.head_down))
        return _raised(float(self.legs_raised or 0.0), self.leg, side, float(self.head_up or 0.0))

    def head_angles(self, value: Callable[[str], float] = figures.internal) -> dict[str, float]:
        pillow = None if self.pillow is None else float(self.pillow)
        return head_axes(self.angles()["trunk"], self.on, neck_bend(pillow, self.on, value))

    def name(self) -> str:
        lying = _name_of_raised(self.leg) if self.legs_raised else _LYING_ON[self.on]
        if self.head_up or self.head_down:
            return f"{lying}, head {'up' if self.head_up else 'down'} {self.head_up or self.head_down}"
        return lying


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
        if self.on != "back":
            raise refusal(
                f"{self.posture} and lying on the {self.on} at once",
                hint=f"write `- lie: {{on: {self.on}}}`",
                key="on",
            )
        for key in ("pillow", "head_up", "head_down"):
            if self.posture == "sitting" and key in self.model_fields_set:
                raise refusal(
                    f"sitting, with `{key}` of somebody who lies",
                    hint="write `posture: supine`, or leave it out",
                    key=key,
                )
        return self

    @property
    def lies(self) -> On | None:
        return self.on if self.posture == "supine" else None

    def angles(self, side: Side | None = None) -> dict[str, float]:
        return super().angles(side) if self.posture == "supine" else Sit().angles()

    def head_angles(self, value: Callable[[str], float] = figures.internal) -> dict[str, float]:
        return super().head_angles(value) if self.posture == "supine" else Sit().head_angles(value)

    def name(self) -> str:
        return super().name() if self.posture == "supine" else "sitting"


class Prone(Posture):
    """Lying flat, face down."""

    word: ClassVar[str] = "prone"
    example: ClassVar[str] = "{for: 10 min}"

    @property
    def lies(self) -> On | None:
        return "front"

    def angles(self, side: Side | None = None) -> dict[str, float]:
        return dict.fromkeys(("trunk", "thigh", "shank", "foot"), 0.0)

    def name(self) -> str:
        return _LYING_ON["front"]


class Raise(Posture):
    """Lying with the legs raised.

    Attributes:
        to: angle of the legs above the horizontal, rad inside.
        leg: left or right, where that leg alone is raised and the other lies flat.
    """

    word: ClassVar[str] = "raise_legs"
    example: ClassVar[str] = "{to: 45 deg, for: 3 min}"
    to: Annotated[Quantity, ANGLE.between("0 deg", "80 deg", above=True, example="45 deg")]
    leg: Side | None = None

    @property
    def one_leg(self) -> Side | None:
        return self.leg

    @property
    def lies(self) -> On | None:
        return "back"

    def angles(self, side: Side | None = None) -> dict[str, float]:
        return _raised(float(self.to), self.leg, side)

    def name(self) -> str:
        return _name_of_raised(self.leg)


class Sit(Posture):
    """Sitting, the lower legs hanging.

    Attributes:
        thighs: angle of the thighs below the horizontal, rad inside: 0 on a chair, more on a stool or a saddle.
    """

    word: ClassVar[str] = "sit"
    example: ClassVar[str] = "{for: 10 min}"
    thighs: Annotated[Quantity, ANGLE.between("0 deg", "40 deg", example="40 deg")] | None = None

    def angles(self, side: Side | None = None) -> dict[str, float]:
        return {"trunk": math.pi / 2, "thigh": float(self.thighs or 0.0), "shank": math.pi / 2, "foot": math.pi / 2}

    def name(self) -> str:
        return "sitting"


class Stand(Posture):
    """Standing still without using the muscles of the legs."""

    word: ClassVar[str] = "stand"
    example: ClassVar[str] = "{for: 10 min}"

    def angles(self, side: Side | None = None) -> dict[str, float]:
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

    @property
    def lies(self) -> On | None:
        return "back"

    def angles(self, side: Side | None = None) -> dict[str, float]:
        return dict.fromkeys(("trunk", "thigh", "shank", "foot"), float(self.to))

    def name(self) -> str:
        return f"tilted {self.to}"


Angles = Mapping[str, float]
"""Inclination of each link, rad, as `Posture.angles` gives it."""


def _turn(before: Posture, after: Posture) -> float:
    """The largest angle that a link of the legs or of the head turns by from one posture to another, rad."""
    legs = (angle_between(before.angles(side), after.angles(side)) for side in get_args(Side))
    return max(*legs, angle_between(before.head_angles(), after.head_angles()))


def angle_between(before: Angles, after: Angles) -> float:
    """The largest angle between the same links of two postures, rad."""
    return max(abs(after[link] - before[link]) for link in after)


def least_time(before: Posture, step: Posture) -> float:
    """The shortest time in which a posture can change to that of a step, s."""
    quarter = figures.internal("regimen.table.fastest" if step.on_table else "posture.change.fastest")
    return quarter * _turn(before, step) / (math.pi / 2)


def usual_time(before: Posture, step: Posture) -> float:
    """The time in which a posture usually changes to that of a step, s."""
    angle = _turn(before, step)
    if angle == 0.0:
        return 0.0
    if step.on_table:
        return max(figures.internal("posture.change.tilt") * angle / math.radians(60), least_time(before, step))
    was, will_be = _attitude(before), _attitude(step)
    if was == will_be == "lie" and before.lies != step.lies:
        return figures.internal("posture.change.turn")
    if was == will_be == "lie":
        raised = any(step.angles(side)["shank"] < before.angles(side)["shank"] for side in get_args(Side))
        return figures.internal("posture.change.raise_legs" if raised else "posture.change.lower_legs")
    if was == will_be:
        return figures.internal("posture.change.sit_to_stand")
    return figures.internal(f"posture.change.{was}_to_{will_be}")


def _attitude(posture: Posture) -> str:
    """Lying, sitting or standing: which of them a posture is nearest to."""
    angles = posture.angles()
    if angles["trunk"] < math.pi / 4:
        return "lie"
    return "stand" if angles["thigh"] >= math.pi / 4 else "sit"


def posture_of(angles: Angles, other: Angles, side: Side) -> Posture:
    """The posture that has these angles, or is nearest to them.

    Args:
        angles: of one leg.
        other: of the other leg.
        side: of the first of them.
    """

    def degrees(angle: float) -> str:
        return f"{round(math.degrees(angle), 3):g} deg"

    opposite: Side = "right" if side == "left" else "left"
    if angle_between(angles, other) > 1e-6:
        first = angles["shank"] < other["shank"]
        return Raise(to=degrees(-min(angles["shank"], other["shank"])), leg=side if first else opposite)
    trunk, shank = angles["trunk"], angles["shank"]
    sitting = Sit(thighs=degrees(angles["thigh"])) if 0.0 < angles["thigh"] <= math.radians(40.0) else Sit()
    for posture in (Lie(), Stand(), sitting):
        if angle_between(angles, posture.angles()) < 1e-6:
            return posture
    if abs(trunk) < 1e-6 and shank < 0.0:
        return Raise(to=degrees(-shank))
    if 0.0 < trunk <= math.radians(80.0) and abs(shank) < 1e-6 and abs(angles["thigh"]) < 1e-6:
        return Lie(head_up=degrees(trunk))
    return Tilt(to=degrees(trunk))
