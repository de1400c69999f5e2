"""Every law of the engine keeps the same contract: range, trend, slopes, members of a batch, derivatives."""

from __future__ import annotations

import importlib
import pkgutil
import re
from pathlib import Path
from typing import Any

import equinox as eqx
import jax
import jax.numpy as jnp
import numpy as np
import pytest

from venolymph import network
from venolymph.body import leg_body, load_person
from venolymph.body.drainage import leg_drainage
from venolymph.body.parameter_tree import BodyParameters
from venolymph.network.drive import Chambers
from venolymph.network.law import Law
from venolymph.network.parameters import Flaps, Switches

PEOPLE = ("healthy", "severe-varicose", "lymphoedema")
MODULES = {
    found.name: importlib.import_module(f"{network.__name__}.{found.name}")
    for found in pkgutil.iter_modules(network.__path__)
}
LAWS = [law for module in MODULES.values() for law in getattr(module, "LAWS", ())]
ARCHITECTURE = Path(__file__).parents[2] / "docs" / "architecture.md"


@pytest.fixture(scope="module")
def trees() -> list[BodyParameters]:
    found = []
    for name in PEOPLE:
        person = load_person(name)
        tree = BodyParameters.of(leg_body(person).parameters, leg_drainage(person).parameters)
        switches = Switches(added=jnp.full((2, 1), 5.0), steepness=jnp.full((2, 1), 0.7))
        compliance = jnp.asarray([[0.0], [0.2]])  # a junction, and a cell that stores
        extra = (lambda t: (t.switches, t.cells.compliance)), tree, (switches, compliance)
        found.append(eqx.tree_at(*extra, is_leaf=lambda leaf: leaf is None))
    return found


def of_circuits(batch: int) -> list[Any]:
    """What no body has: a heart's chamber whose wall stiffens, a store in muscle, and flaps."""
    chambers = ((2.0, 40.0, 0.1, 5.0, 0.02, 30.0), (90.0, 10.0, 0.0, 0.0, 0.01, 10.0))
    numbers = (jnp.asarray(column)[:, None] * jnp.ones((1, batch)) for column in zip(*chambers, strict=True))
    return [Chambers(*numbers), Flaps(added=jnp.full((2, batch), 5.0))]


def parts_of(law: Law, trees: list[BodyParameters]) -> list[Any]:
    """The parameters that a law takes, people along the batch axis."""
    both = jax.tree.map(lambda *leaves: jnp.concatenate(leaves, axis=-1), *trees)
    known = [*vars(both).values(), *of_circuits(len(trees))]
    return [next(part for part in known if isinstance(part, kind)) for kind in law.parts]


def scattered(law: Law, count: int, batch: int) -> jax.Array:
    """Values of a law's variable over its range, none at a round number, where a corner may be; (count, 1, batch)."""
    low, high = law.between
    line = np.linspace(low, high, count + 2)[1:-1] + 1.7e-4 * (high - low) / count
    return jnp.asarray(np.broadcast_to(line[:, None, None], (count, 1, batch)))


def evaluated(law: Law, trees: list[BodyParameters], count: int = 241) -> tuple[Any, Any, Any]:
    parts = parts_of(law, trees)
    x = scattered(law, count, len(trees))
    value, slope = jax.jit(jax.vmap(lambda point: law.at(*parts, point)))(x)
    return x, value, slope


laws = pytest.mark.parametrize("law", LAWS, ids=lambda law: law.name)


@laws
def test_it_holds_over_its_range(law: Law, trees: list[BodyParameters]) -> None:
    x, value, slope = evaluated(law, trees)
    assert value.shape == slope.shape == (len(x), value.shape[1], len(trees))
    for found in (value, slope):
        assert found.dtype == jnp.float64
        assert bool(jnp.all(jnp.isfinite(found)))


@laws
def test_it_rises_or_falls_as_it_says(law: Law, trees: list[BodyParameters]) -> None:
    _, value, slope = evaluated(law, trees)
    assert np.any(np.ptp(value, axis=0) > 0.0), "it does not depend on its variable"
    if law.trend == "turns":
        return
    sign = 1.0 if law.trend == "rises" else -1.0
    assert np.all(sign * np.diff(value, axis=0) >= -1e-12 * np.ptp(value, axis=0))
    assert np.all(sign * np.asarray(slope) >= -1e-12 * np.abs(slope).max(axis=0))


@laws
def test_its_slope_is_its_derivative(law: Law, trees: list[BodyParameters]) -> None:
    parts = parts_of(law, trees)
    x, _, slope = evaluated(law, trees, 57)
    value = jax.jit(jax.vmap(lambda point: law.at(*parts, point)[0]))
    _, derivative = jax.jvp(value, (x,), (jnp.ones_like(x),))
    slope, derivative = np.asarray(slope), np.asarray(derivative)
    scale = np.maximum(np.abs(derivative).max(axis=0), 1e-300)
    np.testing.assert_allclose(slope / scale, derivative / scale, rtol=0, atol=1e-9)
    step = 1e-6 * (law.between[1] - law.between[0])
    after, before = (np.asarray(value(x + way * step)) for way in (1.0, -1.0))
    np.testing.assert_allclose((after - before) / (2.0 * step * scale), derivative / scale, rtol=0, atol=2e-4)


@laws
def test_a_member_of_a_batch_is_as_if_it_were_alone(law: Law, trees: list[BodyParameters]) -> None:
    _, value, slope = evaluated(law, trees, 23)
    for number, tree in enumerate(trees):
        _, alone, alone_slope = evaluated(law, [tree], 23)
        np.testing.assert_allclose(value[..., number : number + 1], alone, rtol=1e-12)
        np.testing.assert_allclose(slope[..., number : number + 1], alone_slope, rtol=1e-10, atol=1e-14)


@laws
def test_it_can_be_differentiated_by_every_parameter(law: Law, trees: list[BodyParameters]) -> None:
    parts = parts_of(law, trees)
    x = scattered(law, 5, len(trees))
    linear = jax.jit(jax.linearize(lambda given: jax.vmap(lambda point: law.at(*given, point)[0])(x), parts)[1])
    leaves, structure = jax.tree.flatten(parts)
    moved = 0
    for number, leaf in enumerate(leaves):
        changes = [jnp.zeros_like(other) for other in leaves]
        changes[number] = leaf + (leaf == 0.0).astype(jnp.float64)
        change = linear(jax.tree.unflatten(structure, changes))
        assert bool(jnp.all(jnp.isfinite(change)))
        moved += bool(jnp.any(change != 0.0))
    assert moved, "no parameter changes it"


def test_each_file_of_an_equation_has_its_laws() -> None:
    page = ARCHITECTURE.read_text()
    rows = [
        line
        for line in page.splitlines()
        if line.startswith(("| the equation of one physical thing", "| tissue fluid and lymph, one"))
    ]
    named = set(re.findall(r"`(\w+)\.py`", "".join(row.split("; one interval of all")[0] for row in rows)))
    # what an outside world prescribes, and a store that decays, follow from time and no other variable
    without = {"pulse", "surroundings", "depot"}
    assert named - without == {name for name, module in MODULES.items() if hasattr(module, "LAWS")}
