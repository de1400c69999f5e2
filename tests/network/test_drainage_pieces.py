"""Exchange, interstitium, initial lymphatics, walls, valves and pacemakers against closed forms."""

from __future__ import annotations

from typing import Any

import jax
import jax.numpy as jnp
import numpy as np
import pytest
from scipy.optimize import brentq

from small import drainages
from venolymph.figures import load
from venolymph.network import depot, exchange, initial_lymphatic, interstitium, lymph_tree, lymphangion, node

pace = jax.jit(lymphangion.pace, static_argnums=2)
filtration = jax.jit(exchange.filtration)
NET = drainages.topology(3)
ONE = drainages.parameters(NET)


def row(value: float) -> Any:
    return jnp.full((1, 1), value)


# ------------------------------------------------------------------ exchange


def test_capillaries_follow_venules_where_arterioles_keep_the_flow() -> None:
    """The lower lip: 27.7 mmHg sitting; lying head down venules and capillaries gain the same (Parazynski 1991)."""
    kept, passive = drainages.with_(ONE.beds, kept_drop=26.7), drainages.with_(ONE.beds, kept_drop=0.0)
    for beds, gained in ((kept, 6.2), (passive, None)):
        sitting = float(exchange.capillary_pressure(beds, row(1.0), row(1.0), row(1.0), row(75.0))[0, 0])
        lying = float(exchange.capillary_pressure(beds, row(1.0), row(1.0), row(7.2), row(95.0))[0, 0])
        if gained is None:
            q = float(ONE.beds.resistance_ratio[0, 0])
            assert sitting == pytest.approx((1.0 + q * 75.0) / (1.0 + q), rel=1e-12)
        else:
            assert (sitting, lying - sitting) == (pytest.approx(27.7), pytest.approx(gained))


def test_oncotic_pressure_of_plasma() -> None:
    found = exchange.oncotic_pressure(ONE.plasma.plasma_oncotic, row(70.0))
    np.testing.assert_allclose(found, 2.1 * 7 + 0.16 * 49 + 0.009 * 343, rtol=1e-14)
    assert float(found[0, 0]) == pytest.approx(25.6, abs=0.05)


def test_capillary_pressure_follows_an_equal_rise_on_both_sides() -> None:
    low = exchange.capillary_pressure(ONE.beds, row(1.0), row(1.0), row(8.0), row(93.0))
    high = exchange.capillary_pressure(ONE.beds, row(1.0), row(1.0), row(58.0), row(143.0))
    np.testing.assert_allclose(high - low, 50.0, rtol=1e-13)


def test_classical_starling() -> None:
    beds = drainages.with_(ONE.beds, glycocalyx=0.0)
    found = exchange.filtration(beds, ONE.plasma, row(0.5), row(1e15), row(20.0), row(-1.0), row(30.0))
    inside = 2.1 * 7 + 0.16 * 49 + 0.009 * 343
    outside = 0.2336 * 30 + 0.0034 * 900
    np.testing.assert_allclose(found, 0.5 * 2.6e-5 * (21.0 - 0.93 * (inside - outside)), rtol=1e-12)


@pytest.mark.parametrize("weight", [0.35, 1.0])
@pytest.mark.parametrize("capillary", [1.0, 10.0, 14.0, 40.0, 110.0])
@pytest.mark.parametrize("opened", [0.1, 1.0])
def test_glycocalyx_form_is_the_root(weight: float, capillary: float, opened: float) -> None:
    beds = drainages.with_(ONE.beds, glycocalyx=weight)
    found = float(filtration(beds, ONE.plasma, row(opened), row(1e15), row(capillary), row(-1.0), row(30.0))[0, 0])
    sigma, permeability = 0.93, 3e-5 * opened

    def left(flow: float) -> float:
        peclet = max(flow, 0.0) * (1 - sigma) / permeability
        under = 7.0 * (1 - sigma) / (1 - sigma * np.exp(-peclet))

        def cubic(c: float) -> float:
            return 2.1 * c + 0.16 * c**2 + 0.009 * c**3

        outside = weight * cubic(under) + (1 - weight) * (0.2336 * 30 + 0.0034 * 900)
        return flow - opened * 2.6e-5 * (capillary + 1.0 - sigma * (cubic(7.0) - outside))

    truth = brentq(left, -1e-2, 1e-2, xtol=1e-16, rtol=1e-14)
    assert found == pytest.approx(truth, rel=1e-8, abs=1e-13)


