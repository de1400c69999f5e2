"""Collapse of veins: lumen over unstressed lumen, and which veins are shut."""

from __future__ import annotations

import numpy as np
from jaxtyping import Array, Bool, Float

from venolymph.measures.episodes import episodes, first_start, window
from venolymph.measures.places import cell_of, lumen, parameters, segment, segment_places, topology, vein_places
from venolymph.measures.reading import Found, Measure, Recorded, Trace
from venolymph.measures.settings import setting
from venolymph.measures.signals import interval_weights, plain, space, weighted

SHUT = setting("collapse.shut")
"""Share of its lumen at zero pressure across the wall below which a vein counts as shut: its walls touch."""


def fullness(run: Recorded) -> Float[Array, "samples cells batch"]:
    """Lumen of each cell over its lumen at zero pressure across the wall."""
    of = parameters(run).cells
    return lumen(run, range(topology(run).n_cells)) / of.unstressed_area


def in_use(run: Recorded) -> Bool[Array, "cells batch"]:
    """Whether each cell exists in a member: those of absent spare vessels have no open face."""
    network = topology(run)
    is_open = parameters(run).faces.open > 0
    nodes = np.arange(network.n_cells)
    touches = (nodes[:, None] == network.tail) | (nodes[:, None] == network.head)
    return space(is_open).einsum("cf,fb->cb", touches.astype(float), is_open.astype(float)) > 0


def _shut(run: Recorded) -> Bool[Array, "samples cells batch"]:
    return (fullness(run) < SHUT) & in_use(run)


def _weights(run: Recorded) -> np.ndarray:
    return interval_weights(np.asarray(run.time), first_start(run), *window(run, episodes(run)[-1]))


def _along(run: Recorded, name: str, shut: Bool[Array, "samples cells batch"]) -> Float[Array, "samples batch"]:
    """Share of a segment's length that is shut, over time."""
    cells = np.asarray(segment(run, name).cells)
    length = parameters(run).cells.length[cells]
    return space(shut, length).einsum("ncb,cb->nb", shut[:, cells].astype(float), length) / length.sum(axis=0)


def _everywhere(run: Recorded) -> Found:
    shut = _shut(run)
    along = {name: _along(run, name, shut) for name in segment_places(run)}
    number = plain(sum((share > 0).astype(float) for share in along.values()))
    parts = {name: weighted(_weights(run), share) for name, share in along.items()}
    return Found(weighted(_weights(run), number), Trace(np.asarray(run.time), number, "1"), parts)


def _one(run: Recorded, place: str) -> Found:
    share = 100 * _along(run, place, _shut(run))
    return Found(weighted(_weights(run), share), Trace(np.asarray(run.time), share, "%"))


def _fullness(run: Recorded, place: str) -> Found:
    cells, members = cell_of(run, place), np.arange(len(run.bodies))
    values = fullness(run)[:, cells, members]
    return Found(weighted(_weights(run), values), Trace(np.asarray(run.time), values, "1"))


MEASURES = (
    Measure(
        "collapsed veins",
        "1",
        "number of vein segments that are shut somewhere, mean over whole gait cycles of the last 20 s",
        "collapse",
        _everywhere,
        aliases=("collapse",),
        differentiable=False,
    ),
    Measure(
        "collapse of {place}",
        "%",
        "share of a segment's length that is shut, mean over whole gait cycles of the last 20 s",
        "collapse",
        _one,
        differentiable=False,
        places=segment_places,
        on="any",
    ),
    Measure(
        "fullness of {place}",
        "1",
        "lumen of a vein over its lumen at zero pressure across the wall, mean over the last 20 s",
        "collapse",
        _fullness,
        places=vein_places,
        on="any",
    ),
)
