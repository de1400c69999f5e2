"""The command `sensitivity`: which figures decide which measures."""

from __future__ import annotations

import shlex
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Literal

import typer

from venolymph.cli.output import open_page, progress, show_json, show_table, show_text
from venolymph.cli.simulating import RUNS, Json, Open, Override, fresh_folder, person_of, slug
from venolymph.errors import VenolymphError

if TYPE_CHECKING:
    from venolymph.sensitivity import Sensitivity

JSON = "sensitivity.json"
"""What was found, in its folder."""
EACH = {"morris": 8, "sobol": 64}
"""Trajectories, or samples, where not said otherwise."""


def sensitivity(
    person: Annotated[str, typer.Argument(help="A name that `venolymph people` lists, or a document's path.")],
    regimen: Annotated[str, typer.Argument(help="A name that `venolymph regimens` lists, or a document's path.")],
    measures: Annotated[
        list[str] | None, typer.Option("--measures", help="Measures to read; several may follow.")
    ] = None,
    factors: Annotated[
        list[str] | None,
        typer.Option("--factors", help="Figures by key or beginning of a key; else all guesses that are used."),
    ] = None,
    method: Annotated[
        Literal["morris", "sobol"], typer.Option(help="Morris screens, Sobol shares out variance.")
    ] = "morris",
    n: Annotated[
        int | None, typer.Option("--n", help="Trajectories of Morris (8), or samples of Sobol (64, a power of 2).")
    ] = None,
    seed: Annotated[int, typer.Option(min=0, help="Of the samples.")] = 0,
    out: Annotated[Path | None, typer.Option(help="Folder for the results; must not exist or be empty.")] = None,
    research_override: Override = None,
    and_open: Open = False,
    as_json: Json = False,
) -> None:
    """Say which figures decide which measures: simulate a person with figures drawn from their ranges."""
    from venolymph.regimen import load_regimen
    from venolymph.sensitivity import SamplingPlan, analyse_sensitivity, default_factors, factors_named
    from venolymph.simulation.files import check_vacant

    who, what = person_of(person), load_regimen(regimen)
    names = measures or list(what.measures)
    if not names:
        again = f"venolymph sensitivity {shlex.quote(person)} {shlex.quote(regimen)} --measures VFI"
        raise VenolymphError("there is no measure to be decided", hint=f"name one, such as `{again}`")
    checked(names)
    varied = factors_named(factors) if factors else default_factors(who, what, research_override)
    folder = out if out is not None else fresh_folder(RUNS, slug(f"{who.label} {what.regimen} sensitivity"))
    check_vacant(folder)
    with progress(f"{who.label}: {what.regimen}", "members") as shown:
        result = analyse_sensitivity(
            who,
            what,
            names,
            varied,
            SamplingPlan(method, EACH[method] if n is None else n, seed),
            research_override=research_override,
            progress=shown,
        )
    _show(result, folder, and_open, as_json)


def checked(names: list[str]) -> None:
    """Refuse measures that there are none of, before anything is simulated."""
    from venolymph.measures import find

    for name in names:
        find(name)


def _show(result: Sensitivity, folder: Path, and_open: bool, as_json: bool) -> None:
    """Keep what was found in a folder, and print it."""
    from venolymph.report import PAGE
    from venolymph.sensitivity import showing
    from venolymph.simulation.files import write_json, write_text

    folder.mkdir(parents=True, exist_ok=True)
    write_json(folder / JSON, result.as_dict())
    write_text(folder / PAGE, showing.page(result))
    if and_open:
        open_page(folder / PAGE)
    if as_json:
        show_json({**result.as_dict(), "folder": str(folder), "page": str(folder / PAGE)})
        return
    show_text(showing.about(result) + "\n")
    if result.reason is not None:
        show_text(f"would be refused; simulated for this reason: {result.reason}\n")
    for one in result.measures:
        show_text(showing.sentence(result, one))
        if one.course:
            show_table(showing.heads(result), showing.rows(result, one), fold=("figure",))
            print()
            head, *body = showing.settling(result, one)
            show_table(head, body, fold=("figure",))
        print()
    show_text("Simulated, not measured. For research and education; not a medical device.")
    print(f"report: {folder / PAGE}")
