"""A stage of a time step: what is given, what follows from volumes at its end, and how flows change with these.

The state of a cell is its volume; that of a linear cell its pressure, which stands under `volume` all the same.
"""

from __future__ import annotations

from typing import NamedTuple

import equinox as eqx
from jaxtyping import Array, Float

from venolymph.network.drive import Drive, DriveValues
from venolymph.network.parameters import Parameters
from venolymph.network.valve import Begun, Orifice
from venolymph.network.wall import Wall


class Prepared(eqx.Module):
    """Parameters and drive of one phase, with the quantities that can be computed before its time steps.

    Attributes:
        parameters: of the network.
        drive: of the phase.
        unstressed: volume of each cell at zero transmural pressure with the phase's calibre, mL.
        shape: constant part of each cell's resistance (see `vessel.resistance_shape`), mmHg s mL.
        column_tail, column_head: inertance times volume of the cells at the faces' tails and heads, with the face's
            share in it, mmHg s2.
        channel_resistance: constant resistance of each face, mmHg s/mL.
        channel_inertance: constant inertance of each face, mmHg s2/mL.
        ring_lumen: lumen at each valve by the tail cell's volume, 1/cm, where it sits in the tail's vessels, else 0.
        ring_length: inverse of that, cm, else 0.
        ring_channel: inverse of the lumen at each valve where it sits in the face's own channel, 1/cm2, else 0.
        pressing: share of each elastic surrounding's pressure that reaches a cell, 1.
        elastance: of each elastic surrounding, body and garment together, mmHg/mL.
        slack: pressure that these elastances would have at no blood, mmHg (negative or zero).
        capacity: volume per unit of each cell's state: 1, or the compliance of a linear cell, mL/mmHg; None where there
            are no linear cells.
    """

    parameters: Parameters
    drive: Drive
    unstressed: Float[Array, "cells batch"]
    shape: Float[Array, "cells batch"]
    column_tail: Float[Array, "faces batch"]
    column_head: Float[Array, "faces batch"]
    channel_resistance: Float[Array, "faces batch"]
    channel_inertance: Float[Array, "faces batch"]
    ring_lumen: Float[Array, "valves batch"]
    ring_length: Float[Array, "valves batch"]
    ring_channel: Float[Array, "valves batch"]
    pressing: Float[Array, "elastic cells batch"]
    elastance: Float[Array, "elastic batch"]
    slack: Float[Array, "elastic batch"]
    capacity: Float[Array, "cells batch"] | None = None


class StateVector(eqx.Module):
    """One number for each state variable: the states themselves, their rates (per s), or right sides of a stage.

    Attributes:
        volume: mL (of linear cells but chambers their pressure, mmHg).
        flow: mL/s.
        creep: 1.
        arteriolar: 1.
        exercise: 1.
    """

    volume: Float[Array, "cells batch"]
    flow: Float[Array, "faces batch"]
    creep: Float[Array, "cells batch"]
    arteriolar: Float[Array, "beds batch"]
    exercise: Float[Array, "beds batch"]


StageRhs = StateVector
"""Right sides of a stage's implicit equations: each state y solves `y - h dy/dt(y) = rhs`."""


class StageInputs(NamedTuple):
    """What a stage is given.

    Attributes:
        prepared: parameters and drive.
        prescribed: what the drive prescribes at the stage's end.
        rhs: right sides of the implicit equations.
        begun: opening of the valves and pressure difference at the start of the stage.
        h: implicit share of the step, s.
    """

    prepared: Prepared
    prescribed: DriveValues
    rhs: StageRhs
    begun: Begun
    h: Array


class StageResult(eqx.Module):
    """All quantities that follow from the volumes at the end of a stage.

    Attributes:
        volume: mL (of linear cells their pressure, mmHg).
        pressure: inside each cell, mmHg.
        flow: along each face, mL/s.
        inflow: through each bed, mL/s.
        net: inflow less outflow of each cell, mL/s.
        drop: pressure difference along each face, mmHg.
        opening, creep, arteriolar, exercise: the other states, 1.
        surroundings: pressure of each surrounding, mmHg.
    """

    volume: Float[Array, "cells batch"]
    pressure: Float[Array, "cells batch"]
    flow: Float[Array, "faces batch"]
    inflow: Float[Array, "beds batch"]
    net: Float[Array, "cells batch"]
    drop: Float[Array, "faces batch"]
    opening: Float[Array, "faces batch"]
    creep: Float[Array, "cells batch"]
    arteriolar: Float[Array, "beds batch"]
    exercise: Float[Array, "beds batch"]
    surroundings: Float[Array, "surroundings batch"]


