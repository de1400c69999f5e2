"""The ledger: every claim whole and sourced, every experiment that can be run is one, wrong files refused."""

from __future__ import annotations

import re
from importlib import resources
from pathlib import Path
from typing import Any

import pytest

import venolymph as vl
from venolymph.errors import DocumentError
from venolymph.evidence import Claim, claim, claims, references
from venolymph.evidence.claim import BUILT, SIDES, ClaimReference, read_claim
from venolymph.evidence.experiment import documents
from venolymph.measures import find
from venolymph.validation.targets import BUILT as BUILT_FOR_VALIDATION

EXPECTED = {
    "valves-and-muscles-lift-blood": ("supported",),
    "failing-valves-cause-backflow": ("supported", "supported"),
    "volume-bulges-and-twists-veins": ("supported", "plausible"),
    "massage-moves-lymph-and-lessens-pooling": ("supported but short-lived", "plausible", "not shown"),
    "massage-relieves-without-restoring-calibre": (
        "supported",
        "supported but short-lived",
        "plausible",
        "not shown",
    ),
    "face-massage-puffiness-and-dark-circles": ("plausible", "not shown"),
    "massage-removes-toxins": ("no mechanism known",),
    "massage-regenerates-cells": ("not shown",),
    "massage-shrinks-pores": ("contradicted",),
    "massage-lessens-acne": ("no mechanism known",),
    "massage-makes-dull-skin-glow": ("not shown",),
    "stockings-or-walking-shrink-varicose-veins": ("not shown", "not shown"),
}
RUNNABLE = [name for name, one in claims().items() if one.experiment]


def source(name: str) -> str:
    return resources.files("venolymph.evidence").joinpath("claims", f"{name}.toml").read_text("utf-8")


def test_the_claims_and_their_verdicts() -> None:
    """A verdict changes only together with this list."""
    assert {name: one.rulings for name, one in claims().items()} == EXPECTED
    assert [one.order for one in claims().values()] == list(range(1, len(EXPECTED) + 1))


@pytest.mark.parametrize("name", EXPECTED)
def test_both_sides_are_spoken_of(name: str) -> None:
    one = claim(name)
    for side in SIDES:
        assert one.strongest(side) or one.nothing[side]
    assert all(study.reference in references() for study in one.studies)


@pytest.mark.parametrize("name", EXPECTED)
def test_no_claim_promises_health(name: str) -> None:
    found = re.search(r"\b(cures?|heals?|guarantees?|safe|safely|proven|detox\w*)\b", source(name), re.IGNORECASE)
    assert found is None, found


def test_every_reference_is_cited() -> None:
    cited = {study.reference for one in claims().values() for study in one.studies}
    assert cited == set(references())


def test_references_say_how_far_they_were_checked() -> None:
    assert str(references()["stick1992"]).endswith("1992;72:2063")
    assert str(ClaimReference(text="A book", checked="recalled")) == "A book (recalled, not checked)"
    assert str(ClaimReference(text="A book", checked="secondary")) == "A book (read in another work)"


def test_parts_that_are_built() -> None:
    # walls change over lives, which a claim has beside an experiment
    assert set(BUILT_FOR_VALIDATION) - {"wall"} <= BUILT, "a part was built: say so in evidence.claim.BUILT too"


@pytest.mark.parametrize("name", RUNNABLE)
def test_experiments_that_can_be_run_have_people_regimens_and_measures(name: str) -> None:
    experiment = claim(name).experiment
    assert experiment is not None
    for arm in experiment.arms:
        person, regimen = documents(experiment, arm)
        assert vl.load_person(person)
        assert vl.load_regimen(regimen).steps
    for comparison in experiment.comparisons:
        assert find(comparison.measure)


@pytest.mark.parametrize("name", [name for name in EXPECTED if name not in RUNNABLE])
def test_what_cannot_be_run_says_why(name: str) -> None:
    assert claim(name).model.how.strip()


def changed(old: str, new: str) -> str:
    text = source("failing-valves-cause-backflow")
    assert old in text
    return text.replace(old, new)


@pytest.mark.parametrize(
    ("text", "place", "message"),
    [
        ("order = ", "claim.toml", "is not TOML"),
        (changed("order = 2", "order = 2\ncolour = 1"), "claim.toml: colour", "unknown key"),
        (changed('reference = "raju2019"', 'reference = "raju2020"'), "studies.3.reference", "no reference"),
        (changed('verdict = "supported"', 'verdict = "true"'), "verdicts.0.verdict", "not allowed"),
        (changed('certainty = "high"', 'certainty = "sure"'), "verdicts.0.certainty", "not allowed"),
        (changed('side = "against"', 'side = "for"'), "nothing", "name a study against it"),
        (changed("[model]", '[nothing]\nagainst = "none"\n\n[model]'), "nothing", "name a study against it"),
        (changed('needs = ["veins"]', 'needs = ["tail"]'), "experiment.needs", "no part 'tail'"),
        (changed('against = "sound valves, walking"', 'against = "dancing"'), "comparisons.2", "no arm 'dancing'"),
        (changed('name = "leaking valves, walking"', 'name = "sound valves, walking"'), "arms", "two arms"),
        (changed("smallest = 10.0", ""), "comparisons.1", "come together"),
        (changed('treats = "emergent"', 'treats = "not modelled"'), "experiment", "or is not modelled"),
        (changed("people = 80", "people = 0"), "studies.0.people", "more than 0"),
    ],
)
def test_wrong_files_are_refused(text: str, place: str, message: str) -> None:
    with pytest.raises(DocumentError) as caught:
        read_claim(text)
    assert message in caught.value.message
    assert place in str(caught.value.place)


def test_no_difference_must_say_what_counts_as_none() -> None:
    text = changed('expected = "lower"\nsmallest = 10.0', 'expected = "no difference"')
    text = re.sub(r'smallest_basis = "repeat.*"\n', "", text)
    with pytest.raises(DocumentError, match="needs `smallest`"):
        read_claim(text)


def test_an_unknown_claim_is_answered_with_the_nearest() -> None:
    with pytest.raises(DocumentError) as caught:
        claim("massage-removes-toxin")
    assert caught.value.hint == "did you mean 'massage-removes-toxins'?"


def test_every_claim_is_in_the_reference() -> None:
    page = (Path(__file__).resolve().parents[2] / "docs" / "reference" / "evidence.md").read_text("utf-8")
    for name, one in claims().items():
        row = next(line for line in page.splitlines() if line.startswith(f"| `{name}` |"))
        assert all(ruling in row for ruling in one.rulings), name


def test_claims_are_frozen() -> None:
    one: Any = claim("massage-removes-toxins")
    assert isinstance(one, Claim)
    with pytest.raises(ValueError, match="frozen"):
        one.statement = "It does."
