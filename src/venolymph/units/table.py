"""The units that are known: a table of those that people write every day, and pint for the others."""

from __future__ import annotations

import functools
import math
import re
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from pint import UnitRegistry

_TERM = r"[A-Za-zµμ°%]+\d*[A-Za-z]*(?:(?:\^|\*\*)-?[1-4])?"
_UNIT = re.compile(rf"(?:1?\s*/\s*)?{_TERM}(?:\s*[*/·]\s*{_TERM})*")

# name of the dimension -> unit as written -> factor to the internal unit (offset where it needs one: none here)
EVERYDAY: dict[str, dict[str, float]] = {
    "length": {"cm": 1.0, "mm": 0.1, "m": 100.0},
    "area": {"cm2": 1.0, "mm2": 0.01},
    "volume": {"mL": 1.0, "ml": 1.0, "L": 1000.0, "l": 1000.0},
    "pressure": {"mmHg": 1.0, "kPa": 7.500615758456564, "cmH2O": 0.735559134, "Pa": 0.007500615758456564},
    "time": {"s": 1.0, "ms": 0.001, "min": 60.0, "h": 3600.0},
    "age": {"y": 1.0, "year": 1.0, "years": 1.0},
    "speed": {"km/h": 1e5 / 3600.0, "m/s": 100.0, "cm/s": 1.0},
    "rate": {"/min": 1 / 60.0, "1/min": 1 / 60.0, "/s": 1.0, "1/s": 1.0, "Hz": 1.0},
    "angle": {"deg": math.pi / 180.0, "°": math.pi / 180.0, "rad": 1.0},
    "mass": {"kg": 1.0, "g": 0.001},
    "flow": {"mL/s": 1.0, "ml/s": 1.0, "mL/min": 1 / 60.0, "ml/min": 1 / 60.0},
    "temperature": {"degC": 1.0, "°C": 1.0, "C": 1.0},
    "share": {"%": 0.01, "1": 1.0},
    "power": {"W": 1.0},
}
INTERNAL = {
    "length": "cm",
    "area": "cm2",
    "volume": "mL",
    "pressure": "mmHg",
    "time": "s",
    "age": "y",
    "speed": "cm/s",
    "rate": "1/s",
    "angle": "rad",
    "mass": "kg",
    "flow": "mL/s",
    "temperature": "degC",
    "share": "1",
    "power": "W",
}
_FOR_PINT = {"y": "year", "/min": "1/min", "/s": "1/s", "°": "deg", "%": "percent", "°C": "degC"}
_VARIANTS = {"ml", "l", "ml/s", "ml/min", "°", "°C", "C", "year", "years", "1/min", "1/s", "Pa"}


@functools.cache
def _registry() -> UnitRegistry:
    import pint

    return pint.UnitRegistry(autoconvert_offset_to_baseunit=False)


def _pint_name(unit: str) -> str:
    unit = _FOR_PINT.get(unit, unit)
    unit = unit.replace("µ", "u").replace("μ", "u").replace("·", "*").replace("^", "**")
    unit = re.sub(r"\b([a-zA-Z]+)([23])\b", lambda m: m[0] if m[0].startswith("cmH") else f"{m[1]}**{m[2]}", unit)
    return f"1{unit}" if unit.lstrip().startswith("/") else unit


@functools.lru_cache(maxsize=512)
def dimension(unit: str) -> str | None:
    """What a unit measures, in a word; None for a unit that is not known."""
    for name, units in EVERYDAY.items():
        if unit in units:
            return name
    if not _UNIT.fullmatch(unit):
        return None
    try:
        parsed = _registry().parse_units(_pint_name(unit))
        for name, internal in INTERNAL.items():
            # an age in days or months is a time and an age both; hertz and a rate likewise
            if parsed.dimensionality == _registry().parse_units(_pint_name(internal)).dimensionality:
                return "time" if name == "age" else name
    except Exception:  # pint raises errors of many kinds on text that is not a unit
        return None
    return "quantity of another kind"


@functools.lru_cache(maxsize=512)
def conversion(unit: str, to: str) -> tuple[float, float]:
    """Factor and offset that take a number from `unit` into `to`."""
    for units in EVERYDAY.values():
        if unit in units and to in units:
            return units[unit] / units[to], 0.0
    registry = _registry()
    source, target = _pint_name(unit), _pint_name(to)
    at_0 = registry.Quantity(0.0, source).to(target).magnitude
    at_1 = registry.Quantity(1.0, source).to(target).magnitude
    return at_1 - at_0, at_0


def with_article(noun: str) -> str:
    """`a pressure`, `an angle`."""
    return f"{'an' if noun[0] in 'aeiou' else 'a'} {noun}"


def allowed(dimension: str) -> str:
    """The units that what is measured may be given in, for messages."""
    if dimension == "share":
        return "numbers from 0 or in %"
    written = [unit for unit in EVERYDAY[dimension] if unit not in _VARIANTS]
    return ", ".join(written)
