"""Moving lessens swelling: against sitting still, foot and calf hold less tissue fluid, whatever the veins are like."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

import venolymph as vl

PEOPLE = tuple(name for name in vl.packaged_people() if vl.load_person(name).face is None)
"""None of them has heart failure; of those who state a face the legs are healthy."""
SITTING, LAST = {"sit": {"for": "45 s"}}, {"sit": {"for": "1 min"}}
STILL = [{"sit": {"for": "165 s"}}]
MOVING = {
    "ankle pumps": [SITTING, {"ankle pumps": {"for": "1 min"}}, LAST],
    "cycling": [SITTING, {"cycle": {"power": "50 W", "for": "1 min"}}, LAST],
    "walking": [
        {"sit": {"for": "30 s"}},
        {"stand": {"for": "15 s"}},
        {"walk": {"speed": "3 km/h", "for": "1 min"}},
        LAST,
    ],
}
"""All last as long as sitting still, and end with the same minute of sitting."""


def water(steps: list[dict[str, Any]]) -> dict[str, np.ndarray]:
    """Tissue fluid of foot and calf at the end, mL, of all these people, one by one."""
    found: dict[str, list[float]] = {"foot": [], "calf": []}
    for person in PEOPLE:
        run = vl.simulate(person, steps, tissue=True, research_override="moving against sitting still")
        assert run.status[0].code == "ok"
        assert run.time[-1] == pytest.approx(165.0, abs=0.5)
        for part, values in found.items():
            values.append(float(run.measure(f"tissue water in {part}")))
    return {part: np.array(values) for part, values in found.items()}


@pytest.fixture(scope="module")
def still() -> dict[str, np.ndarray]:
    return water(STILL)


@pytest.mark.parametrize("activity", MOVING)
def test_foot_and_calf_swell_less_than_sitting_still(still: dict[str, np.ndarray], activity: str) -> None:
    moved = water(MOVING[activity])
    for part, found in moved.items():
        swells = dict(zip(PEOPLE, found - still[part], strict=True))
        assert all(more < -0.05 for more in swells.values()), f"{part}, mL against sitting still: {swells}"
