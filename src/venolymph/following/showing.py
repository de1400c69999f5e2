"""What readings say, in words, as data, and as a table for a spreadsheet."""

from __future__ import annotations

import csv
import io
import itertools
from typing import Any

from venolymph.classification import smallest_change
from venolymph.classification.tables import table
from venolymph.following.document import limits
from venolymph.following.findings import Alarm, Following, Row
from venolymph.following.wording import words

_LISTED = 12
"""Heights that are listed one by one at most."""


def lines_about(found: Following, language: str = "en") -> dict[str, list[str]]:
    """What is said about readings, by what it is about.

    Returns:
        `alarms` (what a doctor has to see), `safety` (what stands with all readings), `remarks` (how far to trust the
        numbers) and `notices`.
    """
    said, error, sides = words(language).talk, table("volume")["error"]["weeks"], table("volume")["sides"]
    least = [
        f"{words(language).sides[side]} {smallest_change(found.of(side)[0].volume, 'weeks'):.0f} mL"
        for side in found.sides
    ]
    remarks = [said.limit.format(percent=error["smallest_change"], here=", ".join(least), source=error["source"])]
    if found.method == "perometer":
        remarks.append(said.limit_perometer)
    if found.cut:
        remarks.append(said.cut)
    if found.uneven:
        few = ", ".join(f"{line:g}" for line in found.lines) + " cm"
        many = said.some_heights.format(count=len(found.lines))
        remarks.append(said.uneven.format(lines=few if len(found.lines) <= _LISTED else many))
    apart, published = max(b - a for a, b in itertools.pairwise(found.lines)), limits()["lines"]["apart"]
    if apart > published + 1e-9:
        remarks.append(said.gaps.format(apart=apart, published=published))
    if len(found.sides) == 2:
        remarks.append(said.sides_differ.format(percent=sides["mean"], source=sides["source"]))
    jump, thicker = limits()["jump"], limits()["sides"]
    remarks += [said.same_way, said.limit_basis.format(**jump, sides=thicker["girth"])]
    return {
        "alarms": [alarm_text(one, language) for one in found.alarms],
        "safety": [said.safety],
        "remarks": remarks,
        "notices": [said.notice],
    }


def alarm_text(alarm: Alarm, language: str = "en") -> str:
    """What a doctor has to see, in a sentence or two."""
    said = words(language)
    return said.alarms[alarm.kind].format(
        side=said.sides[alarm.side], first=alarm.first, last=alarm.last, amount=alarm.amount, height=alarm.height
    )


def heading(found: Following, language: str = "en") -> list[str]:
    """Whose volumes these are, and of what."""
    said = words(language)
    low, high = found.extent
    extent = said.talk.extent.format(
        low=low, high=high, start=said.starts[found.start], method=said.methods[found.method]
    )
    return [f"{said.talk.title}: {found.label or said.talk.nobody}", extent]


def change_text(row: Row, language: str = "en") -> str:
    """The change since the first day: `-105 mL (-5.6 %)`."""
    if row.change is None:
        return words(language).talk.first_day
    return f"{row.change.change:+.0f} mL ({row.change.percent:+.1f} %)"


def verdict_text(row: Row, language: str = "en") -> str:
    """Whether that is more than error."""
    said = words(language).talk
    return "" if row.change is None else said.more if row.change.more_than_error else said.within


def other_text(row: Row | None, language: str = "en") -> str:
    """The leg beside the other on the same day."""
    said = words(language).talk
    if row is None or row.beyond is None or row.excess is None:
        return ""
    if round(abs(row.beyond)) == 0:
        return said.alike
    text = said.more_other if row.beyond > 0 else said.less_other
    return text.format(volume=abs(row.beyond), percent=abs(row.excess))


def as_json(found: Following, language: str = "en") -> dict[str, Any]:
    """Readings and what they say, as plain data."""
    error = table("volume")["error"]["weeks"]
    about = lines_about(found, language)
    return {
        "label": found.label,
        "from": found.start,
        "method": found.method,
        "formula": "V = sum h (C1^2 + C1 C2 + C2^2) / (12 pi)",
        "extent_cm": list(found.extent),
        "cut_to_common_extent": found.cut,
        "lines_cm": list(found.lines),
        "some_lines_left_out": found.uneven,
        "smallest_change": {"percent": error["smallest_change"], "source": error["source"], "note": error["note"]},
        "readings": [_row(row) for row in found.rows],
        "see_a_doctor": [
            {
                "kind": one.kind,
                "side": one.side,
                "first": str(one.first),
                "last": str(one.last),
                "amount": round(one.amount, 2),
                "unit": "cm" if one.kind in ("girth", "sides") else "%",
                "height_cm": one.height,
                "basis": limits()["jump"]["basis"],
                "text": alarm_text(one, language),
            }
            for one in found.alarms
        ],
        "safety": about["safety"],
        "remarks": about["remarks"],
        "notices": about["notices"],
    }


def _row(row: Row) -> dict[str, Any]:
    change = row.change
    return {
        "date": str(row.date),
        "side": row.side,
        "volume_mL": round(row.volume, 2),
        "since_first_day": None
        if change is None
        else {
            "mL": round(change.change, 2),
            "percent": round(change.percent, 2),
            "smallest_mL": round(change.detectable, 2),
            "more_than_error": change.more_than_error,
        },
        "beside_other_leg": None
        if row.beyond is None or row.excess is None
        else {"mL": round(row.beyond, 2), "percent": round(row.excess, 2)},
    }


def as_csv(found: Following) -> str:
    """The volumes as a table for a spreadsheet; volumes and changes in mL."""
    rows = [_flat(row) for row in found.rows]
    out = io.StringIO()
    writer = csv.DictWriter(out, list(rows[0]), lineterminator="\n")
    writer.writeheader()
    writer.writerows(rows)
    return out.getvalue()


def _flat(row: Row) -> dict[str, str]:
    change, (low, high) = row.change, row.girths.extent
    return {
        "date": str(row.date),
        "side": row.side,
        "from_cm": f"{low:g}",
        "to_cm": f"{high:g}",
        "volume_mL": f"{row.volume:.2f}",
        "change_mL": f"{change.change:.2f}" if change else "",
        "change_percent": f"{change.percent:.2f}" if change else "",
        "smallest_change_mL": f"{change.detectable:.2f}" if change else "",
        "more_than_error": ("yes" if change.more_than_error else "no") if change else "",
        "beside_other_leg_mL": "" if row.beyond is None else f"{row.beyond:.2f}",
        "beside_other_leg_percent": "" if row.excess is None else f"{row.excess:.2f}",
    }
