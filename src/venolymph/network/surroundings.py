"""Ambient pressure and height of the cells at one time of a regimen.

A surrounding's pressure has a prescribed part (a muscle that contracts, a cuff, breathing on the abdomen) and an
elastic part that depends on the blood inside it: fascia and garments press harder when what they hold swells,

    P_k = prescribed_k(t) + E_k (sum of V inside - V_rest) + e_k (sum of V inside - V_grip)

with E_k of the body's fascia and e_k, V_grip of whatever is worn. Height comes from rigid links (trunk, thigh, shank,
foot) inclined at theta: `z = - sum_link x_link sin(theta_link)`, heart level being zero.
"""

from __future__ import annotations

from collections.abc import Sequence

import equinox as eqx
import jax
import jax.numpy as jnp
from jax import lax
from jaxtyping import Array, Float

from venolymph.network.parameters import Cells, Drive, ExternalLoads
from venolymph.network.pulse import smooth_step, trapezoid


class DriveValues(eqx.Module):
    """The values of a drive at one time.

    Attributes:
        height: of each cell above the heart, cm.
        pressure: prescribed part of each surrounding's pressure, mmHg.
        ends: pressure of each end, mmHg.
        source: prescribed flow into each cell from outside the network, mL/s; None where there is none.
        outside: external pressure on each cell other than that of its surroundings, mmHg; None where there is none.
    """

    height: Float[Array, "cells batch"]
    pressure: Float[Array, "surroundings batch"]
    ends: Float[Array, "ends batch"]
    source: Float[Array, "cells batch"] | None = None
    outside: Float[Array, "cells batch"] | None = None


def heights(cells: Cells, inclination: Float[Array, "links batch"]) -> Float[Array, "cells batch"]:
    """Height of each cell above the heart, cm, with the links at these angles from the horizontal, rad."""
    return _heights(cells, jnp.sin(inclination))


def _heights(cells: Cells, sine: Array) -> Array:
    height = jnp.zeros_like(cells.length)
    for link in range(sine.shape[0]):
        height = height - cells.position[:, link] * sine[link : link + 1]
    return height


def drive_values(
    cells: Cells, drive: Drive, times: Sequence[Float[Array, ""]], clocks: Sequence[Float[Array, ""]]
) -> list[DriveValues]:
    """The values of a drive at some times, s into the phase; `clocks` are those of the whole run (breathing).

    A drive of another class gives them by its own method `values_at(cells, time, clock)`.
    """
    if (own := getattr(drive, "values_at", None)) is not None:
        return [own(cells, time, clock) for time, clock in zip(times, clocks, strict=True)]
    # A loop keeps the compiler from computing this again for each cell that uses it.
    found = lax.map(lambda at: _prescribed(drive, *at), (jnp.stack(times), jnp.stack(clocks)))
    source = None if drive.loads is None else drive.loads.source
    each = (jax.tree.map(lambda all_, one=one: all_[one], found) for one in range(len(times)))
    return [
        DriveValues(_heights(cells, sine), pressure, ends, source, outside) for sine, pressure, ends, outside in each
    ]


def _prescribed(drive: Drive, time: Array, clock: Array) -> tuple[Array, Array, Array, Array | None]:
    """Sine of each link's inclination, pressures of surroundings and ends, and other external pressure on cells."""
    part = smooth_step(time / jnp.maximum(drive.ramp, 1e-9))
    inclination = drive.inclination_from + (drive.inclination_to - drive.inclination_from) * part
    turn = time / drive.period - drive.onset
    turn = turn - jnp.floor(turn)
    pulse = trapezoid(turn, drive.rise, drive.hold, drive.fall)
    breath = jnp.sin(2.0 * jnp.pi * clock / drive.breath_period)
    pressure = drive.pressure_from + (drive.pressure_to - drive.pressure_from) * part
    pressure = pressure + drive.pulse * pulse + drive.breath_surroundings * breath
    ends = drive.end_from + (drive.end_to - drive.end_from) * part + drive.breath_ends * breath
    outside = None if drive.loads is None else drive.loads.outside + pressed(drive.loads, time)
    return jnp.sin(inclination), pressure, ends, outside


def pressed(loads: ExternalLoads, time: Float[Array, ""]) -> Float[Array, "cells batch"]:
    """Pressure of the hand on each cell, mmHg, at `time` s into the phase."""
    turn = (time - loads.begin) / loads.period
    within = (turn - jnp.floor(turn)) * loads.period - loads.onset
    pulse = trapezoid(within, loads.edge, loads.hold, loads.edge)
    return jnp.where((turn >= 0.0) & (turn < loads.pulses), loads.press * pulse, 0.0)


def drive_values_at(cells: Cells, drive: Drive, time: Float[Array, ""], clock: Float[Array, ""]) -> DriveValues:
    """The values of a drive at one time (see `drive_values`)."""
    return drive_values(cells, drive, [time], [clock])[0]
