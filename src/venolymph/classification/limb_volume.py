"""Volume of a limb from girths at heights, as a pile of cut-off cones, and which change is more than error.

Between girths C1 and C2 at a distance h lies the volume h (C1^2 + C1 C2 + C2^2) / (12 pi), so a limb is
V = sum h (C1^2 + C1 C2 + C2^2) / (12 pi). Heights may be any distance apart, from the slices of a light gate (3 mm) to
landmarks. Girths go straight from one height to the next, so a line more on a straight cone changes nothing.
"""

from __future__ import annotations

import bisect
import itertools
import math
from collections.abc import Iterable, Mapping, Sequence, Sized
from dataclasses import dataclass
from typing import Any, Literal, Protocol, runtime_checkable

from venolymph.classification.tables import table
from venolymph.errors import DocumentError
from venolymph.units import number, quantity, show

Apart = Literal["same day", "weeks"]
"""How far apart two measurements are: the further, the larger the change has to be."""


@dataclass(frozen=True)
class Girths:
    """Girths of a limb at heights along it.

    Attributes:
        heights: cm, going up.
        girths: cm, one for each height.
    """

    heights: tuple[float, ...]
    girths: tuple[float, ...]

    @property
    def extent(self) -> tuple[float, float]:
        """From which height to which they reach, cm."""
        return self.heights[0], self.heights[-1]

    @property
    def volume(self) -> float:
        """Volume between the lowest and the highest, mL."""
        lines = itertools.pairwise(zip(self.heights, self.girths, strict=True))
        return sum((high - low) * (a * a + a * b + b * b) / (12 * math.pi) for (low, a), (high, b) in lines)

    def at(self, height: float) -> float:
        """Girth at a height, straight between the two nearest, cm.

        Args:
            height: cm, within the extent.

        Raises:
            DocumentError: where the girths do not reach there.
        """
        low, high = self.extent
        if not low <= height <= high:
            raise DocumentError(f"there is no girth at {height:g} cm; the girths reach from {low:g} to {high:g} cm")
        above = min(max(bisect.bisect_left(self.heights, height), 1), len(self.heights) - 1)
        (x, y), (a, b) = self.heights[above - 1 : above + 1], self.girths[above - 1 : above + 1]
        return a + (b - a) * (height - x) / (y - x)

    def between(self, low: float, high: float) -> Girths:
        """The same limb between two heights, with straight lines to where no girth was taken.

        Args:
            low: cm.
            high: cm, more than `low`.

        Raises:
            DocumentError: where the girths do not reach there.
        """
        if not low < high:
            raise DocumentError(f"found {low:g} to {high:g} cm, where the first has to be the lower")
        inside = [(x, c) for x, c in zip(self.heights, self.girths, strict=True) if low < x < high]
        lines = [(low, self.at(low)), *inside, (high, self.at(high))]
        return Girths(tuple(x for x, _ in lines), tuple(c for _, c in lines))


@dataclass(frozen=True)
class VolumeChange:
    """A change between two volumes of one limb, taken by one rater at the same hour and in the same posture.

    Attributes:
        change: mL; less than 0 where the limb got smaller.
        percent: the change in % of the first volume.
        detectable: the smallest change that is more than error, mL.
    """

    change: float
    percent: float
    detectable: float

    @property
    def more_than_error(self) -> bool:
        """Whether the change is larger than what measuring twice brings about by itself."""
        return abs(self.change) > self.detectable


def limb_volume(
    girths: Sequence[float | str | None] | Mapping[float, float | str | None] | Mapping[str, float | str | None],
    step: float | str = 4.0,
) -> float:
    """Volume between the first and the last height.

    Args:
        girths: girths by height, both in cm or text such as `31.5 cm`; or a sequence of girths at even distances. A
            reading that is missing between two others is None, or is left out of the mapping.
        step: distance between the girths of a sequence, cm, or text.

    Returns:
        mL.

    Raises:
        DocumentError: where there are fewer than two girths, or a girth, a height or a distance is not possible.
        UnitError: where text has no unit of length.
    """
    return read_girths(girths, step).volume


@runtime_checkable
class _ByHeight(Protocol):
    """A mapping, or a pandas Series."""

    def items(self) -> Iterable[tuple[Any, Any]]: ...


