"""A step is a function of a frozen scene: the same scene and step give the same phases, and the scene stays."""

from __future__ import annotations

import dataclasses
import json
from copy import deepcopy
from typing import Any

import jax
import numpy as np
import pytest

from venolymph.regimen import load_regimen
from venolymph.regimen.forces.driven_body import DrivenBody
from venolymph.regimen.forces.scene import Scene
from venolymph.regimen.forces.step_phases import StepPhases
from venolymph.regimen.forcing import FORCES, phases
from venolymph.steps.marks import Injection, Marks
from venolymph.steps.postures import Stand

STEPS: list[Any] = [
    {"stand": {"for": "20 s"}},
    {"wear": {"garment": "stocking", "class": "RAL II"}},
    {"tiptoes": {"count": 5}},
    {"walk": {"speed": "3 km/h", "for": "20 s"}},
    {"skin": {"temperature": "36 degC"}},
    {"inject": {"tracer": "large", "at": "foot"}},
    {"cuff": {"at": "calf", "pressure": "60 mmHg", "hold": "5 s", "release": "0.3 s"}},
    {"valsalva": {"pressure": "40 mmHg", "for": "10 s"}},
    {"breathe": {"deep": 3}},
    {"remove": {"garment": "stocking"}},
    {"knees": {"to": "straight"}},
    {"lie": {"for": "1 min"}},
    {"suction": {"pressure": "30 mmHg", "for": "1 min"}},
]


def same(one: Any, other: Any) -> bool:
    """What `plain` gives of two scenes or lists of phases is equal to the last bit."""
    return bool(jax.tree.all(jax.tree.map(np.array_equal, one, other)))


def plain(value: Any) -> Any:
    """All that a scene or a phase holds, but for the body, which is no part of what a step changes."""
    if isinstance(value, DrivenBody):
        return None
    if dataclasses.is_dataclass(value) and not isinstance(value, type):
        return {field.name: plain(getattr(value, field.name)) for field in dataclasses.fields(value)}
    if isinstance(value, tuple | list):
        return [plain(one) for one in value]
    if isinstance(value, dict):
        return {key: plain(one) for key, one in value.items()}
    return value if isinstance(value, np.ndarray | float | int) else repr(value)


def made(step: Any) -> Any:
    """What makes a step phases."""
    return next(FORCES[kind] for kind in type(step).__mro__ if kind in FORCES)


def test_each_step_leaves_its_scene_as_it_is_and_the_scenes_lead_to_all_phases(body: Any) -> None:
    regimen = load_regimen(STEPS)
    scene, found = Scene.at_rest(DrivenBody(body), regimen.first_posture), []
    for number, step in enumerate(regimen.unfolded):
        later = regimen.unfolded[number + 1 :]
        scene = dataclasses.replace(scene, step=number, stands_next=bool(later) and isinstance(later[0], Stand))
        before = deepcopy(plain(scene))
        done = made(step)(scene, step)
        assert same(before, plain(scene))
        assert same(plain(made(step)(scene, step)), plain(done))
        scene = done.scene
        found += done.phases
    assert same(plain(found), plain(phases(regimen, body)))


def test_a_scene_cannot_be_changed(body: Any) -> None:
    scene = Scene.at_rest(DrivenBody(body), Stand())
    with pytest.raises(dataclasses.FrozenInstanceError):
        scene.suction = 3.0  # type: ignore[misc]
    assert StepPhases(scene).with_scene(suction=3.0).scene.suction == 3.0
    assert scene.suction == 0.0


def test_marks_are_kept_as_a_document_and_come_back() -> None:
    marks = Marks(
        posture="lying", step=3, stage="held", cuff="calf shell", cuff_pressure=80.0, released=0.0,
        injected=(Injection("large", "foot"), Injection("small", "calf", "front", 2.0)),
    )  # fmt: skip
    document = json.loads(json.dumps(marks.document()))
    assert {"posture", "step", "stage", "cuff", "cuff pressure", "released", "injected"} == set(document)
    assert Marks.read(document) == marks
    with pytest.raises(TypeError, match="moon"):
        Marks.read({**document, "moon": "full"})


def test_of_joined_marks_the_later_count_where_there_are_any() -> None:
    early, late = (
        Marks(posture="standing", step=1, speed=80.0, stage="first cycle"),
        Marks("standing", 1, stage="cycles"),
    )
    assert early.joined(late) == Marks("standing", 1, speed=80.0, stage="cycles")
