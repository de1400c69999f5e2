"""Instruments for tissue and lymph: closed forms, what must agree with what, and tracers that are conserved."""

from __future__ import annotations

import math
from itertools import pairwise
from types import SimpleNamespace
from typing import Any

import numpy as np
import pytest

import venolymph as vl
from venolymph.classification.limb_volume import limb_volume
from venolymph.errors import MeasureError, SimulationError
from venolymph.measures import Reading, detectable, measures, read_by_hand
from venolymph.measures.limb_volume import cones
from venolymph.measures.tissue_fluid import pit
from venolymph.network import drainage
from venolymph.simulation import simulate

STEPS: list[Any] = [
    {"lie": {"for": "2 min"}},
    {"inject": {"tracer": "large", "at": "foot", "side": "front", "amount": 2.0}},
    {"inject": {"tracer": "small", "at": "calf"}},
    {"wait": {"for": "10 min"}},
    {"stand": {"for": "16 min"}},
]
OF_TISSUE = ("limb_volume", "tissue_fluid", "lymph", "collectors", "lymphoscintigraphy")


@pytest.fixture(scope="module")
def run() -> Any:
    return simulate(["healthy", "mild-varicose"], {"kind": "regimen", "version": 1, "regimen": "t", "steps": STEPS})


def test_cones_have_the_volume_of_a_cylinder_and_of_a_cone() -> None:
    cylinder: Any = np.array([30.0, 30.0])
    assert cones(cylinder) == pytest.approx(286.479, abs=5e-4)
    tip: Any = np.linspace(0.0, 2.0 * math.pi, 11)  # a cone of radius 1 and height 40
    assert cones(tip) == pytest.approx(math.pi * 40.0 / 3.0)
    girths: Any = np.array([31.0, 29.5, 33.0])
    assert cones(girths) == pytest.approx(limb_volume(list(girths)))


def test_tape_follows_the_true_volume(run: Any) -> None:
    true: Any = sum(run.measure(f"volume of {part}").trace.values for part in ("ankle", "calf", "knee", "thigh"))
    tape = run.measure("tape volume")
    gained = true[-1] - true[0]
    assert np.all(gained > 10.0)
    np.testing.assert_allclose(tape.trace.values[-1] - tape.trace.values[0], gained, rtol=0.1)
    np.testing.assert_allclose(tape.value, true[-1], rtol=0.05)
    np.testing.assert_allclose(tape.parts["standard error, mL"], 0.0064 * tape.value)
    first = [of[0] for of in tape.parts["girths"]]
    np.testing.assert_allclose(run.measure("girth at 0 cm").value, first)
    with pytest.raises(MeasureError, match="no leg 2 m above"):
        run.measure("girth at 2 m")


def test_volume_is_tissue_and_blood_and_parts_add_up(run: Any) -> None:
    leg = run.measure("volume of leg")
    fluid, blood = run.measure("tissue water in leg").trace.values, run.measure("leg blood volume").trace
    since = run.exchange("exchange_time") > 15 * 60
    rest = (
        leg.trace.values
        - fluid
        - np.stack([np.interp(leg.trace.time, blood.time, of) for of in blood.values.T], axis=-1)
    )
    # both are nearly steady between records, so what is left is what does not change
    np.testing.assert_allclose(rest[since], np.broadcast_to(rest[-1], rest[since].shape), rtol=1e-3)
    np.testing.assert_allclose(sum(leg.parts.values()), leg.value)


def test_water_balance_is_what_tissue_gained(run: Any) -> None:
    water = run.measure("tissue water in leg").trace.values
    balance = run.measure("tissue fluid balance").trace.values
    np.testing.assert_allclose(water[-1] - water[0], balance[-1] - balance[0], rtol=1e-9)


