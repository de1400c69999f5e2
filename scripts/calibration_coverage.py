"""Do intervals of calibration hold what they say? Parameters are drawn, read with error, and inferred again.

    python scripts/calibration_coverage.py chain          # 200 draws of a chain of valves with plethysmography
    python scripts/calibration_coverage.py leg --n 20     # a varicose leg: VFI, VV, EF, RVF, AVP and duplex

The chain is sampled as a leg is, through polynomials fitted to its simulations. Of the leg the most probable parameters
and the normal distribution about them are taken, one draw after another; what is done is printed as it comes. Figures
of both stand in docs/explanation/what-measurements-tell.md.
"""

from __future__ import annotations

import argparse
import time
from dataclasses import dataclass, replace
from functools import cached_property
from typing import Any

import equinox as eqx
import jax
import jax.numpy as jnp
import numpy as np

from venolymph import network
from venolymph.body import leg_body, load_person
from venolymph.body.table import parameters_table
from venolymph.calibration.calibrating import NEAR
from venolymph.calibration.document import load_calibration
from venolymph.calibration.fitting import fit
from venolymph.calibration.leg import PredictedLeg, Read
from venolymph.calibration.priors import Prior
from venolymph.calibration.problem import Problem, Traced
from venolymph.calibration.ranks import coverage, drawn
from venolymph.calibration.sampling import sample
from venolymph.network.state import initial_state

CELLS = 4
"""Cells of the chain, from ankle to groin, with a valve between each two."""
SAMPLES = 20
"""Samples of each phase."""
FREE = {
    "leak": Prior("lognormal", 0.1, 0.6),
    "calibre": Prior("lognormal", 1.0, 0.2),
    "inflow": Prior("lognormal", 1.0, 0.3),
    "push": Prior("lognormal", 1.0, 0.2),
}
"""Free parameters of the chain."""
CHAIN_READINGS = {"venous volume": 1.0, "filled in 9 s": 0.7, "ejected": 0.7, "refilled in 5 s": 0.7}
"""What a plethysmograph reads of the chain, with its error, mL."""
LEG_READINGS = (
    "venous filling index",
    "venous volume",
    "ejection fraction",
    "residual volume fraction",
    "ambulatory venous pressure",
    "diameter of great saphenous, thigh [5]",
    "peak reflux velocity in great saphenous, thigh",
)


def _topology() -> network.Topology:
    return network.Topology(
        cells=tuple(f"cell {i}" for i in range(CELLS)),
        ends=("atrium", "artery"),
        faces=tuple(f"face {i}" for i in range(CELLS)),
        tail=tuple(range(CELLS)),
        head=tuple(range(1, CELLS + 1)),
        valves=tuple(f"valve {i}" for i in range(CELLS)),
        valve_face=tuple(range(CELLS)),
        beds=("bed",),
        bed_tail=(CELLS + 1,),
        bed_cell=(0,),
        surroundings=("muscle",),
        surrounded=((0,),) * CELLS,
        links=("leg",),
        elastic=(),
    )


