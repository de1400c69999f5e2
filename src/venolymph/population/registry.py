"""Tables of people, CSV or Parquet: those of a registry in, with its columns by name, and people who were drawn out.

A column is what a person's document says, with its unit: `label`, `sex`, `age_y`, `height_cm`, `mass_kg`, `leg`,
`ceap`, `symptoms`, `skin`, `based_on`, and of any vein or valve `diameter_mm of great saphenous, thigh`, `leak of great
saphenous`. A table that `write_people` wrote has each whole document too, in the column `document`.
"""

from __future__ import annotations

import json
import math
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

from venolymph.body import load_person
from venolymph.body.places import TRIBUTARIES
from venolymph.errors import DocumentError, nearest
from venolymph.population.member import Member, member_of
from venolymph.units import show

if TYPE_CHECKING:
    import pandas as pd

NEEDED = ("sex", "age_y", "height_cm", "mass_kg")
"""Columns without which there is no person."""
STATED = ("ceap", "symptoms", "skin")
"""Columns that the index leg states."""
COLUMNS = ("label", *NEEDED, "leg", *STATED, "based_on", "group", "document")
"""Columns of a table of people, but for those of single veins and valves."""
MEASURED = {
    "diameter_mm": ("veins", "diameter_standing", " mm"),
    "tortuosity": ("veins", "tortuosity", ""),
    "leak": ("reflux", "leak", ""),
}
"""What `... of PLACE` says: list and key in the document of a leg, and the unit."""
MOST_PEOPLE = 1_000_000


def read_people(path: str | Path, columns: Mapping[str, str] | None = None) -> tuple[Member, ...]:
    """People of a table.

    Args:
        path: of a CSV or Parquet file, one row a person.
        columns: for names of the table's columns what they are here, such as `{"GSV": "diameter_mm of great saphenous,
            thigh"}`; a column that is named neither so nor as here is left out.

    Raises:
        DocumentError: where the file is no such table, a column is missing, or a row is no person.
    """
    table = _read(Path(path))
    for name, meant in (columns or {}).items():
        if name not in table.columns:
            near = nearest(name, [str(one) for one in table.columns])
            raise DocumentError(
                f"there is no column {name!r}; the columns are {', '.join(map(str, table.columns))}",
                hint=f"did you mean {near!r}?" if near else None,
                place=str(path),
            )
        _check_known(meant, str(path))
    table = table.rename(columns=dict(columns or {}))
    missing = [] if "document" in table else [name for name in NEEDED if name not in table]
    if missing:
        raise DocumentError(
            f"no column is named {', '.join(missing)}",
            hint="say which they are, such as --column GROESSE=height_cm (columns={...})",
            place=str(path),
        )
    if not 1 <= len(table) <= MOST_PEOPLE:
        raise DocumentError(
            f"the table has {len(table)} rows; allowed are 1 to {MOST_PEOPLE:,}", hint="a row a person", place=str(path)
        )
    return tuple(_member(number, row, str(path)) for number, row in enumerate(table.to_dict("records")))


def write_people(members: Sequence[Member], path: str | Path) -> None:
    """Write people into a new CSV or Parquet table, one row each.

    Raises:
        DocumentError: where the file's name says neither, it cannot be written, or pandas is not installed.
    """
    pd = _pandas()
    target = Path(path)
    write = {".csv": pd.DataFrame.to_csv, ".parquet": pd.DataFrame.to_parquet}.get(target.suffix.lower())
    if write is None:
        raise _unknown_ending(target)
    table = pd.DataFrame([_row(member) for member in members])
    try:
        write(table, target, index=False)
    except OSError as error:
        raise DocumentError(f"the table cannot be written: {error.strerror or error}", place=str(path)) from None


def _pandas() -> Any:
    try:
        import pandas as pd
    except ImportError:
        raise DocumentError(
            "tables of people need pandas, which is not installed", hint='pip install "venolymph[cohort]"'
        ) from None
    return pd


def _read(path: Path) -> pd.DataFrame:
    pd = _pandas()
    read = {".csv": pd.read_csv, ".parquet": pd.read_parquet}.get(path.suffix.lower())
    if read is None:
        raise _unknown_ending(path)
    try:
        return read(path)
    except FileNotFoundError:
        raise DocumentError("there is no such file", hint="check the path", place=str(path)) from None
    except (OSError, ValueError) as error:  # what pandas and Arrow raise for a file that is no such table
        words = str(error).splitlines()
        raise DocumentError(
            f"this is no table that can be read: {words[0] if words else type(error).__name__}", place=str(path)
        ) from None


def _unknown_ending(path: Path) -> DocumentError:
    return DocumentError(
        f"{path.suffix or 'a name without ending'} is no table of people; allowed are .csv and .parquet",
        hint="name the file as in people.csv",
        place=str(path),
    )


