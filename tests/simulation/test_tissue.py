"""Tissue and lymph beside the veins: what passes is counted once on either side, and hands act by pressure alone."""

from __future__ import annotations

from dataclasses import replace
from itertools import pairwise
from pathlib import Path
from typing import Any

import equinox as eqx
import numpy as np
import pytest

import venolymph as vl
from venolymph.body import leg_body, load_person
from venolymph.body.contacts import contact_map
from venolymph.body.drainage import leg_drainage
from venolymph.body.limb import girths
from venolymph.errors import RunError, SimulationError
from venolymph.figures import load
from venolymph.network import drainage
from venolymph.network.wall import stretch_at
from venolymph.simulation import exchange, saving, simulate

REASON = "test of the project"
STROKES = {
    "stroke": "pump",
    "at": ["inner thigh", "inner calf"],
    "toward": "superficial inguinal nodes",
    "repeat": 7,
    "sets": 1,
    "spots": 2,
    "for": "60 s",
}
REGIMEN: list[Any] = [
    {"lie": {"for": "2 min"}},
    {"massage": STROKES},
    {"stand": {"for": "90 s"}},
    {"walk": {"speed": "3 km/h", "for": "10 s"}},
]


@pytest.fixture(scope="module")
def run() -> Any:
    return simulate(["healthy", "mild-varicose"], REGIMEN, research_override=REASON)


def test_a_massage_brings_tissue_and_lymph_along(run: Any) -> None:
    assert run.tissue is not None
    assert all(status.code == "ok" for status in run.status)
    short = simulate("healthy", [{"lie": {"for": "10 s"}}])
    assert short.tissue is None
    with pytest.raises(RunError, match="no tissue and lymph"):
        short.exchange("uptake")
    with pytest.raises(RunError, match="no quantity is named 'uptakes'"):
        run.exchange("uptakes")


def test_blood_and_water_are_conserved_together(run: Any) -> None:
    blood = np.sum([record.extremes["mass_defect"] for record in run.records], axis=0)
    water = np.sum([record.extremes["water_defect"] for record in run.records], axis=0)
    total = run.volume[-1].sum(axis=0)
    assert np.all(np.abs(blood) < 1e-9 * total)
    assert np.all(np.abs(water) < 1e-9 * total)


def test_intervals_are_the_same_however_many_go_together(run: Any) -> None:
    last = run.records[-1]
    pressure = np.asarray(last.samples.mean_pressure)[-1:]

    def stay(edges: list[float]) -> tuple[Any, Any]:
        around, recorder = last.tissue_state, exchange.Recorder()
        for stretch in pairwise(edges):
            call = exchange.VeinCall(pressure, stretch)
            around = exchange.advance_tissue(run.tissue, run.parameters, last.drive, around, call, recorder=recorder)
        recorder.close(edges[-1])
        return around.state, recorder.arrays()

    assert exchange.INTERVALS_PER_CALL < 10  # so that ten minutes do not fit into one call of the program
    (once, found), (again, parts) = stay([0.0, 600.0]), stay([0.0, 60.0, 300.0, 600.0])
    assert len(found["exchange_time"]) == 10
    for name, values in found.items():
        np.testing.assert_allclose(values, parts[name], rtol=1e-9, atol=1e-12, err_msg=name)
    np.testing.assert_allclose(once.lymph, again.lymph, rtol=1e-9)
    water = drainage.water(once)[0] - drainage.water(last.tissue_state.state)[0]
    entered = found["filtered"].sum(axis=(0, 1)) + found["entered"].sum(axis=(0, 1))
    left = found["returned"].sum(axis=(0, 1)) + found["at_venous_angle"].sum(axis=0)
    np.testing.assert_allclose(water, entered - left, atol=1e-9)


