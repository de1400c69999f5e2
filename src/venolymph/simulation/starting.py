"""From people and a regimen, or from the state of another run, to a Run; and on from the folder of one cut short."""

from __future__ import annotations

import inspect
from collections.abc import Iterable, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any, Literal, TypedDict, Unpack

import equinox as eqx
import numpy as np

from venolymph.body import Body, Person, load_person
from venolymph.body.head_scale import HeadSides
from venolymph.body.make import Part, make_body, part_of
from venolymph.errors import RunError, SimulationError, nearest
from venolymph.measures import check_asked
from venolymph.network.parameters import stack
from venolymph.plan.gate import treats
from venolymph.processes import check_process
from venolymph.regimen import Regimen, load_regimen
from venolymph.regimen.forcing import Phase
from venolymph.screening import Answers, load_answers
from venolymph.simulation import driver
from venolymph.simulation.allowed import check_allowed
from venolymph.simulation.continuing import begin, check_unchanged, planned, with_parameters, with_worn
from venolymph.simulation.driver import Forcing, Watch
from venolymph.simulation.given_parameters import GivenParameters, change_tissue, with_given
from venolymph.simulation.opening import open_run, reopen
from venolymph.simulation.progress import Progress, told
from venolymph.simulation.results import Differentiable, Results, Status, in_reverse
from venolymph.simulation.run import Run
from venolymph.simulation.saving import create
from venolymph.simulation.tissue_model import Tissue, tissue_of
from venolymph.steps.postures import Posture

BeginFrom = Results | str | Path | tuple[Results | str | Path, int]
"""A run or its folder; with the number of a phase, from the end of that one and not of the last."""


class SimulationOptions(TypedDict, total=False):
    """What `simulate` takes by name beside people, regimen and folder: how it computes, and what allows a treatment.

    Attributes:
        differentiable: whether JAX can differentiate the run: `reverse` (or True) for `jax.grad`, `forward` for
            `jax.jvp`. Such a run has 4 steps per sample, as quiet phases otherwise have, and a tighter tolerance.
        forcing: changes the drive: called with the number of each phase and its `PhaseDrive`, members along the last
            axis, and returns the one to use; may be traced by JAX (gradients for the pressure of a muscle or a cuff).
        watch: called as the run is computed, for whoever shows it meanwhile, with a function that gives the run as far
            as it is (its last phase in part, with the state before it), and whether that phase is done.
        tissue: whether to simulate tissue fluid and lymph of each leg in full with its veins. By default they are
            if the regimen contains massage, a tracer or a garment, lasts half an hour, or `parameters` name some of
            theirs; with `begin_from`, if they are in that run. A `Tissue` (`vl.tissue_of`) is used as it is.
        research_override: recorded reason for running a treatment that would be refused.
        answers: what the person answered to the questions of screening: a path, a mapping or `Answers`. They have to
            allow a treatment today, as they would a plan, and are kept with the run; without them the person's
            document speaks alone, as of a person of the model. With `begin_from` the answers of that run hold unless
            newer ones are given, and a reason does not carry over.
    """

    differentiable: Differentiable
    forcing: Forcing | None
    watch: Watch | None
    tissue: bool | Tissue | None
    research_override: str | None
    answers: Any


TISSUE_BY_DEFAULT_FROM = 1800.0
"""Runs at least this long include tissue and lymph by default, s."""