def _check_known(name: str, place: str) -> None:
    """Refuse a meaning of a column that there is none of."""
    what, _, where = name.partition(" of ")
    if name in COLUMNS or (where and what in MEASURED):
        return
    allowed = (*COLUMNS, *(f"{one} of PLACE" for one in MEASURED))
    near = nearest(name, allowed)
    raise DocumentError(
        f"no column means {name!r}; allowed are {', '.join(allowed)}",
        hint=f"did you mean {near!r}?" if near else None,
        place=place,
    )


def _member(number: int, row: Mapping[str, Any], table: str) -> Member:
    """The person of a row, from 0."""
    given = {str(key): value for key, value in row.items() if not _absent(value)}
    try:
        if "document" in given:
            return member_of({"group": "", **json.loads(str(given["document"])), "number": number})
        return Member(number, load_person(_document(number, given)), group=str(given.get("group", "")))
    except (KeyError, TypeError, json.JSONDecodeError):
        raise DocumentError(
            f"row {number + 1}: this is no document of a person", hint="leave the column `document` out", place=table
        ) from None
    except DocumentError as error:
        where = f"{error.place}: " if error.place else ""
        raise DocumentError(f"row {number + 1}: {where}{error.message}", hint=error.hint, place=table) from None


def _absent(value: Any) -> bool:
    """Whether a cell is empty."""
    return value is None or value == "" or (isinstance(value, float) and math.isnan(value))


def _document(number: int, given: Mapping[str, Any]) -> dict[str, Any]:
    """What a row says, as a person's document."""
    base = load_person(given.get("based_on", "healthy"))
    side = str(given.get("leg", base.index_side))
    if side not in ("left", "right"):
        raise DocumentError(f"{show(side)} is not a leg; allowed are left, right", place="leg")
    if side != base.index_side:
        base = base.model_copy(update={"legs": base.legs.model_copy(update={side: base.leg, "asked": side})})
    stated: Any = base.leg.document()
    leg: dict[str, Any] = dict(stated) if isinstance(stated, dict) else {}
    for key in STATED:
        if key in given:
            words = str(given[key])
            leg[key] = [one.strip() for one in words.split(";")] if key == "symptoms" else words
    for name, value in given.items():
        what, _, place = name.partition(" of ")
        if place and what in MEASURED:
            rows, key, unit = MEASURED[what]
            _put(leg.setdefault(rows, []), place, key, f"{value}{unit}" if unit else float(value))
    document = base.document()
    missing = [name for name in NEEDED if name not in given]
    if missing:
        raise DocumentError(f"{', '.join(missing)} is empty", hint="fill it in, or take the row out")
    document["person"] = {
        "label": str(given.get("label", f"person {number}")),
        "sex": _SEXES.get(str(given["sex"]).strip().lower(), str(given["sex"])),
        **{name: f"{given[column]} {unit}" for name, column, unit in _NUMBERS},
    }
    document["legs"] = {**document.get("legs", {}), side: leg or "healthy", "asked": side}
    return document


_SEXES = {"f": "female", "w": "female", "m": "male", "female": "female", "male": "male"}
_NUMBERS = (("age", "age_y", "y"), ("height", "height_cm", "cm"), ("mass", "mass_kg", "kg"))


def _put(rows: list[dict[str, Any]], place: str, key: str, value: Any) -> None:
    for number, row in enumerate(rows):
        if place in (row.get("at"), row.get("add")):
            rows[number] = {**row, key: value}
            return
    rows.append({"add" if place in TRIBUTARIES and key != "leak" else "at": place, key: value})


def _row(member: Member) -> dict[str, Any]:
    """A person as a row of a table: what is read most, each vein and valve, and the whole document."""
    who, leg = member.person, member.person.leg
    row: dict[str, Any] = {
        "number": member.number,
        "label": who.label,
        "sex": who.sex,
        "age_y": who.age,
        "height_cm": who.height,
        "mass_kg": who.mass,
        "leg": who.index_side,
        "group": member.group,
        "ceap": leg.ceap,
        "symptoms": None if leg.symptoms is None else ";".join(leg.symptoms),
        "skin": leg.skin,
    }
    row.update(_measured(member))
    row["document"] = json.dumps(member.document(), ensure_ascii=False)
    return row


def _measured(member: Member) -> Iterator[tuple[str, float]]:
    """Diameters, mm, and open shares of valves, by column."""
    for vein in member.person.leg.veins:
        if vein.diameter_standing is not None:
            yield f"diameter_mm of {vein.at or vein.add}", 10.0 * float(vein.diameter_standing)
    for entry in member.person.leg.reflux:
        yield f"leak of {entry.at}", entry.open_share
