"""Where in a body an instrument is put: from a name to cells, faces, beds and shares of them.

Members of a batch share one topology but not one stature, so the cell that lies at a given height, and the share of
a cell that lies under a cuff, are looked up member by member.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any

import jax
import numpy as np
from jaxtyping import Array, Float

from venolymph.errors import MeasureError, nearest
from venolymph.measures.reading import Recorded
from venolymph.measures.settings import setting
from venolymph.measures.signals import plain, space
from venolymph.network.parameters import Parameters

ANKLE = "ankle"
"""Name of the place where a vein's pressure at the ankle is taken."""
ANKLE_SEGMENT = "great saphenous, calf"
ANKLE_HEIGHT = setting("ankle.height")
"""Height above the malleolus at which ankle pressure is read, cm."""


def unknown(what: str, name: str, allowed: Iterable[str]) -> MeasureError:
    """The error for an unknown name."""
    names = list(allowed)
    near = nearest(name, names)
    shown = ", ".join(names[:12]) + (f" and {len(names) - 12} more" if len(names) > 12 else "")
    return MeasureError(
        f"there is no {what} named {name!r}", hint=f"did you mean {near!r}?" if near else f"there are: {shown}"
    )


def topology(run: Recorded) -> Any:
    """The network that all members share."""
    return run.bodies[0].topology


def parameters(run: Recorded) -> Parameters:
    """Parameters of all members side by side: those the run was made with where it says so, else the bodies'."""
    if run.parameters is not None:
        return jax.tree.map(plain, run.parameters)

    def joined(*leaves: Any) -> Any:
        leaves = tuple(plain(leaf) for leaf in leaves)
        return space(*leaves).concatenate(leaves, axis=-1)

    return jax.tree.map(joined, *[body.parameters for body in run.bodies])


def batch(run: Recorded) -> int:
    """Number of members."""
    return len(run.bodies)


def vein_places(run: Recorded) -> list[str]:
    """Names of places in veins: `ankle` of a leg, segments, cells."""
    segments = run.bodies[0].segments
    return [*([ANKLE] if ANKLE_SEGMENT in segments else ()), *segments, *topology(run).cells]


def segment_places(run: Recorded) -> list[str]:
    """Names of the segments."""
    return list(run.bodies[0].segments)


def segment_groups(run: Recorded) -> list[str]:
    """Names of the segments, and of groups of them by their first words (`great saphenous`)."""
    names = list(run.bodies[0].segments)
    groups = [", ".join(name.split(", ")[:stop]) for name in names for stop in range(1, name.count(", ") + 1)]
    return list(dict.fromkeys([*names, *groups]))


def segments_of(run: Recorded, place: str) -> list[str]:
    """The segments that a name or a group stands for."""
    names = [name for name in run.bodies[0].segments if name == place or name.startswith(f"{place}, ")]
    if not names:
        raise unknown("vein segment", place, segment_groups(run))
    return names


def region_places(run: Recorded) -> list[str]:
    """Names of the regions."""
    return list(run.bodies[0].regions)


def valve_places(run: Recorded) -> list[str]:
    """Names of the valves."""
    return list(topology(run).valves)


def cell_of(run: Recorded, place: str) -> np.ndarray:
    """The cell at a place in each member: the one at a segment's middle, or the named one. Shape (batch,)."""
    if place == ANKLE:
        return np.array([_nearest_cell(body, ANKLE_SEGMENT, ANKLE_HEIGHT) for body in run.bodies])
    if place in run.bodies[0].segments:
        return np.array([_middle_cell(body, place) for body in run.bodies])
    cells = topology(run).cells
    if place in cells:
        return np.full(batch(run), cells.index(place))
    raise unknown("vein", place, vein_places(run))


def segment(run: Recorded, name: str) -> Any:
    """The segment of that name, as it is in the first member."""
    segments = run.bodies[0].segments
    if name not in segments:
        raise unknown("vein segment", name, segments)
    return segments[name]


def _middle_cell(body: Any, name: str) -> int:
    part = body.segments[name]
    return _nearest_cell(body, name, 0.5 * (part.heights[0] + part.heights[-1]))


def _nearest_cell(body: Any, name: str, height: float) -> int:
    if name not in body.segments:
        raise unknown("vein segment", name, body.segments)
    part = body.segments[name]
    return part.cells[int(np.argmin(np.abs(np.asarray(part.heights) - height)))]


def pick(values: Any, cells: np.ndarray) -> Float[Array, "samples batch"]:
    """The trace of one cell for each member, out of `(samples, cells, batch)`."""
    if np.all(cells == cells[0]):
        return plain(values[:, int(cells[0]), :])
    return plain(values)[:, cells, np.arange(len(cells))]


def region_shares(run: Recorded, name: str) -> np.ndarray:
    """Share of each cell that lies in a region. Shape (cells, batch)."""
    if name not in run.bodies[0].regions:
        raise unknown("region", name, run.bodies[0].regions)
    shares = np.zeros((topology(run).n_cells, batch(run)))
    for member, body in enumerate(run.bodies):
        for cell, share in body.regions[name].items():
            shares[cell, member] = share
    return shares


def inside(values: Any, shares: np.ndarray) -> Float[Array, "samples batch"]:
    """Sum over the cells (or beds, faces) of values times shares: `(samples, cells, batch)` to `(samples, batch)`."""
    used = np.flatnonzero(np.any(shares != 0, axis=1))
    held = plain(values)[:, used, :]
    return space(held).einsum("ncb,cb->nb", held, shares[used])


def beds_in(run: Recorded, regions: Sequence[str]) -> np.ndarray:
    """Share of each bed that feeds cells of the regions. Shape (beds, batch)."""
    shares = sum(region_shares(run, name) for name in regions)
    return np.clip(np.asarray(shares)[list(topology(run).bed_cell)], 0.0, 1.0)


def lumen(run: Recorded, cells: Sequence[int], at: slice = slice(None)) -> Float[Array, "samples cells batch"]:
    """Lumen of one vessel in each of some cells over time, cm2."""
    of = parameters(run).cells
    index = np.asarray(cells)
    return plain(run.volume)[at][:, index, :] / (of.length * of.vessels)[index]


def chain_faces(run: Recorded, name: str) -> list[tuple[int, int, int]]:
    """Faces along a segment as (face, tail cell, head cell), from distal to proximal.

    Only faces between two of its cells; a segment of one cell has the faces that lead out of it instead.
    """
    part = segment(run, name)
    network = topology(run)
    own = set(part.cells)
    found = []
    for face, (tail, head) in enumerate(zip(network.tail, network.head, strict=True)):
        if tail in own and head in own:
            found.append((face, tail, head))
    if not found:
        for face, (tail, head) in enumerate(zip(network.tail, network.head, strict=True)):
            if tail in own:
                found.append((face, tail, head if head < network.n_cells else tail))
    return found
