"""Coordinates of places in the dataset of a run, in memory and opened from its folder."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pytest

import venolymph as vl
from small.circuits import case, vessel
from venolymph.anatomy import place_middles
from venolymph.interop import svzerod

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


def test_arteries_above_a_leg_have_no_place_and_the_leg_keeps_its_own() -> None:
    """A circuit adds cells and faces that `lines.toml` does not know."""
    leg = vl.leg_body(vl.load_person("healthy"))
    ends = {
        "heart": {"bc_type": "FLOW", "bc_values": {"Q": [80.0, 80.0], "t": [0.0, 1.0]}},
        "leg": {"bc_type": "RCR", "bc_values": {"Rp": 1.0, "C": 0.05, "Rd": 25.0, "Pd": 5.0}},
    }
    tree = svzerod.read(case(ends, [vessel(0, inlet="heart", outlet="leg", R=0.01, C=0.4, L=0.002)]))
    own = [bed for bed in leg.topology.beds if not bed.startswith("other leg")]
    body = svzerod.upstream(leg, tree, {"leg": own}, pressure="mmHg")
    middles, alone = place_middles([body]), place_middles([leg])
    for name, values in middles.items():
        np.testing.assert_array_equal(values[: leg.topology.n_cells], alone[name])
        assert body.topology.n_cells > leg.topology.n_cells
        assert np.isnan(values[leg.topology.n_cells :]).all()
    places, plain = vl.geometry(body), vl.geometry(leg)
    for kind in ("veins", "perforators", "joins", "valves"):
        assert list(getattr(places, kind)) == list(getattr(plain, kind))
    assert places.perforators["perforator, Dodd"].radius == plain.perforators["perforator, Dodd"].radius
