"""What a regimen's phase does to a network: postures, pulses of muscles, breathing, garments, hands."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import NamedTuple, final

import equinox as eqx
import jax
import jax.numpy as jnp
from jax import lax
from jaxtyping import Array, Float

from venolymph.network.drive import Drive, DriveValues, JoinedDrive
from venolymph.network.parameters import Cells
from venolymph.network.pulse import breath, smooth_step, trapezoid
from venolymph.network.surroundings import height_above_heart


class ExternalLoads(eqx.Module):
    """Loads on vein cells other than their surroundings: tissue pressure, hand pressure, exchange flow.

    Attributes:
        outside: steady pressure on each cell, mmHg.
        source: flow into each cell from outside the network (negative: out of it), mL/s.
        begin: when the first pulse of the hand begins, s from the phase's start.
        period: time from one pulse to the next, s.
        pulses: how many there are, 1.
        press: height of the pulses on each cell, mmHg.
        onset: start of each cell's pulse within the period, s.
        hold: duration of its plateau, s.
        edge: duration of its rise, and of its fall, s.
    """

    outside: Float[Array, "cells batch"]
    source: Float[Array, "cells batch"]
    begin: Float[Array, "one batch"]
    period: Float[Array, "one batch"]
    pulses: Float[Array, "one batch"]
    press: Float[Array, "cells batch"]
    onset: Float[Array, "cells batch"]
    hold: Float[Array, "cells batch"]
    edge: Float[Array, "one batch"]


class Ramped(NamedTuple):
    """What moves over the ramp of a phase, at one time.

    Attributes:
        inclination: angle of each link from the horizontal, rad.
        pressure: steady pressure of each surrounding, mmHg.
        ends: steady pressure of each end at heart level, mmHg.
    """

    inclination: Float[Array, "links batch"]
    pressure: Float[Array, "surroundings batch"]
    ends: Float[Array, "ends batch"]


@final
class PhaseDrive(Drive):
    """The drive of a network by a regimen during one phase. Time `t` counts from the phase's start.

    A quantity with `_from` and `_to` moves from the one to the other over `ramp`, smoothly. Surroundings carry a
    pulse train as well: with `x = (t / period - onset) mod 1` a pulse rises over the share `rise` of the period,
    stays for `hold`, and falls over `fall`. Breathing is a sine on surroundings and ends.

    Attributes:
        ramp: duration of the ramps, s.
        inclination_from: angle of each link from the horizontal, rad (standing: pi/2).
        inclination_to: the same at the end of the ramp, rad.
        pressure_from: pressure of each surrounding, mmHg.
        pressure_to: the same at the end of the ramp, mmHg.
        pulse: height of each surrounding's pulse, mmHg.
        onset: start of the pulse as a share of the period, 1.
        rise: duration of its rise as a share of the period, 1 (above 0).
        hold: duration of its top as a share of the period, 1.
        fall: duration of its fall as a share of the period, 1 (above 0).
        period: period of the pulses, s.
        end_from: pressure of each end at heart level, mmHg.
        end_to: the same at the end of the ramp, mmHg.
        breath_surroundings: amplitude of breathing on each surrounding, mmHg.
        breath_ends: amplitude of breathing on each end, mmHg.
        breath_period: duration of a breath, s.
        exercise: muscle work of each bed from 0 (rest) to 1, 1.
        inflow: factor on each bed's conductance (skin temperature, the reflex to an upright trunk), 1.
        calibre: factor on each cell's unstressed area (tone, temperature), 1.
        elastance: elastance that garments and cuffs add to each surrounding, mmHg/mL.
        grip_volume: blood inside each surrounding at which that added elastance presses with nothing, mL.
        loads: other loads on cells; None where there are none.
        joined: what drives a circuit that was joined to the network; None where none was.
    """

    ramp: Float[Array, "one batch"]
    inclination_from: Float[Array, "links batch"]
    inclination_to: Float[Array, "links batch"]
    pressure_from: Float[Array, "surroundings batch"]
    pressure_to: Float[Array, "surroundings batch"]
    pulse: Float[Array, "surroundings batch"]
    onset: Float[Array, "surroundings batch"]
    rise: Float[Array, "surroundings batch"]
    hold: Float[Array, "surroundings batch"]
    fall: Float[Array, "surroundings batch"]
    period: Float[Array, "one batch"]
    end_from: Float[Array, "ends batch"]
    end_to: Float[Array, "ends batch"]
    breath_surroundings: Float[Array, "surroundings batch"]
    breath_ends: Float[Array, "ends batch"]
    breath_period: Float[Array, "one batch"]
    exercise: Float[Array, "beds batch"]
    inflow: Float[Array, "beds batch"]
    calibre: Float[Array, "cells batch"]
    elastance: Float[Array, "surroundings batch"]
    grip_volume: Float[Array, "surroundings batch"]
    loads: ExternalLoads | None = None
    joined: JoinedDrive | None = None

    def ramped(self, time: Float[Array, ""]) -> Ramped:
        """Angles and steady pressures, `time` s into the phase."""
        part = smooth_step(time / jnp.maximum(self.ramp, 1e-9))
        return Ramped(
            self.inclination_from + (self.inclination_to - self.inclination_from) * part,
            self.pressure_from + (self.pressure_to - self.pressure_from) * part,
            self.end_from + (self.end_to - self.end_from) * part,
        )

    def values_at_times(
        self, cells: Cells, times: Sequence[Float[Array, ""]], clocks: Sequence[Float[Array, ""]]
    ) -> list[DriveValues]:
        """The values at some times, s into the phase; `clocks` are those of the whole run (breathing)."""
        # A loop keeps the compiler from computing this again for each cell that uses it.
        found = lax.map(lambda at: _prescribed(self, *at), (jnp.stack(times), jnp.stack(clocks)))
        source = None if self.loads is None else self.loads.source
        each = (jax.tree.map(lambda all_, one=one: all_[one], found) for one in range(len(times)))
        values = [
            DriveValues(height_above_heart(cells.position, sine), pressure, ends, source, outside)
            for sine, pressure, ends, outside in each
        ]
        if self.joined is None:
            return values
        return [_with_joined(self.joined, now, clock) for now, clock in zip(values, clocks, strict=True)]


def _prescribed(drive: PhaseDrive, time: Array, clock: Array) -> tuple[Array, Array, Array, Array | None]:
    """Sine of each link's inclination, pressures of surroundings and ends, and other external pressure on cells."""
    steady = drive.ramped(time)
    turn = time / drive.period - drive.onset
    turn = turn - jnp.floor(turn)
    pulse = trapezoid(turn, drive.rise, drive.hold, drive.fall)
    breathing = breath(clock, drive.breath_period)
    pressure = steady.pressure + drive.pulse * pulse + drive.breath_surroundings * breathing
    ends = steady.ends + drive.breath_ends * breathing
    outside = None if drive.loads is None else drive.loads.outside + pressed(drive.loads, time)
    return jnp.sin(steady.inclination), pressure, ends, outside


def pressed(loads: ExternalLoads, time: Float[Array, ""]) -> Float[Array, "cells batch"]:
    """Pressure of the hand on each cell, mmHg, at `time` s into the phase."""
    turn = (time - loads.begin) / loads.period
    within = (turn - jnp.floor(turn)) * loads.period - loads.onset
    pulse = trapezoid(within, loads.edge, loads.hold, loads.edge)
    return jnp.where((turn >= 0.0) & (turn < loads.pulses), loads.press * pulse, 0.0)


def _with_joined(joined: JoinedDrive, now: DriveValues, clock: Array) -> DriveValues:
    """The values of a regimen and of a circuit joined to the network."""
    ends, source = joined.at(clock)
    source = source if now.source is None else now.source + source
    return replace(now, ends=jnp.concatenate([now.ends, ends]), source=source)
