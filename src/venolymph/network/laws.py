"""The laws that a topology asks for, chosen once: of its cells, of its faces, of its beds.

A leg has veins for cells and faces, and beds that draw from ends. A circuit of linear cells has rigid faces. Where the
one lies above the other, both laws hold, each for its own.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache

import jax.numpy as jnp

from venolymph.network import vessel
from venolymph.network.bed_law import BedLaw, CellFedBeds, EndFedBeds
from venolymph.network.cell_law import CellLaw
from venolymph.network.chamber import StoresAndChambers
from venolymph.network.drive import Drive
from venolymph.network.face_law import FaceLaw, RigidFaces
from venolymph.network.flap import FlappedFaces
from venolymph.network.graph import graph_of
from venolymph.network.linear_store import LinearStores, VeinsAndStores
from venolymph.network.parameters import Parameters
from venolymph.network.stage import Prepared
from venolymph.network.switch import OneWayFaces
from venolymph.network.topology import Topology
from venolymph.network.vein_flow import VeinFlow
from venolymph.network.veins import Veins


@dataclass(frozen=True, eq=False)
class Laws:
    """The laws of a network's cells, faces and beds."""

    cells: CellLaw
    faces: FaceLaw
    beds: BedLaw

    def linear(self, parameters: Parameters) -> bool:
        """Whether the equations are linear in all states, always in the same way: no wall, no valve, no loss."""
        return self.cells.always_linear and self.faces.linear(parameters)


@lru_cache(maxsize=32)
def laws_of(topology: Topology) -> Laws:
    """The laws of a topology."""
    graph = graph_of(topology)
    beds = CellFedBeds(graph) if topology.drawing else EndFedBeds(graph)
    if not topology.linear:
        cells, faces = Veins(graph), VeinFlow(graph)
    elif len(topology.linear) < topology.n_cells or topology.beds or topology.valves:
        cells, faces = VeinsAndStores(topology, graph), VeinFlow(graph)
    else:
        cells = StoresAndChambers(topology) if topology.chambers else LinearStores(topology)
        faces = RigidFaces(graph if topology.chambers else None)
    faces = OneWayFaces(topology, faces) if topology.switches else faces
    return Laws(cells, FlappedFaces(topology, faces) if topology.flaps else faces, beds)


def prepare(topology: Topology, parameters: Parameters, drive: Drive) -> Prepared:
    """Parameters and drive of a phase, with the quantities that are constant during it."""
    graph, laws = graph_of(topology), laws_of(topology)
    faces, fluid, body = parameters.faces, parameters.fluid, parameters.surroundings
    of = laws.cells.shapes(parameters, drive)
    pipe = 8.0 * jnp.pi * fluid.viscosity * faces.channel_length
    inertance = fluid.density * faces.channel_length / (faces.channel_vessels * faces.channel_area)
    return Prepared(
        parameters=parameters,
        drive=drive,
        unstressed=of.unstressed,
        shape=of.friction,
        column_tail=faces.tail_share * graph.at_tail(of.column),
        column_head=faces.head_share * graph.at_head(of.column),
        channel_resistance=faces.resistance + pipe / (faces.channel_vessels * faces.channel_area**2),
        channel_inertance=vessel.in_series(inertance, faces.inertance),
        ring_lumen=(1.0 - of.in_channel) * graph.at_ring(1.0 / of.bundle),
        ring_length=(1.0 - of.in_channel) * graph.at_ring(of.bundle),
        ring_channel=of.in_channel / graph.at_valve(faces.channel_area),
        pressing=of.pressing,
        elastance=(body.elastance + drive.elastance)[graph.elastic],
        slack=-(body.elastance * body.rest_volume + drive.elastance * drive.grip_volume)[graph.elastic],
        capacity=laws.cells.capacity(parameters),
    )
