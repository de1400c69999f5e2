"""Which steps can be done on which part of the body: on a leg, and on a face."""

from __future__ import annotations

from collections.abc import Iterable

from venolymph.body.person_face import FACE_REGIONS
from venolymph.regimen.steps.breathing import Valsalva
from venolymph.regimen.steps.face import Alcohol, Cry, Salt
from venolymph.regimen.steps.massage import Massage
from venolymph.regimen.steps.recording import Inject, TakeReadings
from venolymph.regimen.steps.waiting import Wait
from venolymph.steps.breathing import Breathe
from venolymph.steps.postures import Lie, Prone, Rest, Sit, Stand, Tilt
from venolymph.steps.step import Step
from venolymph.units import refusal

FACE = "face"
ONLY_ON_A_FACE = (Salt, Alcohol, Cry)
ON_A_FACE = (
    Lie,
    Rest,
    Prone,
    Sit,
    Stand,
    Tilt,
    Wait,
    Breathe,
    Valsalva,
    *ONLY_ON_A_FACE,
    Massage,
    Inject,
    TakeReadings,
)
"""Steps that can be done on a face."""


def check_steps(body: str, steps: Iterable[tuple[Step, tuple[str | int, ...]]]) -> None:
    """Refuse steps that cannot be done on the body of a regimen.

    Args:
        body: leg, leg.left, leg.right or face.
        steps: all in a row, each with its place in the document.
    """
    for step, place in steps:
        key = ("steps", *place)
        if body == FACE:
            _on_a_face(step, key)
        elif isinstance(step, ONLY_ON_A_FACE):
            raise refusal(
                f"{step.word} is for a face, and this regimen is done on body {body!r}",
                hint="write `body: face`, or take the step out",
                key=key,
            )
        elif isinstance(step, Massage) and step.session.body == FACE:
            raise refusal(
                f"the session is for a face, and this regimen is done on body {body!r}",
                hint="write `body: face`, or name a session for the leg",
                key=key,
            )
        elif isinstance(step, Inject) and (step.at in FACE_REGIONS or step.half is not None):
            raise refusal(
                f"{step.at!r} of a face, and this regimen is done on body {body!r}",
                hint="write `body: face`, or name a part of the leg, such as `at: foot`",
                key=(*key, "at"),
            )


def _on_a_face(step: Step, key: tuple[str | int, ...]) -> None:
    if not isinstance(step, ON_A_FACE):
        raise refusal(
            f"{step.word} changes nothing in a face, which this regimen is done on; allowed are "
            f"{', '.join(one.word for one in ON_A_FACE)}",
            hint="take the step out, or write `body: leg`",
            key=key,
        )
    if isinstance(step, Massage) and step.session.body != FACE:
        raise refusal(
            f"the session is for body {step.session.body!r}, and this regimen is done on a face",
            hint="write `body: leg`, or name a session for the face, such as facial-massage",
            key=key,
        )
    if isinstance(step, Inject) and (step.at not in FACE_REGIONS or step.leg is not None or step.side is not None):
        raise refusal(
            f"{step.at!r} of a leg, and this regimen is done on a face",
            hint="name a region of the face, such as `at: 'lower lid, medial', half: left`",
            key=(*key, "at"),
        )
