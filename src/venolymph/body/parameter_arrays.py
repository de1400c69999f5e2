"""The arrays of a body's parameters: circuit, dimensions, unit, range and meaning of each.

Rows of `vl.parameters`, names that `simulate(parameters=...)` takes, limits that values are held to, and the tables in
docs/reference/parameters.md (`scripts/list_arrays.py`) come from here.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

Circuit = Literal["veins", "tissue", "lymph"]
Span = Literal["positive", "share", "signed"]

LIMITS: dict[Span, tuple[float, float, str]] = {
    "positive": (0.0, float("inf"), "0 or more"),
    "share": (0.0, 1.0, "0 to 1"),
    "signed": (-float("inf"), float("inf"), "a finite number"),
}
"""Least and greatest number of each span, and both in words."""


@dataclass(frozen=True)
class ParameterArray:
    """One array of a body's parameters.

    Attributes:
        along: its dimensions in order, without the members: those of recorded arrays, and `slot` (of the surroundings
            of a cell), `link` (of the body), `arm` (fast, slow), `power`, `tissue_link`, `plexus`, `one`.
        unit: its unit.
        title: what it is, in words.
        circuit: what it belongs to.
        span: `positive` (0 or more), `share` (0 to 1) or `signed`.
    """

    along: tuple[str, ...]
    unit: str
    title: str
    circuit: Circuit = "veins"
    span: Span = "positive"


def _veins(along: str, unit: str, title: str, span: Span = "positive") -> ParameterArray:
    return ParameterArray(tuple(along.split()), unit, title, "veins", span)


def _tissue(along: str, unit: str, title: str, span: Span = "positive") -> ParameterArray:
    return ParameterArray(tuple(along.split()), unit, title, "tissue", span)


def _lymph(along: str, unit: str, title: str, span: Span = "positive") -> ParameterArray:
    return ParameterArray(tuple(along.split()), unit, title, "lymph", span)


ARRAYS: dict[str, ParameterArray] = {
    "cells.length": _veins("cell", "cm", "length of each vessel"),
    "cells.vessels": _veins("cell", "1", "number of equal vessels side by side"),
    "cells.unstressed_area": _veins("cell", "cm2", "lumen of one vessel at zero transmural pressure"),
    "cells.friction": _veins("cell", "1", "wall friction in multiples of pi; 8 is a parabolic profile"),
    "cells.collapse_stiffness": _veins("cell", "mmHg", "resistance to flattening K"),
    "cells.elastin_stiffness": _veins("cell", "mmHg", "linear stiffness E against distension"),
    "cells.collagen_stiffness": _veins("cell", "mmHg", "initial stiffness C of the exponential branch"),
    "cells.collagen_exponent": _veins("cell", "1", "steepness k of the exponential branch"),
    "cells.tether": _veins(
        "cell", "1", "t: 1 where fibres also hold a wall that is narrower than unstressed, 0 where it folds freely"
    ),
    "cells.viscous_time": _veins("cell", "s", "viscous resistance of the wall over its elastic one, tau_v"),
    "cells.relaxation_gain": _veins("cell", "1", "share beta of distension that creep adds in the end"),
    "cells.relaxation_time": _veins("cell", "s", "time constant of creep"),
    "cells.share": _veins("cell slot", "1", "part of a surrounding's pressure that reaches the cell"),
    "cells.position": _veins("cell link", "cm", "place along each link, down from the right atrium", "signed"),
    "faces.tail_share": _veins("face", "1", "part of the tail cell's length that the flow runs along", "share"),
    "faces.head_share": _veins("face", "1", "part of the head cell's length that the flow runs along", "share"),
    "faces.channel_length": _veins("face", "cm", "length of the face's own rigid vessel (a perforator); 0 for none"),
    "faces.channel_area": _veins("face", "cm2", "lumen of one such vessel"),
    "faces.channel_vessels": _veins("face", "1", "number of such vessels side by side"),
    "faces.resistance": _veins("face", "mmHg s/mL", "constant resistance in series"),
    "faces.open": _veins("face", "1", "1 for a face that exists, 0 for a spare one that is switched off", "share"),
    "valves.leak": _veins("valve", "1", "open share when closed: 0 competent, 1 no valve", "share"),
    "valves.opening_time": _veins("valve", "s", "time constant of opening"),
    "valves.closing_time": _veins("valve", "s", "time constant of closing under a small pressure difference"),
    "valves.closing_pressure": _veins("valve", "mmHg", "pressure difference from which on a valve closes faster"),
    "valves.threshold": _veins("valve", "mmHg", "pressure difference at which the rates saturate"),
    "valves.vessels": _veins("valve", "1", "number of equal valves side by side"),
    "valves.in_channel": _veins("valve", "1", "1 for a valve in a perforator, 0 for one in a vein", "share"),
    "valves.coaptation_area": _veins("valve", "cm2", "lumen of one vessel beyond which leaflets no longer meet"),
    "beds.conductance": _veins("bed", "mL/s/mmHg", "conductance lying at rest"),
    "beds.arteriolar_gain": _veins("bed", "1", "rise of resistance by the whole venoarteriolar response"),
    "beds.arteriolar_threshold": _veins("bed", "mmHg", "transmural pressure of small veins at which that sets in"),
    "beds.arteriolar_full": _veins("bed", "mmHg", "the same at which it is complete"),
    "beds.arteriolar_time": _veins("bed", "s", "its time constant while arterioles narrow"),
    "beds.arteriolar_opening_time": _veins("bed", "s", "its time constant while they open"),
    "beds.exercise_gain": _veins("bed", "1", "rise of conductance at full muscle work, in multiples of rest"),
    "beds.exercise_time": _veins("bed", "s", "time constant of its rise and decay"),
    "surroundings.elastance": _veins("surrounding", "mmHg/mL", "rise of its pressure with the blood inside (fascia)"),
    "surroundings.rest_volume": _veins("surrounding", "mL", "blood inside it at which that rise is zero"),
    "fluid.viscosity": _veins("one", "mmHg s", "viscosity of blood"),
    "fluid.density": _veins("one", "mmHg s2/cm2", "density of blood"),
    "fluid.weight": _veins("one", "mmHg/cm", "rise of pressure per depth in blood"),
    "capillaries.filtration": _tissue(
        "compartment", "mL/s/mmHg", "filtration coefficient (hydraulic conductance) with all capillaries open"
    ),
    "capillaries.resistance_ratio": _tissue(
        "compartment", "1", "resistance after the capillaries over that before them"
    ),
    "capillaries.kept_drop": _tissue(
        "compartment",
        "mmHg",
        "pressure from capillaries to venules where arterioles keep the flow; 0 elsewhere",
    ),
    "capillaries.glycocalyx": _tissue(
        "compartment", "1", "weight of the glycocalyx form of Starling's law; 0 is the classical form", "share"
    ),
    "capillaries.closure_least": _tissue("compartment", "1", "share of capillaries that always stays open", "share"),
    "capillaries.closure_weight": _tissue(
        "compartment", "1", "part of the arteries' own pressure in what closes capillaries", "share"
    ),
    "capillaries.closure_centre": _tissue("compartment", "mmHg", "pressure at which closure is half-way", "signed"),
    "capillaries.closure_width": _tissue("compartment", "mmHg", "range of pressure over which they close"),
    "capillaries.closure_time": _tissue("compartment", "s", "time constant of closure"),
    "capillaries.reflection": _tissue("solute compartment", "1", "reflection coefficient of each solute", "share"),
    "capillaries.permeability": _tissue(
        "solute compartment", "mL/s", "permeability-surface product of each solute with all capillaries open"
    ),
    "capillaries.plasma_flow": _tissue("compartment", "mL/s", "flow of plasma at rest with all capillaries open"),
    "capillaries.recruitment": _tissue(
        "compartment", "1", "rise of exchange over that of blood flow in a muscle at work"
    ),
    "plasma.concentration": _tissue("solute", "mg/mL", "concentration of each solute in plasma"),
    "plasma.plasma_oncotic": _tissue(
        "power", "mmHg/(mg/mL)^n", "coefficients of oncotic pressure of plasma against protein", "signed"
    ),
    "plasma.tissue_oncotic": _tissue("power", "mmHg/(mg/mL)^n", "the same of tissue fluid and lymph", "signed"),
    "plasma.gain": _tissue("one", "1", "gain of plasma's volume from upright to lying flat"),
    "plasma.gain_time": _tissue("one", "s", "time constant of that gain"),
    "plasma.gained_protein": _tissue("one", "mg/mL", "protein in the fluid that plasma gains"),
    "tissue.volume": _tissue("compartment", "mL", "interstitial fluid at relative volume 1, V0"),
    "tissue.pressure": _tissue("compartment", "mmHg", "pressure at relative volume 1", "signed"),
    "tissue.stiff_slope": _tissue("compartment", "mmHg", "slope of pressure against relative volume, first part"),
    "tissue.middle_slope": _tissue("compartment", "mmHg", "slope beyond the first knee"),
    "tissue.flat_slope": _tissue("compartment", "mmHg", "slope beyond the second knee (oedema)"),
    "tissue.taut_slope": _tissue("compartment", "mmHg", "slope beyond the third knee, where skin or fascia is taut"),
    "tissue.middle_knee": _tissue("compartment", "1", "relative volume at the first knee"),
    "tissue.flat_knee": _tissue("compartment", "1", "relative volume at the second knee"),
    "tissue.taut_knee": _tissue("compartment", "1", "relative volume at the third knee"),
    "tissue.bend": _tissue("compartment", "1", "smoothing of the first two knees"),
    "tissue.taut_bend": _tissue("compartment", "1", "smoothing of the third knee"),
    "tissue.relaxation_gain": _tissue("arm compartment", "1", "gain of stress that relaxes, in two arms"),
    "tissue.relaxation_time": _tissue("arm compartment", "s", "time constant of its relaxation"),
    "tissue.borne": _tissue("compartment", "1", "share of external pressure that fluid bears", "share"),
    "tissue.borne_swelling": _tissue("compartment", "1", "relative volume at which fluid bears all of it"),
    "tissue.available": _tissue("solute compartment", "1", "share of V0 that is available to each solute", "share"),
    "tissue.available_swelling": _tissue(
        "solute compartment", "1", "share of added fluid that is available to each solute", "share"
    ),
    "links.conductance": _tissue("tissue_link", "mL/s/mmHg", "conductance for fluid between neighbours"),
    "links.decades": _tissue("tissue_link", "1", "decades that full swelling adds to it"),
    "links.full_swelling": _tissue("tissue_link", "1", "relative volume at which conductance no longer rises"),
    "depots.nearness": _tissue(
        "compartment", "1", "how much more readily lymph takes up a depot than what is spread through tissue"
    ),
    "depots.spread": _tissue("solute compartment", "1/s", "rate at which a depot of each solute mixes with tissue"),
    "initials.volume": _lymph("initial", "mL", "volume of the slack sac"),
    "initials.stiffness": _lymph("initial", "mmHg", "stiffness of the sac"),
    "initials.uptake": _lymph("initial", "mL/s/mmHg", "conductance of uptake from tissue"),
    "initials.tether": _lymph("initial", "1", "rise of uptake with swelling"),
    "initials.still_swing": _lymph("initial", "mmHg", "swing of pressure in tissue that is not moved"),
    "initials.moved_swing": _lymph(
        "initial", "mmHg", "swing of pressure that movement adds, by the logarithm of its rate"
    ),
    "initials.moved_rate": _lymph("initial", "1/s", "strain per second from which movement counts"),
    "initials.worked_swing": _lymph("initial", "1", "swing of pressure for each mmHg of a muscle at work"),
    "initials.tissue_share": _lymph("initial", "1", "share of slow tissue pressure that presses on the sac", "share"),
    "initials.flat": _lymph("initial", "1", "share of its volume at which half of the sac is pressed flat"),
    "plexus.resistance": _lymph("plexus", "mmHg s/mL", "resistance between neighbouring initial lymphatics"),
    "lymphangions.length": _lymph("lymphangion", "cm", "length"),
    "lymphangions.vessels": _lymph("lymphangion", "1", "number of equal vessels side by side"),
    "lymphangions.passive_pressure": _lymph("lymphangion", "mmHg", "pressure scale of the passive wall"),
    "lymphangions.passive_diameter": _lymph("lymphangion", "cm", "diameter of the passive wall, D0"),
    "lymphangions.passive_scale": _lymph("lymphangion", "cm", "scale on which the passive wall stiffens"),
    "lymphangions.collapse_pressure": _lymph("lymphangion", "mmHg", "pressure scale of collapse"),
    "lymphangions.collapse_diameter": _lymph("lymphangion", "cm", "diameter scale of collapse"),
    "lymphangions.tension": _lymph("lymphangion", "mmHg cm", "active tension of a contraction"),
    "lymphangions.best_diameter": _lymph("lymphangion", "cm", "diameter at which tension is greatest"),
    "lymphangions.best_width": _lymph("lymphangion", "1", "relative width of that maximum"),
    "lymphangions.contraction_time": _lymph("lymphangion", "s", "duration of a contraction"),
    "lymphangions.refractory_time": _lymph("lymphangion", "s", "time after it in which none can begin"),
    "lymphangions.delay": _lymph("lymphangion", "s", "time that conduction to a neighbour takes"),
    "lymphangions.speed_gain": _lymph("lymphangion", "1", "rise of the speed of conduction with stretch"),
    "lymphangions.filled": _lymph("lymphangion", "1", "stretch that a neighbour's wave needs to go on", "signed"),
    "lymphangions.frequency": _lymph("lymphangion", "1/s", "rate of its own pacemaker"),
    "lymphangions.stretch_gain": _lymph("lymphangion", "1", "rise of that rate with stretch"),
    "lymphangions.stretch_diameter": _lymph(
        "lymphangion", "cm", "diameter at zero transmural pressure, from which stretch counts"
    ),
    "lymphangions.shear": _lymph("lymphangion", "mmHg", "wall shear stress that slows the pacemaker"),
    "lymphangions.shear_power": _lymph("lymphangion", "1", "steepness of that"),
    "lymphangions.shear_time": _lymph("lymphangion", "s", "time over which shear stress is smoothed"),
    "lymphangions.warmth": _lymph("lymphangion", "1", "factor on the rate for 10 degrees Celsius (Q10)"),
    "lymphangions.reference_temperature": _lymph(
        "lymphangion", "degrees Celsius", "temperature at which the rate is as given", "signed"
    ),
    "lymphangions.tissue_share": _lymph(
        "lymphangion", "1", "share of slow tissue pressure that presses on the vessel", "share"
    ),
    "lymphangions.leak_gain": _lymph("lymphangion", "1", "leak of its shut outflow valve with distension"),
    "lymphangions.leak_diameter": _lymph("lymphangion", "cm", "diameter beyond which it leaks so"),
    "nodes.volume": _lymph("node", "mL", "volume of the slack node or cistern"),
    "nodes.stiffness": _lymph("node", "mmHg", "its stiffness"),
    "nodes.absorption": _lymph("node", "mL/s/mmHg", "filtration coefficient of water that returns to blood"),
    "nodes.reflection": _lymph("node", "1", "reflection coefficient of protein there", "share"),
    "nodes.oncotic_share": _lymph("node", "1", "share of plasma's oncotic pressure that counts there"),
    "nodes.reference_pressure": _lymph("node", "mmHg", "capillary pressure there", "signed"),
    "nodes.opening": _lymph("node", "1", "power with which its outflow resists less the fuller it is"),
    "lymph_valves.resistance": _lymph("lymph_cell", "mmHg s/mL", "resistance of one open outflow"),
    "lymph_valves.vessels": _lymph("lymph_cell", "1", "number of equal outflows side by side"),
    "lymph_valves.leak": _lymph("lymph_cell", "mL/s/mmHg", "conductance of one when shut"),
    "lymph_valves.steepness": _lymph("lymph_cell", "1/mmHg", "how sharply it opens with pressure"),
    "lymph_valves.bias": _lymph("lymph_cell", "mmHg", "pressure difference at which it is half open", "signed"),
    "lymph_valves.open": _lymph("lymph_cell", "1", "1, or 0 for an outflow that is cut off", "share"),
    "lymph.viscosity": _lymph("one", "mmHg s", "viscosity of lymph"),
    "lymph.weight": _lymph("one", "mmHg/cm", "rise of pressure per depth in lymph and tissue fluid"),
}
"""Each array by its name: the part of the parameters' tree (`BodyParameters`), and the field there."""
