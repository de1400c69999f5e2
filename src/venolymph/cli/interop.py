"""Running other programs' cases."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Annotated, cast

import typer

from venolymph.cli.output import say, warnings_said
from venolymph.errors import DocumentError


def svzerod(
    case: Annotated[str, typer.Argument(help="Path of svZeroDSolver's JSON file.")],
    *,
    out: Annotated[Path | None, typer.Option(help="Write the table to this new file instead of printing it.")] = None,
    scheme: Annotated[
        str, typer.Option(help="How time is stepped: ours, or generalised-alpha as svZeroDSolver does.")
    ] = "ours",
) -> None:
    """Run a case of svZeroDSolver and print its table as CSV, in the units of the file."""
    from venolymph.interop.svzerod.columns import to_csv
    from venolymph.interop.svzerod.solve import SchemeName, check_scheme, read

    check_scheme(scheme)
    if out is not None and (out.exists() or not out.absolute().parent.is_dir()):
        wrong = "this file is there already" if out.exists() else "there is no such folder"
        raise DocumentError(wrong, hint="name a new file in a folder that exists", place=str(out))
    with warnings_said():
        model = read(Path(case))
    text = to_csv(model.run(cast(SchemeName, scheme)))
    if out is None:
        sys.stdout.write(text)
        return
    out.write_text(text, encoding="utf-8")
    say(f"written: {out}")
