"""What each number of a body is: name, unit, bounds, and the figures that it comes from."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from difflib import get_close_matches
from typing import Any, Literal

import equinox as eqx
import numpy as np

from venolymph.body.anatomy import Body
from venolymph.body.leg import leg_body
from venolymph.body.person import load_person
from venolymph.errors import DocumentError
from venolymph.network.parameters import Parameters

UNITS = {
    "cells.length": "cm",
    "cells.vessels": "1",
    "cells.unstressed_area": "cm2",
    "cells.friction": "1",
    "cells.collapse_stiffness": "mmHg",
    "cells.elastin_stiffness": "mmHg",
    "cells.collagen_stiffness": "mmHg",
    "cells.collagen_exponent": "1",
    "cells.tether": "1",
    "cells.viscous_time": "s",
    "cells.relaxation_gain": "1",
    "cells.relaxation_time": "s",
    "cells.share": "1",
    "cells.position": "cm",
    "faces.tail_share": "1",
    "faces.head_share": "1",
    "faces.channel_length": "cm",
    "faces.channel_area": "cm2",
    "faces.channel_vessels": "1",
    "faces.resistance": "mmHg s/mL",
    "faces.open": "1",
    "valves.leak": "1",
    "valves.opening_time": "s",
    "valves.closing_time": "s",
    "valves.closing_pressure": "mmHg",
    "valves.threshold": "mmHg",
    "valves.vessels": "1",
    "valves.in_channel": "1",
    "valves.coaptation_area": "cm2",
    "beds.conductance": "mL/s/mmHg",
    "beds.arteriolar_gain": "1",
    "beds.arteriolar_threshold": "mmHg",
    "beds.arteriolar_full": "mmHg",
    "beds.arteriolar_time": "s",
    "beds.arteriolar_opening_time": "s",
    "beds.exercise_gain": "1",
    "beds.exercise_time": "s",
    "surroundings.elastance": "mmHg/mL",
    "surroundings.rest_volume": "mL",
    "fluid.viscosity": "mmHg s",
    "fluid.density": "mmHg s2/cm2",
    "fluid.weight": "mmHg/cm",
}
"""Unit of each array of the parameters."""

_SHARES = {"cells.share", "faces.tail_share", "faces.head_share", "faces.open", "valves.leak", "valves.in_channel"}
_ANY_SIGN = {"cells.position"}


@dataclass(frozen=True)
class ParameterRow:
    """One number of a body.

    Attributes:
        array: which array of the parameters, "cells.unstressed_area".
        index: where in it, without the batch axis.
        name: the cell, face, valve, bed or surrounding that it belongs to (with the slot or link after a `|`).
        unit: its unit.
        value: its value in that unit.
        low: least value that makes sense.
        high: greatest value that makes sense.
        figures: keys of the figures that it comes from.
        sources: keys in `references.bib` of those figures.
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


