"""A leg: its network is one network, its numbers are those of a leg, and a person's document changes what it says."""

from __future__ import annotations

from functools import cache
from typing import Any

import jax
import numpy as np
import pytest

from venolymph import figures
from venolymph.body import Body, leg_body, load_person, packaged_people, places
from venolymph.body.structure import OTHER, structure
from venolymph.errors import DocumentError
from venolymph.network.wall import stretch_at

jax.config.update("jax_enable_x64", True)


def person(**changes: Any) -> dict[str, Any]:
    subject = {"label": "somebody", "sex": "male", "age": "40 y", "height": "175 cm", "mass": "72 kg"}
    legs = changes.pop("legs", {"left": "healthy", "right": "healthy"})
    return {"kind": "person", "version": 1, "person": subject | changes, "legs": legs}


@cache
def packaged(name: str) -> Body:
    return leg_body(load_person(name))


def body(**changes: Any) -> Body:
    return leg_body(load_person(person(**changes)))


def left(**entries: Any) -> dict[str, Any]:
    return {"left": entries, "right": "healthy"}


def cell(body: Body, quantity: str, segment: str) -> np.ndarray:
    values = np.asarray(getattr(body.parameters.cells, quantity))
    return values[list(body.segments[segment].cells), 0]


def standing_volume(body: Body, cells: dict[int, float]) -> float:
    """Blood in fractions of cells under the still column of blood, creep complete, mL."""
    volume = standing_volumes(body)
    return float(sum(volume[number] * fraction for number, fraction in cells.items()))


def standing_volumes(body: Body) -> np.ndarray:
    parameters = body.parameters.cells
    column = 0.5 + body.parameters.fluid.weight * parameters.position.sum(axis=1)
    return np.asarray(_stretch(parameters, column) * parameters.unstressed_volume)[:, 0]


_stretch = jax.jit(stretch_at)


# ------------------------------------------------------------------ the network


def test_size_of_the_network() -> None:
    plan = structure("one")
    veins = [number for s in plan.segments.values() if s.leg == "index" for number in s.cells]
    assert len(veins) >= 110
    assert 125 <= plan.topology.n_cells <= 135


@pytest.mark.parametrize("legs", ["one", "both"])
def test_every_cell_reaches_the_right_atrium(legs: Any) -> None:
    topology = structure(legs).topology
    reached = {topology.n_cells + topology.ends.index("right atrium")}
    while True:
        pairs = list(zip(topology.tail, topology.head, strict=True))
        more = {a for a, b in pairs if b in reached} | {b for a, b in pairs if a in reached}
        if more <= reached:
            break
        reached |= more
    assert reached >= set(range(topology.n_cells))


def test_valves_lead_towards_the_heart_or_inward() -> None:
    plan = structure("one")
    middle = {n: sum(s.extent(i)) / 2 for s in plan.segments.values() for i, n in enumerate(s.cells)}
    superficial = {n for s in plan.segments.values() if s.kind in ("superficial", "tributary") for n in s.cells}
    topology = plan.topology
    for face in topology.valve_face:
        tail, head = topology.tail[face], topology.head[face]
        if plan.faces[face].perforator:
            assert tail in superficial
            assert head not in superficial
        else:
            # a lump drains into the vein beside it
            assert middle[head] >= middle[tail] - 8.0, topology.faces[face]


def test_trunks_are_divided_finely() -> None:
    healthy = packaged("healthy")
    for segment in healthy.segments.values():
        if segment.kind in ("deep", "trunk") and segment.leg != "right" and segment.name != "plantar":
            assert cell(healthy, "length", segment.name).max() <= 5.0 + 1e-9, segment.name


def test_all_people_share_one_topology() -> None:
    topologies = {id(packaged(name).topology) for name in packaged_people()}
    assert len(topologies) == 1


def test_names_in_documents_are_names_in_the_network() -> None:
    topology = structure("one").topology
    segments = structure("one").segments
    assert set(places.SEGMENTS) | set(places.TRIBUTARIES) <= set(segments)
    assert set(places.VALVE_NAMES) <= set(topology.valves)
    assert set(places.PERFORATORS) <= set(topology.faces)
    assert places.VALVES["great saphenous, thigh"] == tuple(f"great saphenous, thigh, valve {i}" for i in range(1, 6))
    assert "great saphenous, terminal valve" in places.VALVES["great saphenous"]


def test_both_legs_in_full_bear_one_set_of_names_twice() -> None:
    both = leg_body(load_person("severe-varicose"), legs="both")
    index = [s for s in both.segments.values() if s.leg == "left"]
    assert all(OTHER + s.name in both.segments for s in index)
    assert OTHER + "plethysmograph" in both.regions
    # the other leg is the one with mild reflux
    valve = both.valves[OTHER + "great saphenous, thigh, valve 2"]
    mild = figures.load()["people.leak.mild"].value
    assert float(both.parameters.valves.leak[valve, 0]) == mild


