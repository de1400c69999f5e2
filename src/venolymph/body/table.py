"""What each number of a body is: name, unit, bounds, and the figures that it comes from."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import cached_property
from typing import Any, Literal

import numpy as np

from venolymph.body.anatomy import Body
from venolymph.body.drainage_types import Drainage
from venolymph.body.leg import leg_body
from venolymph.body.make import make_drainage
from venolymph.body.parameter_arrays import ARRAYS, LIMITS, Circuit
from venolymph.body.parameter_tree import BodyParameters, ParameterKey, ParameterPlaces, parameter_places
from venolymph.body.person import load_person
from venolymph.errors import DocumentError
from venolymph.figures import Figure


@dataclass(frozen=True)
class ParameterRow:
    """One number of a body.

    Attributes:
        array: which array of the parameters, "cells.unstressed_area".
        index: where in it, without the batch axis.
        name: the place that it belongs to (a cell, a valve, a compartment, a lymphangion), with the surrounding, link
            or solute after a `|`.
        unit: its unit.
        value: its value in that unit.
        low: least value that makes sense.
        high: greatest value that makes sense.
        figures: keys of the figures that it comes from.
        sources: keys in `references.bib` of those figures.
        circuit: what it belongs to: veins, tissue or lymph.
        title: what it is, in words.
    """

    array: str
    index: tuple[int, ...]
    name: str
    unit: str
    value: float
    low: float
    high: float
    figures: tuple[str, ...]
    sources: tuple[str, ...]
    circuit: Circuit = "veins"
    title: str = ""


class ParametersTable:
    """The rows of a body's parameters, by number or by name and quantity.

    `tree` is the tree of arrays that `simulate(..., parameters=...)` takes back.
    `table["great saphenous, thigh [3]", "unstressed_area"]` is one row. Where a face and its valve bear one name, as
    perforators do, `table["perforator, Boyd", "valves.vessels"]` says which is meant.
    """

    def __init__(self, body: Body, drainage: Drainage) -> None:
        self._body, self._drainage = body, drainage
        self.tree = BodyParameters.of(body.parameters, drainage.parameters)
        self.places: ParameterPlaces = parameter_places(body.topology, drainage.topology)

    @cached_property
    def rows(self) -> tuple[ParameterRow, ...]:
        """All rows, circuit by circuit."""
        return tuple(row for array in ARRAYS for row in self.rows_of(array))

    @cached_property
    def _by_place(self) -> dict[tuple[str, tuple[int, ...]], ParameterRow]:
        return {(row.array, row.index): row for row in self.rows}

    def __iter__(self) -> Iterator[ParameterRow]:
        return iter(self.rows)

    def __len__(self) -> int:
        return len(self.rows)

    def __getitem__(self, name: tuple[str, str]) -> ParameterRow:
        """The row of a name and a quantity.

        Raises:
            DocumentError: where there is none.
        """
        array, index = self.places.find(name)
        if index is None:
            raise DocumentError(
                f"{array!r} is a whole array",
                hint=f"its numbers are `table.array({array!r})`; name a place for one row",
            )
        return self._by_place[array, index]

    def array(self, name: str) -> Any:
        """All numbers of an array (`capillaries.filtration`), with one member along the last axis.

        Raises:
            DocumentError: where there is no such array.
        """
        return self.tree.array(self.places.find(name)[0])

    def changed(self, changes: Mapping[ParameterKey, Any]) -> BodyParameters:
        """The tree with some numbers replaced.

        Args:
            changes: new values by name and quantity, or by the name of an array, in the unit of the row; may be traced
                by JAX.

        Raises:
            DocumentError: where there is no such number, or a value cannot be one.
        """
        return self.places.changed(self.tree, changes)

    def rows_of(self, array: str) -> Iterator[ParameterRow]:
        """The rows of one array, by its name."""
        what = ARRAYS[array]
        made: Body | Drainage = self._body if what.circuit == "veins" else self._drainage
        values, sources_of = np.asarray(self.tree.array(array))[..., 0], made.sources[array]
        for index, name in self.places.names(array):
            # what a circuit above the leg adds to its arrays comes from no figures
            keys = sources_of[index[0]] if index[0] < len(sources_of) else ()
            if array == "cells.share":
                keys = keys[index[1] : index[1] + 1]
                if not keys:
                    continue
            value = float(values[index])
            low, high = _bounds(array, value, made.figures.get(keys[0]) if keys else None)
            sources = tuple(dict.fromkeys(made.figures[key].source for key in keys if key in made.figures))
            yield ParameterRow(array, index, name, what.unit, value, low, high, keys, sources, what.circuit, what.title)


def parameters(person: Any, legs: Literal["one", "both"] = "one") -> ParametersTable:
    """Every number of a person's leg or legs, of veins, tissue and lymph, with name, unit, bounds and source.

    Args:
        person: a packaged name, a path, a document or a `Body`.
        legs: as for `leg_body`; a `Body` is as it was made.
    """
    return parameters_table(person if isinstance(person, Body) else leg_body(load_person(person), legs=legs))


def parameters_table(body: Body) -> ParametersTable:
    """What each number of a body is.

    Bounds are those of the figure that it mainly comes from, as a factor on the value; shares lie between 0 and 1
    (where a figure's range goes beyond, within that);
    everything else but what may be negative is at least 0.
    """
    return ParametersTable(body, make_drainage(body))


def _bounds(array: str, value: float, figure: Figure | None) -> tuple[float, float]:
    span = ARRAYS[array].span
    if array == "cells.share":
        # cloth over a varix presses by the varix's own radius: its share may be more than all
        return 0.0, max(1.0, figure.high or 1.0) if figure is not None else 1.0
    if span == "share":
        return LIMITS[span][:2]
    if array == "cells.position":
        return -300.0, 300.0
    if figure is None or figure.low is None or figure.high is None or figure.value <= 0.0 or value <= 0.0:
        return (0.0 if span == "positive" else -max(10.0 * abs(value), 1.0)), max(10.0 * value, 1.0)
    power = 2.0 if "diameter" in figure.key and array.endswith("area") else 1.0
    low, high = (value * (max(0.0, end) / figure.value) ** power for end in (figure.low, figure.high))
    if power == 1.0 and figure.key.endswith(("lower_end", "upper_end")):
        return 0.5 * value, 2.0 * value
    return low, high
