"""Effects, intervals and power of trials are those of closed forms and of statsmodels; nothing keeps its 5 %."""

from __future__ import annotations

import numpy as np
import pytest
import statsmodels.api as sm
from scipy import stats
from statsmodels.stats.power import TTestIndPower, TTestPower

from venolymph.trial.analysis import ancova, mixed
from venolymph.trial.instrument import Instrument
from venolymph.trial.least_squares import apportion, crossover, orders, parallel
from venolymph.trial.power import TrueReadings, draw_trials, noncentrality, power_of

EXACT = Instrument("tape volume", "mL", 1e-9, 1e-9, False, False, "none")
ALPHA = 0.05


def bounds(trials: int) -> tuple[float, float]:
    """Shares of false findings that one in a thousand sets of trials at 5 % exceeds."""
    low, high = stats.binom.interval(0.999, trials, ALPHA)
    return low / trials, high / trials


def people(seed: int, number: int = 30) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Readings after and before of people in three arms, and their arms."""
    rng = np.random.default_rng(seed)
    arms = rng.permutation(np.arange(number) % 3)
    before = 5000.0 + 600.0 * rng.standard_normal(number)
    return before + 40.0 * (arms == 2) + 20.0 * rng.standard_normal(number), before, arms


def test_without_a_baseline_two_arms_are_compared_by_the_t_test() -> None:
    after, _, arms = people(1)
    two = arms < 2
    (effect,) = ancova(after[two], arms[two], None, ("massage", "rest"), 1, ALPHA)
    told = stats.ttest_ind(after[arms == 0], after[arms == 1])
    assert effect.difference == pytest.approx(after[arms == 0].mean() - after[arms == 1].mean())
    assert effect.p == pytest.approx(told.pvalue)
    assert (effect.low, effect.high) == pytest.approx(tuple(told.confidence_interval()))


def test_a_baseline_takes_away_what_people_differ_by() -> None:
    after, before, arms = people(2)
    effects = ancova(after, arms, before, ("rest", "massage", "stocking"), 0, ALPHA)
    plain = ancova(after, arms, None, ("rest", "massage", "stocking"), 0, ALPHA)
    assert [one.arm for one in effects] == ["massage", "stocking"]
    assert effects[1].low < 40.0 < effects[1].high
    assert effects[1].error < 0.1 * plain[1].error


def test_many_trials_at_once_are_analysed_as_one() -> None:
    names = ("rest", "massage", "stocking")
    after, before, arms = people(3)
    effects = ancova(after, arms, before, names, 0, ALPHA)
    fitted = parallel(after[None], arms, before[None], 3, 0)
    assert [one.difference for one in effects] == pytest.approx(fitted.coefficients[0, :2].tolist())
    assert [one.error for one in effects] == pytest.approx(fitted.errors[0, :2].tolist())
    assert {one.dof for one in effects} == {fitted.dof}


def test_a_crossover_is_the_mean_of_differences_between_periods() -> None:
    """Two arms, as many people in each order: half the difference of the two orders' mean differences."""
    rng = np.random.default_rng(4)
    values = 300.0 * rng.standard_normal((12, 1)) + [0.0, 25.0] + 15.0 * rng.standard_normal((12, 2))
    periods = orders(12, 2, rng)
    values += 10.0 * periods
    (effect,) = mixed(values, periods, ("rest", "massage"), 0, ALPHA)
    apart = values[:, 1] - values[:, 0]
    first, second = apart[periods[:, 1] == 0], apart[periods[:, 1] == 1]
    told = stats.ttest_ind(first / 2.0, -second / 2.0)  # the difference of the halves is the mean over both orders
    assert effect.difference == pytest.approx((first.mean() + second.mean()) / 2.0, rel=1e-6)
    assert effect.error == pytest.approx(effect.difference / told.statistic, rel=1e-3)
    assert effect.p == pytest.approx(told.pvalue, rel=2e-2)


