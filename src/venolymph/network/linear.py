"""A network linearised at one time: linear walls, and all other parts constant.

Each cell holds `V_0 + C (p - p_0)` with the compliance C = dV/dp of its wall there. Resistance and inertance are those
of the lumen as it is; valves and the arterioles of beds stay as they are; a bed is a resistance. Pressures count from
the level of the heart (`p + rho g z`), so that height no longer matters.

Left out are creep (a wall yields at once and not for minutes), the wall's viscosity,
collapse, valves that open and close, the venoarteriolar response and muscle work, and surroundings that press harder
as the blood inside them grows. A valve whose leaflets leave less than a hundredth of its annulus open is taken as shut
tight.
"""

from __future__ import annotations

from dataclasses import dataclass, fields, replace

import jax
import jax.numpy as jnp
from jaxtyping import Array, Bool, Float

from venolymph.network import bed, valve, vessel, wall
from venolymph.network.drive import Drive, DriveValues
from venolymph.network.graph import graph_of
from venolymph.network.laws import laws_of, prepare
from venolymph.network.parameters import Beds, Cells, Faces, Parameters, Surroundings, Valves
from venolymph.network.phase_drive import PhaseDrive
from venolymph.network.pulse import breath
from venolymph.network.stage import Prepared, StateVector
from venolymph.network.state import State, start_phase
from venolymph.network.topology import Topology
from venolymph.network.valve import Begun
from venolymph.network.vein_flow import per_annulus

SHUT = 1e-2
"""Open share of its annulus below which a valve is taken as shut tight."""


@dataclass(frozen=True)
class Linear:
    """A network whose cells are all linear, and its state.

    Attributes:
        topology: all cells linear; no valves, no beds.
        parameters: of the network.
        drive: of the network.
        state: to go on from, with its rates.
    """

    topology: Topology
    parameters: Parameters
    drive: Drive
    state: State

    @property
    def compliance(self) -> Float[Array, "cells batch"]:
        """Of each cell, mL/mmHg."""
        return jnp.asarray(laws_of(self.topology).cells.per_state(self._prepared))

    @property
    def resistance(self) -> Float[Array, "faces batch"]:
        """Of each face without its switch, mmHg s/mL."""
        return self._prepared.channel_resistance

    @property
    def inertance(self) -> Float[Array, "faces batch"]:
        """Of each face, mmHg s2/mL."""
        return self._prepared.channel_inertance

    @property
    def loss(self) -> Float[Array, "faces batch"]:
        """Quadratic loss of each face, mmHg s2/mL2."""
        loss = self.parameters.faces.loss
        return jnp.zeros_like(self.parameters.faces.open) if loss is None else loss

    @property
    def _prepared(self) -> Prepared:
        return prepare(self.topology, self.parameters, self.drive)


def linear_state(
    pressure: Float[Array, "cells batch"],
    flow: Float[Array, "faces batch"],
    pressure_rate: Float[Array, "cells batch"],
    flow_rate: Float[Array, "faces batch"],
) -> State:
    """State of a network whose cells are all linear, at time 0: mmHg, mL/s, and their rates per s."""
    still, none, batch = jnp.zeros_like(pressure), jnp.zeros((0, pressure.shape[-1])), pressure.shape[-1]
    return State(
        states=StateVector(pressure, flow, still, none, none),
        rates=StateVector(pressure_rate, flow_rate, still, none, none),
        opening=jnp.zeros_like(flow),
        drop=jnp.zeros_like(flow),
        pressure=pressure,
        inflow=none,
        clock=jnp.asarray(0.0),
        alive=jnp.ones((1, batch), bool),
        failed_at=jnp.full((1, batch), jnp.inf),
    )


def linear_cells(compliance: Float[Array, "cells batch"]) -> Cells:
    """Cells that are nothing but a compliance, mL/mmHg (0: a junction), in no surroundings and at heart level."""
    ones, none = jnp.ones_like(compliance), jnp.zeros((compliance.shape[0], 0, compliance.shape[1]))
    others = [f.name for f in fields(Cells) if f.name not in {"share", "position", "compliance"}]
    return Cells(**dict.fromkeys(others, ones), share=none, position=none, compliance=compliance)


def linear_faces(
    resistance: Float[Array, "faces batch"],
    open: Float[Array, "faces batch"],
    loss: Float[Array, "faces batch"] | None,
    inertance: Float[Array, "faces batch"] | None,
) -> Faces:
    """Faces with these properties only, in the units of `Faces`: no part of a cell, no channel."""
    ones = jnp.ones_like(resistance)
    none = 0.0 * ones
    return Faces(none, none, none, ones, ones, resistance, open, loss, inertance)


def linearised(
    topology: Topology, parameters: Parameters, drive: PhaseDrive, state: State, time: float | Array = 0.0
) -> Linear:
    """Linearise a network about a state.

    Args:
        topology: of the network.
        parameters: of the network.
        drive: of the phase that the state belongs to.
        state: to linearise about; best one at rest, since its flows are the initial flows of the result.
        time: since the phase's start, s; posture and pressures of ends are held as they are then, but for breathing.

    Returns:
        the network with the same cells and ends. Its faces are the network's (those switched off or with a shut valve
        carry nothing) and then one for each bed.
    """
    prepared = prepare(topology, parameters, drive)
    now = drive.values_at(parameters.cells, jnp.asarray(time), state.clock)
    made, shut = _linear_parameters(topology, prepared, state)
    plain, held = _linear_topology(topology), _held_drive(drive, now, state, topology.n_cells)
    head = state.pressure + parameters.fluid.weight * now.height
    flow = jnp.concatenate([jnp.where(shut, 0.0, state.states.flow), state.inflow])
    stands = replace(
        linear_state(head, flow, jnp.zeros_like(head), 0.0 * flow),
        clock=state.clock,
        alive=state.alive,
        failed_at=state.failed_at,
    )
    return Linear(plain, made, held, _begin(plain, made, held, stands))


