"""What absorbs and scatters in skin has its known peaks, crossings and limits."""

from __future__ import annotations

import numpy as np
import pytest

from venolymph.skin import WAVELENGTHS, numbers
from venolymph.skin.chromophores import blood, melanin, packed, scattering, table

FINE = np.arange(500.0, 601.0, 2.0)


def test_blood_with_oxygen_has_two_peaks_and_without_it_one() -> None:
    def peaks(values: np.ndarray) -> list[float]:
        return [FINE[i] for i in range(1, len(FINE) - 1) if values[i - 1] < values[i] > values[i + 1]]

    assert peaks(np.asarray(blood(1.0, numbers(), FINE))) == [542.0, 576.0]
    assert peaks(np.asarray(blood(0.0, numbers(), FINE))) == [556.0]


def test_oxygen_makes_no_difference_where_the_two_forms_absorb_alike() -> None:
    rows = table("haemoglobin.csv")
    crossings = rows[1:, 0][np.diff(np.sign(rows[:, 1] - rows[:, 2])) != 0]
    for known in (500.0, 530.0, 545.0, 570.0, 584.0):  # isosbestic points, nm
        assert np.abs(crossings - known).min() <= 3.0, known


def test_whole_blood_absorbs_as_much_as_is_known_of_it() -> None:
    # 2.303 x 53,292 x 150 / 64,500 at 542 nm
    assert float(blood(1.0, numbers(), np.array([542.0]))[0]) == pytest.approx(285.4, rel=1e-3)
    half = blood(np.array([0.0, 0.5, 1.0]), numbers())
    np.testing.assert_allclose(half[:, 1], (half[:, 0] + half[:, 2]) / 2.0)


def test_melanin_absorbs_more_the_shorter_the_wave() -> None:
    assert np.all(np.diff(np.asarray(melanin(numbers()))) < 0.0)


def test_vessels_hide_blood_in_their_middle() -> None:
    thin = float(packed(np.array(300.0), 1e-9))
    assert thin == pytest.approx(300.0, rel=1e-5)
    assert float(packed(np.array(300.0), 0.01)) < 300.0
    # black vessels absorb what falls on them, however much blood they hold
    assert float(packed(np.array(1e6), 0.01)) == pytest.approx(1.0 / (2.0 * 0.01), rel=1e-6)


@pytest.mark.parametrize("tissue", ["epidermis", "dermis", "fat", "muscle"])
def test_scattering_falls_with_wavelength_and_is_its_figure_at_500_nm(tissue: str) -> None:
    values = np.asarray(scattering(numbers(), tissue))
    assert np.all(np.diff(values) < 0.0)
    assert values[WAVELENGTHS == 500.0][0] == pytest.approx(numbers()[f"{tissue}.scattering"])
