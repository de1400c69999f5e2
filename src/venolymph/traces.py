"""Measured traces from a table: a time column and columns of what was measured, each with its unit in its heading.

    time_s,ankle_pressure_mmHg
    0.0,12.5
    0.1,12.9

Units stand behind the name (`time_s`, `pressure_mmHg`, `girth (cm)`, `girth [cm]`). Cells are parted by commas,
semicolons or tabs; lines that begin with `#` are left out. What could be read in two ways is refused: a decimal comma,
an empty cell, a time that does not come after the one before, a stretch without samples.
"""

from __future__ import annotations

import csv
import io
import itertools
import math
import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING

from venolymph.documents import read_text
from venolymph.errors import DocumentError, nearest
from venolymph.units import dimension, numbers_meant, quantity, show

if TYPE_CHECKING:
    import numpy as np

MOST_ROWS = 50_000
"""Rows that a table may have."""
GAP = 20.0
"""A time between two samples so many times the usual one is a gap, ..."""
ENOUGH = 10
"""... in a table of so many rows: fewer are points that somebody chose."""
_UNIT_IN_BRACKETS = re.compile(r"(?P<name>.*\S)\s*[\[(]\s*(?P<unit>[^\])]+?)\s*[\])]")
_UNIT_BEHIND = re.compile(r"(?P<name>.+)_(?P<unit>[^_\s]+)")
_NUMBER = re.compile(r"[+-]?(?:\d+\.?\d*|\.\d+)(?:[eE][+-]?\d+)?")
_TIMES = ("time", "t")
EXAMPLE = "time_s,pressure_mmHg"


@dataclass(frozen=True)
class Column:
    """What was measured.

    Attributes:
        heading: of the column.
        name: the heading without its unit.
        unit: as the heading gives it.
        values: in that unit, shape (rows,).
    """

    heading: str
    name: str
    unit: str
    values: np.ndarray

    @property
    def dimension(self) -> str:
        """What it is, in a word: a pressure, a length, a volume, a flow."""
        return str(dimension(self.unit))

    def in_unit(self, unit: str) -> np.ndarray:
        """The values in another unit of the same dimension.

        Raises:
            UnitError: where the unit is of another dimension.
        """
        return self.values * quantity(f"1 {self.unit}", unit)


@dataclass(frozen=True)
class Traces:
    """A table of measured traces.

    Attributes:
        name: the file's name.
        time: s, shape (rows,), each later than the one before.
        columns: what was measured.
        text: the table itself.
    """

    name: str
    time: np.ndarray
    columns: tuple[Column, ...]
    text: str = field(default="", repr=False)

    def column(self, heading: str | None, wanted: str) -> Column:
        """The column of a heading; without one the only column of a dimension (`pressure`).

        Raises:
            DocumentError: where there is no such column, or there are several.
        """
        fitting = [one for one in self.columns if one.dimension == wanted]
        told = ", ".join(one.heading for one in self.columns)
        if heading is None:
            if len(fitting) == 1:
                return fitting[0]
            found = "several columns hold" if fitting else "no column holds"
            raise DocumentError(
                f"{found} a {wanted}; the columns are {told}", hint="name one: `column: HEADING`", place=self.name
            )
        for one in self.columns:
            if heading in (one.heading, one.name):
                if one not in fitting:
                    raise DocumentError(
                        f"column {heading!r} is a {one.dimension}, where a {wanted} is needed",
                        hint=f"name a column of {wanted}s" if fitting else None,
                        place=self.name,
                    )
                return one
        near = nearest(heading, [one.heading for one in self.columns])
        raise DocumentError(
            f"there is no column {heading!r}; the columns are {told}",
            hint=f"did you mean {near!r}?" if near else None,
            place=self.name,
        )


def read_traces(path: str | Path) -> Traces:
    """Measured traces from a file.

    Raises:
        DocumentError: where the file cannot be read, or is no table that can be read in one way only.
    """
    return parse_traces(read_text(Path(path), "a table (CSV)"), str(path))


def parse_traces(text: str, name: str) -> Traces:
    """Measured traces from the text of a file; see `read_traces`."""
    lines = _Lines(text, name)
    headings, first = next(lines.cells(), ([], 1))
    if not headings:
        raise lines.fail("the table is empty", f"first the headings, such as {EXAMPLE}, then a line for each sample")
    titles = [_title(lines, heading, number, first) for number, heading in enumerate(headings, 1)]
    clocks = [number for number, (title, _) in enumerate(titles) if title.lower() in _TIMES]
    if len(clocks) != 1 or len(titles) < 2:
        raise lines.fail(
            "one column has to be the time, and another what was measured"
            if len(clocks) < 2
            else "two columns are named time",
            f"headings are such as {EXAMPLE}",
            first,
        )
    clock = clocks[0]
    if dimension(titles[clock][1]) != "time":
        raise lines.fail(f"{headings[clock]!r} is not a time", "name it time_s, time_ms or time_min", first)
    rows, at = _rows(lines, headings)
    import numpy as np  # here, so that documents are read without it

    table = np.array(rows, float)
    time = table[:, clock] * quantity(f"1 {titles[clock][1]}", "s")
    _check_times(lines, time, at)
    columns = tuple(
        Column(headings[number], title, unit, table[:, number])
        for number, (title, unit) in enumerate(titles)
        if number != clock
    )
    return Traces(name, time, columns, text)


