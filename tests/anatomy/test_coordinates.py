"""Coordinates of places in the dataset of a run, in memory and opened from its folder."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pytest

import venolymph as vl

PEOPLE = ["healthy", "heavy"]


@pytest.fixture(scope="module")
def run(tmp_path_factory: pytest.TempPathFactory) -> Any:
    folder = tmp_path_factory.mktemp("geometry") / "run"
    return vl.simulate(PEOPLE, [{"lie": {"for": "2 s"}}], tissue=True, out=folder), folder


def test_a_saved_dataset_says_where_things_lie(run: Any) -> None:
    live, folder = run
    data = vl.open_run(Path(folder)).dataset()
    for number, person in enumerate(PEOPLE):
        places = vl.geometry(person)
        tissue = {name: line for kind in ("lymph", "nodes") for name, line in getattr(places, kind).items()}
        for dim, lines in {"cell": places.veins, "lymph_vessel": tissue}.items():
            own = np.array([lines[str(name)].middle for name in data[dim].values])
            for axis, values in zip("xyz", own.T, strict=True):
                read = data[f"{dim}_{axis}"]
                assert read.attrs["units"] == "cm"
                np.testing.assert_allclose(read.isel(member=number).values, values, atol=1e-6)
                np.testing.assert_allclose(read.values, live.dataset()[f"{dim}_{axis}"].values)
        assert np.isfinite(data["compartment_z"].values).all()
    level, y = (data[name].sel(cell="femoral [3]").values for name in ("cell_level", "cell_y"))
    np.testing.assert_allclose(y, level, atol=0.5)
