"""Duplex ultrasound: how wide a vein is, how fast blood runs in it, and for how long it runs back.

A probe cannot stand where the cuff is, so after a cuff is let go a vein is read outside it. In a perforator, blood runs
back where it runs outwards.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import numpy as np
from jaxtyping import Array, Float

from venolymph.errors import MeasureError
from venolymph.measures.episodes import RESTING, Episode, episodes, first_start, last, samples, window
from venolymph.measures.places import (
    cell_of,
    chain_faces,
    lumen,
    parameters,
    region_shares,
    segment_groups,
    segment_places,
    segments_of,
    topology,
    vein_places,
)
from venolymph.measures.reading import Found, Measure, Recorded, Trace
from venolymph.measures.recognise import CALF, REST, for_long, is_lying, is_standing, released, straining
from venolymph.measures.settings import setting
from venolymph.measures.signals import interval_weights, longest_above, plain, space, weighted

REVERSE = setting("duplex.reverse_velocity")
"""Backward velocity above which flow counts as reverse, cm/s: slower flow cannot be told from none on a screen."""
SAPHENOUS = "great saphenous, thigh"
"""Vein whose change of diameter with posture is read, at the middle of the thigh."""


PERFORATOR = "perforator"
"""Prefix of the names of perforators."""
COVERED = 0.5
"""Share of a cell under a cuff from which on no probe fits there, 1."""


def velocities(run: Recorded, name: str, at: slice, shell: str | None = None) -> Float[Array, "samples faces batch"]:
    """Velocity toward the heart, mean over the lumen, at each face along a vein, cm/s.

    Args:
        run: the run.
        name: of a segment or a perforator.
        at: samples.
        shell: surrounding that a cuff pressed with; faces under it are left out.
    """
    of = parameters(run)
    found = []
    for face, tail, head in _faces(run, name):
        if shell is not None and _covered(run, shell)[[tail, head]].max() > COVERED:
            continue
        if name.startswith(PERFORATOR):
            area = (of.faces.channel_area * of.faces.channel_vessels)[face]
        else:
            vessels = of.cells.vessels
            area = 0.5 * (lumen(run, [tail], at) * vessels[tail] + lumen(run, [head], at) * vessels[head])[:, 0]
        found.append(plain(run.flow)[at][:, face, :] / area)
    if not found:
        return plain(run.flow)[at][:, :0, :]
    return space(*found).stack(found, axis=1)


def _faces(run: Recorded, name: str) -> list[tuple[int, int, int]]:
    if not name.startswith(PERFORATOR):
        return chain_faces(run, name)
    network = topology(run)
    face = network.faces.index(name)
    return [(face, network.tail[face], network.head[face])]


def _covered(run: Recorded, shell: str) -> np.ndarray:
    """Share of each cell that lies under what presses with a surrounding, in the member where it is largest."""
    region = shell.removesuffix(" shell")
    if region not in run.bodies[0].regions:
        return np.zeros(topology(run).n_cells)
    return region_shares(run, region).max(axis=1)


def _perforators(run: Recorded) -> list[str]:
    return [name for name in topology(run).faces if name.startswith(PERFORATOR)]


def reflux_places(run: Recorded) -> Sequence[str]:
    """Names of segments, groups of them, and perforators."""
    return [*segment_groups(run), *_perforators(run)]


def _middle_velocity(run: Recorded, place: str, at: slice) -> Float[Array, "samples batch"]:
    every = velocities(run, place, at)
    return every[:, every.shape[1] // 2]


def _mean(run: Recorded, values: Float[Array, "samples batch"], episode: Episode) -> Float[Array, " batch"]:
    return weighted(interval_weights(np.asarray(run.time), first_start(run), *window(run, episode)), values)


def _velocity(run: Recorded, place: str) -> Found:
    values = _middle_velocity(run, place, slice(None))
    mean = _mean(run, values, episodes(run)[-1])
    latest = values[samples(run, episodes(run)[-1].end - RESTING, episodes(run)[-1].end)]
    parts = {"highest": space(latest).max(latest, axis=0), "lowest": space(latest).min(latest, axis=0)}
    return Found(mean, Trace(np.asarray(run.time), values, "cm/s"), parts)


def _peak_velocity(run: Recorded, place: str) -> Found:
    found = _velocity(run, place)
    return Found(found.parts["highest"], found.trace, found.parts)


def _reverse(run: Recorded, place: str, start: float, end: float, shell: str | None = None) -> Found:
    """Longest and strongest reverse flow among the places along a vein, or a group of segments."""
    at = samples(run, start, end)
    time = np.asarray(run.time)[at]
    names = [place] if place in _perforators(run) else segments_of(run, place)
    durations, peaks, middle = {}, {}, None
    for name in names:
        backward = -velocities(run, name, at, shell)
        if backward.shape[1] == 0:
            continue
        xp = space(backward)
        durations[name] = xp.max(longest_above(time, backward, REVERSE), axis=0)
        peaks[name] = xp.maximum(xp.max(backward, axis=(0, 1)), 0.0)
        middle = -backward[:, backward.shape[1] // 2] if middle is None else middle
    if middle is None:
        raise MeasureError(f"{place!r} lies under the cuff, where no probe fits", hint="ask for a vein outside it")
    longest, peak = _greatest(durations), _greatest(peaks)
    parts = {"duration": longest, "peak": peak, "by segment, s": durations}
    return Found(longest, Trace(time - start, middle, "cm/s"), parts)


def _greatest(by_name: Mapping[str, Float[Array, " batch"]]) -> Float[Array, " batch"]:
    values = list(by_name.values())
    return space(*values).max(space(*values).stack(values), axis=0)


def _reflux_duration(run: Recorded, place: str) -> Found:
    return _reverse(run, place, *released(run, CALF, "standing"), CALF)


def _reflux_peak(run: Recorded, place: str) -> Found:
    found = _reflux_duration(run, place)
    return Found(found.parts["peak"], found.trace, found.parts)


def _straining_reflux(run: Recorded, place: str) -> Found:
    return _reverse(run, place, *straining(run))


def areas(run: Recorded, place: str) -> Float[Array, "samples batch"]:
    """Lumen of one vessel at a place over time, cm2."""
    of = parameters(run).cells
    cells, members = cell_of(run, place), np.arange(len(run.bodies))
    one = (of.length * of.vessels)[cells, members]
    return plain(run.volume)[:, cells, members] / one


def _diameter_mm(area: Float[Array, "*shape"]) -> Float[Array, "*shape"]:
    return 10 * space(area).sqrt(4 * area / np.pi)


def _cross_section(run: Recorded, place: str) -> Found:
    values = 100 * areas(run, place)
    return Found(_mean(run, values, episodes(run)[-1]), Trace(np.asarray(run.time), values, "mm2"))


def _diameter(run: Recorded, place: str) -> Found:
    values = _diameter_mm(areas(run, place))
    return Found(_mean(run, values, episodes(run)[-1]), Trace(np.asarray(run.time), values, "mm"))


def _postural_change(run: Recorded, place: str = SAPHENOUS) -> Found:
    (lying,) = last(run, f"lying flat for {REST:g} s", for_long(is_lying))
    (standing,) = last(run, f"standing still for {REST:g} s", for_long(is_standing))
    values = _diameter_mm(areas(run, place))
    narrow, wide = _mean(run, values, lying), _mean(run, values, standing)
    trace = Trace(np.asarray(run.time), values, "mm")
    return Found(100 * (wide - narrow) / wide, trace, {"lying": narrow, "standing": wide})


def _saphenous_change(run: Recorded) -> Found:
    return _postural_change(run)


MEASURES = (
    Measure(
        "velocity in {place}",
        "cm/s",
        "velocity toward the heart at the middle of a vein, mean over whole gait cycles of the last 20 s",
        "duplex",
        _velocity,
        places=segment_places,
        on="any",
    ),
    Measure(
        "peak velocity in {place}",
        "cm/s",
        "greatest velocity toward the heart at the middle of a vein, mean over its lumen, in the last 20 s",
        "duplex",
        _peak_velocity,
        places=segment_places,
        on="any",
    ),
    Measure(
        "reflux duration in {place}",
        "s",
        "how long blood runs back faster than 1 cm/s outside a calf cuff that is let go while standing",
        "duplex",
        _reflux_duration,
        manoeuvre="reflux-test",
        places=reflux_places,
    ),
    Measure(
        "peak reflux velocity in {place}",
        "cm/s",
        "greatest backward velocity outside a calf cuff that is let go while standing",
        "duplex",
        _reflux_peak,
        manoeuvre="reflux-test",
        places=reflux_places,
    ),
    Measure(
        "reflux duration on straining in {place}",
        "s",
        "how long blood runs back faster than 1 cm/s while straining",
        "duplex",
        _straining_reflux,
        manoeuvre="valsalva",
        places=reflux_places,
    ),
    Measure(
        "diameter of {place}",
        "mm",
        "diameter of a circle as large as the vein's lumen, mean over the last 20 s",
        "duplex",
        _diameter,
        places=vein_places,
        on="any",
    ),
    Measure(
        "cross-section of {place}",
        "mm2",
        "lumen of the vein, mean over the last 20 s",
        "duplex",
        _cross_section,
        places=vein_places,
        on="any",
    ),
    Measure(
        "saphenous postural change",
        "%",
        "great saphenous vein at mid thigh: what its diameter lying lacks of its diameter standing",
        "duplex",
        _saphenous_change,
        manoeuvre="lying-and-standing",
    ),
    Measure(
        "postural change of {place}",
        "%",
        "what a vein's diameter lying lacks of its diameter standing",
        "duplex",
        _postural_change,
        manoeuvre="lying-and-standing",
        places=vein_places,
    ),
)
