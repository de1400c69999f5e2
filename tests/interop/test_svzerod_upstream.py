"""A circuit above a leg: it feeds the beds and feels what they draw."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import Any

import equinox as eqx
import jax
import jax.numpy as jnp
import numpy as np
import pytest

import venolymph as vl
from small.circuits import case, junction, vessel
from venolymph.errors import DocumentError, RunError, UnitError
from venolymph.interop import svzerod
from venolymph.network import integrate
from venolymph.network.integrate import Method, Steps

pytestmark = pytest.mark.usefixtures("hasty")
LYING = [{"lie": {"for": "10 s"}}]
PULSE = {"Q": [60.0, 120.0, 60.0], "t": [0.0, 0.4, 1.0]}


def tree(pressure: float = 1.0, **flow: Any) -> Any:
    """Aorta, trunk and femoral artery; `pressure` is the file's unit over mmHg."""
    p = pressure
    ends = {
        "heart": {"bc_type": "FLOW", "bc_values": flow or PULSE},
        "rest": {"bc_type": "RCR", "bc_values": {"Rp": 0.05 * p, "C": 1.0 / p, "Rd": p, "Pd": 5.0 * p}},
        "leg": {"bc_type": "RCR", "bc_values": {"Rp": 1.0 * p, "C": 0.05 / p, "Rd": 25.0 * p, "Pd": 5.0 * p}},
    }
    vessels = [
        vessel(0, inlet="heart", R=0.01 * p, C=0.4 / p, L=0.002 * p),
        vessel(1, outlet="rest", R=0.02 * p, C=0.2 / p, L=0.002 * p, S=1e-5 * p),
        vessel(2, outlet="leg", R=0.2 * p, C=0.05 / p, L=0.02 * p),
    ]
    return svzerod.read(case(ends, vessels, junctions=[junction([0], [1, 2])]))


@pytest.fixture(scope="module")
def leg() -> Any:
    return vl.leg_body(vl.load_person("healthy"))


@pytest.fixture(scope="module")
def beds(leg: Any) -> list[str]:
    return [bed for bed in leg.topology.beds if not bed.startswith("other leg")]


@pytest.fixture(scope="module")
def body(leg: Any, beds: list[str]) -> Any:
    return svzerod.upstream(leg, tree(), {"leg": beds}, pressure="mmHg")


@pytest.fixture(scope="module")
def run(body: Any) -> Any:
    return vl.simulate(body, LYING)


def place(run: Any, name: str) -> int:
    """Number of the cell of the circuit that ends so."""
    return next(n for n, cell in enumerate(run.topology.cells) if cell.endswith(name))


def test_the_leg_draws_and_the_arteries_pulse(run: Any, leg: Any, beds: list[str]) -> None:
    assert run.status[0].code == "ok"
    artery = run.pressure[:, place(run, "pressure_c:leg"), 0]
    assert 60.0 < artery.mean() < 110.0
    assert np.ptp(artery) > 1.0  # sampled once a second at times, a pulse is seen all the same
    drawn = run.mean_inflow[:, : len(beds), 0].sum(axis=1)
    into = run.mean_flow[:, [face.endswith("leg:Rp") for face in run.topology.faces], 0][:, 0]
    stored = 0.05 * np.diff(artery) / np.diff(run.time)
    np.testing.assert_allclose((into - drawn)[1:], stored, atol=1e-6)
    assert max(float(np.abs(peaks["mass_defect"]).max()) for peaks in run.peaks) < 1e-6
    capacitor = run.volume[:, place(run, "pressure_c:leg"), 0]
    np.testing.assert_allclose(capacitor, 0.05 * artery, rtol=1e-12)
    assert len(run.topology.cells) == leg.topology.n_cells + 9


def test_tissue_and_lymph_run_beside_a_leg_with_arteries(body: Any) -> None:
    run = vl.simulate(body, LYING, tissue=True)
    assert run.status[0].code == "ok"
    for name in ("mass_defect", "water_defect"):
        assert max(float(np.abs(record.extremes[name]).max()) for record in run.records) < 1e-6, name


def test_what_the_leg_draws_is_missing_in_the_arteries(run: Any, body: Any) -> None:
    greedy = eqx.tree_at(lambda p: p.beds.conductance, body.parameters, 3.0 * body.parameters.beds.conductance)
    other = vl.simulate(body, LYING, parameters=greedy)
    for name in ("pressure_c:leg", "pressure_c:rest"):
        before, after = (one.mean_pressure[:, place(one, name), 0].mean() for one in (run, other))
        assert after < before - 0.3, name


