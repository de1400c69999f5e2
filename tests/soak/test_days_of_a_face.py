"""Days of a face with nights on every side: nothing is lost, and a standard day comes back to where it began."""

from __future__ import annotations

import os
from typing import Any

import numpy as np
import pytest

import venolymph as vl
from small.conservation import assert_nothing_is_lost

LONG = pytest.mark.skipif("VENOLYMPH_SOAK" not in os.environ, reason="takes long; run by `make soak`")
SIT: dict[str, Any] = {"sit": {"for": "16 h"}}


def face(*steps: Any) -> dict[str, Any]:
    """A regimen of these steps on a face."""
    return {"kind": "regimen", "version": 1, "body": "face", "steps": list(steps)}


@pytest.mark.soak
@LONG
def test_nothing_is_lost_in_three_days_with_nights_on_every_side() -> None:
    nights: list[Any] = [{"lie": {"on": on, "pillow": "11 cm", "for": "8 h"}} for on in ("left", "right", "front")]
    run = vl.simulate("rested", face(*(step for night in nights for step in (night, SIT))))
    assert_nothing_is_lost(run)


@pytest.mark.soak
@LONG
def test_a_standard_day_comes_back_to_where_it_began() -> None:
    day: list[Any] = [{"lie": {"pillow": "8 cm", "for": "8 h"}}, SIT]
    run = vl.simulate("rested", face(*day, *day))
    fluid = run.exchange("tissue_volume")[..., 0]
    steps = np.array([phase.marks.step for phase in run.phases])[run.phase_of_exchange]
    first, second = (fluid[steps == step][-1] for step in (1, 3))
    np.testing.assert_allclose(second, first, rtol=0.01)
