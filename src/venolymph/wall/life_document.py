"""A life as a document: a typical day, how long it goes on, and what changes when.

kind: life
version: 1
life: the trunk in the thigh closed, then five years
lasts: 5 years
every: 6 months
day: {lying: 8 h, sitting: 9.5 h, standing: 4 h, walking: 2.5 h}
changes:
  - {at: 0 days, ablate: ["great saphenous, thigh"]}
  - {at: 1 year, wear: stocking-class-2, worn: 50 %}
"""

from __future__ import annotations

from functools import cache
from pathlib import Path
from typing import Annotated, Any, Literal

from pydantic import BeforeValidator, Field, field_validator, model_validator

from venolymph import compression, documents
from venolymph.body import places
from venolymph.compression import Garment
from venolymph.documents import Entry
from venolymph.errors import nearest
from venolymph.units import DURATION, PREGNANCY, PRESSURE, SHARE, SPAN, WEEKLY, Quantity, refusal
from venolymph.wall.life import Change, DayHours, Life

LONGEST = "100 years"
"""A life lasts so long at most."""
MOST_ROWS = 1000
"""A report of a life has so many rows at most."""

_HOURS = DURATION.between("0 h", "24 h", example="8 h")
_ONE_DAY = 24.0
_EVEN = 1.0 / 60.0
"""Hours by which a day may miss 24, for hours that are rounded."""

SUPERFICIAL: tuple[str, ...] = tuple(
    one["name"] for one in places.template()["segments"] if one["kind"] in ("superficial", "tributary")
)
"""Veins outside the muscles, which alone are closed or taken out."""
MOUTHS: dict[str, tuple[str, ...]] = {
    **{name: (f"{name}, terminal valve",) for name in ("great saphenous", "small saphenous")},
    **{
        group: valves
        for group, names in places.PERFORATOR_GROUPS.items()
        if (valves := tuple(name for name in names if name in places.VALVE_NAMES))
    },
}
"""Where a superficial vein can be tied off from a deep one: trunks and perforators, each with the valves there."""


class DayEntry(Entry):
    """Hours of a typical day by posture, 24 in all; a posture that is not named is not taken.

    Attributes:
        lying: s inside.
        sitting: s inside.
        standing: s inside.
        walking: s inside.
    """

    lying: Annotated[Quantity, _HOURS] | None = None
    sitting: Annotated[Quantity, _HOURS] | None = None
    standing: Annotated[Quantity, _HOURS] | None = None
    walking: Annotated[Quantity, _HOURS] | None = None

    @classmethod
    def shape(cls) -> str:
        """How a day is written."""
        return "write it as in {lying: 8 h, sitting: 9.5 h, standing: 4 h, walking: 2.5 h}"

    @model_validator(mode="after")
    def _a_whole_day(self) -> DayEntry:
        hours = self.hours()
        total = hours.lying + hours.upright
        if abs(total - _ONE_DAY) > _EVEN:
            more = f"add {_ONE_DAY - total:g} h" if total < _ONE_DAY else f"take {total - _ONE_DAY:g} h away"
            raise refusal(
                f"the hours of the day sum to {total:g} h; allowed is {_ONE_DAY:g} h",
                hint=f"{more}: lying, sitting, standing and walking are all that a day has",
            )
        return self

    def hours(self) -> DayHours:
        """The day as plain numbers, h."""
        return DayHours(
            *(float(one or 0.0) / 3600.0 for one in (self.lying, self.sitting, self.standing, self.walking))
        )


def _names(given: Any) -> Any:
    """One name or several."""
    return (given,) if isinstance(given, str) else given


_Names = Annotated[tuple[str, ...], BeforeValidator(_names)]


def _worn(given: Any) -> Any:
    """A garment by name, or as a mapping."""
    if not isinstance(given, str):
        return given
    found = compression.garment_named(given)
    if found is None:
        message, hint = compression.unknown_garment(given)
        raise refusal(message, hint=hint)
    return found


