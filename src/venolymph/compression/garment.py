"""Garments that press on a leg, and how hard, as documents and as plain functions.

A garment's pressure at a place follows Laplace: the tension of its cloth over the limb's radius,

    P = n T / (r w),    r = girth / (2 pi)

with n layers, tension T over width w. A garment that is stretched over a thicker limb pulls harder, so the pressure of
a stocking grows with girth, and that of a stiff bandage grows much.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from functools import cache
from typing import Annotated, Any, Literal, get_args

from pydantic import BeforeValidator, Field, field_validator, model_validator

from venolymph import figures
from venolymph.documents import Entry
from venolymph.errors import DocumentError, nearest
from venolymph.units import DURATION, LENGTH, PRESSURE, Quantity, refusal, show

Part = Literal["foot", "ankle", "calf", "knee", "thigh"]
PARTS: tuple[Part, ...] = get_args(Part)
"""Parts of a leg that a garment can press on, from below."""
_MMHG = 75.00615758456564
"""N/cm2 in mmHg."""


def _limb(given: Any) -> Any:
    if given not in (None, "left", "right"):
        raise refusal(
            f"there is no limb {show(given)} here; allowed are left and right, the legs",
            hint="leave `on` out for the leg asked about",
        )
    return given


Limb = Annotated[Literal["left", "right"] | None, BeforeValidator(_limb)]

_PRESSURE = PRESSURE.between("1 mmHg", "150 mmHg", example="20 mmHg")
_GIRTH = LENGTH.between("10 cm", "120 cm", example="22 cm")


# ------------------------------------------------------------------ Laplace


def interface_pressure(tension: float, girth: float, *, width: float = 1.0, layers: float = 1.0) -> float:
    """Pressure of stretched cloth on a limb.

    Args:
        tension: pull of the cloth, N.
        girth: of the limb, cm.
        width: of the strip of cloth that pulls so, cm.
        layers: how many lie over each other, 1.

    Returns:
        Pressure on the skin, mmHg.

    Raises:
        DocumentError: where girth or width is not above 0, or tension or layers is below 0.
    """
    for name, value, least in (("girth", girth, True), ("width", width, True), ("tension", tension, False)):
        if not math.isfinite(value) or value < 0.0 or (least and value == 0.0):
            raise DocumentError(
                f"{name} is {value:g}; it must be {'more than' if least else 'at least'} 0",
                hint="give tension in N, girth and width in cm",
                place=name,
            )
    if not layers > 0.0:
        raise DocumentError(f"layers is {layers:g}; it must be more than 0", place="layers")
    return _MMHG * layers * tension * 2.0 * math.pi / (girth * width)


def tension(pressure: float, girth: float, *, width: float = 1.0, layers: float = 1.0) -> float:
    """Pull of the cloth that gives a pressure on a limb, N; see `interface_pressure`."""
    return pressure / interface_pressure(1.0, girth, width=width, layers=layers)


# ------------------------------------------------------------------ classes


@dataclass(frozen=True)
class ClassPressure:
    """Pressure that a class has at the ankle.

    Attributes:
        name: standard and class, `RAL I`.
        low: mmHg.
        high: mmHg.
        basis: measured (read), or assumed (remembered, or a guess).
    """

    name: str
    low: float
    high: float
    basis: str

    @property
    def middle(self) -> float:
        """Middle of the range, mmHg."""
        return 0.5 * (self.low + self.high)


STANDARDS = {"ral": "RAL", "cen": "CEN", "british": "British", "french": "French", "american": "American"}


@cache
def _classes() -> dict[str, ClassPressure]:
    found: dict[str, ClassPressure] = {}
    for key, figure in figures.load().under("compression").items():
        standard, _, rest = key.partition(".class_")
        if rest and standard in STANDARDS:
            name = f"{STANDARDS[standard]} {rest}"
            low, high = figure.internal_range or (figure.internal, figure.internal)
            found[name] = ClassPressure(name, low, high, figure.basis)
    return found


CLASSES: tuple[str, ...] = (
    "RAL I", "RAL II", "RAL III", "RAL IV", "CEN A", "CEN I", "CEN II", "CEN III", "CEN IV", "British 1", "British 2",
    "British 3", "French 1", "French 2", "French 3", "French 4", "American 15-20", "American 20-30", "American 30-40"
)  # fmt: skip
"""Compression classes by standard; a test holds them to the figures."""


def _words(name: str) -> tuple[str, ...]:
    return tuple(name.lower().replace("-", " ").split())


def ankle_pressure(name: str) -> ClassPressure:
    """Pressure at the ankle of a class, such as `RAL I` or `American 20-30`.

    Raises:
        DocumentError: where there is no such class.
    """
    known = {_words(one): one for one in CLASSES}
    found = known.get(_words(str(name)))
    if found is None:
        near = nearest(str(name), CLASSES)
        raise DocumentError(
            f"there is no compression class {show(name)}; allowed are {', '.join(CLASSES)}",
            hint=f"did you mean {near!r}?" if near else "write standard and class, such as RAL I",
        )
    return _classes()[found]


# ------------------------------------------------------------------ documents


class Garment(Entry):
    """Something worn on a leg that presses.

    Attributes:
        garment: `stocking` (by class), `bandage` (short-stretch: resting and working pressure), or `profile` (any
            garment by its own pressures).
        class_: standard and class of a stocking.
        up_to: knee or thigh, for stockings and bandages.
        resting: pressure of a bandage at the ankle while the muscles are at rest, mmHg inside.
        working: the same while they work, mmHg inside.
        pressure: pressure of a profile or a bandage at each part of the leg, mmHg inside; a bandage's while at rest.
        made_for: girth at each part that these pressures hold for, cm inside; where not given, an adult's.
        on: the leg; where not given, the one asked about.
    """

    garment: Literal["stocking", "bandage", "profile"]
    class_: str | None = Field(default=None, alias="class")
    up_to: Literal["knee", "thigh"] | None = None
    resting: Annotated[Quantity, _PRESSURE] | None = None
    working: Annotated[Quantity, _PRESSURE] | None = None
    pressure: dict[Part, Annotated[Quantity, _PRESSURE]] | None = None
    made_for: dict[Part, Annotated[Quantity, _GIRTH]] | None = None
    on: Limb = None

    @field_validator("pressure", "made_for", mode="before")
    @classmethod
    def _known_parts(cls, given: Any) -> Any:
        for part in given if isinstance(given, dict) else ():
            if part not in PARTS:
                near = nearest(str(part), PARTS)
                raise refusal(
                    f"there is no part {show(part)} of a leg; allowed are {', '.join(PARTS)}",
                    hint=f"did you mean {near!r}?" if near else "name a part that a garment can cover",
                    key=str(part),
                )
        return given

    @field_validator("class_")
    @classmethod
    def _known_class(cls, name: str | None) -> str | None:
        if name is None:
            return None
        try:
            return ankle_pressure(name).name
        except DocumentError as error:
            raise refusal(error.message, hint=error.hint) from None

    @model_validator(mode="after")
    def _fits_its_kind(self) -> Garment:
        takes = {
            "stocking": ("class", "up_to"),
            "bandage": ("resting", "working", "up_to", "pressure"),
            "profile": ("pressure",),
        }
        given = {
            "class": self.class_,
            "up_to": self.up_to,
            "resting": self.resting,
            "working": self.working,
            "pressure": self.pressure,
        }
        for key, value in given.items():
            if value is not None and key not in takes[self.garment]:
                raise refusal(
                    f"a {self.garment} has no {key!r}; it takes {', '.join(takes[self.garment])}",
                    hint="leave it out, or name another garment",
                    key=key,
                )
        needed = {"stocking": "class", "profile": "pressure"}.get(self.garment)
        if needed and not given[needed]:
            example = {"class": "class: RAL I", "pressure": "pressure: {ankle: 20 mmHg, calf: 15 mmHg}"}[needed]
            raise refusal(f"{needed!r} is missing for a {self.garment}", hint=f"write `{example}`")
        if self.garment == "bandage" and self.pressure is not None and (self.resting or self.working or self.up_to):
            raise refusal(
                "a bandage with its pressure at each part has no resting, working or up_to beside it",
                hint="leave them out, or leave pressure out",
                key="pressure",
            )
        if self.resting is not None and self.working is not None and self.working < self.resting:
            raise refusal(
                f"it presses with {self.working} at work, less than the {self.resting} at rest",
                hint="the working pressure is the higher one",
                key="working",
            )
        return self

    @property
    def parts(self) -> tuple[Part, ...]:
        """Parts of the leg that it covers, from below."""
        if self.pressure is not None:
            return tuple(part for part in PARTS if part in self.pressure)
        return PARTS if self.up_to == "thigh" else PARTS[: PARTS.index("knee")]

    @property
    def stiffness(self) -> float:
        """How much harder it presses for each cm of girth, mmHg/cm."""
        return figures.internal(f"compression.stiffness.{self.garment}")

    def pressure_at(self, part: str, *, working: bool = False) -> float:
        """Pressure on a part of a limb that it was made for, mmHg; 0 where it does not reach.

        Args:
            part: foot, ankle, calf, knee or thigh.
            working: whether the muscles work (a bandage then presses harder).
        """
        if part not in PARTS:
            near = nearest(part, PARTS)
            raise DocumentError(
                f"there is no part {show(part)} of a leg; allowed are {', '.join(PARTS)}",
                hint=f"did you mean {near!r}?" if near else "name a part that a garment can cover",
            )
        if part not in self.parts:
            return 0.0
        usual = figures.internal("compression.bandage.working") / figures.internal("compression.bandage.resting")
        if self.pressure is not None:
            return float(self.pressure[part]) * (usual if working and self.garment == "bandage" else 1.0)
        share = figures.internal(f"compression.profile.{part}")
        if self.class_ is not None:
            return ankle_pressure(self.class_).middle * share
        resting = float(self.resting or figures.internal("compression.bandage.resting"))
        if not working:
            return resting * share
        return float(self.working or resting * usual) * share

    def girth_at(self, part: str) -> float:
        """Girth that its pressure on a part holds for, cm."""
        made_for = {str(name): float(girth) for name, girth in (self.made_for or {}).items()}
        return made_for.get(part) or figures.internal(f"compression.girth.{part}")

    def pressure_on(self, part: str, girth: float, *, working: bool = False) -> float:
        """Pressure on a part of a limb as thick as it is now, mmHg: Laplace with cloth that pulls harder when longer.

        Args:
            part: foot, ankle, calf, knee or thigh.
            girth: of the limb there and now, cm.
            working: whether the muscles work.
        """
        resting, made_for = self.pressure_at(part, working=working), self.girth_at(part)
        if resting == 0.0:
            return 0.0
        # the pull changes so that, near the girth it was made for, pressure rises by `stiffness` for each cm
        pull = tension(resting, made_for) * (1.0 + (self.stiffness / resting + 1.0 / made_for) * (girth - made_for))
        return interface_pressure(max(0.0, pull), girth)


def _parts(given: Any) -> Any:
    return (given,) if isinstance(given, str) else given


class Chamber(Entry):
    """One chamber of a pneumatic sleeve.

    Attributes:
        over: parts of the leg that it covers.
        pressure: while it is full, mmHg inside.
    """

    over: Annotated[tuple[Part, ...], BeforeValidator(_parts), Field(min_length=1)]
    pressure: Annotated[Quantity, PRESSURE.between("5 mmHg", "150 mmHg", example="45 mmHg")]


class Sleeve(Entry):
    """A pneumatic sleeve: chambers from below, filled one after the other, held together, emptied, paused.

    Attributes:
        chambers: in the order in which they fill.
        for_: how long it works, s inside.
        rise: how long a chamber takes to fill, s inside.
        delay: from the start of one chamber to that of the next, s inside; 0 fills all at once.
        hold: how long all stay full, s inside.
        fall: how long they take to empty, s inside.
        pause: how long they stay empty, s inside.
        on: the leg; where not given, the one asked about.
    """

    chambers: tuple[Chamber, ...] = Field(min_length=1, max_length=5)
    for_: Annotated[Quantity, DURATION.between("10 s", "24 h", example="30 min")] = Field(alias="for")
    rise: Annotated[Quantity, DURATION.between("0.2 s", "2 min", example="5 s")] | None = None
    delay: Annotated[Quantity, DURATION.between("0 s", "2 min", example="6 s")] | None = None
    hold: Annotated[Quantity, DURATION.between("0 s", "10 min", example="20 s")] | None = None
    fall: Annotated[Quantity, DURATION.between("0.2 s", "2 min", example="3 s")] | None = None
    pause: Annotated[Quantity, DURATION.between("0 s", "10 min", example="25 s")] | None = None
    on: Limb = None

    @model_validator(mode="after")
    def _chambers_lie_apart(self) -> Sleeve:
        seen: dict[str, int] = {}
        for number, chamber in enumerate(self.chambers):
            for part in chamber.over:
                if part in seen:
                    raise refusal(
                        f"chambers {seen[part] + 1} and {number + 1} overlap: both cover the {part}",
                        hint="let each part of the leg lie under one chamber",
                        key=("chambers", number, "over"),
                    )
                seen[part] = number
        if self.cycle > self.for_ + 1e-9:
            raise refusal(
                f"one cycle takes {self.cycle:g} s, longer than the {self.for_} that it works",
                hint="make `for` longer, or the times of the cycle shorter",
                key="for",
            )
        return self

    def timing(self, name: Literal["rise", "delay", "hold", "fall", "pause"]) -> float:
        """One of the cycle's times, s: as given, or what is usual."""
        given = getattr(self, name)
        return figures.internal(f"compression.sleeve.{name}") if given is None else float(given)

    @property
    def cycle(self) -> float:
        """Duration of a cycle, s."""
        filling = self.timing("delay") * (len(self.chambers) - 1) + self.timing("rise")
        return filling + self.timing("hold") + self.timing("fall") + self.timing("pause")

    def starts(self) -> dict[str, tuple[float, float]]:
        """For each part of the leg that is covered: when in the cycle its chamber begins to fill, s, and mmHg."""
        delay = self.timing("delay")
        return {
            part: (number * delay, float(chamber.pressure))
            for number, chamber in enumerate(self.chambers)
            for part in chamber.over
        }
