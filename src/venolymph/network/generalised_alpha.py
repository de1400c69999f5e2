"""First-order generalised-alpha as another way to make a step (Jansen, Whiting and Hulbert 2000).

Equations hold not at the end of a step but within it, for the values a part `af` of the way and the rates a part `am`:

    y_af = y_0 + af (y_1 - y_0)      f_am = f_0 + am (f_1 - f_0)      y_1 = y_0 + dt (f_0 + g (f_1 - f_0))

with am = (3 - rho) / (2 (1 + rho)), af = 1 / (1 + rho), g = 1/2 + am - af. That is one stage of the same kind as any
other: `y_af - h f_am = y_0 + af dt (1 - g / am) f_0` with `h = af g dt / am`. It is second order, and what oscillates
within a step fades by the factor rho from step to step. What follows from the states at once is known within the step
only and carried to its end along the same line, so a jump rings for some steps. TR-BDF2 does neither; this scheme is
here to meet results that other programs made with it.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import final

import jax
import jax.numpy as jnp
from jaxtyping import Array

from venolymph.network.laws import laws_of
from venolymph.network.newton import NewtonCache, solve_stage
from venolymph.network.scheme import Scheme, StepMeans, StepQuality, TimeStep
from venolymph.network.stage import Prepared, StageInputs, StateVector
from venolymph.network.state import State, failure_residual, freeze_failed
from venolymph.network.topology import Topology
from venolymph.network.valve import Begun

RHO = 0.5


@final
@dataclass(frozen=True)
class GeneralisedAlpha(Scheme):
    """The scheme, for `Method`.

    Attributes:
        rho: spectral radius at infinite steps, from 0 to 1.
    """

    rho: float = RHO

    @property
    def weights(self) -> tuple[float, float, float]:
        """am, af and g."""
        am, af = 0.5 * (3.0 - self.rho) / (1.0 + self.rho), 1.0 / (1.0 + self.rho)
        return am, af, 0.5 + am - af

    @property
    def share(self) -> float:
        """Implicit share of a step, as a part of its length."""
        am, af, g = self.weights
        return af * g / am

    def step(
        self,
        topology: Topology,
        prepared: Prepared,
        state: State,
        cache: NewtonCache,
        time: Array,
        dt: Array,
        tolerance: Array,
    ) -> TimeStep:
        """One step (see `Scheme.step`)."""
        am, af, g = self.weights
        h, old, rates = self.share * dt, state.states, state.rates
        now = prepared.drive.values_at(prepared.parameters.cells, time + af * dt, state.clock + af * dt)
        rhs = jax.tree.map(lambda y, f: y + (af * (1.0 - g / am)) * dt * f, old, rates)
        guess = jnp.where(state.alive, old.volume, jnp.nan)
        begun = Begun(state.opening, state.drop, af * dt)
        solved, cache = solve_stage(topology, StageInputs(prepared, now, rhs, begun, h), guess, cache, tolerance)
        stage = solved.result

        def on(was: Array, within: Array) -> Array:
            return was + (within - was) / af

        volume = laws_of(topology).cells.by_kind(rhs.volume + h * stage.net, stage.volume)
        within = StateVector(volume, stage.flow, stage.creep, stage.arteriolar, stage.exercise)
        slopes = jax.tree.map(lambda y, k: (y - k) / h, within, rhs)
        states = jax.tree.map(on, old, within)
        sound = jnp.all(jnp.isfinite(states.volume), axis=0, keepdims=True)
        sound = state.alive & sound & (solved.residual < failure_residual(topology, tolerance))
        reached = State(
            states=states,
            rates=jax.tree.map(lambda f, m: f + (m - f) / am, rates, slopes),
            opening=jnp.clip(on(state.opening, stage.opening), 0.0, 1.0),
            drop=on(state.drop, stage.drop),
            pressure=on(state.pressure, stage.pressure),
            inflow=on(state.inflow, stage.inflow),
            clock=state.clock,
            alive=sound,
            failed_at=jnp.where(state.alive & ~sound, state.clock, state.failed_at),
        )
        result = freeze_failed(reached, state, state.clock + dt)
        means = StepMeans(
            pressure=0.5 * (state.pressure + reached.pressure),
            flow=0.5 * (old.flow + states.flow),
            inflow=0.5 * (state.inflow + reached.inflow),
        )
        iterations = jnp.broadcast_to(solved.iterations, solved.residual.shape)
        quality = StepQuality(solved.residual, jnp.zeros_like(iterations), iterations)
        surroundings = jnp.where(sound, stage.surroundings, 0.0)
        return TimeStep(result, cache, surroundings, means.of_sound(result), quality.of_alive(state))
