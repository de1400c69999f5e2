"""What a phase of a step is marked with, so that instruments find in a run what was done."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, fields, replace
from typing import Any, Literal

from venolymph.steps.postures import Side


@dataclass(frozen=True)
class FaceChanges:
    """What changes a face in a phase besides posture and hands.

    Attributes:
        protein: by which share plasma protein differs from what it is without, 1 (salt).
        flow: of blood to the face, as a multiple of what it is without, 1 (alcohol).
        crying: whether the person cries: lids and nose filter more, by figures `regimen.cry.*`.
    """

    protein: float = 0.0
    flow: float = 1.0
    crying: bool = False


@dataclass(frozen=True)
class Injection:
    """A tracer put in.

    Attributes:
        tracer: `large` or `small`.
        at: part of the leg, or region of the face.
        side: of that part; all around where None.
        amount: in a unit of its own.
        leg: left or right; the index leg where None.
        half: of the face, left or right; both where None.
    """

    tracer: str
    at: str
    side: str | None = None
    amount: float = 1.0
    leg: Side | None = None
    half: Side | None = None


@dataclass(frozen=True)
class Marks:
    """What a phase is, for instruments; None where it does not apply.

    Attributes:
        posture: "standing", "lying", "sitting", "legs raised", "left leg raised", "tilted 60 deg".
        lies: left, right or front, where somebody lies on it; None on the back, sitting or standing.
        step: number of its step in the regimen, nested ones counted (of the posture step where it is the stretch before
            the first step).
        skin_temperature: degrees Celsius, at the end of the phase, once a regimen has set it.
        foot_temperature: the same of the foot's skin, once a regimen has set it apart.
        laid: how far its posture goes from standing (0) to lying (1).
        injected: tracers put in as the phase begins.
        face: what changes a face in the phase; None where nothing does.
        manoeuvre: "tiptoes", "ankle pumps", "stimulate", "massage", "walk", "run", "cycle", "cuff", "trace",
            "valsalva", "breathe", "skin", "wear", "remove", "sleeve", "suction", "knees", "cry".
        stage: "moving", "holding"; cuffs "inflating", "held", "releasing"; Valsalva "straining", "releasing"; gait
            "first cycle", "cycles"; "last step" while its last contractions end, which belongs to the standing that
            follows, if standing follows.
        over: a step that changes posture: how long the change takes, s, on each phase of the step.
        repeats: tiptoes: how many in the step; ankle pumps, stimulation, cycling: how many in the phase.
        gait_cycles: number of whole cycles in the phase.
        speed: walking, running: cm/s.
        power: cycling: W.
        session_step: massage: number of the step in the session.
        cuff: the surrounding that the cuff presses with ("calf shell").
        cuff_pressure: mmHg, what it reaches in the phase.
        released: the cuff is let go in this phase: when that begins, s from the phase's start.
        suction: mmHg below the air's pressure, what it reaches in the phase.
        knees: straight or bent, what they are in the end.
        leg: left or right, where it is the knee of one leg alone.
    """

    posture: str = ""
    lies: Literal["left", "right", "front"] | None = None
    step: int = 0
    skin_temperature: float | None = None
    foot_temperature: float | None = None
    laid: float | None = None
    injected: tuple[Injection, ...] = ()
    face: FaceChanges | None = None
    manoeuvre: str | None = None
    stage: str | None = None
    over: float | None = None
    repeats: int | None = None
    gait_cycles: int | None = None
    speed: float | None = None
    power: float | None = None
    session_step: int | None = None
    cuff: str | None = None
    cuff_pressure: float | None = None
    released: float | None = None
    suction: float | None = None
    knees: str | None = None
    leg: Side | None = None

    def joined(self, later: Marks) -> Marks:
        """These marks with those of a later phase of the same activity over them."""
        return replace(self, **later._set())

    def document(self) -> dict[str, Any]:
        """What applies, by name, as a folder keeps it."""
        found = {name.replace("_", " "): value for name, value in self._set().items()}
        if self.injected:
            found["injected"] = [dict(vars(one)) for one in self.injected]
        if self.face is not None:
            found["face"] = dict(vars(self.face))
        return found

    @classmethod
    def read(cls, document: Mapping[str, Any]) -> Marks:
        """Marks as `document` gives them.

        Raises:
            TypeError: where there is no such mark.
        """
        given = {name.replace(" ", "_"): value for name, value in document.items()}
        given["injected"] = tuple(Injection(**one) for one in given.get("injected", ()))
        given["face"] = FaceChanges(**given["face"]) if "face" in given else None
        return cls(**given)

    def _set(self) -> dict[str, Any]:
        """What applies; posture and step always do."""
        values = {one.name: getattr(self, one.name) for one in fields(self)}
        return {name: value for name, value in values.items() if value is not None and value != ()}
