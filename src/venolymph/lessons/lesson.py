"""A lesson as a document: what is said, and what is seen meanwhile."""

from __future__ import annotations

import os
from functools import cache
from importlib import resources
from pathlib import Path
from typing import Any, Literal

from pydantic import Field, model_validator

from venolymph.documents import Entry, load
from venolymph.errors import DocumentError, nearest
from venolymph.lessons.packaged import recordings
from venolymph.units import refusal

Mode = Literal["pressure", "transmural", "flow", "reflux", "valves", "swelling", "lymph"]
"""What colours say."""
Layer = Literal["skin", "fascia", "deep"]
Part = Literal["body", "leg", "thigh", "calf", "foot"]
Direction = Literal["front", "inner", "outer", "back", "slant"]


class LessonView(Entry):
    """How the leg is seen.

    Attributes:
        colour: what colours say.
        layer: down to which the leg is peeled.
        part: of the body that is in the picture.
        seen_from: where one looks from.
        wide: how many times as wide veins are drawn.
        swollen: how many times as large swelling is drawn.
        lymph: whether lymph vessels are shown.
        difference: whether colours say the difference of the two recordings.
    """

    colour: Mode = "pressure"
    layer: Layer = "skin"
    part: Part = "leg"
    seen_from: Direction = Field(default="slant", alias="from")
    wide: Literal[1, 2, 4] = 2
    swollen: Literal[1, 2, 4] = 1
    lymph: bool = False
    difference: bool = False


class LessonStep(Entry):
    """A step of a lesson.

    Attributes:
        say: the caption.
        at: time of the recording at which it begins, s.
        until: time up to which it plays, s; None: the picture stands still.
        speed: times as fast as life.
        show: how the leg is seen.
        traces: what charts show, as `kind:name`.
    """

    say: str = Field(min_length=10, max_length=600)
    at: float = Field(ge=0.0)
    until: float | None = None
    speed: float = Field(default=1.0, gt=0.0, le=50.0)
    show: LessonView = Field(default_factory=LessonView)
    traces: tuple[str, ...] = Field(default=(), max_length=6)

    @model_validator(mode="after")
    def _forward(self) -> LessonStep:
        if self.until is not None and self.until <= self.at:
            raise refusal(f"plays from {self.at:g} s until {self.until:g} s", hint="write a later time", key="until")
        return self

    def state(self) -> dict[str, Any]:
        """What the viewer is set to: names as `assets/state.js` has them, and the direction."""
        show = self.show
        return {
            "time": self.at, "mode": show.colour, "layer": show.layer, "frame": show.part, "exaggeration": show.wide,
            "swollen": show.swollen, "lymph": show.lymph, "difference": show.difference, "speed": self.speed,
            "pins": list(self.traces), "zoom": 1, "panX": 0, "panY": 0,
        }  # fmt: skip


class Lesson(Entry):
    """A lesson.

    Attributes:
        lesson: its title.
        order: among lessons, 1 first.
        about: what one sees in it, in a sentence.
        recordings: names of the packaged recordings that are shown, one or two.
        names: what each of them is called in the picture.
        steps: one after another.
    """

    kind: Literal["lesson"] = "lesson"
    version: Literal[1] = 1
    lesson: str
    order: int
    about: str
    recordings: tuple[str, ...] = Field(min_length=1, max_length=2)
    names: tuple[str, ...]
    steps: tuple[LessonStep, ...] = Field(min_length=2)

    @model_validator(mode="after")
    def _there(self) -> Lesson:
        known = recordings()
        for name in self.recordings:
            if name not in known:
                near = nearest(name, known)
                raise refusal(
                    f"there is no recording {name!r}; allowed are {', '.join(known)}",
                    hint=f"did you mean {near!r}?" if near else "scripts/make_recordings.py makes them",
                    key="recordings",
                )
        if len(self.names) != len(self.recordings):
            raise refusal(
                f"{len(self.names)} names for {len(self.recordings)} recordings", hint="name each", key="names"
            )
        duration = min(known[name].duration for name in self.recordings)
        for number, step in enumerate(self.steps):
            if max(step.at, step.until or 0.0) > duration:
                raise refusal(
                    f"the recordings end at {duration:g} s", hint="write an earlier time", key=("steps", number)
                )
        return self


def load_lesson(document: str | os.PathLike[str]) -> Lesson:
    """A lesson from a file.

    Raises:
        DocumentError: where it cannot be used.
    """
    return load(Lesson, "lesson", Path(document), {})


@cache
def lessons(language: str = "en") -> dict[str, Lesson]:
    """All lessons of a language by name, in their order.

    Raises:
        DocumentError: where there are none in that language.
    """
    folder = resources.files("venolymph.lessons").joinpath(language)
    if not language.isalpha() or not folder.is_dir():
        raise DocumentError(f"there are no lessons in the language {language!r}", hint="there are lessons in 'en'")
    with resources.as_file(folder) as path:
        found = {file.stem: load_lesson(file) for file in path.glob("*.yaml")}
    return dict(sorted(found.items(), key=lambda one: one[1].order))
