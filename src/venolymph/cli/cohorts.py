"""The commands about many people: `populations` lists what is packaged, `cohort` takes people through regimens."""

from __future__ import annotations

import shlex
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from venolymph.cli.output import Stopped, progress, say, show_json, show_table, show_text
from venolymph.cli.simulating import RUNS, Json, Override, fresh_folder, slug
from venolymph.errors import VenolymphError
from venolymph.numbers import number as number_text

if TYPE_CHECKING:
    import xarray as xr

    from venolymph.population import Member, Population

TABLES = (".csv", ".parquet")
"""Endings of tables of people, which may stand where a population does."""


def populations(as_json: Json = False) -> None:
    """List the packaged populations: who they are, by clinical class, and on what they rest."""
    from venolymph.population import load_population, packaged_populations, sources_of

    found = []
    for name, path in packaged_populations().items():
        what = load_population(name)
        found.append(
            {
                "name": name,
                "about": what.about,
                "classes": {one.name: float(one.share) for one in what.classes},
                "sources": sources_of(what),
                "file": str(path),
            }
        )
    if as_json:
        show_json(found)
        return
    rows = [
        [
            one["name"],
            one["about"],
            ", ".join(f"{name} {100 * share:.3g} %" for name, share in one["classes"].items()),
            ", ".join(f"{len(sources)} {basis}" for basis, sources in one["sources"].items()),
        ]
        for one in found
    ]
    show_table(["population", "who", "classes", "sources"], rows, fold=("who", "classes"))


def cohort(
    *,
    population: Annotated[
        str | None,
        typer.Argument(help="A name that `venolymph populations` lists, a document's path, or a table of people."),
    ] = None,
    regimens: Annotated[
        list[str] | None, typer.Argument(help="Names that `venolymph regimens` lists, or documents' paths.")
    ] = None,
    number: Annotated[int | None, typer.Option("--n", help="How many people; of a table, all where not given.")] = None,
    seed: Annotated[int | None, typer.Option(help="The same seed gives the same people; 0 where not given.")] = None,
    measures: Annotated[
        list[str] | None, typer.Option("--measures", "-m", help="What is read; what the regimens name where not given.")
    ] = None,
    out: Annotated[Path | None, typer.Option(help="Folder for the results; must not exist or be empty.")] = None,
    resume: Annotated[Path | None, typer.Option(help="Go on with the cohort in this folder.")] = None,
    workers: Annotated[
        int | None, typer.Option(min=0, help="Processes, one a core where not given; 0: this process alone.")
    ] = None,
    scheduler: Annotated[str | None, typer.Option(help="Scheduler of Dask, such as tcp://host:8786.")] = None,
    chunk: Annotated[int | None, typer.Option(help="People who are computed side by side; 64 where not given.")] = None,
    both_legs: Annotated[bool, typer.Option("--both-legs", help="Simulate both legs in full.")] = False,
    column: Annotated[
        list[str] | None, typer.Option(help="What a table's column is, such as GSV='diameter_mm of great saphenous'.")
    ] = None,
    people: Annotated[Path | None, typer.Option(help="Write the people to this new table (.csv, .parquet).")] = None,
    research_override: Override = None,
    as_json: Json = False,
) -> None:
    """Take many people of a population through regimens, and tell how what was read is spread."""
    if resume is not None:
        given = (population, number, seed, out, chunk, people, research_override)
        if any(one is not None for one in given) or regimens or measures or column or both_legs:
            raise VenolymphError(
                "--resume takes everything from the folder, so only --workers, --scheduler and --json go with it",
                hint=f"venolymph cohort --resume {shlex.quote(str(resume))}",
            )
        _show(resume, _finish(resume, workers, scheduler), as_json)
        return
    if population is None or not regimens:
        raise VenolymphError(
            "a population and a regimen are needed" if population is None else "a regimen is needed",
            hint="for example `venolymph cohort primary-varicose posture-and-walk --n 100`; "
            "`venolymph populations` and `venolymph regimens` list what is packaged",
        )
    who = _who(population, column or [])
    making: dict[str, Any] = {"research_override": research_override, "legs": "both" if both_legs else "one"}
    making |= {} if chunk is None else {"chunk": chunk}
    folder = out if out is not None else fresh_folder(RUNS, slug(f"{Path(population).stem} {regimens[0]}"))
    _begin(folder, who, (regimens, number, seed or 0, measures), making, people)
    _show(folder, _finish(folder, workers, scheduler), as_json)


