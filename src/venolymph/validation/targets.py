"""The targets, `targets.toml`, and how each is put to the model, `protocols.toml`."""

from __future__ import annotations

import tomllib
from collections.abc import Mapping
from dataclasses import dataclass, replace
from functools import cache
from importlib import resources
from typing import Any

from venolymph.errors import DocumentError, nearest

LEG = ("veins", "tissue")
"""Parts of the model that a leg needs."""
BUILT = (*LEG, "face", "wall")
"""Parts of the model that are built."""
PERSON = "healthy"
"""The person of a target that names none."""
QUICK = 37
"""How many targets a quick validation runs: the first of those that need veins or tissue."""
DIRECTION = ("sign", "order")
"""Units of targets of which the direction alone counts."""

_READING = ("protocol", "person", "measures", "after", "less", "over")
_PART = (*_READING, "against", "to", "percent", "times", "expect", "low", "high", "preparation", "note")


@dataclass(frozen=True)
class TargetReading:
    """Something read of some people who did a protocol.

    Attributes:
        protocol: name of the regimen, a document in `protocols/`.
        people: packaged names, or names of documents in `protocols/`; the mean of what they give counts.
        measures: what is read; the largest counts.
        after: number of the regimen's step (nested ones counted) at whose end it is read; None for the end.
        less: likewise, a step whose reading is taken off; None for none.
        over: likewise, a step whose reading it is divided by; None for none.
    """

    protocol: str
    people: tuple[str, ...]
    measures: tuple[str, ...]
    after: int | None = None
    less: int | None = None
    over: int | None = None

    @property
    def steps(self) -> tuple[int | None, ...]:
        """The steps at whose ends something is read."""
        return (self.after, *(step for step in (self.less, self.over) if step is not None))


@dataclass(frozen=True)
class TargetPart:
    """One number of a target, and how it is got.

    Attributes:
        reading: what is read; None for a preparation.
        against: a reading that is taken off; None for none.
        to: a reading that it is divided by; None for none.
        percent: whether the ratio is given as a change, 100 (x - 1).
        times: what the number is multiplied by, such as 10 from cm to mm, or -1 where a fall is asked for.
        preparation: what is done in place of a regimen (`preparations`, `wall_courses`); None where a regimen is.
        value: centre, or the direction of a target of which the direction counts; None where there is none.
        low: lower end of the range that counts as agreement, or None.
        high: its upper end, or None.
        note: on how it is performed.
    """

    reading: TargetReading | None
    against: TargetReading | None
    to: TargetReading | None
    percent: bool
    times: float
    preparation: str | None
    value: Any
    low: Any
    high: Any
    note: str

    @property
    def readings(self) -> tuple[TargetReading, ...]:
        """All that has to be read for it."""
        return tuple(one for one in (self.reading, self.against, self.to) if one is not None)


@dataclass(frozen=True)
class Target:
    """A published figure, or several that belong together, that the model is judged by.

    Attributes:
        id: its name.
        needs: the part of the model it needs.
        person: whom it is about.
        protocol: what is done, in words.
        measure: what is read, in words.
        unit: of value, low and high; several where the parts have several; `sign` where the direction alone counts (1
            rises, -1 falls, 0 does not change), `order` where an order does.
        value: centre, or None where none is stated; a tuple where there are parts.
        low: lower end of the range that counts as agreement, or None; likewise.
        high: its upper end, or None; likewise.
        spread: where the range comes from.
        use: `calibrate` (may set parameters) or `check` (never fitted).
        source: where it was published.
        checked: how far the figure was checked against its source.
        accept: what counts as agreement, in words, where it is no range.
        parts: how each of its numbers is got; empty where it cannot be performed yet.
        waits: why it cannot be performed yet; empty where it can.
        chance: whether it hangs on when lymphatics contract, so that one leg does not tell.
    """

    id: str
    needs: str
    person: str
    protocol: str
    measure: str
    unit: str
    value: Any
    low: Any
    high: Any
    spread: str
    use: str
    source: str
    checked: str
    accept: str
    parts: tuple[TargetPart, ...]
    waits: str
    chance: bool

    @property
    def can_run(self) -> bool:
        """Whether the part of the model that it needs is built and its protocol can be performed."""
        return bool(self.parts)

    @property
    def by_direction(self) -> bool:
        """Whether the direction alone counts."""
        return self.unit in DIRECTION

    @property
    def readings(self) -> tuple[TargetReading, ...]:
        """All that has to be read for it."""
        return tuple(one for part in self.parts for one in part.readings)

    @property
    def regimen(self) -> str | None:
        """Name of the regimen of its first part; None where there is none."""
        return self.readings[0].protocol if self.readings else None

    @property
    def measures(self) -> tuple[str, ...]:
        """Measures of its first part."""
        return self.readings[0].measures if self.readings else ()

    @property
    def note(self) -> str:
        """On how it is performed."""
        return "; ".join(dict.fromkeys(part.note for part in self.parts if part.note))


@cache
def targets() -> dict[str, Target]:
    """All targets by name, in the order of the file."""
    published = _read("targets.toml")
    performed = _read("protocols.toml")
    for name in performed:
        if name not in published:
            raise DocumentError(f"there is no target {name!r}", place="protocols.toml")
    found = {name: _target(name, entry, performed.get(name)) for name, entry in published.items()}
    for target in found.values():
        if target.needs in BUILT and not target.can_run and not target.waits:
            raise DocumentError(f"the target {target.id!r} has no protocol", place="protocols.toml")
    return found


