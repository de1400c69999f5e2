"""Small networks made of formulas, for tests that want to see every number."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import equinox as eqx
import jax
import jax.numpy as jnp
import numpy as np

from venolymph.network import balance, integrate
from venolymph.network.parameters import Beds, Cells, Faces, Fluid, Parameters, Surroundings, Valves
from venolymph.network.phase_drive import PhaseDrive
from venolymph.network.state import initial_state, start_phase
from venolymph.network.topology import Topology

ATRIUM, ARTERY = -1, -2
"""Node numbers in `joins` that stand for the ends."""

VISCOSITY, DENSITY, WEIGHT = 2.6e-5, 7.876e-4, 0.78

# Compiled whole: otherwise each of their operations would be compiled as a program of its own.
initial = jax.jit(initial_state, static_argnums=0)
begin = jax.jit(start_phase, static_argnums=0)
advance = jax.jit(integrate.advance, static_argnums=0)
evaluate_stage = jax.jit(balance.evaluate_stage, static_argnums=0)


def topology(
    cells: int,
    joins: Sequence[tuple[int, int]],
    valves: Sequence[int] = (),
    beds: Sequence[int] = (),
    surrounded: Sequence[Sequence[int]] | None = None,
    elastic: Sequence[int] = (),
) -> Topology:
    """A network of cells in three surroundings; `joins` are (tail, head), `valves` faces, `beds` cells."""
    ends = {ATRIUM: cells, ARTERY: cells + 1}
    return Topology(
        cells=tuple(f"cell {i}" for i in range(cells)),
        ends=("atrium", "artery"),
        faces=tuple(f"face {i}" for i in range(len(joins))),
        tail=tuple(ends.get(a, a) for a, _ in joins),
        head=tuple(ends.get(b, b) for _, b in joins),
        valves=tuple(f"valve {i}" for i in range(len(valves))),
        valve_face=tuple(valves),
        beds=tuple(f"bed {i}" for i in range(len(beds))),
        bed_tail=(cells + 1,) * len(beds),
        bed_cell=tuple(beds),
        surroundings=("muscle", "fascia", "air"),
        surrounded=tuple(tuple(slots) for slots in surrounded) if surrounded else ((0, 1),) * cells,
        links=("trunk", "leg"),
        elastic=tuple(elastic),
    )


def parameters(net: Topology, seed: int = 0, batch: int = 1, spread: float = 0.3) -> Parameters:
    """Plausible figures, each scattered by `spread` about its middle so that no two are alike."""
    dice = np.random.default_rng(seed)

    def some(n: int, value: Any, scatter: bool = True) -> Any:
        factor = dice.uniform(1 - spread, 1 + spread, (n, batch)) if scatter else np.ones((n, batch))
        return jnp.asarray(np.asarray(value, float) * factor)

    n, f, v, b, k = net.n_cells, net.n_faces, len(net.valves), len(net.beds), len(net.surroundings)
    depth = np.linspace(90.0, 20.0, n)[:, None]
    position = np.stack([0.4 * depth, 0.6 * depth], axis=1) * np.ones((1, 1, batch))
    share = dice.uniform(0.2, 0.8, (n, net.n_slots, batch))
    return Parameters(
        cells=Cells(
            length=some(n, 5.0),
            vessels=some(n, 2.0),
            unstressed_area=some(n, 0.3),
            friction=some(n, 22.0),
            collapse_stiffness=some(n, 1.0),
            elastin_stiffness=some(n, 0.5),
            collagen_stiffness=some(n, 1.4),
            collagen_exponent=some(n, 1.5),
            tether=some(n, 1.0, scatter=False),
            viscous_time=some(n, 0.01),
            relaxation_gain=some(n, 0.15),
            relaxation_time=some(n, 20.0),
            share=jnp.asarray(share),
            position=jnp.asarray(position),
        ),
        faces=Faces(
            tail_share=some(f, 0.5),
            head_share=some(f, 0.5),
            channel_length=some(f, 0.5),
            channel_area=some(f, 0.2),
            channel_vessels=some(f, 1.0),
            resistance=some(f, 0.02),
            open=some(f, 1.0, scatter=False),
        ),
        valves=Valves(
            leak=some(v, 0.02),
            opening_time=some(v, 0.05),
            closing_time=some(v, 0.08),
            closing_pressure=some(v, 2.0),
            threshold=some(v, 0.2),
            vessels=some(v, 2.0),
            in_channel=some(v, (np.arange(v) % 2)[:, None], scatter=False),
            coaptation_area=some(v, 0.9),
        ),
        beds=Beds(
            conductance=some(b, 0.004),
            arteriolar_gain=some(b, 0.9),
            arteriolar_threshold=some(b, 25.0),
            arteriolar_full=some(b, 50.0),
            arteriolar_time=some(b, 3.0),
            arteriolar_opening_time=some(b, 1.0),
            exercise_gain=some(b, 6.0),
            exercise_time=some(b, 5.0),
        ),
        surroundings=Surroundings(elastance=some(k, 0.3), rest_volume=some(k, 10.0)),
        fluid=Fluid(
            viscosity=some(1, VISCOSITY, scatter=False),
            density=some(1, DENSITY, scatter=False),
            weight=some(1, WEIGHT, scatter=False),
        ),
    )


def drive(net: Topology, batch: int = 1, **changes: Any) -> PhaseDrive:
    """Standing still in front of 95 mmHg; `changes` are columns or numbers for fields of `PhaseDrive`."""
    links, k, ends = len(net.links), len(net.surroundings), net.n_ends

    def full(n: int, value: Any) -> Any:
        value = np.asarray(value, float)
        return jnp.asarray(np.broadcast_to(value[:, None] if value.ndim == 1 else value, (n, batch)).copy())

    sizes: dict[str, tuple[int, Any]] = {
        "ramp": (1, 1.0),
        "inclination_from": (links, np.pi / 2),
        "inclination_to": (links, np.pi / 2),
        "pressure_from": (k, 0.0),
        "pressure_to": (k, 0.0),
        "pulse": (k, 0.0),
        "onset": (k, 0.1),
        "rise": (k, 0.2),
        "hold": (k, 0.1),
        "fall": (k, 0.2),
        "period": (1, 1.0),
        "end_from": (ends, np.array([3.0, 95.0])),
        "end_to": (ends, np.array([3.0, 95.0])),
        "breath_surroundings": (k, 0.0),
        "breath_ends": (ends, 0.0),
        "breath_period": (1, 1.0),
        "exercise": (len(net.beds), 0.0),
        "inflow": (len(net.beds), 1.0),
        "calibre": (net.n_cells, 1.0),
        "elastance": (k, 0.0),
        "grip_volume": (k, 0.0),
    }
    return PhaseDrive(**{name: full(n, changes.get(name, value)) for name, (n, value) in sizes.items()})


def chain(cells: int = 6, **more: Any) -> Topology:
    """Cells in a row that drain into the atrium."""
    return topology(cells, [*((i, i + 1) for i in range(cells - 1)), (cells - 1, ATRIUM)], **more)


def ladder(**more: Any) -> Topology:
    """Two columns of cells with rungs between them (three loops), muscle around one, fascia around both."""
    joins = [(0, 1), (1, 2), (2, 3), (4, 5), (5, 6), (6, 7), (0, 4), (1, 5), (2, 6), (3, 7), (7, ATRIUM)]
    settings: dict[str, Any] = {
        "valves": (0, 1, 4, 7, 9),
        "beds": (0, 4, 4),
        "surrounded": [(0, 1), (0, 1), (0, 1), (0, 1), (1, 2), (1, 2), (2, 1), (2, 2)],
        "elastic": (0, 1),
    }
    return topology(8, joins, **(settings | more))


def replaced(tree: Any, **leaves: Any) -> Any:
    """A tree with leaves put in by dotted name written with double underscores: `cells__length=...`."""

    def at(tree: Any, name: str) -> Any:
        for part in name.split("__"):
            tree = getattr(tree, part)
        return tree

    for name, value in leaves.items():
        tree = eqx.tree_at(lambda t, name=name: at(t, name), tree, value)
    return tree
