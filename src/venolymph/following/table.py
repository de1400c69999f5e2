"""Tables of readings, as spreadsheets save them, read into the plain data of a document of readings.

Columns are separated by commas, semicolons or tabs. Units stand in the headings. A file's decimals come after a point
or after a comma, never both; what could be read in two ways is refused.
"""

from __future__ import annotations

import csv
import io
import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from venolymph.classification import girth_of_area, girth_of_diameters
from venolymph.documents import Place, Source, read_text
from venolymph.errors import DocumentError, nearest
from venolymph.units import numbers_meant, quantity, show

_NAMES = {
    "date": ("date", "day"),
    "side": ("side", "leg", "limb"),
    "height": ("height", "level", "distance", "position"),
    "girth": ("girth", "circumference"),
    "area": ("area",),
    "x": ("x", "diameter_x", "x_diameter", "width"),
    "y": ("y", "diameter_y", "y_diameter", "depth"),
    "label": ("label",),
    "from": ("from",),
    "method": ("method",),
}
"""What a column holds, and what it may be called."""
_SIDES = {"l": "left", "left": "left", "r": "right", "right": "right"}
_UNITS = {"cm": "cm", "mm": "mm", "m": "m", "in": "inch", "inch": "inch", "cm2": "cm2", "mm2": "mm2"}
_HEADING = re.compile(rf"(?P<name>[a-z_]+?)(?:_?above_(?:the_)?(?P<start>[a-z]+?))?(?:_(?P<unit>{'|'.join(_UNITS)}))?")
_LINE = re.compile(r"(?P<number>-?[\d.,]+)_?(?P<unit>cm|mm|inch|in)")
_PLAIN = re.compile(r"-?\d+(?:\.\d+)?")
EXAMPLE = "date,side,height_cm,girth_cm"


@dataclass(frozen=True)
class _Column:
    """What a column holds.

    Attributes:
        kind: `date`, `side`, `height` and so on; `line` for girths at the height that the heading names.
        heading: as written.
        unit: of its numbers.
        height: the number in the heading of a `line`, as written.
        start: what heights are counted from, where the heading says so.
    """

    kind: str
    heading: str
    unit: str | None = None
    height: str = ""
    start: str | None = None


@dataclass(frozen=True)
class _Row:
    """A line of the file: its number there, and its cells by column."""

    line: int
    cells: dict[_Column, str]

    def text(self, kind: str) -> str:
        return next((cell for column, cell in self.cells.items() if column.kind == kind), "")


def read_table(path: Path, given: Mapping[str, str]) -> tuple[dict[str, Any], Source]:
    """Read a table of readings.

    Args:
        path: the file.
        given: `from`, `label` and `method`, as far as they are known from elsewhere.

    Returns:
        A document of readings as plain data, and where each of its places stands.

    Raises:
        DocumentError: where the file is no such table or can be read in two ways.
    """
    return _Table(path).document(given)


