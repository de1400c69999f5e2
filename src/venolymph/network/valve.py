"""A venous valve: an orifice that opens and closes at rates which saturate.

Mynard's orifice (Mynard et al. 2012, IJNMBE 28:626) with opening zeta between 0 and 1:

    A_eff = A (M + (1 - M) zeta)      B = rho / (2 A_eff^2 n^2)      L = rho 0.7 sqrt(A) / (A n)

for n valves side by side in annuli of area A, M their leak. Mynard's inertance has A_eff in place of A and so has no
bound in a valve that shuts: momentum would then outlive the slit it passes. The blood that has to be slowed is what
stands in the valve's sinus, whose lumen is A. The rates saturate with the pressure difference dp
over the face, so that one valve can follow both a released cuff (tens of mmHg) and quiet breathing (half a mmHg):

    dzeta/dt = (1 - zeta) tanh(dp / dp0) / tau_o     forward (dp > 0)
             =    - zeta  tanh(|dp| / dp0) / tau_c   backward

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


def implicit_orifice(
    leaflets: Leaflets,
    density: Float[Array, "one batch"],
    pressure_drop: Float[Array, "faces batch"],
    annulus: Float[Array, "faces batch"],
    known: Float[Array, "faces batch"],
    h: Float[Array, ""],
) -> Orifice:
    """A valve's orifice once its opening has followed the pressure difference implicitly.

    Args:
        leaflets: parameters of the valves, one a face.
        density: of the fluid, mmHg s2/cm2.
        pressure_drop: along the face, mmHg.
        annulus: lumen of one vessel at the valve, cm2.
        known: right side of `zeta - h dzeta/dt(zeta) = known`, 1.
        h: implicit share of the step, s.
    """
    pull = jnp.tanh(pressure_drop / leaflets.threshold)
    forward = pull > 0.0
    opening = jnp.where(forward, pull, 0.0) / leaflets.opening_time
    closing = jnp.where(forward, 0.0, -pull) / leaflets.closing_time
    settled = 1.0 / (1.0 + h * (opening + closing))
    zeta = (known + h * opening) * settled
    by_pull = h * settled * jnp.where(forward, (1.0 - zeta) / leaflets.opening_time, zeta / leaflets.closing_time)
    zeta_by_drop = by_pull * (1.0 - pull * pull) / leaflets.threshold
    met = leaflets.coaptation_area / annulus
    gap = jnp.maximum(0.0, 1.0 - met)
    leak = leaflets.leak + (1.0 - leaflets.leak) * gap
    shut = SHUT_AREA + (1.0 - SHUT_AREA) * leak
    inside = jnp.clip(zeta, 0.0, 1.0)
    part = shut + (1.0 - shut) * inside
    widening = (1.0 - inside) * (1.0 - SHUT_AREA) * (1.0 - leaflets.leak) * jnp.where(gap > 0.0, met, 0.0)
    total = annulus * part * leaflets.vessels
    loss = 0.5 * density / (total * total)
    inertance = density * CHANNEL_LENGTH / (jnp.sqrt(annulus) * leaflets.vessels)
    # d(log total) along each way; the slopes of B follow.
    by_drop = jnp.where((zeta > 0.0) & (zeta < 1.0), (1.0 - shut) * zeta_by_drop, 0.0) / part
    by_annulus = (1.0 + widening / part) / annulus
    return Orifice(
        zeta=zeta,
        loss=loss,
        inertance=inertance,
        loss_by_drop=-2.0 * loss * by_drop,
        loss_by_annulus=-2.0 * loss * by_annulus,
        inertance_by_annulus=-0.5 * inertance / annulus,
    )