def _parameters() -> network.Parameters:
    def all_of(rows: int, value: Any) -> Any:
        return jnp.broadcast_to(jnp.asarray(value, float).reshape(-1, 1), (rows, 1))

    n = CELLS
    cells = {
        "length": 20.0, "vessels": 1.0, "unstressed_area": 0.3, "friction": 8.0, "collapse_stiffness": 1.0,
        "elastin_stiffness": 0.5, "collagen_stiffness": 2.0, "collagen_exponent": 1.5, "tether": 1.0,
        "viscous_time": 0.01, "relaxation_gain": 0.0, "relaxation_time": 20.0,
    }  # fmt: skip
    faces = {
        "tail_share": 0.5, "head_share": 0.5, "channel_length": 0.0, "channel_area": 0.2, "channel_vessels": 1.0,
        "resistance": 0.02, "open": 1.0,
    }  # fmt: skip
    valves = {
        "leak": 0.1, "opening_time": 0.05, "closing_time": 0.08, "closing_pressure": 2.0, "threshold": 0.2,
        "vessels": 1.0, "in_channel": 0.0, "coaptation_area": 5.0,
    }  # fmt: skip
    beds = {
        "conductance": 0.02, "arteriolar_gain": 0.0, "arteriolar_threshold": 25.0, "arteriolar_full": 50.0,
        "arteriolar_time": 3.0, "arteriolar_opening_time": 1.0, "exercise_gain": 0.0, "exercise_time": 5.0,
    }  # fmt: skip
    return network.Parameters(
        cells=network.Cells(
            **{name: all_of(n, value) for name, value in cells.items()},
            share=jnp.asarray(np.array([0.8, 0.8, 0.2, 0.2]).reshape(n, 1, 1)),
            position=jnp.asarray(np.linspace(100.0, 40.0, n).reshape(n, 1, 1)),
        ),
        faces=network.Faces(**{name: all_of(n, value) for name, value in faces.items()}),
        valves=network.Valves(**{name: all_of(n, value) for name, value in valves.items()}),
        beds=network.Beds(**{name: all_of(1, value) for name, value in beds.items()}),
        surroundings=network.Surroundings(elastance=all_of(1, 0.0), rest_volume=all_of(1, 10.0)),
        fluid=network.Fluid(viscosity=all_of(1, 2.6e-5), density=all_of(1, 7.876e-4), weight=all_of(1, 0.78)),
    )


def _drive(tilt: tuple[float, float], pulse: Any) -> network.PhaseDrive:
    def all_of(rows: int, value: Any) -> Any:
        return jnp.broadcast_to(jnp.asarray(value, float).reshape(-1, 1), (rows, 1))

    numbers = {
        "ramp": 2.0, "inclination_from": tilt[0], "inclination_to": tilt[1], "pressure_from": 0.0, "pressure_to": 0.0,
        "pulse": pulse, "onset": 0.1, "rise": 0.2, "hold": 0.1, "fall": 0.2, "period": 1.0, "breath_surroundings": 0.0,
        "breath_period": 4.0, "exercise": 0.0, "inflow": 1.0, "elastance": 0.0, "grip_volume": 0.0,
    }  # fmt: skip
    ends = {"end_from": [3.0, 95.0], "end_to": [3.0, 95.0], "breath_ends": [0.0, 0.0]}
    return network.PhaseDrive(
        **{name: all_of(1, value) for name, value in numbers.items()},
        **{name: all_of(2, value) for name, value in ends.items()},
        calibre=all_of(CELLS, 1.0),
    )


def chain(factors: Any) -> Any:
    """What a plethysmograph reads of the chain: lying, standing, pressed six times; mL."""
    leak, calibre, inflow, push = factors
    of, topology = _parameters(), _topology()
    of = eqx.tree_at(
        lambda p: (p.valves.leak, p.cells.unstressed_area, p.beds.conductance),
        of,
        (jnp.full((CELLS, 1), leak), of.cells.unstressed_area * calibre**2, of.beds.conductance * inflow),
    )
    upright = 0.5 * np.pi
    drives = [
        _drive((0.0, 0.0), 0.0),
        _drive((0.0, upright), 0.0),
        _drive((upright, upright), 60.0 * push),
        _drive((upright, upright), 0.0),
    ]
    steps = jnp.array([0.1, 0.05, 0.02, 0.05]), jnp.array([10, 60, 15, 20])

    def phase(state: Any, at: Any) -> Any:
        drive, dt, stride = at
        state = network.start_phase(topology, of, drive, state)
        done = network.advance(topology, of, drive, state, network.Steps(jnp.asarray(0.0), dt, stride, SAMPLES))
        return done.state, done.samples.volume[:, :2, 0].sum(axis=1)

    every = jax.tree.map(lambda *parts: jnp.stack(parts), *drives)
    _, volume = jax.lax.scan(phase, initial_state(topology, of, drives[0]), (every, *steps))
    lying, standing, pressed, refilled = volume
    taken, thrown = standing[-1] - lying[-1], standing[-1] - pressed[-1]
    return jnp.stack([taken, standing[2] - lying[-1], thrown, refilled[4] - pressed[-1]])


