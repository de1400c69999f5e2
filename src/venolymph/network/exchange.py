"""Exchange between capillary blood and tissue: water by Starling, solutes by Patlak, precapillary closure.

Capillary pressure lies between venous and arterial pressure as the resistances after and before it divide them
(Pappenheimer and Soto-Rivera 1948), q their ratio, which falls as arterioles close and rises as they open: it goes with
phi, and with the warmth of the skin.

    P_c = (P_v + q P_a) / (1 + q)

Where arterioles keep the flow of a bed whatever the arterial pressure, as in the face, the pressure lost from the
capillaries to the venules is that of the flow and nothing else (in the lower lip 27.7 mmHg in capillaries sitting, and
6.2 more after hours of lying head down, as much as venules gain: Parazynski and others 1991). With w the flow over that
at rest,

    P_c = P_v + d w phi

Water, with the oncotic pressure that opposes it a blend of the tissue's and of the space under the glycocalyx
(Levick and Michel 2010):

    J_v = phi K [ (P_c - P_i) - sigma (pi_p - pi_eff) ]      pi_eff = w pi(C_g) + (1 - w) pi(C_i)
    C_g = C_p (1 - sigma) / (1 - sigma exp(-Pe))             Pe = J_v (1 - sigma) / (phi PS)

C_g has a pole just below Pe = 0; a steady absorption that would wash it up does not exist, so Pe is held at 0 there.
J_v is the root of a function that rises with it, found between brackets and differentiated as an implicit function.

Solutes (Patlak, Goldstein and Hoffman 1963), with x = Pe:

    J_s = PS phi [ b(x) C_p - b(-x) C_i ]                    b(x) = x / (1 - exp(-x))

which is J_v (1 - sigma) (C_p - C_i exp(-x)) / (1 - exp(-x)) in a form that is regular at no flow.

What is kept back thickens the plasma on its way along the capillary. With a plasma flow Q_p, in both laws,

    C_p becomes C_p [1 + sigma FF / (2 (1 - FF))]            FF = J_v / Q_p, at most 0.6 either way

Oncotic pressure of a concentration is that of `plasma`. Precapillary closure phi answers to two
stretches, with a time of its own: that of its own arterioles under the column of blood from the heart, which stays when
muscles empty the veins, and that of the small veins (Okazaki et al. 2005: 55 and 45 % of a hanging calf's
vasoconstriction; Mellander, Oeberg and Odelram 1964). It tends to

    phi_0 + (1 - phi_0) / (1 + exp((S - S_half) / width))    S = w_a (P_a - P_a,heart) + (1 - w_a) (P_v - P_pressed)

Those figures are of skin. In muscle w_a is 1, since a cuff that dams a lying calf shuts nothing that counts, and a
column leaves half of it open. What ends the filtration of muscle that hangs is its fascia, which it fills (Wells,
Youmans and Miller 1938; see `interstitium`).

A muscle at work opens more capillaries than it has open at rest: K and PS grow with its blood flow, by a share of its
rise (Vascular recruitment in forearm muscles during exercise, Clin Physiol 1983;3:445), which a phi above 1 stands for.

Concentrations are in mg/mL; protein is the first of the solutes.
"""

from __future__ import annotations

from functools import partial

import equinox as eqx
import jax
import jax.numpy as jnp
from jax import lax
from jaxtyping import Array, Float

from venolymph.network.law import Law, differentiated
from venolymph.network.plasma import Plasma, oncotic_pressure

ITERATIONS = 40
"""Most bisections and Newton steps for a filtration, together; few are needed."""

MOST_FILTERED = 0.6
"""Largest filtration fraction of plasma flow, in either direction, 1."""


class CapillaryBeds(eqx.Module):
    """Parameters of the capillary beds.

    Attributes:
        filtration: filtration coefficient K with all capillaries open, mL/s/mmHg.
        resistance_ratio: resistance after the capillaries over that before them q, 1.
        kept_drop: pressure d from capillaries to venules where arterioles keep the flow, mmHg; 0 where they do not.
        glycocalyx: weight w of the glycocalyx form, 1 (0 the classical form).
        closure_least: share of capillaries that stays open phi_0, 1.
        closure_weight: part w_a of the arteries' own pressure in what closes them, 1.
        closure_centre: stimulus at which closure is half-way S_half, mmHg.
        closure_width: its width, mmHg.
        closure_time: its time constant, s.
        reflection: reflection coefficient sigma of each solute, 1 (below 1).
        permeability: permeability-surface product PS of each solute with all capillaries open, mL/s.
        plasma_flow: flow of plasma at rest with all capillaries open, mL/s.
        recruitment: rise of K and PS over that of blood flow in a muscle at work, 1.
    """

    filtration: Float[Array, "beds batch"]
    resistance_ratio: Float[Array, "beds batch"]
    kept_drop: Float[Array, "beds batch"]
    glycocalyx: Float[Array, "beds batch"]
    closure_least: Float[Array, "beds batch"]
    closure_weight: Float[Array, "beds batch"]
    closure_centre: Float[Array, "beds batch"]
    closure_width: Float[Array, "beds batch"]
    closure_time: Float[Array, "beds batch"]
    reflection: Float[Array, "solutes beds batch"]
    permeability: Float[Array, "solutes beds batch"]
    plasma_flow: Float[Array, "beds batch"]
    recruitment: Float[Array, "beds batch"]