def test_tracers_are_conserved_and_leave_with_lymph(run: Any) -> None:
    held = drainage.amounts(run.records[-1].tissue_state.state)
    gone = run.exchange("solutes_at_venous_angle").sum(axis=0)
    washed = run.exchange("filtered_solutes").sum(axis=(0, 2))
    for solute, amount in ((2, 2.0), (1, 1.0)):
        np.testing.assert_allclose(held[solute] + gone[solute] - washed[solute], amount, rtol=1e-9)
    assert np.all(washed[1] < -0.01)  # the small one is washed into blood
    assert np.all(np.abs(washed[2]) < 1e-3)
    # the last one put in is the small one
    small = run.measure("tracer left")
    assert np.all((small.value > 30.0) & (small.value < 99.0))
    assert np.all(np.diff(small.trace.values, axis=0) < 0.0)
    assert np.all(run.measure("tracer clearance").value > 0.0)
    assert np.all(run.measure("tracer at nodes").value >= 0.0)


def test_a_tracer_needs_tissue_and_something_after_it() -> None:
    steps = [{"inject": {"tracer": "large", "at": "foot"}}, {"lie": {"for": "10 s"}}]
    with pytest.raises(SimulationError, match="tracer needs tissue"):
        simulate("healthy", steps, tissue=False)
    with pytest.raises(vl.DocumentError, match="nothing follows the tracer"):
        vl.load_regimen(steps[::-1])


def test_a_thumb_pits_only_what_is_swollen(run: Any) -> None:
    numbers = list(run.tissue.legs[0].under_skin("ankle"))
    v: Any = np.ones((len(numbers), 2))
    depths = [pit(run, numbers, v * swelling) for swelling in (1.0, 1.2, 1.4, 1.6)]
    assert np.all(depths[0] < 0.01)
    assert all(np.all(b > a) for a, b in pairwise(depths))
    assert np.all(depths[-1] > 0.1)
    thickness = run.tissue.legs[0].compartments[numbers[0]].thickness
    assert np.all(depths[-1] < 10.0 * thickness)


def test_all_can_be_read_and_have_their_unit(run: Any) -> None:
    for one in measures().values():
        if one.instrument not in OF_TISSUE or one.name == "filtration coefficient standing over lying":
            continue
        name = one.name if one.places is None else one.name.replace("{place}", one.places(run)[0])
        if "pump" in name:
            continue
        reading = run.measure(name)
        assert reading.unit == one.unit
        assert np.shape(reading.value) == (2,), name
    assert 0.5 < float(run.measure("packet velocity in anteromedial").value[0]) < 2.0
    rises = [
        np.diff(run.measure(f"tissue pressure in {part}").trace.values[[5, -1]], axis=0) for part in ("ankle", "thigh")
    ]
    assert np.all(rises[0] > rises[1])


def test_a_shut_collector_builds_up_pressure(run: Any) -> None:
    shut = run.measure("lymph pump pressure in anteromedial")
    assert np.all((shut.value > 20.0) & (shut.value < 100.0))
    leg, lying = run.tissue.legs[0], run.exchange("exchange_time") < 12 * 60
    last = len(leg.patches) + leg.chains["anteromedial"][-1]
    flowing = run.exchange("lymph_pressure")[lying, last].mean(axis=0)
    assert np.all(shut.parts["mean, mmHg"] > flowing + 20.0)
    assert run.tissue.parameters.valves.open.min() == 1.0  # on a branch: the run is as it was


def test_a_run_of_veins_alone_says_what_it_lacks() -> None:
    veins = SimpleNamespace(tissue=None, bodies=(SimpleNamespace(legs="one"),))
    for name in ("tape volume", "lymph formed", "tracer left", "tissue water in ankle"):
        with pytest.raises(MeasureError, match="no tissue and lymph") as caught:
            vl.measure(veins, name)  # type: ignore[arg-type]
        assert "tissue=True" in str(caught.value.hint)


