"""A function whose forward derivative is one compiled program, for any set of varying arguments.

JAX compiles the derivative of a compiled function anew for each pattern of varying arguments, and in a run this pattern
grows from phase to phase: hand pressure, then veins, then tissue. Here every number varies, if need be by zero, so that
one program serves.
"""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from typing import Any

import equinox as eqx
import jax
import jax.numpy as jnp
import numpy as np


def directional(function: Callable[..., Any], compiled: Callable[..., Any]) -> Callable[..., Any]:
    """`call(static, *arguments)` that gives `function(*static, *arguments)`, compiled.

    Args:
        function: pure; its first arguments, as many as `static` holds, are hashable.
        compiled: the same, compiled by `jax.jit`: the program wherever nothing is differentiated.

    Returns:
        the function, to be differentiated forward.
    """

    @partial(jax.jit, static_argnums=0)
    def pushed(static: tuple, arguments: tuple, directions: tuple) -> tuple[Any, Any]:
        varying, fixed = eqx.partition(arguments, eqx.is_inexact_array)

        def of(varying: Any) -> tuple[Any, Any]:
            return eqx.partition(function(*static, *eqx.combine(varying, fixed)), eqx.is_inexact_array)

        found, slope, rest = jax.jvp(of, (varying,), (directions,), has_aux=True)
        return eqx.combine(found, rest), slope

    @partial(jax.custom_jvp, nondiff_argnums=(0,))
    def call(static: tuple, arguments: tuple) -> Any:
        return compiled(*static, *arguments)

    @call.defjvp
    def _(static: tuple, primals: tuple, tangents: tuple) -> tuple[Any, Any]:
        arguments = jax.tree.map(jnp.asarray, primals[0])
        directions = jax.tree.map(lambda leaf: None if leaf.dtype == jax.dtypes.float0 else leaf, tangents[0])
        found, slope = pushed(static, arguments, directions)
        none = jax.tree.map(lambda leaf: np.zeros(jnp.shape(leaf), jax.dtypes.float0), found)
        return found, jax.tree.map(lambda s, zero: zero if s is None else s, slope, none, is_leaf=_is_none)

    return lambda static, *arguments: call(static, arguments)


def _is_none(leaf: Any) -> bool:
    return leaf is None
