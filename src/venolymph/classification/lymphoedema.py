"""Stage of a lymphoedema after the ISL, and how severe it is by volume (`isl.toml`)."""

from __future__ import annotations

from dataclasses import dataclass

from venolymph.classification.tables import table, yes_or_no
from venolymph.errors import DocumentError
from venolymph.units import number, show


@dataclass(frozen=True)
class Stage:
    """A stage of lymphoedema.

    Attributes:
        code: `0`, `I`, `II early`, `II late` or `III`.
        words: what it means.
    """

    code: str
    words: str


def isl_stage(*, swollen: bool, goes_down_raised: bool = False, pits: bool = False, thickened: bool = False) -> Stage:
    """Stage of a limb whose lymph is known to drain badly; it is not a diagnosis that it does.

    Args:
        swollen: whether the limb is swollen.
        goes_down_raised: whether raising the limb alone takes the swelling down.
        pits: whether a pressed finger leaves a pit.
        thickened: whether skin is thickened, fatty or warty, as in elephantiasis.

    Raises:
        DocumentError: where findings contradict each other, or one is neither True nor False.
    """
    swollen = yes_or_no(swollen, "swollen")
    signs = {"goes_down_raised": goes_down_raised, "pits": pits, "thickened": thickened}
    goes_down_raised, pits, thickened = (yes_or_no(found, name) for name, found in signs.items())
    for name, found in signs.items():
        if found and not swollen:
            raise DocumentError("a limb that is not swollen cannot have this sign", place=name)
    if thickened and goes_down_raised:
        raise DocumentError("a limb with thickened skin does not go down by being raised", place="goes_down_raised")
    if not swollen:
        code = "0"
    elif thickened:
        code = "III"
    elif goes_down_raised:
        code = "I"
    else:
        code = "II early" if pits else "II late"
    return Stage(code, table("isl")["stages"][code])


def isl_severity(excess: float) -> str | None:
    """Severity by excess volume over the other limb.

    Args:
        excess: %, as `excess_volume` gives it.

    Returns:
        `minimal`, `moderate` or `severe`; None up to 5 %.

    Raises:
        DocumentError: where the excess is not a finite number.
    """
    percent = number(excess)
    if percent is None:
        raise DocumentError(f"found {show(excess)}, where a percentage such as 12.5 is needed")
    minimal, moderate, severe = table("isl")["severity"]
    if percent > severe["above"]:
        return severe["name"]
    if percent >= moderate["from"]:
        return moderate["name"]
    return minimal["name"] if percent > minimal["from"] else None
