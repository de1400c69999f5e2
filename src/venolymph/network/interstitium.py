"""The interstitium: pressure from volume, stress that relaxes, and Darcy flow to neighbours.

Pressure against relative volume v = V / V0 is the human law of three segments (Chapple et al. 1993, after Guyton 1965):
stiff while pressure is below zero, flat in oedema; a last branch stands for skin that is taut, or for the fascia that
a muscle fills. Smoothed over a bend w with s_w(x) = w log(1 + exp(x / w)):

    P(v) = P0 + s1 (v-1) - (s1-s2) [s_w(v-v1) - s_w(1-v1)] - (s2-s3) [s_w(v-v2) - s_w(1-v2)] + (s4-s3) s_u(v-v3)

A change of volume adds a stress that relaxes (Wright et al. 2003, skin): in each of two Maxwell arms k

    dq_k/dt = g_k s1 dv/dt - q_k / tau_k        P = P(v) + sum q_k

Solutes dissolve only in part of the fluid (collagen and glycosaminoglycan exclude protein): the available volume is
`a V0 + a' (V - V0)`, since what swelling adds is more open. Fluid moves to neighbours by Darcy's law, and gravity acts,

    q = K 10^(d x) (P_a - P_b + gamma (z_a - z_b))

x rises smoothly from 0 at v = 1 to 1 at full swelling: conductivity of oedema is orders of magnitude higher
(Levick 1987; Baish, Padera and Munn 2022).

The fluid bears a share of external pressure, and fibres the rest: b at v = 1, all of it in oedema
(Reddy, Palmieri and Cochran 1981),

    P_fluid = P(v) + sum q_k + [b + (1 - b) x] P_outside          x as above, 1 at a fullness of its own

It takes some minutes, which the model neglects.
"""

from __future__ import annotations

import equinox as eqx
import jax.numpy as jnp
from jaxtyping import Array, Float

from venolymph.network.law import Law, differentiated
from venolymph.network.pulse import smooth_step


class Interstitium(eqx.Module):
    """Parameters of the compartments.

    Attributes:
        volume: interstitial fluid V0 at v = 1, mL.
        pressure: P0 at v = 1, mmHg.
        stiff_slope: s1, mmHg.
        middle_slope: s2, mmHg.
        flat_slope: s3, mmHg.
        taut_slope: s4, mmHg.
        middle_knee: v1, 1.
        flat_knee: v2, 1.
        taut_knee: v3, 1.
        bend: smoothing w of the first two knees, 1.
        taut_bend: smoothing u of the last, 1.
        relaxation_gain: g_k, 1.
        relaxation_time: tau_k, s.
        borne: share b of external pressure that fluid bears at v = 1, 1.
        borne_swelling: v at which it bears all of it, 1.
        available: share a of V0 available to each solute, 1.
        available_swelling: share a' of added fluid available to each solute, 1.
    """

    volume: Float[Array, "compartments batch"]
    pressure: Float[Array, "compartments batch"]
    stiff_slope: Float[Array, "compartments batch"]
    middle_slope: Float[Array, "compartments batch"]
    flat_slope: Float[Array, "compartments batch"]
    taut_slope: Float[Array, "compartments batch"]
    middle_knee: Float[Array, "compartments batch"]
    flat_knee: Float[Array, "compartments batch"]
    taut_knee: Float[Array, "compartments batch"]
    bend: Float[Array, "compartments batch"]
    taut_bend: Float[Array, "compartments batch"]
    relaxation_gain: Float[Array, "2 compartments batch"]
    relaxation_time: Float[Array, "2 compartments batch"]
    borne: Float[Array, "compartments batch"]
    borne_swelling: Float[Array, "compartments batch"]
    available: Float[Array, "solutes compartments batch"]
    available_swelling: Float[Array, "solutes compartments batch"]