def test_a_mixed_model_is_that_of_statsmodels_and_within_people_the_same() -> None:
    rng = np.random.default_rng(5)
    values = 5.0 * rng.standard_normal((15, 1)) + [0.0, 1.0, 2.0] + rng.standard_normal((15, 3))
    periods = orders(15, 3, rng)
    effects = mixed(values, periods, ("a", "b", "c"), 0, ALPHA)
    dummies = [np.tile(np.arange(3) == arm, 15) for arm in (1, 2)] + [(periods == one).ravel() for one in (1, 2)]
    direct = sm.MixedLM(
        values.ravel(), np.stack([np.ones(45), *dummies], axis=1).astype(float), np.repeat(np.arange(15), 3)
    ).fit()
    fitted = crossover(values[None], periods, 0)
    assert [one.difference for one in effects] == pytest.approx(direct.fe_params[1:3].tolist(), rel=1e-6)
    assert [one.error for one in effects] == pytest.approx(direct.bse_fe[1:3].tolist(), rel=1e-3)
    assert [one.error for one in effects] == pytest.approx(fitted.errors[0, :2].tolist(), rel=1e-3)
    assert fitted.dof == 45 - 15 - 4


def test_readings_all_alike_are_no_effect() -> None:
    (effect,) = mixed(np.full((6, 2), 7.0), orders(6, 2, np.random.default_rng(0)), ("a", "b"), 0, ALPHA)
    assert effect.difference == pytest.approx(0.0, abs=1e-9)
    (alike,) = ancova(np.full(6, 7.0), np.arange(6) % 2, None, ("a", "b"), 0, ALPHA)
    assert alike.difference == pytest.approx(0.0, abs=1e-9)


def test_a_parallel_trial_of_nothing_keeps_its_five_percent() -> None:
    """Two arms that do the same, each person read before and after with the instrument's error, analysed by ANCOVA."""
    rng = np.random.default_rng(6)
    arms = np.arange(20) % 2
    low, high = bounds(600)
    found = 0
    for _ in range(600):
        true = 5000.0 + 600.0 * rng.standard_normal(20)
        after, before = true + 35.0 * rng.standard_normal((2, 20))
        (effect,) = ancova(after, arms, before, ("massage", "rest"), 1, ALPHA)
        found += effect.p < ALPHA
    assert low <= found / 600 <= high


def test_a_crossover_of_nothing_keeps_its_five_percent() -> None:
    rng = np.random.default_rng(7)
    values = 600.0 * rng.standard_normal((4000, 8, 1)) + 35.0 * rng.standard_normal((4000, 8, 2))
    fitted = crossover(values, orders(8, 2, rng), 1)
    limit = stats.t.ppf(0.975, fitted.dof)
    low, high = bounds(4000)
    assert low <= np.mean(np.abs(fitted.coefficients[:, 0]) > limit * fitted.errors[:, 0]) <= high


def test_mixed_models_of_nothing_in_few_people_keep_their_five_percent() -> None:
    rng = np.random.default_rng(8)
    low, high = bounds(150)
    found = 0
    for _ in range(150):
        values = 600.0 * rng.standard_normal((6, 1)) + 35.0 * rng.standard_normal((6, 2))
        found += mixed(values, orders(6, 2, rng), ("a", "b"), 1, ALPHA)[0].p < ALPHA
    assert low <= found / 150 <= high


def spread_evenly(mean: float, sd: float, number: int) -> np.ndarray:
    """Readings of people as a normal distribution has them, with just this mean and standard deviation."""
    drawn = stats.norm.ppf((np.arange(number) + 0.5) / number)
    return mean + sd * (drawn - drawn.mean()) / drawn.std(ddof=1)


