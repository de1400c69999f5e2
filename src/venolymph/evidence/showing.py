"""What an experiment showed, in words."""

from __future__ import annotations

from collections.abc import Sequence

from venolymph.evidence.comparing import ComparisonResult
from venolymph.evidence.sweeping import SweptResult
from venolymph.validation.report import number


def difference_text(compared: ComparisonResult) -> str:
    """What the model showed: both values, their difference, and its spread in legs that are alike but for chance."""
    if compared.difference is None:
        return compared.note
    numbers = f"{number(compared.value)} against {number(compared.against)}{_unit(compared)}"
    told = [f"{compared.difference:+.3g}"]
    if compared.percent is not None:
        share = f"{compared.percent:+.0f}" if abs(compared.percent) >= 0.5 else "less than 1"
        told.append(f"{share} %")
    if compared.least is not None and compared.greatest is not None:
        told.append(f"alike but for chance {compared.least:+.3g} to {compared.greatest:+.3g}")
    return f"{numbers} ({', '.join(told)})"


def _unit(compared: ComparisonResult) -> str:
    return "" if compared.unit == "1" else f" {compared.unit}"


def telling_text(compared: ComparisonResult) -> str:
    """Whether a clinic could tell the difference, and from which size on."""
    asked = compared.comparison
    if asked.smallest is None:
        return "what a clinic can tell apart here is not known to this project"
    words = {True: "yes", False: "no", None: "nothing to tell"}[compared.measurable]
    return f"{words}; from {asked.smallest:g}{_unit(compared)} on ({asked.smallest_basis})"


def swept_rows(swept: Sequence[SweptResult]) -> list[list[str]]:
    """A table of hidden factors: factor, its end, the difference of each comparison, marked where a clinic could tell.

    Args:
        swept: of one experiment.
    """
    columns = list(dict.fromkeys(one.comparison for one in swept))
    rows: dict[tuple[str, str], list[str]] = {}
    for one in swept:
        row = rows.setdefault((one.factor, one.end), ["-"] * len(columns))
        if one.difference is not None:
            row[columns.index(one.comparison)] = f"{one.difference:+.3g}{'' if not one.measurable else ' !'}"
    return [[factor or "as it is", end, *row] for (factor, end), row in rows.items()]
