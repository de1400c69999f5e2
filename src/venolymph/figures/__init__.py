"""Every number that the model uses, with unit, range, population, source and basis, as data files beside this one.

A file is a subject (`walls.toml`); a table in it that has a `value` is a figure. Its key is the file's name and the
table's path: `walls.superficial.collagen_stiffness`.

    value       the number, in `unit`
    unit        as people write it ("mmHg", "mL/min", "1")
    low, high   range in the same unit; required where the basis is `assumed`
    sd          standard deviation, where one is published
    population  who or what it holds for
    source      key of an entry in `references.bib`
    range_source  the same of the range, where it comes from elsewhere than the value
    basis       measured (read, of the thing itself, as the model uses it), derived (calculated, from published
                figures or another model), fitted (set so that outcomes come out as published: the note says on
                which) or assumed (a guess)
    note        anything else a reader should know
"""

from __future__ import annotations

import math
import re
import tomllib
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import cache, cached_property
from importlib import resources
from types import MappingProxyType
from typing import Any, Literal, get_args

from venolymph.errors import DocumentError, UnitError, nearest

Basis = Literal["measured", "derived", "fitted", "assumed"]

_FIELDS = ("value", "unit", "low", "high", "sd", "population", "source", "range_source", "basis", "note")
_REQUIRED = ("value", "unit", "population", "source", "basis")

_PASCAL = 1 / 133.322387415
# Factors to mmHg, mL, s, cm (and kg, degrees Celsius, years, radians).
_UNITS = {
    "1": 1.0,
    "%": 0.01,
    "mmHg": 1.0,
    "Pa": _PASCAL,
    "mPa": 1e-3 * _PASCAL,
    "kPa": 1e3 * _PASCAL,
    "mL": 1.0,
    "L": 1e3,
    "cm": 1.0,
    "cm2": 1.0,
    "mm": 0.1,
    "nm": 1e-7,
    "mm2": 0.01,
    "m": 100.0,
    "m2": 1e4,
    "s": 1.0,
    "s2": 1.0,
    "ms": 1e-3,
    "min": 60.0,
    "h": 3600.0,
    "day": 86400.0,
    "km": 1e5,
    "kg": 1.0,
    "g": 1e-3,
    "degC": 1.0,
    "deg": math.pi / 180,
    "rad": 1.0,
    "year": 1.0,
    "W": 1.0,
}
# A density in mmHg s2/cm2, from g/cm3: 1 mmHg is 1333.22 g/(cm s2).
_WHOLE = {"g/cm3": 0.1 * _PASCAL}


def factor(unit: str) -> float:
    """What a number in `unit` is multiplied by to be in internal units (mmHg, mL, s, cm).

    Units are written with blanks for products and `/` before each divisor: "mmHg s/mL", "1/min".

    Raises:
        UnitError: where a unit is not known here.
    """
    if unit in _WHOLE:
        return _WHOLE[unit]
    result = 1.0
    for sign, name in re.findall(r"(^|[ /])([^ /]+)", unit):
        if name not in _UNITS:
            near = nearest(name, _UNITS)
            raise UnitError(
                f"unit {unit!r} is not known to the figures", hint=f"did you mean {near!r}?" if near else None
            )
        result = result / _UNITS[name] if sign == "/" else result * _UNITS[name]
    return result


@dataclass(frozen=True)
class Figure:
    """One number and what is known about it.

    Attributes:
        key: file and path, e.g. `walls.superficial.collagen_stiffness`.
        value: in `unit`.
        low: low end of the range, in `unit`, or None.
        high: high end of the range, in `unit`, or None.
        sd: standard deviation, in `unit`, or None.
        unit: as written in the file.
        population: who or what it holds for.
        source: key in `references.bib`.
        basis: measured, derived, fitted or assumed.
        note: anything else.
        range_source: key in `references.bib` of where the range comes from, where that is not `source`.
    """

    key: str
    value: float
    low: float | None
    high: float | None
    sd: float | None
    unit: str
    population: str
    source: str
    basis: Basis
    note: str = ""
    range_source: str | None = None

    @cached_property
    def internal(self) -> float:
        """The value in internal units (mmHg, mL, s, cm)."""
        return self.value * factor(self.unit)

    @property
    def internal_range(self) -> tuple[float, float] | None:
        """Low and high in internal units, or None where no range is given."""
        if self.low is None or self.high is None:
            return None
        return self.low * factor(self.unit), self.high * factor(self.unit)


class Figures(Mapping[str, Figure]):
    """Figures by key. A wrong key is answered with the nearest one."""

    def __init__(self, figures: dict[str, Figure]) -> None:
        self._figures = dict(figures)

    def __getitem__(self, key: str) -> Figure:
        try:
            return self._figures[key]
        except KeyError:
            near = nearest(key, self._figures)
            hint = f"did you mean {near!r}?" if near else "list them with `venolymph sources`"
            raise DocumentError(f"there is no figure {key!r}", hint=hint) from None

    def __contains__(self, key: object) -> bool:
        return key in self._figures

    def __iter__(self) -> Iterator[str]:
        return iter(self._figures)

    def __len__(self) -> int:
        return len(self._figures)

    def under(self, prefix: str) -> dict[str, Figure]:
        """Figures whose keys begin with `prefix.`, by the rest of their key."""
        start = prefix + "."
        return {key[len(start) :]: figure for key, figure in self._figures.items() if key.startswith(start)}