def read_girths(
    girths: Sequence[float | str | None] | Mapping[float, float | str | None] | Mapping[str, float | str | None],
    step: float | str = 4.0,
) -> Girths:
    """Girths by height, checked; see `limb_volume`.

    Raises:
        DocumentError: where there are fewer than two girths, or a girth, a height or a distance is not possible.
        UnitError: where text has no unit of length.
    """
    if isinstance(girths, str) or not isinstance(girths, Sized) or len(girths) < 2:
        raise DocumentError(f"found {show(girths)}; a volume needs two girths or more", place="girths")
    if isinstance(girths, _ByHeight):
        given = [(_length(height, "height", "girths"), str(height), girth) for height, girth in girths.items()]
    else:
        h = _length(step, "step", "step")
        given = [(number * h, str(number), girth) for number, girth in enumerate(girths)]
    given.sort(key=lambda line: line[0])
    for _, name, girth in (given[0], given[-1]):
        if girth is None:
            raise DocumentError(
                "the first and the last girth say how far the volume reaches, so neither can be missing",
                hint="leave this height out: the volume then reaches less far",
                place=f"girths.{name}",
            )
    lines: dict[float, float] = {}
    for height, name, girth in given:
        if girth is None:
            continue
        found = _length(girth, "girth", f"girths.{name}")
        if lines.setdefault(height, found) != found:
            raise DocumentError(f"two girths at {height:g} cm, {lines[height]:g} and {found:g} cm", place="girths")
    if len(lines) < 2:
        raise DocumentError(f"found {len(lines)} girth; a volume needs two or more", place="girths")
    low, high = table("volume")["limits"]["distance"]
    for below, above in itertools.pairwise(lines):
        if not low - 1e-9 <= above - below <= high + 1e-9:
            raise DocumentError(
                f"{below:g} and {above:g} cm are {above - below:g} cm apart; allowed is {low:g} to {high:g} cm",
                hint="between two heights the limb counts as a straight cone: is a height mistyped or missing?",
                place="girths",
            )
    return Girths(tuple(lines), tuple(lines.values()))


def girth_of_area(area: float) -> float:
    """Girth of the circle that is as large as a section of a limb, cm: for light gates that give areas.

    Cut-off cones between such girths are as large as between the sections.

    Args:
        area: cm2.

    Raises:
        DocumentError: where the area is not possible.
    """
    plain = number(area)
    if plain is None or not 0 < plain < 1e4:
        raise DocumentError(f"found {show(area)}, where an area in cm2 is needed", place="area")
    return math.sqrt(4.0 * math.pi * plain)


def girth_of_diameters(x: float, y: float) -> float:
    """The same for an ellipse, cm.

    Args:
        x: a diameter, cm.
        y: the diameter at right angles to it, cm.

    Raises:
        DocumentError: where a diameter is not possible.
    """
    for value, place in ((x, "x"), (y, "y")):
        plain = number(value)
        if plain is None or not 0 < plain < 100:
            raise DocumentError(f"found {show(value)}, where a diameter in cm is needed", place=place)
    return girth_of_area(math.pi / 4.0 * float(x) * float(y))


def smallest_change(volume: float, apart: Apart = "same day") -> float:
    """The smallest change of a leg's tape volume that is more than error (95 %), mL.

    Args:
        volume: mL, the same rater measuring again.
        apart: `weeks` where days or weeks lie between, in which legs also change by themselves.

    Raises:
        DocumentError: where the volume is not possible.
    """
    error = table("volume")["error"][apart.replace(" ", "_")]
    percent = error["standard_error"] * error["factor"] if "factor" in error else error["smallest_change"]
    return _volume(volume, "volume") * percent / 100


def volume_change(before: float, after: float, apart: Apart = "same day") -> VolumeChange:
    """How a limb changed, and whether that is more than error.

    Args:
        before: mL.
        after: mL.
        apart: `weeks` where days or weeks lie between.

    Raises:
        DocumentError: where a volume is not possible.
    """
    change = _volume(after, "after") - _volume(before, "before")
    return VolumeChange(change, 100 * change / before, smallest_change(before, apart))


def excess_volume(affected: float, other: float) -> float:
    """Excess of the affected limb over the other, in % of the other.

    Args:
        affected: mL.
        other: mL.

    Raises:
        DocumentError: where a volume is not possible.
    """
    reference = _volume(other, "other")
    return 100 * (_volume(affected, "affected") - reference) / reference


def _length(value: object, kind: str, place: str) -> float:
    low, high = table("volume")["limits"][kind]
    length = quantity(value, "cm", example="31.5 cm") if isinstance(value, str) else number(value)
    if length is None:
        raise DocumentError(f"found {show(value)}, where a length in cm is needed", place=place)
    if not low <= length <= high:
        raise DocumentError(
            f"{value} is not possible here; allowed is {low:g} to {high:g} cm",
            hint="were mm or inches written as cm?",
            place=place,
        )
    return length + 0.0  # -0 cm is 0 cm


def _volume(value: float, place: str) -> float:
    volume = number(value)
    if volume is None or not 0 < volume < 1e5:
        raise DocumentError(f"found {show(value)}, where a volume in mL is needed", place=place)
    return volume
