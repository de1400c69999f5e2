"""What all tests share: double precision, examples that do not change, and a fixture that makes JAX strict."""

from __future__ import annotations

from collections.abc import Iterator

import jax
import pytest
from hypothesis import settings

jax.config.update("jax_enable_x64", True)
settings.register_profile("same", derandomize=True, deadline=None, database=None, max_examples=60)
settings.load_profile("same")


@pytest.fixture
def strict() -> Iterator[None]:
    """Arrays of unequal rank or type are not combined silently."""
    with jax.numpy_rank_promotion("raise"), jax.numpy_dtype_promotion("strict"):
        yield
