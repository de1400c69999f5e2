"""Measures: the attributes of a run that instruments read, and the reading that they return."""

from __future__ import annotations

import tomllib
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cache
from importlib import resources
from typing import Any, Literal, Protocol

import numpy as np
from jax.core import Tracer
from jaxtyping import Array, Float

from venolymph.errors import MeasureError


class Recorded(Protocol):
    """What instruments read: labelled traces over time, arrays of shape `(samples, things, batch)`."""

    @property
    def bodies(self) -> Sequence[Any]:
        """The body of each member."""
        ...

    @property
    def parameters(self) -> Any:
        """Parameters of the network, members side by side; None: those of the bodies."""
        ...

    @property
    def tissue(self) -> Any:
        """Tissue and lymph of the members; None where they were not simulated."""
        ...

    @property
    def branches(self) -> dict[str, Any]:
        """Branches already made for measures, by manoeuvre: several measures share one."""
        ...

    @property
    def phases(self) -> Sequence[Any]:
        """The phases in order, each with label, kind, start, duration, period, marks."""
        ...

    @property
    def members(self) -> Sequence[str]:
        """Label of each member."""
        ...

    @property
    def time(self) -> np.ndarray:
        """End of each sampling interval, s."""
        ...

    @property
    def pressure(self) -> Any:
        """Blood pressure in each cell at the end of each sample, mmHg."""
        ...

    @property
    def volume(self) -> Any:
        """Blood in each cell at the end of each sample, mL."""
        ...

    @property
    def flow(self) -> Any:
        """Flow through each face at the end of each sample, mL/s."""
        ...

    @property
    def valve(self) -> Any:
        """Opening of each valve at the end of each sample, 0 to 1."""
        ...

    @property
    def mean_volume(self) -> Any:
        """Blood in each cell, mean over each sample, mL."""
        ...

    @property
    def mean_pressure(self) -> Any:
        """Blood pressure in each cell, mean over each sample, mmHg."""
        ...

    @property
    def mean_flow(self) -> Any:
        """Flow through each face, mean over each sample, mL/s."""
        ...

    @property
    def mean_inflow(self) -> Any:
        """Flow out of each bed, mean over each sample, mL/s."""
        ...

    @property
    def surroundings(self) -> Any:
        """Pressure of each surrounding at the end of each sample, mmHg."""
        ...

    @property
    def height(self) -> Any:
        """Height of each cell above the right atrium, cm."""
        ...

    def exchange(self, name: str) -> Any:
        """A quantity of tissue and lymph by name, shape (records, ..., batch)."""
        ...

    def branch(self, regimen: Any, after: int | None = None) -> Recorded:
        """Continue with another regimen from the end of a phase; this run is unchanged."""
        ...


class ManoeuvreMissingError(MeasureError):
    """The run does not hold the manoeuvre that a measure needs."""


@dataclass(frozen=True)
class Trace:
    """A quantity over time.

    Attributes:
        time: s, shape (samples,).
        values: shape (samples, batch).
        unit: unit of the values.
    """

    time: np.ndarray
    values: Float[Array, "samples batch"]
    unit: str


@dataclass(frozen=True)
class Published:
    """What was published of a measure in people without venous disease (`published.toml`).

    Attributes:
        low: lower end of the range in the measure's unit, or None.
        high: its upper end, or None.
        source: where it was published.
        population: who, and how.
        places: first words of the places that it holds for; empty for any.
        checked: `read` in the source, or `recalled` from memory.
    """

    low: float | None
    high: float | None
    source: str
    population: str = ""
    places: tuple[str, ...] = ()
    checked: str = ""

    @property
    def text(self) -> str:
        """The range in words."""
        if self.low is None:
            return f"up to {self.high:g}"
        return f"from {self.low:g}" if self.high is None else f"{self.low:g} to {self.high:g}"

    def holds_for(self, place: str | None) -> bool:
        """Whether it was published for this place."""
        return not self.places or (place is not None and place.startswith(self.places))


@cache
def _published() -> dict[str, tuple[Published, ...]]:
    found: dict[str, tuple[Published, ...]] = {}
    text = resources.files("venolymph.measures").joinpath("published.toml").read_text("utf-8")
    for entry in tomllib.loads(text)["published"]:
        one = Published(
            low=entry.get("low"),
            high=entry.get("high"),
            source=entry["source"],
            population=entry["population"],
            places=tuple(entry.get("places", ())),
            checked=entry["checked"],
        )
        found[entry["measure"]] = (*found.get(entry["measure"], ()), one)
    return found


@dataclass(frozen=True)
class Found:
    """Result of an instrument: the value of each member, and where there are any its trace and parts."""

    value: Float[Array, " batch"]
    trace: Trace | None = None
    parts: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True)
