"""The commands themselves: each reads its input, calls one part of the package, and shows what came back."""

from __future__ import annotations

import os
import re
import shlex
import sys
from collections.abc import Sequence
from contextlib import suppress
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from venolymph import numbers
from venolymph.cli import evidence, following, interop, listing, planning, screening
from venolymph.cli.help import App
from venolymph.cli.output import (
    STOPPED,
    Commands,
    Several,
    Stopped,
    keeping,
    progress,
    say,
    show_json,
    show_table,
    show_text,
)
from venolymph.errors import DocumentError, RunError, SimulationError, VenolymphError
from venolymph.numbers import span

if TYPE_CHECKING:
    from venolymph.report import RunSummary
    from venolymph.report.measured import Beside
    from venolymph.screening import Answers
    from venolymph.traces import Traces

RUNS = Path("venolymph-runs")
"""Folder that runs go to where no other is named."""

app = App(
    cls=Commands,
    name="venolymph",
    help="Simulate how blood and lymph drain from the leg, tell who may have a drainage massage, and plan one.",
    add_completion=False,
    pretty_exceptions_enable=False,
    rich_markup_mode=None,
    epilog="For research and education; not a medical device. No clinician has reviewed it.",
    context_settings={"help_option_names": ["-h", "--help"]},
)
app.add_typer(evidence.app, name="evidence")

Json = Annotated[bool, typer.Option("--json", help="Print JSON instead of a table.")]
Override = Annotated[
    str | None,
    typer.Option(help="Reason for simulating a treatment that would be refused; it is kept and printed."),
]
GivenAnswers = Annotated[
    Path | None,
    typer.Option(help="The person's answers to `venolymph screen`, which have to allow a treatment today; kept too."),
]


def main() -> None:
    """Entry point of the command `venolymph`."""
    try:
        app()
    except SystemExit as end:
        if end.code == STOPPED:  # in the middle of compiling; Python's way out, which takes JAX down in order, crashes
            with suppress(OSError, ValueError):
                sys.stdout.flush()
            os._exit(STOPPED)
        raise


@app.callback(invoke_without_command=True)
def _venolymph(
    context: typer.Context,
    version: Annotated[bool, typer.Option("--version", help="Print the version.")] = False,
) -> None:
    if version:
        from venolymph.version import version as installed

        print(installed())
        raise typer.Exit
    if context.invoked_subcommand is None:
        print(context.get_help())


# ------------------------------------------------------------------------------------------------ simulating


@app.command()
def run(
    *,
    person: Annotated[
        str | None, typer.Argument(help="A name that `venolymph people` lists, or a document's path.")
    ] = None,
    regimen: Annotated[
        str | None, typer.Argument(help="A name that `venolymph regimens` lists, or a document's path.")
    ] = None,
    out: Annotated[Path | None, typer.Option(help="Folder for the results; must not exist or be empty.")] = None,
    resume: Annotated[Path | None, typer.Option(help="Go on with the incomplete run in this folder.")] = None,
    overwrite: Annotated[bool, typer.Option("--overwrite", help="Replace a run that is in the folder.")] = False,
    research_override: Override = None,
    answers: GivenAnswers = None,
    csv: Annotated[
        Path | None, typer.Option(help="Write readings over time to this new file, one row for each sample.")
    ] = None,
    beside: Annotated[
        Path | None, typer.Option(help="Table (CSV) of what was measured, drawn beside the result in the report.")
    ] = None,
    as_json: Json = False,
) -> None:
    """Simulate a person through a regimen, and print what was read beside what has been published."""
    traces = _traces(beside)
    _free(csv, overwrite)
    if resume is not None:
        given = (person, regimen, out, research_override, answers)
        if overwrite or any(one is not None for one in given):
            raise VenolymphError(
                "--resume takes everything from the folder, so only --csv, --beside and --json go with it",
                hint=f"venolymph run --resume {resume}",
            )
        _resume(resume, traces, csv, as_json)
        return
    if person is None or regimen is None:
        raise VenolymphError(
            "a person and a regimen are needed" if person is None else "a regimen is needed",
            hint="for example `venolymph run healthy posture-and-walk`; `venolymph people` and "
            "`venolymph regimens` list what is packaged",
        )
    who, what = _person(person), _regimen(regimen)
    folder = out if out is not None else _fresh(RUNS, f"{_slug(who.label)}-{_slug(what.regimen)}")
    run_summary, folder = _made([who], what, folder, overwrite, research_override, _answers(answers), traces, csv)
    _show(run_summary, folder, as_json)