# ------------------------------------------------------------------ numbers


@pytest.mark.parametrize("name", list(packaged_people()))
def test_every_number_is_finite_and_float64(name: str) -> None:
    for leaf in jax.tree.leaves(packaged(name).parameters):
        assert leaf.dtype == np.float64
        assert leaf.shape[-1] == 1
        assert np.isfinite(np.asarray(leaf)).all()
    cells = packaged(name).parameters.cells
    assert np.asarray(cells.unstressed_volume).min() > 0.0


def test_volumes_are_those_of_a_leg() -> None:
    healthy = packaged("healthy")
    window = standing_volume(healthy, healthy.regions["plethysmograph"])
    # 100 to 198 mL come when a leg stands up (target venous_volume_healthy), and about 45 stay when it is raised
    assert 145 < window < 243
    sinuses = [n for s in healthy.segments.values() if s.kind == "muscle" for n in s.cells]
    assert standing_volume(healthy, dict.fromkeys(sinuses, 1.0)) == pytest.approx(71, abs=6)
    venules = [n for s in healthy.segments.values() if s.name.startswith("muscle venules") for n in s.cells]
    inside = {n: f for n, f in healthy.regions["plethysmograph"].items() if n in venules}
    assert standing_volume(healthy, inside) == pytest.approx(53, abs=6)


def test_the_lumped_leg_holds_what_the_full_one_does() -> None:
    healthy = packaged("healthy")
    whole = {
        side: sum(
            standing_volume(healthy, dict.fromkeys(s.cells, 1.0)) for s in healthy.segments.values() if s.leg == side
        )
        for side in ("left", "right")
    }
    assert whole["right"] == pytest.approx(whole["left"], rel=0.15)