@dataclass(frozen=True)
class Chain:
    """The chain as a predictor that nobody looks into, as a leg is one."""

    @cached_property
    def traced(self) -> Traced:
        """What it is made of."""
        return Traced(chain)

    def values(self, parameters: Any) -> Any:
        """As of `Predictor`."""
        return self.traced.values(parameters)

    def linearised(self, parameters: Any) -> Any:
        """As of `Predictor`."""
        return self.traced.linearised(parameters)


def cover_chain(number: int, seed: int) -> None:
    """Print how often 90 % intervals hold the truth in draws of the chain, and whether ranks are uniform."""
    error, priors = np.array(list(CHAIN_READINGS.values())), tuple(FREE.values())
    true, read = drawn(Chain(), priors, error, number, seed)
    start = time.monotonic()
    fitted = fit(Problem(Chain(), tuple(FREE), priors, tuple(CHAIN_READINGS), read, error))
    low, high = fitted.interval()
    held = ((true >= low) & (true <= high)).mean(axis=1)
    print(f"fitted in {time.monotonic() - start:.0f} s, {fitted.rounds} rounds, settled {fitted.settled.mean():.2f}")
    print("held by Laplace:", dict(zip(FREE, held.round(3), strict=True)), flush=True)
    posterior = sample(fitted, seed=seed, draws=250)
    found = coverage(true, posterior.parameters.reshape(-1, len(FREE), number)[::4])
    print(f"with draws {time.monotonic() - start:.0f} s; accepted {posterior.accepted.mean():.2f}")
    print("held by draws:", dict(zip(FREE, found.held.round(3), strict=True)))
    print("uneven ranks, p:", dict(zip(FREE, found.uneven.round(3), strict=True)))


def cover_leg(number: int, seed: int) -> None:
    """Print how often 90 % intervals hold the truth in draws of a varicose leg, and how long one takes."""
    asked = load_calibration("varicose-leg")
    body = leg_body(load_person("mild-varicose"))
    table = parameters_table(body)
    error = {one.measure: one.reading.error for one in asked.predict}
    reads = tuple(Read(name) for name in LEG_READINGS)
    leg = PredictedLeg(body, asked.performed, tuple(one.scaled(table) for one in asked.free), reads)
    names, priors = tuple(one.name for one in asked.free), tuple(one.believed for one in asked.free)
    errors = np.array([error[name] for name in LEG_READINGS], float)
    true, read = drawn(leg, priors, errors, number, seed)
    whole = Problem(leg, names, priors, LEG_READINGS, read, errors)
    missed = total = 0
    for person in range(number):
        if np.isnan(read[:, person]).any():
            print(f"{person}: a reading cannot be taken; left out", flush=True)
            continue
        start = time.monotonic()
        fitted = fit(replace(whole, observed=read[:, [person]]), near=NEAR)
        low, high = fitted.interval()[..., 0]
        held = (true[:, person] >= low) & (true[:, person] <= high)
        missed, total = missed + int((~held).sum()), total + held.size
        lost = ", ".join(name for name, inside in zip(names, held, strict=True) if not inside) or "none"
        print(f"{person}: {fitted.rounds} rounds, {time.monotonic() - start:.0f} s; missed: {lost}", flush=True)
    print(f"{missed} of {total} intervals missed")


def main() -> None:
    """As the head of this file says."""
    parser = argparse.ArgumentParser(description=str(__doc__).split("\n", 1)[0])
    parser.add_argument("which", choices=("chain", "leg"))
    parser.add_argument("--n", type=int, help="draws: 200 of the chain, 20 of the leg")
    parser.add_argument("--seed", type=int, default=1)
    given = parser.parse_args()
    if given.which == "chain":
        cover_chain(given.n or 200, given.seed)
    else:
        cover_leg(given.n or 20, given.seed)


if __name__ == "__main__":
    main()