@app.command(cls=Several)
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
) -> None:
    """Set people, regimens or finished runs side by side.

    Regimens that last a quarter of an hour or longer, or hold massage, are courses: each comes after the same rest, is
    followed by two hours of sitting, and is compared with the first of them.
    """
    from venolymph.cli import comparing

    if runs and (person or regimen):
        raise VenolymphError(
            "give either folders of runs, or people and regimens", hint="`venolymph compare --help` shows both"
        )
    if runs:
        if len(runs) < 2:
            raise VenolymphError("one run alone cannot be compared", hint="name two folders or more")
        where = out if out is not None else _fresh(RUNS, "compare-" + "-".join(_slug(one.name) for one in runs)[:60])
        comparing.show([(str(folder), _opened(folder)) for folder in runs], where, overwrite, as_json)
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
    people, regimens = [_person(one) for one in person], [_regimen(one) for one in regimen]
    told = _answers(answers)
    for what in regimens:  # one who is stopped stops all, before anything is simulated
        _gated(people, what, research_override, told)
    if len(regimens) > 1 and all(comparing.is_course(one) for one in regimens):
        folder = (
            out if out is not None else _fresh(RUNS, "courses-" + "-".join(_slug(one.label) for one in people)[:60])
        )
        comparing.courses(people, regimens, folder, overwrite, members, spread, research_override, told, as_json)
        return
    where = out if out is not None else _fresh(RUNS, "compare-" + "-".join(_slug(one.label) for one in people)[:60])
    made: list[tuple[str, RunSummary, Path]] = []
    try:
        for what in regimens:
            folder = where if len(regimens) == 1 else where / _slug(what.regimen)
            _side_by_side(people, what, folder, overwrite, research_override, told, made)
    except Stopped as stop:
        if not made:
            raise
        complete = [str(folder) for _, _, folder in made]
        together = f", `venolymph compare {shlex.join(complete)}` sets them side by side" if len(complete) > 1 else ""
        raise Stopped(f"{stop}; complete are {', '.join(complete)}{together}") from None
    comparing.show([(name, run_summary) for name, run_summary, _ in made], where, overwrite, as_json)
    if not as_json:
        for _, _, folder in made:
            print(f"report: {folder / 'report.html'}")


def _gated(people: list[Any], regimen: Any, override: str | None, answers: Answers | None) -> None:
    from venolymph.plan.gate import gate

    for who in people:
        gate(who, regimen, override, answers=answers)


def _made(
    people: list[Any],
    regimen: Any,
    folder: Path,
    overwrite: bool,
    override: str | None,
    answers: Answers | None,
    traces: Traces | None = None,
    csv: Path | None = None,
) -> tuple[RunSummary, Path]:
    """Simulate into a folder and write its report, and where asked for a table of readings over time."""
    from venolymph.simulation import simulate
    from venolymph.simulation.folder import remove_run
    from venolymph.simulation.folder_layout import check_free

    check_free(folder, overwrite)
    _gated(people, regimen, override, answers)  # before a run that is there is removed
    for who in people:
        for notice in who.notices:
            say(f"note: {who.label}: {notice}")
    if overwrite:
        remove_run(folder)
    with keeping(folder):
        with progress(f"{', '.join(who.label for who in people)}: {regimen.regimen}") as shown:
            made = simulate(
                people if len(people) > 1 else people[0],
                regimen,
                out=folder,
                progress=shown,
                research_override=override,
                answers=answers,
            )
        return _written(made, folder, traces, csv), folder


