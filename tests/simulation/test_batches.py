"""Members of a batch do not know of each other, and one that fails is data."""

from __future__ import annotations

from typing import Any

import jax
import jax.numpy as jnp
import numpy as np
import pytest

import venolymph as vl
from venolymph.network.parameters import stack

SHORT = [{"stand": {"for": "5 s"}}]


def test_a_member_alone_is_the_member_in_a_batch(pair: Any, stand_and_walk: Any) -> None:
    alone = vl.simulate("healthy", stand_and_walk)
    # sums are made in another order, which valves that hover at their switch make the most of
    np.testing.assert_allclose(alone.pressure[..., 0], pair.pressure[..., 0], atol=1e-3)
    np.testing.assert_array_equal(alone.time, pair.time)


@pytest.fixture(scope="module")
def bodies() -> list[Any]:
    return [vl.leg_body(vl.load_person(name)) for name in ("healthy", "mild-varicose")]


def changed(tree: Any, place: str, change: Any) -> Any:
    """A tree with one leaf changed."""
    return jax.tree_util.tree_map_with_path(
        lambda path, leaf: change(leaf) if jax.tree_util.keystr(path) == place else leaf, tree
    )


STAND_AND_RISE = [{"stand": {"for": "5 s"}}, {"tiptoes": {"count": 2, "rate": "60 /min"}}, {"stand": {"for": "3 s"}}]


@pytest.mark.parametrize(
    ("place", "change", "begins", "ends"),
    [
        # a wall that pulls itself open: there is no rest to begin from
        (".cells.collagen_stiffness", lambda leaf: leaf.at[:, 1].multiply(-20.0), 0.0, 0.0),
        (".cells.length", lambda leaf: leaf.at[3, 1].set(jnp.nan), 0.0, 0.0),
        # muscles that fill the veins with litres once they work
        (".beds.exercise_gain", lambda leaf: leaf.at[:, 1].multiply(1e8), 5.0, 7.0),
    ],
)
def test_a_member_that_fails_is_told_and_leaves_the_other_alone(
    bodies: list[Any], place: str, change: Any, begins: float, ends: float
) -> None:
    parameters = stack([body.parameters for body in bodies])
    good = vl.simulate(bodies, STAND_AND_RISE)
    run = vl.simulate(bodies, STAND_AND_RISE, parameters=changed(parameters, place, change))
    assert [status.code for status in run.status] == ["ok", "failed"]
    assert begins <= run.status[1].time <= ends
    assert run.status[1].cause
    assert run.status[0] == good.status[0]
    np.testing.assert_allclose(run.pressure[..., 0], good.pressure[..., 0], atol=1e-3)
    before = run.time <= begins  # what is broken is not felt sooner
    np.testing.assert_allclose(run.pressure[before, :, 1], good.pressure[before, :, 1], atol=1e-3)
    # from then on nothing moves
    after = run.time > run.status[1].time + 0.1
    held = run.volume[after, :, 1]
    np.testing.assert_array_equal(held, np.broadcast_to(held[0], held.shape))
    assert np.all(run.mean_flow[after, :, 1] == 0.0)


def test_members_may_have_one_label(bodies: list[Any]) -> None:
    run = vl.simulate([bodies[0], bodies[0]], SHORT)
    assert len(set(run.members)) == 2
    np.testing.assert_array_equal(run.pressure[..., 0], run.pressure[..., 1])


def test_parameters_for_another_number_of_people_are_refused(bodies: list[Any]) -> None:
    with pytest.raises(vl.SimulationError, match="1 members, the people are 2"):
        vl.simulate(bodies, SHORT, parameters=bodies[0].parameters)
