"""Tissue and lymph are made of the figures that the veins of the same body were made of, unless others are given."""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from venolymph.body import leg_body, load_person
from venolymph.figures import load
from venolymph.simulation.tissue_model import tissue_of

KEY = "lymph.lymphangion.tension"


def test_tissue_follows_the_figures_of_its_veins() -> None:
    packaged = load()
    stronger = {**packaged, KEY: replace(packaged[KEY], value=1.5 * packaged[KEY].value)}
    person = load_person("healthy")
    plain, own = leg_body(person), leg_body(person, figures=stronger)
    tensions = [
        np.asarray(tissue_of([body], figures=given).parameters.lymphangions.tension)
        for body, given in ((plain, None), (own, None), (plain, [stronger]), (own, [packaged]))
    ]
    legs = tensions[0] == np.median(tensions[0])  # trunks have a figure of their own
    np.testing.assert_allclose(tensions[1], np.where(legs, 1.5, 1.0) * tensions[0])
    np.testing.assert_array_equal(tensions[2], tensions[1])
    np.testing.assert_array_equal(tensions[3], tensions[0])