def quick() -> list[str]:
    """Names of the targets that a quick validation runs."""
    return [target.id for target in targets().values() if target.needs in LEG][:QUICK]


def chosen(names: list[str] | tuple[str, ...] | None) -> list[Target]:
    """Some targets by name, or all.

    Raises:
        DocumentError: where there is no such target.
    """
    every = targets()
    for name in names or ():
        if name not in every:
            near = nearest(name, every)
            raise DocumentError(
                f"there is no target {name!r}",
                hint=f"did you mean {near!r}?" if near else "`venolymph validate` without names runs all",
            )
    return [target for name, target in every.items() if names is None or name in names]


def person(name: str) -> Any:
    """Somebody who does a protocol: a document of `protocols/`, or a packaged name."""
    import yaml

    return yaml.safe_load(_text("protocols", f"{name}.yaml")) if name in _documents() else name


def regimen(name: str) -> dict[str, Any]:
    """A protocol's regimen as a document."""
    import yaml

    return yaml.safe_load(_text("protocols", f"{name}.yaml"))


@cache
def _documents() -> frozenset[str]:
    folder = resources.files("venolymph.validation").joinpath("protocols")
    return frozenset(file.name.removesuffix(".yaml") for file in folder.iterdir() if file.name.endswith(".yaml"))


def _text(*path: str) -> str:
    return resources.files("venolymph.validation").joinpath(*path).read_text("utf-8")


def _read(name: str) -> dict[str, Any]:
    return tomllib.loads(_text(name))


def _target(name: str, entry: dict[str, Any], performed: dict[str, Any] | None) -> Target:
    performed = dict(performed or {})
    waits, chance = performed.pop("waits", ""), performed.pop("chance", False)
    parts = _parts(name, entry, performed) if performed and not waits else ()
    given = {key: _tuples(entry.get(key)) for key in ("value", "low", "high")}
    if isinstance(given["value"], str):
        given["value"] = None
    if parts and not isinstance(entry.get("unit"), str):
        raise DocumentError(f"the target {name!r} has no unit", place="targets.toml")
    return Target(
        id=name,
        needs=entry["needs"],
        person=entry.get("person", PERSON),
        protocol=entry["protocol"],
        measure=entry["measure"],
        unit=entry["unit"],
        **given,
        spread=entry["spread"],
        use=entry["use"],
        source=entry["source"],
        checked=entry["checked"],
        accept=entry.get("accept", ""),
        parts=parts,
        waits=waits,
        chance=chance,
    )


def _tuples(given: Any) -> Any:
    return tuple(map(_tuples, given)) if isinstance(given, list) else given


def _parts(name: str, entry: Mapping[str, Any], performed: dict[str, Any]) -> tuple[TargetPart, ...]:
    """The parts of a target; what is said once holds for all of them."""
    own = performed.pop("parts", [{}])
    for key in ("value", "low", "high"):
        listed = entry.get(key)
        if len(own) != (len(listed) if isinstance(listed, list) else len(own) if listed is None else 1):
            raise DocumentError(
                f"the target {name!r} has {len(own)} parts, but {key} = {listed}", place="protocols.toml"
            )
    return tuple(_part(name, entry, {**performed, **one}, number, len(own)) for number, one in enumerate(own))


def _part(name: str, entry: Mapping[str, Any], performed: Mapping[str, Any], number: int, count: int) -> TargetPart:
    for key in performed:
        if key not in _PART:
            raise DocumentError(f"the target {name!r} has an unknown key {key!r}", place="protocols.toml")

    def ours(key: str) -> Any:
        listed = entry.get(key)
        return performed.get(key, listed[number] if isinstance(listed, list) else listed)

    reading = _reading(performed, entry) if "preparation" not in performed else None
    return TargetPart(
        reading=reading,
        against=_other(reading, performed.get("against")),
        to=_other(reading, performed.get("to")),
        percent=performed.get("percent", False),
        times=performed.get("times", 1.0),
        preparation=performed.get("preparation"),
        value=performed.get("expect", 1) if entry["unit"] == "order" else ours("value"),
        low=ours("low"),
        high=ours("high"),
        note=performed.get("note", ""),
    )


def _reading(given: Mapping[str, Any], entry: Mapping[str, Any]) -> TargetReading:
    return TargetReading(
        protocol=given["protocol"],
        people=_people(given.get("person", entry.get("person", PERSON))),
        measures=tuple(given["measures"]),
        after=given.get("after"),
        less=given.get("less"),
        over=given.get("over"),
    )


def _people(given: str | list[str]) -> tuple[str, ...]:
    return (given,) if isinstance(given, str) else tuple(given)


def _other(reading: TargetReading | None, given: str | Mapping[str, Any] | None) -> TargetReading | None:
    """A reading that another is set against: the same, but for what is said (a bare word is its protocol)."""
    if given is None or reading is None:
        return None
    said: dict[str, Any] = {"protocol": given} if isinstance(given, str) else dict(given)
    if "person" in said:
        said["people"] = _people(said.pop("person"))
    if "measures" in said:
        said["measures"] = tuple(said["measures"])
    return replace(reading, **said)
