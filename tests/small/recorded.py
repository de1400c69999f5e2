"""Runs made of formulas, or in name only: what instruments, reports and the gate read, without an engine."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from types import SimpleNamespace
from typing import Any

import jax
import jax.numpy as jnp
import numpy as np

import venolymph as vl
from small.bodies import SmallBody, instrumented, reported
from venolymph.errors import MeasureError
from venolymph.regimen import load_regimen
from venolymph.simulation.run import Run
from venolymph.steps.marks import Marks

POSTURES = {"lie": "lying", "sit": "sitting", "raise": "legs raised"}
Formula = Callable[[np.ndarray], Any]


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


@dataclass(frozen=True)
class Document:
    """A person or regimen that can only say its text."""

    regimen: str
    measures: tuple[str, ...] = ()

    def to_yaml(self) -> str:
        return f"kind: regimen\nversion: 1\nregimen: {self.regimen}\n"


@dataclass(frozen=True)
class Reading:
    name: str
    value: np.ndarray
    unit: str
    published: Any = None
    description: str = ""
    performed: str = ""


@dataclass
class RecordedRun:
    """Fulfils what `venolymph.measures.reading.Recorded` and reports ask for."""

    bodies: list[SmallBody]
    phases: list[Phase]
    members: list[str]
    time: np.ndarray
    pressure: Any
    volume: Any
    flow: Any
    valve: Any
    inflow: Any
    surroundings: Any = None
    height: Any = None
    performs: Callable[[Any], RecordedRun] | None = None
    branches: dict[str, Any] = field(default_factory=dict)
    parameters: Any = None
    tissue: Any = None
    asked: list[Any] = field(default_factory=list)
    status: list[Any] = field(default_factory=list)
    regimen: Any = None
    phase_of_sample: Any = None
    peaks: list[dict[str, np.ndarray]] = field(default_factory=list)
    readings: list[Reading] = field(default_factory=list)
    override: str | None = None
    start: Any = None
    changed: tuple[str, ...] = ()
    answers: Any = None

    @property
    def body(self) -> SmallBody:
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

    def branch(self, regimen: Any, after: int | None = None) -> RecordedRun:
        self.asked.append(regimen)
        assert self.performs is not None
        return self.performs(regimen)

    def measure(self, name: str) -> Reading:
        for reading in self.readings:
            if reading.name == name:
                return reading
        raise MeasureError(f"there is no measure named {name!r}")


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


def by_formulas(
    steps: list[Phase],
    *,
    bodies: list[SmallBody] | None = None,
    pressure: Mapping[str, Formula] | None = None,
    volume: Mapping[str, Formula] | None = None,
    flow: Mapping[str, Formula] | None = None,
    valve: Mapping[str, Formula] | None = None,
    inflow: Mapping[str, Formula] | None = None,
    surroundings: Mapping[str, Formula] | None = None,
    height: Mapping[str, Formula] | None = None,
    performs: Callable[[Any], RecordedRun] | None = None,
) -> RecordedRun:
    """A run whose traces are formulas of time, by name of cell, face, valve, bed, surrounding (a name that is the
    start of several names means each of them). A formula gives (samples,) or (samples, batch)."""
    bodies = bodies or [instrumented()]
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

    return RecordedRun(
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


STAND_WALK_AND_STAND = (
    # label, kind, duration s, sample s, period s
    ("lying flat", "lie", 120.0, 0.25, None),
    ("standing up", "stand", 3.0, 0.05, None),
    ("standing still", "stand", 240.0, 0.25, None),
    ("walking 3 km/h", "walk", 60.0, 0.02, 1.1),
    ("standing still again", "stand", 120.0, 0.1, None),
)


def stand_walk_and_stand(
    members: tuple[str, ...] = ("healthy", "mild-varicose"), *, fails: bool = False, scale: float = 1.0
) -> RecordedRun:
    """A run with everything that a report looks at: two people stand up, walk and stand again, one has reflux.

    Args:
        members: labels; every second one has reflux.
        fails: whether the last member stops in the walk.
        scale: factor on all durations.
    """
    bodies = [reported() for _ in members]
    network = bodies[0].topology
    phases, parts, numbers, start = [], [], [], 0.0
    for number, (label, kind, usual, sample, period) in enumerate(STAND_WALK_AND_STAND):
        duration = usual * scale
        count = max(1, round(duration / sample))
        parts.append(start + duration * np.arange(1, count + 1) / count)
        numbers.append(np.full(count, number))
        phases.append(
            Phase(
                label=label,
                kind=kind,
                start=start,
                duration=duration,
                step=0.005,
                sample=sample,
                period=period,
                marks=Marks(),
            )
        )
        start += duration
    time, phase = np.concatenate(parts), np.concatenate(numbers)
    upright = np.clip((time - phases[1].start) / phases[1].duration, 0, 1)
    walking = phase == 3
    beat = np.where(walking, np.sin(2 * np.pi * (time - phases[3].start) / 1.1), 0.0)
    eased = np.where(walking, 1 - np.exp(-np.abs(time - phases[3].start) / 8), 0.0)
    after = phase == 4
    eased = np.where(after, np.exp(-np.abs(time - phases[4].start) / 20), eased)
    n, b = len(time), len(members)
    tops = np.array([height for one in bodies[0].segments.values() for height in one.heights])
    pressure = np.zeros((n, len(network.cells), b))
    volume = np.zeros_like(pressure)
    flow = np.zeros((n, len(network.faces), b))
    valve = np.zeros((n, len(network.valves), b))
    inflow = np.zeros((n, 2, b))
    for member in range(b):
        bad = member % 2 == 1
        drop = 0.45 if bad else 0.7
        column = 0.78 * (115 - tops)
        pressure[:, :, member] = 8 + upright[:, None] * column * (1 - drop * eased[:, None]) + 6 * beat[:, None]
        volume[:, :, member] = 3 + (5 if bad else 3) * upright[:, None] * (1 - 0.6 * eased[:, None]) * (tops < 80)
        inflow[:, :, member] = (1.2 - 0.5 * upright + 2.0 * walking)[:, None]
        flow[:, :, member] = (2.0 + 8 * np.clip(beat, -0.1, None))[:, None]
        if bad:
            back = np.clip(-12 * np.exp(-np.abs(time - phases[4].start) / 6), -12, 0) * after
            for name in list(network.valves)[1:3]:
                face = network.valve_face[network.valves.index(name)]
                flow[:, face, member] += back
        valve[:, :, member] = (flow[:, list(network.valve_face), member] > 0.5).astype(float)
    status = [SimpleNamespace(code="ok", time=None, cause=None) for _ in members]
    if fails:
        stop = phases[3].start + 0.5 * phases[3].duration
        late = time > stop
        for values in (pressure, volume, flow, valve, inflow):
            values[late, :, -1] = np.nan
        status[-1] = SimpleNamespace(
            code="failed", time=stop, cause="a vein was stretched beyond what its wall law covers"
        )
    published = SimpleNamespace(low=75.0, high=95.0, source="Stick 1992", population="18 healthy people", places=())
    return RecordedRun(
        bodies=bodies,
        regimen=Document("posture-and-walk", ("pressure at ankle", "VFI")),
        phases=phases,
        members=list(members),
        status=status,
        time=time,
        phase_of_sample=phase,
        pressure=pressure,
        volume=volume,
        flow=flow,
        inflow=inflow,
        valve=valve,
        peaks=[
            {"residual": np.full(b, 1e-9), "mass_defect": np.full(b, -3e-13), "error": np.full(b, 2e-4)} for _ in phases
        ],
        readings=[
            Reading("pressure at ankle", np.resize([84.0, 99.0, 80.0, 70.0], b), "mmHg", published, "a <pressure>"),
            Reading("VFI", np.resize([1.7, np.nan, 5.0, 2.0], b), "mL/s"),
        ],
    )


def rested(who: Any, answers: Any = None) -> Run:
    """Somebody who lay, with nothing computed: what goes on from it looks only at who it was and what was worn."""
    nothing: Any = SimpleNamespace()
    info = SimpleNamespace(label="lying", start=0.0, duration=60.0, marks=Marks())
    record: Any = SimpleNamespace(info=info, state=None, drive=None, tissue_state=None)
    person = vl.load_person(who)
    bodies = [SimpleNamespace(person=person, legs="one", index_side=person.index_side)]
    return Run(bodies, load_regimen(["lie"]), nothing, [record], [], answers=answers)
