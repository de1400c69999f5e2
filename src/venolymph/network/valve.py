"""A venous valve: an orifice that opens and closes at rates which saturate.

Mynard's orifice (Mynard et al. 2012, IJNMBE 28:626) with opening zeta between 0 and 1:

    A_eff = A (M + (1 - M) zeta)      B = rho / (2 A_eff^2 n^2)      L = rho 0.7 sqrt(A) / (A n)

for n valves side by side in annuli of area A, M their leak. Mynard's inertance has A_eff in place of A and so has no
bound in a valve that shuts: momentum would then outlive the slit it passes. The blood that has to be slowed is what
stands in the valve's sinus, whose lumen is A. The rates saturate with the pressure difference dp
over the face, so that one valve can follow both a released cuff (tens of mmHg) and quiet breathing (half a mmHg):

    dzeta/dt = (1 - zeta) s(x) / tau_o - zeta s(-x) / tau_c sqrt(1 + dp0 p(-x) / dp1)      x = dp / dp0

    s(x) = d/dx sqrt(1 + p(x)^2)      p(x) = (x + sqrt(x^2 + w^2)) / 2

p is x where blood is pushed forward and 0 where it is pushed back, but for a corner rounded over w; so s grows with
the push and saturates at 1. dp0 is far below what moves blood, so a valve is nearly a switch. Leaflets are carried
shut by the blood that runs back, whose speed under dp grows with its root (Bernoulli): dp1 is where that begins to
count. In quiet breathing (under 1 mmHg) a valve takes a third of a second to close (Lurie et al. 2003, J Vasc Surg
38:955); behind a muscle that lets go (tens of mmHg) a tenth or less.

A time step is of second order because s is averaged over the stage in closed form, with dp linear in time: between x
and y the mean of s is that of p's slope,
(1 + (x + y) / (r(x) + r(y))) / 2 with r(x) = sqrt(x^2 + w^2), times (p(x) + p(y)) / (f(x) + f(y)) with
f(x) = sqrt(1 + p(x)^2). The root has the mean of a root of a linear function. Leaflets that first close and then
open end further open than in the reverse order, by half the product of both times the order (y - x) / (r(x) + r(y)).

A valve fails by its wall: leaflets made for an annulus of area A_c cover no more than that, so an annulus stretched
to A > A_c leaves the share 1 - A_c / A open, whatever the leaflets do. Leaflets are soft and their edges uneven, so the
share sets in over a few hundredths of the annulus and not at once: (u + e)^2 / (4 e) where u = 1 - A_c / A is within e.
"""

from __future__ import annotations

import equinox as eqx
import jax.numpy as jnp
from jaxtyping import Array, Float

from venolymph.network.law import Law
from venolymph.network.parameters import Fluid, Valves

CHANNEL_LENGTH = 0.7
"""Length of the orifice's fluid column as a multiple of sqrt(A)."""

SHUT_AREA = 1e-4
"""Open share of a competent closed valve: a floor that keeps the equations finite, far below any leak."""

CORNER = 0.2
"""w: width of the corner of opening and closing, in thresholds."""

UNEVEN = 0.02
"""e: share of the annulus over which leaflets that just meet cease to."""


class Orifice(eqx.Module):
    """Valve opening, loss and inertance at the end of a stage, with terms reused by the slopes.

    Attributes:
        zeta: opening, 1.
        loss: B, mmHg s2/mL2.
        inertance: L, mmHg s2/mL.
        integrals: of the opening and closing rates over the stage, and their slopes.
        remaining: share exp(-k) of the initial opening that remains, 1.
        per_free: inverse of the open share of the annulus, 1.
    """

    zeta: Float[Array, "valves batch"]
    loss: Float[Array, "valves batch"]
    inertance: Float[Array, "valves batch"]
    integrals: _RateIntegrals
    remaining: Float[Array, "valves batch"]
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
    """Valves at the start of a stage.

    Attributes:
        opening: zeta, 1.
        drop: pressure difference along the face, mmHg.
        span: duration of the stage, s.
    """

    opening: Float[Array, "*n batch"]
    drop: Float[Array, "*n batch"]
    span: Float[Array, ""]


