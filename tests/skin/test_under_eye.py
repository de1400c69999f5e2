"""Colour under an eye against the cheek: shares sum to the difference, and each stands for its own cause alone."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from venolymph.errors import VenolymphError
from venolymph.skin import FaceSkin, Shape, UnderEyeColour, same_pigment, under_eye

TONES = np.array([0.04, 0.09, 0.16, 0.29])
"""Melanin of the cheek from light to dark."""
CHEEK = FaceSkin("cheek", melanin=TONES)
LID = FaceSkin("lower_lid", melanin=same_pigment(TONES, "cheek", "lower_lid"))


@pytest.fixture(scope="module")
def dark() -> UnderEyeColour:
    """A lid with a third more pigment, more blood with less oxygen, and a trough."""
    lid = replace(LID, melanin=1.3 * np.asarray(LID.melanin), plexus=1.3, oxygenation=0.45)
    return under_eye(lid, CHEEK, shape=Shape(0.5, 0.5))


@pytest.fixture(scope="module")
def rest() -> UnderEyeColour:
    return under_eye(LID, CHEEK)


def test_shares_sum_to_the_difference(dark: UnderEyeColour) -> None:
    np.testing.assert_allclose(sum(dark.shares.values()), dark.difference, rtol=1e-10)
    assert np.all(dark.lid[0] < dark.cheek[0])


def test_a_lid_like_the_cheek_but_for_its_site_differs_by_its_site_alone(rest: UnderEyeColour) -> None:
    for name, share in rest.shares.items():
        if name != "thin skin":
            np.testing.assert_allclose(share, 0.0, atol=1e-9, err_msg=name)
    assert np.all((rest.difference > 0.5) & (rest.difference < 6.0))
    assert np.all(rest.lid[0] < rest.cheek[0])
    assert rest.shade == pytest.approx(1.0)


def test_each_cause_adds_something_and_pigment_adds_more_than_blood(dark: UnderEyeColour) -> None:
    for name in ("pigment", "thin skin", "shadow"):
        assert np.all(dark.shares[name] > 0.0), name
    assert np.all(dark.shares["pigment"] > dark.shares["blood"])
    # what blood adds is seen less the darker the skin
    assert np.all(np.diff(dark.shares["blood"] + dark.shares["oxygenation"]) < 0.0)


def test_gloss_is_a_number_of_its_own(dark: UnderEyeColour) -> None:
    assert dark.gloss == pytest.approx(0.028, abs=5e-4)


def test_swelling_alone_is_hardly_seen() -> None:
    swollen = under_eye(replace(LID, swelling=1.3), CHEEK)
    apart = np.sqrt(((swollen.lid - under_eye(LID, CHEEK).lid) ** 2).sum(0))
    assert np.all(apart < 0.5)


def test_skins_of_the_wrong_site_are_refused() -> None:
    with pytest.raises(VenolymphError, match="lid: found skin of 'cheek'; allowed is 'lower_lid'"):
        under_eye(CHEEK, CHEEK)
    with pytest.raises(VenolymphError, match="cheek: found skin of 'lower_lid'"):
        under_eye(LID, LID)
