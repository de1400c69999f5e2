"""A run made of formulas: what instruments read, without an engine."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

import jax
import jax.numpy as jnp
import numpy as np

from venolymph.network.parameters import Beds, Cells, Faces, Fluid, Parameters, Surroundings, Valves
from venolymph.network.topology import Topology
from venolymph.steps.marks import Marks

jax.config.update("jax_enable_x64", True)

SEGMENTS = {
    # name: (heights of the cells' middles above the malleolus, cm)
    "great saphenous, calf": (4.5, 9.5, 14.5),
    "great saphenous, thigh": (50.0, 60.0, 70.0),
    "skin venules, lower calf": (11.0,),
    "soleal sinuses, low": (14.0,),
    "popliteal": (40.0, 45.0),
    "femoral": (60.0, 70.0),
    "common femoral": (81.0, 85.0),
    "external iliac": (90.0,),
}
JOINS = [
    ("great saphenous, calf", "great saphenous, thigh"),
    ("great saphenous, thigh", "common femoral"),
    ("skin venules, lower calf", "great saphenous, calf"),
    ("soleal sinuses, low", "popliteal"),
    ("popliteal", "femoral"),
    ("femoral", "common femoral"),
    ("common femoral", "external iliac"),
]


@dataclass(frozen=True)
class Segment:
    name: str
    cells: tuple[int, ...]
    heights: tuple[float, ...]
    kind: str = "superficial"
    leg: str = "left"


@dataclass(frozen=True)
class Body:
    topology: Topology
    parameters: Parameters
    segments: dict[str, Segment]
    valves: dict[str, int]
    regions: dict[str, dict[int, float]]
    legs: str = "one"


def body(scale: float = 1.0) -> Body:
    """A small leg; `scale` stretches heights and lengths."""
    cells, segments = [], {}
    for name, heights in SEGMENTS.items():
        numbers = tuple(range(len(cells), len(cells) + len(heights)))
        cells += [f"{name} [{i + 1}]" for i in range(len(heights))]
        segments[name] = Segment(name, numbers, tuple(scale * h for h in heights))
    pairs = [(s.cells[i], s.cells[i + 1]) for s in segments.values() for i in range(len(s.cells) - 1)]
    pairs += [(segments[tail].cells[-1], segments[head].cells[0]) for tail, head in JOINS]
    n = len(cells)
    pairs.append((segments["external iliac"].cells[-1], n))
    names = [*cells, "right atrium"]
    topology = Topology(
        cells=tuple(cells),
        ends=("right atrium", "artery"),
        faces=tuple(f"{names[a]} -> {names[b]}" for a, b in pairs),
        tail=tuple(a for a, _ in pairs),
        head=tuple(b for _, b in pairs),
        valves=("femoral, valve 1",),
        valve_face=(pairs.index(segments["femoral"].cells),),
        beds=("skin, lower calf", "muscle, lower soleus", "other leg: skin, foot"),
        bed_tail=(n + 1,) * 3,
        bed_cell=(
            segments["skin venules, lower calf"].cells[0],
            segments["soleal sinuses, low"].cells[0],
            segments["common femoral"].cells[0],
        ),
        surroundings=("soleus", "calf shell", "thigh shell"),
        surrounded=((0,),) * n,
        links=("shank",),
    )
    regions = {
        "foot": {},
        "ankle": {0: 1.0, 1: 0.5},
        "calf": {
            1: 0.5,
            2: 1.0,
            segments["skin venules, lower calf"].cells[0]: 1.0,
            segments["soleal sinuses, low"].cells[0]: 1.0,
        },
        "knee": {c: 1.0 for c in segments["popliteal"].cells},
        "thigh": {
            c: 1.0 for name in ("great saphenous, thigh", "femoral", "common femoral") for c in segments[name].cells
        },
        "plethysmograph": {0: 0.8, 1: 1.0, 2: 1.0, segments["soleal sinuses, low"].cells[0]: 1.0},
    }
    return Body(topology, parameters(topology, scale), segments, {"femoral, valve 1": 0}, regions)


def parameters(topology: Topology, scale: float = 1.0) -> Parameters:
    def ones(n: int, value: float = 1.0) -> Any:
        return jnp.full((n, 1), value)

    n, f, v, b, k = (
        topology.n_cells,
        topology.n_faces,
        len(topology.valves),
        len(topology.beds),
        len(topology.surroundings),
    )
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


@dataclass(frozen=True)
class Phase:
    label: str
    kind: str
    start: float
    duration: float
    period: float | None = None
    marks: Marks = field(default_factory=Marks)
    step: float = 0.005
    sample: float = 0.05


@dataclass
class FakeRun:
    """Fulfils what `venolymph.measures.reading.Recorded` asks for."""

    bodies: list[Body]
    phases: list[Phase]
    members: list[str]
    time: np.ndarray
    pressure: Any
    volume: Any
    flow: Any
    valve: Any
    inflow: Any
    surroundings: Any
    height: Any
    performs: Callable[[Any], FakeRun] | None = None
    branches: dict[str, Any] = field(default_factory=dict)
    parameters: Any = None
    tissue: Any = None
    asked: list[Any] = field(default_factory=list)
    status: list[Any] = field(default_factory=list)

    @property
    def body(self) -> Body:
        return self.bodies[0]

    @property
    def mean_volume(self) -> Any:
        return self.volume

    @property
    def mean_pressure(self) -> Any:
        return self.pressure

    @property
    def mean_flow(self) -> Any:
        return self.flow

    @property
    def mean_inflow(self) -> Any:
        return self.inflow

    def branch(self, regimen: Any, after: int | None = None) -> FakeRun:
        self.asked.append(regimen)
        assert self.performs is not None
        return self.performs(regimen)


POSTURES = {"lie": "lying", "sit": "sitting", "raise": "legs raised"}
Formula = Callable[[np.ndarray], Any]


def slopes(reading: Callable[[Any], Any], at: float, step: float = 1e-6) -> tuple[float, float]:
    """Derivative of a reading by JAX and by central differences, compiled once each."""
    compiled = jax.jit(reading)
    by_hand = (compiled(at + step) - compiled(at - step)) / (2 * step)
    return float(jax.jit(jax.grad(reading))(float(at))), float(by_hand)


def phases(*steps: Any, start: float = 0.0, sample: float = 0.05) -> list[Phase]:
    """Phases from (kind, duration[, marks[, period]])."""
    found = []
    for step in steps:
        kind, duration = step[:2]
        marks: dict[str, Any] = step[2] if len(step) > 2 else {}
        period: float | None = step[3] if len(step) > 3 else None
        said = Marks.read({"posture": POSTURES.get(kind, "standing"), "step": len(found), **marks})
        found.append(Phase(kind, kind, start, duration, period, said, sample=sample))
        start += duration
    return found


def run(
    steps: list[Phase],
    *,
    bodies: list[Body] | None = None,
    pressure: Mapping[str, Formula] | None = None,
    volume: Mapping[str, Formula] | None = None,
    flow: Mapping[str, Formula] | None = None,
    valve: Mapping[str, Formula] | None = None,
    inflow: Mapping[str, Formula] | None = None,
    surroundings: Mapping[str, Formula] | None = None,
    height: Mapping[str, Formula] | None = None,
    performs: Callable[[Any], FakeRun] | None = None,
) -> FakeRun:
    """A run whose traces are formulas of time, by name of cell, face, valve, bed, surrounding (a name that is the
    start of several names means each of them). A formula gives (samples,) or (samples, batch)."""
    bodies = bodies or [body()]
    network = bodies[0].topology
    time = np.concatenate([p.start + p.sample * np.arange(1, round(p.duration / p.sample) + 1) for p in steps])

    def fill(names: tuple[str, ...], given: Mapping[str, Formula] | None, base: float) -> Any:
        values = np.full((len(time), len(names), len(bodies)), base)
        for start, formula in (given or {}).items():
            index = [i for i, name in enumerate(names) if name.startswith(start)]
            assert index, start
            trace = formula(time)
            trace = (trace[:, None] if trace.ndim == 1 else trace)[:, None, :]
            if isinstance(trace, jax.Array):
                values = jnp.asarray(values).at[:, np.array(index), :].set(trace)
            else:
                values[:, index, :] = trace
        return values

    return FakeRun(
        bodies=bodies,
        phases=steps,
        members=[f"member {i + 1}" for i in range(len(bodies))],
        time=time,
        pressure=fill(network.cells, pressure, 10.0),
        volume=fill(network.cells, volume, 1.0),
        flow=fill(network.faces, flow, 0.0),
        valve=fill(network.valves, valve, 0.0),
        inflow=fill(network.beds, inflow, 0.0),
        surroundings=fill(network.surroundings, surroundings, 0.0),
        height=fill(network.cells, height, 0.0),
        performs=performs,
    )
