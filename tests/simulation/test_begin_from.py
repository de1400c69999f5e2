"""A run that begins from the state of another: the same to the last bit, and with other numbers the same volumes."""

from __future__ import annotations

import datetime as dt
import json
import shutil
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import jax
import numpy as np
import pytest

import venolymph as vl
from screening.people import benign, document
from venolymph.errors import RunError, SimulationError, VenolymphError
from venolymph.network.integrate import stored_volume
from venolymph.report.changes import gate_outcome
from venolymph.report.run_summary import readings
from venolymph.screening import load_answers
from venolymph.simulation.files import read_json, write_json

STAND: list[Any] = [{"stand": {"for": "15 s"}}]
REST: list[Any] = [{"walk": {"speed": "3 km/h", "for": "6 s"}}, {"lie": {"for": "15 s"}}]
PEOPLE = ["healthy", "mild-varicose"]
STANDING = 1
"""Number of the last phase of standing."""
STIFFNESS = "cells.collagen_stiffness"
RECORDED = ("pressure", "volume", "flow", "inflow", "mean_flow", "mean_pressure", "surroundings", "height", "valve")
OF_TISSUE = ("tissue_volume", "filtered", "lymph_volume", "tissue_pressure")


@pytest.fixture(scope="module")
def whole() -> Any:
    """Standing, walking and lying without a break."""
    return vl.simulate(PEOPLE, [*STAND, *REST], tissue=True)


