"""Courses of treatment compared: a table for each person at the terminal, and a page."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

from venolymph.cli.output import Stopped, say, show_json, show_table, warn_of_compiling
from venolymph.cli.simulating import Choices
from venolymph.errors import RunError
from venolymph.simulation.files import write_json, writing

if TYPE_CHECKING:
    from venolymph.body.person import Person
    from venolymph.comparison import Effects
    from venolymph.regimen import Regimen

PAGE = "courses.html"
"""Page of a comparison of courses, in its folder."""

COURSE = 900.0
"""From so many seconds on a regimen is a course, whose effect and its fading are looked at."""


def is_course(regimen: Regimen) -> bool:
    """Whether a regimen is looked at as a course: whether it is long, or holds massage."""
    return bool(regimen.massages) or regimen.lasts >= COURSE


def courses(
    people: Sequence[Person],
    regimens: Sequence[Regimen],
    folder: Path,
    members: int,
    spread: bool,
    choices: Choices,
) -> None:
    """Compare courses, print a table for each person (or JSON), and write one page.

    Args:
        people: to take through them.
        regimens: the first is what the others are compared with.
        folder: that the page and the numbers are written to.
        members: legs alike but for chance that each course is simulated in.
        spread: whether massage is simulated with other depths too.
        choices: what else the command was told.

    Raises:
        RunError: where the folder holds something already or cannot be written.
    """
    from venolymph.comparison.words import heads, legend, rows, short

    target = folder / PAGE
    if target.exists() and not choices.overwrite:
        raise RunError("there is a comparison already", place=str(target), hint="replace it with --overwrite")
    found: list[Effects] = []
    try:
        asked = {
            "members": members,
            "spread": spread,
            "research_override": choices.override,
            "answers": choices.answers,
        }
        _simulate(found, people, regimens, asked)
    except KeyboardInterrupt:
        raise Stopped(_kept(found, people, folder)) from None
    content = _write(found, folder)
    if choices.as_json:
        show_json(content)
        return
    for effects in found:
        columns = heads()
        if effects.uneven:
            print(f"{effects.uneven}\n")
        for course in effects.courses[1:]:
            print(f"{effects.person}: {course.regimen}, compared with {effects.reference.regimen}")
            print(f"{short(effects, course)}\n")
            show_table(columns, rows(effects, course), fold=columns[1:])
            print()
        print(f"{legend(effects)}\n")
    print("Simulated, not measured. For research and education; not a medical device.")
    print(f"page: {target}")


def _simulate(
    found: list[Effects], people: Sequence[Person], regimens: Sequence[Regimen], asked: Mapping[str, Any]
) -> None:
    """Compare courses in one person after another; what is found of each is added as it is done."""
    from venolymph.comparison import compare

    warn_of_compiling()
    legs = "1 leg" if asked["members"] == 1 else f"{asked['members']} legs alike but for chance"
    for who in people:
        say(f"{who.label}: {len(regimens)} courses, each in {legs} and followed by two hours of sitting")
        found.append(compare(who, regimens, progress=say, **asked))


def _write(found: Sequence[Effects], folder: Path) -> dict[str, Any]:
    """Write what was found into a folder, as a page and as JSON; gives the latter."""
    from venolymph.comparison import page

    content = {"people": [effects.to_json() for effects in found]}
    with writing(folder):
        folder.mkdir(parents=True, exist_ok=True)
        write_json(folder / "courses.json", content)
        (folder / PAGE).write_text(page(found), encoding="utf-8")
    return content


def _kept(found: Sequence[Effects], people: Sequence[Person], folder: Path) -> str:
    """What is kept of a comparison of courses that somebody stopped, and how to go on."""
    again = "a person's courses are kept when all of them are done, so give the same command to begin anew"
    if not found:
        return f"nothing is kept; {again}"
    _write(found, folder)
    rest = ", ".join(who.label for who in people[len(found) :])
    return (
        f"the courses of {', '.join(effects.person for effects in found)} are kept in {folder / PAGE}; those of {rest} "
        "are not, so compare them by a command of their own"
    )
