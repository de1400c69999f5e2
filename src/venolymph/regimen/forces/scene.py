"""The scene between two steps of a regimen: a body, its posture, what presses on it, and how warm it is."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any, cast

import numpy as np

from venolymph.body.pregnancy import abdominal_rise
from venolymph.compression.garment import Garment
from venolymph.regimen.forces.driven_body import ABDOMEN, FOOT_SKIN, DrivenBody
from venolymph.regimen.forces.pace import AFTER_MOVE
from venolymph.regimen.forces.phase import BodyState
from venolymph.steps.marks import FaceChanges, Injection
from venolymph.steps.postures import Posture


@dataclass(frozen=True)
class Lasting:
    """A change of the whole person that lasts a while, whatever is done meanwhile.

    Attributes:
        left: how long it still acts, s.
        protein: by which share it changes plasma protein, 1.
        flow: of blood to the face, as a multiple of what it is without, 1.
    """

    left: float
    protein: float = 0.0
    flow: float = 1.0


@dataclass(frozen=True)
class Scene:
    """Where a step of a regimen begins.

    Attributes:
        body: whom it is done with.
        posture: that is in force.
        state: of the body at the end of the phase before.
        cuffs: pressure of each cuff by the surrounding that it presses with, mmHg.
        worn: garments that are on, by name and leg.
        suction: of the air around the legs, mmHg.
        straight: how far the knee of each leg is straightened beyond a slight bend, 1, by what names of the leg begin
            with.
        temperature: of the skin, degrees Celsius; None until a regimen sets it.
        foot: temperature of the foot's skin where it is not that of the leg's.
        recent: time steps of a rest that follows: how long, time step, sampling interval, s.
        injected: tracers that are put in as the next phase begins.
        lasting: changes by salt and alcohol that still act.
        crying: whether the person cries.
        step: number of the step that is made into phases.
        stands_next: whether the person stands once the step is done.
    """

    body: DrivenBody
    posture: Posture
    state: BodyState
    cuffs: Mapping[str, float] = field(default_factory=dict)
    worn: Mapping[str, Garment] = field(default_factory=dict)
    suction: float = 0.0
    straight: Mapping[str, float] = field(default_factory=dict)
    temperature: float | None = None
    foot: float | None = None
    recent: Sequence[tuple[float, float, float]] = AFTER_MOVE
    injected: tuple[Injection, ...] = ()
    lasting: tuple[Lasting, ...] = ()
    crying: bool = False
    step: int = 0
    stands_next: bool = False

    @classmethod
    def at_rest(cls, body: DrivenBody, posture: Posture, **more: Any) -> Scene:
        """A body that has come to rest in a posture; `more` is what else differs from the defaults."""
        scene = cls(body, posture, cast("BodyState", None), **more)  # on which nothing depends that it settles to
        return replace(scene, state=scene.settled())

    def settled(self) -> BodyState:
        """The state of the body once it has come to rest in its posture."""
        ends, around, period = self.body.breath()
        trunk = self.posture.angles()["trunk"]
        inflow, calibre = self.factors(trunk)
        return BodyState(
            inclination=self.body.inclination(self.posture),
            pressure=self.pressure(),
            ends=self.body.ends(trunk),
            inflow=inflow,
            calibre=calibre,
            trunk=trunk,
            breath_ends=ends,
            breath_surroundings=around,
            breath_period=period,
        )

    def pressure(self, strain: float = 0.0) -> np.ndarray:
        """Pressure of each surrounding: abdomen, cuffs, and what is worn, mmHg."""
        body = self.body
        person, value = body.body.person, body.value
        index = person.body_mass_index - body.figures["regimen.abdomen.reference_body_mass_index"].value
        abdomen = value("posture.abdomen.pressure")
        abdomen += body.figures["regimen.abdomen.per_body_mass_index"].value * max(0.0, index)
        trunk = self.posture.angles()["trunk"]
        abdomen += abdominal_rise(person.weeks_pregnant, trunk, value)
        abdomen += strain * value("regimen.valsalva.abdominal_share")
        # a cuff is put on the index leg
        pressure = [abdomen if name == ABDOMEN else self.cuffs.get(name, 0.0) for name in body.surroundings]
        for garment in self.worn.values():
            for part in garment.parts:
                made_for = part in (garment.made_for or {})
                here = garment.pressure_on(part, body.girths[part][0]) if made_for else garment.pressure_at(part)
                pressure[body.shell(part, garment.on)] += here
        return np.array(pressure) + body.presses(self.posture) - self.suction * body.sucked

    def face(self) -> FaceChanges | None:
        """What changes a face now; None where nothing does."""
        if not self.lasting and not self.crying:
            return None
        return FaceChanges(
            protein=sum(one.protein for one in self.lasting),
            flow=math.prod(one.flow for one in self.lasting),
            crying=self.crying,
        )

    def later(self, by: float) -> Scene:
        """The scene after a time, s: what lasts is by so much nearer its end."""
        left = tuple(replace(one, left=one.left - by) for one in self.lasting if one.left > by + 1e-9)
        return replace(self, lasting=left)

    def pressed(self) -> BodyState:
        """The state with the pressure of what presses now."""
        return replace(self.state, pressure=self.pressure())

    def grip(self) -> np.ndarray:
        """Elastance of what is worn: its rise of pressure on each surrounding per mL more inside, mmHg/mL."""
        grip = np.zeros(len(self.body.surroundings))
        for garment in self.worn.values():
            for part in garment.parts:
                grip[self.body.shell(part, garment.on)] += garment.stiffness * self.body.girths[part][1]
        return grip

    def factors(self, trunk: float) -> tuple[np.ndarray, np.ndarray]:
        """Factors on the inflow of each bed and on the calibre of each cell.

        They are those of the skin's temperature, of straight knees, and of the angle of the trunk, rad.
        """
        body, topology = self.body, self.body.topology
        reference = body.value("posture.temperature.reference")
        leg = 0.0 if self.temperature is None else self.temperature - reference
        foot = leg if self.foot is None else self.foot - reference
        flow, wide = (body.value(f"posture.temperature.{what}_per_degree") for what in ("inflow", "calibre"))
        beds, cells = body.inflow(self.posture), np.ones(len(topology.cells))
        skin, muscle = (body.upright(tissue, trunk) for tissue in ("skin", "muscle"))
        for segment in body.body.segments.values():
            if segment.kind in ("superficial", "tributary"):
                below = np.array(segment.heights) < 0.0
                cells[list(segment.cells)] = np.exp(wide * np.where(below, foot, leg))
        for number, bed in enumerate(body.plain(topology.beds)):
            if bed.startswith("skin"):
                warmer = foot if bed == FOOT_SKIN else leg
                beds[number] = math.exp(flow * warmer) * skin
                cells[topology.bed_cell[number]] = math.exp(wide * warmer)
            elif bed.startswith("muscle"):
                beds[number] = muscle
        for leg, cell in body.behind_knees.items():
            cells[cell] = body.value("posture.knee.lumen_left") ** self.straight.get(leg, 0.0)
        return beds, cells

    def with_factors(self) -> Scene:
        """The scene with inflow and calibre as temperature and knees now have them, at once."""
        inflow, calibre = self.factors(self.state.trunk)
        return replace(self, state=replace(self.state, inflow=inflow, calibre=calibre))
