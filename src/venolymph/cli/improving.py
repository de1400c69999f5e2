"""The commands about better regimens: `improvements` lists those that are packaged, `improve` looks for one."""

from __future__ import annotations

import shlex
from pathlib import Path
from typing import Annotated

import typer

from venolymph.cli.output import Stopped, open_page, progress, show_json, show_table, show_text
from venolymph.cli.simulating import RUNS, Json, Open, Override, fresh_folder, slug

JSON, DOCUMENT, READINGS, BEST = "improvement.json", "improvement.yaml", "readings.jsonl", "best.yaml"
"""Files of an improvement's folder: what it gave, what was asked, readings as they come, the best regimen."""


def improvements(as_json: Json = False) -> None:
    """List the packaged improvements: what may vary, and what is to get better."""
    from venolymph.improvement.document import load_improvement, packaged_improvements

    found = {name: load_improvement(name) for name in packaged_improvements()}
    if as_json:
        show_json([{"name": name, **one.document()} for name, one in found.items()])
        return
    columns = ["improvement", "varies", "for", "what it is"]
    rows = [
        [name, ", ".join(one.vary), f"{one.better} {one.outcome.measure}", one.improvement]
        for name, one in found.items()
    ]
    show_table(columns, rows, fold=("varies", "for", "what it is"))


def improve(
    improvement: Annotated[
        str | None, typer.Argument(help="A name that `venolymph improvements` lists, or a document's path.")
    ] = None,
    n: Annotated[int | None, typer.Option("--n", help="Try regimens in so many people.")] = None,
    confirm: Annotated[int | None, typer.Option(help="Confirm the best one in so many others.")] = None,
    evaluations: Annotated[int | None, typer.Option(help="Try so many regimens at most.")] = None,
    seed: Annotated[int | None, typer.Option(help="Another seed in place of the document's.")] = None,
    out: Annotated[Path | None, typer.Option(help="Folder for the results; must not exist or be empty.")] = None,
    resume: Annotated[Path | None, typer.Option(help="Go on with the search in this folder.")] = None,
    research_override: Override = None,
    and_open: Open = False,
    as_json: Json = False,
) -> None:
    """Look for a better regimen under the ceilings of the linter, and see in other people whether it is."""
    from venolymph.improvement import KeptReadings, improve, load_improvement, showing, write_improvement
    from venolymph.report import PAGE
    from venolymph.simulation.files import check_vacant, write_json, write_text, writing

    numbers = {"n": n, "confirm": confirm, "evaluations": evaluations, "seed": seed, "reason": research_override}
    if resume is not None:
        folder = _begun(resume, {"an improvement": improvement, "out": out, **numbers})
        asked = load_improvement(str(folder / DOCUMENT))
    else:
        asked = load_improvement(_named(improvement)).changed(**numbers)
        folder = out if out is not None else fresh_folder(RUNS, slug(asked.improvement))
        begun = (folder / DOCUMENT).is_file()
        check_vacant(folder, f"go on with it: --resume {folder}" if begun else "name a new folder")
        with writing(folder):
            folder.mkdir(parents=True, exist_ok=True)
        write_text(folder / DOCUMENT, asked.to_yaml())
    kept = KeptReadings(folder / READINGS)
    try:
        with progress(asked.improvement, "regimens") as shown:
            result = improve(asked, progress=shown, kept=kept)
    except KeyboardInterrupt:
        again = f"venolymph improve --resume {shlex.quote(str(folder))}"
        raise Stopped(f"readings after {len(kept)} regimens are kept in {folder}; go on with `{again}`") from None
    write_text(folder / BEST, asked.regimen_with(result.best.values).to_yaml())
    write_improvement(folder / PAGE, result)
    write_json(folder / JSON, result.as_dict())
    if and_open:
        open_page(folder / PAGE)
    if as_json:
        show_json({**result.as_dict(), "folder": str(folder), "page": str(folder / PAGE)})
        return
    if asked.reason is not None:
        show_text(f"would be refused; simulated for this reason: {asked.reason}\n")
    columns = showing.heads(result)
    show_table(columns, showing.rows(result), fold=columns)
    print()
    for line in (*showing.sentences(result), *showing.left_out(result)):
        show_text(f"- {line}", "  ")
    print()
    for line in showing.TRUST:
        show_text(f"- {line}", "  ")
    show_text("Simulated, not measured. For research and education; not a medical device.")
    print(f"report: {folder / PAGE}")


def _named(improvement: str | None) -> str:
    from venolymph.errors import DocumentError

    if improvement is None:
        raise DocumentError("no improvement is named", hint="`venolymph improvements` lists those that are packaged")
    return improvement


def _begun(folder: Path, others: dict[str, object]) -> Path:
    """The folder of a search that was begun.

    Raises:
        RunError: where it is none, or something else is asked for than going on.
    """
    from venolymph.errors import RunError

    given = [name for name, value in others.items() if value is not None]
    if given:
        raise RunError(
            f"a search that goes on keeps what it was begun with, and {given[0]} is given",
            hint="give --resume alone, or begin anew with --out",
            place=str(folder),
        )
    if not (folder / DOCUMENT).is_file():
        raise RunError("there is no search here", hint="name the folder that `--out` named", place=str(folder))
    return folder
