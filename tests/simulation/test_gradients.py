"""Derivatives of readings through a whole simulation, settling included, against central differences."""

from __future__ import annotations

from typing import Any

import equinox as eqx
import jax
import jax.numpy as jnp
import numpy as np
import pytest

import venolymph as vl
from venolymph.network.parameters import Drive

REGIMEN = [
    {"stand": {"for": "6 s"}},
    {"tiptoes": {"count": 2, "rate": "60 /min"}},
    {"stand": {"for": "4 s"}},
]
READINGS = ["ankle pressure", "blood volume in calf"]
FACTORS = ["wall", "valve", "geometry", "regimen"]
STEP = 1e-5


def readings(factors: Any, mode: Any = "reverse") -> Any:
    """Readings of a leg with mild varicose veins whose parameters of four kinds are multiplied by these factors."""
    wall, valve, geometry, regimen = factors
    tree = vl.parameters("mild-varicose").tree
    tree = eqx.tree_at(
        lambda p: (p.cells.collagen_stiffness, p.valves.closing_time, p.cells.unstressed_area),
        tree,
        (
            tree.cells.collagen_stiffness * wall,
            tree.valves.closing_time * valve,
            tree.cells.unstressed_area * geometry,
        ),
    )

    def harder(_: int, drive: Drive) -> Drive:
        return eqx.tree_at(lambda d: d.pulse, drive, drive.pulse * regimen)

    found = vl.predict("mild-varicose", REGIMEN, READINGS, tree, mode=mode, forcing=harder)
    return jnp.stack([found[name][0] for name in READINGS])


@pytest.fixture(scope="module")
def differences() -> np.ndarray:
    """Central differences, shape (readings, factors)."""
    columns = []
    for number in range(len(FACTORS)):
        step = STEP * np.eye(len(FACTORS))[number]
        columns.append((np.asarray(readings(1.0 + step)) - np.asarray(readings(1.0 - step))) / (2 * STEP))
    return np.stack(columns, axis=1)


def test_every_kind_of_parameter_moves_the_readings(differences: np.ndarray) -> None:
    assert np.all(np.abs(differences) > 1e-3)


def test_reverse_mode(differences: np.ndarray) -> None:
    for row, name in enumerate(READINGS):
        slope = jax.grad(lambda factors, row=row: readings(factors)[row])(jnp.ones(len(FACTORS)))
        np.testing.assert_allclose(slope, differences[row], rtol=1e-4, err_msg=name)


def test_forward_mode(differences: np.ndarray) -> None:
    for number in range(len(FACTORS)):
        direction = jnp.eye(len(FACTORS))[number]
        _, slope = jax.jvp(lambda factors: readings(factors, "forward"), (jnp.ones(len(FACTORS)),), (direction,))
        np.testing.assert_allclose(slope, differences[:, number], rtol=1e-4, err_msg=FACTORS[number])


@pytest.mark.parametrize("mode", ["reverse", "forward"])
def test_what_goes_on_from_a_run_is_differentiated_as_the_run_is(mode: Any) -> None:
    tree = vl.parameters("mild-varicose").tree

    def reading(wall: Any) -> Any:
        own = eqx.tree_at(lambda p: p.cells.collagen_stiffness, tree, tree.cells.collagen_stiffness * wall)
        run = vl.simulate("mild-varicose", REGIMEN[:1], parameters=own, differentiable=mode)
        return run.branch(REGIMEN[2:]).measure("blood volume in calf").value[0]

    slope = jax.grad(reading)(1.0) if mode == "reverse" else jax.jvp(reading, (1.0,), (1.0,))[1]
    difference = (float(reading(1.0 + STEP)) - float(reading(1.0 - STEP))) / (2 * STEP)
    assert float(slope) == pytest.approx(difference, rel=1e-4)