def test_a_steady_tree_feeds_as_its_pressure_does(leg: Any, beds: list[str]) -> None:
    """With the pressure that the tree settles at as the arterial one, a leg alone has the same inflow."""
    long = [{"lie": {"for": "90 s"}}]
    steady = tree(Q=[80.0, 80.0], t=[0.0, 1.0])
    body = svzerod.upstream(leg, steady, {"leg": beds}, pressure="mmHg")
    run = vl.simulate(body, long)
    assert max(phase.step for phase in run.phases) > 0.1  # no pulse asks for shorter steps
    artery = float(run.pressure[-1, place(run, "pressure_c:leg"), 0])

    def at_that_pressure(number: int, drive: Any) -> Any:
        return replace(drive, end_from=drive.end_from.at[1].set(artery), end_to=drive.end_to.at[1].set(artery))

    jaxed = vl.simulate(leg, long, forcing=lambda n, d: at_that_pressure(n, jax.tree.map(jnp.asarray, d)))
    own = slice(0, len(beds))
    np.testing.assert_allclose(run.inflow[-1, own, 0], jaxed.inflow[-1, own, 0], rtol=2e-3)


def test_units_do_not_matter(run: Any, leg: Any, beds: list[str]) -> None:
    kilo = svzerod.upstream(leg, tree(1.0 / 7.500615758456564), {"leg": beds}, pressure="kPa")
    again = vl.simulate(kilo, LYING)
    np.testing.assert_allclose(again.pressure, run.pressure, rtol=1e-6, atol=1e-6)


def test_its_numbers_are_in_the_table_and_its_nodes_in_the_dataset(run: Any, body: Any, leg: Any) -> None:
    table, added = vl.parameters(body), body.topology.cells[leg.topology.n_cells :]
    assert len(table) > len(vl.parameters(leg))
    assert table[added[0], "cells.length"].figures == ()
    data = run.dataset()
    assert set(data.cell_leg.sel(cell=list(added)).values) == {""}
    assert data["flow"].sel(face="great saphenous, calf [1] -> great saphenous, calf [2]").size == len(run.time)


def test_it_is_differentiated(run: Any, body: Any) -> None:
    """Through steps of the whole: the last pressures against a resistance and the stroke of the heart."""
    face = next(n for n, name in enumerate(body.topology.faces) if name.endswith("leg:Rp"))
    record = run.records[-1]
    advance = eqx.filter_jit(integrate.advance)

    def last(resistance: Any, stroke: Any) -> Any:
        given = body.parameters.faces.resistance
        changed = eqx.tree_at(lambda p: p.faces.resistance, body.parameters, given.at[face, 0].set(resistance))
        drive = eqx.tree_at(lambda d: d.joined.values, record.drive, stroke * jnp.asarray(record.drive.joined.values))
        steps = Steps(jnp.asarray(record.info.duration), jnp.asarray(0.01), 1, 20)
        found = advance(body.topology, changed, drive, record.state, steps, Method(jnp.asarray(1e-11)))[1]
        return jnp.mean(found.pressure[-1])

    value = jax.jit(last)
    slopes = jax.jit(jax.jacfwd(last, argnums=(0, 1)))(1.0, 1.0)
    differences = [(value(*plus) - value(*minus)) / 2e-3 for plus, minus in (
        ((1.001, 1.0), (0.999, 1.0)), ((1.0, 1.001), (1.0, 0.999)),
    )]  # fmt: skip
    np.testing.assert_allclose(slopes, differences, rtol=1e-4)
    assert float(slopes[1]) > 0.0


def test_what_cannot_be_joined(run: Any, leg: Any, body: Any, beds: list[str], tmp_path: Path) -> None:
    for outlets, words in (
        ({"log": beds}, "no RESISTANCE or RCR 'log'.*\n.*did you mean 'leg'"),
        ({"heart": beds}, "no RESISTANCE or RCR 'heart'"),
        ({"leg": ["skin, fool"]}, "no bed 'skin, fool'.*\n.*did you mean 'skin, foot'"),
        ({"leg": ["skin, foot"], "rest": ["skin, foot"]}, "the bed 'skin, foot' is named twice"),
    ):
        with pytest.raises(DocumentError, match=words):
            svzerod.upstream(leg, tree(), outlets, pressure="mmHg")
    with pytest.raises(DocumentError, match="has a circuit above it already"):
        svzerod.upstream(body, tree(), {"leg": beds})
    with pytest.raises(UnitError):
        svzerod.upstream(leg, tree(), {"leg": beds}, pressure="mL")
    with pytest.raises(RunError, match="cannot be written into a folder"):
        run.save(tmp_path / "run")