def test_filtration_differentiates_through_its_root() -> None:
    def flow(capillary: Any, weight: Any) -> Any:
        beds = drainages.with_(ONE.beds, glycocalyx=weight)
        return filtration(beds, ONE.plasma, row(1.0), row(2e-3), row(0.0) + capillary, row(-1.0), row(30.0))[0, 0]

    for number, step in ((0, 1e-4), (1, 1e-5)):
        at = [jnp.asarray(30.0), jnp.asarray(0.6)]
        slope = jax.grad(flow, number)(*at)
        ends = []
        for sign in (1.0, -1.0):
            moved = list(at)
            moved[number] = at[number] + sign * step
            ends.append(float(flow(*moved)))
        assert float(slope) == pytest.approx((ends[0] - ends[1]) / (2 * step), rel=1e-6)


def test_plasma_thickens_along_the_capillary() -> None:
    """Half of what the outlet gains, in the mean, and the filtration is the one that implies itself."""
    beds = drainages.with_(ONE.beds, glycocalyx=0.0)
    capillary, slow = 70.0, 2.6e-5 * 40.0 / 0.25  # a foot that hangs, and slow enough to lose about a quarter
    found = float(filtration(beds, ONE.plasma, row(1.0), row(slow), row(capillary), row(1.0), row(30.0))[0, 0])
    quick = float(filtration(beds, ONE.plasma, row(1.0), row(1e15), row(capillary), row(1.0), row(30.0))[0, 0])
    fraction = found / slow
    assert 0.15 < fraction < 0.3
    thick = 7.0 * (1.0 + 0.93 * fraction / (2.0 * (1.0 - fraction)))
    inside = 2.1 * thick + 0.16 * thick**2 + 0.009 * thick**3
    outside = 0.2336 * 30 + 0.0034 * 900
    assert found == pytest.approx(2.6e-5 * (69.0 - 0.93 * (inside - outside)), rel=1e-9)
    assert found < 0.95 * quick
    drawn = filtration(beds, ONE.plasma, row(1.0), row(slow), row(0.0), row(1.0), row(30.0))
    assert float(drawn[0, 0]) < 0.0


def closing(kind: str) -> dict[str, float]:
    """Figures of closure of skin and subcutis, or of muscle."""
    figures = load()
    own = {f"closure_{n}": figures[f"tissue.capillary.closure_{n}.{kind}"].value for n in ("least", "weight")}
    return own | {f"closure_{n}": figures[f"tissue.capillary.closure_{n}"].value for n in ("centre", "width")}


def fall(kind: str, column: float, venous: float) -> float:
    """Part of the capillaries of a lying leg that two pressures close."""
    beds = drainages.with_(ONE.beds, **closing(kind))
    lying, there = (float(exchange.closure_goal(beds, row(c), row(v))[0, 0]) for c, v in ((0.0, 9.0), (column, venous)))
    return 1.0 - there / lying


def test_capillaries_of_skin_close_by_what_hanging_and_a_cuff_close() -> None:
    """Flow in a foot falls by 79 % where it hangs and by 63 % under a venous cuff at heart level (Hassan and Tooke)."""
    assert fall("subcutis", 70.0, 79.0) == pytest.approx(0.79, abs=0.02)
    assert fall("subcutis", 0.0, 49.0) == pytest.approx(0.63, abs=0.03)
    # muscles that empty the veins of an upright foot leave the column, and capillaries shut
    assert fall("subcutis", 70.0, 25.0) > 0.95 * fall("subcutis", 70.0, 79.0)
    # half of a calf's constriction and more is that of its own arteries (Okazaki and others 2005)
    assert closing("subcutis")["closure_weight"] == pytest.approx(0.55, abs=0.1)