def parse(text: str, subject: str, sources: frozenset[str] | None = None) -> dict[str, Figure]:
    """Figures of one file.

    Args:
        text: TOML.
        subject: the file's name without ending; the first part of each key.
        sources: keys allowed as `source`; None allows any.

    Raises:
        DocumentError: where the text is not TOML or an entry breaks the rules at the top of this module.
    """
    try:
        data = tomllib.loads(text)
    except tomllib.TOMLDecodeError as error:
        raise DocumentError(f"is not TOML: {error}", place=f"{subject}.toml") from None
    found: dict[str, Figure] = {}
    for key, entry in _entries(data, subject):
        found[key] = _figure(key, entry, sources)
    return found


def _entries(table: dict[str, Any], path: str) -> Iterator[tuple[str, dict[str, Any]]]:
    for name, inner in table.items():
        here = f"{path}.{name}"
        if not isinstance(inner, dict):
            raise DocumentError(
                f"{name!r} stands outside a figure", hint="a figure is a table with a value", place=path
            )
        if "value" in inner or "unit" in inner:
            yield here, inner
        elif inner:
            yield from _entries(inner, here)
        else:
            raise DocumentError("an empty figure", hint="give it value, unit, population, source, basis", place=here)


def _figure(key: str, entry: dict[str, Any], sources: frozenset[str] | None) -> Figure:
    for name in entry:
        if name not in _FIELDS:
            near = nearest(name, _FIELDS)
            hint = f"did you mean {near!r}?" if near else None
            raise DocumentError(f"unknown entry {name!r}; allowed are {', '.join(_FIELDS)}", hint=hint, place=key)
    for name in _REQUIRED:
        if name not in entry:
            raise DocumentError(f"{name!r} is missing", place=key)
    numbers = {name: _number(entry[name], f"{key}.{name}") for name in ("value", "low", "high", "sd") if name in entry}
    for name in ("unit", "population", "source", "range_source", "basis", "note"):
        if not isinstance(entry.get(name, ""), str):
            raise DocumentError(f"found {entry[name]!r} where text is needed", place=f"{key}.{name}")
    basis = entry["basis"]
    if basis not in get_args(Basis):
        raise DocumentError(f"basis {basis!r} is none of {', '.join(get_args(Basis))}", place=f"{key}.basis")
    if basis == "assumed" and not {"low", "high"} <= set(numbers):
        raise DocumentError("an assumed figure needs low and high", place=key)
    if ("low" in numbers) != ("high" in numbers):
        raise DocumentError("low and high come together", place=key)
    if "low" in numbers and not numbers["low"] <= numbers["value"] <= numbers["high"]:
        found = f"{numbers['low']} to {numbers['high']}"
        raise DocumentError(f"value {numbers['value']} is outside its range {found}", place=key)
    for name in ("source", "range_source"):
        if sources is not None and name in entry and entry[name] not in sources:
            near = nearest(entry[name], sources)
            hint = f"did you mean {near!r}?" if near else "add it to references.bib"
            raise DocumentError(f"source {entry[name]!r} is not in references.bib", hint=hint, place=f"{key}.{name}")
    try:
        factor(entry["unit"])
    except UnitError as error:
        raise UnitError(error.message, hint=error.hint, place=f"{key}.unit") from None
    return Figure(
        key=key,
        value=numbers["value"],
        low=numbers.get("low"),
        high=numbers.get("high"),
        sd=numbers.get("sd"),
        unit=entry["unit"],
        population=entry["population"],
        source=entry["source"],
        basis=basis,
        note=entry.get("note", ""),
        range_source=entry.get("range_source"),
    )


def _number(value: object, place: str) -> float:
    if isinstance(value, bool) or not isinstance(value, int | float) or not math.isfinite(value):
        raise DocumentError(f"found {value!r} where a finite number is needed", place=place)
    return float(value)


@dataclass(frozen=True)
class Reference:
    """An entry of `references.bib`.

    Attributes:
        key: name that figures refer to.
        kind: article, book, misc and so on.
        fields: author, title, journal, year, doi, note and so on; only what is known.
    """

    key: str
    kind: str
    fields: Mapping[str, str]

    @property
    def recalled(self) -> bool:
        """True where the entry is from memory and was not checked."""
        return "recalled" in self.fields.get("note", "")

    def __str__(self) -> str:
        parts = [self.fields[name] for name in ("author", "title", "journal", "year", "note") if name in self.fields]
        if "doi" in self.fields:
            parts.append(f"doi {self.fields['doi']}")
        return ". ".join(parts)


@cache
def references() -> Mapping[str, Reference]:
    """The bibliography by key."""
    text = resources.files(__name__).joinpath("references.bib").read_text("utf-8")
    found: dict[str, Reference] = {}
    for kind, key, body in re.findall(r"@(\w+)\{([^,\s]+),\n(.*?)\n\}", text, flags=re.DOTALL):
        if key in found:
            raise DocumentError(f"two entries have the key {key!r}", place="references.bib")
        fields = dict(re.findall(r"^\s*(\w+)\s*=\s*\{(.*)\},?$", body, flags=re.MULTILINE))
        found[key] = Reference(key, kind, MappingProxyType(fields))
    return MappingProxyType(found)


@cache
def load() -> Figures:
    """All packaged figures.

    Raises:
        DocumentError: where a packaged file breaks the rules (a test holds them to it).
    """
    sources = frozenset(references())
    found: dict[str, Figure] = {}
    for file in sorted(resources.files(__name__).iterdir(), key=lambda f: f.name):
        if file.name.endswith(".toml"):
            found |= parse(file.read_text("utf-8"), file.name.removesuffix(".toml"), sources)
    return Figures(found)


def internal(key: str) -> float:
    """A packaged figure in internal units."""
    return load()[key].internal
