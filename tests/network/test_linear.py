"""Linear cells, junctions, switches, losses and sources among cells with walls; and the second scheme."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import equinox as eqx
import jax
import jax.numpy as jnp
import numpy as np
import pytest

from small import networks
from small.networks import advance, begin, evaluate_stage, initial
from venolymph.errors import NetworkError
from venolymph.network.drive import JoinedDrive
from venolymph.network.generalised_alpha import GeneralisedAlpha
from venolymph.network.integrate import Method, Steps
from venolymph.network.laws import prepare
from venolymph.network.parameters import Switches
from venolymph.network.state import stored_volume, with_kept_volumes
from venolymph.network.tr_bdf2 import TRBDF2
from venolymph.network.valve import Begun

BATCH = 2
NET = replace(networks.ladder(), linear=(2, 5), switches=(5, 8))
JUNCTION, STORE = 2, 5


class Into(JoinedDrive):
    """A flow into cell 0 besides what a phase does."""

    flow: float = eqx.field(static=True)

    def at(self, clock: Any) -> tuple[Any, Any]:
        return jnp.zeros((0, BATCH)), jnp.zeros((NET.n_cells, BATCH)).at[0].set(self.flow)


def setting(flow: float = 2.0) -> tuple[Any, Any, Any]:
    """Parameters, drive and a state to begin from."""
    parameters = networks.parameters(NET, 1, BATCH)
    faces = NET.n_faces
    parameters = replace(
        parameters,
        cells=replace(parameters.cells, compliance=jnp.asarray([[0.0, 0.0], [0.1, 0.3]])),
        faces=replace(parameters.faces, loss=jnp.linspace(0.0, 0.01, faces)[:, None] * jnp.ones((1, BATCH))),
        switches=Switches(jnp.full((2, BATCH), 3.0), jnp.full((2, BATCH), 0.7)),
    )
    drive = replace(networks.drive(NET, BATCH, breath_ends=np.array([3.0, 0.0])), joined=Into(flow))
    state = initial(NET, parameters, drive)
    volume = state.states.volume.at[jnp.asarray(NET.linear)].set(state.pressure[jnp.asarray(NET.linear)])
    return parameters, drive, replace(state, states=replace(state.states, volume=volume))


def walk(parameters: Any, drive: Any, state: Any, dt: Any, stride: int, tolerance: float, scheme: Any) -> Any:
    """300 samples of `stride` steps, by one program for each scheme."""
    steps, method = Steps(jnp.asarray(0.0), dt, stride, 300), Method(jnp.asarray(tolerance), scheme, rates=True)
    return advance(NET, parameters, drive, state, steps, method)


def test_other_parameters_keep_every_volume() -> None:
    parameters, _, state = setting()
    wider = eqx.tree_at(lambda p: p.cells.compliance, parameters, 2.0 * parameters.cells.compliance)
    kept = with_kept_volumes(NET, parameters, wider, state)
    np.testing.assert_allclose(stored_volume(NET, wider, kept), stored_volume(NET, parameters, state), rtol=1e-14)
    before, after = state.states.volume, kept.states.volume
    np.testing.assert_allclose(after[STORE], 0.5 * before[STORE], rtol=1e-14)
    np.testing.assert_array_equal(after[JUNCTION], before[JUNCTION])  # stores nothing


def test_slopes_are_those_of_the_balance() -> None:
    parameters, drive, state = setting()
    dice = np.random.default_rng(0)
    prepared = prepare(NET, parameters, drive)
    now = drive.values_at(parameters.cells, jnp.asarray(0.3), jnp.asarray(0.0))
    known = replace(state.states, flow=jnp.asarray(dice.normal(0, 3, state.states.flow.shape)))
    begun = Begun(0.0 * known.flow + 0.5, jnp.asarray(dice.normal(0, 0.2, known.flow.shape)), jnp.asarray(4e-3))
    x = known.volume * jnp.asarray(dice.uniform(0.97, 1.03, known.volume.shape))
    # what elastic surroundings add is not among the slopes
    bare = eqx.tree_at(lambda p: p.elastance, prepared, 0.0 * prepared.elastance)
    arguments = (bare, now, known, begun, jnp.asarray(2e-3))
    slopes = evaluate_stage(NET, *arguments, x)[1]
    exact = jax.jit(jax.jacfwd(lambda x: evaluate_stage(NET, *arguments, x)[0].net))(x)
    for member in range(BATCH):
        told = np.diag(np.asarray(slopes.own[:, member]))
        for face, (tail, head) in enumerate(zip(NET.tail, NET.head, strict=True)):
            if max(tail, head) < NET.n_cells:
                told[tail, head] -= slopes.by_head[face, member]
                told[head, tail] += slopes.by_tail[face, member]
        np.testing.assert_allclose(told, exact[:, member, :, member], rtol=1e-8, atol=1e-8)


@pytest.mark.parametrize("scheme", [TRBDF2(), GeneralisedAlpha()])
def test_what_comes_in_stays_or_goes(scheme: Any) -> None:
    parameters, drive, state = setting()
    state = begin(NET, parameters, drive, state)
    dt = jnp.asarray(1e-3)
    end, samples, extremes = walk(parameters, drive, state, dt, 1, 1e-10, scheme)
    assert bool(jnp.all(end.alive))
    assert float(extremes.residual.max()) < 1e-10
    samples = jax.tree.map(np.asarray, samples)
    held = np.sum(samples.volume, axis=1)
    out = samples.flow[:, -1] - np.sum(samples.inflow, axis=1) - drive.joined.flow
    # volumes change by what flows, to the scheme's own weights: compare with a fine sum
    moved = held[-1] - held[0]
    trapezoid = -float(dt) * np.sum(0.5 * (out[1:] + out[:-1]), axis=0)
    np.testing.assert_allclose(moved, trapezoid, rtol=0, atol=1e-2 * np.abs(trapezoid).max())
    # a junction holds nothing
    inside = [n for n, (tail, head) in enumerate(zip(NET.tail, NET.head, strict=True)) if JUNCTION in (tail, head)]
    sign = np.array([1.0 if NET.head[n] == JUNCTION else -1.0 for n in inside])[:, None]
    np.testing.assert_allclose(np.sum(sign * samples.flow[100:, inside], axis=1), 0.0, atol=1e-7)
    np.testing.assert_allclose(samples.volume[:, STORE], np.array([0.1, 0.3]) * samples.pressure[:, STORE], rtol=1e-12)
    assert not samples.volume[:, JUNCTION].any()


def test_both_schemes_tell_the_same() -> None:
    parameters, drive, state = setting()
    state = begin(NET, parameters, drive, state)
    ends = [
        walk(parameters, drive, state, jnp.asarray(5e-4), 7, 1e-9, scheme)[0]
        for scheme in (TRBDF2(), GeneralisedAlpha())
    ]
    np.testing.assert_allclose(ends[0].pressure, ends[1].pressure, rtol=0, atol=2e-2)


def test_generalised_alpha_is_of_second_order() -> None:
    net, samples = networks.chain(4, beds=(0,)), 100
    parameters, drive = networks.parameters(net, 3), networks.drive(net, breath_ends=np.array([5.0, 0.0]))
    state = begin(net, parameters, drive, initial(net, parameters, drive))
    # away from the start, so that rates are the scheme's own
    first, exact = Steps(jnp.asarray(0.0), jnp.asarray(1e-3), 4, samples), jnp.asarray(1e-12)
    state = advance(net, parameters, drive, state, first, Method(exact))[0]

    def end(count: int, scheme: Any) -> Any:
        steps = Steps(jnp.asarray(0.4), jnp.asarray(0.4 / count), count // samples, samples)
        return advance(net, parameters, drive, state, steps, Method(exact, scheme))[0].states.volume

    truth = end(3200, TRBDF2())
    errors = [float(jnp.abs(end(n, GeneralisedAlpha()) - truth).max()) for n in (100, 200, 400)]
    assert np.all(np.diff(np.log2(errors)) < -1.7), errors


def test_what_the_topology_has_the_parameters_must_have() -> None:
    parameters, drive, state = setting()
    bare = replace(parameters, cells=replace(parameters.cells, compliance=None))
    with pytest.raises(NetworkError, match="no compliance"):
        prepare(NET, bare, drive)
    with pytest.raises(NetworkError, match="the parameters have none"):
        begin(NET, replace(parameters, switches=None), drive, state)
    with pytest.raises(NetworkError, match="linear names the same number twice"):
        replace(NET, linear=(1, 1))
    with pytest.raises(NetworkError, match="switches points outside"):
        replace(NET, switches=(99,))
