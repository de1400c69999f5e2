"""The documents tell the truth: their code runs, their links lead somewhere, and what there is is described."""

from __future__ import annotations

import os
import re
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from urllib.parse import unquote

import pytest
import typer

import venolymph as vl
from venolymph import documents
from venolymph.body import places
from venolymph.calibration.document import load_calibration
from venolymph.cli.app import app
from venolymph.following import load_readings
from venolymph.improvement import load_improvement
from venolymph.measures import measures
from venolymph.population import load_population
from venolymph.regimen import STEPS
from venolymph.trial import load_trial
from venolymph.wall.life_document import load_life

ROOT = Path(__file__).resolve().parents[2]
PAGES = [ROOT / "README.md", ROOT / "CHANGELOG.md", *sorted((ROOT / "docs").rglob("*.md"))]
LARGEST_IMAGE = 200_000
LARGEST_FILM = 400_000
BLOCK = re.compile(r"^```(\w*)([^\n]*)\n(.*?)^```", re.MULTILINE | re.DOTALL)


def name(page: Path) -> str:
    return str(page.relative_to(ROOT))


def text(page: str) -> str:
    return (ROOT / page).read_text("utf-8")


def blocks(page: Path, language: str) -> list[tuple[str, str]]:
    """Code of a language in a page, with what stands behind the language's name."""
    return [(match[2].strip(), match[3]) for match in BLOCK.finditer(page.read_text("utf-8")) if match[1] == language]


READ: dict[str, Callable[[object], object]] = {
    "calibration": load_calibration,
    "life": load_life,
    "person": vl.load_person,
    "population": load_population,
    "readings": load_readings,
    "regimen": vl.load_regimen,
    "trial": load_trial,
    "improvement": load_improvement,
}
"""What reads a document, by its kind."""
WITH_PYTHON = [page for page in PAGES if blocks(page, "python")]


