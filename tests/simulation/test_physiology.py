"""What a run of the leg must show: blood is conserved, and physiology comes out."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

HEALTHY, VARICOSE = 0, 1


def phase(run: Any, stage: str) -> int:
    """Number of the first phase of a stage."""
    return next(i for i, p in enumerate(run.phases) if p.marks.stage == stage)


def during(run: Any, *numbers: int) -> np.ndarray:
    return np.isin(run.phase_of_sample, numbers)


@pytest.fixture(scope="module")
def gait(pair: Any) -> int:
    return phase(pair, stage="cycles")


@pytest.fixture(scope="module")
def last_cycles(pair: Any, gait: int) -> list[np.ndarray]:
    """Samples of each of the last ten gait cycles."""
    info = pair.phases[gait]
    cycle = ((pair.time - info.start - 1e-9) // info.period).astype(int)
    last = round(info.duration / info.period)
    return [during(pair, gait) & (cycle == number) for number in range(last - 10, last)]


def middle_face(run: Any, segment: str) -> int:
    """The face between the two middle cells of a segment."""
    cells = run.body.segments[segment].cells
    pair = cells[len(cells) // 2 - 1], cells[len(cells) // 2]
    return list(zip(run.topology.tail, run.topology.head, strict=True)).index(pair)


def test_everybody_gets_through(pair: Any) -> None:
    assert [status.code for status in pair.status] == ["ok", "ok"]
    assert [status.time for status in pair.status] == pytest.approx([70.0, 70.0])
    assert np.isfinite(pair.pressure).all()


def test_blood_is_conserved_in_each_phase_and_in_all(pair: Any) -> None:
    topology = pair.topology
    blood = pair.volume[-1].sum(axis=0)
    for peaks in pair.peaks:
        assert np.all(np.abs(peaks["mass_defect"]) < 1e-9 * blood)
    interval = np.array([pair.phases[number].sample for number in pair.phase_of_sample])[:, None]
    entered = (pair.mean_inflow.sum(axis=1) * interval)[1:].sum(axis=0)
    for face, (tail, head) in enumerate(zip(topology.tail, topology.head, strict=True)):
        if max(tail, head) >= topology.n_cells:
            sign = 1.0 if tail >= topology.n_cells else -1.0
            entered += sign * (pair.mean_flow[1:, face] * interval[1:]).sum(axis=0)
    gained = pair.volume[-1].sum(axis=0) - pair.volume[0].sum(axis=0)
    assert np.all(np.abs(entered) > 5.0)
    np.testing.assert_allclose(gained, entered, atol=1e-9 * blood.max())


def test_every_step_is_a_solution_and_says_how_good(pair: Any) -> None:
    for peaks in pair.peaks:
        assert np.all(peaks["residual"] < 1e-4)
        assert np.all((peaks["error"] > 0.0) & (peaks["error"] < 0.1))


def test_standing_still_the_column_stands(pair: Any) -> None:
    """At the ankle the weight of blood up to the heart, within the few mmHg that make it flow."""
    cell = pair.body.segments["posterior tibial"].cells[0]
    before = np.flatnonzero(during(pair, phase(pair, stage="holding")))[-1]
    weight = np.asarray(pair.parameters.fluid.weight)[0]
    column = -weight * pair.height[before, cell]
    assert np.all(np.abs(pair.mean_pressure[before, cell] - column) < 8.0)


@pytest.mark.parametrize(
    "name",
    [
        "posterior tibial, valve 6",
        "peroneal, valve 7",
        "popliteal, valve 1",
        "femoral, valve 1",
        "gastrocnemius veins, outlet valve",
        "perforator, Cockett middle",
    ],
)
def test_valves_open_and_close_in_every_step(pair: Any, last_cycles: list[np.ndarray], name: str) -> None:
    opening = pair.valve[:, pair.body.valves[name], HEALTHY]
    for cycle in last_cycles:
        # little runs through a perforator, so its leaflets are not pushed wide open
        assert opening[cycle].max() > (0.4 if name.startswith("perforator") else 0.6)
        assert opening[cycle].min() < 0.2


def test_the_calf_fills_and_empties_in_turn(pair: Any, last_cycles: list[np.ndarray]) -> None:
    """Squeezed, the soleus lets blood out and none in; let go, blood comes through the perforators."""
    steps = np.any(last_cycles, axis=0)
    soleus = pair.surroundings[steps][:, pair.topology.surroundings.index("soleus"), HEALTHY]
    outlet = pair.valve[steps][:, pair.body.valves["gastrocnemius veins, outlet valve"], HEALTHY]
    perforator = pair.valve[steps][:, pair.body.valves["perforator, Cockett upper"], HEALTHY]
    squeezed, free = soleus > 0.5 * soleus.max(), soleus < 0.1 * soleus.max()
    assert outlet[squeezed].mean() > 2 * outlet[free].mean()
    assert perforator[free].mean() > perforator[squeezed].mean()


def test_reflux_in_the_saphenous_of_the_varicose_leg_only(pair: Any, gait: int) -> None:
    flow = pair.mean_flow[:, middle_face(pair, "great saphenous, thigh")]
    walking = flow[during(pair, gait)]
    backward = -np.minimum(walking, 0.0).mean(axis=0)
    assert backward[HEALTHY] < 0.2
    assert backward[VARICOSE] > 1.0
    # in the varicose leg it is not a leak among forward flow: the vein carries blood down
    assert walking[:, VARICOSE].mean() < -1.0


def test_walking_lowers_pressure_less_with_varicose_veins(pair: Any, last_cycles: list[np.ndarray]) -> None:
    cell = pair.body.segments["great saphenous, calf"].cells[0]
    standing = pair.mean_pressure[during(pair, phase(pair, stage="holding")), cell][-1]
    walking = pair.mean_pressure[np.any(last_cycles, axis=0), cell].mean(axis=0)
    assert np.all(standing > 75.0)
    assert walking[HEALTHY] < 0.45 * standing[HEALTHY]
    assert walking[VARICOSE] > walking[HEALTHY] + 8.0


def test_the_varicose_leg_refills_faster_and_empties_less(pair: Any, gait: int) -> None:
    leg = [c for name, s in pair.body.segments.items() if s.leg == pair.body.index_side for c in s.cells]
    volume = pair.volume[:, leg].sum(axis=1)
    full = volume[during(pair, phase(pair, stage="holding"))][-1]
    empty = volume[during(pair, gait)][-1]
    soon = volume[np.searchsorted(pair.time, pair.phases[gait].start + pair.phases[gait].duration + 6.0)]
    refilled = (soon - empty) / (full - empty)
    assert refilled[VARICOSE] > 1.3 * refilled[HEALTHY]
    assert (empty / full)[VARICOSE] > (empty / full)[HEALTHY]


def test_the_pump_moves_more_blood_for_the_same_outflow(pair: Any, gait: int) -> None:
    walking = pair.mean_flow[during(pair, gait)].mean(axis=0)
    pumped, left = walking[middle_face(pair, "popliteal")], walking[middle_face(pair, "common iliac")]
    assert np.all(left > 0.0)
    assert (pumped / left)[VARICOSE] > 1.2 * (pumped / left)[HEALTHY]