BESIDE = "beside.csv"
"""Table of what was measured beside a run, in its folder."""


def _written(made: Any, folder: Path, traces: Traces | None, csv: Path | None) -> RunSummary:
    """Write a run's report, with what was measured beside it, and a table of its readings over time."""
    from venolymph import report
    from venolymph.simulation.files import replacing, writing

    if csv is not None:
        text = made.to_dataframe().to_csv(index=False, float_format="%.9g", lineterminator="\n")
        with writing(csv), replacing(csv) as handle:
            handle.write(text.encode("utf-8"))
    try:
        run_summary = report.summarise(made, traces)
    except DocumentError as error:
        report.write_all(made, folder)
        command = f"venolymph run --resume {shlex.quote(str(folder))} --beside FILE"
        again = f"the run itself is in {folder}; `{command}` tries again"
        raise DocumentError(
            error.message, hint=f"{error.hint}; {again}" if error.hint else again, place=error.place
        ) from None
    if traces is not None:
        with writing(folder), replacing(folder / BESIDE) as handle:
            handle.write(traces.text.encode("utf-8"))
    report.write_all(made, folder, run_summary=run_summary)
    return run_summary


def _traces(path: Path | None) -> Traces | None:
    if path is None:  # so that a mistake elsewhere does not wait for numpy
        return None
    from venolymph.traces import read_traces

    return read_traces(path)


def _free(csv: Path | None, overwrite: bool) -> None:
    """See that a table can be written, before anything is simulated for it."""
    if csv is None:
        return
    if csv.exists() and not overwrite:
        raise RunError("there is such a file already", place=str(csv), hint="name a new file, or pass --overwrite")
    if csv.is_dir() or not csv.parent.is_dir():
        raise RunError("there is no such folder to put the table in", place=str(csv.parent), hint="make it first")


def _side_by_side(
    people: list[Any],
    regimen: Any,
    folder: Path,
    overwrite: bool,
    override: str | None,
    answers: Answers | None,
    made: list[tuple[str, RunSummary, Path]],
) -> None:
    """Simulate people as one batch, or one by one where a regimen lasts differently for them (a gait of their own).

    What is made is added to `made` as it is done: a name, the summary of the run and the folder.
    """
    try:
        made.append((regimen.regimen, *_made(people, regimen, folder, overwrite, override, answers)))
    except SimulationError:
        if len(people) == 1:
            raise
        for who in people:
            made.append((who.label, *_made([who], regimen, folder / _slug(who.label), overwrite, override, answers)))


def _resume(folder: Path, traces: Traces | None, csv: Path | None, as_json: bool) -> None:
    from venolymph.simulation import open_run, resume
    from venolymph.simulation.folder_reading import open_folder

    opened = open_folder(folder)
    with keeping(folder):
        if opened.complete:
            say(f"{folder}: this run is complete already")
            made = open_run(folder)
        else:
            if not opened.changed:
                say(f"{folder}: {len(opened.phases)} phases are done, going on")
            with progress(str(folder)) as shown:
                made = resume(folder, progress=shown)
        kept = folder / BESIDE
        run_summary = _written(made, folder, traces or (_traces(kept) if kept.exists() else None), csv)
    _show(run_summary, folder, as_json)


