"""The command that simulates a person through a regimen into a folder, or goes on with a run."""

from __future__ import annotations

import re
import shlex
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from venolymph import numbers
from venolymph.cli import screening
from venolymph.cli.beginning import EarlierRun, check_begin, check_kept, earlier_run
from venolymph.cli.output import keeping, open_page, progress, say, show_json, show_table, show_text
from venolymph.errors import DocumentError, RunError, VenolymphError
from venolymph.numbers import span

if TYPE_CHECKING:
    from venolymph.report import RunSummary
    from venolymph.report.measured import Beside
    from venolymph.screening import Answers
    from venolymph.traces import Traces

COMPARISON = "comparison.html"
"""Page of runs side by side, in its folder."""
RUNS = Path("venolymph-runs")
"""Folder that runs go to where no other is named."""

Json = Annotated[bool, typer.Option("--json", help="Print JSON instead of a table.")]
Open = Annotated[bool, typer.Option("--open", help="Open the page that was made in a browser.")]
Override = Annotated[
    str | None,
    typer.Option(help="Reason for simulating a treatment that would be refused; it is kept and printed."),
]
GivenAnswers = Annotated[
    Path | None,
    typer.Option(help="The person's answers to `venolymph screen`, which have to allow a treatment today; kept too."),
]


@dataclass(frozen=True)
class Choices:
    """What a command that simulates was told beside people, regimens and folder.

    Attributes:
        overwrite: whether what is in the folder is replaced.
        override: recorded reason for simulating what would be refused.
        answers: what the one person answered to the questions of screening.
        as_json: whether to print JSON.
        source: run to begin from, if there is one.
        both_legs: whether both legs are in full.
    """

    overwrite: bool = False
    override: str | None = None
    answers: Answers | None = None
    as_json: bool = False
    source: EarlierRun | None = None
    both_legs: bool = False


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
    begin_from: Annotated[
        str | None,
        typer.Option(
            help="Begin from the state at the end of this run, or of a phase of it (day-1:2), with its people; "
            "a single name is then a regimen's, and without one the same is done once more."
        ),
    ] = None,
    overwrite: Annotated[bool, typer.Option("--overwrite", help="Replace a run that is in the folder.")] = False,
    research_override: Override = None,
    answers: GivenAnswers = None,
    both_legs: Annotated[
        bool, typer.Option("--both-legs", help="Simulate both legs in full, not the index leg alone.")
    ] = False,
    csv: Annotated[
        Path | None, typer.Option(help="Write readings over time to this new file, one row for each sample.")
    ] = None,
    beside: Annotated[
        Path | None, typer.Option(help="Table (CSV) of what was measured, drawn beside the result in the report.")
    ] = None,
    as_json: Json = False,
    and_open: Open = False,
) -> None:
    """Simulate a person through a regimen, and print what was read beside what has been published."""
    traces = _traces(beside)
    _free(csv, overwrite)
    if resume is not None:
        given = (person, regimen, out, begin_from, research_override, answers)
        _check_alone(resume, overwrite or both_legs or any(one is not None for one in given))
        _resume(resume, traces, csv, as_json)
        _open(resume, and_open)
        return
    source = None if begin_from is None else earlier_run(begin_from)
    if source is not None:
        people, what = _who_and_what(source, *((person, regimen) if regimen else (None, person)))
    elif person is None or regimen is None:
        raise VenolymphError(
            "a person and a regimen are needed" if person is None else "a regimen is needed",
            hint="for example `venolymph run healthy posture-and-walk`; `venolymph people` and "
            "`venolymph regimens` list what is packaged",
        )
    else:
        people, what = [person_of(person)], regimen_of(regimen)
    name = f"{slug(people[0].label)}-{slug(what.regimen)}"
    folder = out if out is not None else fresh_folder(RUNS, name)
    choices = Choices(overwrite, research_override, answers_of(answers), as_json, source, both_legs)
    run_summary, folder = simulate_into(people, what, folder, choices, traces, csv)
    _show(run_summary, folder, as_json)
    _open(folder, and_open)


def _check_alone(folder: Path, others: bool) -> None:
    """Refuse what a run that goes on has in its folder already."""
    if others:
        raise VenolymphError(
            "--resume takes everything from the folder, so only --csv, --beside, --json and --open go with it",
            hint=f"venolymph run --resume {folder}",
        )


