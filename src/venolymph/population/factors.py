"""Factors on numbers of a leg that people of a population have, drawn together."""

from __future__ import annotations

from statistics import NormalDist
from typing import Annotated

from pydantic import Field, model_validator

from venolymph.body.scaling import ScaledBy, ScaledNumbers
from venolymph.documents import Entry
from venolymph.figures import Basis
from venolymph.units import refusal


class DrawnFactors(Entry):
    """Factors on numbers of the index leg that were drawn together, as calibration gives them.

    Each member has one of the draws, all alike likely.

    Attributes:
        of: what each factor scales.
        draws: a factor for each of these, draw by draw.
        source: where this is from.
        basis: as of a figure.
    """

    of: tuple[ScaledNumbers, ...]
    draws: tuple[tuple[Annotated[float, Field(gt=0.0)], ...], ...]
    source: str
    basis: Basis

    @classmethod
    def shape(cls) -> str:
        """How such factors are written."""
        return "write it as in {of: [{of: valves.leak, at: great saphenous}], draws: [[0.9], [1.2]], source:, basis:}"

    @model_validator(mode="after")
    def _one_for_each(self) -> DrawnFactors:
        if not (self.of and self.draws):
            raise refusal("there are no factors; allowed is at least one draw of one", hint=self.shape())
        for number, draw in enumerate(self.draws):
            if len(draw) != len(self.of):
                raise refusal(
                    f"found {len(draw)} factors; allowed are {len(self.of)}, one for each entry of `of`",
                    hint=self.shape(),
                    key=("draws", number),
                )
        return self

    def at(self, normal: float) -> tuple[ScaledBy, ...]:
        """The draw that a standard normal number stands for.

        Args:
            normal: the number.
        """
        place = int(NormalDist().cdf(normal) * len(self.draws))
        draw = self.draws[min(place, len(self.draws) - 1)]
        return tuple(ScaledBy(**{**one.document(), "by": factor}) for one, factor in zip(self.of, draw, strict=True))
