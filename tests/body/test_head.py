"""Head and neck as a body: names, sides, sizes, and what is refused."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import numpy as np
import pytest

from venolymph import figures
from venolymph.body import leg_body, load_person
from venolymph.body.head import head_body
from venolymph.body.region import HEAD_LINKS
from venolymph.errors import DocumentError


def test_a_head_has_no_legs_and_says_its_sides() -> None:
    person = load_person("healthy")
    one, both = head_body(person), head_body(person, sides="both")
    assert one.legs == both.legs == "none"
    assert leg_body(person).legs == "one"
    assert [both.side_of(region) for region in both.body_regions] == ["left", "right"]
    assert one.topology.links == both.topology.links == HEAD_LINKS
    assert one.topology.ends == ("right atrium", "artery")
    assert one.topology.surroundings == (
        "air",
        "neck",
        "chest",
        *(f"pillow, {on}" for on in ("back", "left", "right", "front")),
    )
    for body, sides in ((one, ("left",)), (both, ("left", "right"))):
        names = (*body.topology.cells, *body.topology.beds, *body.topology.valves, *body.segments)
        assert {name.split()[0] for name in names} == set(sides)


def test_jugular_veins_have_their_valves() -> None:
    body = head_body(load_person("healthy"))
    places = {
        valve: body.topology.faces[face] for valve, face in zip(body.valves, body.topology.valve_face, strict=True)
    }
    assert places["left internal jugular, terminal valve"] == "left internal jugular [6] -> left brachiocephalic"
    assert places["left external jugular, terminal valve"] == "left external jugular [6] -> left brachiocephalic"
    assert places["left external jugular, upper valve"] == "left external jugular [3] -> left external jugular [4]"


def test_small_veins_lie_as_high_as_what_they_drain() -> None:
    body, known = head_body(load_person("healthy")), figures.load()
    tall = body.person.person.height / known["body_proportions.reference.height"].internal
    for name, key in (
        ("forehead", "forehead"),
        ("lower lid, medial", "lower_lid_medial"),
        ("scalp, back", "scalp_back"),
    ):
        height = known[f"head_veins.small.{key}.up"].internal * tall
        assert body.segments[f"left small veins, {name}"].heights == pytest.approx((height,))


@pytest.mark.parametrize("sides", ["bothe", "left", None])
def test_sides_that_are_none_are_refused(sides: Any) -> None:
    with pytest.raises(DocumentError, match=r"sides is .*; allowed are 'one' and 'both'") as caught:
        head_body(load_person("healthy"), sides=sides)
    assert caught.value.hint


def test_other_figures_are_used_and_kept() -> None:
    known = dict(figures.load())
    key = "head_veins.brain.flow_lying"
    known[key] = replace(known[key], value=600.0)
    body, usual = head_body(load_person("healthy"), figures=known), head_body(load_person("healthy"))
    brain = body.topology.beds.index("left brain")
    ratio = body.parameters.beds.conductance[brain, 0] / usual.parameters.beds.conductance[brain, 0]
    assert float(ratio) == pytest.approx(600.0 / figures.load()[key].value)
    assert body.known is known
    np.testing.assert_array_equal(body.parameters.cells.length, usual.parameters.cells.length)
