"""How a wall grows under its loads: one step of the slow equations, with pressure and flow held and radius free.

With x, m, l the logarithms of natural radius, wall mass and natural length over the healthy leg's, D the share of
elastin lost, M the open share of a shut valve that stays, T tension and S shear of a day (healthy: with h):

    drive     = g_s [sp(ln (S + S0)/(S_h + S0)) - sp(0)] + g_T (P - m)
    T_r dx/dt = [drive + b - c (sp(drive) - sp(drive - d0))], held above gamma D, less x
    T_m dm/dt = phi P - m
    dD/dt     = (1 - D) O / tau_D
    T_l dl/dt = g_l x + b_l - l
    tau_V dM/dt = G - M where leaflets are too short for a share G > M of the annulus, else 0

P = (1 + theta) ln ((T + theta T_h)/(T_h + theta T_h)) is the pull on the wall: the tension T of pressure with that of
resting muscle, theta T_h, which a garment does not take away. It is ln T/T_h near the healthy leg's, and bounded where
nothing presses from inside. sp is a softened max(0, .): flow widens veins and lack of it does not close them. b is what
hormones do and what loads do not explain. Where a document has a vein narrower than its loads d0 would make it, c is
the share of loads up to d0 that it bears without an answer.

This is a constrained mixture (Cyron, Aydin, Humphrey 2016) cut to its slow modes: collagen and muscle are laid down
anew in the present shape (x), mass follows stress (m), elastin never renews (D). Elastin lost does not push a vein
wide, it limits what the vein comes back to.

Within a step T grows with the square of the radius and S falls with its cube, as at held pressure and flow: near a
steady state `d ln r/dt = -(G/T_r) ln r`, G = `stability`. Held shear instead of held flow would oscillate.
"""

from __future__ import annotations

import equinox as eqx
import jax
import jax.numpy as jnp
from jax import lax
from jaxtyping import Array, Float

from venolymph.wall.state import SlowWall

SUBSTEPS = 16
"""Parts of a step. Each is of second order in its length."""
HINGE = 0.01
"""Stretch over which damage sets in, 1 (numerical)."""


class Growth(eqx.Module):
    """Gains and times of the slow equations; times in days, stress in mmHg.

    Attributes:
        time: T_r.
        gain_shear: g_s.
        shear_floor: S0, mmHg.
        gain_tension: g_T.
        muscle: theta, tension of resting muscle over that of the healthy leg's pressure.
        softness_shear, softness_damage: widths of the two softened corners, 1.
        gain_mass: phi.
        mass_time: T_m.
        damage_threshold: stretch over the healthy leg standing at which elastin begins to yield, 1.
        damage_floor: gamma.
        damage_time: tau_D.
        gain_length: g_l.
        length_time: T_l.
        leak_time: tau_V.
    """

    time: Float[Array, "one one"]
    gain_shear: Float[Array, "one one"]
    shear_floor: Float[Array, "one one"]
    gain_tension: Float[Array, "places batch"]
    muscle: Float[Array, "one one"]
    softness_shear: Float[Array, "one one"]
    softness_damage: Float[Array, "one one"]
    gain_mass: Float[Array, "one batch"]
    mass_time: Float[Array, "one one"]
    damage_threshold: Float[Array, "one one"]
    damage_floor: Float[Array, "one one"]
    damage_time: Float[Array, "one one"]
    gain_length: Float[Array, "one one"]
    length_time: Float[Array, "one one"]
    leak_time: Float[Array, "one one"]


class Loads(eqx.Module):
    """What a typical day does to walls, and to the healthy leg's.

    Attributes:
        tension, healthy_tension: transmural pressure times the square of the radius, mean of the day, mmHg cm2.
        shear, healthy_shear: of the net flow of each posture, mean of the day, mmHg.
        stretch: radius in each posture over that of the healthy leg standing, 1.
        upright: share of the upright hours of each posture, 1.
        gap: share of each annulus, standing, that its leaflets are too short for, 1.
    """

    tension: Float[Array, "places batch"]
    healthy_tension: Float[Array, "places one"]
    shear: Float[Array, "places batch"]
    healthy_shear: Float[Array, "places one"]
    stretch: Float[Array, "postures places batch"]
    upright: Float[Array, " postures"]
    gap: Float[Array, "valves batch"]


