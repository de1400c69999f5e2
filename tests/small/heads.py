"""Head and neck on the bare engine: postures as drives, and what stands in the veins after a while in them."""

from __future__ import annotations

import math
from collections.abc import Mapping
from typing import Any

import jax
import jax.numpy as jnp
import numpy as np

from small import networks
from venolymph import figures
from venolymph.body.anatomy import Body
from venolymph.body.head_veins import brain_inflow
from venolymph.network import integrate
from venolymph.network.integrate import Extremes, Method, Sample, Steps
from venolymph.network.newton import TOLERANCE
from venolymph.network.phase_drive import PhaseDrive
from venolymph.network.state import State, initial_state, start_phase
from venolymph.network.surroundings import heights

QUARTER = math.pi / 2
VALUE = {key: figure.internal for key, figure in figures.load().items()}
LYING, UPRIGHT = VALUE["head_veins.right_atrium.lying"], VALUE["posture.right_atrium.upright"]
ANGLES: Mapping[str, tuple[float, float, float, float]] = {
    "back": (0.0, 0.0, QUARTER, 0.0),
    "upright": (QUARTER, QUARTER, 0.0, 0.0),
    "head down": (-math.pi / 18, -math.pi / 18, QUARTER + math.pi / 18, 0.0),
    "left side": (0.0, 0.0, 0.0, -QUARTER),
    "right side": (0.0, 0.0, 0.0, QUARTER),
    "front": (0.0, 0.0, -QUARTER, 0.0),
}
"""Angles of trunk and of the head's axes, rad."""

begin = jax.jit(start_phase, static_argnums=0)
advance = jax.jit(integrate.advance, static_argnums=0)
initial = jax.jit(initial_state, static_argnums=0)
SAMPLES = 16


def drive(body: Body, posture: str, before: str | None = None, ramp: float = 4.0) -> PhaseDrive:
    """Rest in a posture, after a movement of `ramp` s from the one before, if there is one."""
    before = before or posture
    angles = {name: np.array(ANGLES[name]) for name in (before, posture)}
    atrium = {name: UPRIGHT if name == "upright" else LYING for name in angles}
    around = body.topology.surroundings
    chest = np.where([name == "chest" for name in around], VALUE["head_veins.chest.pressure"], 0.0)
    artery = VALUE["inflow.arterial_pressure"]
    return networks.drive(
        body.topology,
        ramp=ramp,
        inclination_from=angles[before],
        inclination_to=angles[posture],
        end_from=np.array([atrium[before], artery]),
        end_to=np.array([atrium[posture], artery]),
        pressure_from=chest,
        pressure_to=chest,
        inflow=inflow(body, posture),
    )


def inflow(body: Body, posture: str) -> np.ndarray:
    """Factors on the beds' conductances: the brain keeps its flow."""
    position = body.parameters.cells.position
    high = np.asarray(heights(position, jnp.asarray(ANGLES[posture])[:, None]))[:, 0]
    factors = np.ones(len(body.topology.beds))
    for bed, (name, cell) in enumerate(zip(body.topology.beds, body.topology.bed_cell, strict=True)):
        if name.endswith(" brain"):
            factors[bed] = brain_inflow(VALUE.__getitem__, float(high[cell]))
    return factors


def walk(body: Body, phase: PhaseDrive, state: State, duration: float, dt: float) -> tuple[State, Sample, Extremes]:
    """A phase of that duration in steps of `dt` s, as 16 samples."""
    topology, parameters = body.topology, body.parameters
    state = begin(topology, parameters, phase, state)
    stride = max(1, round(duration / dt / SAMPLES))
    steps = Steps(jnp.asarray(0.0), jnp.asarray(duration / SAMPLES / stride), jnp.asarray(stride), SAMPLES)
    return advance(topology, parameters, phase, state, steps, Method(jnp.asarray(TOLERANCE)))


def settled(body: Body, posture: str) -> tuple[State, Sample, Extremes]:
    """At rest after a quarter of an hour in a posture."""
    phase = drive(body, posture)
    state = initial(body.topology, body.parameters, phase)
    for duration, dt in ((10.0, 0.02), (40.0, 0.1), (400.0, 0.5)):
        state, _, _ = walk(body, phase, state, duration, dt)
    return walk(body, phase, state, 450.0, 5.0)


def flows(body: Body, sample: Sample) -> dict[str, float]:
    """Mean flow of each face over the last interval, mL/min."""
    return dict(zip(body.topology.faces, 60.0 * np.asarray(sample.mean_flow[-1, :, 0]), strict=True))


def pressures(body: Body, sample: Sample) -> dict[str, float]:
    """Pressure of each cell at the end, mmHg."""
    return dict(zip(body.topology.cells, np.asarray(sample.pressure[-1, :, 0]).tolist(), strict=True))


def volumes(body: Body, sample: Sample) -> dict[str, Any]:
    """Volume of each cell at the end, mL."""
    return dict(zip(body.topology.cells, np.asarray(sample.volume[-1, :, 0]).tolist(), strict=True))
