"""The command that opens the page in a browser."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated, Any

import typer

from venolymph.cli.output import say, warn_of_compiling
from venolymph.cli.simulating import RUNS, person_of, regimen_of
from venolymph.errors import VenolymphError


def studio(
    *,
    what: Annotated[
        str | None, typer.Argument(metavar="[RUN|PERSON]", help="Folder of a run to show, or a person to run.")
    ] = None,
    regimen: Annotated[str | None, typer.Argument(help="What the person goes through.")] = None,
    folder: Annotated[Path, typer.Option(help="Folder of runs; new ones go there.")] = RUNS,
    port: Annotated[int, typer.Option(min=0, max=65535, help="Port of the page; 0: one that is free.")] = 0,
    no_browser: Annotated[bool, typer.Option("--no-browser", help="Only print the address.")] = False,
    listen: Annotated[
        str | None, typer.Option(help="Address of this machine on which others may open it too; needs --token.")
    ] = None,
    token: Annotated[str | None, typer.Option(help="What others need with --listen; at least 16 letters.")] = None,
) -> None:
    """Open the page: watch a leg that moves, run people through regimens, screen, plan and follow."""
    from venolymph.studio.launching import Launch, launch

    run, asked = _run_or_asked(what, regimen)
    also = {} if run is None else {_id(run): run}
    warn_of_compiling()
    how = Launch(folder, also, port, listen, token, asked, next(iter(also), None))
    launch(how, _tell, not no_browser)


def _tell(address: str) -> None:
    print(address, flush=True)
    say("Ctrl-C ends it; runs that are not done go on when it starts again.")


def _id(run: Path) -> str:
    """What a run elsewhere is called."""
    return run.resolve().name


def _run_or_asked(what: str | None, regimen: str | None) -> tuple[Path | None, dict[str, Any] | None]:
    """The folder of a run to show, or a run to begin with."""
    if what is None:
        return None, None
    from venolymph.simulation.folder_layout import is_run_folder
    from venolymph.studio.asking import asked_of

    if regimen is not None:
        return None, asked_of(person_of(what), regimen_of(regimen))
    if is_run_folder(what):
        return Path(what), None
    raise VenolymphError(
        f"{what!r} is no folder of a run, and with a person a regimen is needed",
        hint="such as `venolymph studio healthy posture-and-walk`",
    )
