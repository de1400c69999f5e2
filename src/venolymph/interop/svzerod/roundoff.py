"""Values of elements that are negative by round-off alone: they count as 0, and real negatives are refused together.

Programs that fit a case write values such as -5e-16 where they mean 0, often a score of them, and svZeroD runs them.
What is negative by no more than `SMALLEST` times the largest value of its kind in the file is round-off. Where a kind
has no value of its own to compare with, its size is taken from the others: an inertance from the largest resistance
times the period, a capacitance from the period over that resistance, a stenosis from that resistance over the largest
flow.
"""

from __future__ import annotations

import math
import warnings
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from venolymph.documents import Place, Source
from venolymph.errors import DocumentError
from venolymph.units import show

SMALLEST = 1e-12
"""Share of the largest value of a kind up to which a negative value is round-off."""

# section -> key of an element's name, key of its values, kinds of those that cannot be negative
_AMOUNTS: dict[str, tuple[str, str, dict[str, str]]] = {
    "vessels": (
        "vessel_name",
        "zero_d_element_values",
        {"R_poiseuille": "resistance", "C": "capacitance", "L": "inertance", "stenosis_coefficient": "stenosis"},
    ),
    "junctions": (
        "junction_name",
        "junction_values",
        {"R_poiseuille": "resistance", "L": "inertance", "stenosis_coefficient": "stenosis"},
    ),
    "boundary_conditions": (
        "bc_name",
        "bc_values",
        {
            **dict.fromkeys(("R", "Rp", "Rd", "Ra1", "Ra2", "Rv1"), "resistance"),
            **dict.fromkeys(("C", "Ca", "Cc"), "capacitance"),
        },
    ),
    "valves": ("name", "params", {"Rmin": "resistance", "Steepness": "steepness"}),
}


@dataclass(frozen=True)
class _Amount:
    """A value that cannot be negative: where it stands, whose it is, and of what kind."""

    place: Place
    element: str
    key: str
    kind: str
    value: float


def clear_roundoff(data: Any, source: Source) -> None:
    """Write 0 in the content of a case for what is negative by round-off; one warning tells of all of it.

    Args:
        data: the content as plain lists and dicts, changed in place.
        source: where it came from, for messages.

    Raises:
        DocumentError: for all values that are negative otherwise.
    """
    if not isinstance(data, Mapping):
        return
    amounts = list(_amounts(data))
    negative = [amount for amount in amounts if amount.value < 0]
    if not negative:
        return
    sizes = _sizes(data, amounts)
    real = [one for one in negative if -one.value > SMALLEST * sizes.get(one.kind, 0.0)]
    if real:
        raise DocumentError(
            f"{'a value' if len(real) == 1 else f'{len(real)} values'} below 0, where at least 0 is needed: "
            f"{_listed(real)}",
            hint=f"write what is meant; only what is within {SMALLEST:g} of the largest value of its kind counts as 0",
            place=source.place(real[0].place if len(real) == 1 else ()),
        )
    where = source.place(())
    warnings.warn(
        f"{f'{where}: ' if where else ''}{'a value' if len(negative) == 1 else f'{len(negative)} values'} below 0 by "
        f"round-off {'counts' if len(negative) == 1 else 'count'} as 0: {_listed(negative)}",
        UserWarning,
        stacklevel=4,
    )
    for amount in negative:
        here: Any = data
        for part in amount.place[:-1]:
            here = here[part]
        here[amount.place[-1]] = 0.0


def _amounts(data: Mapping[str, Any]) -> Iterator[_Amount]:
    """Every value that cannot be negative; what is no finite number is left for the check of the entries."""
    for section, (name, values, kinds) in _AMOUNTS.items():
        entries = data.get(section)
        for number, entry in enumerate(entries if isinstance(entries, list) else ()):
            given = entry.get(values) if isinstance(entry, Mapping) else None
            for key, kind in kinds.items():
                found = given.get(key) if isinstance(given, Mapping) else None
                listed = found if isinstance(found, list) else [found]
                for n, value in enumerate(listed):
                    if isinstance(value, int | float) and not isinstance(value, bool) and math.isfinite(value):
                        place = (section, number, values, key, *((n,) if isinstance(found, list) else ()))
                        towards = f" towards outlet {n + 1}" if isinstance(found, list) else ""
                        yield _Amount(place, f"{show(entry.get(name))}{towards}", key, kind, float(value))


def _sizes(data: Mapping[str, Any], amounts: list[_Amount]) -> dict[str, float]:
    """The largest value of each kind, or what the other kinds make of it where that is larger."""
    sizes: dict[str, float] = {}
    for amount in amounts:
        sizes[amount.kind] = max(sizes.get(amount.kind, 0.0), amount.value)
    resistance = sizes.get("resistance", 0.0)
    period, flow = _largest(data, "t") or 1.0, _largest(data, "Q")
    if resistance > 0:
        flow = flow or _largest(data, "P") / resistance
        sizes["inertance"] = max(sizes.get("inertance", 0.0), resistance * period)
        sizes["capacitance"] = max(sizes.get("capacitance", 0.0), period / resistance)
        sizes["stenosis"] = max(sizes.get("stenosis", 0.0), resistance / flow if flow else 0.0)
    return sizes


def _largest(data: Mapping[str, Any], key: str) -> float:
    """The largest number in the tables of the boundary conditions."""
    ends = data.get("boundary_conditions")
    found = [0.0]
    for end in ends if isinstance(ends, list) else ():
        values = end.get("bc_values") if isinstance(end, Mapping) else None
        table = values.get(key) if isinstance(values, Mapping) else None
        found += [
            abs(float(one))
            for one in (table if isinstance(table, list) else [])
            if isinstance(one, int | float) and not isinstance(one, bool) and math.isfinite(one)
        ]
    return max(found)


def _listed(amounts: list[_Amount]) -> str:
    """Each value with its element, by key."""
    by_key: dict[str, list[str]] = {}
    for amount in amounts:
        by_key.setdefault(amount.key, []).append(f"{amount.element} ({amount.value:g})")
    return "; ".join(f"{key} of {', '.join(found)}" for key, found in by_key.items())
