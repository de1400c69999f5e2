"""The table of colours of skin: it is that of the script, near exact colours between its nodes, and small."""

from __future__ import annotations

import numpy as np
import pytest

from venolymph.errors import VenolymphError
from venolymph.skin import difference, lab, skin_table, srgb, typology_angle, xyz_of_lab
from venolymph.skin.lookup import AXES, PLACES, exact

RANDOM = np.random.default_rng(5)
COUNT = 24


@pytest.mark.parametrize("place", PLACES)
def test_the_packaged_table_is_reckoned_from_light_in_layers(place: str) -> None:
    table = skin_table()
    assert {name: tuple(nodes) for name, nodes in table.axes.items()} == dict(AXES)
    at = tuple(RANDOM.integers(0, len(nodes), COUNT) for nodes in AXES.values())
    given = [np.array(nodes)[index] for nodes, index in zip(AXES.values(), at, strict=True)]
    np.testing.assert_allclose(table.nodes[(table.places.index(place), *at)].T, exact(place, *given), atol=1e-4)


@pytest.mark.parametrize("place", PLACES)
def test_between_nodes_it_is_within_half_of_a_colour_difference_of_one(place: str) -> None:
    melanin = np.exp(RANDOM.uniform(*np.log([AXES["melanin"][0], AXES["melanin"][-1]]), COUNT))
    blood, oxygenation, water = (RANDOM.uniform(nodes[0], nodes[-1], COUNT) for nodes in list(AXES.values())[1:])
    found = skin_table().lab(place, melanin, blood=blood, oxygenation=oxygenation, water=water)
    assert np.max(difference(found, exact(place, melanin, blood, oxygenation, water))) < 0.5


def test_melanin_of_a_typology_angle_gives_that_angle() -> None:
    """From very light to very dark; beyond the table its end is taken."""
    angles = np.array([70.0, 62.0, 38.0, 12.0, -15.0, -45.0, -70.0])
    table = skin_table()
    found = table.melanin_at(angles)
    assert np.all(np.diff(found) > 0.0)
    np.testing.assert_allclose(typology_angle(table.lab("cheek", found)), angles, atol=0.3)
    assert float(table.melanin_at(-90.0)) == pytest.approx(AXES["melanin"][-1])


def test_beyond_an_axis_its_end_is_taken() -> None:
    table = skin_table()
    np.testing.assert_array_equal(table.lab("lower lid", 0.04, blood=9.0), table.lab("lower lid", 0.04, blood=5.0))


def test_bytes_for_a_page_are_the_colours_of_the_nodes_and_few() -> None:
    table = skin_table()
    seen = table.srgb_bytes()
    assert seen.nbytes < 200_000
    one = table.lab("cheek", AXES["melanin"][3], blood=AXES["blood"][2], oxygenation=0.35, water=1.7)
    np.testing.assert_allclose(seen[0, 3, 2, 1, 2] / 255.0, srgb(xyz_of_lab(one)), atol=0.5 / 255.0)


def test_colours_come_back_from_lab() -> None:
    some = np.array([[3.0, 50.0, 90.0], [0.5, 20.0, -5.0], [1.0, -30.0, 40.0]])
    np.testing.assert_allclose(lab(xyz_of_lab(some)), some, atol=1e-9)


def test_an_unknown_place_is_refused() -> None:
    with pytest.raises(VenolymphError, match="no skin of 'upper lid'; there is cheek, lower lid"):
        skin_table().lab("upper lid", 0.04)