def simulate(
    person: Any = None,
    regimen: Any = None,
    *,
    parameters: GivenParameters | None = None,
    begin_from: BeginFrom | None = None,
    out: str | Path | None = None,
    progress: Progress | bool | None = None,
    legs: Literal["one", "both"] | None = None,
    **options: Unpack[SimulationOptions],
) -> Run:
    """Take one or more people through a regimen, from rest or from the state of another run.

    Args:
        person: a packaged name, a path, a document (mapping or `Person`) or a `Body`; or a list of these, which are
            then computed side by side as members of one batch. With `begin_from` it may be left out.
        regimen: a packaged name, a path, or a document. With `begin_from` it may be left out: the same once more.
        parameters: numbers in place of those that the people's documents give, of veins, tissue and lymph: changes by
            name (`{("calf, muscle", "filtration"): 0.004}`, one number, or one for each member), or the tree of
            `vl.parameters`, members along the last axis; may be traced by JAX.
        begin_from: a run or its folder, from whose last state the same people go on with their numbers of there, or
            with `parameters` in their place; `(run, 2)`: from the state at the end of phase 2. All volumes are kept
            (blood, tissue fluid, lymph), and solutes, creep of walls, tone, valves, posture, garments; pressures follow
            from volumes. The clock goes on.
        out: folder to write the run to, phase by phase.
        progress: called with the simulated seconds done, the simulated seconds in all, and the phase; True shows this
            on standard error, with the time left.
        legs: `one` (the index leg in full, the other lumped) or `both`, which share pelvis and thoracic duct. Where not
            given, those of the run that is begun from, else `one`.
        options: `differentiable`, `forcing`, `watch`, `tissue`, `research_override` and `answers`, as
            `SimulationOptions` says.

    Returns:
        the Run. A member that fails is data (`run.status`), not an exception.

    Raises:
        DocumentError: where a document cannot be used, no parameter has a name that is given, or its value cannot be.
        SimulationError: where somebody may not be treated and no reason is given; where people, parameters and the run
            to begin from do not fit together; where a run with a forcing of its own is to be written to a folder (which
            could not go on with it); where tissue and lymph are to be differentiated in reverse; in a process that was
            forked after JAX had begun (`venolymph.processes`).
        RunError: where the folder cannot be written; where there is no such run or phase to begin from, or its
            documents were changed since it began.
        MeasureError: where the regimen asks for a measure that there is none of, or one of a leg that is not in full.
        TypeError: where there is no such argument.
    """
    check_process()
    _check_names(options)
    reason, forcing, tissue = options.get("research_override"), options.get("forcing"), options.get("tissue")
    answers = None if (given := options.get("answers")) is None else load_answers(given)
    watch = options.get("watch")
    if begin_from is None:
        run = _from_documents(person, regimen, legs or "one", reason, answers)
    else:
        run = begun_from(begin_from, (person, regimen, legs), reason, answers)
    run = replace(run, differentiable=options.get("differentiable") or run.differentiable)
    phases_by_member = planned(run)
    if forcing is not None and out is not None:
        raise SimulationError(
            "a run with a forcing of its own cannot be written as it goes", hint="leave out `out`, and save the numbers"
        )
    if begin_from is None:
        tissue_model = _tissue(tissue, run, phases_by_member[0], parameters)
    else:
        tissue_model = _tissue_there(tissue, run, parameters)
    driver.check_fit(run.regimen, phases_by_member, tissue_model)
    if parameters is None:
        run = replace(run, tissue=tissue_model)
    else:
        run = with_parameters(run, *with_given(parameters, run.bodies, run.parameters, tissue_model))
    with told(progress, f"{', '.join(str(body.person.label) for body in run.bodies)}: {run.regimen.regimen}") as tell:
        if out is None:
            return driver.run_phases(run, phases_by_member, None, tell, forcing, watch)
        with create(run, out, len(phases_by_member[0])) as folder:
            return driver.run_phases(run, phases_by_member, folder, tell, watch=watch)


def _check_names(options: Iterable[str]) -> None:
    """Refuse an argument that `simulate` does not have."""
    for name in options:
        if name not in SimulationOptions.__annotations__:
            arguments = [one for one in inspect.signature(simulate).parameters if one != "options"]
            allowed = [*arguments, *SimulationOptions.__annotations__]
            near = nearest(name, allowed)
            meant = f"did you mean {near!r}? " if near else ""
            raise TypeError(f"simulate() has no argument {name!r}; {meant}allowed are {', '.join(allowed)}")


def _from_documents(person: Any, regimen: Any, legs: Literal["one", "both"], *permission: Any) -> Run:
    """A run that is about to begin from rest, once the gate has let everybody through."""
    people = list(person) if isinstance(person, list | tuple) else [] if person is None else [person]
    if not people:
        raise SimulationError("nobody to simulate", hint="give at least one person, or a run: begin_from=...")
    if regimen is None:
        raise SimulationError("there is no regimen", hint="give one, such as 'posture-and-walk'")
    document = load_regimen(regimen)
    reason, answers = permission
    who = [entry if isinstance(entry, Body) else _person_for(entry, document) for entry in people]
    check_allowed([one.person if isinstance(one, Body) else one for one in who], document, reason, answers)
    part: Part = "face" if document.body == "face" else "leg"
    sides = _halves([one for one in who if isinstance(one, Person)], document)
    bodies = [one if isinstance(one, Body) else make_body(one, part, legs=legs, sides=sides) for one in who]
    if any(part_of(body) != part for body in bodies):
        raise SimulationError(
            f"the regimen is done on the {part}, and a body of {bodies[0].person.label} is another part",
            hint="give the person, or make the body of that part",
        )
    if any(body.topology != bodies[0].topology for body in bodies):
        raise SimulationError(
            "these people do not share one network",
            hint="build them all with one leg, all with both legs in full, or all as faces",
        )
    check_asked(document.measures, bodies[0].legs, [body.index_side for body in bodies])
    veins: Any = stack([body.parameters for body in bodies])
    return Run(bodies, document, veins, [], [Status("ok", 0.0)] * len(bodies), reason, answers=answers)


