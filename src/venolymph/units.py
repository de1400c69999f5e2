"""Text with units becomes numbers here, at the border; equations never see text.

Inside, lengths are cm, pressures mmHg, volumes mL, times s, angles rad, temperatures degrees Celsius, masses kg and
ages years. `quantity("35 mmHg", "mmHg")` reads one quantity. In documents, fields have the types `Length`,
`Pressure` and so on: their values are `Quantity`, a float in the internal unit that remembers how it was written, so
that a document comes out as it went in.

The units that people write every day are read from a small table (held to pint by a test); pint itself, slow to
import, is only asked about the others.
"""

from __future__ import annotations

import functools
import math
import numbers
import re
from dataclasses import dataclass, field, replace
from decimal import Decimal
from typing import TYPE_CHECKING, Annotated, Any

from pydantic_core import PydanticCustomError, core_schema

from venolymph.errors import UnitError, nearest

if TYPE_CHECKING:
    from pint import UnitRegistry

_NUMBER = re.compile(r"\s*([+-]?(?:\d+(?:\.\d*)?|\.\d+)(?:[eE][+-]?\d+)?)\s*(.*?)\s*", re.DOTALL)
_TERM = r"[A-Za-zµμ°%]+\d*[A-Za-z]*(?:(?:\^|\*\*)-?[1-4])?"
_UNIT = re.compile(rf"(?:1?\s*/\s*)?{_TERM}(?:\s*[*/·]\s*{_TERM})*")
_LONGEST = 60
_GROUPED = re.compile(r"\d{1,3}(?P<gap>[,.'’ \u00a0\u202f])\d{3}(?:(?P=gap)\d{3})*(?:(?P<point>[,.])\d+)?")
_COMMA = re.compile(r"\d+,\d+")
_FOREIGN = re.compile(
    rf"\s*(?P<sign>[+-]?)(?P<number>{_GROUPED.pattern}|{_COMMA.pattern})(?![\d,.'’])(?P<rest>.*?)\s*", re.DOTALL
)


class Quantity(float):
    """A float in internal units that remembers the text it was read from."""

    __slots__ = ("text",)
    text: str

    def __new__(cls, value: float, text: str) -> Quantity:
        self = super().__new__(cls, value)
        self.text = text
        return self

    def __reduce__(self) -> tuple[Any, ...]:
        return (Quantity, (float(self), self.text))

    def __deepcopy__(self, memo: dict[int, Any]) -> Quantity:
        return self

    def __repr__(self) -> str:
        return f"<{self.text}>"

    def __str__(self) -> str:
        return self.text

    @property
    def written(self) -> str | float:
        """As a document shows it: text, or a bare number where there is no unit."""
        match = _NUMBER.fullmatch(self.text)
        if match is None or match[2]:
            return self.text
        return int(self.text) if self.text.isdigit() else float(self.text)


