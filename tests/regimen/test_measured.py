"""A measured pressure as a step: its samples are kept in the document, and the leg gets them as they were."""

from __future__ import annotations

import json
import math
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

import venolymph as vl
from venolymph.errors import DocumentError
from venolymph.regimen import FollowTrace, Regimen, load_regimen
from venolymph.regimen.forcing import phases
from venolymph.regimen.measured import MOST_KNOTS, NEAR, SHARE, falls, knots

REGIMEN = """\
kind: regimen
version: 1
regimen: a measured cuff
steps:
  - stand: {for: 10 s}
  - trace: {of: calf cuff, file: tables/cuff.csv}
  - stand: {for: 10 s}
"""


def cuff(time: float) -> float:
    """Filled in 3 s, held, let go in 0.4 s, with the noise of a sensor; mmHg."""
    press = 60.0 * min(1.0, max(0.0, (time - 1.0) / 3.0))
    press *= min(1.0, max(0.0, 1.0 - (time - 8.0) / 0.4))
    return press + 0.3 * math.sin(37.0 * time)


@pytest.fixture
def document(tmp_path: Path) -> Path:
    (tmp_path / "tables").mkdir()
    lines = [f"{50 * n},{cuff(0.05 * n) / 7.50062:.5f}" for n in range(240)]
    (tmp_path / "tables" / "cuff.csv").write_text("\n".join(["time_ms,pressure_kPa", *lines]), "utf-8")
    (tmp_path / "calf.yaml").write_text(REGIMEN, "utf-8")
    return tmp_path / "calf.yaml"


def test_a_table_beside_the_regimen_is_kept_in_it(document: Path, tmp_path: Path, monkeypatch: Any) -> None:
    monkeypatch.chdir("/")  # the table is meant from the regimen's folder
    regimen = load_regimen(document)
    step = regimen.steps[1]
    assert isinstance(step, FollowTrace)
    assert len(step.samples) == 240
    assert step.samples[100] == pytest.approx((5.0, cuff(5.0)), abs=1e-3)
    assert step.lasts == pytest.approx(11.95)
    (tmp_path / "tables" / "cuff.csv").unlink()
    for plain in (regimen.document(), json.loads(json.dumps(regimen.document()))):
        assert load_regimen(plain) == regimen
    again = tmp_path / "again.yaml"
    again.write_text(regimen.to_yaml(), "utf-8")
    assert load_regimen(again) == regimen


@pytest.mark.slow
def test_a_run_opens_and_goes_on_without_the_table(document: Path, tmp_path: Path) -> None:
    regimen = load_regimen(document)
    run = vl.simulate("healthy", regimen, out=tmp_path / "run")
    for file in (tmp_path / "tables").iterdir():
        file.unlink()
    document.unlink()
    opened = vl.open_run(tmp_path / "run")
    assert opened.regimen == regimen
    shell = run.topology.surroundings.index("calf shell")
    begun = next(phase.start for phase in run.phases if phase.kind == "cuff")
    assert begun == 10.0  # the cuff is empty before and at first: nothing has to be waited for
    inside = (run.time > begun) & (run.time < begun + 11.9)
    wanted = np.array([cuff(time - begun) for time in run.time[inside]])
    off = np.abs(run.surroundings[inside, shell, 0] - wanted)
    assert off.max() < 4.0  # between samples of the quick fall
    assert np.mean(off) < NEAR
    assert run.phases[-1].start + run.phases[-1].duration == pytest.approx(31.95)
    # instruments see a cuff, and when it was let go
    let_go = [phase.start - begun for phase in run.phases if phase.marks.released is not None]
    assert let_go == [pytest.approx(8.0, abs=0.06)]
    assert np.isfinite(run.measure("reflux duration in popliteal").value).all()
    assert run.measure("reflux duration in popliteal").performed == ""


def test_a_muscle_presses_as_measured_and_is_slack_afterwards() -> None:
    samples = [(3.0, 20.0), (3.2, 60.0), (3.6, 60.0), (4.0, 5.0)]
    body = vl.leg_body(vl.load_person("healthy"))
    made = phases(Regimen([{"sit": {"for": "10 s"}}, {"trace": {"of": "soleus", "samples": samples}}]), body)
    muscle = body.topology.surroundings.index("soleus")
    traced = [phase for phase in made if phase.kind == "trace"]
    ends = [float(phase.drive.pressure_to[muscle, 0]) for phase in traced]
    assert ends == [20.0, 60.0, 60.0, 5.0, 0.0]
    assert [phase.duration for phase in traced] == pytest.approx([0.3, 0.2, 0.4, 0.4, 0.3])
    others = np.delete(np.asarray(traced[2].drive.pressure_to), muscle, axis=0)
    np.testing.assert_array_equal(others, np.delete(np.asarray(made[0].drive.pressure_to), muscle, axis=0))


