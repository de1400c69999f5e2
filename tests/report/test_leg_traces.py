"""What a chart draws of blood into and out of a leg is all of it: the leg's volume changes by the difference."""

from __future__ import annotations

import numpy as np
import pytest

import venolymph as vl
from venolymph.report.leg_traces import inflow, leg_cells, outflow


@pytest.mark.parametrize("legs", ["one", "both"])
def test_blood_into_a_leg_less_blood_out_of_it_is_what_it_gains(legs: str) -> None:
    run = vl.simulate("healthy", [{"lie": {"for": "20 s"}}, {"stand": {"for": "20 s"}}], legs=legs, tissue=False)
    held = np.asarray(run.volume)[:, leg_cells(run.bodies[0]), 0].sum(axis=1)
    spans = np.diff(np.asarray(run.time))
    gained = spans * (inflow(run) - outflow(run))[1:, 0]
    np.testing.assert_allclose(np.diff(held), gained, atol=1e-6)
    last = np.asarray(run.time) > 20.0
    per_minute = 60.0 * np.average(inflow(run)[1:, 0][last[1:]], weights=spans[last[1:]])
    assert per_minute == pytest.approx(run.measure("arterial inflow").value, rel=0.1)
