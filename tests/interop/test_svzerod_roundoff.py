"""Values that are negative by round-off run as svZeroD runs them; real negatives are refused, all in one error."""

from __future__ import annotations

import csv
import io
import json
import subprocess
import sys
import warnings
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from small.circuits import FLOW, RCR, RESISTANCE, case, junction, valve, vessel
from venolymph.errors import DocumentError
from venolymph.interop.svzerod import build, read, read_case
from venolymph.interop.svzerod.roundoff import SMALLEST

TINY = -5e-16
SVZERODSOLVER = Path(sys.executable).with_name("svzerodsolver")


def tree(**more: Any) -> dict[str, Any]:
    """A stem that forks, of ordinary size in cm, g and s."""
    rcr = {"bc_type": "RCR", "bc_values": {"Rp": 80.0, "C": 2e-4, "Rd": 900.0, "Pd": 0.0}}
    return case(
        {"IN": {"bc_type": "FLOW", "bc_values": {"Q": [3.0, 62.0, 3.0], "t": [0.0, 0.3, 0.9]}}, "A": rcr, "B": rcr},
        [
            vessel(0, inlet="IN", R=40.0, L=0.2),
            vessel(1, R=50.0, L=0.1, outlet="A"),
            vessel(2, R=55.0, L=0.1, outlet="B"),
        ],
        junctions=[junction([0], [1, 2])],
        **more,
    )


def value(data: dict[str, Any], number: int) -> dict[str, Any]:
    return data["vessels"][number]["zero_d_element_values"]


def svzerod(data: dict[str, Any], folder: Path) -> dict[str, np.ndarray]:
    """The columns that svZeroDSolver writes."""
    (folder / "case.json").write_text(json.dumps(data))
    subprocess.run(
        [SVZERODSOLVER, folder / "case.json", folder / "table.csv"], check=True, capture_output=True, timeout=60
    )
    rows = list(csv.DictReader(io.StringIO((folder / "table.csv").read_text())))
    return {column: np.array([float(row[column]) for row in rows]) for column in rows[0] if column != "name"}


@pytest.mark.parametrize("key", ["R_poiseuille", "L", "C", "stenosis_coefficient"])
def test_a_value_negative_by_roundoff_runs_as_svzerod_runs_it(key: str, tmp_path: Path) -> None:
    """As a program writes it that fits a case: one value is 0 but for round-off."""
    data = tree()
    value(data, 1)[key] = TINY
    with pytest.warns(UserWarning, match=f"{key} of 'v1' \\(-5e-16\\)"):
        table = read(data).run("generalised-alpha")
    for column, want in svzerod(data, tmp_path).items():
        np.testing.assert_allclose(table[column], want, rtol=0, atol=1e-6 * np.abs(want).max(), err_msg=column)


def test_one_warning_names_them_all() -> None:
    data = tree()
    for number in (0, 1, 2):
        value(data, number).update(R_poiseuille=TINY, stenosis_coefficient=-3e-18)
    end = data["boundary_conditions"][1]
    end["bc_values"] = end["bc_values"] | {"C": -1e-20, "Rp": -1e-14}
    with warnings.catch_warnings(record=True) as caught:
        warnings.simplefilter("always")
        found = read_case(data)
    assert len(caught) == 1
    text = str(caught[0].message)
    assert text.startswith("8 values below 0 by round-off count as 0: ")
    for name in ("'v0' (-5e-16)", "'v1' (-5e-16)", "'v2' (-3e-18)", "C of 'A' (-1e-20)", "Rp of 'A' (-1e-14)"):
        assert name in text
    assert found.vessels[1].zero_d_element_values.R_poiseuille == 0.0
    assert value(data, 1)["R_poiseuille"] == TINY, "what was given stays as it is"


def test_junctions_and_valves_too() -> None:
    data = case(
        {"IN": FLOW, "OUT1": RCR, "OUT2": RESISTANCE},
        [vessel(0, inlet="IN", R=1.0), vessel(1, R=2.0, outlet="OUT1"), vessel(2, R=3.0), vessel(3, outlet="OUT2")],
        junctions=[
            junction([0], [1, 2], junction_type="BloodVesselJunction")
            | {
                "junction_values": {
                    "R_poiseuille": [1.0, TINY],
                    "L": [0.0, -1e-15],
                    "stenosis_coefficient": [0.0, 0.0],
                }
            }
        ],
        valves=[valve("v2", "v3")],
    )
    data["valves"][0]["params"]["Rmin"] = TINY
    with pytest.warns(
        UserWarning, match=r"'J' towards outlet 2 \(-5e-16\), 'valve' .*|L of 'J' towards outlet 2"
    ) as all_:
        build(read_case(data))
    assert len(all_) == 1


@pytest.mark.parametrize(
    ("key", "real", "roundoff"),
    [
        # the largest resistance of the file is 900, the largest inertance of others 0.2, or 900 in 0.9 s
        ("R_poiseuille", -901 * SMALLEST, -899 * SMALLEST),
        ("L", -811 * SMALLEST, -809 * SMALLEST),
        ("C", -0.0011 * SMALLEST, -0.0009 * SMALLEST),
        ("stenosis_coefficient", -14.6 * SMALLEST, -14.4 * SMALLEST),
    ],
)
def test_the_rule_is_a_share_of_the_largest_of_its_kind(key: str, real: float, roundoff: float) -> None:
    data = tree()
    value(data, 2)[key] = roundoff
    with pytest.warns(UserWarning, match="by round-off"):
        read_case(data)
    value(data, 2)[key] = real
    with pytest.raises(DocumentError, match=f"{key} of 'v2'"):
        read_case(data)


def test_real_negatives_are_all_named() -> None:
    data = tree()
    for number in (0, 1, 2):
        value(data, number)["C"] = -1e-4
    value(data, 1)["R_poiseuille"] = TINY
    with pytest.raises(DocumentError, match="3 values below 0") as caught:
        read_case(data)
    for name in ("'v0'", "'v1'", "'v2'"):
        assert f"{name} (-0.0001)" in caught.value.message
    assert "-5e-16" not in caught.value.message


def test_the_command_says_it_and_goes_on(tmp_path: Path) -> None:
    data = tree()
    value(data, 1)["R_poiseuille"] = TINY
    (tmp_path / "case.json").write_text(json.dumps(data))
    done = subprocess.run(
        [sys.executable, "-m", "venolymph", "svzerod", tmp_path / "case.json"],
        capture_output=True,
        text=True,
        check=False,
        timeout=300,
    )
    assert done.returncode == 0, done.stderr
    assert done.stdout.startswith("name,time,")
    assert done.stderr.splitlines() == [
        f"warning: {tmp_path / 'case.json'}: a value below 0 by round-off counts as 0: R_poiseuille of 'v1' (-5e-16)"
    ]
