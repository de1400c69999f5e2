"""The drainage of head and neck: its layout, halves alike, each to its own angle, what disease changes."""

from __future__ import annotations

from typing import Any

import jax
import jax.numpy as jnp
import numpy as np
import pytest

from venolymph.body.drainage_types import HeadDisease, HeadDrainage
from venolymph.body.head_drainage import head_drainage, stated_disease
from venolymph.body.person import Person, load_person
from venolymph.body.person_face import FACE_CHAINS, FACE_NODES, FACE_REGIONS
from venolymph.body.places import head_drainage_template
from venolymph.errors import DocumentError
from venolymph.network.interstitium import elastic_pressure

HEALTHY = load_person("rested")
HALF, WHOLE = head_drainage(HEALTHY), head_drainage(HEALTHY, sides="both")


def way(head: HeadDrainage, vessel: int) -> list[str]:
    """Vessels that lymph passes from one on, and the angle that it ends at."""
    topology, passed = head.topology, []
    while vessel < len(topology.vessels):
        passed.append(topology.vessels[vessel])
        vessel = topology.downstream[vessel]
    return [*passed, topology.ends[vessel - len(topology.vessels)]]


def face(document: str, **sides: Any) -> Person:
    """A packaged person whose face has other sides."""
    person = load_person(document)
    assert person.face is not None
    return person.model_copy(update={"face": person.face.model_copy(update=sides)})


def test_places_bear_the_names_that_documents_use_and_every_number_has_a_source() -> None:
    assert [c.region for c in HALF.compartments] == list(FACE_REGIONS)
    template = head_drainage_template()
    assert set(template["nodes"]) == set(FACE_NODES) - {"jugular trunk"}
    assert {way for region in template["regions"].values() for way in region["drains"]} == set(FACE_CHAINS)
    for head in (HALF, WHOLE):
        for leaf in jax.tree.leaves(head.parameters):
            assert np.isfinite(np.asarray(leaf)).all() and leaf.shape[-1] == 1
        for array, entries in head.sources.items():
            for keys in entries:
                assert set(keys) <= set(head.figures), array
        assert all(name.startswith(("left ", "right ")) for name in (*head.topology.initials, *head.topology.vessels))
    replaced = template["figures"]
    assert not set(replaced) & {key for entries in WHOLE.sources.values() for keys in entries for key in keys}
    assert set(replaced.values()) <= set(WHOLE.figures)


def test_all_lymph_of_a_side_reaches_its_own_angle() -> None:
    for patch, vessel in zip(WHOLE.patches, WHOLE.topology.initial_vessel, strict=True):
        passed = way(WHOLE, vessel)
        assert all(name.startswith(patch.side) for name in passed)
        assert passed[-2:] == [f"{patch.side} jugular trunk [4]", f"{patch.side} venous angle"]
        assert f"{patch.side} supraclavicular" in passed
    for number, compartment in enumerate(WHOLE.compartments):
        drained = sum(patch.volume for patch in WHOLE.patches if patch.compartment == number)
        assert drained == pytest.approx(compartment.volume, rel=1e-12)
    lateral, medial = (
        way(HALF, HALF.topology.initial_vessel[HALF.topology.initials.index(name)])
        for name in ("left lower lid, lateral to orbito-temporal", "left lower lid, medial to facial, medial")
    )
    assert "left parotid" in lateral and "left submandibular" not in lateral
    assert "left submandibular" in medial and "left parotid" not in medial


def test_only_tissue_and_plexus_cross_the_midline() -> None:
    sides = [c.side for c in WHOLE.compartments]
    topology = WHOLE.topology
    crossing = [(a, b) for a, b in zip(topology.link_tail, topology.link_head, strict=True) if sides[a] != sides[b]]
    assert {WHOLE.compartments[a].region for a, _ in crossing} == {
        "forehead", "nose", "lips", "chin", "neck, front", "scalp, back"
    }  # fmt: skip
    assert all(WHOLE.compartments[a].region == WHOLE.compartments[b].region for a, b in crossing)
    vessels = len(topology.vessels)
    for vessel, below in enumerate(topology.downstream):
        if below < vessels:
            assert WHOLE.vessel_side[vessel] == WHOLE.vessel_side[below]


