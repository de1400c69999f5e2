"""The calibration script: what it may touch, what it may look at, and whether it finds what it should."""

import shutil
import sys
import tomllib
from importlib import resources

import numpy as np
import pytest

from script_loading import load_script
from venolymph import figures
from venolymph.body import load_person
from venolymph.validation.targets import regimen


@pytest.fixture(scope="module")
def calibrate():
    module = load_script("calibrate")
    yield module
    del sys.modules["calibrate"]


def test_only_targets_marked_calibrate_are_looked_at(calibrate):
    file = resources.files("venolymph.validation").joinpath("targets.toml").read_text("utf-8")
    published = tomllib.loads(file)
    wanted = calibrate.calibrate_targets()
    marked = {name for name, entry in published.items() if entry["use"] == "calibrate" and entry["needs"] == "veins"}
    assert marked - {target.id for target in wanted} == {"calf_compliance_by_age"}
    for target in wanted:
        assert None not in (target.value, target.low, target.high)


def test_no_target_is_read_from_steps_that_are_left_out(calibrate):
    protocols = {target.regimen for target in calibrate.calibrate_targets()}
    assert set(calibrate.LAST_STEP) <= protocols
    for name, last in calibrate.LAST_STEP.items():
        assert 0 < last < len(regimen(name)["steps"])
    wanted = [target.id for target in calibrate.calibrate_targets()]
    assert sorted(name for block in calibrate.BLOCKS for name in block.targets) == sorted(wanted)
    assert sorted(k for block in calibrate.BLOCKS for k in block.knobs) == list(range(len(calibrate.KNOBS)))


def test_every_knob_turns_figures_that_exist_and_may_move(calibrate):
    known = figures.load()
    keys = [key for knob in calibrate.KNOBS for key in knob.figures]
    assert len(keys) == len(set(keys))
    for knob in calibrate.KNOBS:
        assert knob.spread > 0
        low, high = knob.bounds(known)
        assert low < 0 < high
        for key, prior in knob.figures.items():
            assert known[key].low <= prior <= known[key].high
            assert known[key].basis != "measured"


def test_turning_a_knob_changes_its_figures_alone(calibrate):
    known = figures.load()
    logs = np.zeros(len(calibrate.KNOBS))
    logs[0] = np.log(1.2)
    turned = calibrate.moved(logs, known)
    for knob, log in zip(calibrate.KNOBS, logs, strict=True):
        for key, prior in knob.figures.items():
            assert turned[key].value == pytest.approx(prior * np.exp(log))
    touched = {key for knob in calibrate.KNOBS for key in knob.figures}
    assert all(turned[key] is known[key] for key in known if key not in touched)


def test_leaks_in_words_follow_the_figures(calibrate):
    known = figures.load()
    packaged = load_person("mild-varicose").leg.reflux
    person = calibrate.leaking("mild-varicose", known)
    words = [
        float(entry.leak)
        for entry, before in zip(person.leg.reflux, packaged, strict=True)
        if isinstance(before.leak, str)
    ]
    assert set(words) == {known["people.leak.moderate"].value, known["people.leak.severe"].value}
    assert calibrate.leaking("healthy", known).leg.healthy


@pytest.mark.parametrize("renew", [False, True])
def test_the_fit_recovers_a_known_shift(calibrate, renew):
    matrix = np.array([[1.0, 0.3], [-0.4, 1.5], [0.6, -0.2]])

    def predict(points):
        return np.exp(points @ matrix.T)

    truth = np.array([0.4, -0.3])
    centre = predict(truth[None])[0]
    loose = [(-1.0, 1.0)] * 2
    found = calibrate.fit(
        predict, centre, (0.99 * centre, 1.01 * centre), np.full(2, 10.0), loose, renew=renew, iterations=20
    )
    assert found.logs == pytest.approx(truth, abs=1e-3)
    assert found.predicted == pytest.approx(centre, rel=1e-3)
    assert list(found.cost) == sorted(found.cost, reverse=True)
    assert found.start == pytest.approx(np.ones(3))


