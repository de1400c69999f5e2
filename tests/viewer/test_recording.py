"""A recording shows what the run holds: each value, place and name that of the dataset, and says what it left out."""

from __future__ import annotations

import gzip
from dataclasses import replace
from typing import Any

import numpy as np
import pytest

import venolymph as vl
from small.circuits import case, vessel
from venolymph.interop import svzerod
from venolymph.simulation.results import Status
from venolymph.viewer import Recording, pack_frames, pack_head, record, unpack
from venolymph.viewer.shown import OF_TISSUE, OF_VEINS
from venolymph.viewer.thinning import frame_numbers

PLAIN = {"pressure": "pressure", "flow": "flow", "valve_opening": "opening", "surroundings": "muscle"}
"""Variables of the dataset that are shown as they are."""


def shown(recording: Recording) -> tuple[dict[str, Any], dict[str, np.ndarray]]:
    """Head and arrays as a browser reads them."""
    head, frames = unpack(pack_head(recording)), unpack(pack_frames(recording))
    return dict(head.header), {**head.arrays, **frames.arrays}


def test_values_are_those_of_the_dataset_at_random_places_and_times(moving: Any) -> None:
    rng = np.random.default_rng(3)
    data = moving.dataset()
    for member in range(2):
        head, arrays = shown(record(moving, member))
        for _ in range(50):
            frame = int(rng.integers(len(arrays["time"])))
            for variable, name in PLAIN.items():
                what = head["quantities"][name]
                assert what["variable"] == variable
                row = int(rng.integers(len(what["rows"])))
                dim = data[variable].dims[1]
                one = data[variable].isel(member=member).sel({dim: what["rows"][row]})
                exact = float(one.sel(time=arrays["time"][frame], method="nearest"))
                width = 0.5 * float(np.ptp(one.values)) / 65534
                assert abs(arrays[name][frame, row] - exact) <= max(what["step"], width) + 1e-9
                assert one.attrs["units"] == what["unit"]


def test_diameter_and_pressure_across_the_wall_follow_from_the_dataset(moving: Any) -> None:
    head, arrays = shown(record(moving, 1))
    data = moving.dataset().isel(member=1)
    rows = head["quantities"]["diameter"]["rows"]
    area = data["area"].sel(cell=rows).values
    np.testing.assert_allclose(arrays["diameter"], 10 * np.sqrt(4 * area / np.pi), atol=0.011)
    # nothing is worn around a saphenous vein; a vein in the soleus is pressed flat when the muscle presses
    saphenous = rows.index("great saphenous, calf [3]")
    np.testing.assert_allclose(arrays["transmural"][:, saphenous], arrays["pressure"][:, saphenous], atol=0.2)
    sinus, soleus = rows.index("soleal sinuses, high"), head["quantities"]["muscle"]["rows"].index("soleus")
    hard = arrays["muscle"][:, soleus] > 100.0
    assert hard.any()
    assert (arrays["pressure"] - arrays["transmural"])[hard, sinus].min() > 50.0


def test_pressure_across_the_wall_is_that_of_the_wall_where_tissue_presses_too(swelling: Any) -> None:
    import jax.numpy as jnp

    from venolymph.network import wall

    _, arrays = shown(record(swelling))
    last, cells = swelling.records[-1], swelling.parameters.cells
    stretch = jnp.asarray(swelling.volume[-1]) / cells.unstressed_volume / jnp.asarray(last.drive.calibre)
    exact = np.asarray(wall.transmural_pressure(cells, stretch, last.state.states.creep))[:, 0]
    present = [cell for one in swelling.body.segments.values() if one.present for cell in one.cells]
    off = np.abs(arrays["transmural"][-1] - exact)[present]
    assert np.median(off) < 0.2
    assert off.max() < 2.0, "what is left is the wall's own friction"


def test_tissue_and_lymph_come_on_their_own_clock(swelling: Any) -> None:
    head, arrays = shown(record(swelling))
    data = swelling.dataset().isel(member=0)
    np.testing.assert_allclose(arrays["time.exchange"], data["exchange_time"])
    assert set(OF_TISSUE) <= set(head["quantities"])
    for name in ("tissue_volume", "lymph_volume", "since_contraction", "lymph_pressure"):
        assert head["quantities"][name]["clock"] == "exchange"
        dim = data[name].dims[1]
        exact = data[name].sel({dim: head["quantities"][name]["rows"]}).values
        np.testing.assert_allclose(arrays[name], exact, atol=head["quantities"][name]["step"] * 1.01)
    lengths = np.diff(data["exchange_time"].values)
    per_hour = 3600 * data["passed"].values[1:] / lengths[:, None]
    np.testing.assert_allclose(arrays["passed"][1:], per_hour, atol=0.01)
    calves = [name for name in data["compartment"].values if str(name).startswith("other leg: calf")]
    change = data["tissue_volume"].sel(compartment=calves).sum("compartment").values
    row = head["quantities"]["swelling"]["rows"].index("right calf")
    np.testing.assert_allclose(arrays["swelling"][:, row], change - change[0], atol=0.06)


