"""A step whose solution is under less than a vacuum is no solution: it is done again with shorter steps, or fails."""

from __future__ import annotations

from types import SimpleNamespace
from typing import Any

import numpy as np

from venolymph.simulation import one_phase


def reached(alive: list[bool], lowest: list[float]) -> Any:
    pressure = np.array([np.zeros(len(lowest)), lowest])
    return SimpleNamespace(
        state=SimpleNamespace(alive=np.array([alive])), extremes=SimpleNamespace(pressure_min=pressure)
    )


def test_what_lies_below_a_vacuum_is_not_solved() -> None:
    found = one_phase.solved(reached([True, True, False], [-300.0, -19000.0, -5.0]))
    np.testing.assert_array_equal(found, [True, False, False])