def test_a_half_is_the_left_one_of_the_whole() -> None:
    names = WHOLE.topology.compartments
    kept = [names.index(name) for name in HALF.topology.compartments]
    np.testing.assert_array_equal(WHOLE.parameters.tissue.volume[np.array(kept)], HALF.parameters.tissue.volume)
    np.testing.assert_array_equal(WHOLE.compartment_position[np.array(kept)], HALF.compartment_position)
    mirrored = np.asarray(WHOLE.compartment_position)[len(kept) :] * np.array([1.0, 1.0, 1.0, -1.0])[:, None]
    np.testing.assert_allclose(mirrored, HALF.compartment_position)


def test_loose_tissue_takes_up_more_at_the_same_pressure() -> None:
    law, n = HALF.parameters.tissue, len(HALF.compartments)
    lid, plain = HALF.within("lower lid")[0], HALF.within("forehead")[0]

    def pressure(swelling: float) -> np.ndarray:
        return np.asarray(elastic_pressure(law, jnp.full((n, 1), swelling)))[:, 0]

    np.testing.assert_allclose(pressure(1.0 + 0.9)[lid], pressure(1.0 + 0.3)[plain], atol=0.2)
    np.testing.assert_allclose(pressure(0.8)[lid], pressure(0.8)[plain], atol=0.2)
    np.testing.assert_allclose(pressure(1.0), -1.0, atol=1e-3)
    loose = head_drainage(load_person("puffy-morning"))
    assert loose.compartments[lid].looseness == 4.0 and loose.compartments[plain].looseness == 1.0


def test_what_an_operation_took_and_radiation_changed_is_in_the_parameters() -> None:
    ill = head_drainage(HEALTHY, sides="both", disease=stated_disease(load_person("neck-dissection")))
    shut = np.asarray(ill.parameters.valves.open)[len(ill.patches) :, 0] == 0.0
    names = {name for name, off in zip(ill.topology.vessels, shut, strict=True) if off}
    gone = {f"left {name} cervical" for name in ("superficial", "upper deep", "lower deep")}
    assert gone < names and all(name.startswith("left ") for name in names)
    for vessel, off in enumerate(shut):
        below = ill.topology.downstream[vessel]
        leads = below < len(shut) and ill.topology.vessels[below] in gone
        assert off == (ill.topology.vessels[vessel] in gone or leads)
    more = np.asarray(ill.parameters.beds.filtration / WHOLE.parameters.beds.filtration)
    stiffer = np.asarray(ill.parameters.tissue.middle_slope / WHOLE.parameters.tissue.middle_slope)
    left = np.array([c.side == "left" for c in ill.compartments])
    assert np.all(more[left] == pytest.approx(1.5)) and np.all(stiffer[left] == pytest.approx(2.0))
    assert np.all(more[~left] == pytest.approx(1.0)) and np.all(stiffer[~left] == pytest.approx(1.0))
    assert ill.topology == WHOLE.topology


def test_a_document_says_by_which_collectors_lymph_leaves() -> None:
    person = load_person("rested")
    assert person.face is not None
    stated = person.face.left.model_copy(update={"drainage": {"forehead": {"facial, medial": 1.0}}})
    head = head_drainage(face("rested", left=stated), sides="both")
    volume = {patch.name: patch.volume for patch in head.patches}
    assert volume["left forehead to facial, medial"] == pytest.approx(head.compartments[0].volume)
    assert volume["right forehead to facial, medial"] == pytest.approx(0.4 * head.compartments[0].volume)
    assert head.topology == WHOLE.topology
    odd = person.face.left.model_copy(update={"drainage": {"nose": {"occipital": 1.0}}})
    with pytest.raises(DocumentError, match="lymph of 'left nose' cannot leave by 'occipital'") as caught:
        head_drainage(face("rested", left=odd))
    assert caught.value.hint == "it leaves by facial, medial"


def test_what_cannot_be_is_refused() -> None:
    with pytest.raises(DocumentError, match="no node or trunk named 'left parotd'") as caught:
        head_drainage(HEALTHY, disease=HeadDisease(removed=frozenset({"left parotd"})))
    assert caught.value.hint == "did you mean 'left parotid'?"
    with pytest.raises(DocumentError, match="contractility is -1"):
        head_drainage(HEALTHY, disease=HeadDisease(contractility=-1.0))
