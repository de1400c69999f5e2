"""Every element of a case drawn between points.

Each connection is two points, one for each side, joined by a link whose flow is that of the connection. Whatever has no
impedance is a link too.
"""

from __future__ import annotations

from dataclasses import replace

from venolymph.interop.svzerod import circuit as c
from venolymph.interop.svzerod.closed_loop import HEART_INLET, HEART_OUTLET
from venolymph.interop.svzerod.drawing_heart import draw_heart
from venolymph.interop.svzerod.drawing_parts import Drawing, Edge, Muscle
from venolymph.interop.svzerod.ends import (
    BoundaryCondition,
    ClosedLoopRCREnd,
    CoronaryEnd,
    FlowEnd,
    PressureEnd,
    RCREnd,
    ResistanceEnd,
)
from venolymph.interop.svzerod.hearts import (
    ChamberEntry,
    ElastanceInductor,
    ExponentialInductor,
    LinearElastanceChamber,
    PiecewiseValve,
    ValveEntry,
)
from venolymph.interop.svzerod.schema import Case, JunctionValues, Vessel
from venolymph.interop.svzerod.wiring import Wiring


def draw(case: Case, wiring: Wiring) -> Drawing:
    """All elements of a case between points."""
    drawing = Drawing([label for label in wiring.labels for _ in range(2)])
    for n, label in enumerate(wiring.labels):
        drawing.vessel(label, wiring.upstream(n), wiring.downstream(n), (0.0, 0.0, 0.0), None)
    for vessel in case.vessels:
        _draw_vessel(vessel, wiring, drawing)
    for end in case.boundary_conditions:
        _draw_end(end, case, wiring, drawing)
    for junction in case.junctions:
        _draw_junction(junction.junction_name, junction.junction_values, wiring, drawing)
    for heart in case.closed_loop_blocks:
        for name in (HEART_INLET, HEART_OUTLET):
            _draw_junction(name, None, wiring, drawing)
        draw_heart(heart, wiring, drawing)
    for valve in case.valves:
        _draw_valve(valve, wiring, drawing)
    for chamber in case.chambers:
        _draw_chamber(chamber, wiring, drawing)
    return drawing


def _draw_vessel(vessel: Vessel, wiring: Wiring, drawing: Drawing) -> None:
    name, values = vessel.vessel_name, vessel.zero_d_element_values
    start, stop = wiring.inlet(name), wiring.outlet(name)
    whole = values.R_poiseuille, values.L, values.stenosis_coefficient
    if vessel.zero_d_element_type == "BloodVesselCRL":
        drawing.stores.append((start, values.C, True))
        drawing.vessel(name, start, stop, whole, wiring.out_of[name][0])
        drawing.capacitors.append((start, wiring.into[name][0], None))
    elif values.C == 0:
        drawing.vessel(name, start, stop, whole, wiring.out_of[name][0])
    else:
        middle = drawing.point(f"{name}:C")
        drawing.stores.append((middle, values.C, True))
        before = drawing.vessel(name, start, middle, (whole[0], 0.0, whole[2]), wiring.into[name][0])
        drawing.capacitors.append((middle, wiring.into[name][0], before))
        drawing.vessel(f"{name}:L", middle, stop, (0.0, whole[1], 0.0), wiring.out_of[name][0])


def _draw_junction(name: str, values: JunctionValues | None, wiring: Wiring, drawing: Drawing) -> None:
    centre = drawing.point(name)
    for connection in wiring.into[name]:
        drawing.vessel(name, wiring.downstream(connection), centre, (0.0, 0.0, 0.0), None)
    for n, connection in enumerate(wiring.out_of[name]):
        there = (0.0, 0.0, 0.0)
        if values is not None:
            there = values.R_poiseuille[n], values.L[n], values.stenosis_coefficient[n]
        drawing.vessel(wiring.labels[connection], centre, wiring.upstream(connection), there, connection)


