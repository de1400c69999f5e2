"""The network's equations once more, written as plain rates of change for general solvers of differential equations.

Nothing here comes from the engine: it is what `network` is compared with. One member, no batch axis. A state is one
flat vector: volumes, flows of the faces that are open, openings of the valves, creep, arteriolar factors, muscle work.
"""

from __future__ import annotations

from typing import Any

import jax
import jax.numpy as jnp
import numpy as np

CHANNEL_LENGTH = 0.7
SHUT_AREA = 1e-4
UNEVEN = 0.02
ROUNDING = 0.1
CORNER = 0.2
TOUCHING = 0.3


def _smooth(x: Any) -> Any:
    x = jnp.clip(x, 0.0, 1.0)
    return 10.0 * x**3 - 15.0 * x**4 + 6.0 * x**5


class Oracle:
    """Rates of change of a network's states."""

    def __init__(self, topology: Any, parameters: Any, drive: Any) -> None:
        self.n = topology.n_cells
        self.p, self.drive = (jax.tree.map(lambda x: jnp.asarray(x)[..., 0], tree) for tree in (parameters, drive))
        self.open = np.flatnonzero(np.asarray(self.p.faces.open) > 0.0)
        self.tail, self.head = np.array(topology.tail)[self.open], np.array(topology.head)[self.open]
        number = {face: k for k, face in enumerate(self.open)}
        self.valves = np.array([k for k, face in enumerate(topology.valve_face) if face in number], int)
        self.valve_face = np.array([number[topology.valve_face[k]] for k in self.valves], int)
        self.all_valve_faces = np.array(topology.valve_face, int)[self.valves]
        self.bed_cell, self.bed_end = np.array(topology.bed_cell, int), np.array(topology.bed_tail, int) - self.n
        self.slots = np.array(topology.surrounded).reshape(self.n, topology.n_slots)
        inside = np.zeros((len(topology.surroundings), self.n))
        for cell, slots in enumerate(topology.surrounded):
            inside[list(slots), cell] = 1.0
        elastic = np.isin(np.arange(len(topology.surroundings)), topology.elastic)
        self.inside = inside * elastic[:, None]
        self.elastic = elastic
        sizes = [self.n, len(self.open), len(self.valves), self.n, len(self.bed_cell), len(self.bed_cell)]
        self.cuts = np.cumsum(sizes)[:-1]

    def pack(self, state: Any) -> np.ndarray:
        """The vector of an engine's state (its first member)."""
        known = state.states
        parts = [
            known.volume, known.flow[self.open], state.opening[self.all_valve_faces],
            known.creep, known.arteriolar, known.exercise,
        ]  # fmt: skip
        return np.concatenate([np.asarray(part)[:, 0] for part in parts])

    def split(self, y: Any) -> list[Any]:
        """Volumes, flows, openings, creep, arteriolar factors and muscle work from a vector or rows of vectors."""
        return jnp.split(y, self.cuts, axis=-1) if isinstance(y, jax.Array) else np.split(y, self.cuts, axis=-1)

    def everything(self, t: Any, y: Any, clock: float = 0.0) -> tuple[Any, Any]:
        """Rates of change, and the pressure of each cell."""
        p, d, c = self.p, self.drive, self.p.cells
        V, Q, zeta, creep, arteriolar, exercise = self.split(y)
        part = _smooth(t / jnp.maximum(d.ramp[0], 1e-9))

        def between(a: Any, b: Any) -> Any:
            return a + (b - a) * part

        angle = between(d.inclination_from, d.inclination_to)
        height = -(c.position * jnp.sin(angle)).sum(1)
        breath = jnp.sin(2 * jnp.pi * (t + clock) / d.breath_period[0])
        turn = jnp.mod(t / d.period[0] - d.onset, 1.0)
        pulse = d.pulse * (_smooth(turn / d.rise) - _smooth((turn - d.rise - d.hold) / d.fall))
        ends = between(d.end_from, d.end_to) + d.breath_ends * breath
        V0 = c.length * c.vessels * c.unstressed_area * d.calibre
        a = V / V0
        e = a / (1 + creep)
        round_ = jnp.where(e < 1, 0.0, jnp.where(e < 1 + ROUNDING, (e - 1) ** 2 / (2 * ROUNDING), e - 1 - ROUNDING / 2))
        pull = c.tether * (e - 1) + (1 - c.tether) * round_
        share = c.tether + (1 - c.tether) * jnp.clip((e - 1) / ROUNDING, 0.0, 1.0)
        wall = (
            c.collapse_stiffness * (1 - e**-1.5)
            + c.elastin_stiffness * pull
            + c.collagen_stiffness / c.collagen_exponent * jnp.expm1(c.collagen_exponent * pull)
        )
        stiff = 1.5 * c.collapse_stiffness * e**-2.5 + share * (
            c.elastin_stiffness + c.collagen_stiffness * jnp.exp(c.collagen_exponent * pull)
        )
        held = jnp.asarray(self.inside) @ V
        body = p.surroundings
        around = between(d.pressure_from, d.pressure_to) + pulse + d.breath_surroundings * breath
        around += jnp.where(
            self.elastic, body.elastance * (held - body.rest_volume) + d.elastance * (held - d.grip_volume), 0.0
        )
        still = wall + (c.share * around[self.slots]).sum(1)
        # Inflow falls with pressure, and pressure rises with the wall's rate of stretch: one linear equation a cell.
        weight = p.fluid.weight[0]
        gain = p.beds.conductance * (1 + p.beds.exercise_gain * exercise) * d.inflow * arteriolar
        source = ends[self.bed_end] - weight * height[self.bed_cell]
        moved = jnp.zeros(self.n + len(ends)).at[self.head].add(Q).at[self.tail].add(-Q)[: self.n]
        viscous = c.viscous_time * stiff / V0

        def balanced(gain: Any) -> tuple[Any, Any]:
            through = jnp.zeros(self.n).at[self.bed_cell].add(gain)
            fed = jnp.zeros(self.n).at[self.bed_cell].add(gain * source)
            net = (moved + fed - through * still) / (1 + viscous * through)
            return net, still + viscous * net

        # Beds of one cell have one source: either all of them flow, or its pressure is above it and none does.
        forward = balanced(gain)[1][self.bed_cell] < source
        net, pressure = balanced(jnp.where(forward, gain, 0.0))
        heads = jnp.concatenate([pressure + weight * height, ends])
        dp = heads[self.tail] - heads[self.head]
        # friction and inertia of half a cell on either side
        mu, rho = p.fluid.viscosity[0], p.fluid.density[0]
        A = V / (c.vessels * c.length)
        R = c.friction * jnp.pi * mu * c.length / (c.vessels * A**2) * (1 + (TOUCHING / a) ** 4)
        L = rho * c.length / (c.vessels * A)
        nil = jnp.zeros(len(ends))
        R, L = jnp.concatenate([R, nil]), jnp.concatenate([L, nil])
        f = jax.tree.map(lambda x: x[self.open], p.faces)
        n_area = f.channel_vessels * f.channel_area
        R = f.tail_share * R[self.tail] + f.head_share * R[self.head] + f.resistance
        R += 8 * jnp.pi * mu * f.channel_length / (n_area * f.channel_area)
        L = f.tail_share * L[self.tail] + f.head_share * L[self.head] + rho * f.channel_length / n_area
        B = jnp.zeros(len(self.open))
        dzeta = jnp.zeros(0)
        if len(self.valves):
            v, k = jax.tree.map(lambda x: x[self.valves], p.valves), self.valve_face
            ring = jnp.where(v.in_channel > 0, f.channel_area[k], A[jnp.minimum(self.tail[k], self.n - 1)])
            apart = 1 - v.coaptation_area / ring
            blurred = jnp.where(apart < UNEVEN, jnp.maximum(apart + UNEVEN, 0.0) ** 2 / (4 * UNEVEN), apart)
            leak = v.leak + (1 - v.leak) * blurred
            shut = SHUT_AREA + (1 - SHUT_AREA) * leak
            free = ring * (shut + (1 - shut) * jnp.clip(zeta, 0.0, 1.0)) * v.vessels
            B = B.at[k].add(rho / (2 * free**2))
            L = L.at[k].add(rho * CHANNEL_LENGTH * jnp.sqrt(ring) / (ring * v.vessels))
            x = dp[k] / v.threshold
            round_ = jnp.sqrt(x * x + CORNER**2)
            ahead, back = (round_ + x) / 2, (round_ - x) / 2
            opens = ahead / jnp.sqrt(1 + ahead**2) * ahead / round_
            shuts = back / jnp.sqrt(1 + back**2) * back / round_
            haste = jnp.sqrt(1 + v.threshold * back / v.closing_pressure)
            dzeta = (1 - zeta) * opens / v.opening_time - zeta * shuts * haste / v.closing_time
        dQ = (dp - R * Q - B * Q * jnp.abs(Q)) / L
        dcreep = (c.relaxation_gain * jnp.maximum(0.0, 1 - 1 / e) - creep) / c.relaxation_time
        b, across = p.beds, (wall + viscous * net)[self.bed_cell]
        part = jnp.clip((across - b.arteriolar_threshold) / (b.arteriolar_full - b.arteriolar_threshold), 0.0, 1.0)
        goal = 1 / (1 + b.arteriolar_gain * (3 * part**2 - 2 * part**3))
        darteriolar = (goal - arteriolar) / jnp.where(goal > arteriolar, b.arteriolar_opening_time, b.arteriolar_time)
        dexercise = (d.exercise - exercise) / p.beds.exercise_time
        return jnp.concatenate([net, dQ, dzeta, dcreep, darteriolar, dexercise]), pressure


def radau(oracle: Oracle, y: np.ndarray, times: np.ndarray, clock: float, tolerance: float = 1e-8) -> Any:
    """States and pressures at the given times (the first is where `y` stands), by scipy's Radau."""
    from scipy.integrate import solve_ivp
    from scipy.sparse import csc_matrix

    def rate(t: Any, y: Any) -> Any:
        return oracle.everything(t, y, clock)[0]

    fast, slope = (jax.jit(jax.numpy_rank_promotion("allow")(f)) for f in (rate, jax.jacfwd(rate, argnums=1)))
    found = solve_ivp(
        lambda t, y: np.asarray(fast(t, y)),
        (times[0], times[-1]),
        y,
        method="Radau",
        t_eval=times,
        jac=lambda t, y: csc_matrix(np.asarray(slope(t, y))),
        rtol=tolerance,
        atol=tolerance,
    )
    assert found.success, found.message
    states = found.y.T
    with jax.numpy_rank_promotion("allow"):
        pressure = jax.vmap(lambda t, y: oracle.everything(t, y, clock)[1])(jnp.asarray(times), jnp.asarray(states))
    return states, np.asarray(pressure)
