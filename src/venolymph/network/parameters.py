"""Every number of a network, as one tree of arrays with the batch axis last.

Units are mmHg, mL, s and cm throughout. `n` below is the number of cells, faces, valves, beds or surroundings
of the topology; `batch` the number of members computed side by side.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import TypeVar

import equinox as eqx
import jax
import jax.numpy as jnp
from jaxtyping import Array, Float


class Cells(eqx.Module):
    """Parameters of the cells: bundles of equal vessels side by side.

    Attributes:
        length: length of each vessel, cm.
        vessels: number of vessels side by side, 1.
        unstressed_area: lumen of one vessel at zero transmural pressure, cm2.
        friction: wall friction in multiples of pi (8 for a parabolic profile), 1.
        collapse_stiffness: resistance to flattening K, mmHg.
        elastin_stiffness: linear distension stiffness E, mmHg.
        collagen_stiffness: initial stiffness C of the exponential branch, mmHg.
        collagen_exponent: steepness k of the exponential branch, 1.
        tether: share of the stretch below the unstressed lumen that is still pulled at t (1: bound to a sheath), 1.
        viscous_time: viscous resistance of the wall over its elastic one tau_v, s.
        relaxation_gain: share beta of distension that creep adds in the end, 1.
        relaxation_time: time constant of creep, s.
        share: part of each surrounding's pressure that reaches the cell, 1.
        position: where the cell lies along each rigid link, cm (see `surroundings.heights`).
        compliance: volume per pressure of the topology's linear cells (0: a junction), mL/mmHg, 1 for a chamber; None
            where there are none. Of these cells only `position` is used as well.
    """

    length: Float[Array, "cells batch"]
    vessels: Float[Array, "cells batch"]
    unstressed_area: Float[Array, "cells batch"]
    friction: Float[Array, "cells batch"]
    collapse_stiffness: Float[Array, "cells batch"]
    elastin_stiffness: Float[Array, "cells batch"]
    collagen_stiffness: Float[Array, "cells batch"]
    collagen_exponent: Float[Array, "cells batch"]
    tether: Float[Array, "cells batch"]
    viscous_time: Float[Array, "cells batch"]
    relaxation_gain: Float[Array, "cells batch"]
    relaxation_time: Float[Array, "cells batch"]
    share: Float[Array, "cells slots batch"]
    position: Float[Array, "cells links batch"]
    compliance: Float[Array, "linear batch"] | None = None

    @property
    def unstressed_volume(self) -> Float[Array, "cells batch"]:
        """Volume of all vessels of a cell at zero transmural pressure, mL."""
        return self.length * self.vessels * self.unstressed_area


class Faces(eqx.Module):
    """Parameters of the faces.

    Attributes:
        tail_share: part of the tail cell's length that the flow through this face runs along, 1 (0.5 in a chain).
        head_share: the same for the head cell, 1.
        channel_length: length of the face's own rigid vessel (a perforator), cm; 0 for none.
        channel_area: lumen of one such vessel, cm2 (any positive figure where the length is 0).
        channel_vessels: number of such vessels side by side, 1.
        resistance: constant resistance in series, mmHg s/mL.
        open: 1 for a face that exists, 0 for a spare one that is switched off.
        loss: constant quadratic loss S (dp = S Q |Q|), mmHg s2/mL2; None where no face has one.
        inertance: constant inertance in series, mmHg s2/mL; None where no face has one.
    """

    tail_share: Float[Array, "faces batch"]
    head_share: Float[Array, "faces batch"]
    channel_length: Float[Array, "faces batch"]
    channel_area: Float[Array, "faces batch"]
    channel_vessels: Float[Array, "faces batch"]
    resistance: Float[Array, "faces batch"]
    open: Float[Array, "faces batch"]
    loss: Float[Array, "faces batch"] | None = None
    inertance: Float[Array, "faces batch"] | None = None


class Valves(eqx.Module):
    """Parameters of the valves, which let flow pass from tail to head of their face.

    Attributes:
        leak: open share M_rg of the annulus when closed, 1 (0 competent, 1 no valve).
        opening_time: time constant of opening tau_o, s.
        closing_time: time constant of closing tau_c under a small pressure difference, s.
        closing_pressure: pressure difference dp1 from which on a valve closes faster, mmHg.
        threshold: pressure difference at which the rates saturate dp0, mmHg.
        vessels: number of equal valves side by side, 1.
        in_channel: 1 where the valve sits in the face's own rigid channel, 0 where in the tail cell's vessels, 1.
        coaptation_area: lumen of one vessel beyond which the leaflets no longer meet, cm2.
    """

    leak: Float[Array, "valves batch"]
    opening_time: Float[Array, "valves batch"]
    closing_time: Float[Array, "valves batch"]
    closing_pressure: Float[Array, "valves batch"]
    threshold: Float[Array, "valves batch"]
    vessels: Float[Array, "valves batch"]
    in_channel: Float[Array, "valves batch"]
    coaptation_area: Float[Array, "valves batch"]


class Beds(eqx.Module):
    """Parameters of the microvascular beds.

    Attributes:
        conductance: lying at rest, mL/(s mmHg).
        arteriolar_gain: rise k of resistance by the whole venoarteriolar response, 1.
        arteriolar_threshold: transmural pressure of the small veins above which it acts, mmHg.
        arteriolar_full: the same at which it is complete, mmHg.
        arteriolar_time: its time constant while arterioles narrow, s.
        arteriolar_opening_time: the same while they open, s.
        exercise_gain: rise of conductance at full muscle work, as a multiple of rest less one, 1.
        exercise_time: time constant of its rise and decay, s.
    """

    conductance: Float[Array, "beds batch"]
    arteriolar_gain: Float[Array, "beds batch"]
    arteriolar_threshold: Float[Array, "beds batch"]
    arteriolar_full: Float[Array, "beds batch"]
    arteriolar_time: Float[Array, "beds batch"]
    arteriolar_opening_time: Float[Array, "beds batch"]
    exercise_gain: Float[Array, "beds batch"]
    exercise_time: Float[Array, "beds batch"]


class Surroundings(eqx.Module):
    """Parameters of what presses on cells.

    Attributes:
        elastance: rise of a surrounding's pressure with the blood inside it, mmHg/mL (0: pressure as prescribed).
        rest_volume: blood inside it at which that rise is zero, mL.
    """

    elastance: Float[Array, "surroundings batch"]
    rest_volume: Float[Array, "surroundings batch"]


class Switches(eqx.Module):
    """Parameters of the faces whose resistance changes with the pressure across (see `switch`).

    Attributes:
        added: resistance added when fully closed, mmHg s/mL.
        steepness: k, 1/mmHg.
    """

    added: Float[Array, "switches batch"]
    steepness: Float[Array, "switches batch"]


class Flaps(eqx.Module):
    """Parameters of the faces that let nothing back (see `flap`).

    Attributes:
        added: resistance added when shut, mmHg s/mL.
    """

    added: Float[Array, "flaps batch"]


class Fluid(eqx.Module):
    """Properties of blood.

    Attributes:
        viscosity: mmHg s.
        density: mmHg s2/cm2 (1.05 g/cm3 is 7.876e-4).
        weight: rise of pressure per depth, mmHg/cm.
    """

    viscosity: Float[Array, "one batch"]
    density: Float[Array, "one batch"]
    weight: Float[Array, "one batch"]


class Parameters(eqx.Module):
    """All parameters of a network: one tree, every leaf float64 with the batch axis last."""

    cells: Cells
    faces: Faces
    valves: Valves
    beds: Beds
    surroundings: Surroundings
    fluid: Fluid
    switches: Switches | None = None
    flaps: Flaps | None = None

    @property
    def batch(self) -> int:
        """Number of members."""
        return self.cells.length.shape[-1]


Tree = TypeVar("Tree")


def stack(members: Sequence[Tree]) -> Tree:
    """Members side by side: trees of one structure joined along the batch axis."""
    return jax.tree.map(lambda *leaves: jnp.concatenate(leaves, axis=-1), *members)
