"""A day and a night: no blood is made or lost, in one person over 24 hours and in every packaged one over two."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

import venolymph as vl

WALK = [{"stand": {"for": "1 min"}}, {"walk": {"speed": "3 km/h", "for": "1 min"}}, {"stand": {"for": "1 min"}}]


def day(share: float) -> list[dict[str, Any]]:
    """Standing, sitting, walking and a night, of which all but the walks are shortened to a share."""
    stand, sit, lie = ({"for": f"{share * hours:.6f} h"} for hours in (2.0, 6.0, 8.0))
    return [{"stand": stand}, *WALK, {"sit": sit}, *WALK, {"sit": sit}, *WALK, {"stand": stand}, {"lie": lie}]


def renewed(run: Any) -> np.ndarray:
    """Check that the blood of a run changed by what crossed its ends, and give what flowed in, mL."""
    assert [status.code for status in run.status] == ["ok"] * len(run.bodies)
    topology = run.topology
    interval = np.array([run.phases[number].sample for number in run.phase_of_sample])[:, None]
    fed = run.mean_inflow.sum(axis=1) * interval
    crossed = fed.copy()
    for face, (tail, head) in enumerate(zip(topology.tail, topology.head, strict=True)):
        if max(tail, head) >= topology.n_cells:
            crossed += (1.0 if tail >= topology.n_cells else -1.0) * run.mean_flow[:, face] * interval
    blood = run.volume.sum(axis=1)
    np.testing.assert_allclose(blood[-1] - blood[0], crossed[1:].sum(axis=0), atol=1e-9 * float(blood[-1].min()))
    return fed.sum(axis=0)


def test_blood_is_conserved_over_a_day() -> None:
    run = vl.simulate("severe-varicose", day(1.0), tissue=False)
    assert run.phases[-1].start + run.phases[-1].duration >= 24 * 3600.0
    assert np.all(renewed(run) > 50_000.0)  # mL: the leg's blood is renewed a hundred times


LEGS = [name for name in vl.packaged_people() if vl.load_person(name).face is None]
"""People whose legs differ; of those who state a face the legs are healthy."""


@pytest.mark.parametrize("person", LEGS)
def test_blood_is_conserved_in_every_packaged_person(person: str) -> None:
    run = vl.simulate(person, day(1.0 / 12.0), tissue=False)
    assert np.all(renewed(run) > 50_000.0 / 12.0)
