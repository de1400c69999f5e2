"""A claim about years: lives followed with walls that change, and what a clinic would read at their end.

A life goes through the gate of all treatments (`wall.allowed`) without a reason that would override it.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, Self

import numpy as np
from pydantic import Field, model_validator

from venolymph.body import load_person
from venolymph.documents import Entry
from venolymph.errors import VenolymphError, nearest
from venolymph.evidence.comparing import Comparison, ComparisonResult
from venolymph.units import refusal
from venolymph.wall.course import follow as follow_life
from venolymph.wall.life_document import SUPERFICIAL, LifeDocument, load_life
from venolymph.wall.life_of_person import check_life
from venolymph.wall.showing import FollowedLife

READINGS = {"diameter standing": "mm", "tortuosity": "1", "share of widening that comes back": "%"}
"""What is read of a vein at the end of a life, and its unit: diameters of a still leg without a garment."""


class LifeArm(Entry):
    """A person in a life.

    Attributes:
        name: what it is called in the comparisons.
        person: name of a packaged person.
        life: name of a packaged life.
    """

    name: str
    person: str
    life: str


class LifeExperiment(Entry):
    """Lives that are followed to test a claim.

    Attributes:
        lasts: how long each is followed, such as `1 year`.
        every: time between two readings; steps are no longer than that, so it is one for all.
        arms: people in lives.
        comparisons: readings at the end, each named `READING of VEIN` (`READINGS`).
    """

    lasts: str
    every: str
    arms: tuple[LifeArm, ...] = Field(min_length=2)
    comparisons: tuple[Comparison, ...] = Field(min_length=1)

    @model_validator(mode="after")
    def _joined(self) -> Self:
        names = [arm.name for arm in self.arms]
        if len(set(names)) < len(names):
            raise refusal("two arms have one name", key="arms")
        for number, arm in enumerate(self.arms):
            try:
                self.life(arm)
            except VenolymphError as error:
                raise refusal(error.message, hint=error.hint, key=("arms", number, "life")) from None
        for number, one in enumerate(self.comparisons):
            for name in (one.arm, one.against):
                if name not in names:
                    raise refusal(f"there is no arm {name!r}", hint=", ".join(names), key=("comparisons", number))
            _check_reading(one.measure, number)
        return self

    def life(self, arm: LifeArm) -> LifeDocument:
        """The life of an arm, as long as the experiment."""
        return load_life(arm.life).lasting(self.lasts, self.every)


def follow_lives(
    experiment: LifeExperiment,
    progress: Callable[[float, float, str], None] | None = None,
    follow: Callable[..., Any] | None = None,
) -> tuple[ComparisonResult, ...]:
    """Follow an experiment's lives, and compare what would be read at their end.

    Args:
        experiment: the lives.
        progress: called with how many are done, how many there are, and the name of the present one.
        follow: what follows a person through a life, in place of `wall.course.follow`.

    Raises:
        DocumentError: where a life cannot be that of a person.
        SimulationError: where the gate refuses a treatment in it.
    """
    follow = follow_life if follow is None else follow
    followed = {}
    for number, arm in enumerate(experiment.arms):
        if progress:
            progress(number, len(experiment.arms), arm.name)
        person, document = load_person(arm.person), experiment.life(arm)
        check_life(document, person)
        life = document.plain()
        followed[arm.name] = FollowedLife(person, life, follow(person, life).dataset())
    return tuple(_compared(one, followed) for one in experiment.comparisons)


def _compared(one: Comparison, followed: dict[str, FollowedLife]) -> ComparisonResult:
    found = {arm: _read(followed[arm], one.measure) for arm in (one.arm, one.against)}
    notes = [f"{arm}: {value}" for arm, value in found.items() if isinstance(value, str)]
    value, against = (None if isinstance(each, str) else each for each in found.values())
    return ComparisonResult(one, value, against, READINGS[_parted(one.measure)[0]], "; ".join(notes))


def _read(followed: FollowedLife, measure: str) -> float | str:
    """A reading at the end of a life, or why there is none."""
    reading, vein = _parted(measure)
    last = float(followed.course["day"].values[-1])
    if followed.stopped():
        return f"the simulation found no solution on day {followed.stopped()[0][1]:.0f}"
    if vein in followed.gone(last):
        return f"the vein is {followed.gone(last)[vein]}"
    if reading == "diameter standing":
        return float(followed.widths(vein)[-1])
    if reading == "tortuosity":
        return float(np.median(followed.course["tortuosity"].sel(segment=vein).values[-1]))
    stays = followed.stays(vein)
    return "hardly wider than in a healthy leg" if stays is None else 100.0 * (1.0 - stays)


def _parted(measure: str) -> tuple[str, str]:
    """What is read, and of which vein."""
    reading, _, vein = measure.rpartition(" of ")
    return reading, vein


def _check_reading(measure: str, number: int) -> None:
    """Refuse what cannot be read at the end of a life."""
    reading, vein = _parted(measure)
    key = ("comparisons", number, "measure")
    if reading not in READINGS:
        raise refusal(
            f"{measure!r} is not read in a life; allowed are {', '.join(READINGS)}, each `of` a vein", key=key
        )
    if vein not in SUPERFICIAL:
        near = nearest(vein, SUPERFICIAL)
        hint = f"did you mean {near!r}?" if near else f"there are {', '.join(SUPERFICIAL)}"
        raise refusal(f"there is no superficial vein {vein!r} in the leg", hint=hint, key=key)