def capillary_pressure(
    beds: CapillaryBeds,
    warmth: Float[Array, "beds batch"],
    opened: Float[Array, "beds batch"],
    venous: Float[Array, "beds batch"],
    arterial: Float[Array, "beds batch"],
) -> Float[Array, "beds batch"]:
    """Mean capillary pressure, mmHg.

    Args:
        beds: parameters.
        warmth: flow of blood over that at the reference temperature w, 1.
        opened: share of capillaries that is open phi, 1.
        venous: pressure at the outlet, mmHg.
        arterial: at the bed, mmHg.
    """
    ratio = beds.resistance_ratio * warmth * opened
    passive = (venous + ratio * arterial) / (1.0 + ratio)
    return jnp.where(beds.kept_drop > 0.0, venous + beds.kept_drop * warmth * opened, passive)


def closure_goal(
    beds: CapillaryBeds, column: Float[Array, "beds batch"], venous: Float[Array, "beds batch"]
) -> Float[Array, "beds batch"]:
    """Share of open capillaries phi that two pressures lead to, 1.

    Args:
        beds: parameters.
        column: arterial pressure at the bed less that at the heart, mmHg.
        venous: at the bed's outlet, less the pressure from outside on the tissue, mmHg.
    """
    stimulus = beds.closure_weight * column + (1.0 - beds.closure_weight) * venous
    shut = jax.nn.sigmoid((stimulus - beds.closure_centre) / beds.closure_width)
    return 1.0 - (1.0 - beds.closure_least) * shut


def thickening(
    flow: Float[Array, "*one beds batch"],
    plasma_flow: Float[Array, "*one beds batch"],
    reflection: Float[Array, "*solutes beds batch"],
) -> Float[Array, "*solutes beds batch"]:
    """Concentration of a solute along the capillary over that in arterial plasma, 1.

    Args:
        flow: water that leaves the blood J_v, mL/s.
        plasma_flow: Q_p, mL/s.
        reflection: sigma of the solute, 1.
    """
    fraction = jnp.clip(flow / plasma_flow, -MOST_FILTERED, MOST_FILTERED)
    return 1.0 + 0.5 * reflection * fraction / (1.0 - fraction)


def _divided(x: Float[Array, ...]) -> Float[Array, ...]:
    """b(x) = x / (1 - exp(-x)), regular at 0 and for any size of x."""
    near = jnp.abs(x) < 1e-3
    far = jnp.where(near, 1.0, jnp.maximum(x, -500.0))
    square = x * x
    series = 1.0 + 0.5 * x + square / 12.0 - square * square / 720.0
    return jnp.where(near, series, -far / jnp.expm1(-far))


def solute_flow(
    flow: Float[Array, "solutes beds batch"],
    reflection: Float[Array, "solutes beds batch"],
    permeability: Float[Array, "solutes beds batch"],
    plasma: Float[Array, "solutes beds batch"],
    tissue: Float[Array, "solutes beds batch"],
) -> Float[Array, "solutes beds batch"]:
    """Solute that passes from blood to tissue, mg/s (Patlak).

    Args:
        flow: J_v, mL/s.
        reflection: sigma, 1.
        permeability: PS of the capillaries that are open, mL/s.
        plasma: concentration in plasma, mg/mL.
        tissue: concentration in the tissue, mg/mL.
    """
    through = jnp.maximum(permeability, 1e-30)
    peclet = flow * (1.0 - reflection) / through
    return through * (_divided(peclet) * plasma - _divided(-peclet) * tissue)


def glycocalyx_concentration(
    flow: Float[Array, "beds batch"],
    reflection: Float[Array, "beds batch"],
    permeability: Float[Array, "beds batch"],
    plasma: Float[Array, "beds batch"],
) -> Float[Array, "beds batch"]:
    """Steady protein concentration under the glycocalyx C_g, mg/mL; that of plasma where water is absorbed."""
    peclet = jnp.maximum(0.0, flow) * (1.0 - reflection) / jnp.maximum(permeability, 1e-30)
    let = 1.0 - reflection
    return plasma * let / (let - reflection * jnp.expm1(-peclet))


