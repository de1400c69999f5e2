"""A venous valve: an orifice that opens and closes at rates which saturate.

Mynard's orifice (Mynard et al. 2012, IJNMBE 28:626) with opening zeta between 0 and 1:

    A_eff = A (M + (1 - M) zeta)      B = rho / (2 A_eff^2 n^2)      L = rho 0.7 sqrt(A) / (A n)

for n valves side by side in annuli of area A, M their leak. Mynard's inertance has A_eff in place of A and so has no
bound in a valve that shuts: momentum would then outlive the slit it passes. The blood that has to be slowed is what
stands in the valve's sinus, whose lumen is A. The rates saturate with the pressure difference dp
over the face, so that one valve can follow both a released cuff (tens of mmHg) and quiet breathing (half a mmHg):

    dzeta/dt = (1 - zeta) s(dp / dp0) / tau_o     forward (dp > 0)      s(x) = x / sqrt(1 + x^2)
             =    - zeta  s(|dp| / dp0) / tau_c   backward

dp0 is far below what moves blood, so a valve is nearly a switch. A time step follows it to second order because it
averages s over the stretch of time in closed form, dp running straight from where it was to where it gets: between
x and y of one sign the mean of s is (x + y) / (sqrt(1 + x^2) + sqrt(1 + y^2)). Where dp changes its sign, what comes
before and what comes after count by their shares of the way.

A valve fails by its wall: leaflets made for an annulus of area A_c cover no more than that, so an annulus stretched
to A > A_c leaves the share 1 - A_c / A open, whatever the leaflets do.
"""

from __future__ import annotations

import equinox as eqx
import jax.numpy as jnp
from jaxtyping import Array, Float

from venolymph.network.parameters import Valves

CHANNEL_LENGTH = 0.7
"""Length of the orifice's fluid column as a multiple of sqrt(A)."""

SHUT_AREA = 1e-4
"""Open share of a competent closed valve: a floor that keeps the equations finite, far below any leak."""


class Orifice(eqx.Module):
    """A valve at the end of a stage, with what its slopes are made of.

    Attributes:
        zeta: opening, 1.
        loss: B, mmHg s2/mL2.
        inertance: L, mmHg s2/mL.
        far: sqrt(1 + y^2) for the pressure difference y in thresholds, 1.
        share: what the means of s have below the line, inverted, 1.
        left: part of the way to open or shut that is left, 1.
        per_free: inverse of the open share of the annulus, 1.
    """

    zeta: Float[Array, "valves batch"]
    loss: Float[Array, "valves batch"]
    inertance: Float[Array, "valves batch"]
    far: Float[Array, "valves batch"]
    share: Float[Array, "valves batch"]
    left: Float[Array, "valves batch"]
    per_free: Float[Array, "valves batch"]


class OrificeSlopes(eqx.Module):
    """Slopes of an orifice.

    Attributes:
        loss_by_drop: of B against the pressure difference, per mmHg.
        loss_by_annulus, inertance_by_annulus: against the lumen of the annulus, per cm2.
    """

    loss_by_drop: Float[Array, "valves batch"]
    loss_by_annulus: Float[Array, "valves batch"]
    inertance_by_annulus: Float[Array, "valves batch"]


class Begun(eqx.Module):
    """Where valves stood when a stretch of time began.

    Attributes:
        opening: zeta, 1.
        drop: pressure difference along the face, mmHg.
        span: length of the stretch, s.
    """

    opening: Float[Array, "*n batch"]
    drop: Float[Array, "*n batch"]
    span: Float[Array, ""]


def _way(valves: Valves, begun: Begun, drop: Array) -> tuple[Array, Array, Array, Array]:
    """The pressure difference in thresholds before and after, whether it changes its sign, and whether it opens."""
    per_threshold = 1.0 / valves.threshold
    x, y = begun.drop * per_threshold, drop * per_threshold
    crossing = x * y < 0.0
    return x, y, crossing, jnp.where(crossing, y, x + y) > 0.0


def _pulls(x: Array, y: Array, crossing: Array, far: Array, share: Array) -> tuple[Array, Array]:
    """Mean of s towards the side where a way from x to y ends, and towards the other, each times its share of it."""
    before = x * x / (1.0 + jnp.sqrt(1.0 + x * x))
    there = jnp.where(crossing, y * y, jnp.abs(x + y)) * share
    return there, jnp.where(crossing, before * (1.0 + far) * share, 0.0)


