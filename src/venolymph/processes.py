"""Processes and JAX: one that was forked from a process in which JAX had begun cannot compute.

JAX computes in threads, and a fork takes only the thread that forks: what asks for the others waits for ever. So a fork
is noted, and whatever needs JAX says so at once (`check_process`) in place of waiting.
"""

from __future__ import annotations

import os
import sys

from venolymph.errors import SimulationError


class _Fork:
    """What is known of forks in this process.

    Attributes:
        begun: whether JAX had begun when this process was last about to fork.
        happened: whether this process was forked from one in which JAX had begun.
    """

    begun = False
    happened = False


def _before() -> None:
    """Notes whether JAX has begun; asked in the parent, where no lock is held for ever."""
    bridge = sys.modules.get("jax._src.xla_bridge")
    asked = getattr(bridge, "backends_are_initialized", None)
    # where JAX is loaded and does not say, it is taken to have begun
    _Fork.begun = bridge is not None and (asked is None or bool(asked()))


def _after() -> None:
    """Notes, in a child, that it was forked from a process in which JAX had begun."""
    _Fork.happened = _Fork.happened or _Fork.begun


if hasattr(os, "register_at_fork"):
    os.register_at_fork(before=_before, after_in_child=_after)


def check_process() -> None:
    """Refuse to compute where it would wait for ever.

    Raises:
        SimulationError: in a process that was forked from one in which JAX had begun.
    """
    if _Fork.happened:
        raise SimulationError(
            "this process was forked from one in which JAX had begun, and JAX's threads were left behind: nothing can "
            "be computed here",
            hint='start processes with multiprocessing.get_context("spawn"), or fork before anything is simulated',
        )
