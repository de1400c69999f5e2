"""The targets, `targets.toml`, and how each is put to the model, `protocols.toml`."""

from __future__ import annotations

import tomllib
from dataclasses import dataclass
from functools import cache
from importlib import resources
from typing import Any

from venolymph.errors import DocumentError, nearest

BUILT = ("veins", "tissue")
"""Parts of the model that are built."""
PERSON = "healthy"
"""The person of a target that names none."""


@dataclass(frozen=True)
class Target:
    """A published figure that the model is judged by.

    Attributes:
        id: its name.
        needs: the part of the model it needs.
        person: whom it is about.
        protocol: what is done, in words.
        measure: what is read, in words.
        unit: of value, low and high.
        value: centre, or None where none is stated (or where it is no number).
        low: lower end of the range that counts as agreement, or None.
        high: its upper end, or None.
        spread: where the range comes from.
        use: `calibrate` (may set parameters) or `check` (never fitted).
        source: where it was published.
        checked: how far the figure was checked against its source.
        regimen: name of the regimen that performs the protocol, or None where it cannot be performed yet.
        measures: measures to read from it; the largest counts.
        after: number of the regimen's step (nested ones counted) at whose end they are read; None for the end.
        less: likewise, a step whose reading is taken off; None for none.
        over: likewise, a step whose reading it is divided by; None for none.
        against: name of a regimen whose reading is taken off; None for none.
        preparation: what is done in place of a regimen (`preparations`); None where a regimen is.
        who: the person's document where the target names one that is not packaged; None where it does.
        note: on how it is performed.
    """

    id: str
    needs: str
    person: str
    protocol: str
    measure: str
    unit: str
    value: float | None
    low: float | None
    high: float | None
    spread: str
    use: str
    source: str
    checked: str
    regimen: str | None
    measures: tuple[str, ...]
    after: int | None
    less: int | None
    over: int | None
    against: str | None
    preparation: str | None
    who: str | None
    note: str

    @property
    def can_run(self) -> bool:
        """Whether the part of the model that it needs is built."""
        return self.needs in BUILT


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
        if target.can_run and target.regimen is None and target.preparation is None:
            raise DocumentError(f"the target {target.id!r} has no protocol", place="protocols.toml")
    return found


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


def person(target: Target) -> Any:
    """Whom a target is about: a packaged name, or a document of `protocols/`."""
    import yaml

    return target.person if target.who is None else yaml.safe_load(_text("protocols", f"{target.who}.yaml"))


def regimen(name: str) -> dict[str, Any]:
    """A protocol's regimen as a document."""
    import yaml

    return yaml.safe_load(_text("protocols", f"{name}.yaml"))


def _text(*path: str) -> str:
    return resources.files("venolymph.validation").joinpath(*path).read_text("utf-8")


def _read(name: str) -> dict[str, Any]:
    return tomllib.loads(_text(name))


def _target(name: str, entry: dict[str, Any], performed: dict[str, Any] | None) -> Target:
    performed = performed or {}
    value = entry.get("value")
    return Target(
        id=name,
        needs=entry["needs"],
        person=entry.get("person", PERSON),
        protocol=entry["protocol"],
        measure=entry["measure"],
        unit=entry["unit"],
        value=value if isinstance(value, float) else None,
        low=entry.get("low"),
        high=entry.get("high"),
        spread=entry["spread"],
        use=entry["use"],
        source=entry["source"],
        checked=entry["checked"],
        regimen=performed.get("protocol"),
        measures=tuple(performed.get("measures", ())),
        after=performed.get("after"),
        less=performed.get("less"),
        over=performed.get("over"),
        against=performed.get("against"),
        preparation=performed.get("preparation"),
        who=performed.get("person"),
        note=performed.get("note", ""),
    )
