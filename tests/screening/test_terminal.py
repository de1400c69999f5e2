"""At a real terminal: keys, width, resize, leaving, and the way from `screen` to `plan` by keyboard."""

from __future__ import annotations

import datetime as dt
import os
import re
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from screening.people import RULES, benign, document
from screening.typed import through, typing
from venolymph.documents import write
from venolymph.plan import PlanRefused, plan
from venolymph.screening import load_answers, to_ask_again, words
from venolymph.screening.conversation import Conversation

pexpect = pytest.importorskip("pexpect", reason="needs a terminal as Unix has it")
pyte = pytest.importorskip("pyte")

pytestmark = pytest.mark.skipif(sys.platform == "win32", reason="needs a terminal as Unix has it")
TEXT = words("en")
PATIENCE = 60.0
"""Longest wait for a text that will come, s."""
UP, DOWN, LEFT, RIGHT, BACKSPACE = "\x1b[A", "\x1b[B", "\x1b[D", "\x1b[C", "\x7f"
PROMPT = r"\x1b\[\?2004h.*?>[^>]*?\x1b\[\?25h"
"""A prompt that reads keys one by one: before it turns pasting on, and after Enter, keys are echoed as they come."""


class Seat:
    """Somebody at a terminal, and what stands on the screen."""

    def __init__(self, *command: str, columns: int = 80, rows: int = 40) -> None:
        self.screen = pyte.Screen(columns, rows)
        self.seen = ""
        self._stream = pyte.Stream(self.screen)
        self.child = pexpect.spawn(
            sys.executable,
            ["-m", "venolymph", *command],
            dimensions=(rows, columns),
            env=dict(os.environ),  # without what the readline library has set behind Python's back
            encoding="utf-8",
            timeout=PATIENCE,
        )

    def wait(self, pattern: str) -> None:
        """Until a text has come."""
        self.child.expect(pattern)
        self._read(self.child.before + self.child.after)

    def type(self, text: str) -> None:
        """A line, once a prompt is there."""
        self.wait(PROMPT)
        self.child.send(text + "\r")

    def end(self) -> int:
        """Until the command has ended; its exit code."""
        self.child.expect(pexpect.EOF)
        self._read(self.child.before)
        self.child.close()
        return int(self.child.exitstatus)

    def resize(self, columns: int, rows: int) -> None:
        self.child.setwinsize(rows, columns)
        self.screen.resize(rows, columns)

    def shown(self) -> list[str]:
        """Lines on the screen."""
        return [line.rstrip() for line in self.screen.display]

    def _read(self, text: str) -> None:
        self.seen += text
        self._stream.feed(text)


