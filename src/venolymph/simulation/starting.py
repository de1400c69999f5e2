"""From a person and a regimen to a Run: body, forcing, phases, and an optional folder; and on from such a folder."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any, Literal

import numpy as np

from venolymph.body import Body, Person, leg_body, load_person
from venolymph.errors import RunError, SimulationError
from venolymph.plan.gate import treats
from venolymph.processes import check_process
from venolymph.regimen import Regimen, load_regimen
from venolymph.regimen.forcing import Phase, phases
from venolymph.screening import load_answers
from venolymph.simulation import driver
from venolymph.simulation.allowed import check_allowed
from venolymph.simulation.driver import Forcing
from venolymph.simulation.exchange import Tissue, tissue_of
from venolymph.simulation.given_parameters import GivenParameters, change_tissue, with_given
from venolymph.simulation.opening import reopen
from venolymph.simulation.progress import Progress, told
from venolymph.simulation.results import Differentiable, Status, in_reverse
from venolymph.simulation.run import Run
from venolymph.simulation.saving import create

TISSUE_BY_DEFAULT_FROM = 1800.0
"""Runs at least this long include tissue and lymph by default, s."""


def simulate(
    person: Any,
    regimen: Any,
    *,
    parameters: GivenParameters | None = None,
    out: str | Path | None = None,
    progress: Progress | bool | None = None,
    legs: Literal["one", "both"] = "one",
    research_override: str | None = None,
    answers: Any = None,
    differentiable: Differentiable = False,
    forcing: Forcing | None = None,
    tissue: bool | Tissue | None = None,
) -> Run:
    """Take one or more people through a regimen.

    Args:
        person: a packaged name, a path, a document (mapping or `Person`) or a `Body`; or a list of these, which are
            then computed side by side as members of one batch.
        regimen: a packaged name, a path, or a document.
        parameters: numbers in place of those that the people's documents give, of veins, tissue and lymph: changes by
            name (`{("calf, muscle", "filtration"): 0.004}`, one number, or one for each member), or the tree of
            `vl.parameters`, members along the last axis; may be traced by JAX.
        out: folder to write the run to, phase by phase.
        progress: called with the simulated seconds done, the simulated seconds in all, and the phase; True shows this
            on standard error, with the time left.
        legs: `one` (the index leg in full, the other lumped) or `both`.
        research_override: recorded reason for running what would be refused.
        answers: what the person answered to the questions of screening: a path, a mapping or `Answers`. They have to
            allow the treatment today, as they would a plan, and are kept with the run; without them the person's
            document speaks alone, as of a person of the model.
        differentiable: whether JAX can differentiate the run: `reverse` (or True) for `jax.grad`, `forward` for
            `jax.jvp`. Such a run has 4 steps per sample, as quiet phases otherwise have, and a tighter tolerance.
        forcing: changes the drive: called with the number of each phase and its `Drive`, members along the last axis,
            and returns the `Drive` to use; may be traced by JAX (gradients for the pressure of a muscle or a cuff).
        tissue: whether to simulate tissue fluid and lymph of the index leg with its veins. By default they are
            if the regimen contains massage, a tracer or a garment, lasts half an hour, or `parameters` name some of
            theirs.
            A `Tissue` (`vl.tissue_of`) is used as it is.

    Returns:
        the Run. A member that fails is data (`run.status`), not an exception.

    Raises:
        DocumentError: where a document cannot be used, no parameter has a name that is given, or its value cannot be.
        SimulationError: where somebody may not be treated and no reason is given; where people and parameters do not
            fit together; where a run with a forcing of its own is to be written to a folder (which could not go on
            with it); where tissue and lymph are to be differentiated in reverse; in a process that was forked after
            JAX had begun (`venolymph.processes`).
        RunError: where the folder cannot be written.
    """
    check_process()
    people = list(person) if isinstance(person, list | tuple) else [person]
    if not people:
        raise SimulationError("nobody to simulate", hint="give at least one person")
    document = load_regimen(regimen)
    given = None if answers is None else load_answers(answers)
    who = [entry if isinstance(entry, Body) else _person_for(entry, document) for entry in people]
    check_allowed([one.person if isinstance(one, Body) else one for one in who], document, research_override, given)
    bodies = [one if isinstance(one, Body) else leg_body(one, legs=legs) for one in who]
    phases_by_member = [phases(document, body) for body in bodies]
    if forcing is not None and out is not None:
        raise SimulationError(
            "a run with a forcing of its own cannot be written as it goes", hint="leave out `out`, and save the numbers"
        )
    tissue_model = _tissue(tissue, bodies, document, phases_by_member[0], parameters, differentiable)
    driver.check_fit(bodies, document, phases_by_member, tissue_model)
    veins, tissue_model = with_given(parameters, bodies, tissue_model)
    run = Run(
        bodies, document, veins, [], [Status("ok", 0.0)] * len(bodies), research_override,
        tissue=tissue_model, differentiable=differentiable, answers=given,
    )  # fmt: skip
    with told(progress, f"{', '.join(str(body.person.label) for body in bodies)}: {document.regimen}") as tell:
        if out is None:
            return driver.run_phases(run, phases_by_member, None, tell, None, forcing)
        with create(run, out, len(phases_by_member[0])) as folder:
            return driver.run_phases(run, phases_by_member, folder, tell)


def _tissue(
    tissue: bool | Tissue | None,
    bodies: Sequence[Body],
    regimen: Regimen,
    planned: Sequence[Phase],
    parameters: GivenParameters | None,
    differentiable: Differentiable,
) -> Tissue | None:
    """Tissue and lymph of the index legs, where they are asked for or needed."""
    named = change_tissue(parameters, bodies)
    if tissue is None:
        worn = any(np.any(phase.drive.elastance) for phase in planned)
        long = sum(phase.duration for phase in planned) >= TISSUE_BY_DEFAULT_FROM
        tissue = (bool(regimen.massages) or worn or long or regimen.injects) and not differentiable
        tissue = tissue or named
    if tissue and in_reverse(differentiable):
        without = "" if named else ", or tissue=False"
        raise SimulationError(
            "tissue and lymph are differentiated forward only", hint=f"use differentiable='forward'{without}"
        )
    if named and not tissue:
        raise SimulationError(
            "parameters of tissue and lymph are given, and these are not simulated", hint="leave out tissue=False"
        )
    return tissue if isinstance(tissue, Tissue) else tissue_of(bodies) if tissue else None


def _person_for(entry: Any, regimen: Regimen) -> Person:
    """A person's document with the leg that the regimen names as the index leg."""
    person = load_person(entry)
    return person if regimen.side is None else person.with_index_side(regimen.side)


def resume(directory: str | Path, progress: Progress | bool | None = None) -> Run:
    """Go on with a run that was cut short, to the same result as if it had not been.

    Args:
        directory: the run's folder.
        progress: as for `simulate`.

    Raises:
        RunError: where the folder is no run, is complete, is damaged, holds documents that were changed since the run
            began, or holds a treatment and is of a version that did not keep what its documents were.
        SimulationError: where somebody may not be treated, by the documents in the folder.
    """
    folder, run = reopen(directory)
    with folder:
        if not folder.vouched and treats(run.regimen):
            raise RunError(
                "this treatment was begun by an earlier version, which did not keep what its documents were",
                place=str(directory),
                hint="run it anew into a new folder",
            )
        check_allowed([body.person for body in run.bodies], run.regimen, run.override, run.answers)
        phases_by_member = [phases(run.regimen, body) for body in run.bodies]
        with told(progress, str(directory)) as tell:
            return driver.run_phases(run, phases_by_member, folder, tell)
