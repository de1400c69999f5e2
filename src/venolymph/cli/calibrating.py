"""The command `calibrate`: a person's readings to parameters, how sure they are, and what cannot be told."""

from __future__ import annotations

from enum import StrEnum
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from venolymph.cli.output import say, show_json, show_table, show_text
from venolymph.cli.simulating import Json, person_of

if TYPE_CHECKING:
    from venolymph.calibration.calibrating import Calibrated


class Way(StrEnum):
    """How far calibration goes."""

    map = "map"
    posterior = "posterior"


def calibrate(
    *,
    person: Annotated[str, typer.Argument(help="A person's document that has `measured`.")],
    out: Annotated[Path, typer.Option(help="Folder for the results; must not exist or be empty.")],
    calibration: Annotated[
        str, typer.Option(help="What is free, what is predicted: a packaged name or a document's path.")
    ] = "varicose-leg",
    free: Annotated[
        list[str] | None, typer.Option("--free", help="Only this parameter is free, by its name; may be given again.")
    ] = None,
    method: Annotated[
        Way, typer.Option(help="map: most probable, with intervals about it; posterior: draws too.")
    ] = Way.map,
    profile: Annotated[
        list[str] | None, typer.Option(help="Also hold this parameter at one value after another; may be given again.")
    ] = None,
    seed: Annotated[int, typer.Option(help="Of the draws.")] = 0,
    as_json: Json = False,
) -> None:
    """Fit a person's leg to what was measured of it, and say what the measurements do not tell."""
    from venolymph.calibration.calibrating import POPULATION
    from venolymph.calibration.calibrating import calibrate as calibrated
    from venolymph.simulation.files import check_vacant

    check_vacant(out)
    found = calibrated(
        person_of(person),
        calibration,
        free=free or (),
        method=method.value,
        profiles=profile or (),
        seed=seed,
        tell=say,
    )
    found.write(out)
    if as_json:
        show_json({**found.document(), "folder": str(out)})
        return
    _show(found)
    print(f"people for `venolymph cohort` and `trial`: {out / POPULATION}")
    print(f"folder: {out}")


def _show(found: Calibrated) -> None:
    """The tables of a calibration, and below them what the measurements do not tell."""
    show_table(
        ["parameter", "factor", "90 % from", "to"],
        [[one.name, *(f"{number:.3g}" for number in (one.value, one.low, one.high))] for one in found.parameters],
    )
    print()
    show_table(
        ["measure", "unit", "measured", "predicted", "90 % from", "to"],
        [
            [
                one.name,
                one.unit,
                "" if one.measured is None else f"{one.measured:.3g}",
                *(f"{number:.3g}" for number in (one.value, one.low, one.high)),
            ]
            for one in found.predicted
        ],
        fold=("measure",),
    )
    print()
    for one in found.untold:
        show_text(one.text)
    for one in found.profiles:
        low, high = ("beyond what was tried" if end is None else f"{end:.3g}" for end in one.interval)
        show_text(f"{one.name}, by its profile: 95 % from {low} to {high}")
    for line in found.notes:
        show_text(f"note: {line}")
    show_text("Simulated, not measured. For research and education; not a medical device.")
