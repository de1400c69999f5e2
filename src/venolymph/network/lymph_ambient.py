"""What surrounds lymph during an exchange interval: tissue, held still; pressures, heights, pulses and breathing."""

from __future__ import annotations

import equinox as eqx
import jax.numpy as jnp
import numpy as np
from jaxtyping import Array, Float

from venolymph.network import lymphangion
from venolymph.network.drainage_types import DrainageDrive, DrainageParameters, DrainageTopology, PostureAndLoads
from venolymph.network.lymphangion import Pacing
from venolymph.network.pulse import breath


class FrozenTissue(eqx.Module):
    """State of the tissue, constant during the steps of one interval.

    Attributes:
        tissue: interstitial pressure at each initial lymphatic without external pressure, mmHg.
        borne: share of external pressure that the fluid there bears, 1.
        slow_pressure: contribution of slow tissue pressure to the pressure outside each cell, mmHg.
        density: of solutes in the tissue at each initial lymphatic, mg/mL.
        uptake_conductance: uptake per pressure difference, mL/s/mmHg.
        swing: of that difference, mmHg.
        plasma: oncotic pressure of plasma, mmHg.
    """

    tissue: Float[Array, "initials batch"]
    borne: Float[Array, "initials batch"]
    slow_pressure: Float[Array, "cells batch"]
    density: Float[Array, "solutes initials batch"]
    uptake_conductance: Float[Array, "initials batch"]
    swing: Float[Array, "initials batch"]
    plasma: Float[Array, "one batch"]


class SteadyAmbient(eqx.Module):
    """The ambient without pulses and breathing; see `Ambient`.

    Attributes:
        borne: share of external pressure that tissue fluid bears, 1.
        hydrostatic: pressure equivalent of each sac's height, mmHg.
    """

    outside: Float[Array, "cells batch"]
    tissue: Float[Array, "initials batch"]
    head: Float[Array, "outflows batch"]
    ends: Float[Array, "ends batch"]
    borne: Float[Array, "initials batch"]
    hydrostatic: Float[Array, "initials batch"]


def steady_ambient(
    topology: DrainageTopology, parameters: DrainageParameters, frozen: FrozenTissue, placed: PostureAndLoads
) -> SteadyAmbient:
    """The ambient of a posture and its loads."""
    where = np.array(topology.initial_compartment)
    height = jnp.concatenate([placed.compartment_height[where], placed.vessel_height])
    return SteadyAmbient(
        outside=frozen.slow_pressure + jnp.concatenate([placed.on_initials, placed.on_vessels]),
        tissue=frozen.tissue + frozen.borne * placed.on_compartments[where],
        head=parameters.weight * (height - topology.tree.value_downstream(placed.vessel_height, placed.end_height)),
        ends=placed.end_pressure,
        borne=frozen.borne,
        hydrostatic=parameters.weight * height[: len(where)],
    )


class Ambient(eqx.Module):
    """Quantities linear over a step: pressures outside cells, in tissue and at the ends, heads, activation."""

    outside: Float[Array, "cells batch"]
    tissue: Float[Array, "initials batch"]
    head: Float[Array, "outflows batch"]
    ends: Float[Array, "ends batch"]
    active: Float[Array, "lymphangions batch"]


def ambient_at(
    parameters: DrainageParameters, drive: DrainageDrive, now: SteadyAmbient, pacing: Pacing, clock: Array
) -> Ambient:
    """The ambient with pulses and breathing at a time of the run, s."""
    turn = (clock - drive.pulse_begin) / drive.pulse_period
    beat = drive.beat_initials.at(turn)
    vessel_pulse = drive.beat_vessels.height * drive.beat_vessels.at(turn)
    breathing = breath(clock, drive.breath_period)
    pressed = drive.beat_initials.height * beat, vessel_pulse + drive.breath_vessels * breathing
    return Ambient(
        outside=now.outside + jnp.concatenate(pressed),
        tissue=now.tissue + now.borne * drive.pulse_tissue * beat,
        head=now.head,
        ends=now.ends + drive.breath_end * breathing,
        active=lymphangion.activation(parameters.lymphangions, pacing.since),
    )
