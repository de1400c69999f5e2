"""Skin colour of a run of a face: pigment stays, blood follows veins, oxygen flow, shape water; all add up."""

from __future__ import annotations

from types import SimpleNamespace
from typing import Any

import numpy as np
import pytest

import venolymph as vl
from venolymph.body.make import make_body
from venolymph.errors import MeasureError
from venolymph.measures import detectable, read_from
from venolymph.measures.skin_course import skin_of_run
from venolymph.simulation.tissue_model import tissue_of
from venolymph.skin import difference, numbers
from venolymph.skin.under_eye import PROPERTIES

PEOPLE = ("rested", "dark-circles-vascular", "dark-circles-pigment", "dark-circles-shadow")
SAMPLES = np.array([10.0, 20.0, 30.0, 40.0])
RECORDS = np.array([20.0, 40.0])
LATER = 4.0
"""Venous pressure of the second record above that of the first, mmHg."""


@pytest.fixture(scope="module")
def still() -> Any:
    """Four faces at rest for 20 s, then 20 s with more pressure in their veins; nobody simulated it."""
    bodies = [make_body(vl.load_person(name), "face", sides="one") for name in PEOPLE]
    tissue = tissue_of(bodies)
    count = len(PEOPLE)
    pressure = np.full((4, bodies[0].topology.n_cells, count), numbers()["plexus.rest"])
    pressure[1] += 2.0  # less in the sample before it
    pressure[0] -= 2.0
    pressure[2:] += LATER
    fluid = np.concatenate([one.swelling for one in tissue.legs], axis=1) * np.asarray(tissue.parameters.tissue.volume)
    regions = len(tissue.legs[0].compartments)
    recorded = {
        "exchange_time": RECORDS,
        "tissue_volume": np.stack([fluid, fluid]),
        "tissue_pressure": np.zeros((2, regions, count)),
        "plasma_flow": np.stack([np.asarray(tissue.parameters.beds.plasma_flow)] * 2),
    }
    return SimpleNamespace(
        bodies=bodies,
        members=PEOPLE,
        tissue=tissue,
        time=SAMPLES,
        phases=[SimpleNamespace(start=0.0)],
        mean_pressure=pressure,
        recorded=recorded,
        exchange=recorded.__getitem__,
    )


def changed(run: Any, **recorded: Any) -> Any:
    """The same run with other records."""
    return SimpleNamespace(**{**run.__dict__, "exchange": {**run.recorded, **recorded}.__getitem__})


def at(course: Any, region: str) -> int:
    return course.regions.index(f"left {region}")


def test_pigment_is_the_person_s_and_has_no_time(still: Any) -> None:
    course = skin_of_run(still)
    lid, cheek = course.melanin[at(course, "lower lid, medial")], course.melanin[at(course, "cheek, medial")]
    assert course.melanin.shape == (len(course.regions), len(PEOPLE))
    np.testing.assert_allclose(lid / lid[0], [1.0, 1.0, 1.6, 1.0])
    np.testing.assert_allclose(cheek, cheek[0])


def test_blood_of_the_plexus_follows_the_pressure_of_veins(still: Any) -> None:
    course = skin_of_run(still)
    lid, forehead = (course.blood[:, at(course, region)] for region in ("lower lid, medial", "forehead"))
    np.testing.assert_allclose(forehead[0], 1.0, err_msg="mean over the samples of a record")
    np.testing.assert_allclose(forehead[1], 1.0 + numbers()["plexus.filling"] * LATER)
    np.testing.assert_allclose(lid / forehead, [[1.0, 1.6, 1.0, 1.0]] * 2)
    pressed = skin_of_run(changed(still, tissue_pressure=np.full((2, len(course.regions), 4), 30.0)))
    np.testing.assert_array_equal(pressed.blood, 0.0)


def test_blood_that_flows_less_keeps_less_oxygen(still: Any) -> None:
    usual = skin_of_run(still).oxygenation
    half = skin_of_run(changed(still, plasma_flow=0.5 * still.recorded["plasma_flow"])).oxygenation
    twice = skin_of_run(changed(still, plasma_flow=2.0 * still.recorded["plasma_flow"])).oxygenation
    assert np.all((half < usual) & (usual < twice) & (twice < 1.0) & (half >= 0.0))
    course = skin_of_run(still)
    np.testing.assert_allclose(
        usual[0, at(course, "lower lid, medial")],
        [numbers()["plexus.oxygenation"], 0.4, *[numbers()["plexus.oxygenation"]] * 2],
    )


def test_a_lid_that_swells_shows_by_its_shape(still: Any) -> None:
    course = skin_of_run(still)
    more = still.recorded["tissue_volume"].copy()
    lids = [number for number, name in enumerate(course.regions) if "lower lid" in name]
    more[1, lids] *= 1.3
    swollen = changed(still, tissue_volume=more)
    assert np.all(skin_of_run(swollen).water[1, lids] > 1.1)
    before, after = (read_from(run, "light under the eye from above") for run in (still, swollen))
    np.testing.assert_allclose(after.trace.values[0], before.value)  # type: ignore[union-attr]
    assert np.all(after.value < before.value)


def test_what_is_dark_under_an_eye_is_found_in_each(still: Any) -> None:
    found = {name: read_from(still, f"under-eye colour from {name}").value for name in PROPERTIES}
    whole = read_from(still, "under-eye colour difference")
    np.testing.assert_allclose(sum(found.values()), whole.value, rtol=1e-6)
    rested, vascular, pigment, shadow = range(4)
    assert whole.value[rested] == whole.value.min()
    assert found["pigment"].argmax() == pigment and found["shadow"].argmax() == shadow
    assert found["blood"].argmax() == found["oxygenation"].argmax() == vascular
    parts = [
        read_from(still, f"under-eye difference in {name}").value for name in ("lightness", "redness", "yellowness")
    ]
    np.testing.assert_allclose(np.sqrt(np.sum(np.square(parts), axis=0)), whole.value)
    assert np.all(parts[0] < 0.0)


def test_a_course_ends_at_the_reading(still: Any) -> None:
    reading = read_from(still, "under-eye colour difference")
    assert reading.trace is not None
    np.testing.assert_allclose(reading.trace.values[-1], reading.value)
    assert np.all(np.abs(np.diff(reading.trace.values, axis=0)) > 0.05), "venous pressure rose"


def test_colours_of_a_region_are_those_of_the_table(still: Any) -> None:
    course = skin_of_run(still)
    seen = course.lab()[:, -1, at(course, "forehead")]
    read = [read_from(still, f"skin {part} at forehead").value for part in ("lightness", "redness", "yellowness")]
    np.testing.assert_allclose(difference(seen, np.array(read)), 0.0, atol=1e-6)
    first = read_from(still, "typology angle at cheek").trace.values[0]  # type: ignore[union-attr]
    np.testing.assert_allclose(first, 38.0, atol=0.5)


def test_an_eye_sees_two() -> None:
    assert not detectable("under-eye colour difference", 8.0, 9.5).visible
    assert detectable("skin lightness at cheek", 60.0, 57.5).visible
    assert not detectable("face swelling at face", 0.0, -5.0).visible


@pytest.mark.parametrize(
    "name", ["light under the eye from below", "under-eye colour from sleep", "under-eye difference in hue"]
)
def test_unknown_places_are_refused(still: Any, name: str) -> None:
    with pytest.raises(MeasureError, match="there is no"):
        read_from(still, name)
