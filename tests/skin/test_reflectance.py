"""Light in layers: energy is conserved, and exact and random solutions agree with adding and doubling."""

from __future__ import annotations

import jax
import numpy as np
import pytest

from venolymph.skin import FaceSkin, lab, light, light_in, reflectance, xyz
from venolymph.skin.reflectance import directions, fresnel, gloss

INDEX = 1.4


@pytest.mark.parametrize("index", [1.0, 1.4])
def test_directions_integrate_powers_of_the_cosine(index: float) -> None:
    cosines, weights = directions(index)
    assert len(cosines) == 8
    assert cosines[-1] == pytest.approx(1.0)
    for power in range(7):
        assert float((weights * cosines**power).sum()) == pytest.approx(1.0 / (power + 1.0))


def test_a_surface_sends_back_all_beyond_the_critical_angle_and_little_straight_up() -> None:
    critical = np.sqrt(1.0 - 1.0 / INDEX**2)
    back = fresnel(np.array([critical - 1e-9, critical + 1e-9, 1.0]), INDEX)
    assert back[0] == 1.0
    assert back[1] == pytest.approx(1.0, abs=1e-3)
    assert back[2] == pytest.approx(gloss(INDEX)) == pytest.approx(0.0278, abs=1e-4)


@pytest.mark.parametrize("site", ["cheek", "forehead", "lower_lid"])
def test_light_that_is_sent_back_let_through_and_absorbed_is_all_light(site: str) -> None:
    """Each layer's absorption is counted from the light in it, not as what is missing."""
    shares = light_in(FaceSkin(site, melanin=np.array([0.01, 0.3]), blood=2.0, swelling=1.2))
    whole = shares.gloss + shares.reflected + shares.transmitted + shares.absorbed.sum(0)
    np.testing.assert_allclose(whole, 1.0, atol=1e-8)
    assert np.all(np.asarray(shares.absorbed) > 0.0)


def test_the_balance_of_energy_can_fail() -> None:
    """An absorption of the plexus that is not the one in which light was reckoned does not close the balance."""
    shares = light_in(FaceSkin())
    other = light_in(FaceSkin(plexus=1.5))
    whole = shares.gloss + shares.reflected + shares.transmitted + shares.absorbed.sum(0)
    mixed = whole - shares.absorbed[2] + other.absorbed[2]
    assert float(np.abs(mixed - 1.0).max()) > 1e-3


def h_function(albedo: float, cosine: float) -> float:
    """Chandrasekhar's H of isotropic scattering, from its integral equation by iteration."""
    nodes, weights = np.polynomial.legendre.leggauss(64)
    nodes, weights = (nodes + 1.0) / 2.0, weights / 2.0

    def right(at: np.ndarray) -> np.ndarray:
        integral = (weights * nodes * h / (at[:, None] + nodes)).sum(1)
        return 1.0 / (np.sqrt(1.0 - albedo) + albedo / 2.0 * integral)

    h = np.ones_like(nodes)
    for _ in range(400):
        h = right(nodes)
    return float(right(np.array([cosine]))[0])


@pytest.mark.parametrize("albedo", [0.3, 0.8, 0.95, 0.99])
def test_a_deep_layer_sends_back_what_chandrasekhar_found(albedo: float) -> None:
    found = light(np.array([1.0 - albedo]), np.array([albedo]), np.array([400.0]))
    exact = 1.0 - np.sqrt(1.0 - albedo) * h_function(albedo, 1.0)
    assert float(found.reflected) == pytest.approx(exact, abs=2e-4)


def test_without_scattering_light_falls_off_exponentially() -> None:
    found = light(np.array([2.0, 3.0]), np.array([1e-12, 1e-12]), np.array([0.1, 0.2]))
    assert float(found.transmitted) == pytest.approx(np.exp(-0.8), rel=1e-6)
    assert float(found.absorbed[0]) == pytest.approx(1.0 - np.exp(-0.2), rel=1e-6)
    assert float(found.reflected) == pytest.approx(0.0, abs=1e-10)


