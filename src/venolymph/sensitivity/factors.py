"""What is varied: figures within their ranges, each from 0 at the low end to 1 at the high one."""

from __future__ import annotations

import math
import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from venolymph.body import Person
from venolymph.body.make import Part, make_body
from venolymph.errors import DocumentError, nearest
from venolymph.figures import Figure, Figures, load
from venolymph.plan.gate import gate, treats
from venolymph.regimen import Regimen
from venolymph.regimen.forcing import phases
from venolymph.simulation.starting import TISSUE_BY_DEFAULT_FROM
from venolymph.simulation.tissue_model import tissue_of

DECADE = 10.0
"""Ratio of the ends of a range from which on it is gone through in equal ratios, not in equal steps."""
LAID_OUT = re.compile(r"body_proportions\..*|.*\.(lower_end|upper_end)|perforators\..*\.height")
"""Keys of figures that lay out the network, which all members share (`leg_body`)."""


@dataclass(frozen=True)
class Factor:
    """A figure that is varied.

    Attributes:
        figure: which.
        low: low end of its range, in its unit.
        high: high end.
    """

    figure: Figure
    low: float
    high: float

    @property
    def key(self) -> str:
        """Its key."""
        return self.figure.key

    def value(self, share: float) -> float:
        """The figure's value at a share of its range, 0 to 1, in its unit."""
        if self.low > 0.0 and self.high >= DECADE * self.low:
            return self.low * math.exp(share * math.log(self.high / self.low))
        return self.low + share * (self.high - self.low)


class _Watched(Figures):
    """Figures that remember which of them were looked up."""

    def __init__(self, figures: Mapping[str, Figure]) -> None:
        super().__init__(dict(figures))
        self.seen: set[str] = set()

    def __getitem__(self, key: str) -> Figure:
        found = super().__getitem__(key)
        self.seen.add(key)
        return found

    def under(self, prefix: str) -> dict[str, Figure]:
        found = super().under(prefix)
        self.seen.update(f"{prefix}.{rest}" for rest in found)
        return found


def used_figures(person: Person, regimen: Regimen, research_override: str | None = None) -> list[Figure]:
    """Figures that a person's body is made of, and that its forces in a regimen come from.

    Those of tissue and lymph are among them where `simulate` takes these along by itself.

    Args:
        person: who.
        regimen: what is done.
        research_override: recorded reason for simulating a treatment that would be refused.

    Returns:
        In the order of the files of figures.

    Raises:
        SimulationError: where the person may not be treated and no reason is given.
    """
    gate(person, regimen, research_override)
    known = load()
    watched = _Watched(known)
    part: Part = "face" if regimen.body == "face" else "leg"
    who = person if regimen.side is None else person.with_index_side(regimen.side)
    body = make_body(who, part, sides="both", figures=watched)
    phases(regimen, body)
    if treats(regimen) or regimen.injects or regimen.lasts >= TISSUE_BY_DEFAULT_FROM:
        tissue_of([body], figures=[watched])
    return [known[key] for key in known if key in watched.seen]


def default_factors(person: Person, regimen: Regimen, research_override: str | None = None) -> list[Factor]:
    """The figures that are guesses, of those that a person's body and a regimen use; arguments as of `used_figures`."""
    used = used_figures(person, regimen, research_override)
    return [factor for figure in used if figure.basis == "assumed" for factor in _of(figure)]


def factors_named(names: Iterable[str]) -> list[Factor]:
    """Factors by the keys of figures, or by beginnings of keys.

    Args:
        names: such as `walls.superficial.collagen_stiffness`, or `walls` for all figures of that file with a range.

    Raises:
        DocumentError: where there is no such figure, or none with a range.
    """
    known = load()
    found: dict[str, Factor] = {}
    for name in names:
        figures = [known[key] for key in known if key == name or key.startswith(f"{name}.")]
        if not figures:
            near = nearest(name, [*known, *{key.rpartition(".")[0] for key in known}])
            raise DocumentError(
                f"there is no figure {name!r}",
                hint=f"did you mean {near!r}?" if near else "`venolymph sources` lists them",
                place="factors",
            )
        ranged = [factor for figure in figures for factor in _of(figure)]
        if not ranged:
            raise DocumentError(
                f"{name!r} has no range that could be gone through",
                hint="`venolymph sources` shows which figures have one, and body_proportions lay out the network",
                place="factors",
            )
        found |= {factor.key: factor for factor in ranged}
    return list(found.values())


def _of(figure: Figure) -> list[Factor]:
    """The factor that a figure is, if it has a range and members may differ in it."""
    if figure.low is None or figure.high is None or not figure.low < figure.high or LAID_OUT.fullmatch(figure.key):
        return []
    return [Factor(figure, figure.low, figure.high)]


def drawn(factors: Sequence[Factor], shares: np.ndarray) -> dict[str, float]:
    """Values of figures by key at shares of their ranges, each in its unit.

    Args:
        factors: what is varied.
        shares: of each, shape (factors,).
    """
    return {factor.key: factor.value(float(share)) for factor, share in zip(factors, shares, strict=True)}