def test_a_run_without_tissue_shows_veins_alone(moving: Any) -> None:
    head, arrays = shown(record(moving))
    assert set(head["quantities"]) == set(OF_VEINS)
    assert "time.exchange" not in arrays
    assert all(one["row"] is None and one["pacing"] is None for one in head["lymph"])
    assert head["sides"] == ["left"]


def test_every_row_that_a_place_names_is_there_and_every_line_lies_in_the_points(swelling: Any) -> None:
    head, arrays = shown(record(swelling))
    rows = {name: len(what["rows"]) for name, what in head["quantities"].items()}
    of = {"cell": "pressure", "face": "flow"}
    for one in head["vessels"]:
        for key, quantity in of.items():
            assert one[key] is None or 0 <= one[key] < rows[quantity]
        assert one["radius"] > 0.0
        assert one["layer"] in ("skin", "fascia", "deep")
    for kind, quantity in {
        "valves": "opening", "lymph": "lymph_volume", "nodes": "lymph_volume", "compartments": "tissue_volume",
        "muscles": "muscle", "garments": "garment",
    }.items():  # fmt: skip
        for one in head[kind]:
            assert head["quantities"][quantity]["rows"][one["row"]] == one["name"]
    for one in (*head["vessels"], *head["lymph"], *head["compartments"], *head["muscles"]):
        first, count = one["line"]
        assert count > 1
        assert first + count <= len(arrays["points"])
    assert head["sides"] == ["left", "right"]
    assert {one["leg"] for one in head["vessels"]} == {"left", "right", "pelvis"}
    assert np.isfinite(arrays["points"]).all()


def test_a_perforator_has_flow_and_no_pressure_and_a_vein_leaves_by_its_own_face(moving: Any) -> None:
    head, arrays = shown(record(moving, 1))
    vessels = {one["name"]: one for one in head["vessels"]}
    cockett = vessels["perforator, Cockett middle"]
    assert cockett["cell"] is None
    faces = head["quantities"]["flow"]["rows"]
    assert faces[cockett["face"]] == "perforator, Cockett middle"
    thigh = vessels["great saphenous, thigh [3]"]
    assert faces[thigh["face"]] == "great saphenous, thigh [3] -> great saphenous, thigh [4]"
    assert thigh["title"] == "great saphenous vein, thigh, part 3 of 9"
    places = vl.geometry("mild-varicose")
    first, count = thigh["line"]
    exact = places.veins["great saphenous, thigh [3]"].points
    np.testing.assert_allclose(arrays["points"][first : first + count], exact, atol=0.0021)
    assert vessels["tributary, medial calf [1]"]["tortuous"] > 0.3
    assert not vessels["tributary, lateral thigh [1]"]["present"]


def test_the_skin_is_that_of_the_person_and_swells_by_a_millilitre(moving: Any) -> None:
    head, arrays = shown(record(moving, 1))
    mesh = vl.geometry("mild-varicose").skins["left"]
    np.testing.assert_allclose(arrays["skin.left.vertices"], mesh.vertices[:-1], atol=0.0021)
    assert head["skin"]["right"]["mirror"] == "left"
    right = vl.geometry("mild-varicose").skins["right"]
    np.testing.assert_allclose(arrays["skin.left.vertices"] * [-1, 1, 1], right.vertices[:-1], atol=0.0021)
    assert _turned(arrays["skin.left.triangles"][:, ::-1]) == _turned(right.triangles)
    moved = replace(mesh, vertices=mesh.vertices + 0.0)
    moved.vertices[:-1] += 20.0 * arrays["skin.left.swelling.calf"]
    assert moved.volume - mesh.volume == pytest.approx(20.0, rel=0.1)


def _turned(triangles: np.ndarray) -> set[tuple[int, ...]]:
    """Triangles with the way that they turn, whichever corner comes first."""
    return {tuple(np.roll(one, -int(np.argmin(one))).tolist()) for one in triangles}


def test_joints_lie_in_the_leg_from_hip_to_ankle(moving: Any) -> None:
    head, _ = shown(record(moving))
    for side, sign in (("left", 1), ("right", -1)):
        hip, knee, ankle = (head["joints"][side][name] for name in ("hip", "knee", "ankle"))
        assert hip[1] > knee[1] > ankle[1] == 0.0
        assert all(sign * place[0] > 3.0 for place in (hip, knee, ankle))
    assert 110.0 < head["heart"][1] < 140.0


def test_a_failed_member_shows_nothing_from_then_on_and_says_so(moving: Any) -> None:
    failed = replace(moving, status=[Status("failed", 9.0, "the vein shut"), moving.status[1]])
    head, arrays = shown(record(failed, 0))
    known = arrays["time"] <= 9.0
    assert np.isfinite(arrays["pressure"][known]).all()
    assert np.isnan(arrays["pressure"][~known]).all()
    assert "stopped after 9 s" in head["failed"]
    assert "the vein shut" in head["failed"]
    assert shown(record(failed, 1))[0]["failed"] == ""


