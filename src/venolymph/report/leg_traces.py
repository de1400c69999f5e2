"""Traces of a leg from the arrays of a run: at a place, inside a region, into and out of the leg."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np

from venolymph.measures.other_leg import OTHER

_DEEP_FIRST = ("posterior tibial", "popliteal", "femoral", "common femoral")


def in_legs(bodies: Sequence[Any]) -> tuple[str, str]:
    """What the leg that is read first is called, and what the other one: by sides where they are those of everybody."""
    sides = {body.index_side for body in bodies}
    if len(sides) > 1:
        return "leg asked about", "other leg"
    side = sides.pop()
    return f"{side} leg", f"{'right' if side == 'left' else 'left'} leg"


def own_segments(body: Any) -> dict[str, Any]:
    """Veins of the leg asked about, by name: neither trunk nor the other leg, nor lumps of small veins."""
    return {name: segment for name, segment in _all_of_leg(body).items() if segment.kind != "lump"}


def _all_of_leg(body: Any) -> dict[str, Any]:
    """Segments of the leg asked about, by name, small veins of muscle and skin among them."""
    return {
        name: segment
        for name, segment in body.segments.items()
        if segment.kind != "trunk" and not name.startswith(OTHER)
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
    """Which cells belong to the leg asked about, small veins of muscle and skin among them, shape (cells,), boolean."""
    mask = np.zeros(len(body.topology.cells), bool)
    for segment in _all_of_leg(body).values():
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
