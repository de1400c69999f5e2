"""Phases of a regimen added one after another: pressures, heights and inflow of the moment become a drive."""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping, Sequence
from functools import cached_property
from typing import Any

import numpy as np

from venolymph import figures
from venolymph.body.anatomy import Body
from venolymph.body.limb import girths
from venolymph.body.links import joints
from venolymph.body.pregnancy import abdominal_rise
from venolymph.compression.garment import PARTS, Garment
from venolymph.errors import SimulationError
from venolymph.massage.hands import HandPlacement
from venolymph.network.parameters import Drive
from venolymph.network.time_grid import whole
from venolymph.regimen.forces.pace import AFTER_MOVE, AT_REST, LONG, QUIET, WHOLE
from venolymph.regimen.forces.phase import BodyState, Phase, Pulses
from venolymph.steps.postures import Posture
from venolymph.steps.step import Step

ARTERY = "artery"
ATRIUM = "right atrium"
ABDOMEN = "abdomen"
OTHER_LEG = "other leg: "

WORN = {part: f"{part} shell" for part in PARTS}
"""Surroundings that garments and sleeves press with."""
HELD_IN = {
    "calf": ("anterior compartment", "deep posterior compartment", "soleus", "gastrocnemius"),
    "thigh": ("thigh muscle",),
}
"""Muscles that a garment on each part encloses."""

FOOT_SKIN = "skin, foot"


