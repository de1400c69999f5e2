"""A body small enough to read: the names that forcing looks for, and nothing else."""

from __future__ import annotations

from dataclasses import dataclass, field
from types import SimpleNamespace
from typing import Any

import pytest

from venolymph.body.person import Person, load_person
from venolymph.network.topology import Topology

SURROUNDINGS = (
    "foot", "anterior compartment", "deep posterior compartment", "soleus", "gastrocnemius", "thigh muscle", "abdomen",
    "foot shell", "ankle shell", "calf shell", "knee shell", "thigh shell", "other calf", "other thigh",
    "other leg: soleus",
)  # fmt: skip


def topology() -> Topology:
    """Five cells in a row, fed by three beds."""
    cells = (
        "great saphenous, calf [1]",
        "posterior tibial [1]",
        "femoral [1]",
        "vena cava [1]",
        "skin venules, calf [1]",
    )
    faces = (
        ("great saphenous, calf [1]", "femoral [1]"),
        ("posterior tibial [1]", "femoral [1]"),
        ("femoral [1]", "vena cava [1]"),
        ("vena cava [1]", "right atrium"),
        ("skin venules, calf [1]", "great saphenous, calf [1]"),
    )
    nodes = [*cells, "right atrium", "artery"]
    return Topology(
        cells=cells,
        ends=("right atrium", "artery"),
        faces=tuple(f"{tail} -> {head}" for tail, head in faces),
        tail=tuple(nodes.index(tail) for tail, _ in faces),
        head=tuple(nodes.index(head) for _, head in faces),
        valves=(),
        valve_face=(),
        beds=("skin, calf low", "muscle, soleus", "other leg: muscle, calf"),
        bed_tail=(nodes.index("artery"),) * 3,
        bed_cell=(4, 1, 3),
        surroundings=SURROUNDINGS,
        surrounded=tuple((k,) for k in (9, 2, 5, 6, 9)),
        links=("trunk", "thigh", "shank", "foot"),
    )


@dataclass(frozen=True)
class FakeBody:
    """What `phases` asks of a body."""

    person: Person = field(default_factory=lambda: load_person("healthy"))
    topology: Topology = field(default_factory=topology)
    known: None = None
    phase_modifier: None = None

    @property
    def segments(self) -> dict[str, Any]:
        """Two segments."""
        return {
            "great saphenous, calf": SimpleNamespace(cells=(0,), kind="superficial", heights=(20.0,)),
            "posterior tibial": SimpleNamespace(cells=(1,), kind="deep", heights=(20.0,)),
        }


@pytest.fixture(scope="session")
def body() -> FakeBody:
    """A small body of a healthy person."""
    return FakeBody()


@pytest.fixture(scope="session")
def heavy_body() -> FakeBody:
    """A small body of a heavy person."""
    return FakeBody(person=load_person("heavy"))