def _linear_parameters(
    topology: Topology, prepared: Prepared, state: State
) -> tuple[Parameters, Bool[Array, "faces batch"]]:
    """Parameters of the linear network, and the faces that a valve shuts; beds follow the faces."""
    parameters, batch = prepared.parameters, prepared.parameters.batch
    resistance, inertance, loss, shut = _along(topology, prepared, state)
    beds = bed.full_conductance(parameters.beds, prepared.drive.inflow, state.states.exercise)
    conductance = state.states.arteriolar * beds
    feeds = conductance > 0.0
    none, nothing = jnp.zeros((0, batch)), jnp.zeros((len(topology.beds), batch))
    made = Parameters(
        cells=linear_cells(_compliance(topology, prepared, state)),
        faces=linear_faces(
            resistance=jnp.concatenate([resistance, 1.0 / jnp.where(feeds, conductance, 1.0)]),
            open=jnp.concatenate([jnp.where(shut, 0.0, parameters.faces.open), jnp.where(feeds, 1.0, 0.0)]),
            loss=jnp.concatenate([loss, nothing]),
            inertance=jnp.concatenate([inertance, nothing]),
        ),
        valves=Valves(**{f.name: none for f in fields(Valves)}),
        beds=Beds(**{f.name: none for f in fields(Beds)}),
        surroundings=Surroundings(none, none),
        fluid=parameters.fluid,
        switches=parameters.switches,
    )
    return made, shut


def _linear_topology(topology: Topology) -> Topology:
    """The same cells and ends, all linear; a face for each bed after the network's own."""
    return replace(
        topology,
        faces=(*topology.faces, *(f"bed {name}" for name in topology.beds)),
        tail=(*topology.tail, *topology.bed_tail),
        head=(*topology.head, *topology.bed_cell),
        valves=(),
        valve_face=(),
        beds=(),
        bed_tail=(),
        bed_cell=(),
        surroundings=(),
        surrounded=((),) * topology.n_cells,
        links=(),
        elastic=(),
        linear=tuple(range(topology.n_cells)),
    )


def _held_drive(drive: PhaseDrive, now: DriveValues, state: State, cells: int) -> PhaseDrive:
    """A drive with the ends held as they are now, but for breathing; without surroundings, beds and heights."""
    batch = state.pressure.shape[-1]
    none = jnp.zeros((0, batch))
    return replace(
        drive,
        inclination_from=none,
        inclination_to=none,
        **dict.fromkeys(_SURROUNDINGS_FIELDS, none),
        end_from=now.ends - _breath(drive, state),
        end_to=now.ends - _breath(drive, state),
        exercise=none,
        inflow=none,
        calibre=jnp.ones((cells, batch)),
    )


_begin = jax.jit(start_phase, static_argnums=0)

_SURROUNDINGS_FIELDS = (
    "pressure_from", "pressure_to", "pulse", "onset", "rise", "hold", "fall", "breath_surroundings", "elastance",
    "grip_volume",
)  # fmt: skip


def _breath(drive: PhaseDrive, state: State) -> Float[Array, "ends batch"]:
    return drive.breath_ends * breath(state.clock, drive.breath_period)


def _compliance(topology: Topology, prepared: Prepared, state: State) -> Float[Array, "cells batch"]:
    """dV/dp of each cell with its creep as it is, mL/mmHg."""
    cells, volume, law = prepared.parameters.cells, state.states.volume, laws_of(topology).cells
    stretch = law.by_kind(volume / prepared.unstressed, jnp.ones_like(volume))
    _, slope = jax.jvp(
        lambda a: wall.transmural_pressure(cells, a, state.states.creep), (stretch,), (jnp.ones_like(stretch),)
    )
    of_walls = prepared.unstressed / slope
    return law.by_kind(of_walls, jnp.asarray(law.per_state(prepared)))


def _along(topology: Topology, prepared: Prepared, state: State) -> tuple[Array, Array, Array, Array]:
    """Present resistance, inertance and quadratic loss of each face, and whether a valve shuts it."""
    graph, parameters = graph_of(topology), prepared.parameters
    faces, valves, density = parameters.faces, parameters.valves, parameters.fluid.density
    per_volume = 1.0 / laws_of(topology).cells.by_kind(state.states.volume, prepared.unstressed)
    friction, _ = vessel.resistance(prepared.shape, per_volume, prepared.unstressed)
    resistance = faces.tail_share * graph.at_tail(friction) + faces.head_share * graph.at_head(friction)
    columns = prepared.column_tail * graph.at_tail(per_volume) + prepared.column_head * graph.at_head(per_volume)
    still = Begun(graph.at_valve(state.opening), graph.at_valve(state.drop), jnp.asarray(0.0))
    narrow = per_annulus(graph, prepared, per_volume)
    orifice = valve.orifice_after(valves, density, still.drop, narrow, still)
    wide = 0.5 * density * (narrow / valves.vessels) ** 2
    shut = wide < SHUT**2 * orifice.loss
    loss = graph.on_faces(jnp.where(shut, 0.0, orifice.loss))
    return (
        resistance + prepared.channel_resistance,
        columns + prepared.channel_inertance + graph.on_faces(jnp.where(shut, 0.0, orifice.inertance)),
        loss if faces.loss is None else loss + faces.loss,
        graph.on_faces(shut.astype(jnp.float64)) > 0.0,
    )
