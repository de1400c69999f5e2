"""Lymphangions: stretches of collector between two valves, which contract.

A cell is a stretch of n equal collectors side by side, of length L and diameter D. Wall, passive and active (the
passive form and the valve after Bertram, Macaskill and Moore 2011, at human scale):

    p - p_ext = p0 exp((D - D0) / a) - Pc (Dc / D)^3 + (2 T / D) exp(-((D / Dopt - 1) / wD)^2) A
    A = (1 - cos(2 pi t_c / Tc)) / 2 for a time t_c < Tc since onset, else 0

Valve at the outflow, a conductance that follows the pressure difference, in series with the tubes on either side:

    Q = dp / (R_tube + 1 / G)      G = n [S(s (dp - p_o)) / R_open + leak]
    R_tube = 64 mu L / (pi n D^4) for the half of a cell on either side

Frequency, and conduction: each stretch has a pacemaker whose phase grows at

    f = f0 [1 + k max(0, D / Dz - 1)] / [1 + (tau / tau0)^h] Q10^((T - T0) / 10)       tau = 32 mu |Q| / (pi n D^3)

with tau smoothed over a time; it fires at phase 1. A neighbour that has fired a delay ago fires it too, unless
contraction and a refractory time are not over, or it is too empty: filled to no more than D = Dz (1 + b). A wave that
runs up carries its own filling before it, one that runs down dies where stretches are empty. It does not turn back to
where it came from. The delay is set as a stretch fires: a distended and a warm one conducts faster,

    delay = L / c0 / ([1 + k_c max(0, D / Dz - 1)] Q10^((T - T0) / 10))

Onsets are followed between steps, so they move smoothly with f.
Stretch refers to the diameter at zero transmural pressure Dz. Closed valves part the column of lymph, so no 60 mmHg
stand on the foot of an upright leg.
"""

from __future__ import annotations

import math

import equinox as eqx
import jax
import jax.numpy as jnp
import numpy as np
from jaxtyping import Array, Float

from venolymph.network.law import Law


class Lymphangions(eqx.Module):
    """Parameters of the lymphangions.

    Attributes:
        length: L, cm.
        vessels: number n side by side, 1.
        passive_pressure: p0, mmHg.
        passive_diameter: D0, cm.
        passive_scale: a, cm.
        collapse_pressure: Pc, mmHg.
        collapse_diameter: Dc, cm.
        tension: T, mmHg cm.
        best_diameter: Dopt, cm.
        best_width: wD, 1.
        contraction_time: Tc, s.
        refractory_time: s.
        delay: conduction to a neighbour L / c0, s.
        speed_gain: rise k_c of the speed of conduction with stretch, 1.
        filled: stretch b that a neighbour's wave needs to go on, 1.
        frequency: f0, 1/s.
        stretch_gain: k, 1.
        stretch_diameter: Dz, cm.
        shear: tau0, mmHg.
        shear_power: h, 1.
        shear_time: s.
        warmth: Q10, 1.
        reference_temperature: T0, degrees Celsius.
        tissue_share: share of slow tissue pressure that presses on them, 1 (0 for collectors that fascia carries).
        leak_gain: leak of the shut outflow valve, as a share of its open conductance, for each unit of D / Df - 1, 1.
        leak_diameter: Df beyond which it leaks so, cm.
    """

    length: Float[Array, "lymphangions batch"]
    vessels: Float[Array, "lymphangions batch"]
    passive_pressure: Float[Array, "lymphangions batch"]
    passive_diameter: Float[Array, "lymphangions batch"]
    passive_scale: Float[Array, "lymphangions batch"]
    collapse_pressure: Float[Array, "lymphangions batch"]
    collapse_diameter: Float[Array, "lymphangions batch"]
    tension: Float[Array, "lymphangions batch"]
    best_diameter: Float[Array, "lymphangions batch"]
    best_width: Float[Array, "lymphangions batch"]
    contraction_time: Float[Array, "lymphangions batch"]
    refractory_time: Float[Array, "lymphangions batch"]
    delay: Float[Array, "lymphangions batch"]
    speed_gain: Float[Array, "lymphangions batch"]
    filled: Float[Array, "lymphangions batch"]
    frequency: Float[Array, "lymphangions batch"]
    stretch_gain: Float[Array, "lymphangions batch"]
    stretch_diameter: Float[Array, "lymphangions batch"]
    shear: Float[Array, "lymphangions batch"]
    shear_power: Float[Array, "lymphangions batch"]
    shear_time: Float[Array, "lymphangions batch"]
    warmth: Float[Array, "lymphangions batch"]
    reference_temperature: Float[Array, "lymphangions batch"]
    tissue_share: Float[Array, "lymphangions batch"]
    leak_gain: Float[Array, "lymphangions batch"]
    leak_diameter: Float[Array, "lymphangions batch"]


