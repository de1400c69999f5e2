"""The commands about lives: `lives` lists those that are packaged, `life` follows a person through one."""

from __future__ import annotations

import shlex
from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from venolymph.cli.output import Stopped, open_page, progress, say, show_json, show_table, show_text
from venolymph.cli.simulating import (
    RUNS,
    Choices,
    GivenAnswers,
    Json,
    Open,
    Override,
    answers_of,
    fresh_folder,
    person_of,
    slug,
)
from venolymph.errors import VenolymphError

if TYPE_CHECKING:
    import xarray as xr

    from venolymph.body.person import Person
    from venolymph.wall.life_document import LifeDocument


def lives(as_json: Json = False) -> None:
    """List the packaged lives: typical days over months and years, and what changes when."""
    from venolymph.wall.life_document import load_life, packaged_lives

    found = []
    for name, path in packaged_lives().items():
        what = load_life(name)
        document = what.document()
        found.append(
            {
                "name": name,
                "life": what.life,
                "lasts": str(what.lasts),
                "every": str(what.every),
                "changes": document.get("changes", []),
                "file": str(path),
            }
        )
    if as_json:
        show_json(found)
        return
    columns = ["life", "lasts", "what it is"]
    show_table(columns, [[one["name"], one["lasts"], one["life"]] for one in found], fold=("what it is",))


def life(
    *,
    person: Annotated[
        str | None, typer.Argument(help="A name that `venolymph people` lists, or a document's path.")
    ] = None,
    life: Annotated[
        str | None, typer.Argument(help="A name that `venolymph lives` lists, or a document's path.")
    ] = None,
    lasts: Annotated[str | None, typer.Option("--for", help="Follow it for so long, such as '10 years'.")] = None,
    every: Annotated[str | None, typer.Option(help="Time between two rows, such as '6 months'.")] = None,
    cohort: Annotated[int, typer.Option(min=1, max=256, help="Legs alike but for how far their valves may widen.")] = 1,
    against: Annotated[str | None, typer.Option(help="Another life of the same person, to compare with.")] = None,
    out: Annotated[Path | None, typer.Option(help="Folder for the results; must not exist or be empty.")] = None,
    resume: Annotated[Path | None, typer.Option(help="Go on with the life in this folder.")] = None,
    overwrite: Annotated[bool, typer.Option("--overwrite", help="Replace a life that is in the folder.")] = False,
    research_override: Override = None,
    answers: GivenAnswers = None,
    and_open: Open = False,
    as_json: Json = False,
) -> None:
    """Follow a person's veins through months and years: how wide they become, how they wind, which valves leak."""
    if resume is not None:
        given = (person, life, lasts, every, against, out, research_override, answers)
        if overwrite or cohort != 1 or any(one is not None for one in given):
            raise VenolymphError(
                "--resume takes everything from the folder, so only --json and --open go with it",
                hint=f"venolymph life --resume {shlex.quote(str(resume))}",
            )
        _go_on(resume)
        _show([resume], resume, and_open, as_json)
        return
    if person is None or life is None:
        raise VenolymphError(
            "a person and a life are needed" if person is None else "a life is needed",
            hint="for example `venolymph life mild-varicose a-year-as-it-is`; `venolymph people` and "
            "`venolymph lives` list what is packaged",
        )
    from venolymph.wall.allowed import check_life_allowed

    who = person_of(person)
    asked = [_asked(name, who, lasts, every) for name in (life, against) if name is not None]
    _can_be_compared(asked)
    choices = Choices(overwrite, research_override, answers_of(answers))
    for one in asked:
        check_life_allowed(who, one.plain(), choices.override, choices.answers)
    name = slug(f"{who.label} {asked[0].life}")
    folder = out if out is not None else fresh_folder(RUNS, name)
    given = None if choices.answers is None else choices.answers.document()
    settings = {"cohort": cohort, "override": research_override, "answers": given}
    _show(_follow(who, asked, folder, settings, overwrite), folder, and_open, as_json)


def _asked(name: str, who: Person, lasts: str | None, every: str | None) -> LifeDocument:
    """The life that is asked for, at the length that is asked for, seen to be one that the person can have."""
    from venolymph.wall.life_document import load_life
    from venolymph.wall.life_of_person import check_life

    whole = load_life(name)
    asked = whole.lasting(lasts, every)
    check_life(asked, who)
    if left := len(whole.changes) - len(asked.changes):
        say(f"note: {asked.life}: {left} change{'s' if left > 1 else ''} after {asked.lasts} left out")
    return asked


