"""A claim's experiment, run from its page in a process of its own."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from fastapi.testclient import TestClient

from studio.conftest import TOKEN
from venolymph import evidence
from venolymph.errors import VenolymphError
from venolymph.studio.trials import ClaimTrials, TrialState

UNMODELLED = next(name for name, one in evidence.claims().items() if not one.tested)
CAN_RUN = [name for name, one in evidence.claims().items() if one.tested]


@pytest.fixture
def trials() -> Iterator[ClaimTrials]:
    found = ClaimTrials()
    yield found
    found.close()


def finished(trials: ClaimTrials, name: str) -> None:
    """Wait until its process has ended."""
    assert trials._running is not None
    trials._running[2].poll(None)
    assert trials.state(name).state != "running"


def test_an_experiment_that_the_model_leaves_out_says_so(trials: ClaimTrials) -> None:
    assert trials.state(UNMODELLED).state == "not run"
    trials.start(UNMODELLED)
    finished(trials, UNMODELLED)
    found = trials.state(UNMODELLED)
    assert found.trial is not None
    assert found.trial.status == "not modelled"
    trials.start(UNMODELLED)
    assert trials.state(UNMODELLED).state == "done"


def test_one_at_a_time_and_a_process_that_is_killed_is_told(trials: ClaimTrials) -> None:
    first, second = CAN_RUN[:2]
    trials.start(first)
    assert trials.state(first).state == "running"
    with pytest.raises(VenolymphError, match="is running"):
        trials.start(second)
    assert trials._running is not None
    trials._running[1].kill()
    finished(trials, first)
    assert trials.state(first).state == "failed"
    assert "ended before it was done" in trials.state(first).trouble


def test_sums_are_shown_as_they_came_out(pages: TestClient) -> None:
    name = "massage-shrinks-pores"
    found = evidence.run(name)
    pages.app.state.trials._found[name] = TrialState("done", found)  # type: ignore[attr-defined]
    text = pages.get(f"/evidence/{name}").text
    assert all(f"{one.sum.change}: {one.text}" in text for one in found.sums)
    del pages.app.state.trials._found[name]  # type: ignore[attr-defined]


def test_lives_are_shown_with_why_they_are_not_to_be_trusted(pages: TestClient) -> None:
    name = "stockings-or-walking-shrink-varicose-veins"
    of_years = evidence.claim(name).life
    assert of_years is not None
    compared = tuple(evidence.ComparisonResult(one, 2.2, 5.1, "mm") for one in of_years.comparisons)
    found = evidence.Trial(name, "run", compared=compared)
    pages.app.state.trials._found[name] = TrialState("done", found)  # type: ignore[attr-defined]
    text = pages.get(f"/evidence/{name}").text
    for one in of_years.comparisons:
        assert f"{one.measure}: {one.arm} against {one.against}" in text
        assert f"<strong>not to be trusted</strong>. {one.untrusted}" in text
    del pages.app.state.trials._found[name]  # type: ignore[attr-defined]


def test_only_claims_that_can_be_run_have_a_button_and_it_needs_the_token(pages: TestClient) -> None:
    for name in evidence.claims():
        assert ("/run" in pages.get(f"/evidence/{name}").text.partition("<main")[2]) == (name in CAN_RUN)
    refused = pages.post(f"/evidence/{CAN_RUN[0]}/run", data={"token": "another"})
    assert refused.status_code == 400
    assert "an earlier start" in refused.text
    assert pages.post("/evidence/none/run", data={"token": TOKEN}).status_code == 404
