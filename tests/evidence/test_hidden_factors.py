"""Hidden factors of a face: each at both ends of its range, simulated or seen, beside the face as it is."""

from __future__ import annotations

from typing import Any

import pytest

import venolymph as vl
from venolymph.evidence import claim, claims, hidden_factors, sweeping, swept_rows
from venolymph.evidence.claim import Experiment
from venolymph.evidence.comparing import Comparison
from venolymph.evidence.experiment import run_experiment
from venolymph.figures import load

ARMS = {"lying": {"lie": {"for": "6 min"}}, "sitting": {"sit": {"for": "6 min"}}}


def compared(measure: str, smallest: float) -> Comparison:
    return Comparison(
        measure=measure,
        arm="lying",
        against="sitting",
        expected="higher",
        smallest=smallest,
        smallest_basis="a test",
        published="nothing",
    )


def test_each_factor_is_moved_alone_to_both_ends() -> None:
    known = load()
    found = hidden_factors.variants(known)
    names = [one.factor for one in found]
    for factor in hidden_factors.hidden_factors():
        at_an_end = [key for key in factor.figures if known[key].value in (known[key].low, known[key].high)]
        assert names.count(factor.name) == (1 if at_an_end else 2), factor.name
    for one in found:
        moved = set() if one.figures is None else {key for key in one.figures if one.figures[key] != known[key]}
        factor = next(each for each in hidden_factors.hidden_factors() if each.name == one.factor)
        assert moved == set(factor.figures)
        assert bool(one.face) == (one.figures is None)


def test_what_is_seen_otherwise_is_the_same_person() -> None:
    tone = next(one for one in hidden_factors.variants(load()) if one.face)
    seen, before = tone.seen_in("rested"), vl.load_person("rested")
    assert seen.face is not None and before.face is not None
    assert seen.face.tone != before.face.tone
    assert (seen.person, seen.legs, seen.face.trough) == (before.person, before.legs, before.face.trough)


def test_every_claim_sweeps_arms_that_it_compares() -> None:
    swept = [one.experiment for one in claims().values() if one.experiment is not None and one.experiment.sweep]
    assert swept and all(one.swept for one in swept)


@pytest.fixture(scope="module")
def trial() -> Any:
    """Six minutes lying against sitting, three faces: as it is, with no weight of lymph, and seen on dark skin."""
    given = Experiment(
        needs=("face", "lymph"),
        members=2,  # as many as are swept: one program serves both
        regimens={name: {"regimen": name, "body": "face", "steps": [step]} for name, step in ARMS.items()},
        sweep=tuple(ARMS),
        arms=tuple({"name": name, "person": "rested", "regimen": name} for name in ARMS),
        comparisons=(compared("face fluid at face", 1e-3), compared("under-eye colour difference", 100.0)),
    )
    chosen = [one for one in hidden_factors.hidden_factors() if "gravity" in one.name or one.name == "tone of skin"]
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(sweeping, "variants", lambda figures: hidden_factors.variants(figures, chosen))
        yield run_experiment("massage-removes-toxins", given, simulate=with_tissue)


def with_tissue(*people: Any, **given: Any) -> Any:
    return vl.simulate(*people, **{"tissue": True, **given})


def test_swept_faces_differ_from_the_one_as_it_is(trial: Any) -> None:
    fluid, colour = ([one for one in trial.swept if one.comparison == asked.comparison] for asked in trial.compared)
    assert (fluid[0].factor, fluid[0].end) == ("", "")
    column, dark = fluid[1], colour[2]
    assert column.factor.startswith("gravity") and column.end == "0"
    assert dark.factor == "tone of skin" and dark.end == "-45 deg"
    assert column.difference is not None and fluid[0].difference is not None
    assert abs(column.difference - fluid[0].difference) > 1e-4
    assert len(fluid) == 2, "tone of skin moves no water"
    assert dark.difference != colour[0].difference


def test_a_row_for_each_end_says_what_a_clinic_could_tell(trial: Any) -> None:
    rows = swept_rows(trial.swept)
    assert [row[:2] for row in rows] == [
        ["as it is", ""],
        ["gravity on columns of lymph and tissue fluid", "0"],
        ["tone of skin", "-45 deg"],
        ["tone of skin", "60 deg"],
    ]
    assert [row[2][-1] for row in rows] == ["!", "!", "-", "-"]
    assert not any(row[3].endswith("!") for row in rows)
    assert trial.as_dict()["hidden_factors"][0]["measurable"] is True


def test_no_face_s_claim_says_how_it_comes_out() -> None:
    """What the model shows is read from runs: nothing of it stands in the file."""
    for name in ("face-massage-puffiness-and-dark-circles", "massage-removes-toxins"):
        experiment = claim(name).experiment
        assert experiment is not None
        assert not {"value", "difference", "outcome"} & set(experiment.comparisons[0].document())
