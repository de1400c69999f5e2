"""Tables as text: columns side by side where they fit, else each row as lines of `name: value`; no word is cut."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from rich.cells import cell_len

GAP = 3
"""Blanks between columns."""
WIDE = 160
"""Width that a table keeps to, where it can, when nothing says how wide it may be, characters."""


def wrap(text: str, width: int | None, indent: str = "") -> list[str]:
    """Lines of a text, broken between words only.

    Args:
        text: its own line breaks and the blanks that a line begins with are kept.
        width: of a line at most, characters; a longer word stands on a line of its own. None breaks nothing.
        indent: what the second and further lines of a broken line begin with, beside the blanks of the first.
    """
    return [line for given in text.split("\n") for line in _broken(given, width, indent)]


def _broken(line: str, width: int | None, indent: str) -> Iterator[str]:
    if width is None or cell_len(line) <= width:
        yield line
        return
    margin = line[: len(line) - len(line.lstrip())]
    words = line.split()
    now = margin + words[0] if words else ""
    for word in words[1:]:
        if cell_len(now) + 1 + cell_len(word) <= width:
            now += f" {word}"
        else:
            yield now
            now = margin + indent + word
    yield now


def lay_out(
    columns: Sequence[str], rows: Sequence[Sequence[str]], *, width: int | None = None, fold: Sequence[str] = ()
) -> tuple[list[str], list[str]]:
    """Lines of a table: those of its head, and those below.

    Args:
        columns: headings.
        rows: cells, as text.
        width: that it may take, characters; None where that is not known, as in a pipe.
        fold: headings of columns that may be broken into lines; the others stay whole.
    """
    table = [list(columns), *(list(row) for row in rows)]
    cells = list(zip(*table, strict=True))
    whole = [max(cell_len(line) for cell in column for line in wrap(cell, None)) for column in cells]
    words = [max(map(cell_len, " ".join(column).split()), default=0) for column in cells]
    least = [word if name in fold else line for name, word, line in zip(columns, words, whole, strict=True)]
    gaps = GAP * (len(columns) - 1)
    stacked = _stacked(columns, rows, width) if width else []
    if width and sum(least) + gaps > width:
        return [], stacked
    widths = _widths(least, whole, max(width or WIDE, sum(least) + gaps) - gaps)
    head, *below = [_side_by_side(row, widths) for row in table]
    body = [line for lines in below for line in lines]
    return ([], stacked) if width and len(stacked) < len(head) + len(body) else (head, body)


def _widths(least: Sequence[int], whole: Sequence[int], room: int) -> list[int]:
    """Widths of columns that fill the room: what is over goes to the narrower ones first."""
    found = list(least)
    for most in range(1, max(whole, default=0) + 1):
        tried = [max(small, min(large, most)) for small, large in zip(least, whole, strict=True)]
        if sum(tried) > room:
            break
        found = tried
    return found


def _side_by_side(row: Sequence[str], widths: Sequence[int]) -> list[str]:
    cells = [wrap(cell, width) for cell, width in zip(row, widths, strict=True)]
    lines = []
    for number in range(max(map(len, cells))):
        parts = [cell[number] if number < len(cell) else "" for cell in cells]
        padded = (part + " " * (width - cell_len(part)) for part, width in zip(parts, widths, strict=True))
        lines.append((" " * GAP).join(padded).rstrip())
    return lines


def _stacked(columns: Sequence[str], rows: Sequence[Sequence[str]], width: int) -> list[str]:
    lines: list[str] = []
    for row in rows:
        lines += [""] if lines else []
        named = [(name, cell) for name, cell in zip(columns, row, strict=True) if cell]
        for number, (name, cell) in enumerate(named):
            lines += wrap(f"{'  ' if number else ''}{name}: {' '.join(cell.split())}", width, "  ")
    return lines