class ParametersTable:
    """The rows of a body's parameters, by number or by name and quantity.

    `tree` is the tree of arrays that `simulate(..., parameters=...)` takes back.
    `table["great saphenous, thigh [3]", "unstressed_area"]` is one row. Where a face and its valve bear one name, as
    perforators do, `table["perforator, Boyd", "valves.vessels"]` says which is meant.
    """

    def __init__(self, rows: list[ParameterRow], tree: Parameters) -> None:
        self.rows = tuple(rows)
        self.tree = tree
        self._by_name: dict[tuple[str, str], ParameterRow] = {}
        for row in rows:
            field = row.array.split(".")[1]
            self._by_name.setdefault((row.name, field), row)
            self._by_name[row.name, row.array] = row

    def __iter__(self) -> Iterator[ParameterRow]:
        return iter(self.rows)

    def __len__(self) -> int:
        return len(self.rows)

    def __getitem__(self, name: tuple[str, str]) -> ParameterRow:
        """The row of a name and a quantity.

        Raises:
            DocumentError: where there is none.
        """
        if name in self._by_name:
            return self._by_name[name]
        names = dict.fromkeys(row.name for row in self.rows)
        if name[0] in names:
            found = dict.fromkeys(row.array.split(".")[1] for row in self.rows if row.name == name[0])
            raise DocumentError(f"{name[0]!r} has no parameter {name[1]!r}", hint=f"it has {', '.join(found)}")
        near = get_close_matches(name[0], names, 1, 0.5)
        raise DocumentError(
            f"no part of the leg is named {name[0]!r}", hint=f"did you mean {near[0]!r}?" if near else None
        )

    def changed(self, changes: Mapping[tuple[str, str], Any]) -> Parameters:
        """The tree with some numbers replaced.

        Args:
            changes: new values by name and quantity, in the row's unit; may be traced by JAX.

        Raises:
            DocumentError: where there is no such number.
        """
        tree = self.tree
        for name, value in changes.items():
            row = self[name]
            part, field = row.array.split(".")

            def leaf(parameters: Parameters, part: str = part, field: str = field) -> Any:
                return getattr(getattr(parameters, part), field)

            tree = eqx.tree_at(leaf, tree, leaf(tree).at[row.index].set(value))
        return tree


def parameters(person: Any, legs: Literal["one", "both"] = "one") -> ParametersTable:
    """Every number of a person's leg, with name, unit, bounds and source.

    Args:
        person: a packaged name, a path, or a document.
        legs: as for `leg_body`.
    """
    return parameters_table(leg_body(load_person(person), legs=legs))


def parameters_table(body: Body) -> ParametersTable:
    """What each number of a body is.

    Bounds are those of the figure that it mainly comes from, as a factor on the value; shares lie between 0 and 1
    (where a figure's range goes beyond, within that);
    everything else but a position is at least 0.
    """
    topology = body.topology
    surrounded = [[topology.surroundings[k] for k in slots] for slots in topology.surrounded]
    names = {
        "cells": topology.cells,
        "faces": topology.faces,
        "valves": topology.valves,
        "beds": topology.beds,
        "surroundings": topology.surroundings,
        "fluid": ("blood",),
    }
    rows: list[ParameterRow] = []
    for array, unit in UNITS.items():
        part, field = array.split(".")
        values = np.asarray(getattr(getattr(body.parameters, part), field))[..., 0]
        for index in np.ndindex(values.shape):
            name = names[part][index[0]]
            keys = body.sources[array][index[0]]
            if array == "cells.share":
                name = f"{name} | {surrounded[index[0]][index[1]]}"
                keys = keys[index[1] : index[1] + 1]
                if not keys:
                    continue
            elif array == "cells.position":
                name = f"{name} | {topology.links[index[1]]}"
            value = float(values[index])
            low, high = _bounds(body, array, value, keys)
            sources = tuple(dict.fromkeys(body.figures[key].source for key in keys if key in body.figures))
            rows.append(ParameterRow(array, index, name, unit, value, low, high, keys, sources))
    return ParametersTable(rows, body.parameters)


def _bounds(body: Body, array: str, value: float, keys: tuple[str, ...]) -> tuple[float, float]:
    figure = body.figures.get(keys[0]) if keys else None
    if array in _SHARES:
        # cloth over a varix presses by the varix's own radius: its share may be more than all
        return 0.0, max(1.0, figure.high or 1.0) if figure is not None and array == "cells.share" else 1.0
    if array in _ANY_SIGN:
        return -300.0, 300.0
    if figure is None or figure.low is None or figure.high is None or figure.value <= 0.0 or value <= 0.0:
        return 0.0, max(10.0 * value, 1.0)
    power = 2.0 if "diameter" in figure.key and array.endswith("area") else 1.0
    low, high = (value * (max(0.0, end) / figure.value) ** power for end in (figure.low, figure.high))
    if power == 1.0 and figure.key.endswith(("lower_end", "upper_end")):
        return 0.5 * value, 2.0 * value
    return low, high
