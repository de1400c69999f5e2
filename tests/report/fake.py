"""A made-up run with everything a report looks at: two people stand up, walk and stand again, one has reflux."""

from __future__ import annotations

from dataclasses import dataclass, field
from types import SimpleNamespace
from typing import Any

import numpy as np

from venolymph.errors import MeasureError
from venolymph.steps.marks import Marks

SEGMENTS = {
    # name: (kind, heights of the cells' middles above the malleolus, cm)
    "great saphenous, calf": ("superficial", (4.0, 12.0, 22.0, 32.0)),
    "great saphenous, thigh": ("superficial", (48.0, 60.0, 72.0)),
    "posterior tibial": ("deep", (4.0, 14.0, 24.0)),
    "soleal sinuses": ("muscle", (22.0,)),
    "popliteal": ("deep", (38.0, 44.0)),
    "femoral": ("deep", (52.0, 62.0, 72.0)),
    "external iliac": ("trunk", (92.0,)),
}
JOINS = (
    ("great saphenous, calf", "great saphenous, thigh"),
    ("great saphenous, thigh", "femoral"),
    ("soleal sinuses", "popliteal"),
    ("posterior tibial", "popliteal"),
    ("popliteal", "femoral"),
    ("femoral", "external iliac"),
)
VALVES = {
    "great saphenous, calf, valve 1": ("great saphenous, calf", 1),
    "great saphenous, thigh, valve 1": ("great saphenous, thigh", 0),
    "great saphenous, terminal valve": ("great saphenous, thigh", 2),
    "popliteal, valve 1": ("popliteal", 0),
    "femoral, valve 1": ("femoral", 1),
}


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
class FakeRun:
    bodies: list[Any]
    regimen: Any
    phases: list[Any]
    members: list[str]
    status: list[Any]
    time: np.ndarray
    phase_of_sample: np.ndarray
    pressure: np.ndarray
    mean_pressure: np.ndarray
    volume: np.ndarray
    mean_flow: np.ndarray
    mean_inflow: np.ndarray
    valve: np.ndarray
    peaks: list[dict[str, np.ndarray]]
    readings: list[Reading] = field(default_factory=list)
    override: str | None = None
    start: Any = None
    changed: tuple[str, ...] = ()
    tissue: Any = None
    answers: Any = None
    branches: dict[str, Any] = field(default_factory=dict)

    @property
    def body(self) -> Any:
        return self.bodies[0]

    def measure(self, name: str) -> Reading:
        for reading in self.readings:
            if reading.name == name:
                return reading
        raise MeasureError(f"there is no measure named {name!r}")


def body() -> Any:
    """A leg of a dozen and a half cells."""
    cells: list[str] = []
    segments: dict[str, Any] = {}
    for name, (kind, heights) in SEGMENTS.items():
        numbers = tuple(range(len(cells), len(cells) + len(heights)))
        cells += [f"{name} [{number + 1}]" for number in range(len(heights))]
        segments[name] = SimpleNamespace(name=name, cells=numbers, heights=heights, kind=kind, leg="left")
    pairs = [(one.cells[i], one.cells[i + 1]) for one in segments.values() for i in range(len(one.cells) - 1)]
    pairs += [(segments[tail].cells[-1], segments[head].cells[0]) for tail, head in JOINS]
    pairs.append((segments["external iliac"].cells[-1], len(cells)))
    names = [*cells, "right atrium"]
    valve_face = tuple(
        next(face for face, (tail, _) in enumerate(pairs) if tail == segments[name].cells[place])
        for name, place in VALVES.values()
    )
    network = SimpleNamespace(
        cells=tuple(cells),
        ends=("right atrium", "artery"),
        faces=tuple(f"{names[tail]} -> {names[head]}" for tail, head in pairs),
        tail=tuple(tail for tail, _ in pairs),
        head=tuple(head for _, head in pairs),
        valves=tuple(VALVES),
        valve_face=valve_face,
        beds=("skin, calf", "muscle, calf"),
        bed_tail=(len(cells) + 1,) * 2,
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
    return SimpleNamespace(
        topology=network,
        segments=segments,
        valves={name: number for number, name in enumerate(VALVES)},
        regions=regions,
        parameters=SimpleNamespace(faces=SimpleNamespace(open=np.ones((len(pairs), 1)))),
        person=SimpleNamespace(
            weeks_pregnant=0.0, to_yaml=lambda: "kind: person\nversion: 1\nperson:\n  label: made up\n"
        ),
        names=names,
    )


PLAN = (
    # label, kind, duration s, sample s, period s
    ("lying flat", "lie", 120.0, 0.25, None),
    ("standing up", "stand", 3.0, 0.05, None),
    ("standing still", "stand", 240.0, 0.25, None),
    ("walking 3 km/h", "walk", 60.0, 0.02, 1.1),
    ("standing still again", "stand", 120.0, 0.1, None),
)


def run(members: tuple[str, ...] = ("healthy", "mild-varicose"), *, fails: bool = False, scale: float = 1.0) -> FakeRun:
    """The made-up run.

    Args:
        members: labels; every second one has reflux.
        fails: whether the last member stops in the walk.
        scale: factor on all durations.
    """
    bodies = [body() for _ in members]
    network = bodies[0].topology
    phases, parts, numbers, start = [], [], [], 0.0
    for number, (label, kind, usual, sample, period) in enumerate(PLAN):
        duration = usual * scale
        count = max(1, round(duration / sample))
        parts.append(start + duration * np.arange(1, count + 1) / count)
        numbers.append(np.full(count, number))
        phases.append(
            SimpleNamespace(
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
            for name in list(VALVES)[1:3]:
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
    return FakeRun(
        bodies=bodies,
        regimen=Document("posture-and-walk", ("pressure at ankle", "VFI")),
        phases=phases,
        members=list(members),
        status=status,
        time=time,
        phase_of_sample=phase,
        pressure=pressure,
        mean_pressure=pressure,
        volume=volume,
        mean_flow=flow,
        mean_inflow=inflow,
        valve=valve,
        peaks=[
            {"residual": np.full(b, 1e-9), "mass_defect": np.full(b, -3e-13), "error": np.full(b, 2e-4)} for _ in phases
        ],
        readings=[
            Reading("pressure at ankle", np.resize([84.0, 99.0, 80.0, 70.0], b), "mmHg", published, "a <pressure>"),
            Reading("VFI", np.resize([1.7, np.nan, 5.0, 2.0], b), "mL/s"),
        ],
    )
