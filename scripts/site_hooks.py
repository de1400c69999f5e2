"""What `mkdocs.yml` adds to the pages of docs/: the changelog becomes one, and marks of scripts are taken out."""

from __future__ import annotations

import re
from pathlib import Path

from mkdocs.config.defaults import MkDocsConfig
from mkdocs.structure.files import File, Files
from mkdocs.structure.pages import Page

CHANGELOG = Path(__file__).resolve().parents[1] / "CHANGELOG.md"
NAME = "changelog.md"
COMMENT = re.compile(r"<!--.*?-->", re.DOTALL)


def on_files(files: Files, config: MkDocsConfig) -> Files:
    """Adds CHANGELOG.md, which lies beside docs/, as a page."""
    files.append(File.generated(config, NAME, abs_src_path=str(CHANGELOG)))
    return files


def on_page_markdown(markdown: str, page: Page, **_: object) -> str:
    """Takes comments out, in which scripts name what they fill in: brackets in them would be read as links.

    Links of the changelog begin at the root of the checkout.
    """
    if page.file.src_uri == NAME:
        markdown = markdown.replace("](docs/", "](")
    return COMMENT.sub("", markdown)
