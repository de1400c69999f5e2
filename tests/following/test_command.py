"""`venolymph follow` as somebody calls it: real processes, real files."""

from __future__ import annotations

import csv
import io
import json
import os
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from following.legs import LANDMARKS, legs, scaled
from venolymph import documents

ROOT = Path(__file__).resolve().parents[2]
DOCUMENT = legs(
    ("2026-03-02", "left", LANDMARKS),
    ("2026-03-02", "right", scaled(0.97)),
    ("2026-03-30", "left", scaled(0.97)),
    ("2026-03-30", "right", scaled(0.971)),
)


@pytest.fixture(autouse=True)
def _folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    Path("readings.yaml").write_text(documents.write(DOCUMENT), encoding="utf-8")


def call(*arguments: str, columns: str = "") -> subprocess.CompletedProcess[str]:
    environment = {**os.environ, "COLUMNS": columns}
    command = [sys.executable, "-m", "venolymph", "follow", *arguments]
    return subprocess.run(command, capture_output=True, text=True, timeout=300, env=environment, check=False)


def test_what_is_printed(snapshot: Callable[[str, str], None]) -> None:
    done = call("readings.yaml", columns="80")
    assert (done.returncode, done.stderr) == (0, "")
    snapshot("said", done.stdout.rstrip("\n"))


def test_a_jump_stands_first(snapshot: Callable[[str, str], None]) -> None:
    jump = legs(("2026-03-02", "left", LANDMARKS), ("2026-03-09", "left", scaled(1.06)))
    Path("readings.yaml").write_text(documents.write(jump), encoding="utf-8")
    done = call("readings.yaml", columns="80")
    assert (done.returncode, done.stderr) == (0, "")
    assert done.stdout.index("See a doctor today".lower()) < done.stdout.index("first day")
    snapshot("said-jump", done.stdout.rstrip("\n"))
    done = call("readings.yaml", "--csv")
    assert "see a doctor today" in done.stderr


def test_json_and_csv_say_the_same() -> None:
    found = json.loads(call("readings.yaml", "--json").stdout)
    rows = list(csv.DictReader(io.StringIO(call("readings.yaml", "--csv").stdout)))
    assert len(rows) == len(found["readings"]) == 4
    for row, one in zip(rows, found["readings"], strict=True):
        assert (row["date"], row["side"]) == (one["date"], one["side"])
        assert float(row["volume_mL"]) == one["volume_mL"]
        change = one["since_first_day"]
        assert row["more_than_error"] == ("" if change is None else "yes" if change["more_than_error"] else "no")
    assert found["readings"][0]["volume_mL"] == 3149.41
    assert found["readings"][2]["since_first_day"]["percent"] == -5.91
    assert found["smallest_change"]["percent"] == 3.8


def test_a_page_is_written_once() -> None:
    done = call("readings.yaml", "--page", "page.html")
    assert (done.returncode, done.stderr) == (0, "written: page.html\n")
    assert Path("page.html").read_text("utf-8").startswith("<!doctype html>")
    done = call("readings.yaml", "--page", "page.html")
    assert (done.returncode, done.stdout) == (2, "")
    assert "there already" in done.stderr
    assert call("readings.yaml", "--page", "nowhere/page.html").returncode == 2


def test_a_table_of_a_european_spreadsheet() -> None:
    text = "date;side;height_cm;girth_cm\n" + "".join(f"02.03.2026;L;{h};{c}\n" for h, c in LANDMARKS.items())
    numbers = text.replace("21.5", "21,5").replace("24.0", "24,0").replace("33.0", "33,0")
    Path("readings.csv").write_bytes(b"\xef\xbb\xbf" + numbers.replace("35.0", "35,0").replace("39.0", "39,0").encode())
    done = call("readings.csv", "--from", "malleolus", "--label", "A-17", "--json")
    assert (done.returncode, done.stderr) == (0, "")
    found = json.loads(done.stdout)
    assert (found["label"], found["readings"][0]["volume_mL"]) == ("A-17", 3149.41)


def test_different_extents(snapshot: Callable[[str, str], None]) -> None:
    short = {height: girth for height, girth in LANDMARKS.items() if height < 40}
    Path("readings.yaml").write_text(
        documents.write(legs(("2026-03-02", "left", LANDMARKS), ("2026-03-30", "left", short))), encoding="utf-8"
    )
    done = call("readings.yaml")
    assert (done.returncode, done.stdout) == (2, "")
    snapshot("extents", done.stderr.rstrip("\n"))
    done = call("readings.yaml", "--common")
    assert done.returncode == 0
    assert "from 0 to 30 cm above the ankle bone" in done.stdout
    assert "are cut to the part that all have" in done.stdout


def test_the_examples_of_the_documents() -> None:
    """A document and a table, each with the same readings."""
    document, table = ROOT / "docs/how-to/readings.yaml", ROOT / "docs/how-to/readings.csv"
    assert document.read_text("utf-8") in (ROOT / "docs/how-to/follow-somebody.md").read_text("utf-8")
    found = [json.loads(call(str(document), "--json").stdout)]
    found.append(json.loads(call(str(table), "--from", "malleolus", "--label", "A-17", "--json").stdout))
    assert found[0] == found[1]
    assert found[0]["readings"][2]["since_first_day"]["more_than_error"]


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (("missing.yaml",), "there is no such file"),
        (("missing.csv", "--from", "sole"), "there is no such file"),
        (("readings.yaml", "--from", "sole"), "a document says from itself"),
        (("readings.yaml", "--json", "--csv"), "--json and --csv at once"),
        (("readings.yaml", "--language", "xx"), "no words in the language 'xx'"),
        (("readings.yaml", "--from", "knee"), "'knee'"),
        ((), "missing argument"),
    ],
)
def test_mistakes_are_one_error(arguments: tuple[str, ...], message: str) -> None:
    done = call(*arguments)
    assert (done.returncode, done.stdout) == (2, "")
    assert message in done.stderr
    assert "hint: " in done.stderr
    assert "Traceback" not in done.stderr
