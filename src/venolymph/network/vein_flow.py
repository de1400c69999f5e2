"""The law of faces between veins: friction and inertia of blood in half of each vein, and valves with leaflets."""

from __future__ import annotations

from typing import final

import jax.numpy as jnp
from jaxtyping import Array, Float

from venolymph.network import valve, vessel
from venolymph.network.face_law import FaceLaw, FaceSlopes, clipped
from venolymph.network.graph import Graph
from venolymph.network.stage import CellStage, FaceStage, Prepared, StageEvaluation, StageInputs


@final
class VeinFlow(FaceLaw):
    """Faces along which blood runs through lumens and valves."""

    def __init__(self, graph: Graph) -> None:
        self.graph = graph

    def at(self, inputs: StageInputs, cells: CellStage, drop: Float[Array, "faces batch"]) -> FaceStage:
        """What resists flow: the channel, both lumens, and the valve, whose leaflets have moved."""
        prepared, begun = inputs.prepared, inputs.begun
        graph, parameters, per_volume = self.graph, prepared.parameters, cells.veins.per_volume
        faces = parameters.faces
        friction, _ = vessel.resistance(prepared.shape, per_volume, prepared.unstressed)
        resistance = prepared.channel_resistance
        resistance = (
            resistance + faces.tail_share * graph.at_tail(friction) + faces.head_share * graph.at_head(friction)
        )
        inertance = prepared.channel_inertance + prepared.column_tail * graph.at_tail(per_volume)
        inertance = inertance + prepared.column_head * graph.at_head(per_volume)
        orifice = valve.orifice_after(
            parameters.valves,
            parameters.fluid.density,
            graph.at_valve(drop),
            per_annulus(graph, prepared, per_volume),
            valve.Begun(graph.at_valve(begun.opening), graph.at_valve(begun.drop), begun.span),
        )
        loss = vessel.in_series(graph.on_faces(orifice.loss), faces.loss)
        return FaceStage(resistance, inertance + graph.on_faces(orifice.inertance), loss, orifice)

    def slopes(
        self, inputs: StageInputs, stage: StageEvaluation, elastance: Array, steeper: Array, rising: Array | bool
    ) -> FaceSlopes:
        """Slopes of the flow.

        dQ = g (d(dp) - Q dR - Q |Q| dB + (known - Q) / h dL), see `vessel.implicit_flow`; one that is shut has g = 0.
        """
        prepared, _, rhs, _, h = inputs
        graph, parameters, per_volume = self.graph, prepared.parameters, stage.cells.veins.per_volume
        faces, flow, orifice = parameters.faces, stage.flow, stage.orifice
        assert orifice is not None
        turbulent, late = flow * jnp.abs(flow), (rhs.flow - flow) * (1.0 / h)
        slopes = valve.orifice_slopes(parameters.valves, per_annulus(graph, prepared, per_volume), orifice)
        steeper = turbulent * graph.on_faces(slopes.loss_by_drop) + steeper
        by_annulus = late * graph.on_faces(prepared.ring_lumen * slopes.inertance_by_annulus)
        by_annulus = by_annulus - turbulent * graph.on_faces(prepared.ring_lumen * slopes.loss_by_annulus)
        rise = clipped(steeper, rising)
        _, narrowing = vessel.resistance(prepared.shape, per_volume, prepared.unstressed)
        shortening = per_volume * per_volume
        for_tail = flow * faces.tail_share * graph.at_tail(narrowing)
        for_tail = for_tail + late * prepared.column_tail * graph.at_tail(shortening)
        for_head = flow * faces.head_share * graph.at_head(narrowing)
        for_head = for_head + late * prepared.column_head * graph.at_head(shortening)
        # Divided by the root again: sums over cells would recompute an expression that ends in a product for each term.
        return FaceSlopes(
            by_drop=faces.open / stage.root * rise,
            by_tail=faces.open * (rise * graph.at_tail(elastance) + by_annulus - for_tail) / stage.root,
            by_head=-faces.open * (rise * graph.at_head(elastance) + for_head) / stage.root,
        )


def per_annulus(
    graph: Graph, prepared: Prepared, per_volume: Float[Array, "cells batch"]
) -> Float[Array, "valves batch"]:
    """Inverse of the lumen of one vessel at each valve, 1/cm2."""
    return prepared.ring_length * graph.at_ring(per_volume) + prepared.ring_channel
