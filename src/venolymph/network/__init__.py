"""The engine: cells, faces, valves and time. It knows no anatomy, no people and no regimens.

What a program that builds and runs networks of its own needs is here, and stays:

    Topology                             which cell is joined to which, and where special laws hold
    Parameters and its parts             every number of a network, members side by side; `stack` puts them so
    Drive, DriveValues                   what acts on it from outside; to be derived from
    Chambers, chamber_pressure           what its chambers are like at one time, and the pressure in them
    PhaseDrive, JoinedDrive              that of a regimen's phase; that of a circuit joined to the network
    State, start_phase                   a network between two steps, and at the start of a phase
    advance, trace                       steps in one program, sampled or with every state kept
    Steps, TracedSteps, Method, Scheme   which steps, and how they are made: TRBDF2, GeneralisedAlpha
    Linear, linearised, linear_*         networks whose walls are linear

All else in this package may change without notice. `interop` uses nothing else, which a test holds it to.

All arithmetic is in float64, which is switched on for the whole process where this package is imported.
"""

from __future__ import annotations

import jax

jax.config.update("jax_enable_x64", True)

from venolymph.network.chamber import chamber_pressure  # noqa: E402
from venolymph.network.drive import Chambers, Drive, DriveValues, JoinedDrive  # noqa: E402
from venolymph.network.generalised_alpha import GeneralisedAlpha  # noqa: E402
from venolymph.network.integrate import Method, StateTrace, Steps, TracedSteps, advance, trace  # noqa: E402
from venolymph.network.linear import Linear, linear_cells, linear_faces, linear_state, linearised  # noqa: E402
from venolymph.network.parameters import (  # noqa: E402
    Beds,
    Cells,
    Faces,
    Flaps,
    Fluid,
    Parameters,
    Surroundings,
    Switches,
    Valves,
    stack,
)
from venolymph.network.phase_drive import PhaseDrive  # noqa: E402
from venolymph.network.scheme import Scheme  # noqa: E402
from venolymph.network.state import State, start_phase  # noqa: E402
from venolymph.network.topology import Topology  # noqa: E402
from venolymph.network.tr_bdf2 import TRBDF2  # noqa: E402

__all__ = [
    "TRBDF2",
    "Beds",
    "Cells",
    "Chambers",
    "Drive",
    "DriveValues",
    "Faces",
    "Flaps",
    "Fluid",
    "GeneralisedAlpha",
    "JoinedDrive",
    "Linear",
    "Method",
    "Parameters",
    "PhaseDrive",
    "Scheme",
    "State",
    "StateTrace",
    "Steps",
    "Surroundings",
    "Switches",
    "Topology",
    "TracedSteps",
    "Valves",
    "advance",
    "chamber_pressure",
    "linear_cells",
    "linear_faces",
    "linear_state",
    "linearised",
    "stack",
    "start_phase",
    "trace",
]