NUMBERS = st.lists(st.tuples(st.floats(0.01, 20.0), st.floats(-5.0, 250.0)), min_size=2, max_size=60)


@given(NUMBERS)
def test_the_pressure_passes_near_every_sample(steps: list[tuple[float, float]]) -> None:
    time = np.cumsum([step for step, _ in steps])
    samples = tuple((float(at), pressure) for at, (_, pressure) in zip(time, steps, strict=True))
    found = knots(samples)
    assert found[0] == (0.0, samples[0][1])
    assert found[-1] == (pytest.approx(time[-1] - time[0]), samples[-1][1])
    near = max(NEAR, SHARE * float(np.ptp([pressure for _, pressure in samples])))
    for moment, pressure in samples:
        at = moment - samples[0][0]
        after = next(n for n in range(1, len(found)) if at <= found[n][0] + 1e-12)
        (begin, low), (end, high) = found[after - 1], found[after]
        x = (at - begin) / (end - begin)
        assert abs(low + (high - low) * x**3 * (10 + x * (6 * x - 15)) - pressure) <= near + 1e-9
    regimen = Regimen([FollowTrace(of="thigh cuff", samples=samples)])
    assert load_regimen(json.loads(json.dumps(regimen.document()))) == regimen


def test_letting_go_begins_where_the_last_fall_does() -> None:
    assert falls([(0, 0), (1, 60), (9, 59.7), (9.2, 30), (9.4, 0.2), (20, 0.1)], 2.0) == 2
    assert falls([(0, 60), (1, 0), (2, 60), (3, 0)], 2.0) == 2
    assert falls([(0, 0), (1, 60), (9, 59.7)], 2.0) is None


WRONG = {
    "{of: calf cuff}": "neither a file nor samples",
    "{of: calf cuff, file: cuff.csv, samples: 0 1; 1 2}": "a file and samples at once",
    "{of: calf cuff, file: none.csv}": "there is no such file",
    "{of: calf cuff, file: girth.csv}": "no column holds a pressure",
    "{of: calf cuff, file: comma.csv}": "is a comma used before decimals",
    "{of: calf cuff, file: both.csv}": "several columns hold a pressure",
    "{of: calf cuff, file: both.csv, column: c_mmHg}": "there is no column 'c_mmHg'",
    "{of: calf cuf, samples: 0 1; 1 2}": "did you mean 'calf cuff'",
    "{of: calf cuff, samples: 0 1}": "found 1 samples",
    "{of: calf cuff, samples: 0 1; 0 2}": "is not later",
    "{of: calf cuff, samples: 0 1; 1 400}": "check the unit",
    "{of: calf cuff, samples: 0 1; 1}": "pairs of a time",
    "{of: calf cuff, samples: 7}": "pairs of a time",
    "{of: calf cuff, sample: 0 1; 1 2}": "did you mean 'samples'",
}


@pytest.mark.parametrize("step", WRONG)
def test_mistakes_are_refused_with_place_and_hint(step: str, tmp_path: Path) -> None:
    tables = {
        "cuff.csv": "time_s,p_mmHg\n0,1\n1,2\n",
        "girth.csv": "time_s,girth_cm\n0,1\n1,2\n",
        "comma.csv": "time_s,p_mmHg\n0,1,5\n1,2\n",
        "both.csv": "time_s,a_mmHg,b_mmHg\n0,1,1\n1,2,2\n",
    }
    for name, text in tables.items():
        (tmp_path / name).write_text(text, "utf-8")
    file = tmp_path / "wrong.yaml"
    file.write_text(f"kind: regimen\nversion: 1\nsteps:\n  - trace: {step}\n", "utf-8")
    with pytest.raises(DocumentError) as caught:
        load_regimen(file)
    assert WRONG[step] in str(caught.value)
    assert "wrong.yaml, line 4" in str(caught.value.place)
    assert caught.value.hint


def test_a_trace_that_turns_too_often_is_refused() -> None:
    samples = [(0.01 * n, 40.0 * (n % 2)) for n in range(MOST_KNOTS + 10)]
    with pytest.raises(DocumentError, match="turns too often"):
        FollowTrace(of="calf cuff", samples=samples)