@pytest.mark.parametrize("page", WITH_PYTHON, ids=name)
def test_python_in_documents_runs(page: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The blocks of a page run one after another. Those marked slow only run where VENOLYMPH_SLOW_DOCS is set; those
    marked script are files of their own, and so are those with a title (see `test_worked_examples.py`).
    """
    monkeypatch.chdir(tmp_path)
    space: dict[str, object] = {"__name__": "__main__"}
    for number, (said, code) in enumerate(blocks(page, "python"), 1):
        slow = said == "slow" and "VENOLYMPH_SLOW_DOCS" not in os.environ
        if slow or said == "script" or said.startswith("title="):
            continue
        exec(compile(code, f"{name(page)}, block {number}", "exec"), space)


SCRIPTS = [(page, code) for page in WITH_PYTHON for said, code in blocks(page, "python") if said == "script"]


@pytest.mark.parametrize(("page", "code"), SCRIPTS, ids=[name(page) for page, _ in SCRIPTS])
def test_scripts_in_documents_run(page: Path, code: str, tmp_path: Path) -> None:
    """As a file, by a process of its own."""
    (tmp_path / "script.py").write_text(code, "utf-8")
    done = subprocess.run(
        [sys.executable, "script.py"], cwd=tmp_path, capture_output=True, text=True, check=False, timeout=500
    )
    assert done.returncode == 0, done.stderr
    assert done.stdout


@pytest.mark.parametrize("page", [page for page in PAGES if blocks(page, "yaml")], ids=name)
def test_documents_shown_are_valid(page: Path) -> None:
    for _, code in blocks(page, "yaml"):
        data, _ = documents.parse(code)
        READ[str(data["kind"])](data)


@pytest.mark.parametrize("page", PAGES, ids=name)
def test_links_lead_somewhere(page: Path) -> None:
    prose = BLOCK.sub("", page.read_text("utf-8"))
    for target in re.findall(r"\]\(([^)\s]+)\)", prose):
        if target.startswith(("http://", "https://", "mailto:")):
            continue
        path, _, part = unquote(target).partition("#")
        there = (page.parent / path).resolve() if path else page
        assert there.exists(), f"{name(page)} links to {target}, which does not exist"
        if part:
            assert part in anchors(there), f"{name(page)} links to {target}, where no heading has that name"


def anchors(page: Path) -> set[str]:
    """Names of a page's headings, as they are linked to."""
    headings = re.findall(r"^#+ (.*)$", page.read_text("utf-8"), re.MULTILINE)
    return {re.sub(r"[^\w\- ]", "", heading.lower()).replace(" ", "-") for heading in headings}


@pytest.mark.parametrize("page", PAGES, ids=name)
def test_files_named_in_documents_exist(page: Path) -> None:
    homes = (ROOT, ROOT / "src" / "venolymph", ROOT / "src" / "venolymph" / "body")
    for path in re.findall(r"`((?:[\w-]+/)+[\w.*-]+\.(?:py|toml|yaml|md|bib))`", page.read_text("utf-8")):
        assert any(list(home.glob(path)) for home in homes), f"{name(page)} names {path}, which does not exist"


def test_pictures_are_small_and_shown() -> None:
    shown = {
        Path(target).name for page in PAGES for target in re.findall(r"!\[[^\]]+\]\(([^)]+)\)", page.read_text("utf-8"))
    }
    for image in (one for one in (ROOT / "docs" / "images").rglob("*") if one.is_file()):
        most = LARGEST_FILM if image.suffix == ".webp" else LARGEST_IMAGE
        assert image.stat().st_size < most, f"{image.name} is too large"
        assert image.name in shown, f"{image.name} is shown on no page"


def commands() -> dict[str, object]:
    return dict(typer.main.get_command(app).commands)  # type: ignore[attr-defined]


def test_the_command_line_is_described() -> None:
    page = text("docs/reference/command-line.md")
    for command, about in commands().items():
        assert f"`venolymph {command}" in page, f"the command {command} is not described"
        for parameter in about.params:  # type: ignore[attr-defined]
            for option in (one for one in parameter.opts if one.startswith("--") and one != "--help"):
                assert f"`{option}" in page, f"{command} {option} is not described"


@pytest.mark.parametrize("page", PAGES, ids=name)
def test_commands_shown_exist(page: Path) -> None:
    shown = re.findall(r"`venolymph ([a-z]+)", BLOCK.sub("", page.read_text("utf-8")))
    for _, code in blocks(page, "sh"):
        shown += re.findall(r"^venolymph ([a-z]+)", code, re.MULTILINE)
    unknown = set(shown) - set(commands())
    assert not unknown, f"{name(page)} shows {unknown}"


def test_every_measure_has_a_page() -> None:
    for one in measures().values():
        page = ROOT / "docs" / "reference" / "measures" / f"{one.instrument}.md"
        assert page.exists(), f"{one.name} has no page"
        assert f"`{one.name}`" in page.read_text("utf-8"), f"{name(page)} does not name {one.name}"
        assert f"measures/{page.name}" in text("README.md"), f"README.md does not link to {name(page)}"


def test_every_place_is_named() -> None:
    page = " ".join(text("docs/reference/person.md").split())
    for place in (*places.SEGMENTS, *places.TRIBUTARIES, *places.PERFORATORS):
        assert f"`{place}`" in page, f"{place} is not named"


@pytest.mark.parametrize("kind", ["person", "regimen"])
def test_every_packaged_document_is_named(kind: str) -> None:
    page = text(f"docs/reference/{kind}.md")
    for packaged in vl.packaged_people() if kind == "person" else vl.packaged_regimens():
        assert f"`{packaged}`" in page, f"{packaged} is not named"


def test_every_step_is_described() -> None:
    page = text("docs/reference/regimen.md")
    for word, step in STEPS.items():
        assert f"| `{word}` |" in page, f"the step {word} is not described"
        for key in dict(step.keys()):
            known = f"`{key}" in page or key in ("what", "quiet")
            assert known, f"{key!r} of the step {word} is not described"


def test_public_names_are_spoken_of() -> None:
    pages = "\n".join(page.read_text("utf-8") for page in PAGES)
    errors = {word for word in vl.__all__ if word.endswith("Error")}
    # types that users meet as results, and what the command line stands for
    quiet = errors | {
        "Body",
        "Person",
        "Reading",
        "Run",
        "__version__",
        "measure",
        "packaged_people",
        "packaged_regimens",
    }
    for word in set(vl.__all__) - quiet:
        assert f"vl.{word}" in pages, f"vl.{word} is nowhere in the documents"


def test_names_spoken_of_are_there() -> None:
    sources = [*PAGES, *sorted((ROOT / "src" / "venolymph").rglob("*.py"))]
    for page in sources:
        for word in re.findall(r"\bvl\.([a-z]\w*)", page.read_text("utf-8")):
            assert hasattr(vl, word), f"{page.name} speaks of vl.{word}"
