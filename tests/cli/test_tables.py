"""Nothing that the command prints is cut: tables and help keep every word whole, however narrow the terminal is."""

from __future__ import annotations

import fcntl
import json
import os
import pty
import struct
import subprocess
import sys
import termios
from collections.abc import Sequence
from typing import Any

import pytest
import typer
from hypothesis import given
from hypothesis import strategies as st
from typer.testing import CliRunner

from venolymph import validation
from venolymph.cli import app
from venolymph.cli.tables import lay_out, wrap

WORD = st.text("abcdefgh-,()µé", min_size=1, max_size=20)
CELL = st.lists(WORD, max_size=8).map(" ".join)
TABLE = st.integers(1, 5).flatmap(
    lambda count: st.tuples(
        st.lists(WORD, min_size=count, max_size=count, unique=True),
        st.lists(st.lists(CELL, min_size=count, max_size=count), min_size=1, max_size=5),
    )
)


@given(TABLE, st.one_of(st.none(), st.integers(1, 200)), st.data())
def test_every_word_of_every_cell_is_whole(table: Any, width: int | None, data: st.DataObject) -> None:
    columns, rows = table
    fold = data.draw(st.lists(st.sampled_from(columns)))
    head, body = lay_out(columns, rows, width=width, fold=fold)
    shown = sorted(word for line in (*head, *body) for word in line.split())
    cells = sorted(word for row in rows for cell in row for word in cell.split())
    names = sorted(f"{name}:" for row in rows for name, cell in zip(columns, row, strict=True) if cell)
    assert shown == sorted([*cells, *columns] if head else [*cells, *names])
    for line in (*head, *body):
        assert width is None or len(line) <= width or len(line.split()) == 1
    assert width is not None or head, "in a pipe a table stays a table"


@given(CELL, st.integers(1, 40))
def test_text_is_broken_between_words_only(text: str, width: int) -> None:
    lines = wrap(f"  - {text}", width, "  ")
    assert " ".join(lines).split() == f"- {text}".split()
    assert all(len(line) <= width or len(line.split()) == 1 for line in lines)


def test_a_wide_table_in_a_pipe_is_as_wide_as_it_must_be() -> None:
    head, (line,) = lay_out(["name", "about"], [["x" * 300, "two words"]])
    assert head[0].split() == ["name", "about"]
    assert line == "x" * 300 + "   two words"


def process(*words: str, **variables: str) -> str:
    environment = {key: value for key, value in os.environ.items() if key != "COLUMNS"} | variables
    done = subprocess.run(
        [sys.executable, "-m", "venolymph", *words], capture_output=True, text=True, check=True, env=environment
    )
    return done.stdout


def terminal(*words: str, columns: int) -> str:
    """What a command prints at a terminal of so many columns."""
    main, child = pty.openpty()
    fcntl.ioctl(child, termios.TIOCSWINSZ, struct.pack("HHHH", 24, columns, 0, 0))
    environment = {key: value for key, value in os.environ.items() if key not in ("COLUMNS", "LINES")}
    with subprocess.Popen(
        [sys.executable, "-m", "venolymph", *words], stdin=child, stdout=child, env={**environment, "TERM": "dumb"}
    ) as running:
        os.close(child)
        read = b""
        while True:
            try:
                got = os.read(main, 65536)
            except OSError:  # the other end was closed
                break
            if not got:
                break
            read += got
        os.close(main)
    assert running.returncode == 0
    return read.decode()


def people() -> list[str]:
    """Words that the list of people must hold."""
    found = json.loads(CliRunner().invoke(app, ["people", "--json"]).stdout)
    cells = [[one["name"], one["sex"], one["height"], one["legs"]["left"], one["legs"]["right"]] for one in found]
    return [word.rstrip(",") for row in cells for cell in row for word in cell.split()]