# name of the dimension -> unit as written -> factor to the internal unit (offset where it needs one: none here)
_EVERYDAY: dict[str, dict[str, float]] = {
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
_INTERNAL = {
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
    for name, units in _EVERYDAY.items():
        if unit in units:
            return name
    if not _UNIT.fullmatch(unit):
        return None
    try:
        parsed = _registry().parse_units(_pint_name(unit))
        for name, internal in _INTERNAL.items():
            # an age in days or months is a time and an age both; hertz and a rate likewise
            if parsed.dimensionality == _registry().parse_units(_pint_name(internal)).dimensionality:
                return "time" if name == "age" else name
    except Exception:  # pint raises errors of many kinds on text that is not a unit
        return None
    return "quantity of another kind"


@functools.lru_cache(maxsize=512)
def _factor(unit: str, to: str) -> tuple[float, float]:
    """Factor and offset that take a number from `unit` into `to`."""
    for units in _EVERYDAY.values():
        if unit in units and to in units:
            return units[unit] / units[to], 0.0
    registry = _registry()
    source, target = _pint_name(unit), _pint_name(to)
    at_0 = registry.Quantity(0.0, source).to(target).magnitude
    at_1 = registry.Quantity(1.0, source).to(target).magnitude
    return at_1 - at_0, at_0


def quantity(text: object, unit: str, *, example: str | None = None) -> float:
    """Read one quantity such as `35 mmHg`, `3 km/h` or `15 /min`.

    Args:
        text: a number followed by a unit.
        unit: the unit wanted back, which says what kind of quantity is allowed.
        example: a quantity to show in the messages.

    Returns:
        The number in `unit`.

    Raises:
        UnitError: where the text is not a quantity, has no unit, or has a unit of another kind.
    """
    wanted = dimension(unit)
    if wanted is None:
        raise ValueError(f"{unit!r} is not a unit")
    example = example or f"1 {unit}"
    if isinstance(text, Quantity):
        text = text.text
    if not isinstance(text, int | float) and (plain := number(text)) is not None:
        text = plain
    if isinstance(text, bool) or not isinstance(text, int | float | str):
        raise UnitError(
            f"found {show(text)}, where {_article(wanted)} in {_allowed(wanted)} is needed",
            hint=f"write it as in {example}",
        )
    if isinstance(text, int | float):
        if wanted == "share":
            return _finite(float(text), text)
        raise UnitError(
            f"{text:g} has no unit; {_article(wanted)} is needed, in {_allowed(wanted)}",
            hint=_suggest(f"{text:g}", wanted, example),
        )
    match = _NUMBER.fullmatch(text) if len(text) <= _LONGEST else None
    if (match is None or (match[2] and dimension(match[2]) is None)) and len(text) <= _LONGEST:
        _refuse_other_notation(text, wanted)
    if match is None:
        raise UnitError(
            f"{show(text)} is not a number with a unit; {_article(wanted)} is needed, in {_allowed(wanted)}",
            hint=f"write it as in {example}",
        )
    digits, found = match[1], match[2]
    value = _finite(float(digits), text)
    if not found:
        if wanted == "share":
            return value
        raise UnitError(
            f"{text!r} has no unit; {_article(wanted)} is needed, in {_allowed(wanted)}",
            hint=_suggest(digits, wanted, example),
        )
    kind = dimension(found)
    if kind is None:
        # where digits follow, a hint with this number would drop them
        near = nearest(found, _EVERYDAY[wanted]) if found[0] not in "0123456789,.'’" else None
        raise UnitError(
            f"{show(text)}: {found!r} is not a unit known here; {_article(wanted)} is given in {_allowed(wanted)}",
            hint=f"did you mean {digits} {near}?" if near else f"write it as in {example}",
        )
    if kind != wanted and {kind, wanted} != {"time", "age"}:
        raise UnitError(
            f"{text!r} is {_article(kind)}, where {_article(wanted)} is needed, in {_allowed(wanted)}",
            hint=f"write it as in {example}",
        )
    factor, offset = _factor(found, unit)
    # dividing by 10 keeps 12 mm at 1.2 cm; multiplying by 0.1 does not
    return _finite((value / (1 / factor) if factor < 1 else value * factor) + offset, text)


def numbers_meant(text: str) -> list[str]:
    """What a number with a decimal comma, or with its thousands set apart, can mean.

    Args:
        text: `5,9`, `1.250,5` or `1 250`, without a sign.

    Returns:
        The number as it is written here (`5.9`); two where both are possible (`1,250`: 1.250 and 1250); none where the
        text is no such number.
    """
    found = [text.replace(",", ".")] if _COMMA.fullmatch(text) else []
    match = _GROUPED.fullmatch(text)
    if match is not None and match["gap"] != match["point"] and not text.startswith("0"):
        whole, point, decimals = text.partition(match["point"]) if match["point"] else (text, "", "")
        found.append(whole.replace(match["gap"], "") + ("." + decimals if point else ""))
    return found


def _refuse_other_notation(text: str, wanted: str) -> None:
    """Say what a number in another country's notation would be here; never a number that lacks some of its digits.

    Raises:
        UnitError: where the text begins with such a number.
    """
    match = _FOREIGN.fullmatch(text)
    meant = numbers_meant(match["number"]) if match is not None else []
    if match is None or not meant:
        return
    unit = "" if wanted == "share" else f" {next(iter(_EVERYDAY[wanted]))}"
    written = [f"{match['sign']}{number}{match['rest'] or unit}" for number in meant]
    if len(written) > 1:
        raise UnitError(
            f"{show(text)} can be read in two ways: its comma can stand before decimals or between thousands",
            hint=f"write {written[0]} or {written[1]}, whichever is meant",
        )
    raise UnitError(
        f"{show(text)} is not how numbers are written here: a point stands before decimals, nothing between thousands",
        hint=f"did you mean {written[0]}?",
    )


def number(value: object) -> float | None:
    """A finite number of whatever numeric type (Python's, numpy's, a row's of a table); None where it is none."""
    if isinstance(value, bool) or not isinstance(value, numbers.Real | Decimal):
        return None
    try:
        plain = float(value)
    except (OverflowError, ValueError):
        return None
    return plain if math.isfinite(plain) else None


def whole(value: object) -> int | None:
    """A whole number of whatever numeric type; None where it is none. A table with gaps holds 3 as 3.0."""
    plain = number(value)
    return int(plain) if plain is not None and plain.is_integer() else None


def _finite(value: float, text: object) -> float:
    if not math.isfinite(value):
        raise UnitError(f"{show(text)} is not a finite number", hint="write a number of ordinary size")
    return value


def _article(noun: str) -> str:
    return f"{'an' if noun[0] in 'aeiou' else 'a'} {noun}"


def _allowed(dimension: str) -> str:
    if dimension == "share":
        return "numbers from 0 or in %"
    written = [unit for unit in _EVERYDAY[dimension] if unit not in _VARIANTS]
    return ", ".join(written)


def _suggest(number: str, dimension: str, example: str) -> str:
    """The number with the unit of the example, which is the one that such quantities are given in."""
    match = _NUMBER.fullmatch(example)
    unit = match[2] if match and match[2] in _EVERYDAY[dimension] else next(iter(_EVERYDAY[dimension]))
    return f"did you mean {number} {unit}?"


def show(value: object) -> str:
    """A value as messages show it: what kind of thing it is where it is large."""
    if value is None:
        return "nothing"
    if isinstance(value, bool):
        return "yes" if value else "no"
    if isinstance(value, dict):
        return f"a mapping with {len(value)} key{'s' * (len(value) > 1)}" if value else "an empty mapping"
    if isinstance(value, list | tuple):
        return f"a list of {len(value)}" if value else "an empty list"
    text = repr(value)
    return text if len(text) <= 60 else f"{text[:50]}... ({len(text)} characters)"


@dataclass(frozen=True)
class Kind:
    """What a field of a document measures, and what is possible: the annotation behind `Length` and its like.

    Attributes:
        unit: internal unit of the value.
        example: a quantity to show in messages.
        low: least value allowed, as text (`"1 mm"`).
        high: greatest value allowed, as text.
        above: True where `low` itself is not allowed.
    """

    unit: str
    example: str
    low: str | None = None
    high: str | None = None
    above: bool = field(default=False)

    def between(self, low: str | None, high: str | None, *, above: bool = False, example: str | None = None) -> Kind:
        """The same kind within limits."""
        return replace(self, low=low, high=high, above=above, example=example or self.example)

    def read(self, value: object) -> Quantity:
        """A value of this kind from text.

        Raises:
            UnitError: where the text is no such quantity or outside the limits.
        """
        number = quantity(value, self.unit, example=self.example)
        text = value.text if isinstance(value, Quantity) else str(value)
        text = " ".join(text.split())
        low = None if self.low is None else quantity(self.low, self.unit)
        high = None if self.high is None else quantity(self.high, self.unit)
        slack = 1e-12
        too_low = low is not None and (number <= low if self.above else number < low - slack * abs(low))
        too_high = high is not None and number > high + slack * abs(high)
        if too_low or too_high:
            raise UnitError(
                f"{text} is not possible here; allowed is {self.limits()}", hint=f"write it as in {self.example}"
            )
        return Quantity(number, text)

    def limits(self) -> str:
        """What is allowed, in words."""
        if self.high is None:
            return f"{'more than' if self.above else 'at least'} {self.low}"
        if self.low is None:
            return f"at most {self.high}"
        return f"{'more than ' if self.above else ''}{self.low} to {self.high}"

    def checked(self, value: object) -> Quantity:
        """As `read`, raising what a validator of a document has to raise."""
        try:
            return self.read(value)
        except UnitError as error:
            raise refusal(error.message, hint=error.hint, unit=True) from None

    def __get_pydantic_core_schema__(self, source: Any, handler: Any) -> core_schema.CoreSchema:
        return core_schema.no_info_plain_validator_function(
            self.checked,
            serialization=core_schema.plain_serializer_function_ser_schema(lambda value: value.written),
        )

    def __get_pydantic_json_schema__(self, schema: Any, handler: Any) -> dict[str, Any]:
        words = f"{_article(dimension(self.unit) or 'quantity')} with its unit"
        if self.low is not None or self.high is not None:
            words += f", {self.limits()}"
        kinds: Any = ["string", "number"] if self.unit == "1" else "string"
        return {"type": kinds, "description": words, "examples": [self.example]}


def refusal(
    message: str, *, hint: str | None = None, unit: bool = False, key: str | int | tuple[str | int, ...] | None = None
) -> PydanticCustomError:
    """An error that a validator raises; `documents` turns it into a `DocumentError` (`UnitError` where `unit`).

    Args:
        message: what was found and what is allowed.
        hint: what to try.
        unit: whether the unit is what is wrong.
        key: the key below the place where the validator stands that the message is about.
    """
    context = {"message": message, "hint": hint, "unit": unit, "key": key}
    return PydanticCustomError("venolymph", "{message}", {name: _whole(value) for name, value in context.items()})


def _whole(value: Any) -> Any:
    """Text with half a character in it as pydantic can carry it."""
    if isinstance(value, tuple):
        return tuple(_whole(one) for one in value)
    return value.encode("utf-8", "backslashreplace").decode("utf-8") if isinstance(value, str) else value


LENGTH = Kind("cm", "168 cm")
PRESSURE = Kind("mmHg", "35 mmHg")
DURATION = Kind("s", "10 min", low="0 s", high="744 h")
SPEED = Kind("cm/s", "3 km/h")
ANGLE = Kind("rad", "60 deg")
MASS = Kind("kg", "71 kg")
AGE = Kind("y", "52 y")
RATE = Kind("1/s", "15 /min")
VOLUME = Kind("mL", "130 mL")
FLOW = Kind("mL/s", "1.8 mL/s")
TEMPERATURE = Kind("degC", "32 degC")
SHARE = Kind("1", "0.4")
POWER = Kind("W", "50 W")

Length = Annotated[Quantity, LENGTH]
Pressure = Annotated[Quantity, PRESSURE]
Duration = Annotated[Quantity, DURATION]
Speed = Annotated[Quantity, SPEED]
Angle = Annotated[Quantity, ANGLE]
Mass = Annotated[Quantity, MASS]
Age = Annotated[Quantity, AGE]
Rate = Annotated[Quantity, RATE]
Volume = Annotated[Quantity, VOLUME]
Flow = Annotated[Quantity, FLOW]
Temperature = Annotated[Quantity, TEMPERATURE]
Share = Annotated[Quantity, SHARE]
Power = Annotated[Quantity, POWER]