def test_protein_is_conserved(run: Any) -> None:
    first, last = run.records[0], run.records[-1]
    content = run.exchange("tissue_content").sum(axis=2) + run.exchange("lymph_content").sum(axis=2)
    gained = run.exchange("filtered_solutes").sum(axis=2) + run.exchange("entered_solutes").sum(axis=2)
    change = gained - run.exchange("solutes_at_venous_angle")
    np.testing.assert_allclose(content[-1] - content[0], change[1:].sum(axis=0), rtol=1e-9, atol=1e-9 * content.max())
    at_end = drainage.amounts(last.tissue_state.state)
    np.testing.assert_allclose(content[-1], at_end, rtol=1e-12)
    assert first.tissue_state is not None


def test_hands_move_lymph_and_leave_the_wall_as_it_is(run: Any) -> None:
    phases = run.phase_of_exchange
    kinds = np.array([info.kind for info in run.phases])[phases]
    time = np.diff(run.exchange("exchange_time"), prepend=0.0)
    uptake = run.exchange("uptake").sum(axis=1)

    def rate(kind: str) -> Any:
        return uptake[kinds == kind].sum(axis=0) / time[kinds == kind].sum()

    assert np.all(rate("massage") > 1.2 * rate("lie"))


def off_the_wall_law(run: Any, number: int) -> Any:
    """How far each distended cell of the leg is from the calibre that its wall has in the end at its pressure.

    Veins of the pelvis breathe.
    """
    record, cells = run.records[number], run.parameters.cells
    slots = np.array(run.topology.surrounded)
    around = record.samples.surroundings[-1]
    outside = record.tissue_state.outside + sum(cells.share[:, i] * around[slots[:, i]] for i in range(slots.shape[1]))
    stretch = np.asarray(record.state.states.volume / cells.unstressed_volume)
    steady = np.asarray(stretch_at(cells, record.state.pressure - outside))
    leg = [cell for s in run.body.segments.values() if s.leg == "left" and s.kind != "trunk" for cell in s.cells]
    return (stretch / steady - 1.0)[leg][stretch[leg] > 1.0]


def test_calibre_at_equal_pressure_is_the_same_before_and_after_massage() -> None:
    rest = {"lie": {"for": "20 min"}}
    run = simulate("mild-varicose", [rest, {"massage": STROKES}, {"wait": {"for": "20 min"}}], research_override=REASON)
    first = next(number for number, info in enumerate(run.phases) if info.kind == "massage")
    before, after = off_the_wall_law(run, first - 1), off_the_wall_law(run, len(run.records) - 1)
    for off in (before, after):
        # A vein that fills slowly behind a valve lags its wall's creep a little, with massage or without.
        assert np.max(np.abs(off)) < 0.02
        assert np.median(np.abs(off)) < 1e-3


def test_a_person_alone_is_the_same_person(run: Any) -> None:
    alone = simulate("mild-varicose", REGIMEN, research_override=REASON)
    # Rounding differs with the size of a batch, and Newton stops where so much is missing.
    np.testing.assert_allclose(alone.pressure[:, :, 0], run.pressure[:, :, 1], rtol=1e-5, atol=1e-5)
    one, other = alone.exchange("tissue_volume")[:, :, 0], run.exchange("tissue_volume")[:, :, 1]
    # Lymph vessels contract, and when each goes on to contract enlarges rounding as time passes.
    at_first = run.exchange("exchange_time") <= 40.0
    assert at_first.sum() > 1
    np.testing.assert_allclose(one[at_first], other[at_first], rtol=1e-8)
    # Hands set them contracting at once.
    np.testing.assert_allclose(one, other, rtol=1e-5)