class _Lines:
    """A table's lines, and errors that name them."""

    def __init__(self, text: str, name: str) -> None:
        self._text, self._name = text, name
        plain = (line for line in text.splitlines() if line.strip() and not line.startswith(("#", "sep=")))
        head = next(plain, "")
        self._mark = next((mark for mark in ("\t", ";") if mark in head), ",")

    def fail(self, message: str, hint: str, line: int = 0) -> DocumentError:
        """An error that names the file and the line."""
        return DocumentError(message, hint=hint, place=f"{self._name}, line {line}" if line else self._name)

    def cells(self) -> Iterator[tuple[list[str], int]]:
        """The cells of each line that holds any, with the line's number."""
        reader = csv.reader(io.StringIO(self._text, newline=""), delimiter=self._mark, strict=True)
        try:
            for cells in reader:
                if any(cell.strip() for cell in cells) and not cells[0].startswith(("#", "sep=")):
                    yield [cell.strip() for cell in cells], reader.line_num
        except csv.Error as error:
            raise self.fail(f"this is not a table: {error}", "check the quotes near there", reader.line_num) from None


def _title(lines: _Lines, heading: str, number: int, line: int) -> tuple[str, str]:
    """Name and unit of a column.

    Raises:
        DocumentError: where there is no unit or it is not known.
    """
    match = _UNIT_IN_BRACKETS.fullmatch(heading) or _UNIT_BEHIND.fullmatch(heading)
    if match is not None and dimension(match["unit"]) is not None:
        return match["name"], match["unit"]
    usual = {"time": "time_s", "t": "time_s", "pressure": "pressure_mmHg", "girth": "girth_cm"}
    likely = usual.get(heading.lower(), f"{heading or 'pressure'}_mmHg")
    found = f"{match['unit']!r} is not a unit known here" if match else "there is no unit"
    raise lines.fail(
        f"column {number} is headed {heading!r}: {found}",
        f"put the unit behind the name, as in {likely}; take out columns that hold no measured number",
        line,
    )


def _rows(lines: _Lines, headings: Sequence[str]) -> tuple[list[list[float]], list[int]]:
    """The numbers of each row, and its line."""
    rows: list[list[float]] = []
    at: list[int] = []
    for cells, line in itertools.islice(lines.cells(), 1, None):
        if len(cells) != len(headings):
            hint = (
                "is a comma used before decimals? write a point there" if len(cells) > len(headings) else "fill it in"
            )
            raise lines.fail(f"{len(cells)} cells stand under {len(headings)} headings", hint, line)
        if len(rows) == MOST_ROWS:
            raise lines.fail(
                f"there are more than {MOST_ROWS:,} rows", "take fewer samples in a second, or a part of the time", line
            )
        rows.append([_number(lines, cell, heading, line) for cell, heading in zip(cells, headings, strict=True)])
        at.append(line)
    if len(rows) < 2:
        raise lines.fail("a trace needs two samples at least", "put a line for each sample below the headings")
    return rows, at


def _number(lines: _Lines, cell: str, heading: str, line: int) -> float:
    if _NUMBER.fullmatch(cell) and math.isfinite(value := float(cell)):
        return value
    meant = numbers_meant(cell.removeprefix("-"))
    if not cell or cell.lower() in {"nan", "na", "n/a", "null", "-", "."}:
        raise lines.fail(
            f"there is no number under {heading!r}{f', but {cell!r}' if cell else ''}",
            "leave out the row, or cut the file before and after the gap",
            line,
        )
    raise lines.fail(
        f"{show(cell)} under {heading!r} is not how a number is written here",
        f"a point stands before decimals: {' or '.join(meant)}" if meant else "write a plain number such as 12.5",
        line,
    )


def _check_times(lines: _Lines, time: np.ndarray, at: Sequence[int]) -> None:
    import numpy as np

    steps = np.diff(time)
    back = np.flatnonzero(steps <= 0.0)
    if len(back):
        row = int(back[0]) + 1
        word = "is the same as" if steps[back[0]] == 0.0 else "comes before"
        raise lines.fail(
            f"the time {time[row]:g} s {word} that of the line before, {time[row - 1]:g} s", "sort the lines by time",
            at[row],
        )  # fmt: skip
    usual = float(np.median(steps))
    wide = np.flatnonzero(steps > GAP * usual)
    if len(time) >= ENOUGH and len(wide):
        row = int(wide[0]) + 1
        raise lines.fail(
            f"there are no samples for {steps[wide[0]]:g} s before this line, where {usual:g} s is usual",
            "cut the file there, or fill the gap",
            at[row],
        )
