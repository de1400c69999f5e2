"""Volume of a limb from tape readings, as a pile of cut-off cones, and which change is more than error.

Between girths C1 and C2 at a distance h lies the volume h (C1^2 + C1 C2 + C2^2) / (12 pi).
"""

from __future__ import annotations

import itertools
import math
from collections.abc import Sequence
from dataclasses import dataclass

from venolymph.classification.tables import table
from venolymph.errors import DocumentError
from venolymph.units import quantity, show


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


def limb_volume(girths: Sequence[float | str], step: float | str = 4.0) -> float:
    """Volume between the first and the last tape line.

    Args:
        girths: girths at even distances, cm, or text such as `31.5 cm`.
        step: distance between tape lines along the limb, cm, or text.

    Returns:
        mL.

    Raises:
        DocumentError: where there are fewer than two girths, or one is not possible.
        UnitError: where text has no unit of length.
    """
    if isinstance(girths, str) or len(girths) < 2:
        raise DocumentError(f"found {show(girths)}; a volume needs two girths or more", place="girths")
    read = [_length(girth, "girth", f"girths.{number}") for number, girth in enumerate(girths)]
    h = _length(step, "step", "step")
    return sum(h * (a * a + a * b + b * b) / (12 * math.pi) for a, b in itertools.pairwise(read))


def smallest_change(volume: float) -> float:
    """The smallest change of a leg's tape volume that is more than error (95 %), mL.

    Args:
        volume: mL, the same rater measuring again.

    Raises:
        DocumentError: where the volume is not possible.
    """
    error = table("volume")["error"]
    return _volume(volume, "volume") * error["leg"] / 100 * error["factor"]


def volume_change(before: float, after: float) -> VolumeChange:
    """How a limb changed, and whether that is more than error.

    Args:
        before: mL.
        after: mL.

    Raises:
        DocumentError: where a volume is not possible.
    """
    change = _volume(after, "after") - _volume(before, "before")
    return VolumeChange(change, 100 * change / before, smallest_change(before))


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


def _length(value: float | str, kind: str, place: str) -> float:
    low, high = table("volume")["limits"][kind]
    if isinstance(value, str):
        number = quantity(value, "cm", example="31.5 cm")
    elif isinstance(value, bool) or not isinstance(value, int | float):
        raise DocumentError(f"found {show(value)}, where a length in cm is needed", place=place)
    else:
        number = float(value)
    if not low <= number <= high:
        raise DocumentError(
            f"{value} is not possible here; allowed is {low:g} to {high:g} cm",
            hint="were mm or inches written as cm?",
            place=place,
        )
    return number


def _volume(value: float, place: str) -> float:
    if isinstance(value, bool) or not isinstance(value, int | float) or not 0 < value < 1e5:
        raise DocumentError(f"found {show(value)}, where a volume in mL is needed", place=place)
    return float(value)
