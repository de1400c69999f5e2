"""The charts of a report: pressure, flow, blood, tissue fluid and lymph over time."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np

from venolymph.report.leg_traces import inflow, inside, outflow, trace_at


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


def pressures(run: Any) -> Panel:
    """Pressure in superficial and deep veins at ankle, calf and thigh, mmHg."""
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
        "Solid lines are superficial veins, dashed lines deep ones. Above the room's air, at the vein's own height.",
        tuple(found),
    )


def flows(run: Any) -> Panel:
    """Blood into and out of the leg, mL/s."""
    return Panel(
        "flow",
        "Blood into and out of the leg",
        "mL/s",
        "Where the outflow lies above the inflow the leg empties. Below zero blood runs back into the leg.",
        (Series("in, from the arteries", inflow(run)), Series("out, towards the heart", outflow(run), dashed=True)),
    )


def volumes(run: Any) -> Panel:
    """Blood in the veins by region, mL."""
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


def tissue_and_lymph(run: Any) -> list[Panel]:
    """Tissue fluid and lymph, where they were simulated."""
    if run.tissue is None:
        return []
    time = np.asarray(run.exchange("exchange_time"), float)
    fluid = np.asarray(run.exchange("tissue_volume"), float)
    compartments = run.tissue.legs[0].compartments
    parts = dict.fromkeys(compartment.region for compartment in compartments)

    def laid(values: np.ndarray) -> np.ndarray:
        columns = (np.interp(run.time, time, column) for column in values.T)
        return np.stack(list(columns), axis=1)

    def change(region: str) -> np.ndarray:
        own = list(run.tissue.legs[0].within(region))
        held = fluid[:, own].sum(axis=1)
        return laid(held - held[0])

    edges = np.append(float(run.phases[0].start), time)

    own = [number for number, patch in enumerate(run.tissue.legs[0].patches) if patch.leg == "index"]

    def flow(name: str) -> np.ndarray:
        amounts = np.asarray(run.exchange(name), float)
        amounts = amounts[:, own] if amounts.ndim == 3 else amounts
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