class ChangeEntry(Entry):
    """What is different from a date on; what is not said stays as it was.

    Attributes:
        at: when, days from the start inside.
        day: another typical day.
        pregnancy: one that begins here and lasts so long, weeks inside.
        abdominal_pressure: in the abdomen, over that of the person's document, mmHg inside.
        wear: a garment that is worn from here on.
        worn: share of the upright hours that it is worn for, 1 inside; all of them where nothing is said, and with 0
            it is taken off for good.
        close: trunks or perforators tied off where they join a deep vein.
        ablate: superficial veins that are closed along their length.
        remove: tributaries that are taken out.
        massage: sessions of massage of the leg, of 45 min each, 1/week inside.
    """

    at: Annotated[Quantity, SPAN.between(None, LONGEST)]
    day: DayEntry | None = None
    pregnancy: Annotated[Quantity, PREGNANCY.between("1 week", "42 weeks", example="40 weeks")] | None = None
    abdominal_pressure: Annotated[Quantity, PRESSURE.between("-10 mmHg", "20 mmHg", example="5 mmHg")] | None = None
    wear: Annotated[Garment | None, BeforeValidator(_worn)] = None
    worn: Annotated[Quantity, SHARE.between("0", "1", example="50 %")] | None = None
    close: _Names = ()
    ablate: _Names = ()
    remove: _Names = ()
    massage: Annotated[Quantity, WEEKLY.between("0 /week", "14 /week")] | None = None

    @classmethod
    def shape(cls) -> str:
        """How a change is written."""
        return "write it as in {at: 6 months, day: {lying: 8 h, sitting: 4 h, standing: 10 h, walking: 2 h}}"

    @field_validator("at")
    @classmethod
    def _not_before_the_start(cls, at: Quantity) -> Quantity:
        if at < 0.0:
            raise refusal(
                f"{at} lies before the start, when the leg is as the person's document says; allowed is 0 days or more",
                hint="put what was before into the person's document: `disease_since` says how long a leg has been ill",
            )
        return at

    @field_validator("close")
    @classmethod
    def _joins_a_deep_vein(cls, names: tuple[str, ...]) -> tuple[str, ...]:
        for number, name in enumerate(names):
            if name not in MOUTHS:
                near = nearest(name, MOUTHS)
                raise refusal(
                    f"{name!r} cannot be tied off from a deep vein; allowed are great saphenous, small saphenous, "
                    "and perforators by name",
                    hint=f"did you mean {near!r}?" if near else "write `close: great saphenous`, or `ablate:` a vein",
                    key=number,
                )
        return names

    @field_validator("ablate")
    @classmethod
    def _can_be_reached(cls, names: tuple[str, ...]) -> tuple[str, ...]:
        for number, name in enumerate(names):
            _known(name, number, SUPERFICIAL, "superficial vein")
        return names

    @field_validator("remove")
    @classmethod
    def _is_a_tributary(cls, names: tuple[str, ...]) -> tuple[str, ...]:
        tributaries = tuple(one for one in SUPERFICIAL if "tributar" in one or one in places.TRIBUTARIES)
        for number, name in enumerate(names):
            _known(name, number, tributaries, "tributary")
        return names

    @model_validator(mode="after")
    def _says_something(self) -> ChangeEntry:
        if not self.model_fields_set - {"at"}:
            raise refusal(f"nothing changes at {self.at}", hint=self.shape())
        if self.wear is not None and self.wear.on is not None:
            raise refusal(
                "a life is that of the leg asked about, and so is what is worn",
                hint="leave `on` out; the person's document says which leg that is",
                key=("wear", "on"),
            )
        return self

    def change(self) -> Change:
        """The change as plain numbers, names single."""
        return Change(
            day=float(self.at),
            hours=None if self.day is None else self.day.hours(),
            pregnant_for=None if self.pregnancy is None else 7.0 * self.pregnancy,
            abdominal_pressure=None if self.abdominal_pressure is None else float(self.abdominal_pressure),
            garment=self.wear,
            garment_share=None if self.worn is None else float(self.worn),
            closed=tuple(valve for name in self.close for valve in MOUTHS[name]),
            ablated=_single(self.ablate),
            removed=_single(self.remove),
            massage_per_week=None if self.massage is None else float(self.massage),
        )


