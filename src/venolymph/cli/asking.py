"""Asking at a terminal, or over a pipe, on standard error and standard input."""

from __future__ import annotations

import os
import sys
from collections.abc import Sequence

from venolymph.cli.tables import wrap

WIDEST = 88
"""Longest line that is still easy to read, characters."""


class Left(Exception):
    """Whoever answers has left: Ctrl-C, or the end of the input.

    Attributes:
        interrupted: whether it was Ctrl-C.
    """

    def __init__(self, interrupted: bool) -> None:
        super().__init__()
        self.interrupted = interrupted


class Lines:
    """Each prompt is one line, and nothing is drawn again: for pipes and screen readers."""

    def say(self, text: str, *, heading: bool = False) -> None:
        """A line."""
        print(text, file=sys.stderr)

    def ask(self, question: str, items: Sequence[str] = (), keys: str = "") -> str:
        """Ask once.

        Args:
            question: the question.
            items: what it lists.
            keys: what may be typed, in short.

        Raises:
            Left: where no answer comes.
        """
        text = " ".join(part for part in (question, "; ".join(items), keys) if part)
        # typed answers end the line at a terminal, and nowhere else
        print(text, end=" " if sys.stdin.isatty() else "\n", file=sys.stderr, flush=True)
        try:
            line = sys.stdin.readline()
        except KeyboardInterrupt:
            raise Left(interrupted=True) from None
        if not line:
            raise Left(interrupted=False)
        return line.strip()


class Terminal(Lines):
    """Text is wrapped between words at the terminal's width, and what is typed can be edited."""

    def __init__(self) -> None:
        from prompt_toolkit import PromptSession
        from prompt_toolkit.history import DummyHistory
        from prompt_toolkit.input import create_input
        from prompt_toolkit.output import create_output

        output = create_output(stdout=sys.stderr)
        # nothing is drawn below the prompt, so where the cursor stands need not be asked of the terminal
        setattr(output, "enable_cpr", False)  # noqa: B010 (Windows has none)
        # without a history, the arrow up does not bring back what was answered before
        self._session: PromptSession[str] = PromptSession(
            history=DummyHistory(), input=create_input(sys.stdin), output=output
        )

    def say(self, text: str, *, heading: bool = False) -> None:
        """A paragraph, or a heading in bold letters."""
        for line in _wrapped(text):
            print(f"\x1b[1m{line}\x1b[0m" if heading else line, file=sys.stderr)

    def ask(self, question: str, items: Sequence[str] = (), keys: str = "") -> str:
        """Ask once, each item on a line of its own."""
        print(file=sys.stderr)
        for line in (*_wrapped(question), *(line for item in items for line in _wrapped(item, "  "))):
            print(line, file=sys.stderr)
        sys.stderr.flush()
        try:
            return self._session.prompt(f"{keys}> ").strip()
        except KeyboardInterrupt:
            raise Left(interrupted=True) from None
        except EOFError:
            raise Left(interrupted=False) from None


def at_terminal() -> bool:
    """Whether somebody sits at a terminal, to be asked."""
    return sys.stdin.isatty() and sys.stderr.isatty()


def asker(plain: bool = False) -> Lines:
    """What asks here.

    Args:
        plain: one line a prompt, also at a terminal.
    """
    return Terminal() if at_terminal() and not plain else Lines()


def _wrapped(text: str, indent: str = "") -> list[str]:
    try:
        columns = os.get_terminal_size(sys.stderr.fileno()).columns
    except OSError:
        columns = WIDEST
    # a terminal whose width is not known says 0
    return wrap(indent + text, min(WIDEST, columns or WIDEST), indent)
