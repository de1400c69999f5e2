"""A regimen becomes forces: a list of phases, each with a drive that the network understands.

`phases(regimen, body)` turns each step into phases. Within a phase everything moves smoothly; each phase begins with
what the one before it ended with. After something quick (a cuff let go, a change of posture, the end of walking) the
next stretch is cut into phases of growing time steps.

Marks tell instruments what a phase is. Every phase has `posture` ("standing", "lying", "sitting", "legs raised",
"tilted 60 deg") and `step`, the number of its step in the regimen, nested ones counted (of the posture step where it
is the stretch before the first step). Further:

    over             a step that changes posture: how long the change takes, s, on each phase of the step
    stage            "moving", "holding"; cuffs "inflating", "held", "releasing"; Valsalva "straining", "releasing";
                     gait "first cycle", "cycles"; "last step" while its last contractions end, which belongs to the
                   standing that follows, if standing follows
    manoeuvre        "tiptoes", "ankle pumps", "stimulate", "massage", "walk", "run", "cycle", "cuff", "trace",
                     "valsalva", "breathe", "skin", "wear", "remove", "sleeve"
    repeats          tiptoes: how many in the step; ankle pumps, stimulation, cycling: how many in the phase
    session step     massage: number of the step in the session
    gait cycles      number of whole cycles in the phase
    speed            walking, running: cm/s
    cuff             the surrounding that the cuff presses with ("calf shell"), on its phases
    cuff pressure    mmHg, what it reaches in the phase
    released         the cuff is let go in this phase: when that begins, s from the phase's start
    skin temperature degrees Celsius, at the end of the phase, once a regimen has set it
    foot temperature the same of the foot's skin, once a regimen has set it apart
    injected         tracers put in as the phase begins, each with tracer, at, side and amount

What is worn presses on the shells of the leg it is on, on top of any cuff: with its pressure on a limb as thick as it
was made for (its document says how thick, else the leg at rest), and harder for each mL that the limb grows by, which
is the drive's `elastance`; a bandage presses harder while the calf muscle does (soleus' waveform).

Gait begins with the heel strike of the index leg. In its first cycle only those muscles act whose contraction
begins within it, so that nothing starts half way; what is under way at the end of the last cycle comes to its end.
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from functools import cached_property
from itertools import islice, pairwise
from typing import Any

import numpy as np

from venolymph import figures
from venolymph.body.anatomy import Body
from venolymph.body.drainage import girths
from venolymph.compression.garment import PARTS, Garment
from venolymph.errors import SimulationError
from venolymph.massage.hands import HandPlacement, hand_placements
from venolymph.massage.session import Session
from venolymph.massage.session_steps import Pause, Strokes
from venolymph.massage.table import as_authors
from venolymph.massage.timing import strokes_of
from venolymph.network.parameters import Drive
from venolymph.network.time_grid import whole
from venolymph.regimen.measured import falls, knots
from venolymph.regimen.schema import Regimen
from venolymph.regimen.steps.breathing import Valsalva
from venolymph.regimen.steps.devices import Cuff, FollowTrace
from venolymph.regimen.steps.garments import Pumped, Remove, Wear
from venolymph.regimen.steps.massage import Massage
from venolymph.regimen.steps.muscles import AnklePumps, Cycle, Jog, Stimulate, Tiptoes, Walk
from venolymph.regimen.steps.skin import Skin
from venolymph.regimen.steps.waiting import Inject, TakeReadings, Wait
from venolymph.steps.breathing import Breathe
from venolymph.steps.postures import Posture, Raise, Stand, posture_of, usual_time
from venolymph.steps.step import Step

ARTERY = "artery"
ATRIUM = "right atrium"
ABDOMEN = "abdomen"
OTHER_LEG = "other leg: "
SHELLS = {"calf": "calf shell", "thigh": "thigh shell"}
"""Surroundings that cuffs press with."""
WORN = {part: f"{part} shell" for part in PARTS}
"""Surroundings that garments and sleeves press with."""
HELD_IN = {
    "calf": ("anterior compartment", "deep posterior compartment", "soleus", "gastrocnemius"),
    "thigh": ("thigh muscle",),
}
"""Muscles that a garment on each part encloses."""
LUMPED = {"other calf": "soleus", "other thigh": "thigh muscle"}
"""The lumped other leg: the muscle whose waveform stands for the calf and for the thigh."""
FOOT_SKIN = "skin, foot"
CALF = ("soleus", "gastrocnemius", "deep posterior compartment")
"""Muscles that stretch the foot."""
MOVED_BY = {"ankle": (*CALF, "anterior compartment"), "knee": ("thigh muscle", "gastrocnemius")}
"""Muscles that have less to do where a joint is held."""
STIMULATED = {"calf": CALF, "shin": ("anterior compartment",)}
"""Muscles that electrodes on a part of the leg make contract."""

GAIT_STEP = 0.005
GAIT_SAMPLE = 0.05
# after something quick: how long, time step, sampling interval, s
AFTER_CUFF = ((4.0, 0.005, 0.02), (10.0, 0.02, 0.1), (46.0, 0.1, 0.5))
AFTER_SLEEVE = ((10.0, 0.02, 0.1), (50.0, 0.1, 0.5))
AFTER_MUSCLE = ((3.0, 0.005, 0.05), (10.0, 0.02, 0.1), (47.0, 0.1, 0.5))
AFTER_MOVE = ((10.0, 0.02, 0.1), (50.0, 0.1, 0.5))
AT_REST = ()
PACE = ((1.0, 0.005, 0.02), (10.0, 0.02, 0.1), (math.inf, 0.1, 0.5))
"""For pieces of a measured pressure: greatest length, time step and sampling interval, s."""
LEAD = 0.3
"""Time in which a pressure rises to the first sample of a trace, and a muscle relaxes after the last, s."""
EMPTY = 2.0
"""Pressure up to which a cuff counts as empty, mmHg."""
STROKE_STEP = 0.008
"""A push rises in a tenth of a second. With 12 ms the root mean square error of a cell is 1.4e-3 of its swing, with
9 ms 8.7e-4 but 5.4e-3 in the worst cell, with this 6.8e-4 and 4.2e-3 (the norm of gait is 1e-3, and 5e-3 in a cell)."""
STROKE_SAMPLE = 0.5
QUIET = (0.25, 1.0)
"""Time step and sampling interval, s. A breath at rest is 16 such steps (see `network.integrate.STEPS_PER_BREATH`)."""
LONG = 1200.0
"""Rest longer than this, s, is sampled every 10 s, and walking that long once a cycle. Time steps are exactly those of
`QUIET`; a remainder comes first, in slightly shorter steps."""
SKIN_STAGES = 10


@dataclass(frozen=True)
class Phase:
    """A stretch of a regimen without sudden events.

    Attributes:
        label: what is done, in words.
        kind: of the step: lie, sit, stand, raise, tilt, tiptoes, ankle pumps, stimulate, walk, run, cycle, breathe,
            cuff, trace, valsalva, skin, wait.
        duration: s.
        step: greatest time step, s.
        sample: interval at which results are recorded, s.
        drive: heights, pressures, pulses and inflow that it prescribes; every leaf float64, batch of one.
        period: of gait or tiptoes, s; None without.
        marks: what instruments look for; see the top of this module.
        hand_placements: what hands do, spot after spot, all for the same time; empty without massage.
    """

    label: str
    kind: str
    duration: float
    step: float
    sample: float
    drive: Drive
    period: float | None = None
    marks: Mapping[str, Any] = field(default_factory=dict)
    hand_placements: tuple[HandPlacement, ...] = ()


def phases(regimen: Regimen, body: Body, previous: Drive | None = None) -> list[Phase]:
    """Phases of a regimen done with a body.

    Args:
        regimen: what is done.
        body: whose names, figures and person it is done with.
        previous: drive of the phase that this regimen goes on from; None: it begins settled in its first posture.
            Going on, the body first moves into that posture; cuffs and the skin's temperature stay as they were.

    Returns:
        Phases in order. Their number, durations and time steps depend on the regimen alone, so that the members of a
        batch share them.
    """
    made = _PhaseBuilder(regimen, body, previous).phases
    return made if body.phase_modifier is None else [body.phase_modifier(phase) for phase in made]


@dataclass(frozen=True)
class _State:
    """Posture, pressures, inflow and breathing at one moment, in internal units."""

    inclination: np.ndarray
    pressure: np.ndarray
    ends: np.ndarray
    inflow: np.ndarray
    calibre: np.ndarray
    trunk: float
    breath_ends: np.ndarray
    breath_surroundings: np.ndarray
    breath_period: float


class _Pulses:
    """A pulse train for each surrounding: heights, and starts and durations as shares of the period."""

    def __init__(self, n: int, period: float) -> None:
        self.period = period
        self.height, self.onset, self.hold = np.zeros(n), np.zeros(n), np.zeros(n)
        self.rise, self.fall = np.full(n, 0.1), np.full(n, 0.1)

    def beginning(self) -> _Pulses:
        """The first period: pulses that begin in it, and nothing of those that began before it."""
        return self._stretched(self.onset)

    def ending(self) -> _Pulses:
        """After the last period: the rest of the pulses that began in it, and nothing else."""
        pulses = self._stretched(self.onset - 1.0)
        pulses.height = np.where(self._over(), self.height, 0.0)
        return pulses

    def tail(self) -> float:
        """Time by which pulses outlast the period that they began in, s."""
        end = self.onset + self.rise + self.hold + self.fall - 1.0
        return float(max(0.0, np.max(np.where(self._over(), end, 0.0), initial=0.0))) * self.period

    def _over(self) -> np.ndarray:
        return (self.onset + self.rise + self.hold + self.fall > 1.0 + 1e-12) & (self.height != 0.0)

    def _stretched(self, onset: np.ndarray) -> _Pulses:
        # twice the period with the same durations in seconds: each pulse comes once, none wraps around
        pulses = _Pulses(len(self.height), 2.0 * self.period)
        pulses.height = self.height
        pulses.onset, pulses.rise = onset / 2.0, self.rise / 2.0
        pulses.hold, pulses.fall = self.hold / 2.0, self.fall / 2.0
        return pulses


def _waveform(surrounding: str) -> str:
    """Key of the muscle whose figures give the waveform of a surrounding."""
    muscle: str = LUMPED.get(surrounding, surrounding)
    return muscle.replace(" ", "_")


class _PhaseBuilder:
    """Turns the steps of a regimen into phases, one after another."""

    def __init__(self, regimen: Regimen, body: Body, previous: Drive | None = None) -> None:
        self.figures = body.known or figures.load()
        self.body = body
        self.topology = body.topology
        self.phases: list[Phase] = []
        self.posture: Posture = regimen.first_posture
        self.cuffs: dict[str, float] = {}
        self.worn: dict[str, Garment] = {}
        self.temperature: float | None = None
        self.foot: float | None = None
        """Temperature of the foot's skin where it is not that of the leg's."""
        self.work = 0.0
        self.recent: Sequence[tuple[float, float, float]] = AFTER_MOVE
        self.number = 0
        self.injected: list[dict[str, Any]] = []
        self.state = self._settled(self.posture)
        if previous is not None:
            self._go_on(regimen, previous)
        steps = regimen.unfolded
        for number, step in enumerate(steps):
            self.number = number
            coming = (
                later for later in islice(steps, number + 1, None) if not isinstance(later, TakeReadings | Inject)
            )
            self.stands_next = isinstance(next(coming, None), Stand)
            self._do(step)

    def _go_on(self, regimen: Regimen, previous: Drive) -> None:
        """Begin where another regimen's phase ended."""
        links = self._plain(self.topology.links)
        inclination = np.asarray(previous.inclination_to)[:, 0]
        # with both legs in full the links of the index leg come first
        angles = {link: float(angle) for link, angle in reversed(list(zip(links, inclination, strict=True)))}
        self.posture = posture_of(angles)
        pressure = np.asarray(previous.pressure_to)[:, 0]
        worn = zip(self.topology.surroundings, pressure, strict=True)
        shells = set(WORN.values())
        self.cuffs = {
            name: float(value) for name, value in worn if name.removeprefix(OTHER_LEG) in shells and value != 0.0
        }
        inflow = np.asarray(previous.inflow)[:, 0]
        flows = {bed: value for bed, value in zip(self.topology.beds, inflow, strict=True) if bed.startswith("skin")}
        foot, *rest = flows.pop(FOOT_SKIN, 1.0), *flows.values()
        leg = rest[0] if rest else foot
        if leg != 1.0:
            self.temperature = self._degrees(leg)
        if foot != leg:
            self.foot = self._degrees(foot)
        calm = self._settled(self.posture)
        ends = np.asarray(previous.end_to)[:, 0]
        self.state = replace(calm, inclination=inclination, pressure=pressure, ends=ends)
        if isinstance(regimen.unfolded[0], Posture):
            return
        if regimen.begins_standing:
            self._change_posture(Stand())
        elif not (np.allclose(pressure, calm.pressure) and np.allclose(ends, calm.ends)):
            self._add(self.posture.name(), "wait", 1.0, 0.01, 0.05, after=calm, stage="moving")

    # -------------------------------------------------------------- helpers

    def _value(self, key: str) -> float:
        return self.figures[key].internal

    def _plain(self, names: Sequence[str]) -> list[str]:
        """Names without the prefix of the other leg."""
        return [name.removeprefix(OTHER_LEG) for name in names]

    def _inclination(self, posture: Posture) -> np.ndarray:
        angles = posture.angles()
        return np.array([angles.get(link, angles["trunk"]) for link in self._plain(self.topology.links)])

    @property
    def _own_ends(self) -> list[str]:
        """Ends that a regimen drives; others belong to what is joined to the body."""
        return [name for name in self.topology.ends if name in (ATRIUM, ARTERY)]

    def _ends(self, trunk: float, strain: float = 0.0) -> np.ndarray:
        lying, upright = self._value("posture.right_atrium.lying"), self._value("posture.right_atrium.upright")
        atrium = lying + (upright - lying) * max(0.0, math.sin(trunk))
        atrium += strain * self._value("regimen.valsalva.thoracic_share")
        known = {ATRIUM: atrium, ARTERY: self._value("inflow.arterial_pressure")}
        return np.array([known[name] for name in self._own_ends])

    def _pressure(self, strain: float = 0.0) -> np.ndarray:
        index = self.body.person.body_mass_index - self.figures["regimen.abdomen.reference_body_mass_index"].value
        abdomen = self._value("posture.abdomen.pressure")
        abdomen += self.figures["regimen.abdomen.per_body_mass_index"].value * max(0.0, index)
        abdomen += strain * self._value("regimen.valsalva.abdominal_share")
        # a cuff is put on the index leg
        pressure = [abdomen if name == ABDOMEN else self.cuffs.get(name, 0.0) for name in self.topology.surroundings]
        for garment in self.worn.values():
            for part in garment.parts:
                made_for = part in (garment.made_for or {})
                here = garment.pressure_on(part, self._girths[part][0]) if made_for else garment.pressure_at(part)
                pressure[self._shell(part, garment.on)] += here
        return np.array(pressure)

    @cached_property
    def _girths(self) -> Mapping[str, tuple[float, float]]:
        return girths(self.body.person, self.figures)

    def _grip(self) -> np.ndarray:
        """Elastance of what is worn: its rise of pressure on each surrounding per mL more inside, mmHg/mL."""
        grip = np.zeros(len(self.topology.surroundings))
        for garment in self.worn.values():
            for part in garment.parts:
                grip[self._shell(part, garment.on)] += garment.stiffness * self._girths[part][1]
        return grip

    def _shell(self, part: str, side: str | None) -> int:
        """Index of the surrounding through which a garment presses on a part of a leg."""
        asked = side is None or side == self.body.person.index_side
        name = WORN[part] if asked else OTHER_LEG + WORN[part]
        if name not in self.topology.surroundings:
            raise SimulationError(
                f"nothing can be put on the {side} leg: it is simulated as a few lumps here",
                hint="simulate with `legs='both'`, or leave `on` out for the leg asked about",
            )
        return self.topology.surroundings.index(name)

    def _hold_in(self, pulses: _Pulses) -> None:
        """What is worn gives way little to the muscle that swells in it, so it presses harder while the muscle works.

        That pressure comes back into the muscle too, since its fascia and what is worn stand in series.
        """
        reference = self._value("muscle_pump.tiptoe.soleus.peak")
        for garment in self.worn.values():
            for part in garment.parts:
                shell = self._shell(part, garment.on)
                prefix = OTHER_LEG if self.topology.surroundings[shell].startswith(OTHER_LEG) else ""
                leader = "thigh muscle" if part == "thigh" else "soleus"
                muscle = self.topology.surroundings.index(prefix + leader)
                if pulses.height[muscle] == 0.0:
                    continue
                effort = min(1.0, pulses.height[self.topology.surroundings.index(prefix + "soleus")] / reference)
                more = garment.pressure_at(part, working=True) - garment.pressure_at(part)
                bulge = f"muscle_pump.shell.bulge_{part}"
                if more == 0.0 and bulge in self.figures:
                    more = garment.stiffness * self._value(bulge)
                pulses.height[shell] = effort * more
                for waveform in (pulses.onset, pulses.rise, pulses.hold, pulses.fall):
                    waveform[shell] = waveform[muscle]
                for name in HELD_IN.get(part, ()):
                    inside = self.topology.surroundings.index(prefix + name)
                    if pulses.height[inside] != 0.0:
                        pulses.height[inside] += effort * more * self._value("muscle_pump.shell.held_in")

    def _breath(self, deep: bool = False, rate: float | None = None) -> tuple[np.ndarray, np.ndarray, float]:
        which = "deep_breathing" if deep else "breathing"
        usual = self._value("regimen.breathing.deep_rate" if deep else "posture.breathing.rate")
        atrium, abdomen = self._value(f"posture.right_atrium.{which}"), self._value(f"posture.abdomen.{which}")
        # breathing in lowers the atrium's pressure and raises the abdomen's
        ends = np.array([-atrium if name == ATRIUM else 0.0 for name in self._own_ends])
        around = np.array([abdomen if name == ABDOMEN else 0.0 for name in self.topology.surroundings])
        return ends, around, 1.0 / (rate or usual)

    def _degrees(self, flow: float) -> float:
        """Temperature of skin that has so many times its inflow at the reference temperature, degrees Celsius."""
        warmer = math.log(flow) / self._value("posture.temperature.inflow_per_degree")
        return self._value("posture.temperature.reference") + warmer

    def _skin(self) -> tuple[np.ndarray, np.ndarray]:
        """Factors on the inflow of each bed and on the calibre of each cell at the present skin temperature."""
        reference = self._value("posture.temperature.reference")
        leg = 0.0 if self.temperature is None else self.temperature - reference
        foot = leg if self.foot is None else self.foot - reference
        flow, wide = (self._value(f"posture.temperature.{what}_per_degree") for what in ("inflow", "calibre"))
        beds, cells = np.ones(len(self.topology.beds)), np.ones(len(self.topology.cells))
        for segment in self.body.segments.values():
            if segment.kind in ("superficial", "tributary"):
                below = np.array(segment.heights) < 0.0
                cells[list(segment.cells)] = np.exp(wide * np.where(below, foot, leg))
        for number, bed in enumerate(self._plain(self.topology.beds)):
            if bed.startswith("skin"):
                warmer = foot if bed == FOOT_SKIN else leg
                beds[number] = math.exp(flow * warmer)
                cells[self.topology.bed_cell[number]] = math.exp(wide * warmer)
        return beds, cells

    def _settled(self, posture: Posture) -> _State:
        inflow, calibre = self._skin()
        ends, around, period = self._breath()
        trunk = posture.angles()["trunk"]
        return _State(
            inclination=self._inclination(posture),
            pressure=self._pressure(),
            ends=self._ends(trunk),
            inflow=inflow,
            calibre=calibre,
            trunk=trunk,
            breath_ends=ends,
            breath_surroundings=around,
            breath_period=period,
        )

    # -------------------------------------------------------------- one phase

    def _add(
        self,
        label: str,
        kind: str,
        duration: float,
        step: float,
        sample: float,
        *,
        after: _State | None = None,
        pulses: _Pulses | None = None,
        period: float | None = None,
        hand_placements: tuple[HandPlacement, ...] = (),
        **marks: Any,
    ) -> None:
        """Add a phase in which the state moves to `after`, over all of it."""
        if duration <= 0.0:
            return
        before, after = self.state, after or self.state
        drive = self._drive(before, after, duration, pulses)
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

    def _drive(self, before: _State, after: _State, duration: float, pulses: _Pulses | None) -> Drive:
        def column(values: Any) -> Any:
            return np.atleast_1d(np.asarray(values, dtype=np.float64))[:, None]

        pulses = pulses or _Pulses(len(before.pressure), 1.0)
        works = [name.startswith("muscle") for name in self._plain(self.topology.beds)]
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
            elastance=column(self._grip()),
            grip_volume=column(nothing),
        )

    def _hold(self, label: str, kind: str, duration: float, **marks: Any) -> None:
        """Add phases of rest, with time steps that grow with the time since the last change."""
        stretches, self.recent = self.recent, AT_REST
        for usual, step, sample in stretches:
            # a rest shorter than two seconds is not worth a phase of its own
            length = duration if duration - usual < 2.0 else usual
            self._add(label, kind, length, step, sample, **marks)
            duration -= length
            if duration <= 0.0:
                return
        step, sample = QUIET
        if duration > LONG:
            sample = 10.0 * sample
            rest = duration - whole(duration, step, sample)
            self._add(label, kind, rest, step, sample, **marks)
            duration -= rest
        self._add(label, kind, duration, step, sample, **marks)

    # -------------------------------------------------------------- steps

    def _do(self, step: Step) -> None:
        match step:
            case Posture():
                self._change_posture(step)
            case Wait():
                self._hold(f"wait {step.for_}", "wait", step.for_)
            case Tiptoes():
                self._tiptoes(step)
            case AnklePumps():
                self._ankle_pumps(step)
            case Stimulate():
                self._stimulate(step)
            case Walk() | Jog():
                self._gait(step)
            case Cycle():
                self._cycle(step)
            case Breathe():
                self._breathe(step)
            case Valsalva():
                self._valsalva(step)
            case Cuff():
                self._cuff(step)
            case FollowTrace():
                self._trace(step)
            case Skin():
                self._change_skin(step)
            case Wear():
                self._dress(step)
            case Remove():
                self._undress(step)
            case Pumped():
                self._sleeve(step)
            case Massage():
                self._massage(step.session)
            case Inject():
                self.injected.append({key: getattr(step, key) for key in ("tracer", "at", "side", "amount")})
            case TakeReadings():
                pass
            case _:
                raise TypeError(f"no forces for the step {step.word!r}")

    def _change_posture(self, step: Posture) -> None:
        kind = "raise" if isinstance(step, Raise) else {"rest": step.name()}.get(step.word, step.word)
        kind = {"lying": "lie", "prone": "lie", "legs raised": "raise", "sitting": "sit"}.get(kind, kind)
        kind = "raise" if step.name() == "legs raised" else kind
        label = step.name()
        over = 0.0
        moves = bool(np.any(self._inclination(step) != self.state.inclination))
        usual = usual_time(self.posture.angles(), step)
        if moves:
            # going on from another regimen: from a posture that has no name here
            usual = usual or self._value("posture.change.lie_to_stand")
            over = float(step.over) if step.over is not None else usual if step.for_ is None else min(usual, step.for_)
        self.posture = step
        trunk = step.angles()["trunk"]
        target = replace(
            self.state,
            inclination=self._inclination(step),
            ends=self._ends(trunk),
            pressure=self._pressure(),
            trunk=trunk,
        )
        if moves:
            self._add(label, kind, over, 0.01 if over < 2.0 else 0.02, 0.1, after=target, over=over, stage="moving")
            self.recent = AFTER_MOVE
        self._hold(label, kind, float(step.for_ or 0.0) - over, over=over, stage="holding")

    def _tiptoes(self, step: Tiptoes) -> None:
        n = len(self.topology.surroundings)
        usual = [self._value(f"muscle_pump.tiptoe.{name}") for name in ("rise", "hold", "fall")]
        given = [step.rise, step.hold, step.down]
        if step.rate is None:
            timing = [usual[k] if given[k] is None else float(given[k] or 0.0) for k in range(3)]
            period, onset = sum(timing), 0.0
            timing = [part / period for part in timing]
        else:
            period = 1.0 / step.rate
            key = "muscle_pump.tiptoe.soleus"
            onset = self._value(f"{key}.onset")
            shares = [self._value(f"{key}.{name}") for name in ("rise", "hold", "fall")]
            free = 1.0 - sum(float(part) / period for part in given if part is not None)
            asked = sum(share for share, part in zip(shares, given, strict=True) if part is None)
            squeeze = min(1.0, free / asked) if asked else 1.0
            timing = [
                share * squeeze if part is None else float(part) / period
                for share, part in zip(shares, given, strict=True)
            ]
            onset = min(onset, max(0.0, 1.0 - sum(timing)))
        pulses = _Pulses(n, period)
        stroke = 1.0 - float(step.heels or 0.0) / self._value("muscle_pump.tiptoe.height")
        for k, name in enumerate(self._plain(self.topology.surroundings)):
            key = f"muscle_pump.tiptoe.{_waveform(name)}.peak"
            if key in self.figures:
                pulses.height[k] = stroke * self._value(key)
                pulses.onset[k], (pulses.rise[k], pulses.hold[k], pulses.fall[k]) = onset, timing
        self._hold_in(pulses)
        self.work = min(1.0, self._value("inflow.exercise.tiptoe"))
        label = "one tiptoe" if step.count == 1 else f"{step.count} tiptoes"
        self._add(
            label, "tiptoes", period * step.count, GAIT_STEP, GAIT_SAMPLE,
            pulses=pulses, period=period, manoeuvre="tiptoes", repeats=step.count,
        )  # fmt: skip
        self.work, self.recent = 0.0, AFTER_MUSCLE

    def _ankle_pumps(self, step: AnklePumps) -> None:
        """Pulses of the muscles of a tiptoe, scaled by load over body weight: pressure is proportional to torque."""
        free = self._value("muscle_pump.ankle_pump.share")
        share = free + (self._value("muscle_pump.ankle_pump.heaviest") - free) * float(step.load or 0.0)
        share *= 1.0 if step.amplitude is None else float(step.amplitude)
        pulses = _Pulses(len(self.topology.surroundings), step.each)
        for k, name in enumerate(self.topology.surroundings):
            key = f"muscle_pump.tiptoe.{_waveform(name)}"
            if f"{key}.peak" in self.figures and name not in LUMPED and not name.startswith(OTHER_LEG):
                pulses.height[k] = share * self._value(f"{key}.peak")
                pulses.onset[k] = self._value(f"{key}.onset")
                shares = [self._value(f"{key}.{part}") for part in ("rise", "hold", "fall")]
                pulses.rise[k], pulses.hold[k], pulses.fall[k] = shares
        self.work = min(1.0, share * self._value("inflow.exercise.tiptoe"))
        self._over_and_over(f"{step.times} ankle pumps", "ankle pumps", pulses, step.times)

    def _stimulate(self, step: Stimulate) -> None:
        """Pulses of the muscles under the electrodes, each a share of its pressure in a tiptoe."""
        share, period = self._value("muscle_pump.stimulation.share"), step.each
        pulses = _Pulses(len(self.topology.surroundings), period)
        wanted = [muscle for part in step.muscles for muscle in STIMULATED[part]]
        for k, name in enumerate(self.topology.surroundings):
            if name in wanted:
                key = f"muscle_pump.tiptoe.{_waveform(name)}.peak"
                # the shin's muscle does nothing in a tiptoe: it contracts as in gait
                key = key if key in self.figures else f"muscle_pump.gait.{_waveform(name)}.peak"
                pulses.height[k] = share * self._value(key)
                for part in ("rise", "hold", "fall"):
                    getattr(pulses, part)[k] = min(self._value(f"muscle_pump.stimulation.{part}") / period, 0.3)
        self.work = min(1.0, share * self._value("inflow.exercise.tiptoe"))
        times = int(step.for_ / period + 1e-9)
        self._over_and_over("stimulation", "stimulate", pulses, times)

    def _cycle(self, step: Cycle) -> None:
        """Pulses of cycling. Each leg pushes for half a revolution; pressure is proportional to power over cadence."""
        base = "muscle_pump.cycling"
        cadence = float(step.cadence or self._value(f"{base}.cadence"))
        harder = (step.power / self._value(f"{base}.power")) * (self._value(f"{base}.cadence") / cadence)
        pulses = _Pulses(len(self.topology.surroundings), 1.0 / cadence)
        for k, name in enumerate(self.topology.surroundings):
            plain = name.removeprefix(OTHER_LEG)
            muscle = _waveform(plain)
            part = {"thigh_muscle": "thigh", "foot": "foot"}.get(muscle, "calf")
            if f"muscle_pump.gait.{muscle}.peak" not in self.figures or muscle == "anterior_compartment":
                continue
            later = 0.5 if name in LUMPED or name.startswith(OTHER_LEG) else 0.0
            share = min(1.5, harder) * self._value(f"{base}.share.{part}")
            pulses.height[k] = share * self._value(f"muscle_pump.gait.{muscle}.peak")
            pulses.onset[k] = (self._value(f"{base}.onset.{part}") + later) % 1.0
            for stretch in ("rise", "hold", "fall"):
                getattr(pulses, stretch)[k] = self._value(f"{base}.{stretch}")
        self.work = min(1.0, self._value("inflow.exercise.cycling") * step.power / self._value(f"{base}.power"))
        times = int(step.for_ * cadence + 1e-9)
        self._over_and_over(f"cycling {step.power}", "cycle", pulses, times, power=float(step.power))

    def _over_and_over(self, label: str, kind: str, pulses: _Pulses, times: int, **marks: Any) -> None:
        """Add phases of a movement repeated from rest to its end; a long one is sampled finely at both ends only."""
        self._hold_in(pulses)
        acts = pulses.height != 0.0
        quickest = pulses.period * float(np.min(np.minimum(pulses.rise, pulses.fall)[acts], initial=1.0))
        step = min(0.015, max(GAIT_STEP, quickest / 20.0))
        period, common = pulses.period, {"manoeuvre": kind, **marks}
        self._add(
            label, kind, period, step, GAIT_SAMPLE, pulses=pulses.beginning(), period=period,
            stage="first cycle", repeats=1, **common,
        )  # fmt: skip
        fine = max(1, math.ceil(40.0 / period))
        parts = [times - 1] if times * period <= 180.0 else [fine, times - 1 - 2 * fine, fine]
        for number, part in enumerate(parts):
            sample = period if number == 1 else GAIT_SAMPLE
            self._add(label, kind, part * period, step, sample, pulses=pulses, period=period, repeats=part, **common)
        self._add(label, kind, pulses.tail(), step, GAIT_SAMPLE, pulses=pulses.ending(), stage="last step", **common)
        self.work, self.recent = 0.0, AFTER_MUSCLE

    def _gait(self, step: Walk | Jog) -> None:
        running = isinstance(step, Jog)
        base = "muscle_pump.running" if running else "muscle_pump.gait"
        faster = step.speed / self._value(f"{base}.speed")
        period = self._value(f"{base}.period") * faster ** self._value("muscle_pump.gait.period_exponent")
        # whole time steps and samples in a cycle
        period = round(GAIT_SAMPLE * round(period / GAIT_SAMPLE), 9)
        louder = faster ** self._value("muscle_pump.gait.peak_exponent")
        pulses = _Pulses(len(self.topology.surroundings), period)
        for k, name in enumerate(self.topology.surroundings):
            plain = name.removeprefix(OTHER_LEG)
            key = f"{base}.{_waveform(plain)}"
            if f"{key}.peak" not in self.figures:
                continue
            later = 0.5 if name in LUMPED or name.startswith(OTHER_LEG) else 0.0
            pulses.height[k] = louder * self._value(f"{key}.peak") * self._left(step, name)
            pulses.onset[k] = (self._value(f"{key}.onset") + later) % 1.0
            pulses.rise[k] = self._value(f"{key}.rise")
            pulses.hold[k] = self._value(f"{key}.hold")
            pulses.fall[k] = self._value(f"{key}.fall")
        self._hold_in(pulses)
        cycles = int((step.for_ - pulses.tail()) / period + 1e-9)
        rest = step.for_ - cycles * period
        share = self._value(f"inflow.exercise.{'running' if running else 'walking'}")
        self.work = min(1.0, share * faster)
        label = f"{'run' if running else 'walk'} {step.speed}"
        kind = step.word
        common: dict[str, Any] = {"manoeuvre": kind, "speed": float(step.speed)}
        self._add(
            label, kind, period, GAIT_STEP, GAIT_SAMPLE, pulses=pulses.beginning(), period=period,
            stage="first cycle", gait_cycles=1, **common,
        )  # fmt: skip
        # in long walks only the beginning and the end are recorded finely
        fine = max(1, math.ceil(40.0 / period))
        parts = [cycles - 1] if step.for_ <= 180.0 else [fine, cycles - 1 - 2 * fine, fine]
        for number, part in enumerate(parts):
            sample = period if number == 1 else GAIT_SAMPLE
            self._add(
                label, kind, part * period, GAIT_STEP, sample, pulses=pulses, period=period,
                stage="cycles", gait_cycles=part, **common,
            )  # fmt: skip
        self.work, self.recent = 0.0, AFTER_MUSCLE
        ending: dict[str, Any] = {"pulses": pulses.ending(), "stage": "last step"}
        if self.stands_next:
            self._add(Stand().name(), "stand", rest, GAIT_STEP, GAIT_SAMPLE, **ending)
        else:
            self._add(label, kind, rest, GAIT_STEP, GAIT_SAMPLE, gait_cycles=0, **common, **ending)

    def _left(self, step: Walk | Jog, muscle: str) -> float:
        """Share of a muscle's pressure that is left when joints of the index leg are held, 1."""
        held = [joint for joint in getattr(step, "held", ()) if muscle in MOVED_BY[joint]]
        return math.prod(self._value(f"muscle_pump.gait.held.{joint}") for joint in held)

    def _breathe(self, step: Breathe) -> None:
        deep = step.deep is not None
        quiet = self.state
        ends, around, period = self._breath(deep, None if step.rate is None else float(step.rate))
        self.state = replace(self.state, breath_ends=ends, breath_surroundings=around, breath_period=period)
        label = f"{step.breaths} {'deep' if deep else 'quiet'} breaths"
        # a swing faster than breathing moves valves: its opening and closing are to be seen
        self._add(
            label, "breathe", step.breaths * period, min(0.02, period / 300.0), min(0.1, period / 60.0),
            manoeuvre="breathe", repeats=step.breaths,
        )  # fmt: skip
        self.state, self.recent = quiet, AFTER_MOVE

    def _valsalva(self, step: Valsalva) -> None:
        onset = min(self._value("regimen.valsalva.onset"), step.for_ / 3.0)
        calm = self.state
        still = {"breath_ends": np.zeros_like(calm.breath_ends), "breath_surroundings": 0.0 * calm.breath_surroundings}
        strained = replace(
            calm, ends=self._ends(calm.trunk, step.pressure), pressure=self._pressure(step.pressure), **still
        )
        label = f"Valsalva {step.pressure}"
        common: dict[str, Any] = {"manoeuvre": "valsalva"}
        self._add(label, "valsalva", onset, 0.005, 0.02, after=strained, stage="straining", **common)
        self._add(label, "valsalva", step.for_ - 2.0 * onset, 0.01, 0.05, stage="straining", **common)
        self._add(label, "valsalva", onset, 0.005, 0.02, after=replace(calm, **still), stage="releasing", **common)
        self.state = calm
        # what follows needs short steps at first; the step after this one may be anything
        self._add(label, "valsalva", 5.0, 0.01, 0.05, stage="after", **common)
        self.recent = AFTER_MOVE

    def _cuff(self, step: Cuff) -> None:
        shell = SHELLS[step.at]
        label = f"{step.at} cuff {step.pressure}"
        common: dict[str, Any] = {"manoeuvre": "cuff", "cuff": shell}
        inflate = float(step.inflate or self._value("posture.cuff.inflation"))
        falling = step.pressure < self.cuffs.get(shell, 0.0)
        self.cuffs[shell] = float(step.pressure)
        inflated = replace(self.state, pressure=self._pressure())
        self._add(
            label, "cuff", inflate, 0.005, 0.02, after=inflated, cuff_pressure=float(step.pressure),
            stage="releasing" if falling else "inflating", released=0.0 if falling else None, **common,
        )  # fmt: skip
        self.recent = AFTER_CUFF
        held = float(step.hold or 0.0)
        self._hold(label, "cuff", held, cuff_pressure=float(step.pressure), stage="held", **common)
        if step.release is not None:
            self.cuffs[shell] = 0.0
            empty = replace(self.state, pressure=self._pressure())
            self._add(
                label, "cuff", float(step.release), 0.005, 0.02, after=empty,
                cuff_pressure=0.0, stage="releasing", released=0.0, **common,
            )  # fmt: skip
            # valves shut within a second or two; the step that follows may be anything
            self._add(label, "cuff", 5.0, 0.005, 0.02, cuff_pressure=0.0, stage="released", **common)
            self.recent = AFTER_MOVE

    def _trace(self, step: FollowTrace) -> None:
        """A measured pressure, piece by piece; before it the time in which the pressure comes to its first sample."""
        cuff = step.of.endswith(" cuff")
        name = SHELLS[step.of.removesuffix(" cuff")] if cuff else step.of
        found = knots(step.samples)
        let_go = falls(found, EMPTY) if cuff else None
        pieces = [(after[0] - before[0], after[1], number) for number, (before, after) in enumerate(pairwise(found))]
        if self.cuffs.get(name, 0.0) != found[0][1]:
            pieces.insert(0, (LEAD, found[0][1], -1))
        if not cuff and found[-1][1] != 0.0:
            pieces.append((LEAD, 0.0, len(found)))
        for duration, pressure, number in pieces:
            marks: dict[str, Any] = {"manoeuvre": "trace"}
            if cuff:
                falling = pressure < self.cuffs.get(name, 0.0)
                marks = {
                    "manoeuvre": "cuff", "cuff": name, "cuff_pressure": pressure if pressure > EMPTY else 0.0,
                    "stage": "releasing" if falling else "inflating", "released": 0.0 if number == let_go else None,
                }  # fmt: skip
            self.cuffs[name] = pressure
            pace, sample = next((pace, sample) for longest, pace, sample in PACE if duration <= longest)
            after = replace(self.state, pressure=self._pressure())
            self._add(
                f"{step.of} as measured", "cuff" if cuff else "trace", duration, pace, sample, after=after, **marks
            )
        self.recent = AFTER_CUFF if cuff else AFTER_MUSCLE

    def _change_skin(self, step: Skin) -> None:
        over = float(step.over or self._value("regimen.skin.change"))
        reference = self._value("posture.temperature.reference")
        leg = reference if self.temperature is None else self.temperature
        foot = leg if self.foot is None else self.foot
        where = f"skin of the {step.at}" if step.at else "skin"
        for stage in range(1, SKIN_STAGES + 1):
            part = stage / SKIN_STAGES
            now = foot + (step.degrees - foot) * part
            if step.at is None:
                self.temperature = leg + (step.degrees - leg) * part
                self.foot = now if self.foot is not None and stage < SKIN_STAGES else None
            else:
                self.foot = now
            inflow, calibre = self._skin()
            self.state = replace(self.state, inflow=inflow, calibre=calibre)
            self._add(f"{where} to {step.degrees:.3g} degC", "skin", over / SKIN_STAGES, 0.1, 1.0, manoeuvre="skin")

    def _dress(self, step: Wear) -> None:
        self.worn[f"{step.garment} {step.on}"] = step
        self._change_pressure(f"{step.garment} on", "wear")

    def _undress(self, step: Remove) -> None:
        self.worn.pop(f"{step.garment} {step.on}", None)
        self._change_pressure(f"{step.garment} off", "remove")

    def _change_pressure(self, label: str, kind: str) -> None:
        dressed = replace(self.state, pressure=self._pressure())
        over = self._value("compression.putting_on.time")
        self._add(label, kind, over, 0.02, 0.1, after=dressed, manoeuvre=kind)
        self.recent = AFTER_MOVE

    def _sleeve(self, step: Pumped) -> None:
        period = step.cycle
        pulses = _Pulses(len(self.topology.surroundings), period)
        filled = step.timing("delay") * (len(step.chambers) - 1) + step.timing("rise") + step.timing("hold")
        for part, (start, pressure) in step.starts().items():
            shell = self._shell(part, step.on)
            pulses.height[shell], pulses.onset[shell] = pressure, start / period
            pulses.rise[shell] = step.timing("rise") / period
            pulses.hold[shell] = (filled - start - step.timing("rise")) / period
            pulses.fall[shell] = step.timing("fall") / period
        cycles = int(step.for_ / period + 1e-9)
        quick = min(step.timing("rise"), step.timing("fall"))
        self._add(
            "sleeve", "sleeve", cycles * period, min(0.02, quick / 20.0), min(0.5, quick / 4.0),
            pulses=pulses, period=period, manoeuvre="sleeve", repeats=cycles,
        )  # fmt: skip
        self.recent = AFTER_SLEEVE
        self._hold("sleeve", "sleeve", step.for_ - cycles * period, stage="after", manoeuvre="sleeve")

    def _massage(self, session: Session) -> None:
        """A session: lie down as it says, then one phase for each step of it."""
        posture = session.lying_down()
        if posture.name() != self.posture.name():
            self._change_posture(posture)
        for number, step in enumerate(session.course):
            marks: dict[str, Any] = {"manoeuvre": "massage", "session step": number}
            if isinstance(step, Strokes):
                spots = hand_placements(strokes_of(step, number), step.lasts)
                label = f"massage: {step.stroke}, {', '.join(step.where)}"
                for same in _alike(spots):
                    duration = sum(spot.duration for spot in same)
                    self._add(
                        label, "massage", duration, STROKE_STEP, STROKE_SAMPLE,
                        period=same[0].period, hand_placements=same, **marks,
                    )  # fmt: skip
                self.recent = AFTER_SLEEVE
            elif isinstance(step, Pause):
                self._hold(as_authors(step.note) or "rest", "massage", step.lasts, **marks)
            elif isinstance(step, Breathe):
                self._breathe(step)


def _alike(spots: Sequence[HandPlacement]) -> list[tuple[HandPlacement, ...]]:
    """Group consecutive spots at which the hand stays for the same time."""
    found: list[list[HandPlacement]] = []
    for spot in spots:
        if found and abs(found[-1][-1].duration - spot.duration) < 1e-6:
            found[-1].append(spot)
        else:
            found.append([spot])
    return [tuple(same) for same in found]
