"""The command that sets people, regimens or finished runs side by side."""

from __future__ import annotations

import shlex
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from venolymph.cli.output import Stopped, open_page
from venolymph.cli.simulating import (
    COMPARISON,
    RUNS,
    Choices,
    GivenAnswers,
    Json,
    Open,
    Override,
    answers_of,
    fresh_folder,
    gated,
    opened_run,
    person_of,
    regimen_of,
    simulate_into,
    slug,
)
from venolymph.errors import SimulationError, VenolymphError

if TYPE_CHECKING:
    from venolymph.report import RunSummary


def compare(
    *,
    runs: Annotated[list[Path] | None, typer.Argument(help="Folders of runs to set side by side.")] = None,
    person: Annotated[
        list[str] | None, typer.Option("--person", "-p", help="A person, as for `run`; give several.")
    ] = None,
    regimen: Annotated[
        list[str] | None, typer.Option("--regimen", "-r", help="A regimen, as for `run`; give several.")
    ] = None,
    out: Annotated[Path | None, typer.Option(help="Folder for the page and the runs that are made.")] = None,
    overwrite: Annotated[bool, typer.Option("--overwrite", help="Replace what is in the folder.")] = False,
    members: Annotated[
        int, typer.Option(min=1, max=64, help="Legs alike but for chance that each course is simulated in.")
    ] = 4,
    spread: Annotated[
        bool, typer.Option("--spread", help="Simulate massage with other depths of what lies under a hand too.")
    ] = False,
    research_override: Override = None,
    answers: GivenAnswers = None,
    as_json: Json = False,
    and_open: Open = False,
) -> None:
    """Set people, regimens or finished runs side by side.

    Regimens that last a quarter of an hour or longer, or hold massage, are courses: each comes after the same rest, is
    followed by two hours of sitting, and is compared with the first of them.
    """
    from venolymph.cli.courses import PAGE, courses, is_course

    if runs and (person or regimen):
        raise VenolymphError(
            "give either folders of runs, or people and regimens", hint="`venolymph compare --help` shows both"
        )
    if runs:
        where = _compare_runs(runs, out, overwrite, as_json)
        _opened(where / COMPARISON, and_open)
        return
    if not person or not regimen:
        raise VenolymphError(
            "people and regimens are needed, or two folders of runs",
            hint="for example `venolymph compare -p healthy -p mild-varicose -r plethysmography`",
        )
    if len(person) * len(regimen) < 2:
        raise VenolymphError(
            "one person in one regimen is nothing to compare", hint="add another --person or another --regimen"
        )
    people, regimens = [person_of(one) for one in person], [regimen_of(one) for one in regimen]
    choices = Choices(overwrite, research_override, answers_of(answers), as_json)
    for what in regimens:  # one who is stopped stops all, before anything is simulated
        gated(people, what, choices)
    named = "-".join(slug(one.label) for one in people)[:60]
    if len(regimens) > 1 and all(is_course(one) for one in regimens):
        folder = out if out is not None else fresh_folder(RUNS, f"courses-{named}")
        courses(people, regimens, folder, members, spread, choices)
        _opened(folder / PAGE, and_open)
        return
    folder = out if out is not None else fresh_folder(RUNS, f"compare-{named}")
    _compare_people(people, regimens, folder, choices)
    _opened(folder / COMPARISON, and_open)


def _opened(page: Path, wanted: bool) -> None:
    if wanted:
        open_page(page)


def _compare_runs(runs: list[Path], out: Path | None, overwrite: bool, as_json: bool) -> Path:
    """Set finished runs side by side, and give the folder of the page."""
    from venolymph.cli.side_by_side import show

    if len(runs) < 2:
        raise VenolymphError("one run alone cannot be compared", hint="name two folders or more")
    where = out if out is not None else fresh_folder(RUNS, "compare-" + "-".join(slug(one.name) for one in runs)[:60])
    show([(str(folder), opened_run(folder), folder) for folder in runs], where, overwrite, as_json)
    return where


def _compare_people(people: list[Any], regimens: list[Any], where: Path, choices: Choices) -> None:
    """Simulate people in regimens, one regimen after another, and set the runs side by side."""
    from venolymph.cli.side_by_side import show

    made: list[tuple[str, RunSummary, Path]] = []
    try:
        for what in regimens:
            folder = where if len(regimens) == 1 else where / slug(what.regimen)
            _side_by_side(people, what, folder, choices, made)
    except Stopped as stop:
        if not made:
            raise
        complete = [str(folder) for _, _, folder in made]
        together = f", `venolymph compare {shlex.join(complete)}` sets them side by side" if len(complete) > 1 else ""
        raise Stopped(f"{stop}; complete are {', '.join(complete)}{together}") from None
    show(made, where, choices.overwrite, choices.as_json)
    if not choices.as_json:
        for _, _, folder in made:
            print(f"report: {folder / 'report.html'}")


def _side_by_side(
    people: list[Any],
    regimen: Any,
    folder: Path,
    choices: Choices,
    made: list[tuple[str, RunSummary, Path]],
) -> None:
    """Simulate people as one batch, or one by one where a regimen lasts differently for them (a gait of their own).

    What is made is added to `made` as it is done: a name, the summary of the run and the folder.
    """
    try:
        made.append((regimen.regimen, *simulate_into(people, regimen, folder, choices)))
    except SimulationError:
        if len(people) == 1:
            raise
        for who in people:
            made.append((who.label, *simulate_into([who], regimen, folder / slug(who.label), choices)))
