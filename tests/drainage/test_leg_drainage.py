"""The drainage of a person's leg: its layout, how it scales, what disease changes."""

from __future__ import annotations

import jax
import numpy as np
import pytest

from venolymph.body.drainage import leg_drainage
from venolymph.body.person import load_person
from venolymph.errors import DocumentError

HEALTHY = leg_drainage(load_person("healthy"))


def volume(leg: object, *regions: str) -> float:
    compartments = leg.compartments  # type: ignore[attr-defined]
    return sum(c.volume for c in compartments if c.region in regions)


def test_every_number_is_finite_and_has_a_source() -> None:
    for leaf in jax.tree.leaves(HEALTHY.parameters):
        assert np.isfinite(np.asarray(leaf)).all() and leaf.shape[-1] == 1
    for array, keys in HEALTHY.sources.items():
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


def test_what_cannot_be_is_refused() -> None:
    with pytest.raises(DocumentError, match="no node named") as caught:
        leg_drainage(load_person("healthy"), removed_nodes=["inferior inguinl"])
    assert caught.value.hint == "did you mean 'inferior inguinal'?"
    with pytest.raises(DocumentError, match="contractility is -1"):
        leg_drainage(load_person("healthy"), contractility=-1.0)
