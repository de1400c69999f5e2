"""What acts on a network from outside: the contract that the engine has with whatever drives it.

A drive says at any time how high cells lie, what presses on them, which pressures ends have and what flows into cells
(`DriveValues`), and holds what stays the same during a phase. `PhaseDrive` is that of a regimen's phase.
"""

from __future__ import annotations

from abc import abstractmethod
from collections.abc import Sequence

import equinox as eqx
from jaxtyping import Array, Float

from venolymph.network.parameters import Cells


class Chambers(eqx.Module):
    """What chambers are like at one time (see `chamber`).

    Attributes:
        around: pressure around each, mmHg.
        elastance: E, mmHg/mL.
        unstressed: volume V_0 at which E presses with nothing, mL.
        stiffness: B of the wall that stiffens as it fills, mmHg.
        exponent: k of it, 1/mL.
        stiff_from: volume V_k at which it presses with nothing, mL.
    """

    around: Float[Array, "chambers batch"]
    elastance: Float[Array, "chambers batch"]
    unstressed: Float[Array, "chambers batch"]
    stiffness: Float[Array, "chambers batch"]
    exponent: Float[Array, "chambers batch"]
    stiff_from: Float[Array, "chambers batch"]


class DriveValues(eqx.Module):
    """The values of a drive at one time.

    Attributes:
        height: of each cell above the heart, cm.
        pressure: prescribed part of each surrounding's pressure, mmHg.
        ends: pressure of each end, mmHg.
        source: prescribed flow into each cell from outside the network, mL/s; None where there is none.
        outside: external pressure on each cell other than that of its surroundings, mmHg; None where there is none.
        chambers: what the topology's chambers are like; None where there are none.
    """

    height: Float[Array, "cells batch"]
    pressure: Float[Array, "surroundings batch"]
    ends: Float[Array, "ends batch"]
    source: Float[Array, "cells batch"] | None = None
    outside: Float[Array, "cells batch"] | None = None
    chambers: Chambers | None = None

    def with_source(self, net: Float[Array, "cells batch"]) -> Float[Array, "cells batch"]:
        """Inflow less outflow of each cell, mL/s, with what flows in from outside the network."""
        return net if self.source is None else net + self.source


class Drive(eqx.Module):
    """What acts on a network during a phase. Time counts from the phase's start, the clock from that of the run.

    Attributes:
        exercise: muscle work of each bed from 0 (rest) to 1, 1.
        inflow: factor on each bed's conductance, 1.
        calibre: factor on each cell's unstressed area, 1.
        elastance: elastance that is added to each surrounding, mmHg/mL.
        grip_volume: blood inside each surrounding at which that added elastance presses with nothing, mL.
        breath_period: duration of a breath, after which flow repeats at rest, s; None where nothing breathes.
    """

    exercise: eqx.AbstractVar[Float[Array, "beds batch"]]
    inflow: eqx.AbstractVar[Float[Array, "beds batch"]]
    calibre: eqx.AbstractVar[Float[Array, "cells batch"]]
    elastance: eqx.AbstractVar[Float[Array, "surroundings batch"]]
    grip_volume: eqx.AbstractVar[Float[Array, "surroundings batch"]]
    breath_period: eqx.AbstractVar[Float[Array, "one batch"] | None]

    @abstractmethod
    def values_at_times(
        self, cells: Cells, times: Sequence[Float[Array, ""]], clocks: Sequence[Float[Array, ""]]
    ) -> list[DriveValues]:
        """The values at some times, s, with the clock at each, s."""

    def values_at(self, cells: Cells, time: Float[Array, ""], clock: Float[Array, ""]) -> DriveValues:
        """The values at one time."""
        return self.values_at_times(cells, [time], [clock])[0]


class JoinedDrive(eqx.Module):
    """What drives a circuit that was joined to a network, whatever the phase: its ends and cells come last."""

    @abstractmethod
    def at(self, clock: Float[Array, ""]) -> tuple[Float[Array, "ends batch"], Float[Array, "cells batch"]]:
        """Pressures of the circuit's ends, mmHg, and flows into all cells of the network, mL/s."""
