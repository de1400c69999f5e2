"""The site of docs/ builds without a warning, has every page, loads nothing from elsewhere; no link is dead."""

from __future__ import annotations

import ast
import importlib.util
import inspect
import os
import re
import subprocess
import sys
from collections.abc import Iterator
from html.parser import HTMLParser
from pathlib import Path
from urllib.parse import unquote, urlsplit

import pytest

import venolymph as vl

ROOT = Path(__file__).resolve().parents[2]
NEEDED = ("mkdocs", "material", "mkdocstrings_handlers")
LOADED = {
    "img": "src",
    "script": "src",
    "iframe": "src",
    "source": "src",
    "video": "src",
    "embed": "src",
    "object": "data",
}
"""Elements that load what they name without a click."""
LOADING = {"stylesheet", "icon", "preload", "preconnect", "prefetch", "dns-prefetch", "modulepreload", "manifest"}
"""Kinds of `<link>` that do."""
pytestmark = pytest.mark.slow


class Page(HTMLParser):
    """A page of the site: the names that can be linked to, where it links to, what it loads, and its text."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self.names: list[str] = []
        self.links: list[str] = []
        self.loads: list[str] = []
        self.words: list[str] = []
        self.feed(text)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        given = {key: value or "" for key, value in attrs}
        self.names += [given[key] for key in ("id", "name") if key in given and tag != "meta"]
        if tag == "a" and "href" in given:
            self.links.append(given["href"])
        if tag == "link" and LOADING & set(given.get("rel", "").split()):
            self.loads.append(given.get("href", ""))
        if given.get(LOADED.get(tag, "")):
            self.loads.append(given[LOADED[tag]])
        self.loads += re.findall(r"url\(([^)]+)\)", given.get("style", ""))

    def handle_data(self, data: str) -> None:
        self.words.append(data)


def outside(address: str) -> bool:
    return bool(urlsplit(address.strip("\"'")).netloc)


def public() -> Iterator[tuple[str, list[str]]]:
    """Packages that say what of them is public, and that; the command line has a page of its own."""
    for file in sorted((ROOT / "src" / "venolymph").rglob("__init__.py")):
        name = ".".join(file.parent.relative_to(ROOT / "src").parts)
        if name in ("venolymph.cli", "venolymph.interop"):  # the last hands on a package alone
            continue
        for node in ast.parse(file.read_text("utf-8")).body:
            if isinstance(node, ast.Assign) and ast.unparse(node.targets[0]) == "__all__":
                yield name, ast.literal_eval(node.value)


@pytest.fixture(scope="module")
def site(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The site, built anew."""
    missing = [name for name in NEEDED if importlib.util.find_spec(name) is None]
    if missing:
        pytest.skip(f"needs {', '.join(missing)} to build the site: pip install -e '.[docs]'")
    folder = tmp_path_factory.mktemp("site")
    done = subprocess.run(
        [sys.executable, "-m", "mkdocs", "build", "--strict", "--site-dir", str(folder)],
        cwd=ROOT,
        env=os.environ | {"NO_MKDOCS_2_WARNING": "1"},
        capture_output=True,
        text=True,
        check=False,
        timeout=300,
    )
    assert done.returncode == 0, done.stderr
    assert "WARNING" not in done.stderr
    return folder


@pytest.fixture(scope="module")
def pages(site: Path) -> dict[Path, Page]:
    return {file: Page(file.read_text("utf-8")) for file in sorted(site.rglob("*.html"))}


def test_every_page_of_the_docs_is_built_and_in_the_menu(site: Path, pages: dict[Path, Page]) -> None:
    wanted = {site / file.relative_to(ROOT / "docs").with_suffix(".html") for file in (ROOT / "docs").rglob("*.md")}
    assert wanted | {site / "changelog.html", site / "404.html"} == set(pages)
    menu = {(site / urlsplit(link).path).resolve() for link in pages[site / "index.html"].links if not outside(link)}
    assert wanted <= menu


def test_nothing_is_loaded_from_elsewhere(site: Path, pages: dict[Path, Page]) -> None:
    for file, page in pages.items():
        assert len(page.loads) > 3, f"{file.name}: what it loads is not read"
        assert not [address for address in page.loads if outside(address)], file.name
    for file in site.rglob("*.css"):
        named = re.findall(r"url\(([^)]+)\)|@import\s+[\"']([^\"']+)", file.read_text("utf-8"))
        assert not [pair for pair in named if outside("".join(pair))], file.name


def test_links_lead_somewhere_inside(site: Path, pages: dict[Path, Page]) -> None:
    dead = []
    for file, page in pages.items():
        for link in [*page.links, *page.loads]:
            to = urlsplit(link)
            if to.scheme or to.netloc:
                continue
            base = site if to.path.startswith("/") else file.parent  # 404.html is shown anywhere
            there = (base / unquote(to.path).lstrip("/")).resolve() if to.path else file
            there = there / "index.html" if there.is_dir() else there
            if not there.exists() or (
                to.fragment and there in pages and unquote(to.fragment) not in pages[there].names
            ):
                dead.append(f"{file.relative_to(site)}: {link}")
    assert not dead


def test_no_anchor_is_there_twice(site: Path, pages: dict[Path, Page]) -> None:
    for file, page in pages.items():
        own = [name for name in page.names if not name.startswith("__")]  # of the theme's switches
        assert sorted(own) == sorted(set(own)), file.relative_to(site)


def test_the_search_knows_the_pages(site: Path) -> None:
    index = (site / "search" / "search_index.json").read_text("utf-8")
    for part in ("reference/person.html", "reference/measures/duplex.html", "reference/api/simulation.html"):
        assert part in index


def test_simulate_is_shown_with_its_arguments(site: Path, pages: dict[Path, Page]) -> None:
    for name, anchor in (("index", "venolymph.simulate"), ("simulation", "venolymph.simulation.simulate")):
        page = pages[site / "reference" / "api" / f"{name}.html"]
        assert anchor in page.names
        text = " ".join("".join(page.words).split())
        for word in inspect.signature(vl.simulate).parameters:
            assert re.search(rf"\b{word} \([^)]+\) – ", text), f"{anchor}: {word} is not described"


PUBLIC = dict(public())


@pytest.mark.parametrize("package", PUBLIC)
def test_every_public_name_is_shown(site: Path, pages: dict[Path, Page], package: str) -> None:
    stubs = {stub: stub.read_text("utf-8") for stub in (ROOT / "docs" / "reference" / "api").glob("*.md")}
    own = [stub for stub, text in stubs.items() if re.search(rf"^::: {re.escape(package)}$", text, re.MULTILINE)]
    assert len(own) == 1, f"{package} has no page in docs/reference/api"
    shown = pages[site / "reference" / "api" / f"{own[0].stem}.html"].names
    # a name that is also that of a file is shown from there, where the page asks for it
    missing = [name for name in PUBLIC[package] if not {f"{package}.{name}", f"{package}.{name}.{name}"} & set(shown)]
    assert not missing, f"in {own[0].name}: give these a docstring, or a line `::: {package}.{missing[0]}.{missing[0]}`"
