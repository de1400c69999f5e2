"""A regimen by name, path, mapping, object or list of steps; regimens within regimens; the kinds of steps."""

from __future__ import annotations

import os
from collections.abc import Iterator, Mapping
from functools import cache
from pathlib import Path
from typing import Annotated, Any, ClassVar

from pydantic import Field, model_validator

from venolymph import compression, documents
from venolymph.errors import DocumentError
from venolymph.massage.session import load_session, packaged_sessions
from venolymph.regimen.named_files import being_read, beside, refused_inside
from venolymph.regimen.schema import Regimen
from venolymph.regimen.steps import (
    breathing,
    devices,
    face,
    garments,
    joints,
    massage,
    muscles,
    recording,
    skin,
    waiting,
)
from venolymph.regimen.steps.garments import Wear
from venolymph.regimen.steps.inner import STEPS, Inner, in_a_row
from venolymph.regimen.steps.massage import Massage
from venolymph.steps.breathing import Breathe
from venolymph.steps.postures import Lie, Prone, Raise, Rest, Sit, Stand, Tilt
from venolymph.steps.step import Step

POSTURES = (Lie, Rest, Prone, Sit, Stand, Tilt, Raise)


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
            with refused_inside():
                load_regimen(name)
            return data
        # a file's steps are written out, so that a document that was read stands on its own
        with refused_inside():
            steps = load_regimen(beside(name)).steps
        return {**{key: value for key, value in data.items() if key != "name"}, "steps": steps}

    @model_validator(mode="after")
    def _one_of_both(self) -> Nested:
        self.need_one({"a name": self.name is not None, "steps": bool(self.steps)})
        return self

    def unfolded(self) -> Iterator[tuple[Step, tuple[str | int, ...]]]:
        for _ in range(self.times):
            if self.name is None:
                yield from in_a_row(self.steps, ("steps",))
            else:
                for step, _place in in_a_row(load_regimen(self.name).steps, ()):
                    yield step, ()

    @property
    def _once(self) -> tuple[Step, ...]:
        return load_regimen(self.name).steps if self.name else self.steps

    @property
    def steps_in_all(self) -> int:
        return self.times * sum(step.steps_in_all for step in self._once)

    @property
    def lasts(self) -> float:
        return self.times * sum(step.lasts for step in self._once)

    def written(self) -> Any:
        return self.name if self.name is not None and self.times == 1 else self.document()


STEPS.update(
    (step.word, step)
    for step in (
        *POSTURES,
        Breathe,
        *muscles.KINDS,
        *devices.KINDS,
        *breathing.KINDS,
        *skin.KINDS,
        *joints.KINDS,
        *waiting.KINDS,
        *face.KINDS,
        *massage.KINDS,
        *garments.KINDS,
        Nested,
        *recording.KINDS,
    )
)


@cache
def packaged_regimens() -> dict[str, Path]:
    """Files of the packaged regimens by name."""
    return documents.packaged_files(Path(__file__).parent / "packaged", _rank)


def _rank(name: str) -> tuple[int, str]:
    order = ("posture-and-walk", "tilt-test", "plethysmography", "reflux-test", "occlusion-test", "valsalva")
    return (order.index(name) if name in order else len(order), name)


_WORN = "45 min"
"""How long a garment is worn where its name is a regimen: with putting on and taking off it takes as long as `rest`."""


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
    reading = being_read.get()
    if key in reading:
        around = " -> ".join(os.path.basename(one) for one in (*reading[reading.index(key) :], key))
        raise DocumentError(f"the regimen nests itself: {around}", hint="take the step out that closes the circle")
    token = being_read.set((*reading, key))
    try:
        return _packaged(name) if packaged else _of_file(name)
    finally:
        being_read.reset(token)


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


def regimen_schema() -> dict[str, Any]:
    """The JSON schema of a regimen's document."""
    return Regimen.model_json_schema(by_alias=True)
