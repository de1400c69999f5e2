"""A leg whose walls grow: its parameters, its day, and what a clinic would read of it, at any slow state.

Pressure, flow and lumen by posture come from runs of a typical day in short by the fast engine, which knows nothing of
weeks. The healthy twin's day is the reference.
"""

from __future__ import annotations

from dataclasses import dataclass, replace

import jax
import jax.numpy as jnp
import numpy as np
from jaxtyping import Array, Float

from venolymph.body import Body, Person, leg_body
from venolymph.body.pregnancy import wall_compliance
from venolymph.body.structure import structure
from venolymph.compression.garment import Garment
from venolymph.figures import load
from venolymph.network.parameters import Parameters, stack
from venolymph.network.wall import stretch_at
from venolymph.simulation import Run, simulate
from venolymph.wall.apply import AsDocumented, grown, operated, softened
from venolymph.wall.buckling import AxialHold, length_for, tortuosity
from venolymph.wall.growth import growth_of, hold_of, value
from venolymph.wall.law import Bias, Growth, Loads, settled
from venolymph.wall.life import YEAR, DayHours, Situation
from venolymph.wall.loads import (
    DayPart,
    HealthyDay,
    PostureMeans,
    day_loads,
    healthy_day,
    leak,
    massage_means,
    mean_pressure,
    posture_means,
    standing,
)
from venolymph.wall.state import SlowWall, WallPlaces, places_of
from venolymph.wall.twin import healthy_twin
from venolymph.wall.typical_day import POSTURES, massage_session, short_day, usual_hours

OVERRIDE = "the wall over years, an experiment on the model"
"""Of runs within a life, which passed the gate as a whole (`wall.allowed`)."""
SESSION_DAYS = 45.0 / 1440.0
"""How long a session of massage counts, days."""
ABDOMEN = "posture.abdomen.pressure"

_stretch_at = jax.jit(stretch_at)


@dataclass(frozen=True)
class LegDay:
    """A day of a leg.

    Attributes:
        loads: on its walls.
        standing: means of standing, without a garment unless it is worn all upright hours.
        pressure: transmural, mean of the day, mmHg.
        leak: open share of each shut valve, standing, 1.
        failed: which members found no solution.
    """

    loads: Loads
    standing: PostureMeans
    pressure: Float[Array, "places batch"]
    leak: Float[Array, "valves batch"]
    failed: np.ndarray


@dataclass(frozen=True)
class Treated:
    """What a session of massage does.

    Attributes:
        means: over it.
        radius: logarithm of the natural radius at which they were found, 1.
    """

    means: PostureMeans
    radius: Float[Array, "places batch"]

    def at(self, wall: SlowWall) -> PostureMeans:
        """The same in veins that have grown since."""
        return replace(self.means, square=self.means.square * jnp.exp(2.0 * (wall.radius - self.radius)))


