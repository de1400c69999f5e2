"""Small drainages for the tests: one compartment or two, and a chain of lymphangions."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import equinox as eqx
import jax
import jax.numpy as jnp
import numpy as np

from venolymph.network import drainage, interstitium, lymphangion
from venolymph.network.depot import Depots
from venolymph.network.drainage import DrainageDrive, DrainageParameters, DrainageTopology, PostureAndLoads
from venolymph.network.exchange import CapillaryBeds
from venolymph.network.initial_lymphatic import Initials, Plexus
from venolymph.network.lymphangion import Lymphangions, LymphValves
from venolymph.network.node import Nodes
from venolymph.network.plasma import Plasma
from venolymph.network.pulse import Beat

PASCAL = 1 / 133.322387415
SOLUTES = ("protein", "small tracer", "large tracer")

advance = jax.jit(drainage.advance, static_argnums=0)


def fill(kind: Any, rows: int, batch: int = 1, **values: Any) -> Any:
    """A parameter module with every row the same; a sequence gives rows of its own."""

    def leaf(value: Any) -> Any:
        value = np.asarray(value, float)
        return jnp.asarray(np.broadcast_to(value[..., None] if value.ndim else value, (rows, batch)))

    return kind(**{name: leaf(value) for name, value in values.items()})


def topology(cells: int, compartments: int = 1, nodes: int = 0) -> DrainageTopology:
    """Compartments side by side, an initial lymphatic in each, all into a chain of lymphangions and then nodes."""
    vessels = cells + nodes
    return DrainageTopology(
        solutes=SOLUTES,
        compartments=tuple(f"tissue {i}" for i in range(compartments)),
        beds=tuple(f"bed {i}" for i in range(compartments)),
        bed_compartment=tuple(range(compartments)),
        link_tail=tuple(range(compartments - 1)),
        link_head=tuple(range(1, compartments)),
        initials=tuple(f"initial {i}" for i in range(compartments)),
        initial_compartment=tuple(range(compartments)),
        initial_vessel=tuple(min(i, vessels - 1) for i in range(compartments)),
        plexus_tail=tuple(range(compartments - 1)),
        plexus_head=tuple(range(1, compartments)),
        lymphangions=tuple(f"lymphangion {i}" for i in range(cells)),
        lymphangion_compartment=(0,) * cells,
        peripheral=tuple(max(0, i - 1) for i in range(cells)),
        nodes=tuple(f"node {i}" for i in range(nodes)),
        downstream=tuple(range(1, vessels + 1)),
    )


def parameters(net: DrainageTopology, batch: int = 1) -> DrainageParameters:
    """Figures of a piece of healthy leg: 60 mL of tissue to a compartment."""
    tissues, cells, nodes = len(net.compartments), len(net.lymphangions), len(net.nodes)
    solutes, outflows = len(net.solutes), len(net.initials) + len(net.vessels)
    shape = (solutes, tissues, batch)

    def by_solute(*values: float) -> Any:
        return jnp.broadcast_to(jnp.asarray(values)[:, None, None], shape)

    beds = fill(
        CapillaryBeds,
        tissues,
        batch,
        filtration=2.6e-5,
        resistance_ratio=0.075,
        kept_drop=0.0,
        glycocalyx=0.35,
        closure_least=0.2,
        closure_weight=0.0,
        closure_centre=20.0,
        closure_width=5.0,
        closure_time=600.0,
        reflection=0.0,
        permeability=0.0,
        plasma_flow=1e15,
        recruitment=1.0,
    )
    beds = replace(beds, reflection=by_solute(0.93, 0.1, 0.98), permeability=by_solute(3e-5, 5e-3, 1e-7))
    tissue = fill(
        interstitium.Interstitium,
        tissues,
        batch,
        volume=12.0,
        pressure=-1.0,
        stiff_slope=15.3,
        middle_slope=10.5,
        flat_slope=0.42,
        taut_slope=8.0,
        middle_knee=1.131,
        flat_knee=1.226,
        taut_knee=2.5,
        bend=0.02,
        taut_bend=0.1,
        relaxation_gain=0.0,
        relaxation_time=0.0,
        borne=1.0,
        borne_swelling=1.25,
        available=0.0,
        available_swelling=0.0,
    )
    two = (2, tissues, batch)
    tissue = replace(
        tissue,
        relaxation_gain=jnp.full(two, 0.5),
        relaxation_time=jnp.broadcast_to(jnp.asarray([40.0, 500.0])[:, None, None], two),
        available=by_solute(0.6, 1.0, 0.6),
        available_swelling=by_solute(0.7, 1.0, 0.7),
    )
    depots = fill(Depots, tissues, batch, nearness=3.0, spread=0.0)
    depots = replace(depots, spread=by_solute(0.02 / 3600.0, 0.16 / 3600.0, 0.02 / 3600.0))
    valves = fill(
        LymphValves,
        outflows,
        batch,
        resistance=6e9 * PASCAL * 1e-6,
        vessels=1.0,
        leak=1e6 / (1e14 * PASCAL),
        steepness=0.1 / PASCAL,
        bias=-10.0 * PASCAL,
        open=1.0,
    )
    return DrainageParameters(
        beds=beds,
        plasma=Plasma(
            concentration=jnp.broadcast_to(jnp.asarray([70.0, 0.0, 0.0])[:, None], (solutes, batch)),
            plasma_oncotic=jnp.broadcast_to(jnp.asarray([0.21, 1.6e-3, 9e-6])[:, None], (3, batch)),
            tissue_oncotic=jnp.broadcast_to(jnp.asarray([0.2336, 3.4e-3, 0.0])[:, None], (3, batch)),
            gain=jnp.full((1, batch), 0.167),
            gain_time=jnp.full((1, batch), 520.0),
            gained_protein=jnp.full((1, batch), 30.0),
        ),
        tissue=tissue,
        links=fill(interstitium.TissueLinks, tissues - 1, batch, conductance=1e-7, decades=3.0, full_swelling=1.5),
        depots=depots,
        initials=fill(
            Initials,
            tissues,
            batch,
            volume=0.1,
            stiffness=1.5,
            uptake=1e-4,
            tether=3.0,
            still_swing=0.5,
            moved_swing=0.2,
            moved_rate=5e-4,
            worked_swing=0.05,
            tissue_share=0.0,
            flat=0.12,
        ),
        plexus=fill(Plexus, tissues - 1, batch, resistance=1e5),
        lymphangions=fill(
            Lymphangions,
            cells,
            batch,
            length=1.0,
            vessels=1.0,
            passive_pressure=800.0 * PASCAL,
            passive_diameter=0.05,
            passive_scale=0.0045,
            collapse_pressure=150.0 * PASCAL,
            collapse_diameter=0.02,
            tension=133.0 * PASCAL,
            best_diameter=0.05,
            best_width=0.35,
            contraction_time=7.0,
            refractory_time=0.0,
            delay=1.0,
            speed_gain=0.0,
            filled=-1.0,
            frequency=[4.0 / 60.0] + [1e-6] * (cells - 1),
            stretch_gain=0.0,
            stretch_diameter=0.038,
            shear=1e6,
            shear_power=2.0,
            shear_time=10.0,
            warmth=2.0,
            reference_temperature=31.0,
            tissue_share=0.0,
            leak_gain=0.0,
            leak_diameter=0.055,
        ),
        nodes=fill(
            Nodes,
            nodes,
            batch,
            volume=0.5,
            stiffness=2.5,
            absorption=1e-4,
            reflection=0.9,
            oncotic_share=0.6,
            reference_pressure=3.0,
            opening=0.0,
        ),
        valves=valves,
        viscosity=jnp.full((1, batch), 1.5e-3 * PASCAL),
        weight=jnp.full((1, batch), 0.74),
    )


def placed(net: DrainageTopology, batch: int = 1, end: float = 4.0) -> PostureAndLoads:
    """Everything at the height of the heart, nothing pressed."""
    tissues, initials, vessels = len(net.compartments), len(net.initials), len(net.vessels)

    def rows(n: int, value: float = 0.0) -> Any:
        return jnp.full((n, batch), value)

    return PostureAndLoads(
        rows(tissues), rows(initials), rows(vessels), rows(tissues), rows(vessels), rows(1), rows(1, end)
    )


def drive(
    net: DrainageTopology, batch: int = 1, venous: float = 10.0, arterial: float = 90.0, end: float = 4.0
) -> DrainageDrive:
    """A quiet interval."""
    beds, initials, vessels, cells = len(net.beds), len(net.initials), len(net.vessels), len(net.lymphangions)

    def rows(n: int, value: float = 0.0) -> Any:
        return jnp.full((n, batch), value)

    def beat(n: int) -> Beat:
        return Beat(rows(n), rows(n), rows(n, 0.2), rows(n, 0.1), rows(n, 0.2))

    return DrainageDrive(
        placed=placed(net, batch, end),
        venous=rows(beds, venous),
        arterial=rows(beds, arterial),
        column=rows(beds),
        warmth=rows(beds, 1.0),
        exercised=rows(beds),
        laid=rows(1),
        protein_factor=rows(1, 1.0),
        strain=rows(initials),
        strain_rate=rows(initials),
        worked=rows(initials),
        temperature=rows(cells, 31.0),
        beat_initials=beat(initials),
        beat_vessels=beat(vessels),
        pulse_tissue=rows(initials),
        pressed=rows(len(net.compartments)),
        pulse_period=rows(1, 1.0),
        pulse_begin=rows(1),
        breath_vessels=rows(vessels),
        breath_end=rows(1),
        breath_period=rows(1, 4.0),
        inflow=rows(vessels),
        inflow_solutes=jnp.zeros((len(net.solutes), vessels, batch)),
    )


def start(net: DrainageTopology, figures: DrainageParameters, given: DrainageDrive, protein: float = 30.0) -> Any:
    """A state to begin from."""
    ones = jnp.ones_like(figures.tissue.volume)
    concentration = jnp.zeros_like(figures.plasma.concentration).at[0].set(protein)
    opened = jnp.ones_like(figures.beds.filtration)
    return drainage.initial_state(net, figures, given.placed, ones, concentration, opened)


def with_(tree: Any, **changes: Any) -> Any:
    """Numbers replaced; `lymphangions__tension=x` names part and field; a number fills the array."""
    for name, value in changes.items():
        path = name.split("__")

        def leaf(tree: Any, path: list[str] = path) -> Any:
            for step in path:
                tree = getattr(tree, step)
            return tree

        tree = eqx.tree_at(leaf, tree, jnp.zeros_like(leaf(tree)) + value)
    return tree


def pump(cells: int, per_minute: float, delay: float, tension: float = 133.0, dt: float = 0.1, leader: int = 0) -> Any:
    """A chain that draws from a large sac at 5 mmHg, against a batch of outlet pressures 0 to 50 mmHg higher.

    One lymphangion, the leader, has a pacemaker; the others follow.
    """
    net = topology(cells)
    adverse = np.arange(0.0, 60.0, 10.0)
    batch = len(adverse)
    figures = parameters(net, batch)
    ratio = 0.5 * (5.0 + np.sqrt(29.0))  # r - 1/r = 5
    figures = with_(
        figures,
        initials__uptake=0.0,
        initials__stiffness=1.0,
        initials__volume=1e6,
        lymphangions__frequency=jnp.full((cells, 1), 1e-9).at[leader].set(per_minute / 60.0),
        lymphangions__delay=delay,
        lymphangions__tension=tension * PASCAL,
        beds__filtration=0.0,
    )
    given = drive(net, batch)
    given = with_(given, placed__end_pressure=5.0 + jnp.asarray(adverse)[None])
    state = start(net, figures, given)
    state = replace(state, lymph=state.lymph.at[0].set(1e6 * ratio))
    period = 60.0 / per_minute
    steps = round(period / dt)
    intervals = 40
    state, found = advance(
        net,
        figures,
        drainage.repeat_over_intervals(given, intervals),
        state,
        jnp.asarray(period / steps),
        jnp.asarray(steps),
    )
    return state, found, adverse, lymphangion