def _draw_end(end: BoundaryCondition, case: Case, wiring: Wiring, drawing: Drawing) -> None:
    name = end.bc_name
    at_inlet = not wiring.into[name]
    point = wiring.outlet(name) if at_inlet else wiring.inlet(name)
    port = (wiring.out_of if at_inlet else wiring.into)[name][0]
    match end:
        case FlowEnd():
            times, values = case.tables[name]
            drawing.sources.append((name, point, c.Table(times, values if at_inlet else tuple(-q for q in values))))
        case PressureEnd():
            drawing.ends.append((name, point, c.Table(*case.tables[name])))
        case ResistanceEnd():
            far = drawing.point(name)
            drawing.vessel(name, point, far, (end.bc_values.R, 0.0, 0.0), port)
            drawing.ends.append((name, far, c.Table((0.0,), (end.bc_values.Pd,))))
        case RCREnd():
            capacitor, far = drawing.point(f"pressure_c:{name}"), drawing.point(name)
            drawing.vessel(f"{name}:Rp", point, capacitor, (end.bc_values.Rp, 0.0, 0.0), port)
            drawing.stores.append((capacitor, end.bc_values.C, False))
            drawing.vessel(f"{name}:Rd", capacitor, far, (end.bc_values.Rd, 0.0, 0.0), None)
            drawing.ends.append((name, far, c.Table((0.0,), (end.bc_values.Pd,))))
            drawing.internal.append((f"pressure_c:{name}", capacitor, None))
        case ClosedLoopRCREnd(bc_values=values):
            capacitor = drawing.point(f"P_c:{name}")
            drawing.vessel(f"{name}:Rp", point, capacitor, (values.Rp, 0.0, 0.0), port)
            drawing.stores.append((capacitor, values.C, False))
            drawing.vessel(f"{name}:Rd", capacitor, wiring.outlet(name), (values.Rd, 0.0, 0.0), wiring.out_of[name][0])
            drawing.internal.append((f"P_c:{name}", capacitor, None))
        case CoronaryEnd():
            _draw_coronary(end, case, point, port, drawing)


def _draw_valve(valve: ValveEntry, wiring: Wiring, drawing: Drawing) -> None:
    name, values = valve.name, valve.params
    start, stop, port = wiring.inlet(name), wiring.outlet(name), wiring.into[name][0]
    if isinstance(valve, PiecewiseValve):
        shut = values.Rmax - values.Rmin
        drawing.edges.append(Edge(name, start, stop, resistance=values.Rmin, port=port, shut=shut))
        return
    smooth = c.Valve(values.Rmax, values.Rmin, valve.params.Steepness)
    drawing.internal.append((f"valve_status:{name}", None, len(drawing.edges)))
    drawing.edges.append(Edge(name, start, stop, valve=smooth, port=port))


def _draw_chamber(chamber: ChamberEntry, wiring: Wiring, drawing: Drawing) -> None:
    name, active, inertance = chamber.name, chamber.activation_function, 0.0
    drawn = c.ChamberNode(f"Vc:{name}", -1, activation=active.type, numbers=active.numbers)
    match chamber:
        case LinearElastanceChamber(values=v):
            drawn = replace(drawn, elastance=v.Epass, active_elastance=v.Emax, unstressed=v.Vrest)
        case ElastanceInductor(values=v):
            drawn = replace(drawn, elastance=v.Emin, active_elastance=v.Emax - v.Emin)
            drawn, inertance = replace(drawn, unstressed=v.Vrd, active_unstressed=v.Vrs - v.Vrd), v.Impedance
        case ExponentialInductor(values=v):
            drawn = replace(drawn, active_elastance=v.Emax, unstressed=v.Vaso, stiff_from=v.Vaso)
            drawn, inertance = replace(drawn, stiffness=v.Kxp, exponent=v.Kxv), v.Impedance
    drawing.chamber(wiring.inlet(name), drawn)
    drawing.internal.append((drawn.name, None, None))
    drawing.vessel(name, wiring.inlet(name), wiring.outlet(name), (0.0, inertance, 0.0), wiring.out_of[name][0])


def _draw_coronary(end: CoronaryEnd, case: Case, point: int, port: int, drawing: Drawing) -> None:
    name, values = end.bc_name, end.bc_values
    artery, store, far = (drawing.point(f"{name}:{part}") for part in ("Ca", "Cc", "P_v"))
    drawing.vessel(f"{name}:Ra1", point, artery, (values.Ra1, 0.0, 0.0), port)
    drawing.stores.append((artery, values.Ca, False))
    drawing.vessel(f"{name}:Ra2", artery, store, (values.Ra2, 0.0, 0.0), None)
    around = c.Table(*case.tables[name])
    held = c.ChamberNode(f"volume_im:{name}", -1, elastance=1.0 / values.Cc, around=around, in_muscle=True)
    drawing.chamber(store, held)
    drawing.internal.append((held.name, None, None))
    drawing.vessel(f"{name}:Rv1", store, far, (values.Rv1, 0.0, 0.0), None)
    drawing.ends.append((name, far, c.Table((0.0,), (values.P_v,))))
    drawing.muscles.append(Muscle(artery, store, port, values.Ra1, values.Ca, values.Ra2))
