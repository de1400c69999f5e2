"""What a report shows of a run: chosen traces, the valves' state, the timeline, as plain numpy arrays.

Everything that draws (the page, the pictures) takes it from here, so that they show the same. Arrays are
`(samples, members)`; times in s, pressures in mmHg, volumes in mL, flows in mL/s.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np

BACKWARDS = 0.2
"""Flow against a valve's direction beyond which it is shown as reverse flow, mL/s: enough to leave out rounding and
the drop that closes a healthy valve, well below what a duplex probe would call reflux in a trunk."""
LASTING = 1.0
"""Valves through which blood ran backwards for longer than this at a stretch are drawn before somebody asks, s."""
SHUT, PARTLY, OPEN, REVERSED = range(4)
"""State of a valve as the report draws it."""
STATES = ("closed", "partly open", "open", "blood runs backwards")

_DEEP_FIRST = ("posterior tibial", "popliteal", "femoral", "common femoral")


@dataclass(frozen=True)
class Series:
    """One line of a chart.

    Attributes:
        name: what it is.
        values: one trace a member, shape (samples, members).
        dashed: whether it is drawn dashed (deep veins), so that colour is not the only difference.
        shown: whether it is drawn before somebody asks for it.
    """

    name: str
    values: np.ndarray
    dashed: bool = False
    shown: bool = True


@dataclass(frozen=True)
class Panel:
    """One chart.

    Attributes:
        key: its name in file names and links.
        title: its heading.
        unit: unit of all its lines.
        note: a sentence on how to read it.
        series: its lines.
    """

    key: str
    title: str
    unit: str
    note: str
    series: tuple[Series, ...]


@dataclass(frozen=True)
class Band:
    """Neighbouring phases of one kind and label: a stretch of the timeline, start and stop in s."""

    label: str
    kind: str
    start: float
    stop: float


@dataclass(frozen=True)
class ValveStates:
    """State of the valves over time.

    Attributes:
        names: the valves.
        state: SHUT, PARTLY, OPEN or REVERSED, shape (samples, valves, members).
        flow: flow through them, mL/s, shape (samples, valves, members).
        chief: whether each valve is shown before somebody asks for all.
        longest: longest unbroken reverse flow, s, shape (valves, members).
        reversed_volume: blood that ran backwards in all, mL, shape (valves, members).
        worst: greatest reverse flow (positive), mL/s, shape (valves, members).
    """

    names: tuple[str, ...]
    state: np.ndarray
    flow: np.ndarray
    chief: np.ndarray
    longest: np.ndarray
    reversed_volume: np.ndarray
    worst: np.ndarray


@dataclass(frozen=True)
class View:
    """All that a report draws.

    Attributes:
        members: labels of the members.
        regimen: name of the regimen.
        time: end of each sample, s, shape (samples,).
        phase_of_sample: number of the phase of each sample, shape (samples,).
        periods: period of each phase where it repeats itself (gait), s, else None.
        bands: the timeline.
        panels: the charts.
        valves: the valves' state; None where the network has no valve that is in use.
    """

    members: tuple[str, ...]
    regimen: str
    time: np.ndarray
    phase_of_sample: np.ndarray
    periods: tuple[float | None, ...]
    bands: tuple[Band, ...]
    panels: tuple[Panel, ...]
    valves: ValveStates | None
    panel: dict[str, Panel] = field(default_factory=dict)


def view(run: Any) -> View:
    """Choose what to show of a run."""
    valves = _valves(run)
    every = (_pressures(run), _flows(run), _volumes(run), *_beside(run), _reverse(valves))
    panels = [panel for panel in every if panel.series]
    return View(
        members=tuple(str(label) for label in run.members),
        regimen=regimen_name(run),
        time=np.asarray(run.time, float),
        phase_of_sample=phase_of_sample(run),
        periods=tuple(getattr(phase, "period", None) for phase in run.phases),
        bands=bands(run.phases),
        panels=tuple(panels),
        valves=valves,
        panel={panel.key: panel for panel in panels},
    )


def regimen_name(run: Any) -> str:
    """Name of the run's regimen."""
    regimen = run.regimen
    for attribute in ("regimen", "name", "label"):
        value = getattr(regimen, attribute, None)
        if isinstance(value, str):
            return value
    return str(regimen)


