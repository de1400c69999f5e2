"""Calibration of tissue and lymph, and the morning that runs begin in: the parts that take no day."""

from __future__ import annotations

import importlib
import sys
from pathlib import Path

import numpy as np
import pytest

from venolymph import figures
from venolymph.body import load_person
from venolymph.body.drainage import leg_drainage, morning
from venolymph.validation import targets

sys.path.insert(0, str(Path(__file__).parents[2] / "scripts"))
calibrate_tissue = importlib.import_module("calibrate_tissue")
settle_tissue = importlib.import_module("settle_tissue")


def test_only_calibrate_targets_of_tissue_are_used() -> None:
    for target in calibrate_tissue.calibrate_targets():
        assert target.use == "calibrate"
        assert target.needs == "tissue"
        assert target.low is not None and target.high is not None and target.value is not None
    every = {t.id for t in targets().values() if t.needs == "tissue" and t.use == "calibrate"}
    later = {"skin_flow_falls_on_standing", "capillary_filtration_coefficient_lying"}
    assert every - set(calibrate_tissue.WANTED) == {"lymph_packet_velocity_rest", *later}


def test_knobs_begin_within_their_ranges() -> None:
    known = figures.load()
    for knob in calibrate_tissue.KNOBS:
        low, high = knob.bounds(known)
        assert low < 0.0 < high


def test_packaged_figures_stand_as_calibrated() -> None:
    known = figures.load()
    for knob in calibrate_tissue.KNOBS:
        for key in knob.figures:
            assert (known[key].basis, known[key].source) == ("fitted", "calibration")
            assert calibrate_tissue.STAMP in known[key].note


def test_quick_tissue_keeps_its_flows() -> None:
    leg = leg_drainage(load_person("healthy"))
    quick, own = calibrate_tissue.hasty([leg]), leg.parameters
    np.testing.assert_allclose(calibrate_tissue.HASTE * quick.tissue.volume, own.tissue.volume)
    np.testing.assert_array_equal(quick.beds.filtration, own.beds.filtration)
    np.testing.assert_array_equal(quick.initials.uptake, own.initials.uptake)


def test_the_day_is_a_day_and_the_morning_covers_the_leg() -> None:
    assert sum(hours for _, hours in calibrate_tissue.STANDARD_DAY) == pytest.approx(24.0)
    assert settle_tissue.STANDARD_DAY[-1][0] == "lie"
    leg = leg_drainage(load_person("healthy"))
    for part, names in (("tissue", leg.topology.compartments), ("initials", leg.topology.initials)):
        assert tuple(morning()[part]) == names
    assert tuple(morning()["vessels"]) == leg.topology.vessels
    fluid = np.asarray(leg.swelling)
    assert np.all((fluid > 0.8) & (fluid < 1.4))
    swollen = leg_drainage(load_person("lymphoedema"))
    skin = np.array([c.tissue != "muscle" for c in leg.compartments])
    np.testing.assert_allclose((np.asarray(swollen.swelling) / fluid)[skin], 1.3)
    np.testing.assert_allclose((np.asarray(swollen.swelling) / fluid)[~skin], 1.0)
