"""Networks with chambers and flaps: their slopes are those of the balance, and what is left out is refused."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import fields, replace
from typing import Any, final

import equinox as eqx
import jax
import jax.numpy as jnp
import numpy as np
import pytest

from venolymph.errors import NetworkError
from venolymph.network import (
    Beds,
    Chambers,
    Drive,
    DriveValues,
    Flaps,
    Fluid,
    Parameters,
    Surroundings,
    Topology,
    Valves,
    elimination,
    linear_cells,
    linear_faces,
)
from venolymph.network.balance import evaluate, matrix_entries, slopes_of, volume_residual
from venolymph.network.elimination import elimination_order
from venolymph.network.laws import prepare
from venolymph.network.stage import StageInputs, StateVector
from venolymph.network.valve import Begun

NET = Topology(
    cells=("atrium", "ventricle", "artery"),
    ends=("veins",),
    faces=("in", "valve", "out", "back"),
    tail=(3, 0, 1, 2),
    head=(0, 1, 2, 3),
    **dict.fromkeys(("valves", "valve_face", "beds", "bed_tail", "bed_cell", "surroundings", "links"), ()),
    surrounded=((),) * 3,
    linear=(0, 1, 2),
    flaps=(1, 2),
    chambers=(0, 1),
)
COLUMN = jnp.ones((1, 1))


@final
class Beat(Drive):
    """Two chambers as they are, for ever."""

    chambers: Chambers | None = None
    exercise: Any = eqx.field(default_factory=lambda: COLUMN[:0])
    inflow: Any = eqx.field(default_factory=lambda: COLUMN[:0])
    calibre: Any = eqx.field(default_factory=lambda: jnp.ones((3, 1)))
    elastance: Any = eqx.field(default_factory=lambda: COLUMN[:0])
    grip_volume: Any = eqx.field(default_factory=lambda: COLUMN[:0])
    breath_period: Any = None

    def values_at_times(self, cells: Any, times: Sequence[Any], clocks: Sequence[Any]) -> list[DriveValues]:
        return [DriveValues(jnp.zeros((3, 1)), COLUMN[:0], 8.0 * COLUMN, chambers=self.chambers) for _ in times]


def setting(drive: Beat, flow: Sequence[float]) -> tuple[StageInputs, Parameters]:
    parameters = Parameters(
        cells=linear_cells(jnp.asarray([[1.0], [1.0], [0.3]])),
        faces=linear_faces(
            jnp.asarray([[0.2], [0.01], [0.03], [1.0]]),
            jnp.ones((4, 1)),
            None,
            jnp.asarray([[0.0], [1e-3], [2e-3], [0.0]]),
        ),
        valves=Valves(**{f.name: COLUMN[:0] for f in fields(Valves)}),
        beds=Beds(**{f.name: COLUMN[:0] for f in fields(Beds)}),
        surroundings=Surroundings(COLUMN[:0], COLUMN[:0]),
        fluid=Fluid(0.0 * COLUMN, COLUMN, 0.0 * COLUMN),
        flaps=Flaps(jnp.asarray([[1e3], [1e3]])),
    )
    prepared = prepare(NET, parameters, drive)
    still = StateVector(
        jnp.asarray([[40.0], [90.0], [80.0]]), jnp.asarray(flow)[:, None], jnp.zeros((3, 1)), COLUMN[:0], COLUMN[:0]
    )
    begun = Begun(jnp.zeros((4, 1)), jnp.zeros((4, 1)), jnp.asarray(0.0))
    now = drive.values_at(parameters.cells, jnp.asarray(0.0), jnp.asarray(0.0))
    return StageInputs(prepared, now, still, begun, jnp.asarray(1e-3)), parameters


def beat() -> Chambers:
    columns = ((0.0, 0.1, 5.0, 4.0, 0.02, 5.0), (3.0, 2.5, 6.0, 0.0, 0.01, 10.0))
    return Chambers(*(jnp.asarray(column)[:, None] for column in zip(*columns, strict=True)))


@pytest.mark.parametrize("flow", [(1.0, 30.0, 200.0, 5.0), (1.0, 0.0, 0.0, 5.0)], ids=["open", "shut"])
def test_slopes_are_those_of_the_balance(flow: Sequence[float]) -> None:
    inputs, _ = setting(Beat(chambers=beat()), flow)

    def residual(state: Any) -> Any:
        return volume_residual(NET, inputs, evaluate(NET, inputs, state))

    state, way = jnp.asarray([[41.0], [88.0], [81.0]]), jnp.asarray([[0.3], [-1.0], [0.7]])
    stage = evaluate(NET, inputs, state)
    entries = matrix_entries(NET, inputs.prepared, inputs.h, slopes_of(NET, inputs, stage))
    known = -jax.jvp(residual, (state,), (way,))[1]
    np.testing.assert_allclose(elimination.multiply(elimination_order(NET), entries, way), known, rtol=1e-12)


def test_flow_that_goes_forward_runs_out_before_a_flap_shuts() -> None:
    # the pressure of the artery is the higher one
    inputs, _ = setting(Beat(chambers=replace(beat(), elastance=jnp.zeros((2, 1)))), (0.0, 0.0, 200.0, 0.0))
    state = jnp.asarray([[40.0], [90.0], [80.0]])
    running = evaluate(NET, inputs, state).flow[2, 0]
    assert 0.0 < running < 200.0
    stopped = inputs._replace(rhs=replace(inputs.rhs, flow=0.0 * inputs.rhs.flow))
    assert -0.1 < evaluate(NET, stopped, state).flow[2, 0] < 0.0


def test_what_is_missing_is_told() -> None:
    inputs, parameters = setting(Beat(), (0.0,) * 4)
    with pytest.raises(NetworkError, match="says nothing of them"):
        evaluate(NET, inputs, inputs.rhs.volume)
    bare = prepare(NET, replace(parameters, flaps=None), Beat(chambers=beat()))
    given = inputs._replace(
        prepared=bare, prescribed=Beat(chambers=beat()).values_at(parameters.cells, jnp.asarray(0.0), inputs.h)
    )
    with pytest.raises(NetworkError, match="the parameters have none"):
        evaluate(NET, given, inputs.rhs.volume)
    with pytest.raises(NetworkError, match="chambers stand beside veins"):
        replace(NET, linear=(0, 1))
    with pytest.raises(NetworkError, match="chambers names the same number twice"):
        replace(NET, chambers=(0, 0))