def test_the_power_of_two_arms_is_that_of_the_t_test() -> None:
    values = np.concatenate([spread_evenly(0.8, 1.0, 200), spread_evenly(0.0, 1.0, 200)])
    true = TrueReadings(values, np.repeat([0, 1], 200))
    (power,) = power_of(true, EXACT, (1, 1), 1, ALPHA, seed=3, sizes=(10, 20, 40, 80))
    for size, found in zip(power.sizes, power.found, strict=True):
        told = TTestIndPower().power(0.8, size / 2, ALPHA)
        assert abs(found - told) < 3.3 * np.sqrt(told * (1.0 - told) / 1000) + 0.01, size
    assert power.least == pytest.approx(TTestIndPower().solve_power(nobs1=200, alpha=ALPHA, power=0.8), rel=0.02)
    assert power.needed == 80  # 52 are needed, and 40 have a power of 0.69
    low, high = bounds(1000)
    assert low <= power.false <= high


def test_the_power_of_a_crossover_is_that_of_the_paired_t_test() -> None:
    apart = spread_evenly(0.5, 1.0, 200)
    values = np.stack([apart / 2.0, -apart / 2.0], axis=1)
    (power,) = power_of(TrueReadings(values), EXACT, (1, 1), 1, ALPHA, seed=3, sizes=(24, 40))
    for size, found in zip(power.sizes, power.found, strict=True):
        told = TTestPower().power(0.5, size, ALPHA)  # with one degree of freedom more than periods leave
        assert abs(found - told) < 3.3 * np.sqrt(told * (1.0 - told) / 1000) + 0.02, size


def test_an_instruments_error_takes_power_away_and_a_baseline_gives_some_back() -> None:
    rng = np.random.default_rng(9)
    arms = np.repeat([0, 1], 50)
    before = 5000.0 + 500.0 * rng.standard_normal(100)
    after = before - 60.0 * (arms == 0)
    coarse = Instrument("tape volume", "mL", 0.01, 0.03, True, True, "none")
    of = {"sizes": (40,), "seed": 1}
    (exact,) = power_of(TrueReadings(after, arms, before), EXACT, (1, 1), 1, ALPHA, **of)
    (read,) = power_of(TrueReadings(after, arms, before), coarse, (1, 1), 1, ALPHA, **of)
    (alone,) = power_of(TrueReadings(after, arms), coarse, (1, 1), 1, ALPHA, **of)
    assert exact.found == (1.0,)
    assert exact.found[0] > read.found[0] > alone.found[0] + 0.1
    assert exact.least < read.least < alone.least


def test_power_is_the_same_for_the_same_seed() -> None:
    true = TrueReadings(np.random.default_rng(0).standard_normal(20), np.arange(20) % 2)
    found = [power_of(true, EXACT, (1, 1), 0, ALPHA, seed=seed, sizes=(12,)) for seed in (1, 1, 2)]
    assert found[0] == found[1] != found[2]


def test_a_difference_is_found_with_the_power_that_it_is_said_to_be_found_with() -> None:
    ratio = noncentrality(18, ALPHA, 0.8)
    limit = stats.t.ppf(0.975, 18)
    assert stats.nct.sf(limit, 18, ratio) == pytest.approx(0.8, abs=1e-4)


def test_people_are_drawn_within_their_arm_and_shared_out_by_weight() -> None:
    assert apportion(10, (2, 1)) == [7, 3]
    assert apportion(9, (1, 1)) in ([5, 4], [4, 5])
    true = TrueReadings(np.array([1.0, 1.0, 1.0, 0.0, 0.0]), np.array([0, 0, 0, 1, 1]))
    fitted = draw_trials(true, EXACT, 10, (2, 1), 1, np.random.default_rng(0), trials=5)
    assert fitted.coefficients[:, 0] == pytest.approx(np.ones(5), abs=1e-6)


def test_orders_are_even_and_each_person_goes_through_each_arm_once() -> None:
    periods = orders(9, 3, np.random.default_rng(0))
    assert all(sorted(row) == [0, 1, 2] for row in periods.tolist())
    assert np.array_equal(np.stack([(periods == one).sum(axis=0) for one in range(3)]), np.full((3, 3), 3))
