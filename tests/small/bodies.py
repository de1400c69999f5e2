"""Small legs: the names and numbers that forcing, instruments and reports look for, and nothing else."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from types import SimpleNamespace
from typing import Any

import jax.numpy as jnp

from venolymph.body.person import Person, load_person
from venolymph.network.parameters import Beds, Cells, Faces, Fluid, Parameters, Surroundings, Valves
from venolymph.network.topology import Topology

Segments = Mapping[str, tuple[str, tuple[float, ...]]]
"""By name: the kind, and the heights of the cells' middles above the malleolus, cm."""
Joins = Iterable[tuple[str, str]]
"""The last cell of the first segment drains into the first of the second."""

INSTRUMENTED: Segments = {
    "great saphenous, calf": ("superficial", (4.5, 9.5, 14.5)),
    "great saphenous, thigh": ("superficial", (50.0, 60.0, 70.0)),
    "skin venules, lower calf": ("superficial", (11.0,)),
    "soleal sinuses, low": ("superficial", (14.0,)),
    "popliteal": ("superficial", (40.0, 45.0)),
    "femoral": ("superficial", (60.0, 70.0)),
    "common femoral": ("superficial", (81.0, 85.0)),
    "external iliac": ("superficial", (90.0,)),
}
INSTRUMENTED_JOINS: Joins = (
    ("great saphenous, calf", "great saphenous, thigh"),
    ("great saphenous, thigh", "common femoral"),
    ("skin venules, lower calf", "great saphenous, calf"),
    ("soleal sinuses, low", "popliteal"),
    ("popliteal", "femoral"),
    ("femoral", "common femoral"),
    ("common femoral", "external iliac"),
)
REPORTED: Segments = {
    "great saphenous, calf": ("superficial", (4.0, 12.0, 22.0, 32.0)),
    "great saphenous, thigh": ("superficial", (48.0, 60.0, 72.0)),
    "posterior tibial": ("deep", (4.0, 14.0, 24.0)),
    "soleal sinuses": ("muscle", (22.0,)),
    "popliteal": ("deep", (38.0, 44.0)),
    "femoral": ("deep", (52.0, 62.0, 72.0)),
    "external iliac": ("trunk", (92.0,)),
}
REPORTED_JOINS: Joins = (
    ("great saphenous, calf", "great saphenous, thigh"),
    ("great saphenous, thigh", "femoral"),
    ("soleal sinuses", "popliteal"),
    ("posterior tibial", "popliteal"),
    ("popliteal", "femoral"),
    ("femoral", "external iliac"),
)
REPORTED_VALVES = {
    "great saphenous, calf, valve 1": ("great saphenous, calf", 1),
    "great saphenous, thigh, valve 1": ("great saphenous, thigh", 0),
    "great saphenous, terminal valve": ("great saphenous, thigh", 2),
    "popliteal, valve 1": ("popliteal", 0),
    "femoral, valve 1": ("femoral", 1),
}
"""By name: the segment, and which of its cells the valve lies behind."""
DRIVEN_SURROUNDINGS = (
    "foot", "anterior compartment", "deep posterior compartment", "soleus", "gastrocnemius", "thigh muscle", "abdomen",
    "foot shell", "ankle shell", "calf shell", "knee shell", "thigh shell", "other calf", "other thigh",
    "other leg: soleus",
)  # fmt: skip


@dataclass(frozen=True)
class Segment:
    name: str
    cells: tuple[int, ...]
    heights: tuple[float, ...]
    kind: str
    leg: str = "left"


@dataclass(frozen=True)
class SmallBody:
    """What forcing, instruments and reports ask of a body; each maker below fills what its readers look at."""

    topology: Topology
    segments: dict[str, Segment]
    parameters: Any = None
    valves: dict[str, int] = field(default_factory=dict)
    regions: dict[str, dict[int, float]] = field(default_factory=dict)
    person: Any = None
    legs: str = "one"
    index_side: str = "left"
    known: None = None
    phase_modifier: None = None


def laid_out(segments: Segments, scale: float = 1.0) -> dict[str, Segment]:
    """Segments with their cells numbered in order; `scale` stretches heights."""
    found: dict[str, Segment] = {}
    first = 0
    for name, (kind, heights) in segments.items():
        cells = tuple(range(first, first + len(heights)))
        found[name] = Segment(name, cells, tuple(scale * height for height in heights), kind)
        first += len(heights)
    return found


def joined(segments: Mapping[str, Segment], joins: Joins) -> tuple[tuple[str, ...], list[tuple[int, int]]]:
    """The names of cells, and pairs of cells between which blood flows; the last segment drains into the atrium."""
    cells = tuple(f"{one.name} [{i + 1}]" for one in segments.values() for i in range(len(one.cells)))
    pairs = [(one.cells[i], one.cells[i + 1]) for one in segments.values() for i in range(len(one.cells) - 1)]
    pairs += [(segments[tail].cells[-1], segments[head].cells[0]) for tail, head in joins]
    return cells, [*pairs, (len(cells) - 1, len(cells))]


def topology(cells: tuple[str, ...], pairs: list[tuple[int, int]], **more: Any) -> Topology:
    """A network of cells that are joined in pairs, between the artery and the right atrium."""
    nodes = [*cells, "right atrium", "artery"]
    given = {
        "valves": (),
        "valve_face": (),
        "bed_tail": (len(cells) + 1,) * len(more["beds"]),
        "surrounded": ((0,),) * len(cells),
        "links": ("shank",),
    }
    return Topology(
        cells=cells,
        ends=("right atrium", "artery"),
        faces=tuple(f"{nodes[tail]} -> {nodes[head]}" for tail, head in pairs),
        tail=tuple(tail for tail, _ in pairs),
        head=tuple(head for _, head in pairs),
        **(given | more),
    )


