"""A circuit above a leg: what svZeroD describes as arteries feeds the beds of the leg, and feels what they draw.

A RESISTANCE or RCR that closed the circuit gives way to beds of the leg: they draw from the place in front of its
(last) resistance, against the pressure there, and whatever they draw leaves the circuit. The circuit lies at the level
of the heart; what stands in the arteries below it is added at the beds, as it is for a leg without a circuit.

The two become one network and are solved together. Tables of the circuit go on through all phases by the clock of the
run, so that steps of a phase must be short enough for them.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import fields, replace
from functools import partial
from typing import TYPE_CHECKING, Any, final

import equinox as eqx
import jax
import jax.numpy as jnp
import numpy as np
from jaxtyping import Array, Float

from venolymph.body.anatomy import Body
from venolymph.errors import DocumentError, nearest
from venolymph.interop.svzerod.network import CircuitValues
from venolymph.interop.svzerod.solve import Model
from venolymph.interop.svzerod.tables import between
from venolymph.network import Faces, JoinedDrive, Parameters, Topology
from venolymph.units import quantity, show

if TYPE_CHECKING:
    from venolymph.regimen.forcing import Phase

STEPS_PER_PERIOD = 50
"""Time steps that tables which change get at least in their period."""


def upstream(body: Body, model: Model, outlets: Mapping[str, Sequence[str]], *, pressure: str = "dyn/cm2") -> Body:
    """A leg with a circuit above it.

    Args:
        body: the leg.
        model: the circuit (`read`); its volumes are mL and its times s.
        outlets: for each RESISTANCE or RCR of the circuit that gives way to beds, the names of these
            (`body.topology.beds`). Beds that are not named stay with the arterial pressure of the figures.
        pressure: unit of the circuit's pressures.

    Returns:
        the leg as a body to simulate. The circuit's nodes stand behind the cells of the leg in results, numbered
        as in `model.network.topology.cells`.

    Raises:
        DocumentError: where there is no such outlet or bed, a bed is named twice, an outlet has no resistance, or the
            circuit has chambers.
        UnitError: where the unit is none of pressure.
    """
    if body.phase_modifier is not None:
        raise DocumentError("this leg has a circuit above it already", hint="join the two circuits in one file")
    if model.circuit.chambers:
        raise DocumentError(
            f"the circuit has {len(model.circuit.chambers)} chambers (from {show(model.circuit.chambers[0].name)} on), "
            "which cannot stand above a leg yet",
            hint="put a FLOW or PRESSURE where blood comes from a heart, and an RCR in the place of a coronary",
        )
    net, leg = model.network, body.topology
    values = _in_mmhg(net.values, float(quantity(f"1 {pressure}", "mmHg")))
    gone, sources = _outlets(leg, model, outlets)
    faces = [face for face in range(net.topology.n_faces) if net.topology.head[face] not in gone]
    ends = [end for end in range(net.topology.n_ends) if net.topology.n_cells + end not in gone]
    drive = net.drive(values)
    fed = drive.values.shape[1] - net.topology.n_ends
    above = Above(
        values=jnp.concatenate([drive.values[:, ends], drive.values[:, net.topology.n_ends :]], axis=1),
        times=tuple(net.times.tolist()),
        feeds=(fed,) * leg.n_cells + drive.feeds,
        ends=len(ends),
    )
    return replace(
        body,
        topology=_joined(leg, net.topology, faces, ends, sources),
        parameters=_laid(body.parameters, net.parameters(values), faces),
        phase_modifier=partial(_also, above),
    )


@final
class Above(JoinedDrive):
    """What drives a circuit above a leg: tables, linear between times and periodic.

    Attributes:
        values: at the times: pressures of the circuit's ends, then the flow into each cell that has one.
        times: from 0 to the period, never going back, s (static).
        feeds: for each cell of the whole network the column of its flow among those (static).
        ends: number of the circuit's ends (static).
    """

    values: Float[Array, "points columns batch"]
    times: tuple[float, ...] = eqx.field(static=True)
    feeds: tuple[int, ...] = eqx.field(static=True)
    ends: int = eqx.field(static=True)

    def at(self, clock: Float[Array, ""]) -> tuple[Float[Array, "ends batch"], Float[Array, "cells batch"]]:
        """Pressures of the circuit's ends and flows into all cells at a time of the run."""
        now = between(jnp.asarray(self.times), self.values, clock)
        none = jnp.zeros((1, now.shape[-1]))
        return now[: self.ends], jnp.concatenate([now[self.ends :], none])[np.array(self.feeds)]


def _also(above: Above, phase: Phase) -> Phase:
    """A phase of a regimen with the circuit's tables beside it, in steps that these ask for."""
    drive = replace(phase.drive, joined=above)
    still = bool(np.all(above.values == above.values[:1]))
    step = phase.step if still else min(phase.step, above.times[-1] / STEPS_PER_PERIOD)
    return replace(phase, drive=drive, step=step)


