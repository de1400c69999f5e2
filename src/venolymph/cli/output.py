"""How the command line speaks: tables and JSON to standard output, messages and progress to standard error."""

from __future__ import annotations

import errno
import json
import os
import shlex
import shutil
import sys
import warnings
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, Any

import typer
from rich.console import Console
from rich.text import Text

from venolymph import compiled
from venolymph.cli.help import Command, Group
from venolymph.cli.tables import lay_out, wrap
from venolymph.errors import VenolymphError

if TYPE_CHECKING:
    from venolymph.simulation.progress import Shown

STOPPED = 130
"""Exit code where somebody stopped the command."""
UNPRINTED = 1
"""Exit code where what was asked for could not be printed."""


def say(text: str) -> None:
    """A message, to standard error; broken between words where that is a terminal."""
    width = shutil.get_terminal_size().columns if sys.stderr.isatty() else None
    print("\n".join(wrap(text, width)), file=sys.stderr)


def fail(message: str, hint: str | None = None) -> None:
    """One error with a hint, to standard error."""
    say(f"error: {message}")
    if hint:
        say(f"hint: {hint}")


@contextmanager
def warnings_said() -> Iterator[None]:
    """Warnings of the library, as messages to standard error."""
    with warnings.catch_warnings(record=True) as caught:
        warnings.simplefilter("always")
        yield
    for one in caught:
        say(f"warning: {one.message}")


def show_json(content: Any) -> None:
    """Data as JSON, to standard output."""
    print(json.dumps(content, indent=2, ensure_ascii=False, allow_nan=False))


def show_text(text: str, indent: str = "") -> None:
    """Text, to standard output, broken between words where it is known how wide a line may be.

    Args:
        text: with line breaks of its own, which are kept.
        indent: what the further lines of a broken line begin with.
    """
    print("\n".join(wrap(text, width(), indent)))


def show_table(columns: Sequence[str], rows: Sequence[Sequence[str]], *, fold: Sequence[str] = ()) -> None:
    """A table, to standard output; where its columns do not fit, each row as lines of `name: value`.

    Args:
        columns: headings.
        rows: cells, as text.
        fold: headings of columns that may be broken into lines; the others stay whole.
    """
    head, body = lay_out(columns, rows, width=width(), fold=fold)
    console = Console(highlight=False, markup=False, emoji=False, soft_wrap=True)
    for line in head:
        console.print(Text(line, style="bold"))
    print("\n".join(body))


def width() -> int | None:
    """How wide a line of standard output may be, characters: as `COLUMNS` says, else the terminal's; None in a pipe."""
    if sys.stdout.isatty() or os.environ.get("COLUMNS", "").isdecimal():
        return shutil.get_terminal_size().columns
    return None


class Several(Command):
    """A command whose options that may be repeated take several values at once: `--regimen rest leg-massage`."""

    def parse_args(self, ctx: Any, args: list[str]) -> list[str]:
        """Write the option anew before each further value."""
        several = {name for option in self.params if getattr(option, "multiple", False) for name in option.opts}
        found: list[str] = []
        option: str | None = None
        for number, arg in enumerate(args):
            if arg.startswith("-"):
                option = arg if arg in several else None
                found.append(arg)
            elif option is not None and args[number - 1] != option:
                found += [option, arg]
            else:
                found.append(arg)
        return super().parse_args(ctx, found)


class Stopped(Exception):
    """Somebody stopped the work (Ctrl-C); says what is kept and how to go on."""


class Commands(Group):
    """The group of commands: turns every mistake of input into one message and exit code 2."""

    def invoke(self, ctx: Any) -> Any:
        """Run the command that was asked for; Ctrl-C in it is seen here before typer makes a bare exit of it."""
        try:
            return super().invoke(ctx)
        except KeyboardInterrupt:
            raise Stopped from None

    def main(self, *args: Any, **extra: Any) -> Any:  # pyright: ignore[reportIncompatibleMethodOverride]
        """Run a command; the process ends here."""
        extra["standalone_mode"] = False
        extra["prog_name"] = "venolymph"
        if sys.stdout is None:
            fail("standard output is closed, so nothing could be printed", "name a file or a pipe for it")
            sys.exit(UNPRINTED)
        try:
            code = super().main(*args, **extra)
            sys.stdout.flush()
        except VenolymphError as error:
            fail(f"{error.place}: {error.message}" if error.place else error.message, error.hint)
            sys.exit(2)
        except OSError as error:
            if error.errno not in {errno.EPIPE, errno.ENOSPC, errno.EBADF, errno.EIO}:
                raise
            os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())  # what is left is not tried once more
            if error.errno != errno.EPIPE:  # the reader of a pipe may have had enough, as `head` does
                fail(f"standard output cannot be written: {error.strerror}")
            sys.exit(UNPRINTED)
        except Stopped as stop:
            say(f"stopped: {stop}" if str(stop) else "stopped")
            sys.exit(STOPPED)
        except (KeyboardInterrupt, typer.Abort):
            say("stopped")
            sys.exit(STOPPED)
        except Exception as error:
            message = getattr(error, "format_message", None)  # what typer itself raises for a wrong command line
            if message is None:
                raise
            text = message().strip()
            context = getattr(error, "ctx", None)
            command = context.command_path if context is not None else "venolymph"
            text = text[:1].lower() + text[1:].rstrip(".")
            fail(text, f"`{command} --help` shows what it takes")
            sys.exit(2)
        sys.exit(code if isinstance(code, int) else 0)


def open_page(page: Path) -> None:
    """Open a page in a browser; where there is none, the command has said where the page is."""
    import webbrowser

    if not webbrowser.open(page.resolve().as_uri()):
        say(f"note: no browser was found to open {page}")


@contextmanager
def progress(title: str, unit: str = "") -> Iterator[Shown]:
    """What shows how far a simulation is; where compiled programs cannot be kept, that is said first, once.

    Args:
        title: what the work is.
        unit: what is counted; where empty, simulated seconds.
    """
    from venolymph.simulation.progress import shown

    warn_of_compiling()
    with shown(title, unit) as bar:
        yield bar


@cache
def warn_of_compiling() -> None:
    """Say where it is so that compiled programs cannot be kept, once a process; JAX then does not say it as well."""
    kept = compiled.folder()
    unusable = None if kept is None else compiled.trouble(kept)
    if unusable:
        import jax

        jax.config.update("jax_enable_compilation_cache", False)
        say(f"note: {unusable}")
        say(f"hint: {compiled.HINT}")


@contextmanager
def keeping(folder: Path) -> Iterator[None]:
    """While a run is made in a folder: whoever stops it is told what is kept there, and how to go on."""
    try:
        yield
    except KeyboardInterrupt:
        from venolymph.simulation.folder_layout import is_run_folder
        from venolymph.simulation.folder_reading import open_folder

        if not is_run_folder(folder):
            raise Stopped(f"nothing is kept of {folder.name}, for no part of it was done") from None
        opened, again = open_folder(folder), f"`venolymph run --resume {shlex.quote(str(folder))}`"
        if opened.complete:
            raise Stopped(f"the run is complete in {folder}; {again} writes its report") from None
        of = f" of {opened.settings['phases']}" if isinstance(opened.settings.get("phases"), int) else ""
        kept = f"{len(opened.phases)}{of} phases are kept in {folder}" if opened.phases else "no phase is done yet"
        raise Stopped(f"{kept}; go on with {again}") from None