def phase_of_sample(run: Any) -> np.ndarray:
    """Number of the phase that each sample belongs to, shape (samples,)."""
    given = getattr(run, "phase_of_sample", None)
    if given is not None:
        return np.asarray(given)
    starts = np.array([phase.start for phase in run.phases])
    return np.clip(np.searchsorted(starts, np.asarray(run.time) - 1e-9, side="right") - 1, 0, None)


def bands(phases: Sequence[Any]) -> tuple[Band, ...]:
    """The timeline: neighbouring phases of one kind and label are one band."""
    found: list[Band] = []
    for phase in phases:
        stop = float(phase.start + phase.duration)
        if found and (found[-1].label, found[-1].kind) == (phase.label, phase.kind):
            found[-1] = Band(phase.label, phase.kind, found[-1].start, stop)
        else:
            found.append(Band(str(phase.label), str(phase.kind), float(phase.start), stop))
    return tuple(found)


def own_segments(body: Any) -> dict[str, Any]:
    """Segments of the leg asked about, by name: neither trunk nor the other leg."""
    return {
        name: segment
        for name, segment in body.segments.items()
        if segment.kind not in ("trunk", "lump") and not name.startswith("other")
    }


def cell_at(body: Any, kind: str, height: float) -> int | None:
    """The vein cell of a kind that lies nearest to a height above the malleolus (cm); None where there is none.

    Among superficial veins the great saphenous is taken, among deep ones the axial trunk.
    """
    best: tuple[float, int] | None = None
    for name, segment in own_segments(body).items():
        if segment.kind != kind:
            continue
        stem = name.split(",")[0]
        if kind == "superficial" and stem != "great saphenous":
            continue
        # a cell of another deep vein is taken only where the axial trunk is more than a hand's breadth away
        aside = 0.0 if kind != "deep" or stem in _DEEP_FIRST else 10.0
        for cell, above in zip(segment.cells, segment.heights, strict=True):
            distance = abs(above - height) + aside
            if best is None or distance < best[0]:
                best = (distance, cell)
    return best[1] if best else None


def heights(body: Any) -> dict[str, float]:
    """Heights above the malleolus that traces are taken at, cm, from the length of the leg."""
    tops = [segment.heights[-1] for segment in own_segments(body).values() if segment.kind == "superficial"]
    groin = max(tops, default=80.0)
    return {"ankle": 4.0, "calf": 0.28 * groin, "thigh": 0.75 * groin}


def trace_at(run: Any, kind: str, place: str, quantity: str = "pressure") -> np.ndarray | None:
    """A trace at a place (`ankle`, `calf`, `thigh`) in a kind of vein, shape (samples, members)."""
    cells = [cell_at(body, kind, heights(body)[place]) for body in run.bodies]
    if any(cell is None for cell in cells):
        return None
    values = np.asarray(getattr(run, quantity))
    return np.stack([values[:, cell, member] for member, cell in enumerate(cells)], axis=1)


def inside(run: Any, region: str, values: np.ndarray) -> np.ndarray:
    """Sum of `(samples, cells, members)` over a region, shape (samples, members)."""
    total = np.zeros((values.shape[0], values.shape[2]))
    for member, body in enumerate(run.bodies):
        shares = body.regions.get(region, {})
        if shares:
            total[:, member] = values[:, list(shares), member] @ np.array(list(shares.values()))
    return total


def leg_cells(body: Any) -> np.ndarray:
    """Which cells belong to the leg asked about, shape (cells,), boolean."""
    mask = np.zeros(len(body.topology.cells), bool)
    for segment in own_segments(body).values():
        mask[list(segment.cells)] = True
    return mask