def test_what_no_target_speaks_of_stays_at_its_prior(calibrate):
    found = calibrate.fit(
        lambda points: points[:, :1],
        np.array([0.2]),
        (np.array([0.19]), np.array([0.22])),
        np.array([0.5, 0.3]),
        [(-1.0, 1.0)] * 2,
    )
    assert found.logs == pytest.approx([0.2, 0.0], abs=1e-2)
    assert found.spread == pytest.approx([0.01 / calibrate.END, 0.3], rel=0.01)


def test_the_fit_keeps_within_bounds(calibrate):
    found = calibrate.fit(
        lambda points: points @ np.array([[1.0, 0.0], [1.0, 1.0]]),
        np.array([0.6, 0.1]),
        (np.array([0.59, 0.09]), np.array([0.61, 0.11])),
        np.full(2, 10.0),
        [(-0.1, 0.2), (-1.0, 1.0)],
        iterations=10,
    )
    assert found.logs[0] == 0.2
    assert found.logs[1] == pytest.approx(0.25, abs=0.01)


GOOD = """# A file of figures.

[first]
value = 2.0
low = 1.0
high = 4.0
unit = "mL"
population = "adults"
source = "recalled"
basis = "assumed"

# what comes next
[second.half]
value = 0.05
low = 0.01
high = 1.0
unit = "s"
population = "adults"
source = "recalled"
basis = "assumed"
note = "a guess"
"""


def test_a_figure_is_rewritten_and_all_else_stays(calibrate):
    text = calibrate.rewritten(GOOD, "first", value=2.5, before=2.0)
    text = calibrate.rewritten(text, "second.half", value=0.0712345, before=0.05)
    assert calibrate.rewritten(text, "first", value=2.5, before=2.0) == text
    found = figures.parse(text, "subject", frozenset({"calibration"}))
    assert found["subject.first"].value == 2.5
    assert found["subject.second.half"].value == 0.07123
    assert {figure.basis for figure in found.values()} == {"fitted"}
    assert found["subject.first"].note == f"{calibrate.STAMP}; 2 before"
    assert found["subject.second.half"].note == f"a guess; {calibrate.STAMP}; 0.05 before"
    kept = [line for line in text.splitlines() if not line.startswith(("value", "source", "basis", "note"))]
    assert kept == [line for line in GOOD.splitlines() if not line.startswith(("value", "source", "basis", "note"))]


def test_writing_the_packaged_figures_leaves_them_valid(calibrate, tmp_path):
    for file in calibrate.FOLDER.glob("*.toml"):
        shutil.copy(file, tmp_path)
    before = {file.name: file.read_text("utf-8").count("\n[") for file in tmp_path.iterdir()}
    logs = np.linspace(-0.1, 0.1, len(calibrate.KNOBS))
    written = calibrate.write(logs.tolist(), tmp_path)
    assert {file.stem for file in written} == {key.split(".")[0] for knob in calibrate.KNOBS for key in knob.figures}
    sources = frozenset(figures.references())
    found = {}
    for file in tmp_path.iterdir():
        assert file.read_text("utf-8").count("\n[") == before[file.name]
        found |= figures.parse(file.read_text("utf-8"), file.stem, sources)
    assert set(found) == set(figures.load())
    for knob, log in zip(calibrate.KNOBS, logs, strict=True):
        for key, prior in knob.figures.items():
            assert found[key].value == pytest.approx(prior * np.exp(log), rel=1e-3)
            assert (found[key].basis, found[key].source) == ("fitted", "calibration")


def test_packaged_figures_stand_as_calibrated(calibrate):
    known = figures.load()
    for knob in calibrate.KNOBS:
        factors = [known[key].value / prior for key, prior in knob.figures.items()]
        assert factors == pytest.approx([factors[0]] * len(factors), rel=2e-3), knob.name
        for key in knob.figures:
            assert (known[key].basis, known[key].source) == ("fitted", "calibration")
            assert calibrate.STAMP in known[key].note
    set_here = {key for knob in calibrate.KNOBS for key in knob.figures}
    mine = {key for key, figure in known.items() if figure.source == "calibration" and calibrate.STAMP in figure.note}
    assert mine == set_here
