"""Hours of a face: nothing is lost, a scalp that is lain on does not swell, blood takes its ways, folders hold it.

Three programs are compiled: of both halves, of the left half of two people, and of a leg.
"""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pytest

import venolymph as vl
from small.conservation import assert_nothing_is_lost
from venolymph import figures, report
from venolymph.body.head_scale import figure_name
from venolymph.errors import MeasureError, SimulationError
from venolymph.measures import measures
from venolymph.report.face import HALF
from venolymph.simulation import saving

PAIR = ["rested", "puffy-morning"]
SIT: list[Any] = [{"sit": {"for": "30 min"}}]
LIE: list[Any] = [{"lie": {"pillow": "8 cm", "for": "30 min"}}]
OF_VEINS = ("pressure", "mean_pressure", "volume", "flow", "inflow", "valve", "surroundings")
OF_TISSUE = ("tissue_volume", "tissue_content", "uptake", "filtered", "lymph_volume", "tissue_pressure")


def face(*steps: Any, read: tuple[str, ...] = ()) -> dict[str, Any]:
    """A regimen of these steps on a face."""
    measured = [{"measure": list(read)}] if read else []
    return {"kind": "regimen", "version": 1, "body": "face", "steps": [*steps, *measured]}


def turned(side: str) -> Any:
    """Upright, then 45 minutes each on the back, a side and the front."""
    hours = [{"lie": {"on": on, "pillow": "11 cm", "for": "45 min"}} for on in ("back", side, "front")]
    return vl.simulate("rested", face({"stand": {"for": "20 min"}}, *hours))


@pytest.fixture(scope="module")
def left() -> Any:
    """Both halves, for a while on the left side."""
    return turned("left")


@pytest.fixture(scope="module")
def right() -> Any:
    """Both halves, for as long on the right side."""
    return turned("right")


@pytest.fixture(scope="module")
def sat() -> Any:
    """Two people's left halves, half an hour upright."""
    return vl.simulate(PAIR, face(*SIT))


