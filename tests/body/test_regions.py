"""Regions joined to a body: each leg keeps its own places and numbers, and both share what follows the port."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from venolymph.body import leg_body, load_person
from venolymph.body.contacts import contact_map
from venolymph.body.drainage import body_drainage
from venolymph.body.region import INDEX_LEG, OTHER, OTHER_LEG, all_links, body_regions, full_legs
from venolymph.figures import load
from venolymph.massage.hands import HandPlacement
from venolymph.massage.session import load_session
from venolymph.massage.timing import strokes

PERSON = load_person("lymphoedema")
BODY = leg_body(PERSON, legs="both")
BOTH = body_drainage(PERSON, BODY.body_regions)
ALONE = body_drainage(PERSON, body_regions("one"))


def shared(name: str) -> bool:
    return name.startswith(("thoracic duct", "cisterna chyli"))


def here(prefix: str, name: str) -> str:
    return name if shared(name) else prefix + name


def test_a_body_is_two_legs_and_a_pelvis() -> None:
    assert [region.leg for region in BODY.body_regions] == ["index", "pelvis", "other"]
    assert full_legs(body_regions("one")) == (INDEX_LEG,)
    assert full_legs(body_regions("both")) == (INDEX_LEG, OTHER_LEG)
    assert all_links(body_regions("one")) == ("trunk", "thigh", "shank", "foot")
    assert len(all_links(BODY.body_regions)) == 7
    assert (BODY.legs, leg_body(PERSON).legs) == ("both", "one")


@pytest.mark.parametrize(("number", "prefix"), [(0, ""), (1, OTHER)])
def test_each_leg_is_joined_as_it_is_alone(number: int, prefix: str) -> None:
    leg, joined = BOTH.legs[number], BOTH.topology
    alone = leg.topology
    vessels = (*joined.vessels, "the end")
    for vessel, name in enumerate(alone.vessels):
        into = (*alone.vessels, "the end")[alone.downstream[vessel]]
        at = joined.vessels.index(here(prefix, name))
        assert vessels[joined.downstream[at]] == (into if into == "the end" else here(prefix, into))
        assert tuple(BOTH.extents[at]) == tuple(leg.extents[vessel])
    for initial, name in enumerate(alone.initials):
        at = joined.initials.index(prefix + name)
        assert joined.vessels[joined.initial_vessel[at]] == prefix + alone.vessels[alone.initial_vessel[initial]]
        compartment = alone.compartments[alone.initial_compartment[initial]]
        assert joined.compartments[joined.initial_compartment[at]] == prefix + compartment
    for lymphangion, name in enumerate(alone.lymphangions):
        if not shared(name):
            at = joined.lymphangions.index(prefix + name)
            assert (
                joined.lymphangions[joined.peripheral[at]] == prefix + alone.lymphangions[alone.peripheral[lymphangion]]
            )
    links = {
        (joined.compartments[a], joined.compartments[b])
        for a, b in zip(joined.link_tail, joined.link_head, strict=True)
    }
    names = [prefix + name for name in alone.compartments]
    assert {(names[a], names[b]) for a, b in zip(alone.link_tail, alone.link_head, strict=True)} <= links


@pytest.mark.parametrize(("number", "prefix"), [(0, ""), (1, OTHER)])
def test_each_leg_keeps_its_numbers(number: int, prefix: str) -> None:
    leg = BOTH.legs[number]
    vessels = [v for v, name in enumerate(leg.topology.vessels) if not shared(name)]
    at = [BOTH.topology.vessels.index(prefix + leg.topology.vessels[v]) for v in vessels]
    before, own = len(BOTH.topology.initials), len(leg.topology.initials)
    for name in ("resistance", "leak", "open"):
        one, both = getattr(leg.parameters.valves, name), getattr(BOTH.parameters.valves, name)
        np.testing.assert_array_equal(both[before + np.array(at)], one[own + np.array(vessels)])
    compartments = [BOTH.topology.compartments.index(prefix + name) for name in leg.topology.compartments]
    np.testing.assert_array_equal(BOTH.swelling[np.array(compartments)], leg.swelling)
    np.testing.assert_array_equal(
        BOTH.parameters.beds.permeability[:, np.array(compartments)], leg.parameters.beds.permeability
    )
    assert BOTH.within("calf", leg=leg.region.leg) == tuple(
        BOTH.topology.compartments.index(prefix + leg.topology.compartments[i]) for i in leg.within("calf")
    )


def test_disease_is_that_of_each_leg() -> None:
    tension = {
        name: float(t)
        for name, t in zip(BOTH.topology.lymphangions, BOTH.parameters.lymphangions.tension[:, 0], strict=True)
    }
    assert tension["anteromedial [3]"] == pytest.approx(0.5 * tension[OTHER + "anteromedial [3]"])
    begins = dict(zip(BOTH.topology.compartments, np.asarray(BOTH.swelling)[:, 0], strict=True))
    assert begins["calf, medial [2]"] == pytest.approx(1.3 * begins[OTHER + "calf, medial [2]"])


def test_the_second_legs_lymph_does_not_come_from_the_rest_of_the_body_as_well() -> None:
    figures = load()
    leg = figures["lymph.rest_of_body.leg_flow"].internal
    assert float(BOTH.inflow.sum()) == pytest.approx(float(ALONE.inflow.sum()) - leg)
    protein = 1e3 * leg * figures["lymph.rest_of_body.leg_protein"].internal
    assert float(BOTH.inflow_solutes.sum()) == pytest.approx(float(ALONE.inflow_solutes.sum()) - protein)
    assert float(BOTH.inflow_solutes.sum()) > 0.0


def test_a_hand_presses_each_leg_alike() -> None:
    met, topology = contact_map(BODY, BOTH), BOTH.topology
    steps = [{"massage": {"stroke": "pump", "at": "inner thigh", "toward": "superficial inguinal nodes"}}]
    (stroke,) = strokes(load_session({"kind": "session", "version": 1, "purpose": "experiment", "steps": steps}))
    places = {
        "cells": BODY.topology.cells,
        "compartments": topology.compartments,
        "initials": topology.initials,
        "vessels": topology.vessels,
    }
    for part, names in places.items():
        own, other = (getattr(met, part).felt(HandPlacement(stroke, 1, 1.0, side)) for side in ("left", "right"))
        pressed = 0
        for number, name in enumerate(names):
            if OTHER + name in names and "iliac" not in name:
                there = names.index(OTHER + name)
                for what in ("pressure", "onset", "hold", "cover"):
                    assert getattr(own, what)[number] == getattr(other, what)[there], (part, name)
                assert own.pressure[there] == other.pressure[number] == 0.0
                pressed += own.pressure[number] > 0.0
        assert pressed > 0, part


def test_contacts_of_each_leg_are_with_its_own_veins() -> None:
    met = contact_map(BODY, BOTH)
    names, half = BODY.topology.cells, len(BOTH.compartments) // 2
    np.testing.assert_allclose(met.drains.sum(axis=1), 1.0)
    np.testing.assert_allclose(met.fed.sum(axis=1), 1.0)
    second = np.array([name.startswith(OTHER) for name in names])
    assert not met.drains[:half, second].any() and not met.drains[half:, ~second].any()
    assert not met.lies_in[second, :half].any() and not met.lies_in[~second, half:].any()
    # the second leg's rows are the first one's, in its own names
    order = [names.index(OTHER + name) if OTHER + name in names else names.index(name) for name in names]
    first = np.flatnonzero(~second)
    np.testing.assert_allclose(met.drains[half:][:, np.array(order)[first]], met.drains[:half][:, first])
    around = BODY.topology.surroundings
    counterpart: list[Any] = [
        around.index(OTHER + name) if OTHER + name in around else around.index(name) for name in around
    ]
    own = [i for i, name in enumerate(around) if not name.startswith(OTHER)]
    for part in ("worn", "works", "squeezed"):
        rows = getattr(met, part)
        np.testing.assert_allclose(rows[half:][:, np.array(counterpart)[own]], rows[:half][:, own])
        assert not rows[:half][:, [around.index(OTHER + "calf shell")]].any()