class Reading:
    """One measure read from one run.

    Attributes:
        name: name of the measure, with the place it was read at.
        value: one number for each member; NaN where it could not be read (a level never reached, a failed member).
        unit: unit of the value.
        members: labels of the members.
        trace: the quantity over time, where the measure has one.
        parts: what the value was computed from, by name.
        published: range to set it beside, if one was published.
        performed: the manoeuvre that was done for it on a branch from the run's end, where the run does not hold it;
            empty where it was read from the run itself.
    """

    name: str
    value: Float[Array, " batch"]
    unit: str
    members: tuple[str, ...] = ()
    trace: Trace | None = None
    parts: Mapping[str, Any] = field(default_factory=dict)
    published: Published | None = None
    performed: str = ""

    @property
    def text(self) -> str:
        """The reading in words, such as `1.9 mL/s`; several members by name; whether it was done after the run."""
        return self._numbers + done_after(self.performed)

    @property
    def _numbers(self) -> str:
        numbers = [_number(float(value)) for value in np.atleast_1d(np.asarray(self.value))]
        unit = "" if self.unit == "1" else f" {self.unit}"
        if len(numbers) == 1:
            return numbers[0] + (unit if numbers[0] != "not reached" else "")
        names = self.members if len(self.members) == len(numbers) else [str(i + 1) for i in range(len(numbers))]
        return ", ".join(f"{name} {number}" for name, number in zip(names, numbers, strict=True)) + unit

    def __float__(self) -> float:
        values = np.atleast_1d(np.asarray(self.value))
        if len(values) != 1:
            raise MeasureError(
                f"{self.name!r} was read in {len(values)} members, so it is not one number",
                hint="take `.value`, one number for each member",
            )
        return float(values[0])

    def __repr__(self) -> str:
        shown = "traced" if isinstance(self.value, Tracer) else self.text
        return f"Reading({self.name!r}: {shown})"


def done_after(manoeuvre: str) -> str:
    """What stands behind a reading whose manoeuvre the run does not hold, so that it was done after it."""
    return f" (from {manoeuvre!r}, done after the run)" if manoeuvre else ""


def _number(value: float) -> str:
    if np.isnan(value):
        return "not reached"
    return f"{value:.0f}" if abs(value) >= 100 else f"{value:.3g}"


@dataclass(frozen=True)
class Measure:
    """Something that can be read from a run.

    Attributes:
        name: its name; `{place}` in it stands for the name of a vein, region or valve.
        unit: unit of its value.
        description: what it is, in a sentence.
        instrument: the instrument that reads it, which is also the name of its page in the documentation.
        finder: computes it; raises `MeasureError` where the run does not fit.
        aliases: other names, such as the clinic's abbreviation.
        manoeuvre: regimen (packaged, or a document) that is performed where the run does not hold what is needed;
            None where any run will do.
        differentiable: whether the value has a useful derivative with respect to the run's parameters.
        places: what `{place}` may be in a run; None for a measure without a place.
        on: the part of the body that it is read on; any, where the names of its places say so.
    """

    name: str
    unit: str
    description: str
    instrument: str
    finder: Callable[..., Found]
    aliases: tuple[str, ...] = ()
    manoeuvre: str | Mapping[str, Any] | None = None
    differentiable: bool = True
    places: Callable[[Recorded], Sequence[str]] | None = None
    on: Literal["leg", "face", "any"] = "leg"

    @property
    def names(self) -> tuple[str, ...]:
        """Its name and its aliases."""
        return (self.name, *self.aliases)

    @property
    def manoeuvre_name(self) -> str | None:
        """The manoeuvre in words."""
        return self.manoeuvre["regimen"] if isinstance(self.manoeuvre, Mapping) else self.manoeuvre

    @property
    def published(self) -> tuple[Published, ...]:
        """Published ranges that a reading is compared with."""
        return _published().get(self.name, ())

    def check_part(self, legs: str) -> None:
        """Refuse a part of the body that it is not read on.

        Args:
            legs: that are simulated, `one` or `both`; `none` where it is a face.

        Raises:
            MeasureError: where it is not read there.
        """
        part = "face" if legs == "none" else "leg"
        if self.on not in ("any", part):
            raise MeasureError(
                f"{self.name!r} is read on a {self.on}, and this is a simulation of a {part}",
                hint=f"`venolymph measures` lists what is read on a {part}, or write `body: {self.on}` in the regimen",
            )

    def read(self, run: Recorded, place: str | None = None) -> Reading:
        """Reads it from a run that holds what it needs.

        Args:
            run: the run.
            place: which vein, region or valve, for a measure that has a place.

        Raises:
            MeasureError: where the run does not hold it.
        """
        self.check_part(run.bodies[0].legs)
        with np.errstate(all="ignore"):  # what cannot be read is NaN, and said so in the text
            found = self.finder(run) if self.places is None else self.finder(run, place)
        return Reading(
            name=self.name if place is None else self.name.replace("{place}", place),
            value=found.value,
            unit=self.unit,
            members=tuple(run.members),
            trace=found.trace,
            parts=found.parts,
            published=next((one for one in self.published if one.holds_for(place)), None),
        )