def _begin(
    folder: Path, who: Population | list[Member], asked: tuple[Any, ...], making: dict[str, Any], people: Path | None
) -> None:
    """Begin a cohort's folder, and write its people into a table where one is named."""
    from venolymph.cohort.following import cohort_settings
    from venolymph.cohort.store import create_cohort

    settings = cohort_settings(who, *asked, **making)
    create_cohort(folder, settings)
    if people is not None:
        _write_people(who, settings.number, settings.seed, people)


def _who(given: str, columns: list[str]) -> Population | list[Member]:
    """A population, or the people of a table."""
    from venolymph.population import load_population, read_people

    if not given.lower().endswith(TABLES):
        if columns:
            raise VenolymphError("--column is for a table of people", hint="leave it out")
        return load_population(given)
    pairs = [one.partition("=") for one in columns]
    for name, sign, meant in pairs:
        if not (name and sign and meant):
            raise VenolymphError(
                f"--column {name!r} does not say what it is", hint="write it as in --column HEIGHT=height_cm"
            )
    return list(read_people(given, {name: meant for name, _, meant in pairs}))


def _write_people(who: Population | list[Member], number: int, seed: int, path: Path) -> None:
    """The people of a cohort as a table."""
    from venolymph.population import draw_members, write_people

    write_people(who[:number] if isinstance(who, list) else draw_members(who, number, seed).members, path)
    say(f"people: {path}")


def _finish(folder: Path, workers: int | None, scheduler: str | None) -> xr.Dataset:
    """Compute what is missing in a folder."""
    from venolymph.cohort import finish_cohort
    from venolymph.cohort.store import open_folder

    try:
        with progress("cohort", "people") as shown:
            return finish_cohort(folder, workers=workers, scheduler=scheduler, progress=shown, tell=say)
    except KeyboardInterrupt:
        begun = open_folder(folder)
        done = len(begun.settings.tasks) - len(begun.missing)
        kept = f"{done} of {len(begun.settings.tasks)} parts are kept in {folder}"
        raise Stopped(f"{kept}; go on with `venolymph cohort --resume {shlex.quote(str(folder))}`") from None


def _show(folder: Path, found: xr.Dataset, as_json: bool) -> None:
    """How readings are spread, who failed, and who could not be, to standard output."""
    from venolymph.cohort.store import open_folder
    from venolymph.cohort.summary import summary

    told, settings = summary(found), open_folder(folder).settings
    if as_json:
        whole = {"number": settings.number, "seed": settings.seed, "override": settings.override}
        show_json({"folder": str(folder), **whole, **told})
        return
    if settings.override is not None:
        show_text(f"simulated whoever would be refused for this reason: {settings.override}\n")
    numbers = ("mean", "sd", "p5", "p50", "p95")
    rows = [
        [one["regimen"], one["measure"], one["unit"], str(one["people"]), *(_number(one[key]) for key in numbers)]
        for one in told["readings"]
    ]
    show_table(
        ["regimen", "measure", "unit", "people", "mean", "sd", "5 %", "50 %", "95 %"], rows, fold=("regimen", "measure")
    )
    print()
    for one in told["failed"]:
        show_text(f"no readings of {one['people']} of {settings.number} in {one['regimen']!r}: {one['cause']}", "  ")
    for reason, times in told["rejected"].items():
        show_text(f"drawn anew {times} times: {reason}", "  ")
    show_text("Simulated, not measured. For research and education; not a medical device.")
    print(f"folder: {folder}")


def _number(value: float | None) -> str:
    return "" if value is None else number_text(value)