class LymphValves(eqx.Module):
    """Parameters of outflows: of the initial lymphatics first, then of the vessels in their order.

    Attributes:
        resistance: R_open of one valve (or of a node), mmHg s/mL.
        vessels: number side by side, 1.
        leak: conductance of one when shut, mL/s/mmHg.
        steepness: s, 1/mmHg.
        bias: p_o, mmHg.
        open: 1, or 0 for an outflow that is cut off, 1.
    """

    resistance: Float[Array, "outflows batch"]
    vessels: Float[Array, "outflows batch"]
    leak: Float[Array, "outflows batch"]
    steepness: Float[Array, "outflows batch"]
    bias: Float[Array, "outflows batch"]
    open: Float[Array, "outflows batch"]


class Pacing(eqx.Module):
    """State of the pacemakers.

    Attributes:
        phase: of each pacemaker, 1.
        since: time since the last onset of contraction, s.
        came: where that contraction came from: -1 the periphery, 1 the centre, 0 its own pacemaker.
        shear: smoothed wall shear stress, mmHg.
        delay: of the conduction of that contraction to neighbours, s.
    """

    phase: Float[Array, "lymphangions batch"]
    since: Float[Array, "lymphangions batch"]
    came: Float[Array, "lymphangions batch"]
    shear: Float[Array, "lymphangions batch"]
    delay: Float[Array, "lymphangions batch"]


def diameter(cells: Lymphangions, volume: Float[Array, "lymphangions batch"]) -> Float[Array, "lymphangions batch"]:
    """Diameter D, cm, of cells that hold a volume, mL."""
    return jnp.sqrt(_square(cells) * volume)


def _square(cells: Lymphangions) -> Float[Array, "lymphangions batch"]:
    """Square of the diameter per volume, 1/cm. It depends on parameters alone, so loops compute it once."""
    return 4.0 / (jnp.pi * cells.length * cells.vessels)


def volume_at(cells: Lymphangions, width: Float[Array, "lymphangions batch"]) -> Float[Array, "lymphangions batch"]:
    """Volume, mL, at a diameter, cm."""
    return 0.25 * jnp.pi * cells.length * cells.vessels * width * width


def activation(cells: Lymphangions, since: Float[Array, "lymphangions batch"]) -> Float[Array, "lymphangions batch"]:
    """Activation A between 0 and 1, from the time since onset, s."""
    return bump(jnp.minimum(since / cells.contraction_time, 1.0))


