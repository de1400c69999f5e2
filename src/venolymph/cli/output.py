"""How the command line speaks: tables and JSON to standard output, messages and progress to standard error."""

from __future__ import annotations

import errno
import json
import os
import shutil
import sys
import time
import warnings
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from typing import Any

import typer
from rich.console import Console
from rich.text import Text

from venolymph.cli.help import Command, Group
from venolymph.cli.tables import lay_out, wrap
from venolymph.errors import VenolymphError

UNPRINTED = 1
"""Exit code where what was asked for could not be printed."""
_PATIENCE = 10.0
"""Seconds between lines of progress where standard error is not a terminal."""


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


class Commands(Group):
    """The group of commands: turns every mistake of input into one message and exit code 2."""

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
        except (KeyboardInterrupt, typer.Abort):
            say("stopped")
            sys.exit(130)
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


class Progress:
    """Called with how much is done, how much there is in all (as a rule simulated seconds) and what is being done;
    shows it with the time left.

    Args:
        title: what the work is.
        unit: what is counted; where empty, simulated seconds.
    """

    def __init__(self, title: str, unit: str = "") -> None:
        self._title = title
        self._unit = unit
        self._bar: Any = None
        self._task: Any = None
        self._begun = self._told = time.monotonic()
        self._first: float | None = None

    def __call__(self, done: float, total: float, label: str = "") -> None:
        """Show how far it is: how much is done, how much there is in all, and the phase being simulated."""
        if self._first is None:
            self._first = done
        if self._bar is not None:
            self._bar.update(self._task, completed=done, total=total, label=label, clock=self._clock(done, total))
            return
        now = time.monotonic()
        if now - self._told >= _PATIENCE and done > self._first:
            left = (now - self._begun) * (total - done) / (done - self._first)
            say(f"{self._title}: {self._clock(done, total)} ({label}), about {span(left)} left")
            self._told = now

    def _clock(self, done: float, total: float) -> str:
        if self._unit:
            return f"{done:.0f} of {total:.0f} {self._unit}"
        return f"{span(done)} of {span(total)} simulated"


@contextmanager
def progress(title: str, unit: str = "") -> Iterator[Progress]:
    """A bar on standard error where that is a terminal, else a line now and then."""
    shown = Progress(title, unit)
    if not sys.stderr.isatty():
        yield shown
        return
    from rich.progress import BarColumn, TextColumn, TimeRemainingColumn
    from rich.progress import Progress as Bar

    with Bar(
        TextColumn("{task.description}", markup=False),
        BarColumn(bar_width=30),
        TextColumn("{task.fields[clock]}", markup=False),
        TimeRemainingColumn(),
        TextColumn("left  {task.fields[label]}", markup=False),
        console=Console(stderr=True),
        transient=True,
    ) as bar:
        shown._bar = bar
        shown._task = bar.add_task(title, total=None, clock="", label="preparing")
        yield shown


def span(seconds: float) -> str:
    """A duration in words: `45 s`, `12 min 30 s`, `3 h 20 min`."""
    if seconds < 60:
        return f"{seconds:.0f} s"
    whole = round(seconds)
    hours, minutes, rest = whole // 3600, whole % 3600 // 60, whole % 60
    if hours:
        return f"{hours} h {minutes} min" if minutes else f"{hours} h"
    return f"{minutes} min {rest} s" if rest else f"{minutes} min"
