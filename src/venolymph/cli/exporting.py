"""A run for other programs."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from venolymph.cli.output import say
from venolymph.errors import RunError, nearest


def export(
    run: Annotated[Path, typer.Argument(help="Folder of the run.")],
    *,
    vtk: Annotated[bool, typer.Option("--vtk", help="As poly-lines over time, which ParaView opens.")] = False,
    out: Annotated[Path | None, typer.Option(help="Folder of the files; RUN/vtk where not given.")] = None,
    member: Annotated[str | None, typer.Option(help="Whose leg, by label; the first person's where not given.")] = None,
    every: Annotated[
        int | None, typer.Option(min=1, help="Every so many samples one file; else 500 files at most.")
    ] = None,
    overwrite: Annotated[bool, typer.Option("--overwrite", help="Replace files that are there.")] = False,
) -> None:
    """Write a run for another program: --vtk for ParaView."""
    from venolymph.interop.vtk import write_vtk
    from venolymph.simulation import open_run

    if not vtk:
        raise RunError("it is not said for which program", hint="add --vtk, for ParaView")
    opened = open_run(run)
    labels = opened.members
    if member is not None and member not in labels:
        near = nearest(member, labels)
        raise RunError(
            f"nobody in this run is called {member!r}; allowed are {', '.join(labels)}",
            hint=f"did you mean {near!r}?" if near else None,
        )
    number = 0 if member is None else labels.index(member)
    for path in write_vtk(opened, out or run / "vtk", member=number, every=every, overwrite=overwrite):
        say(f"written: {path}")