@dataclass(frozen=True)
class LivingLeg:
    """A leg, or members of a cohort of such legs, whose walls grow.

    Attributes:
        body: the leg.
        places: whose walls grow.
        growth: gains and times.
        begun: as it is documented.
        hold: what holds its veins straight.
        healthy: the healthy twin's typical day.
        bias: what loads do not explain of the documented leg.
        documented_tortuosity: as the document has it, by cell of the places, 1.
        wave: length of the waves in which veins bend, cm, shape (cells of the places, 1).
        standing, lying: transmural pressure at which calibres are read, mmHg, shape (cells of the places, 1).
        drift: loss of the valves' reserve a year, 1.
    """

    body: Body
    places: WallPlaces
    growth: Growth
    begun: AsDocumented
    hold: AxialHold
    healthy: HealthyDay
    bias: Bias
    documented_tortuosity: np.ndarray
    wave: np.ndarray
    standing: np.ndarray
    lying: np.ndarray
    drift: float

    def parameters(self, wall: SlowWall, pressure: Array, situation: Situation, day: float) -> Parameters:
        """Numbers of the network on a day.

        Args:
            wall: the slow state.
            pressure: mean transmural pressure of the day by place, mmHg, at which veins bend.
            situation: what holds.
            day: days from the start.
        """
        bent = tortuosity(self.hold, wall.length[: len(self.places.cells)], pressure[: len(self.places.cells)])
        found = grown(self.begun, self.places, wall, bent)
        weeks = situation.weeks_pregnant(day)
        if weeks:
            found = softened(found, wall_compliance(weeks, lambda key: load()[key].internal))
        if self.drift:
            left = np.exp(-2.0 * self.drift * day / YEAR)
            found = replace_coaptation(found, left)
        return operated(found, self.body.topology, situation.closed, self.gone(situation))

    def gone(self, situation: Situation) -> list[int]:
        """Numbers of the cells that hold no more blood."""
        names = {*situation.ablated, *situation.removed}
        return [cell for cell, name in zip(self.places.cells, self.places.segments, strict=False) if name in names]

    def pushed(self, situation: Situation, day: float) -> Bias:
        """What loads do not explain on a day: of the document, and of hormones."""
        weeks = situation.weeks_pregnant(day)
        share = min(1.0, weeks / load()["pregnancy.wall.from_week"].internal)
        return replace_radius_bias(self.bias, share * value("radius.pregnancy"))

    def day(
        self, wall: SlowWall, pressure: Array, situation: Situation, day: float, treated: Treated | None = None
    ) -> LegDay:
        """A typical day at a slow state.

        Args:
            wall: the slow state.
            pressure: mean transmural pressure of the last day, mmHg.
            situation: what holds.
            day: days from the start.
            treated: what massage does, as `massage` found it, where there is any.
        """
        parameters = self.parameters(wall, pressure, situation, day)
        body = driven(self.body, situation, day)
        worn = situation.garment_share if situation.garment is not None else 0.0
        rubbed = 0.0 if treated is None else situation.massage_per_week * SESSION_DAYS / 7.0
        parts: list[DayPart] = []
        failed = np.zeros(parameters.batch, bool)
        for garment, share in ((None, 1.0 - worn), (situation.garment, worn)):
            if share > 0.0:
                found, wrong = _short_day_of(body, parameters, garment, self.places)
                parts += _parts(found, situation.hours, share, rubbed)
                failed |= wrong
        if treated is not None:
            parts.append(DayPart("massage", rubbed, treated.at(wall)))
        loads = day_loads(parts, self.healthy, parameters, self.places)
        leaks = leak(standing(parts), parameters, self.places)
        return LegDay(loads, standing(parts), mean_pressure(parts), leaks, failed)

    def massage(self, wall: SlowWall, pressure: Array, situation: Situation, day: float) -> Treated | None:
        """What a session of massage does at a slow state; None where there is none. Tissue is left out."""
        if not situation.massage_per_week:
            return None
        parameters = self.parameters(wall, pressure, situation, day)
        run = simulate(
            [self.body] * parameters.batch,
            massage_session(),
            parameters=parameters,
            tissue=False,
            research_override=OVERRIDE,
        )
        return Treated(massage_means(run, self.places), wall.radius)

    def calibre(self, wall: SlowWall, pressure: Array, situation: Situation, day: float) -> dict[str, np.ndarray]:
        """Diameter of one vessel of each cell at equal pressure, mm: `standing` and `lying`; NaN where it is gone."""
        cells = self.parameters(wall, pressure, situation, day).cells
        index = np.array(self.places.cells)
        found = {}
        for name, at in (("standing", self.standing), ("lying", self.lying)):
            everywhere = jnp.zeros_like(cells.unstressed_area).at[index].set(jnp.asarray(at))
            lumen = np.asarray(cells.unstressed_area * _stretch_at(cells, everywhere))[index]
            wide = 20.0 * np.sqrt(lumen / np.pi)
            wide[np.isin(index, self.gone(situation))] = np.nan
            found[name] = wide
        return found


def living_leg(person: Person, reserve: np.ndarray, drift: float = 0.0) -> tuple[LivingLeg, SlowWall, LegDay]:
    """A documented leg, steady on its typical day, with its slow state and that day.

    Args:
        person: whose leg.
        reserve: factor on the diameter at which leaflets no longer meet, one for each member.
        drift: loss of that reserve a year, 1.
    """
    body, twin = leg_body(person), leg_body(healthy_twin(person))
    members = len(reserve)
    sheathed = frozenset(name for name, plan in structure("one").segments.items() if plan.sheathed)
    places = places_of(body, sheathed)
    growth = growth_of(body, places, members)
    usual = usual_hours()
    parameters = replace_coaptation(stack([body.parameters] * members), reserve[None] ** 2)
    well, _ = _short_day_of(twin, twin.parameters, None, places)
    healthy = healthy_day(_parts(well, usual), twin.parameters, places)
    ill, failed = _short_day_of(body, parameters, None, places)
    parts = _parts(ill, usual)
    loads, mean = day_loads(parts, healthy, parameters, places), mean_pressure(parts)
    column, lying = column_pressure(twin)[np.array(places.cells)], np.asarray(well["lying"].pressure)
    lying = lying[: len(places.cells)]
    radius = _radius(body, twin, places, column)
    hold, wave = hold_of(places, np.asarray(ill["standing"].square)[: len(places.cells), 0] ** 0.5)
    index = _documented_tortuosity(body, twin, places)
    count = len(places.cells)
    length = length_for(hold, jnp.asarray(index), mean[:count])
    length = jnp.concatenate([length, jnp.zeros((len(places.faces), members))])
    stretched = np.maximum(0.0, np.exp(radius) / value("damage.threshold") - 1.0)
    since = person.leg.disease_since
    ill_for = value("damage.years") if since is None else float(since)
    damage = 1.0 - np.exp(-ill_for / value("damage.time") * stretched)

    def members_of(array: np.ndarray) -> Array:
        return jnp.asarray(np.repeat(array, members, axis=1))

    wall = SlowWall(
        radius=members_of(radius),
        mass=jnp.zeros((len(places.names), members)),
        damage=members_of(damage),
        length=length,
        leak=parameters.valves.leak[np.array(places.valves)],
    )
    wall, bias = settled(growth, loads, wall)
    begun = AsDocumented(parameters, wall, tortuosity(hold, length[:count], mean[:count]))
    leg = LivingLeg(body, places, growth, begun, hold, healthy, bias, index, wave, column, lying, drift)
    return leg, wall, LegDay(loads, ill["standing"], mean, leak(ill["standing"], parameters, places), failed)