def _halves(people: Sequence[Person], regimen: Regimen) -> HeadSides:
    """The halves of a face that a regimen needs: both where hands work, one side is lain on, or anybody's differ."""
    postures = (step for step, _ in regimen.walk_through() if isinstance(step, Posture))
    turned = any(posture.lies in ("left", "right") for posture in postures)
    unlike = any(person.face is not None and not person.face.symmetric for person in people)
    return "both" if turned or unlike or regimen.massages else "one"


def begun_from(
    begin_from: BeginFrom,
    asked: tuple[Any, Any, Literal["one", "both"] | None],
    reason: str | None,
    answers: Answers | None,
) -> Run:
    """A run that is about to begin from the state of another, once the gate has let everybody through.

    Args:
        begin_from: as to `simulate`.
        asked: `person`, `regimen` and `legs`, as to `simulate`.
        reason: `research_override`, as to `simulate`.
        answers: newer than those of the run, if there are any.

    Raises:
        RunError: where there is no such run or phase, or its documents were changed since it began.
        MeasureError: where the regimen asks for a measure that there is none of.
        SimulationError: where somebody may not be treated, or people and run do not fit together.
    """
    person, regimen, legs = asked
    run, after, folder = _to_begin_from(begin_from)
    document = run.regimen if regimen is None else load_regimen(regimen)
    check_asked(document.measures, run.body.legs, [body.index_side for body in run.bodies])
    check_unchanged(run, "nothing begins")
    _check_same_people(person, legs, run)
    if answers is None:
        answers = run.answers
    elif run.answers is not None and answers.date < run.answers.date:
        raise SimulationError(
            f"these answers are of {answers.date}, and the run that is begun from has some of {run.answers.date}",
            hint="give the newest answers, or leave them out for those of the run",
        )
    begun = begin(run, document, after, folder)
    check_allowed([body.person for body in run.bodies], with_worn(document, begun.start), reason, answers)
    return replace(begun, override=reason, answers=answers)


def _to_begin_from(begin_from: BeginFrom) -> tuple[Run, int | None, str | None]:
    """The run to begin from, the number of the phase if one is named, and its folder if it was in one."""
    source, after = begin_from if isinstance(begin_from, tuple) and len(begin_from) == 2 else (begin_from, None)
    if isinstance(source, str | Path):
        source, folder = open_run(source), str(source)
    else:
        folder = None
    if not isinstance(source, Run):
        raise SimulationError(
            f"found {_short(source)} to begin from; allowed are a run, its folder, or either with a phase's number",
            hint="such as begin_from=run, or begin_from=(run, 2) for the end of phase 2",
        )
    if after is not None and type(after) is not int:
        labels = ", ".join(f"{number} ({phase.label})" for number, phase in enumerate(source.phases))
        raise SimulationError(f"found {_short(after)} as the number of a phase", hint=f"the run has {labels}")
    return source, after, folder


def _check_same_people(person: Any, legs: str | None, run: Run) -> None:
    """Refuse people, or legs, that are not those of the run that is begun from."""
    if legs is not None and legs != run.body.legs:
        has, wanted = ("both legs", "legs='one'") if run.body.legs == "both" else ("one leg", "legs='both'")
        command = " (`--both-legs`)" if legs == "both" else ""
        raise SimulationError(
            f"the run that is begun from has {has} in full, and {legs!r} is asked for",
            hint=f"leave `legs` out, or simulate that run with {wanted}{command}",
        )
    if person is None:
        return
    given = list(person) if isinstance(person, list | tuple) else [person]
    same = len(given) == len(run.bodies) and all(
        _is_body(one, body, run) for one, body in zip(given, run.bodies, strict=True)
    )
    if not same:
        raise SimulationError(
            f"the people are not those of the run that is begun from: {', '.join(run.members)}",
            hint="leave them out; `parameters=` changes their numbers",
        )


