"""How one quantity is distributed over people, as a document and as a curve that a standard normal number is read on.

Everything is drawn as a standard normal number first, so that quantities can be correlated whatever their curves.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from statistics import NormalDist
from typing import Any, Literal

from pydantic import model_validator

from venolymph.documents import Entry
from venolymph.errors import UnitError
from venolymph.figures import Basis, Figure
from venolymph.units import refusal
from venolymph.units.kinds import Kind

Shape = Literal["normal", "logarithmic", "even"]

_NORMAL = NormalDist()
_LEAST_INSIDE = 1e-4
"""Share of a curve that has to lie between its ends, 1."""
_RANGE = 2.0
"""Standard deviations at which the ends of a figure's range lie, unless the figure is a guess."""
_FAR = 2.5
"""Standard deviations at which a figure with a published sd and no range is cut off."""


@dataclass(frozen=True)
class Curve:
    """A distribution as numbers.

    Attributes:
        shape: `normal` about a mean, `logarithmic` (its logarithm is normal), or `even` between its ends.
        middle: mean, or median of a logarithmic one, in the quantity's unit.
        width: standard deviation in that unit, or of the logarithm, 1.
        low: nothing lies below, in that unit.
        high: nothing lies above.
    """

    shape: Shape
    middle: float
    width: float
    low: float
    high: float

    def value(self, normal: float) -> float:
        """The value that lies as far up this curve as a number does up the standard normal one."""
        below = _NORMAL.cdf(normal)
        if self.shape == "even":
            return self.low + below * (self.high - self.low)
        least, most = self._inside
        place = min(max(least + below * (most - least), 1e-15), 1.0 - 1e-15)
        step = self.width * _NORMAL.inv_cdf(place)
        value = self.middle * math.exp(step) if self.shape == "logarithmic" else self.middle + step
        return min(max(value, self.low), self.high)

    @property
    def inside(self) -> float:
        """Share of the curve that lies between its ends, 1."""
        return 1.0 if self.shape == "even" else self._inside[1] - self._inside[0]

    @property
    def _inside(self) -> tuple[float, float]:
        least, most = (_NORMAL.cdf(self._steps(end)) for end in (self.low, self.high))
        return least, most

    def _steps(self, end: float) -> float:
        if self.shape == "logarithmic":
            ratio = end / self.middle
            return -math.inf if ratio <= 0.0 else math.log(ratio) / self.width
        return (end - self.middle) / self.width