class Bias(eqx.Module):
    """What loads do not explain of a leg as it is documented.

    Attributes:
        radius: b, 1.
        length: b_l, 1.
        borne: d0, drive of the documented day that a vein is known to bear, 1; 0 where it is not positive.
        inward: c, 1; 0 where a vein is as wide as its loads would make it or wider.
    """

    radius: Float[Array, "places batch"]
    length: Float[Array, "places batch"]
    borne: Float[Array, "places batch"]
    inward: Float[Array, "places batch"]

    @classmethod
    def none(cls, shape: tuple[int, ...]) -> Bias:
        """That of a leg which loads explain wholly, for so many places and members."""
        return cls(*(jnp.zeros(shape) for _ in range(4)))


def stability(growth: Growth, loads: Loads, flow_exponent: Array) -> Float[Array, "places batch"]:
    """G: the closed loop's rate over the open one's, 1; at 0 or below a vein runs away.

    That of a vein which answers its loads in full, beyond those that it is known to bear.

    Args:
        growth: gains.
        loads: of the day.
        flow_exponent: slope of the logarithm of flow against that of radius, as the network has it, 1.
    """
    carried = loads.shear / (loads.shear + growth.shear_floor)
    share = loads.tension / loads.healthy_tension
    sensed = (1.0 + growth.muscle) * share / (share + growth.muscle)
    tension = 2.0 * growth.gain_tension * (1.0 - growth.gain_mass) * sensed
    return 1.0 - tension + growth.gain_shear * (3.0 - flow_exponent) * carried


def settled(growth: Growth, loads: Loads, wall: SlowWall) -> tuple[SlowWall, Bias]:
    """A wall whose mass suits its loads, and the bias with which it is steady under them.

    Args:
        growth: gains.
        loads: of the day on which it is to be steady.
        wall: radius, damage, length and leak as documented; its mass is not looked at.
    """
    still = jnp.zeros_like(wall.radius)
    mass = growth.gain_mass * _pull(growth, loads, still)
    wall = eqx.tree_at(lambda w: w.mass, wall, mass)
    above = _unfloored(growth, wall.radius, wall.damage)
    drive = _drive(growth, loads, still, mass)
    borne = jnp.maximum(drive, 0.0)
    reached = _borne(growth, borne, borne)
    excess = jnp.maximum(borne - jnp.maximum(above, 0.0), 0.0)
    inward = jnp.where(reached > 0.0, excess / jnp.where(reached > 0.0, reached, 1.0), 0.0)
    push = above - drive + inward * reached
    return wall, Bias(push, wall.length - growth.gain_length * wall.radius, borne, inward)


def step(growth: Growth, loads: Loads, bias: Bias, wall: SlowWall, days: Float[Array, ""]) -> SlowWall:
    """The wall some days later, pressure and flow held.

    Args:
        growth: gains and times.
        loads: of the day, at the wall as it is.
        bias: what loads do not explain, hormones included.
        wall: as it is.
        days: how much later, 0 or more.
    """
    begun = wall.radius
    h = days / SUBSTEPS

    def substep(_: int, now: SlowWall) -> SlowWall:
        moved = now.radius - begun
        mass = _relaxed(now.mass, _wanted_mass(growth, loads, moved), 0.5 * h / growth.mass_time)
        radius = now.radius + _radius_change(growth, loads, bias, (now.radius, begun, mass, now.damage), h)
        middle = 0.5 * (now.radius + radius)
        mass = _relaxed(mass, _wanted_mass(growth, loads, radius - begun), 0.5 * h / growth.mass_time)
        worn = h * _overstretch(growth, loads, middle - begun) / growth.damage_time
        length = _relaxed(now.length, growth.gain_length * middle + bias.length, h / growth.length_time)
        damage = 1.0 - (1.0 - now.damage) * jnp.exp(-worn)
        leak = _relaxed(now.leak, jnp.maximum(loads.gap, now.leak), h / growth.leak_time)
        return SlowWall(radius, mass, damage, length, leak)

    return lax.fori_loop(0, SUBSTEPS, substep, wall)


