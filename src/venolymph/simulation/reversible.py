"""A function whose reverse derivative is one compiled program, for any set of results.

JAX transposes a compiled function anew for each pattern of used results and varying arguments, which for a run of many
phases means many compilations of half a minute. Here all of them have a cotangent, if need be zero, so that one program
serves; it evaluates the function again from the arguments, so that nothing else is stored in between.
"""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from typing import Any

import equinox as eqx
import jax
import numpy as np


def reversible(function: Callable[..., Any]) -> Callable[..., Any]:
    """`call(static, *arguments)` that gives `function(*static, *arguments)`, compiled.

    Args:
        function: pure; its first arguments, as many as `static` holds, are hashable.

    Returns:
        the function; it can be differentiated in reverse mode only.
    """

    @partial(jax.jit, static_argnums=0)
    def forward(static: tuple, arguments: tuple) -> Any:
        return function(*static, *arguments)

    @partial(jax.jit, static_argnums=0)
    def backward(static: tuple, arguments: tuple, pull: Any) -> Any:
        varying, fixed = eqx.partition(arguments, eqx.is_inexact_array)

        def of(varying: Any) -> Any:
            return eqx.filter(function(*static, *eqx.combine(varying, fixed)), eqx.is_inexact_array)

        return jax.vjp(of, varying)[1](pull)[0]

    @partial(jax.custom_vjp, nondiff_argnums=(0,))
    def call(static: tuple, arguments: tuple) -> Any:
        return forward(static, arguments)

    def keep(static: tuple, arguments: tuple) -> tuple[Any, tuple]:
        return forward(static, arguments), arguments

    def back(static: tuple, arguments: tuple, pull: Any) -> tuple:
        pull = jax.tree.map(lambda leaf: None if leaf.dtype == jax.dtypes.float0 else leaf, pull)
        slopes = backward(static, arguments, pull)
        none = jax.tree.map(lambda leaf: np.zeros(np.shape(leaf), jax.dtypes.float0), arguments)
        return (jax.tree.map(lambda slope, zero: zero if slope is None else slope, slopes, none, is_leaf=_is_none),)

    call.defvjp(keep, back)
    return lambda static, *arguments: call(static, arguments)


def _is_none(leaf: Any) -> bool:
    return leaf is None
