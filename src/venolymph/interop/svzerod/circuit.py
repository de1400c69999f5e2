"""The circuit that a case means: nodes, branches, prescribed pressures and flows; and how to read its columns.

Pressures live at *places*: the nodes first, then the ends, numbered together. A branch goes from place to place and
carries one flow Q, positive from `start` to `stop`:

    P_start - P_stop = (R + S |Q|) Q + L Q'                              vessel, junction, boundary condition
    P_start - P_stop = Q (Rmin + (Rmax - Rmin) (1 + tanh k (P_stop - P_start)) / 2)                 valve (ValveTanh)
    P_start - P_stop = (R + shut) Q + L Q', shut only where nothing drives Q forward           flap (PiecewiseValve)

and at each node what flows in is stored: sum of Q in - sum of Q out + sources = C P'. Where a node is a chamber that
is V', and its pressure follows from V and from time. At an end the pressure is that of its table. What svZeroD joins
without any impedance (junctions, vessels and ends whose R, L and stenosis are zero) is one place here, with the
capacitances added; the flow through such a joint is found from what goes in and out on one side of it. All numbers are
in the units of the file.

`drawing.build` lays the elements out so:

    BloodVessel          inlet - (R, S) - [C] - (L) - outlet; one branch (R, S, L) where C is zero
    BloodVesselCRL       inlet [C] - (R, S, L) - outlet
    BloodVesselJunction  inlet - (R, S, L) - each outlet; other junctions are one place
    RESISTANCE           connection - (R) - end Pd
    RCR                  connection - (Rp) - [C] - (Rd) - end Pd
    CORONARY             connection - (Ra1) - [Ca] - (Ra2) - [chamber Cc, Pim around it] - (Rv1) - end P_v
    PRESSURE, FLOW       end; source (negative where the connection leaves the network)
    heart's chambers     inlet [chamber] - (L) - outlet
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np


@dataclass(frozen=True)
class Table:
    """Values over time, linear in between, repeated with the period (units of the file).

    Attributes:
        times: from 0, never going back, (points,); one point for a constant.
        values: at these times, (points,). Where a time stands twice the value jumps there.
    """

    times: tuple[float, ...]
    values: tuple[float, ...]

    @property
    def period(self) -> float | None:
        """Time after which the table repeats; None for a constant."""
        return self.times[-1] if len(self.times) > 1 else None

    @property
    def mean(self) -> float:
        """Plain mean of the values, as the steady start takes it."""
        return sum(self.values) / len(self.values)


@dataclass(frozen=True)
class Node:
    """A place whose pressure is free.

    Attributes:
        name: the first connection at it, or the capacitor that it is.
        capacitance: C, volume per pressure; 0 where nothing is stored, 1 of a chamber.
        steady_capacitance: C during the steady start, where those of RCR ends do not count.
    """

    name: str
    capacitance: float
    steady_capacitance: float


@dataclass(frozen=True)
class End:
    """A place whose pressure is prescribed.

    Attributes:
        name: the boundary condition.
        pressure: table of its pressure.
    """

    name: str
    pressure: Table


@dataclass(frozen=True)
class Valve:
    """Resistance that changes smoothly with the pressure across (svZeroD's ValveTanh).

    Attributes:
        r_max: resistance when closed.
        r_min: resistance when open.
        steepness: k, per pressure.
    """

    r_max: float
    r_min: float
    steepness: float


@dataclass(frozen=True)
class ChamberNode:
    """What a node that is a chamber is like: its pressure is

        P = around + E (V - V0) + (1 - a) B (exp(k (V - Vk)) - 1)

    with E and V0 those at rest and what activation `a` adds of each.

    Attributes:
        name: of svZeroD's variable of its volume.
        place: the node.
        elastance, active_elastance: E at rest, and what full activation adds.
        unstressed, active_unstressed: V0 at rest, and what full activation adds.
        stiffness, exponent, stiff_from: B, k and Vk.
        activation: name of the activation function (see `activation`); "" for none.
        numbers: of that function, in its order.
        around: table of the pressure around it.
        in_muscle: whether it is the store of a coronary: it begins with what its pressure at the start of the run
            holds, its volume counts from there, and the steady start leaves it out.
    """

    name: str
    place: int
    elastance: float = 0.0
    active_elastance: float = 0.0
    unstressed: float = 0.0
    active_unstressed: float = 0.0
    stiffness: float = 0.0
    exponent: float = 0.0
    stiff_from: float = 0.0
    activation: str = ""
    numbers: tuple[float, ...] = ()
    around: Table = Table((0.0,), (0.0,))
    in_muscle: bool = False


@dataclass(frozen=True)
class Branch:
    """One flow from place to place, positive from `start` to `stop`.

    Attributes:
        name: element, and the part of it where it has more than one (`branch0:L`, `OUT:Rd`, `J0:branch1`).
        start: place.
        stop: place.
        resistance: R, pressure per flow.
        inertance: L, pressure per rate of flow.
        stenosis: S, pressure per flow squared.
        valve: the valve, if it is one; R, L and S are then zero.
        shut: resistance that a flap adds when it is shut; None where there is no flap.
    """

    name: str
    start: int
    stop: int
    resistance: float = 0.0
    inertance: float = 0.0
    stenosis: float = 0.0
    valve: Valve | None = None
    shut: float | None = None


@dataclass(frozen=True)
class FlowSource:
    """A prescribed flow into a place.

    Attributes:
        name: the boundary condition.
        place: node (or end, where it makes no difference to the rest).
        flow: table of the flow into the place.
    """

    name: str
    place: int
    flow: Table


@dataclass(frozen=True)
class FlowSum:
    """A flow as a sum over what a solution holds.

    Attributes:
        branches: (branch, factor) on branch flows.
        sources: (source, factor) on source flows.
        rates: (place, capacitance) on rates of pressure; of a chamber (place, 1) on that of its volume.
    """

    branches: tuple[tuple[int, float], ...] = ()
    sources: tuple[tuple[int, float], ...] = ()
    rates: tuple[tuple[int, float], ...] = ()


@dataclass(frozen=True)
class Connection:
    """Where two elements meet; svZeroD's variables `flow:NAME` and `pressure:NAME`.

    Attributes:
        name: `upstream:downstream`.
        place: whose pressure it has.
        flow: what flows through it from upstream to downstream.
    """

    name: str
    place: int
    flow: FlowSum


@dataclass(frozen=True)
class Internal:
    """A variable that svZeroD keeps inside an element.

    Attributes:
        name: `pressure_c:NAME` of an RCR or `valve_status:NAME` of a valve (0 open, 1 closed).
        place: place of the capacitor's pressure, or None.
        branch: the valve's branch, or that whose flow it is (`Q_RA:CLH`), or None.
        chamber: the chamber whose volume it is (`Vc:NAME`, `volume_im:NAME`), or None.
    """

    name: str
    place: int | None = None
    branch: int | None = None
    chamber: int | None = None


@dataclass(frozen=True)
class VesselPorts:
    """Connections at both ends of a vessel.

    Attributes:
        name: the vessel.
        inlet: index of the connection at its inlet.
        outlet: index of the connection at its outlet.
    """

    name: str
    inlet: int
    outlet: int


@dataclass(frozen=True)
class Initial:
    """State before the first step (of the steady start, where there is one), in the units of the file.

    What the case does not give is 0, as it is to svZeroD, whose scheme starts from these values even where an
    equation gives another (flows without inertance, prescribed pressures and flows).

    Attributes:
        pressure: at all places, (places,).
        flow: in all branches, (branches,).
        source: of all sources, (sources,).
        volume, volume_rate: of all chambers, and its derivatives, (chambers,).
        pressure_rate: derivatives of `pressure`, (places,).
        flow_rate: derivatives of `flow`, (branches,).
        source_rate: derivatives of `source`, (sources,).
    """

    pressure: tuple[float, ...]
    flow: tuple[float, ...]
    source: tuple[float, ...]
    pressure_rate: tuple[float, ...]
    flow_rate: tuple[float, ...]
    source_rate: tuple[float, ...]
    volume: tuple[float, ...] = ()
    volume_rate: tuple[float, ...] = ()


@dataclass(frozen=True)
class Course:
    """How long a case runs, and how svZeroD steps it.

    Attributes:
        period: of the cardiac cycle.
        points: time points of a cycle, both ends counted.
        cycles: number of cycles.
        steady_initial: whether a steady start comes first (31 steps of a tenth of the period with the mean of each
            table and without the capacitances of RCR ends).
        rho_infty: spectral radius of generalised-alpha at infinite steps.
        tolerance: absolute, of Newton's residual.
        iterations: the most of Newton's iterations.
    """

    period: float
    points: int
    cycles: int
    steady_initial: bool
    rho_infty: float
    tolerance: float
    iterations: int

    @property
    def step(self) -> float:
        """Length of a time step."""
        return self.period / (self.points - 1.0)

    @property
    def steps_per_cycle(self) -> int:
        """Time steps of a cycle."""
        return self.points - 1

    @property
    def steps(self) -> int:
        """Time steps of the whole run."""
        return self.steps_per_cycle * self.cycles

    @property
    def times(self) -> np.ndarray:
        """Time points of the whole run from 0, (steps + 1,)."""
        return self.step * np.arange(self.steps + 1)


@dataclass(frozen=True)
class Output:
    """What of a run is written.

    Attributes:
        variable_based: svZeroD's variables instead of its vessels.
        all_cycles: all of them instead of the last.
        interval: every so many steps.
        mean_only: one mean over the written times.
        derivative: derivatives as well.
    """

    variable_based: bool
    all_cycles: bool
    interval: int
    mean_only: bool
    derivative: bool


@dataclass(frozen=True)
class Circuit:
    """What a case means, ready to be solved and read.

    Attributes:
        nodes: places with free pressure; numbered first.
        ends: places with prescribed pressure; numbered after the nodes.
        branches: flows between places.
        sources: prescribed flows into places.
        connections: svZeroD's flows and pressures, in its order.
        internal: svZeroD's other variables, in its order.
        vessels: connections of the vessels, in the order of the file.
        initial: state at the start.
        course: time.
        output: what is written.
        chambers: nodes that are chambers.
    """

    nodes: tuple[Node, ...]
    ends: tuple[End, ...]
    branches: tuple[Branch, ...]
    sources: tuple[FlowSource, ...]
    connections: tuple[Connection, ...]
    internal: tuple[Internal, ...]
    vessels: tuple[VesselPorts, ...]
    initial: Initial
    course: Course
    output: Output
    chambers: tuple[ChamberNode, ...] = ()

    @property
    def places(self) -> int:
        """Number of nodes and ends together."""
        return len(self.nodes) + len(self.ends)

    @property
    def variables(self) -> list[str]:
        """Names of svZeroD's variables, in its order."""
        names = [f"{kind}:{connection.name}" for connection in self.connections for kind in ("flow", "pressure")]
        return names + [variable.name for variable in self.internal]