def _is_body(given: Any, body: Body, run: Run) -> bool:
    """Whether what is given as a person is the one with that body in a run."""
    if isinstance(given, Body):
        same: Any = given.person == body.person and eqx.tree_equal(given.parameters, body.parameters)
        return given is body or bool(same)
    return _person_for(given, run.regimen) == body.person


def _short(value: Any) -> str:
    text = " ".join(repr(value).split())
    return text if len(text) <= 60 else f"{text[:57]}..."


def _tissue(
    tissue: bool | Tissue | None, run: Run, planned: Sequence[Phase], parameters: GivenParameters | None
) -> Tissue | None:
    """Tissue and lymph of the legs in full, where they are asked for or needed."""
    named = change_tissue(parameters, run.bodies)
    if tissue is None:
        worn = any(np.any(phase.drive.elastance) for phase in planned)
        long = sum(phase.duration for phase in planned) >= TISSUE_BY_DEFAULT_FROM
        tissue = (bool(run.regimen.massages) or worn or long or run.regimen.injects) and not run.differentiable
        tissue = tissue or named
    _check_tissue(run, bool(tissue), named)
    return tissue if isinstance(tissue, Tissue) else tissue_of(run.bodies) if tissue else None


def _tissue_there(tissue: bool | Tissue | None, run: Run, parameters: GivenParameters | None) -> Tissue | None:
    """Tissue and lymph of the run that is begun from: neither added, nor left out, nor replaced."""
    there = run.tissue is not None
    if isinstance(tissue, Tissue) and tissue is not run.tissue:
        raise SimulationError(
            "tissue and lymph are those of the run that is begun from",
            hint="leave `tissue` out; `parameters=` changes their numbers",
        )
    if (tissue is False and there) or (tissue is True and not there):
        raise SimulationError(
            f"the run that is begun from has {'' if there else 'no '}tissue and lymph",
            hint="leave `tissue` out" if there else "simulate that run with tissue=True",
        )
    _check_tissue(run, there, change_tissue(parameters, run.bodies))
    return run.tissue


def _check_tissue(run: Run, simulated: bool, named: bool) -> None:
    """Refuse tissue and lymph in a run differentiated in reverse, and parameters of theirs where they are left out.

    Args:
        run: about to begin.
        simulated: whether its tissue and lymph are.
        named: whether parameters of theirs are given.
    """
    from_rest = run.start is None
    if simulated and in_reverse(run.differentiable):
        without = ", or tissue=False" if from_rest and not named else ""
        raise SimulationError(
            "tissue and lymph are differentiated forward only", hint=f"use differentiable='forward'{without}"
        )
    if named and not simulated:
        raise SimulationError(
            "parameters of tissue and lymph are given, and these are not simulated",
            hint="leave out tissue=False" if from_rest else "simulate the run that is begun from with tissue=True",
        )


def _person_for(entry: Any, regimen: Regimen) -> Person:
    """A person's document with the leg that the regimen names as the index leg."""
    person = load_person(entry)
    return person if regimen.side is None else person.with_index_side(regimen.side)


def resume(directory: str | Path, progress: Progress | bool | None = None, *, watch: Watch | None = None) -> Run:
    """Go on with a run that was cut short, to the same result as if it had not been.

    Args:
        directory: the run's folder.
        progress: as for `simulate`.
        watch: as for `simulate`.

    Raises:
        RunError: where the folder is no run, is complete, is damaged, holds documents that were changed since the run
            began, or holds a treatment and is of a version that did not keep what its documents were.
        SimulationError: where somebody may not be treated, by the documents in the folder.
    """
    folder, run = reopen(directory)
    with folder:
        asked = with_worn(run.regimen, run.start)
        if not folder.vouched and treats(asked):
            raise RunError(
                "this treatment was begun by an earlier version, which did not keep what its documents were",
                place=str(directory),
                hint="run it anew into a new folder",
            )
        check_allowed([body.person for body in run.bodies], asked, run.override, run.answers)
        phases_by_member = planned(run)
        with told(progress, str(directory)) as tell:
            return driver.run_phases(run, phases_by_member, folder, tell, watch=watch)