@pytest.mark.parametrize("columns", ["", "40", "60", "200"])
def test_lists_of_a_process_are_whole(columns: str) -> None:
    shown = process("people", **({"COLUMNS": columns} if columns else {}))
    assert not set(people()) - {word.rstrip(",") for word in shown.split()}
    assert not columns or all(len(line) <= int(columns) for line in shown.splitlines())
    assert ("left leg: " in shown) is (columns in ("40", "60"))


def test_lists_at_a_terminal_are_as_wide_as_it_is() -> None:
    shown = terminal("people", columns=60)
    assert all(len(line) <= 60 for line in shown.splitlines())
    assert not set(people()) - {word.rstrip(",") for word in shown.split()}


@pytest.mark.parametrize("columns", ["40", "60", "200"])
@pytest.mark.parametrize("words", ["regimens", "measures", "sources", "evidence"])
def test_every_list_is_whole(words: str, columns: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("COLUMNS", raising=False)
    wide = CliRunner().invoke(app, [words])
    monkeypatch.setenv("COLUMNS", columns)
    narrow = CliRunner().invoke(app, [words])
    assert wide.exit_code == narrow.exit_code == 0
    heads = {"regimen", "session", "garment", "measure", "figure", "claim"}
    missing = {word.rstrip(":") for word in wide.stdout.split()} - {word.rstrip(":") for word in narrow.stdout.split()}
    assert missing <= heads | {"range", "published", "what", "read"}, missing  # heads of columns that are empty


@pytest.mark.parametrize("columns", [None, "60", "200"])
def test_verdicts_of_validation_are_whole(columns: str | None, monkeypatch: pytest.MonkeyPatch) -> None:
    found = [
        validation.Verdict(one, 1.25e-5, "out of range", "performed as the protocol says, " * 6)
        for one in validation.targets().values()
    ]
    monkeypatch.setattr(validation, "validate", lambda only, progress: found)
    monkeypatch.delenv("COLUMNS", raising=False)
    if columns is not None:
        monkeypatch.setenv("COLUMNS", columns)
    done = CliRunner().invoke(app, ["validate", "--only", "any"])
    assert done.exit_code == 0, done.output
    shown = done.stdout.split()
    for one in found:
        assert {one.id, *one.target.person.split(), *one.target.unit.split()} <= set(shown)
    assert done.stdout.count("OUT OF RANGE") == len(found) == shown.count("1.25e-05")


def commands(group: Any, above: Sequence[str] = ()) -> list[tuple[str, ...]]:
    found: list[tuple[str, ...]] = [tuple(above)]
    for name, one in getattr(group, "commands", {}).items():
        found += commands(one, (*above, name))
    return found


COMMANDS = commands(typer.main.get_command(app))


@pytest.mark.parametrize("words", COMMANDS, ids=" ".join)
def test_help_is_whole_at_any_width(words: tuple[str, ...], monkeypatch: pytest.MonkeyPatch) -> None:
    shown = {}
    for columns in (40, 60, 200):
        monkeypatch.setenv("COLUMNS", str(columns))
        done = CliRunner().invoke(app, [*words, "--help"])
        assert done.exit_code == 0
        assert all(len(line) <= columns for line in done.stdout.splitlines()), done.stdout
        assert "..." not in done.stdout.replace("...]", ""), "a sentence is cut"
        shown[columns] = done.stdout.split()
    assert shown[40] == shown[60] == shown[200]


@pytest.mark.parametrize("words", [["-m", "venolymph"], ["-c", "from venolymph.cli import main; main()"]])
def test_the_bare_command_prints_help(words: list[str]) -> None:
    done = subprocess.run([sys.executable, *words], capture_output=True, text=True, check=False)
    assert (done.returncode, done.stderr) == (0, "")
    assert done.stdout.startswith("Usage: venolymph [OPTIONS] COMMAND\n")
    assert all(f"\n  {name} " in done.stdout for name, *_ in COMMANDS[1:])