def bump(part: Array) -> Array:
    """(1 - cos(2 pi part)) / 2 for a part from 0 to 1.

    It is cos(pi (part - 1/2)) squared, whose series to the 20th power is exact to rounding here. The compiler's cosine
    is not vectorised, and is computed again in each kernel that uses it.
    """
    square = jnp.square(jnp.pi * (part - 0.5))
    cosine = jnp.zeros_like(square)
    for power in range(20, -1, -2):
        cosine = cosine * square + (-1.0) ** (power // 2) / math.factorial(power)
    return cosine * cosine


def wall(
    cells: Lymphangions, volume: Float[Array, "lymphangions batch"], active: Float[Array, "lymphangions batch"]
) -> tuple[Float[Array, "lymphangions batch"], Float[Array, "lymphangions batch"]]:
    """Transmural pressure, mmHg, and its slope, mmHg/mL, from volume (mL) and activation (1)."""
    width = diameter(cells, volume)
    inverse = 1.0 / width
    passive = 1.0 / cells.passive_scale
    stretched = cells.passive_pressure * jnp.exp((width - cells.passive_diameter) * passive)
    thin = cells.collapse_diameter * inverse
    held = cells.collapse_pressure * thin * thin * thin
    best = 1.0 / (cells.best_width * cells.best_diameter)
    off = (width - cells.best_diameter) * best
    squeeze = 2.0 * cells.tension * active * inverse * jnp.exp(-off * off)
    by_width = stretched * passive + 3.0 * held * inverse - squeeze * (inverse + 2.0 * off * best)
    return stretched - held + squeeze, by_width * 0.5 * inverse * _square(cells)


def half_resistance(
    cells: Lymphangions, viscosity: Float[Array, "one batch"], volume: Float[Array, "lymphangions batch"]
) -> Float[Array, "lymphangions batch"]:
    """Resistance from the middle of a cell to its end, mmHg s/mL."""
    square = _square(cells)
    return 64.0 * viscosity * cells.length / (jnp.pi * cells.vessels * square * square) / (volume * volume)


def valve_flow(
    valves: LymphValves, tube: Float[Array, "outflows batch"], drop: Float[Array, "outflows batch"]
) -> tuple[Float[Array, "outflows batch"], Float[Array, "outflows batch"]]:
    """Flow, mL/s, through valve and tubes, and its slope against the pressure difference, mL/s/mmHg.

    Args:
        valves: parameters.
        tube: resistance of the tubes on either side, mmHg s/mL.
        drop: pressure difference, mmHg.
    """
    swing = jax.nn.sigmoid(valves.steepness * (drop - valves.bias))
    many = valves.vessels * valves.open
    opened = many / valves.resistance
    conductance = opened * swing + many * valves.leak
    growth = opened * valves.steepness * swing * (1.0 - swing)
    share = 1.0 / (1.0 + tube * conductance)
    return conductance * share * drop, conductance * share + growth * share * share * drop


def pace(
    cells: Lymphangions,
    pacing: Pacing,
    neighbours: tuple[tuple[int, ...], tuple[int, ...]],
    width: Float[Array, "lymphangions batch"],
    temperature: Float[Array, "lymphangions batch"],
    dt: Float[Array, ""],
) -> tuple[Pacing, Float[Array, "lymphangions batch"]]:
    """Pacemakers after a step, and where a contraction began (1) or not (0).

    Args:
        cells: parameters.
        pacing: state before.
        neighbours: number of each cell's neighbour towards the periphery, and towards the centre; its own where none.
        width: diameter, cm.
        temperature: degrees Celsius.
        dt: length of the step, s.
    """
    stretch = jax.nn.relu(width * (1.0 / cells.stretch_diameter) - 1.0)
    sheared = jnp.exp(cells.shear_power * jnp.log(pacing.shear * (1.0 / cells.shear) + 1e-12))
    warm = jnp.exp(jnp.log(cells.warmth) * 0.1 * (temperature - cells.reference_temperature))
    rate = cells.frequency * (1.0 + cells.stretch_gain * stretch) / (1.0 + sheared) * warm
    since, phase = pacing.since + dt, pacing.phase + rate * dt
    rested = since - cells.contraction_time - cells.refractory_time
    ready = rested >= 0.0
    own = jnp.minimum((phase - 1.0) / jnp.maximum(rate, 1e-12), jnp.minimum(rested, dt))
    onset = jnp.where(ready & (phase >= 1.0), own, -1.0)
    came = jnp.where(onset >= 0.0, 0.0, pacing.came)
    for side, neighbour in zip((-1.0, 1.0), neighbours, strict=True):
        index = np.asarray(neighbour)
        joined = (index != np.arange(len(index)))[:, None]
        passed = since[index] - pacing.delay[index]
        reached = joined & (passed >= 0.0) & (passed < dt) & (pacing.came[index] != -side)
        wave = jnp.where(ready & reached & (stretch > cells.filled), jnp.minimum(passed, rested), -1.0)
        came = jnp.where(wave > onset, side, came)
        onset = jnp.maximum(onset, wave)
    fires = onset >= 0.0
    since = jnp.where(fires, onset, since)
    phase = jnp.where(fires, onset * rate, phase)
    delay = jnp.where(fires, cells.delay / (warm * (1.0 + cells.speed_gain * stretch)), pacing.delay)
    return Pacing(phase, since, came, pacing.shear, delay), fires.astype(since.dtype)


def smoothed_shear(
    cells: Lymphangions,
    viscosity: Float[Array, "one batch"],
    before: Float[Array, "lymphangions batch"],
    flow: Float[Array, "lymphangions batch"],
    width: Float[Array, "lymphangions batch"],
    dt: Float[Array, ""],
) -> Float[Array, "lymphangions batch"]:
    """Smoothed wall shear stress after a step, mmHg, from flow (mL/s) and diameter (cm)."""
    now = (32.0 * viscosity / (jnp.pi * cells.vessels)) * jnp.abs(flow) / (width * width * width)
    part = dt / (cells.shear_time + dt)
    return before + part * (now - before)


def _relaxed_at(
    cells: Lymphangions, width: Float[Array, "one batch"]
) -> tuple[Float[Array, "lymphangions batch"], Float[Array, "lymphangions batch"]]:
    """Pressure of a relaxed wall, and its slope, against the diameter over that where the passive wall takes over."""
    across = width * cells.passive_diameter
    value, slope = wall(cells, volume_at(cells, across), jnp.zeros_like(across))
    return value, slope * 2.0 * volume_at(cells, across) / width


def _valve_at(
    valves: LymphValves, drop: Float[Array, "one batch"]
) -> tuple[Float[Array, "outflows batch"], Float[Array, "outflows batch"]]:
    """Flow through a valve whose tubes resist as much as it does when open, and its slope."""
    return valve_flow(valves, valves.resistance, drop + jnp.zeros_like(valves.resistance))


LAWS = (
    Law(
        name="pressure of a relaxed lymphangion at its diameter",
        parts=(Lymphangions,),
        variable="diameter over that where the passive wall takes over",
        unit="1",
        between=(0.2, 1.3),
        gives="transmural pressure",
        gives_unit="mmHg",
        trend="rises",
        at=_relaxed_at,
        source="bertram2011",
    ),
    Law(
        name="flow through a lymphatic valve at a pressure difference",
        parts=(LymphValves,),
        variable="pressure difference",
        unit="mmHg",
        between=(-5.0, 5.0),
        gives="flow",
        gives_unit="mL/s",
        trend="turns",  # the harder lymph is pushed back the less runs back, once the valve shuts
        at=_valve_at,
        source="bertram2011",
    ),
)