def filtration(
    beds: CapillaryBeds,
    plasma: Plasma,
    opened: Float[Array, "beds batch"],
    plasma_flow: Float[Array, "beds batch"],
    capillary: Float[Array, "beds batch"],
    tissue: Float[Array, "beds batch"],
    concentration: Float[Array, "beds batch"],
) -> Float[Array, "beds batch"]:
    """Water that leaves the blood of each bed J_v, mL/s.

    Args:
        beds: parameters.
        plasma: solutes and oncotic properties.
        opened: share of capillaries that are open phi, 1.
        plasma_flow: through them Q_p, mL/s.
        capillary: capillary pressure, mmHg.
        tissue: interstitial pressure, mmHg.
        concentration: protein in the tissue's available fluid, mg/mL.
    """
    blood = jnp.broadcast_to(plasma.concentration[:1], opened.shape)
    outside = oncotic_pressure(plasma.tissue_oncotic, concentration)
    driving_pressure = capillary - tissue + beds.reflection[0] * (1.0 - beds.glycocalyx) * outside
    inputs = _FiltrationInputs(
        opened * beds.filtration,
        opened * beds.permeability[0],
        plasma_flow,
        driving_pressure,
        beds.glycocalyx,
        beds.reflection[0],
        blood,
        plasma.plasma_oncotic,
    )
    frozen = lax.stop_gradient(inputs)
    root = _root(frozen)
    _, slope = jax.jvp(partial(_filtration_residual, frozen), (root,), (jnp.ones_like(root),))
    # One more Newton step, which carries the derivatives of the root.
    return root - _filtration_residual(inputs, root) / lax.stop_gradient(slope)


class _FiltrationInputs(eqx.Module):
    """Inputs of one filtration; `driving_pressure` leaves out the oncotic pressure of blood, mmHg."""

    conductance: Float[Array, "beds batch"]
    permeability: Float[Array, "beds batch"]
    plasma_flow: Float[Array, "beds batch"]
    driving_pressure: Float[Array, "beds batch"]
    weight: Float[Array, "beds batch"]
    sigma: Float[Array, "beds batch"]
    blood: Float[Array, "beds batch"]
    cubic: Float[Array, "3 batch"]


def _filtration_residual(inputs: _FiltrationInputs, flow: Array) -> Array:
    """A filtration less the filtration that it implies, mL/s; increasing in the filtration."""
    blood = inputs.blood * thickening(flow, inputs.plasma_flow, inputs.sigma)
    under = glycocalyx_concentration(flow, inputs.sigma, inputs.permeability, blood)
    opposing = oncotic_pressure(inputs.cubic, blood) - inputs.weight * oncotic_pressure(inputs.cubic, under)
    return flow - inputs.conductance * (inputs.driving_pressure - inputs.sigma * opposing)


def _root(inputs: _FiltrationInputs) -> Array:
    """The filtration at which the residual is zero, mL/s."""
    # Thickening and wash-out oppose the flow, and the more the further it is from zero: the root lies between zero and
    # the flow without them.
    most = -_filtration_residual(inputs, jnp.zeros_like(inputs.driving_pressure))
    low, high = jnp.minimum(most, 0.0), jnp.maximum(most, 0.0)

    def narrow(carry: tuple) -> tuple:
        low, high, flow, iteration, _ = carry
        value, slope = jax.jvp(partial(_filtration_residual, inputs), (flow,), (jnp.ones_like(flow),))
        low, high = jnp.where(value < 0.0, flow, low), jnp.where(value < 0.0, high, flow)
        aim = flow - value / slope
        size = jnp.abs(flow) + 1e-9 * inputs.conductance + 1e-30
        # Newton alone may alternate between two points; every third iteration bisects what has not converged.
        near = jnp.abs(aim - flow) < 1e-6 * size
        fresh = jnp.where(near | ((aim > low) & (aim < high) & (iteration % 3 < 2)), aim, 0.5 * (low + high))
        return low, high, fresh, iteration + 1, jnp.max(jnp.abs(fresh - flow) / size)

    def unfinished(carry: tuple) -> Array:
        return (carry[3] < ITERATIONS) & (carry[4] > 1e-13)

    start = (low, high, most, jnp.asarray(0), jnp.asarray(jnp.inf))
    return lax.stop_gradient(lax.while_loop(unfinished, narrow, start)[2])


def _open_at(beds: CapillaryBeds, venous: Float[Array, "one batch"]) -> Float[Array, "beds batch"]:
    """Share of capillaries that stay open as veins fill alone, as under a cuff."""
    none = jnp.zeros_like(beds.closure_weight)
    return closure_goal(beds, none, venous + none)


def _filtered_at(
    beds: CapillaryBeds, plasma: Plasma, capillary: Float[Array, "one batch"]
) -> Float[Array, "beds batch"]:
    """Filtration from open capillaries with ample plasma into tissue at -1 mmHg with 20 mg/mL of protein."""
    none = jnp.zeros_like(beds.filtration)
    ample = none + 1.0
    return filtration(beds, plasma, ample, ample, capillary + none, none - 1.0, none + 20.0)


LAWS = (
    Law(
        name="capillaries that stay open as veins fill",
        parts=(CapillaryBeds,),
        variable="venous pressure",
        unit="mmHg",
        between=(-20.0, 120.0),
        gives="open share",
        gives_unit="1",
        trend="falls",
        at=differentiated(_open_at),
        source="okazaki2005",
    ),
    Law(
        name="filtration at the pressure in capillaries",
        parts=(CapillaryBeds, Plasma),
        variable="capillary pressure",
        unit="mmHg",
        between=(0.0, 100.0),
        gives="flow",
        gives_unit="mL/s",
        trend="rises",
        at=differentiated(_filtered_at),
        source="levick2010",
    ),
)