class _Push(eqx.Module):
    """The push on leaflets in one direction over a stage, and its slopes against the pressure difference at its end.

    Attributes:
        mean: of s, 1.
        slope: of the mean, 1.
        begin, end: p at the beginning and at the end, 1.
        end_slope: of p there, 1.
    """

    mean: Array
    slope: Array
    begin: Array
    end: Array
    end_slope: Array


def _push(x: Array, y: Array, root_at_start: Array, root_at_end: Array) -> _Push:
    """The forward push between x and y thresholds, with their roots r; of -x and -y: the backward push."""
    per_denominator, relative_end = 1.0 / (root_at_start + root_at_end), y / root_at_end
    begin, end, end_slope = 0.5 * (x + root_at_start), 0.5 * (y + root_at_end), 0.5 * (1.0 + relative_end)
    forward = (x + y) * per_denominator
    least, most = jnp.sqrt(1.0 + begin * begin), jnp.sqrt(1.0 + end * end)
    part = 1.0 / (least + most)
    strength = (begin + end) * part
    strength_slope = end_slope * part * (1.0 - strength * end / most)
    forward_slope = per_denominator * (1.0 - forward * relative_end)
    slope = 0.5 * (forward_slope * strength + (1.0 + forward) * strength_slope)
    return _Push(0.5 * (1.0 + forward) * strength, slope, begin, end, end_slope)


class _RateIntegrals(eqx.Module):
    """Integrals of the opening and closing rates over a stage, and slopes against the pressure difference at its end.

    Attributes:
        opening, closing: duration in time constants times the mean push, 1.
        order: 1 if all closing precedes all opening, -1 if it follows it.
        opening_slope, closing_slope, order_slope: against the pressure difference in thresholds, 1.
    """

    opening: Array
    closing: Array
    order: Array
    opening_slope: Array
    closing_slope: Array
    order_slope: Array


def _rate_integrals(valves: Valves, begun: Begun, drop: Array) -> _RateIntegrals:
    x, y = begun.drop / valves.threshold, drop / valves.threshold
    root_at_start, root_at_end = jnp.sqrt(x * x + CORNER * CORNER), jnp.sqrt(y * y + CORNER * CORNER)
    opening_push, closing_push = _push(x, y, root_at_start, root_at_end), _push(-x, -y, root_at_start, root_at_end)
    # leaflets close faster under a large difference: the mean of a root over a straight way
    per = valves.threshold / valves.closing_pressure
    first, last = jnp.sqrt(1.0 + per * closing_push.begin), jnp.sqrt(1.0 + per * closing_push.end)
    both = first + last
    closing_speed = (2.0 / 3.0) * (both - first * last / both)
    closing_speed_slope = (per / 3.0) * (2.0 * first + last) / (both * both) * closing_push.end_slope
    to_open, to_close = begun.span / valves.opening_time, begun.span / valves.closing_time
    per_denominator = 1.0 / (root_at_start + root_at_end)
    order = (y - x) * per_denominator
    return _RateIntegrals(
        opening=to_open * opening_push.mean,
        closing=to_close * closing_push.mean * closing_speed,
        order=order,
        opening_slope=to_open * opening_push.slope,
        closing_slope=-to_close * (closing_push.slope * closing_speed + closing_push.mean * closing_speed_slope),
        order_slope=per_denominator * (1.0 - order * y / root_at_end),
    )


def _closed_share(valves: Valves, per_annulus: Array) -> tuple[Array, Array]:
    """Open share of the annulus when shut, and its slope against the logarithm of the annulus."""
    met = valves.coaptation_area * per_annulus
    apart = 1.0 - met
    within = jnp.clip(apart + UNEVEN, 0.0, 2.0 * UNEVEN)
    gap = (0.25 / UNEVEN) * within * within + jnp.maximum(0.0, apart - UNEVEN)
    stretched = (1.0 - SHUT_AREA) * (1.0 - valves.leak)
    shut = (SHUT_AREA + (1.0 - SHUT_AREA) * valves.leak) + stretched * gap
    return shut, stretched * met * (0.5 / UNEVEN) * within


def open_share_when_shut(valves: Valves, annulus: Float[Array, "valves batch"]) -> Float[Array, "valves batch"]:
    """Share of the annulus that shut valves leave open, 1, from the lumen of one vessel at them, cm2."""
    return _closed_share(valves, 1.0 / annulus)[0]