class PhaseBuilder:
    """Phases of a regimen as they are added one after another, and the state at the end of the last of them."""

    def __init__(self, body: Body, posture: Posture) -> None:
        self.figures = body.known or figures.load()
        self.body = body
        self.topology = body.topology
        self.phases: list[Phase] = []
        self.posture = posture
        self.cuffs: dict[str, float] = {}
        self.worn: dict[str, Garment] = {}
        self.suction = 0.0
        """Of the air around the legs, mmHg."""
        self.straight = 0.0
        """How far the knees are straightened beyond a slight bend, 1."""
        self.temperature: float | None = None
        self.foot: float | None = None
        """Temperature of the foot's skin where it is not that of the leg's."""
        self.work = 0.0
        self.recent: Sequence[tuple[float, float, float]] = AFTER_MOVE
        self.number = 0
        """Of the step that is made into phases."""
        self.stands_next = False
        """Whether the person stands once the step is done."""
        self.injected: list[dict[str, Any]] = []
        self.state = self.settled(self.posture)

    def value(self, key: str) -> float:
        """A figure in internal units."""
        return self.figures[key].internal

    def plain(self, names: Sequence[str]) -> list[str]:
        """Names without the prefix of the other leg."""
        return [name.removeprefix(OTHER_LEG) for name in names]

    def inclination(self, posture: Posture) -> np.ndarray:
        """Angle of each link of the body in a posture, rad."""
        angles = posture.angles()
        return np.array([angles.get(link, angles["trunk"]) for link in self.plain(self.topology.links)])

    @property
    def own_ends(self) -> list[str]:
        """Ends that a regimen drives; others belong to what is joined to the body."""
        return [name for name in self.topology.ends if name in (ATRIUM, ARTERY)]

    def ends(self, trunk: float, strain: float = 0.0) -> np.ndarray:
        """Pressure at each end of the network, mmHg, for an angle of the trunk, rad, and straining, mmHg."""
        lying, upright = self.value("posture.right_atrium.lying"), self.value("posture.right_atrium.upright")
        atrium = lying + (upright - lying) * max(0.0, math.sin(trunk))
        atrium += strain * self.value("regimen.valsalva.thoracic_share")
        known = {ATRIUM: atrium, ARTERY: self.value("inflow.arterial_pressure")}
        return np.array([known[name] for name in self.own_ends])

    def pressure(self, strain: float = 0.0) -> np.ndarray:
        """Pressure of each surrounding: abdomen, cuffs, and what is worn, mmHg."""
        index = self.body.person.body_mass_index - self.figures["regimen.abdomen.reference_body_mass_index"].value
        abdomen = self.value("posture.abdomen.pressure")
        abdomen += self.figures["regimen.abdomen.per_body_mass_index"].value * max(0.0, index)
        trunk = self.posture.angles()["trunk"]
        abdomen += abdominal_rise(self.body.person.weeks_pregnant, trunk, self.value)
        abdomen += strain * self.value("regimen.valsalva.abdominal_share")
        # a cuff is put on the index leg
        pressure = [abdomen if name == ABDOMEN else self.cuffs.get(name, 0.0) for name in self.topology.surroundings]
        for garment in self.worn.values():
            for part in garment.parts:
                made_for = part in (garment.made_for or {})
                here = garment.pressure_on(part, self.girths[part][0]) if made_for else garment.pressure_at(part)
                pressure[self.shell(part, garment.on)] += here
        return np.array(pressure) - self.suction * self.sucked

    @cached_property
    def sucked(self) -> np.ndarray:
        """Share of suction around the legs that each surrounding passes on, 1.

        Shells do to what lies in them; a leg that is a few lumps has none, so its muscles take what reaches muscle.
        """
        lumps = {"other calf", "other thigh"}
        deep = self.value("muscle_pump.shell.share_deep")
        around = self.topology.surroundings
        shells = [name.removeprefix(OTHER_LEG) in WORN.values() for name in around]
        return np.where(shells, 1.0, np.where([name in lumps for name in around], deep, 0.0))

    @cached_property
    def girths(self) -> Mapping[str, tuple[float, float]]:
        """Girth of each part of a leg, cm, and its growth, cm/mL; see `venolymph.body.limb.girths`."""
        return girths(self.body.person, self.figures)

    def grip(self) -> np.ndarray:
        """Elastance of what is worn: its rise of pressure on each surrounding per mL more inside, mmHg/mL."""
        grip = np.zeros(len(self.topology.surroundings))
        for garment in self.worn.values():
            for part in garment.parts:
                grip[self.shell(part, garment.on)] += garment.stiffness * self.girths[part][1]
        return grip

    def shell(self, part: str, side: str | None) -> int:
        """Index of the surrounding through which a garment presses on a part of a leg."""
        asked = side is None or side == self.body.person.index_side
        name = WORN[part] if asked else OTHER_LEG + WORN[part]
        if name not in self.topology.surroundings:
            raise SimulationError(
                f"nothing can be put on the {side} leg: it is simulated as a few lumps here",
                hint="simulate with `legs='both'`, or leave `on` out for the leg asked about",
            )
        return self.topology.surroundings.index(name)

    def hold_in(self, pulses: Pulses) -> None:
        """What is worn gives way little to the muscle that swells in it, so it presses harder while the muscle works.

        That pressure comes back into the muscle too, since its fascia and what is worn stand in series.
        """
        reference = self.value("muscle_pump.tiptoe.soleus.peak")
        for garment in self.worn.values():
            for part in garment.parts:
                shell = self.shell(part, garment.on)
                prefix = OTHER_LEG if self.topology.surroundings[shell].startswith(OTHER_LEG) else ""
                leader = "thigh muscle" if part == "thigh" else "soleus"
                muscle = self.topology.surroundings.index(prefix + leader)
                if pulses.height[muscle] == 0.0:
                    continue
                effort = min(1.0, pulses.height[self.topology.surroundings.index(prefix + "soleus")] / reference)
                more = garment.pressure_at(part, working=True) - garment.pressure_at(part)
                bulge = f"muscle_pump.shell.bulge_{part}"
                if more == 0.0 and bulge in self.figures:
                    more = garment.stiffness * self.value(bulge)
                pulses.height[shell] = effort * more
                for waveform in (pulses.onset, pulses.rise, pulses.hold, pulses.fall):
                    waveform[shell] = waveform[muscle]
                for name in HELD_IN.get(part, ()):
                    inside = self.topology.surroundings.index(prefix + name)
                    if pulses.height[inside] != 0.0:
                        pulses.height[inside] += effort * more * self.value("muscle_pump.shell.held_in")

    def breath(self, deep: bool = False, rate: float | None = None) -> tuple[np.ndarray, np.ndarray, float]:
        """Swing of each end and surrounding with breathing, mmHg, and the period of a breath, s."""
        which = "deep_breathing" if deep else "breathing"
        usual = self.value("regimen.breathing.deep_rate" if deep else "posture.breathing.rate")
        atrium, abdomen = self.value(f"posture.right_atrium.{which}"), self.value(f"posture.abdomen.{which}")
        # breathing in lowers the atrium's pressure and raises the abdomen's
        ends = np.array([-atrium if name == ATRIUM else 0.0 for name in self.own_ends])
        around = np.array([abdomen if name == ABDOMEN else 0.0 for name in self.topology.surroundings])
        return ends, around, 1.0 / (rate or usual)

    def degrees(self, flow: float) -> float:
        """Temperature of skin that has so many times its inflow at the reference temperature, degrees Celsius."""
        warmer = math.log(flow) / self.value("posture.temperature.inflow_per_degree")
        return self.value("posture.temperature.reference") + warmer

    @cached_property
    def behind_knees(self) -> list[int]:
        """The cell of each popliteal vein that lies behind the joint."""
        knee = joints(self.value, self.body.person.height)[0]
        found = []
        for name, segment in self.body.segments.items():
            if name.removeprefix(OTHER_LEG) == "popliteal":
                distance = np.abs(np.array(segment.heights) - knee)
                found.append(segment.cells[int(np.argmin(distance))])
        return found

    def upright(self, tissue: str, trunk: float) -> float:
        """Factor on the inflow of `skin` or `muscle` by the reflex of the whole body to an upright trunk.

        It narrows skin at the heart's height as much as anywhere; muscle of the calf takes no part in it. What the
        veins of a hanging leg add is the bed's own law (see `network.bed`). The angle of the trunk is in rad.
        """
        return 1.0 - (1.0 - self.value(f"inflow.upright.{tissue}")) * max(0.0, math.sin(trunk))

    def factors(self, trunk: float) -> tuple[np.ndarray, np.ndarray]:
        """Factors on the inflow of each bed and on the calibre of each cell.

        They are those of the skin's temperature, of straight knees, and of the angle of the trunk, rad.
        """
        reference = self.value("posture.temperature.reference")
        leg = 0.0 if self.temperature is None else self.temperature - reference
        foot = leg if self.foot is None else self.foot - reference
        flow, wide = (self.value(f"posture.temperature.{what}_per_degree") for what in ("inflow", "calibre"))
        beds, cells = np.ones(len(self.topology.beds)), np.ones(len(self.topology.cells))
        skin, muscle = (self.upright(tissue, trunk) for tissue in ("skin", "muscle"))
        for segment in self.body.segments.values():
            if segment.kind in ("superficial", "tributary"):
                below = np.array(segment.heights) < 0.0
                cells[list(segment.cells)] = np.exp(wide * np.where(below, foot, leg))
        for number, bed in enumerate(self.plain(self.topology.beds)):
            if bed.startswith("skin"):
                warmer = foot if bed == FOOT_SKIN else leg
                beds[number] = math.exp(flow * warmer) * skin
                cells[self.topology.bed_cell[number]] = math.exp(wide * warmer)
            elif bed.startswith("muscle"):
                beds[number] = muscle
        cells[self.behind_knees] = self.value("posture.knee.lumen_left") ** self.straight
        return beds, cells

    def settled(self, posture: Posture) -> BodyState:
        """The state of a body that has come to rest in a posture."""
        ends, around, period = self.breath()
        trunk = posture.angles()["trunk"]
        inflow, calibre = self.factors(trunk)
        return BodyState(
            inclination=self.inclination(posture),
            pressure=self.pressure(),
            ends=self.ends(trunk),
            inflow=inflow,
            calibre=calibre,
            trunk=trunk,
            breath_ends=ends,
            breath_surroundings=around,
            breath_period=period,
        )

    def add(
        self,
        label: str,
        kind: str,
        duration: float,
        pace: tuple[float, float],
        *,
        after: BodyState | None = None,
        pulses: Pulses | None = None,
        hand_placements: tuple[HandPlacement, ...] = (),
        **marks: Any,
    ) -> None:
        """Add a phase in which the state moves to `after`, over all of it.

        Args:
            label: what is done, in words.
            kind: of the step.
            duration: s; nothing is added where it is 0 or less.
            pace: greatest time step and sampling interval, s.
            after: posture, pressures and inflow at its end; as they are where not given.
            pulses: of the muscles and what presses in time with them.
            hand_placements: what hands do, spot after spot.
            **marks: what instruments look for.
        """
        if duration <= 0.0:
            return
        (step, sample), before, after = pace, self.state, after or self.state
        period = pulses.repeats if pulses else hand_placements[0].period if hand_placements else None
        drive = self.drive(before, after, duration, pulses)
        said: dict[str, Any] = {"posture": self.posture.name(), "step": self.number}
        if self.temperature is not None:
            said["skin temperature"] = self.temperature
        if self.foot is not None:
            said["foot temperature"] = self.foot
        if self.injected:
            said["injected"], self.injected = self.injected, []
        said |= {key.replace("_", " "): value for key, value in marks.items() if value is not None}
        sample = max(step, min(sample, duration))
        self.phases.append(Phase(label, kind, duration, step, sample, drive, period, said, hand_placements))
        self.state = after

    def drive(self, before: BodyState, after: BodyState, duration: float, pulses: Pulses | None) -> Drive:
        """The drive of a phase from one state to another over its whole duration, s."""

        def column(values: Any) -> Any:
            return np.atleast_1d(np.asarray(values, dtype=np.float64))[:, None]

        pulses = pulses or Pulses(len(before.pressure), 1.0)
        works = [name.startswith("muscle") for name in self.plain(self.topology.beds)]
        nothing = np.zeros(len(before.pressure))
        return Drive(
            ramp=column(duration),
            inclination_from=column(before.inclination),
            inclination_to=column(after.inclination),
            pressure_from=column(before.pressure),
            pressure_to=column(after.pressure),
            pulse=column(pulses.height),
            onset=column(pulses.onset),
            rise=column(pulses.rise),
            hold=column(pulses.hold),
            fall=column(pulses.fall),
            period=column(pulses.period),
            end_from=column(before.ends),
            end_to=column(after.ends),
            breath_surroundings=column(after.breath_surroundings),
            breath_ends=column(after.breath_ends),
            breath_period=column(after.breath_period),
            exercise=column(np.where(works, self.work, 0.0)),
            inflow=column(after.inflow),
            calibre=column(after.calibre),
            elastance=column(self.grip()),
            grip_volume=column(nothing),
        )

    def hold(self, label: str, kind: str, duration: float, **marks: Any) -> None:
        """Add phases of rest, with time steps that grow with the time since the last change."""
        stretches, self.recent = self.recent, AT_REST
        for usual, step, sample in stretches:
            # a rest shorter than two seconds is not worth a phase of its own
            length = duration if duration - usual < 2.0 else usual
            self.add(label, kind, length, (step, sample), **marks)
            duration -= length
            if duration <= 0.0:
                return
        step, sample = QUIET
        if duration > LONG:
            sample = 10.0 * sample
        if duration > WHOLE:
            rest = duration - whole(duration, step, sample)
            self.add(label, kind, rest, (step, sample), **marks)
            duration -= rest
        self.add(label, kind, duration, (step, sample), **marks)


Forces = dict[type[Step], Callable[[PhaseBuilder, Any], None]]
"""What makes steps of each kind phases."""
