"""Skin in layers: what fluid, pigment and blood do to the coefficients, and what is refused."""

from __future__ import annotations

import numpy as np
import pytest

from venolymph.errors import VenolymphError
from venolymph.skin import LAYERS, FaceSkin, coefficients


def test_fluid_thickens_the_dermis_and_leaves_what_scatters_in_it_as_much_as_it_was() -> None:
    rest, swollen = (coefficients(FaceSkin(swelling=value)) for value in (1.0, 1.3))
    dermis = slice(1, 4)
    np.testing.assert_allclose(swollen.thickness[dermis], 1.3 * rest.thickness[dermis])
    depth = [one.scattering[dermis] * one.thickness[dermis, None] for one in (rest, swollen)]
    np.testing.assert_allclose(*depth)
    for same in ("thickness", "absorption", "scattering"):
        for layer in (0, 4):
            np.testing.assert_array_equal(getattr(rest, same)[layer], getattr(swollen, same)[layer])


def test_blood_absorbs_in_proportion_where_it_is_and_the_plexus_alone_where_that_is_asked() -> None:
    none, once, twice = (coefficients(FaceSkin(blood=value)).absorption for value in (0.0, 1.0, 2.0))
    np.testing.assert_allclose(twice - none, 2.0 * (once - none), rtol=1e-12, atol=1e-12)
    only = np.asarray(coefficients(FaceSkin(plexus=2.0)).absorption - once)
    assert np.all(only[LAYERS.index("plexus")] > 0.0)
    assert np.all(np.delete(only, LAYERS.index("plexus"), axis=0) == 0.0)


def test_below_the_lid_lies_muscle_and_its_skin_is_thinner() -> None:
    lid, cheek = coefficients(FaceSkin("lower_lid")), coefficients(FaceSkin("cheek"))
    assert np.all(lid.absorption[-1] > 3.0 * cheek.absorption[-1])
    assert lid.thickness[0] < cheek.thickness[0]
    assert lid.thickness[3] < cheek.thickness[3]


def test_many_skins_are_as_each_alone() -> None:
    many = coefficients(FaceSkin(melanin=np.array([0.02, 0.2]), oxygenation=np.array([0.5, 0.7])))
    alone = coefficients(FaceSkin(melanin=0.2, oxygenation=0.7))
    np.testing.assert_allclose(many.absorption[..., 1], alone.absorption)
    assert many.thickness.shape == (5, 2)


@pytest.mark.parametrize(
    ("given", "message"),
    [
        ({"site": "cheeck"}, "hint: did you mean 'cheek'?"),
        ({"melanin": 0.9}, "melanin: found 0.9; allowed are 0 to 0.6"),
        ({"oxygenation": -0.1}, "oxygenation: found -0.1; allowed are 0 to 1"),
        ({"blood": np.array([1.0, np.nan])}, "blood: found"),
        ({"swelling": 0.0}, "swelling: found 0.0; allowed are 0.5 to 3"),
    ],
)
def test_what_is_no_skin_is_refused(given: dict, message: str) -> None:
    with pytest.raises(VenolymphError) as caught:
        FaceSkin(**given)
    assert message in str(caught.value)
