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
x and y of one sign the mean of s is (x + y) / (sqrt(1 + x^2) + sqrt(1 + y^2)).

A valve fails by its wall: leaflets made for an annulus of area A_c cover no more than that, so an annulus stretched
to A > A_c leaves the share 1 - A_c / A open, whatever the leaflets do.
"""

from __future__ import annotations

import equinox as eqx
import jax.numpy as jnp
from jaxtyping import Array, Float

CHANNEL_LENGTH = 0.7
"""Length of the orifice's fluid column as a multiple of sqrt(A)."""

SHUT_AREA = 1e-4
"""Open share of a competent closed valve: a floor that keeps the equations finite, far below any leak."""


class Leaflets(eqx.Module):
    """Parameters of the valve on each face, laid out by face (a face without a valve has any positive figures).

    Attributes:
        leak, threshold, opening_time, closing_time, vessels, coaptation_area: as in `parameters.Valves`.
    """

    leak: Float[Array, "faces batch"]
    threshold: Float[Array, "faces batch"]
    opening_time: Float[Array, "faces batch"]
    closing_time: Float[Array, "faces batch"]
    vessels: Float[Array, "faces batch"]
    coaptation_area: Float[Array, "faces batch"]


class Orifice(eqx.Module):
    """A valve at the end of a stage.

    Attributes:
        zeta: opening, 1.
        loss: B, mmHg s2/mL2.
        inertance: L, mmHg s2/mL.
        loss_by_drop: slope of B against the pressure difference, per mmHg.
        loss_by_annulus, inertance_by_annulus: slopes against the lumen of the annulus, per cm2.
    """

    zeta: Float[Array, "faces batch"]
    loss: Float[Array, "faces batch"]
    inertance: Float[Array, "faces batch"]
    loss_by_drop: Float[Array, "faces batch"]
    loss_by_annulus: Float[Array, "faces batch"]
    inertance_by_annulus: Float[Array, "faces batch"]


class Begun(eqx.Module):
    """Where valves stood when a stretch of time began.

    Attributes:
        opening: zeta, 1.
        drop: pressure difference along the face, mmHg.
        span: length of the stretch, s.
    """

    opening: Float[Array, "faces batch"]
    drop: Float[Array, "faces batch"]
    span: Float[Array, ""]


def _mean_pull(x: Array, y: Array, share: Array, share_slope: Array) -> tuple[Array, Array]:
    """Mean of s over the part of the way from x to y that is positive, times that part; and its slope against y."""
    x, ahead = jnp.maximum(x, 0.0), (y > 0.0).astype(y.dtype)
    y = jnp.maximum(y, 0.0)
    far = jnp.sqrt(1.0 + y * y)
    both = 1.0 / (far + jnp.sqrt(1.0 + x * x))
    mean = (x + y) * both
    return share * mean, share_slope * mean + share * both * (ahead - mean * y / far)


def orifice_after(
    leaflets: Leaflets,
    density: Float[Array, "one batch"],
    pressure_drop: Float[Array, "faces batch"],
    annulus: Float[Array, "faces batch"],
    begun: Begun,
) -> Orifice:
    """A valve's orifice after a stretch of time in which its opening followed the pressure difference.

    Args:
        leaflets: parameters of the valves, one a face.
        density: of the fluid, mmHg s2/cm2.
        pressure_drop: along the face at the end, mmHg.
        annulus: lumen of one vessel at the valve, cm2.
        begun: where it stood at the beginning.
    """
    x, y = begun.drop / leaflets.threshold, pressure_drop / leaflets.threshold
    crossing = x * y < 0.0
    way = jnp.where(crossing, jnp.abs(y - x), 1.0)
    part = jnp.where(crossing, jnp.maximum(jnp.maximum(x, y), 0.0) / way, (x + y > 0.0).astype(y.dtype))
    part_slope = jnp.where(crossing, jnp.abs(x) / (way * way), 0.0)
    forward, forward_slope = _mean_pull(x, y, part, part_slope)
    backward, backward_slope = _mean_pull(-x, -y, 1.0 - part, part_slope)
    opening, closing = forward / leaflets.opening_time, backward / leaflets.closing_time
    opening_slope, closing_slope = forward_slope / leaflets.opening_time, -backward_slope / leaflets.closing_time
    # exp(-k) as 1 / (1 + k + k^2 / 2): second order, and between 0 and 1 for any k.
    k = begun.span * (opening + closing)
    left = 1.0 / (1.0 + k * (1.0 + 0.5 * k))
    gain = begun.span * (1.0 + 0.5 * k)
    zeta = left * (begun.opening + opening * gain)
    k_slope = begun.span * (opening_slope + closing_slope)
    gain_slope = 0.5 * begun.span * k_slope
    zeta_slope = left * (opening_slope * gain + opening * gain_slope - zeta * (1.0 + k) * k_slope)
    zeta_by_drop = zeta_slope / leaflets.threshold
    met = leaflets.coaptation_area / annulus
    gap = jnp.maximum(0.0, 1.0 - met)
    leak = leaflets.leak + (1.0 - leaflets.leak) * gap
    shut = SHUT_AREA + (1.0 - SHUT_AREA) * leak
    inside = jnp.clip(zeta, 0.0, 1.0)
    free = shut + (1.0 - shut) * inside
    widening = (1.0 - inside) * (1.0 - SHUT_AREA) * (1.0 - leaflets.leak) * jnp.where(gap > 0.0, met, 0.0)
    total = annulus * free * leaflets.vessels
    loss = 0.5 * density / (total * total)
    inertance = density * CHANNEL_LENGTH / (jnp.sqrt(annulus) * leaflets.vessels)
    # d(log total) along each way; the slopes of B follow.
    by_drop = jnp.where((zeta > 0.0) & (zeta < 1.0), (1.0 - shut) * zeta_by_drop, 0.0) / free
    by_annulus = (1.0 + widening / free) / annulus
    return Orifice(
        zeta=zeta,
        loss=loss,
        inertance=inertance,
        loss_by_drop=-2.0 * loss * by_drop,
        loss_by_annulus=-2.0 * loss * by_annulus,
        inertance_by_annulus=-0.5 * inertance / annulus,
    )
