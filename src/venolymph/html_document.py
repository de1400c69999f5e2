"""The frame of a page that is one file: what stands in its head, around whatever it shows."""

from __future__ import annotations

from html import escape

RUNS_NOTHING = "default-src 'none'; style-src 'unsafe-inline'"
"""Policy of a page that fetches nothing and runs nothing."""


def html_document(title: str, body: str, *, style: str, policy: str = RUNS_NOTHING, language: str = "en") -> str:
    """A whole page as text of HTML.

    Args:
        title: of the page, as plain text.
        body: what it shows, as HTML.
        style: its style sheet.
        policy: what it may load and run (Content-Security-Policy).
        language: that it is written in.
    """
    return f"""<!doctype html>
<html lang="{escape(language)}">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta http-equiv="Content-Security-Policy" content="{policy}">
<title>{escape(title)}</title>
<style>
{style}</style>
</head>
<body>
{body}</body>
</html>
"""
