"""Detectability of a difference: the smallest change of an instrument's reading that exceeds its error.

Few instruments have been repeated often enough to say so. Where nothing was published, nothing is claimed: a difference
of such a measure is neither seen nor missed, but unknown.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, replace

import numpy as np

from venolymph.figures import Figure, load
from venolymph.measures.reading import Reading

_LEAST = (
    # a measure's name (a pattern), the figure of its smallest change that is seen
    (r"tape volume|volume of .*", "measures.detectable.tape_volume"),
    (r"girth at .*", "measures.detectable.girth"),
    (r"tissue water in .*", "measures.detectable.tissue_water"),
    (r"under-eye .*|skin (lightness|redness|yellowness) at .*", "measures.detectable.skin_colour"),
    (r"face (fluid|swelling) at .*", "measures.detectable.face_volume"),
    (r"(standing|lying) diameter of .*", "measures.detectable.vein_diameter"),
    (r"photoplethysmographic refill time", "measures.detectable.refill_time"),
)


@dataclass(frozen=True)
class Detectability:
    """A difference of a measure beside the smallest one that its instrument detects.

    Attributes:
        measure: its name.
        difference: in its unit.
        least: smallest detectable change, in its unit; None where none was published.
        figure: figure of `least`; None likewise.
    """

    measure: str
    difference: float
    least: float | None
    figure: Figure | None

    @property
    def visible(self) -> bool | None:
        """Whether it is detectable; None where no smallest change was published."""
        return None if self.least is None else abs(self.difference) >= self.least

    @property
    def text(self) -> str:
        """That in words."""
        if self.least is None:
            return "not known what could be seen"
        return "could be seen" if self.visible else "below what could be seen"

    @property
    def clinic(self) -> str:
        """That as the end of a sentence about the difference."""
        words = {
            True: "a clinic could measure this",
            False: "a clinic could not measure this",
            None: "whether a clinic could measure this is not known",
        }
        return words[self.visible]


def detectable(measure: str, before: float, after: float) -> Detectability:
    """Whether a clinic could see the difference between two readings of a measure.

    The same rater, hour of the day and posture are taken for granted; otherwise the smallest change is larger.

    Args:
        measure: its name, with its place where it has one.
        before: reading, in the measure's unit.
        after: reading to be distinguished from it.
    """
    key = next((key for pattern, key in _LEAST if re.fullmatch(pattern, measure)), None)
    if key is None:
        return Detectability(measure, after - before, None, None)
    figure = load()[key]
    least = figure.value / 100.0 * abs(before) if figure.unit == "%" else figure.value
    return Detectability(measure, after - before, least, figure)


def read_by_hand(reading: Reading, seed: int) -> Reading:
    """A reading as a rater would take it once, with a random error of the size that raters make.

    Args:
        reading: without error.
        seed: of the error; the same seed gives the same one.

    Returns:
        The reading with normal errors of the smallest change seen over 2.77 (1.96 times the root of 2); as it was where
        no error was published.
    """
    values = np.atleast_1d(np.asarray(reading.value, float))
    least = [detectable(reading.name, value, value).least for value in values]
    error = np.array([0.0 if one is None else one / 2.77 for one in least])
    return replace(reading, value=values + error * np.random.default_rng(seed).standard_normal(len(values)))
