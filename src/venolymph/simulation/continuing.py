"""Going on from the end of a phase of a run with another regimen."""

from __future__ import annotations

from dataclasses import replace
from typing import Any, TypeVar

from venolymph.errors import RunError
from venolymph.plan.gate import treats
from venolymph.processes import check_process
from venolymph.regimen import load_regimen
from venolymph.regimen.forcing import phases
from venolymph.simulation import driver
from venolymph.simulation.allowed import check_allowed
from venolymph.simulation.results import Results, Status

R = TypeVar("R", bound=Results)


def continue_run(run: R, regimen: Any, after: int | None = None) -> R:
    """Go on with another regimen from the end of a phase of a run.

    Raises:
        RunError: where there is no such phase, or a treatment is to follow in a folder whose documents were changed.
        SimulationError: where somebody may not be treated, or in a process that was forked after JAX had begun.
    """
    check_process()
    document = load_regimen(regimen)
    if run.changed and treats(document):
        raise RunError(
            f"no treatment goes on from a run whose documents were changed since it began: {', '.join(run.changed)}",
            hint="run the documents as they are now into a new folder",
        )
    check_allowed([body.person for body in run.bodies], document, run.override, run.answers)
    number = len(run.records) - 1 if after is None else after
    if not -len(run.records) <= number < len(run.records):
        raise RunError(f"there is no phase {after}", hint=f"the run has phases 0 to {len(run.records) - 1}")
    before = run.records[number]
    phases_by_member = [
        phases(document, body, previous=driver.of_member(before.drive, member))
        for member, body in enumerate(run.bodies)
    ]
    driver.check_fit(run.bodies, document, phases_by_member, run.tissue)
    begun = replace(
        run, regimen=document, records=[], status=[Status("ok", 0.0)] * len(run.bodies), complete=True, branches={},
        changed=(),
    )  # fmt: skip
    return driver.run_phases(begun, phases_by_member, before=before)
