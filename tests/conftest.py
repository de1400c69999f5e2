"""What all tests share: double precision, examples that do not change, and a fixture that makes JAX strict."""

from __future__ import annotations

import gc
import os
import pkgutil
from collections.abc import Callable, Iterator
from importlib import import_module
from pathlib import Path

import jax
import pytest
from hypothesis import settings

import venolymph  # also says where compiled programs are kept

jax.config.update("jax_enable_x64", True)
jax.config.update("jax_compilation_cache_dir", os.environ["JAX_COMPILATION_CACHE_DIR"])
jax.config.update("jax_persistent_cache_min_compile_time_secs", 0.0)
settings.register_profile("same", derandomize=True, deadline=None, database=None, max_examples=60)
settings.load_profile("same")


FIRST = (
    "golden/test_golden.py",
    "network/test_arteries.py",
    "network/test_drainage_walk.py",
    "network/test_integrate.py",
    "network/test_linear.py",
    "evidence/test_experiments.py",
    "docs/test_documents.py",
    "simulation/test_both_legs.py",
    "interop/test_svzerod_engine.py",
    "interop/test_svzerod_upstream.py",
    "simulation/test_given_parameters.py",
    "simulation/test_gradients_of_tissue.py",
    "comparison/test_comparison.py",
    "simulation/test_day_of_tissue.py",
    "simulation/test_gradients.py",
    "soak/test_random_people.py",
    "validation/test_validation.py",
    "simulation/test_tissue.py",
    "simulation/test_begin_from.py",
    "simulation/test_whole_day.py",
    "simulation/test_accuracy.py",
    "viewer/test_viewer.py",
    "viewer/test_notebook.py",
    "studio/test_pages_in_browser.py",
    "docs/test_worked_examples.py",
)
"""Files that take longest, in the order in which they begin, so that processes which share the tests end together. Of
those that need the same large program one is early and compiles it, and the others find it on the disk."""


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """The longest files first."""
    places = {Path(__file__).parent / name: place for place, name in enumerate(FIRST)}
    items.sort(key=lambda item: places.get(item.path, len(places)))


@pytest.fixture(scope="session", autouse=True)
def _all_loaded() -> None:
    """A module that is first loaded while a test has something else in place of a function keeps that for good."""
    for module in pkgutil.walk_packages(venolymph.__path__, "venolymph."):
        if not module.name.endswith(".__main__"):
            import_module(module.name)


@pytest.fixture(scope="module")
def strict() -> Iterator[None]:
    """Arrays of unequal rank or type are not combined silently."""
    with jax.numpy_rank_promotion("raise"), jax.numpy_dtype_promotion("strict"):
        yield


@pytest.fixture(scope="module")
def hasty() -> Iterator[None]:
    """Programs are compiled with little optimization: of a small network they are compiled for longer than they run."""
    jax.config.update("jax_disable_most_optimizations", True)
    yield
    jax.config.update("jax_disable_most_optimizations", False)
    jax.clear_caches()


ENOUGH = 3e9
"""Memory of a process from which compiled programs are let go after a module, bytes; the disk keeps them."""


@pytest.fixture(scope="module", autouse=True)
def _tidy() -> Iterator[None]:
    """Compiled programs do not pile up."""
    yield
    pages = Path("/proc/self/statm")
    if pages.exists() and int(pages.read_text("ascii").split()[1]) * os.sysconf("SC_PAGE_SIZE") > ENOUGH:
        jax.clear_caches()
        gc.collect()


@pytest.fixture
def snapshot(request: pytest.FixtureRequest) -> Callable[[str, str], None]:
    """Compare a text with the file of that name in `snapshots` beside the test; UPDATE_SNAPSHOTS=1 writes it anew."""
    folder = request.path.parent / "snapshots"

    def compare(name: str, text: str) -> None:
        path = folder / f"{name}.txt"
        if os.environ.get("UPDATE_SNAPSHOTS"):
            folder.mkdir(exist_ok=True)
            path.write_text(text + "\n", encoding="utf-8")
        assert path.exists(), f"no snapshot {path.name}; run again with UPDATE_SNAPSHOTS=1 and read what it wrote"
        assert text + "\n" == path.read_text(encoding="utf-8")

    return compare
