"""What an experiment showed, in words."""

from __future__ import annotations

from venolymph.evidence.experiment import ComparisonResult
from venolymph.validation.report import number


def difference_text(compared: ComparisonResult) -> str:
    """What the model showed: both values, their difference, and its spread in legs that are alike but for chance."""
    if compared.difference is None:
        return compared.note
    numbers = f"{number(compared.value)} against {number(compared.against)} {compared.unit}"
    told = [f"{compared.difference:+.3g}"]
    if compared.percent is not None:
        share = f"{compared.percent:+.0f}" if abs(compared.percent) >= 0.5 else "less than 1"
        told.append(f"{share} %")
    if compared.least is not None and compared.greatest is not None:
        told.append(f"in legs alike but for chance {compared.least:+.3g} to {compared.greatest:+.3g}")
    return f"{numbers} ({', '.join(told)})"


def telling_text(compared: ComparisonResult) -> str:
    """Whether a clinic could tell the difference, and from which size on."""
    asked = compared.comparison
    if asked.smallest is None:
        return "what a clinic can tell apart here is not known to this project"
    words = {True: "yes", False: "no", None: "nothing to tell"}[compared.measurable]
    return f"{words}; from {asked.smallest:g} {compared.unit} on ({asked.smallest_basis})"