def test_a_cuff_shuts_no_capillaries_of_muscle_and_hanging_half_of_them() -> None:
    """A calf filters alike in steps of 3 and 10 mmHg of a cuff (PMC2290538); tilted its muscle's flow falls by 47 %."""
    assert fall("muscle", 0.0, 70.0) == pytest.approx(0.0, abs=1e-9)
    assert fall("muscle", 50.0, 59.0) == pytest.approx(0.47, abs=0.03)


@pytest.mark.parametrize("flow", [-1e-3, -1e-5, -1e-9, 0.0, 1e-9, 1e-5, 1e-3])
def test_patlak(flow: float) -> None:
    found = float(exchange.solute_flow(row(flow), row(0.9), row(3e-5), row(70.0), row(30.0))[0, 0])
    peclet = flow * 0.1 / 3e-5
    if abs(peclet) < 1e-4:
        truth = 3e-5 * (70 - 30) + flow * 0.1 * 50
        assert found == pytest.approx(truth, rel=1e-7)
    else:
        truth = flow * 0.1 * (70 - 30 * np.exp(-peclet)) / (1 - np.exp(-peclet))
        assert found == pytest.approx(truth, rel=1e-9)


def test_patlak_is_regular_at_no_flow() -> None:
    def leak(flow: Any) -> Any:
        return exchange.solute_flow(row(0.0) + flow, row(0.9), row(3e-5), row(70.0), row(30.0))[0, 0]

    assert float(jax.grad(leak)(jnp.asarray(0.0))) == pytest.approx(0.1 * 50.0, rel=1e-9)
    near = jnp.asarray(3e-5 / 0.1 * 1e-3)  # where the series hands over to the formula
    assert float(leak(near * (1 + 1e-9))) == pytest.approx(float(leak(near * (1 - 1e-9))), rel=1e-9)
    assert np.isfinite(float(leak(jnp.asarray(1e3)))) and np.isfinite(float(leak(jnp.asarray(-1e3))))
    assert float(exchange.solute_flow(row(1e-4), row(0.9), row(0.0), row(70.0), row(30.0))[0, 0]) == pytest.approx(7e-4)


# ------------------------------------------------------------------ interstitium


def test_pressure_of_the_three_segments() -> None:
    v = [0.8, 1.0, 1.131, 1.226, 1.5, 2.0, 3.0]
    found = [float(interstitium.elastic_pressure(ONE.tissue, row(x))[0, 0]) for x in v]
    np.testing.assert_allclose(found, [-4.1, -1.0, 0.9, 1.9, 2.1, 2.3, 6.5], atol=0.15)
    assert np.all(np.diff(found) > 0.0)


def test_stress_relaxes_as_its_equation_says() -> None:
    stress = jnp.asarray([[[1.0]], [[2.0]]])
    found = interstitium.relax_stress(ONE.tissue, stress, row(0.05), jnp.asarray(30.0))
    for arm, tau in enumerate((40.0, 500.0)):
        times = np.linspace(0.0, 30.0, 200001)
        forcing = 0.5 * 15.3 * 0.05 / 30.0
        truth = (arm + 1.0) * np.exp(-30.0 / tau) + np.trapezoid(forcing * np.exp(-(30.0 - times) / tau), times)
        assert float(found[arm, 0, 0]) == pytest.approx(truth, rel=1e-8)


def test_darcy_conducts_more_in_oedema() -> None:
    links = drainages.parameters(drainages.topology(3, compartments=2)).links
    dry = interstitium.darcy_flow(links, row(0.9), row(2.0))
    wet = interstitium.darcy_flow(links, row(1.6), row(2.0))
    np.testing.assert_allclose(dry, 2e-7, rtol=1e-12)
    np.testing.assert_allclose(wet, 2e-4, rtol=1e-12)


def test_fluid_takes_a_share_of_what_presses_and_all_of_it_in_oedema() -> None:
    """65 to 75 % in normal tissue, all of it in oedema (Reddy, Palmieri and Cochran 1981)."""
    figures = load()
    own = {name: figures[f"tissue.pressure.{name}"].value for name in ("borne", "borne_swelling")}
    tissue = drainages.with_(ONE.tissue, **own)
    shares = [float(interstitium.borne_share(tissue, row(v))[0, 0]) for v in (0.8, 1.0, 1.1, 1.2, 1.3, 2.0)]
    assert 0.65 <= shares[0] == shares[1] <= 0.75
    assert shares == sorted(shares) and shares[-1] == 1.0


