"""What one circuit gives another is booked once on both sides, whatever their rates."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import jax
import jax.numpy as jnp
import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from small import networks
from venolymph.network import integrate
from venolymph.network.integrate import Method, Steps
from venolymph.network.phase_drive import ExternalLoads
from venolymph.network.port import SHORTEST_TRANSFER, CircuitPort, rate_of
from venolymph.network.state import initial_state, start_phase, stored_volume

DT = 5e-3
SAMPLES, STRIDE = 8, 5
SPAN = SAMPLES * STRIDE * DT
CELLS = 4


@given(
    st.lists(st.tuples(st.floats(0.1, 600.0), st.floats(-50.0, 50.0)), min_size=1, max_size=20),
    st.floats(-50.0, 50.0),
)
def test_received_and_waiting_are_what_was_given(calls: list[tuple[float, float]], first: float) -> None:
    port = CircuitPort(np.full((1, 1), first), rate_of(np.full((1, 1), first), calls[0][0]))
    given_volume, scale = first, abs(first)
    for span, volume in calls:
        port = port.receive(span, min(0.25, span / 32)).give(np.full((1, 1), volume))
        given_volume, scale = given_volume + volume, scale + abs(volume)
    assert float((port.waiting + port.received)[0, 0]) == pytest.approx(given_volume, abs=1e-13 * (1.0 + scale))


def test_a_short_call_receives_a_part_of_what_minutes_gave() -> None:
    waiting = np.full((3, 1), -6.0)
    stride, minutes = (rate_of(waiting, span) * span for span in (1.2, 300.0))
    np.testing.assert_allclose(stride, -6.0 * 1.2 / SHORTEST_TRANSFER)
    np.testing.assert_allclose(minutes, -6.0)


def test_a_circuit_holds_what_its_port_says_it_received() -> None:
    net = networks.chain(CELLS, beds=(0,))
    parameters = networks.parameters(net, 3)
    standing = networks.drive(net)
    rng = np.random.default_rng(5)
    gifts = [rng.uniform(-4.0, 8.0, (CELLS, 1)) for _ in range(6)]
    port = CircuitPort(gifts[0], rate_of(gifts[0], SPAN))
    state = start_phase(net, parameters, _fed(standing, port), initial_state(net, parameters, standing))
    before, crossed = stored_volume(net, parameters, state), 0.0
    advance = jax.jit(integrate.advance, static_argnums=0)
    for number, gift in enumerate(gifts[1:]):
        steps = Steps(jnp.asarray(number * SPAN), jnp.asarray(DT), jnp.asarray(STRIDE), SAMPLES)
        state, samples, _ = advance(net, parameters, _fed(standing, port), state, steps, Method(jnp.asarray(1e-9)))
        port = port.receive(SPAN, DT).give(gift)
        entering = samples.mean_inflow.sum(axis=1) - samples.mean_flow[:, -1]
        crossed = crossed + float(entering.sum()) * STRIDE * DT
    change = float((stored_volume(net, parameters, state) - before).sum())
    assert bool(state.alive.all())
    assert abs(float(port.received.sum())) > 0.05
    assert change == pytest.approx(crossed + float(port.received.sum()), abs=1e-12 * float(before.sum()))


def _fed(drive: Any, port: CircuitPort) -> Any:
    """The drive with what the port lets in over the next call."""

    def rows(count: int, value: float = 0.0) -> Any:
        return jnp.full((count, 1), value)

    loads = ExternalLoads(
        outside=rows(CELLS), source=jnp.asarray(rate_of(port.waiting, SPAN)), begin=rows(1), period=rows(1, 1.0),
        pulses=rows(1), press=rows(CELLS), onset=rows(CELLS), hold=rows(CELLS), edge=rows(1, 1.0),
    )  # fmt: skip
    return replace(drive, loads=loads)