def _show(run_summary: RunSummary, folder: Path, as_json: bool) -> None:
    """What a run showed, to standard output."""
    from venolymph import report

    if as_json:
        paths = {"folder": str(folder), "report": str(folder / "report.html")}
        show_json({**report.summary(None, run_summary=run_summary), **paths})
        return
    members = run_summary.view.members
    show_text(f"{', '.join(members)}: {run_summary.view.regimen}, {span(run_summary.duration)} simulated\n")
    if run_summary.override is not None:
        show_text(f"would be refused; simulated for this reason: {run_summary.override}\n")
    columns = ["measure", *(members if len(members) > 1 else ["read here"]), "published", "in whom, where"]
    rows = []
    for row in run_summary.rows:
        texts = [
            row.text(member) + (f" ({row.verdicts[member]})" if row.verdicts else "") for member in range(len(members))
        ]
        rows.append([row.name, *texts, row.published, "; ".join(part for part in (row.population, row.source) if part)])
    if rows:
        show_table(columns, rows, fold=("in whom, where",))
        print()
    for label, told in zip(members, run_summary.sentences, strict=True):
        if len(members) > 1:
            print(f"{label}:")
        for text in told:
            show_text(f"- {text}", "  ")
        print()
    for one in run_summary.beside:
        if one.against:
            _show_beside(one, members)
    if run_summary.changed:
        say(f"warning: {folder}: changed since the run began: {', '.join(run_summary.changed)}")
    for outcome in run_summary.member_outcomes:
        if not outcome.ok:
            say(f"warning: {outcome.label} stopped at {span(outcome.time or 0.0)}: {outcome.cause}")
    print(f"report: {folder / 'report.html'}")


def _show_beside(one: Beside, members: Sequence[str]) -> None:
    """How far what was measured is from what was simulated, to standard output."""
    for label, mean, spread in zip(members, one.apart, one.spread, strict=True):
        who = f", {label}" if len(members) > 1 else ""
        show_text(
            f"{one.against}{who}: simulated less measured {numbers.number(mean)} {one.unit} on average, "
            f"{numbers.number(spread)} {one.unit} root mean square\n"
        )


def _opened(folder: Path) -> RunSummary:
    from venolymph import report
    from venolymph.simulation import open_run
    from venolymph.simulation.folder_reading import open_folder

    opened = open_folder(folder)
    if not opened.phases:
        raise RunError("no phase of this run is done yet", place=str(folder), hint=opened.status)
    if not opened.complete:
        say(f"note: {folder}: {opened.status}")
    if opened.changed:
        say(f"warning: {folder}: changed since the run began: {', '.join(opened.changed)}")
    return report.summarise(open_run(folder))


# ------------------------------------------------------------------------------------------------ what there is


app.command()(listing.people)
app.command()(listing.regimens)
app.command()(listing.measures)
app.command()(listing.sources)


# ------------------------------------------------------------------------------------------------ looking after


@app.command()
def validate(
    only: Annotated[
        list[str] | None, typer.Option("--only", help="Only this target, by its id; may be given again.")
    ] = None,
    quick: Annotated[bool, typer.Option("--quick", help="Only the first 37 targets of veins and tissue.")] = False,
    write: Annotated[Path | None, typer.Option(help="Write the page of results to this file.")] = None,
    as_json: Json = False,
) -> None:
    """Hold the model to published figures: predicted, published, verdict."""
    from venolymph.cli import validating

    validating.run(only or [], quick, write, as_json)


@app.command()
def doctor(as_json: Json = False) -> None:
    """Say what is installed, what it runs on, and whether compiled programs are kept."""
    from venolymph.cli import doctoring

    raise typer.Exit(doctoring.run(as_json))


app.command()(screening.screen)
app.command()(planning.plan)
app.command()(planning.lint)
app.command()(following.follow)
app.command()(interop.svzerod)


# ------------------------------------------------------------------------------------------------ reading input


def _person(given: str) -> Any:
    from venolymph.body.person import load_person

    return load_person(given)


def _regimen(given: str) -> Any:
    from venolymph.regimen.schema import load_regimen

    return load_regimen(given)


def _answers(path: Path | None) -> Answers | None:
    return None if path is None else screening.read_answers(path)


def _slug(text: str) -> str:
    """Text as a folder's name."""
    return re.sub(r"[^a-z0-9]+", "-", text.lower()).strip("-") or "run"


def _fresh(parent: Path, name: str) -> Path:
    """A folder that does not exist yet: `name`, or `name-2` and so on."""
    for number in range(1, 10_000):
        folder = parent / (name if number == 1 else f"{name}-{number}")
        if not folder.exists():
            return folder
    raise RunError("there are too many runs of that name", place=str(parent / name), hint="name a folder with --out")