@pytest.fixture(scope="module")
def kept(sat: Any, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The folder of that run."""
    folder = tmp_path_factory.mktemp("kept") / "sat"
    sat.save(folder)
    return folder


def on_other_side(names: list[str]) -> np.ndarray:
    """For each name the number of that on the other side."""
    swapped = {"left": "right", "right": "left"}

    def mirror(name: str) -> str:
        return " ".join(swapped.get(word, word) for word in name.split(" "))

    return np.array([names.index(mirror(name)) for name in names])


def test_all_that_is_there_stays_there(left: Any, right: Any) -> None:
    for run in (left, right):
        assert_nothing_is_lost(run)


def fluid_after(run: Any, place: str) -> np.ndarray:
    """Fluid of a place at the end of each step of a run over that at the end of the first, 1."""
    at = [name.startswith(place) for name in run.names()["compartment"]]
    fluid = run.exchange("tissue_volume")[:, at, 0].sum(axis=1)
    steps = np.array([phase.marks.step for phase in run.phases])[run.phase_of_exchange]
    ends = np.array([fluid[steps == step][-1] for step in np.unique(steps)])
    return ends / ends[0] - 1.0


def test_the_scalp_that_is_lain_on_does_not_swell(left: Any) -> None:
    assert fluid_after(left, "left scalp")[1] < 0.01


def test_what_one_lies_on_carries_no_more_than_the_head_weighs(left: Any) -> None:
    ds, known = left.dataset(), figures.load()
    weight = 9.807 * known["posture.head.mass_share"].value * left.bodies[0].person.mass
    lain = {"back": ["scalp, back"] * 2, "left": ["temple", "cheek, lateral", "ear and mastoid"]}
    lain["front"] = ["forehead", "cheek, medial", "chin"] * 2
    for on, places in lain.items():
        pressed = ds.surroundings.sel(surrounding=f"pillow, {on}").max("time").item() * 133.322
        carried = pressed * 1e-4 * sum(known[f"head_tissue.region.{figure_name(place)}.area"].value for place in places)
        assert 0.4 * weight < carried <= 1.01 * weight


def test_upright_the_jugular_veins_collapse_and_the_plexus_takes_the_flow(left: Any) -> None:
    steps = np.array([phase.marks.step for phase in left.phases])[left.phase_of_sample]
    jugular, vertebral = (left[name].values[:, 0] for name in ("jugular flow", "vertebral flow"))
    upright, lying = ((steps == step) & (np.roll(steps, -1) != step) for step in (0, 1))
    assert 0.0 < jugular[upright] < 200.0 < vertebral[upright]
    assert vertebral[lying] < 200.0 < jugular[lying]
    total = jugular + vertebral
    assert total[lying] == pytest.approx(total[upright], rel=0.15), "the brain's flow stays"


@pytest.fixture(scope="module")
def gained(sat: Any) -> dict[str, dict[str, np.ndarray]]:
    """What each part gained, mL in each person, in the same hour with and without something before it."""
    steps = {"nothing": [], "salt": [{"salt": {"for": "2 h"}}], "alcohol": [{"alcohol": {"for": "2 h"}}],
             "crying": [{"cry": {"for": "20 min"}}]}  # fmt: skip
    places = ("face", "upper lid", "lower lid", "nose", "cheek", "forehead", "neck, side")
    found = {}
    for name, first in steps.items():
        wait = [] if name == "crying" else [{"wait": {"for": "20 min"}}]
        run = sat.branch(face(*first, *wait, {"sit": {"for": "40 min"}}))
        found[name] = {place: np.asarray(run.measure(f"face swelling at {place}").value) for place in places}
    return found


def test_salt_and_alcohol_make_every_part_swell_more(gained: Any) -> None:
    for name in ("salt", "alcohol"):
        for place, swelling in gained[name].items():
            assert np.all(swelling > gained["nothing"][place]), f"{place} after {name}"


def test_crying_swells_lids_and_nose_and_little_beside_them(gained: Any) -> None:
    more = {place: gained["crying"][place] - gained["nothing"][place] for place in gained["crying"]}
    assert all(np.all(more[place] > 0.0) for place in ("upper lid", "lower lid", "nose"))
    least = np.minimum.reduce([more[place] for place in ("upper lid", "lower lid", "nose")])
    for place in ("forehead", "neck, side"):
        assert np.all(np.abs(more[place]) < 0.2 * least), place


def test_tracers_leave_by_lymph_and_by_blood_and_none_is_lost(sat: Any) -> None:
    with pytest.raises(MeasureError, match="no large tracer was put in there"):
        sat.measure("large tracer left in chin")
    put = [{"inject": {"tracer": tracer, "at": "chin", "amount": 2.0}} for tracer in ("small", "large")]
    run = sat.branch(face(*put, {"sit": {"for": "40 min"}}))
    for solute, tracer in ((1, "small"), (2, "large")):
        left, lymph, blood = (
            run.measure(f"{tracer} tracer {way} chin").value
            for way in ("left in", "gone by lymph from", "gone by blood from")
        )
        here, beside = left + lymph + blood, 100.0 - left - lymph - blood
        assert np.all((left > 0.0) & (lymph > 0.0) & (here < 100.0 + 1e-9) & (beside < 5.0))
        assert np.all(blood > 0.5) if tracer == "small" else np.all(np.abs(blood) < 0.1)
        content = run.exchange("tissue_content")[-1, solute].sum(axis=0)
        gone = run.exchange("uptake_solutes")[:, solute].sum(axis=(0, 1)) - run.exchange("filtered_solutes")[
            :, solute
        ].sum(axis=(0, 1))
        np.testing.assert_allclose(content + gone, 2.0, atol=1e-9)


def test_a_folder_holds_a_face_and_goes_on_with_it(sat: Any, kept: Path, tmp_path: Path) -> None:
    opened = vl.open_run(kept)
    assert opened.members == tuple(PAIR)
    assert opened.body.legs == "none"
    for name in OF_VEINS:
        np.testing.assert_array_equal(getattr(opened, name), getattr(sat, name), err_msg=name)
    for name in OF_TISSUE:
        np.testing.assert_array_equal(opened.exchange(name), sat.exchange(name), err_msg=name)
    on = vl.simulate(regimen=face(*LIE), begin_from=kept)
    straight = sat.branch(face(*LIE))
    np.testing.assert_array_equal(on.pressure, straight.pressure)
    np.testing.assert_array_equal(on.exchange("tissue_volume"), straight.exchange("tissue_volume"))

    with saving.create(sat, tmp_path / "cut", len(sat.records)) as folder:
        saving.append(folder, sat, 0)
    resumed = vl.resume(tmp_path / "cut")
    np.testing.assert_array_equal(resumed.pressure, sat.pressure)
    np.testing.assert_array_equal(resumed.exchange("tissue_volume"), sat.exchange("tissue_volume"))


def test_everything_recorded_of_a_face_has_names(sat: Any) -> None:
    found = sat.dataset()
    assert list(found["member"].values) == PAIR
    assert "left cheek, medial" in found["compartment"].values
    assert "left internal jugular [3]" in found["cell"].values
    assert found["tissue_volume"].dims == ("exchange", "compartment", "member")


def test_every_instrument_reads_a_face_or_says_that_it_does_not(sat: Any) -> None:
    for one in measures().values():
        if one.on == "leg":
            place = "calf" if one.places else ""
            with pytest.raises(MeasureError, match="is read on a leg") as caught:
                sat.measure(one.name.replace("{place}", place))
            assert "body: leg" in str(caught.value.hint)
            continue
        if one.name.startswith("valve ") and "time" in one.name:
            continue  # the run has no sample as fine as they need
        if one.instrument == "face_tracers":
            continue  # nothing was put in
        for place in one.places(sat) if one.places else ("",):
            reading = sat.measure(one.name.replace("{place}", place))
            assert np.all(np.isfinite(reading.value)), reading
            assert np.asarray(reading.value).shape == (2,)
    with pytest.raises(MeasureError, match="no place of the face named 'cheeks'"):
        sat.measure("face fluid at cheeks")


def test_a_report_of_a_face_speaks_of_the_face(sat: Any, tmp_path: Path) -> None:
    told = report.write_all(sat, tmp_path)
    page = (tmp_path / "report.html").read_text("utf-8")
    assert "Venous drainage of face, head and neck" in page
    assert HALF in page
    assert page.index('id="moving-leg"') < page.index("In short")
    assert {row["name"] for row in told["measures"]} >= {"jugular flow", "face swelling at lower lid"}
    (first, *_), _ = told["sentences"].values()
    assert "the face " in first and "lower lids" in first
    assert not [text for spoken in told["sentences"].values() for text in spoken if "leg" in text]
    assert (tmp_path / "figures").is_dir()
    assert [one.head["body"] for one in sat.view().recordings] == ["face", "face"]


def test_a_face_is_not_asked_for_a_leg_s_readings_nor_a_leg_for_a_face_s() -> None:
    with pytest.raises(MeasureError, match="'ankle pressure' is read on a leg"):
        vl.simulate("rested", face(*SIT, read=("ankle pressure",)))
    leg = face({"lie": {"for": "10 s"}}, read=("face fluid at cheek",)) | {"body": "leg"}
    with pytest.raises(MeasureError, match="is read on a face"):
        vl.simulate("rested", leg)
    with pytest.raises(SimulationError, match="another part"):
        vl.simulate(vl.leg_body(vl.load_person("rested")), face(*SIT))


def test_who_has_a_face_has_legs() -> None:
    run = vl.simulate("rested", [{"lie": {"for": "10 s"}}])
    assert run.body.legs == "one"
    assert float(run.measure("ankle pressure")) > 0.0
    with pytest.raises(MeasureError, match="is read on a face") as caught:
        run.measure("face fluid at cheek")
    assert "body: face" in str(caught.value.hint)