def test_folders_hold_it_and_go_on_with_it(run: Any, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    run.save(tmp_path / "whole")
    again = vl.open_run(tmp_path / "whole")
    for name in ("uptake", "tissue_volume", "exchange_time", "solutes_at_venous_angle"):
        np.testing.assert_array_equal(again.exchange(name), run.exchange(name))
    assert set(again.dataset().data_vars) == set(run.dataset().data_vars)

    class Stop(Exception):
        pass

    appended = saving.append

    def append(folder: Any, run: Any, number: int) -> None:
        if number == 3:
            raise Stop
        appended(folder, run, number)

    monkeypatch.setattr(saving, "append", append)
    with pytest.raises(Stop):
        simulate(["healthy", "mild-varicose"], REGIMEN, research_override=REASON, out=tmp_path / "cut")
    monkeypatch.setattr(saving, "append", appended)
    resumed = vl.resume(tmp_path / "cut")
    for name in ("uptake", "tissue_volume", "lymph_pressure"):
        np.testing.assert_array_equal(resumed.exchange(name), run.exchange(name))
    np.testing.assert_array_equal(resumed.pressure, run.pressure)


def test_a_regimen_says_which_leg_it_is_about() -> None:
    document = {"kind": "regimen", "version": 1, "body": "leg.right", "steps": [{"lie": {"for": "5 s"}}]}
    assert simulate("mild-varicose", document).body.index_side == "right"
    assert simulate("mild-varicose", [{"lie": {"for": "5 s"}}]).body.index_side == "left"


def test_tissue_is_not_differentiated_in_reverse() -> None:
    with pytest.raises(SimulationError, match="forward only"):
        simulate("healthy", [{"lie": {"for": "10 s"}}], tissue=True, differentiable=True)


def test_a_muscle_at_work_presses_the_fluid_among_its_capillaries() -> None:
    run = simulate("healthy", [{"stand": {"for": "1 min"}}, {"walk": {"speed": "3 km/h", "for": "2 min"}}], tissue=True)
    leg = run.tissue.legs[0]
    stages = np.array([f"{record.info.kind}, {record.info.marks.stage}" for record in run.records])
    kind = stages[run.phase_of_exchange]
    felt, opened = (run.exchange(name)[..., 0] for name in ("tissue_pressure", "capillaries_open"))
    calf = {tissue: list(leg.within("calf", tissue)) for tissue in ("muscle", "subcutis")}
    pulse = next(record.drive for record in run.records if record.info.marks.stage == "cycles")
    mean = np.asarray(pulse.pulse * (pulse.hold + 0.5 * (pulse.rise + pulse.fall)))[:, 0]
    surroundings = run.topology.surroundings
    soleus, gastrocnemius = (mean[surroundings.index(name)] for name in ("soleus", "gastrocnemius"))
    standing, walking = (felt[kind == name][-1] for name in ("stand, holding", "walk, cycles"))
    # what presses the veins among its fibres presses the fluid there too: a mixture of the calf's two muscles
    risen = float((walking - standing)[calf["muscle"]].mean())
    assert min(soleus, gastrocnemius) - 1.0 < risen < max(soleus, gastrocnemius) + 1.0
    assert np.abs((walking - standing)[calf["subcutis"]]).max() < 0.5
    # what the pump takes from the veins does not open capillaries: the column on their own arteries stays
    change = opened[kind == "walk, cycles"][-1] - opened[kind == "stand, holding"][-1]
    assert change[calf["muscle"] + calf["subcutis"]].max() < 0.0


def test_blood_flow_of_a_bed_follows_the_veins_that_it_drains_into() -> None:
    body = leg_body(load_person("healthy"))
    leg, beds = leg_drainage(body.person), body.topology.beds
    met = contact_map(body, leg)
    recruits = met.exercises
    np.testing.assert_allclose(met.fed.sum(axis=1), 1.0)
    muscle = np.array([c.tissue == "muscle" for c in leg.compartments])
    gain = np.asarray(body.parameters.beds.exercise_gain)[:, 0]
    np.testing.assert_allclose(recruits[muscle].sum(axis=1), gain.max())
    assert not recruits[~muscle].any()
    assert not recruits[:, [not bed.startswith("muscle") for bed in beds]].any()


def test_what_is_worn_presses_harder_on_a_leg_that_has_filled() -> None:
    bandage = {"garment": "bandage", "resting": "40 mmHg", "up_to": "knee"}
    steps = [{"lie": {"for": "1 min"}}, {"wear": bandage}, {"lie": {"for": "2 min"}}, {"stand": {"for": "8 min"}}]
    run = simulate("healthy", [*steps, {"remove": {"garment": "bandage"}}, {"stand": {"for": "10 s"}}])
    shell = run.topology.surroundings.index("calf shell")
    standing = next(record for record in run.records if record.info.kind == "stand")
    harder = float(standing.drive.elastance[shell, 0])
    girth, growth = girths(run.body.person)["calf"]
    assert girth == pytest.approx(36.0)
    assert harder == pytest.approx(12.0 * growth)
    # a calf that fills by some 50 mL grows by a third of a centimetre, and 12 mmHg/cm make that some 4 mmHg
    kinds = [info.kind for info in run.phases]
    ends = [max(number for number, kind in enumerate(kinds) if kind == "lie"), kinds.index("remove") - 1]
    lying, on = (float(run.records[number].samples.surroundings[-1, shell, 0]) for number in ends)
    blood, fluid = (np.array([np.asarray(values[of == number])[-1, :, 0] for number in ends])
                    for values, of in ((run.mean_volume, run.phase_of_sample),
                                       (run.exchange("tissue_volume"), run.phase_of_exchange)))  # fmt: skip
    inside, holds = (np.asarray(part)[shell, :, 0] for part in (run.tissue.contacts.inside, run.tissue.contacts.holds))
    grown = float(inside @ np.diff(blood, axis=0)[0] + holds @ np.diff(fluid, axis=0)[0])
    # what is worn follows from one call of the veins to the next, minutes apart where nothing moves
    assert on - lying == pytest.approx(harder * grown, rel=0.1)
    assert 2.0 < on - lying < 8.0
    assert float(run.records[-1].samples.surroundings[-1, shell, 0]) == pytest.approx(0.0)


DEPTH = "massage.depth.collector"


def tissue_of_ones_own() -> tuple[Any, Any]:
    """A body, and tissue and lymph with a figure and a parameter that are not the packaged ones."""
    body = leg_body(load_person("healthy"))
    figures = {**load(), DEPTH: replace(load()[DEPTH], value=2.0 * load()[DEPTH].value)}
    tissue = vl.tissue_of([body], figures=[figures])
    leaky = eqx.tree_at(lambda p: p.beds.filtration, tissue.parameters, 2.0 * tissue.parameters.beds.filtration)
    return body, replace(tissue, parameters=leaky)


def test_tissue_of_ones_own_comes_back_from_the_folder(tmp_path: Path) -> None:
    body, tissue = tissue_of_ones_own()
    regimen = [{"lie": {"for": "20 s"}}, {"massage": STROKES}]
    whole = vl.simulate(body, regimen, tissue=tissue, out=tmp_path / "whole", research_override=REASON)
    opened = vl.open_run(tmp_path / "whole")
    assert opened.tissue is not None
    assert eqx.tree_equal(opened.tissue.parameters, tissue.parameters)
    assert eqx.tree_equal(opened.tissue.contacts, tissue.contacts)
    assert opened.tissue.figures is not None
    assert opened.tissue.figures[0][DEPTH] == tissue.figures[0][DEPTH]
    pressed, usual = (one.targets[0].vessels.depth for one in (opened.tissue, vl.tissue_of([body])))
    np.testing.assert_array_equal(pressed, tissue.targets[0].vessels.depth)
    assert not np.array_equal(pressed, usual)

    with saving.create(whole, tmp_path / "cut", len(whole.records)) as folder:
        saving.append(folder, whole, 0)
    again = vl.resume(tmp_path / "cut")
    np.testing.assert_array_equal(again.exchange("filtered"), whole.exchange("filtered"))
    np.testing.assert_array_equal(again.pressure, whole.pressure)


def test_tissue_put_together_by_hand_is_not_written(tmp_path: Path) -> None:
    body, tissue = tissue_of_ones_own()
    contacts = eqx.tree_at(lambda m: m.returns, tissue.contacts, 0.5 * tissue.contacts.returns)
    with pytest.raises(RunError, match=r"put together by hand.*\n?.*vl\.tissue_of"):
        vl.simulate(body, [{"lie": {"for": "5 s"}}], tissue=replace(tissue, contacts=contacts), out=tmp_path / "run")
    assert not (tmp_path / "run").exists()