def test_one_layer_is_as_two_of_half_the_thickness() -> None:
    one = light(np.array([3.0]), np.array([60.0]), np.array([0.1]), index=INDEX)
    two = light(np.array([3.0] * 2), np.array([60.0] * 2), np.array([0.03, 0.07]), index=INDEX)
    assert float(one.reflected) == pytest.approx(float(two.reflected), abs=1e-7)
    assert float(one.absorbed[0]) == pytest.approx(float(two.absorbed.sum()), abs=1e-7)


def photons(absorption: np.ndarray, scattering: np.ndarray, thickness: np.ndarray, count: int, seed: int) -> np.ndarray:
    """Shares of light that photons tell: sent back, let through, absorbed in each layer."""
    chance = np.random.default_rng(seed)
    edges = np.r_[0.0, np.cumsum(thickness)]
    total = absorption + scattering
    kept = np.zeros(len(thickness))
    depth, cosine = np.zeros(count), np.ones(count)
    layer = np.zeros(count, int)
    back = through = 0
    while len(depth):
        left = chance.exponential(size=len(depth))  # optical path to the next event
        moving = np.arange(len(depth))
        gone = np.zeros(len(depth), bool)
        while len(moving):
            c, place = cosine[moving], layer[moving]
            edge = np.where(c > 0.0, edges[place + 1], edges[place])
            to_edge = (edge - depth[moving]) / c * total[place]
            stops = to_edge >= left[moving]
            depth[moving] = np.where(stops, depth[moving] + c * left[moving] / total[place], edge)
            left[moving] -= to_edge
            moving, c = moving[~stops], c[~stops]
            layer[moving] += np.where(c > 0.0, 1, -1)
            below, above = layer[moving] == len(thickness), layer[moving] < 0
            through += int(below.sum())
            turned = above & (chance.random(len(moving)) < fresnel(np.abs(c), INDEX))
            back += int((above & ~turned).sum())
            cosine[moving[turned]] *= -1.0
            layer[moving[turned]] = 0
            gone[moving[below | (above & ~turned)]] = True
            moving = moving[~(below | (above & ~turned))]
        depth, cosine, layer = depth[~gone], cosine[~gone], layer[~gone]
        taken = chance.random(len(depth)) < (absorption / total)[layer]
        kept += np.bincount(layer[taken], minlength=len(thickness))
        depth, layer = depth[~taken], layer[~taken]
        cosine = chance.uniform(-1.0, 1.0, len(depth))
    return np.r_[back, through, kept] / count


@pytest.mark.parametrize("pigment", [10.0, 120.0])
def test_two_layers_agree_with_photons_followed_one_by_one(pigment: float) -> None:
    """Within three standard errors: an epidermis (light, dark) on a dermis, 200,000 photons that entered."""
    given = np.array([pigment, 4.0]), np.array([100.0, 50.0]), np.array([0.006, 0.15])
    count = 200_000
    seen = photons(*given, count, seed=18)
    found = light(*given, index=INDEX)
    inside = np.r_[found.reflected, found.transmitted, found.absorbed] / (1.0 - gloss(INDEX))
    error = np.sqrt(inside * (1.0 - inside) / count)
    assert seen.sum() == pytest.approx(1.0)
    assert np.all(np.abs(seen - inside) < 3.0 * error), (seen, inside, error)


def test_lightness_has_a_slope_by_melanin_that_finite_differences_confirm() -> None:
    def lightness(melanin: float) -> jax.Array:
        return lab(xyz(reflectance(FaceSkin(melanin=melanin))))[0]

    slope = float(jax.jacfwd(lightness)(0.05))
    step = 1e-4
    by_steps = float(lightness(0.05 + step) - lightness(0.05 - step)) / (2.0 * step)
    assert slope < -50.0
    assert slope == pytest.approx(by_steps, rel=1e-4)
