"""A day and a night of every packaged person at once: no blood is made or lost."""

from __future__ import annotations

import numpy as np

import venolymph as vl

WALK = [{"stand": {"for": "1 min"}}, {"walk": {"speed": "3 km/h", "for": "1 min"}}, {"stand": {"for": "1 min"}}]
DAY = [
    {"stand": {"for": "2 h"}},
    *WALK,
    {"sit": {"for": "6 h"}},
    *WALK,
    {"sit": {"for": "6 h"}},
    *WALK,
    {"stand": {"for": "2 h"}},
    {"lie": {"for": "8 h"}},
]


def test_blood_is_conserved_over_a_day() -> None:
    run = vl.simulate(list(vl.packaged_people()), DAY, tissue=False)
    assert [status.code for status in run.status] == ["ok"] * len(run.bodies)
    assert run.phases[-1].start + run.phases[-1].duration >= 24 * 3600.0
    topology = run.topology
    interval = np.array([run.phases[number].sample for number in run.phase_of_sample])[:, None]
    fed = run.mean_inflow.sum(axis=1) * interval
    crossed = fed.copy()
    for face, (tail, head) in enumerate(zip(topology.tail, topology.head, strict=True)):
        if max(tail, head) >= topology.n_cells:
            crossed += (1.0 if tail >= topology.n_cells else -1.0) * run.mean_flow[:, face] * interval
    blood = run.volume.sum(axis=1)
    assert np.all(fed.sum(axis=0) > 50_000.0)  # mL: the leg's blood is renewed a hundred times
    np.testing.assert_allclose(blood[-1] - blood[0], crossed[1:].sum(axis=0), atol=1e-9 * float(blood[-1].min()))