@pytest.mark.parametrize("spread", [0.0, 1e-5])
def test_a_depot_clears_by_its_own_rate(spread: float) -> None:
    one = depot.Depots(nearness=row(3.0), spread=jnp.full((3, 1, 1), spread))
    amount, available = jnp.full((3, 1, 1), 2.0), jnp.full((3, 1, 1), 4.0)
    drawn, mixed = depot.clear_depots(one, amount, row(0.5), available, jnp.asarray(600.0))
    rate = 3.0 * 0.5 / 4.0 + 600.0 * spread
    np.testing.assert_allclose(drawn + mixed, 2.0 * (1.0 - np.exp(-rate)), rtol=1e-12)
    np.testing.assert_allclose(mixed * 3.0 * 0.5 / 4.0, drawn * 600.0 * spread, rtol=1e-12)
    still = depot.clear_depots(one, amount, row(0.0), available, jnp.asarray(600.0))
    assert float(still[0].max()) == 0.0 and float(still[1].max()) == pytest.approx(2.0 * -np.expm1(-600 * spread))


# ------------------------------------------------------------------ lymph


def test_a_flat_sac_neither_takes_up_nor_lets_out() -> None:
    sac = jax.tree.map(lambda a: a[:1], ONE.initials)
    shares = [float(initial_lymphatic.openness(sac, row(0.1 * part))[0, 0]) for part in (0.03, 0.12, 0.3, 1.0)]
    assert shares[0] < 1e-4 and shares[1] == pytest.approx(0.5) and shares[2] > 0.999
    assert shares == sorted(shares)


def test_uptake_is_the_mean_of_what_open_flaps_let_through() -> None:
    for mean in (-2.0, -0.5, 0.0, 1.5):
        x = np.linspace(mean - 8.0, mean + 8.0, 400001)
        weight = np.exp(-0.5 * ((x - mean) / 0.8) ** 2) / (0.8 * np.sqrt(2.0 * np.pi))
        truth = 1e-3 * np.trapezoid(np.maximum(x, 0.0) * weight, x)
        assert float(initial_lymphatic.uptake(row(1e-3), row(0.8), row(mean))[0][0, 0]) == pytest.approx(
            truth, rel=1e-6
        )
    ahead, _ = initial_lymphatic.uptake(row(1e-3), row(0.1), row(3.0))
    np.testing.assert_allclose(ahead, 3e-3, rtol=1e-9)


def test_a_sac_fills_against_a_mean_pressure_and_stalls() -> None:
    at = {
        part: float(initial_lymphatic.uptake(row(1.0), row(2.0), row(2.0 * part))[0][0, 0]) for part in (0.0, -1, -2.5)
    }
    assert at[0.0] == pytest.approx(2.0 / np.sqrt(2.0 * np.pi))
    assert at[-1] > 0.0
    assert at[-2.5] < 0.01 * at[0.0]
    flows, slopes = initial_lymphatic.uptake(
        jnp.ones((300, 1)), jnp.full((300, 1), 2.0), jnp.linspace(-60, 60, 300)[:, None]
    )
    assert np.all(np.asarray(flows) >= 0.0) and np.all(np.asarray(slopes) > 0.0)
    assert np.all(np.diff(np.asarray(flows)[:, 0]) >= 0.0)


