"""The drainage of a person's leg: its layout, how it scales, what disease changes."""

from __future__ import annotations

import jax
import numpy as np
import pytest

from venolymph.body.drainage import leg_drainage
from venolymph.body.person import load_person
from venolymph.errors import DocumentError
from venolymph.figures import load
from venolymph.network.interstitium import elastic_pressure

pytestmark = pytest.mark.usefixtures("strict")

HEALTHY = leg_drainage(load_person("healthy"))


def volume(leg: object, *regions: str) -> float:
    compartments = leg.compartments  # type: ignore[attr-defined]
    return sum(c.volume for c in compartments if c.region in regions)


def test_every_number_is_finite_and_has_a_source() -> None:
    for leaf in jax.tree.leaves(HEALTHY.parameters):
        assert np.isfinite(np.asarray(leaf)).all() and leaf.shape[-1] == 1
    for array, entries in HEALTHY.sources.items():
        for keys in entries:
            assert set(keys) <= set(HEALTHY.figures), array
    assert {"front", "medial", "back", "lateral"} == {c.quarter for c in HEALTHY.compartments if c.quarter}
    assert volume(HEALTHY, "foot", "ankle", "calf", "knee", "thigh") > 5000.0


def test_lymph_of_every_patch_reaches_its_nodes() -> None:
    topology = HEALTHY.topology
    for patch, vessel in zip(HEALTHY.patches, topology.initial_vessel, strict=True):
        passed, at = [], vessel
        while at < len(topology.vessels):
            passed.append(topology.vessels[at])
            at = topology.downstream[at]
        first = next(name for name in passed if name in HEALTHY.nodes)
        expected = {
            "anteromedial": "inferior inguinal",
            "posteromedial": "inferior inguinal",
            "anterolateral": "lateral inguinal",
            "posterolateral": "popliteal",
            "deep, calf": "popliteal",
            "deep, thigh": "deep inguinal",
        }
        assert first == expected[patch.territory]
        assert passed[-1] == "thoracic duct [8]" and "external iliac" in passed and "cisterna chyli" in passed


def test_all_people_share_one_layout_and_differ_in_size() -> None:
    tall = leg_drainage(load_person("tall"))
    assert tall.topology == HEALTHY.topology
    assert tall.compartments[-1].upper > HEALTHY.compartments[-1].upper
    assert volume(leg_drainage(load_person("heavy")), "thigh") > volume(HEALTHY, "thigh")


def test_a_boot_of_water_reads_the_volume_that_was_published() -> None:
    level = load()["measures.boot.level"].internal
    shares = HEALTHY.below(level)
    whole = {"foot": 1.0, "ankle": 1.0, "knee": 0.0, "thigh": 0.0}
    for c, share in zip(HEALTHY.compartments, shares, strict=True):
        assert share == pytest.approx(whole.get(c.region, share))
    calf = HEALTHY.parts["calf"]
    displaced = HEALTHY.bulk["foot"] + HEALTHY.bulk["ankle"]
    displaced += HEALTHY.bulk["calf"] * (level - calf[0]) / (calf[1] - calf[0])
    assert displaced == pytest.approx(1857.5, abs=5.0)
    skin = list(HEALTHY.under_skin("calf", "front"))
    assert shares[skin].sum() / len(skin) == pytest.approx((level - calf[0]) / (calf[1] - calf[0]))
    np.testing.assert_allclose(leg_drainage(load_person("tall")).below(level), shares)


def test_a_calf_is_as_thick_as_people_have_it() -> None:
    calf = HEALTHY.parts["calf"]
    girth = 2.0 * np.sqrt(np.pi * HEALTHY.bulk["calf"] / (calf[1] - calf[0]))
    assert 30.0 < girth < 36.0, "mean over its length; the thickest place has some cm more"


def test_fascia_holds_muscle_and_skin_gives_way() -> None:
    law, n = HEALTHY.parameters.tissue, len(HEALTHY.compartments)
    rise = elastic_pressure(law, np.full((n, 1), 1.5)) - elastic_pressure(law, np.full((n, 1), 1.25))
    muscle = np.array([c.tissue == "muscle" for c in HEALTHY.compartments])
    assert np.all(np.asarray(rise)[muscle] > 7.0)
    tight = np.array([c.region in ("foot", "ankle") for c in HEALTHY.compartments]) & ~muscle
    assert np.all(np.asarray(rise)[~muscle & ~tight] < 0.5)
    # skin of foot and ankle holds longer (Husmann and others 2006: 5 mmHg more sitting than lying), and then gives way
    assert np.all(np.asarray(rise)[tight] > 2.0)
    later = elastic_pressure(law, np.full((n, 1), 1.85)) - elastic_pressure(law, np.full((n, 1), 1.6))
    assert np.all(np.asarray(later)[tight] < 0.5)


def test_disease_is_in_the_parameters() -> None:
    ill = leg_drainage(
        load_person("healthy"), contractility=0.5, collectors=0.5, valve_leak=0.1, removed_nodes=["inferior inguinal"]
    )
    collector, duct = HEALTHY.chains["anteromedial"][3], HEALTHY.chains["thoracic duct"][3]
    for name in ("tension", "vessels"):
        ours, healthy = (np.asarray(getattr(leg.parameters.lymphangions, name)) for leg in (ill, HEALTHY))
        assert ours[collector] == pytest.approx(0.5 * healthy[collector])
        assert ours[duct] == healthy[duct]
    valves, n = ill.parameters.valves, len(ill.patches)
    assert float(valves.leak[n + collector, 0]) > 100 * float(HEALTHY.parameters.valves.leak[n + collector, 0])
    shut = [ill.topology.vessels[i] for i in np.flatnonzero(np.asarray(valves.open[n:, 0]) == 0.0)]
    assert shut == ["anteromedial [40]", "posteromedial [40]", "inferior inguinal"]


def test_more_collectors_begin_on_the_way_to_the_groin() -> None:
    leg = leg_drainage(load_person("healthy"))
    count = np.asarray(leg.parameters.lymphangions.vessels)[:, 0]
    for name in ("anteromedial", "anterolateral", "posteromedial", "posterolateral"):
        along = count[list(leg.chains[name])]
        assert np.all(np.diff(along) >= 0.0)
        assert along[-1] > 1.4 * along[0]
    # 3 to 4 cross the front of the ankle, 5 to 20 run along the inner thigh
    front = [leg.chains[name] for name in ("anteromedial", "anterolateral")]
    assert 3.0 <= sum(count[chain[0]] for chain in front) <= 4.0
    assert 5.0 <= sum(count[chain[-1]] for chain in front) <= 20.0


def test_what_cannot_be_is_refused() -> None:
    with pytest.raises(DocumentError, match="no node named") as caught:
        leg_drainage(load_person("healthy"), removed_nodes=["inferior inguinl"])
    assert caught.value.hint == "did you mean 'inferior inguinal'?"
    with pytest.raises(DocumentError, match="contractility is -1"):
        leg_drainage(load_person("healthy"), contractility=-1.0)
