"""Arrays of parameters as columns of figures: their values, and the keys of the figures that each comes from."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from types import MappingProxyType
from typing import Any

import jax
import jax.numpy as jnp
import numpy as np

Keys = tuple[str, ...]
"""Keys of the figures that a number comes from."""
Number = tuple[float, Keys]
"""A number, and the keys of the figures that it comes from."""
Column = tuple[Any, Keys | list[Keys]]
"""Values of an array of parameters, and the keys of all or of each along its first dimension."""


class FigureColumns:
    """Columns of figures, and the keys of those that became arrays.

    Args:
        value: gives a figure by its key, in internal units.
        replaced: for keys of figures those of the figures that hold in their place.

    Attributes:
        sources: keys of the figures of each entry of each array, by the array's name.
    """

    def __init__(self, value: Callable[[str], float], replaced: Mapping[str, str] = MappingProxyType({})) -> None:
        self._value, self._replaced = value, replaced
        self.sources: dict[str, tuple[Keys, ...]] = {}

    def value(self, key: str) -> float:
        """A figure, or that in its place, in internal units."""
        return self._value(self._replaced.get(key, key))

    def keys(self, keys: Keys) -> Keys:
        """Keys of figures, or of those in their place."""
        return tuple(self._replaced.get(key, key) for key in keys)

    def number(self, key: str, factor: float = 1.0, *more: str) -> Number:
        """A figure times a factor, and its key with those of what else goes into it."""
        return self.value(key) * factor, (key, *more)

    def rows(self, kind: type, part: str, **columns: Column) -> Any:
        """A module of parameters from its columns; `part` is what `BodyParameters` calls it."""
        for name, (values, keys) in columns.items():
            rows = keys if isinstance(keys, list) else [keys] * len(values)
            self.sources[f"{part}.{name}"] = tuple(map(self.keys, rows))
        return kind(**{name: as_array(values) for name, (values, _) in columns.items()})

    def same(self, key: str, count: int, factor: float = 1.0) -> Column:
        """A figure, the same for so many places, where asked for times a factor."""
        return [self.value(key) * factor] * count, (key,)

    def each(self, keys: Sequence[str], *more: str) -> Column:
        """A figure for each place, and its key with those of what else goes into it."""
        return [self.value(key) for key in keys], [(key, *more) for key in keys]


def column(numbers: Sequence[Number]) -> Column:
    """Numbers of places as a column."""
    return [value for value, _ in numbers], [keys for _, keys in numbers]


def as_array(values: Any) -> jax.Array:
    """An array of parameters of one person: its values, with a batch of one behind."""
    return jnp.asarray(np.asarray(values, np.float64)[..., None])