def parameters(net: Topology, scale: float = 1.0) -> Parameters:
    """Numbers of which no instrument asks more than that they are there."""

    def ones(n: int, value: float = 1.0) -> Any:
        return jnp.full((n, 1), value)

    n, f, v, b, k = net.n_cells, net.n_faces, len(net.valves), len(net.beds), len(net.surroundings)
    return Parameters(
        cells=Cells(
            length=ones(n, 5.0 * scale),
            vessels=ones(n, 2.0),
            unstressed_area=ones(n, 0.1),
            friction=ones(n, 8.0),
            collapse_stiffness=ones(n),
            elastin_stiffness=ones(n),
            collagen_stiffness=ones(n),
            collagen_exponent=ones(n),
            tether=ones(n),
            viscous_time=ones(n),
            relaxation_gain=ones(n),
            relaxation_time=ones(n),
            share=jnp.zeros((n, 1, 1)),
            position=jnp.zeros((n, 1, 1)),
        ),
        faces=Faces(*[ones(f) for _ in range(7)]),
        valves=Valves(*[ones(v) for _ in range(8)]),
        beds=Beds(*[ones(b) for _ in range(8)]),
        surroundings=Surroundings(ones(k), ones(k)),
        fluid=Fluid(ones(1), ones(1), ones(1)),
    )


def instrumented(scale: float = 1.0) -> SmallBody:
    """A leg with every place that an instrument reads; `scale` stretches heights and lengths."""
    segments = laid_out(INSTRUMENTED, scale)
    cells, pairs = joined(segments, INSTRUMENTED_JOINS)
    femoral = segments["femoral"].cells
    skin, muscle = segments["skin venules, lower calf"].cells[0], segments["soleal sinuses, low"].cells[0]
    net = topology(
        cells,
        pairs,
        valves=("femoral, valve 1",),
        valve_face=(pairs.index((femoral[0], femoral[1])),),
        beds=("skin, lower calf", "muscle, lower soleus", "other leg: skin, foot"),
        bed_cell=(skin, muscle, segments["common femoral"].cells[0]),
        surroundings=("soleus", "calf shell", "thigh shell"),
    )
    regions = {
        "foot": {},
        "ankle": {0: 1.0, 1: 0.5},
        "calf": {1: 0.5, 2: 1.0, skin: 1.0, muscle: 1.0},
        "knee": {c: 1.0 for c in segments["popliteal"].cells},
        "thigh": {
            c: 1.0 for name in ("great saphenous, thigh", "femoral", "common femoral") for c in segments[name].cells
        },
        "plethysmograph": {0: 0.8, 1: 1.0, 2: 1.0, muscle: 1.0},
    }
    return SmallBody(net, segments, parameters(net, scale), {"femoral, valve 1": 0}, regions)


def reported() -> SmallBody:
    """A leg of a dozen and a half cells, with superficial, deep and muscle veins for a report to draw."""
    segments = laid_out(REPORTED)
    cells, pairs = joined(segments, REPORTED_JOINS)
    net = topology(
        cells,
        pairs,
        valves=tuple(REPORTED_VALVES),
        valve_face=tuple(
            next(face for face, (tail, _) in enumerate(pairs) if tail == segments[name].cells[place])
            for name, place in REPORTED_VALVES.values()
        ),
        beds=("skin, calf", "muscle, calf"),
        bed_cell=(0, segments["soleal sinuses"].cells[0]),
        surroundings=("soleus",),
    )
    regions: dict[str, dict[int, float]] = {"ankle": {}, "calf": {}, "thigh": {}, "plethysmograph": {}}
    for one in segments.values():
        for cell, height in zip(one.cells, one.heights, strict=True):
            if one.kind == "trunk":
                continue
            region = "ankle" if height < 10 else "calf" if height < 45 else "thigh"
            regions[region][cell] = 1.0
            if 4 <= height <= 39:
                regions["plethysmograph"][cell] = 1.0
    person = SimpleNamespace(
        weeks_pregnant=0.0, to_yaml=lambda: "kind: person\nversion: 1\nperson:\n  label: made up\n"
    )
    numbers = {name: number for number, name in enumerate(REPORTED_VALVES)}
    return SmallBody(net, segments, parameters(net), numbers, regions, person)


def driven(person: Person | None = None) -> SmallBody:
    """Five cells in a row, fed by three beds, with the names that forcing looks for; of a healthy person if none."""
    cells = (
        "great saphenous, calf [1]",
        "posterior tibial [1]",
        "femoral [1]",
        "vena cava [1]",
        "skin venules, calf [1]",
    )
    net = topology(
        cells,
        [(0, 2), (1, 2), (2, 3), (3, 5), (4, 0)],
        beds=("skin, calf low", "muscle, soleus", "other leg: muscle, calf"),
        bed_cell=(4, 1, 3),
        surroundings=DRIVEN_SURROUNDINGS,
        surrounded=tuple((k,) for k in (9, 2, 5, 6, 9)),
        links=("trunk", "thigh", "shank", "foot"),
    )
    segments = {
        "great saphenous, calf": Segment("great saphenous, calf", (0,), (20.0,), "superficial"),
        "posterior tibial": Segment("posterior tibial", (1,), (20.0,), "deep"),
    }
    return SmallBody(net, segments, person=person or load_person("healthy"))