@pytest.fixture(scope="module")
def kept(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The folder of a run that stands only."""
    folder = tmp_path_factory.mktemp("kept") / "stood"
    vl.simulate(PEOPLE, STAND, tissue=True, out=folder)
    return folder


@pytest.fixture(scope="module")
def stiffer(whole: Any) -> dict[str, Any]:
    """Walls of the first person that are stiffer by 30 %; those of the second as they were."""
    return {STIFFNESS: np.asarray(whole.parameters.cells.collagen_stiffness) * np.array([1.3, 1.0])}


@pytest.fixture(scope="module")
def stiff(whole: Any, stiffer: dict[str, Any]) -> Any:
    """Walking and lying from the end of standing, with the first person's walls stiffer."""
    return vl.simulate(regimen=REST, begin_from=(whole, STANDING), parameters=stiffer)


def same(one: Any, later: Any, after: int) -> None:
    """A run is, to the last bit, what follows a phase of a longer one."""
    rows, records = (number > after for number in (later.phase_of_sample, later.phase_of_exchange))
    np.testing.assert_array_equal(one.time, later.time[rows])
    for name in RECORDED:
        np.testing.assert_array_equal(getattr(one, name), getattr(later, name)[rows], err_msg=name)
    for name in OF_TISSUE:
        np.testing.assert_array_equal(one.exchange(name), later.exchange(name)[records], err_msg=name)
    assert [phase.label for phase in one.phases] == [phase.label for phase in later.phases[after + 1 :]]


def test_with_the_same_numbers_it_is_the_uninterrupted_run(whole: Any, kept: Path) -> None:
    assert len(vl.open_run(kept).records) == STANDING + 1
    same(vl.simulate(regimen=REST, begin_from=(whole, STANDING)), whole, STANDING)
    same(vl.simulate(PEOPLE, REST, begin_from=kept), whole, STANDING)
    same(whole.branch(REST, after=STANDING), whole, STANDING)


def test_without_a_regimen_the_same_is_done_once_more(kept: Path) -> None:
    again = vl.simulate(begin_from=str(kept))
    assert again.regimen == vl.open_run(kept).regimen
    assert again.phases[0].start == pytest.approx(15.0)


def test_stiffer_walls_begin_with_the_same_volumes_under_other_pressures(whole: Any, stiff: Any) -> None:
    before = whole.records[STANDING]
    start = stiff.start
    np.testing.assert_array_equal(start.state.states.volume, before.state.states.volume)
    np.testing.assert_array_equal(start.state.states.creep, before.state.states.creep)
    for name in ("volume", "content", "lymph", "lymph_content"):
        np.testing.assert_array_equal(
            getattr(start.tissue_state.state, name), getattr(before.tissue_state.state, name), err_msg=name
        )
    plain = whole.branch(REST, after=STANDING)
    filled = np.asarray(before.state.states.volume / whole.parameters.cells.unstressed_volume)[:, 0] > 1.1
    risen = stiff.pressure[0, filled, 0] - plain.pressure[0, filled, 0]
    assert filled.sum() > 20
    assert np.median(risen) > 1.0
    np.testing.assert_allclose(stiff.pressure[..., 1], plain.pressure[..., 1], atol=1e-6)  # the other person


def test_nothing_appears_or_is_lost_at_the_seam(whole: Any, stiff: Any) -> None:
    def water(state: Any) -> Any:
        return np.asarray(state.volume.sum(axis=0) + state.lymph.sum(axis=0))

    before = whole.records[STANDING]
    blood, tissue_state = stored_volume(stiff.topology, stiff.parameters, stiff.start.state), stiff.start.tissue_state
    np.testing.assert_array_equal(blood, stored_volume(whole.topology, whole.parameters, before.state))
    np.testing.assert_array_equal(water(tissue_state.state), water(before.tissue_state.state))
    np.testing.assert_array_equal(tissue_state.owed, before.tissue_state.owed)
    assert np.any(np.asarray(before.tissue_state.owed))  # something is on its way as one run ends and the other begins
    for peaks in stiff.peaks:
        assert np.abs(peaks["mass_defect"]).max() < 1e-9
        assert np.abs(peaks["water_defect"]).max() < 1e-9


def test_stiffer_tissue_presses_on_veins_from_the_start(whole: Any) -> None:
    row = vl.parameters("healthy")["calf, muscle", "volume"]
    smaller = {("calf, muscle", "volume"): 0.9 * row.value}
    run = vl.simulate(regimen=[{"wait": {"for": "5 s"}}], begin_from=(whole, STANDING), parameters=smaller)
    before = whole.records[STANDING].tissue_state
    np.testing.assert_array_equal(run.start.tissue_state.state.volume, before.state.volume)
    risen = np.asarray(run.start.tissue_state.outside - before.outside)[:, 0]
    assert risen.max() > 0.5
    assert risen.min() > -1e-12


def test_changes_add_to_those_of_the_run_before(whole: Any, stiff: Any) -> None:
    leaky = {("great saphenous, terminal valve", "leak"): 0.3}
    run = vl.simulate(regimen=[{"lie": {"for": "2 s"}}], begin_from=stiff, parameters=leaky)
    np.testing.assert_array_equal(run.parameters.cells.collagen_stiffness, stiff.parameters.cells.collagen_stiffness)
    assert (("great saphenous, terminal valve", "valves.leak")) in run.changed_parameters()


def interrupt(after: int) -> Callable[..., None]:
    """Progress that stops a run in the phase after so many."""
    seen: list[str] = []

    def tell(done: float, total: float, label: str) -> None:
        seen.append(label)
        if len(set(seen)) > after:
            raise KeyboardInterrupt

    return tell


@pytest.mark.parametrize("done", [0, 1])
def test_a_folder_is_gone_on_with_to_the_same_bits(
    done: int, kept: Path, stiff: Any, stiffer: dict[str, Any], tmp_path: Path
) -> None:
    folder = tmp_path / "run"
    with pytest.raises(KeyboardInterrupt):
        vl.simulate(regimen=REST, begin_from=kept, parameters=stiffer, out=folder, progress=interrupt(done))
    cut = vl.open_run(folder)
    assert (cut.complete, bool(cut.records)) == (False, bool(done))
    same(vl.resume(folder), stiff, -1)
    opened = vl.open_run(folder)
    same(opened, stiff, -1)
    for mine, theirs in zip(jax.tree.leaves(opened.start.state), jax.tree.leaves(stiff.start.state), strict=True):
        np.testing.assert_array_equal(mine, theirs)


def test_a_folder_says_what_it_began_from(kept: Path, tmp_path: Path) -> None:
    vl.simulate(regimen=[{"lie": {"for": "2 s"}}], begin_from=kept, out=tmp_path / "second")
    vl.simulate(regimen=[{"lie": {"for": "2 s"}}], begin_from=(tmp_path / "second", 0), out=tmp_path / "third")
    told = json.loads(vl.open_run(tmp_path / "third").dataset().attrs["begun_from"])
    assert [Path(one["folder"]).name for one in told] == ["stood", "second"]
    assert [(one["phase"], one["label"]) for one in told] == [(STANDING, "standing"), (0, "lying")]
    assert told[0]["time"] == 15.0
    assert json.loads(vl.open_run(kept).dataset().attrs["begun_from"]) == []


def test_a_folder_without_the_state_it_began_from_is_refused(kept: Path, tmp_path: Path) -> None:
    vl.simulate(regimen=[{"lie": {"for": "2 s"}}], begin_from=kept, out=tmp_path / "run")
    (tmp_path / "run" / "states" / "start.npz").unlink()
    with pytest.raises(RunError, match="a part of the run is missing"):
        vl.open_run(tmp_path / "run")


def test_a_folder_with_marks_that_nobody_knows_is_refused(kept: Path, tmp_path: Path) -> None:
    folder = copied(kept, tmp_path / "run")
    rewrite(folder, lambda description: description["phases"][0]["info"]["marks"].update(moon="full"))
    with pytest.raises(RunError, match=r"in a way that this version does not know: .*moon"):
        vl.open_run(folder)


# ------------------------------------------------------------------ what is worn

STOCKING: list[Any] = [{"lie": {"for": "5 s"}}, {"wear": {"garment": "stocking", "class": "RAL II"}}]


@pytest.fixture(scope="module")
def dressed() -> Any:
    """Lying, and a stocking put on and kept on in standing."""
    return vl.simulate("healthy", [*STOCKING, *STAND, *REST])


def test_a_garment_stays_on(dressed: Any, tmp_path: Path) -> None:
    last = max(number for number, phase in enumerate(dressed.phases) if phase.marks.step == 2)
    put_on = next(number for number, phase in enumerate(dressed.phases) if phase.kind == "wear")
    assert np.any(np.asarray(dressed.records[last].tissue_state.grip))
    same(vl.simulate(regimen=REST, begin_from=(dressed, last), out=tmp_path / "run"), dressed, last)
    assert [one.garment for one in vl.open_run(tmp_path / "run").start.worn] == ["stocking"]
    same(vl.simulate(regimen=[*STAND, *REST], begin_from=(dressed, put_on)), dressed, put_on)
    assert dressed.branch(REST, after=put_on - 1).start.worn == ()
    again = vl.open_run(tmp_path / "run").branch([{"wait": {"for": "2 s"}}])
    assert [one.garment for one in again.start.worn] == ["stocking"]
    assert "stops the simulation of stocking" in gate_outcome(again, 0)
    np.testing.assert_array_equal(again.records[0].drive.elastance, dressed.records[last].drive.elastance)


# ------------------------------------------------------------------ the gate

MASSAGE = "leg-massage-short"
REASON = "a study that was approved"
LIE: list[Any] = [{"lie": {"for": "1 s"}}]


@pytest.fixture(scope="module")
def ulcer(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The folder of somebody with an ulcer, who only lay."""
    folder = tmp_path_factory.mktemp("ulcer") / "run"
    person = vl.load_person("healthy").document()
    person["legs"] = {"left": {"symptoms": ["none"], "skin": "ulcer"}, "right": {}, "asked": "left"}
    vl.simulate(person, LIE, out=folder)
    return folder


def rewrite(folder: Path, change: Callable[[dict[str, Any]], Any]) -> None:
    description = read_json(folder / "progress.json")
    change(description)
    write_json(folder / "progress.json", description)


def copied(folder: Path, to: Path) -> Path:
    shutil.copytree(folder, to)
    return to


def healed(description: dict[str, Any]) -> None:
    description["people"] = [text.replace("skin: ulcer", "skin: intact") for text in description["people"]]


def test_nobody_is_treated_who_may_not_be(ulcer: Path, tmp_path: Path) -> None:
    for source in (ulcer, vl.open_run(ulcer), (ulcer, 0)):
        with pytest.raises(SimulationError, match="is not simulated for"):
            vl.simulate(regimen=MASSAGE, begin_from=source, out=tmp_path / "run")
    assert not (tmp_path / "run").exists()
    assert vl.simulate(begin_from=ulcer).status[0].code == "ok"


def test_another_persons_document_does_not_open_it(ulcer: Path) -> None:
    with pytest.raises(SimulationError, match="the people are not those of the run"):
        vl.simulate("healthy", MASSAGE, begin_from=ulcer)


def test_changed_documents_do_not_open_it(ulcer: Path, tmp_path: Path) -> None:
    folder = copied(ulcer, tmp_path / "run")
    rewrite(folder, healed)
    run = vl.open_run(folder)
    for door in (
        lambda: vl.simulate(regimen=MASSAGE, begin_from=folder),
        lambda: vl.simulate(regimen=LIE, begin_from=run),
        lambda: run.branch(LIE).branch(MASSAGE),
        lambda: run.save(tmp_path / "anew"),
        lambda: run.branch(LIE).save(tmp_path / "anew"),
    ):
        with pytest.raises(RunError, match=r"documents were changed|cannot be shown to come from its documents"):
            door()
    assert not (tmp_path / "anew").exists()


def test_a_folder_without_fingerprints_does_not_open_it(ulcer: Path, tmp_path: Path) -> None:
    folder = copied(ulcer, tmp_path / "run")
    rewrite(folder, lambda description: (healed(description), description.pop("fingerprints")))
    run = vl.open_run(folder)
    for door in (
        lambda: vl.simulate(regimen=MASSAGE, begin_from=run),
        lambda: run.branch(MASSAGE),
        lambda: run.branch(LIE).branch(MASSAGE),
        lambda: run.save(tmp_path / "anew"),
    ):
        with pytest.raises(RunError, match=r"earlier version|cannot be shown to come from its documents"):
            door()
    assert run.branch(LIE).records


def test_what_stays_on_is_a_treatment_too_and_a_reason_does_not_carry_over(ulcer: Path, tmp_path: Path) -> None:
    person = vl.open_run(ulcer).body.person
    bandaged = vl.simulate(person, [*LIE, {"wear": "short-stretch-bandage"}], research_override=REASON, tissue=False)
    with pytest.raises(SimulationError, match="what is worn is not simulated for"):
        vl.simulate(regimen=LIE, begin_from=bandaged)
    run = vl.simulate(regimen=LIE, begin_from=bandaged, research_override=REASON, out=tmp_path / "run")
    assert run.override == REASON
    bare = vl.simulate(regimen=LIE, begin_from=(bandaged, 0), out=tmp_path / "bare")
    assert bare.override is None
    assert json.loads(bare.dataset().attrs["begun_from"])[0]["override"] == REASON


def test_a_branch_of_what_stays_on_asks_the_gate_too(ulcer: Path, tmp_path: Path) -> None:
    person = vl.open_run(ulcer).body.person
    bandaged = vl.simulate(person, [*LIE, {"wear": "short-stretch-bandage"}], research_override=REASON, tissue=False)
    bandaged.save(tmp_path / "run")
    without_reason = replace(bandaged, override=None)
    with pytest.raises(SimulationError, match="what is worn is not simulated for"):
        without_reason.branch(LIE)
    assert without_reason.branch(LIE, after=0).start.worn == ()  # nothing was worn yet
    assert bandaged.branch(LIE).override == REASON
    rewrite(tmp_path / "run", healed)
    changed = vl.open_run(tmp_path / "run")
    with pytest.raises(RunError, match="documents were changed"):
        changed.branch(LIE)
    asking = replace(changed, regimen=changed.regimen.model_copy(update={"measures": ("VFI", "ankle pressure")}))
    names = [reading.name for reading, _ in readings(asking)]
    assert "ankle pressure" in names
    assert "venous filling index" not in names  # its manoeuvre would be done in the bandage


# ------------------------------------------------------------------ what does not fit together

WRONG: dict[str, dict[str, Any]] = {
    "nothing": {"begin_from": None},
    "no-regimen": {"person": "healthy", "begin_from": None},
    "people": {"person": ["mild-varicose", "healthy"]},
    "fewer": {"person": "healthy"},
    "phase": {"phase": 7},
    "kind": {"begin_from": 3},
    "phase-in-words": {"phase": "standing"},
    "folder": {"begin_from": "not-there"},
    "legs": {"legs": "both"},
    "without-tissue": {"tissue": False},
    "reverse": {"differentiable": "reverse"},
}


@pytest.mark.parametrize("name", WRONG)
def test_what_does_not_fit_is_refused_with_a_hint(name: str, kept: Path, snapshot: Callable[[str, str], None]) -> None:
    given = {"begin_from": vl.open_run(kept), **WRONG[name]}
    if "phase" in given:
        given["begin_from"] = (given["begin_from"], given.pop("phase"))
    with pytest.raises(VenolymphError) as raised:
        vl.simulate(**given)
    text = f"{type(raised.value).__name__}: {raised.value}"
    snapshot(f"begin-from-{name}", text)


@pytest.fixture(scope="module")
def lean() -> Any:
    """A short run without tissue."""
    return vl.simulate("healthy", LIE)


def test_older_answers_do_not_take_the_place_of_those_of_the_run(lean: Any) -> None:
    given = load_answers(document(benign(("leg",), False)))
    answered = replace(lean, answers=given)
    older = given.model_copy(update={"date": given.date - dt.timedelta(days=1)})
    with pytest.raises(SimulationError, match="the run that is begun from has some of"):
        vl.simulate(regimen=LIE, begin_from=answered, answers=older)
    assert vl.simulate(regimen=LIE, begin_from=answered).answers == given


def test_tissue_is_not_added_to_a_run_without(lean: Any, snapshot: Callable[[str, str], None]) -> None:
    for name, more in (
        ("with-tissue", {"tissue": True}),
        ("tissue-parameters", {"parameters": {("calf, muscle", "filtration"): 0.004}}),
        ("other-tissue", {"tissue": vl.tissue_of(lean.bodies)}),
    ):
        with pytest.raises(SimulationError) as raised:
            vl.simulate(begin_from=lean, **more)
        snapshot(f"begin-from-{name}", str(raised.value))


def test_readings_are_differentiated_from_a_state_that_stays_as_it_is(lean: Any) -> None:
    stiffness = lean.parameters.cells.collagen_stiffness

    def calf(factor: Any) -> Any:
        found = vl.predict(
            None, [{"lie": {"for": "5 s"}}], ["blood volume in calf"], {STIFFNESS: factor * stiffness},
            mode="forward", begin_from=lean,
        )  # fmt: skip
        return found["blood volume in calf"][0]

    slope = float(jax.jvp(calf, (1.0,), (1.0,))[1])
    step = 1e-4
    by_difference = float(calf(1.0 + step) - calf(1.0 - step)) / (2.0 * step)
    assert slope == pytest.approx(by_difference, rel=0.02)
    assert abs(slope) > 1e-3