def _open(folder: Path, wanted: bool) -> None:
    if wanted:
        open_page(folder / "report.html")


def _who_and_what(source: EarlierRun, person: str | None, regimen: str | None) -> tuple[list[Any], Any]:
    """People and regimen of a run that begins from another: those that are named, else those of the other."""
    people = source.people if person is None else [person_of(person)]
    if regimen is None:
        return people, source.regimen
    try:
        return people, regimen_of(regimen)
    except DocumentError as error:
        if person is not None:
            raise
        single = "with --begin-from a single name is a regimen's: the people are those of the run"
        raise DocumentError(
            error.message, hint=f"{error.hint}; {single}" if error.hint else single, place=error.place
        ) from None


def gated(people: list[Any], regimen: Any, choices: Choices) -> None:
    """Pass the gate for everybody; raises where somebody may not be treated."""
    from venolymph.plan.gate import gate

    for who in people:
        gate(who, regimen, choices.override, answers=choices.answers)


def simulate_into(
    people: list[Any],
    regimen: Any,
    folder: Path,
    choices: Choices,
    traces: Traces | None = None,
    csv: Path | None = None,
) -> tuple[RunSummary, Path]:
    """Simulate into a folder and write its report, and where asked for a table of readings over time."""
    from venolymph.measures import check_asked
    from venolymph.simulation import simulate
    from venolymph.simulation.folder import remove_run
    from venolymph.simulation.folder_layout import check_free

    check_free(folder, choices.overwrite)
    # before a run that is there is removed
    source = choices.source
    if source is None:
        sides = [regimen.side or who.index_side for who in people]
        legs = "none" if regimen.body == "face" else "both" if choices.both_legs else "one"
        check_asked(regimen.measures, legs, sides)
        gated(people, regimen, choices)
    elif choices.overwrite:
        check_kept(source, folder)
        check_begin(source, people, regimen, choices.override, choices.answers)
    for who in people:
        for notice in who.notices:
            say(f"note: {who.label}: {notice}")
    if choices.overwrite:
        remove_run(folder)
    with keeping(folder):
        with progress(f"{', '.join(who.label for who in people)}: {regimen.regimen}") as shown:
            made = simulate(
                people if len(people) > 1 else people[0],
                regimen,
                begin_from=None if source is None else source.begin_from,
                out=folder,
                progress=shown,
                research_override=choices.override,
                answers=choices.answers,
                legs="both" if choices.both_legs else None,
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
    for told in filter(None, (run_summary.begun_from, run_summary.legs)):
        show_text(f"{told}\n")
    if run_summary.override is not None:
        show_text(f"would be refused; simulated for this reason: {run_summary.override}\n")
    _show_readings(run_summary, members)
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


def _show_readings(run_summary: RunSummary, members: Sequence[str]) -> None:
    """What was read beside what has been published, to standard output."""
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


def _show_beside(one: Beside, members: Sequence[str]) -> None:
    """How far what was measured is from what was simulated, to standard output."""
    for label, mean, spread in zip(members, one.apart, one.spread, strict=True):
        who = f", {label}" if len(members) > 1 else ""
        show_text(
            f"{one.against}{who}: simulated less measured {numbers.number(mean)} {one.unit} on average, "
            f"{numbers.number(spread)} {one.unit} root mean square\n"
        )


def opened_run(folder: Path) -> RunSummary:
    """The summary of a run in a folder, with a word where it is not complete or was changed."""
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


def person_of(given: str) -> Any:
    """The person that an option names."""
    from venolymph.body.person import load_person

    return load_person(given)


def regimen_of(given: str) -> Any:
    """The regimen that an option names."""
    from venolymph.regimen.loading import load_regimen

    return load_regimen(given)


def answers_of(path: Path | None) -> Answers | None:
    """The answers in a file, where one is named."""
    return None if path is None else screening.read_answers(path)


def slug(text: str) -> str:
    """Text as a folder's name."""
    return re.sub(r"[^a-z0-9]+", "-", text.lower()).strip("-") or "run"


def fresh_folder(parent: Path, name: str) -> Path:
    """A folder that does not exist yet: `name`, or `name-2` and so on."""
    for number in range(1, 10_000):
        folder = parent / (name if number == 1 else f"{name}-{number}")
        if not folder.exists():
            return folder
    raise RunError("there are too many runs of that name", place=str(parent / name), hint="name a folder with --out")
