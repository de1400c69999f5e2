"""What each valve did when: open, shut, or letting blood run backwards."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np

from venolymph.report.panels import Panel, Series

BACKWARDS = 0.2
"""Flow against a valve's direction beyond which it is shown as reverse flow, mL/s: enough to leave out rounding and
the drop that closes a healthy valve, well below what a duplex probe would call reflux in a trunk."""
LASTING = 1.0
"""Valves through which blood ran backwards for longer than this at a stretch are drawn before somebody asks, s."""
SHUT, PARTLY, OPEN, REVERSED = range(4)
"""State of a valve as the report draws it."""
STATES = ("closed", "partly open", "open", "blood runs backwards")


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


def valve_states(run: Any) -> ValveStates | None:
    """What each valve that is in use did; None where there is none."""
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


def reverse_flow(valves: ValveStates | None) -> Panel:
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