def orifice_after(
    valves: Valves,
    density: Float[Array, "one batch"],
    drop: Float[Array, "valves batch"],
    per_annulus: Float[Array, "valves batch"],
    begun: Begun,
) -> Orifice:
    """The orifice of a valve at the end of a stage in which its opening follows the pressure difference.

    Args:
        valves: parameters.
        density: of the fluid, mmHg s2/cm2.
        drop: pressure difference along the face at the end, mmHg.
        per_annulus: inverse of the lumen of one vessel at the valve, 1/cm2.
        begun: valves at the start of the stage.
    """
    integrals = _rate_integrals(valves, begun, drop)
    opening, closing = integrals.opening, integrals.closing
    # exp(-k) as 1 / (1 + k + k^2 / 2): second order, and between 0 and 1 for any k.
    k = opening + closing
    remaining = 1.0 / (1.0 + k * (1.0 + 0.5 * k))
    zeta = remaining * (begun.opening + opening * (1.0 + 0.5 * (k + integrals.order * closing)))
    shut, _ = _closed_share(valves, per_annulus)
    per_free = 1.0 / (shut + (1.0 - shut) * jnp.clip(zeta, 0.0, 1.0))
    per_area = per_annulus * per_free
    return Orifice(
        zeta=zeta,
        loss=(0.5 * density / (valves.vessels * valves.vessels)) * (per_area * per_area),
        inertance=(density * CHANNEL_LENGTH / valves.vessels) * jnp.sqrt(per_annulus),
        integrals=integrals,
        remaining=remaining,
        per_free=per_free,
    )


def orifice_slopes(valves: Valves, per_annulus: Float[Array, "valves batch"], at: Orifice) -> OrificeSlopes:
    """Slopes of the result of `orifice_after` for these valves and annuli."""
    integrals = at.integrals
    opening, closing = integrals.opening, integrals.closing
    k, k_slope = opening + closing, integrals.opening_slope + integrals.closing_slope
    ordered = integrals.order_slope * closing + integrals.order * integrals.closing_slope
    zeta_slope = at.remaining * (
        integrals.opening_slope * (1.0 + 0.5 * (k + integrals.order * closing))
        + 0.5 * opening * (k_slope + ordered)
        - at.zeta * (1.0 + k) * k_slope
    )
    shut, shut_slope = _closed_share(valves, per_annulus)
    inside = jnp.clip(at.zeta, 0.0, 1.0)
    free = shut + (1.0 - shut) * inside
    # Slopes of the open area's logarithm; those of B follow.
    moving = jnp.where((at.zeta > 0.0) & (at.zeta < 1.0), (1.0 - shut) * at.per_free, 0.0)
    by_drop = moving * zeta_slope / valves.threshold
    by_annulus = per_annulus * (free + (1.0 - inside) * shut_slope) / free
    return OrificeSlopes(-2.0 * at.loss * by_drop, -2.0 * at.loss * by_annulus, -0.5 * at.inertance * per_annulus)


ANNULUS_OF_LAW = 1.3
"""Area of the annulus over that which leaflets cover, for the law below, 1: a valve that leaks a little."""
SPAN_OF_LAW = 0.05
"""Duration of the stage for the law below, s."""


def _loss_at(
    valves: Valves, fluid: Fluid, drop: Float[Array, "one batch"]
) -> tuple[Float[Array, "valves batch"], Float[Array, "valves batch"]]:
    """Loss of a half open valve after a stage that ends with a pressure difference, and its slope against that."""
    half, none = jnp.full_like(valves.threshold, 0.5), jnp.zeros_like(valves.threshold)
    per_annulus = 1.0 / (ANNULUS_OF_LAW * valves.coaptation_area)
    begun = Begun(half, none, jnp.asarray(SPAN_OF_LAW))
    orifice = orifice_after(valves, fluid.density, drop + none, per_annulus, begun)
    return orifice.loss, orifice_slopes(valves, per_annulus, orifice).loss_by_drop


LAWS = (
    Law(
        name="loss of a valve after the pressure difference that moved its leaflets",
        parts=(Valves, Fluid),
        variable="pressure difference",
        unit="mmHg",
        between=(-30.0, 30.0),
        gives="loss",
        gives_unit="mmHg s2/mL2",
        trend="falls",
        at=_loss_at,
        source="mynard2012",
    ),
)