class _Table:
    """A table while it is read; messages name the file and the line."""

    def __init__(self, path: Path) -> None:
        self._name = str(path)
        text = read_text(path, "a table (CSV)")
        lines = text.splitlines()
        skipped = 1 if lines and lines[0].lower().startswith("sep=") else 0
        head = next((line for line in lines[skipped:] if line.strip()), "")
        self._mark = next((mark for mark in (";", "\t") if mark in head), ",")
        self.columns, self.rows = self._read(text, skipped)
        self._comma = self._decimal_comma()

    def fail(self, message: str, hint: str, line: int = 0) -> DocumentError:
        """An error that names the file and the line."""
        return DocumentError(message, hint=hint, place=f"{self._name}, line {line}" if line else self._name)

    def _read(self, text: str, skipped: int) -> tuple[list[_Column], list[_Row]]:
        reader = csv.reader(io.StringIO(text, newline=""), delimiter=self._mark, strict=True)
        columns: list[_Column] = []
        rows: list[_Row] = []
        try:
            for cells in reader:
                line = reader.line_num
                if line <= skipped or not any(cell.strip() for cell in cells):
                    continue
                stripped = [cell.strip() for cell in cells]
                if not columns:
                    columns = self._columns(stripped, line)
                else:
                    rows.append(self._row(columns, stripped, line))
        except csv.Error as error:
            raise self.fail(f"this is not a table: {error}", "check the quotes near there", reader.line_num) from None
        if not rows:
            raise self.fail("the table has no readings", f"first the headings, such as {EXAMPLE}, then a line each")
        return columns, rows

    def _columns(self, headings: Sequence[str], line: int) -> list[_Column]:
        while headings and not headings[-1]:  # spreadsheets write empty columns
            headings = headings[:-1]
        columns = [self._column(heading, line) for heading in headings]
        kinds = [column.kind for column in columns if column.kind != "line"]
        for kind in ("date", "side"):
            if kind not in kinds:
                raise self.fail(f"there is no column {kind!r}", f"headings are such as {EXAMPLE}", line)
        for column in columns:
            same = [one for one in columns if (one.kind, one.height) == (column.kind, column.height)]
            if len(same) > 1:
                raise self.fail(f"two columns hold the same: {column.heading!r}", "keep one of them", line)
        wide = [column for column in columns if column.kind == "line"]
        long = [kind for kind in kinds if kind in ("height", "girth", "area", "x", "y")]
        good = sorted(long) in (["girth", "height"], ["area", "height"], ["height", "x", "y"])
        if bool(wide) == bool(long) or (long and not good):
            raise self.fail(
                f"found the columns {', '.join(headings)}; needed are a height and a girth (or an area, or x and y), "
                "or a column for each height",
                f"headings are such as {EXAMPLE}, or date,side,0 cm,8 cm,19 cm",
                line,
            )
        if len({column.unit for column in wide}) > 1:
            raise self.fail("the headings of heights have different units", "use one unit", line)
        return columns

    def _column(self, heading: str, line: int) -> _Column:
        name = re.sub(r"[\s()\[\]/_]+", "_", heading.lower().replace("²", "2")).strip("_")
        if match := _LINE.fullmatch(name):
            return _Column("line", heading, _UNITS[match["unit"]], match["number"])
        if re.fullmatch(r"-?[\d.,]+", name):
            raise self.fail(f"the heading {heading!r} has no unit", f"write {heading} cm", line)
        match = _HEADING.fullmatch(name)
        kind = next((kind for kind, names in _NAMES.items() if match and match["name"] in names), None)
        if kind is None or match is None:
            near = nearest(name, [name for names in _NAMES.values() for name in names])
            raise self.fail(
                f"the heading {show(heading)} is not known; known are {', '.join(_NAMES)}, and heights such as 8 cm",
                f"did you mean {near!r}? If not, take the column out" if near else "take the column out",
                line,
            )
        unit = _UNITS.get(match["unit"] or "")
        needed = {"height": "cm", "girth": "cm", "x": "cm", "y": "cm", "area": "cm2"}.get(kind)
        if needed and (unit is None or unit.endswith("2") != needed.endswith("2")):
            raise self.fail(f"the heading {heading!r} has no unit that fits", f"write {kind}_{needed}", line)
        return _Column(kind, heading, unit, start=match["start"])

    def _row(self, columns: Sequence[_Column], cells: Sequence[str], line: int) -> _Row:
        beyond = [cell for cell in cells[len(columns) :] if cell]
        if beyond or len(cells) < len(columns):
            commas = self._mark == "," and len(cells) > len(columns)
            raise self.fail(
                f"this line has {len(cells)} cells, and there are {len(columns)} headings",
                "were decimal commas written in a file whose columns are separated by commas? Save it with semicolons"
                if commas
                else "is a cell missing, or one too many?",
                line,
            )
        return _Row(line, dict(zip(columns, cells, strict=False)))

    # ------------------------------------------------------------------ numbers

    def _numbers(self) -> Iterator[tuple[int, str]]:
        """Every number of the file as written, with its line."""
        for column in self.columns:
            if column.kind == "line":
                yield 1, column.height
        for row in self.rows:
            for column, cell in row.cells.items():
                if column.unit is not None and cell:
                    yield row.line, cell

    def _decimal_comma(self) -> bool:
        """Whether decimals come after a comma in this file."""
        numbers = list(self._numbers())
        commas = [(line, text) for line, text in numbers if "," in text]
        points = [(line, text) for line, text in numbers if "." in text]
        if commas and points:
            (line, text), (_, other) = commas[0], points[0]
            both = f"some numbers have a comma ({text}), some a point ({other})"
            raise self.fail(
                f"{both if text != other else f'{text} has a comma and a point'}, so it is not certain what they mean",
                "write all decimals in one way, and nothing between thousands",
                line,
            )
        if commas and all(len(numbers_meant(text.lstrip("-"))) != 1 for _, text in commas):
            line, text = commas[0]
            raise self.fail(
                f"{text} can be read in two ways: its comma can stand before decimals or between thousands",
                f"write {text.replace(',', '.')} or {text.replace(',', '')}, whichever is meant",
                line,
            )
        return bool(commas)

    def number(self, text: str, line: int) -> str:
        """A number as a document has it."""
        plain = text.replace(",", ".") if self._comma else text
        if not _PLAIN.fullmatch(plain):
            raise self.fail(
                f"{show(text)} is not a number", "write it as 21.5; leave it empty where none was taken", line
            )
        return plain

    # ------------------------------------------------------------------ readings

    def document(self, given: Mapping[str, str]) -> tuple[dict[str, Any], Source]:
        """The table as a document of readings."""
        readings: dict[tuple[str, str], dict[str, Any]] = {}
        lines: dict[Place, int] = {}
        for row in self.rows:
            side = row.text("side").lower().removesuffix(" leg")
            if side not in _SIDES:
                raise self.fail(f"{show(row.text('side'))} is not a side", "write left or right", row.line)
            key = (row.text("date"), _SIDES[side])
            wide = any(column.kind == "line" for column in row.cells)
            found = list(self._girths(row))
            if key in readings and wide and found:
                raise self.fail(
                    f"two readings of the {key[1]} leg on {key[0]}",
                    "keep one of them; readings before and after a session go into files of their own",
                    row.line,
                )
            if not found:
                continue
            reading = readings.setdefault(key, {"date": key[0], "side": key[1], "girths": {}})
            number = list(readings).index(key)
            lines.setdefault(("readings", number), row.line)
            for height, girth in found:
                if reading["girths"].setdefault(height, girth) != girth:
                    raise self.fail(
                        f"two girths of the {key[1]} leg at {height} on {key[0]}",
                        "keep one; a second reading of that day goes into a file of its own",
                        row.line,
                    )
                lines["readings", number, "girths", height] = row.line
        about = {**given}
        for kind, found in self._said().items():
            if given.get(kind, found) != found:
                raise self.fail(f"{kind} is {found!r} in the table and {given[kind]!r} beside it", "leave one away")
            about[kind] = found
        if "from" not in about:
            raise self.fail(
                "the table does not say what heights are counted from",
                "--from malleolus or --from sole says so, or a heading such as height_above_malleolus_cm",
            )
        document = {"kind": "readings", "version": 1, **about, "readings": list(readings.values())}
        return document, Source(self._name, lines)

    def _girths(self, row: _Row) -> Iterator[tuple[str, str]]:
        """Heights and girths of a line of the file, with their units; none where none was taken."""
        cells = {column.kind: (column, cell) for column, cell in row.cells.items()}
        for column, cell in row.cells.items():
            if column.kind == "line" and cell:
                height = self.number(column.height, row.line)
                yield f"{height} {column.unit}", f"{self.number(cell, row.line)} {column.unit}"
        if "height" not in cells:
            return
        column, cell = cells["height"]
        values = {kind: cells[kind] for kind in ("girth", "area", "x", "y") if kind in cells}
        if not any(text for _, text in values.values()):
            return
        height = f"{self.number(cell, row.line)} {column.unit}"
        if "girth" in values:
            column, cell = values["girth"]
            yield height, f"{self.number(cell, row.line)} {column.unit}"
            return
        try:
            sizes = {kind: self._size(column, cell, row.line) for kind, (column, cell) in values.items()}
            girth = girth_of_area(sizes["area"]) if "area" in sizes else girth_of_diameters(sizes["x"], sizes["y"])
        except DocumentError as error:
            raise self.fail(error.message, error.hint or "correct this line", row.line) from None
        yield height, f"{girth:.6f} cm"

    def _size(self, column: _Column, cell: str, line: int) -> float:
        internal = "cm2" if column.kind == "area" else "cm"
        return quantity(f"{self.number(cell, line)} {column.unit}", internal)

    def _said(self) -> dict[str, str]:
        """What the table itself says about the readings: the same in all its lines."""
        said: dict[str, str] = {}
        starts = {column.start for column in self.columns if column.start}
        if starts:
            said["from"] = starts.pop()
        for kind in ("from", "label", "method"):
            found = {row.text(kind) for row in self.rows} - {""}
            if len(found) > 1:
                raise self.fail(
                    f"{kind} is not the same in all lines: {', '.join(sorted(found))}", "follow one person in one file"
                )
            if found and said.setdefault(kind, found := found.pop()) != found:
                raise self.fail(f"{kind} is {said[kind]!r} in a heading and {found!r} in the lines", "keep one of them")
        return said