@pytest.fixture(autouse=True)
def _elsewhere(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("TERM", "xterm-256color")
    monkeypatch.delenv("COLUMNS", raising=False)


@pytest.fixture
def sit() -> Iterator[Any]:
    seats: list[Seat] = []

    def seat(*command: str, **size: int) -> Seat:
        seats.append(Seat(*command, **size))
        return seats[-1]

    yield seat
    for one in seats:
        one.child.close(force=True)


def test_from_the_questions_to_a_plan_by_keyboard(sit: Any) -> None:
    seat = sit("screen", "--out", "answers.yaml")
    for line in typing(P04="yes"):
        seat.type(line)
    assert seat.end() == 0, seat.seen
    kept = load_answers("answers.yaml")
    assert (kept.label, kept.legs, kept.date) == ("A-17", ("left",), dt.date.today())
    seat = sit("plan", "--answers", "answers.yaml", columns=120)
    assert seat.end() == 0, seat.seen
    assert "left leg" in seat.seen


def test_arrow_keys_edit_and_do_no_harm(sit: Any) -> None:
    seat = sit("screen", "--out", "answers.yaml", "--leg", "left")
    seat.type(f"{UP}{DOWN}-17{LEFT * 3}A{RIGHT}8{BACKSPACE}")
    lines = typing(whose=())
    for number, line in enumerate(lines):
        # what was typed before does not come back, so that Enter cannot repeat it
        seat.type((UP * 3 if number % 3 == 0 else "") + line + (LEFT + RIGHT + DOWN if number % 5 == 0 else ""))
    assert seat.end() == 0, seat.seen
    assert load_answers("answers.yaml").label == "A-17"
    assert "^[" not in seat.seen


@pytest.mark.parametrize("columns", [40, 60, 80])
def test_words_are_never_broken(sit: Any, columns: int) -> None:
    seat = sit("screen", columns=columns, rows=400)
    for line in typing():
        seat.type(line)
    assert seat.end() == 0
    plain = re.sub(r"\x1b\[[0-9;?]*[A-Za-z]", "", seat.seen)
    lines = [line for line in re.split(r"[\r\n]+", plain) if not line.startswith((">", "y/n", "n/?", "?>"))]
    # no line is left to the terminal to break, and most of the width is used
    assert columns - 16 < max(len(line) for line in lines) <= columns
    for name in ("P01", "U01", "M11", "P04"):
        assert " ".join(TEXT.question(RULES[name], ("leg",)).split()) in " ".join(" ".join(lines).split())


def test_another_width_in_the_middle_does_no_harm(sit: Any) -> None:
    seat = sit("screen", "--out", "answers.yaml", columns=100)
    for number, line in enumerate(typing()):
        seat.wait(PROMPT)
        if number % 4 == 0:
            seat.resize((40, 120, 60)[number % 3], 30)
        seat.child.send(line + "\r")
    assert seat.end() == 0, seat.seen
    assert load_answers("answers.yaml").answers["M11"] == 45.0


@pytest.mark.parametrize("leave", ["q\r", "\x03", "\x04"])
def test_leaving_after_an_emergency_says_what_to_do(sit: Any, leave: str) -> None:
    seat = sit("screen", "--label", "A", "--leg", "left", "--out", "answers.yaml")
    for line in ("n", "n", "n", "y"):
        seat.type(line)
    seat.wait("all the same")
    seat.wait(PROMPT)
    seat.child.send(leave)
    assert seat.end() == 4
    assert seat.seen.rpartition("all the same")[2].count(TEXT.rules["E01"].action) == 1
    assert "Traceback" not in seat.seen
    assert not Path("answers.yaml").exists()


@pytest.mark.parametrize(("leave", "code"), [("q\r", 130), ("\x03", 130), ("\x04", 2)])
def test_leaving_before_keeps_nothing(sit: Any, leave: str, code: int) -> None:
    seat = sit("screen", "--out", "answers.yaml")
    seat.type("A-17")
    seat.wait(PROMPT)
    seat.child.send(leave)
    assert seat.end() == code
    assert "Traceback" not in seat.seen
    assert not Path("answers.yaml").exists()


def test_plain_draws_nothing_again(sit: Any) -> None:
    seat = sit("screen", "--plain", "--out", "answers.yaml", columns=500)
    for line in typing():
        seat.wait(r"(\?|:|\)|it\.|\d+|\w+) $|y/n/\? |n/\? ")
        seat.child.send(line + "\r")
    assert seat.end() == 0, seat.seen
    assert "\x1b" not in seat.seen
    assert load_answers("answers.yaml").label == "A-17"


def asked_before() -> Any:
    given = document(benign(("leg",), False), date=dt.date.today() - dt.timedelta(days=3))
    Path("old.yaml").write_text(write(given.document()), "utf-8")
    return given


def of_the_day(given: Any, **wanted: Any) -> list[str]:
    rules = [rule.id for rule in to_ask_again(given, dt.date.today())]
    return [*through(Conversation(only=rules, answers=given.answers), wanted), ""]


def test_plan_asks_the_questions_of_the_day(sit: Any) -> None:
    given = asked_before()
    seat = sit("plan", "--answers", "old.yaml", "--sheet", "plan.html", columns=120)
    for line in of_the_day(given):
        seat.type(line)
    assert seat.end() == 0, seat.seen
    assert dt.date.today().isoformat() in Path("plan.html").read_text("utf-8")


@pytest.mark.parametrize("name", ["P01", "P03", "U05"])
def test_plan_refuses_what_is_said_on_the_day(sit: Any, name: str) -> None:
    given = asked_before()
    seat = sit("plan", "--answers", "old.yaml", "--sheet", "plan.html")
    for line in of_the_day(given, **{name: "yes"}):
        seat.type(line)
    assert seat.end() == 3
    assert not Path("plan.html").exists()


def test_broken_skin_said_on_the_review_page_gives_no_plan(sit: Any) -> None:
    seat = sit("screen", "--out", "answers.yaml")
    for line in typing()[:-1]:
        seat.type(line)
    seat.wait(r"(\d+) broken skin or ulcer")
    number = seat.child.match[1]
    for line in (number, "y", "n"):
        seat.type(line)
    assert seat.end() == 3
    with pytest.raises(PlanRefused):
        plan("leg-massage", "answers.yaml", today=dt.date.today(), leg="left")