def test_diameters_standing_are_those_of_the_figures() -> None:
    """Those of the figures hold at the age at which walls were measured."""
    healthy = body(age="25 y")
    segment = healthy.segments["great saphenous, thigh"]
    middle = {segment.cells[len(segment.cells) // 2]: 1.0}
    area = standing_volume(healthy, middle) / cell(healthy, "length", segment.name)[0]
    wanted = figures.load()["superficial_veins.great_saphenous.thigh.diameter_standing"].value
    assert 20 * np.sqrt(area / np.pi) == pytest.approx(wanted, rel=0.02)


def test_inflow_lying_is_that_of_the_figures() -> None:
    healthy = packaged("healthy")
    below = [i for i, n in enumerate(healthy.topology.beds) if "thigh" not in n and not n.startswith(OTHER)]
    drop = 93 - 8
    territories = ("soleus_low", "soleus_high", "gastrocnemius", "anterior", "foot_deep", "foot_skin")
    territories += ("skin_lower_calf", "skin_upper_calf")
    flow = sum(figures.load()[f"inflow.{name}.flow_lying"].value for name in territories)
    assert 60 * drop * np.asarray(healthy.parameters.beds.conductance)[below].sum() == pytest.approx(flow, rel=0.01)


def test_heights_add_up() -> None:
    healthy = packaged("healthy")
    position = np.asarray(healthy.parameters.cells.position)[..., 0]
    for segment in healthy.segments.values():
        for number, height in zip(segment.cells, segment.heights, strict=True):
            assert position[number].sum() == pytest.approx(0.691 * 175 - height)
    assert (position >= -1e-9).all()


def test_taller_people_have_longer_veins_and_deeper_columns() -> None:
    small, large = body(height="150 cm"), body(height="200 cm")
    assert (np.asarray(large.parameters.cells.length) > np.asarray(small.parameters.cells.length)).all()
    assert cell(large, "position", "plantar").sum() > cell(small, "position", "plantar").sum()


def test_heavier_people_have_more_blood_and_more_inflow() -> None:
    volumes = [float(body(mass=f"{mass} kg").parameters.cells.unstressed_volume.sum()) for mass in (55, 72, 100)]
    flows = [float(body(mass=f"{mass} kg").parameters.beds.conductance.sum()) for mass in (55, 72, 100)]
    assert volumes == sorted(volumes)
    assert flows == sorted(flows)
    assert float(body(sex="female").parameters.cells.unstressed_volume.sum()) < volumes[1]


# ------------------------------------------------------------------ what documents change


def test_spare_slots_are_off_unless_added() -> None:
    healthy = packaged("healthy")
    spare = [s for s in healthy.segments.values() if s.kind == "tributary"]
    assert {s.name for s in spare} == set(places.TRIBUTARIES)
    assert not any(s.present for s in spare)
    cells = {n for s in spare for n in s.cells}
    topology, is_open = healthy.topology, np.asarray(healthy.parameters.faces.open)[:, 0]
    for face, (tail, head) in enumerate(zip(topology.tail, topology.head, strict=True)):
        assert is_open[face] == (0.0 if tail in cells or head in cells else 1.0)
    assert sum(cell(healthy, "unstressed_area", s.name).sum() for s in spare) < 0.01


def test_an_added_tributary_is_there_longer_and_leaks() -> None:
    name = "tributary, medial calf"
    varicose = body(legs=left(veins=[{"add": name, "diameter_standing": "5 mm", "tortuosity": 1.6}]))
    assert varicose.segments[name].present
    assert cell(varicose, "length", name).sum() == pytest.approx(24.0 * 1.6)
    assert standing_volume(varicose, dict.fromkeys(varicose.segments[name].cells, 1.0)) == pytest.approx(
        np.pi / 4 * 0.5**2 * 24.0 * 1.6, rel=0.02
    )
    valve = varicose.valves[f"{name}, mouth valve"]
    assert float(varicose.parameters.valves.leak[valve, 0]) > 0.1
    is_open = [float(b.parameters.faces.open.sum()) for b in (packaged("healthy"), varicose)]
    assert is_open[1] == is_open[0] + 3


def test_leaks_by_grade_and_by_group() -> None:
    graded = [
        body(legs=left(reflux=[{"at": "great saphenous, thigh", "leak": grade}]))
        for grade in ("none", "mild", "moderate", "severe")
    ]
    number = graded[0].valves["great saphenous, thigh, valve 3"]
    leaks = [float(b.parameters.valves.leak[number, 0]) for b in graded]
    assert leaks == sorted(set(leaks))
    assert leaks[0] == 0.0
    untouched = graded[3].valves["great saphenous, terminal valve"]
    assert float(graded[3].parameters.valves.leak[untouched, 0]) == 0.0


def test_the_valve_above_the_junction_can_be_absent() -> None:
    absent = body(legs=left(suprasaphenic_valve="absent"))
    number = absent.valves["common femoral, suprasaphenic valve"]
    assert float(absent.parameters.valves.leak[number, 0]) == 1.0
    assert float(packaged("healthy").parameters.valves.leak[number, 0]) == 0.0


def test_a_stated_diameter_does_not_open_its_valves_by_itself() -> None:
    """The leak that a document states already holds the effect of its calibre."""
    wide = body(legs=left(veins=[{"at": "great saphenous", "diameter_standing": "9 mm"}]))
    for name in places.VALVES["great saphenous"]:
        number = wide.valves[name]
        tail = wide.topology.tail[wide.topology.valve_face[number]]
        length = float(wide.parameters.cells.length[tail, 0])
        area = standing_volume(wide, {tail: 1.0}) / length
        assert float(wide.parameters.valves.coaptation_area[number, 0]) > 1.1 * area


def test_a_stated_reserve_of_valves_says_how_far_an_annulus_widens() -> None:
    usual, little = body(), body(legs=left(valve_reserve=1.1))
    number = usual.valves["great saphenous, thigh, valve 1"]
    ratio = figures.internal("valves.coaptation_ratio")
    areas = [float(one.parameters.valves.coaptation_area[number, 0]) for one in (usual, little)]
    assert areas[1] / areas[0] == pytest.approx(1.1**2 / ratio)


def test_narrowed_and_closed_veins() -> None:
    normal = body()
    narrow = body(legs=left(veins=[{"at": "external iliac", "narrowed": 0.4}]))
    closed = body(legs=left(veins=[{"at": "external iliac", "narrowed": "closed"}]))
    areas = [cell(b, "unstressed_area", "external iliac")[0] for b in (normal, narrow, closed)]
    assert areas[1] == pytest.approx(0.4 * areas[0])
    assert 0.0 < areas[2] < 0.01 * areas[0]


def test_a_perforator_can_be_wider() -> None:
    name = "perforator, Cockett lower"
    wide = body(legs=left(veins=[{"at": name, "diameter_standing": "4 mm"}]))
    face = wide.topology.faces.index(name)
    assert float(wide.parameters.faces.channel_area[face, 0]) == pytest.approx(np.pi / 4 * 0.4**2)
    healthy = packaged("healthy").parameters.faces
    assert float(wide.parameters.faces.channel_area[face, 0]) > float(healthy.channel_area[face, 0])


def test_the_index_leg_is_the_one_with_disease() -> None:
    assert packaged("small-saphenous").index_side == "right"
    assert packaged("healthy").index_side == "left"
    assert packaged("small-saphenous").segments["femoral"].leg == "right"


def test_legs_is_one_or_both() -> None:
    with pytest.raises(DocumentError, match="both"):
        leg_body(load_person("healthy"), legs="three")  # pyright: ignore[reportArgumentType]


# ------------------------------------------------------------------ where numbers come from


def test_other_figures_give_another_body() -> None:
    from dataclasses import replace

    known = dict(figures.load())
    key = "walls.muscle.relaxation_gain"
    known[key] = replace(known[key], value=0.3)
    other = leg_body(load_person("healthy"), figures=known)
    assert cell(other, "relaxation_gain", "soleal sinuses, low")[0] == 0.3
    assert cell(packaged("healthy"), "relaxation_gain", "soleal sinuses, low")[0] != 0.3
