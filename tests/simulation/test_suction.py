"""Suction around the legs: veins fill as under an equal rise of pressure in them, and only while it lasts."""

from __future__ import annotations

from typing import Any

import equinox as eqx
import jax.numpy as jnp
import numpy as np
import pytest

import venolymph as vl
from venolymph import figures
from venolymph.errors import DocumentError
from venolymph.network.phase_drive import PhaseDrive

SUCTION = 20.0
LYING, HELD = {"lie": {"for": "60 s"}}, {"suction": {"pressure": f"{SUCTION} mmHg", "for": "2 min"}}
AIR = {"suction": {"pressure": "0 mmHg", "for": "2 min"}}


@pytest.fixture(scope="module")
def sucked() -> Any:
    return vl.simulate("healthy", [LYING, HELD, AIR], tissue=False)


def blood(run: Any, seconds: float, part: str = "calf") -> float:
    """Blood in a part at a time of the run, mL."""
    return float(run[f"blood volume in {part}"].sel(time=seconds, method="nearest")[0])


def test_veins_fill_as_under_an_equal_rise_of_their_pressure(sucked: Any) -> None:
    """Muscle feels four fifths of suction, so that is what the right atrium's pressure is raised by."""
    rise = figures.load()["muscle_pump.shell.share_deep"].value * SUCTION
    calm = vl.simulate("healthy", [LYING], tissue=False)
    moving, atrium = len(calm.phases), calm.topology.ends.index("right atrium")

    def raised(number: int, drive: PhaseDrive) -> PhaseDrive:
        more = jnp.zeros_like(drive.end_to).at[atrium].set(rise)
        if number >= moving:
            drive = eqx.tree_at(lambda d: d.end_to, drive, drive.end_to + more)
        return eqx.tree_at(lambda d: d.end_from, drive, drive.end_from + more) if number > moving else drive

    still = [LYING, {"suction": {"pressure": "0 mmHg", "for": "2 min"}}]
    run = vl.simulate("healthy", still, tissue=False, forcing=raised)
    gained = [blood(one, 180.0) - blood(one, 60.0) for one in (sucked, run)]
    assert gained[1] > 10.0
    assert gained[0] == pytest.approx(gained[1], rel=0.1)


def test_every_vein_of_the_leg_widens_and_pressure_inside_stays(sucked: Any) -> None:
    before, during = (int(np.searchsorted(sucked.time, second)) for second in (59.0, 179.0))
    for name in ("dorsal foot veins", "posterior tibial", "great saphenous, calf", "soleal sinuses, low", "femoral"):
        cells = list(sucked.body.segments[name].cells)
        assert np.all(sucked.volume[during, cells, 0] > 1.1 * sucked.volume[before, cells, 0]), name
        assert np.all(np.abs(sucked.pressure[during, cells, 0] - sucked.pressure[before, cells, 0]) < 2.0), name


def test_air_let_in_undoes_it(sucked: Any) -> None:
    assert blood(sucked, 300.0) == pytest.approx(blood(sucked, 60.0), rel=0.02)


def test_both_legs_lie_in_the_box() -> None:
    run = vl.simulate("healthy", [LYING, HELD], tissue=False, legs="both")
    for part in ("calf", "other leg: calf"):
        assert blood(run, 180.0, part) > 1.2 * blood(run, 60.0, part)
    assert blood(run, 180.0) == pytest.approx(blood(run, 180.0, "other leg: calf"), rel=0.02)


def test_it_stays_where_a_run_goes_on(sucked: Any) -> None:
    """Suction is there until air is let in, whatever regimen is done next."""
    held = vl.simulate("healthy", [LYING, HELD], tissue=False)
    on = held.branch([{"wait": {"for": "20 s"}}])
    assert blood(on, float(on.time[-1])) > 0.98 * blood(held, 180.0)
    off = held.branch([AIR])
    assert blood(off, float(off.time[-1])) == pytest.approx(blood(sucked, 300.0), rel=0.02)


def test_capillaries_filter_more() -> None:
    steps = [{"lie": {"for": "5 min"}}, {"suction": {"pressure": "44 mmHg", "for": "10 min"}}]
    run = vl.simulate("healthy", steps, tissue=True)
    water = run["tissue water in lower leg"]
    assert float(water[-1, 0] - water.sel(time=300.0, method="nearest")[0]) > 2.0


def test_compliance_under_suction_falls_with_age() -> None:
    documents = [vl.load_person("healthy").document() for _ in range(2)]
    for document, age in zip(documents, ("25 y", "75 y"), strict=True):
        document["person"]["age"] = age
    run = vl.simulate(documents, [LYING, HELD], tissue=False)
    young, old = np.asarray(run.measure("calf compliance under suction").value)
    assert 0.4 * young < old < 0.8 * young
    assert run.measure("calf compliance under suction").performed == ""


def test_the_measure_does_it_where_a_run_does_not() -> None:
    run = vl.simulate("healthy", [LYING], tissue=False)
    assert run.measure("calf compliance under suction").performed == "suction around the legs"


@pytest.mark.parametrize(
    ("steps", "said", "hint"),
    [
        ([{"stand": {"for": "1 min"}}, HELD], "suction needs lying, but the person is standing here", "lie: "),
        ([LYING, HELD, {"sit": {"for": "1 min"}}], "suction needs lying, but the person is sitting here", "0 mmHg"),
        (
            [HELD, {"wear": {"garment": "stocking", "class": "RAL II"}}],
            "wear cannot reach legs under suction",
            "0 mmHg",
        ),
        ([HELD, {"massage": "leg-massage-short"}], "massage cannot reach legs under suction", "0 mmHg"),
        ([{"suction": {"pressure": "44 mmHg", "over": "30 s", "for": "20 s"}}], "the change takes 30 s", "longer"),
        ([{"suction": {"pressure": "-44 mmHg"}}], "0 mmHg", ""),
        ([{"suction": {}}], "pressure", ""),
    ],
)
def test_what_does_not_go_together_is_refused(steps: list[Any], said: str, hint: str) -> None:
    with pytest.raises(DocumentError) as refused:
        vl.Regimen(steps)
    assert said in str(refused.value)
    assert hint in (refused.value.hint or "")


def test_people_get_up_once_air_is_let_in() -> None:
    assert vl.Regimen([LYING, HELD, AIR, {"stand": {"for": "1 min"}}]).lasts == 360.0
