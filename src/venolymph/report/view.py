"""What a report shows of a run: chosen traces, the valves' state, the timeline, as plain numpy arrays.

Everything that draws (the page, the pictures) takes it from here, so that they show the same. Arrays are
`(samples, members)`; times in s, pressures in mmHg, volumes in mL, flows in mL/s.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from typing import Any

import numpy as np

from venolymph.measures.other_leg import SeenFromOtherLeg
from venolymph.report.conditions import labels
from venolymph.report.face import face_panels, is_face
from venolymph.report.leg_traces import in_legs
from venolymph.report.panels import Panel, flows, pressures, tissue_and_lymph, volumes
from venolymph.report.valve_states import ValveStates, reverse_flow, valve_states


@dataclass(frozen=True)
class Band:
    """Neighbouring phases of one kind and label: a stretch of the timeline, start and stop in s."""

    label: str
    kind: str
    start: float
    stop: float


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
    valves = valve_states(run)
    panels = _panels(run, valves)
    return View(
        members=tuple(str(label) for label in run.members),
        regimen=str(run.regimen.regimen),
        time=np.asarray(run.time, float),
        phase_of_sample=np.asarray(run.phase_of_sample),
        periods=tuple(phase.period for phase in run.phases),
        bands=bands(run.phases),
        panels=tuple(panels),
        valves=valves,
        panel={panel.key: panel for panel in panels},
    )


def _panels(run: Any, valves: ValveStates | None) -> list[Panel]:
    """The charts; where both legs are in full each of them twice, one leg's below the other's."""

    def of(seen: Any, states: ValveStates | None) -> list[Panel]:
        return [pressures(seen), flows(seen), volumes(seen), *tissue_and_lymph(seen), reverse_flow(states)]

    if is_face(run):
        return [panel for panel in (*face_panels(run), reverse_flow(valves)) if panel.series]
    own = of(run, valves)
    if run.bodies[0].legs != "both":
        return [panel for panel in own if panel.series]
    seen = SeenFromOtherLeg(run)
    one, second = in_legs(run.bodies)
    panels: list[Panel] = []
    for panel, there in zip(own, of(seen, valve_states(seen)), strict=True):
        panels.append(replace(panel, title=f"{panel.title}, {one}"))
        panels.append(replace(there, key=f"other-leg-{there.key}", title=f"{there.title}, {second}"))
    return [panel for panel in panels if panel.series]


def bands(phases: Sequence[Any]) -> tuple[Band, ...]:
    """The timeline: neighbouring phases of one kind and label are one band."""
    found: list[Band] = []
    for phase, label in zip(phases, labels(phases), strict=True):
        stop = float(phase.start + phase.duration)
        if found and (found[-1].label, found[-1].kind) == (label, phase.kind):
            found[-1] = Band(label, phase.kind, found[-1].start, stop)
        else:
            found.append(Band(label, str(phase.kind), float(phase.start), stop))
    return tuple(found)
