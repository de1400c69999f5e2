"""How far a heart's chamber is contracted at a time of the beat, from 0 to 1: svZeroD's activation functions.

    half_cosine       (1 - cos 2 pi s / t_twitch) / 2 while s = t - t_active lies between 0 and t_twitch
    piecewise_cosine  (1 - cos pi s / contract_duration) / 2 from contract_start on, then
                      (1 + cos pi s / relax_duration) / 2 from relax_start on
    two_hill          g1 / (1 + g1) / (1 + g2) over its largest value, g1 = (s / tau_1)^m1, g2 = (s / tau_2)^m2,
                      s = t - t_shift
    double_tanh       (1 + tanh (t - tsys) / steepness) (1 - tanh (t - tdias) / steepness) / 4
    wrapping_cosine   (1 - cos 2 pi s / (Tsa T)) / 2 over a length Tsa T that ends at T / tpwave of the next beat
    fourier           a series of 25 terms of the elastance of ventricles, scaled to 0 ... 1; `ventricle` unscaled

with t the time since the beat began and T the period. The terms of the series are those of svZeroDSolver (BSD-3-Clause,
Stanford University, the Regents of the University of California, and others).
"""

from __future__ import annotations

import jax.numpy as jnp
import numpy as np
from jaxtyping import Array, Float

COSINES = (
    0.283748803, 0.031830626, -0.209472400, 0.020520047, 0.008316883, -0.041677660, 0.000867323, -0.001675379,
    -0.011252277, -0.000414677, 0.000253749, -0.002584966, 0.000584752, 0.000028502, 0.000022961, 0.000018735,
    0.000015573, 0.000013133, 0.000011199, 0.000009634, 0.000008343, 0.000007265, 0.000006354, 0.000005575, 0.000004903,
)  # fmt: skip
SINES = (
    0.0, -0.374299825, -0.018127770, 0.073971113, -0.047249597, 0.003212163, 0.019441411, -0.005565534, 0.003401432,
    0.008376795, -0.000071880, 0.001566861, 0.003143555, -0.000024787, -0.000007476, -0.000001281, 0.000001781,
    0.000003494, 0.000004507, 0.000005117, 0.000005481, 0.000005687, 0.000005789, 0.000005821, 0.000005805,
)  # fmt: skip

PEAK_POINTS = 100_001
"""Points of a beat among which the peak of `two_hill` is looked for; between two its square is all that is missed."""


def activation(
    kind: str, numbers: Float[Array, "numbers batch"], peak: Float[Array, " batch"], time: Array, period: float
) -> Float[Array, " batch"]:
    """How far a chamber is contracted, 1.

    Args:
        kind: of `hearts.SHAPES`, or `ventricle`.
        numbers: those of the kind first.
        peak: largest value before scaling; see `largest`.
        time: of the run.
        period: of the heart.
    """
    return jnp.broadcast_to(_FUNCTIONS[kind](numbers, time, period), peak.shape) / peak


def largest(kind: str, numbers: tuple[float, ...], period: float) -> float:
    """Largest value of an activation function before it is scaled; 1 where it is not."""
    if kind != "two_hill":
        return 1.0
    return float(_hills(jnp.linspace(0.0, period, PEAK_POINTS), jnp.asarray(numbers)).max())


def _hills(since: Array, numbers: Array) -> Array:
    since = jnp.maximum(since, 1e-300)  # a power of 0 has no slope
    rise, fall = (since / numbers[1]) ** numbers[3], (since / numbers[2]) ** numbers[4]
    return rise / (1.0 + rise) / (1.0 + fall)


def _series(part: Array | np.ndarray) -> Array:
    """Elastance of a ventricle at a part of the beat, 1."""
    angle = 2.0 * jnp.pi * jnp.arange(len(COSINES)) * jnp.asarray(part)[..., None]
    return jnp.cos(angle) @ jnp.asarray(COSINES) - jnp.sin(angle) @ jnp.asarray(SINES)


def _series_range() -> tuple[float, float]:
    angle = 2.0 * np.pi * np.arange(len(COSINES)) * np.linspace(0.0, 1.0, 10_001)[:-1, None]
    found = np.cos(angle) @ np.asarray(COSINES) - np.sin(angle) @ np.asarray(SINES)
    return float(found.min()), float(found.max())


_SERIES_RANGE = _series_range()


def _half_cosine(numbers: Array, time: Array, period: float) -> Array:
    since = jnp.maximum(jnp.fmod(time, period) - numbers[0], 0.0)
    return jnp.where(since <= numbers[1], _hump(since / numbers[1]), 0.0)


def _piecewise_cosine(numbers: Array, time: Array, period: float) -> Array:
    rise, fall = jnp.fmod(time - numbers[0], period), jnp.fmod(time - numbers[1], period)
    rising, falling = (rise >= 0.0) & (rise < numbers[2]), (fall >= 0.0) & (fall < numbers[3])
    relaxing = jnp.where(falling, 1.0 - _hump(0.5 * fall / numbers[3]), 0.0)
    return jnp.where(rising, _hump(0.5 * rise / numbers[2]), relaxing)


def _two_hill(numbers: Array, time: Array, period: float) -> Array:
    since = jnp.fmod(jnp.fmod(time, period) - numbers[0], period)
    return _hills(jnp.where(since < 0.0, since + period, since), numbers)


def _double_tanh(numbers: Array, time: Array, period: float) -> Array:
    on, off = (jnp.tanh((jnp.fmod(time, period) - when) / numbers[2]) for when in numbers[:2])
    return 0.25 * (1.0 + on) * (1.0 - off)


def _wrapping_cosine(numbers: Array, time: Array, period: float) -> Array:
    length, stop, beat = period * numbers[0], period / numbers[1], jnp.fmod(time, period)
    early, late = beat <= stop, beat >= period - length + stop
    since = jnp.where(early, beat - stop + length, beat - stop - period + length)
    return jnp.where(early | late, _hump(since / length), 0.0)


def _fourier(numbers: Array, time: Array, period: float) -> Array:
    low, high = _SERIES_RANGE
    return (_ventricle(numbers, time, period) - low) / (high - low)


def _ventricle(numbers: Array, time: Array, period: float) -> Array:
    return _series(jnp.fmod(time, period) / period)


def _hump(part: Array) -> Array:
    """From 0 up to 1 at a half and down again."""
    return 0.5 - 0.5 * jnp.cos(2.0 * jnp.pi * part)


_FUNCTIONS = {
    "half_cosine": _half_cosine,
    "piecewise_cosine": _piecewise_cosine,
    "two_hill": _two_hill,
    "double_tanh": _double_tanh,
    "wrapping_cosine": _wrapping_cosine,
    "fourier": _fourier,
    "ventricle": _ventricle,
}