def test_what_a_clinic_could_see() -> None:
    assert detectable("tape volume", 8000.0, 8200.0).visible
    assert not detectable("tape volume", 8000.0, 8100.0).visible
    assert detectable("volume of leg", 8000.0, 7800.0).least == pytest.approx(144.0)
    assert not detectable("girth at ankle", 22.0, 22.5).visible
    assert detectable("tissue pressure in ankle", 0.0, 5.0).visible is None
    assert detectable("tissue pressure in ankle", 0.0, 5.0).text == "not known what could be seen"


def test_a_rater_errs_by_what_raters_err() -> None:
    reading = Reading("tape volume", np.full(20_000, 8000.0), "mL")  # type: ignore[arg-type]
    by_hand = read_by_hand(reading, seed=1)
    assert np.std(by_hand.value) == pytest.approx(0.0065 * 8000.0, rel=0.05)
    assert np.array_equal(by_hand.value, read_by_hand(reading, seed=1).value)
    plain = Reading("lymph formed", np.ones(3), "mL/h")  # type: ignore[arg-type]
    assert np.array_equal(read_by_hand(plain, seed=1).value, plain.value)


def test_foot_and_ankle_are_the_two_together(run: Any) -> None:
    both = run.measure("volume of foot and ankle").value
    np.testing.assert_allclose(both, run.measure("volume of foot").value + run.measure("volume of ankle").value)


def test_layers_gain_what_the_part_gains(run: Any) -> None:
    gained = [
        run.measure(f"{name} of calf").trace.values[-1] - run.measure(f"{name} of calf").trace.values[0]
        for name in ("volume", "muscle volume", "fat volume")
    ]
    np.testing.assert_allclose(gained[0], gained[1] + gained[2], rtol=1e-6)


def test_courses_after_standing_up_have_times(run: Any) -> None:
    emptying = run.measure("emptying time constant of calf").value
    slow, half = (
        run.measure(f"{name} leg").value for name in ("drainage time constant of", "half time of tissue water in")
    )
    assert np.all((emptying > 1.0) & (emptying < 120.0))
    assert np.all((slow >= 1.0) & (slow <= 600.0))
    assert np.all((half > 0.0) & (half < 16.0))


def test_blood_that_leaves_the_foot_has_lost_what_was_filtered(run: Any) -> None:
    found = run.measure("haematocrit of blood leaving foot")
    filtered = found.parts["plasma filtered, %"] / 100.0
    assert np.all(filtered > 0.0)
    expected = 100.0 * 0.41 / (0.41 + 0.59 * (1.0 - filtered))
    np.testing.assert_allclose(found.value, expected, rtol=1e-9)
    assert np.all(run.measure("plasma protein of blood leaving foot").value > 5.0)
    assert np.all(np.isfinite(run.measure("oncotic pressure gained in foot").value))


def test_plasma_is_thin_lying_and_thickens_on_standing(run: Any) -> None:
    protein, time = run.exchange("plasma_protein"), run.exchange("exchange_time")
    plasma = run.tissue.parameters.plasma
    upright, gain, moved = (np.asarray(one)[0] for one in (plasma.concentration, plasma.gain, plasma.gained_protein))
    lying, up = time <= 12 * 60, time > 13 * 60
    np.testing.assert_allclose(
        protein[lying], np.broadcast_to((upright + gain * moved) / (1.0 + gain), (lying.sum(), 2))
    )
    assert np.all(np.diff(protein[up], axis=0) > 0.0)
    assert np.all((protein[-1] > 0.97 * upright) & (protein[-1] < upright))
    arterial = protein[time > time[-1] - 300.0].mean(axis=0)
    assert np.all(run.measure("plasma protein of blood leaving foot").value > arterial / 10.0)


def test_what_is_gone_is_what_is_not_left(run: Any) -> None:
    np.testing.assert_allclose(run.measure("tracer gone").value, 100.0 - run.measure("tracer left").value)
    arrival = run.measure("time of dye to nodes through anteromedial")
    speed = run.measure("tracer speed through anteromedial")
    assert np.array_equal(np.isnan(arrival.value), np.isnan(speed.value))
    assert np.all(np.isfinite(run.measure("pressure in lymph capillaries of foot").value))
