"""Tables of a morning's state (`body/morning.toml`, `body/head_morning.toml`): a line for each place."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np

COLUMNS = ("fluid", "protein", "open")
"""What a line says of a place, in this order; lymph vessels have no capillaries and leave `open` out."""


def tables(rows: Mapping[str, tuple[Sequence[str], Sequence[Any]]]) -> str:
    """The tables as TOML.

    Args:
        rows: names of places and their columns by the table's name; of each column the first member counts.
    """
    return "".join(f"\n[{name}]\n" + "".join(_lines(*table)) for name, table in rows.items())


def _lines(places: Sequence[str], columns: Sequence[Any]) -> list[str]:
    lines = []
    for place, *values in zip(places, *(np.asarray(column)[:, 0] for column in columns), strict=True):
        told = ", ".join(f"{what} = {value:.4f}" for what, value in zip(COLUMNS, values, strict=False))
        lines.append(f'"{place}" = {{ {told} }}\n')
    return lines
