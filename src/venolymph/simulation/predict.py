"""Readings of instruments, as a function of parameters that JAX can differentiate."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, Literal

from jaxtyping import Array, Float

from venolymph.simulation.given_parameters import GivenParameters
from venolymph.simulation.starting import simulate


def predict(
    person: Any,
    regimen: Any,
    measures: Sequence[str],
    parameters: GivenParameters | None = None,
    *,
    mode: Literal["reverse", "forward"] = "reverse",
    **options: Any,
) -> dict[str, Float[Array, " batch"]]:
    """Readings of a simulation, in such a way that `jax.grad` passes through (and with `mode="forward"` `jax.jvp`).

        def ankle(parameters):
            readings = vl.predict("healthy", "ambulatory", ["ankle pressure walking"], parameters)
            return readings["ankle pressure walking"][0]

        jax.grad(ankle)(vl.parameters("healthy").tree)

    Readings are those of `simulate` but for sampling (4 steps to a sample here), and derivatives those of its readings.

    Args:
        person: as for `simulate`; one or a list.
        regimen: as for `simulate`.
        measures: names of measures; those that are differentiable say so (`venolymph measures`).
        parameters: as for `simulate`; those of the documents where None.
        mode: `reverse` for `jax.grad`, `forward` for `jax.jvp`.
        options: passed on to `simulate`.

    Returns:
        for each measure one number a member.
    """
    run = simulate(person, regimen, parameters=parameters, differentiable=mode, **options)
    return {name: run.measure(name).value for name in measures}