def test_long_runs_are_thinned_and_say_so(moving: Any) -> None:
    total = len(moving.time)
    recording = record(moving, every=4)
    assert len(recording.times["samples"]) == -(-(total - 3) // 4)
    assert recording.head["thinned"] == f"Shown is every 4th of {total:,} samples."
    assert unpack(pack_frames(recording)).header["detail"] == "thinned"
    few = record(moving, most=100)
    assert len(few.times["samples"]) <= 101
    assert few.times["samples"][-1] == moving.time[-1]
    assert f"of {total:,} samples" in few.head["thinned"]
    walk = (few.times["pose"] > 14.0) & (few.times["pose"] < 18.0)
    assert np.diff(few.times["pose"][walk]).max() < 0.1, "legs walk on where frames are few"
    assert record(moving).head["thinned"] == "" or total > 2000


def test_frames_in_parts_are_the_frames_of_the_whole(moving: Any) -> None:
    recording = record(moving)
    whole, count = unpack(pack_frames(recording)).arrays, len(recording.times["samples"])
    parts = [unpack(pack_frames(recording, first, min(first + 150, count))) for first in range(0, count, 150)]
    assert [part.header["first"] for part in parts] == list(range(0, count, 150))
    for name in ("time", "time.pose", "pose"):
        np.testing.assert_array_equal(np.concatenate([part.arrays[name] for part in parts]), whole[name])
    pressure = np.concatenate([part.arrays["pressure"] for part in parts])
    np.testing.assert_allclose(pressure, whole["pressure"], atol=0.2)


def test_the_last_seconds_of_a_walk_are_kept_whole(moving: Any) -> None:
    phase = next(phase for phase in moving.phases if phase.marks.stage == "cycles")
    long = replace(phase, duration=100 * phase.duration, samples=100 * phase.samples, start=0.0)
    numbers = frame_numbers([long], long.samples // 4)
    ends = long.sample * (numbers + 1)
    late = ends > long.duration - 10.0
    assert np.all(np.diff(numbers[late]) == 1)
    np.testing.assert_allclose(np.diff(ends[~late]), phase.period, atol=phase.sample)


def test_a_run_begun_from_another_has_its_time_from_its_own_start(moving: Any) -> None:
    after = vl.simulate(["healthy", "mild-varicose"], [{"lie": {"for": "2 s"}}], begin_from=moving)
    head, arrays = shown(record(after))
    assert head["begins"] == pytest.approx(float(moving.time[-1]))
    assert arrays["time"][-1] == pytest.approx(float(after.time[-1] - moving.time[-1]))
    assert head["phases"][0]["start"] == 0.0


def test_each_of_a_batch_has_the_sides_of_its_own_leg() -> None:
    right = vl.load_person("mild-varicose")
    document = {"left": right.legs.right, "right": right.legs.left}
    mirrored = right.model_copy(update={"legs": right.legs.model_copy(update=document)})
    run = vl.simulate(["mild-varicose", mirrored], [{"lie": {"for": "2 s"}}], tissue=True)
    heads = [shown(record(run, member))[0] for member in range(2)]
    assert [head["index_side"] for head in heads] == ["left", "right"]
    for head in heads:
        side = head["index_side"]
        assert {name.split()[0] for name in head["quantities"]["swelling"]["rows"]} == {side}
        assert {one["leg"] for one in head["compartments"]} == {side}
        assert all(one["leg"] == side for one in head["vessels"] if one["name"].startswith("popliteal"))


def test_arteries_above_a_leg_have_rows_and_no_place() -> None:
    leg = vl.leg_body(vl.load_person("healthy"))
    ends = {
        "heart": {"bc_type": "FLOW", "bc_values": {"Q": [80.0, 80.0], "t": [0.0, 1.0]}},
        "leg": {"bc_type": "RCR", "bc_values": {"Rp": 1.0, "C": 0.05, "Rd": 25.0, "Pd": 5.0}},
    }
    tree = svzerod.read(case(ends, [vessel(0, inlet="heart", outlet="leg", R=0.01, C=0.4, L=0.002)]))
    own = [bed for bed in leg.topology.beds if not bed.startswith("other leg")]
    run = vl.simulate(svzerod.upstream(leg, tree, {"leg": own}, pressure="mmHg"), [{"lie": {"for": "2 s"}}])
    head, arrays = shown(record(run))
    assert len(head["quantities"]["pressure"]["rows"]) > leg.topology.n_cells
    assert all(one["cell"] is None or one["cell"] < leg.topology.n_cells for one in head["vessels"])
    assert np.isfinite(arrays["transmural"]).all()


def test_a_minute_of_posture_and_walk_is_small(moving: Any) -> None:
    recording = record(moving)
    assert len(gzip.compress(pack_head(recording))) < 300_000
    rows = sum(values.size for values in recording.series.values())
    assert len(gzip.compress(pack_frames(recording))) < 1.3 * rows, "bytes a value"
