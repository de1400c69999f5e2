"""From a checked case to its circuit.

First the wiring: which element is joined to which, each at its ports. Then every element is drawn between *points*
(`drawing.py`). At last all points that are linked become one place (`places.py`), and the flow through a link follows
from what goes into the places' points on one side of it (`link_flows.py`).
"""

from __future__ import annotations

import math
from dataclasses import replace

from venolymph.documents import Source
from venolymph.errors import DocumentError
from venolymph.interop.svzerod import circuit as c
from venolymph.interop.svzerod.drawing import draw
from venolymph.interop.svzerod.ends import RCREnd
from venolymph.interop.svzerod.initial_values import initial_values
from venolymph.interop.svzerod.link_flows import flows_through_links
from venolymph.interop.svzerod.places import gather
from venolymph.interop.svzerod.schema import Case
from venolymph.interop.svzerod.wiring import wire

MOST_STEPS = 100_000_000


def build(case: Case, name: str | None = None) -> c.Circuit:
    """The circuit that a case means.

    Args:
        case: a case whose entries were checked.
        name: of its file, for messages.

    Returns:
        Its circuit.

    Raises:
        DocumentError: where the elements do not hang together: names that mean nothing, elements with an open end or
            joined twice, pressures or flows that nothing determines, a number of cycles that cannot be known.
    """
    source = Source(name)
    wiring = wire(case, source)
    drawing = draw(case, wiring)
    places = gather(drawing, source)
    flows = flows_through_links(drawing, places, wiring, source)
    connections = tuple(
        c.Connection(label, places.of_point[wiring.upstream(n)], flow)
        for n, (label, flow) in enumerate(zip(wiring.labels, flows, strict=True))
    )
    chambers = tuple(replace(chamber, place=places.of_point[point]) for point, chamber in drawing.chambers)
    number = {chamber.name: n for n, chamber in enumerate(chambers)}
    internal = tuple(
        c.Internal(
            label,
            place=None if point is None else places.of_point[point],
            branch=None if edge is None else places.branch_of_edge[edge],
            chamber=number.get(label),
        )
        for label, point, edge in drawing.internal
    )
    vessels = tuple(
        c.VesselPorts(vessel.vessel_name, wiring.into[vessel.vessel_name][0], wiring.out_of[vessel.vessel_name][0])
        for vessel in case.vessels
    )
    settings = case.simulation_parameters
    return c.Circuit(
        nodes=places.nodes,
        ends=places.ends,
        branches=places.branches,
        sources=tuple(c.FlowSource(label, places.of_point[point], table) for label, point, table in drawing.sources),
        connections=connections,
        internal=internal,
        vessels=vessels,
        initial=initial_values(case, drawing, places, wiring, source),
        course=_course(case, source),
        output=c.Output(
            variable_based=settings.output_variable_based,
            all_cycles=settings.output_all_cycles,
            interval=settings.output_interval,
            mean_only=settings.output_mean_only,
            derivative=settings.output_derivative,
        ),
        chambers=chambers,
    )


def _course(case: Case, source: Source) -> c.Course:
    settings = case.simulation_parameters
    cycles = settings.number_of_cardiac_cycles
    if settings.use_cycle_to_cycle_error:
        constants = [end.bc_values.Rd * end.bc_values.C for end in case.boundary_conditions if isinstance(end, RCREnd)]
        if not constants:
            raise DocumentError(
                "the number of cycles cannot be told beforehand: without an RCR end, 'use_cycle_to_cycle_error' goes "
                "on until cycles repeat, which is not supported",
                hint="leave it out and give 'number_of_cardiac_cycles'",
                place=source.place(("simulation_parameters", "use_cycle_to_cycle_error")),
            )
        share = settings.sim_cycle_to_cycle_percent_error / 100
        needed = -1 * max(constants) / case.period * math.log(share)
        cycles = max(1, math.ceil(min(needed, MOST_STEPS)))
    steps = cycles * (settings.number_of_time_pts_per_cardiac_cycle - 1)
    if steps > MOST_STEPS:
        raise DocumentError(
            f"{steps:,} time steps are asked for; at most {MOST_STEPS:,} are allowed",
            hint="are cycles and points per cycle exchanged?",
            place=source.place(("simulation_parameters",)),
        )
    return c.Course(
        period=case.period,
        points=settings.number_of_time_pts_per_cardiac_cycle,
        cycles=cycles,
        steady_initial=settings.steady_initial,
        rho_infty=settings.rho_infty,
        tolerance=settings.absolute_tolerance,
        iterations=settings.maximum_nonlinear_iterations,
    )
