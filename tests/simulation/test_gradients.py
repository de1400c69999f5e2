"""Derivatives of readings through a whole simulation, settling included, against central differences."""

from __future__ import annotations

from contextlib import suppress
from typing import Any

import equinox as eqx
import jax
import jax.numpy as jnp
import numpy as np
import pytest

import venolymph as vl
from venolymph.errors import MeasureError
from venolymph.measures import measures, read_from
from venolymph.network.phase_drive import PhaseDrive

REGIMEN = [
    {"stand": {"for": "6 s"}},
    {"tiptoes": {"count": 2, "rate": "60 /min"}},
    {"stand": {"for": "4 s"}},
]
READINGS = ["ankle pressure", "blood volume in calf"]
FACTORS = ["wall", "valve", "geometry", "regimen"]
STEP = 1e-4
STEPS = STEP * np.array([2.0, 1.0, 1.0, 1.0])
"""Of each factor: large against rounding, which counts most along `wall`. Differences are of fourth order, since
readings curve much in a valve's closing time."""


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

    def harder(_: int, drive: PhaseDrive) -> PhaseDrive:
        return eqx.tree_at(lambda d: d.pulse, drive, drive.pulse * regimen)

    found = vl.predict("mild-varicose", REGIMEN, READINGS, tree, mode=mode, forcing=harder)
    return jnp.stack([found[name][0] for name in READINGS])


@pytest.fixture(scope="module")
def differences() -> np.ndarray:
    """Central differences of fourth order, shape (readings, factors)."""

    def between(step: np.ndarray) -> np.ndarray:
        return np.asarray(readings(1.0 + step)) - np.asarray(readings(1.0 - step))

    return np.stack([8 * between(step) - between(2 * step) for step in np.diag(STEPS)], axis=1) / (12 * STEPS)


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


FILLING = [
    {"raise_legs": {"to": "45 deg", "for": "60 s"}},
    {"stand": {"for": "120 s"}},
    {"tiptoes": {"count": 1, "rise": "0.4 s", "hold": "2 s", "down": "0.4 s"}},
    {"stand": {"for": "30 s"}},
]
SMALL = 1e-4
"""Steps are small against what a breath does to the time at which a vein is full."""


def test_gradients_are_those_of_what_simulate_reads() -> None:
    """Of every measure that says that it is differentiable and that the run holds, values and differences alike."""
    tree = vl.parameters("healthy").tree

    def wider(factor: Any) -> Any:
        return eqx.tree_at(lambda p: p.cells.unstressed_area, tree, tree.cells.unstressed_area * factor)

    plain, more, less = (vl.simulate("healthy", FILLING, parameters=wider(1.0 + x)) for x in (0.0, SMALL, -SMALL))
    held = [reading.name for reading in held_by(plain)]
    assert {"venous volume", "venous filling index", "venous filling time", "ankle pressure standing"} <= set(held)

    def predicted(factor: Any) -> Any:
        found = vl.predict("healthy", FILLING, held, wider(factor), mode="forward")
        return jnp.stack([found[name][0] for name in held])

    values, slopes = jax.jvp(predicted, (1.0,), (1.0,))
    read = [np.array([float(run.measure(name).value[0]) for name in held]) for run in (plain, more, less)]
    differences = (read[1] - read[2]) / (2 * SMALL)
    for name, value, other, slope, difference in zip(held, values, read[0], slopes, differences, strict=True):
        assert value == pytest.approx(other, rel=2e-3, abs=1e-6), name
        assert slope == pytest.approx(difference, rel=0.02, abs=0.02 * abs(other)), name


def held_by(run: Any) -> list[Any]:
    """Readings of measures without a place that can be differentiated, and that the run holds."""
    found = []
    for measure in measures().values():
        if measure.differentiable and measure.places is None:
            with suppress(MeasureError):
                found.append(read_from(run, measure.name))
    return [reading for reading in found if np.isfinite(reading.value).all()]
