"""What `--help` prints: usage, arguments, options and commands in full sentences, broken between words only."""

from __future__ import annotations

import inspect
import shutil
from collections.abc import Iterator, Sequence
from typing import Any

import typer
import typer.core

from venolymph.cli.tables import wrap

WIDEST = 100
"""Lines of help are no longer than this, characters."""
_NAMES = 24
"""What is longer in the first column of a list stands on a line of its own, characters."""
_VALUES = {
    "answers": "FILE",
    "begin_from": "FOLDER[:PHASE]",
    "beside": "FILE",
    "csv": "FILE",
    "fhir_questionnaire": "FILE",
    "only": "TARGET",
    "out": "PATH",
    "research_override": "REASON",
    "resume": "FOLDER",
    "runs": "FOLDER",
    "sheet": "FILE",
    "write": "FILE",
}
"""What stands for the value of a parameter whose own name does not say what it takes."""


class Command(typer.core.TyperCommand):
    """A command whose help is written here."""

    def get_help(self, ctx: Any) -> str:
        """The text of `--help`."""
        return help_of(self, ctx)


class Group(typer.core.TyperGroup):
    """A group of commands whose help is written here."""

    def get_help(self, ctx: Any) -> str:
        """The text of `--help`."""
        return help_of(self, ctx)


class App(typer.Typer):
    """A group of commands all of which write their help in the same way."""

    def command(
        self, name: str | None = None, *, cls: type[typer.core.TyperCommand] | None = None, **given: Any
    ) -> Any:
        """As `typer.Typer.command`."""
        return super().command(name, cls=cls or Command, **given)


def help_of(command: Any, ctx: Any) -> str:
    """The text of a command's `--help`, as wide as the terminal.

    Args:
        command: a command or a group of commands.
        ctx: in which it was called.
    """
    width = min(shutil.get_terminal_size().columns, WIDEST)
    params = [param for param in command.get_params(ctx) if not getattr(param, "hidden", False)]
    arguments = [param for param in params if param.param_type_name == "argument"]
    options = [param for param in params if param.param_type_name == "option"]
    subcommands = [(name, command.get_command(ctx, name)) for name in getattr(command, "commands", {})]
    usage = ["[OPTIONS]", *(_argument(one) for one in arguments), *(["COMMAND"] if subcommands else [])]
    lines = wrap(f"Usage: {ctx.command_path} {' '.join(usage)}", width, "    ")
    for paragraph in inspect.cleandoc(command.help or "").split("\n\n"):
        lines += ["", *wrap(f"  {' '.join(paragraph.split())}", width)]
    for title, entries in (
        ("Arguments", [(_argument(one), _about(one)) for one in arguments]),
        ("Options", [(_option(one), _about(one)) for one in options]),
        ("Commands", [(name, _sentence(one)) for name, one in subcommands if not one.hidden]),
    ):
        if entries:
            lines += ["", f"{title}:", *_list(entries, width)]
    if command.epilog:
        lines += ["", *wrap(f"  {command.epilog}", width)]
    return "\n".join(lines)


def _list(entries: Sequence[tuple[str, str]], width: int) -> Iterator[str]:
    """Names with what they mean beside them, or below where there is no room."""
    column = max((len(name) for name, _ in entries if len(name) <= _NAMES), default=0) + 4
    beside = width >= 2 * column
    for name, about in entries:
        told = wrap(about, width - column) if beside else wrap(f"      {about}", width)
        if not beside or len(name) > _NAMES:
            yield from wrap(f"  {name}", width, "  ")
        else:
            yield f"  {name}".ljust(column) + told.pop(0)
        yield from (" " * column + line if beside else line for line in told)


def _value(param: Any) -> str:
    """What stands for a parameter's value."""
    return param.metavar or _VALUES.get(param.name) or param.name.upper().replace("_", "-")


def _argument(param: Any) -> str:
    name = _value(param) + ("..." if param.nargs != 1 else "")
    return name if param.required else f"[{name}]"


def _option(param: Any) -> str:
    # the short form first
    names = ", ".join(sorted(param.opts, key=len))
    if param.secondary_opts:
        return f"{names}, {', '.join(param.secondary_opts)}"
    return names if param.is_flag else f"{names} {_value(param)}"


def _about(param: Any) -> str:
    parts = [param.help or ""]
    if param.required and param.param_type_name == "option":
        parts.append("(It must be given.)")
    if isinstance(param.default, str | int | float) and not isinstance(param.default, bool):
        parts.append(f"(If not given: {param.default}.)")
    return " ".join(parts)


def _sentence(command: Any) -> str:
    """The first sentence of a command's help."""
    text = " ".join(inspect.cleandoc(command.help or "").split("\n\n")[0].split())
    return text.partition(". ")[0].rstrip(".") + "."