def test_removal_of_albumin_from_rat_skin_still_and_moved() -> None:
    """0.02 to 0.03 /h still, 0.08 to 0.11 moved at 1 Hz (Reed and others 1985), and it sets no lymph where it is still.

    As the figures have it, with the mean pressure difference of tissue at -1 mmHg and lumina a little above that.
    """
    figures = load()
    fluid = figures["tissue.interstitial_share.subcutis"].value * figures["tissue.available.subcutis"].value

    def removal(strain: float, rate: float, drop: float) -> float:
        own = {
            n: figures[f"lymph.initial.{n}"].value for n in ("still_swing", "moved_swing", "moved_rate", "worked_swing")
        }
        initials = drainages.with_(jax.tree.map(lambda a: a[:1], ONE.initials), **own)
        swing = initial_lymphatic.swing(initials, row(strain), row(rate), row(0.0))
        ready = row(figures["lymph.initial.uptake"].value)
        return float(initial_lymphatic.uptake(ready, swing, row(drop))[0][0, 0]) / fluid

    assert 0.02 < removal(0.0, 1.0, -0.6) < 0.03
    assert 0.08 < removal(0.05, 1.0, -0.6) < 0.11
    # a leg that is moved: as much more for each tenfold rate (Ikomi and Schmid-Schoenbein 1996)
    rises = np.diff([removal(0.05, rate, -0.6) for rate in (0.03, 0.1, 0.316, 1.0)])
    assert rises.min() > 0.0 and rises.max() < 1.5 * rises.min()


@pytest.mark.parametrize("what", ["uptake", "sac", "wall", "valve"])
def test_slopes_are_derivatives(what: str) -> None:
    def law(x: Any) -> tuple[Any, Any]:
        if what == "uptake":
            return initial_lymphatic.uptake(row(1e-3), row(0.3), x)
        if what == "sac":
            return initial_lymphatic.sac_pressure(x + 1.0, row(0.5), row(1.5))
        cells = jax.tree.map(lambda a: a[:1], ONE.lymphangions)
        if what == "wall":
            return lymphangion.wall(cells, 1.5e-3 * (1.0 + 0.2 * x), row(0.7))
        valves = jax.tree.map(lambda a: a[:1], ONE.valves)
        return lymphangion.valve_flow(valves, row(90.0), x)

    for x in (-0.4, -0.05, 0.02, 0.3):
        _, slope = law(row(x))
        _, truth = jax.jvp(lambda y: law(y)[0], (row(x),), (row(1.0),))
        scale = 1.5e-3 * 0.2 if what == "wall" else 1.0
        np.testing.assert_allclose(slope * scale, truth, rtol=1e-10)


def test_the_wall_at_its_diameters() -> None:
    cells = jax.tree.map(lambda a: a[:1], ONE.lymphangions)
    for diameter, truth in ((0.40, 0.6), (0.50, 6.0), (0.55, 18.0), (0.60, 55.0)):
        volume = lymphangion.volume_at(cells, row(0.1 * diameter))
        pressure, _ = lymphangion.wall(cells, volume, row(0.0))
        assert float(pressure[0, 0]) == pytest.approx(truth, rel=0.05, abs=0.1)
    rest, full = (
        float(lymphangion.wall(cells, lymphangion.volume_at(cells, row(0.05)), row(a))[0][0, 0]) for a in (0, 1)
    )
    assert full - rest == pytest.approx(2 * 133 * drainages.PASCAL / 0.05, rel=1e-9)  # 40 mmHg at the best diameter


def test_pacemaker_fires_at_its_frequency_whatever_the_step() -> None:
    cells = drainages.with_(
        jax.tree.map(lambda a: a[:1], ONE.lymphangions), frequency=1 / 13.7, contraction_time=7.0, refractory_time=2.0
    )
    for dt in (0.1, 0.37):
        pacing = lymphangion.Pacing(row(0.0), row(100.0), row(0.0), row(0.0), row(1.0))
        onsets = []
        for turn in range(int(140 / dt)):
            pacing, fires = pace(cells, pacing, ((0,), (0,)), row(0.03), row(31.0), jnp.asarray(dt))
            if float(fires[0, 0]) > 0.0:
                onsets.append((turn + 1) * dt - float(pacing.since[0, 0]))
        np.testing.assert_allclose(onsets, 13.7 * np.arange(1, len(onsets) + 1), atol=1e-9)