def inflow(run: Any) -> np.ndarray:
    """Blood that the arteries bring into the leg, mL/s, shape (samples, members)."""
    body = run.bodies[0]
    beds = leg_cells(body)[list(body.topology.bed_cell)]
    return np.asarray(run.mean_inflow)[:, beds, :].sum(axis=1)


def outflow(run: Any) -> np.ndarray:
    """Blood that leaves the leg towards the trunk, mL/s, shape (samples, members)."""
    body = run.bodies[0]
    network = body.topology
    nodes = np.append(leg_cells(body), np.zeros(len(network.ends), bool))
    sign = nodes[list(network.tail)].astype(float) - nodes[list(network.head)].astype(float)
    crossing = np.flatnonzero(sign)
    return np.einsum("nfb,f->nb", np.asarray(run.mean_flow)[:, crossing, :], sign[crossing])


def _pressures(run: Any) -> Panel:
    found = []
    for kind, word in (("superficial", "great saphenous vein"), ("deep", "deep vein")):
        for place in ("ankle", "calf", "thigh"):
            values = trace_at(run, kind, place)
            if values is not None:
                found.append(Series(f"{place}, {word}", values, dashed=kind == "deep"))
    values = trace_at(run, "muscle", "calf")
    if values is not None:
        found.append(Series("calf, vein inside the muscle", values, dashed=True, shown=False))
    return Panel(
        "pressure",
        "Pressure in the veins",
        "mmHg",
        "Solid lines are superficial veins, dashed lines deep ones. Above the outside air, at the vein's own height.",
        tuple(found),
    )


def _flows(run: Any) -> Panel:
    return Panel(
        "flow",
        "Blood into and out of the leg",
        "mL/s",
        "Where the outflow lies above the inflow the leg empties. Below zero blood runs back into the leg.",
        (Series("in, from the arteries", inflow(run)), Series("out, towards the heart", outflow(run), dashed=True)),
    )


def _volumes(run: Any) -> Panel:
    volume = np.asarray(run.volume)
    names = [name for name in run.bodies[0].regions if name != "plethysmograph" and not name.startswith("other")]
    return Panel(
        "volume",
        "Blood in the veins by region",
        "mL",
        "Blood only; tissue fluid is not part of it.",
        tuple(
            Series(name, inside(run, name, volume), dashed=number % 2 == 1, shown=True)
            for number, name in enumerate(names)
        ),
    )


SMOOTHED = 300.0
"""Lymph comes in pulses; its flow is drawn as the mean over so many seconds, s."""


def _beside(run: Any) -> list[Panel]:
    """Tissue fluid and lymph, where they were simulated."""
    if getattr(run, "tissue", None) is None:
        return []
    time = np.asarray(run.exchange("exchange_time"), float)
    fluid = np.asarray(run.exchange("tissue_volume"), float)
    compartments = run.tissue.legs[0].compartments
    parts = dict.fromkeys(compartment.region for compartment in compartments)

    def laid(values: np.ndarray) -> np.ndarray:
        columns = (np.interp(run.time, time, column) for column in values.T)
        return np.stack(list(columns), axis=1)

    def change(region: str) -> np.ndarray:
        own = [number for number, one in enumerate(compartments) if one.region == region]
        held = fluid[:, own].sum(axis=1)
        return laid(held - held[0])

    edges = np.append(float(run.phases[0].start), time)

    def flow(name: str) -> np.ndarray:
        amounts = np.asarray(run.exchange(name), float)
        passed = np.cumsum(amounts.sum(axis=1) if amounts.ndim == 3 else amounts, axis=0)
        passed = np.concatenate([0.0 * passed[:1], passed])
        since = np.maximum(edges - SMOOTHED, edges[0])
        span = np.maximum(edges - since, 1e-9)[1:]
        rates = [3600.0 * (column - np.interp(since, edges, column))[1:] / span for column in passed.T]
        return laid(np.stack(rates, axis=1))

    return [
        Panel(
            "tissue",
            "Tissue fluid, change since the beginning",
            "mL",
            "Fluid between the cells, outside blood and lymph vessels.",
            tuple(Series(part, change(part), dashed=number % 2 == 1) for number, part in enumerate(parts)),
        ),
        Panel(
            "lymph",
            "Lymph",
            "mL/h",
            "Means over five minutes: it comes in pulses. What reaches blood comes from the rest of the body too.",
            (
                Series("forms in the leg", flow("uptake")),
                Series("reaches blood at the neck", flow("at_venous_angle"), dashed=True),
            ),
        ),
    ]


