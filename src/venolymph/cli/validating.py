"""Running the published targets and showing how they came out."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from venolymph.cli.output import progress, say, show_json, show_table


def run(only: Sequence[str], quick: bool, write: Path | None, as_json: bool) -> None:
    """Run targets (all where none is named), print them, and write their page where asked to.

    Args:
        only: names of targets.
        quick: whether only the first ones are run, beside those named.
        write: file of the page; where None it is written only for all targets, and only in the project's own folder.
        as_json: whether to print JSON.
    """
    from venolymph import validation
    from venolymph.validation.report import predicted, published
    from venolymph.validation.targets import quick as first

    names = [*only, *(first() if quick else ())]
    with progress("validate", unit="protocols") as shown:
        verdicts = validation.validate(names or None, lambda name, done, count: shown(done, count, name))
    page = write or (_own_page() if not names else None)
    if page is not None:
        validation.write_report(verdicts, page)
        say(f"written: {page}")
    if as_json:
        show_json(validation.as_json(verdicts))
        return
    rows = [
        [
            verdict.id,
            verdict.target.person,
            predicted(verdict),
            published(verdict.target),
            verdict.target.unit,
            verdict.target.use,
            verdict.verdict.upper() if verdict.verdict == "out of range" else verdict.verdict,
            "" if verdict.verdict == "in range" else verdict.note,
        ]
        for verdict in verdicts
    ]
    columns = ["target", "person", "predicted", "published", "unit", "use", "verdict", "note"]
    show_table(columns, rows, fold=("note",))
    for use in ("calibrate", "check"):
        of_use = [verdict for verdict in verdicts if verdict.target.use == use and verdict.verdict != "not yet"]
        good = sum(verdict.verdict == "in range" for verdict in of_use)
        print(f"{use}: {good} of {len(of_use)} in range")
    waiting = sum(verdict.verdict == "not yet" for verdict in verdicts)
    if waiting:
        print(f"not yet: {waiting} cannot be performed yet")


def _own_page() -> Path | None:
    """`docs/validation.md` where the present folder is the project's own source tree."""
    here = Path.cwd()
    return (
        here / "docs" / "validation.md" if (here / "src" / "venolymph").is_dir() and (here / "docs").is_dir() else None
    )
