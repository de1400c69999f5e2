"""The heart that closes a loop, drawn between points.

    inlet [right atrium] - valve - [right ventricle] - valve - [Cp] - (Rpd) - [left atrium] - valve - [left ventricle]
    - valve - [Cpa] outlet

Each valve is a flap with resistance and inertance.
"""

from __future__ import annotations

from venolymph.interop.svzerod import circuit as c
from venolymph.interop.svzerod.closed_loop import HEART, HeartEntry
from venolymph.interop.svzerod.drawing_parts import Drawing, Edge
from venolymph.interop.svzerod.wiring import Wiring

SHUT = 1e9
"""Resistance of a shut valve, in multiples of what resists in the open one within a beat: it lets nothing through."""


def draw_heart(heart: HeartEntry, wiring: Wiring, drawing: Drawing) -> None:
    """Draw a heart between its inlet and its outlet."""
    v, atria = heart.parameters, (heart.parameters.Tsa, heart.parameters.tpwave)
    right, aorta = wiring.inlet(HEART), wiring.outlet(HEART)
    names: tuple[str, ...] = ("P_RV", "P_pul", "P_LA", "P_LV")
    ventricle, lungs, left, left_ventricle = (drawing.point(f"{name}:{HEART}") for name in names)
    for point, name, stiffness, exponent, most, unstressed in (
        (right, "V_RA", v.Kxp_ra, v.Kxv_ra, v.Emax_ra, v.Vaso_ra),
        (left, "V_LA", v.Kxp_la, v.Kxv_la, v.Emax_la, v.Vaso_la),
    ):
        atrium = c.ChamberNode(
            f"{name}:{HEART}",
            -1,
            active_elastance=most,
            unstressed=unstressed,
            stiffness=stiffness,
            exponent=exponent,
            stiff_from=unstressed,
            activation="wrapping_cosine",
            numbers=atria,
        )
        drawing.chamber(point, atrium)
    for point, name, most, unstressed in (
        (ventricle, "V_RV", v.Erv_s, v.Vrv_u),
        (left_ventricle, "V_LV", v.Elv_s, v.Vlv_u),
    ):
        chamber = c.ChamberNode(
            f"{name}:{HEART}", -1, active_elastance=most, unstressed=unstressed, activation="ventricle"
        )
        drawing.chamber(point, chamber)
    drawing.stores += [(lungs, v.Cp, True), (aorta, v.Cpa, True)]
    drawing.vessel(f"{HEART}:Rpd", lungs, left, (v.Rpd, 0.0, 0.0), None)
    flows: dict[str, int] = {}
    for name, start, stop, resistance, inertance in (
        ("Q_RA", right, ventricle, v.Rra_v, v.Lra_v),
        ("Q_RV", ventricle, lungs, v.Rrv_a, v.Lrv_a),
        ("Q_LA", left, left_ventricle, v.Rla_v, v.Lla_v),
        ("Q_LV", left_ventricle, aorta, v.Rlv_ao, v.Llv_a),
    ):
        flows[name] = len(drawing.edges)
        shut = SHUT * (resistance + inertance / heart.cardiac_cycle_period)
        drawing.edges.append(Edge(f"{name}:{HEART}", start, stop, resistance, inertance, shut=shut))
    points: dict[str, int] = dict(zip(names, (ventricle, lungs, left, left_ventricle), strict=True))
    for name in ("V_RA", "Q_RA", "P_RV", "V_RV", "Q_RV", "P_pul", "P_LA", "V_LA", "Q_LA", "P_LV", "V_LV", "Q_LV"):
        drawing.internal.append((f"{name}:{HEART}", points.get(name), flows.get(name)))
