"""The commands about virtual trials: `trials` lists those that are packaged, `trial` runs one."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from venolymph.cli.output import open_page, progress, show_json, show_table, show_text
from venolymph.cli.simulating import RUNS, Json, Open, Override, fresh_folder, slug

JSON = "trial.json"
"""What a trial gave, in its folder."""


def trials(as_json: Json = False) -> None:
    """List the packaged trials: who takes part, what is compared, what is read."""
    from venolymph.trial.document import load_trial, packaged_trials

    found = [{"name": name, **load_trial(name).document()} for name in packaged_trials()]
    if as_json:
        show_json(found)
        return
    columns = ["trial", "people", "population", "what it is"]
    show_table(
        columns,
        [[one["name"], str(one["n"]), str(one["population"]), one["trial"]] for one in found],
        fold=("what it is",),
    )


def trial(
    trial: Annotated[str, typer.Argument(help="A name that `venolymph trials` lists, or a document's path.")],
    n: Annotated[int | None, typer.Option("--n", help="Allocate so many people in place of the document's.")] = None,
    seed: Annotated[int | None, typer.Option(help="Another seed in place of the document's.")] = None,
    out: Annotated[Path | None, typer.Option(help="Folder for the results; must not exist or be empty.")] = None,
    overwrite: Annotated[bool, typer.Option("--overwrite", help="Replace a trial that is in the folder.")] = False,
    research_override: Override = None,
    and_open: Open = False,
    as_json: Json = False,
) -> None:
    """Run a virtual trial: effects with intervals, power by number of people, and what a clinic could see."""
    from venolymph.report import PAGE
    from venolymph.simulation.files import write_json
    from venolymph.trial import showing
    from venolymph.trial.document import load_trial
    from venolymph.trial.page import write_trial
    from venolymph.trial.running import run_trial

    asked = load_trial(trial).changed(n=n, seed=seed, reason=research_override)
    folder = out if out is not None else fresh_folder(RUNS, slug(asked.trial))
    check_folder(folder, overwrite)
    with progress(asked.trial, "regimens") as shown:
        result = run_trial(asked, progress=shown)
    folder.mkdir(parents=True, exist_ok=True)
    write_json(folder / JSON, result.as_dict())
    write_trial(folder / PAGE, result)
    if and_open:
        open_page(folder / PAGE)
    if as_json:
        show_json({**result.as_dict(), "folder": str(folder), "page": str(folder / PAGE)})
        return
    show_text(f"{asked.trial}: {asked.n} people, {asked.design}, analysed by {asked.analysed_by}\n")
    if asked.reason is not None:
        show_text(f"would be refused; simulated for this reason: {asked.reason}\n")
    columns = showing.heads(result)
    show_table(columns, showing.rows(result), fold=columns)
    print()
    for line in showing.sentences(result):
        show_text(f"- {line}", "  ")
    print()
    for line in (*showing.ways(result), *showing.TRUST):
        show_text(f"- {line}", "  ")
    show_text("Simulated, not measured. For research and education; not a medical device.")
    print(f"report: {folder / PAGE}")


def check_folder(folder: Path, overwrite: bool) -> None:
    """Refuse a folder that holds anything but a trial that is to be replaced."""
    from venolymph.simulation.files import check_vacant

    begun = (folder / JSON).is_file()
    if not (overwrite and begun):
        check_vacant(folder, "pass --overwrite" if begun else "name a new folder")