def target(
    growth: Growth, loads: Loads, bias: Bias, wall: SlowWall, moved: Float[Array, "places batch"]
) -> Float[Array, "places batch"]:
    """Logarithm of the radius that a wall grows towards, 1.

    Args:
        growth: gains.
        loads: of the day.
        bias: what loads do not explain.
        wall: as it is.
        moved: logarithm of its radius over that at which the loads were taken, 1.
    """
    return _floored(growth, _answered(growth, bias, _drive(growth, loads, moved, wall.mass)), wall.damage)


def _drive(growth: Growth, loads: Loads, moved: Array, mass: Array) -> Array:
    floor = growth.shear_floor
    flowing = jnp.log((loads.shear * jnp.exp(-3.0 * moved) + floor) / (loads.healthy_shear + floor))
    width = growth.softness_shear
    widened = _soft(flowing, width) - _soft(jnp.zeros_like(flowing), width)
    return growth.gain_shear * widened + growth.gain_tension * (_pull(growth, loads, moved) - mass)


def _pull(growth: Growth, loads: Loads, moved: Array) -> Array:
    """P: what pressure and resting muscle pull at the wall, logarithm over the healthy leg's, 1."""
    share = loads.tension / loads.healthy_tension * jnp.exp(2.0 * moved)
    return (1.0 + growth.muscle) * jnp.log((share + growth.muscle) / (1.0 + growth.muscle))


def _answered(growth: Growth, bias: Bias, drive: Array) -> Array:
    """The drive with what loads do not explain."""
    return drive + bias.radius - bias.inward * _borne(growth, drive, bias.borne)


def _borne(growth: Growth, drive: Array, most: Array) -> Array:
    """The part of a drive between none and the most that is known to be borne, softened."""
    w = growth.softness_damage
    return _soft(drive, w) - _soft(drive - most, w)


def _soft(value: Array, width: Array) -> Array:
    return width * jax.nn.softplus(value / width)


def _floored(growth: Growth, drive: Array, damage: Array) -> Array:
    """The drive, held above what damage lets a vein come back to; the drive itself where there is no damage."""
    w = growth.softness_damage
    return drive + _soft(growth.damage_floor * damage - drive, w) - _soft(-drive, w)


def _unfloored(growth: Growth, radius: Array, damage: Array) -> Array:
    """The drive that `_floored` makes a radius of."""
    w = growth.softness_damage
    # with Y = exp(drive / w), C and X likewise: (Y + C) Y = X (Y + 1)
    x, c = jnp.exp(radius / w), jnp.exp(growth.damage_floor * damage / w)
    apart = x - c
    root = jnp.sqrt(apart * apart + 4.0 * x)
    # the positive root, in the form without cancellation
    return w * jnp.log(jnp.where(apart >= 0.0, 0.5 * (apart + root), 2.0 * x / (root - apart)))


def _radius_change(growth: Growth, loads: Loads, bias: Bias, now: tuple[Array, Array, Array, Array], h: Array) -> Array:
    """Change of the radius in a part of a step, by the exponential of its linearised equation."""
    radius, begun, mass, damage = now

    def rate(at: Array) -> Array:
        drive = _answered(growth, bias, _drive(growth, loads, at - begun, mass))
        return (_floored(growth, drive, damage) - at) / growth.time

    here, slope = jax.jvp(rate, (radius,), (jnp.ones_like(radius),))
    z = h * slope
    near = jnp.abs(z) < 1e-8
    grown = jnp.where(near, 1.0 + 0.5 * z, jnp.expm1(z) / jnp.where(near, 1.0, z))
    return h * here * grown


def _wanted_mass(growth: Growth, loads: Loads, moved: Array) -> Array:
    return growth.gain_mass * _pull(growth, loads, moved)


def _relaxed(value: Array, wanted: Array, times: Array) -> Array:
    """A value that approaches another one for so many time constants."""
    return wanted + (value - wanted) * jnp.exp(-times)


def _overstretch(growth: Growth, loads: Loads, moved: Array) -> Array:
    """Mean stretch beyond that at which elastin yields, over the upright hours, 1."""
    beyond = loads.stretch * jnp.exp(moved) / growth.damage_threshold - 1.0
    return jnp.tensordot(loads.upright, _soft(beyond, jnp.asarray(HINGE)), axes=1)