def test_frequency_rises_with_stretch_and_warmth_and_falls_with_shear() -> None:
    cells = drainages.with_(jax.tree.map(lambda a: a[:1], ONE.lymphangions), stretch_gain=8.0, shear=0.0045)

    def phase(width: float = 0.038, warm: float = 31.0, shear: float = 0.0) -> float:
        pacing = lymphangion.Pacing(row(0.0), row(100.0), row(0.0), row(shear), row(1.0))
        return float(pace(cells, pacing, ((0,), (0,)), row(width), row(warm), jnp.asarray(0.1))[0].phase[0, 0])

    rest = phase()
    assert phase(width=0.05) == pytest.approx(rest * (1 + 8 * (0.05 / 0.038 - 1)))
    assert phase(warm=41.0) == pytest.approx(2 * rest)
    assert phase(shear=0.0045) == pytest.approx(0.5 * rest)


def test_a_wave_runs_at_its_speed_and_does_not_turn_back() -> None:
    begun = wave([0.03] * 6)
    assert sorted(begun) == list(range(6))
    np.testing.assert_allclose(np.diff([begun[i] for i in range(6)]), 5.0, atol=1e-9)


def wave(widths: list[float], warm: float = 31.0, **changes: float) -> dict[int, float]:
    """When each of six lymphangions fires, of which the first begins a wave, by their diameters, cm."""
    net = drainages.topology(6)
    cells = drainages.with_(
        drainages.parameters(net).lymphangions,
        delay=5.0,
        refractory_time=2.0,
        frequency=jnp.asarray([0.01] + [1e-9] * 5)[:, None],
        **changes,
    )
    nothing = jnp.zeros((6, 1))
    pacing = lymphangion.Pacing(nothing.at[0].set(0.999), nothing + 9.0, nothing, nothing, nothing + 5.0)
    begun: dict[int, float] = {}
    for turn in range(500):
        pacing, fires = pace(
            cells, pacing, net.neighbours, jnp.asarray(widths)[:, None], jnp.full((6, 1), warm), jnp.asarray(0.1)
        )
        for cell in np.flatnonzero(np.asarray(fires[:, 0])):
            assert cell not in begun
            begun[int(cell)] = (turn + 1) * 0.1 - float(pacing.since[cell, 0])
    return begun


def test_a_distended_and_a_warm_chain_conducts_faster() -> None:
    begun = wave([0.0418] * 6, speed_gain=1.5)
    np.testing.assert_allclose(np.diff([begun[i] for i in range(6)]), 5.0 / 1.15, atol=1e-9)
    begun = wave([0.03] * 6, warm=41.0)
    np.testing.assert_allclose(np.diff([begun[i] for i in range(6)]), 2.5, atol=1e-9)


def test_a_wave_dies_where_a_stretch_is_empty() -> None:
    full = 1.04 * 0.038
    assert sorted(wave([full, full, full, 0.038, full, full], filled=0.03)) == [0, 1, 2]
    assert sorted(wave([full] * 6, filled=0.03)) == list(range(6))


def test_a_node_stops_at_its_share_of_plasma() -> None:
    nodes = jax.tree.map(lambda a: a[:1], drainages.parameters(drainages.topology(1, nodes=1)).nodes)
    assert float(node.returned_water(nodes, row(3.0), row(15.0), row(25.0))[0][0, 0]) == pytest.approx(0.0, abs=1e-18)
    assert float(node.returned_water(nodes, row(3.0), row(10.0), row(25.0))[0][0, 0]) == pytest.approx(1e-4 * 0.9 * 5.0)


def test_the_tree_is_solved() -> None:
    net = drainages.topology(7, compartments=3, nodes=2)
    tree = net.tree
    key = jax.random.key(3)
    cells = 3 + 9
    along = jax.random.uniform(key, (cells, 2)) + 0.1
    entries = lymph_tree.Matrix(jnp.full((cells, 2), 5.0), along)
    right = jax.random.normal(jax.random.key(4), (cells, 2))
    x = lymph_tree.solve(tree, entries, right)
    np.testing.assert_allclose(lymph_tree.multiply(tree, entries, x), right, rtol=1e-12, atol=1e-13)


def test_a_ring_is_refused() -> None:
    from dataclasses import replace

    from venolymph.errors import NetworkError

    with pytest.raises(NetworkError, match="runs in a ring"):
        replace(drainages.topology(3), downstream=(1, 2, 0))
    with pytest.raises(NetworkError, match="points outside"):
        replace(drainages.topology(3), initial_vessel=(4,))
