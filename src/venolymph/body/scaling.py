"""Numbers of a leg that one factor scales, as a document names them, and a body with numbers scaled."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Annotated, Any

import jax.numpy as jnp
import numpy as np
from pydantic import BeforeValidator, Field, field_validator, model_validator

from venolymph import figures
from venolymph.body.anatomy import Body
from venolymph.body.parameter_arrays import ARRAYS, LIMITS
from venolymph.body.table import ParameterRow, ParametersTable, parameters_table
from venolymph.documents import Entry
from venolymph.errors import DocumentError, nearest
from venolymph.figures import Figures
from venolymph.units import refusal, show

PUSH = "muscle pressure"
"""What muscles press with at work, which is no number of the body but of what it does."""


@dataclass(frozen=True)
class Scaled:
    """Numbers of a leg that one factor scales.

    Attributes:
        array: that they are of; `PUSH` for the pressure of muscles.
        rows: index of each in the array.
        power: of the factor: 2 where it is of a diameter and the numbers are areas.
    """

    array: str
    rows: tuple[tuple[int, ...], ...] = ()
    power: float = 1.0

    def times(self, array: Any, factor: Any) -> Any:
        """The array with these numbers scaled.

        Args:
            array: all its numbers, members along the last axis.
            factor: one number, or one for each member.
        """
        rows = tuple(np.array(self.rows).T)
        most = LIMITS[ARRAYS[self.array].span][1]
        return array.at[rows].set(jnp.minimum(array[rows] * factor**self.power, most))


def _several(given: Any) -> Any:
    return (given,) if isinstance(given, str) else given


class ScaledNumbers(Entry):
    """Numbers of a leg that one factor scales, as a document names them.

    Attributes:
        of: the array that the numbers are of (`valves.leak`; `leak` does where one array has that name), or
            `muscle pressure`, what muscles press with at work.
        at: first words of the places; where not given, every place whose number comes from `figure`.
        power: of the factor; 2 where it is of a diameter and the numbers are areas.
        figure: key of the figure that the numbers come from.
    """

    of: str
    at: Annotated[tuple[str, ...], BeforeValidator(_several)] = ()
    power: Annotated[float, Field(gt=0.0, le=4.0)] = 1.0
    figure: str | None = None

    @classmethod
    def shape(cls) -> str | None:
        """How such numbers are named."""
        return "write it as in {of: valves.leak, at: great saphenous}"

    @field_validator("of")
    @classmethod
    def _known(cls, of: str) -> str:
        if of == PUSH:
            return of
        veins = [name for name, array in ARRAYS.items() if array.circuit == "veins"]
        meant = [name for name in veins if of in (name, name.split(".")[1])]
        if len(meant) == 1:
            return meant[0]
        near = nearest(of, [*veins, PUSH])
        hint = f"did you mean {near!r}?" if near else f"such as valves.leak or {PUSH}"
        raise refusal(
            f"{show(of)} is an array of tissue or lymph; only those of veins can be scaled"
            if of in ARRAYS
            else f"{show(of)} is no array of a leg's veins" + (f"; it may be {' or '.join(meant)}" if meant else ""),
            hint=hint,
        )

    @model_validator(mode="after")
    def _named(self) -> ScaledNumbers:
        if self.figure is not None:
            try:
                figures.load()[self.figure]
            except DocumentError as error:
                raise refusal(error.message, hint=error.hint, key="figure") from None
        if self.of != PUSH and not self.at and self.figure is None:
            raise refusal("neither `at` nor `figure` says which numbers are meant", hint=self.shape())
        return self

    @property
    def place(self) -> str:
        """Where a message says that they are named."""
        return self.of

    def scaled(self, table: ParametersTable) -> Scaled:
        """The numbers of a leg that are meant.

        Raises:
            DocumentError: where there are none.
        """
        if self.of == PUSH:
            return Scaled(PUSH, (), self.power)
        rows = list(table.rows_of(self.of))
        found = tuple(row.index for row in rows if self._means(row))
        if not found:
            near = nearest(self.at[0], [row.name for row in rows]) if self.at else None
            raise DocumentError(
                f"no number of {self.of!r} "
                + (f"stands at {' or '.join(map(repr, self.at))}" if self.at else f"comes from {self.figure!r}"),
                hint=f"did you mean {near!r}?" if near else "`vl.parameters(person)` lists them all",
                place=self.place,
            )
        return Scaled(self.of, found, self.power)

    def _means(self, row: ParameterRow) -> bool:
        return row.name.startswith(self.at) if self.at else self.figure in row.figures


class ScaledBy(ScaledNumbers):
    """Numbers of somebody's leg, and the factor that scales them.

    Attributes:
        by: the factor, 1.
    """

    by: Annotated[float, Field(gt=0.0)]


def scaled_body(body: Body, factors: Sequence[ScaledBy]) -> Body:
    """A body with numbers scaled; muscles press as much harder in whatever it does.

    Args:
        body: whose index leg is meant.
        factors: what is scaled, and by how much.

    Raises:
        DocumentError: where the body has no such numbers.
    """
    if not factors:
        return body
    table = parameters_table(body)
    tree, known = table.tree, dict(body.known or figures.load())
    for one in factors:
        numbers = one.scaled(table)
        if numbers.array == PUSH:
            more = one.by**numbers.power
            known |= {key: replace(known[key], value=more * known[key].value) for key in known if _is_push(key)}
        else:
            tree = tree.replaced(one.of, numbers.times(jnp.asarray(tree.array(one.of)), one.by))
    return replace(body, parameters=tree.veins, known=Figures(known))


def _is_push(key: str) -> bool:
    """Whether a figure is what a muscle presses with at its most."""
    return key.startswith("muscle_pump.") and key.endswith(".peak")
