"""What a step of a regimen comes to: phases, and the scene after them."""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import Any

import numpy as np

from venolymph.massage.hands import HandPlacement
from venolymph.network.phase_drive import PhaseDrive
from venolymph.network.time_grid import whole
from venolymph.regimen.forces.pace import AT_REST, LONG, QUIET, WHOLE
from venolymph.regimen.forces.phase import Activity, BodyState, Phase, Pulses
from venolymph.regimen.forces.scene import Scene
from venolymph.steps.laid import laid
from venolymph.steps.step import Step


@dataclass(frozen=True)
class StepPhases:
    """Phases of a step, and the scene after them. Its methods give a new one and leave it as it is.

    Attributes:
        scene: after the phases.
        phases: so far.
    """

    scene: Scene
    phases: tuple[Phase, ...] = ()

    def with_scene(self, **changes: Any) -> StepPhases:
        """The same with other attributes of the scene."""
        return replace(self, scene=replace(self.scene, **changes))

    def then(self, make: Make, step: Any) -> StepPhases:
        """With what another step makes of the scene after it."""
        done = make(self.scene, step)
        return StepPhases(done.scene, (*self.phases, *done.phases))

    def with_phase(
        self,
        activity: Activity,
        duration: float,
        pace: tuple[float, float],
        *,
        after: BodyState | None = None,
        pulses: Pulses | None = None,
        hand_placements: tuple[HandPlacement, ...] = (),
    ) -> StepPhases:
        """With one more phase, in which the state moves to `after`, over all of it.

        Args:
            activity: what is done.
            duration: s; nothing is added where it is 0 or less.
            pace: greatest time step and sampling interval, s.
            after: posture, pressures and inflow at its end; as they are where not given.
            pulses: of the muscles and what presses in time with them.
            hand_placements: what hands do, spot after spot.
        """
        if duration <= 0.0:
            return self
        scene, (step, sample) = self.scene, pace
        ends = min((one.left for one in scene.lasting), default=math.inf)
        if ends < duration - 1e-9 and after is None and pulses is None and not hand_placements:
            # what lasts ends within this rest, which is cut there
            first = self.with_phase(activity, ends, pace)
            return first.with_phase(activity, duration - ends, pace)
        after = after or scene.state
        marks = replace(
            activity.marks,
            posture=scene.posture.name(),
            lies=None if scene.posture.lies == "back" else scene.posture.lies,
            step=scene.step,
            skin_temperature=scene.temperature,
            foot_temperature=scene.foot,
            laid=laid(scene.posture, scene.body.value),
            injected=scene.injected,
            face=scene.face(),
        )
        phase = Phase(
            label=activity.label,
            kind=activity.kind,
            duration=duration,
            step=step,
            sample=max(step, min(sample, duration)),
            drive=_drive(scene, after, duration, pulses),
            period=pulses.repeats if pulses else hand_placements[0].period if hand_placements else None,
            marks=marks,
            hand_placements=hand_placements,
        )
        scene = replace(scene.later(duration), state=after, injected=())
        return StepPhases(scene, (*self.phases, phase))

    def with_rest(self, activity: Activity, duration: float) -> StepPhases:
        """With phases of rest, whose time steps grow with the time since the last change.

        Args:
            activity: what is done.
            duration: s.
        """
        stretches, found = self.scene.recent, self.with_scene(recent=AT_REST)
        for usual, step, sample in stretches:
            # a rest shorter than two seconds is not worth a phase of its own
            length = duration if duration - usual < 2.0 else usual
            found = found.with_phase(activity, length, (step, sample))
            duration -= length
            if duration <= 0.0:
                return found
        step, sample = QUIET
        if duration > LONG:
            sample = 10.0 * sample
        if duration > WHOLE:
            rest = duration - whole(duration, step, sample)
            found = found.with_phase(activity, rest, (step, sample))
            duration -= rest
        return found.with_phase(activity, duration, (step, sample))


def _drive(scene: Scene, after: BodyState, duration: float, pulses: Pulses | None) -> PhaseDrive:
    """The drive of a phase from the state of a scene to another over its whole duration, s."""

    def column(values: Any) -> Any:
        return np.atleast_1d(np.asarray(values, dtype=np.float64))[:, None]

    before = scene.state
    pulses = pulses or Pulses(len(before.pressure), 1.0)
    works = [name.startswith("muscle") for name in scene.body.plain(scene.body.topology.beds)]
    return PhaseDrive(
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
        exercise=column(np.where(works, pulses.work, 0.0)),
        inflow=column(after.inflow),
        calibre=column(after.calibre),
        elastance=column(scene.grip()),
        grip_volume=column(np.zeros(len(before.pressure))),
    )


Make = Callable[[Scene, Any], StepPhases]
"""What makes a step phases: from the scene where it begins to its phases and the scene after."""

Forces = dict[type[Step], Make]
"""What makes steps of each kind phases."""
