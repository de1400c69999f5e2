"""What a typical day does to walls, read from a run of it: transmural pressure, net flow and lumen by posture.

Flow counts as the net flow of each posture over whole cycles of movement: blood that sways to and fro would else hold a
vein open that is cut off. Logarithms of means over days are taken, not means of logarithms of moments.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

import equinox as eqx
import jax
import jax.numpy as jnp
import numpy as np
from jaxtyping import Array, Float

from venolymph.network.parameters import Parameters, Valves
from venolymph.network.topology import Topology
from venolymph.network.valve import open_share_when_shut
from venolymph.network.wall import transmural_pressure
from venolymph.simulation import Run
from venolymph.wall.law import Loads
from venolymph.wall.state import WallPlaces
from venolymph.wall.typical_day import POSTURES, ShortDay


class PostureMeans(eqx.Module):
    """Means of a posture by place.

    Attributes:
        pressure: transmural, mmHg.
        flow: along the vein towards the heart, or through the perforator inwards, mL/s.
        square: of the radius of one vessel, cm2.
        annulus: lumen of one vessel at each valve, cm2.
    """

    pressure: Float[Array, "places batch"]
    flow: Float[Array, "places batch"]
    square: Float[Array, "places batch"]
    annulus: Float[Array, "valves batch"]


@dataclass(frozen=True)
class DayPart:
    """A part of a day.

    Attributes:
        posture: one of `POSTURES`, or "massage".
        share: of the day, 1.
        means: of its places.
    """

    posture: str
    share: float
    means: PostureMeans


class HealthyDay(eqx.Module):
    """Loads of the healthy leg on its typical day.

    Attributes:
        tension: mmHg cm2.
        shear: mmHg.
        standing: radius standing, cm.
    """

    tension: Float[Array, "places one"]
    shear: Float[Array, "places one"]
    standing: Float[Array, "places one"]


def posture_means(run: Run, day: ShortDay, places: WallPlaces) -> dict[str, PostureMeans]:
    """Means of each posture of a short day."""
    last = {posture: _rows(run, day, posture) for posture in POSTURES}
    return {posture: means(run, rows, places) for posture, rows in last.items()}


def massage_means(run: Run, places: WallPlaces) -> PostureMeans:
    """Means over a session of massage: all of a run that does nothing else.

    Pressure across walls is that of the mean lumen, creep complete, since hands press through no surrounding.
    """
    found = means(run, np.arange(len(run.time)), places)
    cells = run.parameters.cells
    wide = np.asarray(cells.unstressed_area).copy()
    wide[list(places.cells)] = np.pi * np.asarray(found.square)[: len(places.cells)]
    stretch = jnp.asarray(wide) / cells.unstressed_area
    creep = cells.relaxation_gain * jnp.maximum(0.0, stretch - 1.0) / (1.0 + cells.relaxation_gain)
    # at rest a lumen is a_e + beta (a_e - 1), which is a_e (1 + creep)
    elastic = stretch - creep
    pressure = transmural_pressure(cells, elastic, jnp.zeros_like(elastic))[np.array(places.cells)]
    return replace(found, pressure=found.pressure.at[: len(places.cells)].set(pressure))


def means(run: Run, rows: np.ndarray, places: WallPlaces) -> PostureMeans:
    """Means over some samples of a run.

    Args:
        run: the run.
        rows: which samples.
        places: of which veins.
    """
    cells = run.parameters.cells
    lasts = np.array([phase.sample for phase in run.phases])[run.phase_of_sample[rows]]
    weight = (lasts / lasts.sum())[:, None, None]
    pressure, volume, flow, around = (
        (weight * run.rows(name, rows)).sum(axis=0)
        for name in ("mean_pressure", "mean_volume", "mean_flow", "surroundings")
    )
    slots = np.array(run.topology.surrounded)
    outside = (np.asarray(cells.share) * around[slots]).sum(axis=1)
    lumen = volume / np.asarray(cells.length * cells.vessels)
    index, bores, topology = list(places.cells), list(places.faces), run.topology
    bore = np.asarray(run.parameters.faces.channel_area)
    through = np.array(topology.tail)[bores]
    along = _axial_flow(topology, run.parameters, flow)
    valve_face = np.array(topology.valve_face)[list(places.valves)]
    in_channel = np.asarray(run.parameters.valves.in_channel)[list(places.valves)] > 0.5
    tails = np.array(topology.tail)[valve_face]
    return PostureMeans(
        pressure=jnp.asarray(np.concatenate([(pressure - outside)[index], (pressure - outside)[through]])),
        flow=jnp.asarray(np.concatenate([along[index], flow[bores]])),
        square=jnp.asarray(np.concatenate([lumen[index], bore[bores]]) / np.pi),
        annulus=jnp.asarray(np.where(in_channel, bore[valve_face], lumen[tails])),
    )


def _rows(run: Run, day: ShortDay, posture: str) -> np.ndarray:
    """Samples of a posture that count: settled, and whole cycles of movement."""
    phases = [number for number, phase in enumerate(run.phases) if phase.marks.step in day.windows[posture]]
    if posture == "lying":
        phases = phases[-1:]
    elif posture == "walking":
        phases = [number for number in phases if run.phases[number].marks.stage == "cycles"]
    rows = np.flatnonzero(np.isin(run.phase_of_sample, phases))
    if posture == "walking":  # the last third, in whole steps
        cycles = run.phases[phases[0]].marks.gait_cycles or 1
        rows = rows[-round(len(rows) * max(1, cycles // 3) / cycles) :]
    return rows


def _axial_flow(topology: Topology, parameters: Parameters, flow: np.ndarray) -> np.ndarray:
    """Flow along each cell, mL/s: mean of the faces that run along it, by the share of its length."""
    shape = (topology.n_cells, flow.shape[-1])
    total, shares = np.zeros(shape), np.zeros(shape)
    ends = ((topology.tail, parameters.faces.tail_share), (topology.head, parameters.faces.head_share))
    for nodes, share in ends:
        at, part = np.array(nodes), np.asarray(share)
        inner = at < topology.n_cells
        np.add.at(total, at[inner], (part * flow)[inner])
        np.add.at(shares, at[inner], np.broadcast_to(part, flow.shape)[inner])
    return total / np.where(shares > 0.0, shares, 1.0)


def healthy_day(parts: Sequence[DayPart], parameters: Parameters, places: WallPlaces) -> HealthyDay:
    """Loads of the healthy leg from the parts of its day."""
    tension, shear = _day_means(parts, parameters, places)
    return HealthyDay(tension, shear, jnp.sqrt(standing(parts).square))


def day_loads(parts: Sequence[DayPart], healthy: HealthyDay, parameters: Parameters, places: WallPlaces) -> Loads:
    """Loads of a day.

    Args:
        parts: of the day.
        healthy: the healthy leg's typical day.
        parameters: that the means were found with.
        places: of which veins.
    """
    tension, shear = _day_means(parts, parameters, places)
    upright = np.array([part.share if part.posture in POSTURES[1:] else 0.0 for part in parts])
    annulus = standing(parts).annulus
    whole = eqx.tree_at(lambda v: v.leak, _valves(parameters, places), jnp.zeros_like(annulus))
    return Loads(
        # a garment can press harder than the blood inside, and a wall does not push
        tension=jnp.maximum(tension, 0.0),
        healthy_tension=healthy.tension,
        shear=shear,
        healthy_shear=healthy.shear,
        stretch=jnp.stack([jnp.sqrt(part.means.square) for part in parts]) / healthy.standing,
        upright=jnp.asarray(upright / max(upright.sum(), 1e-12)),
        gap=open_share_when_shut(whole, annulus),
    )


def mean_pressure(parts: Sequence[DayPart]) -> Float[Array, "places batch"]:
    """Transmural pressure, mean of the day, mmHg."""
    return jnp.asarray(sum(part.share * part.means.pressure for part in parts))


def standing(parts: Sequence[DayPart]) -> PostureMeans:
    """Means of standing, without a garment where there is a part of the day without one."""
    return next(part.means for part in parts if part.posture == "standing")


def leak(found: PostureMeans, parameters: Parameters, places: WallPlaces) -> Float[Array, "valves batch"]:
    """Open share of each shut valve in a posture, 1: of leaflets for good, and of an annulus too wide for them."""
    return open_share_when_shut(_valves(parameters, places), found.annulus)


def _valves(parameters: Parameters, places: WallPlaces) -> Valves:
    return jax.tree.map(lambda array: array[np.array(places.valves)], parameters.valves)


def _day_means(parts: Sequence[DayPart], parameters: Parameters, places: WallPlaces) -> tuple[Array, Array]:
    """Tension, mmHg cm2, and shear, mmHg, of a day."""
    vessels = jnp.concatenate(
        [parameters.cells.vessels[list(places.cells), :], parameters.faces.channel_vessels[list(places.faces), :]]
    )
    drag = 4.0 * parameters.fluid.viscosity / jnp.pi / vessels
    tension = sum(part.share * part.means.pressure * part.means.square for part in parts)
    shear = sum(part.share * drag * jnp.abs(part.means.flow) / part.means.square**1.5 for part in parts)
    return jnp.asarray(tension), jnp.asarray(shear)
