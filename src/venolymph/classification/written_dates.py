"""A date as clinics write it, and the days that it may mean."""

from __future__ import annotations

import datetime
import re

MONTHS = ("january", "february", "march", "april", "may", "june", "july")
MONTHS += ("august", "september", "october", "november", "december")
DATE = re.compile(
    r"(?P<year>\d{4})[-./](?P<month>\d{1,2})[-./](?P<day>\d{1,2})"
    r"|(?P<one>\d{1,2})(?P<mark>[./])(?P<two>\d{1,2})[./](?P<year2>\d{4})"
    r"|(?P<day3>\d{1,2})\.? (?P<name3>[a-z]{3,9})\.?,? (?P<year3>\d{4})"
    r"|(?P<name4>[a-z]{3,9})\.? (?P<day4>\d{1,2}),? (?P<year4>\d{4})",
    re.ASCII | re.IGNORECASE,
)


def days_meant(found: re.Match[str]) -> list[datetime.date]:
    """The days of the calendar that a text in the form of `DATE` may mean; 2/3/2026 is one of two."""
    days = []
    for year, month, day in _written(found):
        try:
            days.append(datetime.date(year, month, day))
        except ValueError:
            continue
    return days


def _written(found: re.Match[str]) -> list[tuple[int, int, int]]:
    """Year, month and day that a date may mean."""
    part = {name: value for name, value in found.groupdict().items() if value is not None}
    if "year" in part:
        return [(int(part["year"]), int(part["month"]), int(part["day"]))]
    if "year2" in part:
        one, two, year = int(part["one"]), int(part["two"]), int(part["year2"])
        return [(year, two, one)] if part["mark"] == "." else [(year, two, one), (year, one, two)]
    name, day, year = (part.get(f"{key}3") or part[f"{key}4"] for key in ("name", "day", "year"))
    months = [number for number, month in enumerate(MONTHS, 1) if month.startswith(name.lower())]
    return [(int(year), month, int(day)) for month in months]