def _in_mmhg(values: CircuitValues, factor: float) -> CircuitValues:
    """The numbers of a circuit with its pressures in mmHg, one of which is `1 / factor` of its own."""
    up = ("resistance", "inertance", "stenosis", "r_max", "r_min", "shut", "end_pressure")
    down = ("steepness", "capacitance", "steady_capacitance")
    scaled = {name: factor * getattr(values, name) for name in up}
    return replace(values, **scaled, **{name: getattr(values, name) / factor for name in down})


def _outlets(leg: Topology, model: Model, outlets: Mapping[str, Sequence[str]]) -> tuple[set[int], dict[int, int]]:
    """Nodes of the circuit that go, and for each bed that it feeds the node in front of what closed it."""
    circuit, net = model.circuit, model.network
    closing = {
        circuit.ends[branch.stop - len(circuit.nodes)].name: branch
        for branch in circuit.branches
        if branch.stop >= len(circuit.nodes)
        and branch.name.removesuffix(":Rd") == circuit.ends[branch.stop - len(circuit.nodes)].name
    }
    gone: set[int] = set()
    sources: dict[int, int] = {}
    for name, beds in outlets.items():
        if name not in closing:
            near = nearest(name, closing)
            raise DocumentError(
                f"the circuit has no RESISTANCE or RCR {show(name)} whose resistance beds could take the place of",
                hint=f"did you mean {near!r}?" if near else f"it has {', '.join(map(repr, closing)) or 'none at all'}",
            )
        gone.add(net.cells + closing[name].stop - len(circuit.nodes))
        for bed in beds:
            if bed not in leg.beds:
                near = nearest(bed, leg.beds)
                raise DocumentError(
                    f"the leg has no bed {show(bed)}",
                    hint=f"did you mean {near!r}?" if near else f"it has {', '.join(map(repr, leg.beds))}",
                )
            if leg.beds.index(bed) in sources:
                raise DocumentError(f"the bed {show(bed)} is named twice", hint="one artery feeds it")
            sources[leg.beds.index(bed)] = closing[name].start
    return gone, sources


def _joined(leg: Topology, circuit: Topology, faces: list[int], ends: list[int], sources: dict[int, int]) -> Topology:
    """Both as one network: cells and ends of the leg first among their kind."""
    own, cells = leg.n_cells, leg.n_cells + circuit.n_cells
    after = cells + leg.n_ends

    def of_leg(node: int) -> int:
        return node if node < own else node + circuit.n_cells

    def of_circuit(node: int) -> int:
        return own + node if node < circuit.n_cells else after + ends.index(node - circuit.n_cells)

    return replace(
        leg,
        cells=(*leg.cells, *circuit.cells),
        ends=(*leg.ends, *(circuit.ends[end] for end in ends)),
        faces=(*leg.faces, *(circuit.faces[face] for face in faces)),
        tail=(*map(of_leg, leg.tail), *(of_circuit(circuit.tail[face]) for face in faces)),
        head=(*map(of_leg, leg.head), *(of_circuit(circuit.head[face]) for face in faces)),
        bed_tail=tuple(own + sources[bed] if bed in sources else of_leg(tail) for bed, tail in enumerate(leg.bed_tail)),
        surrounded=(*leg.surrounded, *((0,) * leg.n_slots for _ in circuit.cells)),
        linear=tuple(range(own, cells)),
        switches=tuple(leg.n_faces + faces.index(face) for face in circuit.switches if face in faces),
        flaps=tuple(leg.n_faces + faces.index(face) for face in circuit.flaps if face in faces),
    )


def _laid(leg: Parameters, circuit: Parameters, faces: list[int]) -> Parameters:
    """Parameters of both, the leg's first; no surroundings press on the circuit and it has no height."""
    cells, batch = circuit.cells.length.shape
    around = {
        "share": jnp.zeros((cells, leg.cells.share.shape[1], batch)),
        "position": jnp.zeros((cells, leg.cells.position.shape[1], batch)),
    }
    beside = replace(circuit.cells, **around)

    def both(name: str) -> Any:
        of_leg, of_circuit = (getattr(one.faces, name) for one in (leg, circuit))
        if of_leg is None and of_circuit is None:
            return None
        of_leg = jnp.zeros_like(leg.faces.open) if of_leg is None else of_leg
        of_circuit = jnp.zeros((len(faces), batch)) if of_circuit is None else of_circuit[np.array(faces)]
        return jnp.concatenate([of_leg, of_circuit])

    return replace(
        leg,
        cells=replace(
            jax.tree.map(lambda a, b: jnp.concatenate([a, b]), leg.cells, replace(beside, compliance=None)),
            compliance=circuit.cells.compliance,
        ),
        faces=Faces(**{name: both(name) for name in (part.name for part in fields(Faces))}),
        switches=circuit.switches,
        flaps=circuit.flaps,
    )
