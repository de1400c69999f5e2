"""Spectra to colours: as a library has them, and measured skin from very light to very dark is met."""

from __future__ import annotations

import warnings

import numpy as np
import pytest

from venolymph.skin import (
    WAVELENGTHS,
    FaceSkin,
    difference,
    lab,
    linear_rgb,
    reflectance,
    srgb,
    typology_angle,
    xyz,
    xyz_of_linear,
)
from venolymph.skin.chromophores import table

with warnings.catch_warnings():
    warnings.simplefilter("ignore")  # it warns of what is not installed beside it
    import colour

TONES = np.array([0.015, 0.04, 0.09, 0.16, 0.3])


@pytest.fixture(scope="module")
def spectra() -> np.ndarray:
    return np.asarray(reflectance(FaceSkin(melanin=TONES)))


@pytest.fixture(scope="module")
def by_pigment() -> np.ndarray:
    """CIELAB of the cheek from hardly any melanin to more than anybody has."""
    return np.asarray(lab(xyz(reflectance(FaceSkin(melanin=np.geomspace(0.005, 0.5, 120))))))


def test_the_observer_and_daylight_are_those_of_the_cie() -> None:
    rows = table("observer.csv")
    observer = colour.MSDS_CMFS["CIE 1931 2 Degree Standard Observer"]
    daylight = colour.SDS_ILLUMINANTS["D65"]
    np.testing.assert_allclose(rows[:, 1:4], [observer[nm] for nm in rows[:, 0]], rtol=1e-5, atol=1e-9)
    np.testing.assert_allclose(rows[:, 4], [daylight[nm] for nm in rows[:, 0]], rtol=1e-5)


def test_colours_of_skin_are_those_of_the_library(spectra: np.ndarray) -> None:
    """It integrates by nanometre and to 780 nm; ours are sums over 10 nm that end at 700."""
    ours = np.asarray(lab(xyz(spectra)))
    observer = colour.MSDS_CMFS["CIE 1931 2 Degree Standard Observer"]
    daylight = colour.SDS_ILLUMINANTS["D65"].copy().align(observer.shape)
    for spectrum, mine in zip(spectra.T, ours.T, strict=True):
        held = colour.SpectralDistribution(spectrum, WAVELENGTHS)
        held = held.align(observer.shape)
        theirs = colour.sd_to_XYZ(held, observer, daylight, method="Integration") / 100.0
        assert float(difference(mine, np.asarray(lab(theirs)))) < 0.3


def test_every_step_from_tristimulus_values_on_is_that_of_the_library() -> None:
    given = np.random.default_rng(3).uniform(0.001, 0.9, (3, 40))
    white = colour.CCS_ILLUMINANTS["CIE 1931 2 Degree Standard Observer"]["D65"]
    np.testing.assert_allclose(lab(given).T, colour.XYZ_to_Lab(given.T, white), atol=0.02)
    shown = np.clip(given * 0.5, 0.05, 0.5)
    np.testing.assert_allclose(srgb(shown).T, np.clip(colour.XYZ_to_sRGB(shown.T), 0.0, 1.0), atol=2e-3)
    one, other = np.asarray(lab(given[:, :20])), np.asarray(lab(given[:, 20:]))
    np.testing.assert_allclose(difference(one, other), colour.delta_E(one.T, other.T, method="CIE 1976"))


def test_white_is_white_and_grey_is_grey() -> None:
    np.testing.assert_allclose(lab(xyz(np.ones(31))), [100.0, 0.0, 0.0], atol=1e-9)
    np.testing.assert_allclose(srgb(xyz(np.ones(31))), 1.0, atol=1e-4)
    grey = np.asarray(lab(xyz(np.full(31, 0.2))))
    np.testing.assert_allclose(grey[1:], 0.0, atol=1e-9)
    np.testing.assert_allclose(xyz_of_linear(linear_rgb(np.array([0.3, 0.2, 0.1]))), [0.3, 0.2, 0.1])


def test_the_steps_of_10_nm_are_fine_enough_for_the_bands_of_blood(spectra: np.ndarray) -> None:
    fine = np.arange(400.0, 701.0, 2.0)
    close = np.asarray(lab(xyz(reflectance(FaceSkin(melanin=TONES), wavelengths=fine), fine)))
    assert float(difference(lab(xyz(spectra)), close).max()) < 0.2


def test_skin_from_very_light_to_very_dark_is_met_with_melanin_alone_free(by_pigment: np.ndarray) -> None:
    """Colour difference below 3 at each typology angle (target), and no more than the fit found."""
    rows = table("facial_medians.csv")
    apart = np.array([float(difference(by_pigment, row[1:, None]).min()) for row in rows])
    assert np.all(apart < 3.0)
    assert np.all(apart < 1.0), apart


def test_yellow_is_greatest_in_the_middle_and_red_hardly_changes(by_pigment: np.ndarray) -> None:
    """The course of colour by typology angle (check): it follows from the layers, pigment alone changes."""
    colours, angle = by_pigment, np.asarray(typology_angle(by_pigment))
    assert -15.0 <= angle[colours[2].argmax()] <= 25.0
    assert np.interp(62.0, angle[::-1], colours[2][::-1]) < 14.0
    assert np.interp(-45.0, angle[::-1], colours[2][::-1]) < 14.0
    within = (angle <= 62.0) & (angle >= -45.0)
    assert colours[1][within].min() > 8.0
    assert colours[1][within].max() < 13.0


def test_more_blood_is_redder_and_less_oxygen_is_bluer() -> None:
    rest, full, blue = (
        np.asarray(lab(xyz(reflectance(skin)))) for skin in (FaceSkin(), FaceSkin(blood=1.5), FaceSkin(oxygenation=0.3))
    )
    assert full[1] > rest[1] + 1.0
    assert full[0] < rest[0]
    assert blue[1] < rest[1]
    assert blue[2] < rest[2]