def _can_be_compared(asked: list[LifeDocument]) -> None:
    """Refuse two lives that cannot be set side by side."""
    if len(asked) < 2:
        return
    one, other = asked
    if slug(one.life) == slug(other.life):
        raise VenolymphError(f"{one.life!r} is compared with itself", hint="name another life after --against")
    if one.lasts != other.lasts:
        raise VenolymphError(
            f"{one.life!r} lasts {one.lasts}, {other.life!r} {other.lasts}; allowed is that both last alike",
            hint=f"add --for '{min(one.lasts, other.lasts)}'",
        )


def _follow(
    who: Person, asked: list[LifeDocument], folder: Path, settings: dict[str, Any], overwrite: bool
) -> list[Path]:
    """Follow lives of a person one after the other, each into a folder; two go to folders within the one given."""
    from venolymph.wall.folder import LifeFolder, check_free

    places = [folder / slug(one.life) for one in asked] if len(asked) > 1 else [folder]
    for place in places:  # nothing is followed where one of them cannot be kept
        check_free(place, overwrite)
    for one, place in zip(asked, places, strict=True):
        LifeFolder.create(place, who, one, settings, overwrite=overwrite).close()
    for place in places:
        _go_on(place)
    return places


def _go_on(place: Path) -> None:
    """Follow the life in a folder from where it stands to its end."""
    from venolymph.wall import showing
    from venolymph.wall.course import follow
    from venolymph.wall.folder import LifeFolder, open_life

    begun = open_life(place)
    if begun.complete:
        say(f"{place}: this life is followed to its end already")
        return
    if begun.course is not None:
        say(f"{place}: followed for {begun.day:.0f} days, going on")
    end = float(begun.life.lasts)
    with LifeFolder.resume(place) as folder, progress(f"{begun.person.label}: {begun.life.life}", "days") as shown:

        def keep(day: float, course: xr.Dataset, state: Mapping[str, Any]) -> None:
            folder.keep(day, course, state, complete=day >= end - 1e-6)
            shown(day, end, showing.date(day))

        try:
            follow(
                begun.person,
                begun.life.plain(),
                cohort=begun.settings["cohort"],
                begin_from=None if begun.course is None else (begun.course, begun.state),
                keep=keep,
                research_override=begun.settings.get("override"),
                answers=begun.settings.get("answers"),
            )
        except KeyboardInterrupt:
            kept = f"{open_life(place).day:.0f} of {end:.0f} days are kept in {place}"
            raise Stopped(f"{kept}; go on with `venolymph life --resume {shlex.quote(str(place))}`") from None


def _show(places: list[Path], folder: Path, and_open: bool, as_json: bool) -> None:
    """What came of lives in their folders, as a page in the common one, and to standard output."""
    from venolymph.report import PAGE
    from venolymph.report.life_page import write_life
    from venolymph.wall import showing
    from venolymph.wall.folder import open_life

    kept = [open_life(place) for place in places]
    followed = [
        showing.FollowedLife(one.person, one.life.plain(), one.course) for one in kept if one.course is not None
    ]
    write_life(folder / PAGE, followed, [one.settings["override"] for one in kept])
    if and_open:
        open_page(folder / PAGE)
    apart = showing.differences(*followed) if len(followed) == 2 else []
    for one in followed:
        for leg, day in one.stopped():
            say(f"warning: {one.life.title}: leg {leg} found no solution on day {day:.0f}, and stays as it was then")
    if as_json:
        lives = [
            {
                "person": one.person.label,
                "life": one.life.title,
                "folder": str(place),
                "override": of.settings["override"],
                "told": showing.sentences(one),
                "not_trusted": showing.not_trusted(one.life),
                "readings": showing.as_json(one),
            }
            for one, of, place in zip(followed, kept, places, strict=True)
        ]
        page = str(folder / PAGE)
        show_json({"lives": lives, "differences": apart, "assumed": list(showing.ASSUMED), "page": page})
        return
    for one, of in zip(followed, kept, strict=True):
        show_text(f"{one.person.label}: {one.life.title}, followed for {of.life.lasts}\n")
        if of.settings["override"] is not None:
            show_text(f"would be refused; simulated for this reason: {of.settings['override']}\n")
        columns = showing.heads(one)
        show_table(columns, showing.rows(one), fold=columns)
        print()
        _list(showing.sentences(one))
    if apart:
        show_text(f"at the end, {followed[0].life.title} against {followed[1].life.title}:")
        _list(apart)
    for line in dict.fromkeys(line for one in followed for line in showing.not_trusted(one.life)):
        show_text(line)
    for line in showing.ASSUMED:
        show_text(line)
    show_text("Simulated, not measured. For research and education; not a medical device.")
    for place in places:
        print(f"folder: {place}")
    print(f"report: {folder / PAGE}")


def _list(lines: list[str]) -> None:
    for line in lines:
        show_text(f"- {line}", "  ")
    print()