class TissueLinks(eqx.Module):
    """Parameters of the links between neighbouring compartments.

    Attributes:
        conductance: K at v = 1, mL/s/mmHg.
        decades: decades d that full swelling adds, 1.
        full_swelling: v at which conductivity no longer rises, 1.
    """

    conductance: Float[Array, "links batch"]
    decades: Float[Array, "links batch"]
    full_swelling: Float[Array, "links batch"]


def _ramp(x: Float[Array, ...], width: Float[Array, ...]) -> Float[Array, ...]:
    """s_w(x) = w log(1 + exp(x / w))."""
    return width * jnp.logaddexp(x / width, 0.0)


def elastic_pressure(
    tissue: Interstitium, swelling: Float[Array, "compartments batch"]
) -> Float[Array, "compartments batch"]:
    """Interstitial pressure at rest P(v), mmHg, from relative volume v, 1."""
    w = tissue.bend

    def knee(at: Array) -> Array:
        return _ramp(swelling - at, w) - _ramp(1.0 - at, w)

    return (
        tissue.pressure
        + tissue.stiff_slope * (swelling - 1.0)
        - (tissue.stiff_slope - tissue.middle_slope) * knee(tissue.middle_knee)
        - (tissue.middle_slope - tissue.flat_slope) * knee(tissue.flat_knee)
        + (tissue.taut_slope - tissue.flat_slope) * _ramp(swelling - tissue.taut_knee, tissue.taut_bend)
    )


def borne_share(
    tissue: Interstitium, swelling: Float[Array, "compartments batch"]
) -> Float[Array, "compartments batch"]:
    """Share of external pressure that the fluid bears, 1, at relative volume v, 1."""
    part = smooth_step((swelling - 1.0) / (tissue.borne_swelling - 1.0))
    return tissue.borne + (1.0 - tissue.borne) * part


def relax_stress(
    tissue: Interstitium,
    stress: Float[Array, "2 compartments batch"],
    change: Float[Array, "compartments batch"],
    span: Float[Array, ""],
) -> Float[Array, "2 compartments batch"]:
    """Stress q_k of the Maxwell arms, mmHg, after `span` s in which v changed evenly by `change`, 1 (exact)."""
    decay = span / tissue.relaxation_time
    build = tissue.relaxation_gain * tissue.stiff_slope[None] * change[None]
    return stress * jnp.exp(-decay) - build * jnp.expm1(-decay) / decay


def available_volume(
    tissue: Interstitium, volume: Float[Array, "compartments batch"]
) -> Float[Array, "solutes compartments batch"]:
    """Volume in which each solute is dissolved, mL; never below a tenth of its share at rest."""
    rest = tissue.available * tissue.volume[None]
    return jnp.maximum(rest + tissue.available_swelling * (volume - tissue.volume)[None], 0.1 * rest)


def darcy_flow(
    links: TissueLinks, swelling: Float[Array, "links batch"], drop: Float[Array, "links batch"]
) -> Float[Array, "links batch"]:
    """Flow from a link's tail to its head, mL/s.

    Args:
        links: parameters.
        swelling: mean relative volume v of the two compartments, 1.
        drop: pressure difference, gravity included, mmHg.
    """
    part = smooth_step((swelling - 1.0) / (links.full_swelling - 1.0))
    return links.conductance * jnp.exp(jnp.log(10.0) * links.decades * part) * drop


LAWS = (
    Law(
        name="pressure of tissue at rest at its fluid",
        parts=(Interstitium,),
        variable="fluid over that of a leg at rest",
        unit="1",
        between=(0.6, 2.5),
        gives="interstitial pressure",
        gives_unit="mmHg",
        trend="rises",
        at=differentiated(elastic_pressure),
        source="guyton1965",
    ),
    Law(
        name="share of a pressure from outside that tissue fluid bears",
        parts=(Interstitium,),
        variable="fluid over that of a leg at rest",
        unit="1",
        between=(0.6, 2.5),
        gives="share",
        gives_unit="1",
        trend="rises",
        at=differentiated(borne_share),
        source="reddy1981",
    ),
)
