"""All commands in their order; each reads its input, calls one part of the package, and shows what came back."""

from __future__ import annotations

import os
import sys
from contextlib import suppress
from pathlib import Path
from typing import Annotated

import typer

from venolymph.cli import (
    calibrating,
    cohorts,
    comparing,
    evidence,
    exporting,
    following,
    improving,
    interop,
    listing,
    living,
    planning,
    screening,
    simulating,
    studio,
    trying,
    varying,
)
from venolymph.cli.help import App
from venolymph.cli.output import STOPPED, Commands, Several
from venolymph.cli.simulating import Json

app = App(
    cls=Commands,
    name="venolymph",
    help="Simulate how blood and lymph drain from the leg, tell who may have a drainage massage, and plan one.",
    add_completion=False,
    pretty_exceptions_enable=False,
    rich_markup_mode=None,
    epilog="For research and education; not a medical device. No clinician has reviewed it.",
    context_settings={"help_option_names": ["-h", "--help"]},
)
app.add_typer(evidence.app, name="evidence")


def main() -> None:
    """Entry point of the command `venolymph`."""
    try:
        app()
    except SystemExit as end:
        if end.code == STOPPED:  # in the middle of compiling; Python's way out, which takes JAX down in order, crashes
            with suppress(OSError, ValueError):
                sys.stdout.flush()
            os._exit(STOPPED)
        raise


@app.callback(invoke_without_command=True)
def _venolymph(
    context: typer.Context,
    version: Annotated[bool, typer.Option("--version", help="Print the version.")] = False,
) -> None:
    if version:
        from venolymph.version import version as installed

        print(installed())
        raise typer.Exit
    if context.invoked_subcommand is None:
        print(context.get_help())


app.command()(simulating.run)
app.command(cls=Several)(comparing.compare)
app.command()(living.life)
app.command()(trying.trial)
app.command()(improving.improve)
app.command(cls=Several)(varying.sensitivity)
app.command(cls=Several)(cohorts.cohort)
app.command()(calibrating.calibrate)
app.command()(studio.studio)
app.command()(listing.people)
app.command()(listing.regimens)
app.command()(living.lives)
app.command()(trying.trials)
app.command()(improving.improvements)
app.command()(cohorts.populations)
app.command()(listing.measures)
app.command()(listing.sources)


@app.command()
def validate(
    only: Annotated[
        list[str] | None, typer.Option("--only", help="Only this target, by its id; may be given again.")
    ] = None,
    quick: Annotated[bool, typer.Option("--quick", help="Only the first 37 targets of veins and tissue.")] = False,
    write: Annotated[Path | None, typer.Option(help="Write the page of results to this file.")] = None,
    as_json: Json = False,
) -> None:
    """Hold the model to published figures: predicted, published, verdict."""
    from venolymph.cli import validating

    validating.run(only or [], quick, write, as_json)


@app.command()
def doctor(as_json: Json = False) -> None:
    """Say what is installed, what it runs on, and whether compiled programs are kept."""
    from venolymph.cli import doctoring

    raise typer.Exit(doctoring.run(as_json))


app.command()(screening.screen)
app.command()(planning.plan)
app.command()(planning.lint)
app.command()(following.follow)
app.command()(exporting.export)
app.command()(interop.svzerod)