class LifeDocument(Entry):
    """A life.

    Attributes:
        life: its name.
        lasts: how long it is followed, days inside.
        every: days between two rows of its report inside.
        day: the typical day that the leg has been used to, on which it stays as its document says.
        changes: what changes, in order.
    """

    kind: Literal["life"] = "life"
    version: Literal[1] = 1
    life: Annotated[str, Field(min_length=1, max_length=120)] = "a life"
    lasts: Annotated[Quantity, SPAN.between("1 week", LONGEST, example="10 years")]
    every: Annotated[Quantity, SPAN.between("1 day", LONGEST, example="1 year")]
    day: DayEntry
    changes: tuple[ChangeEntry, ...] = ()

    @classmethod
    def shape(cls) -> str:
        """How a life is written."""
        return "look at a packaged life, such as ten-years-standing-at-work"

    @model_validator(mode="after")
    def _can_be_followed(self) -> LifeDocument:
        if self.every > self.lasts:
            raise refusal(
                f"a row every {self.every} of what lasts {self.lasts}; allowed is {self.lasts} or less",
                hint=f"write `every: {self.lasts}`",
                key="every",
            )
        if self.lasts / self.every > MOST_ROWS:
            raise refusal(
                f"{self.lasts} with a row every {self.every} are {self.lasts / self.every:,.0f} rows; "
                f"allowed are {MOST_ROWS:,}",
                hint="let more time pass between rows",
                key="every",
            )
        self._dates_in_order()
        self._once()
        return self

    def _dates_in_order(self) -> None:
        for number, (one, other) in enumerate(zip(self.changes, self.changes[1:], strict=False), 1):
            if other.at <= one.at:
                same = other.at == one.at
                raise refusal(
                    f"{other.at} comes {'again' if same else 'after'} {'' if same else one.at}".rstrip()
                    + "; dates are in order, each once",
                    hint="put both into one entry" if same else "put the earlier entry first",
                    key=("changes", number, "at"),
                )
        if self.changes and self.changes[-1].at > self.lasts:
            raise refusal(
                f"{self.changes[-1].at} comes after the end at {self.lasts}",
                hint="let the life last longer, or take the entry out",
                key=("changes", len(self.changes) - 1, "at"),
            )

    def _once(self) -> None:
        """A vein is closed once, and a pregnancy does not begin in another."""
        gone: dict[str, Quantity] = {}
        birth: float | None = None
        worn = False
        for number, entry in enumerate(self.changes):
            change = entry.change()
            for key, names in (("ablate", change.ablated), ("remove", change.removed), ("close", change.closed)):
                for name in names:
                    if name in gone:
                        raise refusal(
                            f"{name!r} is gone since {gone[name]}",
                            hint="take it out of one of the two entries",
                            key=("changes", number, key),
                        )
                    gone[name] = entry.at
            if change.pregnant_for is not None:
                if birth is not None and entry.at < birth:
                    raise refusal(
                        "a pregnancy begins while another one lasts",
                        hint=f"let it begin {birth:.0f} days from the start or later",
                        key=("changes", number, "pregnancy"),
                    )
                birth = entry.at + change.pregnant_for
            worn = worn or entry.wear is not None
            if entry.worn is not None and not worn:
                raise refusal(
                    "no garment is worn here", hint="add `wear: stocking-class-2`", key=("changes", number, "worn")
                )

    def plain(self) -> Life:
        """The life as plain numbers."""
        return Life(
            self.life,
            float(self.lasts),
            float(self.every),
            self.day.hours(),
            tuple(one.change() for one in self.changes),
        )

    def lasting(self, lasts: str | None = None, every: str | None = None) -> LifeDocument:
        """The same life, longer or shorter, or with other rows; changes after its end are left out.

        Args:
            lasts: another length, such as `10 years`.
            every: another time between rows.

        Raises:
            DocumentError: where a length is none, or not allowed.
        """
        data = self.document()
        if lasts is not None:
            end = SPAN.read(lasts)
            data |= {"lasts": lasts, "changes": [one.document() for one in self.changes if one.at <= end]}
            data["every"] = lasts if self.every > end else data["every"]
        if every is not None:
            data["every"] = every
        return documents.check(LifeDocument, data)

    def to_yaml(self) -> str:
        """The document as YAML text, which reads back to an equal object."""
        return documents.write(self.document())


def _single(names: tuple[str, ...]) -> tuple[str, ...]:
    """Names of single segments of groups of them."""
    return tuple(dict.fromkeys(one for name in names for one in places.SEGMENT_GROUPS[name]))


def _known(name: str, number: int, allowed: tuple[str, ...], what: str) -> None:
    """Refuse a vein that is not there, or that nobody reaches."""
    groups = [group for group, names in places.SEGMENT_GROUPS.items() if set(names) <= set(allowed)]
    if name in groups:
        return
    there = name in places.SEGMENT_GROUPS
    near = None if there else nearest(name, groups)
    raise refusal(
        f"{name!r} is no {what}" if there else f"there is no {what} {name!r} in the leg",
        hint=f"did you mean {near!r}?" if near else f"there are {', '.join(map(repr, groups))}",
        key=number,
    )


@cache
def packaged_lives() -> dict[str, Path]:
    """Files of the packaged lives by name."""
    return documents.packaged_files(Path(__file__).parent / "lives")


def load_life(life: object) -> LifeDocument:
    """A life by packaged name, path, mapping or object.

    Raises:
        DocumentError: where there is no such life or the document cannot be used.
    """
    return documents.load(LifeDocument, "life", life, packaged_lives())


def life_schema() -> dict[str, Any]:
    """The JSON schema of a life's document."""
    return LifeDocument.model_json_schema(by_alias=True)