def _parts(found: dict[str, PostureMeans], hours: DayHours, share: float = 1.0, rubbed: float = 0.0) -> list[DayPart]:
    """Parts of a day, or of a share of it; of lying, the part that is spent with massage is taken off, 1."""
    given = {"lying": hours.lying - 24.0 * rubbed, "sitting": hours.sitting}
    given |= {"standing": hours.standing, "walking": hours.walking}
    return [DayPart(posture, share * given[posture] / 24.0, found[posture]) for posture in POSTURES]


def replace_coaptation(parameters: Parameters, factor: float | np.ndarray) -> Parameters:
    """The same with leaflets that meet up to a lumen so many times as large."""
    valves = replace(parameters.valves, coaptation_area=parameters.valves.coaptation_area * factor)
    return replace(parameters, valves=valves)


def replace_radius_bias(bias: Bias, more: float) -> Bias:
    """The same with a drive of the radius that is greater by a number."""
    return replace(bias, radius=bias.radius + more)


def column_pressure(body: Body) -> np.ndarray:
    """Transmural pressure of each cell in quiet standing, the column up to the heart, mmHg, shape (cells, 1)."""
    parameters = body.parameters
    depth = np.asarray(parameters.cells.position).sum(axis=1)
    return load()["posture.right_atrium.upright"].internal + depth * np.asarray(parameters.fluid.weight)


def driven(body: Body, situation: Situation, day: float) -> Body:
    """A body on which pregnancy and pressure in the abdomen act as a regimen goes."""
    weeks, more = situation.weeks_pregnant(day), situation.abdominal_pressure
    if weeks:
        person = body.person
        body = replace(
            body, person=person.model_copy(update={"person": person.person.model_copy(update={"pregnancy": weeks})})
        )
    if more:
        known = body.known or load()
        figure = replace(known[ABDOMEN], value=known[ABDOMEN].value + more, low=None, high=None)
        body = replace(body, known={**known, ABDOMEN: figure})
    return body


def _short_day_of(
    body: Body, parameters: Parameters, garment: Garment | None, places: WallPlaces
) -> tuple[dict[str, PostureMeans], np.ndarray]:
    """Means of each posture of a typical day in short, and which members failed."""
    short = short_day(garment)
    reason = None if garment is None else OVERRIDE
    run: Run = simulate(
        [body] * parameters.batch, short.regimen, parameters=parameters, tissue=False, research_override=reason
    )
    return posture_means(run, short, places), np.array([status.code != "ok" for status in run.status])


def _radius(body: Body, twin: Body, places: WallPlaces, standing: np.ndarray) -> np.ndarray:
    """Logarithm of the radius at equal pressure over the healthy twin's, shape (places, 1)."""
    index, faces = np.array(places.cells), np.array(places.faces)
    lumens = []
    for one in (body, twin):
        cells = one.parameters.cells
        everywhere = jnp.zeros_like(cells.unstressed_area).at[index].set(jnp.asarray(standing))
        lumen = np.asarray(cells.unstressed_area * _stretch_at(cells, everywhere))[index]
        lumens.append(np.concatenate([lumen, np.asarray(one.parameters.faces.channel_area)[faces]]))
    return 0.5 * np.log(lumens[0] / lumens[1])


def _documented_tortuosity(body: Body, twin: Body, places: WallPlaces) -> np.ndarray:
    """Tortuosity index by cell as the document has it, shape (cells, 1); healthy veins are straight."""
    index = np.array(places.cells)
    straight = np.asarray(twin.parameters.cells.length)[index]
    return np.asarray(body.parameters.cells.length)[index] / straight