def _valves(run: Any) -> ValveStates | None:
    network = run.bodies[0].topology
    if not network.valves:
        return None
    faces = np.array(network.valve_face)
    in_use = np.any([np.asarray(body.parameters.faces.open)[faces, 0] > 0.5 for body in run.bodies], axis=0)
    in_use &= np.array([not name.startswith("other") for name in network.valves])
    kept = np.flatnonzero(in_use)
    if not len(kept):
        return None
    names = tuple(network.valves[valve] for valve in kept)
    flow = np.asarray(run.mean_flow)[:, faces[kept], :]
    opening = np.asarray(run.valve)[:, kept, :]
    state = np.full(opening.shape, SHUT, np.uint8)
    state[opening > 0.1] = PARTLY
    state[opening > 0.6] = OPEN
    back = flow < -BACKWARDS
    state[back] = REVERSED
    spans = np.diff(np.asarray(run.time, float), prepend=float(run.phases[0].start))
    longest = _longest(back, spans)
    volume = np.einsum("nvb,n->vb", np.where(back, -flow, 0.0), spans)
    worst = np.max(np.where(back, -flow, 0.0), axis=0)
    chief = _chief(names, longest)
    return ValveStates(names, state, flow, chief, longest, volume, worst)


def _longest(flags: np.ndarray, spans: np.ndarray) -> np.ndarray:
    """Longest unbroken stretch of each flag, s: `(samples, ...)` to `(...)`."""
    longest = np.zeros(flags.shape[1:])
    present = np.zeros(flags.shape[1:])
    for flag, span in zip(flags, spans, strict=True):
        present = np.where(flag, present + span, 0.0)
        np.maximum(longest, present, out=longest)
    return longest


def _chief(names: tuple[str, ...], longest: np.ndarray) -> np.ndarray:
    """Valves shown at once: one or two of each trunk, the junctions, and all where blood ran backwards for long."""
    chief = np.zeros(len(names), bool)
    seen: dict[str, int] = {}
    for number, name in enumerate(names):
        stem = name.rsplit(", ", 1)[0]
        seen[stem] = seen.get(stem, 0) + 1
        trunk = name.split(",")[0] in ("great saphenous", "small saphenous", "popliteal", "femoral", "common femoral")
        chief[number] = "terminal" in name or (trunk and seen[stem] == 1)
    chief |= np.any(longest > LASTING, axis=1)
    return chief


def _reverse(valves: ValveStates | None) -> Panel:
    """Flow through the valves that let most blood back, and through the junctions for comparison."""
    title = "Flow through chosen valves"
    note = "Above zero towards the heart or from the skin inwards, below zero back."
    if valves is None:
        return Panel("reverse", title, "mL/s", note, ())
    total = valves.reversed_volume.max(axis=1)
    junctions = ("great saphenous, terminal valve", "small saphenous, terminal valve")
    terminal = [number for number, name in enumerate(valves.names) if name in junctions]
    most = [int(number) for number in np.argsort(-total) if total[number] > 0]
    chosen = list(dict.fromkeys([*terminal, *most]))[:6] or list(range(min(3, len(valves.names))))
    series = tuple(
        Series(valves.names[number], valves.flow[:, number, :], dashed=place % 2 == 1, shown=place < 4)
        for place, number in enumerate(chosen)
    )
    return Panel("reverse", title, "mL/s", note, series)
