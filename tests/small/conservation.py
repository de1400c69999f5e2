"""Water, protein and tracers of a run, added up: what tests hold it to."""

from __future__ import annotations

from typing import Any

import numpy as np

from venolymph.network import drainage


def assert_nothing_is_lost(run: Any) -> None:
    """Blood, water and each solute: what is there at the end is what there was and what came in, to 1e-9."""
    assert all(status.code == "ok" for status in run.status)
    for name in ("mass_defect", "water_defect"):
        assert np.abs([record.extremes[name] for record in run.records]).max() < 1e-9
    held = run.exchange("tissue_content").sum(axis=2) + run.exchange("lymph_content").sum(axis=2)
    passed = run.exchange("filtered_solutes").sum(axis=2) + run.exchange("entered_solutes").sum(axis=2)
    gained = (passed - run.exchange("solutes_at_venous_angle"))[1:].sum(axis=0)
    np.testing.assert_allclose(held[-1] - held[0], gained, atol=1e-9 * held.max())
    np.testing.assert_allclose(held[-1], drainage.amounts(run.records[-1].tissue_state.state), rtol=1e-12)
