"""Reading pages as a browser does: forms, their fields, and text."""

from __future__ import annotations

from html.parser import HTMLParser


class Page(HTMLParser):
    """A page: its heading, its text, and the fields of its forms.

    Attributes:
        heading: of the page.
        text: all that is read.
        hidden: hidden fields by name, the last of each.
        options: values of radio buttons by name, in their order.
        numbers: names of fields for numbers.
        marked: what stands beside questions that were not taken.
    """

    def __init__(self, source: str) -> None:
        super().__init__()
        self.heading, self.text = "", ""
        self.hidden: dict[str, str] = {}
        self.options: dict[str, list[str]] = {}
        self.numbers: list[str] = []
        self.marked: list[str] = []
        self._inside: list[str] = []
        self.feed(source)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        """Take note of a field, or of what a text stands in."""
        given = {key: value or "" for key, value in attrs}
        if tag == "input":
            if given.get("type") == "hidden":
                self.hidden[given["name"]] = given["value"]
            elif given.get("type") == "radio":
                self.options.setdefault(given["name"], []).append(given["value"])
            elif given.get("type") == "number":
                self.numbers.append(given["name"])
        elif tag in ("h1", "p", "style", "script"):
            self._inside.append("marked" if given.get("class") == "marked" else tag)

    def handle_endtag(self, tag: str) -> None:
        """Leave what a text stands in."""
        if tag in ("h1", "p", "style", "script") and self._inside:
            self._inside.pop()

    def handle_data(self, data: str) -> None:
        """Take note of text."""
        where = self._inside[-1] if self._inside else ""
        if where == "h1":
            self.heading += data
        elif where == "marked":
            self.marked.append(data)
        self.text += data