class Lumens(eqx.Module):
    """Lumens of veins at the end of a stage.

    Attributes:
        per_volume: inverse of the volume, 1/mL.
        wall: of each cell.
    """

    per_volume: Float[Array, "cells batch"]
    wall: Wall


class CellStage(eqx.Module):
    """Cells at the end of a stage, with the costly terms that slopes reuse.

    Attributes:
        pressure: inside, mmHg.
        lumens: of veins; None where no cell is one.
        stiffness: slope of the pressure against the state, mmHg by what the state is in; None where a cell's law finds
            it from the rest.
    """

    pressure: Float[Array, "cells batch"]
    lumens: Lumens | None
    stiffness: Float[Array, "cells batch"] | None = None

    @property
    def veins(self) -> Lumens:
        """Lumens where there are some."""
        assert self.lumens is not None, "no cell of this network is a vein"
        return self.lumens


class FaceStage(eqx.Module):
    """What resists flow along faces at the end of a stage.

    Attributes:
        resistance: mmHg s/mL.
        inertance: mmHg s2/mL.
        loss: quadratic, mmHg s2/mL2; None where there is none.
        orifice: of each valve with leaflets; None where faces are rigid.
    """

    resistance: Float[Array, "faces batch"]
    inertance: Float[Array, "faces batch"]
    loss: Float[Array, "faces batch"] | None
    orifice: Orifice | None


class BedSlopes(eqx.Module):
    """How the flow through beds changes.

    Attributes:
        by_feed: dQ/dp against the pressure that feeds each, mL/(s mmHg).
        by_lumen: against the pressure in the cell that it fills, whose veins answer by the venoarteriolar response.
    """

    by_feed: Float[Array, "beds batch"]
    by_lumen: Float[Array, "beds batch"]

    @property
    def by_bed(self) -> Float[Array, "beds batch"]:
        """Against the pressure in the cell that each fills without that response, mL/(s mmHg)."""
        return -self.by_feed


class StageEvaluation(eqx.Module):
    """Quantities that follow from the volumes of a stage, with the costly terms that their slopes reuse.

    Attributes:
        volume, flow, inflow, net, drop, arteriolar: as in `StageResult`.
        root: inverse slope of each face's flow against the pressure difference (see `vessel.implicit_flow`), mmHg s/mL.
        beds: how the flow through beds changes.
        cells: what the law of the cells found.
        orifice: of each valve; None where faces are rigid.
    """

    volume: Float[Array, "cells batch"]
    flow: Float[Array, "faces batch"]
    inflow: Float[Array, "beds batch"]
    net: Float[Array, "cells batch"]
    drop: Float[Array, "faces batch"]
    arteriolar: Float[Array, "beds batch"]
    root: Float[Array, "faces batch"]
    beds: BedSlopes
    cells: CellStage
    orifice: Orifice | None

    @property
    def pressure(self) -> Float[Array, "cells batch"]:
        """Inside each cell, mmHg."""
        return self.cells.pressure


class Slopes(eqx.Module):
    """How flows change with pressures and volumes.

    Attributes:
        by_drop: dQ/d(pressure difference) of each face, mL/(s mmHg).
        by_tail, by_head: dQ/dV of each face against the volume at its tail, and at its head, 1/s. Where a bed draws
            from a cell, beds follow the faces.
        by_bed: dQ/dp of each bed against the pressure in the cell that it fills, mL/(s mmHg).
        own: d(net)/dV of each cell by its own volume, 1/s.
        by_feed: dQ/dp of each bed against the pressure that feeds it, mL/(s mmHg).
    """

    by_drop: Float[Array, "faces batch"]
    by_tail: Float[Array, "ways batch"]
    by_head: Float[Array, "ways batch"]
    by_bed: Float[Array, "beds batch"]
    own: Float[Array, "cells batch"]
    by_feed: Float[Array, "beds batch"]
