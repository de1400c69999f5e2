"""What a field of a document measures, with its limits: the annotations `Length`, `Pressure` and their like."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from typing import Annotated, Any

from pydantic_core import core_schema

from venolymph.errors import UnitError
from venolymph.units.messages import refusal
from venolymph.units.quantities import Quantity, quantity
from venolymph.units.table import dimension, with_article


@dataclass(frozen=True)
class Kind:
    """What a field of a document measures, and what is possible: the annotation behind `Length` and its like.

    Attributes:
        unit: internal unit of the value.
        example: a quantity to show in messages.
        low: least value allowed, as text (`"1 mm"`).
        high: greatest value allowed, as text.
        above: True where `low` itself is not allowed.
        units: units that messages name; where None, those in everyday use.
    """

    unit: str
    example: str
    low: str | None = None
    high: str | None = None
    above: bool = field(default=False)
    units: str | None = None

    def between(self, low: str | None, high: str | None, *, above: bool = False, example: str | None = None) -> Kind:
        """The same kind within limits."""
        return replace(self, low=low, high=high, above=above, example=example or self.example)

    def read(self, value: object) -> Quantity:
        """A value of this kind from text.

        Raises:
            UnitError: where the text is no such quantity or outside the limits.
        """
        number = quantity(value, self.unit, example=self.example, units=self.units)
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
        words = f"{with_article(dimension(self.unit) or 'quantity')} with its unit"
        if self.low is not None or self.high is not None:
            words += f", {self.limits()}"
        kinds: Any = ["string", "number"] if self.unit == "1" else "string"
        return {"type": kinds, "description": words, "examples": [self.example]}


LENGTH = Kind("cm", "168 cm")
PRESSURE = Kind("mmHg", "35 mmHg")
DURATION = Kind("s", "10 min", low="0 s", high="744 h")
SPEED = Kind("cm/s", "3 km/h")
ANGLE = Kind("rad", "60 deg")
MASS = Kind("kg", "71 kg")
AGE = Kind("y", "52 y")
PREGNANCY = Kind("week", "30 weeks")
SPAN = Kind("day", "6 months", units="days, weeks, months, years")
RATE = Kind("1/s", "15 /min")
WEEKLY = Kind("1/week", "1 /week", units="/day, /week, /month")
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