def _turns(valves: Valves, begun: Begun, opens: Array, there: Array, back: Array) -> tuple[Array, Array]:
    """What pulls make of the stretch of time in time constants: of opening, and of closing."""
    opening, closing = jnp.where(opens, there, back), jnp.where(opens, back, there)
    return (begun.span / valves.opening_time) * opening, (begun.span / valves.closing_time) * closing


def _shut(valves: Valves, per_annulus: Array) -> tuple[Array, Array]:
    """Open share of the annulus when shut, and its slope against the logarithm of the annulus."""
    met = valves.coaptation_area * per_annulus
    stretched = (1.0 - SHUT_AREA) * (1.0 - valves.leak)
    shut = (SHUT_AREA + (1.0 - SHUT_AREA) * valves.leak) + stretched * jnp.maximum(0.0, 1.0 - met)
    return shut, jnp.where(met < 1.0, stretched * met, 0.0)


def orifice_after(
    valves: Valves,
    density: Float[Array, "one batch"],
    drop: Float[Array, "valves batch"],
    per_annulus: Float[Array, "valves batch"],
    begun: Begun,
) -> Orifice:
    """A valve's orifice after a stretch of time in which its opening followed the pressure difference.

    Args:
        valves: parameters.
        density: of the fluid, mmHg s2/cm2.
        drop: pressure difference along the face at the end, mmHg.
        per_annulus: inverse of the lumen of one vessel at the valve, 1/cm2.
        begun: where the valves stood at the beginning.
    """
    x, y, crossing, opens = _way(valves, begun, drop)
    far = jnp.sqrt(1.0 + y * y)
    share = 1.0 / jnp.where(crossing, jnp.abs(y - x) * (1.0 + far), jnp.sqrt(1.0 + x * x) + far)
    opening, closing = _turns(valves, begun, opens, *_pulls(x, y, crossing, far, share))
    # exp(-k) as 1 / (1 + k + k^2 / 2): second order, and between 0 and 1 for any k.
    k = opening + closing
    left = 1.0 / (1.0 + k * (1.0 + 0.5 * k))
    zeta = left * (begun.opening + opening * (1.0 + 0.5 * k))
    shut, _ = _shut(valves, per_annulus)
    per_free = 1.0 / (shut + (1.0 - shut) * jnp.clip(zeta, 0.0, 1.0))
    per_area = per_annulus * per_free
    return Orifice(
        zeta=zeta,
        loss=(0.5 * density / (valves.vessels * valves.vessels)) * (per_area * per_area),
        inertance=(density * CHANNEL_LENGTH / valves.vessels) * jnp.sqrt(per_annulus),
        far=far,
        share=share,
        left=left,
        per_free=per_free,
    )


def orifice_slopes(
    valves: Valves,
    drop: Float[Array, "valves batch"],
    per_annulus: Float[Array, "valves batch"],
    begun: Begun,
    at: Orifice,
) -> OrificeSlopes:
    """The slopes of what `orifice_after` gave for the same arguments."""
    x, y, crossing, opens = _way(valves, begun, drop)
    there, back = _pulls(x, y, crossing, at.far, at.share)
    opening, closing = _turns(valves, begun, opens, there, back)
    pull, along = jnp.abs(y) / at.far, jnp.where(crossing, (1.0 + at.far) * at.share, at.share)
    there_slope = jnp.sign(y) * along * jnp.where(crossing, pull - there, 1.0 - there * pull)
    back_slope = -jnp.sign(y) * along * back
    opening_slope, closing_slope = _turns(valves, begun, opens, there_slope, back_slope)
    k, k_slope = opening + closing, opening_slope + closing_slope
    zeta_slope = at.left * (opening_slope * (1.0 + 0.5 * k) + (0.5 * opening - at.zeta * (1.0 + k)) * k_slope)
    shut, shut_slope = _shut(valves, per_annulus)
    inside = jnp.clip(at.zeta, 0.0, 1.0)
    free = shut + (1.0 - shut) * inside
    # Slopes of the open area's logarithm; those of B follow.
    moving = jnp.where((at.zeta > 0.0) & (at.zeta < 1.0), (1.0 - shut) * at.per_free, 0.0)
    by_drop = moving * zeta_slope / valves.threshold
    by_annulus = per_annulus * (free + (1.0 - inside) * shut_slope) / free
    return OrificeSlopes(-2.0 * at.loss * by_drop, -2.0 * at.loss * by_annulus, -0.5 * at.inertance * per_annulus)
