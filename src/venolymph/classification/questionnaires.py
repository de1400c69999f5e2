"""CIVIQ and AVVQ: totals only. Their texts belong to others and are not here (`questionnaires.toml`)."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from venolymph.classification.tables import table
from venolymph.errors import DocumentError
from venolymph.units import number, show, whole


@dataclass(frozen=True)
class Total:
    """The total of a questionnaire.

    Attributes:
        instrument: its name.
        total: as added up on its form.
        least: the best total that is possible.
        most: the worst.
    """

    instrument: str
    total: float
    least: float
    most: float

    @property
    def index(self) -> float:
        """The total on a scale from 0 (best) to 100 (worst)."""
        return 100 * (self.total - self.least) / (self.most - self.least)


def civiq(total: int, items: Literal[20, 14] = 20) -> Total:
    """Total of CIVIQ-20 or CIVIQ-14; higher is worse.

    Args:
        total: sum of the items, each 1 to 5.
        items: 20 or 14.

    Raises:
        DocumentError: where the total is not possible.
    """
    known = table("questionnaires")["civiq"]
    if str(items) not in known["items"]:
        raise DocumentError(f"found {show(items)}; there are CIVIQ-20 and CIVIQ-14", place="items")
    points = whole(total)
    if points is None:
        raise DocumentError(f"found {show(total)}, where a whole number is needed", place="total")
    return _total(known["items"][str(items)], points, items, items * known["highest"])


def avvq(total: float) -> Total:
    """Total of the Aberdeen varicose vein questionnaire, 0 to 100; higher is worse.

    Args:
        total: the weighted total.

    Raises:
        DocumentError: where the total is not possible.
    """
    known = table("questionnaires")["avvq"]
    return _total(known["name"], total, 0.0, known["highest"])


def _total(name: str, total: float, least: float, most: float) -> Total:
    points = number(total)
    if points is None or not least <= points <= most:
        raise DocumentError(
            f"found {show(total)}; the {name} has totals from {least:g} to {most:g}",
            hint="give the total, not the answers",
            place="total",
        )
    return Total(name, points, least, most)