class Distribution(Entry):
    """How a quantity is distributed over people; a guess needs its ends.

    Attributes:
        mean: of a normal distribution; `sd` goes with it.
        sd: its standard deviation.
        median: of one whose logarithm is normal; `factor` goes with it.
        factor: what one standard deviation multiplies the median by, 1.
        low: nothing lies below; with `high` alone, everything between is as likely.
        high: nothing lies above.
        exactly: what everybody has, in place of all of these.
        source: where this is from.
        basis: measured, derived, fitted or assumed, as of a figure.
        note: what else a reader should know.
    """

    mean: str | float | None = None
    sd: str | float | None = None
    median: str | float | None = None
    factor: float | None = None
    low: str | float | None = None
    high: str | float | None = None
    exactly: str | float | None = None
    source: str
    basis: Basis
    note: str = ""

    @classmethod
    def shape(cls) -> str:
        """How a distribution is written."""
        return "write it as in {mean: 175.6 cm, sd: 6.7 cm, source: where it is from, basis: measured}"

    @model_validator(mode="after")
    def _one_shape(self) -> Distribution:
        if self.exactly is not None:
            spread = ("mean", "sd", "median", "factor", "low", "high")
            if found := [name for name in spread if vars(self)[name] is not None]:
                raise refusal(
                    f"everybody has exactly {self.exactly}, and {found[0]} says how people differ",
                    hint="keep one of them",
                    key=found[0],
                )
            return self
        said = {
            "mean and sd": (self.mean, self.sd),
            "median and factor": (self.median, self.factor),
            "low and high": (self.low, self.high),
        }
        for pair, values in said.items():
            if (values[0] is None) != (values[1] is None) and pair != "low and high":
                raise refusal(f"{pair} come together, and one of them is missing", hint=self.shape())
        if self.mean is not None and self.median is not None:
            raise refusal("found a mean and a median at once; one of them is needed", hint=self.shape())
        has_middle = self.mean is not None or self.median is not None
        if not has_middle and (self.low is None or self.high is None):
            raise refusal(
                "this says nothing of how people differ; needed are mean and sd, median and factor, or low and high",
                hint=self.shape(),
            )
        if self.basis == "assumed" and (self.low is None or self.high is None):
            raise refusal("an assumed distribution needs low and high", hint="write between what it may lie")
        if self.factor is not None and not 1.0 < self.factor <= 10.0:
            raise refusal(f"a factor of {self.factor:g}; allowed is more than 1, up to 10", hint="such as 1.3")
        return self

    def curve(self, kind: Kind, key: tuple[str | int, ...] = ()) -> Curve:
        """The distribution as numbers in the kind's unit.

        Args:
            kind: what is distributed.
            key: where this stands in its document, for messages.

        Raises:
            PydanticCustomError: where a number is no such quantity, is not possible, or the ends leave nothing.
        """
        if self.exactly is not None:
            same = self._number(kind, key, "exactly") or 0.0
            return Curve("even", same, 0.0, same, same)
        low, high = (self._number(kind, key, name) for name in ("low", "high"))
        ends = (-math.inf if low is None else low, math.inf if high is None else high)
        if not ends[0] < ends[1]:
            raise refusal(f"low {self.low} is not below high {self.high}", hint="exchange them", key=(*key, "low"))
        if self.median is not None:
            middle = self._number(kind, key, "median")
            curve = Curve("logarithmic", middle or 0.0, math.log(self.factor or math.e), *ends)
            if not curve.middle > 0.0:
                raise refusal(f"a median of {self.median}; allowed is more than 0", key=(*key, "median"))
        elif self.mean is not None:
            curve = Curve("normal", self._number(kind, key, "mean") or 0.0, self._width(kind, key), *ends)
        else:
            curve = Curve("even", (ends[0] + ends[1]) / 2.0, 1.0, *ends)
        if curve.inside < _LEAST_INSIDE:
            raise refusal(
                f"almost nothing of this distribution lies between {self.low} and {self.high}",
                hint="check its middle, and its ends",
                key=key,
            )
        return curve

    def _number(self, kind: Kind, key: tuple[str | int, ...], name: str) -> float | None:
        """A value in the kind's unit."""
        given = vars(self)[name]
        return None if given is None else _read(kind, given, (*key, name))

    def _width(self, kind: Kind, key: tuple[str | int, ...]) -> float:
        width = _read(Kind(kind.unit, str(self.sd)), self.sd, (*key, "sd"))
        if not width > 0.0:
            raise refusal(f"a standard deviation of {self.sd}; allowed is more than 0", key=(*key, "sd"))
        return width


def _read(kind: Kind, given: Any, key: tuple[str | int, ...]) -> float:
    """A quantity, its error with its place in the document."""
    try:
        return float(kind.read(given))
    except UnitError as error:
        raise refusal(error.message, hint=error.hint, unit=True, key=key) from None


def figure_value(figure: Figure, normal: float) -> float:
    """A figure's value of one person, by what is known of it.

    One with a standard deviation is normal, within its range. Of one that was read, calculated or fitted the ends of
    its range lie two standard deviations out, on each side by itself; of a guess nothing in its range is likelier than
    another on either side of the value. The value is the median in each case.

    Args:
        figure: with a standard deviation or a range.
        normal: a standard normal number.

    Returns:
        the value in the figure's own unit.
    """
    if figure.sd is not None:
        low, high = (figure.value - _FAR * figure.sd, figure.value + _FAR * figure.sd)
        low = max(low, 0.05 * figure.value) if figure.value > 0.0 else low
        low, high = (low if figure.low is None else figure.low), (high if figure.high is None else figure.high)
        return Curve("normal", figure.value, figure.sd, low, high).value(normal)
    assert figure.low is not None and figure.high is not None
    end = figure.high if normal > 0.0 else figure.low
    if figure.basis == "assumed":
        return figure.value + (end - figure.value) * abs(2.0 * _NORMAL.cdf(normal) - 1.0)
    return figure.value + (end - figure.value) * min(abs(normal) / _RANGE, 1.0)
