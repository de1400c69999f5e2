"""What a calibration leaves of one person as a population: each member is that person with one of the draws."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from venolymph.body import Person
from venolymph.body.scaling import ScaledNumbers
from venolymph.population import Population, load_population

MOST_DRAWS = 400
"""Draws in a population's document: as many as a cohort needs, and no more than a document can hold."""
NAME = ", calibrated"
"""What the population's name ends with, after the person's label."""
LONGEST = 40
"""Characters that a population's name may have."""


def population_of(person: Person, scaled: Sequence[ScaledNumbers], draws: np.ndarray, about: str) -> Population:
    """A population of one person as often as its leg may be.

    Args:
        person: who was calibrated; the index leg is the one.
        scaled: what each factor scales.
        draws: the factors, one draw a row; of many some are taken, evenly through all of them.
        about: how they were drawn, in words.
    """
    # no number of a leg may be negative, and a normal prior does not know that
    draws = draws[(draws > 0.0).all(axis=1)]
    taken = draws[np.unique(np.linspace(0, len(draws) - 1, min(MOST_DRAWS, len(draws))).round().astype(int))]
    known = {"source": f"the document of {person.label}", "basis": "measured"}
    based_on = {key: value for key, value in person.document().items() if key != "measured"}
    named = [
        {"of": one.of, "power": one.power, **({"at": list(one.at)} if one.at else {"figure": one.figure})}
        for one in scaled
    ]
    return load_population(
        {
            "kind": "population",
            "version": 1,
            "population": f"{person.label[: LONGEST - len(NAME)]}{NAME}",
            "about": about,
            "sex": {"female": "100 %" if person.sex == "female" else "0 %", **known},
            "age": {"exactly": f"{person.age:.4g} y", **known},
            "height": {"exactly": f"{person.height:.5g} cm", **known},
            "mass": {"exactly": f"{person.mass:.5g} kg", **known},
            "classes": [
                {
                    "class": "calibrated",
                    "share": "100 %",
                    "based_on": based_on,
                    "factors": {
                        "of": named,
                        "draws": [[float(f"{value:.5g}") for value in row] for row in taken],
                        "source": f"calibration to what was measured of {person.label}",
                        "basis": "fitted",
                    },
                }
            ],
        }
    )
